package job

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"attesta/app/db"
)

// SchemaVersion names the queue's own tables; it changes with the library that brings them.
const SchemaVersion = "river-0.49.0"

// MigrateUp makes or updates the queue's tables.
func MigrateUp(ctx context.Context, d *db.DB) error {
	return migrate(ctx, d, rivermigrate.DirectionUp, nil)
}

// MigrateDown removes the queue's tables and what is in them.
func MigrateDown(ctx context.Context, d *db.DB) error {
	return migrate(ctx, d, rivermigrate.DirectionDown, &rivermigrate.MigrateOpts{TargetVersion: -1})
}

func migrate(ctx context.Context, d *db.DB, way rivermigrate.Direction, opts *rivermigrate.MigrateOpts) (err error) {
	if d.Dialect() == db.Postgres {
		err = run(ctx, riverpgxv5.New(d.Pool()), way, opts)
	} else {
		err = run(ctx, riversqlite.New(d.Queue()), way, opts)
	}
	if err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}

func run[T any](ctx context.Context, driver riverdriver.Driver[T], way rivermigrate.Direction, opts *rivermigrate.MigrateOpts) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	_, err = m.Migrate(ctx, way, opts)
	return err
}
