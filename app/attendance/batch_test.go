package attendance_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/fault"
)

func TestABatchSentTwiceAtOnceIsRecordedOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		a, b := approved(t, w, e, 1), approved(t, w, e, 2)
		there := []attendance.Mark{
			{Code: a.Code, Position: 1, Source: attendance.Scan, RequestKey: "1"}, {Code: b.Code, Position: 1, Source: attendance.Scan, RequestKey: "2"},
		}
		back := []attendance.Mark{there[1], there[0]}
		var wg sync.WaitGroup
		for _, marks := range [][]attendance.Mark{there, back, there, back} {
			wg.Go(func() {
				if _, err := w.Attendance.MarkAll(t.Context(), w.Organiser(), e.Code, marks); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		_, stories, err := w.Attendance.Page(t.Context(), w.Organiser(), e, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range stories {
			if len(s.Claims) != 1 || len(s.Since) != 1 {
				t.Errorf("%d claims, present at %d units", len(s.Claims), len(s.Since))
			}
		}
		if len(stories) != 2 {
			t.Errorf("%d stories", len(stories))
		}
	})
}

func TestABatchNeedsPresence(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r := approved(t, w, e, 1)
		marks := []attendance.Mark{{Code: r.Code, Position: 1, Source: attendance.Scan}}
		auditor := account.Actor{Grants: []account.Grant{{Role: account.Auditor, Scope: w.Project.Scope()}}}
		for want, actor := range map[fault.Kind]account.Actor{fault.NotFound: account.Anyone, fault.Forbidden: auditor} {
			if _, err := w.Attendance.MarkAll(t.Context(), actor, e.Code, marks); fault.KindOf(err) != want {
				t.Errorf("want %s: %v", want, err)
			}
		}
		out, err := w.Attendance.MarkAll(t.Context(), account.Link(account.Helper, account.EventScope, e.ID), e.Code, marks)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(attendance.In, out[0].Answer); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTheBadgeOfAFoldedRegistrationCountsForTheOneThatStands(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		kept, dropped := approved(t, w, e, 1), approved(t, w, e, 2)
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE registrations SET folded_into = ? WHERE id = ?", kept.ID, dropped.ID)); err != nil {
			t.Fatal(err)
		}
		out, err := w.Attendance.MarkAll(t.Context(), w.Organiser(), e.Code, []attendance.Mark{{Code: dropped.Code, Position: 2, Source: attendance.Scan, RequestKey: "1"}})
		if err != nil || out[0].Answer != attendance.In {
			t.Fatalf("%v %v", out, err)
		}
		_, stories, err := w.Attendance.Page(t.Context(), w.Organiser(), e, "", 10)
		if err != nil || len(stories) != 1 || stories[0].Registration.Code != kept.Code || len(stories[0].Claims) != 1 {
			t.Errorf("%+v %v", stories, err)
		}
	})
}
