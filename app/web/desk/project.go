package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/network"
	"attesta/app/project"
	"attesta/app/web"
)

const backToProjects = "/desk/projects"

// projectListPage lists the projects that the actor may change.
type projectListPage struct {
	web.Page
	networkParts
	Lines     []ProjectLine
	CanCreate bool
}

// ProjectLine is one of them.
type ProjectLine struct {
	project.Project
	Name Said
}

// projectPage is the form of a project, new or not.
type projectPage struct {
	worded
	Project       *project.Project // nil for a new one
	Administrator bool
	Months        int
	Donors        []web.Option
	Rows          []int // numbers of the donors' rows
	Leads         []web.Option
	Partners      []web.Option
	Measures      []Measure
	CanCount      bool
}

// Measure is one indicator that can be promised.
type Measure struct{ Name, Label string }

func (p *Pages) projects(c *web.Ctx) error {
	list, err := p.Projects.List(c.Context(), c.Actor(), account.EditProject)
	if err != nil {
		return err
	}
	page := &projectListPage{Page: c.Page(c.T("project.title")), networkParts: p.partsOf(c, backToProjects), CanCreate: c.Actor().Can(account.Administer)}
	page.NoIndex = true
	for _, x := range list {
		page.Lines = append(page.Lines, ProjectLine{x, said(c.Printer(), x.Title)})
	}
	return c.Render("desk/project_list", page)
}

func (p *Pages) newProject(c *web.Ctx) error {
	page := &projectPage{worded: p.worded(c, c.T("project.new"), "", web.Crumb{Href: backToProjects, Label: c.T("project.title")})}
	if c.IsPost() && !rearranged(c) {
		f, err := p.readProject(c, project.Facts{})
		if err == nil {
			_, err = p.Projects.Create(c.Context(), c.Actor(), f)
		}
		if err == nil {
			c.Flash(web.Go, "project.created")
			return c.Redirect(backToProjects)
		}
		if !page.refused(c, err, project.ErrChanged, 0) {
			return err
		}
	} else if !c.IsPost() {
		c.Form().Set("original", string(c.Locale()))
	}
	return p.showProject(c, page, project.Facts{})
}

func (p *Pages) editProject(c *web.Ctx) error {
	now, facts, err := p.Projects.ForEditing(c.Context(), c.Actor(), c.Param("project"))
	if err != nil {
		return err
	}
	page := &projectPage{
		worded:  p.worded(c, c.Printer().Text(now.Title), firstOf(now.Title, c.Locale()), web.Crumb{Href: backToProjects, Label: c.T("project.title")}),
		Project: now,
	}
	switch {
	case !c.IsPost():
		page.fill(c, facts)
	case !rearranged(c):
		f, err := p.readProject(c, facts)
		if err == nil {
			now, err = p.Projects.Update(c.Context(), c.Actor(), now.Code, version(c), f)
		}
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect(backToProjects + "/" + now.Code)
		}
		if !page.refused(c, err, project.ErrChanged, page.Project.Version) {
			return err
		}
	}
	return p.showProject(c, page, facts)
}

// fill puts what is stored into the form.
func (page *projectPage) fill(c *web.Ctx, facts project.Facts) {
	f := c.Form()
	f.Set("original", string(page.Original))
	fillText(f, "title", page.Original, facts.Title)
	f.Set("code", facts.Code)
	f.Set("contract", facts.ContractNumber)
	f.Set("starts_on", facts.StartsOn.String())
	f.Set("ends_on", facts.EndsOn.String())
	f.Set("retention_on", facts.RetentionOn.String())
	for i, x := range facts.Donors {
		n := strconv.Itoa(i + 1)
		f.Set("donor_"+n, strconv.FormatInt(x.DonorID, 10))
		f.Set("share_"+n, shareOf(x.Share, c.Printer().Number(1.5)))
	}
	f.Set("rows", strconv.Itoa(max(len(facts.Donors), 1)))
	f.Set("lead", id(facts.LeadID))
	var partners []string
	for _, o := range facts.Organisations {
		if o != facts.LeadID {
			partners = append(partners, id(o))
		}
	}
	f.Set("partners", partners...)
	for _, x := range facts.Indicators {
		f.Set("target_"+x.Measure, strconv.Itoa(x.Target))
	}
	f.Set("version", strconv.Itoa(page.Project.Version))
}

// shareOf writes per mille as per cent, with the decimal sign that stands in like.
func shareOf(perMille int, like string) string {
	if perMille == 0 {
		return ""
	}
	sign := strings.Trim(like, "0123456789")
	s := strconv.Itoa(perMille / 10)
	if perMille%10 != 0 {
		s += sign + strconv.Itoa(perMille%10)
	}
	return s
}

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// mostRows bounds the rows of donors.
const mostRows = 20

// rows is how many rows of donors the form has.
func rows(f *web.Form) int {
	n, err := strconv.Atoi(f.Value("rows"))
	if err != nil {
		return 1
	}
	return min(max(n, 1), mostRows)
}

// rearranged reports whether the form was sent to change its rows and not to be saved, and changes them: a row more, or
// one that changes places with the row above.
func rearranged(c *web.Ctx) bool {
	f := c.Form()
	if f.Ticked("more") {
		f.Set("rows", strconv.Itoa(min(rows(f)+1, mostRows)))
		return true
	}
	n, err := strconv.Atoi(f.Value("up"))
	if err != nil || n < 2 || n > rows(f) {
		return f.Ticked("up")
	}
	for _, name := range []string{"donor_", "share_"} {
		here, above := fmt.Sprint(name, n), fmt.Sprint(name, n-1)
		a, b := f.Value(above), f.Value(here)
		f.Set(above, b)
		f.Set(here, a)
	}
	return true
}

// readProject reads the form; was is what is stored.
func (p *Pages) readProject(c *web.Ctx, was project.Facts) (project.Facts, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	original := r.original(was.Title.Original, c.Locale())
	f := project.Facts{
		Code: r.Value("code"), Title: r.written("title", original, was.Title), ContractNumber: r.Value("contract"),
		StartsOn: r.day("starts_on"), EndsOn: r.day("ends_on"), RetentionOn: r.day("retention_on"), LeadID: r.id("lead"),
	}
	if !c.Actor().Can(account.Administer) {
		f.Code = was.Code
	}
	if f.Code == "new" {
		r.wrong.Add("code", "event.code_reserved")
	}
	if f.RetentionOn.IsZero() && !f.EndsOn.IsZero() {
		f.RetentionOn = db.NewDay(f.EndsOn.AddDate(0, p.settled(c).Months, 0))
		r.Set("retention_on", f.RetentionOn.String())
	}
	f.Donors = r.donors()
	for _, v := range r.Values("partners") {
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			f.Organisations = append(f.Organisations, n)
		}
	}
	f.Indicators = r.targets()
	if err := p.known(c, r, f, was); err != nil {
		return f, err
	}
	return f, r.with(f.Check())
}

// settled is what the network has settled.
func (p *Pages) settled(c *web.Ctx) network.Settings {
	if p.Network == nil {
		return network.Default()
	}
	return p.Network.Current(c.Context())
}

// known refuses donors and organisations that the form doesn't offer.
func (p *Pages) known(c *web.Ctx, r *reader, f, was project.Facts) error {
	donors, organisations, err := p.offered(c, was)
	if err != nil {
		return err
	}
	for i, x := range f.Donors {
		if !slices.ContainsFunc(donors, func(o project.Donor) bool { return o.ID == x.DonorID }) {
			r.wrong.Add(fmt.Sprint("donor_", i+1), "form.choose")
		}
	}
	there := func(id int64) bool {
		return slices.ContainsFunc(organisations, func(o project.Organisation) bool { return o.ID == id })
	}
	if f.LeadID != 0 && !there(f.LeadID) {
		r.wrong.Add("lead", "form.choose")
	}
	if slices.ContainsFunc(f.Organisations, func(id int64) bool { return !there(id) }) {
		r.wrong.Add("partners", "form.choose")
	}
	return nil
}

// offered are the donors, and the organisations that haven't left or are in the project already.
func (p *Pages) offered(c *web.Ctx, was project.Facts) ([]project.Donor, []project.Organisation, error) {
	donors, err := p.Projects.AllDonors(c.Context(), c.Actor())
	if err != nil {
		return nil, nil, err
	}
	all, err := p.Projects.AllOrganisations(c.Context(), c.Actor())
	if err != nil {
		return nil, nil, err
	}
	return donors, slices.DeleteFunc(all, func(o project.Organisation) bool {
		return o.Closed() && !slices.Contains(was.Organisations, o.ID)
	}), nil
}

// donors reads the rows that name a donor, and closes the gaps between them.
func (r *reader) donors() []project.Funding {
	type row struct{ donor, share string }
	var kept []row
	for i := range rows(r.Form) {
		x := row{r.Value(fmt.Sprint("donor_", i+1)), r.Value(fmt.Sprint("share_", i+1))}
		if x.donor != "" || x.share != "" {
			kept = append(kept, x)
		}
	}
	for i := range rows(r.Form) {
		var x row
		if i < len(kept) {
			x = kept[i]
		}
		r.Set(fmt.Sprint("donor_", i+1), x.donor)
		r.Set(fmt.Sprint("share_", i+1), x.share)
	}
	r.Set("rows", strconv.Itoa(max(len(kept), 1)))
	var list []project.Funding
	for i, x := range kept {
		share, ok := perMille(x.share)
		if !ok {
			r.wrong.Add(fmt.Sprint("share_", i+1), "project.share_wrong")
		}
		donor, err := strconv.ParseInt(x.donor, 10, 64)
		if err != nil {
			r.wrong.Add(fmt.Sprint("donor_", i+1), "form.choose")
		}
		list = append(list, project.Funding{DonorID: donor, Share: share})
	}
	return list
}

// perMille reads a percentage with at most one decimal; nothing is 0.
func perMille(s string) (int, bool) {
	s = strings.TrimSpace(strings.TrimSuffix(strings.ReplaceAll(s, ",", "."), "%"))
	if s == "" {
		return 0, true
	}
	whole, part, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(whole, 10, 16)
	if err != nil || len(part) > 1 {
		return 0, false
	}
	tenth := uint64(0)
	if part != "" {
		if tenth, err = strconv.ParseUint(part, 10, 16); err != nil {
			return 0, false
		}
	}
	return int(10*n + tenth), true //nolint:gosec // at most 655,359
}

// targets reads what is promised.
func (r *reader) targets() []project.Indicator {
	var list []project.Indicator
	for _, m := range project.Measures {
		v := r.Value("target_" + m)
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			r.wrong.Add("target_"+m, "form.number")
			continue
		}
		list = append(list, project.Indicator{Measure: m, Target: n})
	}
	return list
}

// day reads a day; nothing is none.
func (r *reader) day(name string) db.Day {
	s := r.Value(name)
	if s == "" {
		return db.Day{}
	}
	d, err := db.ParseDay(s)
	if err != nil {
		r.wrong.Add(name, "form.date")
	}
	return d
}

// id reads the number of a choice; nothing is 0.
func (r *reader) id(name string) int64 {
	s := r.Value(name)
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil && s != "" {
		r.wrong.Add(name, "form.choose")
	}
	return n
}

func (p *Pages) showProject(c *web.Ctx, page *projectPage, was project.Facts) error {
	donors, organisations, err := p.offered(c, was)
	if err != nil {
		return err
	}
	w := c.Printer()
	for _, o := range donors {
		page.Donors = append(page.Donors, web.Option{Value: id(o.ID), Label: w.Text(o.Name)})
	}
	for _, o := range organisations {
		label := w.Text(o.Name)
		if o.Country != "" {
			label += " (" + w.Country(o.Country) + ")"
		}
		page.Partners = append(page.Partners, web.Option{Value: id(o.ID), Label: label})
	}
	compare := w.Compare()
	for _, list := range [][]web.Option{page.Donors, page.Partners} {
		slices.SortStableFunc(list, func(a, b web.Option) int { return compare(a.Label, b.Label) })
	}
	page.Leads = page.Partners
	for i := range rows(c.Form()) {
		page.Rows = append(page.Rows, i+1)
	}
	for _, m := range project.Measures {
		page.Measures = append(page.Measures, Measure{m, c.T("report.figure." + m)})
	}
	page.Administrator, page.Months = c.Actor().Can(account.Administer), p.settled(c).Months
	page.CanCount = page.Project != nil && c.Actor().Can(account.ViewFigures, page.Project.Scope())
	return c.Render("desk/project_form", page)
}
