package project

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

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
	Logo       string // digest, or ""; see LogoOf
	Version    int    // counts the changes, from 1
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

// DonorKinds are all kinds.
var DonorKinds = []DonorKind{EU, NorwayEmbassy, NorwayMFA, OtherDonor}

// Funder is the donor as far as its words go.
func (o *Donor) Funder() locale.Funder {
	return locale.Funder{Kind: string(o.Kind), City: o.City, Name: o.Name, Line: o.Line, Disclaimer: o.Disclaimer}
}

// Check returns an Invalid fault with what is wrong beside which input: code, kind, name, name_xx, city, line, line_xx,
// disclaimer, disclaimer_xx.
func (o *Donor) Check() error {
	var form fault.Form
	if !slices.Contains(DonorKinds, o.Kind) {
		form.Add("kind", "form.choose")
	}
	checkText(&form, "name", o.Name, longestName, true)
	if !code.MatchString(o.Code) {
		form.Add("code", "form.code")
	}
	if o.Kind == NorwayEmbassy && o.City == "" {
		form.Add("city", "form.required")
	}
	if utf8.RuneCountInString(o.City) > 100 {
		form.Add("city", "form.too_long", "Max", 100)
	}
	checkText(&form, "line", o.Line, longestLine, false)
	checkText(&form, "disclaimer", o.Disclaimer, longestText, false)
	return form.Err()
}

// complete takes out what the donor's kind has no room for: official lines are nobody's to write.
func (o *Donor) complete() {
	o.City = locale.Clean(o.City)
	if o.Kind != NorwayEmbassy {
		o.City = ""
	}
	if o.Kind != OtherDonor {
		o.Line, o.Disclaimer = locale.Text{}, locale.Text{}
	}
}

// Checked takes out what the donor's kind has no room for, and returns what Check returns.
func (o *Donor) Checked() error {
	o.complete()
	return o.Check()
}

func (o *Donor) recorded() audit.Facts {
	return audit.Facts{"code": o.Code, "kind": o.Kind, "name": o.Name.By, "city": o.City, "line": o.Line.By, "disclaimer": o.Disclaimer.By, "logo": o.Logo}
}

// AllDonors returns the donors by code to whoever may choose among them or keeps them.
func (d *Desk) AllDonors(ctx context.Context, actor account.Actor) ([]Donor, error) {
	if !actor.CanSomewhere(account.EditProject) {
		return nil, ErrForbidden
	}
	var list []Donor
	if err := d.DB.Read().NewSelect().Model(&list).Order("code").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list donors: %w", err)
	}
	return list, nil
}

// DonorByCode returns a donor to an administrator.
func (d *Desk) DonorByCode(ctx context.Context, actor account.Actor, code string) (*Donor, error) {
	if !actor.Can(account.Administer) {
		return nil, db.ErrNotFound
	}
	var o Donor
	if err := d.DB.Read().NewSelect().Model(&o).Where("code = ?", code).Scan(ctx); err != nil {
		return nil, fmt.Errorf("donor: %w", db.One(err))
	}
	return &o, nil
}

// CreateDonor makes a donor. It wants account.Administer and returns ErrCodeTaken, or what Check returns.
func (d *Desk) CreateDonor(ctx context.Context, actor account.Actor, o Donor) (*Donor, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	o.complete()
	if err := o.Check(); err != nil {
		return nil, err
	}
	o.ID, o.Version, o.Logo, o.CreatedAt = 0, 1, "", db.At(d.Clock())
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return o.insert(ctx, tx, actor) })
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("create donor: %w", err)
	}
	return &o, nil
}

func (o *Donor) insert(ctx context.Context, tx *db.Tx, actor account.Actor) error {
	if _, err := tx.NewInsert().Model(o).Exec(ctx); err != nil {
		return err
	}
	e := actor.Deed("create", "donor", o.ID)
	e.Detail = audit.Change(nil, o.recorded())
	return audit.Record(ctx, tx, e)
}

// UpdateDonor changes a donor of that version, but neither its code nor its logo. ErrChanged says that somebody was
// quicker.
func (d *Desk) UpdateDonor(ctx context.Context, actor account.Actor, code string, version int, o Donor) (*Donor, error) {
	o.Code = code
	o.complete()
	return d.changeDonor(ctx, actor, code, "update", func(_ context.Context, _ *db.Tx, now *Donor) error {
		if err := o.Check(); err != nil {
			return err
		}
		if now.Version != version {
			return ErrChanged
		}
		now.Kind, now.Name, now.City, now.Line, now.Disclaimer = o.Kind, o.Name, o.City, o.Line, o.Disclaimer
		return nil
	})
}

func (d *Desk) changeDonor(ctx context.Context, actor account.Actor, code, verb string, change func(context.Context, *db.Tx, *Donor) error) (*Donor, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	var o Donor
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		o = Donor{}
		if err := tx.Lock(tx.NewSelect().Model(&o).Where("code = ?", code)).Scan(ctx); err != nil {
			return db.One(err)
		}
		was := o.recorded()
		if err := change(ctx, tx, &o); err != nil {
			return err
		}
		o.Version++
		if _, err := tx.NewUpdate().Model(&o).WherePK().Exec(ctx); err != nil {
			return err
		}
		e := actor.Deed(verb, "donor", o.ID)
		e.Detail = audit.Change(was, o.recorded())
		return audit.Record(ctx, tx, e)
	})
	if err != nil {
		return nil, fmt.Errorf("%s donor: %w", verb, err)
	}
	return &o, nil
}

// AddDonor returns the donor with this code and makes it if there is none.
func (d *Desk) AddDonor(ctx context.Context, actor account.Actor, o Donor) (*Donor, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	o.CreatedAt, o.Version = db.At(d.Clock()), 1
	err := d.known(ctx, o.Code, &o, func(ctx context.Context, tx *db.Tx) error {
		o.ID = 0
		return o.insert(ctx, tx, actor)
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
