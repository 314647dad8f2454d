package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/file"
)

// Desk is where organisers keep their events.
type Desk struct {
	DB    *db.DB
	Clock func() time.Time
	// Followers are told of a change in its transaction, in this order; an error undoes the change.
	Followers []Follower
	Files     file.Store // where materials are kept; nil: none can be
}

// Follower does what follows from a change of an event: it tells those concerned.
type Follower interface {
	Follow(ctx context.Context, tx *db.Tx, actor account.Actor, c Change) error
}

// Change is what was done to an event.
type Change struct {
	Verb          string // of the record: update, cancel, set_programme
	Before, After *Event
}

// Create makes a draft with its attendance units. The actor needs EditEvent in the organisation or the project, and the
// organisation must carry the project out. It returns ErrCodeTaken, or an Invalid fault with what is wrong beside which
// input.
func (d *Desk) Create(ctx context.Context, actor account.Actor, f Facts) (*Event, error) {
	f.complete()
	if err := f.check(); err != nil {
		return nil, err
	}
	e := &Event{ProjectID: f.ProjectID, OrganisationID: f.OrganisationID, State: Draft, Version: 1, CreatedAt: db.At(d.Clock())}
	f.apply(e, actor, d.Clock())
	if !actor.Can(account.EditEvent, e.Scopes()[1:]...) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := hosts(ctx, tx, actor, e); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(e).Exec(ctx); err != nil {
			return err
		}
		if err := setUnits(ctx, tx, e, nil); err != nil {
			return err
		}
		return note(ctx, tx, actor.Deed("create", "event", e.ID), audit.Change(nil, settings(e, 0)))
	})
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("create event: %w", err)
	}
	return e, nil
}

// hosts refuses an event of an organisation that has no part in the project: a role in one of the two is none in the
// other.
func hosts(ctx context.Context, tx *db.Tx, actor account.Actor, e *Event) error {
	if actor.IsSystem() {
		return nil
	}
	there, err := tx.NewSelect().Table("project_organisations").Where("project_id = ? AND organisation_id = ?", e.ProjectID, e.OrganisationID).Exists(ctx)
	if err == nil && !there {
		var form fault.Form
		form.Add("place", "form.choose")
		err = form.Err()
	}
	return err
}

// errStands ends a change that would change nothing: the same was asked twice.
var errStands = errors.New("it stands already")

// Update changes an event whose version the actor has seen; ErrChanged says that somebody was quicker, unless all is as it
// is asked to be: who sends the same form twice has what it says. Dates and the
// unit of attendance can't change any more once somebody was present: ErrAttended. The programme moves with the first day.
func (d *Desk) Update(ctx context.Context, actor account.Actor, code string, version int, f Facts) (*Event, error) {
	f.complete()
	if err := f.check(); err != nil {
		return nil, err
	}
	var stands *Event
	changed, err := d.change(ctx, actor, code, "update", func(ctx context.Context, tx *db.Tx, e *Event) error {
		if e.Version != version {
			if e.says(f, actor) {
				stands = e
				return errStands
			}
			return ErrChanged
		}
		if f.Seats < e.SeatsTaken {
			var form fault.Form
			form.Add("seats", "event.seats_promised", "N", e.SeatsTaken)
			return form.Err()
		}
		was := *e
		f.Code = e.Code // it is in links and on certificates
		f.apply(e, actor, d.Clock())
		if e.StartsOn == was.StartsOn && e.Days == was.Days && e.Unit == was.Unit && e.Zone == was.Zone {
			return nil
		}
		there, err := attended(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if there {
			return ErrAttended
		}
		return d.shift(ctx, tx, &was, e)
	})
	if errors.Is(err, errStands) {
		return stands, nil
	}
	return changed, err
}

// says reports whether the event is as the facts have it.
func (e *Event) says(f Facts, actor account.Actor) bool {
	then := *e
	f.Code = e.Code
	f.apply(&then, actor, e.UpdatedAt.Time)
	return digest(settings(&then, 0)) == digest(settings(e, 0))
}

// change loads an event under a lock, lets f change it and stores it.
func (d *Desk) change(ctx context.Context, actor account.Actor, code, verb string, f func(context.Context, *db.Tx, *Event) error) (*Event, error) {
	return d.changeNoting(ctx, actor, code, verb, nil, f)
}

// changeNoting is change with further facts for the record, which f may fill in.
func (d *Desk) changeNoting(ctx context.Context, actor account.Actor, code, verb string, facts audit.Facts, f func(context.Context, *db.Tx, *Event) error) (*Event, error) {
	var e *Event
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if e, err = Lock(ctx, tx, code); err != nil {
			return err
		}
		if err := May(actor, account.EditEvent, e); err != nil {
			return err
		}
		sessions, err := countSessions(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		said, err := textsOf(ctx, tx, e)
		if err != nil {
			return err
		}
		before, was := settings(e, sessions), *e
		if err := f(ctx, tx, e); err != nil {
			return err
		}
		if err := markStale(ctx, tx, e, verb, said); err != nil {
			return err
		}
		e.Version++
		e.UpdatedAt = db.At(d.Clock())
		if _, err := tx.NewUpdate().Model(e).WherePK().Exec(ctx); err != nil {
			return err
		}
		if sessions, err = countSessions(ctx, tx, e.ID); err != nil {
			return err
		}
		if err := note(ctx, tx, actor.Deed(verb, "event", e.ID), audit.Change(before, settings(e, sessions), facts)); err != nil {
			return err
		}
		for _, x := range d.Followers {
			if err := x.Follow(ctx, tx, actor, Change{Verb: verb, Before: &was, After: e}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s event %s: %w", verb, code, err)
	}
	return e, nil
}

// May returns nil if the actor holds p for the event, Forbidden if it may at least see the event, else ErrNotFound:
// what belongs to others doesn't exist.
func May(actor account.Actor, p account.Permission, e *Event) error {
	switch {
	case actor.Can(p, e.Scopes()...):
		return nil
	case actor.Can(account.ViewEvent, e.Scopes()...):
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return ErrNotFound
}

// Lock reads an event by its code and keeps others from changing it until the transaction ends.
func Lock(ctx context.Context, tx *db.Tx, code string) (*Event, error) {
	var e Event
	if err := tx.Lock(tx.NewSelect().Model(&e).Where("code = ?", code)).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return &e, nil
}

// LockID is Lock by row.
func LockID(ctx context.Context, tx *db.Tx, id int64) (*Event, error) {
	var e Event
	if err := tx.Lock(tx.NewSelect().Model(&e).Where("id = ?", id)).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return &e, nil
}

func notFound(err error) error {
	if errors.Is(db.One(err), db.ErrNotFound) {
		return ErrNotFound
	}
	return err
}

func note(ctx context.Context, tx *db.Tx, deed audit.Entry, change db.JSON[json.RawMessage]) error {
	deed.EventID, deed.Detail = deed.SubjectID, change
	return audit.Record(ctx, tx, deed)
}

// settings are what the record keeps of an event's changes. Long texts and the names of those who sign are there as a
// digest: that they changed, not what they say.
func settings(e *Event, sessions int) audit.Facts {
	f := audit.Facts{
		"state": e.State, "type": e.Type, "title": e.Title.By, "description": digest(e.Description), "country": e.Country, "city": e.City, "venue": e.Venue,
		"starts_on": e.StartsOn, "days": e.Days, "zone": e.Zone, "languages": e.Languages.V, "seats": e.Seats, "decision": e.Decision, "unit": e.Unit,
		"threshold": e.Threshold, "signatories": digest(e.Signatories.V), "visibility_waiver": digest(e.VisibilityWaiver), "listed": e.Listed,
		"quiet": e.Quiet, "template": e.Template, "format": e.Format, "join_url": digest(e.JoinURL), "audience": digest(e.Audience), "costs": digest(e.Costs),
		"directions": digest(e.Directions), "accessibility": digest(e.Accessibility), "contact": digest([]string{e.ContactName, e.ContactEmail, e.ContactPhone}),
		"interpretation": e.Interpretation.V, "cancel_reason": digest(e.CancelReason), "sessions": sessions, "version": e.Version,
	}
	for name, t := range map[string]db.Time{"registration_opens_at": e.RegistrationOpensAt, "registration_closes_at": e.RegistrationClosesAt} {
		if !t.IsZero() {
			f[name] = t.Time
		}
	}
	return f
}

func countSessions(ctx context.Context, tx *db.Tx, eventID int64) (int, error) {
	n, err := tx.NewSelect().Table("programme_sessions").Where("event_id = ? AND removed_at IS NULL", eventID).Count(ctx)
	return int(n), err
}

func digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("event: digest: %v", err))
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:4])
}

// ByCode returns an event to somebody who may see it as its organisers do.
func (d *Desk) ByCode(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	e, err := find(ctx, d.DB.Read(), "code = ?", code)
	if err != nil {
		return nil, err
	}
	return e, May(actor, account.ViewEvent, e)
}

// ForEditing returns an event to whoever may change it.
func (d *Desk) ForEditing(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	e, err := d.ByCode(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	return e, May(actor, account.EditEvent, e)
}

// Public returns an event that has been published, to anyone.
func (d *Desk) Public(ctx context.Context, code string) (*Event, error) {
	e, err := find(ctx, d.DB.Read(), "code = ?", code)
	if err != nil {
		return nil, err
	}
	if e.State == Draft {
		return nil, ErrNotFound
	}
	return e, nil
}

// ByID returns an event for what belongs to it; the caller has checked who asks.
func ByID(ctx context.Context, q bun.IDB, id int64) (*Event, error) {
	return find(ctx, q, "id = ?", id)
}

func find(ctx context.Context, q bun.IDB, where string, arg any) (*Event, error) {
	var e Event
	if err := q.NewSelect().Model(&e).Where(where, arg).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return &e, nil
}

// List returns the events in which the actor holds p, the latest first.
func (d *Desk) List(ctx context.Context, actor account.Actor, p account.Permission) ([]Event, error) {
	var list []Event
	q, any := reach(d.DB.Read().NewSelect().Model(&list).Order("starts_on DESC", "id DESC"), actor, p, "event")
	if !any {
		return nil, nil
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}

// Calendar returns the events that anyone may see in the public list, the earliest first.
func (d *Desk) Calendar(ctx context.Context) ([]Event, error) {
	var list []Event
	err := d.DB.Read().NewSelect().Model(&list).Where("state IN (?)", bun.List([]State{Published, Cancelled})).Where("listed").Order("starts_on", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	return list, nil
}

// ByCodeIn returns an event within a transaction; the caller checks who asks.
func ByCodeIn(ctx context.Context, tx *db.Tx, code string) (*Event, error) {
	return find(ctx, tx, "code = ?", code)
}
