package event_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

func TestConflictsAreFound(t *testing.T) {
	e := &event.Event{StartsOn: day(t, "2022-05-16"), Days: 2, Zone: "Europe/Podgorica", Seats: 30}
	in := func(room int64, s event.Session) event.Session { s.RoomID = room; return s }
	by := func(s event.Session, who ...int64) event.Session { s.Speakers = who; return s }
	of := func(track int64, s event.Session) event.Session { s.TrackID = track; return s }
	for name, c := range map[string]struct {
		sessions []event.Session
		want     []string
	}{
		"one after the other": {[]event.Session{by(in(1, session(e, "a", 0, 900, 1000)), 5), by(in(1, session(e, "b", 0, 1000, 1100)), 5)}, nil},
		"beside each other":   {[]event.Session{by(in(1, session(e, "a", 0, 900, 1000)), 5), by(in(2, session(e, "b", 0, 900, 1000)), 6), session(e, "c", 0, 900, 1000)}, nil},
		"a room twice":        {[]event.Session{in(1, session(e, "b", 0, 930, 1100)), in(1, session(e, "a", 0, 900, 1000))}, []string{"room_twice [1 0] of 1 16 May 09:30–10:00"}},
		"one within another":  {[]event.Session{in(1, session(e, "a", 0, 900, 1200)), in(1, session(e, "b", 0, 930, 1000)), in(1, session(e, "c", 0, 1100, 1130))}, []string{"room_twice [0 1] of 1 16 May 09:30–10:00", "room_twice [0 2] of 1 16 May 11:00–11:30"}},
		"over midnight":       {[]event.Session{in(1, session(e, "a", 0, 2000, 2430)), in(1, session(e, "b", 1, 0, 100))}, []string{"room_twice [0 1] of 1 17 May 00:00–00:30"}},
		"a speaker twice":     {[]event.Session{by(session(e, "a", 0, 900, 1000), 5, 6), by(session(e, "b", 0, 900, 1000), 7, 6)}, []string{"speaker_twice [0 1] of 6 16 May 09:00–10:00"}},
		"a track twice":       {[]event.Session{of(3, session(e, "a", 0, 900, 1000)), of(3, session(e, "b", 0, 959, 1030)), of(4, session(e, "c", 0, 900, 1000))}, []string{"track_twice [0 1] of 3 16 May 09:59–10:00"}},
		"outside the days":    {[]event.Session{session(e, "a", 0, 900, 1000), session(e, "b", 2, 900, 1000)}, []string{"outside_days [1] of 0 18 May 09:00–10:00"}},
		"the last night":      {[]event.Session{session(e, "a", 1, 2000, 2430)}, nil},
		"too few seats":       {[]event.Session{in(8, session(e, "a", 0, 900, 1000)), in(8, session(e, "b", 0, 1000, 1100)), of(3, in(8, session(e, "c", 1, 900, 1000))), in(9, session(e, "d", 1, 900, 1000))}, []string{"room_small [0 1] of 8 16 May 09:00–10:00"}},
		"half typed":          {[]event.Session{in(1, event.Session{}), in(1, session(e, "a", 0, 1000, 900)), in(1, session(e, "b", 0, 930, 1100))}, nil},
		"in the order of time": {
			[]event.Session{in(1, session(e, "a", 1, 900, 1000)), in(1, session(e, "b", 1, 900, 1000)), by(session(e, "c", 0, 900, 1000), 5), by(session(e, "d", 0, 900, 1000), 5)},
			[]string{"speaker_twice [2 3] of 5 16 May 09:00–10:00", "room_twice [0 1] of 1 17 May 09:00–10:00"},
		},
	} {
		content := &event.Content{Event: e, Sessions: c.sessions, Rooms: []event.Room{{ID: 1}, {ID: 2}, {ID: 8, Seats: 20}, {ID: 9, Seats: 30}}}
		var got []string
		for _, x := range event.Conflicts(content) {
			got = append(got, fmt.Sprint(x.Kind, " ", x.Sessions, " of ", x.Of, " ", x.From.In(e.Location()).Format("2 Jan 15:04"), "–", x.To.In(e.Location()).Format("15:04")))
			if x.Prevents() != (x.Kind == event.OutsideDays) {
				t.Errorf("%s prevents saving: %v", x.Kind, x.Prevents())
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func BenchmarkConflictsOfFiveHundredSessions(b *testing.B) {
	e := &event.Event{StartsOn: db.NewDay(time.Date(2022, 5, 16, 0, 0, 0, 0, time.UTC)), Days: 5, Zone: "Europe/Podgorica"}
	c := &event.Content{Event: e}
	for i := range 500 {
		c.Sessions = append(c.Sessions, event.Session{Title: locale.NewText("en", "x"), RoomID: int64(i%5 + 1), StartsAt: hours(e, i/100, 800+i%100/10*100), EndsAt: hours(e, i/100, 845+i%100/10*100)})
	}
	for b.Loop() {
		event.Conflicts(c)
	}
}
