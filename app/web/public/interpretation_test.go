package public_test

import (
	"maps"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

func TestTheFormAsksIntoWhichLanguageInterpretationIsNeeded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, func(f *event.Facts) { f.Interpretation = []locale.Code{"mk", "sq"} })
		_, offer := s.offered(t, e, 1)
		s.post(t, offer, colleague("a"))
		for name, path := range map[string]string{"anyone": "/mk/events/" + e.Code + "/register", "a nominee": s.call(t, e)} {
			form := func(a answer, more url.Values) url.Values {
				v := a.form("form.form")
				maps.Copy(v, more)
				return v
			}
			given := url.Values{"given_name": {"Ana"}, "family_name": {"An"}, "email": {"a@example.mk"}}
			if name == "a nominee" {
				given = url.Values{"given_name": {"Beti"}, "family_name": {"Be"}, "email": {"b@example.mk"}}
			}
			second := s.post(t, path, form(s.get(t, path), given))
			if got := second.attr("input[name=interpretation][checked]", "value"); got != "" {
				t.Errorf("%s: %q is chosen at first", name, got)
			}
			if diff := cmp.Diff([]string{"Без преведување", "Македонски", "Shqip"}, second.texts("#f-interpretation .choice label")); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
			where := url.Values{"institution_type": {"prosecution"}, "country": {"MK"}, "institution": {"Office"}, "interpretation": {"hr"}}
			wrong := s.post(t, path, form(second, where))
			if len(wrong.all("#f-interpretation-e")) != 1 {
				t.Errorf("%s: a language that isn't offered: %v", name, wrong.texts(".errors li"))
			}
			where.Set("interpretation", "sq")
			third := s.post(t, path, form(second, where))
			if got := third.texts(".facts--read dd"); !slices.Contains(got, "Shqip") {
				t.Errorf("%s: read back: %v", name, got)
			}
			back := s.post(t, path, form(third, url.Values{"go": {"2"}}))
			if got := back.attr("input[name=interpretation][checked]", "value"); got != "sq" {
				t.Errorf("%s: after Back: %q", name, got)
			}
			if done := s.post(t, path, form(third, url.Values{"consent_data": {"yes"}})); done.code != 303 {
				t.Errorf("%s: %d %v", name, done.code, done.texts(".errors li"))
			}
		}
		for _, r := range s.registrations(t, e) {
			if r.Interpretation != "sq" {
				t.Errorf("%s asks for %q", r.GivenName, r.Interpretation)
			}
		}
	})
}

func TestTheFormOfAnEventThatIsntInterpretedDoesntAsk(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		path := "/en/events/" + s.Event(t).Code + "/register"
		form := s.get(t, path).form("form.form")
		maps.Copy(form, url.Values{"given_name": {"Ana"}, "family_name": {"An"}, "email": {"a@example.mk"}})
		second := s.post(t, path, form)
		if second.code != 200 || len(second.all("[name=interpretation]")) != 0 {
			t.Errorf("%d, it asks", second.code)
		}
		form = second.form("form.form")
		maps.Copy(form, url.Values{"institution_type": {"prosecution"}, "country": {"MK"}, "institution": {"Office"}})
		if got := s.post(t, path, form); slices.Contains(got.texts(".facts--read dt"), "Interpretation") {
			t.Error("it is read back")
		}
	})
}
