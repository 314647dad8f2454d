package registration

import (
	"context"
	"fmt"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
)

// PageQuery narrows a list of registrations; zero values don't.
type PageQuery struct {
	Status       Status
	UpdatedSince time.Time // registrations that were changed at that instant or later
	After        string    // the code of the last registration of the page before
	Limit        int       // how many come back at most, above 0
}

// Page returns an event's registrations to its organisers in the order in which they came in: who registers while
// somebody reads page after page comes at the end. It takes two queries. An After that there isn't is a NotFound fault.
func (d *Desk) Page(ctx context.Context, actor account.Actor, e *event.Event, query PageQuery) ([]Registration, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, err
	}
	var list []Registration
	q := d.DB.Read().NewSelect().Model(&list).Where("event_id = ? AND folded_into IS NULL", e.ID).OrderExpr("id").Limit(int64(query.Limit))
	if query.After != "" {
		after, err := d.one(ctx, "event_id = ? AND code = ?", e.ID, query.After)
		if err != nil {
			return nil, err
		}
		q = q.Where("id > ?", after.ID)
	}
	if query.Status != "" {
		q = q.Where("status = ?", query.Status)
	}
	if !query.UpdatedSince.IsZero() {
		q = q.Where("updated_at >= ?", db.At(query.UpdatedSince))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list registrations of event %d: %w", e.ID, err)
	}
	return list, nil
}
