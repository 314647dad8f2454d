package attendance

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/registration"
)

// Story is where one registration was present and the claims from which that follows.
type Story struct {
	Registration registration.Registration
	Since        map[int64]db.Time // when presence was first claimed, by the unit's id; where it wasn't there is none
	Claims       []Claim           // in the order they were received, those of registrations folded into this one too
	Completed    bool
}

// Page returns the units of an event and the stories of those on its list, to its organisers, in the order in which
// they registered. after is the code of the last one of the page before, or ""; limit is above 0. It takes five
// queries.
func (d *Desk) Page(ctx context.Context, actor account.Actor, e *event.Event, after string, limit int) ([]event.AttendanceUnit, []Story, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, nil, err
	}
	units, err := event.Units(ctx, d.DB.Read(), e.ID)
	if err != nil {
		return nil, nil, err
	}
	list, err := d.page(ctx, e, after, limit)
	if err != nil || len(list) == 0 {
		return units, nil, err
	}
	stories := make([]Story, len(list))
	byID := map[int64]*Story{}
	ids := make([]int64, len(list))
	for i, r := range list {
		stories[i] = Story{Registration: r, Since: map[int64]db.Time{}, Completed: Completed(r.UnitsPresent, len(units), e.Threshold)}
		byID[r.ID], ids[i] = &stories[i], r.ID
	}
	return units, stories, d.tell(ctx, ids, byID)
}

func (d *Desk) page(ctx context.Context, e *event.Event, after string, limit int) ([]registration.Registration, error) {
	var list []registration.Registration
	q := d.DB.Read().NewSelect().Model(&list).Where("event_id = ? AND folded_into IS NULL AND status = ?", e.ID, registration.Approved).
		OrderExpr("id").Limit(int64(limit))
	if after != "" {
		var last registration.Registration
		err := d.DB.Read().NewSelect().Model(&last).Where("event_id = ? AND code = ?", e.ID, after).Scan(ctx)
		if errors.Is(db.One(err), db.ErrNotFound) {
			return nil, registration.ErrNotFound
		}
		if err != nil {
			return nil, fmt.Errorf("attendance of event %d: %w", e.ID, err)
		}
		q = q.Where("id > ?", last.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("attendance of event %d: %w", e.ID, err)
	}
	return list, nil
}

// tell fills in presence and claims.
func (d *Desk) tell(ctx context.Context, ids []int64, byID map[int64]*Story) error {
	var marks []struct {
		RegistrationID, UnitID int64
		Since                  db.Time
	}
	err := d.DB.Read().NewRaw("SELECT registration_id, unit_id, since FROM attendance WHERE registration_id IN (?)", bun.List(ids)).Scan(ctx, &marks)
	if err != nil {
		return fmt.Errorf("read attendance: %w", err)
	}
	for _, m := range marks {
		byID[m.RegistrationID].Since[m.UnitID] = m.Since
	}
	var claims []struct {
		Claim  `bun:",extend"`
		Holder int64
	}
	err = d.DB.Read().NewRaw(`SELECT c.*, COALESCE(r.folded_into, r.id) AS holder FROM claims AS c JOIN registrations AS r ON r.id = c.registration_id
		WHERE r.id IN (?) OR r.folded_into IN (?) ORDER BY c.received_at, c.id`, bun.List(ids), bun.List(ids)).Scan(ctx, &claims)
	if err != nil {
		return fmt.Errorf("read claims: %w", err)
	}
	for _, c := range claims {
		if s := byID[c.Holder]; s != nil {
			s.Claims = append(s.Claims, c.Claim)
		}
	}
	return nil
}
