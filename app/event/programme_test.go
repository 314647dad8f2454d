package event_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
)

// hours returns an instant of one of the event's days, written 0930; 2430 is half past midnight of the night after.
func hours(e *event.Event, plus, clock int) db.Time {
	t, _ := e.StartsOn.Plus(plus+clock/2400).At(e.Location(), clock/100%24, clock%100)
	return db.At(t)
}

func session(e *event.Event, title string, plus, from, to int) event.Session {
	return event.Session{Title: locale.NewText("en", title), StartsAt: hours(e, plus, from), EndsAt: hours(e, plus, to), Kind: event.Plenary, Counts: true}
}

func programme(t *testing.T, d *db.DB, e *event.Event) []event.Session {
	t.Helper()
	list, err := event.Programme(t.Context(), d.Read(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// lines writes sessions as a person would: title, day and hours on the event's clock.
func lines(e *event.Event, list []event.Session) []string {
	var out []string
	for _, s := range list {
		out = append(out, fmt.Sprint(s.Position, " ", s.Title.By["en"], " ", s.StartsAt.In(e.Location()).Format("2 Jan 15:04"), "–", s.EndsAt.In(e.Location()).Format("15:04")))
	}
	return out
}

func TestASessionStaysItselfWhateverChanges(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		e = w.Programme(t, e, session(e, "Opening", 0, 900, 1000), session(e, "Panel", 0, 1000, 1100), session(e, "Closing", 1, 1600, 1700))
		before := programme(t, d, e)
		w.Clock.Set(w.Clock.Now().Add(time.Hour))
		next := programme(t, d, e)
		next[0].StartsAt, next[0].EndsAt = hours(e, 1, 1700), hours(e, 1, 1730) // from first to last
		next[1].Title = locale.NewText("en", "Panel", "mk", "Панел")
		next[1].CountedMinutes = 30
		next[2].Counts = false // nothing that a calendar tells
		e = w.Programme(t, e, append(next, session(e, "Dinner", 0, 2000, 2430))...)
		after := programme(t, d, e)
		want := []string{"1 Panel 16 May 10:00–11:00", "2 Dinner 16 May 20:00–00:30", "3 Closing 17 May 16:00–17:00", "4 Opening 17 May 17:00–17:30"}
		if diff := cmp.Diff(want, lines(e, after)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		for i, was := range []int{3: 0, 0: 1, 2: 2} {
			if i == 1 {
				continue
			}
			if after[i].ID != before[was].ID || after[i].Code != before[was].Code {
				t.Errorf("%s became another one", after[i].Title.By["en"])
			}
			if changed := after[i].Sequence - before[was].Sequence; changed != map[bool]int{true: 0, false: 1}[was == 2] {
				t.Errorf("%s: calendars are told %d changes", after[i].Title.By["en"], changed)
			}
			if told := after[i].UpdatedAt.Equal(w.Clock.Now()); told == (was == 2) {
				t.Errorf("%s: told of a change at %v", after[i].Title.By["en"], after[i].UpdatedAt)
			}
		}
	})
}

func TestWhoHasSeenAnOlderProgrammeIsTold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		now := w.Programme(t, e, session(e, "Opening", 0, 900, 1000))
		if now.Version == e.Version {
			t.Error("the version doesn't grow")
		}
		if err := w.Events.SetProgramme(t.Context(), w.Organiser(), e.Code, e.Version, nil); !errors.Is(err, event.ErrChanged) {
			t.Errorf("an older version: %v", err)
		}
		if got := len(programme(t, d, e)); got != 1 {
			t.Errorf("%d sessions are left", got)
		}
	})
}

func TestWhatLeavesAShownProgrammeIsRemembered(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		for _, shown := range []bool{true, false} {
			e := w.Event(t)
			if !shown {
				if err := d.InTx(t.Context(), apptest.Exec("UPDATE events SET state = 'draft' WHERE id = ?", e.ID)); err != nil {
					t.Fatal(err)
				}
			}
			e = w.Programme(t, e, session(e, "Opening", 0, 900, 1000), session(e, "Panel", 0, 1000, 1100))
			was := programme(t, d, e)
			if err := d.InTx(t.Context(), apptest.Exec(`INSERT INTO materials (event_id, session_id, position, code, kind, title, url, created_at) VALUES (?, ?, 1, ?, 'link', '{}', 'https://x.example', 0)`, e.ID, was[0].ID, e.Code)); err != nil {
				t.Fatal(err)
			}
			w.Clock.Set(w.Clock.Now().Add(time.Hour))
			e = w.Programme(t, e, was[1])
			gone, err := event.Removed(t.Context(), d.Read(), e.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got := lines(e, programme(t, d, e)); len(got) != 1 || got[0] != "1 Panel 16 May 10:00–11:00" {
				t.Errorf("left: %q", got)
			}
			if !shown {
				if len(gone) != 0 {
					t.Errorf("a draft's session is kept: %v", gone)
				}
				continue
			}
			if len(gone) != 1 || gone[0].Code != was[0].Code || gone[0].Sequence != was[0].Sequence+1 || !gone[0].RemovedAt.Equal(w.Clock.Now()) {
				t.Fatalf("removed: %+v", gone)
			}
			// its code comes back as another session, and its place is free
			e = w.Programme(t, e, was...)
			if back := programme(t, d, e); len(back) != 2 || back[0].ID == was[0].ID || back[1].ID != was[1].ID {
				t.Errorf("back: %q", lines(e, back))
			}
			c, err := event.ReadContent(t.Context(), d.Read(), e)
			if err != nil || len(c.Materials) != 1 || c.Materials[0].SessionID != 0 {
				t.Errorf("its material: %+v, %v", c.Materials, err)
			}
		}
	})
}

func TestAPlanBringsItsRoomsTracksAndSpeakers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, func(f *event.Facts) { f.Interpretation = []locale.Code{"en"} })
		a, b := session(e, "Opening", 0, 900, 1000), session(e, "Panel", 0, 1000, 1100)
		a.RoomID, b.RoomID, b.TrackID, a.Speakers, b.Speakers = -1, -1, -2, []int64{-3}, []int64{-4, -3, -4}
		a.Interpretation.V, b.CountedMinutes = []locale.Code{"en", "hr"}, 45
		plan := event.Plan{
			Sessions: []event.Session{a, b}, Rooms: []event.Room{{ID: -1, Name: locale.NewText("en", "Room A")}}, Tracks: []event.Track{{ID: -2, Name: locale.NewText("en", "Police")}},
			Speakers: []event.Speaker{{ID: -3, Name: "Ana Anić"}, {ID: -4, Name: "Boro Borić"}},
		}
		if err := w.Events.SetPlan(t.Context(), w.Organiser(), e.Code, e.Version, plan); err != nil {
			t.Fatal(err)
		}
		e = w.Reload(t, e)
		c, err := event.ReadContent(t.Context(), d.Read(), e)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for i := range c.Sessions {
			s := &c.Sessions[i]
			line := c.Room(s.RoomID).Name.By["en"]
			if s.TrackID != 0 {
				line += " " + c.Track(s.TrackID).Name.By["en"]
			}
			for _, x := range c.SpeakersOf(s) {
				line += " " + x.Name + " " + string(x.Kind)
			}
			names = append(names, fmt.Sprint(line, " ", s.Minutes(), " ", s.Interpretation.V))
		}
		want := []string{"Room A Ana Anić trainer 60 [en]", "Room A Police Boro Borić trainer Ana Anić trainer 45 []"}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(c.Rooms) != 1 || len(c.Speakers) != 2 || c.Speakers[0].Code == c.Speakers[1].Code {
			t.Errorf("%d rooms, speakers %+v", len(c.Rooms), c.Speakers)
		}
		other := w.Event(t)
		stolen := session(other, "Opening", 0, 900, 1000)
		stolen.RoomID, stolen.TrackID, stolen.Speakers = c.Rooms[0].ID, c.Tracks[0].ID, []int64{c.Speakers[0].ID}
		f := fault.From(w.Events.SetProgramme(t.Context(), w.Organiser(), other.Code, other.Version, []event.Session{stolen}))
		if f == nil || len(f.Fields) != 3 {
			t.Errorf("another event's room, track and speaker: %v", f)
		}
	})
}

func TestASessionThatCannotBeIsRefusedBesideItsField(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	w := apptest.NewWorld(t, d)
	e := w.Event(t)
	for name, c := range map[string]struct {
		change func(*event.Session)
		want   string
	}{
		"backwards":            {func(s *event.Session) { s.EndsAt = s.StartsAt }, "session_2_ends form.end_before_start"},
		"two days long":        {func(s *event.Session) { s.EndsAt = hours(e, 1, 1000) }, "session_2_ends event.session_too_long"},
		"the day before":       {func(s *event.Session) { s.StartsAt, s.EndsAt = hours(e, -1, 900), hours(e, -1, 1000) }, "session_2_starts event.outside_days"},
		"the day after":        {func(s *event.Session) { s.StartsAt, s.EndsAt = hours(e, 2, 0), hours(e, 2, 100) }, "session_2_starts event.outside_days"},
		"until the next noon":  {func(s *event.Session) { s.StartsAt, s.EndsAt = hours(e, 1, 2000), hours(e, 2, 1200) }, "session_2_starts event.outside_days"},
		"untitled":             {func(s *event.Session) { s.Title = locale.Text{} }, "session_2_title form.required"},
		"overlong":             {func(s *event.Session) { s.Title = locale.NewText("mk", strings.Repeat("ш", 301)) }, "session_2_title_mk form.too_long"},
		"overlong description": {func(s *event.Session) { s.Description = locale.NewText("en", strings.Repeat("x", 10_001)) }, "session_2_description_en form.too_long"},
		"of no kind":           {func(s *event.Session) { s.Kind = "party" }, "session_2_kind form.choose"},
		"counts too much":      {func(s *event.Session) { s.CountedMinutes = 1441 }, "session_2_minutes form.between"},
	} {
		s := session(e, "Panel", 0, 900, 1000)
		c.change(&s)
		f := fault.From(w.Events.SetProgramme(t.Context(), w.Organiser(), e.Code, e.Version, []event.Session{session(e, "Opening", 1, 900, 1000), s}))
		if f == nil || len(f.Fields) != 1 || f.Fields[0].Name+" "+f.Fields[0].Key != c.want {
			t.Errorf("%s: %v", name, f)
		}
	}
	many := make([]event.Session, event.MaxSessions+1)
	for i := range many {
		many[i] = session(e, "Opening", 0, 900, 1000)
	}
	if f := fault.From(w.Events.SetProgramme(t.Context(), w.Organiser(), e.Code, e.Version, many)); f == nil || f.Key != "event.too_many_sessions" {
		t.Errorf("%d sessions: %v", len(many), f)
	}
}

func TestTheProgrammeMovesWithTheEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, func(f *event.Facts) { f.Unit = event.BySessions })
		e = w.Programme(t, e, session(e, "Night shift", 0, 130, 300), session(e, "Opening", 0, 900, 1000), session(e, "Dinner", 1, 2000, 2430))
		was := programme(t, d, e)
		update := func(change func(*event.Facts)) error {
			t.Helper()
			f := factsOf(e)
			f.OpensAt, f.ClosesAt = time.Time{}, time.Time{}
			change(&f)
			_, err := w.Events.Update(t.Context(), w.Organiser(), e.Code, e.Version, f)
			e = w.Reload(t, e)
			return err
		}
		for _, c := range []struct {
			name   string
			change func(*event.Facts)
			want   []string
		}{
			{"into winter", func(f *event.Facts) { f.StartsOn = day(t, "2022-11-14") }, []string{"1 Night shift 14 Nov 01:30–03:00", "2 Opening 14 Nov 09:00–10:00", "3 Dinner 15 Nov 20:00–00:30"}},
			{"back a year, into the night in which the clocks go forward", func(f *event.Facts) { f.StartsOn = day(t, "2022-03-27") }, []string{"1 Night shift 27 Mar 01:30–03:00", "2 Opening 27 Mar 09:00–10:00", "3 Dinner 28 Mar 20:00–00:30"}},
			{"to another zone", func(f *event.Facts) { f.Zone = "Europe/London" }, []string{"1 Night shift 27 Mar 02:00–02:30", "2 Opening 27 Mar 09:00–10:00", "3 Dinner 28 Mar 20:00–00:30"}},
			{"longer", func(f *event.Facts) { f.Days = 3 }, []string{"1 Night shift 27 Mar 02:00–02:30", "2 Opening 27 Mar 09:00–10:00", "3 Dinner 28 Mar 20:00–00:30"}},
		} {
			if err := update(c.change); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			list := programme(t, d, e)
			if diff := cmp.Diff(c.want, lines(e, list)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.name, diff)
			}
			units, err := event.Units(t.Context(), d.Read(), e.ID)
			if err != nil || len(units) != 3 {
				t.Fatalf("%s: %d units, %v", c.name, len(units), err)
			}
			for i, u := range units {
				if list[i].ID != was[i].ID || u.ProgrammeSessionID != list[i].ID || !u.StartsAt.Equal(list[i].StartsAt.Time) || !u.Day.Equal(list[i].Day.Time) {
					t.Errorf("%s: unit %+v of %+v", c.name, u, list[i])
				}
			}
		}
		f := fault.From(update(func(f *event.Facts) { f.Days = 1 }))
		if f == nil || len(f.Fields) != 1 || f.Fields[0].Name != "days" || f.Fields[0].Params["N"] != 1 {
			t.Errorf("a day less: %v", f)
		}
		if got := len(programme(t, d, e)); got != 3 {
			t.Errorf("%d sessions are left", got)
		}
	})
}

// statements counts what reaches a database.
type statements struct{ n atomic.Int64 }

func (s *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (s *statements) AfterQuery(context.Context, *bun.QueryEvent)                        { s.n.Add(1) }

func TestALongProgrammeIsWrittenInAHandfulOfStatements(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, func(f *event.Facts) { f.Unit, f.Days = event.BySessions, 10 })
		var list []event.Session
		for i := range event.MaxSessions {
			list = append(list, session(e, fmt.Sprint("Session ", i), i/50, 700+i%50/4*100+i%4*15, 700+i%50/4*100+i%4*15+10))
		}
		e = w.Programme(t, e, list...)
		var count statements
		err := d.InTx(t.Context(), func(_ context.Context, tx *db.Tx) error {
			tx.NewSelect().DB().AddQueryHook(&count) //nolint:staticcheck // its successor makes another handle
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		cost := func(change func([]event.Session) []event.Session) int64 {
			t.Helper()
			next := change(programme(t, d, e))
			before := count.n.Load()
			e = w.Programme(t, e, next...)
			return count.n.Load() - before
		}
		same := cost(func(l []event.Session) []event.Session { return l })
		one := cost(func(l []event.Session) []event.Session { l[7].Title = locale.NewText("en", "Another"); return l })
		all := cost(func(l []event.Session) []event.Session {
			for i := range l {
				l[i].Title = locale.NewText("en", fmt.Sprint("Other ", i))
			}
			return append([]event.Session{session(e, "First", 0, 500, 600)}, l[:len(l)-1]...)
		})
		t.Logf("statements: %d unchanged, %d one changed, %d all", same, one, all)
		if same == 0 || one > same+4 || all > same+30 {
			t.Errorf("statements: %d unchanged, %d one changed, %d all", same, one, all)
		}
		if got := lines(e, programme(t, d, e)); len(got) != event.MaxSessions || got[0] != "1 First 16 May 05:00–06:00" || !strings.HasPrefix(got[1], "2 Other 0") {
			t.Errorf("%d, %q", len(got), got[:2])
		}
	})
}

func TestAUsualProgrammeSuitsEachEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		for _, days := range []int{1, 2, 31} {
			e := w.Event(t, func(f *event.Facts) { f.Days, f.StartsOn, f.Unit = days, day(t, "2022-10-29"), event.BySessions })
			list := event.UsualProgramme(w.Catalogue, e)
			if days == 2 {
				want := []string{
					"0 Opening 29 Oct 09:00–09:30", "0 Session 1 29 Oct 09:30–10:45", "0 Coffee break 29 Oct 10:45–11:00", "0 Session 2 29 Oct 11:00–12:30", "0 Lunch 29 Oct 12:30–13:30",
					"0 Session 3 29 Oct 13:30–15:00", "0 Coffee break 29 Oct 15:00–15:15", "0 Session 4 29 Oct 15:15–17:00",
					"0 Session 5 30 Oct 09:00–10:45", "0 Coffee break 30 Oct 10:45–11:00", "0 Session 6 30 Oct 11:00–12:30", "0 Lunch 30 Oct 12:30–13:30",
					"0 Session 7 30 Oct 13:30–15:00", "0 Coffee break 30 Oct 15:00–15:15", "0 Session 8 30 Oct 15:15–16:30", "0 Closing remarks 30 Oct 16:30–17:00",
				}
				if diff := cmp.Diff(want, lines(e, list)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			for _, s := range list {
				if len(s.Title.By) != len(w.Catalogue.Locales()) || s.Title.Original != "cnr" || strings.Contains(s.Title.By["mk"], "event.") {
					t.Errorf("%d days: titled %+v", days, s.Title)
				}
			}
			if err := w.Events.SetProgramme(t.Context(), account.System, e.Code, e.Version, list); err != nil {
				t.Errorf("%d days: %v", days, err)
			}
			if x := event.Conflicts(&event.Content{Event: e, Sessions: list}); len(x) != 0 {
				t.Errorf("%d days: %v", days, x)
			}
		}
	})
}
