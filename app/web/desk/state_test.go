package desk_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/locale"
	"attesta/app/project"
)

func TestThePageOfAnEventsLifeOffersWhatCanBeDoneNow(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s = s.as(t, organiser)
		at := "/desk/events/" + e.Code
		now := func() string { return s.get(t, at+"/state").text(".life [aria-current] b") }
		deeds := func() []string { return s.get(t, at+"/state").texts(".deed h4") }
		if got := deeds(); now() != "Registration open" || !slices.Equal(got, []string{"Close registration", "Back to draft", "Cancel the event"}) {
			t.Errorf("%s: %q", now(), got)
		}
		s.press(t, at+"/state", at+"/unpublish", nil)
		if got := deeds(); now() != "Draft" || !slices.Equal(got, []string{"Publish", "Open registration", "Remove the draft"}) {
			t.Errorf("%s: %q", now(), got)
		}
		s.press(t, at+"/state", at+"/open", nil)
		s.apply(t, e.Code, 1)
		if got := deeds(); !slices.Equal(got, []string{"Close registration", "Cancel the event"}) {
			t.Errorf("with an application: %q", got)
		}
		s.press(t, at+"/state", at+"/unpublish", nil)
		if now() != "Registration open" {
			t.Errorf("it is %s", now())
		}
		s.Clock.Set(e.Ends())
		s = s.as(t, organiser)
		if got := deeds(); now() != "Completed" || !slices.Equal(got, []string{"Archive"}) {
			t.Errorf("%s: %q", now(), got)
		}
		s.press(t, at+"/state", at+"/archive", nil)
		if got := deeds(); now() != "Archived" || !slices.Equal(got, []string{"Take out of the archive"}) {
			t.Errorf("%s: %q", now(), got)
		}
		s.press(t, at+"/state", at+"/unarchive", nil)
		if now() != "Completed" {
			t.Errorf("it is %s", now())
		}
	})
}

func TestADraftIsRemovedOnceItsNameWasRead(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s = s.as(t, organiser)
		at := "/desk/events/" + e.Code
		if a := s.get(t, at+"/discard"); a.code != http.StatusSeeOther {
			t.Errorf("of a published event: %d", a.code)
		}
		s.press(t, at+"/state", at+"/unpublish", nil)
		if got := s.get(t, at+"/discard").text(".lead"); got != "Countering migrant smuggling" {
			t.Errorf("it asks about %q", got)
		}
		s.press(t, at+"/discard", at+"/discard", nil)
		if a := s.get(t, at); a.code != http.StatusNotFound {
			t.Errorf("afterwards: %d", a.code)
		}
	})
}

func TestAnEventIsCancelledByItsNameWithAReasonAndTheNumberOfThoseTold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s.apply(t, e.Code, 3)
		s = s.as(t, organiser)
		at := "/desk/events/" + e.Code
		a := s.get(t, at+"/cancel")
		if got := a.text(".note--stop"); !strings.HasPrefix(got, "3 people get a mail with the reason, each in their language.") {
			t.Errorf("it says %q", got)
		}
		if got := a.text("p.lead"); got != "Countering migrant smuggling" {
			t.Errorf("it names %q", got)
		}
		long := strings.Repeat("x", 2001)
		a = s.post(t, at+"/cancel", at+"/cancel", url.Values{"reason_en": {long}})
		if a.code != http.StatusUnprocessableEntity || a.text("#f-reason-e") != "Error: This field is required." || len(a.all("#f-reason_en-e")) != 1 || len(a.all("details[open] #f-reason_en")) != 1 {
			t.Errorf("without a reason: %d", a.code)
		}
		s.press(t, at+"/cancel", at+"/cancel", url.Values{"reason": {"Sala je poplavljena."}, "reason_en": {"The room is\nunder water."}})
		a = s.get(t, at+"/state")
		if got := a.text(".note--stop"); got != "Reason for the cancellation The room is under water." {
			t.Errorf("the page of its life says %q", got)
		}
		if got := a.texts(".life b"); !slices.Equal(got, []string{"Draft", "Published", "Cancelled", "Archived"}) {
			t.Errorf("its life: %q", got)
		}
		if got := s.get(t, at+"/cancel"); got.code != http.StatusSeeOther {
			t.Errorf("cancelling twice: %d", got.code)
		}
		if got := s.Reload(t, e).CancelReason.By[locale.English]; got != "The room is\nunder water." {
			t.Errorf("kept: %q", got)
		}
	})
}

func TestTheFormOfAnEventKeepsEverythingThatItAsks(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		a := s.post(t, "/desk/events/new", "/desk/events/new", typed(func(v url.Values) {
			v.Set("format", "hybrid")
			v.Set("join_url", "https://meet.example/x")
			v.Set("quiet", "yes")
			v.Set("description", "Prvi red\r\n\r\n- jedan\r\n- dva")
			v.Set("audience", "Tužioci")
			v.Set("audience_en", "Prosecutors")
			v.Set("costs", "Besplatno")
			v.Set("directions", "Autobus 5")
			v.Set("directions_mk", "Автобус 5")
			v.Set("accessibility", "Lift")
			v.Set("contact_name", "Olga Ilić")
			v.Set("contact_email", "olga@lead.example")
			v.Set("contact_phone", "+382 67 000 111")
			v["interpretation"] = []string{"en", "sq", "xx"}
			v.Set("waiver", "Svjedok učestvuje.")
		}))
		if a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts("#errors li"))
		}
		at := a.head.Get("Location") + "/edit"
		form := s.get(t, at)
		for name, want := range map[string]string{
			"format": "hybrid", "join_url": "https://meet.example/x", "quiet": "yes", "audience": "Tužioci", "audience_en": "Prosecutors", "costs": "Besplatno",
			"directions": "Autobus 5", "directions_mk": "Автобус 5", "accessibility": "Lift", "contact_name": "Olga Ilić", "contact_email": "olga@lead.example",
			"contact_phone": "+382 67 000 111", "interpretation": "en sq", "waiver": "Svjedok učestvuje.", "description": "Prvi red - jedan - dva",
		} {
			if got := strings.Join(form.filled("form.form")[name], " "); got != want {
				t.Errorf("%s came back as %q, was %q", name, got, want)
			}
		}
		e, err := s.Events.ByCode(t.Context(), account.System, strings.TrimSuffix(strings.TrimPrefix(at, "/desk/events/"), "/edit"))
		if err != nil || e.Description.By["cnr"] != "Prvi red\n\n- jedan\n- dva" {
			t.Errorf("the lines of the description: %q, %v", e.Description.By["cnr"], err)
		}
		if got := form.text("#visibility p.small"); !strings.HasPrefix(got, "Recorded by organiser on ") {
			t.Errorf("the waiver: %q", got)
		}
		values := form.filled("form.form")
		values.Set("join_url", "javascript:alert(1)")
		values.Set("contact_phone", "?")
		a = s.post(t, at, at, values)
		if a.code != http.StatusUnprocessableEntity || len(a.all("#venue[open] #f-join_url-e")) != 1 || len(a.all("#contact[open] #f-contact_phone-e")) != 1 {
			t.Errorf("what is wrong in a fold isn't shown: %d", a.code)
		}
	})
}

func TestBeforeAnEventIsMovedItsFormSaysHowManyAreTold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		s.apply(t, e.Code, 2)
		s = s.as(t, organiser)
		a := s.get(t, "/desk/events/"+e.Code+"/edit")
		if got := a.text(".part .note--wait"); got != "2 people are told by mail if you change the dates, the place or how one takes part." {
			t.Errorf("it says %q", got)
		}
		values := a.filled("form.form")
		values.Set("city", "Bar")
		s.press(t, "/desk/events/"+e.Code+"/edit", "/desk/events/"+e.Code+"/edit", values)
		var n int
		if err := s.DB.Read().NewRaw("SELECT COUNT(*) FROM outbox WHERE kind = 'event.moved'").Scan(t.Context(), &n); err != nil || n != 2 {
			t.Errorf("%d were told, %v", n, err)
		}
		if got := s.get(t, "/desk/events/"+e.Code).text(".note--go"); !strings.Contains(got, "2 people are told of the change by mail.") {
			t.Errorf("afterwards it says %q", got)
		}
		values = s.get(t, "/desk/events/"+e.Code+"/edit").filled("form.form")
		values.Set("seats", "31")
		s.press(t, "/desk/events/"+e.Code+"/edit", "/desk/events/"+e.Code+"/edit", values)
		if got := s.get(t, "/desk/events/"+e.Code).text(".note--go"); strings.Contains(got, "told") {
			t.Errorf("what concerns nobody is told: %q", got)
		}
	})
}

func TestANewEventBeginsWhereTheOnlyOrganisationIs(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	if got := s.as(t, organiser).get(t, "/desk/events/new").filled("form.form").Get("country"); got != "RS" {
		t.Errorf("of one organisation: %q", got)
	}
	if _, err := s.Projects.AddOrganisation(t.Context(), account.System, project.Organisation{Code: "other", Name: locale.NewText("en", "Other"), Country: "ME"}); err != nil {
		t.Fatal(err)
	}
	if err := s.DB.InTx(t.Context(), apptest.Exec("INSERT INTO project_organisations (project_id, organisation_id) SELECT ?, id FROM organisations WHERE code = 'other'", s.Project.ID)); err != nil {
		t.Fatal(err)
	}
	if got := s.as(t, coordinator).get(t, "/desk/events/new").filled("form.form").Get("country"); got != "" {
		t.Errorf("of two: %q", got)
	}
}

func TestAClosedOrganisationHoldsNoNewEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		ctx := t.Context()
		if _, err := s.Projects.AddOrganisation(ctx, account.System, project.Organisation{Code: "gone", Name: locale.NewText("en", "Gone"), Country: "ME"}); err != nil {
			t.Fatal(err)
		}
		err := d.InTx(ctx, apptest.Exec("INSERT INTO project_organisations (project_id, organisation_id) SELECT ?, id FROM organisations WHERE code = 'gone'", s.Project.ID))
		if err != nil {
			t.Fatal(err)
		}
		s = s.as(t, coordinator)
		offered := func() int { return len(s.get(t, "/desk/events/new").all(`#f-place option[value="P1 gone"]`)) }
		if offered() != 1 {
			t.Fatal("an organisation of the project isn't offered")
		}
		if err := d.InTx(ctx, apptest.Exec("UPDATE organisations SET closed_at = 1 WHERE code = 'gone'")); err != nil {
			t.Fatal(err)
		}
		if offered() != 0 {
			t.Error("a closed organisation is offered")
		}
		a := s.post(t, "/desk/events/new", "/desk/events/new", typed(func(v url.Values) { v.Set("place", "P1 gone") }))
		if a.code != http.StatusUnprocessableEntity || len(a.all("#f-place-e")) != 1 {
			t.Errorf("it is taken: %d", a.code)
		}
	})
}
