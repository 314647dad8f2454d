package event_test

import (
	"errors"
	"testing"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

func TestTheSameFormSentTwiceIsSavedOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, ctx := w.Event(t), t.Context()
		for name, add := range map[string]func() error{
			"speaker": func() error {
				_, err := w.Events.AddSpeaker(ctx, w.Organiser(), e.Code, trainer("Ana"))
				return err
			},
			"room": func() error {
				_, err := w.Events.AddRoom(ctx, w.Organiser(), e.Code, event.Room{Name: locale.NewText("en", "Hall"), Seats: 20})
				return err
			},
			"track": func() error {
				_, err := w.Events.AddTrack(ctx, w.Organiser(), e.Code, event.Track{Name: locale.NewText("en", "Law")})
				return err
			},
			"link": func() error {
				_, err := w.Events.AddLink(ctx, w.Organiser(), e.Code, event.MaterialFacts{Title: "Slides", URL: "https://a.example/", Shown: event.ToAll})
				return err
			},
		} {
			for range 2 {
				if err := add(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		c := content(t, w, e)
		if len(c.Speakers) != 1 || len(c.Rooms) != 1 || len(c.Tracks) != 1 || len(c.Materials) != 1 {
			t.Errorf("%d speakers, %d rooms, %d tracks, %d links", len(c.Speakers), len(c.Rooms), len(c.Tracks), len(c.Materials))
		}
		if c.Event.Version != e.Version+4 {
			t.Errorf("version %d after four additions to %d", c.Event.Version, e.Version)
		}
	})
}

func TestWhoSavesTheSameAgainIsNotToldThatSomebodyElseDid(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, ctx := w.Event(t), t.Context()
		f := factsOf(e)
		f.Venue = "Another hall"
		for range 2 {
			got, err := w.Events.Update(ctx, w.Organiser(), e.Code, e.Version, f)
			if err != nil || got.Version != e.Version+1 || got.Venue != f.Venue {
				t.Fatalf("%+v, %v", got, err)
			}
		}
		f.Venue = "A third"
		if _, err := w.Events.Update(ctx, w.Organiser(), e.Code, e.Version, f); !errors.Is(err, event.ErrChanged) {
			t.Errorf("another hall from the old version: %v", err)
		}
		at := func(hour int) db.Time { return db.At(e.StartsOn.In(e.Location(), hour, 0)) }
		plan := []event.Session{
			{Kind: event.Panel, Title: locale.NewText("en", "Second"), StartsAt: at(11), EndsAt: at(12)},
			{Kind: event.Panel, Title: locale.NewText("en", "First"), StartsAt: at(9), EndsAt: at(10)},
		}
		for range 2 {
			if err := w.Events.SetProgramme(ctx, w.Organiser(), e.Code, e.Version+1, plan); err != nil {
				t.Fatal(err)
			}
		}
		plan[0].Title = locale.NewText("en", "Other")
		if err := w.Events.SetProgramme(ctx, w.Organiser(), e.Code, e.Version+1, plan); !errors.Is(err, event.ErrChanged) {
			t.Errorf("another programme from the old version: %v", err)
		}
		if c := content(t, w, e); len(c.Sessions) != 2 || c.Event.Version != e.Version+2 {
			t.Errorf("%d sessions, version %d", len(c.Sessions), c.Event.Version)
		}
	})
}
