package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Storage keeps small values under a name until they expire: sessions and the like, so that every replica sees them.
// Its methods are those of the web framework's storage.
type Storage struct {
	DB    *DB
	Clock func() time.Time
}

// storageWait bounds one call; the framework's storage passes no context.
const storageWait = 10 * time.Second

// Get returns the value under a name, or nil if there is none or it has expired.
func (s *Storage) Get(name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), storageWait)
	defer cancel()
	var v []byte
	err := s.DB.read.NewRaw("SELECT value FROM storage WHERE name = ? AND (expires_at = 0 OR expires_at > ?)", name, s.Clock().UnixMilli()).Scan(ctx, &v)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read storage: %w", err)
	}
	return v, nil
}

// Set keeps a value for a time; 0 means for ever. An empty name or value is ignored.
func (s *Storage) Set(name string, value []byte, lasts time.Duration) error {
	if name == "" || len(value) == 0 {
		return nil
	}
	var until int64
	if lasts > 0 {
		until = s.Clock().Add(lasts).UnixMilli()
	}
	return s.write("INSERT INTO storage (name, value, expires_at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at", name, value, until)
}

// Delete forgets a value.
func (s *Storage) Delete(name string) error {
	if name == "" {
		return nil
	}
	return s.write("DELETE FROM storage WHERE name = ?", name)
}

// Take returns the value under a name and forgets it: of many who take it at the same moment one gets it, the others
// nil.
func (s *Storage) Take(name string) (v []byte, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), storageWait)
	defer cancel()
	err = s.DB.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		return tx.NewRaw("DELETE FROM storage WHERE name = ? AND (expires_at = 0 OR expires_at > ?) RETURNING value", name, s.Clock().UnixMilli()).Scan(ctx, &v)
	})
	if errors.Is(err, ErrNotFound) || errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("take from storage: %w", err)
	}
	return v, nil
}

// Reset forgets everything.
func (s *Storage) Reset() error { return s.write("DELETE FROM storage") }

// Sweep removes what has expired and returns how much that was.
func (s *Storage) Sweep(ctx context.Context) (n int64, err error) {
	err = s.DB.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		res, err := tx.NewRaw("DELETE FROM storage WHERE expires_at > 0 AND expires_at <= ?", s.Clock().UnixMilli()).Exec(ctx)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sweep storage: %w", err)
	}
	return n, nil
}

// Close does nothing: the database is closed by whoever opened it.
func (s *Storage) Close() error { return nil }

func (s *Storage) write(query string, args ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), storageWait)
	defer cancel()
	err := s.DB.InTx(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("write storage: %w", err)
	}
	return nil
}
