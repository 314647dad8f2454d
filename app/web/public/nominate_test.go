package public_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/person"
	"attesta/app/registration"
)

// offered is a site with seats offered to an institution, and the path of its focal point's page.
func (s *site) offered(t *testing.T, e *event.Event, seats int) (*registration.Offer, string) {
	t.Helper()
	o, err := s.Registrations.OfferSeats(t.Context(), account.System, e.Code, registration.NewOffer{
		InstitutionName: "Uprava policije", InstitutionType: person.Police, InstitutionCountry: "ME", ContactName: "Mirko Kontakt",
		ContactEmail: "mirko@police.me.example", Locale: "sq", Seats: seats,
	})
	if err != nil {
		t.Fatal(err)
	}
	return o, s.Registrations.OfferPath(o)
}

func colleague(n string) url.Values {
	return url.Values{"given_name": {"Ana"}, "family_name": {"Radović " + n}, "email": {"ana." + n + "@police.me.example"}, "position": {"inspektorka"}, "language": {"mk"}}
}

// call returns the path in the mail to the last nominee.
func (s *site) call(t *testing.T, e *event.Event) string {
	t.Helper()
	var n registration.Nomination
	if err := s.DB.Read().NewSelect().Model(&n).Order("id DESC").Limit(1).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s.Registrations.NominationLink(e, &n)
}

func TestAFocalPointNominatesAndSeesWhereTheirsStand(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s.place(t, e, 1, nil) // somebody of whom the focal point sees nothing
		_, path := s.offered(t, e, 2)
		a := s.get(t, path)
		if a.code != http.StatusOK || a.attr("html", "lang") != "sq" || len(a.all("form.form")) != 1 {
			t.Fatalf("%d in %s", a.code, a.attr("html", "lang"))
		}
		if h := a.head.Get("Referrer-Policy") + " " + a.head.Get("Cache-Control"); h != "no-referrer no-store" {
			t.Errorf("headers: %s", h)
		}
		if a := s.post(t, path, url.Values{"given_name": {"Ana"}}); len(a.all(".field--error")) < 2 {
			t.Errorf("nobody is told what is missing: %d", a.code)
		}
		for _, n := range []string{"1", "2"} {
			if a := s.post(t, path, colleague(n)); a.code != http.StatusSeeOther {
				t.Fatalf("%d %s", a.code, a.body)
			}
		}
		a = s.get(t, path)
		if len(a.all("form.form")) != 0 || len(a.all("#list tbody tr")) != 2 {
			t.Errorf("%d forms, %d rows", len(a.all("form.form")), len(a.all("#list tbody tr")))
		}
		if strings.Contains(a.body, "Ćetković") || strings.Contains(a.body, "vesna") {
			t.Error("others are shown")
		}
		withdraw := url.Values{"nomination": {a.attr("#list input[name=nomination]", "value")}, "_csrf": {a.attr("input[name=_csrf]", "value")}}
		if a := s.post(t, path+"/withdraw", withdraw); a.code != http.StatusSeeOther {
			t.Fatalf("%d", a.code)
		}
		a = s.get(t, path)
		if got := a.texts("#list tbody .status"); !cmp.Equal(got, []string{"I tërhequr", "Mesazhi u dërgua, pritet përgjigjja"}) || len(a.all("form.form")) != 1 {
			t.Errorf("%v, %d forms", got, len(a.all("form.form")))
		}
	})
}

func TestAFocalPointsPageIsReadOnlyAfterItsEndAndGoneWhenRevoked(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	o, path := s.offered(t, e, 2)
	token := s.get(t, path).attr("input[name=_csrf]", "value")
	s.Clock.Set(e.Begins())
	if a := s.get(t, path); a.code != http.StatusOK || len(a.all("form.form")) != 0 {
		t.Errorf("%d, %d forms", a.code, len(a.all("form.form")))
	}
	values := colleague("1")
	values.Set("_csrf", token)
	if a := s.post(t, path, values); a.code == http.StatusSeeOther {
		t.Error("nominated after the end")
	}
	if err := s.Registrations.RevokeOffer(t.Context(), account.System, e.Code, o.ID); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, "/nominate/WRONG"} {
		if a := s.get(t, p); a.code != http.StatusNotFound {
			t.Errorf("%s: %d", p, a.code)
		}
	}
}

func TestANomineeFindsTheFormFilledInAndTheInstitutionSettled(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		_, path := s.offered(t, e, 1)
		s.post(t, path, colleague("1"))
		if _, err := s.Events.CloseRegistration(t.Context(), account.System, e.Code); err != nil {
			t.Fatal(err)
		}
		s.Clock.Set(s.Clock.Now().Add(time.Minute))
		call := s.call(t, e)
		a := s.get(t, call)
		got := a.form("form.form")
		if !strings.HasPrefix(call, "/mk/") || a.code != http.StatusOK || got.Get("given_name") != "Ana" || got.Get("email") != "ana.1@police.me.example" || got.Get("language") != "mk" {
			t.Fatalf("%s %d: %v", call, a.code, got)
		}
		got.Set("gender", "female")
		a = s.post(t, call, got)
		if len(a.all("[name=institution], [name=institution_type], [name=country]:not([type=hidden])")) != 0 || !strings.Contains(a.body, "Uprava policije") {
			t.Fatalf("the institution isn't settled: %s", a.body)
		}
		got = a.form("form.form")
		got.Set("institution", "Something else")
		got.Set("institution_type", "media")
		a = s.post(t, call, got)
		got = a.form("form.form")
		got.Set("consent_data", "yes")
		got.Set("institution", "Something else")
		if a = s.post(t, call, got); a.code != http.StatusSeeOther || !strings.HasPrefix(a.head.Get("Location"), "/my/") {
			t.Fatalf("%d %s", a.code, a.body)
		}
		list, err := s.Registrations.List(t.Context(), account.System, e, registration.Filter{})
		if err != nil || len(list) != 1 || list[0].InstitutionName != "Uprava policije" || list[0].InstitutionType != person.Police || list[0].Position != "inspektorka" || list[0].Nominator.Name != "Uprava policije" {
			t.Fatalf("%+v, %v", list, err)
		}
		if a := s.get(t, call); a.code != http.StatusOK || len(a.all("form.form")) != 0 || strings.Contains(a.body, "/my/") {
			t.Errorf("opened again: %d", a.code)
		}
		if a := s.post(t, call, url.Values{}); a.code != http.StatusConflict || strings.Contains(a.body, "/my/") {
			t.Errorf("asked for the link again: %d", a.code)
		}
		if got := s.get(t, path).texts("#list tbody .status"); !cmp.Equal(got, []string{"Aplikimi u dorëzua, pritet vendimi"}) {
			t.Errorf("the focal point sees %v", got)
		}
	})
}

func TestANomineeDeclines(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		_, path := s.offered(t, e, 1)
		s.post(t, path, colleague("1"))
		call := s.call(t, e)
		decline := s.get(t, call).attr(`a[href*="/decline"]`, "href")
		if a := s.get(t, decline); a.code != http.StatusOK || len(a.all("form[method=post]")) == 0 {
			t.Fatalf("%d", a.code)
		}
		if got := s.get(t, path).texts("#list tbody .status"); !cmp.Equal(got, []string{"Mesazhi u dërgua, pritet përgjigjja"}) {
			t.Errorf("looking declines: %v", got)
		}
		if a := s.post(t, decline, url.Values{}); a.code != http.StatusOK {
			t.Fatalf("%d", a.code)
		}
		if got := s.get(t, path).texts("#list tbody .status"); !cmp.Equal(got, []string{"I refuzuar nga personi i propozuar"}) {
			t.Errorf("the focal point sees %v", got)
		}
		for _, p := range []string{call, decline, strings.Replace(call, "nomination=", "nomination=X", 1)} {
			if a := s.get(t, p); a.code != http.StatusNotFound {
				t.Errorf("%s: %d", p, a.code)
			}
		}
	})
}

func TestTheLanguageSwitchKeepsANomineesLink(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	_, path := s.offered(t, e, 1)
	s.post(t, path, colleague("1"))
	call := s.call(t, e)
	a := s.get(t, call)
	second := s.post(t, call, a.form("form.form"))
	for _, a := range []answer{a, second} {
		if href := a.attr(`a[hreflang=en]`, "href"); !strings.Contains(href, "nomination=") {
			t.Errorf("the switch leads to %q", href)
		}
	}
}
