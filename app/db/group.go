package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// maxGroup bounds how many writes share one commit.
const maxGroup = 256

// errClosed is returned for writes after Close.
var errClosed = errors.New("the database is closed")

// group is SQLite's one writer. It takes a write, drains what else waits, runs each in its own savepoint and commits
// them together: idle it adds nothing, under load one fsync serves many.
type group struct {
	db      *bun.DB
	now     func() time.Time
	writes  chan *write
	stopped chan struct{}
	mu      sync.RWMutex
	closed  bool
}

type write struct {
	ctx  context.Context
	f    func(context.Context, *Tx) error
	tx   *Tx
	err  error
	done chan struct{}
}

func newGroup(d *bun.DB, now func() time.Time) *group {
	g := &group{db: d, now: now, writes: make(chan *write, 4*maxGroup), stopped: make(chan struct{})}
	go g.loop()
	return g
}

func (g *group) do(ctx context.Context, f func(context.Context, *Tx) error) error {
	w := &write{ctx: ctx, f: f, done: make(chan struct{})}
	g.mu.RLock()
	if g.closed {
		g.mu.RUnlock()
		return errClosed
	}
	g.writes <- w
	g.mu.RUnlock()
	<-w.done // even when ctx ends: the outcome of a write that has begun is never unknown
	if w.err == nil {
		w.tx.committed()
	}
	return w.err
}

func (g *group) close() {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		close(g.writes)
	}
	g.mu.Unlock()
	<-g.stopped
}

func (g *group) loop() {
	defer close(g.stopped)
	batch := make([]*write, 0, maxGroup)
	for w := range g.writes {
		batch = append(batch[:0], w)
	drain:
		for len(batch) < maxGroup {
			select {
			case next, ok := <-g.writes:
				if !ok {
					break drain
				}
				batch = append(batch, next)
			default:
				break drain
			}
		}
		g.run(batch)
		for i, w := range batch {
			close(w.done)
			batch[i] = nil
		}
	}
}

// run commits a batch. A write that fails leaves no trace and no mark on the others; a commit that fails fails all.
func (g *group) run(batch []*write) {
	tx, err := g.db.BeginTx(context.Background(), nil)
	if err == nil {
		for _, w := range batch {
			w.err = g.savepoint(tx, w)
		}
		err = tx.Commit()
	}
	if err != nil {
		_, _ = g.db.Exec("ROLLBACK") // a commit refused by a full disk leaves the transaction open
		for _, w := range batch {
			w.err = errors.Join(w.err, fmt.Errorf("commit: %w", err))
		}
	}
}

func (g *group) savepoint(tx bun.Tx, w *write) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if _, err := tx.Exec("SAVEPOINT one"); err != nil {
		return fmt.Errorf("savepoint: %w", err)
	}
	w.tx = &Tx{Tx: tx, now: g.now}
	// An interrupted INSERT would roll the whole batch back, other people's writes with it: f isn't cancelled.
	err := call(context.WithoutCancel(w.ctx), w.tx, w.f)
	if err != nil {
		if _, e := tx.Exec("ROLLBACK TO one"); e != nil {
			return errors.Join(err, fmt.Errorf("roll back: %w", e))
		}
	}
	if _, e := tx.Exec("RELEASE one"); e != nil {
		return errors.Join(err, fmt.Errorf("release: %w", e))
	}
	return err
}
