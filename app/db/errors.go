package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"attesta/app/fault"
)

// ErrNotFound is what a query for one row returns when there is none.
var ErrNotFound = fault.New(fault.NotFound, "error.not_found")

// errBusy is told when the database could not be had in time; the same action may succeed a moment later.
var errBusy = fault.New(fault.Unavailable, "error.busy")

// Unique reports whether err says that a row with the same unique value is there already, and in which constraint:
// PostgreSQL's index name, or SQLite's "table.column, table.column".
func Unique(err error) (constraint string, ok bool) {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "23505" {
		return pg.ConstraintName, true
	}
	var lite *sqlite.Error
	if errors.As(err, &lite) && (lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY) {
		_, after, _ := strings.Cut(lite.Error(), "constraint failed: ")
		after, _, _ = strings.Cut(after, " (")
		return strings.TrimPrefix(after, "UNIQUE constraint failed: "), true
	}
	return "", false
}

// retryable reports whether a transaction failed only because of another one.
func retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// translate makes faults of the driver's errors that a person can be told; everything else stays internal.
func translate(err error) error {
	var lite *sqlite.Error
	switch {
	case err == nil:
		return nil
	case fault.From(err) != nil:
		return err
	case errors.Is(err, sql.ErrNoRows):
		return errors.Join(ErrNotFound, err)
	case errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY, retryable(err), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", errBusy, err)
	}
	return err
}

// One turns "no rows" into ErrNotFound and passes every other error on.
func One(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
