package public_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
)

// canary is what nobody reads of a quiet event before approval: each stands nowhere else.
var canary = []string{
	"Kotor", "Котор", "Norway", "Norveš", "Норвеш", "Hotel Kanarinac", "Kanarinka", "kanarinac.example", "67 000 111", "meet.example", "Europe/Podgorica",
	"kanarinskoj ulici", "kanarinskim liftom",
}

func quiet(f *event.Facts) {
	f.Quiet, f.Format, f.JoinURL, f.Country, f.City, f.Venue = true, event.Hybrid, "https://meet.example/secret", "NO", "Kotor", "Hotel Kanarinac"
	f.Zone, f.ContactName, f.ContactEmail, f.ContactPhone = "Europe/Podgorica", "Olga Kanarinka", "olga@kanarinac.example", "+382 67 000 111"
	f.Directions, f.Accessibility = locale.NewText("cnr", "U kanarinskoj ulici"), locale.NewText("cnr", "Sa kanarinskim liftom")
}

// offered are the countries that forms offer to everybody.
var offered = regexp.MustCompile(`<option[^>]*>[^<]*</option>`)

// reads fails where a page holds what nobody may read there.
func (s *site) reads(t *testing.T, a answer, what string) {
	t.Helper()
	if a.code >= 400 {
		t.Errorf("%s: %d", what, a.code)
	}
	body := offered.ReplaceAllString(a.body, "")
	for _, word := range canary {
		if strings.Contains(body, word) {
			t.Errorf("%s tells %s", what, word)
		}
	}
}

func TestNoPageTellsThePlaceOfAQuietEventBeforeApproval(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, quiet)
		_, focal := s.offered(t, e, 2)
		if a := s.post(t, focal, colleague("1")); a.code != http.StatusSeeOther {
			t.Fatalf("nominating: %d", a.code)
		}
		call := s.call(t, e)
		waiting, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		refused, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(2))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Registrations.Decide(t.Context(), account.System, e.Code, []string{refused.Code}, registration.Rejected, ""); err != nil {
			t.Fatal(err)
		}
		my := s.Registrations.Link(waiting)
		pages := []string{my, my + "/cancel", s.Registrations.Link(refused), focal, call, strings.Replace(call, "/register?", "/register/decline?", 1)}
		for _, code := range s.Catalogue.Locales() {
			at := "/" + string(code)
			pages = append(pages, at+"/", at+"/events", at+"/events/"+e.Code, at+"/events/"+e.Code+".ics", at+"/events/"+e.Code+"/register")
		}
		for _, path := range pages {
			s.reads(t, s.get(t, path), path)
		}
		form := "/en/events/" + e.Code + "/register"
		for step, values := range []url.Values{{"step": {"1"}}, {"step": {"2"}}} {
			all := whole()
			all.Set("step", values.Get("step"))
			s.reads(t, s.post(t, form, all), "step "+string(rune('2'+step)))
		}
		if _, err := s.Events.Cancel(t.Context(), account.System, e.Code, locale.NewText("cnr", "Sala je poplavljena.")); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{my, focal} {
			a := s.get(t, path)
			s.reads(t, a, path+" once cancelled")
			if !strings.Contains(a.body, "Sala je poplavljena.") {
				t.Errorf("%s doesn't say why it was cancelled", path)
			}
		}
	})
}

func TestWhoIsApprovedReadsEverythingOfAQuietEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		_, my := s.place(t, s.Event(t, quiet), 1, nil)
		a := s.get(t, my)
		for _, word := range []string{"Kotor", "Hotel Kanarinac", "Olga Kanarinka", "mailto:olga@kanarinac.example", "67 000 111", "kanarinskoj ulici", "kanarinskim liftom", `href="https://meet.example/secret"`} {
			if !strings.Contains(a.body, word) {
				t.Errorf("%s is missing", word)
			}
		}
	})
}

func TestTheLinkToJoinIsForWhoIsApprovedWhileItIsOfUse(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		online := func(f *event.Facts) { f.Format, f.JoinURL = event.Online, "https://meet.example/secret" }
		e := s.Event(t, online)
		_, my := s.place(t, e, 1, nil)
		waiting, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(2))
		if err != nil {
			t.Fatal(err)
		}
		shown := func(path string) bool { return strings.Contains(s.get(t, path).body, "meet.example") }
		if !shown(my) || shown(s.Registrations.Link(waiting)) || shown("/en/events/"+e.Code) || shown("/en/events/"+e.Code+".ics") {
			t.Error("the link to join isn't where it belongs")
		}
		if a := s.get(t, my); len(a.all(".pass__qr, .full")) != 0 || len(a.all(".pass .button")) != 1 || strings.Contains(a.text(".lead"), "ulazu") {
			t.Errorf("there is no door at an online event: %s", a.text(".title"))
		}
		s.Clock.Set(e.Ends())
		if shown(my) {
			t.Error("it is shown when all is over")
		}
		s.Clock.Set(e.Begins().AddDate(0, 0, -3))
		if _, err := s.Events.Cancel(t.Context(), account.System, e.Code, locale.NewText("cnr", "Bez struje.")); err != nil {
			t.Fatal(err)
		}
		a := s.get(t, my)
		if strings.Contains(a.body, "meet.example") || len(a.all(".pass")) != 0 || a.text("h1") != "Ovaj događaj je otkazan." || !strings.Contains(a.body, "Bez struje.") {
			t.Errorf("cancelled: %s", a.text("main"))
		}
	})
}

func TestACertificateOfAQuietEventSaysNothingToWhoHasOnlyItsNumber(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, quiet)
		r, my := s.place(t, e, 1, nil)
		c := s.certified(t, e, r.Code)[0]
		a := s.get(t, "/verify/"+c.Number)
		s.reads(t, a, "the verification")
		s.reads(t, s.get(t, "/verify/"+c.Number+".json"), "the verification for programs")
		if strings.Contains(a.body, "Ćetković") || a.attr("[data-answer]", "data-answer") != "code" {
			t.Errorf("it tells %s", a.text("main"))
		}
		if !strings.Contains(s.get(t, my).body, s.T(t, "my.code_hint")) {
			t.Error("the holder isn't told the code")
		}
	})
}

// T is a message in the language of the invented people.
func (s *site) T(t *testing.T, key string) string {
	t.Helper()
	return s.Catalogue.Printer("cnr").T(key)
}
