// Package db opens SQLite or PostgreSQL, migrates it, runs transactions and turns driver errors into faults. Every
// line that differs between the two databases is in here.
package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	_ "modernc.org/sqlite" // the driver called "sqlite"
)

// Dialect names one of the two databases.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// DB is an open database. Reads go through Read; every write goes through InTx.
type DB struct {
	dialect Dialect
	path    string // of the SQLite file
	read    *bun.DB
	write   *bun.DB
	pool    *pgxpool.Pool // PostgreSQL only; one pool serves bun and the job queue
	queue   *sql.DB       // SQLite only: the job queue's own connection
	group   *group        // SQLite only
	clock   func() time.Time
	writes  atomic.Uint64
}

// Writes counts the transactions that this process has ended: where it hasn't grown, nothing was changed from here.
func (d *DB) Writes() uint64 { return d.writes.Load() }

// KeepTime has Tx.Now follow a clock. It is called once, before the first transaction; without it the machine's clock counts.
func (d *DB) KeepTime(clock func() time.Time) { d.clock = clock }

// Now is the time by the installation's clock, for what is done outside a transaction.
func (d *DB) Now() Time { return At(d.now()) }

func (d *DB) now() time.Time {
	if d.clock == nil {
		return time.Now()
	}
	return d.clock()
}

// poolSize bounds the connections to PostgreSQL and the readers of SQLite.
const poolSize = 16

// Open opens the database at address: "sqlite:attesta.db" or "postgres://…". It creates a missing SQLite file, but
// no tables: see Migrate.
func Open(ctx context.Context, address string) (*DB, error) {
	switch {
	case strings.HasPrefix(address, "sqlite:"):
		return openSQLite(ctx, strings.TrimPrefix(address, "sqlite:"))
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return openPostgres(ctx, address)
	}
	return nil, fmt.Errorf("the database address must begin with sqlite: or postgres://")
}

// sqliteDSN puts the PRAGMAs where each connection of a pool gets them. synchronous(FULL) is what makes an
// acknowledged write survive a power cut.
func sqliteDSN(path string, more ...string) string {
	q := []string{"_pragma=busy_timeout(10000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=foreign_keys(1)", "_pragma=cache_size(-32768)"}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(append(q, more...), "&")
}

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if path == "" || strings.Contains(path, ":memory:") {
		return nil, fmt.Errorf("SQLite needs a file: sqlite:attesta.db")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if f, err := os.OpenFile(abs, os.O_CREATE|os.O_RDWR, 0o600); err == nil { // its owner's alone: it holds personal data
		_ = f.Close()
	}
	open := func(n int, more ...string) (*sql.DB, error) {
		s, err := sql.Open("sqlite", sqliteDSN(abs, more...))
		if err != nil {
			return nil, err
		}
		s.SetMaxOpenConns(n)
		s.SetMaxIdleConns(n)
		return s, s.PingContext(ctx)
	}
	w, err := open(1, "_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", abs, err)
	}
	r, err := open(poolSize/2, "_pragma=query_only(1)")
	if err != nil {
		return nil, fmt.Errorf("open %s for reading: %w", abs, err)
	}
	q, err := open(1, "_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open %s for jobs: %w", abs, err)
	}
	d := &DB{dialect: SQLite, path: abs, write: bun.NewDB(w, sqlitedialect.New()), read: bun.NewDB(r, sqlitedialect.New()), queue: q}
	d.group = newGroup(d.write, d.now)
	return d, nil
}

func openPostgres(ctx context.Context, address string) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, fmt.Errorf("the address of the PostgreSQL database can't be read: %w", err)
	}
	cfg.MaxConns = poolSize
	cfg.ConnConfig.ConnectTimeout = 10 * time.Second
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("PostgreSQL doesn't answer: %w", err)
	}
	s := stdlib.OpenDBFromPool(pool)
	s.SetMaxIdleConns(0)
	b := bun.NewDB(s, pgdialect.New())
	return &DB{dialect: Postgres, read: b, write: b, pool: pool}, nil
}

// Dialect says which database this is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Path is the SQLite file, "" for PostgreSQL.
func (d *DB) Path() string { return d.path }

// Read returns the handle for reading outside a transaction. On SQLite it refuses to write.
func (d *DB) Read() *bun.DB { return d.read }

// Pool is PostgreSQL's pool, for the job queue; nil on SQLite.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Queue is the job queue's own connection to SQLite; nil on PostgreSQL.
func (d *DB) Queue() *sql.DB { return d.queue }

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.read.PingContext(ctx); err != nil {
		return fmt.Errorf("the database doesn't answer: %w", err)
	}
	return nil
}

// Close ends all connections, after the writes that wait have been answered.
func (d *DB) Close() error {
	if d.pool != nil {
		err := d.read.Close()
		d.pool.Close()
		return err
	}
	d.group.close()
	for _, c := range []interface{ Close() error }{d.queue, d.read, d.write} {
		if err := c.Close(); err != nil {
			return err
		}
	}
	return nil
}
