package registration

import (
	"context"
	"errors"
	"fmt"
	"strings"

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

// Nominee is a colleague as a focal point names them.
type Nominee struct {
	GivenName  string
	FamilyName string
	Email      string
	Position   string
	Locale     locale.Code // of the mails to them
}

func (n *Nominee) check() error {
	for _, p := range []*string{&n.GivenName, &n.FamilyName, &n.Position} {
		*p = locale.Clean(*p)
	}
	n.Email = strings.TrimSpace(n.Email)
	var form fault.Form
	name(&form, "given_name", n.GivenName, true)
	name(&form, "family_name", n.FamilyName, true)
	address(&form, "email", n.Email)
	tooLong(&form, "position", n.Position, maxLine)
	if n.Locale == "" {
		form.Add("language", "form.choose")
	}
	return form.Err()
}

// Nominate names a colleague for a seat of the offer and mails them. It returns ErrNoSeatLeft when all are named,
// ErrOfferOver when the offer has ended or the event begun, or an Invalid fault, also for an address named before.
func (d *Desk) Nominate(ctx context.Context, actor account.Actor, offerID int64, who Nominee) (n *Nomination, err error) {
	if err := who.check(); err != nil {
		return nil, err
	}
	err = d.nominating(ctx, actor, offerID, func(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer) error {
		taken, err := takenSeats(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		if taken >= o.Seats {
			return ErrNoSeatLeft
		}
		n = &Nomination{
			LinkID: o.ID, GivenName: who.GivenName, FamilyName: who.FamilyName, Email: who.Email, EmailKey: person.EmailKey(who.Email),
			Position: who.Position, Locale: who.Locale, Nonce: token.Nonce(), CreatedAt: db.At(d.Clock()),
		}
		n.Hash = token.Hash(d.Secret.Link(NominationPurpose, n.Nonce))
		if _, err := tx.NewInsert().Model(n).Exec(ctx); err != nil {
			if _, dup := db.Unique(err); dup {
				return errors.Join(wrong("email", "nomination.named_already"), err)
			}
			return err
		}
		if err := noteNomination(ctx, tx, actor.Deed("nominate", "nomination", n.ID), o, nil, audit.Facts{"state": "nominated"}); err != nil {
			return err
		}
		return d.mailNominee(ctx, tx, e, o, n, mail.NominationInvited)
	})
	if err != nil {
		return nil, fmt.Errorf("nominate: %w", err)
	}
	return n, nil
}

// Withdraw takes a nomination back, which frees its seat. Who has registered meanwhile keeps their application
// (ErrAnswered), unless they cancelled it.
func (d *Desk) Withdraw(ctx context.Context, actor account.Actor, offerID, id int64) error {
	err := d.nominating(ctx, actor, offerID, func(ctx context.Context, tx *db.Tx, _ *event.Event, o *Offer) error {
		var n Nomination
		if err := tx.Lock(tx.NewSelect().Model(&n).Where("id = ? AND link_id = ?", id, o.ID)).Scan(ctx); err != nil {
			return db.One(err)
		}
		if !n.WithdrawnAt.IsZero() || !n.DeclinedAt.IsZero() {
			return nil
		}
		if n.RegistrationID != 0 {
			answers, err := answersOf(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			if answers[n.ID].Status != Cancelled {
				return ErrAnswered
			}
		}
		if _, err := tx.NewRaw("UPDATE nominations SET withdrawn_at = ? WHERE id = ?", db.At(d.Clock()), n.ID).Exec(ctx); err != nil {
			return err
		}
		return noteNomination(ctx, tx, actor.Deed("withdraw", "nomination", n.ID), o, audit.Facts{"state": "nominated"}, audit.Facts{"state": "withdrawn"})
	})
	if err != nil {
		return fmt.Errorf("withdraw nomination %d: %w", id, err)
	}
	return nil
}

// nominating runs f on the locked offer of a focal point while it takes nominations.
func (d *Desk) nominating(ctx context.Context, actor account.Actor, offerID int64, f func(context.Context, *db.Tx, *event.Event, *Offer) error) error {
	if !actor.Can(account.Nominate, account.Scope{Kind: account.NominationScope, ID: offerID}) {
		return ErrOffer
	}
	return d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var o Offer
		if err := offerBy(tx.NewSelect(), &o)(ctx, "id = ?", offerID); err != nil {
			return err
		}
		e, err := event.LockID(ctx, tx, o.EventID) // before the offer, as everybody does; it may be cancelled at this moment
		if err != nil {
			return err
		}
		if err := offerBy(tx.Lock(tx.NewSelect()), &o)(ctx, "id = ?", offerID); err != nil {
			return err
		}
		if err := d.lives(ctx, tx, &o, e); err != nil {
			return err
		}
		if !o.Takes(d.Clock(), e) {
			return ErrOfferOver
		}
		return f(ctx, tx, e, &o)
	})
}

// noteNomination records what was done with a nomination of an offer.
func noteNomination(ctx context.Context, tx *db.Tx, deed audit.Entry, o *Offer, before, after audit.Facts) error {
	deed.EventID, deed.Detail = o.EventID, audit.Change(before, after, audit.Facts{"link": o.ID})
	return audit.Record(ctx, tx, deed)
}

// mailNominee tells a nominee who named them for what, with the link to the form.
func (d *Desk) mailNominee(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer, n *Nomination, kind mail.Kind) error {
	m, err := d.nomineeMessage(ctx, tx, e, o, n, kind)
	if err != nil {
		return err
	}
	return d.Mail.Enqueue(ctx, tx, m)
}

// nomineeMessage is a mail to a nominee.
func (d *Desk) nomineeMessage(ctx context.Context, tx *db.Tx, e *event.Event, o *Offer, n *Nomination, kind mail.Kind) (mail.Message, error) {
	p, err := d.nominationParams(ctx, tx, e, o, n.Locale)
	p.Name = n.GivenName + " " + n.FamilyName
	p.Link = &mail.Link{Path: nominationPath(e, n.Locale), Purpose: NominationPurpose, Nonce: n.Nonce}
	return mail.Message{Kind: kind, To: n.Email, Locale: n.Locale, Params: p}, err
}

func nominationPath(e *event.Event, code locale.Code) string {
	return "/" + string(code) + "/events/" + e.Code + "/register?nomination="
}

// NominationLink is the nominee's address below the base address.
func (d *Desk) NominationLink(e *event.Event, n *Nomination) string {
	return nominationPath(e, n.Locale) + d.Secret.Link(NominationPurpose, n.Nonce)
}
