package desk

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/project"
	"attesta/app/report"
	"attesta/app/web"
)

// projectsPage chooses whose figures to see.
type projectsPage struct {
	web.Page
	Projects []project.Project
}

// figuresPage is a project's complete figures, each with its rule, and the reports made of them.
type figuresPage struct {
	web.Page
	Project *project.Project
	Doc     report.Document
	Rules   map[string]string
	Reports []reportLine
	CanEdit bool // the project itself
}

// reportLine is a report that was made.
type reportLine struct {
	Code     string
	Audience string // key of the words
	At       time.Time
}

func (p *Pages) allFigures(c *web.Ctx) error {
	list, err := p.Projects.List(c.Context(), c.Actor(), account.ViewFigures)
	if err != nil {
		return err
	}
	if len(list) == 1 {
		return c.Redirect("/desk/figures/" + list[0].Code)
	}
	page := &projectsPage{Page: c.Page(c.T("desk.figures")), Projects: list}
	page.NoIndex, page.Back = true, &web.Crumb{Href: "/desk", Label: c.T("nav.events")}
	return c.Render("desk/figures_list", page)
}

// project returns the project of the address to whoever may see its complete figures.
func (p *Pages) project(c *web.Ctx) (*project.Project, error) {
	x, err := p.Projects.ByCode(c.Context(), c.Actor(), c.Param("project"))
	if err != nil {
		return nil, err
	}
	if !c.Actor().Can(account.ViewFigures, x.Scope()) {
		return nil, fault.New(fault.NotFound, "error.not_found")
	}
	c.About("project", x.ID, 0)
	return x, nil
}

func (p *Pages) figures(c *web.Ctx) error {
	x, err := p.project(c)
	if err != nil {
		return err
	}
	f, err := report.Live(c.Context(), p.DB, c.Actor(), report.Query{ProjectID: x.ID}, report.ForOrganiser)
	if err != nil {
		return err
	}
	made, err := report.List(c.Context(), p.DB.Read(), c.Actor(), x.ID)
	if err != nil {
		return err
	}
	live := report.Frozen{Figures: db.JSON[report.Figures]{V: *f}}
	zone := zoneOf(f)
	page := &figuresPage{Page: c.Page(c.T("desk.figures") + " · " + c.Printer().Text(x.Title)), Project: x, Doc: live.Document(c.Printer(), zone, p.Catalogue.Starred()), Rules: f.Rules(c.Printer()), CanEdit: c.Actor().Can(account.EditProject, x.Scope())}
	page.NoIndex, page.Wide, page.Back = true, true, &web.Crumb{Href: "/desk", Label: c.T("nav.events")}
	page.sort()
	for _, r := range made {
		page.Reports = append(page.Reports, reportLine{Code: r.Code, Audience: "desk.report_for." + string(r.Audience), At: r.AsOf.In(zone)})
	}
	return c.Render("desk/figures_show", page)
}

// zoneOf is the zone in which a project's reports are dated: that of its lead's country.
func zoneOf(f *report.Figures) *time.Location {
	country := ""
	if len(f.Grant.Organisations) > 0 {
		country = f.Grant.Organisations[0].Country
	}
	zone, err := time.LoadLocation(event.ZoneOf(country))
	if err != nil {
		return time.UTC
	}
	return zone
}

// freeze makes a report of the figures as they are now.
func (p *Pages) freeze(c *web.Ctx) error {
	x, err := p.project(c)
	if err != nil {
		return err
	}
	reader := report.Reader(c.Form().Value("for"))
	if reader != report.ForOrganiser && reader != report.ForDonor {
		return fault.New(fault.Invalid, "error.request_wrong")
	}
	if _, err := report.Freeze(c.Context(), p.DB, c.Actor(), report.Query{ProjectID: x.ID}, reader); err != nil {
		return err
	}
	c.Flash(web.Go, "desk.report_made")
	return c.Redirect("/desk/figures/" + x.Code + "#reports")
}

// drawing writes a report in one form.
type drawing func(*locale.Catalogue, report.Document, locale.Code) ([]byte, error)

// written makes a drawing of what writes to a writer.
func written(write func(io.Writer, *locale.Catalogue, report.Document, locale.Code) error) drawing {
	return func(words *locale.Catalogue, doc report.Document, code locale.Code) ([]byte, error) {
		var b bytes.Buffer
		err := write(&b, words, doc, code)
		return b.Bytes(), err
	}
}

// download answers with a report as a file, in the language asked for with ?locale=.
func (p *Pages) download(ext, contentType string, draw drawing) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		x, err := p.project(c)
		if err != nil {
			return err
		}
		r, err := report.ByCode(c.Context(), p.DB.Read(), c.Actor(), c.Param("report"))
		if err != nil {
			return err
		}
		if r.ProjectID != x.ID {
			return fault.New(fault.NotFound, "error.not_found")
		}
		c.About("report", r.ID, 0)
		code := p.language(c)
		doc := r.Document(p.Catalogue.Printer(code), zoneOf(&r.Figures.V), p.Catalogue.Starred())
		if err := doc.Illustrate(c.Context(), p.DB.Read()); err != nil {
			return err
		}
		b, err := draw(p.Catalogue, doc, code)
		if err != nil {
			return err
		}
		return c.Download(x.Code+"-"+r.Code+ext, contentType, b)
	}
}

// sort puts the rows of each breakdown in the order of the reader's alphabet, who stated nothing last.
func (p *figuresPage) sort() {
	compare := p.Compare()
	for _, b := range p.Doc.Breakdowns {
		slices.SortStableFunc(b.Rows, func(x, y report.BreakdownRow) int {
			return cmp.Or(cmp.Compare(unstated(x.Key), unstated(y.Key)), compare(p.Category(b.By, x.Key), p.Category(b.By, y.Key)))
		})
	}
}

func unstated(key string) int {
	if key == "" || key == report.NotStated {
		return 1
	}
	return 0
}

// Category says in words what a row of a breakdown counts.
func (p *figuresPage) Category(by, key string) string {
	switch {
	case unstated(key) == 1:
		return p.T("report.not_stated")
	case by == "country":
		return p.Country(key)
	case by == "gender":
		return p.T("gender." + key)
	}
	return p.T(typeKey(person.InstitutionType(key)))
}
