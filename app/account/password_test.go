package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
)

// enter signs a user in and returns who acts then.
func enter(t *testing.T, a *account.Accounts, user int64) account.Actor {
	t.Helper()
	v := begin(t, a, user)
	actor, _, err := a.Resume(t.Context(), v.ID)
	if err != nil {
		t.Fatal(err)
	}
	return actor
}

const another = "another row of words"

func TestAChangedPasswordReplacesTheOldOneAndEndsWhatElseLetsIn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		bob := enter(t, a, create(t, a, "bob@example.org", password))
		ana, other := enter(t, a, id), enter(t, a, id)
		link, err := a.NewSignInLink(t.Context(), "ana@example.org")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"password": "account.password_short"}, fields(a.ChangePassword(t.Context(), ana, "", "short"))); diff != "" {
			t.Fatal(diff)
		}
		if _, _, err := a.Resume(t.Context(), other.VisitID); err != nil {
			t.Fatalf("a refused password ended something: %v", err)
		}
		if err := a.ChangePassword(t.Context(), ana, "", another); err != nil {
			t.Fatal(err)
		}
		if _, err := a.SignIn(t.Context(), "ana@example.org", password); err == nil {
			t.Error("the old password works")
		}
		if _, err := a.SignIn(t.Context(), "ana@example.org", another); err != nil {
			t.Errorf("the new one: %v", err)
		}
		if _, _, err := a.Resume(t.Context(), other.VisitID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the other visit: %v", err)
		}
		for what, visit := range map[string]int64{"this": ana.VisitID, "somebody else's": bob.VisitID} {
			if _, _, err := a.Resume(t.Context(), visit); err != nil {
				t.Errorf("%s visit: %v", what, err)
			}
		}
		_, err = a.LinkSignIn(t.Context(), link)
		wantFault(t, err, fault.Gone, "account.link_spent")
		rows := mails(t, d)
		if len(rows) != 1 || rows[0].Kind != "account.password_changed" || rows[0].Recipient != "ana@example.org" || rows[0].Locale != "mk" {
			t.Errorf("mails %+v", rows)
		}
		entries, err := audit.Of(t.Context(), d, "user", id)
		if err != nil || entries[0].Action != "set_password" || entries[0].UserID != id {
			t.Errorf("%+v %v", entries, err)
		}
		if err := a.ChangePassword(t.Context(), other, password, another); fault.KindOf(err) != fault.NotFound {
			t.Errorf("by the visit that ended: %v", err)
		}
	})
}

func TestTheCurrentPasswordIsAskedOfWhoSignedInAWhileAgo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		ana := enter(t, a, create(t, a, "ana@example.org", password))
		linkOnly := enter(t, a, create(t, a, "link@example.org", ""))
		clk.pass(10 * time.Minute)
		for current, want := range map[string]map[string]string{
			"":      {"current": "account.current_wrong"},
			another: {"current": "account.current_wrong"},
		} {
			if diff := cmp.Diff(want, fields(a.ChangePassword(t.Context(), ana, current, another))); diff != "" {
				t.Errorf("%q: %s", current, diff)
			}
		}
		want := map[string]string{"current": "account.current_wrong", "password": "account.password_short"}
		if diff := cmp.Diff(want, fields(a.ChangePassword(t.Context(), ana, "wrong", "short"))); diff != "" {
			t.Error(diff)
		}
		if err := a.ChangePassword(t.Context(), ana, password, another); err != nil {
			t.Errorf("with the current one: %v", err)
		}
		for what, err := range map[string]error{
			"password": a.ChangePassword(t.Context(), linkOnly, "", another), "address": a.RequestEmail(t.Context(), linkOnly, "thief@example.org", ""),
		} {
			if !errors.Is(err, account.ErrProof) {
				t.Errorf("%s of who has no password to show, at an open screen: %v", what, err)
			}
		}
		for what, who := range map[string]account.Actor{"anyone": account.Anyone, "a program": {UserID: ana.UserID, TokenID: 3}, "the system": account.System} {
			if err := a.ChangePassword(t.Context(), who, password, another); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestOfTwoVisitsThatChangeThePasswordAtOnceOneGoesOn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		one, two := enter(t, a, id), enter(t, a, id)
		var mu sync.Mutex
		changed := map[int64]bool{}
		var wg sync.WaitGroup
		for _, who := range []account.Actor{one, two} {
			wg.Go(func() {
				if a.ChangePassword(context.Background(), who, "", another) == nil {
					mu.Lock()
					changed[who.VisitID] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if len(changed) != 1 {
			t.Fatalf("%d of two changed it", len(changed))
		}
		for _, who := range []account.Actor{one, two} {
			if _, _, err := a.Resume(t.Context(), who.VisitID); (err == nil) != changed[who.VisitID] {
				t.Errorf("visit %d: changed %t, then %v", who.VisitID, changed[who.VisitID], err)
			}
		}
	})
}

func TestWhoIsDisabledIsOutOfEveryVisitAndStaysOut(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		ana := enter(t, a, id)
		for _, disabled := range []bool{true, false} {
			if err := a.Disable(t.Context(), account.System, id, disabled); err != nil {
				t.Fatal(err)
			}
			if _, _, err := a.Resume(t.Context(), ana.VisitID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("disabled %t: %v", disabled, err)
			}
		}
	})
}
