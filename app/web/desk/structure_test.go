package desk_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/web"
	"attesta/app/web/public"
)

// structured is a site with the network's pages and the public ones, whose organiser is an administrator.
func structured(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := newSite(t, d, func(c *web.Config) {
		ruled := &administrators{c.Accounts.(people)}
		ruled.Visits = &apptest.Visits{Clock: ruled.w.Clock.Now, Who: ruled.who}
		c.Accounts, c.Network = ruled, ruled.w.Network
		c.Routes = append(c.Routes, (&public.Pages{Events: ruled.w.Events, Registrations: ruled.w.Registrations, Certificates: ruled.w.Certificates, DB: d, Catalogue: c.Catalogue}).Routes()...)
	})
	return s
}

// administrators are people among whom the organiser administers the installation.
type administrators struct{ people }

func (a *administrators) who(id int64) (account.Actor, locale.Code, error) {
	if id < 1 || int(id) > len(users) {
		return account.Actor{}, locale.English, fault.New(fault.NotFound, "error.not_found")
	}
	actor, err := a.actor(id)
	if users[id-1] == organiser {
		actor.Grants = []account.Grant{{Role: account.Administrator, Scope: account.Scope{Kind: account.Installation}}}
	}
	return actor, locale.English, err
}

func TestTheNetworksSettingsHoldOnEveryPageAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		e := s.Event(t)
		admin := s.as(t, organiser)
		f := admin.get(t, "/desk/network").filled("form.form")
		f.Set("name", "Borders and People")
		f.Set("name_mk", "Граници и луѓе")
		f.Set("contact", "office@network.example")
		f["languages"] = []string{"mk", "en", "cnr"}
		f["countries"] = []string{"ME", "MK"}
		f.Del("abroad")
		f.Del("asterisk")
		f.Set("below", "9")
		if a := admin.post(t, "/desk/network", "/desk/network", f); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		visitor := *s
		visitor.jar = map[string]string{}
		page := visitor.get(t, "/mk/events/"+e.Code)
		if got := page.text(".brand"); !strings.HasPrefix(got, "Граници и луѓе") {
			t.Errorf("the name is %s", got)
		}
		if !strings.Contains(page.text("footer"), "office@network.example") {
			t.Error("the contact isn't at the foot")
		}
		if got := page.texts(".tongue a"); len(got) != 3 {
			t.Errorf("languages on offer: %v", got)
		}
		if a := visitor.get(t, "/sq/events/"+e.Code); a.code != http.StatusNotFound {
			t.Errorf("a language that isn't on offer: %d", a.code)
		}
		r := httptest.NewRequest(http.MethodGet, "https://attesta.example/verify", nil)
		r.Header.Set("Accept-Language", "sq, mk;q=0.5")
		if a := visitor.do(t, r); a.attr("html", "lang") != "mk" {
			t.Errorf("Accept-Language leads to %s", a.attr("html", "lang"))
		}
		if got := s.Catalogue.Printer("en").Country("XK"); got != "Kosovo" {
			t.Errorf("the asterisk: %s", got)
		}
		again := admin.get(t, "/desk/network")
		if got := again.attr("input[name=below]", "value"); got != "9" {
			t.Errorf("figures below %s are hidden", got)
		}
		form := admin.get(t, "/desk/organisations/new")
		var lands []string
		for _, n := range form.all("select[name=country] option") {
			lands = append(lands, attrOf(n, "value"))
		}
		if diff := cmp.Diff([]string{"", "ME", "MK"}, lands); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWrongSettingsComeBackAsTheyWereTyped(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		admin := s.as(t, organiser)
		f := admin.get(t, "/desk/network").filled("form.form")
		f.Set("name", "")
		f.Set("contact", "nobody")
		f.Set("below", "1")
		f.Set("months", "x")
		f.Del("languages")
		a := admin.post(t, "/desk/network", "/desk/network", f)
		if a.code != http.StatusUnprocessableEntity {
			t.Fatal(a.code)
		}
		for _, id := range []string{"f-name", "f-contact", "f-below", "f-months", "f-languages"} {
			if len(a.all("#"+id+"-e")) != 1 {
				t.Errorf("nothing is said beside %s", id)
			}
		}
		if got := a.attr("input[name=contact]", "value"); got != "nobody" {
			t.Errorf("what was typed is gone: %q", got)
		}
		if s.Network.Current(t.Context()).Version != 0 {
			t.Error("something was settled")
		}
		stale := admin.get(t, "/desk/network").filled("form.form")
		first := admin.get(t, "/desk/network").filled("form.form")
		first.Set("below", "6")
		if a := admin.post(t, "/desk/network", "/desk/network", first); a.code != http.StatusSeeOther {
			t.Fatal(a.code)
		}
		stale.Set("below", "7")
		a = admin.post(t, "/desk/network", "/desk/network", stale)
		if a.code != http.StatusUnprocessableEntity || len(a.all(".note--wait")) == 0 || a.attr("input[name=below]", "value") != "7" {
			t.Errorf("over somebody else's change: %d", a.code)
		}
		if a := admin.post(t, "/desk/network", "/desk/network", a.filled("form.form")); a.code != http.StatusSeeOther {
			t.Errorf("saved again, which means it: %d", a.code)
		}
	})
}

func TestAnOrganisationIsMadeChangedAndClosed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		admin := s.as(t, organiser)
		const list, fresh = "/desk/organisations", "/desk/organisations/new"
		a := admin.post(t, fresh, fresh, url.Values{"original": {"sq"}, "name": {""}, "website": {"nowhere"}, "city": {"Tiranë"}})
		if a.code != http.StatusUnprocessableEntity || a.attr("input[name=city]", "value") != "Tiranë" || len(a.all("#f-website-e")) != 1 || len(a.all("#f-country-e")) != 1 {
			t.Errorf("wrong: %d %s", a.code, a.body)
		}
		if a := admin.post(t, fresh, fresh, url.Values{"original": {"sq"}, "name": {"Qendra Udha"}, "name_en": {"Udha Centre"}, "country": {"AL"}}); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		if !slices.Contains(admin.get(t, list).texts("tbody th a"), "Udha Centre") {
			t.Error("it isn't listed")
		}
		const one = list + "/qendra-udha"
		f := admin.get(t, one).filled("form.form")
		f.Set("name", "Qendra e Udhës")
		if a := admin.post(t, one, one, f); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		o, err := s.Projects.OrganisationByCode(t.Context(), account.System, "qendra-udha")
		if err != nil || o.Name.By["sq"] != "Qendra e Udhës" || o.Name.By["en"] != "Udha Centre" || o.Name.Original != "sq" {
			t.Errorf("%+v, %v", o, err)
		}
		if a := admin.post(t, one, one+"/close", nil); a.code != http.StatusSeeOther {
			t.Fatal(a.code)
		}
		if got := admin.get(t, "/desk/projects/new").body; strings.Contains(got, "Udha Centre") {
			t.Error("a closed organisation is offered")
		}
		if a := s.as(t, coordinator).get(t, list); a.code != http.StatusForbidden {
			t.Errorf("a coordinator: %d", a.code)
		}
	})
}

func TestTranslationsIntoLanguagesThatAreNotOnOfferStay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		admin := s.as(t, organiser)
		name := locale.NewText("sq", "Udha", "en", "Road", "mk", "Пат")
		if _, err := s.Projects.CreateOrganisation(t.Context(), account.System, project.Organisation{Code: "udha", Name: name, Country: "AL"}); err != nil {
			t.Fatal(err)
		}
		n := s.Network.Current(t.Context())
		n.Languages = []locale.Code{"en"}
		if _, err := s.Network.Update(t.Context(), account.System, n, n.Version); err != nil {
			t.Fatal(err)
		}
		f := admin.get(t, "/desk/organisations/udha").filled("form.form")
		f.Set("name_en", "Way")
		if a := admin.post(t, "/desk/organisations/udha", "/desk/organisations/udha", f); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		o, err := s.Projects.OrganisationByCode(t.Context(), account.System, "udha")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(locale.NewText("sq", "Udha", "en", "Way", "mk", "Пат"), o.Name); diff != "" {
			t.Error(diff)
		}
	})
}

// uploadLogo sends a file as a form does.
func (s *site) uploadLogo(t *testing.T, from, path string, file []byte) answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("_csrf", s.get(t, from).attr("input[name=_csrf]", "value")); err != nil {
		t.Fatal(err)
	}
	part, err := w.CreateFormFile("logo", "logo.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "https://attesta.example"+path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return s.do(t, r)
}

func TestADonorsLogoAndLineStandOnPublicPages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		e := s.Event(t)
		admin := s.as(t, organiser)
		const fresh = "/desk/donors/new"
		made := url.Values{"original": {"en"}, "kind": {"other"}, "name": {"A Foundation"}, "line": {"Supported by A Foundation"}, "line_mk": {"Со поддршка од фондацијата"}, "disclaimer": {"Views are ours"}}
		if a := admin.post(t, fresh, fresh, made); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		const one = "/desk/donors/a-foundation"
		im := image.NewRGBA(image.Rect(0, 0, 120, 60))
		im.Set(5, 5, color.Black)
		var file bytes.Buffer
		if err := png.Encode(&file, im); err != nil {
			t.Fatal(err)
		}
		a := admin.uploadLogo(t, one, one+"/logo", []byte("<svg></svg>"))
		if a.code != http.StatusUnprocessableEntity || len(a.all("#f-logo-e")) != 1 || a.attr("input[name=line]", "value") != "Supported by A Foundation" {
			t.Errorf("a drawing: %d", a.code)
		}
		if a := admin.uploadLogo(t, one, one+"/logo", file.Bytes()); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		_, f, err := s.Projects.ForEditing(t.Context(), account.System, "P1")
		if err != nil {
			t.Fatal(err)
		}
		o, err := s.Projects.DonorByCode(t.Context(), account.System, "a-foundation")
		if err != nil {
			t.Fatal(err)
		}
		f.Donors = append(f.Donors, project.Funding{DonorID: o.ID})
		if _, err := s.Projects.Update(t.Context(), account.System, "P1", 1, f); err != nil {
			t.Fatal(err)
		}
		page := s.get(t, "/mk/events/"+e.Code)
		if got := page.texts(".visibility__one p"); len(got) != 2 || got[1] != "Со поддршка од фондацијата Views are ours" {
			t.Errorf("the strip says %q", got)
		}
		logo := s.get(t, page.attr(`.visibility img[src^="/logos/"]`, "src"))
		if logo.code != http.StatusOK || logo.head.Get("Cache-Control") != "public, max-age=31536000, immutable" || logo.head.Get("Content-Type") != "image/png" {
			t.Errorf("%d %v", logo.code, logo.head)
		}
		if a := s.get(t, "/logos/0000.png"); a.code != http.StatusNotFound {
			t.Errorf("a logo that isn't there: %d", a.code)
		}
		if a := admin.post(t, one, one+"/logo/remove", nil); a.code != http.StatusSeeOther {
			t.Fatal(a.code)
		}
		if len(s.get(t, "/mk/events/"+e.Code).all(`.visibility img[src^="/logos/"]`)) != 0 {
			t.Error("the logo is still there")
		}
	})
}

func TestTheRowsOfAProjectAreChangedWithoutScriptsAndNothingIsLost(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		other, err := s.Projects.CreateDonor(t.Context(), account.System, project.Donor{Code: "f", Kind: project.OtherDonor, Name: locale.NewText("en", "A Foundation")})
		if err != nil {
			t.Fatal(err)
		}
		const one = "/desk/projects/P1"
		boss := s.as(t, coordinator)
		f := boss.get(t, one).filled("form.form")
		if f.Has("code") {
			t.Error("a coordinator may change the code")
		}
		f.Set("title", "Borders")
		f.Set("more", "donor")
		a := boss.post(t, one, one, f)
		if a.code != http.StatusOK || len(a.all(".funder")) != 2 || a.attr("input[name=title]", "value") != "Borders" {
			t.Fatalf("a row more: %d, %d rows", a.code, len(a.all(".funder")))
		}
		f = a.filled("form.form")
		eu := f.Get("donor_1")
		f.Set("donor_2", fmt.Sprint(other.ID))
		f.Set("share_1", "85,5")
		f.Set("share_2", "14.6")
		a = boss.post(t, one, one, f)
		if a.code != http.StatusUnprocessableEntity || len(a.all("#f-share_2-e")) != 1 || a.attr("input[name=share_1]", "value") != "85,5" {
			t.Errorf("more than the whole: %d %v", a.code, a.texts(".errors li"))
		}
		f = a.filled("form.form")
		f.Set("share_2", "14,5")
		f.Set("up", "2")
		a = boss.post(t, one, one, f)
		f = a.filled("form.form")
		if f.Get("donor_1") != fmt.Sprint(other.ID) || f.Get("donor_2") != eu || f.Get("share_1") != "14,5" {
			t.Errorf("moved up: %v", f)
		}
		f.Set("ends_on", "2023-06-30")
		f.Set("target_events", "9")
		if a := boss.post(t, one, one, f); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		p, facts, err := s.Projects.ForEditing(t.Context(), account.System, "P1")
		if err != nil {
			t.Fatal(err)
		}
		want := []project.Funding{{DonorID: other.ID, Share: 145}, {DonorID: facts.Donors[1].DonorID, Share: 855}}
		if diff := cmp.Diff(want, facts.Donors); diff != "" || p.Code != "P1" || p.Title.By["en"] != "Borders" {
			t.Errorf("%+v %s", p, diff)
		}
		if p.RetentionOn.String() != "2030-06-30" || len(facts.Indicators) != 1 {
			t.Errorf("people are anonymised after %s, targets %v", p.RetentionOn, facts.Indicators)
		}
	})
}

func TestAProjectOfOthersIsNotThere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		if _, err := s.Projects.Create(t.Context(), account.System, project.Facts{Code: "P2", Title: locale.NewText("en", "Another grant")}); err != nil {
			t.Fatal(err)
		}
		boss := s.as(t, coordinator)
		if a := boss.get(t, "/desk/projects/P2"); a.code != http.StatusNotFound {
			t.Errorf("it opens: %d", a.code)
		}
		if a := boss.post(t, "/desk/projects/P1", "/desk/projects/P2", url.Values{"title": {"Mine"}}); a.code != http.StatusNotFound {
			t.Errorf("it is changed: %d", a.code)
		}
		if got := boss.get(t, "/desk/projects").texts("tbody th a"); len(got) != 1 {
			t.Errorf("listed: %v", got)
		}
		if a := boss.get(t, "/desk/projects/new"); a.code != http.StatusForbidden {
			t.Errorf("a coordinator makes one: %d", a.code)
		}
		admin := s.as(t, organiser)
		if a := admin.post(t, "/desk/projects/new", "/desk/projects/new", url.Values{"original": {"en"}, "title": {"Third"}, "code": {"P2"}}); a.code != http.StatusUnprocessableEntity || len(a.all("#f-code-e")) != 1 {
			t.Errorf("a code that is taken: %d", a.code)
		}
		if a := admin.post(t, "/desk/projects/new", "/desk/projects/new", url.Values{"original": {"en"}, "title": {"Third"}, "code": {"P3"}}); a.code != http.StatusSeeOther {
			t.Errorf("%d %v", a.code, a.texts(".errors li"))
		}
	})
}

func TestAnEventKeepsItsTitleInALanguageThatIsNotOnOffer(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := structured(t, d)
		e := s.Event(t)
		n := s.Network.Current(t.Context())
		n.Languages = []locale.Code{"en"}
		if _, err := s.Network.Update(t.Context(), account.System, n, n.Version); err != nil {
			t.Fatal(err)
		}
		admin, at := s.as(t, organiser), "/desk/events/"+e.Code+"/edit"
		f := admin.get(t, at).filled("form.form")
		f.Set("original", "en")
		f.Set("title", "Countering smuggling")
		f["languages"] = []string{"en"}
		if a := admin.post(t, at, at, f); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		if got := s.Reload(t, e).Title.By; got["cnr"] != "Suzbijanje krijumčarenja migranata" || got["en"] != "Countering smuggling" {
			t.Errorf("%v", got)
		}
	})
}
