package desk

import (
	"slices"
	"time"

	"attesta/app/account"
	"attesta/app/mail"
	"attesta/app/person"
	"attesta/app/project"
	"attesta/app/report"
	"attesta/app/web"
)

const (
	homePeople   = 6 // colleagues on the home page
	homeProjects = 4 // projects with their progress
)

// GrantLine is a project on the home page: how far it is, or until when it may be looked at.
type GrantLine struct {
	Project project.Project
	Title   Said
	Targets []TargetLine
	Until   time.Time // the last day of an auditor
}

// Href leads to the project's figures.
func (l GrantLine) Href() string { return "/desk/figures/" + l.Project.Code }

// TargetLine is an indicator and how far it is.
type TargetLine struct {
	Label     string
	Value, Of string
	Fill      int // per cent of the bar
	Short     bool
}

// NumberLine is how many there are of something, and where they are listed.
type NumberLine struct {
	Key, Href string
	N         int
}

// byRole fills in what the role of whoever looks wants beside the events.
func (p *Pages) byRole(c *web.Ctx, page *homePage) error {
	switch c.Actor().Role {
	case account.Administrator:
		return p.homeOfNetwork(c, page)
	case account.Coordinator:
		return p.homeOfProjects(c, page)
	case account.Auditor:
		return p.homeOfAuditor(c, page)
	}
	return p.homeOfOrganisation(c, page)
}

// homeOfOrganisation names the one organisation of an organiser and who else works there.
func (p *Pages) homeOfOrganisation(c *web.Ctx, page *homePage) error {
	ids, everywhere := c.Actor().IDs(account.ViewEvent, account.OrganisationScope)
	if everywhere || len(ids) != 1 {
		return nil
	}
	o, err := project.OrganisationByID(c.Context(), p.DB.Read(), ids[0])
	if err != nil {
		return err
	}
	page.Organisation = said(c.Printer(), o.Name)
	if p.Accounts == nil || !c.Actor().CanSomewhere(account.ManageMembers) {
		return nil
	}
	place, err := p.Accounts.Place(c.Context(), c.Actor(), account.OrganisationScope, o.Code)
	if err != nil {
		return err
	}
	list, err := p.Accounts.Members(c.Context(), c.Actor(), place)
	if err != nil {
		return err
	}
	page.PeopleHref = memberHref(place)
	list = slices.DeleteFunc(list, func(m account.Member) bool { return m.Self || m.Ended || m.Scope != place.Scope })
	compare := c.Printer().Compare()
	slices.SortStableFunc(list, func(x, y account.Member) int { return compare(x.Name, y.Name) })
	page.MorePeople = max(0, len(list)-homePeople)
	for _, m := range list[:min(len(list), homePeople)] {
		page.People = append(page.People, MemberLine{Member: m, Came: m.CameAt.Time})
	}
	return nil
}

// homeOfProjects shows how far the promises of a coordinator's projects are.
func (p *Pages) homeOfProjects(c *web.Ctx, page *homePage) error {
	list, err := p.Projects.List(c.Context(), c.Actor(), account.ViewFigures)
	if err != nil {
		return err
	}
	for _, x := range list[:min(len(list), homeProjects)] {
		f, err := report.Live(c.Context(), p.DB, c.Actor(), report.Query{ProjectID: x.ID}, report.ForOrganiser)
		if err != nil {
			return err
		}
		g := GrantLine{Project: x, Title: said(c.Printer(), x.Title)}
		for _, i := range f.Indicators {
			g.Targets = append(g.Targets, target(c, i))
		}
		page.Grants = append(page.Grants, g)
	}
	return nil
}

func target(c *web.Ctx, i report.Indicator) TargetLine {
	p := c.Printer()
	in := func(n int) string { return p.Number(n) }
	if i.Key == report.WomenShare {
		in = func(n int) string { return p.Percent(float64(n)/100, 0) }
	}
	return TargetLine{
		Label: c.T("report.figure." + i.Key), Value: in(i.Value.N), Of: in(i.Target), Fill: min(100, i.Percent()), Short: i.Value.N < i.Target,
	}
}

// homeOfAuditor says what an auditor may look at, and until when.
func (p *Pages) homeOfAuditor(c *web.Ctx, page *homePage) error {
	page.Watching = true
	list, err := p.Projects.List(c.Context(), c.Actor(), account.ViewFigures)
	if err != nil {
		return err
	}
	until := map[int64]time.Time{}
	if p.Accounts != nil {
		held, err := p.Accounts.RolesOf(c.Context(), c.Actor(), c.Actor().UserID)
		if err != nil {
			return err
		}
		for _, r := range held {
			if r.Role == account.Auditor {
				until[r.Place.Scope.ID] = r.Until.Time
			}
		}
	}
	for _, x := range list {
		page.Grants = append(page.Grants, GrantLine{Project: x, Title: said(c.Printer(), x.Title), Until: until[x.ID]})
	}
	return nil
}

// homeOfNetwork counts what there is, and says whether everything runs.
func (p *Pages) homeOfNetwork(c *web.Ctx, page *homePage) error {
	page.Organisation = Said{Text: page.Brand()}
	if p.Accounts == nil {
		return nil
	}
	places, err := p.Accounts.Places(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	of := func(kind account.ScopeKind) (n int) {
		for _, x := range places {
			if x.Scope.Kind == kind {
				n++
			}
		}
		return n
	}
	users, err := p.Accounts.Count(c.Context())
	if err != nil {
		return err
	}
	_, institutions, _, err := p.Persons.Institutions(c.Context(), c.Actor(), person.InstitutionSearch{})
	if err != nil {
		return err
	}
	page.Numbers = []NumberLine{
		{"desk.network_n.organisations", "/desk/organisations", of(account.OrganisationScope)}, {"desk.network_n.projects", "/desk/projects", of(account.ProjectScope)},
		{"desk.network_n.users", "/desk/users", users}, {"desk.network_n.institutions", "/desk/institutions", institutions},
	}
	now := p.Clock()
	page.HeldUp, page.Undelivered, err = mail.Health(c.Context(), p.DB.Read(), now.Add(-time.Hour), now.AddDate(0, 0, -7))
	return err
}
