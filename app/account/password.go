package account

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/mail"
)

// How long a password may be, in characters.
const (
	MinPassword = 12
	maxPassword = 1000
)

var (
	errSignIn = fault.New(fault.Invalid, "account.sign_in_failed")
	errBusy   = fault.New(fault.Unavailable, "error.unavailable")
)

func checkPassword(form *fault.Form, password string) {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		form.Add("password", "account.password_short", "Min", MinPassword)
	case n > maxPassword:
		form.Add("password", "form.too_long", "Max", maxPassword)
	}
}

// SignIn returns the user with that address and password. Its fault is the same, and comes after the same work, for a
// wrong password, for an address that nobody has, for a disabled user and for one without a password.
func (a *Accounts) SignIn(ctx context.Context, email, password string) (int64, error) {
	u, err := a.byEmail(ctx, email)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return 0, err
	}
	hash := u.PasswordHash
	if hash == "" {
		hash = a.decoy
	}
	right, err := a.verify(ctx, password, hash)
	if err != nil {
		return 0, err
	}
	if !right || u.PasswordHash == "" {
		return 0, errSignIn
	}
	return u.ID, nil
}

// ChangePassword gives the actor, who must have signed in, another password, or a first one. The current one is asked
// unless the actor has just signed in (Visit.Fresh); where there is none it is ErrProof then. All their other visits and
// all sign-in links end with it, and they are told by mail. Its faults are Forbidden, ErrProof, and Invalid with the
// fields current and password.
func (a *Accounts) ChangePassword(ctx context.Context, actor Actor, current, password string) error {
	u, v, err := a.vouch(ctx, actor, current)
	var form fault.Form
	if f := fault.From(err); f != nil && f.Kind == fault.Invalid {
		form.Add("current", errCurrent)
	} else if err != nil {
		return err
	}
	checkPassword(&form, password)
	if err := form.Err(); err != nil {
		return err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := holds(ctx, tx, v); err != nil {
			return err
		}
		if err := a.set(ctx, tx, u.ID, "password_hash", hash); err != nil {
			return err
		}
		if err := a.endOthers(ctx, tx, u.ID, actor.VisitID); err != nil {
			return err
		}
		if err := a.notify(ctx, tx, u, mail.AccountPasswordChanged); err != nil {
			return err
		}
		return record(ctx, tx, actor, "set_password", u.ID, nil)
	})
	if err != nil {
		return fmt.Errorf("change the password of user %d: %w", u.ID, err)
	}
	return nil
}

const errCurrent = "account.current_wrong"

// vouch returns the user who acts, and their visit, once it is sure that it is they and not somebody at their open
// screen: they have just signed in, or know their password. Its faults are Forbidden, ErrProof for who has no password to
// know, and for a wrong one Invalid.
func (a *Accounts) vouch(ctx context.Context, actor Actor, current string) (User, Visit, error) {
	if actor.UserID == 0 || actor.VisitID == 0 {
		return User{}, Visit{}, errForbidden
	}
	u, err := a.User(ctx, actor.UserID)
	if err != nil {
		return User{}, Visit{}, err
	}
	v, err := a.visit(ctx, actor)
	if err != nil || v.Fresh(a.now()) {
		return u, v, err
	}
	if u.PasswordHash == "" {
		return u, v, ErrProof
	}
	right, err := a.verify(ctx, current, u.PasswordHash)
	if err == nil && !right {
		err = fault.New(fault.Invalid, errCurrent)
	}
	return u, v, err
}

// holds locks a visit's user and looks whether the visit still goes on: another one may have ended it meanwhile.
func holds(ctx context.Context, tx *db.Tx, v Visit) error {
	if _, err := lockUser(ctx, tx, v.UserID); err != nil {
		return err
	}
	return visitStands(ctx, tx, v)
}

// notify tells a user by mail, in the transaction of what it tells.
func (a *Accounts) notify(ctx context.Context, tx *db.Tx, u User, kind mail.Kind) error {
	if a.mails == nil {
		return nil
	}
	return a.mails.Enqueue(ctx, tx, mail.Message{Kind: kind, To: u.Email, Locale: u.Locale, UserID: u.ID, Params: mail.Params{Name: u.Name}})
}

// enter waits for one of the places in which passwords are hashed: each takes a core and 19 MiB, and anybody can ask.
func (a *Accounts) enter(ctx context.Context) (leave func(), err error) {
	select {
	case a.places <- struct{}{}:
		return func() { <-a.places }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", errBusy, ctx.Err())
	}
}

func (a *Accounts) hash(ctx context.Context, password string) (string, error) {
	leave, err := a.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	h, err := argon2id.CreateHash(norm.NFC.String(password), a.hashing)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return h, nil
}

func (a *Accounts) verify(ctx context.Context, password, hash string) (bool, error) {
	leave, err := a.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // no password is that long, and none is empty
	}
	right, err := a.compare(norm.NFC.String(password), hash)
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	return right, nil
}
