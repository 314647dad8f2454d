package job

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Every has f run once in each period, counted from 1970, by whichever process is there: at start, if nobody did yet in
// this period, and then again and again. Like any job it may run twice. Call it before the first Enqueue or Start.
func Every[T Args](q *Queue, period time.Duration, args T, f func(ctx context.Context) error) {
	Handle(q, func(ctx context.Context, _ T) error { return f(ctx) })
	make := func() (river.JobArgs, *river.InsertOpts) {
		return args, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByPeriod: period}}
	}
	q.periodic = append(q.periodic, river.NewPeriodicJob(river.PeriodicInterval(period), make, &river.PeriodicJobOpts{RunOnStart: true}))
}
