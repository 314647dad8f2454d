package registration

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/person"
	"attesta/app/token"
)

// Call is what a nominee's link opens: the nomination, the offer it belongs to, the event and who nominates.
type Call struct {
	Nomination  Nomination
	Offer       Offer
	Event       *event.Event
	Institution Institution
}

// Answered reports whether the nominee has registered.
func (k *Call) Answered() bool { return k.Nomination.RegistrationID != 0 }

// Fill puts what is certain about a nominee into a submission: where they work, as far as it is known.
func (k *Call) Fill(s *Submission) {
	s.Institution = k.Institution.Name
	if k.Institution.Type != person.UnknownType {
		s.InstitutionType = k.Institution.Type
	}
	if k.Institution.Country != "" {
		s.Country = k.Institution.Country
	}
}

// CallByToken returns what a nominee's link to an event opens. A nomination that was withdrawn or declined, whose data
// is gone, or whose offer has ended is ErrNominationGone, unless the nominee has registered.
func (d *Desk) CallByToken(ctx context.Context, eventCode, t string) (*Call, error) {
	return d.call(ctx, d.DB.Read(), eventCode, t)
}

func (d *Desk) call(ctx context.Context, q bun.IDB, eventCode, t string) (*Call, error) {
	var k Call
	err := q.NewSelect().Model(&k.Nomination).Where("hash = ?", token.Hash(t)).Scan(ctx)
	if err == nil {
		err = q.NewSelect().Model(&k.Offer).Where("id = ?", k.Nomination.LinkID).Scan(ctx)
	}
	if err == nil {
		k.Event, err = event.ByID(ctx, q, k.Offer.EventID)
	}
	if errors.Is(db.One(err), db.ErrNotFound) || err == nil && k.Event.Code != eventCode {
		return nil, ErrNominationGone
	}
	if err != nil {
		return nil, fmt.Errorf("nomination: %w", err)
	}
	if k.Institution, err = institutionOf(ctx, q, k.Offer.InstitutionID); err != nil {
		return nil, err
	}
	return &k, d.answerable(ctx, q, &k)
}

// answerable returns nil for a nomination that can be answered, or was by registering.
func (d *Desk) answerable(ctx context.Context, q bun.IDB, k *Call) error {
	n := &k.Nomination
	if n.RegistrationID != 0 && n.ErasedAt.IsZero() && k.Event.State != event.Draft {
		return nil
	}
	if !n.WithdrawnAt.IsZero() || !n.DeclinedAt.IsZero() || !n.ErasedAt.IsZero() || !k.Offer.Takes(d.Clock(), k.Event) {
		return ErrNominationGone
	}
	if err := d.lives(ctx, q, &k.Offer, k.Event); err != nil {
		if errors.Is(err, ErrOffer) {
			return ErrNominationGone
		}
		return err
	}
	return nil
}

// RegisterNominated takes a nominee's submission, whether or not registration is open to the public, and ties it to the
// nomination; the institution is the one that nominated. It returns ErrAlready when the nominee has registered before
// (the participant's link then goes out once more), ErrNominationGone, or an Invalid fault.
func (d *Desk) RegisterNominated(ctx context.Context, eventCode, t string, s Submission) (*Registration, error) {
	k, err := d.CallByToken(ctx, eventCode, t)
	if err != nil {
		return nil, err
	}
	k.Fill(&s)
	s.Complete()
	if err := s.Check(); err != nil && !k.Answered() {
		return nil, err
	}
	var r *Registration
	already := false
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, already, err = d.registerNominated(ctx, tx, eventCode, t, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("register a nominee: %w", err)
	}
	if already {
		return nil, ErrAlready
	}
	return r, nil
}

func (d *Desk) registerNominated(ctx context.Context, tx *db.Tx, eventCode, t string, s Submission) (r *Registration, already bool, err error) {
	e, err := event.Lock(ctx, tx, eventCode)
	if err != nil {
		return nil, false, err
	}
	k, err := d.lockCall(ctx, tx, eventCode, t)
	if err != nil {
		return nil, false, err
	}
	n := &k.Nomination
	if n.RegistrationID != 0 {
		r, err := answerOf(ctx, tx, n)
		if err != nil {
			return nil, false, err
		}
		return r, true, d.send(ctx, tx, e, r, mailOf(r.Status))
	}
	r, already, err = d.take(ctx, tx, e, s, k.Institution.ID)
	if err != nil {
		return nil, false, err
	}
	if already && r.EmailKey != n.EmailKey {
		return r, already, nil // somebody else's, of whom the focal point shall learn nothing
	}
	if _, err := tx.NewRaw("UPDATE nominations SET registration_id = ? WHERE id = ?", r.ID, n.ID).Exec(ctx); err != nil {
		return nil, false, err
	}
	deed := nominee.Deed("accept", "nomination", n.ID)
	deed.EventID, deed.Detail = e.ID, audit.Change(nil, audit.Facts{"registration": r.ID}, audit.Facts{"link": n.LinkID})
	return r, already, audit.Record(ctx, tx, deed)
}

// nominee is somebody who answers a nomination by its link.
var nominee = account.Actor{Role: account.Participant}

// lockCall locks a nomination before it is looked at, so that it is answered once.
func (d *Desk) lockCall(ctx context.Context, tx *db.Tx, eventCode, t string) (*Call, error) {
	var n Nomination
	if err := tx.Lock(tx.NewSelect().Model(&n).Where("hash = ?", token.Hash(t))).Scan(ctx); err != nil {
		if errors.Is(db.One(err), db.ErrNotFound) {
			return nil, ErrNominationGone
		}
		return nil, err
	}
	return d.call(ctx, tx, eventCode, t)
}

// answerOf is the registration of a nominee, or the one that stands for it.
func answerOf(ctx context.Context, tx *db.Tx, n *Nomination) (*Registration, error) {
	var r Registration
	err := tx.NewSelect().Model(&r).Where("id = (SELECT COALESCE(folded_into, id) FROM registrations WHERE id = ?)", n.RegistrationID).Scan(ctx)
	return &r, db.One(err)
}

// Decline says for a nominee that they won't come; the focal point sees it, and the seat is free again. Declining twice
// is the same as once; who has registered cancels on their own page instead (ErrAnswered).
func (d *Desk) Decline(ctx context.Context, eventCode, t string) error {
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		k, err := d.lockCall(ctx, tx, eventCode, t)
		if err != nil {
			return err
		}
		if k.Answered() {
			return ErrAnswered
		}
		if _, err := tx.NewRaw("UPDATE nominations SET declined_at = ? WHERE id = ?", db.At(d.Clock()), k.Nomination.ID).Exec(ctx); err != nil {
			return err
		}
		deed := nominee.Deed("decline", "nomination", k.Nomination.ID)
		deed.EventID, deed.Detail = k.Event.ID, audit.Change(audit.Facts{"state": "nominated"}, audit.Facts{"state": "declined"}, audit.Facts{"link": k.Offer.ID})
		return audit.Record(ctx, tx, deed)
	})
	if err != nil {
		return fmt.Errorf("decline a nomination: %w", err)
	}
	return nil
}
