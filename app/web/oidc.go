package web

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/account"
	"attesta/app/fault"
)

// Identities are Accounts whose users may sign in at an OpenID Connect provider.
type Identities interface {
	// Provider returns the provider, or nil if there is none.
	Provider() *account.Provider
	// SpendState uses up the state of one way to the provider and back, or returns a Gone fault if it was used before.
	SpendState(ctx context.Context, state string, life time.Duration) error
	// IdentitySignIn returns the user of an identity, or account.ErrNobody.
	IdentitySignIn(ctx context.Context, id account.Identity) (userID int64, err error)
	// Identities returns what is linked to the one who acts; the others change it.
	Identities(ctx context.Context, actor account.Actor) ([]account.LinkedIdentity, error)
	LinkIdentity(ctx context.Context, actor account.Actor, id account.Identity) error
	UnlinkIdentity(ctx context.Context, actor account.Actor, id int64) error
}

// ProviderCallback is where the provider sends the browser back: the base URL and this path.
const ProviderCallback = "/sign-in/oidc/callback"

const (
	providerStart  = "/sign-in/oidc"
	providerFailed = "/sign-in/oidc/failed"
	tripLife       = 10 * time.Minute // from the button to the way back
	maxNext        = 1000             // bytes of where to go on that are carried along
)

var errTripOver = fault.New(fault.Gone, "oidc.again")

// atProvider are the routes of signing in at a provider.
func (s *Server) atProvider(who Identities) []Route {
	p := &atProvider{s: s, who: who}
	return []Route{
		GET(providerStart, Anyone, p.start),
		GET(ProviderCallback, Anyone, p.back),
		GET(providerFailed, Anyone, p.failed),
		GET(identitiesPath, SignedIn, p.list),
		POST(identitiesPath, SignedIn, p.link),
		POST(identitiesPath+"/:id/unlink", SignedIn, p.unlink),
	}
}

type atProvider struct {
	s   *Server
	who Identities
}

// providerName is what stands on the button, "" where nobody signs in at a provider.
func (s *Server) providerName() string {
	if who, ok := s.Accounts.(Identities); ok && who.Provider() != nil {
		return who.Provider().Name
	}
	return ""
}

// provider returns the provider, or a NotFound fault: the pages about it don't exist then.
func (p *atProvider) provider() (*account.Provider, error) {
	if found := p.who.Provider(); found != nil {
		return found, nil
	}
	return nil, fault.New(fault.NotFound, "error.not_found")
}

// trip is what the browser carries to the provider and back, sealed. What the provider and the token must repeat is
// derived from it and the program's key, so that nothing is stored before somebody comes back.
type trip struct {
	Seed  string `json:"s"`
	Since int64  `json:"t"` // Unix seconds
	Next  string `json:"n,omitempty"`
	Visit int64  `json:"v,omitempty"` // the sign-in to which an identity is to be linked; 0 signs in
}

func (t trip) bound(key []byte) account.Trip {
	word := func(what string) string { return base64.RawURLEncoding.EncodeToString(mac(key, what, t.Seed)) }
	return account.Trip{State: word("state"), Nonce: word("nonce"), Verifier: word("verifier")}
}

func (s *Server) tripKey() []byte { return derive(s.Secret, "oidc") }

// leave gives the browser a trip and returns the address at the provider.
func (p *atProvider) leave(c *Ctx, t trip) (string, error) {
	provider, err := p.provider()
	if err != nil {
		return "", err
	}
	key := p.s.tripKey()
	t.Seed, t.Since = base64.RawURLEncoding.EncodeToString(random(nonceSize)), c.Now().Unix()
	to, err := provider.Address(c.Context(), t.bound(key))
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	sealed := base64.RawURLEncoding.EncodeToString(b)
	c.setCookie("oidc", sealed+"."+base64.RawURLEncoding.EncodeToString(mac(key, "trip", sealed)), tripLife)
	return to, nil
}

// arrive takes the trip back from the browser, or returns a Gone fault: it has none, it is too old, or another one's
// state came back.
func (p *atProvider) arrive(c *Ctx) (trip, account.Trip, error) {
	sealed, sum, _ := strings.Cut(c.cookie("oidc"), ".")
	c.dropCookie("oidc")
	key := p.s.tripKey()
	got, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(got, mac(key, "trip", sealed)) {
		return trip{}, account.Trip{}, errTripOver
	}
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return trip{}, account.Trip{}, errTripOver
	}
	var t trip
	if err := json.Unmarshal(b, &t); err != nil {
		return trip{}, account.Trip{}, errTripOver
	}
	bound := t.bound(key)
	age := c.Now().Sub(time.Unix(t.Since, 0))
	if age < 0 || age > tripLife || !hmac.Equal([]byte(c.Query("state")), []byte(bound.State)) {
		return trip{}, account.Trip{}, errTripOver
	}
	return t, bound, nil
}

// start sends the browser to the provider.
func (p *atProvider) start(c *Ctx) error {
	sealedPage(c)
	if _, err := p.provider(); err != nil {
		return err
	}
	next := c.Query("next")
	if c.session.id != "" {
		return c.Redirect(c.onward(next))
	}
	if err := c.LimitSource("provider", 20, time.Minute); err != nil {
		return err
	}
	if len(next) > maxNext || !local(next) {
		next = ""
	}
	to, err := p.leave(c, trip{Next: next})
	if err != nil {
		return p.fail(c, err, 0)
	}
	return c.f.Redirect(to, http.StatusSeeOther)
}

// back is where the browser comes from the provider: it signs in, or links an identity to who has signed in.
func (p *atProvider) back(c *Ctx) error {
	sealedPage(c)
	if _, err := p.provider(); err != nil {
		return err
	}
	if err := c.LimitSource("provider back", 30, time.Minute); err != nil {
		return err
	}
	t, bound, err := p.arrive(c)
	if err != nil {
		return p.fail(c, err, 0)
	}
	id, err := p.identify(c, bound)
	if err != nil {
		return p.fail(c, err, t.Visit)
	}
	if t.Visit != 0 {
		return p.linked(c, t, id)
	}
	user, err := p.who.IdentitySignIn(c.Context(), id)
	if err == nil {
		err = c.SignIn(user, account.ByOIDC)
	}
	if err != nil {
		return p.fail(c, err, 0)
	}
	return c.Redirect(c.onward(t.Next))
}

// identify uses up the state and hears from the provider who came.
func (p *atProvider) identify(c *Ctx, bound account.Trip) (account.Identity, error) {
	provider, err := p.provider()
	if err != nil {
		return account.Identity{}, err
	}
	if err := p.who.SpendState(c.Context(), bound.State, tripLife); err != nil {
		return account.Identity{}, err
	}
	if iss := c.Query("iss"); iss != "" && iss != provider.Issuer {
		return account.Identity{}, errors.Join(account.ErrAssertion, errors.New("the answer is another issuer's"))
	}
	if c.Query("code") == "" {
		return account.Identity{}, errBrokenOff
	}
	return provider.Identify(c.Context(), c.Query("code"), bound)
}

var errBrokenOff = fault.New(fault.Forbidden, "oidc.broken_off")

// sealedPage keeps what stands in the address of a way to the provider and back out of every store and referrer.
func sealedPage(c *Ctx) {
	c.f.Set(fiber.HeaderCacheControl, "no-store")
	c.f.Set("Referrer-Policy", "no-referrer")
	c.f.Set("X-Robots-Tag", "noindex, nofollow")
}

// fail leads to the page that tells the reader what a fault of the provider's says, so that no code and no state stays
// in the address bar; every other error goes the usual way.
func (p *atProvider) fail(c *Ctx, err error, visit int64) error {
	told := fault.From(err)
	if told != nil && told.Kind == fault.NotFound { // the user was disabled a moment ago
		told = account.ErrNobody
	}
	if told == nil || !slices.ContainsFunc(whyProvider, told.Is) {
		return err
	}
	if told.Is(account.ErrProvider) || told.Is(account.ErrAssertion) {
		p.s.Log.Warn("provider", "request", c.id, "error", err.Error())
	}
	to := providerFailed + "?why=" + strings.TrimPrefix(told.Key, "oidc.")
	if visit != 0 {
		to += "&linking=1"
	}
	return c.Redirect(to)
}

// whyProvider are the faults with which a way to the provider can end.
var whyProvider = []error{account.ErrNobody, account.ErrProvider, account.ErrAssertion, account.ErrIdentityTaken, errTripOver, errBrokenOff}

// providerPage says why the way to the provider led nowhere, and which other ways there are.
type providerPage struct {
	Page
	Text  string
	Retry string // where to begin again
	Other string // another way to sign in, "" for who has signed in
}

func (p *atProvider) failed(c *Ctx) error {
	provider, err := p.provider()
	if err != nil {
		return err
	}
	told := fault.From(errTripOver)
	for _, why := range whyProvider {
		if f := fault.From(why); f.Key == "oidc."+c.Query("why") {
			told = f
		}
	}
	page := &providerPage{Page: c.Page(c.T("oidc.failed", "Name", provider.Name)), Text: c.printer.Fault(told), Retry: providerStart, Other: "/sign-in"}
	if c.Query("linking") != "" && c.Actor().UserID != 0 {
		page.Retry, page.Other = identitiesPath, ""
		page.Back = &Crumb{Href: identitiesPath, Label: c.T("oidc.title")}
	}
	page.NoIndex = true
	return c.RenderStatus(statuses[told.Kind], "web/oidc_failed", page)
}

// nextAtProvider is the start for somebody who wants to go on to next.
func nextAtProvider(next string) string {
	if next == "" {
		return providerStart
	}
	return providerStart + "?next=" + url.QueryEscape(next)
}
