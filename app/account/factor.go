package account

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/mail"
)

// FactorKind is what a second factor is.
type FactorKind string

// The kinds of factor.
const (
	TOTP    FactorKind = "totp" // an authenticator app that shows a new code every half minute (RFC 6238)
	Passkey FactorKind = "passkey"
)

// Factor is a second factor of a user.
type Factor struct {
	bun.BaseModel `bun:"table:factors"`

	ID           int64      `bun:"id,pk,autoincrement"`
	UserID       int64      `bun:"user_id"`
	Kind         FactorKind `bun:"kind"`
	Label        string     `bun:"label"`                  // of a passkey, in the user's words
	Secret       string     `bun:"secret" json:"-"`        // of an app, sealed
	CredentialID string     `bun:"credential_id,nullzero"` // of a passkey, base64url
	Credential   string     `bun:"credential" json:"-"`    // of a passkey, as the library keeps it
	LastStep     int64      `bun:"last_step"`              // the last half minute whose code was used, or a passkey's counter
	CreatedAt    db.Time    `bun:"created_at"`
	ConfirmedAt  db.Time    `bun:"confirmed_at"`
	UsedAt       db.Time    `bun:"used_at"`
}

// Code names a factor in addresses.
func (f Factor) Code() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "factor %d %s", f.ID, f.CredentialID))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// Factors are what a user has beside a password or a link.
type Factors struct {
	App       *Factor  // nil without one
	Passkeys  []Factor // the oldest first
	CodesLeft int      // recovery codes that were not used
	Required  []Role   // roles of the user that need a second factor
}

// Any reports whether the user has a second factor at all.
func (f Factors) Any() bool { return f.App != nil || len(f.Passkeys) > 0 }

// Faults that a person is told.
var (
	// ErrProof is the fault of a change that asks its user to show first, anew, who they are.
	ErrProof = fault.New(fault.Forbidden, "factor.prove_first")

	errFactorKept = fault.New(fault.Conflict, "factor.kept")
)

// errFactorWrong is the same for every code, passkey and password that isn't right, whatever is wrong about it.
func errFactorWrong(field string) error {
	var form fault.Form
	form.Add(field, "factor.wrong")
	return form.Err()
}

// FactorsOf returns the factors of a visit's user. While the second factor is still to be shown it is a Forbidden fault.
func (a *Accounts) FactorsOf(ctx context.Context, visitID int64) (Factors, error) {
	who, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return Factors{}, err
	}
	return a.factors(ctx, who, v.UserID)
}

// FactorsToShow returns what a visit's user can show as second factor, without the secrets.
func (a *Accounts) FactorsToShow(ctx context.Context, visitID int64) (Factors, error) {
	who, v, err := a.Resume(ctx, visitID)
	if err != nil {
		return Factors{}, err
	}
	return a.factors(ctx, who, v.UserID)
}

func (a *Accounts) factors(ctx context.Context, who Actor, userID int64) (Factors, error) {
	rows, err := factorsOf(ctx, a.db.Read(), userID)
	if err != nil {
		return Factors{}, err
	}
	var all Factors
	for _, f := range rows {
		if f.Kind == TOTP {
			all.App = &f
		} else {
			all.Passkeys = append(all.Passkeys, f)
		}
	}
	n, err := a.db.Read().NewSelect().Table("recovery_codes").Where("user_id = ? AND used_at IS NULL", userID).Count(ctx)
	if err != nil {
		return Factors{}, fmt.Errorf("count the recovery codes of user %d: %w", userID, err)
	}
	all.CodesLeft = int(n)
	all.Required, err = a.requiredOf(ctx, a.db.Read(), who.Roles)
	return all, err
}

func factorsOf(ctx context.Context, d bun.IDB, userID int64) ([]Factor, error) {
	var rows []Factor
	if err := d.NewSelect().Model(&rows).Where("user_id = ? AND confirmed_at IS NOT NULL", userID).OrderExpr("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the factors of user %d: %w", userID, err)
	}
	return rows, nil
}

// halfway returns who makes a visit that has shown its factor, or has none to show yet.
func (a *Accounts) halfway(ctx context.Context, visitID int64) (Actor, Visit, error) {
	who, v, err := a.Resume(ctx, visitID)
	if err != nil {
		return Actor{}, Visit{}, err
	}
	if v.Step == NeedFactor {
		return Actor{}, Visit{}, errForbidden
	}
	return who, v, nil
}

// Proven returns nil if the visit may change factors: its user has shown who they are within the last ten minutes. Else
// it is ErrProof.
func (a *Accounts) Proven(ctx context.Context, visitID int64) error {
	_, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return err
	}
	return a.fresh(v)
}

func (a *Accounts) fresh(v Visit) error {
	if !v.Fresh(a.now()) {
		return ErrProof
	}
	return nil
}

// HasPassword reports whether a visit's user can show who they are with a password.
func (a *Accounts) HasPassword(ctx context.Context, visitID int64) (bool, error) {
	_, v, err := a.Resume(ctx, visitID)
	if err != nil {
		return false, err
	}
	u, err := a.User(ctx, v.UserID)
	return u.PasswordHash != "", err
}

// ProvePassword notes that a visit's user has shown, with their password, who they are. It is for those who have no
// second factor: who has one is asked for it. A wrong password is an Invalid fault of the field password.
func (a *Accounts) ProvePassword(ctx context.Context, visitID int64, password string) error {
	who, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return err
	}
	have, err := a.factors(ctx, who, v.UserID)
	if err != nil {
		return err
	}
	u, err := a.User(ctx, v.UserID)
	if err != nil {
		return err
	}
	hash := u.PasswordHash
	if hash == "" || have.Any() {
		hash = a.decoy
	}
	right, err := a.verify(ctx, password, hash)
	if err != nil {
		return err
	}
	if !right || have.Any() {
		return errFactorWrong("password")
	}
	return a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return affected(tx.NewRaw("UPDATE visits SET proved_at = ? WHERE id = ? AND ended_at IS NULL", db.At(a.now()), visitID).Exec(ctx))
	})
}

// passed notes in the transaction that uses a factor up that the visit has shown it.
func (a *Accounts) passed(ctx context.Context, tx *db.Tx, visitID int64) error {
	now := db.At(a.now())
	return affected(tx.NewRaw("UPDATE visits SET factor_at = ?, proved_at = ? WHERE id = ? AND ended_at IS NULL", now, now, visitID).Exec(ctx))
}

// change runs f in one transaction in which the factors of a visit's user change: the visit is proven, nobody else
// changes them meanwhile, the user's other visits end, the deed is recorded and the user is told by mail.
func (a *Accounts) change(ctx context.Context, visitID int64, what Change, f func(ctx context.Context, tx *db.Tx, who Actor) (detail any, err error)) error {
	who, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return err
	}
	if err := a.fresh(v); err != nil {
		return err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		u, err := lockUser(ctx, tx, v.UserID)
		if err != nil {
			return err
		}
		if err := visitStands(ctx, tx, v); err != nil {
			return err
		}
		detail, err := f(ctx, tx, who)
		if err != nil {
			return err
		}
		return a.changed(ctx, tx, who, u, visitID, what, detail)
	})
	if err != nil {
		return fmt.Errorf("%s of user %d: %w", what, v.UserID, err)
	}
	return nil
}

// visitStands looks again, with the user locked: another visit may have ended this one by a change of its own, or have
// added a factor that this one has not shown.
func visitStands(ctx context.Context, tx *db.Tx, v Visit) error {
	q := tx.NewSelect().Table("visits").Where("id = ? AND ended_at IS NULL", v.ID)
	if v.Step == NeedEnrol {
		q = q.Where("NOT EXISTS (SELECT 1 FROM factors WHERE user_id = ? AND confirmed_at IS NOT NULL)", v.UserID)
	}
	there, err := q.Exists(ctx)
	if err == nil && !there {
		err = db.ErrNotFound
	}
	return err
}

func lockUser(ctx context.Context, tx *db.Tx, id int64) (User, error) {
	var u User
	err := tx.Lock(tx.NewSelect().Model(&u).Where("id = ? AND disabled_at IS NULL", id)).Scan(ctx)
	return u, db.One(err)
}

// Change is what became of the factors of a user. It is recorded, and told by mail.
type Change string

// The changes.
const (
	AppAdded       Change = "app_added"
	AppReplaced    Change = "app_replaced"
	AppRemoved     Change = "app_removed"
	PasskeyAdded   Change = "passkey_added"
	PasskeyRemoved Change = "passkey_removed"
	CodesMade      Change = "codes_made"
	FactorsReset   Change = "factors_reset"
)

// changed ends the user's visits but one, records the change and tells the user.
func (a *Accounts) changed(ctx context.Context, tx *db.Tx, actor Actor, u User, butVisit int64, what Change, detail any) error {
	if err := a.endOthers(ctx, tx, u.ID, butVisit); err != nil {
		return err
	}
	if err := record(ctx, tx, actor, string(what), u.ID, detail); err != nil {
		return err
	}
	if a.mails == nil {
		return errors.New("tell of a changed factor: there is no outbox")
	}
	return a.mails.Enqueue(ctx, tx, mail.Message{
		Kind: mail.AccountFactorChanged, To: u.Email, Locale: u.Locale, UserID: u.ID,
		Params: mail.Params{Name: u.Name, Change: string(what), Link: &mail.Link{Path: "/sign-in"}},
	})
}

// RemoveFactor takes a factor from a visit's user. The last one of a user with a role that needs one stays: that is a
// Conflict fault. With the last factor the recovery codes go.
func (a *Accounts) RemoveFactor(ctx context.Context, visitID int64, code string) error {
	f, err := a.ownFactor(ctx, visitID, code)
	if err != nil {
		return err
	}
	what := AppRemoved
	if f.Kind == Passkey {
		what = PasskeyRemoved
	}
	return a.change(ctx, visitID, what, func(ctx context.Context, tx *db.Tx, who Actor) (any, error) {
		all, err := factorsOf(ctx, tx, f.UserID)
		if err != nil {
			return nil, err
		}
		required, err := a.requiredOf(ctx, tx, who.Roles)
		if err != nil {
			return nil, err
		}
		if len(all) == 1 && len(required) > 0 {
			return nil, errFactorKept
		}
		if err := affected(tx.NewRaw("DELETE FROM factors WHERE id = ? AND user_id = ?", f.ID, f.UserID).Exec(ctx)); err != nil {
			return nil, err
		}
		if len(all) == 1 {
			_, err = tx.NewRaw("DELETE FROM recovery_codes WHERE user_id = ?", f.UserID).Exec(ctx)
		}
		return map[string]any{"factor": f.ID}, err
	})
}

func (a *Accounts) ownFactor(ctx context.Context, visitID int64, code string) (Factor, error) {
	_, v, err := a.halfway(ctx, visitID)
	if err != nil {
		return Factor{}, err
	}
	all, err := factorsOf(ctx, a.db.Read(), v.UserID)
	if err != nil {
		return Factor{}, err
	}
	for _, f := range all {
		if f.Code() == code {
			return f, nil
		}
	}
	return Factor{}, db.ErrNotFound
}

// ResetFactors takes all second factors and recovery codes from a user who has lost them, and ends the user's visits.
// If a role of theirs needs a factor, one must be set up at the next sign-in. The actor must administer the
// installation; nobody resets their own.
func (a *Accounts) ResetFactors(ctx context.Context, actor Actor, userID int64) error {
	if !actor.Can(Administer) || actor.UserID == userID {
		return errForbidden
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var u User
		if err := tx.Lock(tx.NewSelect().Model(&u).Where("id = ?", userID)).Scan(ctx); err != nil {
			return db.One(err)
		}
		all, err := factorsOf(ctx, tx, userID)
		if err != nil {
			return err
		}
		kinds := map[FactorKind]int{}
		for _, f := range all {
			kinds[f.Kind]++
		}
		for _, table := range []string{"factors", "recovery_codes"} {
			if _, err := tx.NewDelete().Table(table).Where("user_id = ?", userID).Exec(ctx); err != nil {
				return err
			}
		}
		return a.changed(ctx, tx, actor, u, 0, FactorsReset, map[string]any{"before": kinds, "after": map[string]any{}})
	})
	if err != nil {
		return fmt.Errorf("reset the factors of user %d: %w", userID, err)
	}
	return nil
}

// suspect records that a passkey was used whose counter went back: it may have been copied.
func (a *Accounts) suspect(ctx context.Context, f Factor) error {
	return a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e := System.Deed("passkey_refused", "user", f.UserID)
		e.Detail = audit.Detail(map[string]any{"factor": f.ID, "reason": "counter"})
		return audit.Record(ctx, tx, e)
	})
}
