package account_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
)

const issuer = "https://login.example.org"

func subject(s, email string) account.Identity {
	return account.Identity{Issuer: issuer, Subject: s, Email: email, Verified: email != ""}
}

func signedIn(t *testing.T, a *account.Accounts, id account.Identity, want int64) {
	t.Helper()
	got, err := a.IdentitySignIn(t.Context(), id)
	if err != nil || got != want {
		t.Errorf("%+v: user %d, %v; want %d", id, got, err, want)
	}
}

func nobody(t *testing.T, a *account.Accounts, why string, id account.Identity) {
	t.Helper()
	if got, err := a.IdentitySignIn(t.Context(), id); got != 0 || fault.KindOf(err) != fault.Forbidden || fault.From(err).Key != "oidc.nobody" {
		t.Errorf("%s: user %d, %v", why, got, err)
	}
}

func TestAnIdentityIsLinkedByAVerifiedAddressOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		ana, mira := create(t, a, "ana@example.org", ""), create(t, a, "mira@example.org", "")
		nobody(t, a, "unverified", account.Identity{Issuer: issuer, Subject: "1", Email: "ana@example.org"})
		nobody(t, a, "no address", subject("1", ""))
		nobody(t, a, "nobody's address", subject("1", "vuk@example.org"))
		signedIn(t, a, subject("1", "Ana@Example.org"), ana)
		signedIn(t, a, subject("1", "mira@example.org"), ana) // the subject counts, not what the address becomes
		signedIn(t, a, subject("1", ""), ana)
		nobody(t, a, "the address, given to another person", subject("2", "ana@example.org"))
		other := subject("1", "mira@example.org")
		other.Issuer = "https://elsewhere.example"
		signedIn(t, a, other, mira) // another provider's subject of the same name is somebody else

		var deeds []string
		if err := d.Read().NewRaw("SELECT action || ' ' || subject_id || ' ' || user_id FROM audit WHERE action LIKE 'identity%' ORDER BY id").Scan(t.Context(), &deeds); err != nil {
			t.Fatal(err)
		}
		if len(deeds) != 2 || deeds[0] != "identity.link 1 1" {
			t.Errorf("recorded: %q", deeds)
		}
	})
}

func TestAKelvinSignIsNoK(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		create(t, a, "kosta@example.org", "")
		nobody(t, a, "Kelvin sign", subject("1", "\u212Aosta@example.org"))
	})
}

func TestADisabledUserHasNoIdentity(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		ana, mira := create(t, a, "ana@example.org", ""), create(t, a, "mira@example.org", "")
		signedIn(t, a, subject("1", "ana@example.org"), ana)
		for _, id := range []int64{ana, mira} {
			if err := a.Disable(t.Context(), account.System, id, true); err != nil {
				t.Fatal(err)
			}
		}
		nobody(t, a, "linked, then disabled", subject("1", "ana@example.org"))
		nobody(t, a, "disabled", subject("2", "mira@example.org"))
	})
}

func TestAnUnlinkedIdentityStaysOutUntilItsUserLinksIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		ana, mira := create(t, a, "ana@example.org", ""), create(t, a, "mira@example.org", "")
		signedIn(t, a, subject("1", "ana@example.org"), ana)
		here, there := visit(t, a, ana), visit(t, a, ana)
		list, err := a.Identities(t.Context(), here)
		if err != nil || len(list) != 1 || list[0].Subject != "1" {
			t.Fatalf("%+v, %v", list, err)
		}
		stranger := visit(t, a, mira)
		if err := a.UnlinkIdentity(t.Context(), stranger, list[0].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("somebody else's identity: %v", err)
		}
		if err := a.LinkIdentity(t.Context(), stranger, subject("1", "")); fault.KindOf(err) != fault.Conflict {
			t.Errorf("an identity that is taken: %v", err)
		}
		if err := a.UnlinkIdentity(t.Context(), here, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.Resume(t.Context(), here.VisitID); err != nil {
			t.Errorf("the sign-in that unlinked: %v", err)
		}
		if _, _, err := a.Resume(t.Context(), there.VisitID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another sign-in of the user: %v", err)
		}
		nobody(t, a, "unlinked", subject("1", "ana@example.org"))
		nobody(t, a, "another of the same provider", subject("2", "ana@example.org"))
		if err := a.LinkIdentity(t.Context(), here, subject("1", "")); err != nil {
			t.Fatal(err)
		}
		signedIn(t, a, subject("1", ""), ana)
		if err := a.LinkIdentity(t.Context(), account.Anyone, subject("3", "")); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("linked to nobody: %v", err)
		}
	})
}

func visit(t *testing.T, a *account.Accounts, user int64) account.Actor {
	t.Helper()
	v, err := a.BeginVisit(t.Context(), user, account.ByLink, "test")
	if err != nil {
		t.Fatal(err)
	}
	actor, _, err := a.Resume(t.Context(), v.ID)
	if err != nil {
		t.Fatal(err)
	}
	return actor
}

func TestManyWhoComeAtOnceAreLinkedOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		ana := create(t, a, "ana@example.org", "")
		var wg sync.WaitGroup
		got := make([]int64, 8)
		for i := range got {
			wg.Go(func() {
				got[i], _ = a.IdentitySignIn(context.WithoutCancel(t.Context()), subject("1", "ana@example.org"))
			})
		}
		wg.Wait()
		if slices.ContainsFunc(got, func(id int64) bool { return id != ana }) {
			t.Errorf("signed in: %v", got)
		}
		var n int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM audit WHERE action = 'identity.link'").Scan(t.Context(), &n); err != nil || n != 1 {
			t.Errorf("linked %d times, %v", n, err)
		}
	})
}

func TestAStateIsSpentByOne(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		var won atomic.Int32
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				switch err := a.SpendState(context.WithoutCancel(t.Context()), "state", time.Minute); {
				case err == nil:
					won.Add(1)
				case fault.KindOf(err) != fault.Gone:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d spent it", won.Load())
		}
		clk.pass(3 * time.Minute)
		if err := a.SpendState(t.Context(), "another", time.Minute); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM sign_in_states").Scan(t.Context(), &n); err != nil || n != 1 {
			t.Errorf("%d states are kept, %v", n, err)
		}
	})
}
