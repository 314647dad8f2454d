package desk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/person"
	"attesta/app/registration"
)

// typed is a filled-in form of a new event.
func typed(change func(url.Values)) url.Values {
	v := url.Values{
		"place": {"P1 lead"}, "type": {"national_training"}, "original": {"cnr"}, "title": {"Suzbijanje krijumčarenja"}, "title_en": {"Countering smuggling"},
		"country": {"ME"}, "city": {"Podgorica"}, "starts_on": {"2022-05-16"}, "days": {"1"}, "languages": {"cnr", "en"}, "seats": {"2"}, "decision": {"organiser"},
		"unit": {"half-day"}, "threshold": {"100"}, "listed": {"yes"}, "signatory_1_name": {"Vesna Vuković"}, "signatory_1_role": {"Direktorica"},
	}
	if change != nil {
		change(v)
	}
	return v
}

func TestAnOrganiserCarriesAnEventFromItsFormToTheCertificates(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		if got := s.get(t, "/desk").attr(".empty .button--main", "href"); got != "/desk/events/new" {
			t.Errorf("an empty desk leads to %s", got)
		}
		a := s.post(t, "/desk/events/new", "/desk/events/new", typed(nil))
		const at = "/desk/events/suzbijanje-krijumcarenja"
		if a.code != 303 || a.head.Get("Location") != at {
			t.Fatalf("created: %d %s %v", a.code, a.head.Get("Location"), a.texts("#errors li"))
		}
		if got := s.get(t, at).text(".missing__next h3"); got != "Publish the event" {
			t.Errorf("the next thing to do: %q", got)
		}
		s.press(t, at, at+"/publish", nil)
		if got := s.get(t, at).text(".missing__next h3"); got != "Open registration" {
			t.Errorf("the next thing to do: %q", got)
		}
		s.press(t, at, at+"/open", nil)
		codes := s.apply(t, "suzbijanje-krijumcarenja", 3)
		if got := s.get(t, "/desk").text(".missing__next h3"); got != "2 applications wait for your decision" {
			t.Errorf("the desk says %q", got)
		}
		s.press(t, at+"/registrations", at+"/registrations", url.Values{"do": {"approve"}, "who": codes})
		if got := s.get(t, at+"/registrations").texts(".notice p"); !slices.Equal(got, []string{"2 applications approved.", "No seat was left for: Vesna Ćetković-2. They are on the waiting list now."}) {
			t.Errorf("after the decision: %q", got)
		}
		s.certifyOne(t, at, codes)
	})
}

// certifyOne marks two people at different half-days and issues what is due: one certificate.
func (s *site) certifyOne(t *testing.T, at string, codes []string) {
	t.Helper()
	s.Clock.Set(time.Date(2022, 5, 16, 12, 0, 0, 0, time.UTC))
	s = s.as(t, organiser) // the session is over
	roll := s.get(t, at+"/attendance").filled("form[action$='/attendance']")
	roll["in"] = []string{codes[0] + ".1", codes[0] + ".2", codes[1] + ".1"}
	s.press(t, at+"/attendance", at+"/attendance", roll)
	if got := s.get(t, at+"/attendance").texts(".rolls tbody .num"); !slices.Equal(got, []string{"2 of 2 completed", "1 of 2"}) {
		t.Errorf("the roll: %q", got)
	}
	s.Clock.Set(time.Date(2022, 5, 18, 12, 0, 0, 0, time.UTC))
	s = s.as(t, organiser)
	if got := s.get(t, at).text(".missing__next h3"); got != "1 certificate is due" {
		t.Errorf("the next thing to do: %q", got)
	}
	s.press(t, at+"/certificates", at+"/certificates", nil)
	page := s.get(t, at+"/certificates")
	if got := page.texts(".table tbody td[data-label='Full name']"); !slices.Equal(got, []string{"Vesna Ćetković-0"}) {
		t.Fatalf("certificates of %q", got)
	}
	for _, href := range []string{page.attr(".table tbody a[href*='.pdf']", "href"), at + "/certificates.pdf?locale=mk"} {
		if a := s.get(t, href); !strings.HasPrefix(a.body, "%PDF") || a.head.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", href, a.code, a.head.Get("Content-Type"))
		}
	}
	if a := s.get(t, at+"/certificates.zip"); !strings.HasPrefix(a.body, "PK") {
		t.Errorf("zip: %d", a.code)
	}
	number := page.text(".table tbody td[data-label='Number']")
	s.revokeIt(t, at, number)
}

func (s *site) revokeIt(t *testing.T, at, number string) {
	t.Helper()
	revoke := at + "/certificates/" + number + "/revoke"
	if got := s.get(t, revoke).text(".lead"); got != "Vesna Ćetković-0 · "+number {
		t.Errorf("asks %q", got)
	}
	if a := s.post(t, revoke, revoke, url.Values{"reason": {" "}}); a.code != 422 || a.text("#f-reason-e") != "Error: This field is required." {
		t.Errorf("without a reason: %d", a.code)
	}
	s.press(t, revoke, revoke, url.Values{"reason": {"Wrong name"}})
	if got := s.get(t, at+"/certificates").texts(".people li"); !slices.Equal(got, []string{"Vesna Ćetković-0"}) {
		t.Errorf("due again: %q", got)
	}
}

// press sends a form that must succeed; what it changes must stand in the record.
func (s *site) press(t testing.TB, from, path string, values url.Values) {
	t.Helper()
	s.recorded(t, "POST "+path, func() {
		if a := s.post(t, from, path, values); a.code != http.StatusSeeOther {
			t.Fatalf("POST %s: %d %q %q", path, a.code, a.texts("h1"), a.texts("#errors li"))
		}
	})
}

// apply has people register and returns their codes in that order.
func (s *site) apply(t testing.TB, code string, n int) []string {
	t.Helper()
	var codes []string
	for i := range n {
		r, err := s.Registrations.Register(t.Context(), code, apptest.Submission(i))
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, r.Code)
	}
	return codes
}

func TestTheRollSendsOnlyWhatWasChangedOnThePage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		e := s.Event(t, apptest.Automatic)
		codes := s.apply(t, e.Code, 2)
		at := "/desk/events/" + e.Code + "/attendance"
		shown := s.get(t, at).filled("form[action$='/attendance']")
		other := s.get(t, at).filled("form[action$='/attendance']")
		other["in"] = []string{codes[0] + ".1"}
		s.press(t, at, at, other) // meanwhile, somebody else
		shown["in"] = []string{codes[1] + ".2"}
		s.press(t, at, at, shown)
		if got := s.present(t, e); got[codes[0]] != "[true false false false]" || got[codes[1]] != "[false true false false]" {
			t.Errorf("present: %v", got)
		}
		again := s.get(t, at).filled("form[action$='/attendance']")
		again["in"] = []string{codes[1] + ".2"}
		s.press(t, at, at, again)
		if got := s.present(t, e); got[codes[0]] != "[false false false false]" || got[codes[1]] != "[false true false false]" {
			t.Errorf("after taking one back: %v", got)
		}
	})
}

// present says by code who was present at which unit.
func (s *site) present(t testing.TB, e *event.Event) map[string]string {
	t.Helper()
	_, rows, err := s.Attendance.Roll(t.Context(), account.System, e)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rows {
		got[r.Registration.Code] = fmt.Sprint(r.Present)
	}
	return got
}

func TestRejectingAsksWithTheNamesAndTellsTheReason(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		e := s.Event(t)
		codes := s.apply(t, e.Code, 2)
		at := "/desk/events/" + e.Code + "/registrations"
		a := s.post(t, at, at+"?status=submitted", url.Values{"do": {"reject"}, "who": codes[:1]})
		if got := a.texts("main li strong"); !slices.Equal(got, []string{"Vesna Ćetković-0"}) {
			t.Fatalf("asks about %q", got)
		}
		sent := a.filled("main form.form")
		sent.Set("do", "reject")
		sent.Set("reason", "Too little experience")
		s.press(t, at, at+"?status=submitted", sent)
		list, err := s.Registrations.List(t.Context(), account.System, e, registration.Filter{Status: registration.Rejected})
		if err != nil || len(list) != 1 || list[0].Reason != "Too little experience" || list[0].Code != codes[0] {
			t.Errorf("rejected: %+v %v", list, err)
		}
	})
}

func TestACheckinLinkIsShownOnceAndCanBeRevoked(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.Event(t)
	s.Clock.Set(e.Begins().Add(9 * time.Hour))
	s = s.as(t, organiser)
	grant := "INSERT INTO grants (user_id, role, scope_kind, scope_id, created_at) VALUES (1, 'organiser', 'organisation', ?, 0)"
	if err := d.InTx(t.Context(), apptest.Exec(grant, s.Organisation.ID)); err != nil {
		t.Fatal(err)
	}
	at := "/desk/events/" + e.Code + "/attendance"
	a := s.post(t, at, at+"/links", url.Values{"label": {"Front door"}, "days": {"2022-05-16"}})
	if got := a.texts("#links tbody td:first-child"); !slices.Equal(got, []string{"Front door16 May 2022"}) {
		t.Errorf("listed as %q", got)
	}
	link := a.attr(".made__url a", "href")
	if _, _, err := s.Attendance.Open(t.Context(), strings.TrimPrefix(link, "https://attesta.example/checkin/")); err != nil {
		t.Fatalf("%s: %v", link, err)
	}
	if a.attr(".made svg path", "d") == "" {
		t.Error("no QR code")
	}
	if a := s.get(t, at); strings.Contains(a.body, "/checkin/") {
		t.Error("the link is shown again")
	}
	s.press(t, at, s.get(t, at).attr("form[action$='/revoke']", "action"), nil)
	if _, _, err := s.Attendance.Open(t.Context(), strings.TrimPrefix(link, "https://attesta.example/checkin/")); err == nil {
		t.Error("the revoked link opens")
	}
	if a := s.post(t, at, at+"/links", url.Values{"label": {"Late"}, "days": {"2022-05-18"}}); a.code != http.StatusUnprocessableEntity {
		t.Errorf("a day that isn't the event's: %d", a.code)
	}
	s.post(t, at, at+"/links", url.Values{"label": {"Side door"}})
	if err := d.InTx(t.Context(), apptest.Exec("DELETE FROM grants WHERE user_id = 1")); err != nil {
		t.Fatal(err)
	}
	if got := s.as(t, coordinator).get(t, at).texts("#links tbody td:nth-child(2)"); !slices.Equal(got, []string{"EndedWhoever made it may not edit this event any more. Make a new link.", "Revoked"}) {
		t.Errorf("what the links are good for: %q", got)
	}
}

func TestACoordinatorMergesAndUndoesIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, coordinator)
		e := s.Event(t)
		for i, name := range [][2]string{{"Ђорђе", "Станковић"}, {"Djordje", "Stankovic"}} {
			sub := apptest.Submission(i)
			sub.GivenName, sub.FamilyName, sub.Gender = name[0], name[1], person.Male
			if _, err := s.Registrations.Register(t.Context(), e.Code, sub); err != nil {
				t.Fatal(err)
			}
		}
		const at = "/desk/persons/suggestions"
		a := s.get(t, at)
		if got := a.texts(".record h3"); !slices.Equal(got, []string{"Ђорђе Станковић", "Djordje Stankovic"}) {
			t.Fatalf("suggested: %q", got)
		}
		s.press(t, at, "/desk/persons/merge", a.filled("form[action='/desk/persons/merge']"))
		a = s.get(t, at)
		if len(a.all(".record")) != 0 || len(a.all("tbody tr")) != 1 {
			t.Fatalf("after merging: %s", a.body)
		}
		s.press(t, at, "/desk/persons/unmerge", a.filled("form[action='/desk/persons/unmerge']"))
		if got := len(s.get(t, at).all(".record")); got != 2 {
			t.Errorf("after undoing: %d records", got)
		}
		if a := s.as(t, organiser).get(t, at); a.code != http.StatusForbidden {
			t.Errorf("an organiser: %d", a.code)
		}
	})
}
