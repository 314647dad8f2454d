package job_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/job"
)

type sweep struct{}

func (sweep) Kind() string { return "test.sweep" }

func TestAQueueThatStopsAtOnceComplainsOfNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		var said strings.Builder
		for range 5 {
			q := job.New(d, slog.New(slog.NewTextHandler(&said, &slog.HandlerOptions{Level: slog.LevelWarn})))
			job.Every(q, time.Second, sweep{}, func(context.Context) error { return nil })
			if err := q.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := q.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if said.Len() > 0 {
			t.Errorf("it said:\n%s", said.String())
		}
	})
}

func TestWhatRunsEveryDayRunsOnceADayHoweverOftenTheProgramStarts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		var runs atomic.Int64
		for range 2 {
			q := job.New(d, nil)
			job.Every(q, 24*time.Hour, sweep{}, func(context.Context) error { runs.Add(1); return nil })
			if err := q.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			for end := time.Now().Add(10 * time.Second); runs.Load() == 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			}
			time.Sleep(time.Second)
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := q.Stop(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if runs.Load() != 1 {
			t.Fatalf("it ran %d times in a day, want once", runs.Load())
		}
	})
}
