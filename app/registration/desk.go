package registration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/person"
	"attesta/app/project"
	"attesta/app/token"
)

// Desk takes registrations and decides about them.
type Desk struct {
	DB     *db.DB
	Mail   *mail.Outbox
	Secret token.Secret
	Clock  func() time.Time
}

// Register takes a submission for a published event whose registration is open, admits it and enqueues the mail with
// the participant's link. Whoever cancelled may register again and gets the same link. It returns ErrClosed,
// ErrAlready (the link then goes out once more, to the address that is known), or an Invalid fault.
func (d *Desk) Register(ctx context.Context, eventCode string, s Submission) (*Registration, error) {
	s.Complete()
	if err := s.Check(); err != nil {
		return nil, err
	}
	var r *Registration
	already := false
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, already, err = d.register(ctx, tx, eventCode, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("register: %w", err)
	}
	if already {
		return nil, ErrAlready
	}
	return r, nil
}

func (d *Desk) register(ctx context.Context, tx *db.Tx, eventCode string, s Submission) (r *Registration, already bool, err error) {
	e, err := event.Lock(ctx, tx, eventCode)
	if err != nil {
		return nil, false, err
	}
	switch e.Phase(d.Clock()) {
	case event.PhaseDraft:
		return nil, false, event.ErrNotFound
	case event.PhaseOpen:
	default:
		return nil, false, ErrClosed
	}
	return d.take(ctx, tx, e, s, 0)
}

// take admits a submission, or returns the registration that was there already. The institution is found or made by its
// name, unless its id is given.
func (d *Desk) take(ctx context.Context, tx *db.Tx, e *event.Event, s Submission, institutionID int64) (r *Registration, already bool, err error) {
	r, err = d.mine(ctx, tx, e, s)
	if err != nil {
		return nil, false, err
	}
	if r.ID != 0 && r.Status != Cancelled && r.Status != Draft {
		return r, true, d.send(ctx, tx, e, r, mailOf(r.Status))
	}
	if err := s.suits(e); err != nil {
		return nil, false, err
	}
	r.fill(s, d.Clock())
	r.Source = FromForm
	r.InstitutionID = institutionID
	if institutionID == 0 {
		if err := d.institution(ctx, tx, r); err != nil {
			return nil, false, err
		}
	}
	if err := d.admit(ctx, tx, e, r); err != nil {
		return nil, false, err
	}
	return r, false, d.send(ctx, tx, e, r, mailOf(r.Status))
}

// mine returns the registration of whoever submits, if there is one, else a new one for a person who is known by
// e-mail and name, or is new.
func (d *Desk) mine(ctx context.Context, tx *db.Tx, e *event.Event, s Submission) (*Registration, error) {
	personID, known, err := person.Match(ctx, tx, s.Email, s.GivenName+" "+s.FamilyName)
	if err != nil {
		return nil, err
	}
	if known {
		var r Registration
		err := tx.NewSelect().Model(&r).Where("event_id = ? AND person_id = ? AND folded_into IS NULL", e.ID, personID).Scan(ctx)
		if err == nil {
			return &r, nil
		}
		if !errors.Is(db.One(err), db.ErrNotFound) {
			return nil, err
		}
		return d.fresh(e, personID), nil
	}
	p, err := person.Create(ctx, tx, person.New{
		Given: s.GivenName, Family: s.FamilyName, FullName: s.GivenName + " " + s.FamilyName, Gender: s.Gender,
		Country: s.Country, Email: s.Email, Phone: s.Phone, Quiet: s.Quiet,
	})
	if err != nil {
		return nil, err
	}
	return d.fresh(e, p.ID), nil
}

func (d *Desk) fresh(e *event.Event, personID int64) *Registration {
	nonce := token.Nonce()
	return &Registration{
		Code: token.Code(), EventID: e.ID, PersonID: personID, Status: Draft, LinkNonce: nonce,
		LinkHash: token.Hash(d.Secret.Link(LinkPurpose, nonce)), CreatedAt: db.At(d.Clock()), Version: 1,
	}
}

// fill takes the snapshot of who somebody is now.
func (r *Registration) fill(s Submission, now time.Time) {
	r.GivenName, r.FamilyName, r.CertificateName, r.OtherScriptName = s.GivenName, s.FamilyName, s.CertificateName, s.OtherScriptName
	r.Gender, r.Email, r.EmailKey, r.Phone = s.Gender, s.Email, person.EmailKey(s.Email), s.Phone
	r.Country, r.InstitutionName, r.InstitutionType, r.Position, r.Locale = s.Country, s.Institution, s.InstitutionType, s.Position, s.Locale
	r.Answers.V, r.Interpretation, r.Quiet = s.Answers, s.Interpretation, s.Quiet
	r.ConsentData, r.ConsentList, r.ConsentPhoto, r.ConsentContact = s.ConsentData, s.ConsentList, s.ConsentPhoto, s.ConsentContact
	if s.ConsentData {
		r.ConsentedAt = db.At(now)
	}
	r.IdentityKey = r.EmailKey + "|" + locale.ASCIIKey(s.GivenName+" "+s.FamilyName)
	r.SubmittedAt, r.UpdatedAt = db.At(now), db.At(now)
}

func (d *Desk) institution(ctx context.Context, tx *db.Tx, r *Registration) (err error) {
	if r.InstitutionName == "" {
		return nil
	}
	r.InstitutionID, err = person.Located(ctx, tx, r.InstitutionName, r.InstitutionType, r.Country)
	return err
}

// admit stores a new or renewed registration with the status it gets on arrival.
func (d *Desk) admit(ctx context.Context, tx *db.Tx, e *event.Event, r *Registration) error {
	to := Admit(e)
	var before audit.Facts
	if r.ID == 0 {
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			if _, dup := db.Unique(err); dup {
				return errors.Join(ErrAlready, err)
			}
			return err
		}
	} else {
		before = audit.Facts{"status": r.Status}
	}
	r.Reason, r.DecidedAt, r.DecidedBy = "", db.Time{}, 0
	if to == Approved {
		r.DecidedAt = db.At(d.Clock())
	}
	if err := move(ctx, tx, e, r, to); err != nil {
		return err
	}
	return note(ctx, tx, r.Actor().Deed("submit", "registration", r.ID), r, before)
}

// note records what was done to a registration, which had these facts before.
func note(ctx context.Context, tx *db.Tx, deed audit.Entry, r *Registration, before audit.Facts) error {
	deed.EventID, deed.Detail = r.EventID, audit.Change(before, audit.Facts{"status": r.Status})
	return audit.Record(ctx, tx, deed)
}

// Link returns the participant's link of a registration, below the base address.
func (d *Desk) Link(r *Registration) string {
	return "/my/" + d.Secret.Link(LinkPurpose, r.LinkNonce)
}

// ByToken returns the registration that a participant's link opens.
func (d *Desk) ByToken(ctx context.Context, t string) (*Registration, error) {
	return d.one(ctx, "link_hash = ?", token.Hash(t))
}

func (d *Desk) one(ctx context.Context, where string, args ...any) (*Registration, error) {
	var r Registration
	if err := d.DB.Read().NewSelect().Model(&r).Where(where, args...).Scan(ctx); err != nil {
		if errors.Is(db.One(err), db.ErrNotFound) {
			return nil, ErrNotFound
		}
		return nil, fmt.Errorf("registration: %w", err)
	}
	return &r, nil
}

// Cancel gives a participant's place back. Where nobody decides by hand, the place goes to whoever has waited longest.
func (d *Desk) Cancel(ctx context.Context, actor account.Actor, id int64) error {
	if !actor.Can(account.OwnPlace, account.Scope{Kind: account.RegistrationScope, ID: id}) {
		return ErrNotFound
	}
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, r, err := lockBoth(ctx, tx, id)
		if err != nil {
			return err
		}
		if !d.Clock().Before(e.Ends()) || r.Status == Rejected || e.IsCancelled() {
			return ErrStatus
		}
		if r.Status == Cancelled {
			return nil
		}
		before := audit.Facts{"status": r.Status}
		r.UpdatedAt = db.At(d.Clock())
		if err := move(ctx, tx, e, r, Cancelled); err != nil {
			return err
		}
		if err := d.send(ctx, tx, e, r, mail.RegistrationCancelled); err != nil {
			return err
		}
		if err := note(ctx, tx, actor.Deed("cancel", "registration", r.ID), r, before); err != nil {
			return err
		}
		return d.promote(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("cancel registration %d: %w", id, err)
	}
	return nil
}

// lockBoth locks the event first and the registration after it, the order in which everybody does.
func lockBoth(ctx context.Context, tx *db.Tx, id int64) (*event.Event, *Registration, error) {
	var r Registration
	if err := tx.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
		return nil, nil, db.One(err)
	}
	e, err := event.LockID(ctx, tx, r.EventID)
	if err != nil {
		return nil, nil, err
	}
	if err := tx.Lock(tx.NewSelect().Model(&r).Where("id = ?", id)).Scan(ctx); err != nil {
		return nil, nil, db.One(err)
	}
	return e, &r, nil
}

// promote gives free seats of an automatic event to the waiting list in order of sign-up. It does nothing once the
// event has begun or was cancelled.
func (d *Desk) promote(ctx context.Context, tx *db.Tx, e *event.Event) error {
	if e.Decision != event.Automatic || e.State != event.Published || !d.Clock().Before(e.Begins()) {
		return nil
	}
	for e.SeatsTaken < e.Seats {
		var r Registration
		err := tx.NewSelect().Model(&r).Where("event_id = ? AND status = ? AND folded_into IS NULL", e.ID, Waitlisted).
			Order("submitted_at", "id").Limit(1).Scan(ctx)
		if errors.Is(db.One(err), db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		r.DecidedAt, r.UpdatedAt = db.At(d.Clock()), db.At(d.Clock())
		if err := move(ctx, tx, e, &r, Approved); err != nil {
			return err
		}
		if err := note(ctx, tx, account.System.Deed("promote", "registration", r.ID), &r, audit.Facts{"status": Waitlisted}); err != nil {
			return err
		}
		if err := d.send(ctx, tx, e, &r, mailOf(Approved)); err != nil {
			return err
		}
	}
	return nil
}

// mailOf is the mail that tells somebody where they stand.
func mailOf(s Status) mail.Kind { return mail.Kind("registration." + string(s)) }

// send enqueues one mail to a participant, in the language stored with the registration. Who gave no address gets none.
func (d *Desk) send(ctx context.Context, tx *db.Tx, e *event.Event, r *Registration, kind mail.Kind) error {
	if r.Email == "" {
		return nil
	}
	m, err := Message(ctx, tx, e, r, kind)
	if err != nil {
		return err
	}
	return d.Mail.Enqueue(ctx, tx, m)
}

// Message returns a mail about a registration, with what every such mail says of its event and its donors: of a quiet
// event the place is told only to who is approved.
func Message(ctx context.Context, q bun.IDB, e *event.Event, r *Registration, kind mail.Kind) (mail.Message, error) {
	p, err := eventParams(ctx, q, e, r.Locale, r.Status == Approved)
	if err != nil {
		return mail.Message{}, err
	}
	p.Name, p.Reason = r.CertificateName, r.Reason
	if kind == mail.EventCancelled {
		p.Reason = whyCancelled(e, r.Locale)
	}
	p.Link = &mail.Link{Path: "/my/", Purpose: LinkPurpose, Nonce: r.LinkNonce}
	if p.Calendar, err = calendarOf(ctx, q, e, r, kind); err != nil {
		return mail.Message{}, err
	}
	return mail.Message{Kind: kind, To: r.Email, Locale: r.Locale, Params: p, RegistrationID: r.ID}, nil
}

// eventFacts are what a mail says of an event to somebody who is approved, or to anyone else.
func eventFacts(e *event.Event, approved bool) *mail.EventFacts {
	t := e.Told(approved)
	return &mail.EventFacts{
		Title: t.Title, Starts: t.StartsOn, Ends: t.EndsOn(), City: t.City, Country: t.Country, Venue: t.Venue, Code: t.Code, Zone: t.Zone,
		Format: string(t.Format), Joins: t.JoinURL != "" && !t.IsCancelled(), Withheld: t.Quiet && !approved,
	}
}

// eventParams are what every mail about an event says of it, of its host and of its donors.
func eventParams(ctx context.Context, q bun.IDB, e *event.Event, code locale.Code, approved bool) (mail.Params, error) {
	p := mail.Params{Event: eventFacts(e, approved)}
	host, err := project.OrganisationByID(ctx, q, e.OrganisationID)
	if err != nil {
		return p, err
	}
	p.Author, _ = host.Name.In(code)
	units, err := event.Units(ctx, q, e.ID)
	if err != nil {
		return p, err
	}
	if len(units) > 0 {
		p.Event.OpensAt = units[0].StartsAt.Time
	}
	if e.VisibilityWaiver == "" {
		donors, err := project.Donors(ctx, q, e.ProjectID)
		if err != nil {
			return p, err
		}
		for _, o := range donors {
			p.Donors = append(p.Donors, mail.Donor{Kind: string(o.Kind), City: o.City, Line: o.Line, Disclaimer: o.Disclaimer})
		}
	}
	return p, nil
}

// ByID returns a registration to whoever may see its event, or holds its link.
func (d *Desk) ByID(ctx context.Context, actor account.Actor, id int64) (*Registration, error) {
	r, err := d.one(ctx, "id = ?", id)
	if err != nil || actor.Can(account.OwnPlace, account.Scope{Kind: account.RegistrationScope, ID: id}) {
		return r, err
	}
	e, err := event.ByID(ctx, d.DB.Read(), r.EventID)
	if err != nil {
		return nil, err
	}
	return r, event.May(actor, account.ViewEvent, e)
}
