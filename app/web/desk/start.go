package desk

import (
	"cmp"
	"strings"

	"attesta/app/account"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/web"
)

// startPath is where an empty installation gets its first organisation and project, in one form.
const startPath = "/desk/start"

// startPage asks what has to be known before the first event.
type startPage struct {
	worded
	Nations []web.Option
	Cities  []string
}

// start makes the first organisation and project, and goes on to the first event. Once there is a project the forms of
// organisations and projects do that.
func (p *Pages) start(c *web.Ctx) error {
	if empty, err := p.isEmpty(c); err != nil {
		return err
	} else if !empty {
		return c.Redirect("/desk/projects/new")
	}
	page := &startPage{worded: p.worded(c, c.T("start.title"), "", web.Crumb{Href: "/desk", Label: c.T("nav.events")})}
	if c.IsPost() {
		o, donors, f, err := p.readStart(c)
		if err == nil {
			_, err = p.Projects.Begin(c.Context(), c.Actor(), o, donors, f)
		}
		if err == nil {
			c.Flash(web.Go, "start.done")
			return c.Redirect("/desk/events/new")
		}
		if !c.Form().Refused(err) {
			return err
		}
	} else {
		c.Form().Set("original", string(c.Locale()))
	}
	page.Nations = c.Countries()
	for _, n := range page.Nations {
		page.Cities = append(page.Cities, c.Printer().Cities(n.Value)...)
	}
	return c.Render("desk/start", page)
}

// isEmpty reports whether whoever keeps the installation has no project yet.
func (p *Pages) isEmpty(c *web.Ctx) (bool, error) {
	if !c.Actor().Can(account.Administer) {
		return false, nil
	}
	list, err := p.Projects.List(c.Context(), c.Actor(), account.EditEvent)
	return err == nil && len(list) == 0, err
}

// readStart reads the form. What is wrong with the parts stands in the order of the form.
func (p *Pages) readStart(c *web.Ctx) (project.Organisation, []project.Donor, project.Facts, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	original := r.original("", c.Locale())
	o := project.Organisation{Name: r.written("name", original, locale.Text{}), Country: r.Value("country"), City: r.Value("city")}
	if !c.Welcomes(o.Country) {
		o.Country = ""
	}
	o.Code = cmp.Or(codeOf(o.Name.By[original]), "organisation")
	f := project.Facts{Title: r.written("title", original, locale.Text{}), ContractNumber: locale.Clean(r.Value("contract"))}
	f.Code = cmp.Or(strings.ToUpper(codeOf(f.Title.By[original])), "PROJECT")
	var donors []project.Donor
	if r.Ticked("eu") {
		donors = append(donors, project.NewDonor("eu", "European Union"))
	}
	if name := locale.Clean(r.Value("donor")); name != "" {
		donors = append(donors, project.NewDonor(cmp.Or(codeOf(name), "donor"), name))
	}
	return o, donors, f, r.wrong.Err()
}
