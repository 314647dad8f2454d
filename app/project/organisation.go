package project

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Organisation is a partner of the network. It is never deleted: one that has left is closed, and offered no more.
type Organisation struct {
	bun.BaseModel `bun:"table:organisations"`

	ID        int64 `bun:",pk,autoincrement"`
	Code      string
	Name      locale.Text
	Country   string // ISO 3166 alpha-2, XK for Kosovo*, or ""
	City      string
	Website   string // https://…, or ""
	ClosedAt  db.Time
	Version   int // counts the changes, from 1
	CreatedAt db.Time
}

// Closed reports whether the organisation has left.
func (o *Organisation) Closed() bool { return !o.ClosedAt.IsZero() }

var country = regexp.MustCompile(`^[A-Z]{2}$`)

// Check returns an Invalid fault with what is wrong beside which input: code, name, name_xx, country, city, website.
func (o *Organisation) Check() error {
	var form fault.Form
	checkText(&form, "name", o.Name, longestName, true)
	if !code.MatchString(o.Code) {
		form.Add("code", "form.code")
	}
	if !country.MatchString(o.Country) {
		form.Add("country", "form.choose")
	}
	if utf8.RuneCountInString(o.City) > 100 {
		form.Add("city", "form.too_long", "Max", 100)
	}
	if o.Website != "" && !website(o.Website) {
		form.Add("website", "organisation.website_wrong", "Example", "https://example.org")
	}
	return form.Err()
}

// website reports whether s is the address of a page, which a link may lead to.
func website(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && strings.Contains(u.Hostname(), ".") && u.User == nil && len(s) <= 200
}

// complete brings what was typed into the form in which it is kept.
func (o *Organisation) complete() {
	o.City, o.Website = locale.Clean(o.City), strings.TrimSpace(o.Website)
	if o.Website != "" && !strings.Contains(o.Website, "://") {
		o.Website = "https://" + o.Website
	}
}

// Checked brings what was typed into the form in which it is kept, and returns what Check returns.
func (o *Organisation) Checked() error {
	o.complete()
	return o.Check()
}

func (o *Organisation) recorded() audit.Facts {
	return audit.Facts{"code": o.Code, "name": o.Name.By, "country": o.Country, "city": o.City, "website": o.Website, "closed": o.Closed()}
}

// AllOrganisations returns the organisations of the network by code, closed ones too, to whoever may choose among them
// or keeps them.
func (d *Desk) AllOrganisations(ctx context.Context, actor account.Actor) ([]Organisation, error) {
	if !actor.CanSomewhere(account.EditProject) {
		return nil, ErrForbidden
	}
	var list []Organisation
	if err := d.DB.Read().NewSelect().Model(&list).Order("code").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list organisations: %w", err)
	}
	return list, nil
}

// OrganisationByCode returns an organisation to an administrator.
func (d *Desk) OrganisationByCode(ctx context.Context, actor account.Actor, code string) (*Organisation, error) {
	if !actor.Can(account.Administer) {
		return nil, db.ErrNotFound
	}
	var o Organisation
	if err := d.DB.Read().NewSelect().Model(&o).Where("code = ?", code).Scan(ctx); err != nil {
		return nil, fmt.Errorf("organisation: %w", db.One(err))
	}
	return &o, nil
}

// CreateOrganisation makes an organisation of its code, names, country, city and website. It wants account.Administer
// and returns ErrCodeTaken, or what Check returns.
func (d *Desk) CreateOrganisation(ctx context.Context, actor account.Actor, o Organisation) (*Organisation, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	o.complete()
	if err := o.Check(); err != nil {
		return nil, err
	}
	o.ID, o.Version, o.ClosedAt, o.CreatedAt = 0, 1, db.Time{}, db.At(d.Clock())
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return o.insert(ctx, tx, actor) })
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("create organisation: %w", err)
	}
	return &o, nil
}

func (o *Organisation) insert(ctx context.Context, tx *db.Tx, actor account.Actor) error {
	if _, err := tx.NewInsert().Model(o).Exec(ctx); err != nil {
		return err
	}
	e := actor.Deed("create", "organisation", o.ID)
	e.Detail = audit.Change(nil, o.recorded())
	return audit.Record(ctx, tx, e)
}

// UpdateOrganisation changes the names, country, city and website of an organisation of that version; its code stays.
// ErrChanged says that somebody was quicker.
func (d *Desk) UpdateOrganisation(ctx context.Context, actor account.Actor, code string, version int, o Organisation) (*Organisation, error) {
	o.Code = code
	o.complete()
	return d.changeOrganisation(ctx, actor, code, "update", func(now *Organisation) error {
		if err := o.Check(); err != nil {
			return err
		}
		if now.Version != version {
			return ErrChanged
		}
		now.Name, now.Country, now.City, now.Website = o.Name, o.Country, o.City, o.Website
		return nil
	})
}

// CloseOrganisation has an organisation offered no more. What it did stays, and so do those who act for it.
func (d *Desk) CloseOrganisation(ctx context.Context, actor account.Actor, code string) error {
	_, err := d.changeOrganisation(ctx, actor, code, "close", func(o *Organisation) error {
		if !o.Closed() {
			o.ClosedAt = db.At(d.Clock())
		}
		return nil
	})
	return err
}

// ReopenOrganisation takes closing back.
func (d *Desk) ReopenOrganisation(ctx context.Context, actor account.Actor, code string) error {
	_, err := d.changeOrganisation(ctx, actor, code, "reopen", func(o *Organisation) error {
		o.ClosedAt = db.Time{}
		return nil
	})
	return err
}

func (d *Desk) changeOrganisation(ctx context.Context, actor account.Actor, code, verb string, change func(*Organisation) error) (*Organisation, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	var o Organisation
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		o = Organisation{}
		if err := tx.Lock(tx.NewSelect().Model(&o).Where("code = ?", code)).Scan(ctx); err != nil {
			return db.One(err)
		}
		was := o.recorded()
		if err := change(&o); err != nil {
			return err
		}
		o.Version++
		if _, err := tx.NewUpdate().Model(&o).WherePK().Exec(ctx); err != nil {
			return err
		}
		e := actor.Deed(verb, "organisation", o.ID)
		e.Detail = audit.Change(was, o.recorded())
		return audit.Record(ctx, tx, e)
	})
	if err != nil {
		return nil, fmt.Errorf("%s organisation: %w", verb, err)
	}
	return &o, nil
}

// AddOrganisation returns the organisation with this code and makes it if there is none.
func (d *Desk) AddOrganisation(ctx context.Context, actor account.Actor, o Organisation) (*Organisation, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	o.CreatedAt, o.Version = db.At(d.Clock()), 1
	err := d.known(ctx, o.Code, &o, func(ctx context.Context, tx *db.Tx) error {
		o.ID = 0
		return o.insert(ctx, tx, actor)
	})
	if err != nil {
		return nil, fmt.Errorf("add organisation %s: %w", o.Code, err)
	}
	return &o, nil
}
