package locale

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// asterisked matches the name that bears an asterisk, in every case of every language and in both scripts.
var asterisked = regexp.MustCompile(`(?i)((?:kosov|косов)\p{L}*)\*`)

func withoutAsterisk(s string) string { return asterisked.ReplaceAllString(s, "$1") }

// Footnote returns the sentence that explains the asterisk of Kosovo*, with its own asterisk in front, if the name
// stands with an asterisk anywhere in rendered, in whatever form; else, and where asterisks are switched off, "".
func (p *Printer) Footnote(rendered string) string {
	if !p.catalogue.asterisk || !strings.Contains(rendered, "*") || !asterisked.MatchString(rendered) {
		return ""
	}
	return "* " + p.T("country.footnote")
}

// Country returns the name of the country with this ISO code (XK is Kosovo*), to stand alone: after a colon, in
// brackets, in a table. An unknown code is returned as it is.
func (p *Printer) Country(code string) string { return p.country(code, "") }

// CountryIn returns "in" and the country, in the case and with the preposition the language wants.
func (p *Printer) CountryIn(code string) string { return p.country(code, ".in") }

// CountryFrom returns "from" and the country, in the case and with the preposition the language wants.
func (p *Printer) CountryFrom(code string) string { return p.country(code, ".from") }

func (p *Printer) country(code, form string) string {
	key := "country." + strings.ToUpper(code)
	if p.catalogue.messages[English][key] == nil {
		return code
	}
	return p.T(key + form)
}

// Countries returns the countries of codes, or all that are known if there are none, in the alphabetical order of the
// reader's language.
func (p *Printer) Countries(codes ...string) []Choice {
	if len(codes) == 0 {
		codes = p.catalogue.countryCodes()
	}
	out := make([]Choice, len(codes))
	for i, code := range codes {
		out[i] = Choice{Value: code, Label: p.Country(code)}
	}
	compare := p.Compare()
	slices.SortStableFunc(out, func(a, b Choice) int { return compare(a.Label, b.Label) })
	return out
}

func (c *words) countryCodes() []string {
	var codes []string
	for key := range c.messages[English] {
		if code, ok := strings.CutPrefix(key, "country."); ok && len(code) == 2 {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return codes
}

// City returns the city in the reader's language if it is known by that name in any language, script or spelling
// without accents, and else the name as it was typed.
func (p *Printer) City(name string) string {
	if id, ok := p.catalogue.city(name); ok {
		return p.T("city." + id)
	}
	return name
}

// CityIn returns "in" and the city, in the case and with the preposition the language wants. Of a city that isn't
// known it returns the name as typed and false: then write it after a colon or in brackets.
func (p *Printer) CityIn(name string) (string, bool) {
	if id, ok := p.catalogue.city(name); ok {
		return p.T("city." + id + ".in"), true
	}
	return name, false
}

// Cities returns the names of the known cities of a country in the reader's language, in its alphabetical order.
func (p *Printer) Cities(country string) []string {
	var out []string
	for id, code := range p.catalogue.cities {
		if code == country {
			out = append(out, p.T("city."+id))
		}
	}
	slices.Sort(out)
	p.Sort(out)
	return out
}

func (c *words) city(name string) (id string, ok bool) {
	id, ok = c.places[ASCIIKey(name)]
	return id, ok
}

// findPlaces lists under which keys a city is found: its names in all languages, the form of the name within "in …"
// (Albanian names are known by it: Tiranë, Shkup), and each of them with a plain d for đ. A name proper goes before the
// inflected form of another city's.
func findPlaces(c *words) map[string]string {
	places := map[string]string{}
	add := func(id, name string) {
		for _, spelt := range []string{name, strings.NewReplacer("đ", "d", "Đ", "D").Replace(name)} {
			if key := ASCIIKey(spelt); key != "" && places[key] == "" {
				places[key] = id
			}
		}
	}
	ids := slices.Sorted(maps.Keys(c.cities))
	for _, id := range ids {
		for _, code := range c.codes {
			add(id, other(c.messages[code]["city."+id]))
		}
	}
	for _, id := range ids {
		for _, code := range c.codes {
			_, name, _ := strings.Cut(other(c.messages[code]["city."+id+".in"]), " ")
			add(id, name)
		}
	}
	return places
}

func other(m *i18n.Message) string {
	if m == nil {
		return ""
	}
	return m.Other
}
