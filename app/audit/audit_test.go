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

func TestADeedIsRecordedWithItsRequest(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := audit.WithRequestID(t.Context(), "r-1")
		before := time.Now().Add(-time.Second)
		record(ctx, t, d, audit.Entry{
			UserID: 3, Actor: "Ana", Action: "approve", Subject: "registration", SubjectID: 8, EventID: 2,
			Detail: audit.Detail(map[string]any{"from": "submitted"}),
		})
		got, err := audit.OfEvent(t.Context(), d, 2, 0, 10)
		if err != nil || len(got) != 1 {
			t.Fatalf("%v %v", got, err)
		}
		if got[0].At.Before(before) || got[0].At.After(time.Now().Add(time.Second)) {
			t.Errorf("recorded at %v", got[0].At)
		}
		want := audit.Entry{
			ID: got[0].ID, At: got[0].At, UserID: 3, Actor: "Ana", Action: "approve", Subject: "registration", SubjectID: 8, EventID: 2,
			Detail: audit.Detail(map[string]any{"from": "submitted"}), RequestID: "r-1",
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
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
		if got, err := audit.OfEvent(t.Context(), d, 2, 0, 10); err != nil || len(got) != 0 {
			t.Fatalf("%v %v", got, err)
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
			page, err := audit.OfEvent(t.Context(), d, 2, before, 2)
			if err != nil {
				t.Fatal(err)
			}
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
