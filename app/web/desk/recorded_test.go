package desk_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/report"
	"attesta/app/roster"

	"attesta/app/db"
)

// unrecorded are the tables that change without a deed: sign-ins and their traces, mails on their way, the record
// itself, the work that waits, files that are on their way.
var unrecorded = []string{"storage", "sign_in_links", "sign_in_states", "visits", "uploads", "file_marks", "outbox", "audit", "audit_chain", "bun_migrations", "bun_migration_locks", "sqlite_sequence"}

// fingerprint is another one whenever anything that people see has changed.
func (s *site) fingerprint(t testing.TB) string {
	t.Helper()
	all := "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
	if s.DB.Dialect() == db.Postgres {
		all = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
	}
	var tables []string
	if err := s.DB.Read().NewRaw(all).Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, table := range tables {
		if slices.Contains(unrecorded, table) || strings.HasPrefix(table, "river") {
			continue
		}
		var rows []map[string]any
		if err := s.DB.Read().NewRaw("SELECT * FROM "+table).Scan(t.Context(), &rows); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		lines := make([]string, len(rows))
		for i, r := range rows {
			lines[i] = fmt.Sprint(r) // maps are printed in the order of their keys
		}
		slices.Sort(lines)
		fmt.Fprintln(h, table, lines)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// recorded does something and fails unless what it changed stands in the record.
func (s *site) recorded(t testing.TB, name string, do func()) {
	t.Helper()
	before, last := s.fingerprint(t), s.last(t)
	do()
	if s.fingerprint(t) != before && s.last(t) == last {
		t.Errorf("%s: something was changed and nothing recorded", name)
	}
}

func tick(code string, position int) []attendance.Tick {
	return []attendance.Tick{{Code: code, Position: position}}
}

// doEverything changes everything about an event with two applications that can be changed, each through the domain.
func (s *site) doEverything(t testing.TB, code string) {
	t.Helper()
	ctx, who := t.Context(), account.Actor{UserID: 2, Name: coordinator, Role: account.Coordinator, Grants: []account.Grant{{Role: account.Coordinator, Scope: s.Project.Scope()}}}
	e, err := s.Events.ByCode(ctx, who, code)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Registrations.List(ctx, who, e, registration.Filter{})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d applications: %v", len(list), err)
	}
	codes := []string{list[0].Code, list[1].Code}
	importing := &roster.Desk{DB: s.DB, Vocabulary: vocabulary(t), Secret: s.Secret, Clock: s.Clock.Now}
	var link *attendance.Link
	var number string
	day := time.Date(2022, 5, 16, 7, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"close registration", func() error { _, err := s.Events.CloseRegistration(ctx, who, code); return err }},
		{"open registration", func() error { _, err := s.Events.OpenRegistration(ctx, who, code); return err }},
		{"publish", func() error { _, err := s.Events.Publish(ctx, who, code); return err }},
		{"programme", func() error {
			current, err := s.Events.ByCode(ctx, who, code)
			if err != nil {
				return err
			}
			return s.Events.SetProgramme(ctx, who, code, current.Version, []event.Session{{StartsAt: db.At(day), EndsAt: db.At(day.Add(time.Hour)), Kind: event.Plenary, Title: locale.NewText("en", "Opening")}})
		}},
		{"decide", func() error {
			_, err := s.Registrations.Decide(ctx, who, code, codes, registration.Approved, "")
			return err
		}},
		{"reject", func() error {
			_, err := s.Registrations.Decide(ctx, who, code, codes[1:], registration.Rejected, "Canary was there last year")
			return err
		}},
		{"approve again", func() error {
			_, err := s.Registrations.Decide(ctx, who, code, codes[1:], registration.Approved, "")
			return err
		}},
		{"make a link", func() (err error) {
			link, err = s.Attendance.NewLink(ctx, account.System, code, "Front door")
			return err
		}},
		{"on the day", func() error { s.Clock.Set(day.Add(time.Hour)); return nil }},
		{"scan", func() error {
			_, err := s.Attendance.Mark(ctx, link.Actor(), attendance.Mark{EventCode: code, Position: 1, Code: codes[0], Source: attendance.Scan, LinkID: link.ID, RequestKey: "k1"})
			return err
		}},
		{"revoke the link", func() error { return s.Attendance.Revoke(ctx, who, code, link.ID) }},
		{"the roll", func() error {
			_, err := s.Attendance.MarkList(ctx, who, code, []attendance.Tick{{Code: codes[0], Position: 2}, {Code: codes[0], Position: 3}, {Code: codes[0], Position: 4}, {Code: codes[1], Position: 1}})
			return err
		}},
		{"taking one back", func() error {
			_, err := s.Attendance.MarkList(ctx, who, code, []attendance.Tick{{Code: codes[1], Position: 1, Absent: true}})
			return err
		}},
		{"import", func() error {
			_, err := importing.Import(ctx, who, code, "canary.csv", []byte("Ime;Prezime;Institucija;E-mail\nKanarinka;Canaryć;Uprava policije;canary.3@me.example\n"), roster.ImportOptions{})
			return err
		}},
		{"after the event", func() error { s.Clock.Set(time.Date(2022, 5, 20, 10, 0, 0, 0, time.UTC)); return nil }},
		{"issue", func() error {
			out, err := s.Certificates.Issue(ctx, who, code)
			if err == nil {
				number = out.Certificates[0].Number
			}
			return err
		}},
		{"reissue", func() error {
			fresh, err := s.Certificates.Reissue(ctx, who, number)
			if err == nil {
				number = fresh.Number
			}
			return err
		}},
		{"revoke", func() error { return s.Certificates.Revoke(ctx, who, number, "Canary’s name is wrong") }},
		{"merge", func() error { _, err := s.Persons.Merge(ctx, who, list[0].PersonID, list[1].PersonID); return err }},
		{"unmerge", func() error { _, err := s.Persons.Unmerge(ctx, who, list[1].PersonID); return err }},
		{"report", func() error {
			_, err := report.Freeze(ctx, s.DB, who, report.Query{ProjectID: s.Project.ID}, report.ForOrganiser)
			return err
		}},
	} {
		before, last := s.fingerprint(t), s.last(t)
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		changed, added := s.fingerprint(t) != before, s.last(t) != last
		if !changed && (step.name == "on the day" || step.name == "after the event") {
			continue
		}
		if !changed || !added {
			t.Errorf("%s: changed %v, recorded %v", step.name, changed, added)
		}
	}
}

func TestWhatAParticipantDoesIsRecorded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Automatic, apptest.Seats(1))
		var ids []int64
		for i := range 2 {
			s.recorded(t, "register", func() {
				r, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(i))
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, r.ID)
			})
		}
		before := s.last(t)
		if err := s.Registrations.Cancel(t.Context(), account.Link(account.Participant, account.RegistrationScope, ids[0]), ids[0]); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range s.entries(t, before) {
			got = append(got, fmt.Sprint(x.Action, " ", x.SubjectID-ids[0], " ", x.Actor, " ", x.Role, " ", string(x.Detail.V), " ", x.At.Format(time.DateOnly)))
		}
		want := []string{
			`cancel 0 participant participant {"after":{"status":"cancelled"},"before":{"status":"approved"}} 2022-05-02`,
			`promote 1 system  {"after":{"status":"approved"},"before":{"status":"waitlisted"}} 2022-05-02`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("recorded %q, want %q", got, want)
		}
	})
}
