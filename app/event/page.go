package event

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
)

// Listed is an event with the codes of what it belongs to.
type Listed struct {
	Event        `bun:",extend"`
	Project      string
	Organisation string
}

// PageQuery narrows a list of events; zero values don't.
type PageQuery struct {
	Project      string    // its code
	From, To     db.Day    // events that start on or after From, and on or before To
	UpdatedSince time.Time // events that were changed at that instant or later
	After        string    // the code of the last event of the page before
	Limit        int       // how many come back at most, above 0
}

// Page returns events in which the actor holds ViewEvent, in the order in which they were made: what is made while
// somebody reads page after page comes at the end. It takes two queries. An After that there isn't is a NotFound fault.
func (d *Desk) Page(ctx context.Context, actor account.Actor, query PageQuery) ([]Listed, error) {
	q := listed(d.DB.Read()).OrderExpr("e.id").Limit(int64(query.Limit))
	q, any := reach(q, actor, account.ViewEvent, "e")
	if !any {
		return nil, nil
	}
	if query.After != "" {
		after, err := find(ctx, d.DB.Read(), "code = ?", query.After)
		if err != nil {
			return nil, err
		}
		q = q.Where("e.id > ?", after.ID)
	}
	if query.Project != "" {
		q = q.Where("p.code = ?", query.Project)
	}
	if !query.From.IsZero() {
		q = q.Where("e.starts_on >= ?", query.From)
	}
	if !query.To.IsZero() {
		q = q.Where("e.starts_on <= ?", query.To)
	}
	if !query.UpdatedSince.IsZero() {
		q = q.Where("e.updated_at >= ?", db.At(query.UpdatedSince))
	}
	var list []Listed
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}

// Listed returns one event to somebody who may see it as its organisers do.
func (d *Desk) Listed(ctx context.Context, actor account.Actor, code string) (*Listed, error) {
	var e Listed
	if err := listed(d.DB.Read()).Where("e.code = ?", code).Scan(ctx, &e); err != nil {
		return nil, notFound(err)
	}
	return &e, May(actor, account.ViewEvent, &e.Event)
}

func listed(q bun.IDB) *bun.SelectQuery {
	return q.NewSelect().TableExpr("events AS e").ColumnExpr("e.*, p.code AS project, o.code AS organisation").
		Join("JOIN projects AS p ON p.id = e.project_id").Join("JOIN organisations AS o ON o.id = e.organisation_id")
}

// reach narrows a query of events, which are called alias in it, to those in which the actor holds p; any is false if
// there can be none.
func reach(q *bun.SelectQuery, actor account.Actor, p account.Permission, alias string) (_ *bun.SelectQuery, any bool) {
	projects, all := actor.IDs(p, account.ProjectScope)
	organisations, _ := actor.IDs(p, account.OrganisationScope)
	events, _ := actor.IDs(p, account.EventScope)
	if all {
		return q, true
	}
	if len(projects)+len(organisations)+len(events) == 0 {
		return q, false
	}
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for column, ids := range map[string][]int64{"project_id": projects, "organisation_id": organisations, "id": events} {
			if len(ids) > 0 {
				q = q.WhereOr("? IN (?)", bun.Ident(alias+"."+column), bun.List(ids))
			}
		}
		return q
	}), true
}
