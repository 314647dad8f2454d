package locale

import "strings"

// Funder is whose money something is, as far as words need it. The kinds eu, eu_cofunded, norway_mfa and norway_embassy
// (which needs the embassy's city) say what the donor's own rules want, in the catalogues' words; any other kind says
// its own line, or its name where there is none.
type Funder struct {
	Kind       string
	City       string
	Name       Text
	Line       Text
	Disclaimer Text
	Author     string // of a publication, whom the Norwegian disclaimers name; "": they are left out
}

// Funding is what must stand wherever the money of a funder is at work.
type Funding struct {
	EU         bool   // the emblem stands beside it
	Line       string // "Funded by the European Union", without a full stop
	Disclaimer string // sentences, or ""
}

// Funding puts a funder into the reader's words.
func (p *Printer) Funding(f Funder) Funding {
	out := Funding{Disclaimer: p.Text(f.Disclaimer)}
	def := func(disclaimer string) {
		if out.Disclaimer == "" {
			out.Disclaimer = disclaimer
		}
	}
	switch f.Kind {
	case "eu":
		out.EU, out.Line = true, p.T("visibility.eu_funded")
		def(p.T("visibility.eu_disclaimer_grant"))
	case "eu_cofunded":
		out.EU, out.Line = true, p.T("visibility.eu_cofunded")
		def(p.T("visibility.eu_disclaimer_grant"))
	case "norway_mfa":
		out.Line = p.T("visibility.norway_mfa_funded")
		if f.Author != "" {
			def(p.T("visibility.norway_mfa_disclaimer", "author", f.Author))
		}
	case "norway_embassy":
		in := p.apposed(f.City)
		out.Line = strings.TrimSpace(p.T("visibility.norway_embassy_funded", "city_in", in))
		if f.Author != "" {
			def(p.T("visibility.norway_embassy_disclaimer", "city_in", in, "author", f.Author))
		}
	default:
		if out.Line = p.Text(f.Line); out.Line == "" {
			out.Line = p.Text(f.Name)
		}
	}
	return out
}

// apposed returns "in Belgrade"; the name of a city that isn't known stands in apposition ("u mjestu …").
func (p *Printer) apposed(city string) string {
	in, known := p.CityIn(city)
	if !known && city != "" {
		return p.T("certificate.city_in_other", "city", city)
	}
	return in
}

// Lead is the line where it must stand before the disclaimer: the EU's disclaimer begins with its funding line.
func (f Funding) Lead() string {
	if strings.HasPrefix(f.Disclaimer, f.Line) {
		return ""
	}
	return f.Line
}

// Sentences are the line and the disclaimer, each with its full stop, whatever is said once.
func (f Funding) Sentences() []string {
	var out []string
	for _, s := range []string{f.Lead(), f.Disclaimer} {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, strings.TrimSuffix(s, ".")+".")
		}
	}
	return out
}
