package calendar

import (
	"net/url"
	"strings"
	"unicode"
)

// lines is a text of several lines without anything that isn't written: control characters, broken UTF-8.
func lines(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, s))
}

// line is lines on one line.
func line(s string) string {
	return strings.Join(strings.Fields(lines(s)), " ")
}

// address is a web address as it may stand on a line, or "" for what is none.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return ""
	}
	return u.String()
}
