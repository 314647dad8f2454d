package file

import (
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// longest is how many characters a file's name may have.
const longest = 120

// CleanName returns what a file may be called that somebody sent under name: without a path, control characters, what
// turns the direction of reading, and what some system doesn't take; not too long, and with the ending that it had. It
// is "" if nothing is left.
func CleanName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029': // bidirectional controls, joiners, the mark of byte order
			return -1
		case unicode.IsControl(r) || strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimSpace(name), ". ")
	ext := path.Ext(name)
	stem := strings.TrimSpace(strings.TrimSuffix(name, ext))
	if runes := []rune(stem); len(runes) > longest-len(ext) && len(ext) < 20 {
		stem = strings.TrimSpace(string(runes[:longest-len(ext)]))
	}
	if stem == "" || len(ext) >= 20 {
		runes := []rune(strings.TrimLeft(name, ". "))
		return string(runes[:min(len(runes), longest)])
	}
	return stem + ext
}

// Ending is the ending of a name, in small letters, with its dot: ".pdf".
func Ending(name string) string { return strings.ToLower(path.Ext(name)) }

// Title is a name without its ending, for people to read.
func Title(name string) string {
	stem := strings.TrimSuffix(name, path.Ext(name))
	return strings.TrimSpace(strings.ReplaceAll(stem, "_", " "))
}
