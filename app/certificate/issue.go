package certificate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/project"
	"attesta/app/registration"
	"attesta/app/token"
)

// State says whether a certificate still speaks.
type State string

// The states.
const (
	StateValid      State = "valid"
	StateSuperseded State = "superseded" // another one took its place
	StateRevoked    State = "revoked"
)

// Certificate is one certificate, issued once from a frozen snapshot.
type Certificate struct {
	bun.BaseModel `bun:"table:certificates"`

	ID             int64 `bun:",pk,autoincrement"`
	Number         string
	RegistrationID int64
	PersonID       int64
	EventID        int64
	State          State
	Quiet          bool   // verified only by someone who also holds its code
	CodeHash       string // of a quiet person's code
	Snapshot       db.JSON[Snapshot]
	IssuedAt       db.Time
	IssuedBy       int64 `bun:",nullzero"`
	SupersededBy   int64 `bun:",nullzero"`
	EndedAt        db.Time
	Reason         string
}

// Desk issues certificates and answers whether one is genuine.
type Desk struct {
	DB        *db.DB
	Mail      *mail.Outbox
	Catalogue *locale.Catalogue
	BaseURL   string
	Secret    token.Secret
	Clock     func() time.Time
}

// The refusals.
var (
	ErrNotFound = fault.New(fault.NotFound, "certificate.not_found")
	ErrEnded    = fault.New(fault.Conflict, "certificate.ended")
)

// Refusal says why somebody who completed an event got no certificate: something on it can't be set.
type Refusal struct {
	Registration registration.Registration
	Fault        *fault.Fault
}

// Issued is what became of issuing.
type Issued struct {
	Certificates []Certificate
	Refused      []Refusal
}

// Issue issues a certificate to everybody who completed the event and has none that is valid, and enqueues their
// mails. Whose certificate can't be set is refused by name and the others get theirs. Run again it issues only what is
// missing.
func (d *Desk) Issue(ctx context.Context, actor account.Actor, eventCode string) (out Issued, err error) {
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		out = Issued{}
		e, err := event.Lock(ctx, tx, eventCode)
		if err != nil {
			return err
		}
		if err := event.May(actor, account.Certify, e); err != nil {
			return err
		}
		due, err := due(ctx, tx, e)
		if err != nil {
			return err
		}
		common, err := d.common(ctx, tx, e)
		if err != nil {
			return err
		}
		for i := range due {
			if err := d.issue(ctx, tx, actor, e, &due[i], common, &out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Issued{}, fmt.Errorf("issue certificates: %w", err)
	}
	return out, nil
}

// due returns who completed the event and holds no valid certificate of it.
func due(ctx context.Context, tx *db.Tx, e *event.Event) ([]registration.Registration, error) {
	_, rows, err := attendance.Roll(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	var have []int64
	err = tx.NewRaw("SELECT registration_id FROM certificates WHERE event_id = ? AND state = 'valid'", e.ID).Scan(ctx, &have)
	if err != nil {
		return nil, fmt.Errorf("certificates of event %d: %w", e.ID, err)
	}
	has := map[int64]bool{}
	for _, id := range have {
		has[id] = true
	}
	var out []registration.Registration
	for _, r := range rows {
		if r.Completed && !has[r.Registration.ID] {
			out = append(out, r.Registration)
		}
	}
	return out, nil
}

// common is what all certificates of an event say alike.
func (d *Desk) common(ctx context.Context, tx *db.Tx, e *event.Event) (Snapshot, error) {
	p, err := project.ByID(ctx, tx, e.ProjectID)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{
		Kind: Attendance, EventTitle: e.Title, EventType: string(e.Type), Country: e.Country, City: e.City,
		Starts: e.StartsOn.Time, Ends: e.EndsOn().Time, Issued: db.NewDay(d.Clock().In(e.Location())).Time,
		Project: p.Title, Contract: p.ContractNumber, Waived: e.VisibilityWaiver != "", Asterisk: d.Catalogue.Starred(), BaseURL: d.BaseURL,
	}
	if e.Type.IsTraining() {
		s.Kind = Completion
	}
	for i, sig := range e.Signatories.V {
		if i < 2 {
			s.Signatories = append(s.Signatories, Signatory{Name: sig.Name, Role: sig.Role})
		}
	}
	donors, err := project.Donors(ctx, tx, e.ProjectID)
	if err != nil {
		return Snapshot{}, err
	}
	for _, o := range donors {
		s.Donors = append(s.Donors, donor(o))
	}
	if err := Illustrate(ctx, tx, &s); err != nil {
		return Snapshot{}, err
	}
	s.Organisations, err = marks(ctx, tx, e, p)
	return s, err
}

func donor(o project.Donor) Donor {
	if o.Kind == project.EU {
		return Donor{Key: string(o.Kind)} // its emblem is drawn
	}
	if o.Kind == project.OtherDonor {
		line := o.Line
		if line.IsZero() {
			line = o.Name
		}
		return Donor{Key: "custom", Line: line, Disclaimer: o.Disclaimer, LogoDigest: o.Logo}
	}
	return Donor{Key: string(o.Kind), City: o.City, LogoDigest: o.Logo}
}

// marks are the organisations in the row of logos: the lead, the host, then the partners.
func marks(ctx context.Context, tx *db.Tx, e *event.Event, p *project.Project) ([]Organisation, error) {
	all, err := project.Organisations(ctx, tx, e.ProjectID)
	if err != nil {
		return nil, err
	}
	var lead, host, rest []Organisation
	for _, o := range all {
		m := Organisation{Name: o.Name, Lead: o.ID == p.LeadID, Host: o.ID == e.OrganisationID}
		switch {
		case m.Lead:
			lead = append(lead, m)
		case m.Host:
			host = append(host, m)
		default:
			rest = append(rest, m)
		}
	}
	return append(append(lead, host...), rest...), nil
}

func (d *Desk) issue(ctx context.Context, tx *db.Tx, actor account.Actor, e *event.Event, r *registration.Registration, common Snapshot, out *Issued) error {
	s := common
	s.Number = token.Number()
	s.HolderName, s.Gender, s.Institution = r.CertificateName, string(r.Gender), r.InstitutionName
	if err := Check(d.Catalogue, s); err != nil {
		f := fault.From(err)
		if f == nil {
			return err
		}
		out.Refused = append(out.Refused, Refusal{Registration: *r, Fault: f})
		return nil
	}
	c := Certificate{
		Number: s.Number, RegistrationID: r.ID, PersonID: r.PersonID, EventID: e.ID, State: StateValid, Quiet: r.Quiet || e.Quiet,
		CodeHash: token.Hash(d.code(s.Number)), Snapshot: db.JSON[Snapshot]{V: s}, IssuedAt: db.At(d.Clock()), IssuedBy: actor.UserID,
	}
	if _, err := tx.NewInsert().Model(&c).Exec(ctx); err != nil {
		return fmt.Errorf("store certificate of registration %d: %w", r.ID, err)
	}
	out.Certificates = append(out.Certificates, c)
	if err := note(ctx, tx, actor, &c, "issue", ""); err != nil {
		return err
	}
	if r.Email == "" {
		return nil
	}
	m, err := registration.Message(ctx, tx, e, r, mail.CertificateIssued)
	if err != nil {
		return err
	}
	m.Params.Number = c.Number
	return d.Mail.Enqueue(ctx, tx, m)
}

// code is what a quiet person gives beside the number to whoever shall verify their certificate.
func (d *Desk) code(number string) string {
	return d.Secret.Link("certificate", token.Fold(number))[:8]
}

// note records what was done to a certificate; was is its state before, "" for a new one.
func note(ctx context.Context, tx *db.Tx, actor account.Actor, c *Certificate, verb string, was State) error {
	var before audit.Facts
	if was != "" {
		before = audit.Facts{"state": was}
	}
	deed := actor.Deed(verb, "certificate", c.ID)
	deed.EventID, deed.Detail = c.EventID, audit.Change(before, audit.Facts{"state": c.State}, audit.Facts{"registration": c.RegistrationID})
	return audit.Record(ctx, tx, deed)
}

// Revoke ends a certificate, for a reason that is kept but not shown to the public.
func (d *Desk) Revoke(ctx context.Context, actor account.Actor, number, reason string) error {
	err := d.end(ctx, actor, number, func(ctx context.Context, tx *db.Tx, _ *event.Event, c *Certificate) error {
		c.State, c.EndedAt, c.Reason = StateRevoked, db.At(d.Clock()), locale.Clean(reason)
		if _, err := tx.NewUpdate().Model(c).WherePK().Exec(ctx); err != nil {
			return err
		}
		return note(ctx, tx, actor, c, "revoke", StateValid)
	})
	if err != nil {
		return fmt.Errorf("revoke certificate: %w", err)
	}
	return nil
}

// Reissue issues a new certificate from the registration and the event as they are now, after a name was corrected,
// say, and has it take the old one's place.
func (d *Desk) Reissue(ctx context.Context, actor account.Actor, number string) (*Certificate, error) {
	var fresh *Certificate
	err := d.end(ctx, actor, number, func(ctx context.Context, tx *db.Tx, e *event.Event, c *Certificate) error {
		var r registration.Registration
		if err := tx.NewSelect().Model(&r).Where("id = ?", c.RegistrationID).Scan(ctx); err != nil {
			return err
		}
		c.State, c.EndedAt = StateSuperseded, db.At(d.Clock())
		if _, err := tx.NewUpdate().Model(c).WherePK().Exec(ctx); err != nil {
			return err
		}
		common, err := d.common(ctx, tx, e)
		if err != nil {
			return err
		}
		var out Issued
		if err := d.issue(ctx, tx, actor, e, &r, common, &out); err != nil {
			return err
		}
		if len(out.Refused) > 0 {
			return out.Refused[0].Fault
		}
		fresh = &out.Certificates[0]
		c.SupersededBy = fresh.ID
		if _, err := tx.NewUpdate().Model(c).Column("superseded_by").WherePK().Exec(ctx); err != nil {
			return err
		}
		return note(ctx, tx, actor, c, "supersede", StateValid)
	})
	if err != nil {
		return nil, fmt.Errorf("reissue certificate: %w", err)
	}
	return fresh, nil
}

// end locks a valid certificate and its event for somebody who may certify, and has f end it.
func (d *Desk) end(ctx context.Context, actor account.Actor, number string, f func(context.Context, *db.Tx, *event.Event, *Certificate) error) error {
	return d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, ok := token.ParseNumber(number)
		if !ok {
			return ErrNotFound
		}
		var c Certificate
		if err := tx.Lock(tx.NewSelect().Model(&c).Where("number = ?", n)).Scan(ctx); err != nil {
			return missing(err)
		}
		e, err := event.ByID(ctx, tx, c.EventID)
		if err != nil {
			return err
		}
		if err := event.May(actor, account.Certify, e); err != nil {
			return errors.Join(ErrNotFound, err)
		}
		if c.State != StateValid {
			return ErrEnded
		}
		return f(ctx, tx, e, &c)
	})
}

func missing(err error) error {
	if errors.Is(db.One(err), db.ErrNotFound) {
		return ErrNotFound
	}
	return err
}
