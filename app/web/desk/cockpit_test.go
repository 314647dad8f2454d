package desk_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
)

// at is an hour of the first day of an event.
func at(e *event.Event, hour int) db.Time { return db.At(e.StartsOn.In(e.Location(), hour, 0)) }

// mends returns where the buttons of what is missing lead, the loudest first.
func (a answer) mends() []string {
	var all []string
	for _, n := range a.all(".missing > li a.button, .missing > li form") {
		x := attrs(n)
		all = append(all, x["href"]+x["action"])
	}
	return all
}

func attrs(n *html.Node) map[string]string {
	m := map[string]string{}
	for _, a := range n.Attr {
		m[a.Key] = a.Val
	}
	return m
}

func TestTheCockpitSaysWhatIsMissingAndWhereItIsMended(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, func(f *event.Facts) {
			f.Format, f.Interpretation = event.Hybrid, []locale.Code{"sq"}
			f.Description = locale.NewText("cnr", "Opis")
		})
		e = s.Programme(t, e,
			event.Session{Title: locale.NewText("cnr", "Uvod", "en", "Opening"), Kind: event.Plenary, StartsAt: at(e, 9), EndsAt: at(e, 11)},
			event.Session{Title: locale.NewText("cnr", "Rad", "en", "Work"), Kind: event.GroupWork, StartsAt: at(e, 10), EndsAt: at(e, 12)},
		)
		err := d.InTx(t.Context(), apptest.Exec("INSERT INTO speakers (event_id, position, code, name, kind) VALUES (?, 1, 'ana', 'Ana Anić', 'trainer')", e.ID))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.InTx(t.Context(), apptest.Exec("INSERT INTO session_speakers (session_id, speaker_id, position) SELECT s.id, p.id, 1 FROM programme_sessions s JOIN speakers p ON p.event_id = s.event_id WHERE s.event_id = ?", e.ID)); err != nil {
			t.Fatal(err)
		}
		base := "/desk/events/" + e.Code
		a := s.as(t, organiser).get(t, base)
		want := []string{"/programme", "/edit#f-join_url", "/edit#f-signatory_1_name", "/edit#f-venue", "/languages", "/edit#f-contact_name", "/people", "/programme"}
		for i := range want {
			want[i] = base + want[i]
		}
		if got := a.mends(); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if n := len(a.all(".missing .button--main")); n != 1 {
			t.Errorf("%d things are the next", n)
		}
		for _, m := range a.texts(".missing h3") {
			if strings.Contains(m, "desk.missing") {
				t.Error(m)
			}
		}
	})
}

func TestADraftWhoseDaysAreOverIsNotToBePublishedFirst(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE events SET state = 'draft', registration_opens_at = NULL WHERE id = ?", e.ID)); err != nil {
			t.Fatal(err)
		}
		s.Clock.Set(e.Ends().Add(time.Hour))
		s = s.as(t, organiser)
		if got := s.get(t, "/desk/events/"+e.Code).mends(); len(got) < 2 || !strings.HasSuffix(got[0], "/edit#f-starts_on") {
			t.Errorf("%q", got)
		}
		if got := s.get(t, "/desk").text(".missing__next h3"); !strings.Contains(got, "dates have passed") {
			t.Error(got)
		}
	})
}

func TestTheCockpitTellsOfAttendanceOnceTheEventHasBegun(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, func(f *event.Facts) { f.Decision = event.Automatic })
		s.apply(t, e.Code, 1)
		s = s.as(t, organiser)
		base := "/desk/events/" + e.Code
		if a := s.get(t, base); len(a.all(".heatmap")) != 0 || !strings.Contains(a.text("[aria-labelledby=h-heat]"), "hasn't begun") {
			t.Errorf("before: %q", a.text("[aria-labelledby=h-heat]"))
		}
		s.Clock.Set(e.Begins().Add(10 * time.Hour))
		s = s.as(t, organiser)
		if a := s.get(t, base); len(a.all(".heatmap")) != 1 || a.mends()[0] != base+"/attendance#links" {
			t.Errorf("on the first day %q", a.mends())
		}
		if _, err := s.Attendance.NewLink(t.Context(), account.System, e.Code, "Door"); err != nil {
			t.Fatal(err)
		}
		if got := s.get(t, base).mends(); got[0] != base+"/attendance" {
			t.Errorf("with a link %q", got)
		}
	})
}

func TestACancelledEventSaysWhyAndWantsNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		if _, err := s.Events.Cancel(t.Context(), account.System, e.Code, locale.NewText("cnr", "Poplava", "en", "The venue is **under water**.")); err != nil {
			t.Fatal(err)
		}
		a := s.as(t, organiser).get(t, "/desk/events/"+e.Code)
		if got := a.text(".called-off"); !strings.Contains(got, "This event is cancelled") || !strings.Contains(got, "under water.") || strings.Contains(got, "**") {
			t.Error(got)
		}
		if got := a.mends(); len(got) != 0 {
			t.Errorf("a cancelled event wants %q", got)
		}
		if len(a.all("#h-missing"))+len(a.all("#h-heat")) != 0 {
			t.Error("it is told to take its course, or to begin")
		}
	})
}

func TestTheFunnelBeginsWithWhomInstitutionsNamed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s.apply(t, e.Code, 2)
		s = s.as(t, organiser)
		if got := s.get(t, "/desk/events/"+e.Code).texts(".funnel__label"); len(got) != 5 || got[0] != "Applied" {
			t.Errorf("%q", got)
		}
		s.holds(t, 1)
		o := s.offered(t, e)
		if _, err := s.Registrations.Nominate(t.Context(), o.Actor(), o.ID, registration.Nominee{GivenName: "Ana", FamilyName: "Anić", Email: "ana@police.example", Locale: "en"}); err != nil {
			t.Fatal(err)
		}
		a := s.get(t, "/desk/events/"+e.Code)
		if got := a.texts(".funnel__label"); len(got) != 6 || got[0] != "Nominated2 seats offered" || a.texts(".funnel__value")[0] != "1" {
			t.Errorf("%q", got)
		}
	})
}

func TestTheCockpitSaysWhatWasDoneLatelyButNotWhoLooked(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s.as(t, auditor).get(t, "/desk/events/"+e.Code)
		organiser := s.as(t, organiser)
		if a := organiser.post(t, "/desk/events/"+e.Code, "/desk/events/"+e.Code+"/close", url.Values{}); a.code != http.StatusSeeOther {
			t.Fatal(a.code)
		}
		got := organiser.get(t, "/desk/events/"+e.Code).texts(".history li")
		if len(got) != 3 || !strings.Contains(got[0], "organiser") || strings.Contains(strings.Join(got, " "), "auditor") {
			t.Errorf("%q", got)
		}
	})
}

func TestTheHomePageShowsSixWeeksAsMarksAndInWords(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d) // it is Monday, 2 May 2022
		s.Event(t, func(f *event.Facts) { f.ClosesAt = time.Date(2022, 5, 9, 22, 30, 0, 0, time.UTC) })
		a := s.as(t, organiser).get(t, "/desk")
		if got := a.texts(".week > h3"); len(got) != 6 || got[0] != "2–8 May 2022, this week" || got[2] != "16–22 May 2022" {
			t.Errorf("%q", got)
		}
		if got := a.texts(".week:nth-child(3) li"); len(got) != 1 || !strings.Contains(got[0], "16–17 May 2022 · Podgorica") {
			t.Errorf("%q", got)
		}
		// half past ten in the evening in London is the next day in Podgorica
		if got := a.texts(".week:nth-child(2) li"); len(got) != 1 || !strings.Contains(got[0], "Registration closes: 10 May 2022") {
			t.Errorf("%q", got)
		}
		for selector, want := range map[string]int{".weeks .day": 2, ".weeks .due": 1, ".weeks .today": 1, ".week:nth-child(3) .day": 2, ".week:nth-child(1) .today": 1} {
			if n := len(a.all(selector)); n != want {
				t.Errorf("%d elements are %s", n, selector)
			}
		}
	})
}
