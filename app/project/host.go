package project

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
)

// Place is a project with the organisations for which the actor may act in it.
type Place struct {
	Project       Project
	Organisations []Organisation // the lead first
}

// Places returns the projects in which the actor holds p, for the whole project or for one of its organisations, the
// newest first, each with those organisations. It takes three queries, however many there are.
func (d *Desk) Places(ctx context.Context, actor account.Actor, p account.Permission) ([]Place, error) {
	projects, all := actor.IDs(p, account.ProjectScope)
	organisations, _ := actor.IDs(p, account.OrganisationScope)
	if !all && len(projects)+len(organisations) == 0 {
		return nil, nil
	}
	var pairs []struct{ ProjectID, OrganisationID int64 }
	q := d.DB.Read().NewSelect().TableExpr("project_organisations AS po").Column("project_id", "organisation_id")
	if !all {
		q = q.Where("project_id IN (?) OR organisation_id IN (?)", bun.List(append(projects, 0)), bun.List(append(organisations, 0)))
	}
	if err := q.Scan(ctx, &pairs); err != nil {
		return nil, fmt.Errorf("where one may act: %w", err)
	}
	within := map[[2]int64]bool{}
	for _, x := range pairs {
		within[[2]int64{x.ProjectID, x.OrganisationID}] = true
	}
	var ps []Project
	if err := d.DB.Read().NewSelect().Model(&ps).Order("id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("projects: %w", err)
	}
	var os []Organisation
	if err := d.DB.Read().NewSelect().Model(&os).Order("code").Scan(ctx); err != nil {
		return nil, fmt.Errorf("organisations: %w", err)
	}
	return places(ps, os, within), nil
}

func places(ps []Project, os []Organisation, within map[[2]int64]bool) []Place {
	var out []Place
	for _, p := range ps {
		at := Place{Project: p}
		for _, o := range os {
			if !within[[2]int64{p.ID, o.ID}] {
				continue
			}
			if o.ID == p.LeadID {
				at.Organisations = append([]Organisation{o}, at.Organisations...)
			} else {
				at.Organisations = append(at.Organisations, o)
			}
		}
		if len(at.Organisations) > 0 {
			out = append(out, at)
		}
	}
	return out
}
