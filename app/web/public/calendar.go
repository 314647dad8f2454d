package public

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"attesta/app/event"
	"attesta/app/web"
)

// listed are the events of the public list as anyone may know them, the earliest first.
func (p *Pages) listed(c *web.Ctx) ([]event.Event, error) {
	list, err := p.Events.Calendar(c.Context())
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i] = *list[i].Told(false)
	}
	return list, nil
}

type calendarPage struct {
	web.Page
	Facets   []facet
	Filtered bool
	Upcoming []year
	Past     []year
	All      string // the calendar without a filter
	Feed     string // the same list for news readers
	File     string // and for calendars
}

// year are the events that begin in it.
type year struct {
	Label  string
	Events []notice
}

// facet is one row of chips.
type facet struct {
	Label string
	Chips []chip
}

type chip struct {
	Label, Href string
	N           int
	Current     bool
}

func (p *Pages) calendar(c *web.Ctx) error {
	list, err := p.listed(c)
	if err != nil {
		return err
	}
	page := &calendarPage{Page: c.Page(c.T("public.calendar_title")), All: c.Path()}
	page.Description = c.T("public.calendar_lead")
	wanted := readFilter(c)
	page.Filtered = wanted != filter{}
	page.NoIndex = page.Filtered
	page.Feed, page.File = wanted.address(c.Path()+".rss"), wanted.address(c.Path()+".ics")
	follow(c, &page.Page)
	if page.Visibility, err = p.donorsOfAll(c, list); err != nil {
		return err
	}
	page.Facets = facets(c, list, wanted)
	for i := range list {
		if wanted.takes(&list[i], "") && !tell(c, &list[i]).Past {
			page.Upcoming = enter(c, page.Upcoming, &list[i])
		}
	}
	for i := len(list) - 1; i >= 0; i-- {
		if wanted.takes(&list[i], "") && tell(c, &list[i]).Past {
			page.Past = enter(c, page.Past, &list[i])
		}
	}
	return c.Render("public/events", page)
}

// enter sets an event under its year.
func enter(c *web.Ctx, all []year, e *event.Event) []year {
	label := strconv.Itoa(e.StartsOn.Year())
	if n := len(all); n == 0 || all[n-1].Label != label {
		all = append(all, year{Label: label})
	}
	m := &all[len(all)-1]
	m.Events = append(m.Events, tell(c, e))
	return all
}

// follow tells programs where the calendar can be followed, and others what a link to it shows.
func follow(c *web.Ctx, page *web.Page) {
	page.Feeds = []web.Feed{{Type: rssType, Title: page.Brand() + ": " + c.T("public.calendar_title"), Href: "/" + string(c.Locale()) + "/events.rss"}}
	page.Preview = &web.Preview{Type: "website", Image: "/" + string(c.Locale()) + "/card.png", Alt: page.Brand()}
}

// filter is what the address narrows the calendar to.
type filter struct{ Country, Type, Language string }

func readFilter(c *web.Ctx) filter {
	return filter{Country: c.Query("country"), Type: c.Query("type"), Language: c.Query("language")}
}

func (f *filter) field(name string) *string {
	return map[string]*string{"country": &f.Country, "type": &f.Type, "language": &f.Language}[name]
}

// takes reports whether an event passes, leaving one of the facets aside.
func (f filter) takes(e *event.Event, aside string) bool {
	for _, name := range []string{"country", "type", "language"} {
		want := *f.field(name)
		if name != aside && want != "" && !slices.Contains(valuesOf(e, name), want) {
			return false
		}
	}
	return true
}

func valuesOf(e *event.Event, name string) []string {
	switch name {
	case "country":
		if e.Country == "" { // of a quiet event nobody is told
			return nil
		}
		return []string{e.Country}
	case "type":
		return []string{string(e.Type)}
	}
	var all []string
	for _, code := range e.Languages.V {
		all = append(all, string(code))
	}
	return all
}

// address is the calendar narrowed to f.
func (f filter) address(path string) string {
	q := url.Values{}
	for _, name := range []string{"country", "type", "language"} {
		if v := *f.field(name); v != "" {
			q.Set(name, v)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// facets makes a chip for each value that the listed events have. A chip counts what it would show beside the other
// facets; the chosen one, pressed again, lets go.
func facets(c *web.Ctx, list []event.Event, wanted filter) []facet {
	label := map[string]func(string) string{
		"country":  c.Printer().Country,
		"type":     func(v string) string { return c.T("event.type." + v) },
		"language": func(v string) string { return c.T("language." + v) },
	}
	var all []facet
	for _, name := range []string{"country", "type", "language"} {
		counts := map[string]int{}
		for i := range list {
			for _, v := range valuesOf(&list[i], name) {
				if wanted.takes(&list[i], name) {
					counts[v]++
				} else {
					counts[v] += 0
				}
			}
		}
		if len(counts) < 2 && *wanted.field(name) == "" {
			continue
		}
		f := facet{Label: c.T("public.by_" + name)}
		for v, n := range counts {
			next, chosen := wanted, *wanted.field(name) == v
			if *next.field(name) = v; chosen {
				*next.field(name) = ""
			}
			if n > 0 || chosen {
				f.Chips = append(f.Chips, chip{Label: label[name](v), Href: next.address(c.Path()), N: n, Current: chosen})
			}
		}
		compare := c.Printer().Compare()
		slices.SortFunc(f.Chips, func(a, b chip) int {
			if d := compare(a.Label, b.Label); d != 0 {
				return d
			}
			return strings.Compare(a.Href, b.Href)
		})
		if len(f.Chips) > 0 {
			all = append(all, f)
		}
	}
	return all
}
