package desk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/web"
)

// memberRoutes are the addresses of who may do what, and of the users.
func (p *Pages) memberRoutes() []web.Route {
	manage, administer, project := web.Permission(account.ManageMembers), web.Permission(account.Administer), web.Permission(account.EditProject)
	const user = "/desk/users/:user"
	return []web.Route{
		web.GET("/desk/members", manage, p.memberPlaces),
		web.GET("/desk/members/network", administer, p.members(account.Installation, "")),
		web.POST("/desk/members/network", administer, p.members(account.Installation, "")),
		web.GET("/desk/members/project/:project", project, p.members(account.ProjectScope, "project")),
		web.POST("/desk/members/project/:project", project, p.members(account.ProjectScope, "project")),
		web.GET("/desk/members/organisation/:organisation", manage, p.members(account.OrganisationScope, "organisation")),
		web.POST("/desk/members/organisation/:organisation", manage, p.members(account.OrganisationScope, "organisation")),
		web.GET("/desk/members/event/:code", manage, p.members(account.EventScope, "code")),
		web.POST("/desk/members/event/:code", manage, p.members(account.EventScope, "code")),
		web.GET("/desk/members/:grant/remove", manage, p.removeMember),
		web.POST("/desk/members/:grant/remove", manage, p.removeMember),
		web.POST("/desk/members/:grant/resend", manage, p.resendInvitation),
		web.GET("/desk/users", administer, p.users),
		web.GET(user, administer, p.user),
		web.POST(user+"/disable", administer, p.disableUser),
		web.POST(user+"/enable", administer, p.enableUser),
		web.POST(user+"/sign-out", administer, p.signUserOut),
		web.POST(user+"/factors", administer, p.resetFactors),
		web.POST(user+"/invite", administer, p.inviteUser),
	}
}

// placesPage chooses whose members to see.
type placesPage struct {
	web.Page
	Groups     []PlaceGroup
	Administer bool
}

// PlaceGroup is the places of one kind.
type PlaceGroup struct {
	Key    string // of the heading
	Places []PlaceLine
}

// PlaceLine is a project, an organisation, an event or the network, and how many hold a role for it.
type PlaceLine struct {
	Href string
	Name Said
	Held int
}

// memberHref is the address of a place's members.
func memberHref(p account.Place) string {
	if p.Scope.Kind == account.Installation {
		return "/desk/members/network"
	}
	return "/desk/members/" + string(p.Scope.Kind) + "/" + p.Code
}

// placeName names a place; the installation is named as the network is, or by its kind where that isn't settled.
func (p *Pages) placeName(c *web.Ctx, x account.Place) Said {
	switch {
	case x.Scope.Kind != account.Installation:
		return said(c.Printer(), x.Name)
	case p.Network != nil:
		return said(c.Printer(), p.Network.Current(c.Context()).Name)
	}
	return Said{Text: c.T("member.place.installation")}
}

func (p *Pages) memberPlaces(c *web.Ctx) error {
	places, err := p.Accounts.Places(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	if len(places) == 1 {
		return c.Redirect(memberHref(places[0]))
	}
	page := &placesPage{Page: c.Page(c.T("member.title")), Administer: c.Actor().Can(account.Administer)}
	page.NoIndex = true
	for _, x := range places {
		key := "member.places." + string(x.Scope.Kind)
		if n := len(page.Groups); n == 0 || page.Groups[n-1].Key != key {
			page.Groups = append(page.Groups, PlaceGroup{Key: key})
		}
		g := &page.Groups[len(page.Groups)-1]
		g.Places = append(g.Places, PlaceLine{Href: memberHref(x), Name: p.placeName(c, x), Held: x.Held})
	}
	compare := c.Printer().Compare()
	for _, g := range page.Groups {
		if g.Key != "member.places.event" {
			slices.SortStableFunc(g.Places, func(x, y PlaceLine) int { return compare(x.Name.Text, y.Name.Text) })
		}
	}
	return c.Render("desk/member_places", page)
}

// membersPage lists who holds a role in a place and invites others.
type membersPage struct {
	web.Page
	Heading Said
	Kind    string       // key: what sort of place it is
	Members []MemberLine // of the place itself
	Singles []MemberLine // of its single events
	Roles   []web.Option // that may be given; none: nobody may be invited
	Ends    bool         // one of the roles must end
	Latest  string       // day up to which an auditor's role may last
	Tongues []web.Option
	All     bool // there are other places
}

// One reports whether there is nothing to choose.
func (p *membersPage) One() bool { return len(p.Roles) == 1 }

// memberTable is a list of members within a page.
type memberTable struct {
	*membersPage
	Lines  []MemberLine
	Events bool // each is for a single event
}

// Table returns members for the template that lists them.
func (p *membersPage) Table(lines []MemberLine, events bool) memberTable {
	return memberTable{p, lines, events}
}

// MemberLine is one role somebody holds.
type MemberLine struct {
	account.Member
	Event Said // for a role at a single event
	Came  time.Time
}

// Invited reports whether somebody was given the role and hasn't come since.
func (l MemberLine) Invited() bool { return l.CameAt.IsZero() }

// members returns the page of a place, whose code stands in the parameter named param.
func (p *Pages) members(kind account.ScopeKind, param string) func(*web.Ctx) error {
	return func(c *web.Ctx) error {
		if c.IsPost() && !c.Actor().GivesAny() {
			return fault.New(fault.Forbidden, "error.forbidden")
		}
		code := ""
		if param != "" {
			code = c.Param(param)
		}
		place, err := p.Accounts.Place(c.Context(), c.Actor(), kind, code)
		if err != nil {
			return err
		}
		gifts, err := p.gifts(c, place)
		if err != nil {
			return err
		}
		if c.IsPost() {
			err := p.invite(c, place, gifts)
			if err == nil {
				return c.Redirect(memberHref(place))
			}
			if !c.Form().Refused(err) {
				return err
			}
		}
		return p.showMembers(c, place, gifts)
	}
}

func (p *Pages) showMembers(c *web.Ctx, place account.Place, gifts []gift) error {
	list, err := p.Accounts.Members(c.Context(), c.Actor(), place)
	if err != nil {
		return err
	}
	heading, title := p.placeName(c, place), c.T("member.title")
	if place.Scope.Kind != account.Installation { // the network's name ends each title
		title += " · " + heading.Text
	}
	page := &membersPage{Page: c.Page(title), Heading: heading, Kind: "member.place." + string(place.Scope.Kind), Tongues: p.mailTongues(c)}
	page.NoIndex, page.Back = true, &web.Crumb{Href: "/desk/members", Label: c.T("member.title")}
	page.All = c.Actor().Can(account.Administer) || len(c.Actor().Grants) > 1
	if !page.All {
		page.Back = nil
	}
	compare := c.Printer().Compare()
	slices.SortStableFunc(list, func(x, y account.Member) int { return compare(x.Name, y.Name) })
	for _, m := range list {
		line := MemberLine{Member: m, Event: said(c.Printer(), m.Title), Came: m.CameAt.Time}
		if m.Scope == place.Scope {
			page.Members = append(page.Members, line)
		} else {
			page.Singles = append(page.Singles, line)
		}
	}
	for _, g := range gifts {
		page.Roles = append(page.Roles, web.Option{Value: g.value, Label: g.label, Hint: g.hint})
		page.Ends = page.Ends || g.role == account.Auditor
	}
	page.Latest = db.NewDay(p.Clock().UTC()).Plus(account.MaxAudit).String()
	if f := c.Form(); !f.Failed() {
		f.Set("locale", string(c.Locale()))
		if len(gifts) > 0 {
			f.Set("role", gifts[0].value)
		}
	}
	return c.Render("desk/member_list", page)
}

// gift is a role that may be given, and for what.
type gift struct {
	value, label, hint string
	role               account.Role
	scope              account.Scope
}

// gifts are the roles that the actor may give in a place: for all of it, and for each of its events that isn't over.
func (p *Pages) gifts(c *web.Ctx, place account.Place) ([]gift, error) {
	var list []gift
	within := place.Within()
	for _, role := range c.Actor().Gives(within[0], within[1:]...) {
		may := "member.may." + string(role)
		if place.Scope.Kind == account.EventScope {
			may = "member.may.event"
		}
		list = append(list, gift{string(role), c.T("role." + string(role)), c.T(may), role, place.Scope})
	}
	if place.Scope.Kind != account.OrganisationScope && place.Scope.Kind != account.ProjectScope {
		return list, nil
	}
	events, err := p.Events.List(c.Context(), c.Actor(), account.ManageMembers)
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(events) {
		phase := e.Phase(p.Clock())
		scopes := e.Scopes()
		if !slices.Contains(scopes, place.Scope) || phase == event.PhaseFinished || phase == event.PhaseCancelled || !c.Actor().MayGive(account.Organiser, scopes[0], scopes[1:]...) {
			continue
		}
		list = append(list, gift{"event:" + e.Code, c.T("member.one_event") + ": " + c.Printer().Text(e.Title), "", account.Organiser, scopes[0]})
	}
	return list, nil
}

func (p *Pages) invite(c *web.Ctx, place account.Place, gifts []gift) error {
	if len(gifts) == 0 {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	if err := c.Limit("invite "+strconv.FormatInt(c.Actor().UserID, 10), 30, time.Hour); err != nil {
		return err
	}
	f := c.Form()
	n := account.Invitation{Email: f.Value("email"), Name: f.Value("name"), Locale: p.mailLanguage(c, f.Value("locale")), Scope: place.Scope}
	var form fault.Form
	if until := f.Value("until"); until != "" {
		day, err := db.ParseDay(until)
		if err != nil {
			form.Add("until", "form.date")
		}
		n.Until = day
	}
	i := slices.IndexFunc(gifts, func(g gift) bool { return g.value == f.Value("role") })
	if i < 0 {
		form.Add("role", "form.choose")
	} else {
		n.Role, n.Scope = gifts[i].role, gifts[i].scope
	}
	if err := form.Err(); err != nil {
		return err
	}
	if err := p.Accounts.InviteMember(c.Context(), c.Actor(), n); err != nil {
		return err
	}
	c.Flash(web.Go, "member.invited", "Email", strings.TrimSpace(n.Email))
	return nil
}

// mailTongues are the languages in which a mail can be written.
func (p *Pages) mailTongues(c *web.Ctx) []web.Option {
	var all []web.Option
	for _, code := range p.Catalogue.Locales() {
		all = append(all, web.Option{Value: string(code), Label: c.Printer().Name(code), Lang: string(code)})
	}
	return all
}

// mailLanguage returns a language in which a mail can be written: the one chosen, or the reader's.
func (p *Pages) mailLanguage(c *web.Ctx, code string) locale.Code {
	if slices.Contains(p.Catalogue.Locales(), locale.Code(code)) {
		return locale.Code(code)
	}
	return c.Locale()
}

// removePage asks before a role is taken back.
type removePage struct {
	web.Page
	MemberLine
	Place Said
	Kind  string
	Last  bool // nobody else organises there
	Href  string
}

func (p *Pages) removeMember(c *web.Ctx) error {
	m, place, err := p.grantOf(c)
	if err != nil {
		return err
	}
	last := false
	if c.IsPost() {
		err := p.Accounts.Revoke(c.Context(), c.Actor(), m.GrantID, c.Form().Ticked("last"))
		if err == nil {
			return removed(c, m, place)
		}
		if !c.Form().Refused(err) {
			return err
		}
		last = fault.From(err).Key == account.ErrLastOrganiser.Key
	}
	page := &removePage{Page: c.Page(c.T("member.remove_title")), MemberLine: MemberLine{Member: m, Event: said(c.Printer(), m.Title), Came: m.CameAt.Time}, Place: p.placeName(c, place), Kind: "member.place." + string(place.Scope.Kind), Last: last, Href: memberHref(place)}
	page.NoIndex, page.Back = true, &web.Crumb{Href: page.Href, Label: page.Place.Text}
	return c.Render("desk/member_remove", page)
}

// removed says so; whoever gave up their own role goes back to where they begin.
func removed(c *web.Ctx, m account.Member, place account.Place) error {
	if m.CameAt.IsZero() {
		c.Flash(web.Go, "member.withdrawn", "Name", m.Name)
	} else {
		c.Flash(web.Go, "member.removed", "Name", m.Name)
	}
	if m.Self {
		return c.Redirect("/")
	}
	return c.Redirect(memberHref(place))
}

// grantOf returns the role whose id stands in the address.
func (p *Pages) grantOf(c *web.Ctx) (account.Member, account.Place, error) {
	id, err := number(c, "grant")
	if err != nil {
		return account.Member{}, account.Place{}, err
	}
	m, place, err := p.Accounts.Member(c.Context(), c.Actor(), id)
	if (err == nil && !m.Removable || err != nil && !c.Actor().GivesAny()) && !m.Self {
		err = fault.New(fault.Forbidden, "error.forbidden")
	}
	return m, place, err
}

// number returns the row whose id stands in the address, or NotFound for what is no number.
func number(c *web.Ctx, param string) (int64, error) {
	id, err := strconv.ParseInt(c.Param(param), 10, 64)
	if err != nil || id < 1 {
		return 0, fault.New(fault.NotFound, "error.not_found")
	}
	return id, nil
}

func (p *Pages) resendInvitation(c *web.Ctx) error {
	m, place, err := p.grantOf(c)
	if err != nil {
		return err
	}
	if err := c.Limit("resend "+strconv.FormatInt(m.GrantID, 10), 3, time.Hour); err != nil {
		return err
	}
	if err := p.Accounts.ResendInvitation(c.Context(), c.Actor(), m.GrantID); err != nil {
		return err
	}
	c.Flash(web.Go, "member.resent", "Email", m.Email)
	return c.Redirect(memberHref(place))
}
