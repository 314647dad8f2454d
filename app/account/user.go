package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
	"golang.org/x/text/unicode/norm"

	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/mail"
)

// User is a person who signs in.
type User struct {
	bun.BaseModel `bun:"table:users"`

	ID           int64       `bun:"id,pk,autoincrement"`
	Email        string      `bun:"email"` // as typed
	EmailKey     string      `bun:"email_key"`
	Name         string      `bun:"name"`
	PasswordHash string      `bun:"password_hash" json:"-"` // "" for those who sign in by link only
	Locale       locale.Code `bun:"locale"`
	CreatedAt    db.Time     `bun:"created_at"`
	DisabledAt   db.Time     `bun:"disabled_at"`
	SignedInAt   db.Time     `bun:"signed_in_at"` // the last time; zero for those who were invited and never came
	InvitedBy    int64       `bun:"invited_by,nullzero"`
}

// NewUser is what is needed to open an account.
type NewUser struct {
	Email    string
	Name     string
	Locale   locale.Code // "" is English
	Password string      // "" for a user who signs in by link only
}

type grantRow struct {
	bun.BaseModel `bun:"table:grants"`

	ID        int64     `bun:"id,pk,autoincrement"`
	UserID    int64     `bun:"user_id"`
	Role      Role      `bun:"role"`
	ScopeKind ScopeKind `bun:"scope_kind"`
	ScopeID   int64     `bun:"scope_id"`
	Until     db.Day    `bun:"until"` // the last day, in UTC; zero: until it is taken back
	GrantedBy int64     `bun:"granted_by,nullzero"`
	Email     string    `bun:"email"` // as whoever invited them wrote it; "" for who wasn't invited
	Name      string    `bun:"name"`  // likewise
	CreatedAt db.Time   `bun:"created_at"`
}

// Faults that a person is told.
var (
	errForbidden  = fault.New(fault.Forbidden, "error.forbidden")
	errEmailTaken = fault.New(fault.Conflict, "account.email_taken")
)

// EmailKey is the form in which addresses are compared: trimmed, in lower case, composed.
func EmailKey(email string) string {
	return norm.NFC.String(strings.ToLower(strings.TrimSpace(norm.NFC.String(email))))
}

// check returns what is wrong with the fields email, name and password of a form, in one Invalid fault.
func (n NewUser) check(needsPassword bool) error {
	var form fault.Form
	n.checkFields(&form, needsPassword)
	return form.Err()
}

func (n NewUser) checkFields(form *fault.Form, needsPassword bool) {
	if strings.TrimSpace(n.Email) == "" {
		form.Add("email", "form.required")
	} else if _, err := mail.Address(n.Email); err != nil {
		form.Add("email", "form.email")
	}
	checkName(form, n.Name)
	switch {
	case n.Password != "":
		checkPassword(form, n.Password)
	case needsPassword:
		form.Add("password", "form.required")
	}
}

const maxName = 200

// CreateUser opens an account and returns its id. The actor must administer the installation. Its faults: Forbidden,
// Invalid with the fields email, name and password, Conflict if the address has an account.
func (a *Accounts) CreateUser(ctx context.Context, actor Actor, n NewUser) (int64, error) {
	if !actor.Can(Administer) {
		return 0, errForbidden
	}
	u, err := a.prepare(ctx, n, false)
	if err != nil {
		return 0, err
	}
	err = a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.insert(ctx, tx, actor, u) })
	if err != nil {
		return 0, fmt.Errorf("create user: %w", err)
	}
	return u.ID, nil
}

// prepare checks a new user and hashes the password, before the transaction, because hashing takes time.
func (a *Accounts) prepare(ctx context.Context, n NewUser, needsPassword bool) (*User, error) {
	if err := n.check(needsPassword); err != nil {
		return nil, err
	}
	u := &User{
		Email: strings.TrimSpace(n.Email), EmailKey: EmailKey(n.Email), Name: locale.Clean(n.Name),
		Locale: n.Locale, CreatedAt: db.At(a.now()),
	}
	if u.Locale == "" {
		u.Locale = locale.English
	}
	if n.Password == "" {
		return u, nil
	}
	var err error
	u.PasswordHash, err = a.hash(ctx, n.Password)
	return u, err
}

func (a *Accounts) insert(ctx context.Context, tx *db.Tx, actor Actor, u *User) error {
	u.ID = 0 // the transaction may run again
	if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
		if _, ok := db.Unique(err); ok {
			return errEmailTaken
		}
		return err
	}
	return record(ctx, tx, actor, "create", u.ID, nil)
}

// Grant gives a user a role in a scope; to give it twice changes nothing. The actor must administer the installation.
// Roles that are held by a link (helper, participant) can't be granted.
func (a *Accounts) Grant(ctx context.Context, actor Actor, userID int64, role Role, scope Scope) error {
	if !actor.Can(Administer) {
		return errForbidden
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return a.grant(ctx, tx, actor, userID, role, scope) })
	if err != nil {
		return fmt.Errorf("grant %s to user %d: %w", role, userID, err)
	}
	return nil
}

func (a *Accounts) grant(ctx context.Context, tx *db.Tx, actor Actor, userID int64, role Role, scope Scope) error {
	if n, err := tx.NewSelect().Model((*User)(nil)).Where("id = ?", userID).Count(ctx); err != nil || n == 0 {
		if err == nil {
			err = db.ErrNotFound
		}
		return err
	}
	g := grantRow{UserID: userID, Role: role, ScopeKind: scope.Kind, ScopeID: scope.ID, GrantedBy: actor.UserID, CreatedAt: db.At(a.now())}
	res, err := tx.NewInsert().Model(&g).On("CONFLICT (user_id, role, scope_kind, scope_id) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return record(ctx, tx, actor, "grant", userID, map[string]any{"role": role, "scope": scope.Kind, "scope_id": scope.ID})
}

// Actor returns who the user is and what they may do, in the widest role they hold. A user who is unknown or disabled is a NotFound fault.
func (a *Accounts) Actor(ctx context.Context, userID int64) (Actor, error) {
	u, err := a.User(ctx, userID)
	if err != nil {
		return Actor{}, err
	}
	if !u.DisabledAt.IsZero() {
		return Actor{}, db.ErrNotFound
	}
	actor := Actor{UserID: u.ID, Name: u.Name}
	actor.Grants, err = a.grantsOf(ctx, u.ID)
	return actor.Acting(""), err
}

// grantsOf returns the roles that a user holds today.
func (a *Accounts) grantsOf(ctx context.Context, userID int64) ([]Grant, error) {
	var rows []grantRow
	q := a.db.Read().NewSelect().Model(&rows).Where("user_id = ? AND (until IS NULL OR until >= ?)", userID, db.NewDay(a.now().UTC()))
	if err := q.OrderExpr("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the grants of user %d: %w", userID, err)
	}
	grants := make([]Grant, len(rows))
	for i, g := range rows {
		grants[i] = Grant{Role: g.Role, Scope: Scope{Kind: g.ScopeKind, ID: g.ScopeID}}
	}
	return grants, nil
}

// User returns a user, disabled or not; one that isn't there is a NotFound fault.
func (a *Accounts) User(ctx context.Context, id int64) (User, error) {
	var u User
	if err := a.db.Read().NewSelect().Model(&u).Where("id = ?", id).Scan(ctx); err != nil {
		return User{}, fmt.Errorf("read user %d: %w", id, db.One(err))
	}
	return u, nil
}

// byEmail returns the user with an address who may sign in, or a NotFound fault.
func (a *Accounts) byEmail(ctx context.Context, email string) (User, error) {
	var u User
	err := a.db.Read().NewSelect().Model(&u).Where("email_key = ? AND disabled_at IS NULL", EmailKey(email)).Scan(ctx)
	if err != nil {
		return User{}, fmt.Errorf("find a user by address: %w", db.One(err))
	}
	return u, nil
}

// Count returns how many users there are, disabled ones included.
func (a *Accounts) Count(ctx context.Context) (int, error) {
	n, err := a.db.Read().NewSelect().Model((*User)(nil)).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count users: %w", err)
	}
	return int(n), nil
}

// Disable ends a user's access at once, with all visits and sign-in links, or gives it back. The actor must administer
// the installation and can't disable themselves. Faults: Forbidden, NotFound, Conflict, ErrLastAdministrator.
func (a *Accounts) Disable(ctx context.Context, actor Actor, userID int64, disabled bool) error {
	if !actor.Can(Administer) {
		return errForbidden
	}
	if disabled && actor.UserID == userID {
		return errOwnAccount
	}
	action, at := "enable", db.Time{}
	if disabled {
		action, at = "disable", db.At(a.now())
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := a.spareAdministrator(ctx, tx, userID, disabled); err != nil {
			return err
		}
		if err := a.set(ctx, tx, userID, "disabled_at", at); err != nil {
			return err
		}
		if err := a.endOthers(ctx, tx, userID, 0); err != nil {
			return err
		}
		return record(ctx, tx, actor, action, userID, map[string]any{"before": map[string]bool{"disabled": !disabled}, "after": map[string]bool{"disabled": disabled}})
	})
	if err != nil {
		return fmt.Errorf("%s user %d: %w", action, userID, err)
	}
	return nil
}

// set changes one column of a user, or returns db.ErrNotFound.
func (a *Accounts) set(ctx context.Context, tx *db.Tx, userID int64, column string, value any) error {
	res, err := tx.NewUpdate().Model((*User)(nil)).Set("? = ?", bun.Ident(column), value).Where("id = ?", userID).Exec(ctx)
	return affected(res, err)
}

func record(ctx context.Context, tx *db.Tx, actor Actor, action string, userID int64, detail any) error {
	e := actor.Deed(action, "user", userID)
	if detail != nil {
		e.Detail = audit.Detail(detail)
	}
	return audit.Record(ctx, tx, e)
}
