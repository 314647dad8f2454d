package web

import (
	"strings"

	"attesta/app/locale"
)

// Preview is what a link to a page shows where it is passed on: in a chat, in a post, in a search.
type Preview struct {
	Type  string // of the Open Graph: website, article, profile
	Image string // path of a picture of 1200 × 630 dots, or ""
	Alt   string // what the picture says
}

// Feed is a list that programs can follow.
type Feed struct {
	Type  string // its media type
	Title string
	Href  string // its path
}

// regions are the countries for which the Open Graph, which knows no language without one, takes our languages.
var regions = map[locale.Code]string{
	"en": "GB", "sq": "AL", "bs": "BA", "cnr": "ME", "sr-Cyrl": "RS", "sr-Latn": "RS", "hr": "HR", "mk": "MK",
}

// openGraph writes a language as the Open Graph does: sr_RS.
func openGraph(code locale.Code) string {
	language, _, _ := strings.Cut(string(code), "-")
	if region := regions[code]; region != "" {
		return language + "_" + region
	}
	return language
}

// Tongue is the page's language as the Open Graph writes it.
func (p *Page) Tongue() string { return openGraph(p.c.Locale()) }

// OtherTongues are the other languages of the page, as the Open Graph writes them.
func (p *Page) OtherTongues() []string {
	var all []string
	seen := map[string]bool{p.Tongue(): true}
	for _, code := range p.c.s.locales() {
		if x := openGraph(code); !seen[x] {
			seen[x] = true
			all = append(all, x)
		}
	}
	return all
}

// AnyTongue is the address of the page for readers of no language on offer, or "" for a page whose address has none.
func (p *Page) AnyTongue() string {
	if p.c.route == nil || !p.c.route.localised() {
		return ""
	}
	return p.c.URL(p.c.in(p.c.s.Catalogue.Match(""), p.Path()))
}
