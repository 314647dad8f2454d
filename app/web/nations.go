package web

import "slices"

// Countries are the countries that a form offers, in the alphabetical order of the reader's language, those of the
// network before the others. What keeps stands among them in any case: something is there already.
func (c *Ctx) Countries(keeps ...string) []Option {
	own, abroad := c.s.settled(c.Context()).Nations(c.s.Catalogue)
	for _, code := range keeps {
		if code != "" && !slices.Contains(own, code) && !slices.Contains(abroad, code) {
			abroad = append(abroad, code)
		}
	}
	if len(abroad) == 0 {
		return c.nations(own, "")
	}
	return append(c.nations(own, c.T("network.ours")), c.nations(abroad, c.T("network.more_countries"))...)
}

// Welcomes reports whether a form offers the country.
func (c *Ctx) Welcomes(country string) bool {
	return c.s.settled(c.Context()).Welcomes(c.s.Catalogue, country)
}

func (c *Ctx) nations(codes []string, group string) []Option {
	var all []Option
	for _, x := range c.printer.Countries(codes...) {
		all = append(all, Option{Value: x.Value, Label: x.Label, Group: group})
	}
	return all
}

// Group is options of a select under one heading, "" for none.
type Group struct {
	Label   string
	Options []Option
}

// Groups are the options under their headings.
func (f Field) Groups() []Group {
	var all []Group
	for _, o := range f.Options {
		if n := len(all); n == 0 || all[n-1].Label != o.Group {
			all = append(all, Group{Label: o.Group})
		}
		last := &all[len(all)-1]
		last.Options = append(last.Options, o)
	}
	return all
}
