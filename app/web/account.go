package web

import (
	"context"
	"strconv"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

// The pages of one's own account.
const (
	accountPath  = "/account"
	passwordPath = accountPath + "/password"
	emailPath    = accountPath + "/email"
	welcomePath  = accountPath + "/welcome"
)

// Self is what Accounts may also do: let people look after their own account.
type Self interface {
	User(ctx context.Context, userID int64) (account.User, error)
	RolesOf(ctx context.Context, actor account.Actor, userID int64) ([]account.RoleHeld, error)
	SwitchRole(ctx context.Context, actor account.Actor, role account.Role) error
	ChangeProfile(ctx context.Context, actor account.Actor, name string, code locale.Code) error
	ChangePassword(ctx context.Context, actor account.Actor, current, password string) error
	RequestEmail(ctx context.Context, actor account.Actor, email, current string) error
	ConfirmEmail(ctx context.Context, actor account.Actor, token string) error
	Visits(ctx context.Context, actor account.Actor, began, used time.Time) ([]account.Visit, error)
	EndOwnVisit(ctx context.Context, actor account.Actor, visitID int64) error
	EndOtherVisits(ctx context.Context, actor account.Actor) error
}

type accountPages struct {
	s   *Server
	who Self
}

func (p *accountPages) routes() []Route {
	return []Route{
		GET(accountPath, SignedIn, p.account),
		POST(accountPath, SignedIn, p.account),
		POST(accountPath+"/role", SignedIn, p.switchRole),
		POST(accountPath+"/visits", SignedIn, p.endVisit),
		GET(passwordPath, SignedIn, p.password),
		POST(passwordPath, SignedIn, p.password),
		GET(emailPath, SignedIn, p.email),
		POST(emailPath, SignedIn, p.email),
		GET(emailPath+"/:token", SignedIn, p.confirmEmail),
		POST(emailPath+"/:token", SignedIn, p.confirmEmail),
		GET(welcomePath, SignedIn, p.welcome),
		POST(welcomePath, SignedIn, p.welcome),
	}
}

// accountPage shows somebody who they are here.
type accountPage struct {
	Page
	User    account.User
	Held    []heldLine
	Visits  []visitLine
	Others  bool   // there are other visits
	Factors string // where second factors are, or ""
	Tokens  string // where tokens of programs are, or ""

	Identities, Provider string // where accounts at the provider are linked, and its name, or ""
}

// heldLine is a role with what it is for.
type heldLine struct {
	Role, Place, Until string
	Acting             bool // the visit acts in it
}

// visitLine is a device on which somebody is signed in.
type visitLine struct {
	ID             int64
	Device, Method string
	Began, Seen    time.Time // in the zone of the network
	This           bool
}

func (p *accountPages) account(c *Ctx) error {
	if c.IsPost() {
		err := p.changeProfile(c)
		if err == nil {
			c.Flash(Go, "common.saved")
			return c.Redirect(accountPath)
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	user, err := p.who.User(c.Context(), c.actor.UserID)
	if err != nil {
		return err
	}
	page := &accountPage{Page: c.Page(c.T("account.title")), User: user}
	if !c.IsPost() {
		page.Form.Set("name", user.Name)
		page.Form.Set("locale", string(user.Locale))
	}
	for path, to := range map[string]*string{factorsPath: &page.Factors, accountPath + "/tokens": &page.Tokens} {
		if p.s.has(path) {
			*to = path
		}
	}
	if page.Provider = p.s.providerName(); page.Provider != "" {
		page.Identities = identitiesPath
	}
	if page.Held, err = p.held(c); err != nil {
		return err
	}
	if page.Visits, err = p.visits(c); err != nil {
		return err
	}
	page.Others = len(page.Visits) > 1
	return c.Render("web/account", page)
}

// changeProfile saves name and language; the page goes on in that language.
func (p *accountPages) changeProfile(c *Ctx) error {
	code := locale.Code(c.Form().Value("locale"))
	if !p.s.Catalogue.Has(code) {
		code = ""
	}
	if err := p.who.ChangeProfile(c.Context(), c.actor, c.Form().Value("name"), code); err != nil {
		return err
	}
	c.setCookie("lang", string(code), 365*24*time.Hour)
	return nil
}

// Tongues are the languages on offer, in their own words.
func (p *Page) Tongues() []Option {
	var all []Option
	for _, code := range p.c.s.locales() {
		all = append(all, Option{Value: string(code), Label: p.c.printer.Name(code), Lang: p.c.s.Catalogue.Printer(code).Lang()})
	}
	return all
}

func (p *accountPages) held(c *Ctx) ([]heldLine, error) {
	roles, err := p.who.RolesOf(c.Context(), c.actor, c.actor.UserID)
	if err != nil {
		return nil, err
	}
	var lines []heldLine
	for _, r := range roles {
		if r.Ended {
			continue
		}
		line := heldLine{Role: c.roleName(r.Role), Place: c.printer.Text(r.Place.Name), Acting: r.Role == c.actor.Role}
		if r.Place.Scope.Kind == account.Installation {
			line.Place = c.T("account.everywhere")
		}
		if !r.Until.IsZero() {
			line.Until = c.T("account.until", "Date", c.printer.Date(r.Until.Time))
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// visits lists where the reader is signed in: sign-ins whose session can still be there.
func (p *accountPages) visits(c *Ctx) ([]visitLine, error) {
	now := c.Now()
	all, err := p.who.Visits(c.Context(), c.actor, now.Add(-p.s.SessionAbsolute), now.Add(-p.s.SessionIdle-touchEvery))
	if err != nil {
		return nil, err
	}
	zone := c.Zone()
	lines := make([]visitLine, len(all))
	for i, v := range all {
		lines[i] = visitLine{
			ID: v.ID, Device: v.Device, Method: c.T("account.method." + string(v.Method)),
			Began: v.BeganAt.In(zone), Seen: v.SeenAt.In(zone), This: v.ID == c.session.visit.ID,
		}
		if v.Device == "" {
			lines[i].Device = c.T("account.visit_unknown")
		}
	}
	return lines, nil
}

// Zone is where the clocks of the network's first country go.
func (c *Ctx) Zone() *time.Location {
	country := ""
	if all := c.s.settled(c.Context()).Countries; len(all) > 0 {
		country = all[0]
	}
	zone, err := time.LoadLocation(event.ZoneOf(country))
	if err != nil {
		return time.UTC
	}
	return zone
}

// endVisit ends one sign-in of the reader, or with others all but this.
func (p *accountPages) endVisit(c *Ctx) error {
	if c.Form().Ticked("others") {
		if err := p.who.EndOtherVisits(c.Context(), c.actor); err != nil {
			return err
		}
		c.Flash(Go, "account.visits_ended")
		return c.Redirect(accountPath)
	}
	id, err := strconv.ParseInt(c.Form().Value("visit"), 10, 64)
	if err != nil {
		return db.ErrNotFound
	}
	if id == c.session.visit.ID {
		return p.s.signOut(c)
	}
	if err := p.who.EndOwnVisit(c.Context(), c.actor, id); err != nil {
		return err
	}
	c.Flash(Go, "account.visit_ended")
	return c.Redirect(accountPath)
}

// ownPage is a form about one's own account.
type ownPage struct {
	Page
	Min  int    // characters of a password
	Ask  bool   // for the current password
	late bool   // there is none, and to sign in was too long ago to change anything that opens the account
	Set  bool   // there is a password
	Next string // of the welcome
}

func (p *accountPages) ownPage(c *Ctx, title string) (*ownPage, error) {
	user, err := p.who.User(c.Context(), c.actor.UserID)
	if err != nil {
		return nil, err
	}
	page := &ownPage{Page: c.Page(c.T(title)), Min: account.MinPassword, Set: user.PasswordHash != ""}
	page.late = !c.session.visit.Fresh(c.Now())
	page.Ask, page.late = page.Set && page.late, !page.Set && page.late
	page.Back = &Crumb{Href: accountPath, Label: c.T("account.title")}
	return page, nil
}

// limitProof counts attempts at a password by somebody who is signed in, perhaps at an open screen.
func (c *Ctx) limitProof() error {
	return c.Limit("proof "+strconv.FormatInt(c.actor.UserID, 10)+" "+strconv.FormatInt(c.session.visit.ID, 10), 5, time.Minute)
}

func (p *accountPages) password(c *Ctx) error {
	if c.IsPost() {
		if err := c.limitProof(); err != nil {
			return err
		}
		err := p.who.ChangePassword(c.Context(), c.actor, c.Form().Raw("current"), c.Form().Raw("password"))
		if err == nil {
			err = c.rotate()
		}
		if err == nil {
			c.Flash(Go, "account.password_changed")
			return c.Redirect(accountPath)
		}
		if !c.Form().Refused(err) {
			return c.proveFirst(err, passwordPath)
		}
	}
	page, err := p.ownPage(c, "account.password_change")
	if err != nil {
		return err
	}
	if page.late {
		return c.Redirect(ProofPath(passwordPath))
	}
	if !page.Set {
		page.Title = c.T("account.password_set")
	}
	return c.Render("web/account_password", page)
}

func (p *accountPages) email(c *Ctx) error {
	if c.IsPost() {
		if err := c.limitProof(); err != nil {
			return err
		}
		err := p.who.RequestEmail(c.Context(), c.actor, c.Form().Value("email"), c.Form().Raw("current"))
		if err == nil {
			c.Flash(Go, "account.email_sent")
			return c.Redirect(accountPath)
		}
		if !c.Form().Refused(err) {
			return c.proveFirst(err, emailPath)
		}
	}
	page, err := p.ownPage(c, "account.email_change")
	if err != nil {
		return err
	}
	if page.late {
		return c.Redirect(ProofPath(emailPath))
	}
	return c.Render("web/account_email", page)
}

// confirmEmail shows a button to who opens the link of a mail; pressing it uses the link up.
func (p *accountPages) confirmEmail(c *Ctx) error {
	if c.IsPost() {
		if err := p.who.ConfirmEmail(c.Context(), c.actor, c.Param("token")); err != nil {
			return err
		}
		if err := c.rotate(); err != nil {
			return err
		}
		c.Flash(Go, "account.email_changed")
		return c.Redirect(accountPath)
	}
	page, err := p.ownPage(c, "account.email_confirm")
	if err != nil {
		return err
	}
	return c.Render("web/account_confirm", page)
}

// welcome asks those who were invited, when they come for the first time, how they are called and whether they want a
// password.
func (p *accountPages) welcome(c *Ctx) error {
	if c.IsPost() {
		err := p.greet(c)
		if err == nil {
			return c.Redirect(c.onward(c.Form().Value("next")))
		}
		if !c.Form().Refused(err) {
			return c.proveFirst(err, onwardFrom(welcomePath, c.next()))
		}
	}
	page, err := p.ownPage(c, "account.welcome")
	if err != nil {
		return err
	}
	page.Back, page.Next = nil, c.next()
	if !c.IsPost() {
		page.Form.Set("name", c.actor.Name)
		page.Form.Set("locale", string(c.Locale()))
	}
	return c.Render("web/account_welcome", page)
}

func (p *accountPages) greet(c *Ctx) error {
	if err := p.changeProfile(c); err != nil {
		return err
	}
	password := c.Form().Raw("password")
	if password == "" {
		return nil
	}
	if err := c.limitProof(); err != nil {
		return err
	}
	return p.who.ChangePassword(c.Context(), c.actor, "", password)
}
