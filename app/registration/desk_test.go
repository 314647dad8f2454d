package registration_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/registration"
)

func register(t *testing.T, w *apptest.World, e *event.Event, n int) *registration.Registration {
	t.Helper()
	r, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(n))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func statuses(t *testing.T, w *apptest.World, e *event.Event) map[registration.Status]int {
	t.Helper()
	n, err := w.Registrations.Count(t.Context(), account.System, e)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func mails(t *testing.T, w *apptest.World) map[string]int {
	t.Helper()
	var rows []struct {
		Kind string
		N    int
	}
	if err := w.DB.Read().NewRaw("SELECT kind, COUNT(*) AS n FROM outbox GROUP BY kind").Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, r := range rows {
		out[r.Kind] = r.N
	}
	return out
}

func TestTwoHundredAtOnceGetTenSeatsAndNobodyIsLost(t *testing.T) {
	for _, c := range []struct {
		name   string
		option apptest.EventOption
		first  registration.Status
	}{
		{"automatic", apptest.Automatic, registration.Approved},
		{"organiser", func(*event.Facts) {}, registration.Submitted},
	} {
		t.Run(c.name, func(t *testing.T) {
			apptest.Each(t, func(t *testing.T, d *db.DB) {
				w := apptest.NewWorld(t, d)
				e := w.Event(t, apptest.Seats(10), c.option)
				var wg sync.WaitGroup
				for n := range 200 {
					wg.Go(func() {
						if _, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(n)); err != nil {
							t.Errorf("registration %d: %v", n, err)
						}
					})
				}
				wg.Wait()
				want := map[registration.Status]int{c.first: 10, registration.Waitlisted: 190}
				if diff := cmp.Diff(want, statuses(t, w, e)); diff != "" {
					t.Errorf("statuses (-want +got):\n%s", diff)
				}
				wantMails := map[string]int{"registration." + string(c.first): 10, "registration.waitlisted": 190}
				if diff := cmp.Diff(wantMails, mails(t, w)); diff != "" {
					t.Errorf("mails (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestTheSamePersonAtOnceGetsOnePlace(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		var mu sync.Mutex
		var wg sync.WaitGroup
		taken := 0
		for range 20 {
			wg.Go(func() {
				_, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					taken++
				case !errors.Is(err, registration.ErrAlready):
					t.Errorf("got %v", err)
				}
			})
		}
		wg.Wait()
		if got := w.Reload(t, e); taken != 1 || got.SeatsTaken != 1 {
			t.Fatalf("%d registrations accepted, %d seats taken", taken, got.SeatsTaken)
		}
	})
}

func TestConcurrentApprovalsNeverPassTheSeats(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Seats(5))
		var codes []string
		for n := range 30 {
			codes = append(codes, register(t, w, e, n).Code)
		}
		var wg sync.WaitGroup
		for _, code := range codes {
			wg.Go(func() {
				if _, err := w.Registrations.Decide(t.Context(), w.Organiser(), e.Code, []string{code}, registration.Approved, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := statuses(t, w, e)[registration.Approved]; n != 5 {
			t.Fatalf("%d approved for 5 seats", n)
		}
		if e := w.Reload(t, e); e.SeatsTaken != 5 || e.SeatsAsked != 0 {
			t.Fatalf("counters %d taken, %d asked", e.SeatsTaken, e.SeatsAsked)
		}
	})
}

func TestACancelledPlaceGoesToWhoeverHasWaitedLongest(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Seats(1), apptest.Automatic)
		first := register(t, w, e, 1)
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		second := register(t, w, e, 2)
		w.Clock.Set(w.Clock.Now().Add(time.Minute))
		third := register(t, w, e, 3)
		for range 2 { // cancelling twice is cancelling once
			if err := w.Registrations.Cancel(t.Context(), first.Actor(), first.ID); err != nil {
				t.Fatal(err)
			}
		}
		want := map[string]registration.Status{first.Code: registration.Cancelled, second.Code: registration.Approved, third.Code: registration.Waitlisted}
		list, err := w.Registrations.List(t.Context(), w.Organiser(), e, registration.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]registration.Status{}
		for _, r := range list {
			got[r.Code] = r.Status
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		again := register(t, w, e, 1)
		if again.ID != first.ID || again.LinkHash != first.LinkHash || again.Status != registration.Waitlisted {
			t.Errorf("coming back gave %+v", again)
		}
	})
}

func TestNobodyCancelsForAnother(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		a, b := register(t, w, e, 1), register(t, w, e, 2)
		for name, actor := range map[string]account.Actor{"another participant": b.Actor(), "a visitor": account.Anyone, "an organiser": w.Organiser()} {
			if err := w.Registrations.Cancel(t.Context(), actor, a.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestTheLinkOpensOnlyItsOwnRegistration(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		r := register(t, w, e, 1)
		link := strings.TrimPrefix(w.Registrations.Link(r), "/my/")
		got, err := w.Registrations.ByToken(t.Context(), link)
		if err != nil || got.ID != r.ID {
			t.Fatalf("%v, %v", got, err)
		}
		for _, bad := range []string{"", "x", link[:25], r.LinkNonce, r.LinkHash, strings.Repeat("A", 10_000)} {
			if _, err := w.Registrations.ByToken(t.Context(), bad); !errors.Is(err, registration.ErrNotFound) {
				t.Errorf("%.30q opens %v", bad, err)
			}
		}
		var kept string
		if err := d.Read().NewRaw("SELECT params FROM outbox").Scan(t.Context(), &kept); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(kept, link) {
			t.Error("the outbox keeps the token")
		}
	})
}

func TestRegistrationFollowsItsWindow(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		opens, closes := w.Clock.Now().Add(time.Hour), w.Clock.Now().Add(2*time.Hour)
		e := w.Event(t)
		_, err := w.Events.Update(t.Context(), account.System, e.Code, e.Version, event.Facts{
			Code: e.Code, Type: e.Type, Title: e.Title, Country: e.Country, StartsOn: e.StartsOn, Days: e.Days, Seats: e.Seats, OpensAt: opens, ClosesAt: closes,
		})
		if err != nil {
			t.Fatal(err)
		}
		for n, c := range []struct {
			at   time.Time
			open bool
		}{{opens.Add(-time.Second), false}, {opens, true}, {closes.Add(-time.Second), true}, {closes, false}} {
			w.Clock.Set(c.at)
			_, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(n))
			if c.open != (err == nil) || !c.open && !errors.Is(err, registration.ErrClosed) {
				t.Errorf("at %v: %v", c.at, err)
			}
		}
	})
}

func TestADecisionIsForThoseWhoMay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		r := register(t, w, e, 1)
		other := account.Link(account.Organiser, account.OrganisationScope, w.Organisation.ID+1)
		if _, err := w.Registrations.Decide(t.Context(), other, e.Code, []string{r.Code}, registration.Approved, ""); !errors.Is(err, event.ErrNotFound) {
			t.Errorf("another organisation: %v", err)
		}
		if _, err := w.Registrations.List(t.Context(), other, e, registration.Filter{}); !errors.Is(err, event.ErrNotFound) {
			t.Errorf("another organisation lists: %v", err)
		}
		donor := account.Link(account.Donor, account.ProjectScope, w.Project.ID)
		if _, err := w.Registrations.List(t.Context(), donor, e, registration.Filter{}); !errors.Is(err, event.ErrNotFound) {
			t.Errorf("a donor lists: %v", err)
		}
		out, err := w.Registrations.Decide(t.Context(), w.Organiser(), e.Code, []string{r.Code, "NOSUCH00"}, registration.Rejected, "Another round follows.")
		if err != nil || len(out) != 1 || out[0].Status != registration.Rejected {
			t.Fatalf("%+v, %v", out, err)
		}
	})
}

func TestBadInputIsToldBesideItsField(t *testing.T) {
	long := strings.Repeat("ж", 10_000)
	for _, c := range []struct {
		name   string
		change func(*registration.Submission)
		want   string
	}{
		{"empty", func(s *registration.Submission) { *s = registration.Submission{} },
			"given_name form.required, family_name form.required, certificate_name form.required, email form.required, country form.choose, institution_type form.choose, institution form.required, consent_data registration.consent_required"},
		{"long name", func(s *registration.Submission) { s.GivenName = long; s.CertificateName = "Ж" }, "given_name form.too_long"},
		{"emoji", func(s *registration.Submission) { s.FamilyName = "Ana 😀"; s.CertificateName = "Ana" }, "family_name form.name_character"},
		{"script", func(s *registration.Submission) { s.CertificateName = "<script>alert(1)</script>" }, "certificate_name form.name_character"},
		{"line break in the address", func(s *registration.Submission) { s.Email = "a@b.example\r\nBcc: c@d.example" }, "email form.email"},
		{"name in the address", func(s *registration.Submission) { s.Email = "Ana <a@b.example>" }, "email form.email"},
		{"no domain", func(s *registration.Submission) { s.Email = "ana@localhost" }, "email form.email"},
		{"no country", func(s *registration.Submission) { s.Country = "<>" }, "country form.choose"},
		{"phone", func(s *registration.Submission) { s.Phone = "=cmd|' /C calc'!A0" }, "phone form.phone"},
		{"no consent", func(s *registration.Submission) { s.ConsentData = false }, "consent_data registration.consent_required"},
	} {
		s := apptest.Submission(1)
		c.change(&s)
		s.Complete()
		f := fault.From(s.Check())
		if f == nil {
			t.Errorf("%s: accepted", c.name)
			continue
		}
		var got []string
		for _, x := range f.Fields {
			got = append(got, x.Name+" "+x.Key)
		}
		if diff := cmp.Diff(c.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestNamesOfTheRegionAreAccepted(t *testing.T) {
	for _, n := range []string{"Đorđe", "Ђорђе", "Ѓорѓи", "Gëzim", "Śekula", "Marija Petrović-Jovanović", "O’Neill", "Ana M.", "Ј. Ј. Змај", "Shkëlzen", "С́екула", "José"} {
		s := apptest.Submission(1)
		s.GivenName = n
		s.Complete()
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
}

func TestSearchFindsNamesInEitherScript(t *testing.T) {
	for _, c := range []struct {
		name, search string
		want         bool
	}{
		{"Đorđe Đoković", "djok", true}, {"Đorđe Đoković", "dok", true}, {"Ђорђе Ђоковић", "đok dorđ", true}, {"Ана Петровић", "pet an", true},
		{"Ana Petrović", "rovic", false}, {"Ana Petrović", "ana x", false},
	} {
		if got := registration.Matches(c.name, c.search); got != c.want {
			t.Errorf("%q in %q: %v", c.search, c.name, got)
		}
	}
}

func TestMergingFoldsTwoRegistrationsAndUnmergingSeparatesThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, other := w.Event(t, apptest.Automatic), w.Event(t, apptest.Automatic)
		a, b := register(t, w, e, 1), register(t, w, e, 2)
		c, err := w.Registrations.Register(t.Context(), other.Code, apptest.Submission(2))
		if err != nil {
			t.Fatal(err)
		}
		state := func() string {
			var rows []struct {
				ID, PersonID int64
				FoldedInto   *int64
			}
			if err := d.Read().NewRaw("SELECT id, person_id, folded_into FROM registrations ORDER BY id").Scan(t.Context(), &rows); err != nil {
				t.Fatal(err)
			}
			s := fmt.Sprint(w.Reload(t, e).SeatsTaken, w.Reload(t, other).SeatsTaken)
			for _, r := range rows {
				s += fmt.Sprintf("; %d of %d %v", r.ID, r.PersonID, r.FoldedInto != nil)
			}
			return s
		}
		before := state()
		if _, err := w.Persons.Merge(t.Context(), account.System, a.PersonID, b.PersonID); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("1 1; %d of %d false; %d of %d true; %d of %d false", a.ID, a.PersonID, b.ID, b.PersonID, c.ID, a.PersonID)
		if got := state(); got != want {
			t.Fatalf("merged: %s\nwant: %s", got, want)
		}
		if _, err := w.Persons.Unmerge(t.Context(), account.System, b.PersonID); err != nil {
			t.Fatal(err)
		}
		if got := state(); got != before {
			t.Fatalf("unmerged: %s\nbefore: %s", got, before)
		}
	})
}
