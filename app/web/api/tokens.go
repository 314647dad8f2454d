package api

import (
	"context"
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

const tokensPath = "/account/tokens"

// usualDays is how long a token lives unless another day is chosen.
const usualDays = 90

// tokensPage lists a user's tokens and makes new ones.
type tokensPage struct {
	web.Page
	Tokens   []TokenLine
	Grants   []web.Option
	Events   []web.Option
	Rights   []web.Option
	First    string // the first and the last day that can be chosen
	Last     string
	Prove    string // where to show once more who one is, or "" where that was a moment ago
	Made     string // a token that was made just now: the only time that it is shown
	Try      string
	Document string
}

// TokenLine is one token in the list.
type TokenLine struct {
	account.Token
	Place locale.Text // where it reaches
	Until time.Time   // its last day, in the zone of the network
	Used  time.Time   // in the zone of the network; zero: never
	State string      // key of the word
	Tone  string
	Good  bool
}

func (p *Pages) tokens(c *web.Ctx) error {
	f := c.Form()
	f.Set("rights", "read")
	f.Set("expires_on", db.NewDay(p.Clock().In(c.Zone())).Plus(usualDays).String())
	return p.showTokens(c, "")
}

func (p *Pages) showTokens(c *web.Ctx, made string) error {
	ctx, actor := c.Context(), c.Actor()
	held, err := p.held(ctx, actor)
	if err != nil {
		return err
	}
	all, err := p.Tokens.Tokens(ctx, actor, actor.UserID)
	if err != nil {
		return err
	}
	scopes := scopesOf(held)
	for _, t := range all {
		scopes = append(scopes, t.Scope())
	}
	names, err := event.Names(ctx, p.DB.Read(), scopes)
	if err != nil {
		return err
	}
	zone := c.Zone()
	today := db.NewDay(p.Clock().In(zone))
	page := &tokensPage{
		Page: c.Page(c.T("token.title")), Grants: grantOptions(c, held.Grants, names), First: today.String(), Last: db.NewDay(today.AddDate(1, 0, 0)).String(),
		Rights: []web.Option{{Value: "read", Label: c.T("token.reads")}, {Value: "write", Label: c.T("token.writes")}}, Made: made, Document: Root + "/openapi.json",
	}
	page.Back = &web.Crumb{Href: "/account", Label: c.T("account.title")}
	page.Try = "curl -H 'Authorization: Bearer " + made + "' " + c.URL(Root+"/token")
	if !c.Visit().Fresh(p.Clock()) {
		page.Prove = web.ProofPath(tokensPath)
	}
	for _, t := range all {
		page.Tokens = append(page.Tokens, p.line(t, names, zone))
	}
	if page.Events, err = p.eventOptions(c, held); err != nil {
		return err
	}
	return c.Render("web/token_list", page)
}

// held is the user with all roles at once: a token can be made for each of them.
func (p *Pages) held(ctx context.Context, actor account.Actor) (account.Actor, error) {
	grants, err := p.Tokens.Held(ctx, actor.UserID)
	actor.Grants = grants
	return actor, err
}

func scopesOf(a account.Actor) []account.Scope {
	var all []account.Scope
	for _, g := range a.Grants {
		all = append(all, g.Scope)
	}
	return all
}

func (p *Pages) line(t account.Token, names map[account.Scope]event.Named, zone *time.Location) TokenLine {
	l := TokenLine{Token: t, Place: names[t.Scope()].Title, Until: t.ExpiresAt.Add(-time.Millisecond).In(zone), State: "token.works", Tone: "go", Good: t.Works(p.Clock())}
	if !t.UsedAt.IsZero() {
		l.Used = t.UsedAt.In(zone)
	}
	switch {
	case !t.RevokedAt.IsZero():
		l.State, l.Tone = "token.ended", "stop"
	case !l.Good:
		l.State, l.Tone = "token.expired", "calm"
	}
	return l
}

// grantOptions names the roles by role and public code, so that no row's id stands in a page.
func grantOptions(c *web.Ctx, grants []account.Grant, names map[account.Scope]event.Named) []web.Option {
	var out []web.Option
	for _, rule := range account.Rules {
		for _, g := range grants {
			if g.Role != rule.Role {
				continue
			}
			place := c.T("token.everything")
			if g.Scope.Kind != account.Installation {
				place = c.Printer().Text(names[g.Scope].Title)
			}
			out = append(out, web.Option{Value: grantValue(g, names), Label: c.T("role."+string(g.Role)) + ": " + place})
		}
	}
	return out
}

func grantValue(g account.Grant, names map[account.Scope]event.Named) string {
	return strings.TrimSpace(string(g.Role) + " " + string(g.Scope.Kind) + " " + names[g.Scope].Code)
}

// eventOptions are the events that one of the roles reaches.
func (p *Pages) eventOptions(c *web.Ctx, held account.Actor) ([]web.Option, error) {
	events, err := p.Events.List(c.Context(), held, account.ViewEvent)
	if err != nil {
		return nil, err
	}
	var out []web.Option
	for _, e := range events {
		out = append(out, web.Option{Value: e.Code, Label: c.Printer().Text(e.Title) + " (" + c.Printer().DateRange(e.StartsOn.Time, e.EndsOn().Time) + ")"})
	}
	return out, nil
}

// makeToken makes one for somebody who has just shown who they are: a computer left open makes no token.
func (p *Pages) makeToken(c *web.Ctx) error {
	if !c.Visit().Fresh(p.Clock()) {
		return c.Redirect(web.ProofPath(tokensPath))
	}
	if err := c.Limit("make a token "+strconv.FormatInt(c.Actor().UserID, 10), 20, time.Hour); err != nil {
		return err
	}
	made, err := p.make(c)
	if err != nil && !c.Form().Refused(err) {
		return err
	}
	if made != "" {
		c.Form().Set("label")
	}
	return p.showTokens(c, made)
}

// make reads the form. What is no choice of it is left to the domain, which then finds that the user hasn't that role.
func (p *Pages) make(c *web.Ctx) (string, error) {
	f := c.Form()
	held, err := p.held(c.Context(), c.Actor())
	if err != nil {
		return "", err
	}
	names, err := event.Names(c.Context(), p.DB.Read(), scopesOf(held))
	if err != nil {
		return "", err
	}
	n := account.NewToken{Label: f.Value("label"), Writes: f.Value("rights") == "write"}
	if i := slices.IndexFunc(held.Grants, func(g account.Grant) bool { return grantValue(g, names) == f.Value("grant") }); i >= 0 {
		n.Role, n.Scope = held.Grants[i].Role, held.Grants[i].Scope
	}
	if day, err := db.ParseDay(f.Value("expires_on")); err == nil {
		n.Expires = day.Plus(1).In(c.Zone(), 0, 0)
	}
	if code := f.Value("event"); code != "" && n.Role != "" {
		e, err := p.Events.ByCode(c.Context(), held, code)
		if fault.KindOf(err) == fault.NotFound {
			var form fault.Form
			form.Add("event", "form.choose")
			return "", form.Err()
		}
		if err != nil {
			return "", err
		}
		n.Scope, n.Within = e.Scopes()[0], e.Scopes()
	}
	return p.Tokens.MakeToken(c.Context(), c.Actor(), n)
}

func (p *Pages) revokeToken(c *web.Ctx) error {
	id, err := strconv.ParseInt(c.Form().Value("token"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "error.request_wrong")
	}
	if err := p.Tokens.RevokeToken(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	c.Flash(web.Go, "token.revoked")
	return c.Redirect(tokensPath)
}
