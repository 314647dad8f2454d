package locale

import (
	"slices"
	"sync/atomic"
)

// Offer is what of a catalogue an installation uses: which languages its pages are in, and how Kosovo* is written. It
// is exchanged as a whole while pages are drawn, and never changed.
type Offer struct {
	Locales []Code // nil: all. Those that the catalogue hasn't count for nothing; the order is the catalogue's
	Plain   bool   // Kosovo stands without its asterisk and footnote
}

// Offer has the catalogue, and everybody who shares it, offer o from now on.
func (c *Catalogue) Offer(o Offer) {
	var have []Code
	for _, code := range c.starred.codes {
		if o.Locales == nil || slices.Contains(o.Locales, code) {
			have = append(have, code)
		}
	}
	if len(have) == 0 {
		have = c.starred.codes
	}
	o.Locales = have
	if o.Plain {
		c.plain() // now, and not while somebody waits for a page
	}
	c.offer.Store(&o)
}

// Fork returns a catalogue of the same words with an offer of its own, which is all of them until it is told another.
func (c *Catalogue) Fork() *Catalogue {
	d := *c
	d.offer = new(atomic.Pointer[Offer])
	return &d
}

// Asterisk returns the catalogue with the asterisk of Kosovo* in every form of the name (on) or in none, whatever is on
// offer: for what was frozen the one way or the other. Without it there is no footnote either.
func (c *Catalogue) Asterisk(on bool) *Catalogue {
	d := *c
	d.pinned = c.starred
	if !on {
		d.pinned = c.plain()
	}
	return &d
}

// Starred reports whether Kosovo* bears its asterisk.
func (c *Catalogue) Starred() bool { return c.words().asterisk }

// Locales returns the locales on offer in the order of their codes, English first.
func (c *Catalogue) Locales() []Code { return slices.Clone(c.offered()) }

// All returns all locales, on offer or not, in the same order.
func (c *Catalogue) All() []Code { return slices.Clone(c.starred.codes) }

// CountryCodes returns the codes of all countries that have a name in the catalogue, sorted.
func (c *Catalogue) CountryCodes() []string { return c.starred.countryCodes() }

// CityCountry returns the code of the country a known city lies in.
func (c *Catalogue) CityCountry(name string) (string, bool) {
	id, ok := c.starred.city(name)
	return c.starred.cities[id], ok
}

func (c *Catalogue) offered() []Code {
	if o := c.offer.Load(); o != nil {
		return o.Locales
	}
	return c.starred.codes
}

func (c *Catalogue) words() *words {
	if c.pinned != nil {
		return c.pinned
	}
	if o := c.offer.Load(); o != nil && o.Plain {
		return c.plain()
	}
	return c.starred
}
