package sheet

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// The one-byte encodings in use in the region, the likeliest first.
var oneByte = []struct {
	name    string
	charmap *charmap.Charmap
}{
	{"windows-1250", charmap.Windows1250},
	{"windows-1251", charmap.Windows1251},
	{"ISO-8859-2", charmap.ISO8859_2},
	{"CP852", charmap.CodePage852},
	{"windows-1252", charmap.Windows1252},
}

// regional are the letters and marks that texts of the region hold beyond ASCII.
const regional = "ŠšĐđČčĆćŽžËëÇçŚśŹź„“”‚‘’–—…•°€«»§öüäÖÜÄßéáèêî" +
	"АБВГДЂЃЕЖЗЅИЈКЌЛЉМНЊОПРСТЋУФХЦЧЏШабвгдђѓежзѕијкќлљмнњопрстћуфхцчџш№"

// decode returns data as text and the name of the encoding it was in; damaged counts what was no character.
func decode(data []byte, want string) (text, name string, damaged int, err error) {
	name = want
	if name == "" {
		name = guess(data)
	}
	switch name {
	case "UTF-8":
		text = string(bytes.TrimPrefix(data, []byte("\ufeff")))
		if !utf8.ValidString(text) {
			damaged = strings.Count(strings.ToValidUTF8(text, "\ufffd"), "\ufffd")
			text = strings.ToValidUTF8(text, "\ufffd")
		}
	case "UTF-16LE", "UTF-16BE":
		text = fromUTF16(data, name == "UTF-16BE")
		damaged = strings.Count(text, "\ufffd")
	default:
		for _, e := range oneByte {
			if strings.EqualFold(e.name, name) {
				b, err := e.charmap.NewDecoder().Bytes(data)
				return string(b), e.name, strings.Count(string(b), "\ufffd"), err
			}
		}
		return "", "", 0, ErrBadOption.With("Encoding", want)
	}
	return text, name, damaged, nil
}

func guess(data []byte) string {
	if e := encodingByMark(data); e != "" {
		return e
	}
	if e := utf16Guess(data); e != "" {
		return e
	}
	if utf8.Valid(data) || mostlyUTF8(data) {
		return "UTF-8"
	}
	best, name := 0, ""
	for _, e := range oneByte {
		b, err := e.charmap.NewDecoder().Bytes(data[:min(len(data), 256<<10)])
		if err != nil {
			continue
		}
		if s := plausible(string(b)); name == "" || s > best {
			best, name = s, e.name
		}
	}
	return name
}

func encodingByMark(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return "UTF-8"
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return "UTF-16LE"
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return "UTF-16BE"
	}
	return ""
}

// utf16Guess finds UTF-16 without a mark: of each two bytes the same one says the alphabet, zero for ASCII, four for
// Cyrillic, one for Latin letters with carons.
func utf16Guess(data []byte) string {
	sample := data[:min(len(data)&^1, 8<<10)]
	if len(sample) < 8 {
		return ""
	}
	alphabet := func(first int) bool {
		zeros, others := 0, 0
		for i := first; i < len(sample); i += 2 {
			switch sample[i] {
			case 0:
				zeros++
			case 1, 4, 0x20:
			default:
				others++
			}
		}
		return zeros > 0 && others*20 < len(sample)/2 && !bytes.Contains(sample, []byte{0, 0})
	}
	switch {
	case alphabet(1):
		return "UTF-16LE"
	case alphabet(0):
		return "UTF-16BE"
	}
	return ""
}

// mostlyUTF8 tells a UTF-8 file that was cut or damaged somewhere from one in another encoding.
func mostlyUTF8(data []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good >= 4*bad && good > 0
}

// plausible scores a decoding: letters of the region count for it, other signs and words that mix two alphabets or
// have a capital after a small letter count against it.
func plausible(s string) int {
	score := 0
	var prev rune
	for _, r := range s {
		if r >= 0x80 {
			switch {
			case strings.ContainsRune(regional, r):
				score++
			case unicode.IsLetter(r):
				score -= 2
			default:
				score -= 3
			}
		}
		if unicode.IsLetter(r) && unicode.IsLetter(prev) {
			if unicode.Is(unicode.Cyrillic, r) != unicode.Is(unicode.Cyrillic, prev) {
				score -= 3
			}
			if unicode.IsUpper(r) && unicode.IsLower(prev) && (r >= 0x80 || prev >= 0x80) {
				score -= 3
			}
		}
		if r >= 0x80 && !unicode.IsLetter(r) && unicode.IsLetter(prev) && !strings.ContainsRune(regional, r) {
			score -= 2
		}
		prev = r
	}
	return score
}

func fromUTF16(data []byte, big bool) string {
	u := make([]uint16, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		a, b := uint16(data[i]), uint16(data[i+1])
		if big {
			a, b = b, a
		}
		u = append(u, a|b<<8)
	}
	if len(u) > 0 && u[0] == 0xfeff {
		u = u[1:]
	}
	return string(utf16.Decode(u))
}
