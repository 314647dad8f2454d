package project

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
)

// The refusals.
var (
	ErrCodeTaken = fault.New(fault.Conflict, "project.code_taken")
	ErrChanged   = fault.New(fault.Conflict, "project.changed") // somebody else has changed it meanwhile
	ErrForbidden = fault.New(fault.Forbidden, "error.forbidden")
)

// Create makes a project. The actor must be an administrator.
func (d *Desk) Create(ctx context.Context, actor account.Actor, f Facts) (*Project, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	f.complete()
	if err := f.Check(); err != nil {
		return nil, err
	}
	var p *Project
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = d.create(ctx, tx, actor, &f)
		return err
	})
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("create project %s: %w", f.Code, err)
	}
	return p, nil
}

func (d *Desk) create(ctx context.Context, tx *db.Tx, actor account.Actor, f *Facts) (*Project, error) {
	p := &Project{Version: 1, CreatedAt: db.At(d.Clock())}
	f.apply(p)
	if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
		return nil, err
	}
	if err := f.insert(ctx, tx, p.ID); err != nil {
		return nil, err
	}
	e := actor.Deed("create", "project", p.ID)
	e.Detail = audit.Change(nil, f.recorded())
	return p, audit.Record(ctx, tx, e)
}

// Update changes a project of that version, for whoever holds account.EditProject in it; ErrChanged says that somebody
// was quicker. Only an administrator changes its code. An organisation that hosts an event of the project stays in it.
func (d *Desk) Update(ctx context.Context, actor account.Actor, code string, version int, f Facts) (*Project, error) {
	var p Project
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		p = Project{}
		if err := tx.Lock(tx.NewSelect().Model(&p).Where("code = ?", code)).Scan(ctx); err != nil {
			return db.One(err)
		}
		if err := mayEdit(actor, &p); err != nil {
			return err
		}
		if !actor.Can(account.Administer) {
			f.Code = p.Code
		}
		f.complete()
		if err := f.Check(); err != nil {
			return err
		}
		if p.Version != version {
			return ErrChanged
		}
		return f.replace(ctx, tx, actor, &p)
	})
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("change project: %w", err)
	}
	return &p, nil
}

// mayEdit returns nil for whoever may change the project, and NotFound to whom it is none of their business.
func mayEdit(actor account.Actor, p *Project) error {
	switch {
	case actor.Can(account.EditProject, p.Scope()):
		return nil
	case actor.Can(account.ViewGrant, p.Scope()) || actor.Can(account.ViewEvent, p.Scope()):
		return ErrForbidden
	}
	return db.ErrNotFound
}

func (f *Facts) complete() {
	f.ContractNumber = strings.TrimSpace(f.ContractNumber)
	if f.LeadID != 0 && !slices.Contains(f.Organisations, f.LeadID) {
		f.Organisations = append([]int64{f.LeadID}, f.Organisations...)
	}
}

func (f *Facts) apply(p *Project) {
	p.Code, p.Title, p.ContractNumber = f.Code, f.Title, f.ContractNumber
	p.StartsOn, p.EndsOn, p.RetentionOn, p.LeadID = f.StartsOn, f.EndsOn, f.RetentionOn, f.LeadID
}

// replace puts the facts in the place of what is kept of p, and records what has changed.
func (f *Facts) replace(ctx context.Context, tx *db.Tx, actor account.Actor, p *Project) error {
	was, err := factsOf(ctx, tx, p)
	if err != nil {
		return err
	}
	if err := f.keepHosts(ctx, tx, p.ID); err != nil {
		return err
	}
	f.apply(p)
	p.Version++
	if _, err := tx.NewUpdate().Model(p).WherePK().Exec(ctx); err != nil {
		return err
	}
	for _, table := range []string{"project_donors", "project_organisations", "indicators"} {
		if _, err := tx.NewRaw("DELETE FROM ? WHERE project_id = ?", bun.Ident(table), p.ID).Exec(ctx); err != nil {
			return err
		}
	}
	if err := f.insert(ctx, tx, p.ID); err != nil {
		return err
	}
	e := actor.Deed("update", "project", p.ID)
	e.Detail = audit.Change(was.recorded(), f.recorded())
	return audit.Record(ctx, tx, e)
}

// keepHosts refuses to let an organisation go that hosts an event.
func (f *Facts) keepHosts(ctx context.Context, tx *db.Tx, projectID int64) error {
	var hosts []int64
	if err := tx.NewRaw("SELECT DISTINCT organisation_id FROM events WHERE project_id = ?", projectID).Scan(ctx, &hosts); err != nil {
		return fmt.Errorf("hosts of project %d: %w", projectID, err)
	}
	for _, id := range hosts {
		if slices.Contains(f.Organisations, id) {
			continue
		}
		o, err := OrganisationByID(ctx, tx, id)
		if err != nil {
			return err
		}
		var form fault.Form
		form.Add("partners", "project.partner_hosts", "Name", o.Name)
		return form.Err()
	}
	return nil
}

func (f *Facts) insert(ctx context.Context, tx *db.Tx, projectID int64) error {
	for i, x := range f.Donors {
		var share *int
		if x.Share > 0 {
			share = &x.Share
		}
		_, err := tx.NewRaw("INSERT INTO project_donors (project_id, donor_id, position, share) VALUES (?, ?, ?, ?)", projectID, x.DonorID, i+1, share).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for _, id := range f.Organisations {
		_, err := tx.NewRaw("INSERT INTO project_organisations (project_id, organisation_id) VALUES (?, ?) ON CONFLICT DO NOTHING", projectID, id).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for _, x := range f.Indicators {
		x.ID, x.ProjectID = 0, projectID
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
