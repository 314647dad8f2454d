package desk_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/registration"
)

// holds gives a user of the site the role for real, as offers ask for it.
func (s *site) holds(t *testing.T, id int64) {
	t.Helper()
	err := s.DB.InTx(t.Context(), apptest.Exec("INSERT INTO grants (user_id, role, scope_kind, scope_id, created_at) VALUES (?, 'organiser', 'organisation', ?, 0)", id, s.Organisation.ID))
	if err != nil {
		t.Fatal(err)
	}
}

func offerForm() url.Values {
	return url.Values{
		"institution": {"new"}, "institution_name": {"Uprava policije"}, "institution_type": {"police"}, "institution_country": {"ME"},
		"contact_name": {"Mirko Kontakt"}, "contact_email": {"mirko@police.me.example"}, "language": {"cnr"}, "seats": {"2"},
	}
}

// offered is an offer made through the page, as it is kept.
func (s *site) offered(t *testing.T, e *event.Event) *registration.Offer {
	t.Helper()
	path := "/desk/events/" + e.Code + "/nominations"
	if a := s.post(t, path, path, offerForm()); a.code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.code, a.body)
	}
	var o registration.Offer
	if err := s.DB.Read().NewSelect().Model(&o).Order("id DESC").Limit(1).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &o
}

func TestAnOrganiserOffersSeatsAndFollowsThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		s.holds(t, 1)
		e := s.Event(t)
		path := "/desk/events/" + e.Code + "/nominations"
		if a := s.post(t, path, path, url.Values{"institution": {"new"}, "seats": {"0"}}); len(a.all(".field--error")) < 4 {
			t.Errorf("nobody is told what is missing: %d", a.code)
		}
		o := s.offered(t, e)
		again := offerForm()
		again.Set("institution", strconv.FormatInt(o.InstitutionID, 10))
		again.Set("institution_name", "ignored")
		if a := s.post(t, path, path, again); a.code != http.StatusSeeOther {
			t.Fatalf("to an institution of the list: %d %s", a.code, a.body)
		}
		n, err := s.Registrations.Nominate(t.Context(), o.Actor(), o.ID, registration.Nominee{GivenName: "Ana", FamilyName: "Radović", Email: "ana@police.me.example", Locale: "cnr"})
		if err != nil {
			t.Fatal(err)
		}
		_, token, _ := strings.Cut(s.Registrations.NominationLink(e, n), "nomination=")
		r, err := s.Registrations.RegisterNominated(t.Context(), e.Code, token, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		got := s.get(t, path).texts("tbody tr:last-child td.num")
		if diff := cmp.Diff([]string{"2", "1", "1", "0"}, got); diff != "" {
			t.Error(diff)
		}
		one := path + "/" + strconv.FormatInt(o.ID, 10)
		if a := s.get(t, one); !cmp.Equal(a.texts("tbody .status"), []string{"Applied, waiting for the decision"}) || len(a.all("a[href$='/registrations/"+r.Code+"']")) != 1 {
			t.Errorf("%d %v", a.code, a.texts("tbody .status"))
		}
		if a := s.post(t, one, one, url.Values{"seats": {"5"}, "until": {"2022-05-10"}}); a.code != http.StatusSeeOther {
			t.Errorf("%d %s", a.code, a.body)
		}
		if a := s.post(t, one, one, url.Values{"seats": {"0"}, "until": {"2022-04-01"}}); len(a.all(".field--error")) == 0 {
			t.Errorf("no seats: %d", a.code)
		}
		for _, deed := range []string{"remind", "send", "revoke", "send", "revoke"} {
			if a := s.post(t, one, one+"/"+deed, nil); a.code != http.StatusSeeOther {
				t.Errorf("%s: %d", deed, a.code)
			}
		}
		if got := s.get(t, one).texts("main .status--stop"); len(got) == 0 || got[0] != "Revoked" {
			t.Errorf("%v", got)
		}
	})
}

func TestTheBoardSaysWhoNominatedWhomAndNarrowsByIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		s.holds(t, 1)
		e := s.Event(t)
		if _, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(2)); err != nil {
			t.Fatal(err)
		}
		board := "/desk/events/" + e.Code + "/registrations"
		if strings.Contains(s.get(t, board).body, "Nominated by") {
			t.Error("a facet without anybody nominated")
		}
		o := s.offered(t, e)
		n, err := s.Registrations.Nominate(t.Context(), o.Actor(), o.ID, registration.Nominee{GivenName: "Ana", FamilyName: "Radović", Email: "ana@police.me.example", Locale: "cnr"})
		if err != nil {
			t.Fatal(err)
		}
		_, token, _ := strings.Cut(s.Registrations.NominationLink(e, n), "nomination=")
		if _, err := s.Registrations.RegisterNominated(t.Context(), e.Code, token, apptest.Submission(1)); err != nil {
			t.Fatal(err)
		}
		a := s.get(t, board)
		if rows := a.all("#board tbody tr"); len(rows) != 2 || strings.Count(a.text("#board"), "Nominated by: Uprava policije") != 1 {
			t.Errorf("%d rows: %s", len(rows), a.text("#board"))
		}
		list, err := s.Registrations.List(t.Context(), account.System, e, registration.Filter{Search: "Ćetković-1"})
		if err != nil || len(list) != 1 || !strings.Contains(s.get(t, board+"/"+list[0].Code).body, "Nominated by") {
			t.Errorf("the person's page doesn't say who nominated them: %v, %v", list, err)
		}
		if rows := s.get(t, board+"?nominated="+strconv.FormatInt(o.InstitutionID, 10)).all("#board tbody tr"); len(rows) != 1 {
			t.Errorf("narrowed to %d rows", len(rows))
		}
	})
}

func TestNobodyMailsOffersWithoutEnd(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	s.holds(t, 1)
	e := s.Event(t)
	o := s.offered(t, e)
	at := "/desk/events/" + e.Code + "/nominations/" + strconv.FormatInt(o.ID, 10)
	for range 59 {
		if a := s.post(t, at, at+"/send", nil); a.code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.code, a.body)
		}
	}
	if a := s.post(t, at, at+"/send", nil); a.code != http.StatusTooManyRequests {
		t.Errorf("sent again: %d", a.code)
	}
	path := "/desk/events/" + e.Code + "/nominations"
	if a := s.post(t, path, path, offerForm()); a.code != http.StatusTooManyRequests {
		t.Errorf("offered: %d", a.code)
	}
}

func TestNominationsOfAnotherOrganisationArentThere(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	s.holds(t, 1)
	e := s.Event(t)
	o := s.offered(t, e)
	path := "/desk/events/" + e.Code + "/nominations"
	one := path + "/" + strconv.FormatInt(o.ID, 10)
	other := s.as(t, stranger)
	for _, p := range []string{path, one} {
		if a := other.get(t, p); a.code != http.StatusNotFound {
			t.Errorf("GET %s: %d", p, a.code)
		}
	}
	for _, p := range []string{path, one, one + "/send", one + "/revoke", one + "/remind"} {
		if a := other.post(t, "/desk/events/new", p, offerForm()); a.code != http.StatusNotFound {
			t.Errorf("POST %s: %d", p, a.code)
		}
	}
	elsewhere := s.Event(t)
	if a := s.get(t, "/desk/events/"+elsewhere.Code+"/nominations/"+strconv.FormatInt(o.ID, 10)); a.code != http.StatusNotFound {
		t.Errorf("through another event: %d", a.code)
	}
}
