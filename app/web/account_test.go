package web_test

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	outbox "attesta/app/mail"
	"attesta/app/token"
)

const guardedBase = "https://events.example.org"

// guardSecret is what newGuarded seals with.
var guardSecret = token.Secret("a secret of thirty-two bytes, yes")

// several gives the user with this address a second and a third role.
func (g *guarded) several(id int64) {
	g.t.Helper()
	for role, scope := range map[account.Role]account.Scope{
		account.Donor: {Kind: account.ProjectScope, ID: 7}, account.Administrator: {Kind: account.Installation},
	} {
		if err := g.a.Grant(g.t.Context(), account.System, id, role, scope); err != nil {
			g.t.Fatal(err)
		}
	}
}

// elsewhere is another browser of the same site.
func (g *guarded) elsewhere() *guarded { return &guarded{site: g.stranger(), a: g.a} }

func eachGuarded(t *testing.T, f func(t *testing.T, g *guarded, d *db.DB)) {
	apptest.Each(t, func(t *testing.T, d *db.DB) { f(t, newGuarded(t, d, guardedBase), d) })
}

func TestTheHeadSaysWhoActsInWhichRoleAndSwitches(t *testing.T) {
	eachGuarded(t, func(t *testing.T, g *guarded, _ *db.DB) {
		id := g.user("ana@example.org")
		g.password("ana@example.org", "")
		if got := text(one(t, g.get("/desk"), ".head .who")); got != "Ana Role: Organiser" {
			t.Errorf("the head says %q", got)
		}
		if n := len(all(t, g.get("/desk"), ".head form[action='/account/role']")); n != 0 {
			t.Error("there is nothing to switch to")
		}
		g.several(id)
		desk := g.get("/desk")
		if n := len(all(t, desk, ".head button[name=role]")); n != 2 {
			t.Fatalf("%d other roles offered", n)
		}
		a := g.post("/account/role", url.Values{"_csrf": {value(t, desk, ".head input[name=_csrf]")}, "role": {"donor"}})
		if a.StatusCode != 303 || a.Header.Get("Location") != "/donor" {
			t.Fatalf("%d %s %s", a.StatusCode, a.Header.Get("Location"), a.body)
		}
		donor := g.get("/donor")
		if got := text(one(t, donor, ".head .who")); got != "Ana Role: Donor" {
			t.Errorf("the head says %q", got)
		}
		if got := text(one(t, donor, ".notice")); got != "Your role is now: Donor" {
			t.Errorf("said %q", got)
		}
		for role, want := range map[string]int{"coordinator": 403, "helper": 403, "": 403} {
			if a := g.post("/account/role", url.Values{"_csrf": {value(t, g.get("/donor"), ".head input[name=_csrf]")}, "role": {role}}); a.StatusCode != want {
				t.Errorf("%q, which isn't held: %d", role, a.StatusCode)
			}
		}
	})
}

func TestAPageThatAnotherRoleMayOpenOffersTheSwitch(t *testing.T) {
	eachGuarded(t, func(t *testing.T, g *guarded, _ *db.DB) {
		id := g.user("ana@example.org")
		if err := g.a.Grant(t.Context(), account.System, id, account.Donor, account.Scope{Kind: account.ProjectScope, ID: 7}); err != nil {
			t.Fatal(err)
		}
		g.password("ana@example.org", "")
		refused := g.get("/donor?tab=2")
		if refused.StatusCode != 403 || value(t, refused, "main form[action='/account/role'] input[name=next]") != "/donor?tab=2" {
			t.Fatalf("%d %s", refused.StatusCode, refused.body)
		}
		if got := text(one(t, refused, "main button[name=role]")); got != "Switch to: Donor" {
			t.Errorf("offers %q", got)
		}
		a := g.submit(refused, "/account/role", url.Values{"role": {"donor"}, "next": {"/donor?tab=2"}})
		if a.StatusCode != 303 || a.Header.Get("Location") != "/donor?tab=2" || g.get("/donor").StatusCode != 200 {
			t.Errorf("%d %s", a.StatusCode, a.Header.Get("Location"))
		}
		for _, next := range []string{"//evil.example", "/\\evil.example", "https://evil.example"} {
			a := g.post("/account/role", url.Values{"_csrf": {value(t, g.get("/account"), "main input[name=_csrf]")}, "role": {"organiser"}, "next": {next}})
			if got := a.Header.Get("Location"); got != "/desk" {
				t.Errorf("%s leads to %q", next, got)
			}
		}
		other := g.elsewhere()
		other.user("bob@example.org")
		other.password("bob@example.org", "")
		if a := other.get("/donor"); a.StatusCode != 403 || len(all(t, a, "main form")) != 0 {
			t.Errorf("offered to who holds no such role: %d %s", a.StatusCode, a.body)
		}
	})
}

func TestSomebodySeesTheirDevicesAndEndsThem(t *testing.T) {
	eachGuarded(t, func(t *testing.T, g *guarded, _ *db.DB) {
		g.user("ana@example.org")
		g.password("ana@example.org", "")
		phone, office := g.elsewhere(), g.elsewhere()
		phone.password("ana@example.org", "")
		office.password("ana@example.org", "")
		page := g.get("/account")
		if n := len(all(t, page, "#visits ~ table tbody tr")); n != 3 {
			t.Fatalf("%d devices: %s", n, page.body)
		}
		if n := len(all(t, page, "input[name=visit]")); n != 2 {
			t.Errorf("%d can be ended, want the two others", n)
		}
		visit := value(t, page, "input[name=visit]") // the last that began
		if a := g.submit(page, "/account/visits", url.Values{"visit": {visit}}); a.StatusCode != 303 {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		if office.get("/desk").StatusCode != 303 || phone.get("/desk").StatusCode != 200 {
			t.Error("another device was ended than the one that was meant")
		}
		stranger := g.elsewhere()
		stranger.user("bob@example.org")
		stranger.password("bob@example.org", "")
		for _, id := range []string{value(t, g.get("/account"), "input[name=visit]"), "999", "x", ""} {
			if a := stranger.submit(stranger.get("/account"), "/account/visits", url.Values{"visit": {id}}); a.StatusCode != 404 {
				t.Errorf("somebody else ends %q: %d", id, a.StatusCode)
			}
		}
		if a := g.submit(g.get("/account"), "/account/visits", url.Values{"others": {"yes"}}); a.StatusCode != 303 {
			t.Fatalf("%d", a.StatusCode)
		}
		if phone.get("/desk").StatusCode != 303 || g.get("/desk").StatusCode != 200 || stranger.get("/desk").StatusCode != 200 {
			t.Error("not exactly the others were ended")
		}
	})
}

func TestAPasswordIsChangedOnItsPage(t *testing.T) {
	eachGuarded(t, func(t *testing.T, g *guarded, _ *db.DB) {
		g.user("ana@example.org")
		g.password("ana@example.org", "")
		phone := g.elsewhere()
		phone.password("ana@example.org", "")
		if n := len(all(t, g.get("/account/password"), "input[name=current]")); n != 0 {
			t.Error("the current password is asked right after signing in")
		}
		g.now = g.now.Add(11 * time.Minute)
		page := g.get("/account/password")
		if n := len(all(t, page, "input[name=current]")); n != 1 {
			t.Fatal("the current password isn't asked")
		}
		if got := text(one(t, page, "#f-password-h")); !strings.Contains(got, "12") {
			t.Errorf("the rule isn't told: %q", got)
		}
		a := g.submit(page, "/account/password", url.Values{"current": {"wrong"}, "password": {"short"}})
		if a.StatusCode != 422 || text(one(t, a, "#f-current-e")) != "Error: This is not your current password." || len(all(t, a, "#f-password-e")) != 1 {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
		before := g.jar[sessionCookie]
		a = g.submit(page, "/account/password", url.Values{"current": {password}, "password": {" another row of words "}})
		if a.StatusCode != 303 || g.jar[sessionCookie] == before {
			t.Fatalf("%d, same session %t: %s", a.StatusCode, g.jar[sessionCookie] == before, a.body)
		}
		if g.get("/account").StatusCode != 200 || phone.get("/account").StatusCode != 303 {
			t.Error("not exactly the others were ended")
		}
		if a := g.submit(g.get("/account"), "/account/password", url.Values{"_csrf": {value(t, page, "main input[name=_csrf]")}}); a.StatusCode == 303 {
			t.Errorf("%d", a.StatusCode)
		}
	})
}

func TestThePasswordOfAnOpenScreenCannotBeGuessed(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	g := newGuarded(t, d, guardedBase)
	g.user("ana@example.org")
	g.password("ana@example.org", "")
	g.now = g.now.Add(11 * time.Minute)
	page := g.get("/account/password")
	for i := range 6 {
		want := map[bool]int{false: 422, true: 429}[i == 5]
		if a := g.submit(page, "/account/password", url.Values{"current": {"guess"}, "password": {"another row of words"}}); a.StatusCode != want {
			t.Errorf("guess %d: %d", i+1, a.StatusCode)
		}
	}
}

func TestWithoutAPasswordAnOpenScreenChangesNothingThatOpensTheAccount(t *testing.T) {
	eachGuarded(t, func(t *testing.T, g *guarded, d *db.DB) {
		id := g.user("ana@example.org")
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE users SET password_hash = '' WHERE id = "+strconv.FormatInt(id, 10))); err != nil {
			t.Fatal(err)
		}
		link, err := g.a.NewSignInLink(t.Context(), "ana@example.org")
		if err != nil {
			t.Fatal(err)
		}
		g.submit(g.get("/sign-in/"+link), "/sign-in/"+link, url.Values{})
		pages := map[string]answer{}
		for _, path := range []string{"/account/password", "/account/email", "/account/welcome"} {
			if pages[path] = g.get(path); pages[path].StatusCode != 200 {
				t.Fatalf("%s right after signing in: %d", path, pages[path].StatusCode)
			}
		}
		g.now = g.now.Add(11 * time.Minute)
		form := url.Values{"email": {"thief@example.org"}, "password": {"another row of words"}, "name": {"Ana"}, "locale": {"en"}}
		for path, page := range pages {
			a := g.submit(page, path, form)
			if want := "/account/proof?next=" + url.QueryEscape(path); a.StatusCode != 303 || a.Header.Get("Location") != want {
				t.Errorf("%s: %d %s", path, a.StatusCode, a.Header.Get("Location"))
			}
			if a := g.get(path); path != "/account/welcome" && a.StatusCode != 303 {
				t.Errorf("%s is shown: %d", path, a.StatusCode)
			}
		}
		if u, err := g.a.User(t.Context(), id); err != nil || u.PasswordHash != "" || u.Email != "ana@example.org" {
			t.Errorf("%+v %v", u, err)
		}
	})
}

func TestNameAndLanguageAreChanged(t *testing.T) {
	eachGuarded(t, func(t *testing.T, g *guarded, _ *db.DB) {
		id := g.user("ana@example.org")
		g.password("ana@example.org", "")
		a := g.submit(g.get("/account"), "/account", url.Values{"name": {""}, "locale": {"xx"}})
		if a.StatusCode != 422 || len(all(t, a, "#f-name-e")) != 1 || len(all(t, a, "#f-locale-e")) != 1 {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
		if a := g.submit(g.get("/account"), "/account", url.Values{"name": {"Ана Илиќ"}, "locale": {"mk"}}); a.StatusCode != 303 {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		page := g.get("/account")
		if got := text(one(t, page, ".head .who")); got != "Ана Илиќ Улога: Организатор" || value(t, page, "#f-name") != "Ана Илиќ" {
			t.Errorf("%q", got)
		}
		if u, err := g.a.User(t.Context(), id); err != nil || u.Locale != locale.Code("mk") {
			t.Errorf("%s %v", u.Locale, err)
		}
	})
}

// letter returns the path of the link in the newest mail of a kind.
func (g *guarded) letter(d *db.DB, secret token.Secret, kind outbox.Kind) string {
	g.t.Helper()
	var params string
	err := d.Read().NewRaw("SELECT params FROM outbox WHERE kind = ? ORDER BY id DESC LIMIT 1", kind).Scan(g.t.Context(), &params)
	var p outbox.Params
	if err != nil || json.Unmarshal([]byte(params), &p) != nil || p.Link == nil {
		g.t.Fatalf("%s: %s %v", kind, params, err)
	}
	return p.Link.Path + secret.Link(p.Link.Purpose, p.Link.Nonce)
}

func TestWhoIsInvitedIsGreetedOnce(t *testing.T) {
	eachGuarded(t, func(t *testing.T, g *guarded, d *db.DB) {
		admin := g.user("admin@example.org")
		g.several(admin)
		who, err := g.a.Actor(t.Context(), admin)
		if err != nil {
			t.Fatal(err)
		}
		id, err := g.a.CreateUser(t.Context(), account.System, account.NewUser{Email: "new@example.org", Name: "N. N.", Locale: "en"})
		if err != nil {
			t.Fatal(err)
		}
		if err := g.a.Grant(t.Context(), account.System, id, account.Organiser, account.Scope{Kind: account.OrganisationScope, ID: 7}); err != nil {
			t.Fatal(err)
		}
		if err := g.a.Invite(t.Context(), who, id); err != nil {
			t.Fatal(err)
		}
		link := g.letter(d, guardSecret, outbox.AccountInvited)
		for range 3 { // a mail program opens it, too
			if a := g.get(link); a.StatusCode != 200 || g.jar[sessionCookie] != "" || a.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Fatalf("opening: %d", a.StatusCode)
			}
		}
		a := g.submit(g.get(link), link, url.Values{})
		if a.StatusCode != 303 || a.Header.Get("Location") != "/account/welcome" {
			t.Fatalf("%d %s %s", a.StatusCode, a.Header.Get("Location"), a.body)
		}
		page := g.get("/account/welcome")
		if value(t, page, "#f-name") != "N. N." {
			t.Error("the name that was given isn't there")
		}
		if a := g.submit(page, "/account/welcome", url.Values{"name": {"Nada Novak"}, "locale": {"hr"}, "password": {"short"}}); a.StatusCode != 422 || len(all(t, a, "#f-password-e")) != 1 {
			t.Errorf("%d %s", a.StatusCode, a.body)
		}
		a = g.submit(g.get("/account/welcome"), "/account/welcome", url.Values{"name": {"Nada Novak"}, "locale": {"hr"}, "password": {"pet riječi jedna za drugom"}})
		if a.StatusCode != 303 || a.Header.Get("Location") != "/desk" {
			t.Fatalf("%d %s %s", a.StatusCode, a.Header.Get("Location"), a.body)
		}
		if got, err := g.a.SignIn(t.Context(), "new@example.org", "pet riječi jedna za drugom"); err != nil || got != id {
			t.Errorf("the password: %d %v", got, err)
		}
		again := g.elsewhere()
		a = again.submit(again.get("/sign-in"), "/sign-in", url.Values{"email": {"new@example.org"}, "password": {"pet riječi jedna za drugom"}})
		if got := a.Header.Get("Location"); got != "/desk" {
			t.Errorf("the second time it leads to %q", got)
		}
		if a := again.elsewhere().get("/account/welcome"); a.StatusCode != 303 {
			t.Errorf("a visitor sees the welcome: %d", a.StatusCode)
		}
	})
}

func TestAnAddressIsChangedByTheLinkThatWasSentToIt(t *testing.T) {
	eachGuarded(t, func(t *testing.T, g *guarded, d *db.DB) {
		id := g.user("ana@example.org")
		g.password("ana@example.org", "")
		if a := g.submit(g.get("/account/email"), "/account/email", url.Values{"email": {"no address"}}); a.StatusCode != 422 {
			t.Errorf("%d", a.StatusCode)
		}
		if a := g.submit(g.get("/account/email"), "/account/email", url.Values{"email": {"new@example.org"}}); a.StatusCode != 303 {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		link := g.letter(d, guardSecret, outbox.AccountEmailConfirm)
		bob := g.elsewhere()
		if a := bob.get(link); a.StatusCode != 303 || !strings.HasPrefix(a.Header.Get("Location"), "/sign-in?next=") {
			t.Errorf("a visitor: %d %s", a.StatusCode, a.Header.Get("Location"))
		}
		bob.user("bob@example.org")
		bob.password("bob@example.org", "")
		if a := bob.submit(bob.get(link), link, url.Values{}); a.StatusCode != 410 {
			t.Errorf("somebody else confirms: %d", a.StatusCode)
		}
		page := g.get(link)
		if u, _ := g.a.User(t.Context(), id); u.Email != "ana@example.org" || page.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("opening the link changes the address to %s", u.Email)
		}
		if a := g.submit(page, link, url.Values{}); a.StatusCode != 303 {
			t.Fatalf("%d %s", a.StatusCode, a.body)
		}
		if u, err := g.a.User(t.Context(), id); err != nil || u.Email != "new@example.org" {
			t.Errorf("%s %v", u.Email, err)
		}
		if a := g.submit(g.get(link), link, url.Values{}); a.StatusCode != 410 {
			t.Errorf("once more: %d", a.StatusCode)
		}
	})
}

func TestOneSeesTheirRolesWithWhatTheyAreFor(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		g := newGuarded(t, d, guardedBase)
		id := g.user("ana@example.org")
		g.several(id)
		if err := g.a.Grant(t.Context(), account.System, id, account.Coordinator, account.Scope{Kind: account.ProjectScope, ID: w.Project.ID}); err != nil {
			t.Fatal(err)
		}
		g.password("ana@example.org", "")
		var got []string
		for _, li := range all(t, g.get("/account"), ".held li") {
			got = append(got, text(li))
		}
		want := []string{"Administrator: the whole installation in use now", "Coordinator: Security for people and borders", "Organiser:", "Donor:"}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q", got)
		}
	})
}

func TestThePageOfAnAccountEndsWithTheAccount(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	g := newGuarded(t, d, guardedBase)
	id := g.user("ana@example.org")
	g.password("ana@example.org", "")
	if err := g.a.Disable(t.Context(), account.System, id, true); err != nil {
		t.Fatal(err)
	}
	if a := g.get("/account"); a.StatusCode != 303 {
		t.Errorf("%d", a.StatusCode)
	}
	if _, err := g.a.Actor(t.Context(), id); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}
