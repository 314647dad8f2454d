package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/token"
)

// Token lets a program act for a user: in one role, in one scope, until a day. It may never do more than the user may
// at that moment.
type Token struct {
	bun.BaseModel `bun:"table:api_tokens"`

	ID        int64     `bun:"id,pk,autoincrement"`
	UserID    int64     `bun:"user_id"`
	Label     string    `bun:"label"` // for what: "Website"
	Hash      string    `bun:"hash" json:"-"`
	Hint      string    `bun:"hint"` // its last four characters
	Role      Role      `bun:"role"`
	ScopeKind ScopeKind `bun:"scope_kind"`
	ScopeID   int64     `bun:"scope_id"`
	Writes    bool      `bun:"writes"` // false: it reads only
	CreatedAt db.Time   `bun:"created_at"`
	ExpiresAt db.Time   `bun:"expires_at"`
	UsedAt    db.Time   `bun:"used_at"` // the last time, to within five minutes
	RevokedAt db.Time   `bun:"revoked_at"`
}

// Scope is where the token reaches, as far as its user reaches there.
func (t Token) Scope() Scope { return Scope{Kind: t.ScopeKind, ID: t.ScopeID} }

// Works reports whether a token is neither expired nor revoked; its user may still have lost the role.
func (t Token) Works(now time.Time) bool { return t.RevokedAt.IsZero() && now.Before(t.ExpiresAt.Time) }

// NewToken is what is asked for. Scope is one of the user's grants of the role, or one event that lies in it; Within
// then holds the scopes of that event.
type NewToken struct {
	Label   string
	Role    Role
	Scope   Scope
	Within  []Scope
	Writes  bool
	Expires time.Time // a year from now at most
}

// tokenYears is how long a token may live.
const tokenYears = 1

// ErrToken is the refusal of a token that is made up, expired or revoked, or whose user may not do any more what it was
// made for: whoever shows it isn't told which.
var ErrToken = fault.New(fault.SignIn, "api.token_wrong")

func (n *NewToken) check(grants []Grant, now time.Time) error {
	n.Label = locale.Clean(n.Label)
	var form fault.Form
	switch {
	case n.Label == "":
		form.Add("label", "form.required")
	case utf8.RuneCountInString(n.Label) > 100:
		form.Add("label", "form.too_long", "Max", 100)
	}
	if !n.covered(grants) {
		if len(n.Within) > 0 {
			form.Add("event", "token.event_elsewhere")
		} else {
			form.Add("grant", "form.choose")
		}
	}
	if !n.Expires.After(now) || n.Expires.After(now.AddDate(tokenYears, 0, 1)) {
		form.Add("expires_on", "token.expires_between")
	}
	return form.Err()
}

func (n *NewToken) covered(grants []Grant) bool {
	if len(n.Within) > 0 && !may[n.Role][ViewEvent] {
		return false // nothing could be done with it
	}
	return covers(grants, n.Role, n.Scope, n.Within)
}

// covers reports whether one of the grants is of the role and reaches a scope, which lies within others.
func covers(grants []Grant, role Role, scope Scope, within []Scope) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool {
		return g.Role == role && (g.Scope == scope || g.Scope.Kind == Installation || slices.Contains(within, g.Scope))
	})
}

// MakeToken makes a token for the user who acts and returns it: the only time that it can be read. A token makes no
// tokens. Its faults: Forbidden, and Invalid with the fields label, grant, event and expires_on.
func (a *Accounts) MakeToken(ctx context.Context, actor Actor, n NewToken) (string, error) {
	if actor.UserID == 0 || actor.TokenID != 0 {
		return "", errForbidden
	}
	grants, err := a.grantsOf(ctx, actor.UserID)
	if err != nil {
		return "", err
	}
	if err := n.check(grants, a.now()); err != nil {
		return "", err
	}
	secret := token.Bearer()
	t := Token{
		UserID: actor.UserID, Label: n.Label, Hash: token.BearerHash(secret), Hint: secret[len(secret)-4:], Role: n.Role, ScopeKind: n.Scope.Kind,
		ScopeID: n.Scope.ID, Writes: n.Writes, CreatedAt: db.At(a.now()), ExpiresAt: db.At(n.Expires),
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		t.ID = 0
		if _, err := tx.NewInsert().Model(&t).Exec(ctx); err != nil {
			return err
		}
		return recordToken(ctx, tx, actor, t, "token.create")
	})
	if err != nil {
		return "", fmt.Errorf("make a token for user %d: %w", actor.UserID, err)
	}
	return secret, nil
}

func recordToken(ctx context.Context, tx *db.Tx, actor Actor, t Token, action string) error {
	e := actor.Deed(action, "token", t.ID)
	e.Detail = audit.Detail(map[string]any{
		"user": t.UserID, "role": t.Role, "scope": t.ScopeKind, "scope_id": t.ScopeID, "writes": t.Writes, "expires_at": t.ExpiresAt.UTC(),
	})
	return audit.Record(ctx, tx, e)
}

// Tokens returns a user's tokens, the newest first, those that ended too. They are for the user and for those who
// administer the installation.
func (a *Accounts) Tokens(ctx context.Context, actor Actor, userID int64) ([]Token, error) {
	if !actor.mayKeepTokensOf(userID) {
		return nil, errForbidden
	}
	var list []Token
	if err := a.db.Read().NewSelect().Model(&list).Where("user_id = ?", userID).OrderExpr("id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the tokens of user %d: %w", userID, err)
	}
	return list, nil
}

func (a Actor) mayKeepTokensOf(userID int64) bool {
	return a.TokenID == 0 && (a.UserID != 0 && a.UserID == userID || a.Can(Administer))
}

// RevokeToken ends a token at once; one that has ended stays ended. It is for its user and for those who administer the
// installation: to others there is no such token.
func (a *Accounts) RevokeToken(ctx context.Context, actor Actor, id int64) error {
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var t Token
		if err := tx.Lock(tx.NewSelect().Model(&t).Where("id = ?", id)).Scan(ctx); err != nil {
			return db.One(err)
		}
		if !actor.mayKeepTokensOf(t.UserID) {
			return db.ErrNotFound
		}
		if !t.RevokedAt.IsZero() {
			return nil
		}
		if _, err := tx.NewRaw("UPDATE api_tokens SET revoked_at = ? WHERE id = ?", db.At(a.now()), id).Exec(ctx); err != nil {
			return err
		}
		return recordToken(ctx, tx, actor, t, "token.revoke")
	})
	if err != nil {
		return fmt.Errorf("revoke token %d: %w", id, err)
	}
	return nil
}

// Held returns the roles that a user holds today, with their scopes: what a token can be made for.
func (a *Accounts) Held(ctx context.Context, userID int64) ([]Grant, error) {
	return a.grantsOf(ctx, userID)
}

// Bearer returns who acts when a program shows a token: its user, in the token's role and scope, with what the user may
// do there now, and only reading if the token only reads. A user who must set up a second factor first may do nothing.
// Its fault is ErrToken.
func (a *Accounts) Bearer(ctx context.Context, secret string) (Actor, Token, error) {
	if !token.IsBearer(secret) {
		return Actor{}, Token{}, ErrToken
	}
	var row struct {
		Token        `bun:",extend"`
		Name         string `bun:"name"`
		Organisation int64  `bun:"organisation"` // of the event that is the scope
		Project      int64  `bun:"project"`
		HasFactor    bool   `bun:"has_factor"`
		Required     string `bun:"required"`
	}
	err := a.db.Read().NewRaw(`SELECT t.*, u.name, COALESCE(e.organisation_id, 0) AS organisation, COALESCE(e.project_id, 0) AS project,
			EXISTS (SELECT 1 FROM factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_factor,
			COALESCE((SELECT value FROM settings WHERE name = ?), '[]') AS required
		FROM api_tokens AS t JOIN users AS u ON u.id = t.user_id
		LEFT JOIN events AS e ON t.scope_kind = 'event' AND e.id = t.scope_id
		WHERE t.hash = ? AND t.revoked_at IS NULL AND t.expires_at > ? AND u.disabled_at IS NULL`,
		secondFactorSetting, token.BearerHash(secret), db.At(a.now())).Scan(ctx, &row)
	if errors.Is(db.One(err), db.ErrNotFound) {
		return Actor{}, Token{}, ErrToken
	}
	if err != nil {
		return Actor{}, Token{}, fmt.Errorf("look up a token: %w", err)
	}
	t := row.Token
	grants, err := a.grantsOf(ctx, t.UserID)
	if err != nil {
		return Actor{}, Token{}, err
	}
	within := []Scope{{OrganisationScope, row.Organisation}, {ProjectScope, row.Project}}
	if !covers(grants, t.Role, t.Scope(), within) || step(grants, row.HasFactor, true, row.Required) != Complete {
		return Actor{}, Token{}, ErrToken
	}
	actor := Actor{UserID: t.UserID, Name: row.Name, Grants: []Grant{{t.Role, t.Scope()}}, TokenID: t.ID, ReadOnly: !t.Writes}
	return actor.Acting(t.Role), t, a.tokenUsed(ctx, t)
}

func (a *Accounts) tokenUsed(ctx context.Context, t Token) error {
	now := a.now()
	if now.Sub(t.UsedAt.Time) < seenEvery {
		return nil
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("UPDATE api_tokens SET used_at = ? WHERE id = ?", db.At(now), t.ID).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("note the use of token %d: %w", t.ID, err)
	}
	return nil
}
