package account_test

import (
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/token"
)

func setupToken(t *testing.T, a *account.Accounts) string {
	t.Helper()
	s, err := a.SetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFirstAdministratorIsMadeOnceByASetupLink(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		old := setupToken(t, a)
		link := setupToken(t, a)
		if err := a.SetupOpen(t.Context(), link); err != nil {
			t.Fatal(err)
		}
		for what, s := range map[string]string{"replaced": old, "made up": token.Random()} {
			if fault.KindOf(a.SetupOpen(t.Context(), s)) != fault.Gone {
				t.Errorf("a %s link is open", what)
			}
		}
		n := account.NewUser{Email: "ana@example.org", Name: "Ana"}
		_, err := a.Setup(t.Context(), link, n)
		if diff := cmp.Diff(map[string]string{"password": "form.required"}, fields(err)); diff != "" {
			t.Fatal(diff)
		}
		n.Password = password
		id, err := a.Setup(t.Context(), link, n)
		if err != nil {
			t.Fatal(err)
		}
		if actor, err := a.Actor(t.Context(), id); err != nil || !actor.Can(account.Administer) {
			t.Fatalf("%+v %v", actor, err)
		}
		n.Email = "eve@example.org"
		_, err = a.Setup(t.Context(), link, n)
		wantFault(t, err, fault.Gone, "account.setup_spent")
		if s := setupToken(t, a); s != "" {
			t.Fatal("there is a setup link beside an administrator")
		}
	})
}

func TestASetupLinkDiesWithTheFirstAdministrator(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		link := setupToken(t, a)
		id, err := a.CreateAdministrator(t.Context(), account.System, account.NewUser{Email: "ana@example.org"})
		if err != nil {
			t.Fatal(err)
		}
		if u, err := a.User(t.Context(), id); err != nil || u.Name != "ana" {
			t.Fatalf("%+v %v", u, err)
		}
		if fault.KindOf(a.SetupOpen(t.Context(), link)) != fault.Gone {
			t.Fatal("the link is open")
		}
		_, err = a.Setup(t.Context(), link, account.NewUser{Email: "eve@example.org", Name: "Eve", Password: password})
		wantFault(t, err, fault.Gone, "account.setup_spent")
	})
}

func TestOfManyWhoSetUpAtOnceOneIsTheAdministrator(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		link := setupToken(t, a)
		var made, n atomic.Int32
		race(10, func() {
			email := string('a'+n.Add(1)) + "@example.org"
			_, err := a.Setup(t.Context(), link, account.NewUser{Email: email, Name: "A", Password: password})
			if err == nil {
				made.Add(1)
			} else if fault.KindOf(err) != fault.Gone {
				t.Error(err)
			}
		})
		if count, err := a.Count(t.Context()); err != nil || count != 1 || made.Load() != 1 {
			t.Fatalf("%d made, %d there, %v", made.Load(), count, err)
		}
	})
}

func TestAnAdministratorIsMadeOfAUserWhoIsThere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", "")
		got, err := a.CreateAdministrator(t.Context(), account.System, account.NewUser{Email: "Ana@Example.org"})
		if err != nil || got != id {
			t.Fatalf("%d %v", got, err)
		}
		if actor, err := a.Actor(t.Context(), id); err != nil || !actor.Can(account.Administer) {
			t.Fatalf("%+v %v", actor, err)
		}
	})
}
