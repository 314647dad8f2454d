package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/mail"
	"attesta/app/token"
)

// EmailPath is where a new address is confirmed: the base URL, EmailPath and the token.
const EmailPath = "/account/email/"

const emailPurpose = "email"

// emailLife is how long a new address can be confirmed. The sentence of the mail says so, too.
const emailLife = 24 * time.Hour

var (
	errEmailSpent = fault.New(fault.Gone, "account.email_spent")
	errEmailSame  = "account.email_same"
)

// emailChange is an address that waits to be confirmed; a user has one at most.
type emailChange struct {
	bun.BaseModel `bun:"table:email_changes"`

	UserID    int64   `bun:"user_id,pk"`
	Email     string  `bun:"email"`
	Hash      string  `bun:"hash"`
	CreatedAt db.Time `bun:"created_at"`
	ExpiresAt db.Time `bun:"expires_at"`
}

// RequestEmail sends a link to a new address, which becomes the actor's with ConfirmEmail. Whether somebody has it
// already isn't told here. The password is asked as by ChangePassword. Its faults are Forbidden, ErrProof, and Invalid
// with the fields email and current.
func (a *Accounts) RequestEmail(ctx context.Context, actor Actor, email, current string) error {
	u, v, err := a.vouch(ctx, actor, current)
	var form fault.Form
	if f := fault.From(err); f != nil && f.Kind == fault.Invalid {
		form.Add("current", errCurrent)
	} else if err != nil {
		return err
	}
	email = strings.TrimSpace(email)
	if _, err := mail.Address(email); err != nil {
		form.Add("email", "form.email")
	} else if EmailKey(email) == u.EmailKey && email == u.Email {
		form.Add("email", errEmailSame)
	}
	if err := form.Err(); err != nil {
		return err
	}
	if a.mails == nil || len(a.secret) == 0 {
		return errNoOutbox
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := holds(ctx, tx, v); err != nil {
			return err
		}
		return a.askEmail(ctx, tx, actor, u, email)
	})
	if err != nil {
		return fmt.Errorf("ask for another address of user %d: %w", u.ID, err)
	}
	return nil
}

func (a *Accounts) askEmail(ctx context.Context, tx *db.Tx, actor Actor, u User, email string) error {
	now, nonce := a.now(), token.Nonce()
	c := emailChange{UserID: u.ID, Email: email, Hash: token.Hash(a.secret.Link(emailPurpose, nonce)), CreatedAt: db.At(now), ExpiresAt: db.At(now.Add(emailLife))}
	_, err := tx.NewInsert().Model(&c).On("CONFLICT (user_id) DO UPDATE").
		Set("email = EXCLUDED.email, hash = EXCLUDED.hash, created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at").Exec(ctx)
	if err != nil {
		return err
	}
	err = a.mails.Enqueue(ctx, tx, mail.Message{
		Kind: mail.AccountEmailConfirm, To: email, Locale: u.Locale, UserID: u.ID,
		Params: mail.Params{Link: &mail.Link{Path: EmailPath, Purpose: emailPurpose, Nonce: nonce}},
	})
	if err != nil {
		return err
	}
	return record(ctx, tx, actor, "request_email", u.ID, nil)
}

// ConfirmEmail makes the address to which a token was sent the actor's, who must be the one who asked. All their other
// visits and all sign-in links end with it, and the old address is told. Its faults: Gone for a used, old or made-up
// token and for one of somebody else, Conflict if the address has an account by now.
func (a *Accounts) ConfirmEmail(ctx context.Context, actor Actor, t string) error {
	if actor.UserID == 0 || actor.VisitID == 0 {
		return errForbidden
	}
	u, err := a.User(ctx, actor.UserID)
	if err != nil {
		return err
	}
	v, err := a.visit(ctx, actor)
	if err != nil {
		return err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := holds(ctx, tx, v); err != nil {
			return err
		}
		var email string
		err := tx.NewRaw("DELETE FROM email_changes WHERE hash = ? AND user_id = ? AND expires_at > ? RETURNING email",
			token.Hash(t), u.ID, db.At(a.now())).Scan(ctx, &email)
		if err != nil {
			return db.One(err)
		}
		return a.changeEmail(ctx, tx, actor, u, email)
	})
	if fault.KindOf(err) == fault.NotFound {
		return errEmailSpent
	}
	if err != nil {
		return fmt.Errorf("confirm the address of user %d: %w", u.ID, err)
	}
	return nil
}

func (a *Accounts) changeEmail(ctx context.Context, tx *db.Tx, actor Actor, u User, email string) error {
	_, err := tx.NewRaw("UPDATE users SET email = ?, email_key = ? WHERE id = ?", email, EmailKey(email), u.ID).Exec(ctx)
	if _, taken := db.Unique(err); taken {
		return errEmailTaken
	}
	if err != nil {
		return err
	}
	if err := a.endOthers(ctx, tx, u.ID, actor.VisitID); err != nil {
		return err
	}
	if err := a.notify(ctx, tx, u, mail.AccountEmailChanged); err != nil {
		return err
	}
	return record(ctx, tx, actor, "change_email", u.ID, nil)
}
