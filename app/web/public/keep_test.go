package public_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
	"attesta/app/web/public"
)

// keeping has the pages kept as in the program.
func keeping(d *db.DB) setting {
	return func(_ *public.Pages, cfg *web.Config) { cfg.Writes = d.Writes }
}

// replica is another process on the same database.
func (s *site) replica(t testing.TB, settings ...setting) *site {
	t.Helper()
	other := *s
	other.jar = map[string]string{}
	other.serve(t, settings...)
	return &other
}

func TestAKeptEventPageTellsEachChangeAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, keeping(d))
		e := s.Event(t, apptest.Automatic, apptest.Seats(30), func(f *event.Facts) { f.ClosesAt = time.Date(2022, 5, 10, 12, 0, 0, 0, time.UTC) })
		page := "/en/events/" + e.Code
		first := s.get(t, page)
		if again := s.get(t, page); first.head.Get("Etag") == "" || again.body != first.body {
			t.Fatal("the page isn't kept")
		}
		if _, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(1)); err != nil {
			t.Fatal(err)
		}
		taken := s.get(t, page)
		if !strings.Contains(first.body, "30 seats left") || !strings.Contains(taken.body, "29 seats left") {
			t.Error("a seat that was taken isn't told")
		}
		apply := `a[href="` + page + `/register"]`
		if len(taken.all(apply)) == 0 {
			t.Fatal("nobody can register")
		}
		s.Clock.Set(time.Date(2022, 5, 10, 12, 0, 0, 0, time.UTC)) // registration closes; nothing is written
		if a := s.get(t, page); len(a.all(apply)) != 0 {
			t.Error("the page outlives the end of registration")
		}
		if _, err := s.Events.Cancel(t.Context(), account.System, e.Code, locale.NewText("en", "The venue is under water.")); err != nil {
			t.Fatal(err)
		}
		if a := s.get(t, page); !strings.Contains(a.body, "The venue is under water.") {
			t.Error("the cancellation isn't told")
		}
	})
}

func TestAKeptCalendarTellsOfANewEventThroughAnotherReplicaWithinASecond(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, keeping(d))
		other := s.replica(t, func(_ *public.Pages, cfg *web.Config) { cfg.Writes = func() uint64 { return 0 } }) // sees none of our writes
		other.get(t, "/en/events")
		e := s.Event(t, func(f *event.Facts) { f.Title = locale.NewText("en", "Quite new") })
		if a := s.get(t, "/en/events"); !strings.Contains(a.body, e.Code) {
			t.Error("the new event isn't in the calendar")
		}
		for end := time.Now().Add(1500 * time.Millisecond); !strings.Contains(other.get(t, "/en/events").body, e.Code); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("another replica doesn't tell of the new event")
			}
		}
	})
}

func TestWhatAStrangerTypesIsNeverKept(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d, keeping(d))
	e := s.Event(t)
	kept := 0
	for _, r := range s.server.Routes() {
		path := strings.NewReplacer(":locale", "en", ":code", e.Code).Replace(r.Path)
		if r.Method != http.MethodGet || strings.Contains(path, ":") {
			continue
		}
		if r.Keep != nil {
			kept++
		}
		a := s.get(t, path)
		if hasForm := strings.Contains(a.body, "_csrf"); r.Keep != nil && (hasForm || a.head.Get("Set-Cookie") != "") {
			t.Errorf("%s holds a form and is to be kept", r.Path)
		}
	}
	if kept < 8 {
		t.Errorf("%d pages are kept", kept)
	}
}

// long makes a programme of n sessions, in three rooms, of speakers who change.
func (s *site) long(t testing.TB, e *event.Event, n int) {
	t.Helper()
	ctx := context.Background()
	var rooms, people []int64
	for i := range 3 {
		r, err := s.Events.AddRoom(ctx, account.System, e.Code, event.Room{Name: locale.NewText("cnr", fmt.Sprint("Sala ", i), "en", fmt.Sprint("Room ", i))})
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.Events.AddSpeaker(ctx, account.System, e.Code, event.Speaker{Name: fmt.Sprint("Ana Anić ", i), Kind: event.Trainer, Shown: event.ToAll})
		if err != nil {
			t.Fatal(err)
		}
		rooms, people = append(rooms, r.ID), append(people, p.ID)
	}
	var list []event.Session
	begin := e.StartsOn.In(e.Location(), 8, 0)
	for i := range n {
		at := begin.Add(time.Duration(i%50) * 10 * time.Minute)
		list = append(list, event.Session{
			Title: locale.NewText("cnr", fmt.Sprint("Sesija ", i), "en", fmt.Sprint("Session ", i)), Description: locale.NewText("cnr", "O **dokazima**.", "en", "On **evidence**."),
			Kind: event.GroupWork, StartsAt: db.At(at), EndsAt: db.At(at.Add(10 * time.Minute)), RoomID: rooms[i%3], Speakers: []int64{people[i%3]}, Counts: true,
		})
	}
	s.Programme(t, e, list...)
}
