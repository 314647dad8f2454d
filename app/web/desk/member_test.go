package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
	"attesta/static"
	"attesta/templates"
)

// staffed is a site whose users stand in the database with their roles, and an administrator beside them.
type staffed struct {
	*site
	accounts *account.Accounts
}

func newStaffed(t *testing.T, d *db.DB) staffed {
	t.Helper()
	s := newSite(t, d)
	accounts, err := account.New(account.Options{DB: d, Mails: s.Mail, Secret: s.Secret, Clock: s.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	st := staffed{site: s, accounts: accounts}
	if err := d.InTx(t.Context(), apptest.Exec("UPDATE users SET email = name || '@site.example', email_key = name || '@site.example'")); err != nil {
		t.Fatal(err)
	}
	for i, grant := range []account.Grant{
		{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: s.Organisation.ID}},
		{Role: account.Coordinator, Scope: s.Project.Scope()},
	} {
		if err := accounts.Grant(t.Context(), account.System, int64(i+1), grant.Role, grant.Scope); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := accounts.CreateAdministrator(t.Context(), account.System, account.NewUser{Email: "root@example.org", Name: "Root"}); err != nil {
		t.Fatal(err)
	}
	s.pages.Accounts = accounts
	s.pages.Audit = &audit.Chain{DB: d, Key: audit.Key(s.Secret), Clock: s.Clock.Now}
	s.server, err = web.New(web.Config{
		BaseURL: "https://attesta.example", Catalogue: s.Catalogue, Name: locale.NewText("en", "Network"), Store: &db.Storage{DB: d, Clock: s.Clock.Now}, Templates: templates.Files,
		Static: static.Files, Accounts: accounts, Clock: s.Clock.Now, Looks: s.pages.Audit, Routes: s.pages.Routes(), Demo: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// signed returns a browser in which a user of the site, or whoever has the address, has signed in.
func (s staffed) signed(t *testing.T, email string) *site {
	t.Helper()
	if !strings.Contains(email, "@") {
		email += "@site.example"
	}
	token, err := s.accounts.NewSignInLink(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	return s.as(t, token)
}

func (s staffed) outbox(t *testing.T) (n int) {
	t.Helper()
	if err := s.DB.Read().NewRaw("SELECT COUNT(*) FROM outbox").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnOrganiserInvitesAColleagueAndLetsThemGo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		st := newStaffed(t, d)
		s := st.signed(t, organiser)
		if a := s.get(t, "/desk/members"); a.code != http.StatusSeeOther || a.head.Get("Location") != "/desk/members/organisation/lead" {
			t.Fatalf("%d %s", a.code, a.head.Get("Location"))
		}
		const place = "/desk/members/organisation/lead"
		a := s.post(t, place, place, url.Values{"email": {"not an address"}, "role": {"organiser"}})
		if a.code != http.StatusUnprocessableEntity || len(a.all("#f-email[aria-invalid], #f-name[aria-invalid]")) != 2 {
			t.Errorf("%d %v", a.code, a.texts(".error"))
		}
		form := s.get(t, place).filled("form.form")
		form.Set("email", "Ana@Lead.example")
		form.Set("name", "Ана")
		form.Del("_csrf")
		if a := s.post(t, place, place, form); a.code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.code, a.body)
		}
		a = s.get(t, place)
		if got := a.texts(".members__who strong"); !cmp.Equal(got, []string{"organiser", "Ана"}) {
			t.Errorf("%v", got)
		}
		if st.outbox(t) != 1 || !strings.Contains(a.text(".notice"), "Ana@Lead.example") {
			t.Errorf("%d mails, %v", st.outbox(t), a.texts(".notice"))
		}
		resend, remove := a.attr("form[action$='/resend']", "action"), a.all("a[href$='/remove']")
		if a := s.post(t, place, resend, nil); a.code != http.StatusSeeOther || st.outbox(t) != 2 {
			t.Errorf("again: %d", a.code)
		}
		path := attrOf(remove[len(remove)-1], "href")
		if ask := s.get(t, path); !strings.Contains(ask.text(".lead"), "Ана") {
			t.Errorf("nobody is named: %s", ask.body)
		}
		if a := s.post(t, path, path, nil); a.code != http.StatusSeeOther || a.head.Get("Location") != place {
			t.Errorf("%d %s", a.code, a.head.Get("Location"))
		}
		if got := s.get(t, place).texts(".members__who strong"); !cmp.Equal(got, []string{"organiser"}) {
			t.Errorf("%v", got)
		}
		own := s.get(t, place).attr("a[href$='/remove']", "href")
		a = s.post(t, own, own, nil)
		if a.code != http.StatusOK && a.code != http.StatusUnprocessableEntity || len(a.all("input[name=last]")) != 1 {
			t.Errorf("the last organiser isn't asked about: %d", a.code)
		}
	})
}

func TestMembersOfOthersDoNotExist(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		st := newStaffed(t, d)
		e := st.Event(t)
		root := st.signed(t, "root@example.org")
		grant := root.get(t, "/desk/members/project/P1").attr("a[href$='/remove']", "href")
		for who, paths := range map[string]map[string]int{
			organiser:   {"/desk/members/project/P1": 403, "/desk/members/organisation/other": 404, "/desk/members/network": 403, "/desk/users": 403, "/desk/users/1": 403, grant: 404, "/desk/members/event/" + e.Code: 200, "/desk/institutions": 403},
			coordinator: {"/desk/members/project/P1": 200, "/desk/members/organisation/lead": 404, "/desk/members/event/" + e.Code: 200, "/desk/users": 403, grant: 200, "/desk/institutions": 200, "/desk/members/x/remove": 404, "/desk/institutions/99": 404, "/desk/institutions/x": 404},
		} {
			s := st.signed(t, who)
			for path, want := range paths {
				if a := s.get(t, path); a.code != want {
					t.Errorf("%s %s: %d, want %d", who, path, a.code, want)
				}
			}
		}
		s := st.signed(t, coordinator)
		for _, v := range []url.Values{{"role": {"administrator"}}, {"role": {"event:elsewhere"}}, {}} {
			v.Set("email", "x@example.org")
			v.Set("name", "X")
			if a := s.post(t, "/desk/members/project/P1", "/desk/members/project/P1", v); a.code != http.StatusUnprocessableEntity {
				t.Errorf("%v: %d", v, a.code)
			}
		}
	})
}

func TestNoEntryOfTheNavigationLeadsToARefusal(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	st := newStaffed(t, d)
	day := db.NewDay(st.Clock.Now()).Plus(30)
	for email, n := range map[string]account.Invitation{
		"audit@example.org": {Role: account.Auditor, Scope: st.Project.Scope(), Until: day}, "money@example.org": {Role: account.Donor, Scope: st.Project.Scope()},
		"one@example.org": {Role: account.Organiser, Scope: account.Scope{Kind: account.EventScope, ID: st.Event(t).ID}},
	} {
		n.Email, n.Name = email, "Somebody"
		if err := st.accounts.InviteMember(t.Context(), account.System, n); err != nil {
			t.Fatal(err)
		}
	}
	for who, want := range map[string][]string{
		"root@example.org":  {"Events", "People", "Institutions", "Figures", "Members", "Network", "Record"},
		coordinator:         {"Events", "People", "Institutions", "Figures", "Members", "Record"},
		organiser:           {"Events", "Members", "Record"},
		"one@example.org":   {"Events", "Members", "Record"},
		"money@example.org": nil,
	} {
		s := st.signed(t, who)
		a := s.get(t, "/desk")
		var got []string
		for _, n := range a.all(".head .nav a") {
			got = append(got, words(n))
			if page := s.get(t, attrOf(n, "href")); page.code != http.StatusOK && page.code != http.StatusSeeOther {
				t.Errorf("%s: %s answers %d", who, attrOf(n, "href"), page.code)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", who, diff)
		}
		if want != nil && a.text(".head .nav [aria-current]") != "Events" {
			t.Errorf("%s: %v is current", who, a.texts(".head .nav [aria-current]"))
		}
	}
}

func TestAnAdministratorLooksAfterUsers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		st := newStaffed(t, d)
		org := st.signed(t, organiser)
		s := st.signed(t, "root@example.org")
		if got := s.get(t, "/desk/users?q=ORGANI").texts(".members__who strong"); !cmp.Equal(got, []string{"organiser"}) {
			t.Errorf("%v", got)
		}
		a := s.get(t, "/desk/users/1")
		if !strings.Contains(a.text("tbody tr"), "Organiser") || !strings.Contains(a.text("tbody tr"), "Lead Organisation") {
			t.Errorf("%v", a.texts("tbody tr"))
		}
		for _, do := range []string{"invite", "sign-out", "disable", "enable"} {
			if a := s.post(t, "/desk/users/1", "/desk/users/1/"+do, nil); a.code != http.StatusSeeOther {
				t.Errorf("%s: %d %s", do, a.code, a.body)
			}
		}
		if a := org.get(t, "/desk"); a.code == http.StatusOK {
			t.Error("whose sign-ins were ended still has the desk")
		}
		id, err := strconv.Atoi(strings.TrimPrefix(s.get(t, "/desk/users?q=root").attr("td a", "href"), "/desk/users/"))
		if err != nil {
			t.Fatal(err)
		}
		self := "/desk/users/" + strconv.Itoa(id)
		if len(s.get(t, self).all("form[action$='/disable']")) != 0 {
			t.Error("an administrator is offered to lock themselves out")
		}
		if a := s.post(t, "/desk/users/1", self+"/disable", nil); a.code != http.StatusConflict {
			t.Errorf("%d", a.code)
		}
	})
}

func TestTheHomeIsThatOfTheRole(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	st := newStaffed(t, d)
	n := account.Invitation{Email: "audit@example.org", Name: "Audit", Role: account.Auditor, Scope: st.Project.Scope(), Until: db.NewDay(st.Clock.Now()).Plus(30)}
	if err := st.accounts.InviteMember(t.Context(), account.System, n); err != nil {
		t.Fatal(err)
	}
	st.Event(t, func(f *event.Facts) { f.Title = locale.NewText("en", "Workshop") })
	for who, want := range map[string]string{
		organiser: "Lead Organisation", coordinator: "Security for people and borders", "root@example.org": "Everything runs", "audit@example.org": "1 June 2022",
	} {
		a := st.signed(t, who).get(t, "/desk")
		if a.code != http.StatusOK || !strings.Contains(a.text("main"), want) || !strings.Contains(a.text("main"), "Workshop") {
			t.Errorf("%s: %d, nothing of %s in %s", who, a.code, want, a.text("main"))
		}
	}
}

func TestMembersCostTheSameNumberOfQueriesForAFewAndForFifty(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	st := newStaffed(t, d)
	for i := range 3 {
		invent(t, st, i)
	}
	s := st.signed(t, "root@example.org")
	var c counter
	d.Read().AddQueryHook(&c) //nolint:staticcheck // its successor makes another handle, which the pages wouldn't use
	cost := func() (all []int64) {
		for _, path := range []string{"/desk", "/desk/members", "/desk/members/organisation/lead", "/desk/members/project/P1", "/desk/users", "/desk/users/1", "/desk/institutions"} {
			before := c.n.Load()
			if a := s.get(t, path); a.code != http.StatusOK {
				t.Fatalf("%s: %d", path, a.code)
			}
			all = append(all, c.n.Load()-before)
		}
		return all
	}
	cost()
	few := cost()
	for i := range 47 {
		invent(t, st, i+3)
	}
	if diff := cmp.Diff(few, cost()); diff != "" {
		t.Error(diff)
	}
}

// invent adds a member, an event with an organiser of its own, and an institution that is listed twice.
func invent(t *testing.T, st staffed, i int) {
	t.Helper()
	e := st.Event(t)
	for scope, role := range map[account.Scope]account.Role{
		{Kind: account.OrganisationScope, ID: st.Organisation.ID}: account.Organiser, {Kind: account.EventScope, ID: e.ID}: account.Organiser, st.Project.Scope(): account.Donor,
	} {
		n := account.Invitation{Email: "u" + strconv.Itoa(i) + string(scope.Kind) + "@example.org", Name: "U", Role: role, Scope: scope}
		if err := st.accounts.InviteMember(context.Background(), account.System, n); err != nil {
			t.Fatal(err)
		}
	}
	for _, country := range []string{"ME", ""} { // listed twice
		name := "Sud " + strconv.Itoa(i)
		if err := st.DB.InTx(t.Context(), apptest.Exec("INSERT INTO institutions (name, name_key, country, created_at) VALUES (?, ?, ?, 0)", name, name, country)); err != nil {
			t.Fatal(err)
		}
	}
}
