package event_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
)

func room(name string, seats int) event.Room {
	return event.Room{Name: locale.NewText("en", name), Seats: seats}
}

func track(name string) event.Track { return event.Track{Name: locale.NewText("en", name)} }

func addRoom(t *testing.T, w *apptest.World, e *event.Event, r event.Room) *event.Room {
	t.Helper()
	made, err := w.Events.AddRoom(t.Context(), w.Organiser(), e.Code, r)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func addTrack(t *testing.T, w *apptest.World, e *event.Event, x event.Track) *event.Track {
	t.Helper()
	made, err := w.Events.AddTrack(t.Context(), w.Organiser(), e.Code, x)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestSessionsOfARoomOrATrackThatIsGoneLoseIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		ctx, us := t.Context(), w.Organiser()
		e := w.Event(t)
		hall, small := addRoom(t, w, e, room("Hall", 120)), addRoom(t, w, e, room("Small room", 0))
		police, courts := addTrack(t, w, e, track("Police")), addTrack(t, w, e, track("Courts"))
		starts := e.StartsOn.In(e.Location(), 9, 0)
		session := func(room, track int64) event.Session {
			return event.Session{Title: locale.NewText("en", "S"), StartsAt: db.At(starts), EndsAt: db.At(starts.Add(time.Hour)), Kind: event.Panel, RoomID: room, TrackID: track}
		}
		e = w.Programme(t, e, session(hall.ID, police.ID), session(small.ID, courts.ID))
		programme := func() (all []string) {
			list, err := event.Programme(ctx, d.Read(), e.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range list {
				all = append(all, fmt.Sprint(s.RoomID, " ", s.TrackID, " ", s.Sequence))
			}
			return all
		}
		if err := w.Events.RemoveRoom(ctx, us, e.Code, hall.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.RemoveTrack(ctx, us, e.Code, courts.ID); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{fmt.Sprint("0 ", police.ID, " 1"), fmt.Sprint(small.ID, " 0 1")}, programme()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := w.Events.ChangeRoom(ctx, us, e.Code, small.ID, small.Stamp(), room("Small room", 12)); err != nil {
			t.Fatal(err)
		}
		if got := programme()[1]; got != fmt.Sprint(small.ID, " 0 1") {
			t.Errorf("calendars were told of seats: %s", got)
		}
		now := room("Small room", 12)
		if err := w.Events.ChangeRoom(ctx, us, e.Code, small.ID, now.Stamp(), room("Room 2", 12)); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.ChangeTrack(ctx, us, e.Code, police.ID, police.Stamp(), track("Border police")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{fmt.Sprint("0 ", police.ID, " 2"), fmt.Sprint(small.ID, " 0 2")}, programme()); diff != "" {
			t.Errorf("after other names (-want +got):\n%s", diff)
		}
		record, err := audit.Of(ctx, d, "event", e.ID)
		var verbs []string
		for _, x := range record[:5] {
			verbs = append(verbs, x.Action)
		}
		if want := "change_track change_room change_room remove_track remove_room"; err != nil || strings.Join(verbs, " ") != want {
			t.Errorf("recorded: %v, %v", verbs, err)
		}
	})
}

func TestRoomsAndTracksStandInTheOrderThatWasChosen(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		ctx, us := t.Context(), w.Organiser()
		e := w.Event(t)
		var rooms, tracks []int64
		for _, name := range []string{"A", "B", "C"} {
			rooms, tracks = append(rooms, addRoom(t, w, e, room(name, 1)).ID), append(tracks, addTrack(t, w, e, track(name)).ID)
		}
		for _, err := range []error{
			w.Events.MoveRoom(ctx, us, e.Code, rooms[2], -1), w.Events.MoveRoom(ctx, us, e.Code, rooms[1], 5),
			w.Events.MoveTrack(ctx, us, e.Code, tracks[0], 1), w.Events.MoveTrack(ctx, us, e.Code, tracks[1], -1),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		c, err := event.ReadContent(ctx, d.Read(), e)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for i := range c.Rooms {
			got += c.Rooms[i].Name.By["en"] + c.Tracks[i].Name.By["en"] + " "
		}
		if got != "AB CA BC " {
			t.Error(got)
		}
	})
}

func TestRoomsAndTracksOfAnotherEventOrForAnotherActorAreNotThere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		ctx, us := t.Context(), w.Organiser()
		e, other := w.Event(t), w.Event(t)
		r, x := addRoom(t, w, other, room("Hall", 1)), addTrack(t, w, other, track("Police"))
		_, addRoomThere := w.Events.AddRoom(ctx, foreign(), other.Code, room("B", 1))
		_, addTrackThere := w.Events.AddTrack(ctx, foreign(), other.Code, track("B"))
		for name, err := range map[string]error{
			"change":        w.Events.ChangeRoom(ctx, us, e.Code, r.ID, r.Stamp(), room("B", 1)),
			"remove":        w.Events.RemoveRoom(ctx, us, e.Code, r.ID),
			"move":          w.Events.MoveRoom(ctx, us, e.Code, r.ID, 1),
			"change track":  w.Events.ChangeTrack(ctx, us, e.Code, x.ID, x.Stamp(), track("B")),
			"remove track":  w.Events.RemoveTrack(ctx, us, e.Code, x.ID),
			"move track":    w.Events.MoveTrack(ctx, us, e.Code, x.ID, 1),
			"theirs":        w.Events.RemoveRoom(ctx, foreign(), other.Code, r.ID),
			"their track":   w.Events.RemoveTrack(ctx, foreign(), other.Code, x.ID),
			"to theirs":     addRoomThere,
			"track there":   addTrackThere,
			"change theirs": w.Events.ChangeRoom(ctx, foreign(), other.Code, r.ID, r.Stamp(), room("B", 1)),
		} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := w.Events.ChangeRoom(ctx, us, other.Code, r.ID, "before", room("B", 1)); !errors.Is(err, event.ErrChanged) {
			t.Errorf("a stale form: %v", err)
		}
		if err := w.Events.ChangeTrack(ctx, us, other.Code, x.ID, "before", track("B")); !errors.Is(err, event.ErrChanged) {
			t.Errorf("a stale form of a track: %v", err)
		}
	})
}

func TestWhatIsWrongWithARoomIsToldBesideItsField(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		long := strings.Repeat("ш", 10_001)
		for want, r := range map[string]event.Room{
			"name":       {},
			"name seats": {Name: locale.NewText("en", "", "mk", "Сала"), Seats: -1},
			"seats accessibility_mk directions": {
				Name: locale.NewText("en", "Hall"), Seats: 100_001, Accessibility: locale.NewText("en", "x", "mk", long), Directions: locale.NewText("en", long),
			},
		} {
			if _, err := w.Events.AddRoom(t.Context(), w.Organiser(), e.Code, r); fields(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if _, err := w.Events.AddTrack(t.Context(), w.Organiser(), e.Code, track(strings.Repeat("ш", 301))); fields(err) != "name" {
			t.Errorf("a long name: %v", err)
		}
	})
}
