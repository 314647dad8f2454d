package web_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestAWriteNeedsTheTokenOfThisBrowser(t *testing.T) {
	s := newSite(t)
	page := s.get("/en/form")
	token := value(t, page, `input[name=_csrf]`)
	fields := url.Values{"email": {"a@b.org"}, "country": {"RS"}}
	with := func(token string) url.Values {
		v := url.Values{"_csrf": {token}}
		for k := range fields {
			v[k] = fields[k]
		}
		return v
	}
	if a := s.post("/en/form", fields); a.StatusCode != 403 {
		t.Errorf("without a token: %d", a.StatusCode)
	}
	if a := s.post("/en/form", with(strings.Repeat("A", 43))); a.StatusCode != 403 {
		t.Errorf("with a made-up token: %d", a.StatusCode)
	}
	other := newSite(t, same(s))
	if a := other.post("/en/form", with(token)); a.StatusCode != 403 {
		t.Errorf("from a browser without the cookie: %d", a.StatusCode)
	}
	other.get("/en/form")
	if a := other.post("/en/form", with(token)); a.StatusCode != 403 {
		t.Errorf("from a browser with another cookie: %d", a.StatusCode)
	}
	// two tabs, and the back button
	second := value(t, s.get("/en/form"), `input[name=_csrf]`)
	for _, x := range []string{token, second, token} {
		if a := s.post("/en/form", with(x)); a.StatusCode != 303 {
			t.Errorf("with the browser's own token: %d %s", a.StatusCode, a.body)
		}
	}
	if a := s.post("/en/form", fields, "X-CSRF-Token", token); a.StatusCode != 303 {
		t.Errorf("with the token in a header: %d", a.StatusCode)
	}
}

func TestTokensEndWhenSomebodySignsInOrOut(t *testing.T) {
	s := newSite(t)
	before := value(t, s.get("/en/form"), `input[name=_csrf]`)
	s.signIn("org@example.org")
	send := func(token string) int {
		return s.post("/en/form", url.Values{"_csrf": {token}, "email": {"a@b.org"}, "country": {"RS"}}).StatusCode
	}
	if got := send(before); got != 403 {
		t.Errorf("the visitor's token after signing in: %d", got)
	}
	in := value(t, s.get("/en/form"), `main input[name=_csrf]`)
	if got := send(in); got != 303 {
		t.Errorf("a token of the session: %d", got)
	}
	s.post("/sign-out", url.Values{"_csrf": {in}})
	if got := send(in); got != 403 {
		t.Errorf("the session's token after signing out: %d", got)
	}
}

func TestATokenOfOneSessionIsWorthNothingInAnother(t *testing.T) {
	a := newSite(t)
	b := newSite(t, same(a))
	a.signIn("org@example.org")
	b.signIn("org@example.org")
	token := value(t, a.get("/en/form"), `main input[name=_csrf]`)
	fields := url.Values{"_csrf": {token}, "email": {"a@b.org"}, "country": {"RS"}}
	if got := b.post("/en/form", fields).StatusCode; got != 403 {
		t.Errorf("in another session: %d", got)
	}
	if got := a.post("/en/form", fields).StatusCode; got != 303 {
		t.Errorf("in its own: %d", got)
	}
}

func TestAnotherSiteCannotMakeABrowserWrite(t *testing.T) {
	s := newSite(t)
	token := value(t, s.get("/en/form"), `input[name=_csrf]`)
	fields := url.Values{"_csrf": {token}, "email": {"a@b.org"}, "country": {"RS"}}
	for _, c := range []struct {
		header []string
		want   int
	}{
		{[]string{"Sec-Fetch-Site", "cross-site"}, 403},
		{[]string{"Sec-Fetch-Site", "same-site"}, 403},
		{[]string{"Origin", "https://evil.example"}, 403},
		{[]string{"Origin", "http://events.example.org"}, 403},
		{[]string{"Origin", "https://events.example.org"}, 303},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", "null"}, 303}, // a page under no-referrer
		{nil, 303},
	} {
		if a := s.post("/en/form", fields, c.header...); a.StatusCode != c.want {
			t.Errorf("%v: %d, want %d", c.header, a.StatusCode, c.want)
		}
	}
}

func TestAPageThatStayedOpenTooLongLosesNothing(t *testing.T) {
	s := newSite(t)
	fields := url.Values{"_csrf": {"old"}, "email": {"a@b.org"}, "country": {"RS", "ME"}}
	a := s.post("/mk/form", fields, "Sec-Fetch-Site", "same-origin")
	if a.StatusCode != 403 || !strings.Contains(a.body, "предолго") {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	form := one(t, a, "main form")
	if got := attr(form, "action"); got != "/mk/form" {
		t.Errorf("the form leads to %q", got)
	}
	again := url.Values{}
	for _, n := range all(t, a, "main form input") {
		again.Add(attr(n, "name"), attr(n, "value"))
	}
	if got := again["country"]; len(got) != 2 || again.Get("email") != "a@b.org" {
		t.Errorf("kept %v", again)
	}
	if a := s.post("/mk/form", again); a.StatusCode != 303 {
		t.Errorf("sent again: %d", a.StatusCode)
	}
	if a := s.post("/mk/form", fields, "Sec-Fetch-Site", "cross-site"); strings.Contains(a.body, "a@b.org") {
		t.Error("what another site sent was put into a form")
	}
	if a := s.post("/mk/form", fields, "Origin", "null"); strings.Contains(a.body, "a@b.org") {
		t.Error("what a page without a name sent was put into a form")
	}
	a = s.post("/sign-in", url.Values{"email": {"a@b.org"}, "password": {"open-sesame"}}, "Sec-Fetch-Site", "same-origin")
	if strings.Contains(a.body, "open-sesame") {
		t.Error("a password was written into a page")
	}
	if got := attr(one(t, a, "main a.button"), "href"); got != "/sign-in" {
		t.Errorf("the form is to be opened at %q", got)
	}
}
