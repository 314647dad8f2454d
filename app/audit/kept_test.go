package audit_test

import (
	"context"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/migrations"
)

func TestTheRecordIsOnlyAddedTo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKept(t, d)
		k.deeds(2)
		statements := []string{
			"UPDATE audit SET actor = 'Eva'", "UPDATE audit SET actor = 'Eva' WHERE id = 1", "DELETE FROM audit WHERE id = 1", "DELETE FROM audit",
			"UPDATE audit_chain SET hash = ''", "DELETE FROM audit_chain", "DELETE FROM audit_chain WHERE seq = 2",
			"INSERT INTO audit (id, at, actor, action, subject, subject_id) VALUES (1, 0, 'Eva', 'decide', 'registration', 1) ON CONFLICT (id) DO UPDATE SET actor = 'Eva'",
		}
		if d.Dialect() == db.Postgres {
			statements = append(statements, "TRUNCATE audit CASCADE", "TRUNCATE audit_chain", "TRUNCATE audit, audit_chain")
		} else {
			statements = append(statements, "REPLACE INTO audit (id, at, actor, action, subject, subject_id) VALUES (1, 0, 'Eva', 'decide', 'registration', 1)",
				"REPLACE INTO audit_chain (seq, entry_id, hash, sealed_at) VALUES (1, 1, '', 0)", "REPLACE INTO audit_chain (seq, entry_id, hash, sealed_at) VALUES (9, 1, '', 0)")
		}
		for _, s := range statements {
			if err := d.InTx(t.Context(), apptest.Exec(s)); err == nil {
				t.Errorf("%s: was let through", s)
			}
		}
		if c := k.verify(nil); !c.Whole() || c.Entries != 2 {
			t.Errorf("%+v", c)
		}
	})
}

// first holds the migrations of the first release alone.
func first(t *testing.T, dialect db.Dialect) fs.FS {
	t.Helper()
	out := fstest.MapFS{}
	for _, end := range []string{".up.sql", ".down.sql"} {
		name := string(dialect) + "/20261123090000_base" + end
		b, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: b}
	}
	return out
}

func TestAnEarlierRecordIsSealedAndTheMigrationCanBeTakenBackWithIt(t *testing.T) {
	for _, dialect := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(dialect), func(t *testing.T) {
			address := "sqlite:" + t.TempDir() + "/attesta.db"
			if dialect == db.Postgres {
				address = apptest.EmptyPostgres(t)
			}
			d := apptest.Open(t, address)
			if _, err := d.MigrateUp(t.Context(), first(t, dialect)); err != nil {
				t.Fatal(err)
			}
			old := "INSERT INTO audit (at, actor, action, subject, subject_id) VALUES (1652691600000, 'participant', 'registration.submit', 'registration', 1)"
			for range 3 {
				if err := d.InTx(t.Context(), apptest.Exec(old)); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := d.MigrateUp(t.Context(), migrations.FS); err != nil {
				t.Fatal(err)
			}
			k := newKept(t, d)
			k.seal(3)
			k.deeds(2)
			if c := k.verify(nil); !c.Whole() || c.Entries != 5 {
				t.Errorf("%+v", c)
			}
			if _, err := d.MigrateDown(t.Context(), migrations.FS); err != nil {
				t.Fatal(err)
			}
			var left int
			if err := d.Read().NewRaw("SELECT COUNT(*) FROM audit").Scan(t.Context(), &left); err != nil || left != 5 {
				t.Fatalf("%d entries are left: %v", left, err)
			}
		})
	}
}

func TestAChangeSaysWhatDiffers(t *testing.T) {
	type facts = audit.Facts
	for _, c := range []struct {
		name          string
		before, after facts
		more          []facts
		want          string
	}{
		{"one of several", facts{"seats": 30, "city": "Podgorica"}, facts{"seats": 40, "city": "Podgorica"}, nil, `{"after":{"seats":40},"before":{"seats":30}}`},
		{"nothing", facts{"seats": 30}, facts{"seats": 30}, nil, `{}`},
		{"made", nil, facts{"seats": 30}, nil, `{"after":{"seats":30}}`},
		{"ended", facts{"seats": 30}, nil, nil, `{"before":{"seats":30}}`},
		{"lists", facts{"languages": []string{"en"}}, facts{"languages": []string{"en", "mk"}}, nil, `{"after":{"languages":["en","mk"]},"before":{"languages":["en"]}}`},
		{"beside", facts{"status": "submitted"}, facts{"status": "approved"}, []facts{{"mail": true}}, `{"after":{"status":"approved"},"before":{"status":"submitted"},"mail":true}`},
	} {
		if got := string(audit.Change(c.before, c.after, c.more...).V); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestDifferencesAreReadWhateverReleaseWroteThem(t *testing.T) {
	for _, c := range []struct {
		action string
		detail any
		want   []audit.Difference
	}{
		{"decide", map[string]any{"before": map[string]any{"status": "submitted"}, "after": map[string]any{"status": "approved"}, "mail": true}, []audit.Difference{
			{Name: "status", Was: "submitted", Is: "approved", Changed: true}, {Name: "mail", Is: true},
		}},
		{"registration.decide", map[string]any{"from": "submitted", "to": "approved"}, []audit.Difference{{Name: "status", Was: "submitted", Is: "approved", Changed: true}}},
		{"publish", map[string]any{"before": "draft", "after": "published"}, []audit.Difference{{Name: "state", Was: "draft", Is: "published", Changed: true}}},
		{"export", map[string]any{"from": "2022-05-01", "page": "/desk/audit"}, []audit.Difference{{Name: "from", Is: "2022-05-01"}, {Name: "page", Is: "/desk/audit"}}},
		{"cancel", map[string]any{}, nil},
	} {
		if diff := cmp.Diff(c.want, audit.Entry{Action: c.action, Detail: audit.Detail(c.detail)}.Differences()); diff != "" {
			t.Errorf("%v: %s", c.detail, diff)
		}
	}
}

func TestEarlierReleasesNamedDeedsOtherwise(t *testing.T) {
	for _, c := range []struct{ action, subject, want string }{
		{"registration.decide", "registration", "registration.decide"}, {"decide", "registration", "registration.decide"}, {"roster.import", "event", "event.import"},
		{"attendance.mark", "registration", "registration.mark"}, {"view", "event", "view"}, {"export", "report", "export"},
	} {
		if got := (audit.Entry{Action: c.action, Subject: c.subject}).Kind(); got != c.want {
			t.Errorf("%s of %s is %s, want %s", c.action, c.subject, got, c.want)
		}
	}
}

func TestAReachShowsOnlyWhatLiesInIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		mine, other := w.Event(t), w.Event(t)
		var before int64
		if err := d.Read().NewRaw("SELECT MAX(id) FROM audit").Scan(t.Context(), &before); err != nil {
			t.Fatal(err)
		}
		deed := func(subject string, id, event int64) audit.Entry {
			return audit.Entry{Actor: "system", Action: "touch", Subject: subject, SubjectID: id, EventID: event}
		}
		record(t.Context(), t, d, deed("event", mine.ID, mine.ID), deed("event", other.ID, other.ID), deed("user", 5, 0), deed("project", w.Project.ID, 0),
			deed("project", w.Project.ID+1, 0), deed("organisation", w.Organisation.ID, 0), deed("person", 3, 0))
		all := audit.Reach{All: true}
		for _, c := range []struct {
			name  string
			reach audit.Reach
			want  []int64
		}{
			{"everything", all, []int64{7, 6, 5, 4, 3, 2, 1}},
			{"nothing", audit.Reach{}, nil},
			{"one event", audit.Reach{Events: []int64{mine.ID}}, []int64{1}},
			{"the project", audit.Reach{Projects: []int64{w.Project.ID}}, []int64{4, 2, 1}},
			{"another project", audit.Reach{Projects: []int64{w.Project.ID + 1}}, []int64{5}},
			{"the organisation", audit.Reach{Organisations: []int64{w.Organisation.ID}}, []int64{6, 2, 1}},
			{"another organisation", audit.Reach{Organisations: []int64{w.Organisation.ID + 1}}, nil},
		} {
			list, err := audit.List(context.Background(), d, c.reach, audit.Filter{Action: "touch"}, 100)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, e := range list {
				got = append(got, e.ID-before)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
	})
}
