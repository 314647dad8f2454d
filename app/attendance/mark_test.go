package attendance_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/registration"
)

func TestWhatFollowsFromClaims(t *testing.T) {
	yes := func(s attendance.Source) attendance.Claim { return attendance.Claim{Source: s, Present: true} }
	no := func(s attendance.Source) attendance.Claim { return attendance.Claim{Source: s} }
	for _, c := range []struct {
		name   string
		claims []attendance.Claim
		want   bool
	}{
		{"none", nil, false},
		{"a scan", []attendance.Claim{yes(attendance.Scan)}, true},
		{"absent in the list, scanned at the door", []attendance.Claim{yes(attendance.Scan), no(attendance.Import)}, true},
		{"a corrected import", []attendance.Claim{yes(attendance.Import), no(attendance.Import)}, false},
		{"taken back", []attendance.Claim{yes(attendance.Scan), yes(attendance.Import), no(attendance.Correction)}, false},
		{"taken back and scanned again", []attendance.Claim{yes(attendance.Scan), no(attendance.Correction), yes(attendance.Scan)}, true},
	} {
		if got := attendance.Follows(c.claims); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestCompletionIsMetExactlyAtTheThreshold(t *testing.T) {
	for _, c := range []struct {
		present, all int
		threshold    float64
		want         bool
	}{{4, 5, 0.8, true}, {3, 4, 0.8, false}, {5, 6, 0.8, true}, {4, 4, 1, true}, {3, 4, 1, false}, {0, 0, 0.8, false}, {7, 10, 0.7, true}, {3, 10, 0.3, true}} {
		if got := attendance.Completed(c.present, c.all, c.threshold); got != c.want {
			t.Errorf("%d of %d at %v: %v", c.present, c.all, c.threshold, got)
		}
	}
}

func approved(t *testing.T, w *apptest.World, e *event.Event, n int) *registration.Registration {
	t.Helper()
	r, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(n))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func helper(e *event.Event) account.Actor {
	return account.Link(account.Helper, account.EventScope, e.ID)
}

func TestTheDoorAnswersWhatItMay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, other := w.Event(t, apptest.Automatic, apptest.Seats(1)), w.Event(t, apptest.Automatic)
		in, waiting := approved(t, w, e, 1), approved(t, w, e, 2)
		elsewhere := approved(t, w, other, 3)
		for _, c := range []struct {
			code string
			want attendance.Answer
			tell bool
		}{
			{in.Code, attendance.In, true}, {" " + in.Code[:4] + "-" + in.Code[4:], attendance.Already, true}, {waiting.Code, attendance.NotApproved, true},
			{elsewhere.Code, attendance.NotThis, false}, {"ZZZZZZZZ", attendance.Unknown, false}, {"", attendance.Unknown, false},
		} {
			res, err := w.Attendance.Mark(t.Context(), helper(e), attendance.Mark{EventCode: e.Code, Position: 1, Code: c.code, Source: attendance.Scan})
			if err != nil {
				t.Fatal(err)
			}
			if res.Answer != c.want || (res.Registration != nil) != c.tell {
				t.Errorf("%q: %s, tells %v", c.code, res.Answer, res.Registration != nil)
			}
		}
		for name, actor := range map[string]account.Actor{"helper of another event": helper(other), "anyone": account.Anyone, "participant": in.Actor()} {
			_, err := w.Attendance.Mark(t.Context(), actor, attendance.Mark{EventCode: e.Code, Position: 2, Code: in.Code, Source: attendance.Scan})
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.Attendance.Mark(t.Context(), helper(e), attendance.Mark{EventCode: e.Code, Position: 9, Code: in.Code}); !errors.Is(err, attendance.ErrUnit) {
			t.Errorf("no such unit: %v", err)
		}
	})
}

func TestOneScanInManyHandsCountsOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r := approved(t, w, e, 1)
		var mu sync.Mutex
		var wg sync.WaitGroup
		answers := map[attendance.Answer]int{}
		for i := range 40 {
			wg.Go(func() {
				res, err := w.Attendance.Mark(t.Context(), helper(e), attendance.Mark{EventCode: e.Code, Position: 1, Code: r.Code, Source: attendance.Scan, Device: fmt.Sprint(i % 4), RequestKey: fmt.Sprint("k", i/2)})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				answers[res.Answer]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if diff := cmp.Diff(map[attendance.Answer]int{attendance.In: 1, attendance.Already: 39}, answers); diff != "" {
			t.Errorf("answers (-want +got):\n%s", diff)
		}
		_, rows, err := attendance.Roll(t.Context(), d.Read(), e)
		if err != nil || len(rows) != 1 || rows[0].Registration.UnitsPresent != 1 {
			t.Fatalf("%+v, %v", rows, err)
		}
		var claims int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM claims").Scan(t.Context(), &claims); err != nil || claims != 20 {
			t.Errorf("%d claims for 20 different requests, %v", claims, err)
		}
	})
}

func TestAMarkCanBeTakenBackAndGivenAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r := approved(t, w, e, 1)
		step := func(absent bool, want attendance.Answer, units int) {
			t.Helper()
			w.Clock.Set(w.Clock.Now().Add(time.Minute))
			res, err := w.Attendance.Mark(t.Context(), w.Organiser(), attendance.Mark{EventCode: e.Code, Position: 3, RegistrationID: r.ID, Source: attendance.List, Absent: absent})
			if err != nil || res.Answer != want {
				t.Fatalf("%v, %v; want %v", res.Answer, err, want)
			}
			_, rows, err := w.Attendance.Roll(t.Context(), w.Organiser(), e)
			if err != nil || rows[0].Registration.UnitsPresent != units || rows[0].Present[2] != (units == 1) {
				t.Fatalf("%+v, %v", rows, err)
			}
		}
		step(true, attendance.OutAlready, 0)
		step(false, attendance.In, 1)
		step(true, attendance.Out, 0)
		step(false, attendance.In, 1)
	})
}

func TestAHelpersLinkEndsWhenRevokedAndAfterTheEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		open := func(l *attendance.Link) error {
			_, got, err := w.Attendance.Open(t.Context(), w.Attendance.Path(l)[len("/checkin/"):])
			if err == nil && got.ID != e.ID {
				t.Errorf("opens event %d", got.ID)
			}
			return err
		}
		a, err := w.Attendance.NewLink(t.Context(), w.Organiser(), e.Code, "Front door")
		if err != nil {
			t.Fatal(err)
		}
		b, err := w.Attendance.NewLink(t.Context(), w.Organiser(), e.Code, "Side door")
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Set(e.Begins().Add(8 * time.Hour))
		if open(a) != nil || open(b) != nil {
			t.Fatal("a new link doesn't open")
		}
		if err := w.Attendance.Revoke(t.Context(), w.Organiser(), e.Code, a.ID); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(open(a), attendance.ErrLink) || open(b) != nil {
			t.Error("revoking one link ended the wrong one")
		}
		w.Clock.Set(e.Ends().Add(13 * time.Hour))
		if !errors.Is(open(b), attendance.ErrLink) {
			t.Error("the link outlives the event")
		}
		if _, err := w.Attendance.NewLink(t.Context(), helper(e), e.Code, "x"); fault.KindOf(err) == "" {
			t.Error("a helper made a link")
		}
	})
}

func TestSearchAtTheDoorNeedsThreeLettersTellsOfFiveAndHidesQuietPeople(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		for n := range 7 {
			approved(t, w, e, 10+n)
		}
		s := apptest.Submission(2)
		s.GivenName, s.Quiet = "Đurđa", true
		if _, err := w.Registrations.Register(t.Context(), e.Code, s); err != nil {
			t.Fatal(err)
		}
		for search, want := range map[string]int{"v": 0, "ve": 0, "ves": 5, "cet": 5, "cetkovic-13": 1, "ђур": 0, "djur": 0, "Ćetković-2 Đurđa": 1, "": 0} {
			got, err := w.Attendance.Find(t.Context(), helper(e), e, search)
			if err != nil || len(got) != want {
				t.Errorf("%q finds %d, %v; want %d", search, len(got), err, want)
			}
		}
	})
}
