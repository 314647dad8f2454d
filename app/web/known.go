package web

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"attesta/app/account"
)

// A browser that has signed in to an account is known to it by a cookie: a random name of the browser, and for each of
// the accounts a date with a MAC over the two and the address. It opens nothing. It only lets its owner try where the
// failures of strangers would stop everybody (see trySignIn), so that nobody is locked out by who knows their address.
const (
	knownCookie   = "known"
	knownAge      = 180 * 24 * time.Hour
	knownAccounts = 5
	knownName     = 16 // bytes, of the random name and of a MAC
)

// knownTo returns the name of this browser if it has signed in to the account with this address in the last 180 days, else "".
func (c *Ctx) knownTo(email string) string {
	name, marks := c.knownMarks()
	for _, m := range marks {
		if since := time.Unix(int64(binary.BigEndian.Uint64(m)), 0); c.marks(name, m, email) && c.Now().Sub(since) < knownAge { //nolint:gosec // our own, under a MAC
			return name
		}
	}
	return ""
}

// remember makes this browser known to the account with this address.
func (c *Ctx) remember(email string) {
	if email == "" {
		return
	}
	name, marks := c.knownMarks()
	if name == "" {
		name = base64.RawURLEncoding.EncodeToString(random(knownName))
	}
	mark := binary.BigEndian.AppendUint64(nil, uint64(c.Now().Unix())) //nolint:gosec // after 1970
	mark = append(mark, c.markOf(name, mark, email)...)
	value := name + "." + base64.RawURLEncoding.EncodeToString(mark)
	kept := 1
	for _, m := range marks {
		if kept < knownAccounts && !c.marks(name, m, email) {
			value += "." + base64.RawURLEncoding.EncodeToString(m)
			kept++
		}
	}
	c.setCookie(knownCookie, value, knownAge)
}

// knownMarks reads the cookie: the browser's name and the marks that have the right length, whoever made them.
func (c *Ctx) knownMarks() (name string, marks [][]byte) {
	parts := strings.Split(c.cookie(knownCookie), ".")
	if b, err := base64.RawURLEncoding.DecodeString(parts[0]); err != nil || len(b) != knownName || len(parts) > knownAccounts+1 {
		return "", nil
	}
	for _, p := range parts[1:] {
		if m, err := base64.RawURLEncoding.DecodeString(p); err == nil && len(m) == 8+knownName {
			marks = append(marks, m)
		}
	}
	return parts[0], marks
}

// marks reports whether a mark was made here for that browser and address.
func (c *Ctx) marks(name string, mark []byte, email string) bool {
	return hmac.Equal(mark[8:], c.markOf(name, mark[:8], email))
}

func (c *Ctx) markOf(name string, date []byte, email string) []byte {
	return mac(c.s.keys.known, name, string(date), account.EmailKey(email))[:knownName]
}
