package account_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
)

func TestAVisitGoesOnInAnotherRoleThatTheUserHolds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		for role, scope := range map[account.Role]account.Scope{
			account.Organiser: {Kind: account.OrganisationScope, ID: w.Organisation.ID}, account.Donor: {Kind: account.ProjectScope, ID: w.Project.ID},
		} {
			if err := a.Grant(t.Context(), account.System, id, role, scope); err != nil {
				t.Fatal(err)
			}
		}
		ana, other := enter(t, a, id), enter(t, a, id)
		if ana.Role != account.Organiser || ana.CanSomewhere(account.ViewGrant) {
			t.Fatalf("acts as %s", ana.Role)
		}
		if diff := cmp.Diff([]account.Role{account.Donor}, ana.RolesFor(account.ViewGrant)); diff != "" {
			t.Error(diff)
		}
		if got := ana.RolesFor(account.ViewEvent); len(got) != 0 {
			t.Errorf("offers %v for what the role may do", got)
		}
		if err := a.SwitchRole(t.Context(), ana, account.Donor); err != nil {
			t.Fatal(err)
		}
		now, _, err := a.Resume(t.Context(), ana.VisitID)
		if err != nil || now.Role != account.Donor || now.CanSomewhere(account.ViewEvent) || !now.CanSomewhere(account.ViewGrant) {
			t.Errorf("%+v %v", now, err)
		}
		if elsewhere, _, err := a.Resume(t.Context(), other.VisitID); err != nil || elsewhere.Role != account.Organiser {
			t.Errorf("on the other device: %s %v", elsewhere.Role, err)
		}
		for _, role := range []account.Role{account.Administrator, account.Helper, "", "no role"} {
			if err := a.SwitchRole(t.Context(), now, role); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%q: %v", role, err)
			}
		}
		entries, err := audit.Of(t.Context(), d, "user", id)
		if err != nil || entries[0].Action != "switch_role" || entries[0].Role != "organiser" || string(entries[0].Detail.V) == "{}" {
			t.Errorf("%+v %v", entries[0], err)
		}
		if err := a.EndVisit(t.Context(), ana.VisitID); err != nil {
			t.Fatal(err)
		}
		if err := a.SwitchRole(t.Context(), now, account.Organiser); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a visit that ended: %v", err)
		}
	})
}
