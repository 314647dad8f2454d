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

func TestASecondFactorIsNotedOnVisitsThatGoOn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		on, ended := begin(t, a, id), begin(t, a, id)
		if err := a.EndVisit(t.Context(), ended.ID); err != nil {
			t.Fatal(err)
		}
		clk.pass(time.Minute)
		if err := a.PassFactor(t.Context(), on.ID); err != nil {
			t.Fatal(err)
		}
		if _, v, err := a.Resume(t.Context(), on.ID); err != nil || !v.FactorAt.Equal(clk.now()) {
			t.Fatalf("%v %v", v.FactorAt, err)
		}
		for what, visit := range map[string]int64{"ended": ended.ID, "none": 99} {
			if err := a.PassFactor(t.Context(), visit); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := a.Disable(t.Context(), account.System, id, true); err != nil {
			t.Fatal(err)
		}
		if err := a.PassFactor(t.Context(), on.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("disabled: %v", err)
		}
	})
}
