package db

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// Migration is one step of the schema.
type Migration struct {
	Name    string `json:"name"` // YYYYMMDDHHMMSS
	Comment string `json:"comment"`
	Applied bool   `json:"applied"`
}

// advisoryLock is the key under which replicas on PostgreSQL migrate one after the other.
const advisoryLock = 0x41747465737461

var migrationFile = regexp.MustCompile(`^(\d{14})_([a-z0-9_]+)\.(up|down)\.sql$`)

// MigrateUp applies what is missing, each migration in a transaction of its own, and returns the names of what it
// applied. files holds the folders sqlite and postgres.
func (d *DB) MigrateUp(ctx context.Context, files fs.FS) (names []string, err error) {
	err = d.migrating(ctx, files, func(m *migrate.Migrator) error {
		g, err := m.Migrate(ctx)
		if g != nil && err == nil {
			for _, x := range g.Migrations {
				names = append(names, x.Name)
			}
		}
		return err
	})
	return names, err
}

// MigrateDown takes back the migration that was applied last and returns its name; none, if none is applied. What only
// its tables and columns held is gone.
func (d *DB) MigrateDown(ctx context.Context, files fs.FS) (names []string, err error) {
	err = d.migrating(ctx, files, func(m *migrate.Migrator) error {
		applied, err := m.AppliedMigrations(ctx)
		if err != nil || len(applied) == 0 {
			return err
		}
		last := slices.MaxFunc(applied, func(a, b migrate.Migration) int { return strings.Compare(a.Name, b.Name) })
		known, err := m.MigrationsWithStatus(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(known, func(x migrate.Migration) bool { return x.Name == last.Name })
		if i < 0 {
			return fmt.Errorf("migration %s is applied, and this program doesn't know it", last.Name)
		}
		if err := known[i].Down(ctx, m, &known[i]); err != nil {
			return fmt.Errorf("%s: down: %w", last.Name, err)
		}
		names = append(names, last.Name)
		return m.MarkUnapplied(ctx, &known[i])
	})
	return names, err
}

// Migrations lists all migrations, oldest first, and says which are applied.
func (d *DB) Migrations(ctx context.Context, files fs.FS) ([]Migration, error) {
	m, err := d.migrator(files)
	if err != nil {
		return nil, err
	}
	if ok, err := d.hasTable(ctx, "bun_migrations"); err != nil {
		return nil, err
	} else if !ok {
		if err := d.migrating(ctx, files, func(*migrate.Migrator) error { return nil }); err != nil {
			return nil, err
		}
	}
	all, err := m.MigrationsWithStatus(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the migrations: %w", err)
	}
	var out []Migration
	for _, x := range all {
		out = append(out, Migration{Name: x.Name, Comment: x.Comment, Applied: x.IsApplied()})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

func (d *DB) hasTable(ctx context.Context, name string) (bool, error) {
	q := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
	if d.dialect == Postgres {
		q = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = ?"
	}
	var n int
	if err := d.read.NewRaw(q, name).Scan(ctx, &n); err != nil {
		return false, fmt.Errorf("look for table %s: %w", name, err)
	}
	return n > 0, nil
}

func (d *DB) migrating(ctx context.Context, files fs.FS, f func(*migrate.Migrator) error) error {
	unlock, err := d.lockMigrations(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	m, err := d.migrator(files)
	if err != nil {
		return err
	}
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("prepare for migrations: %w", err)
	}
	if err := f(m); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// lockMigrations lets one process migrate at a time. Both locks end with their process, so that none goes stale.
func (d *DB) lockMigrations(ctx context.Context) (func(), error) {
	if d.dialect == Postgres {
		c, err := d.pool.Acquire(ctx)
		if err != nil {
			return nil, fmt.Errorf("lock the migrations: %w", err)
		}
		if _, err := c.Exec(ctx, "SELECT pg_advisory_lock($1)", advisoryLock); err != nil {
			c.Release()
			return nil, fmt.Errorf("lock the migrations: %w", err)
		}
		return func() {
			_, _ = c.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", advisoryLock)
			c.Release()
		}, nil
	}
	f, err := os.OpenFile(d.path+".migrate", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the migrations: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock the migrations: %w", err)
	}
	return func() { _ = f.Close() }, nil
}

func (d *DB) migrator(files fs.FS) (*migrate.Migrator, error) {
	sub, err := fs.Sub(files, string(d.dialect))
	if err != nil {
		return nil, fmt.Errorf("migrations for %s: %w", d.dialect, err)
	}
	entries, err := fs.ReadDir(sub, ".")
	if err != nil {
		return nil, fmt.Errorf("migrations for %s: %w", d.dialect, err)
	}
	all := migrate.NewMigrations()
	for _, e := range entries {
		m := migrationFile.FindStringSubmatch(e.Name())
		if m == nil {
			return nil, fmt.Errorf("%s/%s isn't named like a migration", d.dialect, e.Name())
		}
		if m[3] != "up" {
			continue
		}
		up, down := e.Name(), m[1]+"_"+m[2]+".down.sql"
		all.Add(migrate.Migration{Name: m[1], Comment: m[2],
			Up: func(ctx context.Context, _ *migrate.Migrator, _ *migrate.Migration) error {
				return d.script(ctx, sub, up)
			},
			Down: func(ctx context.Context, _ *migrate.Migrator, _ *migrate.Migration) error {
				return d.script(ctx, sub, down)
			},
		})
	}
	return migrate.NewMigrator(d.write, all, migrate.WithMarkAppliedOnSuccess(true)), nil
}

// script runs a file of statements in one transaction.
func (d *DB) script(ctx context.Context, files fs.FS, name string) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("read migration: %w", err)
	}
	if d.dialect == SQLite {
		err = d.write.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.Tx.ExecContext(ctx, string(b))
			return err
		})
	} else {
		err = d.simpleQuery(ctx, "BEGIN;\n"+string(b)+"\n;COMMIT;")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// simpleQuery sends several statements at once, which PostgreSQL takes only in its simple protocol.
func (d *DB) simpleQuery(ctx context.Context, script string) error {
	c, err := d.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(x any) error {
		pg := x.(*stdlib.Conn).Conn().PgConn()
		if _, err := pg.Exec(ctx, script).ReadAll(); err != nil {
			_, _ = pg.Exec(ctx, "ROLLBACK").ReadAll()
			return err
		}
		return nil
	})
}
