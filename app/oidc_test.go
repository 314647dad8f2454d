package app_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/apptest/provider"
	"attesta/app/config"
	"attesta/app/web"
)

// TestProviderProcess is the provider, when a test has started this program once more for it.
func TestProviderProcess(t *testing.T) {
	if _, err := provider.Serve(); err != nil {
		t.Fatal(err)
	}
}

const organiser = "organiser@partner.example"

// atProvider are those whom the provider knows.
var atProvider = []provider.User{
	{Subject: "sub-organiser", Name: "organiser", Email: organiser, Verified: true},
	{Subject: "sub-pretender", Name: "pretender", Email: organiser},
	{Subject: "sub-stranger", Name: "stranger", Email: "stranger@partner.example", Verified: true},
}

// withProvider serves the program with a provider beside it, in a process of its own.
func withProvider(t *testing.T, database string) (*site, *provider.Process) {
	t.Helper()
	var p *provider.Process
	s := serve(t, database, func(c *config.Config) {
		p = provider.Start(t, "TestProviderProcess", c.BaseURL+web.ProviderCallback, atProvider...)
		c.OIDC = config.OIDC{Issuer: p.Issuer, ClientID: provider.ClientID, Secret: provider.Secret, Name: "Partner"}
	})
	return s, p
}

// organiserOf opens an account for an organiser of the world's organisation.
func (s *site) organiserOf(t *testing.T, email string) int64 {
	t.Helper()
	id, err := s.App.Accounts.CreateUser(t.Context(), account.System, account.NewUser{Email: email, Name: "Ana Anić", Password: "four words in a row"})
	if err != nil {
		t.Fatal(err)
	}
	scope := account.Scope{Kind: account.OrganisationScope, ID: s.Organisation.ID}
	if err := s.App.Accounts.Grant(t.Context(), account.System, id, account.Organiser, scope); err != nil {
		t.Fatal(err)
	}
	return id
}

func (c *client) follow(t *testing.T, path string) page {
	t.Helper()
	p, err := c.get(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// leave begins to sign in and returns where the program sends the browser.
func (c *client) leave(t *testing.T, start string) string {
	t.Helper()
	p := c.follow(t, start)
	if p.Code != http.StatusSeeOther {
		t.Fatalf("%s: %d %.500s", start, p.Code, p.Body)
	}
	return p.Location
}

// identify signs in at the provider and returns where it sends the browser back.
func (c *client) identify(t *testing.T, p *provider.Process, to, name string) string {
	t.Helper()
	form := c.follow(t, to)
	u, err := url.Parse(form.Location)
	if err != nil || form.Code != http.StatusFound {
		t.Fatalf("the provider: %d %.500s", form.Code, form.Body)
	}
	base := strings.TrimSuffix(p.Issuer, "/")
	done, err := c.post(t.Context(), base+"/login/username", url.Values{"username": {name}, "password": {provider.Password}, "id": {u.Query().Get("authRequestID")}})
	if err != nil || done.Code != http.StatusFound {
		t.Fatalf("signing in at the provider: %d %.500s, %v", done.Code, done.Body, err)
	}
	if strings.HasPrefix(done.Location, "/") {
		done.Location = base + done.Location
	}
	back := c.follow(t, done.Location)
	if back.Code != http.StatusFound || !strings.HasPrefix(back.Location, c.base+web.ProviderCallback) {
		t.Fatalf("back from the provider: %d to %q %.500s", back.Code, back.Location, back.Body)
	}
	return back.Location
}

// desk reports whether the client has signed in.
func (c *client) desk(t *testing.T) bool {
	t.Helper()
	return c.follow(t, "/desk").Code == http.StatusOK
}

// told follows a browser to the page that says why the way to the provider led nowhere. The address of that page holds
// neither code nor state.
func (s *site) told(t *testing.T, what string, c *client, path string, code int, key string) {
	t.Helper()
	p := c.follow(t, path)
	if p.Code != http.StatusSeeOther || !strings.HasPrefix(p.Location, "/sign-in/oidc/failed?why=") || strings.Contains(p.Location, "code") {
		t.Errorf("%s: %d to %q", what, p.Code, p.Location)
		return
	}
	p = c.follow(t, p.Location)
	p.Body = html.UnescapeString(p.Body)
	if want := s.Catalogue.Printer("en").T(key); p.Code != code || !strings.Contains(p.Body, want) {
		t.Errorf("%s: %d, and not %q in %.1500s", what, p.Code, want, p.Body)
	}
}

func TestOnlyTheVerifiedOwnerOfAnAddressSignsInAtAProvider(t *testing.T) {
	each(t, func(t *testing.T, s *site, p *provider.Process) {
		id := s.organiserOf(t, organiser)
		for _, name := range []string{"pretender", "stranger"} {
			c := newClient(s.Base, "")
			s.told(t, name, c, c.identify(t, p, c.leave(t, "/sign-in/oidc"), name), http.StatusForbidden, "oidc.nobody")
			if c.desk(t) {
				t.Errorf("%s is in", name)
			}
		}
		for range 2 { // by the address, then by the identity
			c := newClient(s.Base, "")
			in := c.follow(t, c.identify(t, p, c.leave(t, "/sign-in/oidc?next=%2Fdesk%3Fa%3D1"), "organiser"))
			if in.Code != http.StatusSeeOther || in.Location != "/desk?a=1" || !c.desk(t) {
				t.Fatalf("%d to %q %.500s", in.Code, in.Location, in.Body)
			}
		}
		var methods []string
		if err := s.DB.Read().NewRaw("SELECT method FROM visits WHERE user_id = ?", id).Scan(t.Context(), &methods); err != nil || strings.Join(methods, " ") != "oidc oidc" {
			t.Errorf("visits by %q, %v", methods, err)
		}
		if err := s.App.Accounts.Disable(t.Context(), account.System, id, true); err != nil {
			t.Fatal(err)
		}
		c := newClient(s.Base, "")
		s.told(t, "disabled", c, c.identify(t, p, c.leave(t, "/sign-in/oidc"), "organiser"), http.StatusForbidden, "oidc.nobody")
	})
}

// each runs a test of the provider on both databases.
func each(t *testing.T, f func(t *testing.T, s *site, p *provider.Process)) {
	t.Helper()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			s, p := withProvider(t, fresh(t))
			f(t, s, p)
		})
	}
}

func TestAWayBackFromTheProviderIsGoodOnceInTheBrowserThatBegan(t *testing.T) {
	each(t, func(t *testing.T, s *site, p *provider.Process) {
		s.organiserOf(t, organiser)
		c, thief := newClient(s.Base, ""), newClient(s.Base, "")
		back := c.identify(t, p, c.leave(t, "/sign-in/oidc"), "organiser")
		s.told(t, "a browser that began nothing", thief, back, http.StatusGone, "oidc.again")
		thief.leave(t, "/sign-in/oidc")
		s.told(t, "a browser that began another", thief, back, http.StatusGone, "oidc.again")

		jar := c.http.Jar.Cookies(parsed(t, s.Base))
		if in := c.follow(t, back); in.Code != http.StatusSeeOther || in.Location != "/desk" {
			t.Fatalf("%d to %q %.500s", in.Code, in.Location, in.Body)
		}
		again := newClient(s.Base, "")
		s.told(t, "once more, without the cookie", c, back, http.StatusGone, "oidc.again")
		again.http.Jar.SetCookies(parsed(t, s.Base), jar)
		s.told(t, "once more, with the cookie", again, back, http.StatusGone, "oidc.again")
		if again.desk(t) || thief.desk(t) {
			t.Error("somebody else is in")
		}

		code := parsed(t, back).Query().Get("code")
		state := parsed(t, again.leave(t, "/sign-in/oidc")).Query().Get("state")
		s.told(t, "a used code in a new way", again, web.ProviderCallback+"?code="+code+"&state="+state, http.StatusForbidden, "oidc.not_accepted")
		state = parsed(t, again.leave(t, "/sign-in/oidc")).Query().Get("state")
		s.told(t, "another issuer's answer", again, web.ProviderCallback+"?code=x&state="+state+"&iss=https://evil.example", http.StatusForbidden, "oidc.not_accepted")
		state = parsed(t, again.leave(t, "/sign-in/oidc")).Query().Get("state")
		s.told(t, "broken off", again, web.ProviderCallback+"?error=access_denied&state="+state, http.StatusForbidden, "oidc.broken_off")
		back = again.identify(t, p, again.leave(t, "/sign-in/oidc"), "organiser")
		s.Clock.Set(s.Clock.Now().Add(11 * time.Minute))
		s.told(t, "too late", again, back, http.StatusGone, "oidc.again")
	})
}

func parsed(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestTheWayFromTheProviderLeadsNowhereElse(t *testing.T) {
	s, p := withProvider(t, databases["sqlite"](t))
	s.organiserOf(t, organiser)
	for _, next := range []string{"//evil.example", `/\evil.example`, "https://evil.example/", "/\t/evil.example", "/sign-out", strings.Repeat("/a", 600)} {
		c := newClient(s.Base, "")
		in := c.follow(t, c.identify(t, p, c.leave(t, "/sign-in/oidc?next="+url.QueryEscape(next)), "organiser"))
		if in.Code != http.StatusSeeOther || in.Location != "/desk" {
			t.Errorf("%.40q: %d to %q", next, in.Code, in.Location)
		}
	}
}

func TestAProviderIsOneFactor(t *testing.T) {
	each(t, func(t *testing.T, s *site, p *provider.Process) {
		id := s.organiserOf(t, organiser)
		err := s.DB.InTx(t.Context(), apptest.Exec("INSERT INTO settings (name, value) VALUES ('account.second_factor', '[\"organiser\"]')"))
		if err != nil {
			t.Fatal(err)
		}
		c := newClient(s.Base, "")
		in := c.follow(t, c.identify(t, p, c.leave(t, "/sign-in/oidc"), "organiser"))
		if in.Code != http.StatusSeeOther || !strings.HasPrefix(in.Location, "/sign-in/second") || c.desk(t) {
			t.Errorf("user %d is led to %q", id, in.Location)
		}
	})
}

func TestWithoutTheProviderThereAreOtherWays(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			s := serve(t, fresh(t), func(c *config.Config) {
				c.OIDC = config.OIDC{Issuer: "http://127.0.0.1:9/", ClientID: "attesta", Name: "Partner"}
			})
			s.organiserOf(t, organiser)
			c := newClient(s.Base, "")
			s.told(t, "down", c, "/sign-in/oidc?next=/desk", http.StatusServiceUnavailable, "oidc.unavailable")
			page := c.follow(t, "/sign-in")
			form, err := page.hidden()
			if err != nil || !strings.Contains(page.Body, s.Catalogue.Printer("en").T("oidc.with", "Name", "Partner")) {
				t.Fatal(err)
			}
			form["email"], form["password"] = []string{organiser}, []string{"four words in a row"}
			if _, err := c.post(t.Context(), "/sign-in", form); err != nil || !c.desk(t) {
				t.Errorf("the password doesn't sign in: %v", err)
			}
		})
	}
}

func TestASignedInUserLinksAndUnlinksAnIdentity(t *testing.T) {
	each(t, func(t *testing.T, s *site, p *provider.Process) {
		s.organiserOf(t, "ana@elsewhere.example")
		c := newClient(s.Base, "")
		link, err := s.App.Accounts.NewSignInLink(t.Context(), "ana@elsewhere.example")
		if err != nil {
			t.Fatal(err)
		}
		c.press(t, account.LinkPath+link, account.LinkPath+link)
		gone := c.press(t, "/account/identities", "/account/identities")
		to := onward(t, gone)
		back := c.identify(t, p, to, "stranger")
		other := newClient(s.Base, "")
		if link, err = s.App.Accounts.NewSignInLink(t.Context(), "ana@elsewhere.example"); err != nil {
			t.Fatal(err)
		}
		other.press(t, account.LinkPath+link, account.LinkPath+link)
		other.http.Jar.SetCookies(parsed(t, s.Base), cookiesNamed(c.http.Jar.Cookies(parsed(t, s.Base)), "attesta-oidc"))
		s.told(t, "in another sign-in", other, back, http.StatusGone, "oidc.again")
		gone = c.press(t, "/account/identities", "/account/identities")
		to = onward(t, gone)
		if in := c.follow(t, c.identify(t, p, to, "stranger")); in.Location != "/account/identities" {
			t.Fatalf("%d to %q %.500s", in.Code, in.Location, in.Body)
		}
		list := c.follow(t, "/account/identities")
		if !strings.Contains(list.Body, "sub-stranger") {
			t.Fatalf("%.2000s", list.Body)
		}
		d := newClient(s.Base, "")
		if in := d.follow(t, d.identify(t, p, d.leave(t, "/sign-in/oidc"), "stranger")); in.Location != "/desk" {
			t.Fatalf("signing in with it: %d to %q", in.Code, in.Location)
		}
		_, rest, _ := strings.Cut(list.Body, `action="/account/identities/`)
		number, _, _ := strings.Cut(rest, "/")
		c.press(t, "/account/identities", "/account/identities/"+number+"/unlink")
		if d.desk(t) {
			t.Error("the sign-in with the identity outlives it")
		}
		s.told(t, "unlinked", d, d.identify(t, p, d.leave(t, "/sign-in/oidc"), "stranger"), http.StatusForbidden, "oidc.nobody")
	})
}

func cookiesNamed(cookies []*http.Cookie, name string) (out []*http.Cookie) {
	for _, c := range cookies {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// press opens a page and posts a form on it that carries nothing but its token.
func (c *client) press(t *testing.T, path, action string) page {
	t.Helper()
	p := c.follow(t, path)
	_, rest, ok := strings.Cut(p.Body, `name="_csrf" value="`)
	token, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("%s: %d, and no form in %.500s", path, p.Code, p.Body)
	}
	out, err := c.post(t.Context(), action, url.Values{"_csrf": {token}})
	if err != nil || out.Code >= 400 {
		t.Fatalf("%s: %d %.500s, %v", action, out.Code, out.Body, err)
	}
	return out
}

// onward returns where the one link with a button's looks leads.
func onward(t *testing.T, p page) string {
	t.Helper()
	_, rest, ok := strings.Cut(p.Body, `class="button button--main" href="`)
	to, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no way on in %.2000s", p.Body)
	}
	return html.UnescapeString(to)
}
