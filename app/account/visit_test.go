package account_test

import (
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
)

func begin(t *testing.T, a *account.Accounts, user int64) account.Visit {
	t.Helper()
	v, err := a.BeginVisit(t.Context(), user, account.ByPassword, "Firefox, Windows")
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSomebodySeesAndEndsTheirOwnVisitsAlone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		ids := func(who account.Actor) (all []int64) {
			t.Helper()
			visits, err := a.Visits(t.Context(), who, clk.now().Add(-7*24*time.Hour), clk.now().Add(-12*time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range visits {
				all = append(all, v.ID)
			}
			return all
		}
		forgotten := begin(t, a, id)
		clk.pass(13 * time.Hour)
		one := begin(t, a, id)
		clk.pass(time.Minute)
		ana := enter(t, a, id)
		bob := enter(t, a, create(t, a, "bob@example.org", password))
		if got := ids(ana); len(got) != 2 || got[0] != ana.VisitID || got[1] != one.ID {
			t.Fatalf("%v, want %d and %d without %d", got, ana.VisitID, one.ID, forgotten.ID)
		}
		if err := a.EndOwnVisit(t.Context(), bob, one.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("by somebody else: %v", err)
		}
		if err := a.EndOwnVisit(t.Context(), ana, one.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.Resume(t.Context(), one.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the visit that was ended: %v", err)
		}
		begin(t, a, id)
		if err := a.EndOtherVisits(t.Context(), ana); err != nil {
			t.Fatal(err)
		}
		if got := ids(ana); len(got) != 1 || got[0] != ana.VisitID {
			t.Errorf("left are %v", got)
		}
		if got := ids(bob); len(got) != 1 {
			t.Errorf("bob's: %v", got)
		}
		if err := a.EndOtherVisits(t.Context(), account.Anyone); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("anyone: %v", err)
		}
	})
}

func TestVisitsAreForgottenNinetyDaysAfterTheirLastUse(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		old := begin(t, a, id)
		if _, err := a.NewSignInLink(t.Context(), "ana@example.org"); err != nil {
			t.Fatal(err)
		}
		clk.pass(89 * 24 * time.Hour)
		young := begin(t, a, id)
		if n, err := a.ForgetVisits(t.Context()); err != nil || n != 0 {
			t.Fatalf("%d %v", n, err)
		}
		clk.pass(25 * time.Hour)
		if n, err := a.ForgetVisits(t.Context()); err != nil || n != 1 {
			t.Fatalf("%d %v", n, err)
		}
		var left []int64
		if err := d.Read().NewRaw("SELECT id FROM visits").Scan(t.Context(), &left); err != nil || len(left) != 1 || left[0] != young.ID {
			t.Errorf("%v left of %d and %d: %v", left, old.ID, young.ID, err)
		}
		if n, err := d.Read().NewSelect().Table("sign_in_links").Count(t.Context()); err != nil || n != 0 {
			t.Errorf("%d links, %v", n, err)
		}
	})
}

func TestTheFirstVisitOfWhoWasInvitedIsKnownAsSuch(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		admin := create(t, a, "admin@example.org", password)
		if err := a.Grant(t.Context(), account.System, admin, account.Administrator, account.Scope{Kind: account.Installation}); err != nil {
			t.Fatal(err)
		}
		if v := begin(t, a, admin); v.First {
			t.Error("nobody invited the administrator")
		}
		id := create(t, a, "ana@example.org", "")
		if err := a.Invite(t.Context(), enter(t, a, admin), id); err != nil {
			t.Fatal(err)
		}
		if v := begin(t, a, id); !v.First {
			t.Error("the first visit isn't known")
		}
		if v := begin(t, a, id); v.First {
			t.Error("there are two first visits")
		}
	})
}

func TestARoleThatIsGivenLaterDoesNotChangeTheOneInWhichSomebodyActs(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		give := func(role account.Role, kind account.ScopeKind) {
			t.Helper()
			if err := a.Grant(t.Context(), account.System, id, role, account.Scope{Kind: kind, ID: 1}); err != nil {
				t.Fatal(err)
			}
		}
		give(account.Donor, account.ProjectScope)
		v := begin(t, a, id)
		give(account.Organiser, account.OrganisationScope)
		if actor, _, err := a.Resume(t.Context(), v.ID); err != nil || actor.Role != account.Donor || len(actor.Roles) != 2 {
			t.Errorf("%+v %v", actor, err)
		}
		if actor, _, err := a.Resume(t.Context(), begin(t, a, id).ID); err != nil || actor.Role != account.Organiser {
			t.Errorf("signed in anew: %+v %v", actor, err)
		}
	})
}
