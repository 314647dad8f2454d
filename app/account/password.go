package account

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"attesta/app/fault"
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

// SetPassword changes a user's password; it is for the user and for those who administer the installation. A password
// that is too short or too long is an Invalid fault of the field password.
func (a *Accounts) SetPassword(ctx context.Context, actor Actor, userID int64, password string) error {
	if !actor.Can(Administer) && (actor.UserID == 0 || actor.UserID != userID) {
		return errForbidden
	}
	var form fault.Form
	checkPassword(&form, password)
	if err := form.Err(); err != nil {
		return err
	}
	hash, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.update(ctx, actor, userID, "set_password", "password_hash", hash)
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
	right, err := argon2id.ComparePasswordAndHash(norm.NFC.String(password), hash)
	if err != nil {
		return false, fmt.Errorf("check a password: %w", err)
	}
	return right, nil
}
