package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
)

// Tx is one transaction. It is in the signature of whatever takes part in it.
type Tx struct {
	bun.Tx
	pgx      pgx.Tx
	now      func() time.Time
	onCommit []func()
}

// Now is the time by the installation's clock.
func (t *Tx) Now() Time { return At(t.now()) }

// Alone has the transaction wait until no other one that asked for the same key runs. On SQLite, where there is one
// writer, it is alone anyway.
func (t *Tx) Alone(ctx context.Context, key int64) error {
	if t.pgx == nil {
		return nil
	}
	if _, err := t.NewRaw("SELECT pg_advisory_xact_lock(?)", key).Exec(ctx); err != nil {
		return fmt.Errorf("wait for lock %d: %w", key, err)
	}
	return nil
}

// SQL returns the transaction for the job queue on SQLite.
func (t *Tx) SQL() *sql.Tx { return t.Tx.Tx }

// Pgx returns the transaction for the job queue on PostgreSQL, nil on SQLite. Rows of a query must be closed before
// it is used.
func (t *Tx) Pgx() pgx.Tx { return t.pgx }

// OnCommit has f called once the transaction is durable. f must be quick.
func (t *Tx) OnCommit(f func()) { t.onCommit = append(t.onCommit, f) }

type inTx struct{}

// ErrNested is returned when InTx is called within InTx.
var ErrNested = errors.New("a transaction within a transaction")

// InTx runs f in one transaction, which is durable when InTx returns nil and gone when it returns an error or f
// panics. f must neither wait for the network nor for another InTx; on PostgreSQL it may run again after a deadlock
// or a serialisation failure, so it must have no effect but on tx.
//
// On SQLite all writers share one connection: those that wait at the same moment are committed together, each in a
// savepoint of its own, so that one fsync serves them all.
func (d *DB) InTx(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	if ctx.Value(inTx{}) != nil {
		return ErrNested
	}
	inner := context.WithValue(ctx, inTx{}, true)
	defer d.writes.Add(1)
	if d.dialect == SQLite {
		return translate(d.group.do(inner, f))
	}
	const tries = 5
	for n := 1; ; n++ {
		err := d.inPostgres(inner, f)
		if err == nil || n == tries || !retryable(err) {
			return translate(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(n*n) * 5 * time.Millisecond):
		}
	}
}

func (d *DB) inPostgres(ctx context.Context, f func(context.Context, *Tx) error) error {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("get a connection: %w", err)
	}
	defer conn.Close()
	var raw *pgx.Conn
	if err := conn.Raw(func(c any) error { raw = c.(*stdlib.Conn).Conn(); return nil }); err != nil {
		return fmt.Errorf("get the driver's connection: %w", err)
	}
	btx, err := conn.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	tx := &Tx{Tx: btx, pgx: pgTx{conn: raw}, now: d.now}
	if err := call(ctx, tx, f); err != nil {
		return errors.Join(err, ignoreDone(btx.Rollback()))
	}
	if err := btx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	tx.committed()
	return nil
}

func (t *Tx) committed() {
	for _, f := range t.onCommit {
		f()
	}
}

// call runs f and makes an error of a panic, so that one bad request neither leaves a transaction open nor takes the
// writer with it.
func call(ctx context.Context, tx *Tx, f func(context.Context, *Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return f(ctx, tx)
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}
