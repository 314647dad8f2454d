package attendance

import (
	"context"
	"fmt"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/registration"
)

// Claims returns every claim about a registration, and about those that were folded into it, to the organisers of its
// event, in the order in which they were received: what its attendance follows from.
func (d *Desk) Claims(ctx context.Context, actor account.Actor, e *event.Event, r *registration.Registration) ([]Claim, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, err
	}
	if r.EventID != e.ID {
		return nil, registration.ErrNotFound
	}
	var list []Claim
	err := d.DB.Read().NewSelect().Model(&list).Where("registration_id = ? OR registration_id IN (SELECT id FROM registrations WHERE folded_into = ?)", r.ID, r.ID).
		Order("received_at", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("claims of registration %d: %w", r.ID, err)
	}
	return list, nil
}

// Tick is one change in a list that somebody went through by hand.
type Tick struct {
	Code     string // of the registration
	Position int    // of the unit
	Absent   bool
}

// MarkList records changes by hand, all or none, and returns how many changed anything. Codes that the event doesn't
// have, or that aren't approved, are left out. The actor needs MarkPresence for the event.
func (d *Desk) MarkList(ctx context.Context, actor account.Actor, eventCode string, ticks []Tick) (changed int, err error) {
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		changed = 0
		for _, t := range ticks {
			m := Mark{EventCode: eventCode, Position: t.Position, Code: t.Code, Source: List, Absent: t.Absent}
			e, u, err := d.open(ctx, tx, actor, m)
			if err != nil {
				return err
			}
			res, err := d.who(ctx, tx, e, m)
			if err != nil {
				return err
			}
			if res.Answer != "" {
				continue
			}
			if res, err = d.apply(ctx, tx, actor, u, res.Registration, m); err != nil {
				return err
			}
			if res.Answer == In || res.Answer == Out {
				changed++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("mark a list: %w", err)
	}
	return changed, nil
}
