package desk

import (
	"context"
	"net/url"
	"strconv"

	"attesta/app/account"
	"attesta/app/web"
)

const usersOnAPage = 50

// usersPage lists the users of the installation.
type usersPage struct {
	web.Page
	Search string
	Users  []account.UserLine
	Next   string // address of the next page, or ""
	Begun  bool   // this is a later page
}

func (p *Pages) users(c *web.Ctx) error {
	after, _ := strconv.ParseInt(c.Query("after"), 10, 64)
	s := account.UserSearch{Words: c.Query("q"), Compare: c.Printer().Compare(), After: after, Limit: usersOnAPage}
	list, more, err := p.Accounts.Users(c.Context(), c.Actor(), s)
	if err != nil {
		return err
	}
	page := &usersPage{Page: c.Page(c.T("user.title")), Search: s.Words, Users: list, Begun: after > 0}
	page.NoIndex, page.Back = true, &web.Crumb{Href: "/desk/members", Label: c.T("member.title")}
	if more {
		page.Next = "/desk/users?" + url.Values{"q": {s.Words}, "after": {strconv.FormatInt(list[len(list)-1].ID, 10)}}.Encode()
	}
	return c.Render("desk/user_list", page)
}

// userPage is one user: their roles, and what an administrator may do about them.
type userPage struct {
	web.Page
	User  account.User
	Held  []HeldLine
	Self  bool
	Href  string
	Asked string // who invited them, or ""
}

// HeldLine is a role of a user.
type HeldLine struct {
	account.RoleHeld
	Place Said
	Kind  string // key: what sort of place it is
	Href  string // of the place's members
}

func (p *Pages) user(c *web.Ctx) error {
	u, err := p.userOf(c)
	if err != nil {
		return err
	}
	held, err := p.Accounts.RolesOf(c.Context(), c.Actor(), u.ID)
	if err != nil {
		return err
	}
	page := &userPage{Page: c.Page(u.Name), User: u, Self: c.Actor().UserID == u.ID, Href: "/desk/users/" + strconv.FormatInt(u.ID, 10)}
	page.NoIndex, page.Back = true, &web.Crumb{Href: "/desk/users", Label: c.T("user.title")}
	for _, r := range held {
		page.Held = append(page.Held, HeldLine{RoleHeld: r, Place: p.placeName(c, r.Place), Kind: "member.place." + string(r.Place.Scope.Kind), Href: memberHref(r.Place)})
	}
	if u.InvitedBy != 0 {
		by, err := p.Accounts.User(c.Context(), u.InvitedBy)
		if err != nil {
			return err
		}
		page.Asked = by.Name
	}
	return c.Render("desk/user_show", page)
}

// userOf returns the user whose id stands in the address.
func (p *Pages) userOf(c *web.Ctx) (account.User, error) {
	id, err := number(c, "user")
	if err != nil {
		return account.User{}, err
	}
	return p.Accounts.User(c.Context(), id)
}

// toUser does one thing to the user of the address and says so.
func (p *Pages) toUser(c *web.Ctx, said string, do func(context.Context, account.Actor, int64) error) error {
	u, err := p.userOf(c)
	if err != nil {
		return err
	}
	if err := do(c.Context(), c.Actor(), u.ID); err != nil {
		return err
	}
	c.Flash(web.Go, said, "Name", u.Name)
	return c.Redirect("/desk/users/" + strconv.FormatInt(u.ID, 10))
}

func (p *Pages) disableUser(c *web.Ctx) error {
	return p.toUser(c, "user.disabled_now", func(ctx context.Context, a account.Actor, id int64) error {
		return p.Accounts.Disable(ctx, a, id, true)
	})
}

func (p *Pages) enableUser(c *web.Ctx) error {
	return p.toUser(c, "user.enabled_now", func(ctx context.Context, a account.Actor, id int64) error {
		return p.Accounts.Disable(ctx, a, id, false)
	})
}

func (p *Pages) signUserOut(c *web.Ctx) error {
	return p.toUser(c, "user.signed_out_now", p.Accounts.SignOut)
}

func (p *Pages) resetFactors(c *web.Ctx) error {
	return p.toUser(c, "user.factors_reset_now", p.Accounts.ResetFactors)
}

func (p *Pages) inviteUser(c *web.Ctx) error {
	return p.toUser(c, "user.invited_now", p.Accounts.Invite)
}
