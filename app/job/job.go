// Package job runs what has an effect outside the database, a mail or a document, after the transaction that asked
// for it is durable. A job is enqueued in the caller's transaction and so exists exactly if that transaction does. It
// may run twice, after a crash, and must then do no harm.
package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"attesta/app/db"
)

// Args describes one job; Kind is the name under which it is kept and must never change.
type Args = river.JobArgs

// timeout bounds one run of a job. A job that was running when the program was killed is taken up again after rescue.
const (
	timeout = 45 * time.Second
	rescue  = time.Minute
	workers = 8
	tries   = 16 // with River's pauses of n⁴ seconds, two days and a half
)

// Queue takes jobs and, once started, runs them.
type Queue struct {
	db      *db.DB
	log     *slog.Logger
	workers *river.Workers
	kinds   int

	periodic []*river.PeriodicJob

	once sync.Once
	err  error
	pg   *river.Client[pgx.Tx]
	lite *river.Client[*sql.Tx]
}

// New returns a queue in d. Handle everything that it shall run before the first Enqueue or Start.
func New(d *db.DB, log *slog.Logger) *Queue {
	if log == nil {
		log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return &Queue{db: d, log: slog.New(unlessStopped{log.Handler()}), workers: river.NewWorkers()}
}

// Handle has f run for every job with arguments of type T. An error has it run again later, after growing pauses;
// Refuse ends it for good.
func Handle[T Args](q *Queue, f func(ctx context.Context, args T) error) {
	q.kinds++
	river.AddWorker(q.workers, river.WorkFunc(func(ctx context.Context, j *river.Job[T]) error { return f(ctx, j.Args) }))
}

// Refuse marks err as final: the job isn't tried again.
func Refuse(err error) error { return river.JobCancel(err) }

// Enqueue adds a job to the transaction. Rows of a query in the transaction must be closed before.
func (q *Queue) Enqueue(ctx context.Context, tx *db.Tx, args Args) error {
	if err := q.open(); err != nil {
		return err
	}
	var err error
	if q.pg != nil {
		_, err = q.pg.InsertTx(ctx, tx.Pgx(), args, nil)
	} else {
		_, err = q.lite.InsertTx(ctx, tx.SQL(), args, nil)
	}
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Start runs jobs until Stop.
func (q *Queue) Start(ctx context.Context) error {
	if err := q.open(); err != nil {
		return err
	}
	var err error
	if q.pg != nil {
		err = q.pg.Start(ctx)
	} else if err = q.adopt(ctx); err == nil {
		err = q.lite.Start(ctx)
	}
	if err != nil {
		return fmt.Errorf("start the job queue: %w", err)
	}
	return nil
}

// adopt takes up what was running when the program was killed. Only one process runs the jobs of an SQLite file, so
// whatever is marked as running at start has no one who runs it.
func (q *Queue) adopt(ctx context.Context) error {
	return q.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE river_job SET state = 'available' WHERE state = 'running'")
		return err
	})
}

// Stop lets running jobs end, cancels them when ctx does, and returns once none runs.
func (q *Queue) Stop(ctx context.Context) error {
	var err error
	switch {
	case q.pg != nil:
		err = stop(ctx, q.pg)
	case q.lite != nil:
		err = stop(ctx, q.lite)
	}
	if err != nil {
		return fmt.Errorf("stop the job queue: %w", err)
	}
	return nil
}

func stop[T any](ctx context.Context, c *river.Client[T]) error {
	err := c.Stop(ctx)
	if err == nil || !errors.Is(err, ctx.Err()) {
		return err
	}
	hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return c.StopAndCancel(hard)
}

func (q *Queue) open() error {
	q.once.Do(func() {
		cfg := &river.Config{
			JobTimeout: timeout, RescueStuckJobsAfter: rescue, MaxAttempts: tries,
			FetchPollInterval: 300 * time.Millisecond, FetchCooldown: 50 * time.Millisecond,
			Logger: q.log,
		}
		if q.kinds > 0 {
			cfg.Workers = q.workers
			cfg.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: workers}}
			cfg.PeriodicJobs = q.periodic
		}
		if q.db.Dialect() == db.Postgres {
			q.pg, q.err = river.NewClient(riverpgxv5.New(q.db.Pool()), cfg)
		} else {
			q.lite, q.err = river.NewClient(riversqlite.New(q.db.Queue()), cfg)
		}
		if q.err != nil {
			q.err = fmt.Errorf("open the job queue: %w", q.err)
		}
	})
	return q.err
}

// Pending returns how many jobs wait or run.
func Pending(ctx context.Context, d *db.DB) (n int, err error) {
	err = d.Read().NewRaw("SELECT COUNT(*) FROM river_job WHERE state IN ('available', 'running', 'retryable', 'scheduled', 'pending')").Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("count jobs: %w", err)
	}
	return n, nil
}
