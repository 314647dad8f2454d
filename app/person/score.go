package person

import (
	"math"
	"slices"
	"strings"

	"attesta/app/locale"
)

// weight is what each reason adds to a score. The name alone never makes a likely pair, the name and the workplace or
// the address do; whoever shares no more than a name with somebody in another country comes last.
var weight = map[Reason]float64{
	ExactName: 0.55, SameName: 0.55, SimilarName: 0.45, NearName: 0.30, FarName: 0.22, GivenName: -0.10,
	SameEmail: 0.42, SamePhone: 0.32, SameInstitution: 0.25, SimilarInstitution: 0.15, SameField: 0.05, SameEvent: 0.02,
	OtherEmail: -0.05, NumberedEmail: -0.15, OtherInstitution: -0.12, OtherField: -0.12, OtherCountry: -0.2, OtherGender: -0.3,
	CommonName: -0.08,
}

// census is what all persons together say about one.
type census struct {
	bearers map[string]int  // how many bear a name, by its sound
	parts   map[string]int  // how many bear a part of a name, by its sound
	open    map[string]bool // domains in which anybody may have an address, so that two of them say nothing
}

func count(people []*profile) census {
	c := census{bearers: map[string]int{}, parts: map[string]int{}, open: map[string]bool{}}
	for _, d := range []string{"gmail.com", "hotmail.com", "yahoo.com", "outlook.com", "live.com", "icloud.com", "proton.me", "protonmail.com"} {
		c.open[d] = true
	}
	country := map[string]string{}
	for _, p := range people {
		for _, key := range p.sounds() {
			c.bearers[key]++
		}
		for _, part := range p.parts() {
			c.parts[part]++
		}
		for _, e := range p.emails {
			for _, at := range p.countries {
				d := domain(e)
				if before, ok := country[d]; ok && before != at {
					c.open[d] = true
				}
				country[d] = at
			}
		}
	}
	return c
}

func domain(email string) string {
	_, d, _ := strings.Cut(email, "@")
	return d
}

// compare weighs a pair. It isn't worth a look if the names aren't alike, or only nearly so and nothing else supports
// it.
func (c census) compare(a, b *profile) (pair, bool) {
	if a.id > b.id {
		a, b = b, a
	}
	signs := append(c.contacts(a, b), work(a, b)...)
	has := func(r Reason) bool { return slices.Contains(signs, r) }
	likeness := alike(a, b)
	switch {
	case likeness == "" && (has(SameEmail) || has(SamePhone)):
		likeness = faint(a, b, has(SameEmail))
	case likeness == NearName && !has(SameEmail) && !has(SamePhone) && (!has(SameInstitution) || c.relatives(a, b)):
		likeness = ""
	}
	if likeness == "" {
		return pair{}, false
	}
	if opposed(a.genders, b.genders) {
		signs = append(signs, OtherGender)
	}
	if c.common(a, b) && !has(SameEmail) && !has(SamePhone) && !has(SameInstitution) {
		signs = append(signs, CommonName)
	}
	p := pair{a: a, b: b, reasons: append([]Reason{likeness}, signs...)}
	for _, r := range p.reasons {
		p.score += weight[r]
	}
	p.score = math.Round(100*min(max(p.score, 0.01), 0.99)) / 100
	return p, true
}

// alike returns how alike the names are on the surest level that holds for any of them.
func alike(a, b *profile) Reason {
	best := Reason("")
	for _, x := range a.names {
		for _, y := range b.names {
			if r := likeness(x, y); weight[r] > weight[best] || best == "" || r == ExactName {
				best = r
			}
		}
	}
	return best
}

func likeness(x, y name) Reason {
	switch {
	case x.plain == y.plain:
		return ExactName
	case x.ascii == y.ascii:
		return SameName
	case x.sound == y.sound:
		return SimilarName
	case locale.SamePerson(x.full, y.full) == locale.MatchFuzzy:
		return NearName
	}
	return ""
}

// faint looks for what only a shared address or phone makes worth a look: a name as another language spells it, such
// as Hysen Mehmeti and Хусеин Мемети, and a new family name at an address that is somebody's own.
func faint(a, b *profile, sameEmail bool) Reason {
	if opposed(a.genders, b.genders) {
		return ""
	}
	best := Reason("")
	for _, x := range a.names {
		for _, y := range b.names {
			switch {
			case respelt(x.parts, y.parts):
				return FarName
			case sameEmail && x.given != "" && x.given == y.given && !paired(x.parts, y.parts) && personal(a, b, x.given):
				best = GivenName
			}
		}
	}
	return best
}

// respelt reports whether every part of one name has a counterpart in the other that begins alike and differs by two
// letters at most, and not as a woman's name from a man's.
func respelt(x, y []string) bool {
	if len(x) != len(y) || len(x) < 2 {
		return false
	}
	rest := slices.Clone(y)
	for _, part := range x {
		i := slices.IndexFunc(rest, func(other string) bool {
			return part == other || len(part) > 3 && len(other) > 3 && part[0] == other[0] && !endings(part, other) && distance(part, other) <= 2
		})
		if i < 0 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return true
}

// endings reports whether two words are the same but for their last vowels, which tell Jovanovska from Jovanovski.
func endings(x, y string) bool {
	return strings.TrimRight(x, "aeiou") == strings.TrimRight(y, "aeiou")
}

// paired reports whether two names hold two parts that differ only by such endings.
func paired(x, y []string) bool {
	for _, part := range x {
		for _, other := range y {
			if part != other && endings(part, other) {
				return true
			}
		}
	}
	return false
}

func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range y {
			change := diagonal
			if r != s {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, change)
		}
	}
	return row[len(y)]
}

// personal reports whether an address that both have bears the given name.
func personal(a, b *profile, given string) bool {
	return slices.ContainsFunc(a.emails, func(e string) bool {
		local, _, _ := strings.Cut(e, "@")
		return slices.Contains(b.emails, e) && len(given) > 2 && strings.Contains(local, given)
	})
}

func opposed(x, y []Gender) bool {
	return slices.Contains(x, Female) && slices.Contains(y, Male) && !overlap(x, y) ||
		slices.Contains(x, Male) && slices.Contains(y, Female) && !overlap(x, y)
}

func overlap[T comparable](x, y []T) bool {
	return slices.ContainsFunc(x, func(v T) bool { return slices.Contains(y, v) })
}

// relatives reports whether names that differ by a letter differ by two names that others bear as well: Goran and Zoran
// are no slip of the pen.
func (c census) relatives(a, b *profile) bool {
	borne := func(x, y []string) bool {
		return slices.ContainsFunc(x, func(part string) bool { return !slices.Contains(y, part) && c.parts[part] > 1 })
	}
	x, y := a.parts(), b.parts()
	return borne(x, y) && borne(y, x)
}

// common reports whether more than these two bear the name.
func (c census) common(a, b *profile) bool {
	for _, key := range a.sounds() {
		if slices.Contains(b.sounds(), key) && c.bearers[key] > 2 {
			return true
		}
	}
	return false
}

func (c census) contacts(a, b *profile) []Reason {
	var out []Reason
	switch {
	case overlap(a.emails, b.emails):
		out = append(out, SameEmail)
	case len(a.emails) > 0 && len(b.emails) > 0:
		out = append(out, OtherEmail)
		if c.numbered(a.emails, b.emails) {
			out = append(out, NumberedEmail)
		}
	}
	if overlap(a.phones, b.phones) {
		out = append(out, SamePhone)
	}
	if overlap(a.events, b.events) {
		out = append(out, SameEvent)
	}
	return out
}

// numbered reports whether two addresses in one domain differ, as those of namesakes in one house do.
func (c census) numbered(x, y []string) bool {
	for _, e := range x {
		for _, f := range y {
			if d := domain(e); d != "" && d == domain(f) && !c.open[d] {
				return true
			}
		}
	}
	return false
}

func work(a, b *profile) []Reason {
	var out []Reason
	if len(a.countries) > 0 && len(b.countries) > 0 && !overlap(a.countries, b.countries) {
		out = append(out, OtherCountry)
	}
	if len(a.institutions) == 0 || len(b.institutions) == 0 {
		return out
	}
	same, similar, field, known := false, false, false, false
	for _, x := range a.institutions {
		for _, y := range b.institutions {
			near := x.country == y.country || x.country == "" || y.country == ""
			same = same || near && x.key == y.key
			similar = similar || near && resembles(x.words, y.words)
			known = known || x.kind != UnknownType && y.kind != UnknownType
			field = field || x.kind == y.kind && x.kind != UnknownType
		}
	}
	switch {
	case same:
		return append(out, SameInstitution)
	case similar:
		out = append(out, SimilarInstitution)
	default:
		out = append(out, OtherInstitution)
	}
	if known && !field {
		out = append(out, OtherField)
	}
	if field && !slices.Contains(out, OtherCountry) {
		out = append(out, SameField)
	}
	return out
}

// resembles reports whether two names of institutions have at least two thirds of their words in common, or all of the
// shorter one's if it has two or more.
func resembles(x, y []string) bool {
	n := 0
	for _, w := range x {
		if slices.Contains(y, w) {
			n++
		}
	}
	return n > 1 && (n == min(len(x), len(y)) || 3*n >= 2*max(len(x), len(y)))
}
