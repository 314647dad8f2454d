package account_test

import (
	"context"
	"errors"
	"net/mail"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/job"
	"attesta/app/locale"
	outbox "attesta/app/mail"
	"attesta/app/token"
	"attesta/locales"
)

// light is hashing that costs a test nothing.
var light = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const password = "four words in a row"

type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

var secret = token.Secret(strings.Repeat("k", 32))

func accounts(t *testing.T, d *db.DB) (*account.Accounts, *clock) {
	t.Helper()
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	clk := &clock{t: time.Date(2022, 5, 16, 9, 0, 0, 0, time.UTC)}
	queue := job.New(d, nil)
	mails, err := outbox.New(outbox.Options{
		DB: d, Queue: queue, Catalogue: c, Secret: secret, BaseURL: "https://events.example.org",
		From: mail.Address{Address: "events@example.org"}, Templates: os.DirFS("../../templates"), Clock: clk.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := account.New(account.Options{DB: d, Queue: queue, Mails: mails, Secret: secret, Clock: clk.now, BaseURL: "https://events.example.org", Hashing: light})
	if err != nil {
		t.Fatal(err)
	}
	return a, clk
}

func create(t *testing.T, a *account.Accounts, email, password string) int64 {
	t.Helper()
	id, err := a.CreateUser(t.Context(), account.System, account.NewUser{Email: email, Name: "Đorđe Čović", Locale: "mk", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Kind != kind || f.Key != key {
		t.Fatalf("got %v, want %s %s", err, kind, key)
	}
}

func fields(err error) map[string]string {
	m := map[string]string{}
	if f := fault.From(err); f != nil {
		for _, x := range f.Fields {
			m[x.Name] = x.Key
		}
	}
	return m
}

func TestAUserSignsInWhateverTheCaseOfTheAddress(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, " Ana.Ćosić@Example.org ", password)
		for _, email := range []string{"ana.ćosić@example.org", "ANA.C\u0301OSIC\u0301@EXAMPLE.ORG\n"} {
			if got, err := a.SignIn(t.Context(), email, password); err != nil || got != id {
				t.Errorf("%q: %d %v", email, got, err)
			}
		}
		u, err := a.User(t.Context(), id)
		if err != nil || u.Email != "Ana.Ćosić@Example.org" || u.Locale != "mk" || !strings.HasPrefix(u.PasswordHash, "$argon2id$") {
			t.Fatalf("%+v %v", u, err)
		}
	})
}

func TestWhoeverCannotSignInIsToldTheSame(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		create(t, a, "ana@example.org", password)
		create(t, a, "link@example.org", "")
		gone := create(t, a, "gone@example.org", password)
		if err := a.Disable(t.Context(), account.System, gone, true); err != nil {
			t.Fatal(err)
		}
		for _, row := range [][2]string{
			{"ana@example.org", "wrong password"}, {"nobody@example.org", password}, {"link@example.org", ""},
			{"link@example.org", password}, {"gone@example.org", password}, {"", ""}, {"ana@example.org", strings.Repeat("x", 1<<20)},
		} {
			_, err := a.SignIn(t.Context(), row[0], row[1])
			if !errors.Is(err, fault.New(fault.Invalid, "account.sign_in_failed")) {
				t.Errorf("%s: %v", row[0], err)
			}
		}
		if err := a.Disable(t.Context(), account.System, gone, false); err != nil {
			t.Fatal(err)
		}
		if _, err := a.SignIn(t.Context(), "gone@example.org", password); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnUnknownAddressCostsAsMuchWorkAsAKnownOne(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	a, err := account.New(account.Options{DB: d, Hashing: &argon2id.Params{Memory: 16 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
	if err != nil {
		t.Fatal(err)
	}
	create(t, a, "ana@example.org", password)
	quickest := func(email string) time.Duration {
		best := time.Hour
		for range 5 {
			start := time.Now()
			_, _ = a.SignIn(t.Context(), email, "wrong password")
			best = min(best, time.Since(start))
		}
		return best
	}
	known, unknown := quickest("ana@example.org"), quickest("nobody@example.org")
	if unknown < known/2 || known < unknown/2 {
		t.Fatalf("known %v, unknown %v", known, unknown)
	}
}

func TestHashingWaitsForAPlaceAsLongAsTheRequestLives(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	a, err := account.New(account.Options{DB: d, Hashing: light})
	if err != nil {
		t.Fatal(err)
	}
	leave := account.FillPlaces(a)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = a.SignIn(ctx, "ana@example.org", password)
	wantFault(t, err, fault.Unavailable, "error.unavailable")
	leave()
	if _, err = a.SignIn(t.Context(), "ana@example.org", password); fault.KindOf(err) != fault.Invalid {
		t.Fatalf("after a place is free: %v", err)
	}
}

func TestWhatIsWrongWithANewUserStandsBesideItsField(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		for _, row := range []struct {
			n    account.NewUser
			want map[string]string
		}{
			{account.NewUser{}, map[string]string{"email": "form.required", "name": "form.required"}},
			{account.NewUser{Email: "ana", Name: "A", Password: "elevenchars"}, map[string]string{"email": "form.email", "password": "account.password_short"}},
			{account.NewUser{Email: "a@b.example\r\nBcc: c@d.example", Name: "A"}, map[string]string{"email": "form.email"}},
			{account.NewUser{Email: "a@b.example", Name: strings.Repeat("a", 201), Password: strings.Repeat("x", 1001)}, map[string]string{"name": "form.too_long", "password": "form.too_long"}},
		} {
			_, err := a.CreateUser(t.Context(), account.System, row.n)
			if diff := cmp.Diff(row.want, fields(err)); diff != "" {
				t.Errorf("%+v: %v\n%s", row.n, err, diff)
			}
		}
		create(t, a, "ana@example.org", "дванаестзнак")
		_, err := a.CreateUser(t.Context(), account.System, account.NewUser{Email: "ANA@example.org", Name: "B"})
		wantFault(t, err, fault.Conflict, "account.email_taken")
		if n, err := a.Count(t.Context()); err != nil || n != 1 {
			t.Fatalf("%d users, %v", n, err)
		}
	})
}

func TestAnActorHasTheGrantsOfItsUser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", "")
		other := create(t, a, "bob@example.org", "")
		want := []account.Grant{
			{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: 4}},
			{Role: account.Donor, Scope: account.Scope{Kind: account.ProjectScope, ID: 7}},
		}
		for _, g := range append(want, want...) {
			if err := a.Grant(t.Context(), account.System, id, g.Role, g.Scope); err != nil {
				t.Fatal(err)
			}
		}
		actor, err := a.Actor(t.Context(), id)
		if err != nil || actor.UserID != id || actor.Name != "Đorđe Čović" || actor.IsSystem() {
			t.Fatalf("%+v %v", actor, err)
		}
		if diff := cmp.Diff(want[:1], actor.Grants); diff != "" || actor.Role != account.Organiser {
			t.Fatalf("in the widest role, %s: %s", actor.Role, diff)
		}
		if diff := cmp.Diff([]account.Role{account.Organiser, account.Donor}, actor.Roles); diff != "" {
			t.Fatal(diff)
		}
		if actor, err := a.Actor(t.Context(), other); err != nil || len(actor.Grants) != 0 {
			t.Fatalf("%+v %v", actor, err)
		}
		entries, err := audit.Of(t.Context(), d, "user", id)
		if err != nil || len(entries) != 3 {
			t.Fatalf("%d audit entries, %v: granting twice is one deed", len(entries), err)
		}
		if err := a.Disable(t.Context(), account.System, id, true); err != nil {
			t.Fatal(err)
		}
		for _, id := range []int64{id, 9999} {
			if _, err := a.Actor(t.Context(), id); fault.KindOf(err) != fault.NotFound {
				t.Fatalf("%d: %v", id, err)
			}
		}
		err = a.Grant(t.Context(), account.System, 9999, account.Donor, account.Scope{Kind: account.ProjectScope, ID: 7})
		wantFault(t, err, fault.NotFound, "error.not_found")
		if err := a.Grant(t.Context(), account.System, other, account.Helper, account.Scope{Kind: account.EventScope, ID: 7}); err == nil {
			t.Fatal("a helper has a link, not a grant")
		}
	})
}

func TestOnlyAdministratorsManageUsers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		ana, err := a.Actor(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		other := create(t, a, "bob@example.org", password)
		_, create := a.CreateUser(t.Context(), ana, account.NewUser{Email: "c@example.org", Name: "C"})
		_, admin := a.CreateAdministrator(t.Context(), ana, account.NewUser{Email: "c@example.org", Name: "C"})
		for what, err := range map[string]error{
			"create": create, "admin": admin,
			"grant":   a.Grant(t.Context(), ana, id, account.Administrator, account.Scope{Kind: account.Installation}),
			"disable": a.Disable(t.Context(), ana, other, true),
			"invite":  a.Invite(t.Context(), ana, other),
		} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestAPasswordIsTheSameHoweverAKeyboardComposesIt(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	a, _ := accounts(t, d)
	id := create(t, a, "ana@example.org", "čćžšđ čćžšđ čćžšđ")
	if got, err := a.SignIn(t.Context(), "ana@example.org", norm.NFD.String("čćžšđ čćžšđ čćžšđ")); err != nil || got != id {
		t.Fatal(err)
	}
}
