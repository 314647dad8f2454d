package event_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

// told is an event in Montenegrin with working languages cnr, en and mk, whose texts are those.
func told(title locale.Text, sessions ...locale.Text) *event.Content {
	c := &event.Content{Event: &event.Event{Title: title}}
	c.Event.Languages.V = []locale.Code{"cnr", "en", "mk"}
	for i, x := range sessions {
		c.Sessions = append(c.Sessions, event.Session{ID: int64(i + 1), Title: x})
	}
	return c
}

func TestAnEventIsToldInOneLanguageAndNeverInAMixture(t *testing.T) {
	text := locale.NewText
	for name, row := range map[string]struct {
		content *event.Content
		reader  locale.Code
		want    locale.Code
	}{
		"the reader's, where all is there":         {told(text("cnr", "Obuka", "mk", "Обука"), text("cnr", "Uvod", "mk", "Вовед")), "mk", "mk"},
		"English, where one text isn't":            {told(text("cnr", "Obuka", "mk", "Обука", "en", "Training"), text("cnr", "Uvod", "en", "Opening")), "mk", "en"},
		"the original, where English isn't whole":  {told(text("cnr", "Obuka", "mk", "Обука", "en", "Training"), text("cnr", "Uvod")), "mk", "cnr"},
		"not by chance":                            {told(text("cnr", "Obuka", "mk", "Обука", "en", "Training"), text("cnr", "Uvod", "sq", "Hapja")), "sq", "cnr"},
		"a working language, where that isn't":     {told(text("cnr", "Obuka", "mk", "Обука"), text("mk", "Вовед")), "sq", "mk"},
		"the original, where none is whole":        {told(text("cnr", "Obuka"), text("mk", "Вовед")), "sq", "cnr"},
		"a text that nobody wrote isn't missing":   {told(text("cnr", "Obuka", "mk", "Обука"), locale.Text{}), "mk", "mk"},
		"the language of an original that is gone": {told(locale.Text{Original: "hr", By: map[locale.Code]string{"cnr": "Obuka"}}), "sq", "cnr"},
	} {
		if got := row.content.Tongue(row.reader); got != row.want {
			t.Errorf("%s: %s, want %s", name, got, row.want)
		}
	}
}

func TestWhatIsMissingInALanguageIsNamed(t *testing.T) {
	c := told(locale.NewText("cnr", "Obuka", "mk", "Обука"), locale.NewText("cnr", "Uvod"))
	c.Event.ID = 7
	c.Event.Audience = locale.NewText("cnr", "Tužioci")
	c.Sessions[0].Description = locale.NewText("mk", "Опис")
	c.Speakers = []event.Speaker{{ID: 3, Name: "Vesna Ćetković", Bio: locale.NewText("cnr", "Radi")}}
	c.Rooms = []event.Room{{ID: 4, Name: locale.NewText("cnr", "Sala")}}
	c.Tracks = []event.Track{{ID: 5, Name: locale.NewText("cnr", "Prvi")}}
	var got []string
	for _, x := range c.Lacks("mk") {
		thing, _ := x.Thing.In("mk")
		got = append(got, x.Key()+" "+thing)
	}
	want := []string{"event-7-audience ", "session-1-title Uvod", "room-4-name Sala", "track-5-name Prvi", "speaker-3-bio Vesna Ćetković"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(c.Pieces()); n != 7 {
		t.Errorf("%d texts, want 7", n)
	}
}

func TestTheHoursAreThoseThatOnePersonCanAttend(t *testing.T) {
	at := func(hour float64) db.Time {
		return db.At(time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC).Add(time.Duration(hour * float64(time.Hour))))
	}
	session := func(from, to float64, counts bool, minutes int) event.Session {
		return event.Session{StartsAt: at(from), EndsAt: at(to), Kind: event.Panel, Counts: counts, CountedMinutes: minutes}
	}
	for name, c := range map[string]struct {
		sessions []event.Session
		want     int
	}{
		"none":                         {nil, 0},
		"one after the other":          {[]event.Session{session(9, 10, true, 0), session(10, 12, true, 0)}, 180},
		"what doesn't count":           {[]event.Session{session(9, 10, true, 0), session(10, 12, false, 0)}, 60},
		"two tracks, the longer":       {[]event.Session{session(9, 10, true, 0), session(9, 10.5, true, 0)}, 90},
		"one long beside two short":    {[]event.Session{session(9, 12, true, 0), session(9, 10, true, 0), session(10, 11, true, 0)}, 180},
		"one long that counts little":  {[]event.Session{session(9, 12, true, 30), session(9, 10, true, 0), session(10, 11, true, 0)}, 120},
		"half overlapping: one of two": {[]event.Session{session(9, 11, true, 0), session(10, 12, true, 0)}, 120},
	} {
		if got := (&event.Content{Sessions: c.sessions}).Minutes(); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
