package desk_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/registration"
)

// upload sends a form with a file.
func (s *site) upload(t testing.TB, path, name, content string, values map[string]string) answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	values["_csrf"] = s.get(t, path).attr("input[name=_csrf]", "value")
	for k, v := range values {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "https://attesta.example"+path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.do(t, r)
}

const list = "Ime;Prezime;Institucija;E-mail\nVesna;Vuković;Uprava policije;vesna@me.example\nĐorđe;Savić;<script>alert(1)</script>;djordje@rs.example\n;;Ukupno: 2;\n"

func TestAListIsShownBeforeItIsTaken(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		e := s.Event(t)
		at := "/desk/events/" + e.Code + "/import"
		count := func() int {
			all, err := s.Registrations.List(t.Context(), account.System, e, registration.Filter{})
			if err != nil {
				t.Fatal(err)
			}
			return len(all)
		}
		a := s.upload(t, at, "spisak.csv", list, map[string]string{"do": "look"})
		if got := a.texts(".figure .value"); a.code != http.StatusOK || !slices.Equal(got, []string{"2", "2", "0", "0"}) || count() != 0 {
			t.Fatalf("looked at: %d %q, %d taken", a.code, got, count())
		}
		if got := a.texts("section table td[data-label='Taken for']"); !slices.Contains(got, "First name") || !slices.Contains(got, "Institution") {
			t.Errorf("columns: %q", got)
		}
		sent := map[string]string{"do": "take"}
		for name, v := range a.filled("form.actions") {
			sent[name] = v[0]
		}
		a = s.upload(t, at, "", "", sent)
		if a.code != http.StatusOK || count() != 2 {
			t.Fatalf("taken: %d, %d registrations %q", a.code, count(), a.texts("#errors li"))
		}
		a = s.upload(t, at, "spisak.csv", list, map[string]string{"do": "take"})
		if got := a.texts(".figure .value"); !slices.Equal(got, []string{"2", "0", "0", "0"}) || count() != 2 {
			t.Errorf("the same again: %q, %d registrations", got, count())
		}
	})
}

func TestAFileThatIsNoListIsRefusedBesideTheField(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d).as(t, organiser)
	e := s.Event(t)
	at := "/desk/events/" + e.Code + "/import"
	for name, content := range map[string]string{"": "", "picture.xlsx": "PK\x03\x04 no workbook", "notes.txt": "nothing of the kind\n"} {
		if a := s.upload(t, at, name, content, map[string]string{"do": "look"}); a.code != http.StatusUnprocessableEntity || len(a.all("#f-file-e")) != 1 {
			t.Errorf("%q: %d %q", name, a.code, a.texts("h1"))
		}
	}
}

func TestACoordinatorSeesCompleteFiguresWithTheirRulesAndFreezesThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Automatic)
		codes := s.apply(t, e.Code, 3)
		org, _ := newPeople(s.World).actor(1)
		for _, code := range codes[:2] {
			if _, err := s.Attendance.Mark(t.Context(), org, attendance.Mark{EventCode: e.Code, Position: 1, Code: code, Source: attendance.Scan}); err != nil {
				t.Fatal(err)
			}
		}
		s.Clock.Set(time.Date(2022, 5, 20, 9, 0, 0, 0, time.UTC))
		c := s.as(t, coordinator)
		if a := c.get(t, "/desk/figures"); a.head.Get("Location") != "/desk/figures/P1" {
			t.Errorf("one project: %d %s", a.code, a.head.Get("Location"))
		}
		a := c.get(t, "/desk/figures/P1")
		if got := a.texts(".figure .value"); !slices.Equal(got, []string{"1", "3", "2", "2", "2", "0", "2"}) {
			t.Errorf("figures: %q", got)
		}
		if rules := a.texts(".figure .rule"); len(rules) != 7 || slices.Contains(rules, "") {
			t.Errorf("rules: %q", rules)
		}
		c.press(t, "/desk/figures/P1", "/desk/figures/P1/reports", url.Values{"for": {"organiser"}})
		for i, begins := range []string{"%PDF", "PK", "\ufeff"} {
			href := attrOf(c.get(t, "/desk/figures/P1").all("#reports td a")[i], "href")
			if a := c.get(t, href); !strings.HasPrefix(a.body, begins) {
				t.Errorf("%s: %d %.20q", href, a.code, a.body)
			}
		}
		if a := s.as(t, organiser).get(t, "/desk/figures/P1"); a.code != http.StatusForbidden {
			t.Errorf("an organiser: %d", a.code)
		}
	})
}
