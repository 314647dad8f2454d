package event

import (
	"context"
	"fmt"
	"strings"
	"time"

	"attesta/app/db"
	"attesta/app/job"
)

// How long an upload waits to be continued, and an object that nothing refers to before it is removed. Whatever takes
// up a digest from a row must be done within that time.
const abandoned = 24 * time.Hour

// sweepLock is held by whoever decides whether an object of the store is still wanted.
const sweepLock = 0x66696c65

// sweepArgs is the job that sweeps the store.
type sweepArgs struct{}

// Kind implements job.Args.
func (sweepArgs) Kind() string { return "event.sweep_files" }

// Schedule has the store swept every hour.
func (d *Desk) Schedule(q *job.Queue) { job.Every(q, time.Hour, sweepArgs{}, d.SweepFiles) }

// mark says since when nothing refers to an object, or since when it is being removed.
type mark struct {
	Key   string
	Since db.Time
	Going bool
}

// removing is how long one who removes an object may take, before another sweep takes it up.
const removing = 10 * time.Minute

// SweepFiles gives up uploads that nobody has continued for a day, and removes from the store what nothing has referred
// to for a day: chunks of uploads that are gone, contents of materials that were removed, unless another material has
// the same content. It may be cut off anywhere, and run twice at once.
func (d *Desk) SweepFiles(ctx context.Context) error {
	if d.Files == nil {
		return nil
	}
	if err := d.giveUp(ctx); err != nil {
		return err
	}
	wanted, err := d.wanted(ctx)
	if err != nil {
		return err
	}
	marks, err := d.marks(ctx)
	if err != nil {
		return err
	}
	for _, prefix := range []string{"sha256/", "upload/"} {
		for key, err := range d.Files.List(ctx, prefix) {
			if err != nil {
				return fmt.Errorf("sweep the files: %w", err)
			}
			m, marked := marks[key]
			delete(marks, key)
			if err := d.sweep(ctx, key, m, marked, wanted[owner(key)]); err != nil {
				return fmt.Errorf("sweep the file %s: %w", key, err)
			}
		}
	}
	for key, m := range marks { // of what is gone
		if m.Going && !m.Since.Before(d.Clock().Add(-removing)) {
			continue // whoever is at it says so
		}
		if err := d.unmark(ctx, key); err != nil {
			return fmt.Errorf("forget the file %s: %w", key, err)
		}
	}
	return d.Files.Tidy(ctx)
}

// owner is what must be there for an object to be wanted: a digest, or the code of an upload.
func owner(key string) string {
	parts := strings.Split(key, "/")
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// giveUp removes the rows of abandoned uploads; their chunks go with the next sweeps.
func (d *Desk) giveUp(ctx context.Context) error {
	return d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewDelete().Table("uploads").Where("touched_at < ?", db.At(d.Clock().Add(-abandoned))).Exec(ctx)
		return err
	})
}

const wantedSQL = "SELECT 'sha256/' || digest AS owner FROM materials WHERE digest <> '' UNION SELECT 'sha256/' || digest FROM uploads WHERE digest <> '' UNION SELECT 'upload/' || code FROM uploads"

func (d *Desk) wanted(ctx context.Context) (map[string]bool, error) {
	var owners []string
	if err := d.DB.Read().NewRaw(wantedSQL).Scan(ctx, &owners); err != nil {
		return nil, fmt.Errorf("which files are wanted: %w", err)
	}
	all := make(map[string]bool, len(owners))
	for _, x := range owners {
		all[x] = true
	}
	return all, nil
}

func (d *Desk) marks(ctx context.Context) (map[string]mark, error) {
	var list []mark
	if err := d.DB.Read().NewSelect().Table("file_marks").Column("key", "since", "going").Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("which files are to go: %w", err)
	}
	all := make(map[string]mark, len(list))
	for _, m := range list {
		all[m.Key] = m
	}
	return all, nil
}

// sweep decides about one object.
func (d *Desk) sweep(ctx context.Context, key string, m mark, marked, wanted bool) error {
	switch {
	case wanted && marked && !m.Going:
		return d.unmark(ctx, key)
	case wanted && !m.Going:
		return nil
	case !marked:
		return d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.NewRaw("INSERT INTO file_marks (key, since) VALUES (?, ?) ON CONFLICT DO NOTHING", key, tx.Now()).Exec(ctx)
			return err
		})
	case m.Going && m.Since.Before(d.Clock().Add(-removing)), !m.Going && m.Since.Before(d.Clock().Add(-abandoned)):
		return d.remove(ctx, key, m)
	}
	return nil
}

// remove takes an object out of the store, unless it is wanted after all. While its mark says that it is going nobody
// takes it up again; only one sweep at a time has made it say so.
func (d *Desk) remove(ctx context.Context, key string, m mark) error {
	going := false
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Alone(ctx, sweepLock); err != nil {
			return err
		}
		var n int
		if err := tx.NewRaw("SELECT COUNT(*) FROM ("+wantedSQL+") AS w WHERE w.owner = ?", owner(key)).Scan(ctx, &n); err != nil {
			return err
		}
		going = n == 0
		if !going {
			_, err := tx.NewDelete().Table("file_marks").Where("key = ?", key).Exec(ctx)
			return err
		}
		res, err := tx.NewUpdate().Table("file_marks").Set("going = ?", true).Set("since = ?", tx.Now()).Where("key = ? AND since = ? AND going = ?", key, m.Since, m.Going).Exec(ctx)
		if err != nil {
			return err
		}
		rows, err := res.RowsAffected()
		going = rows == 1
		return err
	})
	if err != nil || !going {
		return err
	}
	if err := d.Files.Delete(ctx, key); err != nil {
		return err
	}
	return d.unmark(ctx, key)
}

func (d *Desk) unmark(ctx context.Context, key string) error {
	return d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewDelete().Table("file_marks").Where("key = ?", key).Exec(ctx)
		return err
	})
}
