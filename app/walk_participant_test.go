package app_test

import (
	"strings"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest/browser"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/token"
)

// titled gives an event its title in the languages of the walks.
func titled(f *event.Facts) {
	f.Title = locale.NewText("cnr", "Suzbijanje krijumčarenja migranata", "en", "Countering migrant smuggling", "mk", "Спречување криумчарење мигранти")
}

// applicant is what a person types into the form.
type applicant struct{ Given, Family, Email, Institution string }

var applicants = map[locale.Code]applicant{
	"en": {"Vesna", "Ćetković", "vesna@jt.me.example", "Više državno tužilaštvo u Podgorici"},
	"mk": {"Ѓорѓина", "Ќосева", "gjorgjina@jo.mk.example", "Основно јавно обвинителство Скопје"},
}

// apply fills in the form step by step, from its first page to the participant's own.
func (v visitor) apply(t *testing.T, tab *browser.Tab, who applicant) {
	t.Helper()
	tab.Press(v.T("public.continue"))
	tab.Sees(v.T("form.required"))
	tab.Type(v.T("common.first_name"), who.Given)
	tab.Type(v.T("common.last_name"), who.Family)
	tab.Tick(v.T("gender.female"))
	tab.Type(v.T("common.email"), who.Email)
	tab.Press(v.T("public.continue"))
	tab.Choose(v.T("common.institution_type"), v.T("institution.prosecution"))
	tab.Choose(v.T("common.country"), v.Country("XK"))
	tab.Type(v.T("common.institution"), who.Institution)
	tab.Press(v.T("public.continue"))
	tab.Sees(who.Given+" "+who.Family, who.Email, who.Institution, v.Country("XK"))
	tab.Tick(v.T("public.consent_data_title"))
	tab.Press(v.T("public.send"))
}

func TestAParticipantRegistersAndFindsEverythingBehindTheLink(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		e, who := s.Event(t, titled), applicants[v.Code()]
		tab := v.open(t)
		tab.Go(v.at("/"))
		tab.Press(v.Text(e.Title))
		if got := tab.Heading(); got != v.Text(e.Title) || tab.Language() != v.Lang() {
			t.Errorf("the event's page is headed %q in %q", got, tab.Language())
		}
		tab.Sees(v.DateRange(e.StartsOn.Time, e.EndsOn().Time), v.City("Podgorica"), v.T("event.type.national_training"))
		tab.Press(v.T("public.register"))
		v.apply(t, tab, who)
		tab.Sees(v.T("public.received"), v.T("registration.status.submitted"))

		var seen []string
		received := s.letter(t, who.Email, &seen)
		if want := v.T("mail.submitted_subject", "Title", v.Text(e.Title)); received.Subject != want || received.Language != v.Lang() {
			t.Errorf("the first mail is %q in %q, want %q", received.Subject, received.Language, want)
		}
		link := s.link(t, received)

		r := s.only(t, e)
		if _, err := s.Registrations.Decide(t.Context(), account.System, e.Code, []string{r.Code}, registration.Approved, ""); err != nil {
			t.Fatal(err)
		}
		approved := s.letter(t, who.Email, &seen)
		if want := v.T("mail.approved_subject", "Title", v.Text(e.Title)); approved.Subject != want {
			t.Errorf("the second mail is %q, want %q", approved.Subject, want)
		}
		if got := s.link(t, approved); got != link {
			t.Errorf("the second mail leads to %s, the first to %s", got, link)
		}
		v.standsApproved(t, link, e, r)
	})
}

// standsApproved opens the link on a phone that has never been here.
func (v visitor) standsApproved(t *testing.T, link string, e *event.Event, r *registration.Registration) {
	t.Helper()
	phone := browser.Open(t, v.s.Base, 360)
	phone.Go(link)
	if got := phone.Heading(); got != v.T("my.is.approved") || phone.Language() != v.Lang() {
		t.Errorf("behind the link: %q in %q", got, phone.Language())
	}
	phone.Sees(v.T("registration.status.approved"), token.Group(r.Code), v.T("public.programme"), v.DateFull(e.StartsOn.Time), v.T("public.part.morning"))
	if got := phone.Code(v.T("my.qr")); token.Fold(got) != token.Fold(r.Code) {
		t.Errorf("a camera reads %q from the screen, the code is %q", got, r.Code)
	}
	if strings.Contains(phone.Source(), r.Email) {
		t.Error("the page tells the e-mail address to whoever looks over a shoulder")
	}
}

// only returns the one registration of an event.
func (s *site) only(t *testing.T, e *event.Event) *registration.Registration {
	t.Helper()
	list := s.registrations(t, e)
	if len(list) != 1 {
		t.Fatalf("%d registrations", len(list))
	}
	return &list[0]
}

func (s *site) registrations(t *testing.T, e *event.Event) []registration.Registration {
	t.Helper()
	list, err := s.Registrations.List(t.Context(), account.System, e, registration.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
