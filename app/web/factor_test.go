package web_test

import (
	"fmt"
	"maps"
	"net/mail"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/job"
	outbox "attesta/app/mail"
	"attesta/app/web"
	"attesta/templates"
)

// guarded is a site whose users stand in a database and may have second factors.
type guarded struct {
	*site
	a      *account.Accounts
	secret string // of the app
	codes  []string
}

const password = "four words in a row"

func newGuarded(t *testing.T, d *db.DB, base string, more ...setting) *guarded {
	t.Helper()
	g := &guarded{}
	now := func() time.Time { return g.now }
	words, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("a secret of thirty-two bytes, yes")
	mails, err := outbox.New(outbox.Options{
		DB: d, Queue: job.New(d, nil), Catalogue: words, Secret: secret, BaseURL: base, From: mail.Address{Address: "events@example.org"}, Templates: templates.Files, Clock: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	g.a, err = account.New(account.Options{
		DB: d, Mails: mails, Secret: secret, Clock: now, BaseURL: base, Hashing: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	})
	if err != nil {
		t.Fatal(err)
	}
	settings := append([]setting{func(c *web.Config) {
		c.BaseURL, c.Accounts, c.Factors, c.Store = base, g.a, g.a, &db.Storage{DB: d, Clock: now}
	}}, more...)
	g.site = newSite(t, settings...)
	return g
}

// user makes an organiser.
func (g *guarded) user(email string) int64 {
	g.t.Helper()
	id, err := g.a.CreateUser(g.t.Context(), account.System, account.NewUser{Email: email, Name: "Ana", Password: password})
	if err != nil {
		g.t.Fatal(err)
	}
	if err := g.a.Grant(g.t.Context(), account.System, id, account.Organiser, account.Scope{Kind: account.OrganisationScope, ID: 7}); err != nil {
		g.t.Fatal(err)
	}
	return id
}

// fresh forgets the browser's cookies.
func (g *guarded) fresh() { g.jar = map[string]string{} }

// submit posts to a page's own form with the token that stands on it.
func (g *guarded) submit(page answer, path string, values url.Values) answer {
	g.t.Helper()
	values.Set("_csrf", value(g.t, page, `main input[name=_csrf]`))
	return g.post(path, values)
}

func (g *guarded) password(email, next string) answer {
	g.t.Helper()
	return g.submit(g.get("/sign-in"), "/sign-in", url.Values{"email": {email}, "password": {password}, "next": {next}})
}

func (g *guarded) code() string {
	g.t.Helper()
	code, err := totp.GenerateCode(g.secret, g.now)
	if err != nil {
		g.t.Fatal(err)
	}
	return code
}

// enrol sets up an app in the browser's visit and returns the page that comes then.
func (g *guarded) enrol(next string) answer {
	g.t.Helper()
	page := g.get("/account/factors/app?next=" + url.QueryEscape(next))
	g.secret = strings.Join(strings.Fields(text(one(g.t, page, ".secret"))), "")
	a := g.submit(page, "/account/factors/app", url.Values{"sealed": {value(g.t, page, "input[name=sealed]")}, "code": {g.code()}, "next": {next}})
	g.codes = nil
	for _, n := range all(g.t, a, ".codes li") {
		g.codes = append(g.codes, text(n))
	}
	g.now = g.now.Add(2 * time.Minute)
	return a
}

func leads(t *testing.T, a answer, to string) {
	t.Helper()
	if a.StatusCode != 303 || a.Header.Get("Location") != to {
		t.Fatalf("%d to %q, want %q: %.300s", a.StatusCode, a.Header.Get("Location"), to, a.body)
	}
}

func TestAfterThePasswordNothingOpensButTheSecondStep(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		g := newGuarded(t, d, "https://events.example.org")
		g.user("ana@example.org")
		leads(t, g.password("ana@example.org", ""), "/desk")
		g.enrol("")
		if len(g.codes) != 10 {
			t.Fatalf("%d codes", len(g.codes))
		}
		g.fresh()
		leads(t, g.password("ana@example.org", "/en/form"), "/sign-in/second?next=%2Fen%2Fform")
		half := g.jar[sessionCookie]
		for path, to := range map[string]string{
			"/desk": "/sign-in?next=%2Fdesk", "/account/factors": "/sign-in?next=%2Faccount%2Ffactors", "/sign-in?next=/desk": "/sign-in/second?next=%2Fdesk",
			"/account/factors/app": "/sign-in/second", "/account/proof?next=/desk": "/sign-in/second?next=%2Fdesk",
		} {
			leads(t, g.get(path), to)
		}
		page := g.get("/sign-in/second?next=/en/form")
		if page.StatusCode != 200 || page.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%d %s", page.StatusCode, page.Header.Get("Cache-Control"))
		}
		for _, path := range []string{"/account/factors/ask", "/account/factors/passkey", "/account/factors/app", "/account/factors/codes", "/desk/do"} {
			if a := g.submit(page, path, url.Values{"code": {g.code()}}); a.StatusCode == 200 {
				t.Errorf("%s opens", path)
			}
		}
		bad := g.submit(page, "/sign-in/second", url.Values{"code": {"123456"}})
		if bad.StatusCode != 422 || text(one(t, bad, ".error")) == "" {
			t.Fatalf("a wrong code: %d", bad.StatusCode)
		}
		leads(t, g.submit(bad, "/sign-in/second", url.Values{"code": {g.code()}, "next": {value(t, page, "input[name=next]")}}), "/en/form")
		if g.jar[sessionCookie] == half {
			t.Error("the session kept its id")
		}
		if a := g.get("/desk"); a.StatusCode != 200 {
			t.Errorf("the desk: %d", a.StatusCode)
		}
		leads(t, g.get("/sign-in/second?next=/en/form"), "/en/form")
	})
}

func TestALinkSkipsNoSecondStep(t *testing.T) {
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), "https://events.example.org")
	g.user("ana@example.org")
	g.password("ana@example.org", "")
	g.enrol("")
	g.fresh()
	link, err := g.a.NewSignInLink(t.Context(), "ana@example.org")
	if err != nil {
		t.Fatal(err)
	}
	leads(t, g.submit(g.get("/sign-in/"+link), "/sign-in/"+link, url.Values{}), "/sign-in/second?next=")
	leads(t, g.get("/desk"), "/sign-in?next=%2Fdesk")
	leads(t, g.submit(g.get("/sign-in/second"), "/sign-in/second", url.Values{"recovery": {g.codes[2]}}), "/desk")
	g.fresh()
	g.password("ana@example.org", "")
	if a := g.submit(g.get("/sign-in/second"), "/sign-in/second", url.Values{"recovery": {g.codes[2]}}); a.StatusCode != 422 {
		t.Errorf("a recovery code used again: %d", a.StatusCode)
	}
}

func TestTheSecondStepLeadsNowhereElse(t *testing.T) {
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), "https://events.example.org")
	g.user("ana@example.org")
	g.password("ana@example.org", "")
	g.enrol("")
	for _, next := range []string{"//evil.example", `/\evil.example`, "https://evil.example/", "javascript:alert(1)", "/\t/evil.example", `\\evil.example`, "/sign-out"} {
		g.fresh()
		g.now = g.now.Add(2 * time.Minute)
		g.password("ana@example.org", "")
		page := g.get("/sign-in/second?next=" + url.QueryEscape(next))
		leads(t, g.submit(page, "/sign-in/second", url.Values{"code": {g.code()}, "next": {next}}), "/desk")
		leads(t, g.get("/sign-in/second?next="+url.QueryEscape(next)), "/desk")
		if a := g.get("/account/proof?next=" + url.QueryEscape(next)); strings.Contains(a.Header.Get("Location"), "evil") {
			t.Errorf("%q: %s", next, a.Header.Get("Location"))
		}
	}
}

func TestCodesAreGuessedFiveTimesAMinuteHoweverOftenOneSignsIn(t *testing.T) {
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), "https://events.example.org")
	g.user("ana@example.org")
	g.password("ana@example.org", "")
	g.enrol("")
	g.now = g.now.Truncate(time.Minute).Add(time.Minute)
	var visits []map[string]string
	for range 3 {
		g.fresh()
		if a := g.password("ana@example.org", ""); a.StatusCode != 303 {
			t.Fatalf("%d", a.StatusCode)
		}
		visits = append(visits, g.jar)
	}
	try := func(n int, code string) answer {
		g.jar = visits[n%len(visits)]
		return g.submit(g.get("/sign-in/second"), "/sign-in/second", url.Values{"code": {code}})
	}
	for n := range 5 {
		if a := try(n, fmt.Sprintf("%06d", n)); a.StatusCode != 422 {
			t.Fatalf("attempt %d: %d", n, a.StatusCode)
		}
	}
	if a := try(5, g.code()); a.StatusCode != 429 || a.Header.Get("Retry-After") == "" {
		t.Fatalf("the sixth, right: %d", a.StatusCode)
	}
	g.now = g.now.Add(3 * time.Minute)
	if a := try(6, g.code()); a.StatusCode != 303 {
		t.Errorf("after a while: %d", a.StatusCode)
	}
}

func TestARoleThatNeedsAFactorIsLetInNowhereElseUntilThereIsOne(t *testing.T) {
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), "https://events.example.org")
	g.user("ana@example.org")
	leads(t, g.password("ana@example.org", ""), "/desk")
	if err := g.a.RequireFactor(t.Context(), account.System, []account.Role{account.Organiser}); err != nil {
		t.Fatal(err)
	}
	leads(t, g.get("/desk"), "/sign-in?next=%2Fdesk")
	leads(t, g.get("/sign-in?next=/en/form"), "/sign-in/second?next=%2Fen%2Fform")
	page := g.get("/sign-in/second?next=/en/form")
	if page.StatusCode != 200 || !strings.Contains(text(one(t, page, ".note")), "Organiser") {
		t.Fatalf("%d %.500s", page.StatusCode, page.body)
	}
	if a := g.submit(page, "/desk/do", url.Values{}); a.StatusCode != 401 {
		t.Errorf("a write: %d", a.StatusCode)
	}
	done := g.enrol("/en/form")
	if got := attr(one(t, done, ".onward a"), "href"); done.StatusCode != 200 || got != "/en/form" || len(g.codes) != 10 {
		t.Fatalf("%d %s, %d codes", done.StatusCode, got, len(g.codes))
	}
	if a := g.get("/desk"); a.StatusCode != 200 {
		t.Errorf("the desk: %d", a.StatusCode)
	}
	list := g.get("/account/factors")
	if n := len(all(t, list, `form[action$="/remove"]`)); n != 0 {
		t.Errorf("the last factor can be removed: %d buttons", n)
	}
}

func TestARequiredFactorIsSetUpAfterTheProofOfAnOldVisit(t *testing.T) {
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), "https://events.example.org")
	g.user("ana@example.org")
	leads(t, g.password("ana@example.org", ""), "/desk")
	g.now = g.now.Add(time.Hour)
	if err := g.a.RequireFactor(t.Context(), account.System, []account.Role{account.Organiser}); err != nil {
		t.Fatal(err)
	}
	const app = "/account/factors/app?next=%2Fen%2Fform"
	leads(t, g.get(app), "/account/proof?next="+url.QueryEscape(app))
	page := g.get("/account/proof?next=" + url.QueryEscape(app))
	if a := g.submit(page, "/account/proof", url.Values{"password": {"not this one"}, "next": {app}}); a.StatusCode != 422 {
		t.Fatalf("%d", a.StatusCode)
	}
	before := g.jar[sessionCookie]
	leads(t, g.submit(page, "/account/proof", url.Values{"password": {password}, "next": {app}}), app)
	if g.jar[sessionCookie] == before {
		t.Error("the session kept its id")
	}
	if a := g.enrol("/en/form"); a.StatusCode != 200 || len(g.codes) != 10 {
		t.Fatalf("%d", a.StatusCode)
	}
}

func TestRecoveryCodesAreShownOnceAndGivenAsAFileOnlyToTheirOwner(t *testing.T) {
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), "https://events.example.org")
	g.user("ana@example.org")
	g.user("bob@example.org")
	g.password("ana@example.org", "")
	page := g.enrol("")
	codes := g.codes
	file := g.submit(page, "/account/factors/codes/file", url.Values{"code": append([]string{"AAAA-AAAA-AAAA", "<script>"}, codes...)})
	if !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment;") || strings.Contains(file.body, "AAAA") || strings.Contains(file.body, "script") {
		t.Fatalf("%s: %s", file.Header.Get("Content-Disposition"), file.body)
	}
	for _, c := range codes {
		if !strings.Contains(file.body, c+"\r\n") {
			t.Errorf("the file lacks %s", c)
		}
	}
	list := g.get("/account/factors")
	for _, c := range codes {
		if strings.Contains(list.body, c) {
			t.Fatal("the codes are shown a second time")
		}
	}
	g.fresh()
	g.password("bob@example.org", "")
	other := g.submit(g.get("/account/factors"), "/account/factors/codes/file", url.Values{"code": codes})
	if other.StatusCode != 303 || strings.Contains(other.body, codes[0]) {
		t.Errorf("somebody else's codes: %d %s", other.StatusCode, other.body)
	}
}

func TestASecretStandsOnNoPageButTheOneThatSetsItUp(t *testing.T) {
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), "https://events.example.org")
	g.user("ana@example.org")
	g.password("ana@example.org", "")
	page := g.get("/account/factors/app")
	sealed, secret := value(t, page, "input[name=sealed]"), text(one(t, page, ".secret"))
	again := g.submit(page, "/account/factors/app", url.Values{"sealed": {sealed}, "code": {"000000"}})
	if again.StatusCode != 422 || text(one(t, again, ".secret")) != secret || value(t, again, "input[name=sealed]") != sealed {
		t.Fatalf("after a wrong code there is another secret: %d", again.StatusCode)
	}
	g.now = g.now.Add(31 * time.Minute)
	if a := g.submit(again, "/account/factors/app", url.Values{"sealed": {sealed}, "code": {"000000"}}); a.StatusCode != 303 {
		t.Errorf("after half an hour: %d", a.StatusCode)
	}
	if strings.Contains(g.log.String(), strings.ReplaceAll(secret, " ", "")) {
		t.Error("the secret is in the log")
	}
}

// ceremony asks for a passkey's options as the page's script does.
func (g *guarded) ceremony(page answer, path string) []byte {
	g.t.Helper()
	a := g.post(path, url.Values{}, "X-CSRF-Token", value(g.t, page, `main input[name=_csrf]`), "Accept", "application/json")
	if a.StatusCode != 200 {
		g.t.Fatalf("%s: %d %s", path, a.StatusCode, a.body)
	}
	return []byte(a.body)
}

func TestAPasskeyIsRegisteredAndSignsIn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		const base = "https://events.example.org:8443"
		g := newGuarded(t, d, base)
		g.user("ana@example.org")
		g.password("ana@example.org", "")
		device := apptest.NewDevice(t, base)
		list := g.get("/account/factors")
		options := g.ceremony(list, "/account/factors/ask")
		if !strings.Contains(string(options), `"rp":{"name":"Network","id":"events.example.org"}`) {
			t.Errorf("%s", options)
		}
		a := g.submit(list, "/account/factors/passkey", url.Values{"answer": {string(device.Create(t, options))}, "label": {"Ključ <1>"}})
		if a.StatusCode != 200 || len(all(t, a, ".codes li")) != 10 {
			t.Fatalf("%d %.500s", a.StatusCode, a.body)
		}
		if list = g.get("/account/factors"); text(one(t, list, ".factor b")) != "Ključ <1>" {
			t.Errorf("%s", text(one(t, list, ".factor b")))
		}
		g.fresh()
		door := g.get("/sign-in?next=/en/form")
		answered := string(device.Get(t, g.ceremony(door, "/sign-in/ask")))
		mine, kept := g.jar, maps.Clone(g.jar)
		g.fresh()
		elsewhere := g.get("/sign-in")
		leads(t, g.submit(elsewhere, "/sign-in/passkey", url.Values{"answer": {answered}, "next": {"/en/form"}}), "/sign-in?next=%2Fen%2Fform")
		g.jar = mine
		leads(t, g.submit(door, "/sign-in/passkey", url.Values{"answer": {answered}, "next": {"/en/form"}}), "/en/form")
		if a := g.get("/desk"); a.StatusCode != 200 {
			t.Errorf("the desk: %d", a.StatusCode)
		}
		g.jar = kept // the same answer once more, before the session
		leads(t, g.submit(door, "/sign-in/passkey", url.Values{"answer": {answered}}), "/sign-in")

		g.fresh()
		g.password("ana@example.org", "")
		second := g.get("/sign-in/second")
		options = g.ceremony(second, "/sign-in/second/ask")
		leads(t, g.submit(second, "/sign-in/second/passkey", url.Values{"answer": {string(device.Get(t, options))}}), "/desk")
	})
}

func TestWhereTheAddressIsANumberNoPasskeysAreOffered(t *testing.T) {
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), "http://127.0.0.1:8080")
	g.user("ana@example.org")
	door := g.get("/sign-in")
	if n := len(all(t, door, "form[data-passkey]")); n != 0 {
		t.Errorf("%d forms for passkeys at the door", n)
	}
	if a := g.submit(door, "/sign-in/ask", url.Values{}); a.StatusCode != 409 {
		t.Errorf("asked nevertheless: %d", a.StatusCode)
	}
	g.password("ana@example.org", "")
	list := g.get("/account/factors")
	if n := len(all(t, list, "form[data-passkey]")); n != 0 || !strings.Contains(text(one(t, list, ".note")), "domain name") {
		t.Errorf("%d forms for passkeys", n)
	}
}

func TestAPasskeyIsRenamedAndRemovedOnItsPage(t *testing.T) {
	const base = "https://events.example.org"
	g := newGuarded(t, apptest.Open(t, apptest.SQLite(t)), base)
	g.user("ana@example.org")
	g.password("ana@example.org", "")
	list := g.get("/account/factors")
	device := apptest.NewDevice(t, base)
	g.submit(list, "/account/factors/passkey", url.Values{"answer": {string(device.Create(t, g.ceremony(list, "/account/factors/ask")))}})
	list = g.get("/account/factors")
	factor := value(t, list, "input[name=factor]")
	refused := g.submit(list, "/account/factors/name", url.Values{"factor": {factor}, "name": {" "}})
	if refused.StatusCode != 422 || len(all(t, refused, "details[open] .error")) != 1 {
		t.Errorf("an empty name: %d", refused.StatusCode)
	}
	leads(t, g.submit(list, "/account/factors/name", url.Values{"factor": {factor}, "name": {"Лаптоп"}}), "/account/factors")
	if list = g.get("/account/factors"); text(one(t, list, ".factor b")) != "Лаптоп" {
		t.Errorf("%s", text(one(t, list, ".factor b")))
	}
	g.now = g.now.Add(time.Hour)
	leads(t, g.submit(list, "/account/factors/remove", url.Values{"factor": {factor}}), "/account/proof?next=%2Faccount%2Ffactors")
	page := g.get("/account/proof")
	leads(t, g.submit(page, "/sign-in/second/passkey", url.Values{"answer": {string(device.Get(t, g.ceremony(page, "/sign-in/second/ask")))}}), "/account/factors")
	leads(t, g.submit(g.get("/account/factors"), "/account/factors/remove", url.Values{"factor": {factor}}), "/account/factors")
	list = g.get("/account/factors")
	if len(all(t, list, "input[name=factor]")) != 0 {
		t.Error("it is still there")
	}
	leads(t, g.submit(list, "/account/factors/remove", url.Values{"factor": {factor}}), "/account/factors")
}
