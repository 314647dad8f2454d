package registration

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/calendar"
	"attesta/app/event"
	"attesta/app/mail"
)

// Sequence numbers what a participant's calendar is told of a registration. It grows with each change of the event and
// with each change of the registration, so that who comes back after giving the place back is told anew.
func Sequence(e *event.Event, r *Registration) int { return e.Version + r.Version }

// calendarOf is what a mail of a kind puts into the participant's calendar: the event for who has a place, and nothing
// for anyone else; who was told before and has the place no longer is told that. Nil is for a mail that says nothing of
// it.
func calendarOf(ctx context.Context, q bun.IDB, e *event.Event, r *Registration, kind mail.Kind) (*mail.Calendar, error) {
	method := calendar.Request
	switch kind {
	case mail.RegistrationApproved, mail.EventMoved:
		if r.Status != Approved {
			return nil, nil
		}
	case mail.RegistrationCancelled, mail.RegistrationRejected, mail.RegistrationWaitlisted, mail.EventCancelled:
		if r.DecidedAt.IsZero() {
			return nil, nil // a place was never given, and so nothing is to be taken back
		}
		invited, err := mail.Invited(ctx, q, r.ID)
		if err != nil || !invited {
			return nil, err
		}
		method = calendar.Cancel
	default:
		return nil, nil
	}
	a, err := event.Timetables(ctx, q, []*event.Event{e})
	if err != nil {
		return nil, err
	}
	c := &mail.Calendar{Method: method, Sequence: Sequence(e, r), Stamp: later(e.UpdatedAt.Time, r.UpdatedAt.Time), Called: e.IsCancelled()}
	for i := range e.Days {
		from, to := a[0].Hours(i)
		c.Days = append(c.Days, mail.Span{Starts: from, Ends: to})
	}
	return c, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
