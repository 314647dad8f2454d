package job_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/job"
)

type ring struct{ N int }

func (ring) Kind() string { return "test.ring" }

func TestAJobRunsExactlyIfItsTransactionCommits(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		var sum atomic.Int64
		q := job.New(d, nil)
		job.Handle(q, func(_ context.Context, r ring) error { sum.Add(int64(r.N)); return nil })
		enqueue := func(n int, err error) {
			_ = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return errors.Join(q.Enqueue(ctx, tx, ring{n}), err)
			})
		}
		enqueue(1, nil)
		enqueue(10, errors.New("rolled back"))
		enqueue(100, nil)
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if n, err := job.Pending(t.Context(), d); err != nil || n == 0 {
				break
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if sum.Load() != 101 {
			t.Fatalf("jobs ran: %d, want 101", sum.Load())
		}
	})
}
