package public_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
)

// window sets when registration opens and closes.
func (s *site) window(t *testing.T, e *event.Event, opens, closes time.Time) {
	t.Helper()
	s.exec(t, "UPDATE events SET registration_opens_at = ?, registration_closes_at = ? WHERE id = ?", db.At(opens), db.At(closes), e.ID)
}

func (s *site) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	err := s.DB.InTx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func at(day, hour int) time.Time { return time.Date(2022, 5, day, hour, 0, 0, 0, time.UTC) }

func TestAnEventSaysInEachPhaseWhatCanBeDoneNow(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s.window(t, e, at(4, 7), at(9, 15))
		for _, x := range []struct {
			name                       string
			now                        time.Time
			cancelled                  bool
			status, statusMK, next     string
			action, target             string
			statusTone, until, untilMK string
		}{
			{name: "announced", now: at(3, 10), status: "Registration not open yet", statusMK: "Пријавувањето сѐ уште не е отворено", next: "Registration opens: 4 May 2022 at 09:00.", statusTone: "calm"},
			{name: "open", now: at(5, 10), status: "Registration is open", statusMK: "Пријавувањето е отворено", next: "It takes about three minutes. The organiser decides and writes to you by e-mail.", action: "Register", target: "/register", statusTone: "go", until: "by 9 May 2022 at 17:00", untilMK: "до 9 мај 2022 г. во 17:00"},
			{name: "closed", now: at(10, 10), status: "Registration is closed", statusMK: "Пријавувањето е затворено", next: "Registration is over. Whoever has applied finds everything behind the link in the e-mail.", statusTone: "calm"},
			{name: "running", now: at(16, 10), status: "Under way", statusMK: "Во тек", next: "The event is under way. Participants find their code for the entrance behind the link in their e-mail.", statusTone: "go"},
			{name: "finished", now: at(18, 10), status: "Ended", statusMK: "Завршен", action: "Certificate verification", target: "/verify", next: "The event has ended. Participants find their certificate behind the link in their e-mail; anyone can verify a certificate by its number.", statusTone: "calm"},
			{name: "cancelled", now: at(5, 10), cancelled: true, status: "Cancelled", statusMK: "Откажан", next: "This event will not take place. Everybody who applied has been told by e-mail, or will be.", statusTone: "stop"},
		} {
			t.Run(x.name, func(t *testing.T) {
				if x.cancelled {
					s.exec(t, "UPDATE events SET state = 'cancelled' WHERE id = ?", e.ID)
				}
				s.Clock.Set(x.now)
				en, mk := s.get(t, "/en/events/"+e.Code), s.get(t, "/mk/events/"+e.Code)
				if got := en.text(".title .status--" + x.statusTone); got != x.status {
					t.Errorf("status %q", got)
				}
				if got := mk.text(".title .status"); got != x.statusMK {
					t.Errorf("status in Macedonian %q", got)
				}
				if got := en.texts(".apply > p.small")[0]; got != x.next {
					t.Errorf("next: %q", got)
				}
				if got := strings.Join(en.texts(".button--main"), ", "); got != x.action {
					t.Errorf("the button says %q", got)
				}
				if got := en.attr(".button--main", "href"); !strings.HasSuffix(got, x.target) {
					t.Errorf("the button leads to %q", got)
				}
				if got := strings.Join(en.texts(".title .until"), ""); got != x.until {
					t.Errorf("deadline %q", got)
				}
				if got := strings.Join(mk.texts(".title .until"), ""); got != x.untilMK {
					t.Errorf("deadline in Macedonian %q", got)
				}
				if got, status := s.get(t, "/en/events/"+e.Code+"/register"), map[bool]int{true: 200, false: 303}[x.name == "open"]; got.code != status {
					t.Errorf("the form answers %d", got.code)
				}
			})
		}
	})
}

func TestAnEventIsToldInTheReadersLanguageOrSaysWhichItIsIn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, func(f *event.Facts) {
			f.Title = locale.NewText("sq", "Trajnim <script>alert(1)</script>", "mk", "Обука")
			f.Country, f.City, f.Venue = "XK", "Prishtina", "Salla 2"
		})
		mk := s.get(t, "/mk/events/"+e.Code)
		if got := mk.text("h1"); got != "Обука" || mk.attr("h1", "lang") != "" || mk.attr("html", "lang") != "mk" {
			t.Errorf("in Macedonian %q, marked %q", got, mk.attr("h1", "lang"))
		}
		en := s.get(t, "/en/events/"+e.Code)
		if got := en.text("h1"); got != "Trajnim <script>alert(1)</script>" || en.attr("h1", "lang") != "sq" {
			t.Errorf("in English %q, marked %q", got, en.attr("h1", "lang"))
		}
		if got := en.text(".told-in"); got != "This event is described in Albanian." {
			t.Errorf("the language of the event: %q", got)
		}
		if got := mk.all(".told-in"); len(got) != 0 {
			t.Error("a reader is told that the event is in their own language")
		}
		want := []string{"16–17 May 2022", "Pristina, Kosovo*Salla 2", "Montenegrin and English", "30 (30 seats left)"}
		if diff := cmp.Diff(want, en.texts(".apply dd")); diff != "" {
			t.Error(diff)
		}
		if !strings.HasPrefix(en.text("p.footnote"), "* This designation") {
			t.Error("no footnote")
		}
		if got := en.attr(`.tongue a[lang="mk"]`, "href"); !strings.HasPrefix(got, "/mk/events/"+e.Code) {
			t.Errorf("the language switch leads to %s", got)
		}
		if got := en.texts(".day"); !slices.Equal(got, []string{"Monday, 16 May 2022", "Tuesday, 17 May 2022"}) {
			t.Errorf("days without a programme: %q", got)
		}
	})
}

func TestTheProgrammeIsSetByDayInTheEventsZone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s.Programme(t, e, []event.Session{
			{StartsAt: db.At(at(17, 7)), EndsAt: db.At(at(17, 9)), Kind: event.Simulation, Title: locale.NewText("en", "Simulation")},
			{StartsAt: db.At(at(16, 7)), EndsAt: db.At(at(16, 8)), Kind: event.Plenary, Title: locale.NewText("cnr", "Otvaranje")},
			{StartsAt: db.At(at(16, 8)), EndsAt: db.At(at(16, 9)), Kind: event.Break, Title: locale.NewText("en", "Coffee")},
		}...)
		a := s.get(t, "/en/events/"+e.Code)
		if diff := cmp.Diff([]string{"09:00OtvaranjePlenary session · 60 min", "10:00Coffee", "09:00SimulationSimulation exercise · 2 hours"}, a.texts(".timeline li")); diff != "" {
			t.Error(diff)
		}
		if got := a.attr(".timeline strong[lang]", "lang"); got != "cnr" {
			t.Errorf("a title in Montenegrin is marked %q", got)
		}
	})
}

func TestEachDonorIsNamedUnlessThatWasWaived(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		if got := s.get(t, "/mk/events/"+e.Code).text(".visibility p"); !strings.HasPrefix(got, "Финансирано од Европската Унија.") {
			t.Errorf("the donor's line: %q", got)
		}
		waived := s.Event(t, func(f *event.Facts) { f.Waiver = "It would endanger participants." })
		if found := s.get(t, "/en/events/"+waived.Code).all(".visibility"); len(found) != 0 {
			t.Error("a donor is named in spite of the waiver")
		}
	})
}

func TestDraftsAndWhatIsNowhereAreNotFoundInTheReadersLanguage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		draft := s.Event(t)
		s.exec(t, "UPDATE events SET state = 'draft' WHERE id = ?", draft.ID)
		for _, path := range []string{"/mk/events/" + draft.Code, "/mk/events/nowhere", "/mk/events/" + draft.Code + "/register", "/mk/events/" + draft.Code + ".ics"} {
			if a := s.get(t, path); a.code != 404 || a.attr("html", "lang") != "mk" {
				t.Errorf("%s: %d in %s", path, a.code, a.attr("html", "lang"))
			}
		}
		s.accept = "mk"
		if a := s.get(t, "/xx/events"); a.code != 404 || a.attr("html", "lang") != "mk" {
			t.Errorf("an unknown language: %d in %s", a.code, a.attr("html", "lang"))
		}
		unlisted := s.Event(t, func(f *event.Facts) { f.Unlisted = true })
		if a := s.get(t, "/en/events/"+unlisted.Code); a.code != 200 || a.attr("meta[name=robots]", "content") != "noindex" {
			t.Errorf("an unlisted event by its link: %d, robots %q", a.code, a.attr("meta[name=robots]", "content"))
		}
		if strings.Contains(s.get(t, "/en/events").body, unlisted.Code) {
			t.Error("an unlisted event is in the calendar")
		}
	})
}

func TestTheCalendarIsNarrowedByItsAddress(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		if a := s.get(t, "/en/events"); len(a.all(".empty")) != 1 {
			t.Error("an empty calendar teaches nothing")
		}
		me := s.Event(t)
		mk := s.Event(t, func(f *event.Facts) {
			f.Country, f.City, f.Type, f.Languages = "MK", "Ohrid", event.Workshop, []locale.Code{"mk"}
			f.StartsOn = f.StartsOn.Plus(10)
		})
		s.Clock.Set(at(20, 10))
		hrefs := func(query, section string) (all []string) {
			for _, n := range s.get(t, "/en/events"+query).all(`section[aria-labelledby="` + section + `"] h3 a`) {
				all = append(all, attrs(n)["href"])
			}
			return all
		}
		link := func(e *event.Event) []string { return []string{"/en/events/" + e.Code} }
		for _, x := range []struct {
			query          string
			upcoming, past []string
		}{
			{"", link(mk), link(me)},
			{"?country=ME", nil, link(me)},
			{"?country=MK&type=workshop&language=mk", link(mk), nil},
			{"?type=workshop&country=ME", nil, nil},
			{"?language=en", nil, link(me)},
		} {
			if diff := cmp.Diff([][]string{x.upcoming, x.past}, [][]string{hrefs(x.query, "h-upcoming"), hrefs(x.query, "h-past")}); diff != "" {
				t.Errorf("%s: %s", x.query, diff)
			}
		}
		a := s.get(t, "/en/events?country=MK")
		if got := a.text(`.chip[aria-current]`); got != "North Macedonia 1" {
			t.Errorf("chosen: %q", got)
		}
		if got := a.attr(`.chip[aria-current]`, "href"); got != "/en/events" {
			t.Errorf("the chosen chip leads to %q", got)
		}
		if got := a.texts(".facet:first-child .chip"); !slices.Equal(got, []string{"Montenegro 1", "North Macedonia 1"}) {
			t.Errorf("beside the chosen country are offered %q", got)
		}
		if got := a.texts(".facet__name"); !slices.Equal(got, []string{"Country", "Event type", "Working language"}) {
			t.Errorf("facets %q", got)
		}
	})
}

// counter counts queries.
type counter struct{ n int }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.n++
	return ctx
}

func (c *counter) AfterQuery(context.Context, *bun.QueryEvent) {}

func TestTheCalendarCostsTheSameNumberOfQueriesForOneEventAndForThirty(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.Event(t)
		var c counter
		d.Read().AddQueryHook(&c) //nolint:staticcheck // the handle within d is the one that the pages read from
		count := func(path string) int {
			c.n = 0
			s.get(t, path)
			return c.n
		}
		one := []int{count("/en/events"), count("/en/")}
		for range 29 {
			s.Event(t)
		}
		if got := len(s.get(t, "/en/events").all(".event")); got != 30 {
			t.Fatalf("%d events", got)
		}
		if diff := cmp.Diff(one, []int{count("/en/events"), count("/en/")}); diff != "" || one[0] == 0 {
			t.Errorf("queries for one and for thirty events (%v): %s", one, diff)
		}
	})
}

func TestTheStartPageIsInTheLanguageTheBrowserAsksFor(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		for accept, want := range map[string]string{"mk-MK,mk;q=0.9,en;q=0.8": "/mk/", "sr-ME": "/cnr/", "sq": "/sq/", "": "/en/"} {
			s.accept = accept
			if a := s.get(t, "/"); a.head.Get("Location") != want {
				t.Errorf("%q leads to %q", accept, a.head.Get("Location"))
			}
		}
		a := s.get(t, "/en/")
		if got := a.attr(".event h3 a", "href"); got != "/en/events/"+e.Code {
			t.Errorf("the next event is %q", got)
		}
	})
}

func TestNoPageLacksAWordInAnyLanguage(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	r, mine := s.place(t, e, 1, func(x *registration.Submission) { x.Quiet = true })
	for _, code := range s.Catalogue.Locales() {
		prefix := "/" + string(code)
		s.get(t, "/verify?lang="+string(code))
		for _, path := range []string{prefix + "/", prefix + "/events", prefix + "/events/" + e.Code, prefix + "/events/" + e.Code + "/register", "/verify", "/verify/ABC", mine, mine + "/cancel"} {
			if a := s.get(t, path); a.attr("html", "lang") != string(code) {
				t.Errorf("%s is in %s", path, a.attr("html", "lang"))
			}
		}
		for _, step := range []string{"1", "2", "3"} {
			v := whole()
			v.Set("go", step)
			s.post(t, prefix+"/events/"+e.Code+"/register", v)
		}
	}
	number := s.certified(t, e, r.Code)[0].Number
	for _, code := range s.Catalogue.Locales() {
		s.get(t, "/verify?lang="+string(code))
		s.get(t, mine)
		s.get(t, "/verify/"+number)
	}
	if missing := s.Catalogue.Missing(); len(missing) != 0 {
		t.Errorf("missing: %q", missing)
	}
}
