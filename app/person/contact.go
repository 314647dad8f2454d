package person

import (
	"net/mail"
	"strings"
	"unicode"
)

// MaxEmail is how long a mail address may be, in bytes (RFC 5321).
const MaxEmail = 254

// IsEmail reports whether s is one bare address of a kind that mail servers deliver to.
func IsEmail(s string) bool {
	if len(s) > MaxEmail || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	_, domain, _ := strings.Cut(s, "@")
	return strings.Contains(domain, ".") && !strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".")
}

// IsPhone reports whether s can be dialled: 5 to 16 digits and what is written between them.
func IsPhone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune(" +-/().", r):
			return false
		}
	}
	return digits >= 5 && digits <= 16
}
