package api_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
)

// visit is somebody who signed in, at the page of tokens.
type visit struct {
	*site
	t testing.TB
}

func (s *site) visit(t testing.TB, name string) visit {
	t.Helper()
	other := *s
	other.jar = map[string]string{}
	link, err := s.accounts.NewSignInLink(t.Context(), name+"@attesta.example")
	if err != nil {
		t.Fatal(err)
	}
	if a := other.get(t, "", "/sign-in/"+link); a.code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.code, a.raw)
	}
	return visit{&other, t}
}

func (v visit) page() answer { return v.get(v.t, "", "/account/tokens") }

var csrf = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

func (v visit) send(path string, values url.Values) answer {
	v.t.Helper()
	m := csrf.FindSubmatch(v.page().raw)
	if m == nil {
		v.t.Fatal("no form")
	}
	values.Set("_csrf", string(m[1]))
	r := httptest.NewRequest(http.MethodPost, base+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(v.t, r)
}

// form is a filled-in form.
func form(more ...string) url.Values {
	f := url.Values{"label": {"Website"}, "grant": {"organiser organisation lead"}, "rights": {"read"}, "expires_on": {"2022-05-31"}}
	for i := 0; i+1 < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

func (a answer) nodes(selector string) []*html.Node {
	a.t.Helper()
	doc, err := html.Parse(strings.NewReader(string(a.raw)))
	if err != nil {
		a.t.Fatal(err)
	}
	return cascadia.QueryAll(doc, cascadia.MustCompile(selector))
}

func (a answer) value(selector string) string {
	a.t.Helper()
	for _, n := range a.nodes(selector) {
		for _, x := range n.Attr {
			if x.Key == "value" {
				return x.Val
			}
		}
	}
	return ""
}

// made is the token that the page shows.
func (a answer) made() string {
	a.t.Helper()
	for _, n := range a.nodes("#made") {
		return n.FirstChild.Data
	}
	return ""
}

func TestATokenIsMadeOnItsPageAndShownOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		v := s.visit(t, "organiser")
		a := v.send("/account/tokens", form("rights", "write"))
		secret := a.made()
		if a.code != http.StatusOK || !strings.HasPrefix(secret, "att_") {
			t.Fatalf("%d %s", a.code, a.raw)
		}
		if strings.Contains(string(v.page().raw), secret) {
			t.Error("it is shown twice")
		}
		facts := s.get(t, secret, "/api/v1/token")
		if facts.at("writes") != true || facts.at("expires_at") != "2022-05-31T22:00:00Z" || facts.at("scope", "code") != "lead" {
			t.Errorf("%s", facts.raw)
		}
		narrow := v.send("/account/tokens", form("event", e.Code)).made()
		if facts := s.get(t, narrow, "/api/v1/token"); facts.at("scope", "code") != e.Code || facts.at("writes") != false {
			t.Errorf("%s", facts.raw)
		}
		if n := len(v.page().nodes("tbody tr")); n != 2 {
			t.Errorf("%d tokens are listed", n)
		}
	})
}

func TestARevokedTokenStopsAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		v := s.visit(t, "organiser")
		secret := v.send("/account/tokens", form()).made()
		id := v.page().value("tbody input[name=token]")
		if a := s.visit(t, "donor").send("/account/tokens/revoke", url.Values{"token": {id}}); a.code != http.StatusNotFound {
			t.Errorf("another user revokes: %d", a.code)
		}
		if a := s.get(t, secret, "/api/v1/token"); a.code != http.StatusOK {
			t.Fatalf("%d %s", a.code, a.raw)
		}
		if a := v.send("/account/tokens/revoke", url.Values{"token": {id}}); a.code != http.StatusSeeOther {
			t.Errorf("%d %s", a.code, a.raw)
		}
		if a := s.get(t, secret, "/api/v1/token"); a.code != http.StatusUnauthorized {
			t.Errorf("it still works: %d", a.code)
		}
		if n := len(v.page().nodes("tbody button")); n != 0 {
			t.Errorf("%d tokens can be revoked", n)
		}
	})
}

func TestATokenIsForWhatItsUserHolds(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	for what, c := range map[string]struct{ who, field, value, wrong string }{
		"another's role":  {"stranger", "label", "x", "#f-grant[aria-invalid]"},
		"a made-up role":  {"organiser", "grant", "administrator installation", "#f-grant[aria-invalid]"},
		"another's event": {"organiser", "event", "nowhere", "#f-event[aria-invalid]"},
		"too long":        {"organiser", "expires_on", "2023-05-03", "#f-expires_on[aria-invalid]"},
		"over":            {"organiser", "expires_on", "2022-05-01", "#f-expires_on[aria-invalid]"},
		"no day":          {"organiser", "expires_on", "soon", "#f-expires_on[aria-invalid]"},
		"without a label": {"organiser", "label", "", "#f-label[aria-invalid]"},
	} {
		a := s.visit(t, c.who).send("/account/tokens", form(c.field, c.value))
		if a.code != http.StatusUnprocessableEntity || len(a.nodes(c.wrong)) != 1 || a.made() != "" {
			t.Errorf("%s: %d %s", what, a.code, a.raw)
		}
	}
	if n := len(s.visit(t, "donor").page().nodes("select[name=event]")); n != 0 {
		t.Error("a donor is offered events")
	}
	if a := s.visit(t, "donor").send("/account/tokens", form("grant", "donor project P1", "event", e.Code)); a.code != http.StatusUnprocessableEntity {
		t.Errorf("a donor's token for an event: %d", a.code)
	}
	if a := s.visit(t, "donor").send("/account/tokens", form("grant", "donor project P1")); a.made() == "" {
		t.Errorf("%d %s", a.code, a.raw)
	}
}

func TestWhoSignedInAWhileAgoShowsAgainWhoTheyAre(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	v := s.visit(t, "organiser")
	s.Clock.Set(s.Clock.Now().Add(11 * time.Minute))
	if a := v.page(); len(a.nodes("input[name=label]")) != 0 || len(a.nodes(`a[href^="/account/proof"]`)) != 1 {
		t.Errorf("%s", a.raw)
	}
	if a := v.send("/account/tokens", form()); a.code != http.StatusSeeOther || !strings.HasPrefix(a.head.Get("Location"), "/account/proof?") {
		t.Errorf("%d %v", a.code, a.head)
	}
	if list, err := s.accounts.Tokens(t.Context(), account.System, s.users["organiser"].UserID); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
	if a := s.get(t, "", "/account/tokens"); a.code != http.StatusSeeOther {
		t.Errorf("a visitor: %d", a.code)
	}
}
