package event_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
)

func unitsAt(t *testing.T, d *db.DB, e *event.Event) []event.AttendanceUnit {
	t.Helper()
	list, err := event.Units(t.Context(), d.Read(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// presence has somebody present at a unit.
func presence(t *testing.T, w *apptest.World, e *event.Event, position int) {
	t.Helper()
	r, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(position))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Registrations.Decide(t.Context(), account.System, e.Code, []string{r.Code}, "approved", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Attendance.Mark(t.Context(), account.System, attendance.Mark{EventCode: e.Code, Position: position, RegistrationID: r.ID, Source: attendance.List}); err != nil {
		t.Fatal(err)
	}
}

func TestUnitsFollowTheSessionsThatCount(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, func(f *event.Facts) { f.Unit = event.BySessions }, apptest.Automatic)
		coffee := session(e, "Coffee", 0, 1000, 1030)
		coffee.Kind = event.Break // ticked by mistake
		e = w.Programme(t, e, session(e, "Opening", 0, 900, 1000), coffee, session(e, "Panel", 0, 1030, 1200), session(e, "Closing", 1, 900, 1000))
		was := unitsAt(t, d, e)
		if len(was) != 3 {
			t.Fatalf("%d units for three sessions that count", len(was))
		}
		presence(t, w, e, 2) // the panel

		// other hours, another order, another day: the unit stays with its session
		moved := programme(t, d, e)
		moved[2].StartsAt, moved[2].EndsAt = hours(e, 1, 1500), hours(e, 1, 1630)
		e = w.Programme(t, e, append(moved, session(e, "Dinner", 0, 2000, 2430))...)
		var got []string
		for _, u := range unitsAt(t, d, e) {
			got = append(got, fmt.Sprint(u.Position, " ", u.Day, " ", u.StartsAt.In(e.Location()).Format("15:04"), " ", u.ID == was[0].ID, u.ID == was[1].ID, u.ID == was[2].ID))
		}
		want := []string{"1 2022-05-16 09:00 true false false", "2 2022-05-16 20:00 false false false", "3 2022-05-17 09:00 false false true", "4 2022-05-17 15:00 false true false"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}

		// what nobody was at may go or count no longer; what somebody was at may not
		p := programme(t, d, e)
		titles := map[string]int{}
		for i, s := range p {
			titles[s.Title.By["en"]] = i
		}
		for name, change := range map[string]func([]event.Session) []event.Session{
			"removed":   func(l []event.Session) []event.Session { return l[:titles["Panel"]] },
			"uncounted": func(l []event.Session) []event.Session { l[titles["Panel"]].Counts = false; return l },
			"a break":   func(l []event.Session) []event.Session { l[titles["Panel"]].Kind = event.Break; return l },
		} {
			err := w.Events.SetProgramme(t.Context(), w.Organiser(), e.Code, e.Version, change(programme(t, d, e)))
			if !errors.Is(err, event.ErrSessionAttended) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if diff := cmp.Diff(len(p), len(programme(t, d, e))); diff != "" {
			t.Errorf("refused, and yet changed: %s", diff)
		}
		p[titles["Opening"]].Counts = false
		e = w.Programme(t, e, append(p[:titles["Dinner"]:titles["Dinner"]], p[titles["Dinner"]+1:]...)...)
		left := unitsAt(t, d, e)
		if len(left) != 2 || left[0].ID != was[2].ID || left[0].Position != 1 || left[1].ID != was[1].ID || left[1].Position != 2 {
			t.Errorf("left: %+v", left)
		}
	})
}

func TestTheUnitOfAttendanceIsSwitchedWhileNobodyWasPresent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		e = w.Programme(t, e, session(e, "Opening", 0, 900, 1000), session(e, "Closing", 1, 900, 1000))
		to := func(change func(*event.Facts)) error {
			f := factsOf(e)
			change(&f)
			_, err := w.Events.Update(t.Context(), w.Organiser(), e.Code, e.Version, f)
			e = w.Reload(t, e)
			return err
		}
		for _, c := range []struct {
			change func(*event.Facts)
			want   string
		}{
			{func(f *event.Facts) { f.Unit = event.BySessions }, "[1 session 2 session]"},
			{func(f *event.Facts) { f.Unit = event.WholeDay }, "[1 day 2 day]"},
			{func(f *event.Facts) { f.Days = 3 }, "[1 day 2 day 3 day]"},
			{func(f *event.Facts) { f.Unit = event.HalfDay }, "[1 morning 2 afternoon 3 morning 4 afternoon 5 morning 6 afternoon]"},
			{func(f *event.Facts) { f.Days = 2 }, "[1 morning 2 afternoon 3 morning 4 afternoon]"},
			{func(f *event.Facts) { f.StartsOn = day(t, "2022-11-16") }, "[1 morning 2 afternoon 3 morning 4 afternoon]"},
		} {
			if err := to(c.change); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, u := range unitsAt(t, d, e) {
				got = append(got, fmt.Sprint(u.Position, " ", u.Part))
				if u.Part == event.Morning && u.StartsAt.In(e.Location()).Format("15:04") != "09:00" {
					t.Errorf("a morning begins at %s", u.StartsAt)
				}
			}
			if fmt.Sprint(got) != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		}
		// the programme changes freely where it isn't what is counted
		presence(t, w, e, 1)
		e = w.Programme(t, e)
		if got := len(programme(t, d, e)); got != 0 {
			t.Errorf("%d sessions are left", got)
		}
		if err := to(func(f *event.Facts) { f.Unit = event.BySessions }); !errors.Is(err, event.ErrAttended) {
			t.Errorf("switched under the marks: %v", err)
		}
	})
}
