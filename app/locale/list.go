package locale

import (
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Choice is one entry of a list to choose from.
type Choice struct {
	Value string // what the form sends
	Label string // what the reader sees
}

// List joins items as a sentence does: "A, B and C".
func (p *Printer) List(items []string) string { return p.format.join("list", items) }

// ListOr joins items of which one is meant: "A, B or C".
func (p *Printer) ListOr(items []string) string { return p.format.join("list_or", items) }

func (f *format) join(pattern string, items []string) string {
	switch n := len(items); n {
	case 0:
		return ""
	case 1:
		return items[0]
	default:
		return f.fill(pattern, "First", strings.Join(items[:n-1], ", "), "Last", items[n-1])
	}
}

// Quote puts s into the locale's quotation marks.
func (p *Printer) Quote(s string) string { return p.format.fill("quotes", "Text", s) }

// Sort sorts s in place by the alphabet of the locale.
func (p *Printer) Sort(s []string) { slices.SortStableFunc(s, p.Compare()) }

// Compare returns a function that orders by the alphabet of the locale, for slices.SortFunc. The function must not be
// shared between goroutines; ask for one where it is needed.
func (p *Printer) Compare() func(a, b string) int {
	return collate.New(p.alphabet()).CompareString
}

// alphabet returns the language whose order of letters the library has right: it knows the Latin alphabet of the
// South Slavic languages, with č after c and dž, lj, nj as letters, only as Croatian.
func (p *Printer) alphabet() language.Tag {
	tag := p.code.tag()
	script, _ := tag.Script()
	b, _ := tag.Base()
	switch b.String() {
	case "sr", "bs", "hr", "sh":
		if script.String() == "Latn" {
			return language.Croatian
		}
	}
	return tag
}
