package project_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
)

func TestAnInstallationBeginsWithAnOrganisationAProjectAndItsDonorsOrWithNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		o := project.Organisation{Code: "signpost", Name: locale.NewText("mk", "Здружение „Патоказ“"), Country: "MK"}
		f := project.Facts{Code: "GRANT", Title: locale.NewText("mk", "Заедно")}
		donors := []project.Donor{project.NewDonor("eu", "European Union"), project.NewDonor("fund", "A fund")}

		taken := f
		taken.Code = w.Project.Code
		if _, err := w.Projects.Begin(t.Context(), administrator(), o, donors, taken); fault.From(err) == nil || fault.From(err).Key != "project.code_taken" {
			t.Fatalf("a code that is taken: %v", err)
		}
		if n, err := d.Read().NewSelect().Table("organisations").Where("code = 'signpost'").Count(t.Context()); err != nil || n != 0 {
			t.Errorf("%d organisations are left of what failed, %v", n, err)
		}
		p, err := w.Projects.Begin(t.Context(), administrator(), o, donors, f)
		if err != nil {
			t.Fatal(err)
		}
		places, err := w.Projects.Places(t.Context(), administrator(), account.EditEvent)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(places, func(x project.Place) bool { return x.Project.ID == p.ID })
		if i < 0 || len(places[i].Organisations) != 1 || places[i].Organisations[0].Code != "signpost" || p.LeadID != places[i].Organisations[0].ID {
			t.Errorf("%+v", places)
		}
		paid, err := project.Donors(t.Context(), d.Read(), p.ID)
		if err != nil || len(paid) != 2 || paid[0].Kind != project.EU || paid[1].Kind != project.OtherDonor {
			t.Errorf("%+v %v", paid, err)
		}
		if n, err := d.Read().NewSelect().Table("donors").Where("code = 'eu'").Count(t.Context()); err != nil || n != 1 {
			t.Errorf("the European Union is there %d times, %v", n, err)
		}
	})
}

func TestWhatIsWrongWithABeginningIsToldAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		_, err := w.Projects.Begin(t.Context(), administrator(), project.Organisation{Code: "x"}, nil, project.Facts{Code: "Y"})
		if diff := cmp.Diff([]string{"name", "country", "title"}, wrong(t, err)); diff != "" {
			t.Error(diff)
		}
		if _, err := w.Projects.Begin(t.Context(), coordinator(w.Project.ID), project.Organisation{}, nil, project.Facts{}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a coordinator: %v", err)
		}
	})
}
