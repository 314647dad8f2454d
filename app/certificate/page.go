package certificate

import (
	"context"
	"fmt"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/token"
)

// Listed is a certificate with the codes of what belongs to it.
type Listed struct {
	Certificate  `bun:",extend"`
	Registration string // its code
	Successor    string // the number of the one that took its place, or ""
}

// Page returns an event's certificates to its organisers, those that have ended too, in the order in which they were
// issued. after is the number of the last one of the page before, or ""; limit is above 0. It takes two queries.
func (d *Desk) Page(ctx context.Context, actor account.Actor, e *event.Event, after string, limit int) ([]Listed, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, err
	}
	q := d.DB.Read().NewSelect().TableExpr("certificates AS c").
		ColumnExpr("c.*, r.code AS registration, COALESCE(s.number, '') AS successor").
		Join("JOIN registrations AS r ON r.id = c.registration_id").Join("LEFT JOIN certificates AS s ON s.id = c.superseded_by").
		Where("c.event_id = ?", e.ID).OrderExpr("c.id").Limit(int64(limit))
	if after != "" {
		number, _ := token.ParseNumber(after)
		var last Certificate
		if err := d.DB.Read().NewSelect().Model(&last).Where("number = ? AND event_id = ?", number, e.ID).Scan(ctx); err != nil {
			return nil, missing(err)
		}
		q = q.Where("c.id > ?", last.ID)
	}
	var list []Listed
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("list certificates of event %d: %w", e.ID, err)
	}
	return list, nil
}
