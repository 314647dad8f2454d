package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Time is an instant, kept as milliseconds since 1970 in UTC, so that both databases compare, index and return it
// alike. The zero Time is NULL.
type Time struct{ time.Time }

// At returns t to the millisecond in UTC, as it will come back from the database.
func At(t time.Time) Time {
	if t.IsZero() {
		return Time{}
	}
	return Time{t.UTC().Truncate(time.Millisecond)}
}

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.UnixMilli(), nil
}

// Scan implements sql.Scanner.
func (t *Time) Scan(v any) error {
	switch x := v.(type) {
	case nil:
		t.Time = time.Time{}
	case int64:
		t.Time = time.UnixMilli(x).UTC()
	default:
		return fmt.Errorf("an instant can't be read from %T", v)
	}
	return nil
}

// Day is a calendar day without a zone, kept as YYYY-MM-DD. The zero Day is NULL. Which instants it spans depends on
// the zone of the event it belongs to.
type Day struct{ time.Time }

// NewDay returns the calendar day of t as t's own zone sees it.
func NewDay(t time.Time) Day {
	return Day{time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)}
}

// ParseDay reads YYYY-MM-DD.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	return Day{t}, err
}

// Plus returns the day n days later.
func (d Day) Plus(n int) Day { return Day{d.AddDate(0, 0, n)} }

// In returns the instant at which a clock in zone shows hour:minute on this day.
func (d Day) In(zone *time.Location, hour, minute int) time.Time {
	return time.Date(d.Year(), d.Month(), d.Day(), hour, minute, 0, 0, zone)
}

// At returns the first instant at which a clock in zone shows hour:minute on this day. There is none where the clocks go
// forward past it: exists is false, and t is the instant at which they do; see Forward.
func (d Day) At(zone *time.Location, hour, minute int) (t time.Time, exists bool) {
	shown := d.In(time.UTC, hour, minute)
	_, before := shown.Add(-26 * time.Hour).In(zone).Zone()
	_, after := shown.Add(26 * time.Hour).In(zone).Zone()
	for _, offset := range []int{max(before, after), min(before, after)} {
		t = shown.Add(-time.Duration(offset) * time.Second).In(zone)
		if t.Hour() == hour && t.Minute() == minute {
			return t, true
		}
	}
	start, _ := t.ZoneBounds()
	return start, false
}

// Forward returns what clocks show at the instant t at which they go forward: before, and after.
func Forward(t time.Time) (from, to time.Time) {
	_, before := t.Add(-time.Second).Zone()
	return t.In(time.FixedZone("", before)), t
}

// String returns YYYY-MM-DD, or "" for the zero Day.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

// MarshalText implements encoding.TextMarshaler.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalJSON implements json.Marshaler; without it the embedded time would answer.
func (d Day) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON implements json.Unmarshaler.
func (d *Day) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	return d.Scan(s)
}

// Value implements driver.Valuer.
func (d Day) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan implements sql.Scanner.
func (d *Day) Scan(v any) error {
	switch x := v.(type) {
	case nil:
		d.Time = time.Time{}
	case time.Time:
		*d = NewDay(x)
	case []byte:
		return d.Scan(string(x))
	case string:
		if x == "" {
			d.Time = time.Time{}
			return nil
		}
		p, err := ParseDay(x[:min(len(x), 10)])
		if err != nil {
			return err
		}
		*d = p
	default:
		return fmt.Errorf("a day can't be read from %T", v)
	}
	return nil
}

// JSON keeps a value as JSON text.
type JSON[T any] struct{ V T }

// Value implements driver.Valuer.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan implements sql.Scanner.
func (j *JSON[T]) Scan(v any) error {
	switch x := v.(type) {
	case nil:
		return nil
	case []byte:
		return json.Unmarshal(x, &j.V)
	case string:
		return json.Unmarshal([]byte(x), &j.V)
	}
	return fmt.Errorf("JSON can't be read from %T", v)
}

// Lock makes a SELECT hold the rows it reads until the end of the transaction. On SQLite, where there is one writer,
// it changes nothing.
func (t *Tx) Lock(q *bun.SelectQuery) *bun.SelectQuery {
	if t.pgx == nil {
		return q
	}
	return q.For("UPDATE")
}
