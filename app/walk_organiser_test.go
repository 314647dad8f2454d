package app_test

import (
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/apptest/browser"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
)

// user makes somebody who may sign in, with one role.
func (s *site) user(t *testing.T, email string, code locale.Code, role account.Role, scope account.Scope) int64 {
	t.Helper()
	id, err := s.App.Accounts.CreateUser(t.Context(), account.System, account.NewUser{Email: email, Name: "Lejla Softić", Locale: code})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.App.Accounts.Grant(t.Context(), account.System, id, role, scope); err != nil {
		t.Fatal(err)
	}
	return id
}

// organisation is the scope of the world's one organisation.
func (s *site) organisation() account.Scope {
	return account.Scope{Kind: account.OrganisationScope, ID: s.Organisation.ID}
}

// signIn asks for a link by mail and opens it.
func (v visitor) signIn(t *testing.T, tab *browser.Tab, email string) {
	t.Helper()
	tab.Go(v.at("/"))
	tab.Press(v.T("web.sign_in"))
	tab.Press(v.T("web.link_ask"))
	tab.Type(v.T("common.email"), email)
	tab.Press(v.T("web.link_send"))
	tab.Sees(v.T("web.link_sent"))
	var seen []string
	m := v.s.letter(t, email, &seen)
	if want := v.T("mail.sign_in_subject"); m.Subject != want {
		t.Errorf("the mail is %q, want %q", m.Subject, want)
	}
	tab.Go(v.s.link(t, m))
	tab.Press(v.T("web.sign_in_button"))
}

func TestAnOrganiserCreatesAnEventAndDecidesWhoComes(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		s.user(t, "organiser@attesta.example", v.Code(), account.Organiser, s.organisation())
		tab := v.open(t)
		v.signIn(t, tab, "organiser@attesta.example")
		tab.Sees(v.T("desk.empty"))
		tab.Press(v.T("desk.new_event"))
		title := v.create(t, tab)
		tab.Press(v.T("desk.missing.publish_do"))
		tab.Sees(v.T("desk.published"))
		tab.Press(v.T("desk.missing.open_do"))
		tab.Sees(v.T("desk.opened"), v.T("desk.phase.open"))
		v.isPublic(t, title)

		events, err := s.Events.List(t.Context(), account.System, account.ViewEvent)
		if err != nil || len(events) != 1 {
			t.Fatalf("%d events: %v", len(events), err)
		}
		v.decides(t, tab, &events[0])
	})
}

// create fills in the form of an event and returns its title.
func (v visitor) create(t *testing.T, tab *browser.Tab) locale.Text {
	t.Helper()
	title := locale.NewText(v.Code(), "Countering migrant smuggling", "mk", "Спречување криумчарење мигранти", "en", "Countering migrant smuggling", "sq", "Lufta kundër kontrabandës së migrantëve")
	tab.Press(v.T("desk.create"))
	tab.Sees(v.T("form.required"))
	tab.Choose(v.T("desk.event_type"), v.T("event.type.national_training"))
	tab.Choose(v.T("desk.original"), v.T("language."+string(v.Code())))
	tab.Type(v.T("desk.event_title"), title.By[v.Code()])
	tab.Tap(v.T("desk.other_languages"))
	for code, s := range title.By {
		if code != v.Code() {
			tab.Type(v.T("language."+string(code)), s)
		}
	}
	tab.Choose(v.T("common.country"), v.Country("MK"))
	tab.Type(v.T("common.city"), v.City("Skopje"))
	tab.Type(v.T("desk.first_day"), "2022-06-20")
	tab.Tick(v.T("language.mk"))
	tab.Tick(v.T("language.sq"))
	tab.Type(v.T("desk.seats"), "2")
	tab.Press(v.T("desk.create"))
	tab.Sees(v.T("desk.created"), v.T("desk.phase.draft"), title.By[v.Code()])
	return title
}

// isPublic looks at the event as a visitor does who reads Albanian.
func (v visitor) isPublic(t *testing.T, title locale.Text) {
	t.Helper()
	other := v.s.Catalogue.Printer("sq")
	tab := v.open(t)
	tab.Go("/sq/events")
	tab.Press(title.By["sq"])
	day, err := db.ParseDay("2022-06-20")
	if err != nil {
		t.Fatal(err)
	}
	tab.Sees(title.By["sq"], other.DateRange(day.Time, day.Plus(1).Time), other.T("public.phase.open"), other.City("Skopje"))
}

// decides approves one, puts one on the waiting list and rejects one, each of whom is told in their own language.
func (v visitor) decides(t *testing.T, tab *browser.Tab, e *event.Event) {
	t.Helper()
	var names []string
	for n, code := range []locale.Code{"sq", "mk", "cnr"} {
		x := apptest.Submission(n)
		x.Locale = code
		if _, err := v.s.Registrations.Register(t.Context(), e.Code, x); err != nil {
			t.Fatal(err)
		}
		names = append(names, x.GivenName+" "+x.FamilyName)
	}
	tab.Press(v.T("desk.registrations"))
	tab.Sees(names...)
	decide := func(who int, button string, status registration.Status) {
		t.Helper()
		tab.Tick(v.T("desk.pick") + ": " + names[who])
		tab.Press(v.T(button))
		if status == registration.Rejected {
			tab.Sees(names[who])
			tab.SeesNot(names[0], names[1])
			tab.Type(v.T("desk.reason"), "Ova obuka je za tužioce.")
			tab.Press(v.T(button))
		}
		tab.Sees(v.N("desk.decided."+string(status), 1), v.T("registration.status."+string(status)))
	}
	decide(0, "common.approve", registration.Approved)
	decide(1, "desk.to_waiting_list", registration.Waitlisted)
	decide(2, "common.reject", registration.Rejected)
	v.areTold(t, e)
}

// areTold holds each person's newest mail against the decision and the language of the person.
func (v visitor) areTold(t *testing.T, e *event.Event) {
	t.Helper()
	for n, want := range []struct {
		code locale.Code
		key  string
		says string
	}{{"sq", "approved", ""}, {"mk", "waitlisted", ""}, {"cnr", "rejected", "Ova obuka je za tužioce."}} {
		p := v.s.Catalogue.Printer(want.code)
		seen := []string{}
		first := v.s.letter(t, apptest.Submission(n).Email, &seen)
		second := v.s.letter(t, apptest.Submission(n).Email, &seen)
		subject := p.T("mail."+want.key+"_subject", "Title", p.Text(e.Title))
		for _, m := range []string{first.Subject, second.Subject} {
			if m == subject {
				subject = ""
			}
		}
		if subject != "" {
			t.Errorf("no mail %q, but %q and %q", subject, first.Subject, second.Subject)
		}
		contains(t, first.Text+second.Text, want.says)
	}
}
