package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/db"
)

func TestInstitutionsListedTwiceAreMergedAndSeparatedAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Automatic)
		for i, name := range []string{"Više državno tužilaštvo u Podgorici", "Više državno tužilaštvo Podgorica", "Sud u Baru"} {
			sub := apptest.Submission(i)
			sub.Institution = name
			if _, err := s.Registrations.Register(t.Context(), e.Code, sub); err != nil {
				t.Fatal(err)
			}
		}
		s = s.as(t, coordinator)
		const list = "/desk/institutions"
		a := s.get(t, list)
		if len(a.all(".twins")) != 1 || len(a.all(".twins .choice")) != 2 {
			t.Fatalf("%s", a.body)
		}
		if a := s.post(t, list, list+"/merge", url.Values{"keep": {"1"}, "drop": {"1", "2"}}); a.code != http.StatusSeeOther {
			t.Fatal(a.code)
		}
		a = s.get(t, list)
		if len(a.all("tbody tr")) != 2 || len(a.all(".twins")) != 0 || !strings.Contains(a.texts("tbody tr")[1], "Više državno tužilaštvo Podgorica") {
			t.Errorf("%v", a.texts("tbody tr"))
		}
		undo := a.attr(".notice form", "action")
		if a := s.get(t, list+"/2"); a.head.Get("Location") != list+"/1" {
			t.Errorf("the dropped one leads to %q", a.head.Get("Location"))
		}
		if a := s.post(t, list, undo, nil); a.code != http.StatusSeeOther {
			t.Errorf("undo: %d", a.code)
		}
		if got := len(s.get(t, list).all("tbody tr")); got != 3 {
			t.Errorf("%d institutions after it was undone", got)
		}
	})
}

func TestReadersSeeAnInstitutionInTheirLanguage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Automatic)
		codes := s.apply(t, e.Code, 1)
		s = s.as(t, coordinator)
		form := s.get(t, "/desk/institutions/1").filled("form[action='/desk/institutions/1']")
		form.Del("_csrf")
		form.Set("name_en", "Higher State Prosecutor's Office in Podgorica")
		if a := s.post(t, "/desk/institutions", "/desk/institutions/1", form); a.code != http.StatusSeeOther {
			t.Fatalf("%d %s", a.code, a.body)
		}
		for path, seen := range map[string]string{
			"/desk/institutions": "tbody", "/desk/events/" + e.Code + "/registrations": "#board", "/desk/events/" + e.Code + "/registrations/" + codes[0]: "main",
		} {
			if got := s.get(t, path).text(seen); !strings.Contains(got, "Higher State Prosecutor's Office in Podgorica") {
				t.Errorf("%s: %s", path, got)
			}
		}
		if a := s.get(t, "/desk/events/"+e.Code+"/registrations.csv"); !strings.Contains(a.body, "Higher State Prosecutor's Office") {
			t.Error("the export has another name")
		}
		form.Set("name_en", strings.Repeat("x", 301))
		a := s.post(t, "/desk/institutions", "/desk/institutions/1", form)
		if a.code != http.StatusUnprocessableEntity || len(a.all("#f-name_en[aria-invalid]")) != 1 {
			t.Errorf("%d", a.code)
		}
	})
}

func TestInstitutionsAreFoundByNameTypeAndCountry(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	for _, x := range [][3]string{{"Гранична полиција", "police", "RS"}, {"Granična policija", "police", "BA"}, {"Sud u Baru", "court", "ME"}} {
		if err := d.InTx(t.Context(), apptest.Exec("INSERT INTO institutions (name, name_key, type, country, created_at) VALUES (?, ?, ?, ?, 0)", x[0], x[0], x[1], x[2])); err != nil {
			t.Fatal(err)
		}
	}
	s = s.as(t, coordinator)
	for query, want := range map[string]int{"q=granicna": 2, "q=гранична&country=BA": 1, "type=court": 1, "country=ME&type=police": 0, "q=%25": 0, "": 3} {
		if got := len(s.get(t, "/desk/institutions?"+query).all("tbody tr")); got != want {
			t.Errorf("%s: %d", query, got)
		}
	}
	if diff := cmp.Diff(http.StatusForbidden, s.as(t, organiser).get(t, "/desk/institutions").code); diff != "" {
		t.Error(diff)
	}
}
