package locale

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// serbian is the official Latin alphabet for the Serbian Cyrillic one.
var serbian = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'ђ': "đ", 'е': "e", 'ж': "ž", 'з': "z", 'и': "i", 'ј': "j",
	'к': "k", 'л': "l", 'љ': "lj", 'м': "m", 'н': "n", 'њ': "nj", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t",
	'ћ': "ć", 'у': "u", 'ф': "f", 'х': "h", 'ц': "c", 'ч': "č", 'џ': "dž", 'ш': "š",
}

// ToLatin writes Serbian in Latin script what is written in Cyrillic. It is for the program's own words: never for
// what a person typed. A digraph is all capitals only in a word of capitals (Његош is Njegoš, ЊЕГОШ is NJEGOŠ).
// Placeholders {{…}} and all that isn't Serbian Cyrillic stay as they are.
func ToLatin(s string) string {
	runes := []rune(norm.NFC.String(s))
	var b strings.Builder
	for i := 0; i < len(runes); i++ {
		if end := placeholderEnd(runes, i); end > i {
			b.WriteString(string(runes[i:end]))
			i = end - 1
			continue
		}
		b.WriteString(latinLetter(runes, i))
	}
	return norm.NFC.String(b.String())
}

func placeholderEnd(runes []rune, i int) int {
	if i+1 >= len(runes) || runes[i] != '{' || runes[i+1] != '{' {
		return i
	}
	for j := i + 2; j+1 < len(runes); j++ {
		if runes[j] == '}' && runes[j+1] == '}' {
			return j + 2
		}
	}
	return i
}

func latinLetter(runes []rune, i int) string {
	r := runes[i]
	lower := unicode.ToLower(r)
	latin, ok := serbian[lower]
	switch {
	case !ok:
		return string(r)
	case r == lower:
		return latin
	case len([]rune(latin)) == 1 || amongCapitals(runes, i):
		return strings.ToUpper(latin)
	}
	letters := []rune(latin)
	return string(unicode.ToUpper(letters[0])) + string(letters[1:])
}

// amongCapitals reports whether the capital at i stands in a word of capitals: another follows, or it is the last
// letter and one precedes it.
func amongCapitals(runes []rune, i int) bool {
	if i+1 < len(runes) && unicode.IsLetter(runes[i+1]) {
		return unicode.IsUpper(runes[i+1])
	}
	return i > 0 && unicode.IsUpper(runes[i-1])
}

// Clean returns what a person typed into one line, fit to be kept: composed (NFC), without control characters and
// invisible ones, every run of spaces and line breaks one space, none at the ends. Letters of any script and emoji
// stay.
func Clean(s string) string {
	var b strings.Builder
	space := false
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD")) {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Noncharacter_Code_Point):
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// CleanText returns what a person typed into several lines, fit to be kept: each line as Clean leaves it but with the
// spaces at its beginning, which indent lists; nothing empty at the ends and at most one empty line between others.
func CleanText(s string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s), "\n") {
		words := Clean(line)
		if words == "" && (len(lines) == 0 || lines[len(lines)-1] == "") {
			continue
		}
		if words != "" {
			line = strings.ReplaceAll(line, "\t", "    ")
			words = strings.Repeat(" ", min(len(line)-len(strings.TrimLeft(line, " ")), 12)) + words
		}
		lines = append(lines, words)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// BMP returns s without the characters above U+FFFF, which documents can't show, nor what only modifies them. The
// rest is as Clean leaves it.
func BMP(s string) string {
	return Clean(strings.Map(func(r rune) rune {
		if r > 0xFFFF || r >= 0xFE00 && r <= 0xFE0F {
			return -1
		}
		return r
	}, s))
}
