package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Desk keeps the settings, and has the catalogue offer what they say.
type Desk struct {
	DB        *db.DB
	Catalogue *locale.Catalogue

	mu   sync.Mutex // held while they are read
	last atomic.Pointer[reading]
}

// reading is what was read last.
type reading struct {
	settings Settings
	at       time.Time
}

// fresh is how long what was read is taken for true: a change made through another replica is noticed after it.
const fresh = 2 * time.Second

// ErrChanged is returned when somebody else has changed the settings meanwhile.
var ErrChanged = fault.New(fault.Conflict, "network.changed")

// row is the name of the settings' row.
const row = "network"

// Read returns the settings as they stand in the database.
func Read(ctx context.Context, q bun.IDB) (Settings, error) {
	return read(ctx, q.NewSelect().TableExpr("settings"))
}

func read(ctx context.Context, q *bun.SelectQuery) (Settings, error) {
	s := Default()
	var value string
	err := db.One(q.Column("value").Where("name = ?", row).Scan(ctx, &value))
	if errors.Is(err, db.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read the network's settings: %w", err)
	}
	name := s.Name
	s.Name = locale.Text{}
	if err := json.Unmarshal([]byte(value), &s); err != nil {
		return Default(), fmt.Errorf("the network's settings: %w", err)
	}
	if s.Name.IsZero() {
		s.Name = name
	}
	return s, nil
}

// Current returns the settings as they were at most two seconds ago. It costs nothing but a query every two seconds,
// and gives what was read last where the database doesn't answer.
func (d *Desk) Current(ctx context.Context) Settings {
	last := d.last.Load()
	if last != nil && (time.Since(last.at) < fresh || !d.mu.TryLock()) {
		return last.settings
	}
	if last == nil {
		d.mu.Lock()
	}
	defer d.mu.Unlock()
	return d.refresh(ctx)
}

// refresh reads the settings and exchanges the offer. The caller holds mu, so that what is read later is taken later.
func (d *Desk) refresh(ctx context.Context) Settings {
	s, err := Read(ctx, d.DB.Read())
	last := d.last.Load()
	if err != nil {
		slog.WarnContext(ctx, "network: the settings can't be read", "error", err)
		s = Default()
		if last != nil {
			s = last.settings
		}
	}
	d.last.Store(&reading{s, time.Now()})
	if err == nil && (last == nil || last.settings.Version != s.Version) {
		d.Catalogue.Offer(s.offer())
	}
	return s
}

// Update settles s in place of the settings of that version; ErrChanged says that somebody was quicker. It wants
// account.Administer, and returns what Check returns.
func (d *Desk) Update(ctx context.Context, actor account.Actor, s Settings, version int) (Settings, error) {
	if !actor.Can(account.Administer) {
		return Settings{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	if err := s.Check(d.Catalogue); err != nil {
		return Settings{}, err
	}
	s = s.clean(d.Catalogue)
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		if was.Version != version {
			return ErrChanged
		}
		s.Version = version + 1
		if _, err := tx.NewRaw("UPDATE settings SET value = ? WHERE name = ?", db.JSON[Settings]{V: s}, row).Exec(ctx); err != nil {
			return err
		}
		e := actor.Deed("update", "network", 0)
		e.Detail = audit.Change(was.facts(), s.facts())
		return audit.Record(ctx, tx, e)
	})
	if err != nil {
		return Settings{}, fmt.Errorf("settle the network: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refresh(ctx)
	return s, nil
}

// lock returns the settings and holds them until the end of the transaction.
func lock(ctx context.Context, tx *db.Tx) (Settings, error) {
	_, err := tx.NewRaw("INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", row, "{}").Exec(ctx)
	if err != nil {
		return Settings{}, fmt.Errorf("begin the network's settings: %w", err)
	}
	return read(ctx, tx.Lock(tx.NewSelect().TableExpr("settings")))
}
