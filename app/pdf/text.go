package pdf

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

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
	return f.paragraph(face, s).lines(limit(size, measure))
}

// Fill is Wrap for texts that must go in whatever they hold: with ties where they fit, without them where they don't,
// and a word that is wider than the measure is broken anywhere.
func (f *Fonts) Fill(face Face, size, measure float64, s string) []string {
	most := limit(size, measure)
	p := f.paragraph(face, Tie(s))
	if _, widest, _ := p.fill(most); widest > most {
		p = f.paragraph(face, s)
	}
	var whole paragraph
	for _, w := range p {
		for w.bare > most {
			head, tail := f.face[face].cut(w.text, most)
			whole = append(whole, piece{text: head, bare: most, full: most})
			units := f.face[face].units(strings.TrimRight(tail, " "))
			w = piece{text: tail, bare: units, full: f.face[face].units(tail)}
		}
		whole = append(whole, w)
	}
	return whole.lines(most)
}

// cut splits a word where it is as wide as may be, but after one letter at least.
func (f *font) cut(word string, most int) (head, tail string) {
	units := 0
	for i, r := range word {
		if units += f.units(string(r)); units > most && i > 0 {
			return word[:i], word[i:]
		}
	}
	return word, ""
}

// Balance sets s in as many lines as Wrap does, with the smallest measure that allows it, so that the lines are about
// equally long. It never leaves one word alone on the last line if another can join it.
func (f *Fonts) Balance(face Face, size, measure float64, s string) []string {
	p := f.paragraph(face, s)
	most := limit(size, measure)
	lines := p.lines(p.narrowest(most))
	if len(lines) < 2 || strings.Contains(lines[len(lines)-1], " ") {
		return lines
	}
	if i := strings.LastIndexByte(strings.TrimRight(s, " "), ' '); i > 0 {
		p = f.paragraph(face, s[:i]+string(nbsp)+s[i+1:])
		return p.lines(p.narrowest(most))
	}
	return lines
}

// Stack breaks s into at most so many lines within a measure: about as narrow as that allows, and of those ways the
// most even one, where a short last line weighs little. Nil means that it doesn't fit.
func (f *Fonts) Stack(face Face, size, measure float64, lines int, s string) []string {
	p := f.paragraph(face, s)
	most := limit(size, measure)
	best, least := -1, 0
	for units := most / 3; units <= most; units += 100 {
		n, widest, slack := p.fill(units)
		if n > lines || widest > units {
			continue
		}
		if best < 0 {
			most = min(most, units*23/20)
		}
		if best < 0 || slack < least {
			best, least = units, slack
		}
	}
	if best < 0 {
		if n, widest, _ := p.fill(most); n > lines || widest > most {
			return nil
		}
		best = most
	}
	return p.lines(best)
}

// limit is a measure in thousandths of the size.
func limit(size, measure float64) int { return int(measure*mm*1000/size + .5) }

// paragraph is a text cut where its lines may end.
type paragraph []piece

type piece struct {
	text       string // with the spaces or the hyphen at its end
	full, bare int    // widths with and without those spaces
}

func (f *Fonts) paragraph(face Face, s string) paragraph {
	var p paragraph
	for _, text := range pieces(s) {
		bare := strings.TrimRight(text, " ")
		w := f.face[face].units(bare)
		p = append(p, piece{text: text, bare: w, full: w + (len(text)-len(bare))*int(f.face[face].width[' '])})
	}
	return p
}

// fill counts the lines that a measure gives, and tells the widest and how uneven they are.
func (p paragraph) fill(units int) (lines, widest, slack int) {
	var widths [16]int
	width, end := 0, 0
	note := func() {
		if lines < len(widths) {
			widths[lines] = end
		}
		lines++
		widest = max(widest, end)
	}
	for i, w := range p {
		if i > 0 && width+w.bare > units {
			note()
			width = 0
		}
		end = width + w.bare
		width += w.full
	}
	note()
	for i, w := range widths[:min(lines, len(widths))] {
		gap := widest - w
		if i == lines-1 {
			gap /= 2
		}
		slack += gap * gap / 1000
	}
	return lines, widest, slack
}

func (p paragraph) lines(units int) []string {
	var lines []string
	var line strings.Builder
	width := 0
	for i, w := range p {
		if i > 0 && width+w.bare > units {
			lines = append(lines, strings.TrimRight(line.String(), " "))
			line.Reset()
			width = 0
		}
		line.WriteString(w.text)
		width += w.full
	}
	return append(lines, strings.TrimRight(line.String(), " "))
}

// narrowest is the smallest measure up to most that gives no more lines than most does, and no word that sticks out.
func (p paragraph) narrowest(most int) int {
	lines, widest, _ := p.fill(most)
	if widest > most {
		return most
	}
	lo, hi := 0, most
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if n, w, _ := p.fill(mid); n <= lines && w <= mid {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// pieces cuts s where a line may end.
func pieces(s string) []string {
	out := make([]string, 0, 1+strings.Count(s, " "))
	from := 0
	for i := 0; i+1 < len(s); i++ {
		switch {
		case s[i] == ' ' && s[i+1] != ' ':
		case s[i] == '-' && i > 0:
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			after, _ := utf8.DecodeRuneInString(s[i+1:])
			if !unicode.IsLetter(before) || !unicode.IsLetter(after) {
				continue
			}
		default:
			continue
		}
		out = append(out, s[from:i+1])
		from = i + 1
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}
