package donor

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/report"
	"attesta/app/web"
)

// grantPage is one grant with its figures.
type grantPage struct {
	web.Page
	Code, Contract string
	Grant          said
	From, To       time.Time // of the grant; both zero if nobody has said
	Lead           string
	Partners       string
	AsOf           time.Time
	Threshold      int
	Main           []figure // the four that matter most
	All            []figure // all, with how each is counted
	Indicators     []bullet
	Countries      breakdown
	Map            *region // nil if nothing of it can be shown
	Others         []breakdown
	Events         []eventRow
	Sums           sums
	Hidden         bool // some figure isn't shown
	Tongues        []tongue
}

// figure is one of the main figures. Value is as it is printed.
type figure struct {
	Key, Label, Value, Part, Rule string
}

// sums are the feet of the table of events.
type sums struct{ Listed, Came, Completed, HalfDays string }

// eventRow is one event.
type eventRow struct {
	Code, Type, Place                 string
	Title                             said
	Starts, Ends                      time.Time
	Listed, Came, Completed, HalfDays string
}

func (p *Pages) grant(c *web.Ctx) error {
	g, err := p.project(c)
	if err != nil {
		return err
	}
	figures, doc, err := p.live(c.Context(), c.Printer(), c.Actor(), g)
	if err != nil {
		return err
	}
	title := inWords(c.Printer(), g.Title)
	page := &grantPage{
		Page: c.Page(title.Text), Code: g.Code, Contract: g.ContractNumber, Grant: title, From: g.StartsOn.Time, To: g.EndsOn.Time,
		AsOf: doc.AsOf, Threshold: doc.Threshold, Lead: doc.PreparedBy,
	}
	page.Back = &web.Crumb{Href: "/donor", Label: c.T("donor.title")}
	page.Visibility = strips(c.Printer(), doc.Donors)
	page.Organiser = doc.PreparedBy
	page.Partners = partners(c.Printer(), figures.Grant)
	page.figures(doc)
	page.Indicators = page.bullets(doc.Indicators)
	for _, b := range doc.Breakdowns {
		t := page.breakdown(b)
		if b.By != "country" {
			page.Others = append(page.Others, t)
			continue
		}
		page.Countries = t
		if !b.Withheld {
			page.Map = page.region(b)
		}
	}
	page.events(doc.Events)
	for _, code := range p.Catalogue.Locales() {
		page.Tongues = append(page.Tongues, tongue{string(code), p.Catalogue.Printer(code).Lang(), page.Name(code)})
	}
	return c.Render("donor/grant", page)
}

// partners names who carries the grant out besides the lead.
func partners(p *locale.Printer, g report.Grant) string {
	if len(g.Organisations) < 2 {
		return ""
	}
	var names []string
	for _, o := range g.Organisations[1:] {
		names = append(names, p.Text(o.Name))
	}
	return strings.Join(names, ", ")
}

// count is a number as it is printed, or the mark in its place.
func (p *grantPage) count(c report.Count) string {
	switch c.Hidden {
	case report.Few:
		p.Hidden = true
		return p.Few()
	case report.Withheld:
		p.Hidden = true
		return "w"
	}
	return p.Number(c.N)
}

// large are the figures at the top, in their order.
var large = []string{report.UniquePersons, report.Attendances, report.Events, "completed"}

func (p *grantPage) figures(doc report.Document) {
	share := p.Percent(float64(doc.Share)/100, 0)
	values := map[string]string{}
	for _, f := range doc.Figures {
		x := figure{Key: f.Key, Label: p.T("report.figure." + f.Key), Value: p.count(f.Value), Rule: p.T("report.rule."+f.Key, "Share", share)}
		if f.Of > 0 && f.Value.Hidden == report.Shown {
			x.Part = p.T("donor.of", "N", p.Number(f.Value.N), "M", p.Number(f.Of))
			if f.Key == "completed" {
				x.Value = p.Percent(float64(f.Value.N)/float64(f.Of), 0)
			}
		}
		values[f.Key] = p.count(f.Value)
		p.All = append(p.All, x)
		if slices.Contains(large, f.Key) {
			p.Main = append(p.Main, x)
		}
	}
	slices.SortFunc(p.Main, func(a, b figure) int { return cmp.Compare(slices.Index(large, a.Key), slices.Index(large, b.Key)) })
	p.Sums = sums{values["listed"], values[report.Attendances], values["completed"], values["half_day_attendances"]}
}

func (p *grantPage) events(list []report.EventRow) {
	for _, e := range list {
		place := "" // of a quiet event
		if e.Country != "" {
			place = p.Country(e.Country)
		}
		if e.City != "" {
			place = p.City(e.City) + ", " + place
		}
		p.Events = append(p.Events, eventRow{
			Code: e.Code, Type: p.T("event.type." + e.Type), Place: place, Title: inWords(p.Printer, e.Title), Starts: e.Starts, Ends: e.Ends,
			Listed: p.count(e.Listed), Came: p.count(e.Came), Completed: p.count(e.Completed), HalfDays: p.count(e.HalfDays),
		})
	}
}

// strips are the donors' official lines, as each page of the grant must show them.
func strips(p *locale.Printer, donors []report.Donor) []*web.Visibility {
	var all []*web.Visibility
	for _, d := range donors {
		if v := web.Funded(p, d.Funder(), project.Path(d.Logo)); v.EU || v.Strong+v.Text != "" {
			all = append(all, v)
		}
	}
	return all
}

// Few is the mark of a figure that is too small to be shown.
func (p *grantPage) Few() string { return "<" + strconv.Itoa(p.Threshold) }

// tabled is a breakdown with the words around it.
type tabled struct {
	*grantPage
	Of breakdown
}

// Table puts a breakdown beside the words of the page.
func (p *grantPage) Table(b breakdown) tabled { return tabled{p, b} }

// tongue is a language in which the report can be had.
type tongue struct{ Code, Lang, Name string }
