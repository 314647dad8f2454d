package desk_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/project"
)

// spokenFor adds somebody who leads the first session.
func (s *site) spokenFor(t *testing.T, e *event.Event) {
	t.Helper()
	sessions := s.content(t, e).Sessions
	x := &event.Speaker{EventID: e.ID, Position: 1, Code: "vesna", Name: "Vesna Ćetković", Kind: event.Trainer, Shown: event.ToAll}
	err := s.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewInsert().Model(x).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sessions[0].Speakers = []int64{x.ID}
	s.Programme(t, e, sessions...)
}

func TestACopyIsMadeFromAFormThatIsFilledInAlready(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.bilingual(t)
		s.spokenFor(t, e)
		s.apply(t, e.Code, 2)
		s = s.as(t, organiser)
		at := "/desk/events/" + e.Code + "/copy"
		form := s.get(t, at).filled("form.form")
		form.Del("_csrf")
		want := url.Values{
			"starts_on": {"2022-06-13"}, "title": {"Suzbijanje krijumčarenja migranata"}, "title_en": {"Countering migrant smuggling"}, "code": {"event-2"},
			"place": {"P1 lead"}, "country": {"ME"}, "city": {"Podgorica"}, "what": {"texts", "programme", "window"},
		}
		if diff := cmp.Diff(want, form); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		s.press(t, at, at, form)
		made, err := s.Events.ByCode(t.Context(), account.System, "event-2")
		if err != nil {
			t.Fatal(err)
		}
		c := s.content(t, made)
		if len(c.Sessions) != 2 || len(c.Speakers) != 0 || made.StartsOn.String() != "2022-06-13" || made.State != event.Draft || made.SeatsAsked != 0 {
			t.Errorf("%d sessions, %d speakers, %s, %s, %d applications", len(c.Sessions), len(c.Speakers), made.StartsOn, made.State, made.SeatsAsked)
		}
	})
}

func TestTheYearInACopiedNameIsThatOfTheNewDate(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	f := event.Facts{
		Code: "conference-2021", ProjectID: s.Project.ID, OrganisationID: s.Organisation.ID, Type: event.Conference, Country: "MK", City: "Skopje", Days: 1, Seats: 9,
		Title: locale.NewText("en", "Regional conference 2021", "mk", "Регионална конференција 2021"), Languages: []locale.Code{"en"},
	}
	f.StartsOn, _ = db.ParseDay("2021-05-24")
	e, err := s.Events.Create(t.Context(), account.System, f)
	if err != nil {
		t.Fatal(err)
	}
	s = s.as(t, organiser)
	form := s.get(t, "/desk/events/"+e.Code+"/copy").filled("form.form")
	got := []string{form.Get("starts_on"), form.Get("title"), form.Get("title_mk"), form.Get("code")}
	if diff := cmp.Diff([]string{"2022-05-23", "Regional conference 2022", "Регионална конференција 2022", "conference-2022"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsWrongWithACopyStandsBesideItsFieldAndNothingIsLost(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.bilingual(t)
	s = s.as(t, organiser)
	at := "/desk/events/" + e.Code + "/copy"
	for _, c := range []struct{ field, value, says string }{
		{"code", e.Code, "Another event has this short name already. Choose another one."},
		{"code", "new", "This short name is used by the program itself. Choose another one."},
		{"title", "", "This field is required."},
		{"title", strings.Repeat("ш", 301), "This text is too long: at most 300 characters."},
		{"starts_on", "soon", "Enter a valid date."},
		{"place", "P2 other", "Choose one of the options."},
		{"country", "", "Choose one of the options."},
	} {
		form := s.get(t, at).filled("form.form")
		form.Set(c.field, c.value)
		form.Set("title_en", "Kept")
		form["what"] = []string{"programme"}
		a := s.post(t, at, at, form)
		if got := strings.TrimPrefix(a.text("#f-"+c.field+"-e"), "Error: "); a.code != http.StatusUnprocessableEntity || got != c.says {
			t.Errorf("%s %.20q: %d %q", c.field, c.value, a.code, got)
		}
		if back := a.filled("form.form"); back.Get("title_en") != "Kept" || !slices.Equal(back["what"], []string{"programme"}) {
			t.Errorf("%s: came back as %v", c.field, back)
		}
	}
	if list, _ := s.Events.List(t.Context(), account.System, account.ViewEvent); len(list) != 1 {
		t.Errorf("%d events", len(list))
	}
}

func TestATemplateOfTheNetworkIsOfferedToThoseWhoCanNotReachIt(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.bilingual(t)
	s.spokenFor(t, e)
	if _, err := s.Projects.AddOrganisation(t.Context(), account.System, project.Organisation{Code: "strange", Name: locale.NewText("en", "Strange"), Country: "MK"}); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"UPDATE organisations SET id = 9999 WHERE code = 'strange'", "INSERT INTO project_organisations (project_id, organisation_id) VALUES (1, 9999)"} {
		if err := d.InTx(t.Context(), apptest.Exec(q)); err != nil { // the stranger is one of its organisers
			t.Fatal(err)
		}
	}
	other := s.as(t, stranger)
	at := "/desk/events/" + e.Code + "/copy"
	if got := other.get(t, at).code; got != http.StatusNotFound {
		t.Errorf("an event out of reach: %d", got)
	}
	if got := other.get(t, "/desk/events/new/from").texts(".lines a"); len(got) != 0 {
		t.Errorf("offered: %v", got)
	}
	own := s.as(t, organiser)
	if a := own.post(t, at, "/desk/templates/"+e.Code, url.Values{"on": {"yes"}}); a.code != http.StatusForbidden {
		t.Errorf("an organiser makes a template of the network: %d", a.code)
	}
	if _, err := s.Events.SetTemplate(t.Context(), account.System, e.Code, true); err != nil {
		t.Fatal(err)
	}
	a := other.get(t, "/desk/events/new/from")
	if got := a.texts(".lines strong"); !slices.Equal(got, []string{"Countering migrant smuggling"}) || a.attr(".lines a", "href") != at {
		t.Errorf("offered: %v", got)
	}
	a = other.get(t, at)
	for _, secret := range []string{"Vesna", "Podgorica", "Lead Organisation"} {
		if strings.Contains(a.text("main"), secret) {
			t.Errorf("the page of a template tells %s", secret)
		}
	}
	if form := a.filled("form.form"); form.Get("city") != "" || form.Get("country") != "MK" || !slices.Equal(form["what"], []string{"texts", "programme"}) {
		t.Errorf("the page of a template suggests %v", form)
	}
	if got := own.get(t, "/desk/events/new/from").texts(".lines strong"); !slices.Equal(got, []string{"Countering migrant smuggling", "Countering migrant smuggling"}) {
		t.Errorf("its own organiser is offered %v", got)
	}
}
