package account

import (
	"context"
	"fmt"
	"slices"

	"attesta/app/db"
)

// RolesFor returns the other roles that a holds in which it could do p somewhere.
func (a Actor) RolesFor(p Permission) []Role {
	return slices.DeleteFunc(slices.Clone(a.Roles), func(r Role) bool { return r == a.Role || !may[r][p] })
}

// SwitchRole has the actor's visit go on in another of the roles they hold; with the next request it is theirs. A role
// they don't hold is a Forbidden fault.
func (a *Accounts) SwitchRole(ctx context.Context, actor Actor, role Role) error {
	if actor.VisitID == 0 || !slices.Contains(actor.Roles, role) {
		return errForbidden
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewRaw("UPDATE visits SET role = ? WHERE id = ? AND user_id = ? AND ended_at IS NULL", role, actor.VisitID, actor.UserID).Exec(ctx)
		if err := affected(res, err); err != nil {
			return err
		}
		return record(ctx, tx, actor, "switch_role", actor.UserID, map[string]any{"before": actor.Role, "after": role})
	})
	if err != nil {
		return fmt.Errorf("switch user %d to %s: %w", actor.UserID, role, err)
	}
	return nil
}
