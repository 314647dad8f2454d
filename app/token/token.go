// Package token makes what is handed to people and machines to be recognised by: links that can't be guessed, codes
// that can be typed, and certificate numbers that notice a slip.
//
// A link's token is derived from the installation's secret and a nonce kept beside the row it opens; only its hash is
// kept. So whoever reads the database, or a backup of it, holds no link, and the program can write the same link into
// a second mail.
package token

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// alphabet is Crockford's: no I, L, O or U, which are mistaken for 1, 0 and V.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Secret is the installation's key, 32 bytes.
type Secret []byte

// LoadSecret reads the secret from a file and makes the file, readable by its owner alone, if there is none.
func LoadSecret(path string) (Secret, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newSecret(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the secret: %w", err)
	}
	s, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(s) != 32 {
		return nil, fmt.Errorf("%s doesn't hold a secret of 64 hexadecimal digits", path)
	}
	return s, nil
}

func newSecret(path string) (Secret, error) {
	s := NewSecret()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the secret: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return LoadSecret(path) // another process was quicker
	}
	if err != nil {
		return nil, fmt.Errorf("make the secret: %w", err)
	}
	if _, err := fmt.Fprintln(f, hex.EncodeToString(s)); err != nil {
		return nil, errors.Join(fmt.Errorf("write the secret: %w", err), f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("write the secret: %w", err)
	}
	return s, nil
}

// NewSecret returns a random secret.
func NewSecret() Secret { return random(32) }

// Link returns the token of the link with this purpose and nonce: 26 characters, 130 bits.
func (s Secret) Link(purpose, nonce string) string {
	m := hmac.New(sha256.New, s)
	m.Write([]byte(purpose + "\x00" + nonce))
	return encode(m.Sum(nil), 26)
}

// Nonce returns a random nonce for Link.
func Nonce() string { return hex.EncodeToString(random(16)) }

// Random returns a token of 26 characters, 130 bits, that is derived from nothing.
func Random() string { return encode(random(26), 26) }

// Hash returns what is kept of a token. The token is long and random, so a plain hash can't be turned round.
func Hash(token string) string {
	h := sha256.Sum256([]byte("attesta\x00" + Fold(token)))
	return hex.EncodeToString(h[:])
}

// Code returns eight random characters for people to type, 40 bits. It is a name, not a key: it opens nothing.
func Code() string { return encode(random(8), 8) }

// Group sets a code in groups of four, "7K3M-9Q2X".
func Group(code string) string {
	var b strings.Builder
	for i, r := range code {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Fold returns a typed code or token as it was made: upper case, without spaces and hyphens, O read as 0, I and L as 1.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\u00a0', '\u2010', '\u2011', '\u2013':
			return -1
		case 'o', 'O':
			return '0'
		case 'i', 'I', 'l', 'L':
			return '1'
		}
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, s)
}

// Number returns a random certificate number, "7K3M-9Q2X-4T1": ten characters (50 bits) and a check character.
func Number() string {
	s := encode(random(10), 10)
	return Group(s + string(check(s)))
}

// ParseNumber returns a certificate number as it was issued, however it was typed, and whether its check character
// is right: if not, somebody made a slip.
func ParseNumber(s string) (number string, ok bool) {
	f := Fold(s)
	if len(f) != 11 || check(f[:10]) != f[10] {
		return "", false
	}
	return Group(f), true
}

// check is the sum of the characters' values, each weighted by an odd number, modulo 32; it notices every wrong
// character and nearly every swap of neighbours.
func check(s string) byte {
	sum := 0
	for i := range len(s) {
		v := strings.IndexByte(alphabet, s[i])
		if v < 0 {
			return 0
		}
		sum += v * (2*i + 1)
	}
	return alphabet[sum%32]
}

func encode(b []byte, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[b[i]&31]
	}
	return string(out)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}
