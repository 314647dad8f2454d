// Package apptest gives tests a migrated database of each kind, builders for what lies in it, a clock, a mailbox and
// a browser. Nothing outside tests imports it.
package apptest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"attesta/app/db"
	"attesta/app/job"
	"attesta/migrations"
)

// Each runs f on SQLite and on PostgreSQL, each time with a fresh, migrated database. Without a PostgreSQL server
// (ATTESTA_TEST_POSTGRES) that half is skipped, but in CI it fails.
func Each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, Open(t, SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { f(t, Open(t, Postgres(t))) })
}

// Open opens a database for the time of a test.
func Open(t testing.TB, address string) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return d
}

// template is migrated once a process and copied for each test.
var template struct {
	sync.Mutex
	sqlite   string
	postgres string
}

// SQLite returns the address of a fresh, migrated SQLite database.
func SQLite(t testing.TB) string {
	t.Helper()
	template.Lock()
	defer template.Unlock()
	if template.sqlite == "" {
		template.sqlite = prepareSQLite(t)
	}
	b, err := os.ReadFile(template.sqlite)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "attesta.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + path
}

// prepareSQLite makes the template, or finds the one that another test process made of the same migrations.
func prepareSQLite(t testing.TB) string {
	t.Helper()
	path := filepath.Join(os.TempDir(), "attesta-template-"+schemaDigest(t, "sqlite")+".db")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	making := filepath.Join(t.TempDir(), "template.db")
	migrateNew(t, "sqlite:"+making)
	b, err := os.ReadFile(making)
	if err != nil {
		t.Fatal(err)
	}
	part := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := os.WriteFile(part, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func migrateNew(t testing.TB, address string) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.MigrateUp(ctx, migrations.FS); err != nil {
		t.Fatal(err)
	}
	if err := job.MigrateUp(ctx, d); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// server returns the URL of the PostgreSQL server for tests.
func server(t testing.TB) *url.URL {
	t.Helper()
	s := os.Getenv("ATTESTA_TEST_POSTGRES")
	if s == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("ATTESTA_TEST_POSTGRES isn't set: make test starts a server and sets it")
		}
		t.Skip("ATTESTA_TEST_POSTGRES isn't set")
	}
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// Postgres returns the address of a fresh, migrated PostgreSQL database, which is dropped after the test.
func Postgres(t testing.TB) string {
	t.Helper()
	u := server(t)
	template.Lock()
	defer template.Unlock()
	if template.postgres == "" {
		template.postgres = preparePostgres(t, u)
	}
	name := fmt.Sprintf("attesta_test_%d_%x", os.Getpid(), rand.Uint64())
	execPostgres(t, u, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy", name, template.postgres))
	t.Cleanup(func() { execPostgres(t, u, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name)) })
	return withDatabase(u, name)
}

// EmptyPostgres returns the address of a PostgreSQL database without any table.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	u := server(t)
	name := fmt.Sprintf("attesta_test_%d_%x", os.Getpid(), rand.Uint64())
	execPostgres(t, u, "CREATE DATABASE "+name)
	t.Cleanup(func() { execPostgres(t, u, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name)) })
	return withDatabase(u, name)
}

// preparePostgres makes the template, or finds the one that another test process made of the same migrations.
func preparePostgres(t testing.TB, u *url.URL) string {
	t.Helper()
	name := "attesta_template_" + schemaDigest(t, "postgres")
	ctx := context.Background()
	c, err := pgx.Connect(ctx, u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "SELECT pg_advisory_lock(4117)"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := c.QueryRow(ctx, "SELECT COUNT(*) FROM pg_database WHERE datname = $1", name).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if n == 1 {
		return name
	}
	making := fmt.Sprintf("%s_%d", name, os.Getpid())
	if _, err := c.Exec(ctx, "CREATE DATABASE "+making); err != nil {
		t.Fatal(err)
	}
	migrateNew(t, withDatabase(u, making))
	if _, err := c.Exec(ctx, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s", making, name)); err != nil {
		t.Fatal(err)
	}
	return name
}

// schemaDigest changes when a migration does.
func schemaDigest(t testing.TB, dialect string) string {
	t.Helper()
	h := sha256.New()
	fmt.Fprintln(h, job.SchemaVersion)
	err := fs.WalkDir(migrations.FS, dialect, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(migrations.FS, path)
		fmt.Fprintln(h, path, len(b))
		h.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

func execPostgres(t testing.TB, u *url.URL, statement string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func withDatabase(u *url.URL, name string) string {
	v := *u
	v.Path = "/" + name
	return v.String()
}
