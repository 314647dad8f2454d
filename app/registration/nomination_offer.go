package registration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/person"
	"attesta/app/token"
)

// NewOffer is what an organiser says of seats to offer. An institution that isn't known yet has a name, a type and a
// country instead of an id.
type NewOffer struct {
	InstitutionID      int64
	InstitutionName    string
	InstitutionType    person.InstitutionType
	InstitutionCountry string
	ContactName        string
	ContactEmail       string
	Locale             locale.Code
	Seats              int
	Until              time.Time // zero: when registration closes, else when the event begins
}

const maxOffered = 1000

func (n *NewOffer) check() error {
	n.InstitutionName, n.ContactName = locale.Clean(n.InstitutionName), locale.Clean(n.ContactName)
	var form fault.Form
	if n.InstitutionID == 0 {
		n.checkInstitution(&form)
	}
	name(&form, "contact_name", n.ContactName, true)
	address(&form, "contact_email", n.ContactEmail)
	if n.Locale == "" {
		form.Add("language", "form.choose")
	}
	if n.Seats < 1 || n.Seats > maxOffered {
		form.Add("seats", "form.between", "Min", 1, "Max", maxOffered)
	}
	return form.Err()
}

func (n *NewOffer) checkInstitution(form *fault.Form) {
	if n.InstitutionName == "" {
		form.Add("institution", "nomination.choose_institution")
		return
	}
	if utf8.RuneCountInString(n.InstitutionName) > maxLine {
		form.Add("institution_name", "form.too_long", "Max", maxLine)
	}
	if !slices.Contains(person.InstitutionTypes, n.InstitutionType) {
		form.Add("institution_type", "form.choose")
	}
	if !countryCode(n.InstitutionCountry) {
		form.Add("institution_country", "form.choose")
	}
}

func address(form *fault.Form, field, v string) {
	switch {
	case v == "":
		form.Add(field, "form.required")
	case !person.IsEmail(v):
		form.Add(field, "form.email")
	}
}

// OfferSeats offers seats of a published event that lies ahead to an institution, and mails its contact the link. It
// returns event.ErrState for another event, or an Invalid fault.
func (d *Desk) OfferSeats(ctx context.Context, actor account.Actor, eventCode string, n NewOffer) (o *Offer, err error) {
	if err := n.check(); err != nil {
		return nil, err
	}
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := choosing(ctx, tx, actor, eventCode)
		if err != nil {
			return err
		}
		if e.State != event.Published || !d.Clock().Before(e.Begins()) {
			return event.ErrState
		}
		until, err := d.until(e, n.Until)
		if err != nil {
			return err
		}
		o = &Offer{
			EventID: e.ID, InstitutionID: n.InstitutionID, ContactName: n.ContactName, ContactEmail: n.ContactEmail, Locale: n.Locale, Seats: n.Seats,
			CreatedBy: actor.UserID, CreatedAt: db.At(d.Clock()), ExpiresAt: db.At(until),
		}
		d.key(o)
		if err := n.settle(ctx, tx, o); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(o).Exec(ctx); err != nil {
			return err
		}
		deed := actor.Deed("offer", "nomination_link", o.ID)
		deed.EventID, deed.Detail = e.ID, audit.Change(nil, o.terms(), audit.Facts{"institution": o.InstitutionID})
		if err := audit.Record(ctx, tx, deed); err != nil {
			return err
		}
		return d.mailOffer(ctx, tx, e, o)
	})
	if err != nil {
		return nil, fmt.Errorf("offer seats: %w", err)
	}
	return o, nil
}

// choosing locks an event for whoever may choose its participants: nobody is written to while it is cancelled or moved.
func choosing(ctx context.Context, tx *db.Tx, actor account.Actor, eventCode string) (*event.Event, error) {
	e, err := event.Lock(ctx, tx, eventCode)
	if err != nil {
		return nil, err
	}
	return e, event.May(actor, account.Select, e)
}

// key gives an offer a new link.
func (d *Desk) key(o *Offer) {
	o.Nonce = token.Nonce()
	o.Hash = token.Hash(d.Secret.Link(OfferPurpose, o.Nonce))
}

// settle finds or makes the institution.
func (n *NewOffer) settle(ctx context.Context, tx *db.Tx, o *Offer) (err error) {
	if n.InstitutionID == 0 {
		o.InstitutionID, err = person.Located(ctx, tx, n.InstitutionName, n.InstitutionType, n.InstitutionCountry)
		return err
	}
	at, err := institutionOf(ctx, tx, n.InstitutionID)
	if errors.Is(err, db.ErrNotFound) {
		return wrong("institution", "form.choose")
	}
	o.InstitutionID = at.ID
	return err
}

// until is when an offer ends: when it was asked to, or with the registration, at the latest in the last minute before the
// event's first day.
func (d *Desk) until(e *event.Event, asked time.Time) (time.Time, error) {
	at := asked
	if at.IsZero() && d.Clock().Before(e.RegistrationClosesAt.Time) {
		at = e.RegistrationClosesAt.Time
	}
	if last := e.Begins().Add(-time.Minute); at.IsZero() || at.After(last) {
		at = last
	}
	if !d.Clock().Before(at) {
		return at, wrong("until", "nomination.until_past")
	}
	return at, nil
}

// mailOffer tells the contact of the seats, with the link.
func (d *Desk) mailOffer(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer) error {
	m, err := d.offerMessage(ctx, tx, e, o, mail.NominationOffered)
	if err != nil {
		return err
	}
	return d.Mail.Enqueue(ctx, tx, m)
}

// offerMessage is a mail to the contact of an offer.
func (d *Desk) offerMessage(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer, kind mail.Kind) (mail.Message, error) {
	p, err := d.nominationParams(ctx, tx, e, o, o.Locale)
	p.Name, p.Seats = o.ContactName, o.Seats
	p.Link = &mail.Link{Path: "/nominate/", Purpose: OfferPurpose, Nonce: o.Nonce}
	return mail.Message{Kind: kind, To: o.ContactEmail, Locale: o.Locale, Params: p}, err
}

// nominationParams are what every mail about nominations says.
func (d *Desk) nominationParams(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer, code locale.Code) (mail.Params, error) {
	p, err := eventParams(ctx, tx, e, code, false)
	if err != nil {
		return p, err
	}
	at, err := institutionOf(ctx, tx, o.InstitutionID)
	p.Institution, p.Until = at.In(code), o.ExpiresAt.Time
	return p, err
}

// OfferPath is the focal point's address below the base address.
func (d *Desk) OfferPath(o *Offer) string { return "/nominate/" + d.Secret.Link(OfferPurpose, o.Nonce) }

// terms are what the record keeps of an offer.
func (o *Offer) terms() audit.Facts {
	state := "open"
	if !o.RevokedAt.IsZero() {
		state = "revoked"
	}
	return audit.Facts{"seats": o.Seats, "expires_at": o.ExpiresAt, "state": state}
}

// change runs f on a locked offer of an event whose participants the actor may choose, stores it and records the deed with the facts that f adds.
func (d *Desk) change(ctx context.Context, actor account.Actor, eventCode string, id int64, verb string, f func(context.Context, *db.Tx, *event.Event, *Offer) (audit.Facts, error)) error {
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := choosing(ctx, tx, actor, eventCode)
		if err != nil {
			return err
		}
		var o Offer
		if err := offerBy(tx.Lock(tx.NewSelect()), &o)(ctx, "id = ? AND event_id = ?", id, e.ID); err != nil {
			return err
		}
		before := o.terms()
		more, err := f(ctx, tx, e, &o)
		if err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(&o).WherePK().Exec(ctx); err != nil {
			return err
		}
		deed := actor.Deed(verb, "nomination_link", o.ID)
		deed.EventID, deed.Detail = e.ID, audit.Change(before, o.terms(), more)
		return audit.Record(ctx, tx, deed)
	})
	if err != nil {
		return fmt.Errorf("%s nominations by link %d: %w", verb, id, err)
	}
	return nil
}

// ChangeOffer sets how many seats an institution may fill, and until when. Fewer than are named already is an Invalid
// fault; a zero time leaves the end as it is.
func (d *Desk) ChangeOffer(ctx context.Context, actor account.Actor, eventCode string, id int64, seats int, until time.Time) error {
	return d.change(ctx, actor, eventCode, id, "change", func(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer) (audit.Facts, error) {
		taken, err := takenSeats(ctx, tx, o.ID)
		if err != nil {
			return nil, err
		}
		if seats < max(1, taken) || seats > maxOffered {
			return nil, wrong("seats", "form.between", "Min", max(1, taken), "Max", maxOffered)
		}
		o.Seats = seats
		if !until.IsZero() {
			at, err := d.until(e, until)
			if err != nil {
				return nil, err
			}
			o.ExpiresAt = db.At(at)
		}
		return nil, nil
	})
}

// RevokeOffer ends a focal point's link at once, and with it those of nominees who haven't answered.
func (d *Desk) RevokeOffer(ctx context.Context, actor account.Actor, eventCode string, id int64) error {
	return d.change(ctx, actor, eventCode, id, "revoke", func(_ context.Context, _ *db.Tx, _ *event.Event, o *Offer) (audit.Facts, error) {
		if o.RevokedAt.IsZero() {
			o.RevokedAt = db.At(d.Clock())
		}
		return nil, nil
	})
}

// SendOffer mails the contact the link once more. A link that was dead comes back under a new address and stands on the
// actor's right from now on; one that lives stays the same.
func (d *Desk) SendOffer(ctx context.Context, actor account.Actor, eventCode string, id int64) error {
	return d.change(ctx, actor, eventCode, id, "send", func(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer) (audit.Facts, error) {
		dead := d.lives(ctx, tx, o, e)
		if dead != nil && !errors.Is(dead, ErrOffer) {
			return nil, dead
		}
		if dead != nil {
			d.key(o)
			o.RevokedAt, o.CreatedBy = db.Time{}, actor.UserID
		}
		if !o.Takes(d.Clock(), e) {
			return nil, ErrOfferOver
		}
		return audit.Facts{"new": dead != nil}, d.mailOffer(ctx, tx, e, o)
	})
}

// remindEvery is how long nobody is reminded twice.
const remindEvery = 24 * time.Hour

// RemindNominees mails those once more whom an institution has nominated and who haven't answered, and returns how many
// there were. Who was written to within a day is left in peace.
func (d *Desk) RemindNominees(ctx context.Context, actor account.Actor, eventCode string, id int64) (sent int, err error) {
	err = d.change(ctx, actor, eventCode, id, "remind", func(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer) (audit.Facts, error) {
		sent = 0
		if err := d.lives(ctx, tx, o, e); err != nil {
			return nil, err
		}
		if !o.Takes(d.Clock(), e) {
			return nil, ErrOfferOver
		}
		now := db.At(d.Clock())
		recent := db.At(now.Add(-remindEvery))
		var list []Nomination
		q := tx.NewSelect().Model(&list).Where("link_id = ? AND registration_id IS NULL AND withdrawn_at IS NULL AND declined_at IS NULL AND erased_at IS NULL", o.ID).
			Where("created_at <= ? AND (reminded_at IS NULL OR reminded_at <= ?)", recent, recent).Order("id")
		if err := tx.Lock(q).Scan(ctx); err != nil {
			return nil, err
		}
		for i := range list {
			if err := d.mailNominee(ctx, tx, e, o, &list[i], mail.NominationReminder); err != nil {
				return nil, err
			}
			if _, err := tx.NewRaw("UPDATE nominations SET reminded_at = ? WHERE id = ?", now, list[i].ID).Exec(ctx); err != nil {
				return nil, err
			}
		}
		sent = len(list)
		return audit.Facts{"mails": sent}, nil
	})
	return sent, err
}

// wrong is an Invalid fault beside one input.
func wrong(field, key string, params ...any) error {
	var form fault.Form
	form.Add(field, key, params...)
	return form.Err()
}
