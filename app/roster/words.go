package roster

import (
	"strings"
	"unicode"

	"attesta/app/locale"
)

// tokens returns the words of s as they are compared: Latin letters without accents, lower case, digits apart from
// letters. "R.br." and "Р. бр." are both r, br.
func tokens(s string) []string {
	if len(s) > 4000 {
		s = strings.ToValidUTF8(s[:4000], "")
	}
	var out []string
	for _, w := range strings.Fields(locale.Normalise(strings.ReplaceAll(s, "_", " "))) {
		for _, part := range splitDigits(w) {
			out = append(out, strings.Fields(locale.ASCIIKey(part))...)
		}
	}
	return out
}

func splitDigits(w string) []string {
	var out []string
	start, digit := 0, false
	for i, r := range w {
		d := unicode.IsDigit(r)
		if i > 0 && d != digit {
			out = append(out, w[start:i])
			start = i
		}
		digit = d
	}
	return append(out, w[start:])
}

func folded(s string) string { return strings.Join(tokens(s), " ") }

// phrases finds phrases in a row of words.
type phrases[T any] struct {
	by  map[string][]T
	max int // words of the longest phrase
}

func (p *phrases[T]) add(phrase string, v T) {
	t := tokens(phrase)
	if len(t) == 0 {
		return
	}
	if p.by == nil {
		p.by = map[string][]T{}
	}
	k := strings.Join(t, " ")
	p.by[k] = append(p.by[k], v)
	p.max = max(p.max, len(t))
}

// at returns what the longest phrase that begins at word i means, and how many words it has.
func (p *phrases[T]) at(words []string, i int) ([]T, int) {
	for n := min(p.max, len(words)-i); n > 0; n-- {
		if v, ok := p.by[strings.Join(words[i:i+n], " ")]; ok {
			return v, n
		}
	}
	return nil, 0
}

// stem is a sequence of words, each complete or the beginning of a longer one.
type stem []string

func newStem(phrase string) stem {
	var s stem
	for _, w := range strings.Fields(phrase) {
		base, open := strings.CutSuffix(w, "*")
		t := tokens(base)
		for i, x := range t {
			if open && i == len(t)-1 {
				x += "*"
			}
			s = append(s, x)
		}
	}
	return s
}

func (s stem) in(words []string) bool {
	if len(s) == 0 {
		return false
	}
	for i := 0; i+len(s) <= len(words); i++ {
		ok := true
		for j, w := range s {
			if base, open := strings.CutSuffix(w, "*"); open && !strings.HasPrefix(words[i+j], base) || !open && words[i+j] != w {
				ok = false
				break
			}
		}
		if ok {
			return true
		}
	}
	return false
}

// oneEdit tells whether a and b differ by one letter added, left out, changed or two swapped.
func oneEdit(a, b string) bool {
	if a == b {
		return false
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	if i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:] {
		return true
	}
	return a[i+1:] == b[i+1:]
}

// oneLine folds every run of spaces and line breaks and drops what can't be seen.
func oneLine(s string) string { return locale.Clean(s) }

func shorten(s string, n int) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func rowText(cells []string) string {
	var parts []string
	for _, c := range cells {
		if c != "" {
			parts = append(parts, shorten(c, 60))
		}
		if len(parts) == 8 {
			break
		}
	}
	return shorten(strings.Join(parts, " | "), 200)
}
