package attendance

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
)

// LinkState says what a helper's link is good for now.
type LinkState string

// The states.
const (
	LinkRevoked  LinkState = "revoked"
	LinkOrphaned LinkState = "orphaned" // whoever made it may not edit the event any more
	LinkOver     LinkState = "over"     // its last day has passed
	LinkAhead    LinkState = "ahead"    // its next day has yet to come
	LinkGood     LinkState = "good"
)

const (
	// allowance is how long before its first unit, and after its last, a day begins and ends for a link. Only where that
	// lies beyond midnight it makes the day longer.
	allowance = 2 * time.Hour
	// lateness is how long after a day the marks of that day may still arrive from a phone that had no network.
	lateness = 72 * time.Hour
)

// span is one day of a link.
type span struct {
	day      db.Day
	from, to time.Time
}

// spans are the days of a link, in order, as the event's zone sees them. A link without days of its own has all of the
// event's; those of a cancelled event end when it was cancelled.
func (l *Link) spans(e *event.Event, units []event.AttendanceUnit) []span {
	var list []span
	for i := range e.Days {
		day := e.StartsOn.Plus(i)
		if len(l.Days.V) > 0 && !slices.Contains(l.Days.V, day.String()) {
			continue
		}
		s := span{day, day.In(e.Location(), 0, 0), day.Plus(1).In(e.Location(), 0, 0)}
		for _, u := range units {
			if !u.Day.Equal(day.Time) {
				continue
			}
			if from := u.StartsAt.Add(-allowance); from.Before(s.from) {
				s.from = from
			}
			if to := u.EndsAt.Add(allowance); to.After(s.to) {
				s.to = to
			}
		}
		if called := e.CancelledAt.Time; e.IsCancelled() && called.Before(s.to) {
			s.to = called
		}
		if s.from.Before(s.to) {
			list = append(list, s)
		}
	}
	return list
}

// check returns nil if a mark made at that time counts under the link now, ErrLink if the link's days are over, and
// ErrNotNow if it has yet to come.
func (l *Link) check(spans []span, at, now time.Time) error {
	for _, s := range spans {
		if !at.Before(s.from) && at.Before(s.to) && now.Before(s.to.Add(lateness)) {
			return nil
		}
	}
	for _, s := range spans {
		if now.Before(s.from) {
			return ErrNotNow.With("Day", s.day.Time)
		}
	}
	return ErrLink
}

// ErrNotNow is told on a day that isn't one of the link's, with the parameter Day, the next one that is.
var ErrNotNow = fault.New(fault.Gone, "attendance.link_not_now")

// ErrCancelled is told once the event was cancelled.
var ErrCancelled = fault.New(fault.Gone, "attendance.event_cancelled")

// alive returns ErrLink if the link was revoked, or whoever made it may not edit the event any more.
func (d *Desk) alive(ctx context.Context, q bun.IDB, l *Link, e *event.Event) error {
	if !l.RevokedAt.IsZero() {
		return ErrLink
	}
	holds, err := account.HoldsToday(ctx, q, l.CreatedBy, account.EditEvent, d.Clock(), e.Scopes()...)
	if err == nil && !holds {
		err = ErrLink
	}
	return err
}

// admit holds a mark that comes by a link against the link: it is this event's, alive, good at the time of the mark,
// and the unit lies on one of its days.
func (d *Desk) admit(ctx context.Context, tx *db.Tx, e *event.Event, u *event.AttendanceUnit, m Mark) error {
	if m.LinkID == 0 {
		return nil
	}
	var l Link
	if err := tx.NewSelect().Model(&l).Where("id = ? AND event_id = ?", m.LinkID, e.ID).Scan(ctx); err != nil {
		return db.One(err)
	}
	if err := d.alive(ctx, tx, &l, e); err != nil {
		return err
	}
	units, err := event.Units(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	at := m.DeviceAt
	if at.IsZero() {
		at = d.Clock()
	}
	spans := l.spans(e, units)
	if err := l.check(spans, at, d.Clock()); err != nil {
		return err
	}
	if !slices.ContainsFunc(spans, func(s span) bool { return s.day.Equal(u.Day.Time) }) {
		return ErrUnit
	}
	return nil
}

// Covers reports whether the unit lies on one of the link's days.
func (l *Link) Covers(u event.AttendanceUnit) bool {
	return len(l.Days.V) == 0 || slices.Contains(l.Days.V, u.Day.String())
}

// describe fills in the state of each link and when its last day ends.
func (d *Desk) describe(ctx context.Context, e *event.Event, list []Link) error {
	units, err := event.Units(ctx, d.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	now := d.Clock()
	for i := range list {
		l := &list[i]
		spans := l.spans(e, units)
		if len(spans) > 0 {
			l.ExpiresAt = db.At(spans[len(spans)-1].to)
		}
		alive, timely := d.alive(ctx, d.DB.Read(), l, e), l.check(spans, now, now)
		if k := fault.KindOf(alive); alive != nil && k != fault.Gone {
			return fmt.Errorf("state of check-in link %d: %w", l.ID, alive)
		}
		switch {
		case !l.RevokedAt.IsZero():
			l.State = LinkRevoked
		case fault.From(timely) != nil && fault.From(timely).Is(ErrLink):
			l.State = LinkOver
		case alive != nil:
			l.State = LinkOrphaned
		case timely != nil:
			l.State = LinkAhead
		default:
			l.State = LinkGood
		}
	}
	return nil
}
