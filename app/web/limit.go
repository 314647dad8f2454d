package web

import (
	"encoding/binary"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/fault"
)

var errTooMany = fault.New(fault.TooMany, "error.too_many")

// Limit counts one attempt under key and returns a TooMany fault when there were more than n within per. The key is
// hashed before it is kept. Counts are held in memory and shared with other replicas through the store every few
// seconds, so that a burst costs no write each.
func (c *Ctx) Limit(key string, n int, per time.Duration) error {
	wait := c.s.limits.hit(digest("limit", key), n, per)
	if wait <= 0 {
		return nil
	}
	return errTooMany.With("Seconds", int(wait/time.Second)+1)
}

// attempt is one key under which an attempt is counted.
type attempt struct {
	key string
	n   int // so many within a minute
}

// try counts one attempt under each key, or returns a TooMany fault. With forgive it counts no longer: for attempts that
// turned out well.
func (c *Ctx) try(attempts ...attempt) (forgive func(), err error) {
	for i, a := range attempts {
		if err := c.Limit(a.key, a.n, time.Minute); err != nil {
			c.forgive(attempts[:i])
			return nil, err
		}
	}
	return func() { c.forgive(attempts) }, nil
}

func (c *Ctx) forgive(attempts []attempt) {
	for _, a := range attempts {
		c.s.limits.forgive(digest("limit", a.key))
	}
}

// LimitSource is Limit for one thing done from one source address.
func (c *Ctx) LimitSource(what string, n int, per time.Duration) error {
	return c.Limit(what+" "+c.sourceKey(), n, per)
}

// limiter counts in windows: the current one, and the previous one weighed by how much of it still lies within per.
type limiter struct {
	mu    sync.Mutex
	store fiber.Storage
	clock func() time.Time
	all   map[string]*count
}

type count struct {
	window   int64 // number of the window since 1970
	per      time.Duration
	own      int // hits here in this window
	unsent   int // of them, not yet in the store
	shared   int // the store's total when last read, without unsent
	previous int
}

const (
	maxCounts  = 200_000 // keys held; beyond that what is over goes, and then a tenth of the rest
	shareEvery = 2 * time.Second
)

func newLimiter(store fiber.Storage, clock func() time.Time) *limiter {
	return &limiter{store: store, clock: clock, all: map[string]*count{}}
}

// hit counts and returns how long to wait, 0 if the attempt is within the limit. A refused attempt is not counted,
// so that patience helps.
func (l *limiter) hit(key string, n int, per time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	window := now.UnixNano() / int64(per)
	c := l.all[key]
	if c == nil {
		if len(l.all) >= maxCounts {
			l.sweep(now)
		}
		c = &count{window: window, per: per}
		l.all[key] = c
	}
	c.turn(window)
	into := now.UnixNano() % int64(per)
	carried := float64(c.previous) * float64(int64(per)-into) / float64(per)
	if carried+float64(c.total())+1 > float64(n) {
		return per - time.Duration(into)
	}
	c.own++
	c.unsent++
	return 0
}

// forgive takes one hit back, if it was counted in this window.
func (l *limiter) forgive(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.all[key]
	if c == nil || c.window != l.clock().UnixNano()/int64(c.per) || c.own == 0 {
		return
	}
	c.own--
	c.unsent--
}

func (c *count) total() int { return max(c.own, c.shared+c.unsent) }

// turn begins a new window where the old one is over.
func (c *count) turn(window int64) {
	if c.window == window {
		return
	}
	before := 0
	if c.window == window-1 {
		before = c.total()
	}
	*c = count{window: window, per: c.per, previous: before}
}

// sweep forgets what is over; the caller holds the lock.
func (l *limiter) sweep(now time.Time) {
	for key, c := range l.all {
		if c.window+1 < now.UnixNano()/int64(c.per) {
			delete(l.all, key)
		}
	}
	if len(l.all) < maxCounts {
		return
	}
	for key := range l.all {
		if len(l.all) < maxCounts*9/10 {
			break
		}
		delete(l.all, key)
	}
}

// start shares counts until stop is called.
func (l *limiter) start() (stop func()) {
	done := make(chan struct{})
	go func() {
		t := time.NewTicker(shareEvery)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				l.share()
			}
		}
	}()
	return func() { close(done) }
}

// share adds what was counted here to the store and learns what others have counted.
func (l *limiter) share() {
	type turn struct {
		key    string
		window int64
		per    time.Duration
		add    int
	}
	l.mu.Lock()
	l.sweep(l.clock())
	var turns []turn
	for key, c := range l.all {
		if c.unsent != 0 {
			turns = append(turns, turn{key, c.window, c.per, c.unsent})
		}
	}
	l.mu.Unlock()
	for _, t := range turns {
		total, err := l.add(t.key, t.window, t.per, t.add)
		if err != nil {
			return
		}
		l.mu.Lock()
		if c := l.all[t.key]; c != nil && c.window == t.window {
			c.unsent -= t.add
			c.shared = total
		}
		l.mu.Unlock()
	}
}

// add adds to the store's count of one window and returns the new total. Two replicas that add in the same instant
// may lose one of the two: a limit is a fence, not an account.
func (l *limiter) add(key string, window int64, per time.Duration, n int) (int, error) {
	key = key + ":" + time.Unix(0, window*int64(per)).UTC().Format("20060102T150405")
	b, err := l.store.Get(key)
	if err != nil {
		return 0, err
	}
	total := n
	if len(b) == 8 {
		total += int(binary.BigEndian.Uint64(b))
	}
	total = max(0, total)
	return total, l.store.Set(key, binary.BigEndian.AppendUint64(nil, uint64(total)), 2*per)
}
