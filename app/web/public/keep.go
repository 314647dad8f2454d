package public

import (
	"slices"
	"time"

	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
)

// Pages that are kept: those about one event until that changes, those about all of them until any does. Forms, files
// that tell programs themselves whether they have changed, and what the holder of a link sees, are drawn each time.
var (
	ofEvent = []string{
		"/:locale/events/:code", "/:locale/events/:code/card.png", "/:locale/events/:code/programme", "/:locale/events/:code/programme.pdf",
		"/:locale/events/:code/trainers/:speaker",
	}
	ofAll = []string{"/:locale/", "/:locale/card.png", "/:locale/events", "/:locale/events.rss", "/sitemap.xml"}

	// Of them, those that say nothing of the query in their address.
	bare = []string{"/:locale/card.png", "/:locale/events/:code/card.png", "/:locale/events/:code/programme.pdf", "/sitemap.xml"}
)

// keep has what was drawn for one stranger shown to the next.
func (p *Pages) keep(routes []web.Route) []web.Route {
	one := web.Keep{Mark: func(c *web.Ctx) (string, time.Time, error) {
		return told(p.Events.MarkOf(c.Context(), c.Param("code")))
	}}
	all := web.Keep{Params: p.filters(), Mark: func(c *web.Ctx) (string, time.Time, error) { return told(p.Events.MarkAll(c.Context())) }}
	for i := range routes {
		path, keep := routes[i].Path, one
		if slices.Contains(ofAll, path) {
			keep = all
		} else if !slices.Contains(ofEvent, path) {
			continue
		}
		if keep.File = slices.Contains(bare, path); keep.File {
			keep.Params = nil
		}
		routes[i].Keep = &keep
	}
	return routes
}

// filters are the parameters of the calendar's address and the values that an event can have.
func (p *Pages) filters() map[string]func(string) bool {
	countries := p.Catalogue.CountryCodes()
	return map[string]func(string) bool{
		"country":  func(v string) bool { return slices.Contains(countries, v) },
		"type":     func(v string) bool { return slices.Contains(event.Types, event.Type(v)) },
		"language": func(v string) bool { return p.Catalogue.Has(locale.Code(v)) },
	}
}

func told(m event.Mark, err error) (string, time.Time, error) { return m.Sum, m.Until, err }
