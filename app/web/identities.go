package web

import (
	"strconv"

	"attesta/app/account"
	"attesta/app/fault"
)

// identitiesPath is where a user sees which accounts at the provider open theirs.
const identitiesPath = "/account/identities"

type identitiesPage struct {
	Page
	Provider string
	Linked   []account.LinkedIdentity
}

// list shows what is linked to the user who looks.
func (p *atProvider) list(c *Ctx) error {
	provider, err := p.provider()
	if err != nil {
		return err
	}
	linked, err := p.who.Identities(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	page := &identitiesPage{Page: c.Page(c.T("oidc.title")), Provider: provider.Name, Linked: linked}
	page.Back = &Crumb{Href: accountPath, Label: c.T("account.title")}
	page.NoIndex = true
	return c.Render("web/oidc_identities", page)
}

// toProvider holds the way to the provider as a link: the policy lets no form lead to another host.
type toProvider struct {
	Page
	Provider, To string
}

// link sends a user who has signed in, or shown anew who they are, not long ago to the provider, to come back with an
// identity.
func (p *atProvider) link(c *Ctx) error {
	provider, err := p.provider()
	if err != nil {
		return err
	}
	if !c.Visit().Fresh(c.Now()) {
		return c.Redirect(ProofPath(identitiesPath))
	}
	to, err := p.leave(c, trip{Visit: c.Visit().ID})
	if err != nil {
		return p.fail(c, err, c.Visit().ID)
	}
	page := &toProvider{Page: c.Page(c.T("oidc.title")), Provider: provider.Name, To: to}
	page.NoIndex = true
	return c.Render("web/oidc_go", page)
}

// linked links what the provider said to the user who began, in the sign-in in which they began.
func (p *atProvider) linked(c *Ctx, t trip, id account.Identity) error {
	if c.Actor().UserID == 0 || c.Visit().ID != t.Visit {
		return p.fail(c, errTripOver, 0)
	}
	if err := p.who.LinkIdentity(c.Context(), c.Actor(), id); err != nil {
		return p.fail(c, err, t.Visit)
	}
	c.Flash(Go, "oidc.linked")
	return c.Redirect(identitiesPath)
}

func (p *atProvider) unlink(c *Ctx) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "error.not_found")
	}
	if !c.Visit().Fresh(c.Now()) {
		return c.Redirect(ProofPath(identitiesPath))
	}
	if err := p.who.UnlinkIdentity(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	c.Flash(Go, "oidc.unlinked")
	return c.Redirect(identitiesPath)
}
