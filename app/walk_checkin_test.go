package app_test

import (
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/apptest/browser"
	"attesta/app/event"
	"attesta/app/registration"
)

// approved registers somebody and gives them a place.
func (s *site) approved(t *testing.T, e *event.Event, n int, change func(*registration.Submission)) *registration.Registration {
	t.Helper()
	x := apptest.Submission(n)
	if change != nil {
		change(&x)
	}
	r, err := s.Registrations.Register(t.Context(), e.Code, x)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Registrations.Decide(t.Context(), account.System, e.Code, []string{r.Code}, registration.Approved, ""); err != nil {
		t.Fatal(err)
	}
	return r
}

// door is an event whose first morning is under way, with three people expected, somebody with a place at another
// event, and the path of a helper's link.
type door struct {
	people  []*registration.Registration
	elsehow *registration.Registration
	path    string
}

func (s *site) openDoor(t *testing.T) door {
	t.Helper()
	e, other := s.Event(t, titled), s.Event(t)
	d := door{elsehow: s.approved(t, other, 9, nil)}
	for n := range 3 {
		d.people = append(d.people, s.approved(t, e, n, nil))
	}
	s.Clock.Set(time.Date(2022, 5, 16, 7, 10, 0, 0, time.UTC)) // 09:10 in Podgorica
	l, err := s.Attendance.NewLink(t.Context(), account.System, e.Code, "Front door")
	if err != nil {
		t.Fatal(err)
	}
	d.path = s.Attendance.Path(l)
	return d
}

func TestAHelperChecksInByCodeAndByName(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		d := s.openDoor(t)
		phone := browser.Open(t, s.Base, 360)
		phone.Go(d.path + "?lang=" + string(v.Code()))
		phone.Sees(v.T("checkin.part.morning"), v.T("checkin.inside")+": 0 "+v.T("checkin.of")+" 3")
		typed := func(code string) {
			t.Helper()
			phone.Tap(v.T("checkin.type"))
			phone.Type(v.T("checkin.code"), code)
			phone.Tap(v.T("checkin.check"))
		}
		name := func(r *registration.Registration) string { return r.GivenName + " " + r.FamilyName }

		typed(d.people[0].Code)
		phone.Sees(v.T("common.yes"), name(d.people[0]), d.people[0].InstitutionName)
		phone.Tap(v.T("common.next"))
		typed(d.people[0].Code)
		phone.Sees(v.T("checkin.already"), name(d.people[0]), v.T("checkin.since", "Time", v.Time(time.Date(2022, 5, 16, 9, 10, 0, 0, time.UTC))))
		phone.Tap(v.T("common.next"))
		typed(d.elsehow.Code)
		phone.Sees(v.T("checkin.not_this"), v.T("checkin.not_this_text"))
		phone.SeesNot(name(d.elsehow))
		phone.Tap(v.T("common.next"))
		typed("AAAAAAAA")
		phone.Sees(v.T("checkin.unknown"))
		phone.Tap(v.T("common.next"))

		phone.Tap(v.T("checkin.find"))
		phone.Type(v.T("checkin.search"), "cetkovic-2")
		phone.Tap(v.T("checkin.here") + ": " + name(d.people[2]))
		phone.Sees(v.T("common.yes"), name(d.people[2]))
		phone.Tap(v.T("common.next"))
		phone.Sees(v.T("checkin.inside") + ": 2 " + v.T("checkin.of") + " 3")
		s.present(t, d.people, 1, 0, 1)
	})
}

// present holds how many units each person was present at against what is kept.
func (s *site) present(t *testing.T, people []*registration.Registration, want ...int) {
	t.Helper()
	for i, r := range people {
		got, err := s.Registrations.ByID(t.Context(), account.System, r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.UnitsPresent != want[i] {
			t.Errorf("%s was present at %d units, want %d", r.FamilyName, got.UnitsPresent, want[i])
		}
	}
}

func TestWithoutScriptsOneRegistersAndChecksIn(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		who := applicants[v.Code()]
		e := s.Event(t, titled)
		tab := v.open(t)
		tab.NoScripts()
		tab.Go(v.at("/events/" + e.Code))
		tab.Press(v.T("public.register"))
		v.apply(t, tab, who)
		if got := tab.Heading(); got != v.T("my.is.submitted") {
			t.Errorf("after sending: %q", got)
		}
		s.only(t, e)

		d := s.openDoor(t)
		phone := browser.Open(t, s.Base, 360)
		phone.NoScripts()
		phone.Go(d.path + "?lang=" + string(v.Code()))
		for i, want := range []string{"common.yes", "checkin.already"} {
			phone.Tap(v.T("checkin.type"))
			phone.Type(v.T("checkin.code"), d.people[0].Code)
			phone.Press(v.T("checkin.check"))
			phone.Sees(v.T(want), d.people[0].FamilyName)
			if i == 0 {
				phone.Press(v.T("common.next"))
			}
		}
		phone.Press(v.T("common.next"))
		phone.Tap(v.T("checkin.find"))
		phone.Type(v.T("checkin.search"), "cetkovic-1")
		phone.Press(v.T("common.search"))
		phone.Press(v.T("checkin.here") + ": " + d.people[1].GivenName + " " + d.people[1].FamilyName)
		phone.Sees(v.T("common.yes"), d.people[1].FamilyName)
		s.present(t, d.people, 1, 1, 0)
	})
}
