// Package donor holds the pages for those who fund: the figures of a grant, each with its rule, and the report to take
// away. No page of it holds a name, and every small figure is suppressed, whoever looks.
package donor

import (
	"context"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/report"
	"attesta/app/web"
)

// Pages are the donor's pages; every field is needed.
type Pages struct {
	DB        *db.DB
	Projects  *project.Desk
	Catalogue *locale.Catalogue
}

// documents is how long making a document may take.
const documents = 60 * time.Second

// Routes lists the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	view := web.Permission(account.ViewGrant)
	routes := []web.Route{
		web.GET("/donor", view, p.grants),
		web.GET("/donor/:project", view, p.grant),
		web.GET("/donor/:project/report.pdf", view, p.pdf),
		web.GET("/donor/:project/report.xlsx", view, p.xlsx),
		web.GET("/donor/:project/report.csv", view, p.csv),
	}
	for i := range routes[2:] {
		routes[2+i].Deadline = documents
	}
	return routes
}

// grantsPage lists the grants that the reader may see.
type grantsPage struct {
	web.Page
	Grants []grantRow
}

type grantRow struct {
	Code, Contract string
	Title          said
	From, To       time.Time // both zero if nobody has said
}

// said is a text in the reader's language, or in another one that is named.
type said struct{ Text, Lang string }

func inWords(p *locale.Printer, t locale.Text) said {
	s, in := t.In(p.Code())
	if in == p.Code() {
		in = ""
	}
	return said{s, string(in)}
}

func (p *Pages) grants(c *web.Ctx) error {
	list, err := p.Projects.List(c.Context(), c.Actor(), account.ViewGrant)
	if err != nil {
		return err
	}
	page := &grantsPage{Page: c.Page(c.T("donor.title"))}
	for _, g := range list {
		page.Grants = append(page.Grants, grantRow{g.Code, g.ContractNumber, inWords(c.Printer(), g.Title), g.StartsOn.Time, g.EndsOn.Time})
	}
	return c.Render("donor/grants", page)
}

// project returns the grant in the address to whoever may see its figures; to all others there is none.
func (p *Pages) project(c *web.Ctx) (*project.Project, error) {
	g, err := p.Projects.ByCode(c.Context(), c.Actor(), c.Param("project"))
	if err != nil {
		return nil, err
	}
	if !c.Actor().Can(account.ViewGrant, g.Scope()) {
		return nil, db.ErrNotFound
	}
	c.About("project", g.ID, 0)
	return g, nil
}

// live returns the figures of now as a donor may see them, and the report that they would make.
func (p *Pages) live(ctx context.Context, words *locale.Printer, actor account.Actor, g *project.Project) (*report.Figures, report.Document, error) {
	figures, err := report.Live(ctx, p.DB, actor, report.Query{ProjectID: g.ID}, report.ForDonor)
	if err != nil {
		return nil, report.Document{}, err
	}
	unkept := &report.Frozen{Figures: db.JSON[report.Figures]{V: *figures}}
	return figures, unkept.Document(words, zone(figures), p.Catalogue.Starred()), nil
}

// zone is that of the organisation which leads: its office closes the books.
func zone(f *report.Figures) *time.Location {
	country := ""
	if len(f.Grant.Organisations) > 0 {
		country = f.Grant.Organisations[0].Country
	}
	l, err := time.LoadLocation(event.ZoneOf(country))
	if err != nil {
		return time.UTC
	}
	return l
}
