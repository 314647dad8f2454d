package registration

import (
	"context"
	"fmt"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/job"
	"attesta/app/mail"
)

// keptAfter is how long what a focal point said of somebody who never registered outlives the registration's end.
const keptAfter = 30 * 24 * time.Hour

// eraseJob is the job that erases what is due.
type eraseJob struct{}

// Kind implements job.Args.
func (eraseJob) Kind() string { return "nomination.erase" }

// Schedule has EraseNominations run once a day.
func (d *Desk) Schedule(q *job.Queue) {
	job.Every(q, 24*time.Hour, eraseJob{}, func(ctx context.Context) error {
		_, err := d.EraseNominations(ctx)
		return err
	})
}

// EraseNominations takes name, address and position out of nominations that were withdrawn, declined or never answered,
// thirty days after registration for their event has closed, and out of the mails about them; the rows stay, as
// numbers. It returns how many there were.
func (d *Desk) EraseNominations(ctx context.Context) (int, error) {
	var due []int64
	if err := d.DB.Read().NewRaw("SELECT id FROM nominations WHERE registration_id IS NULL AND erased_at IS NULL ORDER BY id").Scan(ctx, &due); err != nil {
		return 0, fmt.Errorf("nominations to erase: %w", err)
	}
	erased := 0
	for _, id := range due {
		did := false
		err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			did, err = d.erase(ctx, tx, id)
			return err
		})
		if err != nil {
			return erased, fmt.Errorf("erase nomination %d: %w", id, err)
		}
		if did {
			erased++
		}
	}
	return erased, nil
}

func (d *Desk) erase(ctx context.Context, tx *db.Tx, id int64) (bool, error) {
	var n Nomination
	if err := tx.Lock(tx.NewSelect().Model(&n).Where("id = ?", id)).Scan(ctx); err != nil {
		return false, db.One(err)
	}
	var o Offer
	if err := offerBy(tx.NewSelect(), &o)(ctx, "id = ?", n.LinkID); err != nil {
		return false, err
	}
	e, err := event.ByID(ctx, tx, o.EventID)
	if err != nil {
		return false, err
	}
	if n.RegistrationID != 0 || !n.ErasedAt.IsZero() || d.Clock().Before(n.closes(&o, e).Add(keptAfter)) {
		return false, nil
	}
	if err := mail.Forget(ctx, tx, n.Email, mail.NominationInvited, mail.NominationReminder); err != nil {
		return false, err
	}
	_, err = tx.NewRaw("UPDATE nominations SET given_name = '', family_name = '', email = '', email_key = '', position = '', erased_at = ? WHERE id = ?", db.At(d.Clock()), id).Exec(ctx)
	if err != nil {
		return false, err
	}
	return true, noteNomination(ctx, tx, account.System.Deed("erase", "nomination", id), &o, nil, nil)
}

// closes is when a nomination can no longer lead to a registration: with the event's registration, later if it waits for
// an answer to an offer that goes on.
func (n *Nomination) closes(o *Offer, e *event.Event) time.Time {
	at := e.Begins()
	if !e.RegistrationClosesAt.IsZero() && e.RegistrationClosesAt.Before(at) {
		at = e.RegistrationClosesAt.Time
	}
	if n.WithdrawnAt.IsZero() && n.DeclinedAt.IsZero() && o.RevokedAt.IsZero() && o.ExpiresAt.After(at) {
		at = o.ExpiresAt.Time
	}
	return at
}
