package registration

import (
	"strings"

	"attesta/app/locale"
)

// Matches reports whether each word of a search begins a word of a name, whatever script and marks either is typed
// in: "djokovic" and "dokovic" both find Đoković and Ђоковић.
func Matches(name, search string) bool {
	plain := func(s string) []string { return strings.Fields(locale.ASCIIKey(s)) }
	words := plain(name)
	for _, w := range plain(search) {
		if !beginsOne(words, w) {
			return false
		}
	}
	return true
}

func beginsOne(words []string, w string) bool {
	short := func(s string) string { return strings.ReplaceAll(s, "dj", "d") }
	for _, x := range words {
		if strings.HasPrefix(x, w) || strings.HasPrefix(short(x), short(w)) {
			return true
		}
	}
	return false
}

// SameName reports whether a search is a whole name, in any order and script.
func SameName(name, search string) bool { return locale.ASCIIKey(name) == locale.ASCIIKey(search) }
