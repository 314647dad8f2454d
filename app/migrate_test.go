package app_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
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

// inRooms returns the titles of sessions with the names of their rooms, by the query that fits the schema.
func inRooms(t *testing.T, d *db.DB, query string) map[string]string {
	t.Helper()
	var rows []struct{ Code, Room string }
	if err := d.Read().NewRaw(query).Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range rows {
		var name locale.Text
		if err := name.Scan(r.Room); err == nil {
			r.Room = name.By[name.Original]
		}
		all[r.Code] = r.Room
	}
	return all
}

// before takes migrations back until the one with that number is.
func before(t *testing.T, d *db.DB, number string) {
	t.Helper()
	for {
		list, err := d.MigrateDown(t.Context(), migrations.FS)
		if err != nil || len(list) != 1 {
			t.Fatalf("down: %v %v", list, err)
		}
		if strings.HasPrefix(list[0], number) {
			return
		}
	}
}

func TestRoomsComeFromTheNamesThatSessionsHadAndGoBackToThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		at := func(hour int) db.Time { return db.At(e.StartsOn.In(e.Location(), hour, 0)) }
		before(t, d, "20261123180000")
		for i, room := range []string{"Sala „A“", "", "Salla e gjelbër", "Sala „A“"} {
			if err := d.InTx(t.Context(), apptest.Exec("INSERT INTO programme_sessions (event_id, position, day, starts_at, ends_at, kind, title, room) VALUES (?, ?, '2022-05-16', ?, ?, 'plenary', '{}', ?)",
				e.ID, i+1, at(9+i), at(10+i), room)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.MigrateUp(t.Context(), migrations.FS); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"s1": "Sala „A“", "s3": "Salla e gjelbër", "s4": "Sala „A“"}
		const now = "SELECT s.code, r.name AS room FROM programme_sessions s JOIN rooms r ON r.id = s.room_id AND r.event_id = s.event_id"
		if diff := cmp.Diff(want, inRooms(t, d, now)); diff != "" {
			t.Error(diff)
		}
		c, err := event.ReadContent(t.Context(), d.Read(), w.Reload(t, e))
		if err != nil || len(c.Rooms) != 2 || c.Rooms[0].Name.Original != "cnr" || c.Event.MostDays != 2 {
			t.Errorf("%v %+v", err, c.Rooms)
		}
		before(t, d, "20261123180000")
		if diff := cmp.Diff(want, inRooms(t, d, "SELECT 's' || id AS code, room FROM programme_sessions WHERE room <> ''")); diff != "" {
			t.Error(diff)
		}
	})
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
