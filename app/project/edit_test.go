package project_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
)

func administrator() account.Actor {
	return account.Actor{Name: "Admin", Role: account.Administrator, Grants: []account.Grant{{Role: account.Administrator, Scope: account.Scope{Kind: account.Installation}}}}
}

func coordinator(id int64) account.Actor {
	return account.Actor{Name: "Coordinator", Role: account.Coordinator, Grants: []account.Grant{{Role: account.Coordinator, Scope: account.Scope{Kind: account.ProjectScope, ID: id}}}}
}

func day(t *testing.T, s string) db.Day {
	t.Helper()
	d, err := db.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// wrong are the fields of a fault.
func wrong(t *testing.T, err error) []string {
	t.Helper()
	f := fault.From(err)
	if f == nil {
		t.Fatalf("no fault: %v", err)
	}
	var names []string
	for _, x := range f.Fields {
		names = append(names, x.Name)
	}
	return names
}

func TestACoordinatorChangesTheirProjectButNotItsCode(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		partner, err := w.Projects.CreateOrganisation(t.Context(), administrator(), project.Organisation{Code: "partner", Name: locale.NewText("sq", "Partneri"), Country: "AL"})
		if err != nil {
			t.Fatal(err)
		}
		foundation, err := w.Projects.CreateDonor(t.Context(), administrator(), project.Donor{Code: "f", Kind: project.OtherDonor, Name: locale.NewText("en", "A Foundation")})
		if err != nil {
			t.Fatal(err)
		}
		p, f, err := w.Projects.ForEditing(t.Context(), coordinator(w.Project.ID), "P1")
		if err != nil {
			t.Fatal(err)
		}
		eu := f.Donors[0].DonorID
		f = project.Facts{
			Code: "MINE", Title: locale.NewText("en", "Borders", "mk", "Граници"), ContractNumber: " C-1 ", StartsOn: day(t, "2021-01-01"), EndsOn: day(t, "2023-06-30"),
			RetentionOn: day(t, "2030-06-30"), LeadID: partner.ID, Donors: []project.Funding{{DonorID: foundation.ID, Share: 155}, {DonorID: eu, Share: 845}},
			Organisations: []int64{w.Organisation.ID}, Indicators: []project.Indicator{{Measure: "events", Target: 9}},
		}
		if _, err := w.Projects.Update(t.Context(), coordinator(w.Project.ID), "P1", p.Version, f); err != nil {
			t.Fatal(err)
		}
		now, got, err := w.Projects.ForEditing(t.Context(), coordinator(w.Project.ID), "P1")
		if err != nil {
			t.Fatal(err)
		}
		f.Code, f.ContractNumber, f.Organisations = "P1", "C-1", []int64{partner.ID, w.Organisation.ID}
		got.Indicators[0].ID, got.Indicators[0].ProjectID = 0, 0
		if diff := cmp.Diff(f, got); diff != "" || now.Version != 2 {
			t.Errorf("version %d, %s", now.Version, diff)
		}
		donors, err := project.Donors(t.Context(), d.Read(), p.ID)
		if err != nil || len(donors) != 2 || donors[0].Code != "f" {
			t.Errorf("the order of donors: %v, %v", donors, err)
		}
		if _, err := w.Projects.Update(t.Context(), coordinator(w.Project.ID), "P1", p.Version, f); !errors.Is(err, project.ErrChanged) {
			t.Errorf("over somebody else's change: %v", err)
		}
		f.Code = "RENAMED"
		if _, err := w.Projects.Update(t.Context(), administrator(), "P1", 2, f); err != nil {
			t.Errorf("an administrator changes the code: %v", err)
		}
		list, err := audit.Of(t.Context(), d, "project", p.ID)
		if err != nil || len(list) != 3 {
			t.Fatalf("%d deeds, %v", len(list), err)
		}
		detail := strings.ReplaceAll(string(list[1].Detail.V), ": ", ":")
		for _, want := range []string{`"before"`, `"contract":"C-1"`, `"share":845`, `"events":9`} {
			if !strings.Contains(detail, want) {
				t.Errorf("the record has no %s: %s", want, detail)
			}
		}
	})
}

func TestAProjectIsNoneOfTheBusinessOfOthers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		_, f, err := w.Projects.ForEditing(t.Context(), account.System, "P1")
		if err != nil {
			t.Fatal(err)
		}
		for name, x := range map[string]struct {
			actor account.Actor
			want  fault.Kind
		}{
			"a coordinator of another": {coordinator(w.Project.ID + 1), fault.NotFound}, "anyone": {account.Anyone, fault.NotFound}, "an organiser": {w.Organiser(), fault.NotFound},
			"its donor": {account.Link(account.Donor, account.ProjectScope, w.Project.ID), fault.Forbidden},
		} {
			if _, _, err := w.Projects.ForEditing(t.Context(), x.actor, "P1"); fault.KindOf(err) != x.want {
				t.Errorf("%s opens it: %v", name, err)
			}
			if _, err := w.Projects.Update(t.Context(), x.actor, "P1", 1, f); fault.KindOf(err) != x.want {
				t.Errorf("%s changes it: %v", name, err)
			}
		}
	})
}

func TestWrongFactsOfAProjectStandBesideTheirFields(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		_, err := w.Projects.Update(t.Context(), administrator(), "P1", 1, project.Facts{
			Code: "P 1", Title: locale.NewText("en", strings.Repeat("x", 301)), EndsOn: day(t, "2023-01-01"), StartsOn: day(t, "2024-01-01"), RetentionOn: day(t, "2022-01-01"),
			Donors: []project.Funding{{DonorID: 1, Share: 600}, {DonorID: 1, Share: 401}, {DonorID: 2, Share: -1}}, Indicators: []project.Indicator{{Measure: "women_share", Target: 101}},
		})
		want := []string{"code", "title", "ends_on", "retention_on", "donor_2", "share_2", "share_3", "target_women_share"}
		if diff := cmp.Diff(want, wrong(t, err)); diff != "" {
			t.Error(diff)
		}
		if _, err := w.Projects.Update(t.Context(), administrator(), "P1", 1, project.Facts{Code: "P1", Title: locale.NewText("en", "x"), Donors: []project.Funding{{DonorID: 1, Share: 1000}}}); err != nil {
			t.Errorf("the whole from one donor: %v", err)
		}
	})
}

func TestAnOrganisationThatHostsAnEventStaysInItsProject(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		w.Event(t)
		_, err := w.Projects.Update(t.Context(), administrator(), "P1", 1, project.Facts{Code: "P1", Title: locale.NewText("en", "x")})
		if diff := cmp.Diff([]string{"partners"}, wrong(t, err)); diff != "" {
			t.Error(diff)
		}
		if _, f, err := w.Projects.ForEditing(t.Context(), administrator(), "P1"); err != nil || len(f.Organisations) != 1 || len(f.Donors) != 1 {
			t.Errorf("something has changed: %v, %v", f, err)
		}
	})
}

func TestOrganisationsAreKeptByAdministratorsAndClosedInPlaceOfDeleted(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		o := project.Organisation{Code: "udha", Name: locale.NewText("sq", "Udha"), Country: "AL", City: " Tiranë ", Website: "udha.example.org"}
		if _, err := w.Projects.CreateOrganisation(t.Context(), coordinator(w.Project.ID), o); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a coordinator: %v", err)
		}
		made, err := w.Projects.CreateOrganisation(t.Context(), administrator(), o)
		if err != nil {
			t.Fatal(err)
		}
		if made.City != "Tiranë" || made.Website != "https://udha.example.org" {
			t.Errorf("%+v", made)
		}
		if _, err := w.Projects.CreateOrganisation(t.Context(), administrator(), o); !errors.Is(err, project.ErrCodeTaken) {
			t.Errorf("the same code: %v", err)
		}
		bad := project.Organisation{Country: "Albania", Website: "javascript://x.y/%0aalert(1)"}
		_, err = w.Projects.UpdateOrganisation(t.Context(), administrator(), "udha", 1, bad)
		if diff := cmp.Diff([]string{"name", "country", "website"}, wrong(t, err)); diff != "" {
			t.Error(diff)
		}
		o.City = "Durrës"
		if _, err := w.Projects.UpdateOrganisation(t.Context(), administrator(), "udha", 1, o); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Projects.UpdateOrganisation(t.Context(), administrator(), "udha", 1, o); !errors.Is(err, project.ErrChanged) {
			t.Errorf("over somebody else's change: %v", err)
		}
		if err := w.Projects.CloseOrganisation(t.Context(), administrator(), "udha"); err != nil {
			t.Fatal(err)
		}
		if got, err := w.Projects.OrganisationByCode(t.Context(), administrator(), "udha"); err != nil || !got.Closed() || got.City != "Durrës" {
			t.Errorf("%+v, %v", got, err)
		}
		if err := w.Projects.ReopenOrganisation(t.Context(), administrator(), "udha"); err != nil {
			t.Fatal(err)
		}
		var verbs []string
		list, err := audit.Of(t.Context(), d, "organisation", made.ID)
		for _, e := range list {
			verbs = append(verbs, e.Action)
		}
		if diff := cmp.Diff([]string{"reopen", "close", "update", "create"}, verbs); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		if _, err := w.Projects.OrganisationByCode(t.Context(), coordinator(w.Project.ID), "udha"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a coordinator opens it: %v", err)
		}
		if err := w.Projects.CloseOrganisation(t.Context(), administrator(), "nobody"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("nobody is closed: %v", err)
		}
	})
}

func TestOfficialDonorsHaveNoWordsOfTheirOwn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		words := locale.NewText("en", "Funded by us")
		made, err := w.Projects.CreateDonor(t.Context(), administrator(), project.Donor{Code: "no", Kind: project.NorwayEmbassy, Name: locale.NewText("en", "Embassy"), City: "Belgrade", Line: words, Disclaimer: words})
		if err != nil || !made.Line.IsZero() || !made.Disclaimer.IsZero() {
			t.Fatalf("%+v, %v", made, err)
		}
		other, err := w.Projects.UpdateDonor(t.Context(), administrator(), "no", 1, project.Donor{Kind: project.OtherDonor, Name: locale.NewText("en", "Us"), City: "Belgrade", Line: words})
		if err != nil || other.Line.IsZero() || other.City != "" || other.Code != "no" {
			t.Errorf("%+v, %v", other, err)
		}
		_, err = w.Projects.UpdateDonor(t.Context(), administrator(), "no", 2, project.Donor{Kind: project.NorwayEmbassy})
		if diff := cmp.Diff([]string{"name", "city"}, wrong(t, err)); diff != "" {
			t.Error(diff)
		}
		if _, err := w.Projects.UpdateDonor(t.Context(), coordinator(w.Project.ID), "no", 2, *other); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a coordinator: %v", err)
		}
	})
}
