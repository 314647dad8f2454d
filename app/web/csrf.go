package web

import (
	"crypto/hmac"
	"encoding/base64"
	"net/http"
	"time"

	"attesta/app/fault"
)

// A CSRF token is a nonce and its MAC over what the browser alone can show: the session, or for visitors a random
// seed in a cookie that is set only when a form is drawn. Nothing is stored, so tokens work in several tabs, after
// the back button and on every replica, and all of a person's old ones end when they sign in or out.
const (
	csrfField  = "_csrf"
	csrfHeader = "X-CSRF-Token"
	seedAge    = 30 * 24 * time.Hour
	nonceSize  = 16
)

var errStale = fault.New(fault.Forbidden, "error.stale")

// CSRF returns a new token for a form on this page, and sees to it that the browser can show where it belongs.
func (c *Ctx) CSRF() string {
	c.own = true
	nonce := random(nonceSize)
	return base64.RawURLEncoding.EncodeToString(append(nonce, c.sign(nonce, c.binding(true))...))
}

func (c *Ctx) sign(nonce []byte, binding string) []byte {
	return mac(c.s.keys.csrf, string(nonce), binding)[:nonceSize]
}

// binding names the browser: its session or its seed; "" if it has neither and none may be made.
func (c *Ctx) binding(make bool) string {
	if c.session.id != "" {
		return "session " + c.session.id
	}
	seed, ok := c.f.Locals("seed").(string)
	if !ok {
		seed = c.cookie("seed")
	}
	if len(seed) < nonceSize && make {
		seed = base64.RawURLEncoding.EncodeToString(random(nonceSize))
		c.f.Locals("seed", seed)
		c.setCookie("seed", seed, seedAge)
	}
	if len(seed) < nonceSize {
		return ""
	}
	return "seed " + seed
}

// checkOrigin refuses a write that another site made the browser send, or whose token is missing, stale or not this
// browser's.
func (c *Ctx) checkOrigin() error {
	if !c.sameOrigin() {
		return errForbidden
	}
	sent := c.f.Get(csrfHeader)
	if sent == "" {
		sent = c.Form().Value(csrfField)
	}
	token, err := base64.RawURLEncoding.DecodeString(sent)
	binding := c.binding(false)
	if err != nil || len(token) != 2*nonceSize || binding == "" || !hmac.Equal(token[nonceSize:], c.sign(token[:nonceSize], binding)) {
		return errStale
	}
	return nil
}

// sameOrigin believes Sec-Fetch-Site, which no page can forge, and Origin where a browser doesn't send that. A page
// under no-referrer sends the origin "null": then the token alone decides.
func (c *Ctx) sameOrigin() bool {
	if site := c.f.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	origin := c.f.Get(http.CanonicalHeaderKey("Origin"))
	return origin == "" || origin == "null" || origin == c.s.origin
}

// nobodys reports whether a write may have come from another site's page without a name: nothing but its token could
// vouch for it.
func (c *Ctx) nobodys() bool { return c.f.Get("Sec-Fetch-Site") == "" && c.f.Get("Origin") == "null" }
