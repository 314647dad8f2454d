package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"attesta/app/fault"
)

// Provider is an OpenID Connect provider at which users may sign in: that of their organisation, most likely. It is
// asked about itself when it is first needed, and again until it answers, so that the program starts without it.
type Provider struct {
	Issuer   string // as the provider writes it, to the slash at the end
	ClientID string
	Secret   string // "" for a client that is known by PKCE alone
	Redirect string // the whole address to which it sends the browser back
	Name     string // on the button
	Clock    func() time.Time
	HTTP     *http.Client // nil is one with a deadline

	known atomic.Pointer[oidc.Provider]
}

// Trip is what binds one way to the provider and back to one browser. It is used once.
type Trip struct {
	State    string // comes back in the address
	Nonce    string // comes back in the token
	Verifier string // of PKCE; never leaves the program but in the exchange of the code
}

// Identity is who somebody is to a provider.
type Identity struct {
	Issuer, Subject string
	Email           string
	Verified        bool // the provider has seen to it that the address is theirs
}

// Faults that the reader is told when the way to the provider leads nowhere.
var (
	ErrProvider  = fault.New(fault.Unavailable, "oidc.unavailable") // it doesn't answer
	ErrAssertion = fault.New(fault.Forbidden, "oidc.not_accepted")  // what it says can't be believed
)

// patience is how long a provider may take for one answer.
const patience = 6 * time.Second

func (p *Provider) context(ctx context.Context) context.Context {
	client := p.HTTP
	if client == nil {
		client = &http.Client{Timeout: patience}
	}
	return oidc.ClientContext(ctx, client)
}

// discover returns what the provider says of itself; only an answer is kept.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	if known := p.known.Load(); known != nil {
		return known, nil
	}
	found, err := oidc.NewProvider(p.context(ctx), p.Issuer)
	if err != nil {
		return nil, errors.Join(ErrProvider, fmt.Errorf("discover %s: %w", p.Issuer, err))
	}
	if found.Endpoint().AuthURL == "" || found.Endpoint().TokenURL == "" {
		return nil, errors.Join(ErrProvider, fmt.Errorf("discover %s: it names no endpoints", p.Issuer))
	}
	p.known.Store(found)
	return found, nil
}

func (p *Provider) client(found *oidc.Provider) *oauth2.Config {
	endpoint := found.Endpoint()
	endpoint.AuthStyle = p.style(found)
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.Secret, Endpoint: endpoint, RedirectURL: p.Redirect,
		Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

// style is how the client shows its secret. Where a provider doesn't say, the standard has it in a header.
func (p *Provider) style(found *oidc.Provider) oauth2.AuthStyle {
	var said struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	err := found.Claims(&said)
	if p.Secret == "" || err == nil && len(said.Methods) > 0 && !slices.Contains(said.Methods, "client_secret_basic") {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// Address returns where the browser is sent to sign in. Its fault is ErrProvider.
func (p *Provider) Address(ctx context.Context, t Trip) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.client(found).AuthCodeURL(t.State, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), nil
}

// Identify exchanges the code with which the browser came back, and returns whose it is. Its faults are ErrProvider
// and ErrAssertion, joined with what a log may say.
func (p *Provider) Identify(ctx context.Context, code string, t Trip) (Identity, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	token, err := p.client(found).Exchange(p.context(ctx), code, oauth2.VerifierOption(t.Verifier))
	if err != nil {
		return Identity{}, refusal(err)
	}
	raw, _ := token.Extra("id_token").(string)
	stated, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.Clock}).Verify(ctx, raw)
	if err != nil {
		return Identity{}, disbelieved(err)
	}
	if err := p.check(stated, token, t); err != nil {
		return Identity{}, disbelieved(err)
	}
	return p.describe(ctx, found, stated, token)
}

// refusal tells a provider that doesn't answer from one that doesn't take the code. What the provider wrote is left
// out, but for the word of the standard.
func refusal(err error) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
		return disbelieved(fmt.Errorf("the code is refused: %d %.40q", refused.Response.StatusCode, refused.ErrorCode))
	}
	if refused != nil {
		err = errors.New(refused.Response.Status)
	}
	return errors.Join(ErrProvider, fmt.Errorf("exchange the code: %w", err))
}

func disbelieved(err error) error { return errors.Join(ErrAssertion, err) }

// check holds the token against what the library leaves to its user: the nonce, to whom it was given, and that the
// access token came with it.
func (p *Provider) check(stated *oidc.IDToken, token *oauth2.Token, t Trip) error {
	var claims struct {
		Party string `json:"azp"`
	}
	if err := stated.Claims(&claims); err != nil {
		return err
	}
	switch {
	case t.Nonce == "" || subtle.ConstantTimeCompare([]byte(stated.Nonce), []byte(t.Nonce)) != 1:
		return errors.New("the nonce is another one")
	case stated.Subject == "":
		return errors.New("there is no subject")
	case claims.Party != "" && claims.Party != p.ClientID, claims.Party == "" && len(stated.Audience) > 1:
		return errors.New("the token was given to somebody else")
	case stated.AccessTokenHash != "":
		return stated.VerifyAccessToken(token.AccessToken)
	}
	return nil
}

// truth is a boolean as providers write it: some in quotation marks.
type truth bool

// UnmarshalJSON takes only true for true.
func (t *truth) UnmarshalJSON(b []byte) error {
	*t = string(b) == "true" || string(b) == `"true"`
	return nil
}

// describe reads the address from the token or, where it isn't there, asks the provider for it.
func (p *Provider) describe(ctx context.Context, found *oidc.Provider, stated *oidc.IDToken, token *oauth2.Token) (Identity, error) {
	var claims struct {
		Email    string `json:"email"`
		Verified truth  `json:"email_verified"`
	}
	if err := stated.Claims(&claims); err != nil {
		return Identity{}, disbelieved(err)
	}
	id := Identity{Issuer: p.Issuer, Subject: stated.Subject, Email: claims.Email, Verified: bool(claims.Verified)}
	if claims.Email != "" || found.UserInfoEndpoint() == "" {
		return id, nil
	}
	more, err := found.UserInfo(p.context(ctx), oauth2.StaticTokenSource(token))
	if err != nil {
		return Identity{}, errors.Join(ErrProvider, fmt.Errorf("ask about the user: %w", err))
	}
	if more.Subject != stated.Subject {
		return Identity{}, disbelieved(errors.New("the provider tells of another user"))
	}
	id.Email, id.Verified = more.Email, more.EmailVerified
	return id, nil
}
