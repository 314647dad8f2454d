package public_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

func both(en, mk string) locale.Text { return locale.NewText("en", en, "mk", mk) }

// rich is an event of which everything is told, in English and in Macedonian, and the codes of the people who lead it:
// the first in public, the second only for who is approved.
func (s *site) rich(t testing.TB, options ...apptest.EventOption) (e *event.Event, people []string) {
	t.Helper()
	ctx := context.Background()
	e = s.Event(t, append([]apptest.EventOption{func(f *event.Facts) {
		f.Title, f.Description = both("Joint investigation", "Заедничка истрага"), both("Two **days** of work.\n\n## Method\n\nA simulation.", "Два **дена** работа.\n\n## Метод\n\nСимулација.")
		f.Audience, f.Costs = both("Prosecutors and police officers.", "Обвинители и полицајци."), both("Free of charge", "Бесплатно")
		f.Directions, f.Accessibility = both("Bus 18.", "Автобус 18."), both("No steps.", "Без скали.")
		f.Venue, f.ContactName, f.ContactEmail, f.ContactPhone = "Hotel Ramada", "Jelena Kontakt", "jelena@example.org", "+382 20 1"
		f.Languages, f.Interpretation = []locale.Code{"cnr"}, []locale.Code{"sq", "mk"}
	}}, options...)...)
	room, err := s.Events.AddRoom(ctx, account.System, e.Code, event.Room{Name: both("Hall", "Сала"), Seats: 40, Accessibility: both("Induction loop", "Индукциска јамка")})
	if err != nil {
		t.Fatal(err)
	}
	track, err := s.Events.AddTrack(ctx, account.System, e.Code, event.Track{Name: both("Finance", "Финансии")})
	if err != nil {
		t.Fatal(err)
	}
	var rows []int64
	for _, x := range []event.Speaker{
		{Name: "Đorđe Šćepanović", Kind: event.Trainer, Role: both("Prosecutor", "Обвинител"), Bio: both("Twenty **years** of practice.", "Дваесет **години** пракса."), Shown: event.ToAll},
		{Name: "Tajna Osoba", Kind: event.Lecturer, Role: both("Police", "Полиција"), Shown: event.ToApproved},
	} {
		made, err := s.Events.AddSpeaker(ctx, account.System, e.Code, x)
		if err != nil {
			t.Fatal(err)
		}
		rows, people = append(rows, made.ID), append(people, made.Code)
	}
	e = s.Programme(t, e,
		event.Session{StartsAt: db.At(at(16, 7)), EndsAt: db.At(at(16, 8)), Kind: event.Plenary, Title: both("Opening", "Отворање"), Description: both("Welcome.", "Добредојде."), RoomID: room.ID, Counts: true, Speakers: rows},
		event.Session{StartsAt: db.At(at(16, 8)), EndsAt: db.At(at(16, 10)), Kind: event.Panel, Title: both("Money", "Пари"), TrackID: track.ID, RoomID: room.ID, Counts: true},
		event.Session{StartsAt: db.At(at(16, 8)), EndsAt: db.At(at(16, 9)), Kind: event.GroupWork, Title: both("Interviews", "Разговори"), Counts: true},
		event.Session{StartsAt: db.At(at(16, 9)), EndsAt: db.At(at(16, 10)), Kind: event.GroupWork, Title: both("Notes", "Белешки"), Counts: true},
		event.Session{StartsAt: db.At(at(17, 7)), EndsAt: db.At(at(17, 7).Add(90 * time.Minute)), Kind: event.Simulation, Title: both("Simulation", "Симулација"), Counts: true, Speakers: rows[:1]},
	)
	return e, people
}

func TestAnEventTellsAllThatWasSaidOfIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, people := s.rich(t)
		path := "/en/events/" + e.Code
		a := s.get(t, path)
		if diff := cmp.Diff([]string{"About the event", "Programme", "Who it is for", "Trainers", "Venue", "Who decides"}, a.texts("article h2")); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"16–17 May 2022", "Podgorica, MontenegroHotel Ramada", "Montenegrin; with interpretation into: Albanian and Macedonian", "4 hours 30 min", "Free of charge", "30 (30 seats left)"}, a.texts(".apply dd")); diff != "" {
			t.Error(diff)
		}
		for selector, want := range map[string]string{
			".lead": "Two days of work.", ".lead strong": "days", "section[aria-labelledby=h-about] h3": "Method", "section[aria-labelledby=h-audience] .prose": "Prosecutors and police officers.",
			".leaders .face": "ĐŠ", ".leaders a": "Đorđe Šćepanović", ".leaders .small": "Prosecutor", ".rooms li": "Hall 40 seatsInduction loop",
			".contact": "Contact personJelena Kontaktjelena@example.org+382 20 1", `a[href="` + path + `/programme"]`: "The whole programme",
		} {
			if got := a.text(selector); got != want {
				t.Errorf("%s says %q, not %q", selector, got, want)
			}
		}
		if got := a.attr(".leaders a", "href"); got != path+"/trainers/"+people[0] {
			t.Errorf("the trainer's page is %s", got)
		}
		if diff := cmp.Diff([]string{"Finance10:00–12:00MoneyPanel · Hall", "10:00–11:00InterviewsWork in groups 11:00–12:00NotesWork in groups"}, a.texts(".lane")); diff != "" {
			t.Error("beside each other: ", diff)
		}
		if strings.Contains(a.body, "Tajna") {
			t.Error("somebody who is shown only to who is approved is named")
		}
	})
}

func TestWhatNobodyEnteredHasNoHeading(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	a := s.get(t, "/en/events/"+s.Event(t).Code)
	if diff := cmp.Diff([]string{"Programme", "Who decides"}, a.texts("article h2")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Date", "Venue", "Working languages", "Seats"}, a.texts(".apply dt")); diff != "" {
		t.Error(diff)
	}
}

func TestAnEventIsToldInOneLanguageOnAllItsPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, people := s.rich(t, func(f *event.Facts) {
			f.Title = locale.NewText("en", "Joint investigation", "mk", "Заедничка истрага", "sq", "Hetim i përbashkët")
		})
		for _, path := range []string{"", "/programme", "/trainers/" + people[0]} {
			sq := s.get(t, "/sq/events/"+e.Code+path)
			if strings.Contains(sq.body, "Hetim") {
				t.Errorf("%s: the title is in Albanian, though nothing else of the event is", path)
			}
			if got := sq.text(".told-in, .whole .title .no-print"); got != "Kjo ngjarje përshkruhet në gjuhën: anglisht." {
				t.Errorf("%s says %q", path, got)
			}
			for _, n := range sq.all("main .prose, main .timeline strong, h1[lang], .lane__name") {
				if attrs(n)["lang"] != "en" {
					t.Errorf("%s: %q is not marked as English", path, words(n))
				}
			}
			if mk := s.get(t, "/mk/events/"+e.Code+path); len(mk.all("main :not(.tongue) > [lang]")) != 0 {
				t.Errorf("%s: a page in Macedonian has something in another language: %q", path, mk.texts("main [lang]"))
			}
		}
		if got := s.get(t, "/sq/events").text(".event h3"); got != "Hetim i përbashkët" {
			t.Errorf("in the list the title is %q", got)
		}
	})
}

func TestAQuietEventTellsNeitherPlaceNorNames(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, people := s.rich(t, func(f *event.Facts) { f.Quiet = true })
		other := s.Event(t, func(f *event.Facts) { f.Country, f.City = "MK", "Ohrid" })
		base := "/en/events/" + e.Code
		material := s.material(t, e)
		if a := s.get(t, base+"/materials/"+material.Code); a.code != 404 {
			t.Errorf("a material: %d", a.code)
		}
		for _, path := range []string{
			base, base + "/programme", "/en/events", "/en/events.rss", "/sitemap.xml", "/en/", base + ".ics", base + "/programme.ics", "/en/events.ics",
			base + "/sessions/" + s.sessions(t, e)[0].Code + ".ics",
		} {
			a := s.get(t, path)
			if a.code != 200 {
				t.Errorf("%s: %d", path, a.code)
			}
			for _, secret := range []string{"Podgorica", "Ramada", "Montenegro", `"ME"`, "Bus 18", "No steps", "Hall", "Šćepanović", "Tajna", "Jelena Kontakt", people[0], "Reader"} {
				if strings.Contains(a.body, secret) {
					t.Errorf("%s tells %s", path, secret)
				}
			}
		}
		if a := s.get(t, base+"/trainers/"+people[0]); a.code != 404 {
			t.Errorf("the trainer's page: %d", a.code)
		}
		a := s.get(t, base)
		if got := a.texts(".apply dd")[1]; got != "You are told the place together with the approval." {
			t.Errorf("of the place it says %q", got)
		}
		if got := s.get(t, "/en/events").texts(".event p.soft"); !slices.Contains(got, "National training · Place on approval") {
			t.Errorf("in the list: %q", got)
		}
		if got := s.get(t, "/en/events?country=MK").texts(".event h3"); len(got) != 1 {
			t.Errorf("under the country of another event stand %q", got)
		}
		if got := s.get(t, "/en/events?country=ME").texts(".event h3"); len(got) != 0 {
			t.Errorf("under its own country stands %q", got)
		}
		if a := s.get(t, "/en/events/"+other.Code); !strings.Contains(a.body, "Ohrid") {
			t.Error("an event that isn't quiet has no place")
		}
	})
}

func TestAnOnlineEventSaysWhenTheLinkComesAndNeverTheLink(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	for format, want := range map[event.Format]string{
		event.Online: "OnlineYou get the link to join together with the approval.", event.Hybrid: "HybridYou take part in the room or online. You get the link to join together with the approval.",
	} {
		e := s.Event(t, func(f *event.Facts) { f.Format, f.JoinURL = format, "https://meet.example/secret" })
		a := s.get(t, "/en/events/"+e.Code)
		if got := a.texts(".apply dd"); !slices.Contains(got, want) {
			t.Errorf("%s: %q", format, got)
		}
		if strings.Contains(a.body, "meet.example") {
			t.Error("the link is told to anyone")
		}
	}
}

func TestACancelledEventSaysSoLoudlyAndWhy(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, _ := s.rich(t)
		if _, err := s.Events.Cancel(context.Background(), account.System, e.Code, both("The hall *burnt*.", "Салата изгоре.")); err != nil {
			t.Fatal(err)
		}
		a := s.get(t, "/en/events/"+e.Code)
		if got := a.text(".title .note--stop"); got != "This event is cancelledReason:The hall burnt." {
			t.Errorf("it says %q", got)
		}
		if got := a.texts("h2"); slices.Contains(got, "Who decides") {
			t.Error("it says who decides, though nobody does any more")
		}
		if strings.Contains(a.body, e.Code+".ics") {
			t.Error("one is to note down an event that isn't held")
		}
		if got := s.get(t, "/en/events").text(".event--off .status"); got != "Cancelled" {
			t.Errorf("the list says %q", got)
		}
	})
}

func TestAnArchivedEventStaysButIsFoundNoMore(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	s.exec(t, "UPDATE events SET state = 'archived' WHERE id = ?", e.ID)
	a := s.get(t, "/en/events/"+e.Code)
	if a.code != 200 || a.text(".title .note") == "" || a.attr("meta[name=robots]", "content") != "noindex" {
		t.Errorf("%d, robots %q", a.code, a.attr("meta[name=robots]", "content"))
	}
}

func TestNothingOfAnUnlistedEventIsForSearchEngines(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	hidden, people := s.rich(t, func(f *event.Facts) { f.Unlisted = true })
	listed, _ := s.rich(t)
	of := func(e *event.Event) []string {
		base := "/en/events/" + e.Code
		return []string{
			base, base + ".ics", base + "/card.png", base + "/programme", base + "/programme.pdf", base + "/programme.ics", base + "/trainers/" + people[0],
			base + "/sessions/" + s.sessions(t, e)[0].Code + ".ics", base + "/materials/" + s.material(t, e).Code,
		}
	}
	for _, path := range of(hidden) {
		if a := s.get(t, path); a.code != 200 || a.head.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("%s: %d, robots %q", path, a.code, a.head.Get("X-Robots-Tag"))
		}
	}
	for _, path := range of(listed) {
		if a := s.get(t, path); a.code != 200 || a.head.Get("X-Robots-Tag") != "" {
			t.Errorf("%s: %d, robots %q", path, a.code, a.head.Get("X-Robots-Tag"))
		}
	}
}

// sessions are those of the event.
func (s *site) sessions(t testing.TB, e *event.Event) []event.Session {
	t.Helper()
	list, err := event.Programme(context.Background(), s.DB.Read(), e.ID)
	if err != nil || len(list) == 0 {
		t.Fatalf("%d sessions: %v", len(list), err)
	}
	return list
}

// material is a text that is shown to all.
func (s *site) material(t testing.TB, e *event.Event) *event.Material {
	t.Helper()
	const text = "To be read beforehand."
	m, err := s.Events.AddFile(context.Background(), account.System, e.Code, event.MaterialFacts{Title: "Reader"}, "reader.txt", strings.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAtAQuietEventNoLinkLeadsToAPageThatThereIsnt(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e, people := s.rich(t, func(f *event.Facts) { f.Quiet = true })
	_, my := s.place(t, e, 1, nil)
	a := s.get(t, my)
	if !strings.Contains(a.body, "Šćepanović") || !strings.Contains(a.body, "Tajna Osoba") {
		t.Error("who is approved isn't told who leads the sessions")
	}
	if links := a.all(`a[href$="/trainers/` + people[0] + `"]`); len(links) != 0 {
		t.Errorf("%d links lead to the page of a trainer, which there isn't", len(links))
	}
}

func TestAProgrammeHasItsOwnPageWithAnchors(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, people := s.rich(t)
		a := s.get(t, "/en/events/"+e.Code+"/programme")
		if diff := cmp.Diff([]string{"Monday, 16 May 2022", "Tuesday, 17 May 2022"}, a.texts("h2.day")); diff != "" {
			t.Error(diff)
		}
		for _, n := range a.all(".chips a") {
			if len(a.all("[id='"+strings.TrimPrefix(attrs(n)["href"], "#")+"']")) != 1 {
				t.Errorf("%s leads nowhere", attrs(n)["href"])
			}
		}
		if got := a.text(".timeline .prose"); got != "Welcome." {
			t.Errorf("of the opening it says %q", got)
		}
		if got := len(a.all(`[id^="s-"]`)); got != 5 {
			t.Errorf("%d sessions have an anchor", got)
		}
		if got := a.texts(".by"); !slices.Equal(got, []string{"Đorđe Šćepanović", "Đorđe Šćepanović"}) {
			t.Errorf("led by %q", got)
		}
		if a := s.get(t, "/en/events/"+s.Event(t).Code+"/programme"); a.code != 404 {
			t.Errorf("without a programme: %d", a.code)
		}
		own := s.get(t, "/en/events/"+e.Code+"/trainers/"+people[0])
		if own.text("h1") != "Đorđe Šćepanović" || own.text(".trainer .lead") != "Prosecutor" || own.text("article > .prose") != "Twenty years of practice." {
			t.Errorf("the trainer's page: %q", own.texts("h1, .lead, .prose"))
		}
		if diff := cmp.Diff([]string{"Opening", "Simulation"}, own.texts(".timeline li > div > strong")); diff != "" || len(own.all(".by")) != 0 {
			t.Error("own sessions: ", diff)
		}
		for _, code := range []string{people[1], "nobody"} {
			if a := s.get(t, "/en/events/"+e.Code+"/trainers/"+code); a.code != 404 {
				t.Errorf("%s: %d", code, a.code)
			}
		}
	})
}

func TestFiveHundredSessionsCostNoMoreQueriesThanFiveAndStayUsable(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, people := s.rich(t)
		paths := []string{"/en/events/" + e.Code, "/en/events/" + e.Code + "/programme", "/en/events/" + e.Code + "/trainers/" + people[0], "/en/events/" + e.Code + "/card.png", "/sitemap.xml", "/en/events.rss"}
		var c counter
		d.Read().AddQueryHook(&c) //nolint:staticcheck // the handle within d is the one that the pages read from
		count := func() (all []int) {
			for _, path := range paths {
				c.n = 0
				s.get(t, path)
				all = append(all, c.n)
			}
			return all
		}
		five := count()
		var sessions []event.Session
		for i := range 500 {
			from := at(16+i%2, 7).Add(time.Duration(i/50) * time.Hour)
			sessions = append(sessions, event.Session{StartsAt: db.At(from), EndsAt: db.At(from.Add(time.Hour)), Kind: event.Panel, Title: both(fmt.Sprint("Panel ", i), fmt.Sprint("Панел ", i)), Counts: true})
		}
		s.Programme(t, e, sessions...)
		if diff := cmp.Diff(five, count()); diff != "" || five[0] == 0 {
			t.Errorf("queries for five and five hundred sessions (%v): %s", five, diff)
		}
		a := s.get(t, paths[0])
		if got := a.texts(".outline li"); !slices.Equal(got, []string{"Monday, 16 May 2022 09:00–19:00 · 250 sessions", "Tuesday, 17 May 2022 09:00–19:00 · 250 sessions"}) {
			t.Errorf("the page of the event shows %q", got)
		}
		if len(a.all(".timeline")) != 0 {
			t.Error("the page of the event shows all sessions")
		}
		whole := s.get(t, paths[1])
		if got := len(whole.all(`[id^="s-"]`)); got != 500 {
			t.Errorf("the programme shows %d sessions", got)
		}
		if got := a.attr(".outline a", "href"); got != paths[1]+"#day-2022-05-16" || len(whole.all("#day-2022-05-16")) != 1 {
			t.Errorf("the first day is at %s", got)
		}
	})
}

func TestTheHomePageSaysWhoRunsItAndWhoseMoneyItIs(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		if a := s.get(t, "/en/"); len(a.all(".empty")) != 1 || len(a.all(".visibility")) != 0 {
			t.Error("a home page without events")
		}
		waived := s.Event(t, func(f *event.Facts) { f.Waiver = "It would endanger participants." })
		if a := s.get(t, "/en/"); len(a.all(".visibility")) != 0 {
			t.Errorf("the donor of %s is named in spite of the waiver", waived.Code)
		}
		s.Event(t)
		a := s.get(t, "/en/")
		if got := a.text(".partners li"); got != "Lead Organisation Serbia" {
			t.Errorf("organisations: %q", got)
		}
		if len(a.all(".visibility img[alt='European Union']")) != 1 {
			t.Error("the donor isn't named")
		}
		if len(a.all(`form[action="/verify"] input[name=number]`)) != 1 {
			t.Error("a certificate can't be verified from here")
		}
	})
}

func TestACardIsDrawnInEveryLanguage(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e, _ := s.rich(t, func(f *event.Facts) {
		f.Title = both(strings.Repeat("A title that never ends and then goes on ", 7), "Ѓ 🙂 "+strings.Repeat("предолгзборбезпразнина", 8))
	})
	for _, code := range s.Catalogue.Locales() {
		for _, path := range []string{"/card.png", "/events/" + e.Code + "/card.png"} {
			a := s.get(t, "/"+string(code)+path)
			img, err := png.DecodeConfig(bytes.NewReader([]byte(a.body)))
			if err != nil || img.Width != 1200 || img.Height != 630 || len(a.body) > 100_000 {
				t.Errorf("%s%s: %v × %v, %d bytes, %v", code, path, img.Width, img.Height, len(a.body), err)
			}
		}
	}
	if a := s.get(t, "/en/events/nowhere/card.png"); a.code != 404 {
		t.Errorf("the card of no event: %d", a.code)
	}
}
