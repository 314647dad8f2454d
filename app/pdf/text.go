package pdf

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// nbsp ties two words: no line is broken there. It is drawn as a space, so that copied text has ordinary ones.
const nbsp = '\u00a0'

// Clean returns s as it is drawn: valid UTF-8, normalised to NFC, with control characters and line breaks as spaces.
// Nothing visible is taken away.
func Clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return norm.NFC.String(s)
}

// Drawable returns s with everything that the face has no glyph for replaced by a question mark, for texts that may be
// shown imperfectly rather than not at all.
func (f *Fonts) Drawable(face Face, s string) string {
	return strings.Map(func(r rune) rune {
		if f.face[face].has(r) {
			return r
		}
		return '?'
	}, Clean(s))
}

var (
	tieDate   = regexp.MustCompile(`(\d{1,2}\.?) (\p{L}{3,}) (\d{4}\.?)`)
	tieDay    = regexp.MustCompile(`(\d{1,2}\.?) (\p{L}{3,}) ([–-])`)
	tieDash   = regexp.MustCompile(`(\d\.?) – (\d)`)
	tieYear   = regexp.MustCompile(`(\d{4}\.?) (г\.|год|god)`)
	tieUnit   = regexp.MustCompile(`(\d) (%|h\b|ч\.|orë|EUR)`)
	tieLetter = regexp.MustCompile(`(^|[\s\x{a0}(„“])(\p{L})[ ]`)
)

// Tie puts no-break spaces where a line must not end: after a word of one letter, within a date, before the word for
// year, between a number and its unit.
func Tie(s string) string {
	s = tieDate.ReplaceAllString(s, "$1\u00a0$2\u00a0$3")
	s = tieDay.ReplaceAllString(s, "$1\u00a0$2\u00a0$3")
	s = tieDash.ReplaceAllString(s, "$1\u00a0–\u00a0$2")
	s = tieYear.ReplaceAllString(s, "$1\u00a0$2")
	s = tieUnit.ReplaceAllString(s, "$1\u00a0$2")
	for range 2 { // neighbours share the space between them
		s = tieLetter.ReplaceAllString(s, "$1$2\u00a0")
	}
	return s
}

// Wrap fills lines of the measure (mm) greedily, breaking at spaces and after hyphens. A word that is wider than the
// measure stands on a line of its own and sticks out: nothing is broken inside a word, so check the widths.
func (f *Fonts) Wrap(face Face, size, measure float64, s string) []string {
	limit := int(measure*mm*1000/size + .5)
	var lines []string
	line, width := "", 0
	for _, piece := range pieces(s) {
		w := f.face[face].units(piece)
		bare := f.face[face].units(strings.TrimRight(piece, " "))
		if line != "" && width+bare > limit {
			lines = append(lines, strings.TrimRight(line, " "))
			line, width = "", 0
		}
		line += piece
		width += w
	}
	if line = strings.TrimRight(line, " "); line != "" || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}

// Balance sets s in as many lines as Wrap does, with the smallest measure that allows it, so that the lines are about
// equally long. It never leaves one word alone on the last line if another can join it.
func (f *Fonts) Balance(face Face, size, measure float64, s string) []string {
	lines := f.Wrap(face, size, measure, s)
	if len(lines) < 2 {
		return lines
	}
	narrow := f.narrow(face, size, measure, s, len(lines))
	if last := narrow[len(narrow)-1]; !strings.Contains(last, " ") {
		if i := strings.LastIndexByte(strings.TrimRight(s, " "), ' '); i > 0 {
			tied := s[:i] + string(nbsp) + s[i+1:]
			narrow = f.narrow(face, size, measure, tied, len(f.Wrap(face, size, measure, tied)))
		}
	}
	return narrow
}

func (f *Fonts) narrow(face Face, size, measure float64, s string, lines int) []string {
	lo, hi := 0.0, measure
	for hi-lo > .2 {
		if mid := (lo + hi) / 2; len(f.Wrap(face, size, mid, s)) <= lines && f.fits(face, size, mid, s) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return f.Wrap(face, size, hi, s)
}

func (f *Fonts) fits(face Face, size, measure float64, s string) bool {
	for _, line := range f.Wrap(face, size, measure, s) {
		if f.Width(face, size, line) > measure+.01 {
			return false
		}
	}
	return true
}

// pieces cuts s where a line may end; each piece keeps the spaces or the hyphen at its end.
func pieces(s string) []string {
	var out []string
	runes := []rune(s)
	from := 0
	for i, r := range runes {
		last := i+1 == len(runes)
		switch {
		case last:
		case r == ' ' && runes[i+1] != ' ':
		case r == '-' && i > 0 && unicode.IsLetter(runes[i-1]) && unicode.IsLetter(runes[i+1]):
		default:
			continue
		}
		out = append(out, string(runes[from:i+1]))
		from = i + 1
	}
	return out
}
