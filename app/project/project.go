// Package project holds the grants: organisations that carry them out together, donors who fund them, the indicators
// they promise.
package project

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Organisation is a partner of the network.
type Organisation struct {
	bun.BaseModel `bun:"table:organisations"`

	ID        int64 `bun:",pk,autoincrement"`
	Code      string
	Name      locale.Text
	Country   string // ISO 3166 alpha-2, XK for Kosovo*, or ""
	CreatedAt db.Time
}

// Donor funds projects. Kind chooses the official visibility line and disclaimer of the catalogues; a donor of kind
// other brings its own.
type Donor struct {
	bun.BaseModel `bun:"table:donors"`

	ID         int64 `bun:",pk,autoincrement"`
	Code       string
	Kind       DonorKind
	Name       locale.Text
	City       string // of the embassy, which the official line names
	Line       locale.Text
	Disclaimer locale.Text
	CreatedAt  db.Time
}

// DonorKind says where a donor's visibility line comes from.
type DonorKind string

// The kinds of donor.
const (
	EU            DonorKind = "eu"
	NorwayEmbassy DonorKind = "norway_embassy"
	NorwayMFA     DonorKind = "norway_mfa"
	OtherDonor    DonorKind = "other"
)

// Project is a grant.
type Project struct {
	bun.BaseModel `bun:"table:projects"`

	ID             int64 `bun:",pk,autoincrement"`
	Code           string
	Title          locale.Text
	ContractNumber string
	StartsOn       db.Day
	EndsOn         db.Day
	RetentionOn    db.Day // after this day people are anonymised
	LeadID         int64  `bun:",nullzero"`
	CreatedAt      db.Time
}

// Scope is where a role for this project reaches.
func (p *Project) Scope() account.Scope {
	return account.Scope{Kind: account.ProjectScope, ID: p.ID}
}

// Indicator is a promise: a target for one measure of the figures.
type Indicator struct {
	bun.BaseModel `bun:"table:indicators"`

	ID        int64 `bun:",pk,autoincrement"`
	ProjectID int64
	Measure   string // attendances, unique_persons, unique_persons_trainings, events, certificates or women_share (per cent)
	Target    int
}

// Desk keeps projects.
type Desk struct {
	DB    *db.DB
	Clock func() time.Time
}

// New is what a project is made of.
type New struct {
	Code           string
	Title          locale.Text
	ContractNumber string
	StartsOn       db.Day
	EndsOn         db.Day
	RetentionOn    db.Day
	LeadID         int64
	Donors         []int64 // in the order in which they are named
	Organisations  []int64 // partners; the lead need not be among them
	Indicators     []Indicator
}

// ErrCodeTaken is returned when another project has the code.
var ErrCodeTaken = fault.New(fault.Conflict, "project.code_taken")

var code = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]{0,39}$`)

// Create makes a project. The actor must be an administrator.
func (d *Desk) Create(ctx context.Context, actor account.Actor, n New) (*Project, error) {
	if !actor.Can(account.Administer) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	var form fault.Form
	if !code.MatchString(n.Code) {
		form.Add("code", "form.code")
	}
	if n.Title.IsZero() {
		form.Add("title", "form.required")
	}
	if !n.StartsOn.IsZero() && !n.EndsOn.IsZero() && n.EndsOn.Before(n.StartsOn.Time) {
		form.Add("ends_on", "form.end_before_start")
	}
	if err := form.Err(); err != nil {
		return nil, err
	}
	p := &Project{
		Code: n.Code, Title: n.Title, ContractNumber: strings.TrimSpace(n.ContractNumber), StartsOn: n.StartsOn, EndsOn: n.EndsOn,
		RetentionOn: n.RetentionOn, LeadID: n.LeadID, CreatedAt: db.At(d.Clock()),
	}
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, p, n) })
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("create project %s: %w", n.Code, err)
	}
	return p, nil
}

func insert(ctx context.Context, tx *db.Tx, p *Project, n New) error {
	if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
		return err
	}
	for i, id := range n.Donors {
		if _, err := tx.NewRaw("INSERT INTO project_donors (project_id, donor_id, position) VALUES (?, ?, ?)", p.ID, id, i+1).Exec(ctx); err != nil {
			return err
		}
	}
	partners := n.Organisations
	if n.LeadID != 0 {
		partners = append([]int64{n.LeadID}, partners...)
	}
	for _, id := range partners {
		_, err := tx.NewRaw("INSERT INTO project_organisations (project_id, organisation_id) VALUES (?, ?) ON CONFLICT DO NOTHING", p.ID, id).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for _, x := range n.Indicators {
		x.ProjectID = p.ID
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// AddOrganisation returns the organisation with this code and makes it if there is none.
func (d *Desk) AddOrganisation(ctx context.Context, actor account.Actor, o Organisation) (*Organisation, error) {
	if !actor.Can(account.Administer) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	o.CreatedAt = db.At(d.Clock())
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.NewInsert().Model(&o).On("CONFLICT (code) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		return tx.NewSelect().Model(&o).Where("code = ?", o.Code).Scan(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("add organisation %s: %w", o.Code, err)
	}
	return &o, nil
}

// AddDonor returns the donor with this code and makes it if there is none.
func (d *Desk) AddDonor(ctx context.Context, actor account.Actor, o Donor) (*Donor, error) {
	if !actor.Can(account.Administer) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	o.CreatedAt = db.At(d.Clock())
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.NewInsert().Model(&o).On("CONFLICT (code) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		return tx.NewSelect().Model(&o).Where("code = ?", o.Code).Scan(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("add donor %s: %w", o.Code, err)
	}
	return &o, nil
}

// inCity is the end of an embassy's name: "Embassy of the Kingdom of Norway in Belgrade".
var inCity = regexp.MustCompile(` in (\pL[\pL -]*)$`)

// NewDonor returns a donor that is known by its English name alone. It recognises those whose visibility lines the
// catalogues hold; an embassy's line needs its city.
func NewDonor(code, name string) Donor {
	d := Donor{Code: code, Kind: OtherDonor, Name: locale.NewText(locale.English, name)}
	n := strings.ToLower(name)
	norway := strings.Contains(n, "norw")
	switch {
	case strings.Contains(n, "european union"), n == "eu":
		d.Kind = EU
	case norway && strings.Contains(n, "embassy"):
		if m := inCity.FindStringSubmatch(name); m != nil {
			d.Kind, d.City = NorwayEmbassy, m[1]
		}
	case norway && strings.Contains(n, "foreign"):
		d.Kind = NorwayMFA
	}
	return d
}
