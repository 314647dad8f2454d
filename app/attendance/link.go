package attendance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/token"
)

// Link lets a helper check people in at one event, without an account, until it expires or is revoked.
type Link struct {
	bun.BaseModel `bun:"table:checkin_links"`

	ID        int64 `bun:",pk,autoincrement"`
	EventID   int64
	Label     string // for whom: "Front door"
	Nonce     string
	Hash      string
	CreatedBy int64 `bun:",nullzero"`
	CreatedAt db.Time
	ExpiresAt db.Time
	RevokedAt db.Time
	Days      db.JSON[[]string] // YYYY-MM-DD; none: all days of the event
	State     LinkState         `bun:"-"` // filled in by Links
}

const linkPurpose = "checkin"

// Actor is the helper who holds the link.
func (l *Link) Actor() account.Actor {
	a := account.Link(account.Helper, account.EventScope, l.EventID)
	a.Name = l.Label
	return a
}

// Path is the link's address below the base address.
func (d *Desk) Path(l *Link) string { return "/checkin/" + d.Secret.Link(linkPurpose, l.Nonce) }

// NewLink makes a helper's link, good on the given days of the event; without days on all of them. It dies with the
// right of the actor to edit the event.
func (d *Desk) NewLink(ctx context.Context, actor account.Actor, eventCode, label string, days ...db.Day) (*Link, error) {
	label = locale.Clean(label)
	var form fault.Form
	if label == "" {
		form.Add("label", "form.required")
	}
	if utf8.RuneCountInString(label) > 100 {
		form.Add("label", "form.too_long", "Max", 100)
	}
	if err := form.Err(); err != nil {
		return nil, err
	}
	var l *Link
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := event.ByCodeIn(ctx, tx, eventCode)
		if err != nil {
			return err
		}
		if err := event.May(actor, account.EditEvent, e); err != nil {
			return err
		}
		if e.IsCancelled() {
			return event.ErrState
		}
		nonce := token.Nonce()
		l = &Link{
			EventID: e.ID, Label: label, Nonce: nonce, Hash: token.Hash(d.Secret.Link(linkPurpose, nonce)), CreatedBy: actor.UserID, CreatedAt: db.At(d.Clock()),
		}
		if l.Days.V, err = chosen(e, days); err != nil {
			return err
		}
		spans := l.spans(e, nil)
		l.ExpiresAt = db.At(spans[len(spans)-1].to)
		if _, err := tx.NewInsert().Model(l).Exec(ctx); err != nil {
			return err
		}
		return noteLink(ctx, tx, actor, l, "create", audit.Change(nil, audit.Facts{"state": "valid", "days": l.Days.V, "expires_at": l.ExpiresAt.Time}))
	})
	if err != nil {
		return nil, fmt.Errorf("make a check-in link: %w", err)
	}
	return l, nil
}

// chosen returns the days of a link as they are kept, in order: none for all of the event's. A day that isn't one of
// them is an Invalid fault of the field days.
func chosen(e *event.Event, days []db.Day) ([]string, error) {
	list := []string{}
	for i := range e.Days {
		day := e.StartsOn.Plus(i)
		if slices.ContainsFunc(days, func(x db.Day) bool { return x.Equal(day.Time) }) {
			list = append(list, day.String())
		}
	}
	for _, day := range days {
		if !slices.Contains(list, day.String()) {
			var form fault.Form
			form.Add("days", "form.choose")
			return nil, form.Err()
		}
	}
	if len(list) == e.Days {
		list = []string{}
	}
	return list, nil
}

// Revoke ends a helper's link at once.
func (d *Desk) Revoke(ctx context.Context, actor account.Actor, eventCode string, id int64) error {
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := event.ByCodeIn(ctx, tx, eventCode)
		if err != nil {
			return err
		}
		if err := event.May(actor, account.EditEvent, e); err != nil {
			return err
		}
		l := &Link{}
		if err := tx.Lock(tx.NewSelect().Model(l).Where("id = ? AND event_id = ?", id, e.ID)).Scan(ctx); err != nil {
			return db.One(err)
		}
		if !l.RevokedAt.IsZero() {
			return nil
		}
		l.RevokedAt = db.At(d.Clock())
		if _, err := tx.NewUpdate().Model(l).WherePK().Exec(ctx); err != nil {
			return err
		}
		return noteLink(ctx, tx, actor, l, "revoke", audit.Change(audit.Facts{"state": "valid"}, audit.Facts{"state": "revoked"}))
	})
	if err != nil {
		return fmt.Errorf("revoke check-in link %d: %w", id, err)
	}
	return nil
}

func noteLink(ctx context.Context, tx *db.Tx, actor account.Actor, l *Link, verb string, change db.JSON[json.RawMessage]) error {
	deed := actor.Deed(verb, "checkin_link", l.ID)
	deed.EventID, deed.Detail = l.EventID, change
	return audit.Record(ctx, tx, deed)
}

// Links returns the helpers' links of an event to its organisers, newest first.
func (d *Desk) Links(ctx context.Context, actor account.Actor, e *event.Event) ([]Link, error) {
	if err := event.May(actor, account.EditEvent, e); err != nil {
		return nil, err
	}
	var list []Link
	if err := d.DB.Read().NewSelect().Model(&list).Where("event_id = ?", e.ID).Order("id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("check-in links of event %d: %w", e.ID, err)
	}
	return list, d.describe(ctx, e, list)
}

// Open returns the link that a token opens now and its event. Its faults: ErrLink if it has ended, for whatever reason,
// ErrCancelled if with the event, and ErrNotNow if today isn't one of its days.
func (d *Desk) Open(ctx context.Context, t string) (*Link, *event.Event, error) {
	return d.OpenAt(ctx, t, d.Clock())
}

// OpenAt is Open for a mark that was made at some time: one that was made on a day of the link may come up to three
// days later, from a phone that had no network.
func (d *Desk) OpenAt(ctx context.Context, t string, at time.Time) (*Link, *event.Event, error) {
	l, e, spans, err := d.find(ctx, t)
	if err == nil {
		err = l.check(spans, at, d.Clock())
	}
	if errors.Is(err, ErrLink) && e != nil && e.IsCancelled() {
		err = ErrCancelled
	}
	if err != nil {
		return nil, nil, err
	}
	return l, e, nil
}

// Late returns the link that a token opened on a day that is over, as long as marks of that day may still come; else
// ErrLink.
func (d *Desk) Late(ctx context.Context, t string) (*Link, *event.Event, error) {
	l, e, spans, err := d.find(ctx, t)
	if err != nil {
		return nil, nil, err
	}
	now := d.Clock()
	for _, s := range spans {
		if !now.Before(s.to) && now.Before(s.to.Add(lateness)) {
			return l, e, nil
		}
	}
	return nil, nil, ErrLink
}

// find returns the link of a token, if it is alive, with its event and its days.
func (d *Desk) find(ctx context.Context, t string) (*Link, *event.Event, []span, error) {
	var l Link
	err := d.DB.Read().NewSelect().Model(&l).Where("hash = ?", token.Hash(t)).Scan(ctx)
	if errors.Is(db.One(err), db.ErrNotFound) {
		return nil, nil, nil, ErrLink
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("check-in link: %w", err)
	}
	e, err := event.ByID(ctx, d.DB.Read(), l.EventID)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := d.alive(ctx, d.DB.Read(), &l, e); err != nil {
		return nil, nil, nil, err
	}
	units, err := event.Units(ctx, d.DB.Read(), e.ID)
	if err != nil {
		return nil, nil, nil, err
	}
	return &l, e, l.spans(e, units), nil
}

// Current returns the position of the unit that a helper most likely checks in for: the one that runs or comes next
// on the day that it is in the event's zone, else the first.
func Current(units []event.AttendanceUnit, now time.Time) int {
	for _, u := range units {
		if now.Before(u.EndsAt.Time) {
			return u.Position
		}
	}
	if n := len(units); n > 0 {
		return units[n-1].Position
	}
	return 1
}
