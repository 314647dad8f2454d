package account

import (
	"context"
	"fmt"
	"time"

	"attesta/app/db"
)

// keepVisits is how long it is kept who was here on which device.
const keepVisits = 90 * 24 * time.Hour

// forgetJob is the job of ForgetVisits.
type forgetJob struct{}

// Kind implements job.Args.
func (forgetJob) Kind() string { return "account.forget_visits" }

// Visits returns where the actor is signed in, the last used first: visits that began and were used since these
// times and haven't ended.
func (a *Accounts) Visits(ctx context.Context, actor Actor, began, used time.Time) ([]Visit, error) {
	var all []Visit
	err := a.db.Read().NewSelect().Model(&all).
		Where("user_id = ? AND ended_at IS NULL AND began_at >= ? AND seen_at >= ?", actor.UserID, db.At(began), db.At(used)).
		OrderExpr("seen_at DESC, id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the visits of user %d: %w", actor.UserID, err)
	}
	return all, nil
}

// visit returns the visit in which an actor acts; one that has ended is a NotFound fault.
func (a *Accounts) visit(ctx context.Context, actor Actor) (Visit, error) {
	var v Visit
	err := a.db.Read().NewSelect().Model(&v).Where("id = ? AND user_id = ? AND ended_at IS NULL", actor.VisitID, actor.UserID).Scan(ctx)
	if err != nil {
		return Visit{}, fmt.Errorf("read visit %d: %w", actor.VisitID, db.One(err))
	}
	return v, nil
}

// EndOwnVisit ends one of the actor's visits. One that isn't theirs, or has ended, is a NotFound fault.
func (a *Accounts) EndOwnVisit(ctx context.Context, actor Actor, id int64) error {
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewRaw("UPDATE visits SET ended_at = ? WHERE id = ? AND user_id = ? AND ended_at IS NULL", db.At(a.now()), id, actor.UserID).Exec(ctx)
		if err := affected(res, err); err != nil {
			return err
		}
		return record(ctx, tx, actor, "end_visit", actor.UserID, map[string]any{"visit": id})
	})
	if err != nil {
		return fmt.Errorf("end visit %d of user %d: %w", id, actor.UserID, err)
	}
	return nil
}

// EndOtherVisits ends all visits of the actor but the one that acts, and the sign-in links that are under way.
func (a *Accounts) EndOtherVisits(ctx context.Context, actor Actor) error {
	if actor.UserID == 0 || actor.VisitID == 0 {
		return errForbidden
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := a.endOthers(ctx, tx, actor.UserID, actor.VisitID); err != nil {
			return err
		}
		return record(ctx, tx, actor, "end_other_visits", actor.UserID, nil)
	})
	if err != nil {
		return fmt.Errorf("end the other visits of user %d: %w", actor.UserID, err)
	}
	return nil
}

// ForgetVisits deletes what is known of visits that were last used ninety days ago, and of sign-in links as old. It
// returns how many visits went.
func (a *Accounts) ForgetVisits(ctx context.Context) (n int64, err error) {
	before := db.At(a.now().Add(-keepVisits))
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewRaw("DELETE FROM visits WHERE seen_at < ?", before).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil {
			return err
		}
		_, err = tx.NewRaw("DELETE FROM sign_in_links WHERE expires_at < ?", before).Exec(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget old visits: %w", err)
	}
	return n, nil
}
