package desk_test

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/web"
)

// fill gives a route's parameters values of an event that has everything.
func (s *site) fill(t *testing.T) func(path string) string {
	t.Helper()
	e := s.Event(t, apptest.Automatic)
	codes := s.apply(t, e.Code, 1)
	org, _ := newPeople(s.World).actor(1)
	if _, err := s.Attendance.NewLink(t.Context(), org, e.Code, "Door"); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(":code", e.Code, ":registration", codes[0], ":link", "1", ":number", "7K3M-9Q2X-4T1", ":project", s.Project.Code, ":report", "X", ":language", "mk").Replace
}

func TestAnEventOfAnotherOrganisationDoesNotExist(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		path := s.fill(t)
		token := s.as(t, organiser)
		other := s.as(t, stranger)
		for _, r := range s.pages.Routes() {
			if !strings.Contains(r.Path, ":code") {
				continue
			}
			send := func(s *site, from string) int {
				if r.Method == http.MethodGet {
					return s.get(t, path(r.Path)).code
				}
				return s.write(t, r.Method, from, path(r.Path), typed(func(v url.Values) {
					v.Set("do", "approve")
					v.Set("label", "Door")
					v.Set("reason", "x")
					v.Set("who", "X")
				})).code
			}
			if got := send(other, "/desk"); got != http.StatusNotFound {
				t.Errorf("%s %s: %d for a stranger", r.Method, r.Path, got)
			}
			if got := send(s, "/sign-in"); got != http.StatusSeeOther && got != http.StatusUnauthorized && got != http.StatusForbidden {
				t.Errorf("%s %s: %d without signing in", r.Method, r.Path, got)
			}
		}
		if got := token.get(t, path("/desk/events/:code")).code; got != http.StatusOK {
			t.Errorf("its own organiser gets %d", got)
		}
	})
}

func TestADonorHasNoDesk(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	path := s.fill(t)
	s = s.as(t, donor)
	for _, r := range s.pages.Routes() {
		if r.Method == http.MethodGet && r.Need != web.Anyone {
			if a := s.get(t, path(r.Path)); a.code != http.StatusForbidden {
				t.Errorf("%s: %d", r.Path, a.code)
			}
		}
	}
}

func TestAWriteWithoutTheTokenOfThePageIsRefused(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	path := s.fill(t)
	s = s.as(t, organiser)
	for _, r := range s.pages.Routes() {
		if r.Method == http.MethodPost {
			if a := s.post(t, "", path(r.Path), url.Values{"_csrf": {"made-up"}, "do": {"approve"}}); a.code != http.StatusForbidden {
				t.Errorf("%s: %d", r.Path, a.code)
			}
		}
	}
}

// counter counts the queries that reach a database.
type counter struct{ n atomic.Int64 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *counter) AfterQuery(context.Context, *bun.QueryEvent)                        { c.n.Add(1) }

func TestPagesCostTheSameNumberOfQueriesForAFewAndForThreeHundred(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.Event(t, apptest.Automatic, apptest.Seats(1000))
	for i, name := range []string{"Đorđe", "Ђорђе", "Djordje"} { // suggested as duplicates
		sub := apptest.Submission(1000 + i)
		sub.GivenName, sub.FamilyName = name, "Stanković"
		if _, err := s.Registrations.Register(t.Context(), e.Code, sub); err != nil {
			t.Fatal(err)
		}
	}
	s = s.as(t, coordinator)
	var c counter
	d.Read().AddQueryHook(&c) //nolint:staticcheck // its successor makes another handle, which the pages wouldn't use
	pages := []string{"", "/registrations", "/registrations.csv", "/attendance", "/certificates"}
	cost := func() (all []int64) {
		for _, page := range append(pages, "home", "suggestions", "figures") {
			before := c.n.Load()
			switch page {
			case "home":
				page = "/desk"
			case "figures":
				page = "/desk/figures/P1"
			case "suggestions":
				page = "/desk/persons/suggestions"
			default:
				page = "/desk/events/" + e.Code + page
			}
			if a := s.get(t, page); a.code != http.StatusOK {
				t.Fatalf("%s: %d", page, a.code)
			}
			all = append(all, c.n.Load()-before)
		}
		return all
	}
	cost()
	one := cost()
	for i := range 297 {
		if _, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(i)); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		s.Event(t)
	}
	if many := cost(); !slices.Equal(one, many) || one[0] == 0 {
		t.Errorf("%v queries for three registrations and one event, %v for 300 and 21", one, many)
	}
}

func TestAnEventWithoutMeaningIsRefusedBesideItsFieldsAndNothingIsLost(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d).as(t, organiser)
	long := strings.Repeat("Đ", 10_000)
	for _, c := range []struct {
		name   string
		change func(url.Values)
		field  string
		says   string
	}{
		{"no title", func(v url.Values) { v.Set("title", " ") }, "title", "This field is required."},
		{"a title of 10,000 letters", func(v url.Values) { v.Set("title", long) }, "title", "This text is too long: at most 300 characters."},
		{"a translation of 10,000 letters", func(v url.Values) { v.Set("title_en", long) }, "title_en", "This text is too long: at most 300 characters."},
		{"no day", func(v url.Values) { v.Set("starts_on", "16.05.2022") }, "starts_on", "Enter a valid date."},
		{"days in words", func(v url.Values) { v.Set("days", "two") }, "days", "Enter a whole number."},
		{"forty days", func(v url.Values) { v.Set("days", "40") }, "days", "Enter a number from 1 to 31."},
		{"closes before it opens", func(v url.Values) { v.Set("opens_at", "2022-05-10T12:00"); v.Set("closes_at", "2022-05-09T12:00") }, "closes_at", "The end must not be before the start."},
		{"closes after the end", func(v url.Values) { v.Set("closes_at", "2022-05-20T12:00") }, "closes_at", "Registration must close before the event is over."},
		{"opens in the hour that the clocks skip", func(v url.Values) { v.Set("opens_at", "2022-03-27T02:30") }, "opens_at", "At 02:00 the clocks go forward to 03:00 that night: this time doesn't exist."},
		{"closes in the hour that the clocks skip", func(v url.Values) { v.Set("closes_at", "2022-03-27T02:00") }, "closes_at", "At 02:00 the clocks go forward to 03:00 that night: this time doesn't exist."},
		{"opens in the year 1", func(v url.Values) { v.Set("opens_at", "0001-01-01T02:30") }, "opens_at", "Enter a valid date."},
		{"a country that there isn't", func(v url.Values) { v.Set("country", "XX") }, "country", "Choose one of the options."},
		{"a country in small letters", func(v url.Values) { v.Set("country", "ba") }, "country", "Choose one of the options."},
		{"no time at all", func(v url.Values) { v.Set("opens_at", "soon") }, "opens_at", "Enter a valid date."},
		{"threshold 0", func(v url.Values) { v.Set("threshold", "0") }, "threshold", "Enter a number from 1 to 100."},
		{"no language", func(v url.Values) { v.Del("languages") }, "languages", "Choose one of the options."},
		{"somebody else's project", func(v url.Values) { v.Set("place", "P2 other") }, "place", "Choose one of the options."},
		{"a role without a name", func(v url.Values) { v.Set("signatory_2_role", "Direktor") }, "signatory_2_name", "This field is required."},
		{"a code that the program uses", func(v url.Values) { v.Set("code", "new") }, "code", "This short name is used by the program itself. Choose another one."},
	} {
		a := s.post(t, "/desk/events/new", "/desk/events/new", typed(c.change))
		if a.code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", c.name, a.code)
			continue
		}
		if got := strings.TrimPrefix(a.text("#f-"+c.field+"-e"), "Error: "); got != c.says {
			t.Errorf("%s: says %q", c.name, got)
		}
		if len(a.all(`#errors a[href="#f-`+c.field+`"]`)) != 1 {
			t.Errorf("%s: the summary doesn't lead there", c.name)
		}
		want, got := typed(c.change), a.filled("form.form")
		for name := range want {
			if name == "country" && c.field == name {
				continue // it isn't on offer
			}
			if name != "place" && name != "code" && !slices.Equal(slices.Sorted(slices.Values(got[name])), slices.Sorted(slices.Values(want[name]))) && strings.TrimSpace(strings.Join(want[name], "")) != "" {
				t.Errorf("%s: %s came back as %.40q, was %.40q", c.name, name, got[name], want[name])
			}
		}
	}
	if list, _ := s.Events.List(t.Context(), account.System, account.ViewEvent); len(list) != 0 {
		t.Errorf("%d events were made", len(list))
	}
}

func TestAnEventThatIsMadeTwiceByOneFormIsOne(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d).as(t, organiser)
	form := typed(func(v url.Values) {
		v.Del("code")
		v.Set("title", "Pressed twice")
		v.Set("opens_at", "2022-03-28T02:30")
	})
	for range 2 {
		if a := s.post(t, "/desk/events/new", "/desk/events/new", form); a.code != http.StatusSeeOther || a.head.Get("Location") != "/desk/events/pressed-twice" {
			t.Fatalf("%d %s %s", a.code, a.head.Get("Location"), a.text("#errors"))
		}
	}
	form.Set("starts_on", "2022-06-16")
	if a := s.post(t, "/desk/events/new", "/desk/events/new", form); a.code != http.StatusUnprocessableEntity {
		t.Errorf("another event of that name: %d", a.code)
	}
	const copying = "/desk/events/pressed-twice/copy"
	again := s.get(t, copying).filled("form.form")
	for range 2 {
		if a := s.post(t, copying, copying, again); a.code != http.StatusSeeOther || a.head.Get("Location") != "/desk/events/pressed-twice-2" {
			t.Fatalf("copy: %d %s %s", a.code, a.head.Get("Location"), a.text("#errors"))
		}
	}
	list, err := s.Events.List(t.Context(), account.System, account.ViewEvent)
	if err != nil || len(list) != 2 {
		t.Errorf("%d events, %v", len(list), err)
	}
}

func TestAnEmptyFormSaysEverythingThatIsMissing(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d).as(t, organiser)
	a := s.post(t, "/desk/events/new", "/desk/events/new", url.Values{})
	if a.code != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", a.code)
	}
	for _, field := range []string{"original", "title", "type", "country", "starts_on", "days", "seats", "languages", "threshold"} {
		if len(a.all("#f-"+field+"-e")) != 1 {
			t.Errorf("nothing beside %s", field)
		}
	}
}

func TestAnEmojiInATitleIsKeptAndAScriptIsText(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d).as(t, organiser)
	a := s.post(t, "/desk/events/new", "/desk/events/new", typed(func(v url.Values) {
		v.Set("title", "Obuka 🎓 <script>alert(1)</script>")
		v.Del("title_en")
		v.Set("code", "obuka")
	}))
	if a.code != http.StatusSeeOther {
		t.Fatalf("%d %v", a.code, a.texts("#errors li"))
	}
	if got := s.get(t, "/desk/events/obuka").text("h1"); got != "Obuka 🎓 <script>alert(1)</script>" {
		t.Errorf("title %q", got)
	}
}

func TestWhoeverSavesSecondIsToldAndKeepsWhatTheyTyped(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		e := s.Event(t)
		at := "/desk/events/" + e.Code + "/edit"
		mine := s.get(t, at).filled("form.form")
		theirs := s.get(t, at).filled("form.form")
		theirs.Set("venue", "Hotel")
		s.press(t, at, at, theirs)
		mine.Set("venue", "Sala")
		a := s.post(t, at, at, mine)
		if a.code != http.StatusUnprocessableEntity || a.attr("#f-venue", "value") != "Sala" {
			t.Fatalf("the second: %d, %q", a.code, a.attr("#f-venue", "value"))
		}
		if got := a.text("#errors h2"); got != "Somebody else changed this event in the meantime. Compare, then save again." {
			t.Errorf("told %q", got)
		}
		s.press(t, at, at, a.filled("form.form"))
		if got := s.Reload(t, e).Venue; got != "Sala" {
			t.Errorf("saved again: %q", got)
		}
	})
}

func TestAUsualRoleOfASignatoryIsKnownInEveryLanguage(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d).as(t, organiser)
	s.post(t, "/desk/events/new", "/desk/events/new", typed(func(v url.Values) {
		v.Set("code", "x")
		v.Set("signatory_2_name", "A")
		v.Set("signatory_2_role", "Duša projekta")
	}))
	e, err := s.Events.ByCode(t.Context(), account.System, "x")
	if err != nil {
		t.Fatal(err)
	}
	if got := e.Signatories.V[0].Role.By["mk"]; got != "Директорка" {
		t.Errorf("in Macedonian: %q", got)
	}
	if got := e.Signatories.V[1].Role.By; len(got) != 1 || got["cnr"] != "Duša projekta" {
		t.Errorf("another role: %v", got)
	}
}

func TestTheBoardIsNarrowedByFacetsAndSearchedInBothScripts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		e := s.Event(t)
		for i, name := range []string{"Đoković", "Ђокић", "Hoxha"} {
			sub := apptest.Submission(i)
			sub.FamilyName = name
			if name == "Hoxha" {
				sub.Country = "XK"
			}
			if _, err := s.Registrations.Register(t.Context(), e.Code, sub); err != nil {
				t.Fatal(err)
			}
		}
		at := "/desk/events/" + e.Code + "/registrations"
		for query, want := range map[string][]string{
			"?q=djok": {"Vesna Đoković", "Vesna Ђокић"}, "?country=XK": {"Vesna Hoxha"}, "?country=XK&q=djok": nil, "?status=submitted&gender=female&q=hoxha": {"Vesna Hoxha"},
			"?status=approved": nil, "": {"Vesna Đoković", "Vesna Ђокић", "Vesna Hoxha"},
		} {
			if got := s.get(t, at+query).texts(".board tbody th a"); !slices.Equal(got, want) {
				t.Errorf("%s: %q", query, got)
			}
		}
		a := s.get(t, at+"?country=XK")
		if got := a.texts(".facet:nth-child(2) .chip[aria-current]"); !slices.Equal(got, []string{"Kosovo* 1"}) {
			t.Errorf("chosen: %q", got)
		}
		if got := a.attr(".facet:nth-child(1) .chip[href*='submitted']", "href"); got != at+"?country=XK&status=submitted" {
			t.Errorf("a chip keeps the other facets: %s", got)
		}
	})
}

func TestAnExportIsDefusedAndLocalised(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d).as(t, organiser)
	e := s.Event(t)
	sub := apptest.Submission(1)
	sub.Institution = `=HYPERLINK("http://evil.example")`
	if _, err := s.Registrations.Register(t.Context(), e.Code, sub); err != nil {
		t.Fatal(err)
	}
	a := s.get(t, "/desk/events/"+e.Code+"/registrations.csv")
	if got := a.head.Get("Cache-Control"); got != "no-store" {
		t.Errorf("kept: %s", got)
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.body, "\ufeff")))
	r.Comma, r.FieldsPerRecord = ';', -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := rows[1][7]; got != `'=HYPERLINK("http://evil.example")` {
		t.Errorf("the institution is %q", got)
	}
	mk := s.get(t, "/desk/events/"+e.Code+"/registrations.csv?lang=mk")
	mk = s.get(t, mk.head.Get("Location"))
	if !strings.Contains(mk.body, "Вид на институција") || !strings.Contains(mk.body, "Јавно обвинителство") {
		t.Errorf("in Macedonian: %.300s", mk.body)
	}
}
