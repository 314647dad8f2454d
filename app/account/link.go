package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/mail"
	"attesta/app/token"
)

// How long a link works. The sentences of the mails say so, too.
const (
	linkLife   = 15 * time.Minute
	inviteLife = 7 * 24 * time.Hour
)

// LinkPath is where a sign-in token is used: the base URL, LinkPath and the token.
const LinkPath = "/sign-in/"

const linkPurpose = "sign_in"

var errNoOutbox = errors.New("send a link: there is no outbox")

var errLinkSpent = fault.New(fault.Gone, "account.link_spent")

type linkRow struct {
	bun.BaseModel `bun:"table:sign_in_links"`

	ID        int64   `bun:"id,pk,autoincrement"`
	UserID    int64   `bun:"user_id"`
	Hash      string  `bun:"hash"`
	CreatedAt db.Time `bun:"created_at"`
	ExpiresAt db.Time `bun:"expires_at"`
	UsedAt    db.Time `bun:"used_at"`
}

// NewSignInLink returns a token that signs the user with this address in, once, within 15 minutes. It is for the
// command line: an address that nobody has is a NotFound fault.
func (a *Accounts) NewSignInLink(ctx context.Context, email string) (string, error) {
	return a.NewSignInLinkFor(ctx, email, linkLife)
}

// NewSignInLinkFor is NewSignInLink with a life of its own, for the links that the demo prints.
func (a *Accounts) NewSignInLinkFor(ctx context.Context, email string, life time.Duration) (string, error) {
	u, err := a.byEmail(ctx, email)
	if err != nil {
		return "", err
	}
	t := token.Random()
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.insertLink(ctx, tx, u.ID, t, life) })
	if err != nil {
		return "", fmt.Errorf("make a sign-in link for user %d: %w", u.ID, err)
	}
	return t, nil
}

func (a *Accounts) insertLink(ctx context.Context, tx *db.Tx, userID int64, t string, life time.Duration) error {
	now := a.now()
	l := linkRow{UserID: userID, Hash: token.Hash(t), CreatedAt: db.At(now), ExpiresAt: db.At(now.Add(life))}
	_, err := tx.NewInsert().Model(&l).Exec(ctx)
	return err
}

// Invite sends a user a link that signs in, once, within seven days, and notes who invited them. The actor must
// administer the installation.
func (a *Accounts) Invite(ctx context.Context, actor Actor, userID int64) error {
	if !actor.Can(Administer) {
		return errForbidden
	}
	u, err := a.User(ctx, userID)
	if err != nil {
		return err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.invite(ctx, tx, actor, u) })
	if err != nil {
		return fmt.Errorf("invite user %d: %w", userID, err)
	}
	return nil
}

func (a *Accounts) invite(ctx context.Context, tx *db.Tx, actor Actor, u User) error {
	if actor.UserID != 0 {
		if _, err := tx.NewRaw("UPDATE users SET invited_by = ? WHERE id = ? AND invited_by IS NULL", actor.UserID, u.ID).Exec(ctx); err != nil {
			return err
		}
	}
	return a.sendLink(ctx, tx, u, link{mail.AccountInvited, token.Nonce(), a.now(), inviteLife})
}

// link is a sign-in link that goes out by mail.
type link struct {
	kind  mail.Kind
	nonce string // of the token
	made  time.Time
	life  time.Duration
}

// sendLink keeps the token's hash and, with the mail, the nonce from which it is derived again.
func (a *Accounts) sendLink(ctx context.Context, tx *db.Tx, u User, l link) error {
	if a.mails == nil || len(a.secret) == 0 {
		return errNoOutbox
	}
	row := linkRow{UserID: u.ID, Hash: token.Hash(a.secret.Link(linkPurpose, l.nonce)), CreatedAt: db.At(l.made), ExpiresAt: db.At(l.made.Add(l.life))}
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return err
	}
	return a.mails.Enqueue(ctx, tx, mail.Message{
		Kind: l.kind, To: u.Email, Locale: u.Locale, UserID: u.ID,
		Params: mail.Params{Name: u.Name, Link: &mail.Link{Path: LinkPath, Purpose: linkPurpose, Nonce: l.nonce}},
	})
}

// LinkSignIn uses up a token and returns its user. Of many who use it at the same moment one is let in. Its fault is
// the same for used, old and made-up tokens, and for a user who is disabled.
func (a *Accounts) LinkSignIn(ctx context.Context, t string) (int64, error) {
	now := db.At(a.now())
	var userID int64
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.NewRaw(`UPDATE sign_in_links SET used_at = ?
			WHERE hash = ? AND used_at IS NULL AND expires_at > ?
			AND EXISTS (SELECT 1 FROM users WHERE users.id = sign_in_links.user_id AND users.disabled_at IS NULL)
			RETURNING user_id`, now, token.Hash(t), now).Scan(ctx, &userID)
	})
	if errors.Is(err, db.ErrNotFound) {
		return 0, errLinkSpent
	}
	if err != nil {
		return 0, fmt.Errorf("use a sign-in link: %w", err)
	}
	return userID, nil
}
