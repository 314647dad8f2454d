package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// Mark tells what public pages say of events from what they said before, at the price of one query.
type Mark struct {
	Sum   string    // another one after each change of the events, or of the projects, donors and organisations around them
	Until time.Time // when they say something else without a change: registration opens, a day begins
}

// marked is a row of that query: all that changes without Event.Version, and what Until follows from.
type marked struct {
	ID                   int64
	Version              int
	SeatsTaken           int
	SeatsAsked           int
	StartsOn             db.Day
	Days                 int
	Zone                 string
	RegistrationOpensAt  db.Time
	RegistrationClosesAt db.Time
	MaterialAt           db.Time // when the next material is shown
	Around               int64   // grows with each change around the events
}

// MarkOf returns the mark of one event that has been published, or ErrNotFound.
func (d *Desk) MarkOf(ctx context.Context, code string) (Mark, error) {
	return d.mark(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("e.code = ?", code).Where("e.state <> ?", Draft)
	}, false)
}

// MarkAll returns the mark of all that Calendar returns.
func (d *Desk) MarkAll(ctx context.Context) (Mark, error) {
	return d.mark(ctx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("e.state IN (?)", bun.List([]State{Published, Cancelled})).Where("e.listed")
	}, true)
}

func (d *Desk) mark(ctx context.Context, which func(*bun.SelectQuery) *bun.SelectQuery, none bool) (Mark, error) {
	var rows []marked
	now := d.Clock()
	q := d.DB.Read().NewSelect().TableExpr("events AS e").
		Column("e.id", "e.version", "e.seats_taken", "e.seats_asked", "e.starts_on", "e.days", "e.zone", "e.registration_opens_at", "e.registration_closes_at").
		ColumnExpr("(SELECT MIN(m.shown_from) FROM materials AS m WHERE m.event_id = e.id AND m.shown_from > ?) AS material_at", db.At(now)).
		ColumnExpr("a.around").
		Join("CROSS JOIN (SELECT (SELECT COALESCE(SUM(version), 0) FROM projects) + (SELECT COALESCE(SUM(version), 0) FROM donors) + (SELECT COALESCE(SUM(version), 0) FROM organisations) AS around) AS a").
		Order("e.id")
	if err := which(q).Scan(ctx, &rows); err != nil {
		return Mark{}, fmt.Errorf("mark events: %w", err)
	}
	if len(rows) == 0 && !none {
		return Mark{}, ErrNotFound
	}
	m := Mark{Until: now.Add(24 * time.Hour)}
	h := sha256.New()
	for i := range rows {
		r := &rows[i]
		fmt.Fprintln(h, r.ID, r.Version, r.SeatsTaken, r.SeatsAsked, r.Around)
		if t := r.turn(now); t.Before(m.Until) {
			m.Until = t
		}
	}
	m.Sum = hex.EncodeToString(h.Sum(nil)[:12])
	return m, nil
}

// turn is the next instant at which pages say something else of the event.
func (r *marked) turn(now time.Time) time.Time {
	e := Event{StartsOn: r.StartsOn, Days: r.Days, Zone: r.Zone}
	local := now.In(e.Location())
	turns := []time.Time{
		time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, e.Location()), // a new day: it may be one of the event's
		r.RegistrationOpensAt.Time, r.RegistrationClosesAt.Time, r.MaterialAt.Time,
	}
	if !now.Before(e.Begins()) && now.Before(e.Ends()) {
		turns = append(turns, now.Truncate(time.Minute).Add(time.Minute)) // what is on now
	}
	turns = slices.DeleteFunc(turns, func(t time.Time) bool { return !t.After(now) })
	return slices.MinFunc(turns, time.Time.Compare)
}
