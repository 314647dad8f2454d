package web

import (
	"slices"

	"attesta/app/account"
	"attesta/app/fault"
)

// RoleChoice is a role with its name in the reader's language.
type RoleChoice struct {
	Role account.Role
	Name string
}

// Role is the role in which the reader acts, in their language, or "".
func (p *Page) Role() string { return p.c.roleName(p.c.actor.Role) }

// OtherRoles are what else the reader may act as, if they can switch.
func (p *Page) OtherRoles() []RoleChoice {
	return p.c.choices(slices.DeleteFunc(slices.Clone(p.c.actor.Roles), func(r account.Role) bool { return r == p.c.actor.Role }))
}

// Account is where the readers' own account is, or "".
func (p *Page) Account() string {
	if !p.c.s.has(accountPath) {
		return ""
	}
	return accountPath
}

func (c *Ctx) choices(roles []account.Role) []RoleChoice {
	if !c.s.has(accountPath) {
		return nil
	}
	all := make([]RoleChoice, len(roles))
	for i, r := range roles {
		all[i] = RoleChoice{r, c.roleName(r)}
	}
	return all
}

func (c *Ctx) roleName(r account.Role) string {
	if r == "" {
		return ""
	}
	return c.T("role." + string(r))
}

// offerRoles offers whoever may not open a page, but may in another of their roles, to do so.
func (c *Ctx) offerRoles(page *errorPage, told *fault.Fault) {
	if told.Kind != fault.Forbidden || told.Is(errStale) || c.route == nil || c.route.Need.permission == "" {
		return
	}
	page.Roles = c.choices(c.actor.RolesFor(c.route.Need.permission))
	if c.reads() {
		page.Came = c.f.OriginalURL()
	}
}

// switchRole lets the visit go on in another role, on the page that asked for it or where that role begins.
func (p *accountPages) switchRole(c *Ctx) error {
	f := c.Form()
	if err := p.who.SwitchRole(c.Context(), c.actor, account.Role(f.Value("role"))); err != nil {
		return err
	}
	actor, visit, err := p.s.Accounts.Resume(c.Context(), c.session.visit.ID)
	if err != nil {
		return err
	}
	c.actor, c.session.visit = actor, visit
	c.Flash(Go, "web.role_switched", "Role", c.roleName(actor.Role))
	return c.Redirect(c.onward(f.Value("next")))
}
