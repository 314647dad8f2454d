package desk

import (
	"strings"

	"attesta/app/locale"
)

// codeOf suggests an event's code from its title: plain letters of either script, digits and hyphens, at most forty.
func codeOf(title string) string {
	var words []string
	length := 0
	for _, w := range strings.FieldsFunc(title, func(r rune) bool {
		return r == ' ' || r == '-' || r == '–' || r == '—' || r == '/' || r == '.' || r == ',' || r == ':'
	}) {
		plain := strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, locale.ASCIIKey(w))
		if plain == "" {
			continue
		}
		if length+len(plain)+1 > 40 {
			break
		}
		words = append(words, plain)
		length += len(plain) + 1
	}
	return strings.Join(words, "-")
}
