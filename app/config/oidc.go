package config

import (
	"net/netip"
	"net/url"
	"strings"
	"unicode/utf8"
)

// OIDC is the OpenID Connect provider at which users may sign in.
type OIDC struct {
	Issuer   string // "" when none is configured
	ClientID string
	Secret   Password // "" for a client that the provider knows by PKCE alone
	Name     string   // on the button; where none is set, the provider's host
}

const (
	issuerWant = "set what the provider calls its issuer, such as https://login.example.org: https, no query; its /.well-known/openid-configuration must be there"
	maxOIDC    = 60
)

func (p *parser) oidc() OIDC {
	o := OIDC{Issuer: p.value("oidc_issuer"), ClientID: p.value("oidc_client_id"), Secret: Password(p.value("oidc_client_secret")), Name: p.value("oidc_name")}
	if o == (OIDC{}) {
		return o
	}
	host, ok := issuerHost(o.Issuer)
	if !ok {
		p.fail("oidc_issuer", "this is no issuer; "+issuerWant)
	}
	if o.ClientID == "" {
		p.fail("oidc_client_id", "the provider knows this program by it; set what the provider calls the client's id")
	}
	if o.Name == "" {
		o.Name = host
	}
	if utf8.RuneCountInString(o.Name) > maxOIDC || strings.ContainsFunc(o.Name, isControl) {
		p.fail("oidc_name", "this is no name for a button; set a short one, such as that of your organisation")
	}
	return o
}

// issuerHost returns the host of an issuer. Without TLS it must be on this machine, where nobody listens in.
func issuerHost(issuer string) (host string, ok bool) {
	u, err := url.Parse(issuer)
	if err != nil || u.Hostname() == "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.User != nil {
		return "", false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return u.Hostname(), u.Scheme == "https" || u.Scheme == "http" && here
}
