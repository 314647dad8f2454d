package checkin_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
	"attesta/app/web/checkin"
	"attesta/static"
	"attesta/templates"
)

// door is an event with a helper's link, on its first morning, and the helper's browser.
type door struct {
	t      *testing.T
	w      *apptest.World
	server *web.Server
	event  *event.Event
	link   *attendance.Link
	path   string
	jar    map[string]string
}

func newDoor(t *testing.T, d *db.DB) *door {
	t.Helper()
	w := apptest.NewWorld(t, d)
	s := &door{t: t, w: w, event: w.Event(t, apptest.Automatic), jar: map[string]string{}}
	var err error
	if s.link, err = w.Attendance.NewLink(t.Context(), w.Organiser(), s.event.Code, "Front door"); err != nil {
		t.Fatal(err)
	}
	s.path = w.Attendance.Path(s.link)
	s.server, err = web.New(web.Config{
		BaseURL: "http://127.0.0.1", Catalogue: w.Catalogue, Name: locale.NewText("en", "Network"), Store: &db.Storage{DB: d, Clock: w.Clock.Now},
		Templates: templates.Files, Static: static.Files, Clock: w.Clock.Now, Routes: (&checkin.Pages{DB: d, Attendance: w.Attendance}).Routes(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// begin moves the clock to the first morning; whoever is to come has registered before.
func (s *door) begin() { s.w.Clock.Set(time.Date(2022, 5, 16, 6, 50, 0, 0, time.UTC)) }

func (s *door) register(e *event.Event, n int, change ...func(*registration.Submission)) *registration.Registration {
	s.t.Helper()
	sub := apptest.Submission(n)
	for _, c := range change {
		c(&sub)
	}
	r, err := s.w.Registrations.Register(s.t.Context(), e.Code, sub)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (s *door) do(method, path, body string, header map[string]string) reply {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	for k, v := range s.jar {
		req.AddCookie(&http.Cookie{Name: k, Value: v})
	}
	res, err := s.server.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		s.jar[c.Name] = c.Value
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{res.StatusCode, res.Header, string(b)}
}

func (s *door) get(path string) reply { return s.do("GET", path, "", nil) }

// post sends a form with the token of the page.
func (s *door) post(path string, fields url.Values) reply {
	s.t.Helper()
	fields.Set("_csrf", attr(one(s.t, s.get(s.path), "main"), "data-token"))
	return s.do("POST", path, fields.Encode(), map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
}

// script sends a claim as the page's script does.
func (s *door) script(claim map[string]any) (reply, map[string]any) {
	s.t.Helper()
	token := attr(one(s.t, s.get(s.path), "main"), "data-token")
	b, err := json.Marshal(claim)
	if err != nil {
		s.t.Fatal(err)
	}
	r := s.do("POST", s.path+"/marks", string(b), map[string]string{"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": token})
	var out map[string]any
	if err := json.Unmarshal([]byte(r.body), &out); err != nil {
		s.t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	return r, out
}

func all(t *testing.T, r reply, selector string) []*html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	sel, err := cascadia.Parse(selector)
	if err != nil {
		t.Fatal(err)
	}
	return cascadia.QueryAll(doc, sel)
}

func one(t *testing.T, r reply, selector string) *html.Node {
	t.Helper()
	found := all(t, r, selector)
	if len(found) != 1 {
		t.Fatalf("%d elements are %s in %d\n%s", len(found), selector, r.status, r.body)
	}
	return found[0]
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestATypedCodeLetsInOnceAndIsAlreadyInTheSecondTime(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newDoor(t, d)
		r := s.register(s.event, 1)
		s.begin()
		page := s.get(s.path)
		if got := text(one(t, page, "#unit option[selected]")); got != "Day 1 · morning · until 12:30" {
			t.Errorf("the half-day is %q", got)
		}
		if got := text(one(t, page, ".ci-tally")); got != "In: 0 of 1" {
			t.Errorf("the tally is %q", got)
		}
		typed := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(r.Code[:4]+"-"+r.Code[4:], "0", "o"), "1", "l"))
		in := s.post(s.path, url.Values{"unit": {"1"}, "code": {typed}, "source": {"typed"}, "key": {"k1"}})
		if got := text(one(t, in, "[data-stage] .ci-word")); got != "Yes" {
			t.Errorf("the word is %q", got)
		}
		if got := text(one(t, in, "[data-stage] .ci-name")) + ", " + text(one(t, in, "[data-stage] .ci-inst")); got != "Vesna Ćetković-1, Više državno tužilaštvo u Podgorici" {
			t.Errorf("in: %q", got)
		}
		if got := text(one(t, in, ".ci-tally")); got != "In: 1 of 1" {
			t.Errorf("the tally is %q", got)
		}
		again := s.post(s.path, url.Values{"unit": {"1"}, "code": {r.Code}, "source": {"typed"}, "key": {"k2"}})
		if got := text(one(t, again, "[data-stage] .ci-word")) + ": " + text(one(t, again, "[data-stage] .ci-more")); got != "Already in: Since 08:50. Nothing was counted twice." {
			t.Errorf("the second time: %q", got)
		}
		if n := len(all(t, again, "[data-stage] [data-undo]")); n != 0 {
			t.Error("what was there before can be undone")
		}
		if got := all(t, s.post(s.path, url.Values{"unit": {"1"}, "code": {" "}}), "#errors a[href='#f-code']"); len(got) != 1 {
			t.Error("no code, no error")
		}
	})
}

func TestUndoTakesTheMarkBack(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newDoor(t, d)
		r := s.register(s.event, 1)
		s.begin()
		in := s.post(s.path, url.Values{"unit": {"2"}, "code": {r.Code}, "source": {"typed"}})
		undo := url.Values{}
		for _, f := range all(t, in, "[data-stage] [data-undo] input") {
			undo.Set(attr(f, "name"), attr(f, "value"))
		}
		s.w.Clock.Set(s.w.Clock.Now().Add(time.Second))
		out := s.post(s.path, undo)
		if got := text(one(t, out, "[data-stage] .ci-word")) + " " + text(one(t, out, ".ci-tally")); got != "Taken back In: 0 of 1" {
			t.Errorf("after undo: %q", got)
		}
	})
}

func TestACodeOfAnotherEventTellsNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newDoor(t, d)
		other := s.w.Event(t, apptest.Automatic, func(f *event.Facts) { f.Title = locale.NewText("en", "The other title") })
		r := s.register(other, 7, func(x *registration.Submission) { x.GivenName, x.Institution = "Canary", "Canary Office" })
		s.begin()
		plain := s.post(s.path, url.Values{"unit": {"1"}, "code": {r.Code}, "source": {"typed"}})
		if got := text(one(t, plain, "[data-stage] .ci-word")); got != "Not this event" {
			t.Errorf("the word is %q", got)
		}
		scripted, got := s.script(map[string]any{"unit": 1, "code": r.Code, "source": "scan", "key": "x"})
		if got["answer"] != "not_this" {
			t.Errorf("the answer is %v", got)
		}
		for _, body := range []string{plain.body, scripted.body} {
			for _, secret := range []string{"Canary", "The other title", other.Code, r.Code, r.Email} {
				if strings.Contains(strings.ReplaceAll(body, s.path, ""), secret) {
					t.Errorf("%q is told", secret)
				}
			}
		}
		_, unknown := s.script(map[string]any{"unit": 1, "code": "https://example.org/?" + strings.Repeat("x", 3000), "source": "scan", "key": "y"})
		if unknown["answer"] != "unknown" {
			t.Errorf("something else altogether: %v", unknown)
		}
	})
}

func TestTheSameRequestSentAgainIsOneClaim(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newDoor(t, d)
		r, second := s.register(s.event, 1), s.register(s.event, 2)
		s.begin()
		claim := map[string]any{"unit": 1, "code": r.Code, "source": "scan", "key": "same", "device": "phone", "at": s.w.Clock.Now().Add(-3 * time.Minute).UnixMilli()}
		_, first := s.script(claim)
		want := map[string]any{"answer": "in", "name": "Vesna Ćetković-1", "institution": "Više državno tužilaštvo u Podgorici", "code": r.Code, "at": "08:47", "in": 1.0, "expected": 2.0}
		if diff := cmp.Diff(want, first); diff != "" {
			t.Errorf("the answer (-want +got):\n%s", diff)
		}
		if _, again := s.script(claim); again["answer"] != "already" || again["more"] != "Since 08:47. Nothing was counted twice." {
			t.Errorf("sent again: %v", again)
		}
		claim["code"] = second.Code
		if _, got := s.script(claim); got["answer"] != "in" || got["in"] != 2.0 {
			t.Errorf("the key of another code: %v", got)
		}
		var n int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM claims WHERE link_id = ? AND device = 'phone' AND source = 'scan'", s.link.ID).Scan(t.Context(), &n); err != nil || n != 2 {
			t.Errorf("%d claims, %v; want 2", n, err)
		}
	})
}

func TestAQuietPersonIsInitialsEverywhere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newDoor(t, d)
		r := s.register(s.event, 1, func(x *registration.Submission) { x.GivenName, x.FamilyName, x.Quiet = "Canaria", "Secretova", true })
		s.begin()
		found := s.post(s.path+"/find", url.Values{"unit": {"1"}, "search": {"canaria secretova"}})
		if got := text(one(t, found, "[data-hits] strong")); got != "C. S." {
			t.Errorf("found as %q", got)
		}
		in := s.post(s.path, url.Values{"unit": {"1"}, "code": {r.Code}, "source": {"list"}})
		if got := text(one(t, in, "[data-stage] .ci-name")) + " " + text(one(t, in, "[data-stage] .ci-inst")); got != "C. S. Initials only" {
			t.Errorf("in as %q", got)
		}
		if s := strings.ReplaceAll(found.body, `value="canaria secretova"`, "") + in.body; strings.Contains(strings.ToLower(s), "secretova") || strings.Contains(s, "tužilaštvo") {
			t.Error("the name or the institution is told")
		}
	})
}

func TestSearchNeedsThreeLettersAndTellsOfFive(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newDoor(t, d)
		for n := range 7 {
			s.register(s.event, n)
		}
		s.begin()
		for search, want := range map[string]int{"": 0, "v": 0, "ve": 0, "ves": 5, " v e ": 0, "---": 0, "ћетковић": 5, "Cetkovic-1": 1} {
			r := s.post(s.path+"/find", url.Values{"unit": {"1"}, "search": {search}})
			if got := len(all(t, r, "[data-hits] form")); got != want {
				t.Errorf("%q finds %d, want %d", search, got, want)
			}
		}
		if r := s.get(s.path); strings.Contains(r.body, "Vesna") {
			t.Error("the page lists people")
		}
	})
}

func TestALinkOfOneDayOpensOnThatDayAndTakesLateMarks(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newDoor(t, d)
		r := s.register(s.event, 1)
		l, err := s.w.Attendance.NewLink(t.Context(), s.w.Organiser(), s.event.Code, "Second day", s.event.StartsOn.Plus(1))
		if err != nil {
			t.Fatal(err)
		}
		s.path = s.w.Attendance.Path(l)
		s.begin()
		if r := s.get(s.path); r.status != http.StatusGone || !strings.Contains(r.body, "is not valid today. It opens on: 17 May 2022") {
			t.Errorf("the day before: %d %.600s", r.status, r.body)
		}
		s.w.Clock.Set(time.Date(2022, 5, 17, 7, 0, 0, 0, time.UTC))
		page := s.get(s.path + "?unit=1")
		if units := all(t, page, "[data-unit] option"); page.status != http.StatusOK || len(units) != 2 || attr(units[0], "value") != "3" {
			t.Fatalf("on the day: %d, units %v", page.status, units)
		}
		s.w.Clock.Set(time.Date(2022, 5, 18, 7, 0, 0, 0, time.UTC))
		late := s.get(s.path)
		if late.status != http.StatusGone || attr(one(t, late, "main"), "data-late") != s.path || strings.Contains(late.body, "data-checkin") {
			t.Fatalf("the day after: %d %.600s", late.status, late.body)
		}
		header := map[string]string{"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": attr(one(t, late, "main"), "data-token")}
		send := func(made time.Time) reply {
			return s.do("POST", s.path+"/marks", fmt.Sprintf(`{"unit":3,"code":%q,"source":"scan","key":"k","at":%d}`, r.Code, made.UnixMilli()), header)
		}
		if a := send(s.w.Clock.Now()); a.status != http.StatusGone {
			t.Errorf("made on the day after: %d %s", a.status, a.body)
		}
		if a := send(time.Date(2022, 5, 17, 7, 30, 0, 0, time.UTC)); a.status != http.StatusOK || !strings.Contains(a.body, `"answer":"in"`) {
			t.Errorf("made on the day: %d %s", a.status, a.body)
		}
		for _, path := range []string{"/find", "/count"} {
			method := map[string]string{"/find": "POST", "/count": "GET"}[path]
			if a := s.do(method, s.path+path, "", header); a.status != http.StatusGone {
				t.Errorf("%s on the day after: %d", path, a.status)
			}
		}
		s.w.Clock.Set(time.Date(2022, 5, 21, 7, 0, 0, 0, time.UTC))
		if r := s.get(s.path); r.status != http.StatusGone || strings.Contains(r.body, "data-late") {
			t.Errorf("four days after: %d", r.status)
		}
	})
}

func TestSearchesAreFew(t *testing.T) {
	s := newDoor(t, apptest.Open(t, apptest.SQLite(t)))
	s.begin()
	token := attr(one(t, s.get(s.path), "main"), "data-token")
	header := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
	for n := range 61 {
		r := s.do("POST", s.path+"/find", url.Values{"_csrf": {token}, "unit": {"1"}, "search": {"vesna"}}.Encode(), header)
		if want := map[bool]int{true: http.StatusOK, false: http.StatusTooManyRequests}[n < 60]; r.status != want {
			t.Fatalf("search %d: %d", n+1, r.status)
		}
	}
}

func TestAnEndedLinkSaysSo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newDoor(t, d)
		s.begin()
		token := attr(one(t, s.get(s.path), "main"), "data-token")
		if err := s.w.Attendance.Revoke(t.Context(), s.w.Organiser(), s.event.Code, s.link.ID); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{s.path, s.path + "/count", "/checkin/" + strings.Repeat("A", 26)} {
			r := s.get(path)
			if r.status != http.StatusGone || !strings.Contains(r.body, "This check-in link has ended") {
				t.Errorf("%s: %d %s", path, r.status, r.body)
			}
		}
		header := map[string]string{"Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": token}
		if r := s.do("POST", s.path+"/marks", `{"unit":1}`, header); r.status != http.StatusGone {
			t.Errorf("a mark: %d", r.status)
		}
	})
}

func TestOnlyThePageItselfMayWrite(t *testing.T) {
	s := newDoor(t, apptest.Open(t, apptest.SQLite(t)))
	s.begin()
	page := s.get(s.path)
	for _, path := range []string{"", "/marks", "/find"} {
		if r := s.do("POST", s.path+path, "unit=1&code=x", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}); r.status != http.StatusForbidden {
			t.Errorf("%s without a token: %d", path, r.status)
		}
	}
	if got := page.header.Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("Referrer-Policy: %q", got)
	}
	if got := page.header.Get("Content-Security-Policy"); !strings.Contains(got, "script-src 'self' 'wasm-unsafe-eval'") || strings.Contains(got, "unsafe-inline") {
		t.Errorf("Content-Security-Policy: %s", got)
	}
	for _, leak := range s.server.Leaks() {
		t.Error(leak)
	}
}

func TestTypedCodesAreLimited(t *testing.T) {
	s := newDoor(t, apptest.Open(t, apptest.SQLite(t)))
	s.begin()
	var refused reply
	for n := range 61 {
		refused, _ = s.script(map[string]any{"unit": 1, "code": fmt.Sprintf("AAAA%04d", n), "source": "typed"})
		if n < 60 && refused.status != http.StatusOK {
			t.Fatalf("code %d: %d", n, refused.status)
		}
	}
	if refused.status != http.StatusTooManyRequests || refused.header.Get("Retry-After") == "" {
		t.Errorf("the 61st: %d", refused.status)
	}
}
