package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// HoldsToday reports whether a user may still do p to something that lies in all of the given scopes: they aren't
// disabled, and one of their roles that hasn't ended allows it. What somebody handed on (a link to check in, an offer of
// seats) dies with their right to. A user of id 0 is the program itself, whose links live.
func HoldsToday(ctx context.Context, q bun.IDB, userID int64, p Permission, now time.Time, within ...Scope) (bool, error) {
	if userID == 0 {
		return true, nil
	}
	var disabled bool
	err := q.NewRaw("SELECT disabled_at IS NOT NULL FROM users WHERE id = ?", userID).Scan(ctx, &disabled)
	if errors.Is(db.One(err), db.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("what user %d may do: %w", userID, err)
	}
	if disabled {
		return false, nil
	}
	var rows []grantRow
	err = q.NewSelect().Model(&rows).Where("user_id = ? AND (until IS NULL OR until >= ?)", userID, db.NewDay(now.UTC())).Scan(ctx)
	if err != nil {
		return false, fmt.Errorf("what user %d may do: %w", userID, err)
	}
	a := Actor{UserID: userID}
	for _, g := range rows {
		a.Grants = append(a.Grants, Grant{Role: g.Role, Scope: Scope{Kind: g.ScopeKind, ID: g.ScopeID}})
	}
	return a.Can(p, within...), nil
}
