package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/token"
)

// LinkedIdentity is an account at a provider with which a user signs in. One that was unlinked stays, so that the
// address alone doesn't link it again.
type LinkedIdentity struct {
	bun.BaseModel `bun:"table:identities"`

	ID         int64   `bun:"id,pk,autoincrement"`
	UserID     int64   `bun:"user_id"`
	Issuer     string  `bun:"issuer"`
	Subject    string  `bun:"subject"`
	CreatedAt  db.Time `bun:"created_at"`
	UsedAt     db.Time `bun:"used_at"`
	UnlinkedAt db.Time `bun:"unlinked_at"`
}

// Faults of identities. ErrNobody is the same whether nobody has the address, its user is disabled, or the provider
// hasn't verified it.
var (
	ErrNobody        = fault.New(fault.Forbidden, "oidc.nobody")
	ErrIdentityTaken = fault.New(fault.Conflict, "oidc.taken") // another user signs in with it
	errStateSpent    = fault.New(fault.Gone, "oidc.again")
)

// Provider returns where users may sign in besides here, or nil.
func (a *Accounts) Provider() *Provider { return a.provider }

// SpendState uses up the state of one way to the provider and back. The second who brings it gets a Gone fault. It need
// not be kept for longer than life.
func (a *Accounts) SpendState(ctx context.Context, state string, life time.Duration) error {
	now := a.now()
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM sign_in_states WHERE spent_at < ?", db.At(now.Add(-2*life))).Exec(ctx); err != nil {
			return err
		}
		res, err := tx.NewRaw("INSERT INTO sign_in_states (hash, spent_at) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", token.Hash(state), db.At(now)).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errStateSpent)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("spend the state of a sign-in: %w", err)
	}
	return nil
}

// IdentitySignIn returns the user to whom an identity is linked. One that comes for the first time is linked to the
// enabled user whose address the provider has verified, if that user has none of this provider yet. In all other cases
// the fault is ErrNobody: a provider makes no accounts.
func (a *Accounts) IdentitySignIn(ctx context.Context, id Identity) (userID int64, err error) {
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		userID, err = a.identified(ctx, tx, id)
		if errors.Is(err, db.ErrNotFound) {
			userID, err = a.introduce(ctx, tx, id)
		}
		if errors.Is(err, db.ErrNotFound) {
			return ErrNobody
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("sign in by identity: %w", err)
	}
	return userID, nil
}

// identified returns the user of an identity that is linked. db.ErrNotFound: this identity was never seen.
func (a *Accounts) identified(ctx context.Context, tx *db.Tx, id Identity) (int64, error) {
	var row struct {
		ID       int64
		UserID   int64
		Barred   bool
		Unlinked bool
	}
	err := tx.NewRaw(`SELECT i.id, i.user_id, u.disabled_at IS NOT NULL AS barred, i.unlinked_at IS NOT NULL AS unlinked
		FROM identities i JOIN users u ON u.id = i.user_id WHERE i.issuer = ? AND i.subject = ?`, id.Issuer, id.Subject).Scan(ctx, &row)
	if err != nil {
		return 0, db.One(err)
	}
	if row.Barred || row.Unlinked {
		return 0, ErrNobody
	}
	_, err = tx.NewRaw("UPDATE identities SET used_at = ? WHERE id = ?", db.At(a.now()), row.ID).Exec(ctx)
	return row.UserID, err
}

// introduce links an identity to the user who has its address, or returns db.ErrNotFound.
func (a *Accounts) introduce(ctx context.Context, tx *db.Tx, id Identity) (int64, error) {
	if !id.Verified || !plainAddress(id.Email) {
		return 0, db.ErrNotFound
	}
	var u User
	err := tx.Lock(tx.NewSelect().Model(&u).Where("email_key = ? AND disabled_at IS NULL", EmailKey(id.Email))).Scan(ctx)
	if err != nil {
		return 0, db.One(err)
	}
	n, err := tx.NewSelect().Model((*LinkedIdentity)(nil)).Where("user_id = ? AND issuer = ? AND (subject <> ? OR unlinked_at IS NOT NULL)", u.ID, id.Issuer, id.Subject).
		Count(ctx)
	if err != nil {
		return 0, err
	}
	if n > 0 { // the address went to somebody else at the provider, or its owner wants no link
		return 0, db.ErrNotFound
	}
	row := LinkedIdentity{UserID: u.ID, Issuer: id.Issuer, Subject: id.Subject, CreatedAt: db.At(a.now()), UsedAt: db.At(a.now())}
	res, err := tx.NewInsert().Model(&row).On("CONFLICT (issuer, subject) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 { // at the same moment, in another tab
		if err == nil {
			return a.identified(ctx, tx, id)
		}
		return 0, err
	}
	return u.ID, recordIdentity(ctx, tx, Actor{UserID: u.ID, Name: u.Name}, "identity.link", id.Issuer, "address")
}

// plainAddress reports whether an address is of ASCII alone. Others have letters that become an ASCII letter in lower
// case, so that two mailboxes would be one user's.
func plainAddress(email string) bool {
	for i := range len(email) {
		if email[i] >= 0x80 {
			return false
		}
	}
	return email != ""
}

func recordIdentity(ctx context.Context, tx *db.Tx, actor Actor, action, issuer, by string) error {
	e := actor.Deed(action, "user", actor.UserID)
	detail := map[string]any{"issuer": issuer}
	if by != "" {
		detail["by"] = by
	}
	e.Detail = audit.Detail(detail)
	return audit.Record(ctx, tx, e)
}

// Identities returns the identities that are linked to the user who acts, the oldest first.
func (a *Accounts) Identities(ctx context.Context, actor Actor) ([]LinkedIdentity, error) {
	var list []LinkedIdentity
	q := a.db.Read().NewSelect().Model(&list).Where("user_id = ? AND unlinked_at IS NULL", actor.UserID).Order("id")
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("identities of user %d: %w", actor.UserID, err)
	}
	return list, nil
}

// LinkIdentity links an identity to the user who acts, who was asked and has signed in at the provider just now. One
// that another user signs in with is a Conflict fault; one that was unlinked is linked anew.
func (a *Accounts) LinkIdentity(ctx context.Context, actor Actor, id Identity) error {
	if actor.UserID == 0 {
		return errForbidden
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var row LinkedIdentity
		err := tx.Lock(tx.NewSelect().Model(&row).Where("issuer = ? AND subject = ?", id.Issuer, id.Subject)).Scan(ctx)
		switch {
		case errors.Is(db.One(err), db.ErrNotFound):
			row = LinkedIdentity{UserID: actor.UserID, Issuer: id.Issuer, Subject: id.Subject, CreatedAt: db.At(a.now())}
			_, err = tx.NewInsert().Model(&row).Exec(ctx)
			if _, taken := db.Unique(err); taken {
				return ErrIdentityTaken
			}
		case err == nil && row.UnlinkedAt.IsZero() && row.UserID == actor.UserID:
			return nil
		case err == nil && row.UnlinkedAt.IsZero():
			return ErrIdentityTaken
		case err == nil:
			_, err = tx.NewRaw("UPDATE identities SET user_id = ?, unlinked_at = NULL, created_at = ? WHERE id = ?", actor.UserID, db.At(a.now()), row.ID).Exec(ctx)
		}
		if err != nil {
			return err
		}
		return recordIdentity(ctx, tx, actor, "identity.link", id.Issuer, "user")
	})
	if err != nil {
		return fmt.Errorf("link an identity to user %d: %w", actor.UserID, err)
	}
	return nil
}

// UnlinkIdentity takes an identity from the user who acts and ends their other sign-ins. The provider's account opens
// nothing here any more, until the user links it again. An identity that isn't theirs is a NotFound fault.
func (a *Accounts) UnlinkIdentity(ctx context.Context, actor Actor, id int64) error {
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var row LinkedIdentity
		q := tx.NewSelect().Model(&row).Where("id = ? AND user_id = ? AND unlinked_at IS NULL", id, actor.UserID)
		if err := tx.Lock(q).Scan(ctx); err != nil {
			return db.One(err)
		}
		if _, err := tx.NewRaw("UPDATE identities SET unlinked_at = ? WHERE id = ?", db.At(a.now()), id).Exec(ctx); err != nil {
			return err
		}
		if err := a.endOthers(ctx, tx, actor.UserID, actor.VisitID); err != nil {
			return err
		}
		return recordIdentity(ctx, tx, actor, "identity.unlink", row.Issuer, "")
	})
	if err != nil {
		return fmt.Errorf("unlink identity %d of user %d: %w", id, actor.UserID, err)
	}
	return nil
}
