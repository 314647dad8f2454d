package web

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

type shelf struct {
	mu  sync.Mutex
	all map[string][]byte
}

func (s *shelf) Get(k string) ([]byte, error) { s.mu.Lock(); defer s.mu.Unlock(); return s.all[k], nil }
func (s *shelf) Set(k string, v []byte, _ time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[k] = v
	return nil
}
func (s *shelf) Delete(string) error { return nil }
func (s *shelf) Reset() error        { return nil }
func (s *shelf) Close() error        { return nil }

func TestALimitLetsThroughExactlySoManyInAnyWindow(t *testing.T) {
	now := time.Unix(1_000_000_020, 0) // a third into a minute
	l := newLimiter(&shelf{all: map[string][]byte{}}, func() time.Time { return now })
	passed := func(key string, tries int) int {
		n := 0
		for range tries {
			if l.hit(key, 5, time.Minute) == 0 {
				n++
			}
		}
		return n
	}
	if got := passed("a", 9); got != 5 {
		t.Errorf("%d of 9 passed", got)
	}
	if got := passed("b", 1); got != 1 {
		t.Error("one key stops another")
	}
	now = now.Add(45 * time.Second) // the next window, most of the last still within a minute
	if got := passed("a", 9); got > 1 {
		t.Errorf("%d passed across the border of two windows", got)
	}
	now = now.Add(2 * time.Minute)
	if got := passed("a", 9); got != 5 {
		t.Errorf("%d passed after waiting", got)
	}
}

func TestReplicasShareWhatTheyCounted(t *testing.T) {
	now := time.Unix(1_000_000_000, 0)
	store := &shelf{all: map[string][]byte{}}
	clock := func() time.Time { return now }
	a, b := newLimiter(store, clock), newLimiter(store, clock)
	for range 3 {
		a.hit("k", 5, time.Minute)
	}
	b.hit("k", 5, time.Minute)
	a.share()
	b.share()
	passed := 0
	for range 5 {
		if b.hit("k", 5, time.Minute) == 0 {
			passed++
		}
	}
	if passed != 1 {
		t.Errorf("%d more passed on the other replica, want 1", passed)
	}
}

func TestCountersOfStrangersDoNotFillTheMemory(t *testing.T) {
	now := time.Unix(1_000_000_000, 0)
	l := newLimiter(&shelf{all: map[string][]byte{}}, func() time.Time { return now })
	for i := range maxCounts + 1000 {
		l.hit(fmt.Sprint(i), 5, time.Minute)
	}
	if len(l.all) > maxCounts {
		t.Errorf("%d keys held", len(l.all))
	}
}
