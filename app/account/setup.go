package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/token"
)

// SetupPath is where the first administrator is made: the base URL, SetupPath and the token of SetupToken.
const SetupPath = "/setup/"

// setupSetting keeps the hash of the token that makes the first administrator.
const setupSetting = "account.setup"

var errSetupSpent = fault.New(fault.Gone, "account.setup_spent")

// CreateAdministrator opens an account for an administrator of the installation, or makes one of the user who has the
// address. It is for the command line: without a name the address lends its first part.
func (a *Accounts) CreateAdministrator(ctx context.Context, actor Actor, n NewUser) (int64, error) {
	if !actor.Can(Administer) {
		return 0, errForbidden
	}
	u, err := a.byEmail(ctx, n.Email)
	if err == nil {
		return u.ID, a.Grant(ctx, actor, u.ID, Administrator, Scope{Kind: Installation})
	}
	if fault.KindOf(err) != fault.NotFound {
		return 0, err
	}
	if n.Name == "" {
		n.Name, _, _ = strings.Cut(n.Email, "@")
	}
	nu, err := a.prepare(ctx, n, false)
	if err != nil {
		return 0, err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.insertAdministrator(ctx, tx, actor, nu) })
	if err != nil {
		return 0, fmt.Errorf("create an administrator: %w", err)
	}
	return nu.ID, nil
}

func (a *Accounts) insertAdministrator(ctx context.Context, tx *db.Tx, actor Actor, u *User) error {
	if err := a.insert(ctx, tx, actor, u); err != nil {
		return err
	}
	return a.grant(ctx, tx, actor, u.ID, Administrator, Scope{Kind: Installation})
}

// SetupToken returns a token with which the first administrator can be made, or "" if there is an administrator. A
// new token ends the one before.
func (a *Accounts) SetupToken(ctx context.Context) (string, error) {
	t := ""
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		t = ""
		if ok, err := hasAdministrator(ctx, tx); err != nil || ok {
			return err
		}
		t = token.Random()
		_, err := tx.NewRaw(`INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
			setupSetting, token.Hash(t)).Exec(ctx)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("make a setup link: %w", err)
	}
	return t, nil
}

// SetupOpen returns nil if the token can still make the first administrator, else a Gone fault.
func (a *Accounts) SetupOpen(ctx context.Context, t string) error {
	n, err := a.db.Read().NewSelect().Table("settings").Where("name = ? AND value = ?", setupSetting, token.Hash(t)).Count(ctx)
	if err != nil {
		return fmt.Errorf("check a setup link: %w", err)
	}
	if n == 0 {
		return errSetupSpent
	}
	there, err := hasAdministrator(ctx, a.db.Read())
	if err != nil {
		return err
	}
	if there {
		return errSetupSpent
	}
	return nil
}

// Setup makes the first administrator, who needs a password, and uses the token up. Its faults: Gone if the token was
// used or there is an administrator, Invalid with the fields email, name and password.
func (a *Accounts) Setup(ctx context.Context, t string, n NewUser) (int64, error) {
	if err := a.SetupOpen(ctx, t); err != nil {
		return 0, err
	}
	u, err := a.prepare(ctx, n, true)
	if err != nil {
		return 0, err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.setUp(ctx, tx, t, u) })
	if err != nil {
		return 0, fmt.Errorf("set up the first administrator: %w", err)
	}
	return u.ID, nil
}

func (a *Accounts) setUp(ctx context.Context, tx *db.Tx, t string, u *User) error {
	res, err := tx.NewRaw("DELETE FROM settings WHERE name = ? AND value = ?", setupSetting, token.Hash(t)).Exec(ctx)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	there, err := hasAdministrator(ctx, tx)
	if err != nil {
		return err
	}
	if n == 0 || there {
		return errSetupSpent
	}
	return a.insertAdministrator(ctx, tx, System, u)
}

func hasAdministrator(ctx context.Context, d bun.IDB) (bool, error) {
	ok, err := d.NewSelect().Model((*grantRow)(nil)).Where("role = ?", Administrator).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("look for an administrator: %w", err)
	}
	return ok, nil
}
