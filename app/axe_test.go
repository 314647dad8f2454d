package app_test

import (
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/apptest/browser"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

// fair is a site with events of every sort, one of which has all that an event can have.
type fair struct {
	*site
	event   *event.Event
	speaker *event.Speaker
}

func newFair(t *testing.T, database string) *fair {
	t.Helper()
	f := &fair{site: serve(t, database)}
	f.event = f.conference(t)
	f.others(t)
	return f
}

// conference is an event of two days with everything: texts in two languages, rooms, tracks, people, materials.
func (f *fair) conference(t *testing.T) *event.Event {
	t.Helper()
	ctx := t.Context()
	e := f.Event(t, apptest.Seats(40), func(x *event.Facts) {
		x.Code, x.Type, x.Format, x.JoinURL = "conference", event.Conference, event.Hybrid, "https://meet.example/room"
		x.Venue, x.Interpretation = "Hotel Podgorica", []locale.Code{"sq", "mk"}
		x.Description = both("Prva rečenica o konferenciji.\n\nDruga, s **naglaskom** i [vezom](https://example.org).\n\n- jedno\n- drugo", "What the conference is about.\n\nMore of it, with **weight** and [a link](https://example.org).\n\n- one\n- two")
		x.Audience, x.Costs = both("Za tužioce i policiju.", "For prosecutors and police."), both("Učešće je besplatno.", "Taking part is free.")
		x.Directions, x.Accessibility = both("Od stanice pješice.", "Ten minutes on foot from the station."), both("Bez stepenica.", "No steps; an induction loop.")
		x.ContactName, x.ContactEmail, x.ContactPhone = "Ana Anić", "ana@example.org", "+382 20 123 456"
		x.ClosesAt = time.Date(2022, 5, 12, 15, 0, 0, 0, time.UTC)
	})
	hall, err := f.Events.AddRoom(ctx, account.System, e.Code, event.Room{Name: both("Velika sala", "Great hall"), Seats: 60, Accessibility: both("Lift.", "A lift.")})
	ok(t, err)
	small, err := f.Events.AddRoom(ctx, account.System, e.Code, event.Room{Name: both("Sala 2", "Room 2"), Seats: 20})
	ok(t, err)
	law, err := f.Events.AddTrack(ctx, account.System, e.Code, event.Track{Name: both("Pravo", "Law")})
	ok(t, err)
	field, err := f.Events.AddTrack(ctx, account.System, e.Code, event.Track{Name: both("Teren", "Field work")})
	ok(t, err)
	f.speaker, err = f.Events.AddSpeaker(ctx, account.System, e.Code, event.Speaker{Name: "Vesna Ćetković", Kind: event.Trainer, Role: both("Tužiteljka", "Prosecutor"), Bio: both("Dugo radi.\n\nI piše.", "Twenty years of practice.\n\nAnd a book."), Shown: event.ToAll})
	ok(t, err)
	other, err := f.Events.AddSpeaker(ctx, account.System, e.Code, event.Speaker{Name: "Đorđe Petrović", Kind: event.Moderator, Shown: event.ToAll})
	ok(t, err)
	at := func(day, hour, minute int) db.Time { return db.At(e.StartsOn.Plus(day).In(e.Location(), hour, minute)) }
	e = f.Programme(t, e,
		event.Session{Title: both("Otvaranje", "Opening"), Kind: event.Plenary, StartsAt: at(0, 9, 0), EndsAt: at(0, 10, 30), RoomID: hall.ID, Speakers: []int64{f.speaker.ID, other.ID}, Counts: true, Interpretation: db.JSON[[]locale.Code]{V: []locale.Code{"sq"}}},
		event.Session{Title: both("Pauza", "Coffee"), Kind: event.Break, StartsAt: at(0, 10, 30), EndsAt: at(0, 11, 0)},
		event.Session{Title: both("Dokazi", "Evidence"), Description: both("O dokazima.", "On *evidence*."), Kind: event.GroupWork, StartsAt: at(0, 11, 0), EndsAt: at(0, 12, 30), RoomID: hall.ID, TrackID: law.ID, Speakers: []int64{f.speaker.ID}, Counts: true},
		event.Session{Title: both("Intervju", "Interview"), Kind: event.Simulation, StartsAt: at(0, 11, 0), EndsAt: at(0, 12, 30), RoomID: small.ID, TrackID: field.ID, Speakers: []int64{other.ID}, Counts: true},
		event.Session{Title: both("Rasprava", "Panel"), Kind: event.Panel, StartsAt: at(1, 9, 0), EndsAt: at(1, 11, 0), RoomID: hall.ID, Speakers: []int64{f.speaker.ID}, Counts: true},
		event.Session{Title: both("Večera", "Dinner"), Kind: event.Social, StartsAt: at(1, 19, 0), EndsAt: at(1, 21, 0)},
	)
	for _, m := range []event.MaterialFacts{{Title: "Programme of the EU", URL: "https://example.org/eu"}, {Title: "Later", URL: "https://example.org/later", ShownFrom: e.Ends()}} {
		_, err := f.Events.AddLink(ctx, account.System, e.Code, m)
		ok(t, err)
	}
	return f.Reload(t, e)
}

// others are an event of each other phase and sort.
func (f *fair) others(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	cancelled := f.Event(t, func(x *event.Facts) { x.Code, x.Type = "cancelled", event.RoundTable })
	_, err := f.Events.Cancel(ctx, account.System, cancelled.Code, both("Poplava u sali.", "The venue is under water."))
	ok(t, err)
	f.Event(t, func(x *event.Facts) {
		x.Code, x.Quiet, x.Type, x.Country, x.City = "quiet", true, event.NationalTraining, "XK", "Priština"
	})
	f.Event(t, func(x *event.Facts) {
		x.Code, x.Format, x.Type, x.JoinURL = "online", event.Online, event.Workshop, "https://meet.example/x"
	})
	past := f.Event(t, func(x *event.Facts) {
		x.Code, x.Country, x.City, x.Languages = "past", "MK", "Skopje", []locale.Code{"mk"}
	})
	ok(t, f.DB.InTx(ctx, apptest.Exec("UPDATE events SET starts_on = '2022-03-14' WHERE id = ?", past.ID)))
}

func both(cnr, en string) locale.Text { return locale.NewText("cnr", cnr, "en", en) }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pages are the addresses of the public pages, without the language.
func (f *fair) pages() []string {
	at := "/events/" + f.event.Code
	return []string{"/", "/events", at, at + "/programme", at + "/trainers/" + f.speaker.Code, at + "/register", "/events/cancelled", "/events/quiet"}
}

// looks are the screens on which pages are looked at. What doesn't depend on colours is asked in light alone.
var looks = []struct {
	width int
	dark  bool
	rules string
}{{1280, false, browser.AllRules}, {1280, true, browser.Colours}, {360, true, browser.Colours}, {360, false, browser.AllRules}}

// Every public page in every language, on a screen and on a phone, light and dark, breaks no rule of axe-core.
func TestPublicPagesAreAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute")
	}
	f := newFair(t, apptest.SQLite(t))
	for _, code := range f.Catalogue.Locales() {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			tab := browser.Open(t, f.Base, 1280)
			for _, page := range f.pages() {
				tab.Go("/" + string(code) + page)
				for _, look := range looks {
					tab.Look(look.width, look.dark)
					for _, v := range tab.Axe(look.rules) {
						t.Errorf("/%s%s, %d px, dark: %t: %s", code, page, look.width, look.dark, v)
					}
				}
			}
		})
	}
}
