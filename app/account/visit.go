package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/locale"
)

// Method is how somebody signed in.
type Method string

// The methods. A passkey that has verified its user counts for both factors.
const (
	ByPassword Method = "password"
	ByLink     Method = "link"
	ByPasskey  Method = "passkey"
	ByOIDC     Method = "oidc"
	BySetup    Method = "setup"
)

// Step is what a visit still needs before it may do anything.
type Step string

// The steps.
const (
	Complete   Step = ""
	NeedFactor Step = "factor" // the second factor that the user has set up
	NeedEnrol  Step = "enrol"  // a role of the user asks for a second factor, and there is none yet
)

// Visit is a user on one device, from signing in to signing out. (A session is an item of an event's programme.)
type Visit struct {
	bun.BaseModel `bun:"table:visits"`

	ID       int64       `bun:"id,pk,autoincrement"`
	UserID   int64       `bun:"user_id"`
	Method   Method      `bun:"method"`
	Role     Role        `bun:"role"`   // in which the user acts; at first the widest they held when they signed in
	Device   string      `bun:"device"` // "Firefox, Windows"
	BeganAt  db.Time     `bun:"began_at"`
	SeenAt   db.Time     `bun:"seen_at"` // to within five minutes
	FactorAt db.Time     `bun:"factor_at"`
	ProvedAt db.Time     `bun:"proved_at"` // when the user last showed who they are: at sign-in, or when asked again
	EndedAt  db.Time     `bun:"ended_at"`
	Step     Step        `bun:"-"`
	Locale   locale.Code `bun:"-"` // the user's
	Email    string      `bun:"-"` // the user's
	First    bool        `bun:"-"` // BeginVisit: of a user who was invited and has never been here
}

// Fresh reports whether the user has shown who they are less than ten minutes ago.
func (v Visit) Fresh(now time.Time) bool {
	const fresh = 10 * time.Minute
	return now.Sub(v.BeganAt.Time) < fresh || now.Sub(v.ProvedAt.Time) < fresh
}

// seenEvery is how often a visit's last use is written.
const seenEvery = 5 * time.Minute

// BeginVisit starts a visit of a user who has just shown who they are. A user who is disabled is a NotFound fault.
func (a *Accounts) BeginVisit(ctx context.Context, userID int64, method Method, device string) (Visit, error) {
	now := db.At(a.now())
	v := Visit{UserID: userID, Method: method, Device: device, BeganAt: now, SeenAt: now, ProvedAt: now}
	if method == ByPasskey {
		v.FactorAt = now
	}
	grants, err := a.grantsOf(ctx, userID)
	if err != nil {
		return Visit{}, err
	}
	v.Role = Actor{Grants: grants}.Acting("").Role // a role that is given later doesn't change what is on the screen
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		v.ID = 0
		err := tx.NewRaw("SELECT signed_in_at IS NULL AND invited_by IS NOT NULL FROM users WHERE id = ?", userID).Scan(ctx, &v.First)
		if err != nil {
			return db.One(err)
		}
		res, err := tx.NewRaw("UPDATE users SET signed_in_at = ? WHERE id = ? AND disabled_at IS NULL", now, userID).Exec(ctx)
		if err := affected(res, err); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(&v).Exec(ctx)
		return err
	})
	if err != nil {
		return Visit{}, fmt.Errorf("begin a visit of user %d: %w", userID, err)
	}
	return v, nil
}

// Resume returns who makes the visit and what they may do now: a role that was taken back is gone, and so is a user
// who was disabled. A visit that has ended is a NotFound fault. While Visit.Step isn't Complete the actor may do nothing.
func (a *Accounts) Resume(ctx context.Context, id int64) (Actor, Visit, error) {
	var row struct {
		Visit     `bun:",extend"`
		Name      string      `bun:"name"`
		Address   string      `bun:"email"`
		Lang      locale.Code `bun:"lang"`
		HasFactor bool        `bun:"has_factor"`
		Required  string      `bun:"required"`
	}
	err := a.db.Read().NewRaw(`SELECT v.id, v.user_id, v.method, v.role, v.device, v.began_at, v.seen_at, v.factor_at, v.proved_at, v.ended_at,
			u.name, u.email, u.locale AS lang,
			EXISTS (SELECT 1 FROM factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_factor,
			COALESCE((SELECT value FROM settings WHERE name = ?), '[]') AS required
		FROM visits v JOIN users u ON u.id = v.user_id
		WHERE v.id = ? AND v.ended_at IS NULL AND u.disabled_at IS NULL`, secondFactorSetting, id).Scan(ctx, &row)
	if err != nil {
		return Actor{}, Visit{}, fmt.Errorf("resume visit %d: %w", id, db.One(err))
	}
	actor := Actor{UserID: row.UserID, Name: row.Name, VisitID: id}
	if actor.Grants, err = a.grantsOf(ctx, row.UserID); err != nil {
		return Actor{}, Visit{}, err
	}
	v := row.Visit
	v.Locale, v.Email = row.Lang, row.Address
	v.Step = step(actor.Grants, row.HasFactor, !v.FactorAt.IsZero(), row.Required)
	return actor.Acting(row.Role), v, a.seen(ctx, v)
}

// step says what is still needed of somebody who has signed in. A factor that was shown counts only as long as the user
// has one. required is the setting's JSON list of roles.
func step(grants []Grant, hasFactor, shown bool, required string) Step {
	if hasFactor && !shown {
		return NeedFactor
	}
	if hasFactor {
		return Complete
	}
	var roles []Role
	if err := json.Unmarshal([]byte(required), &roles); err != nil {
		return NeedEnrol // a setting that can't be read lets nobody past it
	}
	if slices.ContainsFunc(grants, func(g Grant) bool { return slices.Contains(roles, g.Role) }) {
		return NeedEnrol
	}
	return Complete
}

// secondFactorSetting is the JSON list of the roles that need a second factor.
const secondFactorSetting = "account.second_factor"

func (a *Accounts) seen(ctx context.Context, v Visit) error {
	now := a.now()
	if now.Sub(v.SeenAt.Time) < seenEvery {
		return nil
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("UPDATE visits SET seen_at = ? WHERE id = ?", db.At(now), v.ID).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("note the use of visit %d: %w", v.ID, err)
	}
	return nil
}

// affected returns db.ErrNotFound where a statement changed nothing.
func affected(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = db.ErrNotFound
	}
	return err
}

// EndVisit ends a visit; one that has ended stays ended. It is for signing out, and asks nobody.
func (a *Accounts) EndVisit(ctx context.Context, id int64) error {
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("UPDATE visits SET ended_at = ? WHERE id = ? AND ended_at IS NULL", db.At(a.now()), id).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("end visit %d: %w", id, err)
	}
	return nil
}

// endOthers ends a user's visits but the one that acts, and every sign-in link that is still under way, in the
// transaction that changes a password or a factor.
func (a *Accounts) endOthers(ctx context.Context, tx *db.Tx, userID, but int64) error {
	now := db.At(a.now())
	_, err := tx.NewRaw("UPDATE visits SET ended_at = ? WHERE user_id = ? AND id <> ? AND ended_at IS NULL", now, userID, but).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw("UPDATE sign_in_links SET used_at = ? WHERE user_id = ? AND used_at IS NULL", now, userID).Exec(ctx)
	return err
}
