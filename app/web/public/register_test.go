package public_test

import (
	"context"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/registration"
	"attesta/app/web"
	"attesta/app/web/public"
)

// mails returns the kinds of the mails in the outbox and to whom they go.
func (s *site) mails(t *testing.T) []string {
	t.Helper()
	var all []string
	if err := s.DB.Read().NewRaw("SELECT kind || ' ' || recipient FROM outbox ORDER BY id").Scan(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (s *site) registrations(t *testing.T, e *event.Event) []registration.Registration {
	t.Helper()
	list, err := s.Registrations.List(t.Context(), account.System, e, registration.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestRegisteringStepByStepCarriesEverythingToTheEnd(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		path := "/mk/events/" + e.Code + "/register"
		form := func(a answer, more url.Values) url.Values {
			v := a.form("form.form")
			maps.Copy(v, more)
			return v
		}
		first := s.get(t, path)
		if got := first.text(".steps [aria-current=step]"); got != "За Вас" {
			t.Fatalf("begins with %q", got)
		}
		if got := first.form("form.form").Get("language"); got != "mk" {
			t.Errorf("the language of mails begins as %q", got)
		}
		second := s.post(t, path, form(first, url.Values{"given_name": {"Ѓорѓи"}, "family_name": {"Ќосев"}, "email": {"g@example.mk"}, "gender": {"male"}, "other_script_name": {"Gjorgji Kjosev"}}))
		if got := second.text(".steps [aria-current=step]"); second.code != 200 || got != "Институција и потреби" {
			t.Fatalf("%d, then %q", second.code, got)
		}
		back := s.post(t, path, form(second, url.Values{"go": {"1"}, "institution": {"Јавно"}}))
		if got := back.value("#f-given_name"); got != "Ѓорѓи" {
			t.Errorf("after Back the name is %q", got)
		}
		if got := back.text("[data-printed]"); got != "Ѓорѓи Ќосев" {
			t.Errorf("on the certificate: %q", got)
		}
		again := s.post(t, path, form(back, nil))
		if got := again.value("#f-institution"); got != "Јавно" {
			t.Errorf("what step two held before Back is %q", got)
		}
		third := s.post(t, path, form(again, url.Values{"institution_type": {"prosecution"}, "country": {"XK"}, "institution": {"Јавно обвинителство"}, "diet": {"вегетаријанска"}}))
		if got := third.text(".printed"); got != "Ѓорѓи Ќосев" {
			t.Errorf("read back: %q", got)
		}
		for _, want := range []string{"g@example.mk", "Косово*", "Јавно обвинителство", "вегетаријанска", "Gjorgji Kjosev"} {
			if !strings.Contains(strings.Join(third.texts(".facts--read dd"), "|"), want) {
				t.Errorf("not read back: %s", want)
			}
		}
		if found := third.all("input[type=checkbox][checked]"); len(found) != 0 {
			t.Errorf("%d consents are ticked beforehand", len(found))
		}
		done := s.post(t, path, form(third, url.Values{"consent_data": {"yes"}, "consent_photo": {"yes"}}))
		list := s.registrations(t, e)
		if done.code != 303 || len(list) != 1 || done.head.Get("Location") != s.Registrations.Link(&list[0]) {
			t.Fatalf("%d %s, %d registrations", done.code, done.head.Get("Location"), len(list))
		}
		r := list[0]
		got := registration.Submission{
			GivenName: r.GivenName, FamilyName: r.FamilyName, CertificateName: r.CertificateName, OtherScriptName: r.OtherScriptName, Gender: r.Gender, Email: r.Email,
			Country: r.Country, Institution: r.InstitutionName, InstitutionType: r.InstitutionType, Locale: r.Locale, Answers: r.Answers.V,
			ConsentData: r.ConsentData, ConsentList: r.ConsentList, ConsentPhoto: r.ConsentPhoto, ConsentContact: r.ConsentContact, Quiet: r.Quiet,
		}
		want := registration.Submission{
			GivenName: "Ѓорѓи", FamilyName: "Ќосев", CertificateName: "Ѓорѓи Ќосев", OtherScriptName: "Gjorgji Kjosev", Gender: "male", Email: "g@example.mk",
			Country: "XK", Institution: "Јавно обвинителство", InstitutionType: "prosecution", Locale: "mk", Answers: registration.Answers{Diet: "вегетаријанска"},
			ConsentData: true, ConsentPhoto: true,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"registration.submitted g@example.mk"}, s.mails(t)); diff != "" {
			t.Error(diff)
		}
		mine := s.get(t, done.head.Get("Location"))
		if got := mine.text("h1"); got != "Вашата пријава е примена." {
			t.Errorf("then: %q", got)
		}
	})
}

func TestAnEmptyStepNamesEachFaultOnceAndKeepsTheRest(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		path := "/en/events/" + e.Code + "/register"
		a := s.post(t, path, url.Values{"step": {"1"}, "phone": {"+382 67 123 456"}, "institution": {"kept <b>"}})
		if a.code != 422 {
			t.Fatalf("status %d", a.code)
		}
		want := []string{"First name: This field is required.", "Last name: This field is required.", "E-mail address: This field is required."}
		if diff := cmp.Diff(want, a.texts("#errors li")); diff != "" {
			t.Error(diff)
		}
		if got := len(a.all("p.error")); got != 3 {
			t.Errorf("%d faults beside fields", got)
		}
		if got := a.value("#f-phone"); got != "+382 67 123 456" {
			t.Errorf("the telephone is %q", got)
		}
		if got := a.value("input[type=hidden][name=institution]"); got != "kept <b>" {
			t.Errorf("what another step asks is %q", got)
		}
		if got := a.text("title"); !strings.HasPrefix(got, "Error: Who you are") {
			t.Errorf("title %q", got)
		}
		b := s.post(t, path, url.Values{"step": {"2"}, "position": {"judge"}})
		want = []string{"Type of institution: Choose one of the options.", "Country: Choose one of the options.", "Institution: This field is required."}
		if diff := cmp.Diff(want, b.texts("#errors li")); diff != "" {
			t.Error(diff)
		}
		whole := whole()
		whole.Del("consent_data")
		c := s.post(t, path, whole)
		if diff := cmp.Diff([]string{"Personal data: Without this consent we may not take your application."}, c.texts("#errors li")); diff != "" {
			t.Error(diff)
		}
		if got := c.attr("#errors a", "href"); len(c.all("input"+got)) != 1 {
			t.Errorf("the summary leads to %q", got)
		}
		empty := s.post(t, path, url.Values{})
		if got := len(empty.texts("#errors li")); empty.code != 422 || got != 3 {
			t.Errorf("a form without anything: %d with %d faults", empty.code, got)
		}
		if got := s.registrations(t, e); len(got) != 0 {
			t.Errorf("%d registrations", len(got))
		}
	})
}

func TestBadInputGetsAClearSentenceOrIsShownAsText(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		path := "/en/events/" + e.Code + "/register"
		for _, x := range []struct{ field, value, told string }{
			{"given_name", strings.Repeat("ž", 10_000), "First name: This text is too long: at most 100 characters."},
			{"family_name", "Ćetković 😀", "Last name: A name cannot contain this character: 😀"},
			{"given_name", "<script>alert(1)</script>", "First name: A name cannot contain this character: <"},
			{"email", "v@jt.me\r\nBcc: all@example.org", "E-mail address: Enter a valid e-mail address."},
			{"phone", "call me", "Phone number: Enter a valid phone number."},
			{"institution", strings.Repeat("x", 201), "Institution: This text is too long: at most 200 characters."},
			{"certificate_name", "A\u202eB", ""},
		} {
			v := whole()
			v.Set(x.field, x.value)
			a := s.post(t, path, v)
			if x.told == "" {
				continue
			}
			if got := strings.Join(a.texts("#errors li"), "; "); a.code != 422 || got != x.told {
				t.Errorf("%s %.20q: %d %q", x.field, x.value, a.code, got)
			}
			if found := a.all("main script"); len(found) != 0 {
				t.Errorf("%s became an element", x.value)
			}
		}
		v := whole()
		v.Set("institution", `<script>alert("x")</script>`)
		v.Set("email", "other@example.org")
		a := s.post(t, path, v)
		if a.code != 303 {
			t.Fatalf("status %d: %s", a.code, strings.Join(a.texts("#errors li"), "; "))
		}
		v.Set("step", "2")
		if got := s.post(t, path, v).texts(".facts--read dd"); !strings.Contains(strings.Join(got, "|"), `<script>alert("x")</script>`) {
			t.Errorf("read back: %q", got)
		}
	})
}

func TestWhoRegistersTwiceIsToldOnlyThatTheLinkWasSentAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		path := "/en/events/" + e.Code + "/register"
		if a := s.post(t, path, whole()); a.code != 303 {
			t.Fatalf("status %d", a.code)
		}
		v := whole()
		v.Set("institution", "Another")
		a := s.post(t, path, v)
		if got := a.text("h1"); a.code != 409 || got != "You have already applied." {
			t.Errorf("%d %q", a.code, got)
		}
		for _, secret := range []string{"/my/", "Više državno", "Submitted"} {
			if strings.Contains(a.body, secret) {
				t.Errorf("the page tells %q", secret)
			}
		}
		want := []string{"registration.submitted vesna@jt.me.example", "registration.submitted vesna@jt.me.example"}
		if diff := cmp.Diff(want, s.mails(t)); diff != "" {
			t.Error(diff)
		}
		if got := len(s.registrations(t, e)); got != 1 {
			t.Errorf("%d registrations", got)
		}
	})
}

func TestAFormSentAfterTheEndLeadsToTheEventAndSaysSo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		path := "/en/events/" + e.Code + "/register"
		v := whole()
		v.Set("_csrf", s.get(t, path).value("input[name=_csrf]"))
		if _, err := s.Events.CloseRegistration(context.Background(), account.System, e.Code); err != nil {
			t.Fatal(err)
		}
		s.Clock.Set(s.Clock.Now().Add(time.Hour))
		a := s.post(t, path, v)
		if got := a.head.Get("Location"); a.code != 303 || got != "/en/events/"+e.Code {
			t.Fatalf("%d to %q", a.code, got)
		}
		b := s.get(t, a.head.Get("Location"))
		if got := b.text(".notice"); got != "Registration for this event isn't open." {
			t.Errorf("said %q", got)
		}
		if got := len(s.registrations(t, e)); got != 0 {
			t.Errorf("%d registrations", got)
		}
	})
}

func TestAQuietPersonConsentsToNoListAndNoPhotograph(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		v := whole()
		v.Set("quiet", "yes")
		v.Set("consent_list", "yes")
		if a := s.post(t, "/en/events/"+e.Code+"/register", v); a.code != 303 {
			t.Fatalf("status %d", a.code)
		}
		if r := s.registrations(t, e)[0]; !r.Quiet || r.ConsentList || r.ConsentPhoto {
			t.Errorf("quiet %v, list %v, photo %v", r.Quiet, r.ConsentList, r.ConsentPhoto)
		}
	})
}

func TestOneSourceRegistersATeamButNotACrowd(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, func(p *public.Pages, _ *web.Config) { p.RegisterLimit = 3 })
		e := s.Event(t)
		path := "/en/events/" + e.Code + "/register"
		send := func(name string) answer {
			v := whole()
			v.Set("given_name", name)
			return s.post(t, path, v)
		}
		for _, name := range []string{"Ana", "Mila", "Sara"} {
			if a := send(name); a.code != 303 {
				t.Fatalf("%s: %d", name, a.code)
			}
		}
		a := send("Una")
		if a.code != 429 || a.value("input[name=given_name]") != "Una" {
			t.Errorf("the fourth: %d, keeps %q", a.code, a.value("input[name=given_name]"))
		}
		if got := a.text("#errors-title"); got != "Too many attempts. Please try again later." {
			t.Errorf("said %q", got)
		}
	})
}

func TestNobodysMailboxIsFilledByRegisteringIt(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)), func(p *public.Pages, _ *web.Config) { p.RegisterLimit = 0 })
	path := "/en/events/" + s.Event(t).Code + "/register"
	send := func(email string) int {
		v := whole()
		v.Set("email", email)
		return s.post(t, path, v).code
	}
	for n := range 20 {
		if code := send("ana@example.rs"); code == 429 {
			t.Fatalf("time %d: %d", n+1, code)
		}
	}
	if code := send("ANA@example.rs"); code != 429 {
		t.Errorf("the 21st time: %d", code)
	}
	if code := send("mila@example.rs"); code != 303 {
		t.Errorf("another address: %d", code)
	}
	if n := len(s.mails(t)); n != 21 {
		t.Errorf("%d mails", n)
	}
}

func TestACountryThatTheFormDoesNotOfferIsNone(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	path := "/en/events/" + s.Event(t).Code + "/register"
	for _, country := range []string{"QQ", "<>", "rs", "\x00R"} {
		v := whole()
		v.Set("country", country)
		if a := s.post(t, path, v); a.code != 422 || len(a.all("#errors a[href='#f-country']")) != 1 {
			t.Errorf("%q: %d", country, a.code)
		}
	}
}

func TestInstitutionsAreOfferedOnlyOnceSeveralPeopleHaveNamedThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		for n := range 5 {
			if n == 4 {
				if got := s.get(t, "/institutions?type=prosecution&country=ME").body; got != "[]" {
					t.Errorf("of four people: %s", got)
				}
			}
			if _, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(n)); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.get(t, "/institutions?type=prosecution&country=ME").body; got != `["Više državno tužilaštvo u Podgorici"]` {
			t.Errorf("of five people: %s", got)
		}
		if got := s.get(t, "/institutions?type=police&country=ME").body; got != "[]" {
			t.Errorf("of another type: %s", got)
		}
		if a := s.get(t, "/institutions?type=nonsense"); a.code != 404 {
			t.Errorf("an unknown type: %d", a.code)
		}
		second := s.post(t, "/en/events/"+e.Code+"/register", url.Values{"step": {"1"}, "given_name": {"A"}, "family_name": {"B"}, "email": {"a@b.example"}})
		if got := second.attr("#institutions option", "value"); got != "Više državno tužilaštvo u Podgorici" {
			t.Errorf("the form offers %q", got)
		}
	})
}

func TestAFullEventOffersTheWaitingList(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Seats(1), apptest.Automatic)
		s.post(t, "/en/events/"+e.Code+"/register", whole())
		a := s.get(t, "/en/events/"+e.Code)
		if got := a.text(".button--main"); got != "Join the waiting list" {
			t.Errorf("the button says %q", got)
		}
		if strings.Contains(a.text(".apply"), "left") {
			t.Errorf("seats are said to be left: %q", a.text(".apply"))
		}
		v := whole()
		v.Set("given_name", "Second")
		mine := s.get(t, s.post(t, "/en/events/"+e.Code+"/register", v).head.Get("Location"))
		if got := mine.text("h1"); got != "Na listi čekanja ste." {
			t.Errorf("the second stands: %q", got)
		}
	})
}
