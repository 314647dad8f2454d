package roster

import (
	"regexp"
	"strings"
	"unicode"

	"attesta/app/locale"
)

// parted is a name taken apart.
type parted struct {
	given, family string
	title         string
	order         Order
	reason        string
	uncertain     bool // the parts have a word in the middle that could belong to either
	changed       bool // capitals were made normal
}

var (
	inBrackets = regexp.MustCompile(`\([^)]*\)`)
	digraphs   = strings.NewReplacer("Ǆ", "DŽ", "ǅ", "Dž", "ǆ", "dž", "Ǉ", "LJ", "ǈ", "Lj", "ǉ", "lj", "Ǌ", "NJ", "ǋ", "Nj", "ǌ", "nj")
)

// fullName makes a full name as typed fit to be kept: one line, quotation marks and digraph characters gone.
func fullName(s string) string {
	return strings.Trim(oneLine(digraphs.Replace(s)), ` ,;"„“”`)
}

// untitled takes academic titles and forms of address off a name.
func (v *Vocabulary) untitled(name string) (rest, title string) {
	words := strings.Fields(name)
	var kept, titles []string
	for i, w := range words {
		k := folded(w)
		dotted := strings.HasSuffix(strings.Trim(w, ","), ".") || len([]rune(k)) > 1
		lone := len([]rune(strings.Trim(w, ".,"))) == 1
		if v.titles[k] && dotted && (!lone || i == 0) && len(words) > 2 || v.titles[k] && len(words) > 1 && i == 0 && dotted && !lone {
			titles = append(titles, strings.Trim(w, ","))
			continue
		}
		if len(kept) > 0 && allTitles(v, w) {
			titles = append(titles, strings.Trim(w, ","))
			continue
		}
		kept = append(kept, w)
	}
	if len(kept) == 0 {
		return name, ""
	}
	return strings.Trim(strings.Join(kept, " "), " ,"), strings.Join(titles, " ")
}

// allTitles tells a word like "dr.sc." or "mr.iur.".
func allTitles(v *Vocabulary, w string) bool {
	if !strings.Contains(strings.TrimSuffix(w, "."), ".") {
		return false
	}
	for _, t := range tokens(w) {
		if !v.titles[t] {
			return false
		}
	}
	return true
}

// split takes a full name apart in the given order. Evidence in the name itself, a comma or a part in capitals, is
// stronger than the order.
func (v *Vocabulary) split(name string, order Order, reason string) parted {
	if before, after, ok := strings.Cut(name, ","); ok && strings.TrimSpace(before) != "" && strings.TrimSpace(after) != "" && !strings.Contains(after, ",") {
		rest, title := v.untitled(after)
		if allTitlesOrEmpty(v, after) {
			return v.split(strings.TrimSpace(before), order, reason).titled(oneLine(after))
		}
		family, t2 := v.untitled(before)
		return v.parted(rest, family, FamilyFirst, "comma").titled(strings.TrimSpace(t2 + " " + title))
	}
	rest, title := v.untitled(inBrackets.ReplaceAllString(name, " "))
	words := strings.Fields(rest)
	if p, ok := v.byCapitals(words); ok {
		return p.titled(title)
	}
	if len(words) < 2 || order == Undecided || order == "" {
		return parted{title: title, order: Undecided}
	}
	n, uncertain := v.familyWords(words, order)
	var p parted
	if order == FamilyFirst {
		p = v.parted(strings.Join(words[n:], " "), strings.Join(words[:n], " "), order, reason)
	} else {
		p = v.parted(strings.Join(words[:len(words)-n], " "), strings.Join(words[len(words)-n:], " "), order, reason)
	}
	p.uncertain = uncertain
	return p.titled(title)
}

func allTitlesOrEmpty(v *Vocabulary, s string) bool {
	t := tokens(s)
	for _, w := range t {
		if !v.titles[w] {
			return false
		}
	}
	return true
}

func (p parted) titled(t string) parted {
	if p.title == "" {
		p.title = t
	}
	return p
}

// byCapitals finds the family name by its capitals: ĐORĐEVIĆ Biljana, Ana VAN DER BERG.
func (v *Vocabulary) byCapitals(words []string) (parted, bool) {
	up := make([]bool, len(words))
	ups := 0
	for i, w := range words {
		up[i] = capitals(w)
		ups += b2i(up[i])
	}
	if ups == 0 || ups == len(words) {
		return parted{}, false
	}
	head, tail := 0, 0
	for head < len(words) && up[head] {
		head++
	}
	for tail < len(words) && up[len(words)-1-tail] {
		tail++
	}
	switch {
	case head == ups:
		return v.parted(strings.Join(words[head:], " "), strings.Join(words[:head], " "), FamilyFirst, "capitals"), true
	case tail == ups:
		at := len(words) - tail
		return v.parted(strings.Join(words[:at], " "), strings.Join(words[at:], " "), GivenFirst, "capitals"), true
	}
	return parted{}, false
}

// capitals tells a word of two or more letters that are all capitals.
func capitals(w string) bool {
	letters := 0
	for _, r := range w {
		if unicode.IsLetter(r) {
			if !unicode.IsUpper(r) {
				return false
			}
			letters++
		}
	}
	return letters > 1
}

// familyWords returns how many words belong to the family name. A word between two, that is no initial, no particle
// and has no ending of a family name, is uncertain and goes to the given name.
func (v *Vocabulary) familyWords(words []string, order Order) (n int, uncertain bool) {
	if len(words) == 2 {
		return 1, false
	}
	w := words
	if order == FamilyFirst {
		n = 1
		for n < len(w)-1 && (v.particles[strings.ToLower(w[n-1])] || v.familyEnding(w[n])) {
			n++
		}
		return n, n < len(w)-1 && !initial(w[n]) && !initial(w[n+1])
	}
	n = 1
	for n < len(w)-1 && (v.particles[strings.ToLower(w[len(w)-1-n])] || v.familyEnding(w[len(w)-1-n])) {
		n++
	}
	if n == len(w)-1 {
		return n, false
	}
	for _, x := range w[1 : len(w)-n] {
		uncertain = uncertain || !initial(x)
	}
	return n, uncertain
}

func initial(w string) bool {
	return len([]rune(strings.Trim(w, "."))) <= 2 && (strings.HasSuffix(w, ".") || len([]rune(w)) == 1)
}

func (v *Vocabulary) familyEnding(w string) bool {
	k := folded(w)
	for _, e := range v.endings {
		if len(k) > len(e)+2 && strings.HasSuffix(k, e) {
			return true
		}
	}
	return false
}

func (v *Vocabulary) parted(given, family string, order Order, reason string) parted {
	g, c1 := v.normalCase(given)
	f, c2 := v.normalCase(family)
	return parted{given: g, family: f, order: order, reason: reason, changed: c1 || c2}
}

// normalCase writes a name that is all capitals, or all small letters, with a capital for each of its parts. Any other
// name stays as it was typed: McDonald, van der Berg.
func (v *Vocabulary) normalCase(name string) (string, bool) {
	name = strings.Trim(oneLine(digraphs.Replace(name)), ` ,;"„“”`)
	words := strings.Fields(name)
	changed := false
	for i, w := range words {
		particle := v.particles[strings.ToLower(w)] && len(words) > 1 && i < len(words)-1
		switch {
		case capitals(w) && particle:
			words[i], changed = strings.ToLower(w), true
		case capitals(w) || lowerWord(w) && !particle:
			words[i], changed = titleWord(w), true
		}
	}
	return strings.Join(words, " "), changed
}

func lowerWord(w string) bool {
	r := []rune(w)
	return len(r) > 1 && unicode.IsLower(r[0]) && strings.ToLower(w) == w
}

// titleWord writes each part of a word, between hyphens and apostrophes, with one capital. The digraphs lj, nj, dž
// have only their first letter large.
func titleWord(w string) string {
	var b strings.Builder
	start := true
	for _, r := range strings.ToLower(w) {
		if start && unicode.IsLetter(r) {
			b.WriteRune(unicode.ToUpper(r))
			start = false
			continue
		}
		b.WriteRune(r)
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			start = true
		}
	}
	s := b.String()
	if rest, ok := strings.CutPrefix(s, "Mc"); ok && len(rest) > 3 {
		r := []rune(rest)
		return "Mc" + string(unicode.ToUpper(r[0])) + string(r[1:])
	}
	return s
}

// emailOrder compares a name with the part of an address before the @, where by far the most offices write given name
// first: ana.petrovic, apetrovic, ana.p. It returns "" if the address doesn't say.
func emailOrder(words []string, email string) Order {
	at := strings.IndexByte(email, '@')
	if at < 0 || len(words) < 2 {
		return ""
	}
	local := strings.FieldsFunc(email[:at], func(r rune) bool { return strings.ContainsRune("._-+", r) || unicode.IsDigit(r) })
	first, last := mailKey(words[0]), mailKey(words[len(words)-1])
	if first == "" || last == "" || first == last {
		return ""
	}
	switch len(local) {
	case 0:
		return ""
	case 1:
		s := mailKey(local[0])
		switch s {
		case first + last, first[:1] + last:
			return GivenFirst
		case last + first, last[:1] + first:
			return FamilyFirst
		}
		return ""
	}
	a, b := mailKey(local[0]), mailKey(local[len(local)-1])
	switch {
	case a == first && b == last, len(a) == 1 && strings.HasPrefix(first, a) && b == last:
		return GivenFirst
	case a == last && b == first, len(a) == 1 && strings.HasPrefix(last, a) && b == first:
		return FamilyFirst
	case a == first && len(b) == 1 && strings.HasPrefix(last, b):
		return GivenFirst
	case a == last && len(b) == 1 && strings.HasPrefix(first, b):
		return FamilyFirst
	}
	return ""
}

// mailKey folds what addresses fold further: đ is dj or d, ѓ gj or g.
func mailKey(s string) string {
	return strings.ReplaceAll(locale.SoundKey(s), " ", "")
}

// endingOrder tells by the endings of family names which word is one, if only one is.
func (v *Vocabulary) endingOrder(words []string) Order {
	if len(words) < 2 {
		return ""
	}
	a, b := v.familyEnding(words[0]), v.familyEnding(words[len(words)-1])
	switch {
	case a && !b:
		return FamilyFirst
	case b && !a:
		return GivenFirst
	}
	return ""
}
