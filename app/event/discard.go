package event

import (
	"context"
	"fmt"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
)

// Discard removes a draft, with its programme, people, rooms and materials, and the roles that were given at it. What
// was recorded of it stays. It returns ErrState for an event that isn't a draft, and ErrRegistered where somebody was
// told of it by name: nothing of an event that people know is ever deleted.
func (d *Desk) Discard(ctx context.Context, actor account.Actor, code string) error {
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := Lock(ctx, tx, code)
		if err != nil {
			return err
		}
		if err := May(actor, account.EditEvent, e); err != nil {
			return err
		}
		if e.State != Draft {
			return ErrState
		}
		known, err := knownOf(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if known {
			return ErrRegistered
		}
		sessions, err := countSessions(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if err := note(ctx, tx, actor.Deed("discard", "event", e.ID), audit.Change(settings(e, sessions), nil)); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("grants").Where("scope_kind = ? AND scope_id = ?", account.EventScope, e.ID).Exec(ctx); err != nil {
			return err
		}
		_, err = tx.NewDelete().Table("events").Where("id = ?", e.ID).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("discard event %s: %w", code, err)
	}
	return nil
}
