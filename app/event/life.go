package event

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Publish shows a draft to the public.
func (d *Desk) Publish(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "publish", func(_ context.Context, _ *db.Tx, e *Event) error {
		if e.State != Draft && e.State != Published {
			return ErrState
		}
		e.State = Published
		return nil
	})
}

// OpenRegistration publishes the event, if need be, and opens registration now. A closing time that has passed is
// forgotten: it then stays open until the event begins.
func (d *Desk) OpenRegistration(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "open_registration", func(_ context.Context, _ *db.Tx, e *Event) error {
		now := d.Clock()
		if e.State == Cancelled || e.State == Archived || !now.Before(e.Ends()) {
			return ErrState
		}
		e.State, e.RegistrationOpensAt = Published, db.At(now)
		if !e.RegistrationClosesAt.IsZero() && !now.Before(e.RegistrationClosesAt.Time) {
			e.RegistrationClosesAt = db.Time{}
		}
		return nil
	})
}

// CloseRegistration ends registration now.
func (d *Desk) CloseRegistration(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "close_registration", func(_ context.Context, _ *db.Tx, e *Event) error {
		now := db.At(d.Clock())
		if e.Phase(now.Time) != PhaseOpen {
			return ErrState
		}
		if !now.After(e.RegistrationOpensAt.Time) {
			now = db.At(e.RegistrationOpensAt.Add(time.Millisecond))
		}
		e.RegistrationClosesAt = now
		return nil
	})
}

// Unpublish makes a published event a draft again, for which nobody has registered and to which nobody was invited to
// nominate: else ErrRegistered.
func (d *Desk) Unpublish(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "unpublish", func(ctx context.Context, tx *db.Tx, e *Event) error {
		if e.State != Published {
			return ErrState
		}
		known, err := knownOf(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if known {
			return ErrRegistered
		}
		e.State = Draft
		return nil
	})
}

// knownOf reports whether somebody was told of the event by name: by a registration or an offer of seats, whatever
// became of it.
func knownOf(ctx context.Context, q bun.IDB, eventID int64) (bool, error) {
	for _, table := range []string{"registrations", "nomination_links"} {
		there, err := q.NewSelect().Table(table).Where("event_id = ?", eventID).Exists(ctx)
		if err != nil || there {
			return there, err
		}
	}
	return false, nil
}

// maxReason is the longest reason of a cancellation, in characters.
const maxReason = 2000

// Cancel calls off a published event that isn't over, for a reason that those concerned are told and its pages say. It
// deletes nothing. The reason is needed in its original language: else an Invalid fault beside reason, and beside
// reason_xx where a translation is too long.
func (d *Desk) Cancel(ctx context.Context, actor account.Actor, code string, reason locale.Text) (*Event, error) {
	reason, err := cleanReason(reason)
	if err != nil {
		return nil, err
	}
	return d.change(ctx, actor, code, "cancel", func(_ context.Context, _ *db.Tx, e *Event) error {
		if !e.Cancellable(d.Clock()) {
			return ErrState
		}
		e.State, e.CancelReason, e.CancelledAt = Cancelled, reason, db.At(d.Clock())
		return nil
	})
}

func cleanReason(reason locale.Text) (locale.Text, error) {
	out := locale.NewText(reason.Original, "")
	var form fault.Form
	for c, s := range reason.By {
		field := "reason_" + string(c)
		if c == reason.Original {
			field = "reason"
		}
		if s = locale.CleanText(s); s != "" {
			out.By[c] = s
		}
		if utf8.RuneCountInString(s) > maxReason {
			form.Add(field, "form.too_long", "Max", maxReason)
		}
	}
	if out.By[out.Original] == "" {
		form.Add("reason", "form.required")
	}
	return out, form.Err()
}

// Archive puts away an event that is over or was cancelled: it leaves the public calendar, and all that it has given
// out stays good.
func (d *Desk) Archive(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "archive", func(_ context.Context, _ *db.Tx, e *Event) error {
		if !e.Archivable(d.Clock()) {
			return ErrState
		}
		e.State = Archived
		return nil
	})
}

// Unarchive takes an event out again, as it was before.
func (d *Desk) Unarchive(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "unarchive", func(_ context.Context, _ *db.Tx, e *Event) error {
		if e.State != Archived {
			return ErrState
		}
		e.State = Published
		if !e.CancelledAt.IsZero() {
			e.State = Cancelled
		}
		return nil
	})
}

// IsCancelled reports whether the event was called off, archived since or not.
func (e *Event) IsCancelled() bool {
	return e.State == Cancelled || e.State == Archived && !e.CancelledAt.IsZero()
}

// Cancellable reports whether the event can be called off now: it is published and isn't over.
func (e *Event) Cancellable(now time.Time) bool { return e.State == Published && now.Before(e.Ends()) }

// Archivable reports whether the event can be put away now: it is over, or cancelled.
func (e *Event) Archivable(now time.Time) bool {
	return e.State == Cancelled || e.State == Published && !now.Before(e.Ends())
}

// Unpublishable reports whether the event could be a draft again: nobody was told of it by name yet.
func (d *Desk) Unpublishable(ctx context.Context, e *Event) (bool, error) {
	if e.State != Published {
		return false, nil
	}
	known, err := knownOf(ctx, d.DB.Read(), e.ID)
	return !known, err
}

// Moved reports whether an event is elsewhere, or at another time, than it was: its days, its zone, its place, or how one
// takes part.
func Moved(was, is *Event) bool {
	return !was.StartsOn.Equal(is.StartsOn.Time) || was.Days != is.Days || was.Zone != is.Zone || was.Format != is.Format || was.JoinURL != is.JoinURL ||
		was.Country != is.Country || was.City != is.City || was.Venue != is.Venue
}
