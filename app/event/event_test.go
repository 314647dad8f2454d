package event_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
)

func day(t *testing.T, s string) db.Day {
	t.Helper()
	d, err := db.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func factsOf(e *event.Event) event.Facts {
	return event.Facts{
		Code: e.Code, Type: e.Type, Title: e.Title, Country: e.Country, City: e.City, StartsOn: e.StartsOn, Days: e.Days, Zone: e.Zone, Seats: e.Seats,
		Unit: e.Unit, OpensAt: e.RegistrationOpensAt.Time, ClosesAt: e.RegistrationClosesAt.Time,
	}
}

func TestThePhaseFollowsStateWindowAndClock(t *testing.T) {
	at := func(s string) time.Time {
		x, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	e := event.Event{State: event.Published, Zone: "Europe/Podgorica", StartsOn: day(t, "2022-05-16"), Days: 2,
		RegistrationOpensAt: db.At(at("2022-04-01T08:00:00Z")), RegistrationClosesAt: db.At(at("2022-05-01T08:00:00Z"))}
	for _, c := range []struct {
		now  string
		want event.Phase
	}{
		{"2022-03-31T08:00:00Z", event.PhaseAnnounced}, {"2022-04-01T08:00:00Z", event.PhaseOpen}, {"2022-05-01T08:00:00Z", event.PhaseClosed},
		{"2022-05-15T21:59:59Z", event.PhaseClosed}, {"2022-05-15T22:00:00Z", event.PhaseRunning}, // midnight in Podgorica
		{"2022-05-17T21:59:59Z", event.PhaseRunning}, {"2022-05-17T22:00:00Z", event.PhaseFinished},
	} {
		if got := e.Phase(at(c.now)); got != c.want {
			t.Errorf("%s: %s, want %s", c.now, got, c.want)
		}
	}
	for state, want := range map[event.State]event.Phase{event.Draft: event.PhaseDraft, event.Cancelled: event.PhaseCancelled, event.Archived: event.PhaseFinished} {
		e.State = state
		if got := e.Phase(at("2022-04-10T08:00:00Z")); got != want {
			t.Errorf("%s: %s", state, got)
		}
	}
}

func TestHalfDaysAreThoseOfTheEventsZone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, func(f *event.Facts) { f.StartsOn, f.Days = day(t, "2022-10-29"), 2 }) // the clocks change in the night between
		units, err := event.Units(t.Context(), d.Read(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range units {
			got = append(got, fmt.Sprint(u.Position, " ", u.Day, " ", u.Part, " ", u.StartsAt.Format("15:04Z"), "–", u.EndsAt.Format("15:04Z"), " ", u.HalfDays))
		}
		want := []string{
			"1 2022-10-29 morning 07:00Z–10:30Z 1", "2 2022-10-29 afternoon 11:30Z–15:00Z 1",
			"3 2022-10-30 morning 08:00Z–11:30Z 1", "4 2022-10-30 afternoon 12:30Z–16:00Z 1",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestWhatIsWrongIsToldBesideItsField(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		good := factsOf(w.Event(t))
		good.ProjectID, good.OrganisationID, good.Code = w.Project.ID, w.Organisation.ID, "another"
		for name, c := range map[string]struct {
			change func(*event.Facts)
			want   string
		}{
			"empty":             {func(f *event.Facts) { *f = event.Facts{} }, "code title type country starts_on days seats"},
			"long title":        {func(f *event.Facts) { f.Title = locale.NewText("en", strings.Repeat("ш", 301)) }, "title_en"},
			"closes first":      {func(f *event.Facts) { f.OpensAt, f.ClosesAt = w.Clock.Now().Add(time.Hour), w.Clock.Now() }, "closes_at"},
			"closes afterwards": {func(f *event.Facts) { f.ClosesAt = f.StartsOn.AddDate(0, 0, 3) }, "closes_at"},
			"no days":           {func(f *event.Facts) { f.Days = 0 }, "days"},
			"zone":              {func(f *event.Facts) { f.Zone = "Europe/Atlantis" }, "zone"},
			"threshold":         {func(f *event.Facts) { f.Threshold = 1.5 }, "threshold"},
			"code":              {func(f *event.Facts) { f.Code = "../x" }, "code"},
			"address":           {func(f *event.Facts) { f.Code = "new" }, "code"},
			"small letters":     {func(f *event.Facts) { f.Country = "ba" }, "country"},
		} {
			f := good
			c.change(&f)
			_, err := w.Events.Create(t.Context(), account.System, f)
			var got []string
			if x := fault.From(err); x != nil {
				for _, field := range x.Fields {
					got = append(got, field.Name)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
		good.Code = "event-1"
		if _, err := w.Events.Create(t.Context(), account.System, good); !errors.Is(err, event.ErrCodeTaken) {
			t.Errorf("a code twice: %v", err)
		}
	})
}

func TestOfTwoWhoChangeAtOnceOneIsTold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		changed := 0
		for i := range 10 {
			wg.Go(func() {
				f := factsOf(e)
				f.Venue = fmt.Sprint("Hall ", i)
				_, err := w.Events.Update(t.Context(), w.Organiser(), e.Code, e.Version, f)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					changed++
				} else if !errors.Is(err, event.ErrChanged) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if changed != 1 {
			t.Errorf("%d of 10 changed the same version", changed)
		}
	})
}

func TestDatesStandOnceSomebodyWasPresent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		f := factsOf(e)
		f.Days = 3
		e, err := w.Events.Update(t.Context(), w.Organiser(), e.Code, e.Version, f)
		if err != nil {
			t.Fatal(err)
		}
		if units, err := event.Units(t.Context(), d.Read(), e.ID); err != nil || len(units) != 6 {
			t.Fatalf("%d half-days, %v", len(units), err)
		}
		r, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Registrations.Decide(t.Context(), account.System, e.Code, []string{r.Code}, "approved", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Attendance.Mark(t.Context(), account.System, attendance.Mark{EventCode: e.Code, Position: 1, RegistrationID: r.ID, Source: attendance.List}); err != nil {
			t.Fatal(err)
		}
		e = w.Reload(t, e)
		f.Days = 2
		if _, err := w.Events.Update(t.Context(), w.Organiser(), e.Code, e.Version, f); fault.KindOf(err) != fault.Conflict {
			t.Errorf("days change under the marks: %v", err)
		}
		f = factsOf(e)
		f.Venue = "Another hall"
		if _, err := w.Events.Update(t.Context(), w.Organiser(), e.Code, e.Version, f); err != nil {
			t.Errorf("the venue can't change: %v", err)
		}
	})
}

func TestAProgrammeIsKeptInOrderAndWithinTheDays(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, func(f *event.Facts) { f.Unit = event.BySessions })
		at := func(plus, hour int) db.Time { return db.At(e.StartsOn.Plus(plus).In(e.Location(), hour, 0)) }
		session := func(title string, plus, from, to int, counts bool) event.Session {
			return event.Session{Title: locale.NewText("en", title), StartsAt: at(plus, from), EndsAt: at(plus, to), Kind: event.Plenary, Counts: counts}
		}
		e = w.Programme(t, e, session("Closing", 1, 14, 16, true), session("Coffee", 0, 11, 12, false), session("Opening", 0, 9, 11, true))
		list, err := event.Programme(t.Context(), d.Read(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range list {
			got = append(got, s.Title.By["en"]+" "+s.Day.String())
		}
		if diff := cmp.Diff([]string{"Opening 2022-05-16", "Coffee 2022-05-16", "Closing 2022-05-17"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if units, err := event.Units(t.Context(), d.Read(), e.ID); err != nil || len(units) != 2 {
			t.Errorf("%d units for two sessions that count, %v", len(units), err)
		}
		for name, s := range map[string]event.Session{"backwards": session("x", 0, 12, 11, true), "the day before": session("x", -1, 9, 10, true), "untitled": session("", 0, 9, 10, true)} {
			if err := w.Events.SetProgramme(t.Context(), w.Organiser(), e.Code, e.Version, []event.Session{s}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestWhatIsSaidOfAnEventIsKeptWithoutWhatCannotBeSeen(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, func(f *event.Facts) {
			f.Title = locale.NewText("cnr", " Obuka\r\n\x07trenera\u202e ", "en", "\u200b")
			f.Description = locale.NewText("cnr", "Prvo.\r\n\r\n\r\n- dru\x00go  ")
		})
		if diff := cmp.Diff(locale.NewText("cnr", "Obuka trenera"), e.Title); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(locale.NewText("cnr", "Prvo.\n\n- drugo"), e.Description); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEventsOfOthersDoNotExist(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		other := account.Link(account.Organiser, account.OrganisationScope, w.Organisation.ID+1)
		if list, err := w.Events.List(t.Context(), other, account.ViewEvent); err != nil || len(list) != 0 {
			t.Errorf("lists %d, %v", len(list), err)
		}
		for name, f := range map[string]func() error{
			"see":    func() error { _, err := w.Events.ByCode(t.Context(), other, e.Code); return err },
			"change": func() error { _, err := w.Events.Update(t.Context(), other, e.Code, e.Version, factsOf(e)); return err },
			"open":   func() error { _, err := w.Events.OpenRegistration(t.Context(), other, e.Code); return err },
			"close":  func() error { _, err := w.Events.CloseRegistration(t.Context(), other, e.Code); return err },
			"plan":   func() error { return w.Events.SetProgramme(t.Context(), other, e.Code, e.Version, nil) },
		} {
			if err := f(); !errors.Is(err, event.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if list, err := w.Events.List(t.Context(), w.Organiser(), account.ViewEvent); err != nil || len(list) != 1 {
			t.Errorf("its own organiser lists %d, %v", len(list), err)
		}
		f := factsOf(e)
		f.Code, f.ProjectID, f.OrganisationID = "mine", w.Project.ID, w.Organisation.ID
		if _, err := w.Events.Create(t.Context(), other, f); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("creates for another organisation: %v", err)
		}
		stranger, err := w.Projects.AddOrganisation(t.Context(), account.System, project.Organisation{Code: "stranger", Name: locale.NewText("en", "Stranger"), Country: "RS"})
		if err != nil {
			t.Fatal(err)
		}
		f.OrganisationID = stranger.ID
		for _, who := range []account.Actor{account.Link(account.Organiser, account.OrganisationScope, stranger.ID), account.Link(account.Coordinator, account.ProjectScope, w.Project.ID)} {
			if _, err := w.Events.Create(t.Context(), who, f); fault.KindOf(err) != fault.Invalid {
				t.Errorf("the %s creates for an organisation that has no part in the project: %v", who.Role, err)
			}
		}
		f.OrganisationID = w.Organisation.ID
		if _, err := w.Events.Create(t.Context(), w.Organiser(), f); err != nil {
			t.Errorf("its own organiser: %v", err)
		}
	})
}
