package desk_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/registration"
	"attesta/app/report"
	"attesta/app/web"
)

// entries are all entries of the record after one, the oldest first.
func (s *site) entries(t testing.TB, after int64) []audit.Entry {
	t.Helper()
	list, err := audit.List(t.Context(), s.DB, audit.Reach{All: true}, audit.Filter{}, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	return slices.DeleteFunc(list, func(e audit.Entry) bool { return e.ID <= after })
}

// last is the id of the newest entry.
func (s *site) last(t testing.TB) int64 {
	t.Helper()
	list := s.entries(t, 0)
	return list[len(list)-1].ID
}

// filledEvent is an event with an application, a certificate, a check-in link and a report of its project; its addresses fill in
// the parameters of the routes.
func (s *site) filledEvent(t testing.TB) map[string]string {
	t.Helper()
	e := s.Event(t, apptest.Automatic)
	codes := s.apply(t, e.Code, 2)
	for i := range 4 {
		if _, err := s.Attendance.MarkList(t.Context(), account.System, e.Code, tick(codes[0], i+1)); err != nil {
			t.Fatal(err)
		}
	}
	s.Clock.Set(time.Date(2022, 5, 20, 10, 0, 0, 0, time.UTC))
	issued, err := s.Certificates.Issue(t.Context(), account.System, e.Code)
	if err != nil || len(issued.Certificates) != 1 {
		t.Fatalf("issued %v: %v", issued, err)
	}
	frozen, err := report.Freeze(t.Context(), s.DB, account.System, report.Query{ProjectID: s.Project.ID}, report.ForOrganiser)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		":code": e.Code, ":registration": codes[0], ":number": issued.Certificates[0].Number, ":project": s.Project.Code, ":report": frozen.Code,
	}
}

func fill(path string, with map[string]string) string {
	for name, value := range with {
		path = strings.ReplaceAll(path, name, value)
	}
	return path
}

func TestEveryLookOfAnAuditorIsRecordedBeforeItIsAnswered(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		with := s.filledEvent(t)
		s = s.as(t, auditor)
		looked, may := 0, account.Actor{Grants: []account.Grant{{Role: account.Auditor, Scope: s.Project.Scope()}}}
		for _, r := range s.pages.Routes() {
			path := fill(r.Path, with)
			if r.Method != http.MethodGet || strings.Contains(path, ":") || !may.CanSomewhere(account.Permission(r.Need.String())) {
				continue
			}
			before := s.last(t)
			a := s.get(t, path)
			found := s.entries(t, before)
			if a.code != http.StatusOK {
				if len(found) != 0 {
					t.Errorf("%s: answered %d and recorded %v", path, a.code, found)
				}
				continue
			}
			looked++
			want := audit.View
			if strings.Contains(r.Path, ".") {
				want = audit.Export
			}
			if len(found) != 1 || found[0].Action != want || found[0].Role != string(account.Auditor) || found[0].Actor != auditor || found[0].RequestID == "" || !strings.Contains(string(found[0].Detail.V), `"page":"`+path+`"`) {
				t.Errorf("%s: recorded %+v", path, found)
			}
			if strings.Contains(path, "/events/") && !strings.HasSuffix(path, "/new") && (len(found) != 1 || found[0].EventID == 0) {
				t.Errorf("%s: recorded without its event: %+v", path, found)
			}
			if want == audit.View && len(a.all(".watched")) != 1 {
				t.Errorf("%s doesn't say that it is recorded", path)
			}
		}
		if looked < 15 {
			t.Errorf("only %d pages were looked at", looked)
		}
	})
}

func TestAnAuditorChangesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		with := s.filledEvent(t)
		s = s.as(t, auditor)
		token := s.get(t, "/desk").attr("input[name=_csrf]", "value")
		before := s.last(t)
		for _, r := range s.pages.Routes() {
			if r.Method == http.MethodGet {
				continue
			}
			path := strings.NewReplacer(":link", "1", ":user", "1", ":id", "1").Replace(fill(r.Path, with))
			if a := s.write(t, r.Method, "", path, url.Values{"_csrf": {token}}); a.code != http.StatusForbidden && a.code != http.StatusNotFound {
				t.Errorf("%s %s: %d", r.Method, path, a.code)
			}
		}
		if found := s.entries(t, before); len(found) != 0 {
			t.Errorf("recorded: %v", found)
		}
	})
}

// deaf is a record that can't be written.
type deaf struct{}

func (deaf) Look(context.Context, audit.Entry) error { return errors.New("the disk is full") }

func TestWhatCantBeRecordedIsntShown(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, func(c *web.Config) { c.Looks, c.Log = deaf{}, nil })
		with := s.filledEvent(t)
		for who, paths := range map[string][]string{
			auditor: {"/desk/events/:code/registrations", "/desk/events/:code/registrations.csv"}, organiser: {"/desk/events/:code/registrations.csv", "/desk/events/:code/certificates/:number.pdf"},
		} {
			s := s.as(t, who)
			for _, path := range paths {
				r := s.send(t, httptest.NewRequest(http.MethodGet, "https://attesta.example"+fill(path, with), nil))
				b, err := io.ReadAll(r.Body)
				if err != nil {
					t.Fatal(err)
				}
				if r.StatusCode != http.StatusInternalServerError || r.Header.Get("Content-Disposition") != "" {
					t.Errorf("%s of %s: %d", path, who, r.StatusCode)
				}
				if body := string(b); strings.Contains(body, "vesna.0@") || strings.Contains(body, "%PDF") || strings.Contains(body, with[":registration"]) {
					t.Errorf("%s of %s shows what isn't recorded", path, who)
				}
			}
		}
	})
}

func TestWhoeverTakesAListOutIsRecorded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		with := s.filledEvent(t)
		s = s.as(t, organiser)
		before := s.last(t)
		s.get(t, fill("/desk/events/:code/registrations?status=approved&q=Vesna", with))
		s.get(t, fill("/desk/events/:code/registrations.csv?status=approved&q=Vesna", with))
		s.get(t, fill("/desk/events/:code/certificates.zip", with))
		var got []string
		for _, e := range s.entries(t, before) {
			got = append(got, e.Action+" "+e.Role+" "+e.Actor+" "+string(e.Detail.V))
		}
		want := []string{
			"export organiser organiser " + fill(`{"page":"/desk/events/:code/registrations.csv","status":"approved"}`, with),
			"export organiser organiser " + fill(`{"page":"/desk/events/:code/certificates.zip"}`, with),
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEachReadsTheRecordOfTheirOwnEvents(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		with := s.filledEvent(t)
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return audit.Record(ctx, tx, account.System.Deed("grant", "user", 3))
		})
		if err != nil {
			t.Fatal(err)
		}
		at := fill("/desk/events/:code/audit", with)
		for who, want := range map[string][2]int{organiser: {200, 200}, coordinator: {200, 200}, auditor: {200, 200}, stranger: {200, 404}, donor: {403, 403}} {
			s := s.as(t, who)
			for i, path := range []string{"/desk/audit", at} {
				if a := s.get(t, path); a.code != want[i] {
					t.Errorf("%s of %s: %d, want %d", path, who, a.code, want[i])
				}
			}
		}
		s = s.as(t, organiser)
		for _, path := range []string{"/desk/audit", at} {
			whats := s.get(t, path).texts(".audit tbody td[data-label='What'] > span")
			for _, want := range []string{"Application sent", "Certificate issued", "Registration opened"} {
				if !slices.ContainsFunc(whats, func(w string) bool { return strings.HasPrefix(w, want) }) {
					t.Errorf("%s lacks %q: %q", path, want, whats)
				}
			}
			if slices.ContainsFunc(whats, func(w string) bool { return strings.HasPrefix(w, "Role given") }) {
				t.Errorf("%s shows an organiser who got a role", path)
			}
		}
		if got := len(s.as(t, stranger).get(t, "/desk/audit").all(".audit tbody tr")); got != 0 {
			t.Errorf("a stranger reads %d entries", got)
		}
		person := s.get(t, fill("/desk/events/:code/registrations/:registration", with))
		if got := strings.Join(person.texts("section[aria-labelledby=h-record] strong"), ", "); !strings.HasPrefix(got, "Certificate issued, Attendance marked") || !strings.HasSuffix(got, "Application sent") {
			t.Errorf("a person's history: %q", got)
		}
	})
}

func TestTheRecordIsNarrowedAndReadInSteps(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		codes := s.apply(t, e.Code, 60)
		s = s.as(t, organiser)
		at := "/desk/events/" + e.Code
		s.press(t, at+"/registrations", at+"/registrations", url.Values{"do": {"approve"}, "who": codes[:1]})
		at += "/audit"
		seen := map[string]bool{}
		pages := 0
		for href := at; href != ""; pages++ {
			a := s.get(t, href)
			for _, n := range a.all(".audit tbody tr") {
				if id := attrOf(n, "id"); seen[id] {
					t.Errorf("%s is shown twice", id)
				} else {
					seen[id] = true
				}
			}
			href = ""
			if len(a.all("a[rel=next]")) == 1 {
				href = a.attr("a[rel=next]", "href")
			}
		}
		if len(seen) != 63 || pages != 2 { // made, opened, 60 sent, one decided
			t.Errorf("%d entries on %d pages", len(seen), pages)
		}
		for query, want := range map[string]int{
			"?who=u1": 1, "?who=participant": 50, "?who=system": 2, "?kind=event": 2, "?kind=certificate": 0, "?from=2022-05-02&to=2022-05-02": 50, "?from=2022-05-03": 0, "?to=2022-05-01": 0,
			"?who=u1&kind=event": 0, "?who=u999": 0,
		} {
			if got := len(s.get(t, at+query).all(".audit tbody tr")); got != want {
				t.Errorf("%s shows %d entries, want %d", query, got, want)
			}
		}
		if got := s.get(t, at+"?who=u1").text(".audit .changes"); got != "Status: Submitted → Approved" {
			t.Errorf("a decision is shown as %q", got)
		}
		if got := len(s.get(t, "/desk/audit?event=nowhere").all(".audit tbody tr")); got != 0 {
			t.Errorf("an event that isn't there has %d entries", got)
		}
		csv := s.get(t, at+".csv?who=u1")
		if !strings.Contains(csv.body, "Decision on the application") || strings.Count(csv.body, "\n") != 3 || !strings.Contains(csv.body, "Head of the chain: ") {
			t.Errorf("the file: %s", csv.body)
		}
		if a := s.get(t, at+".xlsx"); !strings.HasPrefix(a.body, "PK") {
			t.Errorf("the workbook: %d", a.code)
		}
	})
}

func TestTheRecordPageSaysWhetherItIsWhole(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		if _, err := s.pages.Audit.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		s = s.as(t, organiser)
		at := "/desk/events/" + e.Code + "/audit"
		if got := s.get(t, at).text("#h-seal"); got != "The record is whole" {
			t.Errorf("it says %q", got)
		}
		drop := "DROP TRIGGER audit_unchanged"
		if d.Dialect() == db.Postgres {
			drop += " ON audit"
		}
		for _, statement := range []string{drop, "UPDATE audit SET actor = 'Eva' WHERE id = 2"} {
			if err := d.InTx(t.Context(), apptest.Exec(statement)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.pages.Audit.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		a := s.get(t, at)
		if got := a.text("#h-seal") + ": " + strings.Join(a.texts(".sealed li"), " "); got != "The record was changed beneath the program: Entry 2 was changed." {
			t.Errorf("it says %q", got)
		}
	})
}

// The record outlives the personal data: no name and no address of a participant may stand in it.
func TestTheRecordHoldsNothingOfAParticipant(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		for i := range 2 {
			sub := apptest.Submission(i)
			sub.GivenName, sub.FamilyName, sub.CertificateName, sub.OtherScriptName, sub.Phone, sub.Position = "Kanarinka", "Canary", "Kanarinka Canary", "Канаринка", "+382 67 999 111", "canary"
			sub.Email = []string{"canary@example.org", "canary.2@example.org"}[i]
			sub.Answers = registration.Answers{Diet: "canary", Accessibility: "canary", Expectations: "canary"}
			if _, err := s.Registrations.Register(t.Context(), e.Code, sub); err != nil {
				t.Fatal(err)
			}
		}
		s.doEverything(t, e.Code)
		entries := s.entries(t, 0)
		if len(entries) < 20 {
			t.Fatalf("only %d entries", len(entries))
		}
		for _, x := range entries {
			for _, text := range []string{x.Actor, string(x.Detail.V)} {
				if low := strings.ToLower(text); strings.Contains(low, "canary") || strings.Contains(low, "kanarinka") || strings.Contains(low, "канаринка") || strings.Contains(low, "999 111") {
					t.Errorf("%s of %s says %s", x.Action, x.Subject, text)
				}
			}
		}
	})
}
