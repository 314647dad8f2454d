package web_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"attesta/app/web"
)

// same gives a second site the keys and the store of the first: another replica, or another browser of the same site.
func same(s *site) setting {
	return func(c *web.Config) { c.Secret, c.Store, c.Accounts = s.cfg.Secret, s.cfg.Store, s.cfg.Accounts }
}

const sessionCookie = "__Host-attesta-session"

func TestAVisitorWhoOnlyReadsGetsNoCookie(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/", "/en/say/x", "/nowhere", "/boom", "/healthz", "/robots.txt"} {
		if c := s.get(path).Cookies(); len(c) != 0 {
			t.Errorf("%s sets %s", path, c[0])
		}
	}
	if s.store.sets != 0 {
		t.Error("something was stored for a visitor")
	}
}

func TestSigningInGivesANewSessionAndNothingInTheStoreTellsItsId(t *testing.T) {
	s := newSite(t)
	s.jar[sessionCookie] = "chosen-by-somebody-else"
	a := s.signIn("org@example.org")
	if a.StatusCode != 303 || a.Header.Get("Location") != "/desk" {
		t.Fatalf("%d %s", a.StatusCode, a.Header.Get("Location"))
	}
	first := s.jar[sessionCookie]
	if len(first) < 32 || first == "chosen-by-somebody-else" {
		t.Fatalf("session %q", first)
	}
	for key := range s.store.all {
		if strings.Contains(key, first) {
			t.Error("the id of the session stands in the store")
		}
	}
	for _, c := range a.Cookies() {
		if c.Name == sessionCookie && (!c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "") {
			t.Errorf("cookie %s", c)
		}
	}
	// signing in once more, as somebody else, ends the first session
	token := value(t, s.get("/en/form"), `main input[name=_csrf]`)
	s.post("/sign-in", url.Values{"_csrf": {token}, "email": {"donor@example.org"}, "password": {"right"}})
	if s.jar[sessionCookie] == first {
		t.Error("the session kept its id")
	}
	s.jar[sessionCookie] = first
	if a := s.get("/desk"); a.StatusCode != 303 {
		t.Errorf("the first session still opens the desk: %d", a.StatusCode)
	}
}

func TestSigningOutEndsTheSessionOnTheServer(t *testing.T) {
	s := newSite(t)
	s.signIn("org@example.org")
	id := s.jar[sessionCookie]
	token := value(t, s.get("/desk"), `input[name=_csrf]`)
	if a := s.post("/sign-out", url.Values{"_csrf": {token}}); a.StatusCode != 303 {
		t.Fatalf("%d %s", a.StatusCode, a.body)
	}
	if _, ok := s.jar[sessionCookie]; ok {
		t.Error("the browser keeps the cookie")
	}
	s.jar[sessionCookie] = id
	if a := s.get("/desk"); a.StatusCode != 303 {
		t.Errorf("the old id opens the desk: %d", a.StatusCode)
	}
	if got := text(one(t, s.get("/sign-in"), ".notice")); got != "You have logged out." {
		t.Errorf("said %q", got)
	}
}

func TestASessionEndsAfterItsDaysHoweverBusy(t *testing.T) {
	s := newSite(t)
	s.signIn("org@example.org")
	for range 6 {
		s.now = s.now.Add(24 * time.Hour)
		if a := s.get("/desk"); a.StatusCode != 200 {
			t.Fatalf("%s: %d", s.now, a.StatusCode)
		}
	}
	s.now = s.now.Add(25 * time.Hour)
	if a := s.get("/desk"); a.StatusCode != 303 {
		t.Errorf("after seven days: %d", a.StatusCode)
	}
}

func TestReadingPagesDoesNotWriteTheSessionEachTime(t *testing.T) {
	s := newSite(t)
	s.signIn("org@example.org")
	before := s.store.sets
	for range 10 {
		s.now = s.now.Add(10 * time.Second)
		s.get("/desk")
	}
	if got := s.store.sets - before; got != 0 {
		t.Errorf("%d writes for ten pages in a hundred seconds", got)
	}
	s.now = s.now.Add(5 * time.Minute)
	s.get("/desk")
	if got := s.store.sets - before; got != 1 {
		t.Errorf("%d writes after five minutes", got)
	}
}

func TestAUserWhoMayNotSignInAnyMoreIsOut(t *testing.T) {
	s := newSite(t)
	token := value(t, s.get("/sign-in"), `input[name=_csrf]`)
	if a := s.post("/sign-in", url.Values{"_csrf": {token}, "email": {"gone@example.org"}, "password": {"right"}}); a.StatusCode != 404 {
		t.Errorf("%d", a.StatusCode)
	}
}

func TestAWrongPasswordAndAnUnknownAddressGetTheSameAnswer(t *testing.T) {
	masked := func(email string) string {
		s := newSite(t)
		token := value(t, s.get("/sign-in"), `input[name=_csrf]`)
		a := s.post("/sign-in", url.Values{"_csrf": {token}, "email": {email}, "password": {"wrong"}})
		if a.StatusCode != 422 || !strings.Contains(a.body, "value=\""+email+"\"") {
			t.Errorf("%s: %d %s", email, a.StatusCode, a.body)
		}
		body := strings.ReplaceAll(a.body, email, "EMAIL")
		return strings.ReplaceAll(body, value(t, a, `input[name=_csrf]`), "TOKEN")
	}
	if masked("org@example.org") != masked("nobody@example.org") {
		t.Error("the answers differ")
	}
}

func TestASignInLinkIsUsedByAButtonNotByOpeningIt(t *testing.T) {
	s := newSite(t)
	a := s.get("/sign-in/once?next=/desk/events")
	if a.StatusCode != 200 || s.jar[sessionCookie] != "" || a.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Fatalf("opening: %d %v", a.StatusCode, a.Header)
	}
	token := value(t, a, `input[name=_csrf]`)
	b := s.post("/sign-in/once", url.Values{"_csrf": {token}, "next": {value(t, a, `input[name=next]`)}})
	if b.StatusCode != 303 || b.Header.Get("Location") != "/desk/events" || s.jar[sessionCookie] == "" {
		t.Errorf("pressing: %d %s", b.StatusCode, b.Header.Get("Location"))
	}
	if c := newSite(t).get("/sign-in/used"); c.StatusCode != 200 {
		t.Errorf("a used link tells before it is pressed: %d", c.StatusCode)
	}
}

func TestAfterSigningInNobodyIsLedAway(t *testing.T) {
	for next, want := range map[string]string{
		"/desk/events?x=1": "/desk/events?x=1", "": "/desk", "https://evil.example": "/desk", "//evil.example": "/desk", "/\\evil.example": "/desk",
		"/%09/evil.example": "/%09/evil.example", "/\t/evil.example": "/desk", "///evil.example": "/desk", "javascript:alert(1)": "/desk", "/sign-in": "/desk", "/sign-out": "/desk",
	} {
		s := newSite(t)
		token := value(t, s.get("/sign-in?next="+url.QueryEscape(next)), `input[name=_csrf]`)
		a := s.post("/sign-in", url.Values{"_csrf": {token}, "email": {"org@example.org"}, "password": {"right"}, "next": {next}})
		if got := a.Header.Get("Location"); got != want {
			t.Errorf("next %q leads to %q, want %q", next, got, want)
		}
	}
}

func TestAVisitorIsAskedToSignInAndComesBack(t *testing.T) {
	s := newSite(t)
	a := s.get("/desk?tab=a&x=ž")
	if got, want := a.Header.Get("Location"), "/sign-in?next="+url.QueryEscape("/desk?tab=a&x=ž"); a.StatusCode != 303 || got != want {
		t.Errorf("%d %s, want %s", a.StatusCode, got, want)
	}
}

func TestTheKeysOfCountersTellNobodysAddress(t *testing.T) {
	s := newSite(t)
	s.signIn("org@example.org")
	for key, v := range s.store.all {
		if strings.Contains(key, "org@") || bytes.Contains(v, []byte("org@")) {
			t.Errorf("%s: %q", key, v)
		}
	}
	if strings.Contains(s.log.String(), "org@") {
		t.Error("the log tells an address")
	}
}

func TestAnAskedForLinkGetsTheSameAnswerForEveryAddress(t *testing.T) {
	ask := func(email string) string {
		s := newSite(t)
		token := value(t, s.get("/sign-in/link"), `input[name=_csrf]`)
		a := s.post("/sign-in/link", url.Values{"_csrf": {token}, "email": {email}})
		if a.StatusCode != 200 {
			t.Errorf("%s: %d", email, a.StatusCode)
		}
		return text(one(t, a, "main"))
	}
	if got := ask("org@example.org"); got != ask("nobody@example.org") || !strings.Contains(got, "is on its way") {
		t.Errorf("said %q", got)
	}
}

func TestTheFirstAdministratorIsMadeByTheLinkAndSignedIn(t *testing.T) {
	s := newSite(t)
	if a := s.get("/setup/other"); a.StatusCode != 410 {
		t.Errorf("another link: %d", a.StatusCode)
	}
	token := value(t, s.get("/setup/first"), `input[name=_csrf]`)
	if a := s.post("/setup/first", url.Values{"_csrf": {token}, "name": {"A"}, "password": {" long enough "}}); a.StatusCode != 422 || strings.Contains(a.body, "long enough") {
		t.Errorf("without an address: %d %s", a.StatusCode, a.body)
	}
	a := s.post("/setup/first", url.Values{"_csrf": {token}, "name": {"A"}, "email": {"a@b.org"}, "password": {" long enough "}})
	if a.StatusCode != 303 || s.get("/desk").StatusCode != 200 {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestTheAccountsLanguageCountsUnlessTheReaderPickedOne(t *testing.T) {
	s := newSite(t)
	s.signIn("donor@example.org")
	if got := attr(one(t, s.get("/donor"), "html"), "lang"); got != "hr" {
		t.Errorf("in %q", got)
	}
	if got := attr(one(t, s.get("/sq/say/x"), "html"), "lang"); got != "sq" {
		t.Errorf("an address with a language is in %q", got)
	}
	s.get("/donor?lang=mk")
	if got := attr(one(t, s.get("/donor"), "html"), "lang"); got != "mk" {
		t.Errorf("after picking, in %q", got)
	}
}
