package event

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/project"
)

// Projects returns the projects that an actor may know of, because of their figures or of an event in them, in the order
// in which they were made. after is the code of the last one of the page before, or ""; limit is above 0. It takes two
// queries. An after that there isn't is a NotFound fault.
func (d *Desk) Projects(ctx context.Context, actor account.Actor, after string, limit int) ([]project.Project, error) {
	var list []project.Project
	q := d.DB.Read().NewSelect().Model(&list).OrderExpr("project.id").Limit(int64(limit))
	funded, all := actor.IDs(account.ViewGrant, account.ProjectScope)
	if !all {
		seen, _ := actor.IDs(account.ViewEvent, account.ProjectScope)
		organisations, _ := actor.IDs(account.ViewEvent, account.OrganisationScope)
		events, _ := actor.IDs(account.ViewEvent, account.EventScope)
		q = q.Where(`(project.id IN (?) OR project.id IN (SELECT project_id FROM project_organisations WHERE organisation_id IN (?))
			OR project.id IN (SELECT project_id FROM events WHERE id IN (?)))`, ids(funded, seen), ids(organisations), ids(events))
	}
	if after != "" {
		var last project.Project
		if err := d.DB.Read().NewSelect().Model(&last).Where("code = ?", after).Scan(ctx); err != nil {
			return nil, fmt.Errorf("project: %w", db.One(err))
		}
		q = q.Where("project.id > ?", last.ID)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
	return list, nil
}

// ids is a list for IN, which may not be empty.
func ids(lists ...[]int64) any {
	all := []int64{0}
	for _, l := range lists {
		all = append(all, l...)
	}
	return bun.List(all)
}
