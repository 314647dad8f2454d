package db_test

import (
	"bytes"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/apptest"
	"attesta/app/db"
)

func TestStorageForgetsWhatHasExpired(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		s := &db.Storage{DB: d, Clock: func() time.Time { return now }}
		value := []byte{0, 1, 255, '\'', '\\'}
		for name, lasts := range map[string]time.Duration{"short": time.Minute, "long": time.Hour, "ever": 0} {
			if err := s.Set(name, []byte("old"), time.Second); err != nil {
				t.Fatal(err)
			}
			if err := s.Set(name, value, lasts); err != nil {
				t.Fatal(err)
			}
		}
		now = now.Add(2 * time.Minute)
		for name, want := range map[string][]byte{"short": nil, "long": value, "ever": value, "never": nil} {
			if got, err := s.Get(name); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, want)
			}
		}
		if n, err := s.Sweep(t.Context()); err != nil || n != 1 {
			t.Errorf("swept %d, %v", n, err)
		}
		if err := s.Delete("ever"); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Get("ever"); err != nil || got != nil {
			t.Errorf("after deleting: %v, %v", got, err)
		}
	})
}

func TestWhatIsTakenFromStorageIsTakenOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		s := &db.Storage{DB: d, Clock: func() time.Time { return now }}
		for _, name := range []string{"one", "late"} {
			if err := s.Set(name, []byte("value"), time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		var got atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				v, err := s.Take("one")
				if err != nil {
					t.Error(err)
				}
				if string(v) == "value" {
					got.Add(1)
				} else if v != nil {
					t.Errorf("%q", v)
				}
			})
		}
		all.Wait()
		if got.Load() != 1 {
			t.Errorf("%d have taken it", got.Load())
		}
		now = now.Add(2 * time.Minute)
		if v, err := s.Take("late"); err != nil || v != nil {
			t.Errorf("what has expired: %q, %v", v, err)
		}
	})
}
