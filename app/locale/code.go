package locale

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// Code names a locale as it stands in addresses, file names and the lang attribute: "en", "sr-Latn", "cnr".
type Code string

// Codes that the program itself must know: English is the source of every message, Montenegrin and the two scripts
// of Serbian are asked for under names of their own.
const (
	English         Code = "en"
	Montenegrin     Code = "cnr"
	SerbianCyrillic Code = "sr-Cyrl"
	SerbianLatin    Code = "sr-Latn"
)

// tag returns the language tag under which the libraries know the code. They don't know Montenegrin: it becomes
// Serbian as written in Montenegro, which has the same plurals.
func (c Code) tag() language.Tag {
	s := string(c)
	if base(s) == "cnr" {
		s = "sr-Latn-ME"
		if strings.Contains(strings.ToLower(string(c)), "-cyrl") {
			s = "sr-Cyrl-ME"
		}
	}
	return language.Make(s)
}

// Match returns the locale on offer that fits an Accept-Language header best, and the first of Locales if none does. Bare
// "sr" is Cyrillic, "sh" is Serbian in Latin script, Serbian as of Montenegro is Montenegrin. A language that is
// merely a neighbour (Bulgarian, Slovene) is no match.
func (c *Catalogue) Match(acceptLanguage string) Code {
	codes := c.offered()
	for _, want := range preferences(acceptLanguage) {
		if want == "*" {
			break
		}
		for _, name := range aliases(want) {
			if code, ok := lookup(codes, name); ok {
				return code
			}
		}
		for _, code := range codes {
			if base(string(code)) == base(want) {
				return code
			}
		}
	}
	return codes[0]
}

// Lookup finds the locale on offer that is written s, whatever the case of its letters: "SR-LATN" is "sr-Latn".
func (c *Catalogue) Lookup(s string) (Code, bool) { return lookup(c.offered(), s) }

func lookup(codes []Code, s string) (Code, bool) {
	for _, code := range codes {
		if strings.EqualFold(string(code), s) {
			return code, true
		}
	}
	return "", false
}

// Has reports whether exactly this locale is on offer.
func (c *Catalogue) Has(code Code) bool { return slices.Contains(c.offered(), code) }

// aliases lists what a wanted language tag may be called in the catalogue, best first.
func aliases(want string) []string {
	lower := strings.ToLower(want)
	parts := strings.Split(lower, "-")
	has := func(subtag string) bool {
		for _, p := range parts[1:] {
			if p == subtag {
				return true
			}
		}
		return false
	}
	switch parts[0] {
	case "cnr":
		return prefixes(lower, string(Montenegrin))
	case "sr":
		switch {
		case has("me") && !has("cyrl"):
			return []string{string(Montenegrin), string(SerbianLatin), string(SerbianCyrillic)}
		case has("latn"):
			return []string{string(SerbianLatin), string(SerbianCyrillic)}
		default:
			return []string{string(SerbianCyrillic), string(SerbianLatin)}
		}
	case "sh":
		return []string{string(SerbianLatin), string(SerbianCyrillic)}
	}
	return prefixes(lower)
}

// prefixes lists tag and what is left of it when its last subtags are taken away: a-b-c, a-b, a.
func prefixes(tag string, more ...string) []string {
	var out []string
	for tag != "" {
		out = append(out, tag)
		i := strings.LastIndexByte(tag, '-')
		if i < 0 {
			break
		}
		tag = tag[:i]
	}
	return append(out, more...)
}

// preferences returns the languages of an Accept-Language header, the most wanted first; those refused with q=0 and
// what can't be read are left out.
func preferences(header string) []string {
	type wish struct {
		name string
		q    float64
	}
	var wishes []wish
	for _, part := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ReplaceAll(strings.TrimSpace(name), "_", "-")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil {
				continue
			}
		}
		if name != "" && q > 0 {
			wishes = append(wishes, wish{name, q})
		}
		if len(wishes) == 32 {
			break
		}
	}
	sort.SliceStable(wishes, func(i, j int) bool { return wishes[i].q > wishes[j].q })
	out := make([]string, len(wishes))
	for i, w := range wishes {
		out[i] = w.name
	}
	return out
}

func base(tag string) string {
	b, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return b
}
