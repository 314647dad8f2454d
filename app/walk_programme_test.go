package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

func TestAProgrammeIsEditedByKeyboardAndByDragging(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		s.user(t, "organiser@attesta.example", v.Code(), account.Organiser, s.organisation())
		e := s.Event(t)
		e, codes := v.plan(t, e)
		tab := v.open(t)
		v.signIn(t, tab, "organiser@attesta.example")
		tab.Go("/desk/events/" + e.Code + "/programme")
		move := func(title string) string { return v.T("desk.session_move") + ": " + title }
		tab.Sees(v.DateFull(e.StartsOn.Time), v.T("desk.session_moves"))

		half := []string{"ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp"} // 30 minutes
		tab.Key(move("Panel"), half...)
		tab.Sees(v.twice("Opening", "Panel", e, 9*time.Hour+30*time.Minute, 10*time.Hour))
		tab.Key(move("Panel"), "PageDown")
		tab.Sees(v.T("desk.conflicts_none"))
		tab.Key(move("Panel"), "Shift+ArrowUp") // before the opening

		tab.Drag(move("Closing"), move("Panel"), false) // from the second day to the beginning of the first
		tab.Sees(v.twice("Panel", "Closing", e, 9*time.Hour, 10*time.Hour))
		tab.Drag(move("Closing"), move("Opening"), true) // after the last
		tab.Sees(v.T("desk.conflicts_none"))

		tab.Tap(v.T("desk.remove") + " : Closing")
		tab.Sees(v.T("desk.session_gone", "Title", "Closing"))
		tab.Tap(v.T("desk.session_back") + " : Closing")
		tab.Tap(v.T("desk.remove") + " : Opening")
		tab.Sees(v.T("desk.session_gone", "Title", "Opening"))
		tab.Press(v.T("common.save"))
		tab.Sees(v.T("common.saved"))

		list, err := event.Programme(t.Context(), s.DB.Read(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range list {
			got = append(got, fmt.Sprint(x.Title.By["en"], " ", x.StartsAt.In(e.Location()).Format("Mon 15:04"), "–", x.EndsAt.In(e.Location()).Format("15:04"), " ", x.Code == codes[x.Title.By["en"]]))
		}
		if diff := cmp.Diff([]string{"Panel Mon 09:00–10:00 true", "Closing Mon 11:00–12:00 true"}, got); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
	})
}

// plan gives an event three sessions in one room, one after the other, the last on the second day.
func (v visitor) plan(t *testing.T, e *event.Event) (*event.Event, map[string]string) {
	t.Helper()
	session := func(title string, plus, from int) event.Session {
		day := e.StartsOn.Plus(plus)
		return event.Session{Title: locale.NewText("en", title, "cnr", title), StartsAt: db.At(day.In(e.Location(), from, 0)), EndsAt: db.At(day.In(e.Location(), from+1, 0)), Kind: event.Panel, Counts: true, RoomID: -1}
	}
	plan := event.Plan{
		Sessions: []event.Session{session("Opening", 0, 9), session("Panel", 0, 10), session("Closing", 1, 9)},
		Rooms:    []event.Room{{ID: -1, Name: locale.NewText("cnr", "Sala 1")}},
	}
	if err := v.s.Events.SetPlan(t.Context(), account.System, e.Code, v.s.Reload(t, e).Version, plan); err != nil {
		t.Fatal(err)
	}
	e = v.s.Reload(t, e)
	list, err := event.Programme(t.Context(), v.s.DB.Read(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, x := range list {
		codes[x.Title.By["en"]] = x.Code
	}
	return e, codes
}

// twice is what is said where two sessions are in the room at once on the first day.
func (v visitor) twice(a, b string, e *event.Event, from, to time.Duration) string {
	when := v.Weekday(e.StartsOn.Time) + ", " + v.TimeRange(e.StartsOn.Add(from), e.StartsOn.Add(to))
	return v.T("desk.conflict.room_twice", "A", a, "B", b, "Name", "Sala 1", "When", when)
}
