package public_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
)

func TestMaterialsAreGivenToWhomTheyAreForAndToNobodyElse(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, other := s.Event(t, apptest.Automatic, apptest.Seats(1)), s.Event(t)
		codes := map[event.Shown]string{}
		add := func(name string, shown event.Shown, from time.Time) string {
			t.Helper()
			m, err := s.Events.AddFile(t.Context(), account.System, e.Code, event.MaterialFacts{Shown: shown, ShownFrom: from, Language: "en"}, name+".txt", strings.NewReader(name), int64(len(name)))
			if err != nil {
				t.Fatal(err)
			}
			return m.Code
		}
		for _, shown := range event.Audiences {
			codes[shown] = add(string(shown), shown, time.Time{})
		}
		later := add("later", event.ToAll, s.Clock.Now().Add(time.Hour))
		if _, err := s.Events.AddLink(t.Context(), account.System, e.Code, event.MaterialFacts{Title: "Elsewhere", Language: "en", URL: "https://www.example.org/x?y=1"}); err != nil {
			t.Fatal(err)
		}
		in, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		waiting, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(2))
		if err != nil {
			t.Fatal(err)
		}
		my := func(link string) string { return link[strings.Index(link, "/my/"):] }
		page, mine, theirs := "/en/events/"+e.Code, my(s.Registrations.Link(in)), my(s.Registrations.Link(waiting))
		gets := func(when string, at string, want ...event.Shown) {
			t.Helper()
			for _, shown := range event.Audiences {
				a := s.get(t, at+"/materials/"+codes[shown])
				if ok := a.code == http.StatusOK && a.body == string(shown); ok != slices.Contains(want, shown) || !ok && a.code != http.StatusNotFound {
					t.Errorf("%s: what is for %s at %s: %d", when, shown, at, a.code)
				}
			}
		}
		gets("published", page, event.ToAll)
		gets("approved", mine, event.ToAll, event.ToApproved)
		gets("waiting", theirs)
		if got := s.get(t, page).texts(".files a"); !slices.Equal(got, []string{"all", "Elsewhere"}) {
			t.Errorf("the public page lists %q", got)
		}
		if a := s.get(t, page); a.attr(".files li:last-child a", "rel") != "noopener noreferrer" || a.texts(".files span")[1] != "opens on another site: www.example.org" {
			t.Errorf("the link: %q", a.texts(".files span"))
		}
		if got := s.get(t, mine).texts(".files a"); !slices.Equal(got, []string{"all", "approved", "Elsewhere"}) {
			t.Errorf("my page lists %q", got)
		}
		if got := s.get(t, theirs).texts(".files a"); len(got) > 0 {
			t.Errorf("the page of who waits lists %q", got)
		}
		a := s.get(t, mine+"/materials/"+codes[event.ToApproved])
		for name, want := range map[string]string{
			"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "text/plain", "Content-Disposition": "attachment; filename=approved.txt",
			"Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'", "Referrer-Policy": "no-referrer",
		} {
			if got := a.head.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		for _, path := range []string{
			page + "/materials/" + later, "/en/events/" + other.Code + "/materials/" + codes[event.ToAll], "/my/madeup/materials/" + codes[event.ToAll], page + "/materials/none", page + "/materials/..%2f..%2fattesta.db",
		} {
			if a := s.get(t, path); a.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, a.code)
			}
		}

		s.Clock.Set(e.Begins().Add(10 * time.Hour))
		if _, err := s.Attendance.MarkList(t.Context(), account.System, e.Code, []attendance.Tick{{Code: in.Code, Position: 1}}); err != nil {
			t.Fatal(err)
		}
		gets("there", mine, event.ToAll, event.ToApproved, event.ToAttendees)
		if a := s.get(t, page+"/materials/"+later); a.code != http.StatusOK {
			t.Errorf("its time has come: %d", a.code)
		}
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE events SET quiet = ? WHERE id = ?", true, e.ID)); err != nil {
			t.Fatal(err)
		}
		gets("quiet", page)
		gets("quiet", mine, event.ToAll, event.ToApproved, event.ToAttendees)
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE events SET quiet = ?, state = 'draft' WHERE id = ?", false, e.ID)); err != nil {
			t.Fatal(err)
		}
		gets("a draft", page)
	})
}
