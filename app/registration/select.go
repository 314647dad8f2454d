package registration

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Outcome says what became of one registration in a decision about several.
type Outcome struct {
	Code    string
	Status  Status // where it stands now
	Changed bool
	Fault   *fault.Fault // why it stands elsewhere than was asked for, or nil
}

// Decide approves, puts on the waiting list or rejects registrations of an event and enqueues their mails, all in one
// transaction. Approving more than there are seats puts the rest, in the order given, on the waiting list and says so
// in the outcome. Codes that the event doesn't have are left out. A reason is told to those who are rejected. A cancelled
// event is event.ErrState.
func (d *Desk) Decide(ctx context.Context, actor account.Actor, eventCode string, codes []string, to Status, reason string) (out []Outcome, err error) {
	if to != Approved && to != Waitlisted && to != Rejected {
		return nil, fault.New(fault.Invalid, "form.choose")
	}
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		out = out[:0]
		e, err := event.Lock(ctx, tx, eventCode)
		if err != nil {
			return err
		}
		if err := event.May(actor, account.Select, e); err != nil {
			return err
		}
		if e.IsCancelled() {
			return event.ErrState
		}
		list, err := byCodes(ctx, tx, e.ID, codes)
		if err != nil {
			return err
		}
		for i := range list {
			o, err := d.decide(ctx, tx, actor, e, &list[i], to, locale.Clean(reason))
			if err != nil {
				return err
			}
			out = append(out, o)
		}
		return d.promote(ctx, tx, e)
	})
	if err != nil {
		return nil, fmt.Errorf("decide: %w", err)
	}
	return out, nil
}

// byCodes returns registrations in the order of their codes' first appearance.
func byCodes(ctx context.Context, tx *db.Tx, eventID int64, codes []string) ([]Registration, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	var list []Registration
	q := tx.NewSelect().Model(&list).Where("event_id = ? AND folded_into IS NULL", eventID).Where("code IN (?)", bun.List(codes))
	if err := tx.Lock(q).Scan(ctx); err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b Registration) int {
		return slices.Index(codes, a.Code) - slices.Index(codes, b.Code)
	})
	return list, nil
}

func (d *Desk) decide(ctx context.Context, tx *db.Tx, actor account.Actor, e *event.Event, r *Registration, to Status, reason string) (Outcome, error) {
	o := Outcome{Code: r.Code, Status: r.Status}
	if r.Status == Cancelled || r.Status == Draft {
		o.Fault = ErrStatus
		return o, nil
	}
	if to == Approved && r.Status != Approved && e.SeatsTaken >= e.Seats {
		to, o.Fault = Waitlisted, ErrNoSeat
	}
	if r.Status == to {
		return o, nil
	}
	from := r.Status
	now := db.At(d.Clock())
	r.DecidedAt, r.DecidedBy, r.UpdatedAt, r.Reason = now, actor.UserID, now, ""
	if to == Rejected {
		r.Reason = reason
	}
	if err := move(ctx, tx, e, r, to); err != nil {
		return o, err
	}
	o.Status, o.Changed = to, true
	if err := note(ctx, tx, actor.Deed("decide", "registration", r.ID), r, audit.Facts{"status": from}); err != nil {
		return o, err
	}
	return o, d.send(ctx, tx, e, r, mailOf(to))
}

// Filter narrows a list of registrations; zero values don't.
type Filter struct {
	Status          Status
	Country         string
	InstitutionType string
	Gender          string
	Search          string // part of a name, in any script
}

// List returns an event's registrations to its organisers, in order of sign-up.
func (d *Desk) List(ctx context.Context, actor account.Actor, e *event.Event, f Filter) ([]Registration, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, err
	}
	var list []Registration
	q := d.DB.Read().NewSelect().Model(&list).Where("event_id = ? AND folded_into IS NULL", e.ID).Order("submitted_at", "id")
	for column, v := range map[string]string{"status": string(f.Status), "country": f.Country, "institution_type": f.InstitutionType, "gender": f.Gender} {
		if v != "" {
			q = q.Where("? = ?", bun.Ident(column), v)
		}
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list registrations of event %d: %w", e.ID, err)
	}
	by, err := d.NominatedBy(ctx, actor, e)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Nominator = by[list[i].ID]
	}
	if f.Search != "" {
		list = slices.DeleteFunc(list, func(r Registration) bool {
			return !Matches(r.GivenName+" "+r.FamilyName+" "+r.CertificateName, f.Search)
		})
	}
	return list, nil
}

// Count is how many registrations of an event have each status.
func (d *Desk) Count(ctx context.Context, actor account.Actor, e *event.Event) (map[Status]int, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, err
	}
	var rows []struct {
		Status Status
		N      int
	}
	err := d.DB.Read().NewRaw("SELECT status, COUNT(*) AS n FROM registrations WHERE event_id = ? AND folded_into IS NULL GROUP BY status", e.ID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count registrations of event %d: %w", e.ID, err)
	}
	out := map[Status]int{}
	for _, r := range rows {
		out[r.Status] = r.N
	}
	return out, nil
}

// ByCode returns one registration of an event to its organisers.
func (d *Desk) ByCode(ctx context.Context, actor account.Actor, e *event.Event, code string) (*Registration, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, err
	}
	r, err := d.one(ctx, "event_id = ? AND code = ? AND folded_into IS NULL", e.ID, code)
	if err != nil {
		return nil, err
	}
	by, err := d.NominatedBy(ctx, actor, e)
	r.Nominator = by[r.ID]
	return r, err
}
