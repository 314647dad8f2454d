package project_test

import (
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
)

func TestDonorsAreRecognisedByTheirNames(t *testing.T) {
	for name, want := range map[string]struct {
		kind project.DonorKind
		city string
	}{
		"European Union": {project.EU, ""}, "Embassy of the Kingdom of Norway in Belgrade": {project.NorwayEmbassy, "Belgrade"},
		"Embassy of the Kingdom of Norway": {project.OtherDonor, ""}, "Norwegian Ministry of Foreign Affairs": {project.NorwayMFA, ""}, "A Foundation": {project.OtherDonor, ""},
	} {
		if d := project.NewDonor("x", name); d.Kind != want.kind || d.City != want.city {
			t.Errorf("%s: %s in %q", name, d.Kind, d.City)
		}
	}
}

func TestAProjectIsForThoseWhoHoldARoleInIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		mine := account.Link(account.Donor, account.ProjectScope, w.Project.ID)
		other := account.Link(account.Donor, account.ProjectScope, w.Project.ID+1)
		if _, err := w.Projects.ByCode(t.Context(), mine, "P1"); err != nil {
			t.Error(err)
		}
		for name, a := range map[string]account.Actor{"another donor": other, "anyone": account.Anyone} {
			if _, err := w.Projects.ByCode(t.Context(), a, "P1"); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
			if list, err := w.Projects.List(t.Context(), a, account.ViewGrant); err != nil || len(list) != 0 {
				t.Errorf("%s lists %v, %v", name, list, err)
			}
		}
		if _, err := w.Projects.Create(t.Context(), mine, project.Facts{Code: "P2", Title: locale.NewText("en", "x")}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a donor makes a project: %v", err)
		}
		if _, err := w.Projects.Create(t.Context(), account.System, project.Facts{Code: "P1", Title: locale.NewText("en", "x")}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("the same code: %v", err)
		}
		start, _ := db.ParseDay("2022-05-02")
		_, err := w.Projects.Create(t.Context(), account.System, project.Facts{Code: "a b", StartsOn: start, EndsOn: start.Plus(-1)})
		if f := fault.From(err); f == nil || len(f.Fields) != 3 {
			t.Errorf("bad input: %v", err)
		}
	})
}
