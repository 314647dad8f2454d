package app_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/registration"
	"attesta/migrations"
)

// kept counts what every migration after the first leaves alone.
func kept(t *testing.T, d *db.DB) map[string]int {
	t.Helper()
	all := map[string]int{}
	for _, table := range []string{"users", "organisations", "donors", "projects", "institutions", "persons", "events", "registrations", "outbox", "audit"} {
		var n int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM ?", bun.Ident(table)).Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		all[table] = n
	}
	var n int
	if err := d.Read().NewRaw("SELECT COUNT(*) FROM grants WHERE role <> 'auditor'").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	all["grants"] = n
	return all
}

func TestMigrationsAreTakenBackAndAppliedAgainWithDataInThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		for i := range 3 {
			if _, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(i)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Registrations.OfferSeats(t.Context(), account.System, e.Code, registration.NewOffer{
			InstitutionName: "Uprava policije", InstitutionType: "police", InstitutionCountry: "ME", ContactName: "Mirko", ContactEmail: "mirko@police.example", Locale: "en", Seats: 3,
		}); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"INSERT INTO users (id, email, email_key, name, locale, created_at) VALUES (50, 'a@b.example', 'a@b.example', 'Ana', 'mk', 0)",
			"INSERT INTO grants (user_id, role, scope_kind, scope_id, created_at) VALUES (50, 'organiser', 'organisation', 1, 0)",
			"INSERT INTO grants (user_id, role, scope_kind, scope_id, until, created_at) VALUES (50, 'auditor', 'project', 1, '2022-12-31', 0)",
			"INSERT INTO visits (user_id, method, began_at, seen_at, proved_at) VALUES (50, 'link', 0, 0, 0)",
			"INSERT INTO identities (user_id, issuer, subject, created_at) VALUES (50, 'https://login.example', 's', 0)",
		} {
			if err := d.InTx(t.Context(), apptest.Exec(statement)); err != nil {
				t.Fatal(err)
			}
		}
		before, all := kept(t, d), 0
		if before["registrations"] != 3 || before["grants"] != 1 || before["audit"] == 0 {
			t.Fatalf("%v", before)
		}
		for {
			names, err := d.MigrateDown(t.Context(), migrations.FS)
			if err != nil || len(names) != 1 {
				t.Fatalf("down: %v %v", names, err)
			}
			all++
			if diff := cmp.Diff(before, kept(t, d)); diff != "" {
				t.Fatalf("without %s: %s", names[0], diff)
			}
			list, err := d.Migrations(t.Context(), migrations.FS)
			if err != nil {
				t.Fatal(err)
			}
			if !list[1].Applied { // the first holds the data
				break
			}
		}
		if names, err := d.MigrateUp(t.Context(), migrations.FS); err != nil || len(names) != all {
			t.Fatalf("up again: %v %v", names, err)
		}
		if diff := cmp.Diff(before, kept(t, d)); diff != "" {
			t.Error(diff)
		}
		if _, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(9)); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
