package desk

import (
	"slices"
	"strconv"

	"attesta/app/account"
	"attesta/app/locale"
	"attesta/app/network"
	"attesta/app/web"
)

// structureRoutes are the addresses of the network's settings, its organisations, donors and projects.
func (p *Pages) structureRoutes() []web.Route {
	administer, edit := web.Permission(account.Administer), web.Permission(account.EditProject)
	const (
		organisations = "/desk/organisations"
		donors        = "/desk/donors"
		projects      = "/desk/projects"
	)
	logo := web.POST(donors+"/:donor/logo", administer, p.uploadLogo)
	logo.Body = maxLogoForm
	routes := []web.Route{
		web.GET(organisations, administer, p.organisations),
		web.GET(organisations+"/new", administer, p.newOrganisation),
		web.POST(organisations+"/new", administer, p.newOrganisation),
		web.GET(organisations+"/:organisation", administer, p.organisation),
		web.POST(organisations+"/:organisation", administer, p.organisation),
		web.POST(organisations+"/:organisation/close", administer, p.closeOrganisation),
		web.POST(organisations+"/:organisation/reopen", administer, p.reopenOrganisation),
		web.GET(donors, administer, p.donors),
		web.GET(donors+"/new", administer, p.newDonor),
		web.POST(donors+"/new", administer, p.newDonor),
		web.GET(donors+"/:donor", administer, p.donor),
		web.POST(donors+"/:donor", administer, p.donor),
		logo,
		web.POST(donors+"/:donor/logo/remove", administer, p.removeLogo),
		web.GET(projects, edit, p.projects),
		web.GET(projects+"/new", administer, p.newProject),
		web.POST(projects+"/new", administer, p.newProject),
		web.GET(projects+"/:project", edit, p.editProject),
		web.POST(projects+"/:project", edit, p.editProject),
		web.GET("/logos/:digest.png", web.Anyone, p.logo),
	}
	if p.Network == nil {
		return routes
	}
	return append(routes, web.GET("/desk/network", administer, p.network), web.POST("/desk/network", administer, p.network))
}

// networkPage is the form of what the installation settles.
type networkPage struct {
	worded
	networkParts
	Languages []web.Option
	Own       []web.Option // countries of the network
	More      []web.Option // further ones
	Roles     []web.Option // that can need a second factor; none where factors aren't kept
}

func (p *Pages) network(c *web.Ctx) error {
	now := p.Network.Current(c.Context())
	page := &networkPage{worded: p.worded(c, c.T("network.title"), firstOf(now.Name, c.Locale()), web.Crumb{}), networkParts: p.partsOf(c, "/desk/network")}
	page.Back = nil
	if c.IsPost() {
		err := p.settle(c, now)
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect("/desk/network")
		}
		now = p.Network.Current(c.Context())
		if !page.refused(c, err, network.ErrChanged, now.Version) {
			return err
		}
	} else if err := p.fillNetwork(c, now); err != nil {
		return err
	}
	page.choices(c, p, now)
	return c.Render("desk/network_form", page)
}

// settle reads the form and settles what it says.
func (p *Pages) settle(c *web.Ctx, now network.Settings) error {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	original := r.original(firstOf(now.Name, ""), c.Locale())
	s := network.Settings{
		Name: r.written("name", original, now.Name), Contact: r.Value("contact"), Languages: []locale.Code{}, Countries: r.Values("countries"),
		Abroad: r.Ticked("abroad"), Asterisk: r.Ticked("asterisk"), Below: r.number("below"), Months: r.number("months"),
	}
	for _, v := range r.Values("languages") {
		s.Languages = append(s.Languages, locale.Code(v))
	}
	if err := r.with(s.Check(p.Catalogue)); err != nil {
		return err
	}
	if _, err := p.Network.Update(c.Context(), c.Actor(), s, version(c)); err != nil {
		return err
	}
	return p.requireFactors(c)
}

// requireFactors keeps which roles need a second factor, where that has changed.
func (p *Pages) requireFactors(c *web.Ctx) error {
	if p.Accounts == nil {
		return nil
	}
	was, err := p.Accounts.RequiredFactors(c.Context())
	if err != nil {
		return err
	}
	var roles []account.Role
	for _, rule := range account.Rules {
		if !rule.ByLink && c.Form().Has("second_factor", string(rule.Role)) {
			roles = append(roles, rule.Role)
		}
	}
	if slices.Equal(was, roles) {
		return nil
	}
	return p.Accounts.RequireFactor(c.Context(), c.Actor(), roles)
}

func (p *Pages) fillNetwork(c *web.Ctx, s network.Settings) error {
	f := c.Form()
	original := firstOf(s.Name, c.Locale())
	f.Set("original", string(original))
	fillText(f, "name", original, s.Name)
	f.Set("contact", s.Contact)
	var languages []string
	for _, code := range p.Catalogue.Locales() {
		languages = append(languages, string(code))
	}
	f.Set("languages", languages...)
	f.Set("countries", s.Countries...)
	for name, on := range map[string]bool{"abroad": s.Abroad, "asterisk": s.Asterisk} {
		if on {
			f.Set(name, "yes")
		}
	}
	f.Set("below", strconv.Itoa(s.Below))
	f.Set("months", strconv.Itoa(s.Months))
	f.Set("version", strconv.Itoa(s.Version))
	if p.Accounts == nil {
		return nil
	}
	roles, err := p.Accounts.RequiredFactors(c.Context())
	var names []string
	for _, r := range roles {
		names = append(names, string(r))
	}
	f.Set("second_factor", names...)
	return err
}

// choices are the boxes of the form: the languages, the countries of the network and the others, the roles.
func (page *networkPage) choices(c *web.Ctx, p *Pages, now network.Settings) {
	w := c.Printer()
	for _, code := range p.Catalogue.All() {
		page.Languages = append(page.Languages, web.Option{Value: string(code), Label: c.T("language." + string(code))})
	}
	for _, x := range w.Countries() {
		o := web.Option{Value: x.Value, Label: x.Label}
		if slices.Contains(now.Countries, x.Value) || slices.Contains(network.Default().Countries, x.Value) {
			page.Own = append(page.Own, o)
		} else {
			page.More = append(page.More, o)
		}
	}
	if p.Accounts == nil {
		return
	}
	for _, rule := range account.Rules {
		if !rule.ByLink {
			page.Roles = append(page.Roles, web.Option{Value: string(rule.Role), Label: c.T("role." + string(rule.Role))})
		}
	}
}
