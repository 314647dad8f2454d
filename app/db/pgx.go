package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pgTx lets the job queue write on the connection of a running database/sql transaction. The transaction itself is
// ended by database/sql, never through pgTx; nested begins become savepoints.
type pgTx struct {
	conn  *pgx.Conn
	depth int
}

var errOuter = errors.New("the transaction is owned by database/sql")

func (t pgTx) Begin(ctx context.Context) (pgx.Tx, error) {
	n := pgTx{t.conn, t.depth + 1}
	if _, err := t.conn.Exec(ctx, fmt.Sprintf("SAVEPOINT queue_%d", n.depth)); err != nil {
		return nil, err
	}
	return n, nil
}

func (t pgTx) Commit(ctx context.Context) error { return t.end(ctx, "RELEASE SAVEPOINT queue_%d") }

func (t pgTx) Rollback(ctx context.Context) error {
	return t.end(ctx, "ROLLBACK TO SAVEPOINT queue_%d")
}

func (t pgTx) end(ctx context.Context, how string) error {
	if t.depth == 0 {
		return errOuter
	}
	_, err := t.conn.Exec(ctx, fmt.Sprintf(how, t.depth))
	return err
}

func (t pgTx) CopyFrom(ctx context.Context, table pgx.Identifier, cols []string, src pgx.CopyFromSource) (int64, error) {
	return t.conn.CopyFrom(ctx, table, cols, src)
}

func (t pgTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return t.conn.SendBatch(ctx, b)
}

func (t pgTx) LargeObjects() pgx.LargeObjects { panic("large objects are not used") }

func (t pgTx) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return t.conn.Prepare(ctx, name, sql)
}

func (t pgTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return t.conn.Exec(ctx, sql, args...)
}

func (t pgTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return t.conn.Query(ctx, sql, args...)
}

func (t pgTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return t.conn.QueryRow(ctx, sql, args...)
}

func (t pgTx) Conn() *pgx.Conn { return t.conn }
