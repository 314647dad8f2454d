package event_test

import (
	"errors"
	"strings"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
)

func TestADraftGoesWithAllThatHangsOnItAndLeavesItsRecord(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		if _, err := w.Events.Unpublish(t.Context(), w.Organiser(), e.Code); err != nil {
			t.Fatal(err)
		}
		room, err := w.Events.AddRoom(t.Context(), w.Organiser(), e.Code, event.Room{Name: locale.NewText("cnr", "Velika sala")})
		if err != nil {
			t.Fatal(err)
		}
		speaker, err := w.Events.AddSpeaker(t.Context(), w.Organiser(), e.Code, event.Speaker{Name: "Elira Çela", Kind: event.Trainer, Shown: event.ToAll})
		if err != nil {
			t.Fatal(err)
		}
		at := func(hour int) db.Time { return db.At(e.StartsOn.In(e.Location(), hour, 0)) }
		e = w.Programme(t, e, event.Session{StartsAt: at(9), EndsAt: at(10), Kind: event.Plenary, Title: locale.NewText("cnr", "Otvaranje"), RoomID: room.ID, Speakers: []int64{speaker.ID}, Counts: true})
		if _, err := w.Events.AddFile(t.Context(), w.Organiser(), e.Code, event.MaterialFacts{Shown: event.ToAll}, "list.txt", strings.NewReader("one\n"), 4); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Attendance.NewLink(t.Context(), w.Organiser(), e.Code, "Door"); err != nil {
			t.Fatal(err)
		}
		for _, q := range []string{
			"INSERT INTO users (id, email, email_key, name, locale, created_at) VALUES (60, 'a@b.example', 'a@b.example', 'Ana', 'mk', 0)",
			"INSERT INTO grants (user_id, role, scope_kind, scope_id, created_at) SELECT 60, 'organiser', 'event', id, 0 FROM events",
		} {
			if err := d.InTx(t.Context(), apptest.Exec(q)); err != nil {
				t.Fatal(err)
			}
		}
		stranger := account.Link(account.Organiser, account.OrganisationScope, w.Organisation.ID+1)
		if err := w.Events.Discard(t.Context(), stranger, e.Code); !errors.Is(err, event.ErrNotFound) {
			t.Fatalf("a stranger: %v", err)
		}
		if err := w.Events.Discard(t.Context(), w.Organiser(), e.Code); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"events", "rooms", "speakers", "programme_sessions", "session_speakers", "materials", "attendance_units", "checkin_links", "grants"} {
			if n, err := d.Read().NewSelect().Table(table).Count(t.Context()); err != nil || n != 0 {
				t.Errorf("%d rows are left in %s, %v", n, table, err)
			}
		}
		var last string
		if err := d.Read().NewRaw("SELECT action FROM audit WHERE event_id = ? ORDER BY id DESC LIMIT 1", e.ID).Scan(t.Context(), &last); err != nil || last != "discard" {
			t.Errorf("the record ends with %q, %v", last, err)
		}
	})
}

func TestAnEventThatPeopleKnowIsNeverDeleted(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		if err := w.Events.Discard(t.Context(), w.Organiser(), e.Code); !errors.Is(err, event.ErrState) {
			t.Errorf("a published one: %v", err)
		}
		r, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE events SET state = 'draft'")); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.Discard(t.Context(), w.Organiser(), e.Code); fault.KindOf(err) != fault.Conflict {
			t.Errorf("with registration %s: %v", r.Code, err)
		}
		if w.Reload(t, e).ID == 0 {
			t.Error("it is gone")
		}
	})
}
