package project

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
)

// ByCode returns the project with this code. Whoever holds none of its roles is told that there is none.
func (d *Desk) ByCode(ctx context.Context, actor account.Actor, code string) (*Project, error) {
	var p Project
	if err := d.DB.Read().NewSelect().Model(&p).Where("code = ?", code).Scan(ctx); err != nil {
		return nil, fmt.Errorf("project: %w", db.One(err))
	}
	if !actor.Can(account.ViewGrant, p.Scope()) && !actor.Can(account.ViewEvent, p.Scope()) {
		return nil, db.ErrNotFound
	}
	return &p, nil
}

// ByID returns a project for what lies in it; the caller has checked who asks.
func ByID(ctx context.Context, q bun.IDB, id int64) (*Project, error) {
	var p Project
	if err := q.NewSelect().Model(&p).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("project %d: %w", id, db.One(err))
	}
	return &p, nil
}

// List returns the projects in which the actor holds p, newest first.
func (d *Desk) List(ctx context.Context, actor account.Actor, p account.Permission) ([]Project, error) {
	ids, all := actor.IDs(p, account.ProjectScope)
	if !all && len(ids) == 0 {
		return nil, nil
	}
	var list []Project
	q := d.DB.Read().NewSelect().Model(&list).Order("id DESC")
	if !all {
		q = q.Where("id IN (?)", bun.List(ids))
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list projects: %w", err)
	}
	return list, nil
}

// Donors returns who funds a project, in the order in which they are named.
func Donors(ctx context.Context, q bun.IDB, projectID int64) ([]Donor, error) {
	var list []Donor
	err := q.NewSelect().Model(&list).Join("JOIN project_donors AS pd ON pd.donor_id = donor.id").
		Where("pd.project_id = ?", projectID).Order("pd.position").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("donors of project %d: %w", projectID, err)
	}
	return list, nil
}

// Organisations returns who carries a project out, the lead first, then by code.
func Organisations(ctx context.Context, q bun.IDB, projectID int64) ([]Organisation, error) {
	var list []Organisation
	err := q.NewSelect().Model(&list).Join("JOIN project_organisations AS po ON po.organisation_id = organisation.id").
		Join("JOIN projects AS p ON p.id = po.project_id").Where("po.project_id = ?", projectID).
		OrderExpr("CASE WHEN organisation.id = p.lead_id THEN 0 ELSE 1 END, organisation.code").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("organisations of project %d: %w", projectID, err)
	}
	return list, nil
}

// OrganisationByID returns one organisation.
func OrganisationByID(ctx context.Context, q bun.IDB, id int64) (*Organisation, error) {
	var o Organisation
	if err := q.NewSelect().Model(&o).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("organisation %d: %w", id, db.One(err))
	}
	return &o, nil
}

// Indicators returns the promises of a project.
func Indicators(ctx context.Context, q bun.IDB, projectID int64) ([]Indicator, error) {
	var list []Indicator
	if err := q.NewSelect().Model(&list).Where("project_id = ?", projectID).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("indicators of project %d: %w", projectID, err)
	}
	return list, nil
}

// ForEditing returns a project with its facts to whoever may change it.
func (d *Desk) ForEditing(ctx context.Context, actor account.Actor, code string) (*Project, Facts, error) {
	var p Project
	if err := d.DB.Read().NewSelect().Model(&p).Where("code = ?", code).Scan(ctx); err != nil {
		return nil, Facts{}, fmt.Errorf("project: %w", db.One(err))
	}
	if err := mayEdit(actor, &p); err != nil {
		return nil, Facts{}, err
	}
	f, err := factsOf(ctx, d.DB.Read(), &p)
	return &p, f, err
}

// factsOf reads what is said of a project.
func factsOf(ctx context.Context, q bun.IDB, p *Project) (Facts, error) {
	f := Facts{
		Code: p.Code, Title: p.Title, ContractNumber: p.ContractNumber, StartsOn: p.StartsOn, EndsOn: p.EndsOn, RetentionOn: p.RetentionOn, LeadID: p.LeadID,
	}
	var err error
	if f.Donors, err = Fundings(ctx, q, p.ID); err != nil {
		return f, err
	}
	list, err := Organisations(ctx, q, p.ID)
	if err != nil {
		return f, err
	}
	for _, o := range list {
		f.Organisations = append(f.Organisations, o.ID)
	}
	f.Indicators, err = Indicators(ctx, q, p.ID)
	return f, err
}

// Fundings returns the donors of a project and what part each pays, in the order in which they are named.
func Fundings(ctx context.Context, q bun.IDB, projectID int64) ([]Funding, error) {
	var list []Funding
	err := q.NewRaw("SELECT donor_id, COALESCE(share, 0) AS share FROM project_donors WHERE project_id = ? ORDER BY position", projectID).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("shares of project %d: %w", projectID, err)
	}
	return list, nil
}

// known reads the row with this code, and has it inserted if there is none. Of two who insert it at once one does, and
// the other reads it.
func (d *Desk) known(ctx context.Context, code string, row any, insert func(context.Context, *db.Tx) error) error {
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := db.One(tx.NewSelect().Model(row).Where("code = ?", code).Scan(ctx))
		if errors.Is(err, db.ErrNotFound) {
			return insert(ctx, tx)
		}
		return err
	})
	if _, raced := db.Unique(err); raced {
		err = d.DB.Read().NewSelect().Model(row).Where("code = ?", code).Scan(ctx)
	}
	return err
}
