package desk

import (
	"slices"
	"strconv"

	"attesta/app/project"
	"attesta/app/web"
)

// organisationsPage lists the organisations of the network.
type organisationsPage struct {
	web.Page
	networkParts
	Lines []OrganisationLine
}

// OrganisationLine is one of them.
type OrganisationLine struct {
	project.Organisation
	Name  Said
	Place string
}

// Tone is the colour and shape of its status.
func (l OrganisationLine) Tone() web.Tone {
	if l.Closed() {
		return web.Calm
	}
	return web.Go
}

// Word is the key of its status.
func (l OrganisationLine) Word() string {
	if l.Closed() {
		return "organisation.closed"
	}
	return "organisation.active"
}

// organisationPage is the form of one, new or not.
type organisationPage struct {
	worded
	Organisation *project.Organisation // nil for a new one
	Nations      []web.Option
	Cities       []string
}

func (p *Pages) organisations(c *web.Ctx) error {
	list, err := p.Projects.AllOrganisations(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	page := &organisationsPage{Page: c.Page(c.T("organisation.title")), networkParts: p.partsOf(c, backToOrganisations)}
	page.NoIndex = true
	w := c.Printer()
	for _, o := range list {
		l := OrganisationLine{Organisation: o, Name: said(w, o.Name)}
		if o.Country != "" {
			l.Place = w.Country(o.Country)
		}
		if o.City != "" {
			l.Place = w.City(o.City) + ", " + l.Place
		}
		page.Lines = append(page.Lines, l)
	}
	compare := w.Compare()
	slices.SortStableFunc(page.Lines, func(a, b OrganisationLine) int { return compare(a.Name.Text, b.Name.Text) })
	return c.Render("desk/organisation_list", page)
}

const backToOrganisations = "/desk/organisations"

func (p *Pages) newOrganisation(c *web.Ctx) error {
	page := &organisationPage{worded: p.worded(c, c.T("organisation.new"), "", web.Crumb{Href: backToOrganisations, Label: c.T("organisation.title")})}
	if c.IsPost() {
		o, err := p.readOrganisation(c, project.Organisation{})
		if err == nil {
			_, err = p.Projects.CreateOrganisation(c.Context(), c.Actor(), o)
		}
		if err == nil {
			c.Flash(web.Go, "organisation.created")
			return c.Redirect(backToOrganisations)
		}
		if !page.refused(c, err, project.ErrChanged, 0) {
			return err
		}
	} else {
		c.Form().Set("original", string(c.Locale()))
	}
	return page.show(c)
}

func (p *Pages) organisation(c *web.Ctx) error {
	now, err := p.Projects.OrganisationByCode(c.Context(), c.Actor(), c.Param("organisation"))
	if err != nil {
		return err
	}
	original := firstOf(now.Name, c.Locale())
	page := &organisationPage{
		worded:       p.worded(c, c.Printer().Text(now.Name), original, web.Crumb{Href: backToOrganisations, Label: c.T("organisation.title")}),
		Organisation: now,
	}
	if c.IsPost() {
		o, err := p.readOrganisation(c, *now)
		if err == nil {
			_, err = p.Projects.UpdateOrganisation(c.Context(), c.Actor(), now.Code, version(c), o)
		}
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect(backToOrganisations)
		}
		if !page.refused(c, err, project.ErrChanged, now.Version) {
			return err
		}
	} else {
		f := c.Form()
		f.Set("original", string(original))
		fillText(f, "name", original, now.Name)
		f.Set("country", now.Country)
		f.Set("city", now.City)
		f.Set("website", now.Website)
		f.Set("version", strconv.Itoa(now.Version))
	}
	return page.show(c)
}

func (page *organisationPage) show(c *web.Ctx) error {
	var keeps []string
	if page.Organisation != nil {
		keeps = append(keeps, page.Organisation.Country)
	}
	page.Nations = c.Countries(keeps...)
	for _, n := range page.Nations {
		page.Cities = append(page.Cities, c.Printer().Cities(n.Value)...)
	}
	return c.Render("desk/organisation_form", page)
}

// readOrganisation reads the form; was is what is stored.
func (p *Pages) readOrganisation(c *web.Ctx, was project.Organisation) (project.Organisation, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	original := r.original(was.Name.Original, c.Locale())
	o := project.Organisation{Code: was.Code, Name: r.written("name", original, was.Name), Country: r.Value("country"), City: r.Value("city"), Website: r.Value("website")}
	if !c.Welcomes(o.Country) && o.Country != was.Country {
		o.Country = "" // none that the form offers
	}
	if o.Code == "" {
		o.Code = r.code(o.Name.By[original])
	}
	return o, r.with(o.Checked())
}

// code reads a short name, or makes one from a name.
func (r *reader) code(name string) string {
	code := r.Value("code")
	if code == "" {
		code = codeOf(name)
		r.Set("code", code)
	}
	if code == "new" {
		r.wrong.Add("code", "event.code_reserved")
	}
	return code
}

func (p *Pages) closeOrganisation(c *web.Ctx) error {
	if err := p.Projects.CloseOrganisation(c.Context(), c.Actor(), c.Param("organisation")); err != nil {
		return err
	}
	c.FlashNotice(web.Notice{
		Tone: web.Go, Key: "organisation.was_closed", Undo: backToOrganisations + "/" + c.Param("organisation") + "/reopen", UndoKey: "organisation.reopen",
	})
	return c.Redirect(backToOrganisations)
}

func (p *Pages) reopenOrganisation(c *web.Ctx) error {
	if err := p.Projects.ReopenOrganisation(c.Context(), c.Actor(), c.Param("organisation")); err != nil {
		return err
	}
	c.Flash(web.Go, "organisation.was_reopened")
	return c.Redirect(backToOrganisations)
}
