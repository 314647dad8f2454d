package app_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/event"
	"attesta/app/registration"
)

func TestTwoHundredAtOnceForTenPlacesLoseNobody(t *testing.T) {
	for name, fresh := range databases {
		for decision, first := range map[event.Decision]registration.Status{event.Automatic: registration.Approved, event.ByOrganiser: registration.Submitted} {
			t.Run(name+"/"+string(decision), func(t *testing.T) {
				s := serve(t, fresh(t))
				e := s.Event(t, apptest.Seats(10), func(f *event.Facts) { f.Decision = decision })
				paths := s.storm(t, e, 200)
				got := map[registration.Status]int{}
				links := map[string]bool{}
				for _, r := range s.registrations(t, e) {
					got[r.Status]++
					links[s.Registrations.Link(&r)] = true
				}
				if diff := cmp.Diff(map[registration.Status]int{first: 10, registration.Waitlisted: 190}, got); diff != "" {
					t.Error(diff)
				}
				for i, p := range paths {
					if !links[p] {
						t.Errorf("the %dth was led to %q, which is nobody's page", i, p)
					}
				}
				if got := s.Reload(t, e); got.SeatsTaken+got.SeatsAsked != 10 {
					t.Errorf("%d seats are taken and %d asked for", got.SeatsTaken, got.SeatsAsked)
				}
				s.everybodyGetsOneMail(t, 200)
			})
		}
	}
}

// storm registers n people at the same moment, each from an address of their own, and returns where each was led.
func (s *site) storm(t *testing.T, e *event.Event, n int) []string {
	t.Helper()
	paths, errs := make([]string, n), make([]error, n)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-begin
			paths[i], errs[i] = newClient(s.Base, fmt.Sprintf("10.2.0.%d", i)).register(t.Context(), e.Code, "Vesna", fmt.Sprintf("Ćetković %d", i), fmt.Sprintf("vesna.%d@jt.me.example", i))
		})
	}
	close(begin)
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			t.Errorf("the %dth: %v", i, err)
		}
	}
	return paths
}

func (s *site) everybodyGetsOneMail(t *testing.T, people int) {
	t.Helper()
	to := map[string]int{}
	for end := time.Now().Add(40 * time.Second); len(s.mails.Messages()) < people && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
	}
	for _, m := range s.mails.Messages() {
		to[m.Address]++
	}
	for address, n := range to {
		if n != 1 {
			t.Errorf("%s got %d mails", address, n)
		}
	}
	if len(to) != people {
		t.Errorf("%d people got a mail", len(to))
	}
}

func TestOneSourceIsHeldBackAndAnotherIsNot(t *testing.T) {
	s := serve(t, apptest.SQLite(t))
	e := s.Event(t, apptest.Seats(100))
	apply := func(source string, n int) error {
		_, err := newClient(s.Base, source).register(t.Context(), e.Code, "Vesna", "Ćetković", fmt.Sprintf("vesna.%d@jt.me.example", n))
		return err
	}
	for n := range 60 {
		if err := apply("10.3.0.1", n); err != nil {
			t.Fatal(err)
		}
	}
	if err := apply("10.3.0.1", 60); err == nil {
		t.Errorf("the 61st from one source isn't answered %d", http.StatusTooManyRequests)
	}
	if err := apply("10.3.0.2", 61); err != nil {
		t.Errorf("another source: %v", err)
	}
}
