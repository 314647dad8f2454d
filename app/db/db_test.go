package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/job"
	"attesta/migrations"
)

func put(name, value string) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("INSERT INTO settings (name, value) VALUES (?, ?)", name, value).Exec(ctx)
		return err
	}
}

func count(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Read().NewRaw("SELECT COUNT(*) FROM settings").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAFailedTransactionLeavesNoTraceAndNoMarkOnOthers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		const n = 120
		boom := errors.New("boom")
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i := range n {
			wg.Go(func() {
				errs[i] = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					if err := put(fmt.Sprint("k", i), "v")(ctx, tx); err != nil {
						return err
					}
					switch i % 3 {
					case 1:
						return boom
					case 2:
						panic("boom")
					}
					return nil
				})
			})
		}
		wg.Wait()
		for i, err := range errs {
			if (err == nil) != (i%3 == 0) {
				t.Errorf("write %d: %v", i, err)
			}
		}
		if got := count(t, d); got != n/3 {
			t.Errorf("%d rows, want %d", got, n/3)
		}
	})
}

func TestACancelledWriteDoesNotHarmItsNeighbours(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err := d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
					if i%2 == 1 {
						cancel()
					}
					return put(fmt.Sprint("k", i), "v")(ctx, tx)
				})
				if err != nil && i%2 == 0 {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if got := count(t, d); got < 30 {
			t.Errorf("%d rows, want the 30 that nobody cancelled", got)
		}
	})
}

func TestNestedTransactionsAreRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.InTx(t.Context(), func(ctx context.Context, _ *db.Tx) error {
			return d.InTx(ctx, func(context.Context, *db.Tx) error { return nil })
		})
		if !errors.Is(err, db.ErrNested) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestUniqueNamesTheConstraint(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		if err := d.InTx(t.Context(), put("a", "1")); err != nil {
			t.Fatal(err)
		}
		name, ok := db.Unique(d.InTx(t.Context(), put("a", "2")))
		if !ok || !strings.Contains(name, "settings") {
			t.Fatalf("constraint %q, %v", name, ok)
		}
		if _, ok := db.Unique(errors.New("other")); ok {
			t.Fatal("any error is taken for a duplicate")
		}
	})
}

func TestOneMissingRowIsNotFound(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			var v string
			return tx.NewRaw("SELECT value FROM settings WHERE name = 'none'").Scan(ctx, &v)
		})
		if fault.KindOf(err) != fault.NotFound {
			t.Fatalf("got %v", err)
		}
	})
}

func TestReadersCannotWriteOnSQLite(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	if _, err := d.Read().NewRaw("INSERT INTO settings (name, value) VALUES ('a', 'b')").Exec(t.Context()); err == nil {
		t.Fatal("a reader wrote")
	}
}

func TestOnCommitRunsOnlyAfterACommit(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		var ran []string
		run := func(name string, fail bool) {
			_ = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				tx.OnCommit(func() { ran = append(ran, name) })
				if fail {
					return errors.New("no")
				}
				return put(name, "v")(ctx, tx)
			})
		}
		run("a", false)
		run("b", true)
		if fmt.Sprint(ran) != "[a]" {
			t.Fatalf("ran %v", ran)
		}
	})
}

func TestMigrationsGoUpAndDownAndUp(t *testing.T) {
	for name, address := range map[string]func(*testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/new.db" },
		"postgres": func(t *testing.T) string { return apptest.EmptyPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			d := apptest.Open(t, address(t))
			for range 2 {
				if err := job.MigrateUp(t.Context(), d); err != nil {
					t.Fatal(err)
				}
				up, err := d.MigrateUp(t.Context(), migrations.FS)
				if err != nil || len(up) == 0 {
					t.Fatalf("up: %v, %v", up, err)
				}
				if again, err := d.MigrateUp(t.Context(), migrations.FS); err != nil || len(again) != 0 {
					t.Fatalf("up again: %v, %v", again, err)
				}
				if err := d.InTx(t.Context(), put("a", "1")); err != nil {
					t.Fatal(err)
				}
				all, err := d.Migrations(t.Context(), migrations.FS)
				if err != nil || !all[len(all)-1].Applied {
					t.Fatalf("status: %v, %v", all, err)
				}
				for len(up) > 0 {
					if up, err = d.MigrateDown(t.Context(), migrations.FS); err != nil {
						t.Fatal(err)
					}
				}
				if err := job.MigrateDown(t.Context(), d); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// columns returns "table.column nullable" of every table that the migrations made.
func columns(t *testing.T, d *db.DB) map[string]bool {
	t.Helper()
	q := `SELECT m.name || '.' || c.name || CASE WHEN c."notnull" = 1 OR c.pk > 0 THEN '' ELSE ' null' END
		FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'river_%' AND m.name NOT LIKE 'bun_%'`
	if d.Dialect() == db.Postgres {
		q = `SELECT table_name || '.' || column_name || CASE WHEN is_nullable = 'NO' THEN '' ELSE ' null' END
			FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'river_%' AND table_name NOT LIKE 'bun_%'`
	}
	var names []string
	if err := d.Read().NewRaw(q).Scan(t.Context(), &names); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

func TestBothDatabasesHaveTheSameColumns(t *testing.T) {
	lite, pg := columns(t, apptest.Open(t, apptest.SQLite(t))), columns(t, apptest.Open(t, apptest.Postgres(t)))
	if len(lite) < 100 {
		t.Fatalf("only %d columns found", len(lite))
	}
	for c := range lite {
		if !pg[c] {
			t.Errorf("only in SQLite: %s", c)
		}
	}
	for c := range pg {
		if !lite[c] {
			t.Errorf("only in PostgreSQL: %s", c)
		}
	}
}
