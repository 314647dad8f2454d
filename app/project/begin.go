package project

import (
	"context"
	"fmt"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
)

// Begin makes what an installation needs before its first event: an organisation, a project that it leads, and the
// donors who pay for it; of a donor who is there already, that one is taken. All of it or nothing. It wants
// account.Administer and returns ErrCodeTaken, or an Invalid fault beside name, country, city, title and donor.
func (d *Desk) Begin(ctx context.Context, actor account.Actor, o Organisation, donors []Donor, f Facts) (*Project, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	if err := checkBeginning(&o, donors, &f); err != nil {
		return nil, err
	}
	now := db.At(d.Clock())
	o.ID, o.Version, o.ClosedAt, o.CreatedAt = 0, 1, db.Time{}, now
	var p *Project
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := o.insert(ctx, tx, actor); err != nil {
			return err
		}
		f.LeadID, f.Organisations, f.Donors = o.ID, nil, nil
		for _, x := range donors {
			id, err := d.donorID(ctx, tx, actor, x)
			if err != nil {
				return err
			}
			f.Donors = append(f.Donors, Unshared(id)...)
		}
		f.complete()
		var err error
		p, err = d.create(ctx, tx, actor, &f)
		return err
	})
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return p, nil
}

// checkBeginning joins what is wrong with the parts.
func checkBeginning(o *Organisation, donors []Donor, f *Facts) error {
	var form fault.Form
	take := func(err error, as string) {
		if wrong := fault.From(err); wrong != nil {
			for _, x := range wrong.Fields {
				if as != "" {
					x.Name = as
				}
				form.Put(x)
			}
		}
	}
	take(o.Checked(), "")
	take(f.Check(), "")
	for i := range donors {
		take(donors[i].Checked(), "donor")
	}
	return form.Err()
}

// donorID returns the row of the donor with that code, made if there is none.
func (d *Desk) donorID(ctx context.Context, tx *db.Tx, actor account.Actor, o Donor) (int64, error) {
	var ids []int64
	if err := tx.NewSelect().Model((*Donor)(nil)).Column("id").Where("code = ?", o.Code).Scan(ctx, &ids); err != nil {
		return 0, err
	}
	if len(ids) > 0 {
		return ids[0], nil
	}
	o.ID, o.Version, o.Logo, o.CreatedAt = 0, 1, "", db.At(d.Clock())
	err := o.insert(ctx, tx, actor)
	return o.ID, err
}
