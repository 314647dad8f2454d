package roster_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	presence "attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/roster"
	"attesta/locales"
)

// programmeTruth is what is true of the nine files in testdata/programme.
type programmeTruth struct {
	Events []struct {
		Code, Type, Country, Title, City string
		Starts                           db.Day
		Days                             int
		Listed                           int
		Came                             int
		Completed                        int
		HalfDays                         int `json:"half_day_attendances"`
	}
	Rows map[string][]struct {
		Row    int
		Person string
	}
}

func readTruth(t *testing.T) programmeTruth {
	t.Helper()
	b, err := os.ReadFile("testdata/programme/truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var p programmeTruth
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func desk(t *testing.T, w *apptest.World) *roster.Desk {
	t.Helper()
	v, err := roster.LoadVocabulary(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	return &roster.Desk{DB: w.DB, Vocabulary: v, Secret: w.Secret, Clock: w.Clock.Now}
}

func importFile(t *testing.T, r *roster.Desk, eventCode, path string, o roster.ImportOptions) *roster.Import {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := r.Import(t.Context(), account.System, eventCode, path, b, o)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return in
}

// counts are an event's, from the rows.
type counts struct{ Listed, Came, Completed, HalfDays int }

func count(t *testing.T, d *db.DB, code string) counts {
	t.Helper()
	var e event.Event
	if err := d.Read().NewSelect().Model(&e).Where("code = ?", code).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, rows, err := presence.Roll(t.Context(), d.Read(), &e)
	if err != nil {
		t.Fatal(err)
	}
	c := counts{Listed: len(rows)}
	for _, r := range rows {
		c.HalfDays += r.Registration.HalfDaysPresent
		if r.Registration.UnitsPresent > 0 {
			c.Came++
		}
		if r.Completed {
			c.Completed++
		}
	}
	return c
}

func TestTheProgrammesNineFilesGiveItsTrueFigures(t *testing.T) {
	truth := readTruth(t)
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		r := desk(t, w)
		persons := map[string][]int64{} // of each true person, the records that the rows became
		for _, e := range truth.Events {
			_, err := w.Events.Create(t.Context(), account.System, event.Facts{
				Code: e.Code, ProjectID: w.Project.ID, OrganisationID: w.Organisation.ID, Type: event.Type(e.Type), Title: locale.NewText("en", e.Title),
				Country: e.Country, City: e.City, StartsOn: e.Starts, Days: e.Days, Seats: 150,
			})
			if err != nil {
				t.Fatal(err)
			}
			paths, _ := filepath.Glob("testdata/programme/" + e.Code + ".*")
			if len(paths) != 1 {
				t.Fatalf("%s: %v", e.Code, paths)
			}
			in := importFile(t, r, e.Code, paths[0], roster.ImportOptions{})
			want := truth.Rows[filepath.Base(paths[0])]
			if len(in.Taken) != len(want) {
				t.Fatalf("%s: %d rows taken, %d are true", e.Code, len(in.Taken), len(want))
			}
			for i, x := range want {
				if in.Taken[i].Row != x.Row {
					t.Errorf("%s: row %d taken for row %d", e.Code, in.Taken[i].Row, x.Row)
				}
				persons[x.Person] = append(persons[x.Person], in.Taken[i].Person)
			}
			if got := count(t, d, e.Code).Listed; got != len(want) {
				t.Errorf("%s: %d listed before merging, want each of the %d rows", e.Code, got, len(want))
			}
			again := importFile(t, r, e.Code, paths[0], roster.ImportOptions{})
			if again.New != 0 || again.Changed != 0 || !slices.EqualFunc(again.Taken, in.Taken, func(a, b roster.Taken) bool {
				return a.Row == b.Row && a.Person == b.Person && a.Registration == b.Registration
			}) {
				t.Errorf("%s: the same file again made %d, changed %d", e.Code, again.New, again.Changed)
			}
		}
		for _, ids := range persons {
			if len(ids) > 1 {
				if _, err := w.Persons.Merge(t.Context(), account.System, ids[0], ids[1:]...); err != nil {
					t.Fatal(err)
				}
			}
		}
		checkTrue(t, d, truth)
		for _, e := range truth.Events { // whoever was merged stays merged when the file comes again
			paths, _ := filepath.Glob("testdata/programme/" + e.Code + ".*")
			if again := importFile(t, r, e.Code, paths[0], roster.ImportOptions{}); again.New != 0 || again.Changed != 0 {
				t.Errorf("%s: after merging, the same file made %d, changed %d", e.Code, again.New, again.Changed)
			}
		}
		checkTrue(t, d, truth)
	})
}

func checkTrue(t *testing.T, d *db.DB, truth programmeTruth) {
	t.Helper()
	for _, e := range truth.Events {
		if diff := cmp.Diff(counts{e.Listed, e.Came, e.Completed, e.HalfDays}, count(t, d, e.Code)); diff != "" {
			t.Errorf("%s (-true +got):\n%s", e.Code, diff)
		}
	}
	var people int
	err := d.Read().NewRaw("SELECT COUNT(DISTINCT person_id) FROM registrations WHERE folded_into IS NULL AND units_present > 0").Scan(t.Context(), &people)
	if err != nil || people != 239 {
		t.Errorf("%d unique persons, %v; want 239", people, err)
	}
}

func TestADryRunWritesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		in := importFile(t, desk(t, w), e.Code, "testdata/programme/nt-me.xlsx", roster.ImportOptions{DryRun: true})
		if in.New != 33 || len(in.Taken) != 33 {
			t.Errorf("%d new of %d", in.New, len(in.Taken))
		}
		if c := count(t, d, e.Code); c != (counts{}) {
			t.Errorf("a dry run left %+v", c)
		}
	})
}

func TestAListFindsThoseWhoRegisteredThemselves(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		s := apptest.Submission(1)
		s.GivenName, s.FamilyName, s.Email = "Vesna", "Ćetković", "vesna.cetkovic@jt.me.example"
		reg, err := w.Registrations.Register(t.Context(), e.Code, s)
		if err != nil {
			t.Fatal(err)
		}
		in := importFile(t, desk(t, w), e.Code, "testdata/programme/nt-me.xlsx", roster.ImportOptions{})
		if in.New != 32 || in.Taken[0].Registration != reg.ID || in.Taken[0].Person != reg.PersonID {
			t.Errorf("%d new, first row is %+v", in.New, in.Taken[0])
		}
		got, err := w.Registrations.ByID(t.Context(), account.System, reg.ID)
		if err != nil || got.UnitsPresent != 4 || got.Source != registration.FromForm {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestImportingIsForThoseWhoMay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		b, err := os.ReadFile("testdata/programme/nt-al.csv")
		if err != nil {
			t.Fatal(err)
		}
		for name, actor := range map[string]account.Actor{
			"anyone": account.Anyone, "a helper": account.Link(account.Helper, account.EventScope, e.ID),
			"a donor": account.Link(account.Donor, account.ProjectScope, w.Project.ID), "another organiser": account.Link(account.Organiser, account.OrganisationScope, w.Organisation.ID+1),
		} {
			if _, err := desk(t, w).Import(context.Background(), actor, e.Code, "nt-al.csv", b, roster.ImportOptions{}); err == nil {
				t.Errorf("%s imported", name)
			}
		}
	})
}
