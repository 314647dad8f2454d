package audit_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
)

func record(ctx context.Context, t *testing.T, d *db.DB, entries ...audit.Entry) {
	t.Helper()
	err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, e := range entries {
			if err := audit.Record(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ofEvent lists an event's entries to somebody who may read everything.
func ofEvent(t *testing.T, d *db.DB, f audit.Filter, limit int) []audit.Entry {
	t.Helper()
	list, err := audit.List(t.Context(), d, audit.Reach{All: true}, f, limit)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestADeedIsRecordedWithItsRequestAtTheTimeOfTheClock(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2022, 5, 16, 9, 30, 0, 123e6, time.UTC)
		d.KeepTime(func() time.Time { return now })
		ctx := audit.WithRequestID(t.Context(), "r-1")
		record(ctx, t, d, audit.Entry{
			UserID: 3, Actor: "Ana", Role: "organiser", TokenID: 4, Action: "approve", Subject: "registration", SubjectID: 8, EventID: 2,
			Detail: audit.Detail(map[string]any{"seats": 3}),
		})
		want := []audit.Entry{{
			ID: 1, At: db.At(now), UserID: 3, Actor: "Ana", Role: "organiser", TokenID: 4, Action: "approve", Subject: "registration", SubjectID: 8, EventID: 2,
			Detail: audit.Detail(map[string]any{"seats": 3}), RequestID: "r-1",
		}}
		if diff := cmp.Diff(want, ofEvent(t, d, audit.Filter{EventID: 2}, 10)); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestADeedThatWasUndoneByItsTransactionIsNotRecorded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		_ = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			err := audit.Record(ctx, tx, audit.Entry{Actor: "system", Action: "issue", Subject: "certificate", SubjectID: 1, EventID: 2})
			return errors.Join(err, errors.New("rolled back"))
		})
		if got := ofEvent(t, d, audit.Filter{EventID: 2}, 10); len(got) != 0 {
			t.Fatalf("%v", got)
		}
	})
}

func TestTheAuditIsReadFromTheNewestInSteps(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		for i := range int64(5) {
			record(t.Context(), t, d, audit.Entry{Actor: "system", Action: "issue", Subject: "certificate", SubjectID: i + 1, EventID: 2})
		}
		record(t.Context(), t, d, audit.Entry{Actor: "system", Action: "issue", Subject: "certificate", SubjectID: 1, EventID: 3})
		var seen []int64
		for before := int64(0); ; {
			page := ofEvent(t, d, audit.Filter{EventID: 2, After: before}, 2)
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				seen = append(seen, e.SubjectID)
				before = e.ID
			}
		}
		if diff := cmp.Diff([]int64{5, 4, 3, 2, 1}, seen); diff != "" {
			t.Fatal(diff)
		}
		if got, err := audit.Of(t.Context(), d, "certificate", 1); err != nil || len(got) != 2 || got[0].EventID != 3 {
			t.Fatalf("%v %v", got, err)
		}
	})
}

func TestAnEntryNeedsAnActionAndASubject(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return audit.Record(ctx, tx, audit.Entry{Actor: "system"})
		})
		if err == nil {
			t.Fatal("recorded")
		}
	})
}
