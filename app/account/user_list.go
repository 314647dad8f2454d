package account

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// errOwnAccount is told to whoever would lock themselves out.
var errOwnAccount = fault.New(fault.Conflict, "user.own_account")

// UserLine is one user of a list.
type UserLine struct {
	User
	Roles []Role // held today, in the order of Rules, each once
}

// UserSearch says which users to list.
type UserSearch struct {
	Words   string                      // found in the name, in any script, and in the address; "" finds all
	Compare func(name, than string) int // the order of names; nil: by code point
	After   int64                       // the user after whom to go on, 0: from the first
	Limit   int
}

// Users returns a page of users by name, and whether there are more. The actor must administer the installation. It
// takes three queries, however many there are.
func (a *Accounts) Users(ctx context.Context, actor Actor, s UserSearch) (page []UserLine, more bool, err error) {
	if !actor.Can(Administer) {
		return nil, false, errForbidden
	}
	ids, err := a.userIDs(ctx, s)
	if err != nil {
		return nil, false, err
	}
	ids = ids[slices.Index(ids, s.After)+1:] // from the first, if the user after is gone
	if more = len(ids) > s.Limit; more {
		ids = ids[:s.Limit]
	}
	if len(ids) == 0 {
		return nil, false, nil
	}
	var users []User
	if err := a.db.Read().NewSelect().Model(&users).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, false, fmt.Errorf("list users: %w", err)
	}
	var grants []grantRow
	q := a.db.Read().NewSelect().Model(&grants).Where("user_id IN (?) AND (until IS NULL OR until >= ?)", bun.List(ids), a.today())
	if err := q.Scan(ctx); err != nil {
		return nil, false, fmt.Errorf("list the roles of users: %w", err)
	}
	page = make([]UserLine, len(users))
	for _, u := range users {
		line := UserLine{User: u}
		for _, rule := range Rules {
			if slices.ContainsFunc(grants, func(g grantRow) bool { return g.UserID == u.ID && g.Role == rule.Role }) {
				line.Roles = append(line.Roles, rule.Role)
			}
		}
		page[slices.Index(ids, u.ID)] = line
	}
	return page, more, nil
}

// userIDs returns the users that a search finds, in order.
func (a *Accounts) userIDs(ctx context.Context, s UserSearch) ([]int64, error) {
	var rows []User
	if err := a.db.Read().NewSelect().Model(&rows).Column("id", "name", "email_key").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	compare := s.Compare
	if compare == nil {
		compare = strings.Compare
	}
	words, address := strings.Fields(locale.ASCIIKey(s.Words)), EmailKey(s.Words)
	rows = slices.DeleteFunc(rows, func(u User) bool {
		folded := locale.ASCIIKey(u.Name)
		named := len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(folded, w) })
		return address != "" && !named && !strings.Contains(u.EmailKey, address)
	})
	slices.SortFunc(rows, func(x, y User) int { return cmp.Or(compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	ids := make([]int64, len(rows))
	for i, u := range rows {
		ids[i] = u.ID
	}
	return ids, nil
}

// RoleHeld is a role of a user with the place it is for.
type RoleHeld struct {
	GrantID int64
	Role    Role
	Place   Place
	Until   db.Day
	Ended   bool
	GivenAt db.Time
	Inviter string // "" for the program
}

// RolesOf returns the roles of a user, ended ones included, in the order of Rules. The actor must be the user or
// administer the installation. It takes one query.
func (a *Accounts) RolesOf(ctx context.Context, actor Actor, userID int64) ([]RoleHeld, error) {
	if !actor.Can(Administer) && (actor.UserID == 0 || actor.UserID != userID) {
		return nil, errForbidden
	}
	var rows []struct {
		grantRow `bun:",extend"`
		Inviter  string      `bun:"inviter"`
		Code     string      `bun:"code"`
		Title    locale.Text `bun:"title"`
	}
	err := a.db.Read().NewRaw(`SELECT g.*, COALESCE(b.name, '') AS inviter,
			COALESCE(p.code, o.code, e.code, '') AS code, COALESCE(p.title, o.name, e.title, '') AS title
		FROM grants AS g LEFT JOIN users AS b ON b.id = g.granted_by
		LEFT JOIN projects AS p ON g.scope_kind = 'project' AND p.id = g.scope_id
		LEFT JOIN organisations AS o ON g.scope_kind = 'organisation' AND o.id = g.scope_id
		LEFT JOIN events AS e ON g.scope_kind = 'event' AND e.id = g.scope_id
		WHERE g.user_id = ? ORDER BY g.id`, userID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read the roles of user %d: %w", userID, err)
	}
	var out []RoleHeld
	for _, rule := range Rules {
		for _, r := range rows {
			if r.Role == rule.Role {
				out = append(out, RoleHeld{
					GrantID: r.ID, Role: r.Role, Place: Place{Scope: Scope{r.ScopeKind, r.ScopeID}, Code: r.Code, Name: r.Title},
					Until: r.Until, Ended: !r.Until.IsZero() && r.Until.Before(a.today().Time), GivenAt: r.CreatedAt, Inviter: r.Inviter,
				})
			}
		}
	}
	return out, nil
}

// spareAdministrator returns ErrLastAdministrator if disabling a user would leave nobody who administers the
// installation for good.
func (a *Accounts) spareAdministrator(ctx context.Context, tx *db.Tx, userID int64, disabled bool) error {
	if !disabled {
		return nil
	}
	holders, err := a.lockHolders(ctx, tx, Administrator, Scope{Kind: Installation})
	if err != nil {
		return err
	}
	theirs := func(g grantRow) bool { return g.UserID == userID }
	if slices.ContainsFunc(holders, theirs) && !slices.ContainsFunc(holders, func(g grantRow) bool { return g.Until.IsZero() && !theirs(g) }) {
		return ErrLastAdministrator
	}
	return nil
}

// SignOut ends all sign-ins of a user. The actor must administer the installation.
func (a *Accounts) SignOut(ctx context.Context, actor Actor, userID int64) error {
	if !actor.Can(Administer) {
		return errForbidden
	}
	err := a.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := lockUser(ctx, tx, userID); err != nil {
			return err
		}
		if err := a.endOthers(ctx, tx, userID, 0); err != nil {
			return err
		}
		return record(ctx, tx, actor, "sign_out", userID, nil)
	})
	if err != nil {
		return fmt.Errorf("sign user %d out: %w", userID, err)
	}
	return nil
}
