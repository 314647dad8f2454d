package account

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Gift is one line of the table of who may hand on what: whoever holds Holder in a scope of kind At may give Role in
// a scope of kind To that is the same scope or lies in it.
type Gift struct {
	Holder Role
	At     ScopeKind
	Role   Role
	To     ScopeKind
}

// Gifts is the one table of who may invite whom. What it doesn't name nobody may give: an organiser of a single event
// gives nothing, and neither do auditors and donors. A role is never given to whoever gives it.
var Gifts = []Gift{
	{Administrator, Installation, Administrator, Installation},
	{Administrator, Installation, Coordinator, ProjectScope},
	{Administrator, Installation, Auditor, ProjectScope},
	{Administrator, Installation, Donor, ProjectScope},
	{Administrator, Installation, Organiser, OrganisationScope},
	{Administrator, Installation, Organiser, EventScope},

	{Coordinator, ProjectScope, Coordinator, ProjectScope},
	{Coordinator, ProjectScope, Auditor, ProjectScope},
	{Coordinator, ProjectScope, Donor, ProjectScope},
	{Coordinator, ProjectScope, Organiser, EventScope},

	{Organiser, OrganisationScope, Organiser, OrganisationScope},
	{Organiser, OrganisationScope, Organiser, EventScope},
}

// gives reports whether somebody with the grant g may give role in the scope within[0], which lies in all the others.
func (g Grant) gives(role Role, within []Scope) bool {
	return slices.ContainsFunc(Gifts, func(x Gift) bool {
		return x.Holder == g.Role && x.At == g.Scope.Kind && x.Role == role && x.To == within[0].Kind &&
			(x.At == Installation || slices.Contains(within, g.Scope))
	})
}

// MayGive reports whether a may give somebody role in a scope, and take it back. An event's scope is followed by those
// in which it lies.
func (a Actor) MayGive(role Role, scope Scope, lies ...Scope) bool {
	if a.system {
		return Grantable(role, scope.Kind)
	}
	within := append([]Scope{scope}, lies...)
	return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.gives(role, within) })
}

// Gives returns the roles that a may give in a scope, in the order of Rules.
func (a Actor) Gives(scope Scope, lies ...Scope) []Role {
	var roles []Role
	for _, rule := range Rules {
		if a.MayGive(rule.Role, scope, lies...) {
			roles = append(roles, rule.Role)
		}
	}
	return roles
}

// GivesAny reports whether there is any role that a may give anywhere.
func (a Actor) GivesAny() bool {
	return a.system || slices.ContainsFunc(Gifts, func(x Gift) bool {
		return slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == x.Holder && g.Scope.Kind == x.At })
	})
}

// Place is what a role is held for.
type Place struct {
	Scope  Scope
	Code   string      // of the project, organisation or event
	Name   locale.Text // none for the installation
	within []Scope     // in which it lies, itself first
	Held   int         // how many roles are given in it that haven't ended
}

// Within are the scopes in which the place lies, itself first.
func (p Place) Within() []Scope { return p.within }

// placeOf reads a place; what isn't there is a NotFound fault.
func placeOf(ctx context.Context, q bun.IDB, s Scope) (Place, error) {
	p := Place{Scope: s, within: []Scope{s}}
	var organisation, project int64
	var err error
	switch s.Kind {
	case Installation:
		if s.ID != 0 {
			return Place{}, db.ErrNotFound
		}
		return p, nil
	case ProjectScope:
		err = q.NewRaw("SELECT code, title FROM projects WHERE id = ?", s.ID).Scan(ctx, &p.Code, &p.Name)
	case OrganisationScope:
		err = q.NewRaw("SELECT code, name FROM organisations WHERE id = ?", s.ID).Scan(ctx, &p.Code, &p.Name)
	case EventScope:
		err = q.NewRaw("SELECT code, title, organisation_id, project_id FROM events WHERE id = ?", s.ID).Scan(ctx, &p.Code, &p.Name, &organisation, &project)
		p.within = append(p.within, Scope{OrganisationScope, organisation}, Scope{ProjectScope, project})
	default:
		return Place{}, db.ErrNotFound
	}
	if err != nil {
		return Place{}, fmt.Errorf("read %s %d: %w", s.Kind, s.ID, db.One(err))
	}
	return p, nil
}

// reach returns nil if the actor may see who holds a role in the place, Forbidden if it may at least see the place,
// else NotFound: what belongs to others doesn't exist.
func (p Place) reach(actor Actor) error {
	need := ManageMembers
	if p.Scope.Kind == Installation {
		need = Administer
	}
	switch {
	case actor.Can(need, p.within...):
		return nil
	case actor.Can(ViewEvent, p.within...) || actor.Can(ViewGrant, p.within...):
		return errForbidden
	}
	return db.ErrNotFound
}

// Place returns a project, organisation or event by its code, or with an empty code the installation, to whoever may
// see who holds a role there.
func (a *Accounts) Place(ctx context.Context, actor Actor, kind ScopeKind, code string) (Place, error) {
	s := Scope{Kind: kind}
	table := map[ScopeKind]string{ProjectScope: "projects", OrganisationScope: "organisations", EventScope: "events"}[kind]
	if table != "" {
		if err := a.db.Read().NewSelect().Table(table).Column("id").Where("code = ?", code).Scan(ctx, &s.ID); err != nil {
			return Place{}, fmt.Errorf("find a place: %w", db.One(err))
		}
	}
	p, err := placeOf(ctx, a.db.Read(), s)
	if err != nil {
		return Place{}, err
	}
	return p, p.reach(actor)
}

// Places returns where the actor may see who holds a role: the installation, projects by code, organisations by code,
// and the single events it organises, the latest first. It takes at most four queries, however many there are.
func (a *Accounts) Places(ctx context.Context, actor Actor) ([]Place, error) {
	var all []Place
	if actor.Can(Administer) {
		p := Place{Scope: Scope{Kind: Installation}, within: []Scope{{Kind: Installation}}}
		q := a.db.Read().NewSelect().Table("grants").ColumnExpr("COUNT(*)").Where("scope_kind = ? AND (until IS NULL OR until >= ?)", Installation, a.today())
		if err := q.Scan(ctx, &p.Held); err != nil {
			return nil, fmt.Errorf("count administrators: %w", err)
		}
		all = append(all, p)
	}
	for _, x := range []struct {
		kind               ScopeKind
		table, name, order string
	}{
		{ProjectScope, "projects", "title", "x.code"}, {OrganisationScope, "organisations", "name", "x.code"}, {EventScope, "events", "title", "x.starts_on DESC, x.id DESC"},
	} {
		ids, everywhere := actor.IDs(ManageMembers, x.kind)
		if len(ids) == 0 && (!everywhere || x.kind == EventScope) {
			continue
		}
		var rows []struct {
			ID   int64
			Code string
			Name locale.Text
			Held int
		}
		q := a.db.Read().NewSelect().TableExpr("? AS x", bun.Ident(x.table)).ColumnExpr("x.id, x.code, x.? AS name", bun.Ident(x.name)).
			ColumnExpr("(SELECT COUNT(*) FROM grants g WHERE g.scope_kind = ? AND g.scope_id = x.id AND (g.until IS NULL OR g.until >= ?)) AS held", x.kind, a.today()).
			OrderExpr(x.order)
		if !everywhere {
			q = q.Where("x.id IN (?)", bun.List(ids))
		}
		if err := q.Scan(ctx, &rows); err != nil {
			return nil, fmt.Errorf("list %s: %w", x.table, err)
		}
		for _, r := range rows {
			s := Scope{x.kind, r.ID}
			all = append(all, Place{Scope: s, Code: r.Code, Name: r.Name, Held: r.Held, within: []Scope{s}})
		}
	}
	return all, nil
}

// today is the day by which roles end.
func (a *Accounts) today() db.Day { return db.NewDay(a.now().UTC()) }

// warrant checks within the transaction that the actor still holds what lets it give role in the place, and returns
// the day on which that ends: what is given ends no later. The zero Day is no end.
func (a *Accounts) warrant(ctx context.Context, tx *db.Tx, actor Actor, role Role, at Place) (db.Day, error) {
	if !actor.MayGive(role, at.within[0], at.within[1:]...) {
		return db.Day{}, errForbidden
	}
	if actor.UserID == 0 {
		return db.Day{}, nil
	}
	var held []grantRow
	q := tx.NewSelect().Model(&held).Where("user_id = ? AND role = ? AND (until IS NULL OR until >= ?)", actor.UserID, actor.Role, a.today()).Order("id")
	if err := tx.Lock(q).Scan(ctx); err != nil {
		return db.Day{}, err
	}
	var end db.Day
	found := false
	for _, g := range held {
		if !(Grant{g.Role, Scope{g.ScopeKind, g.ScopeID}}).gives(role, at.within) {
			continue
		}
		if g.Until.IsZero() {
			return db.Day{}, nil
		}
		if found = true; g.Until.After(end.Time) {
			end = g.Until
		}
	}
	if !found {
		return db.Day{}, errForbidden
	}
	return end, nil
}

// Faults of roles that somebody must keep.
var (
	// ErrLastAdministrator is returned when nobody would be left who administers the installation without an end.
	ErrLastAdministrator = fault.New(fault.Conflict, "member.last_administrator")
	// ErrLastOrganiser is returned when an organisation would be left without an organiser and nobody confirmed it.
	ErrLastOrganiser = fault.New(fault.Conflict, "member.last_organiser")
)

// lockHolders locks the grants of a role in a scope and returns, of those that haven't ended, whose users may sign in:
// the ids of their grants and users, and whether they end.
func (a *Accounts) lockHolders(ctx context.Context, tx *db.Tx, role Role, scope Scope) ([]grantRow, error) {
	var locked []grantRow
	q := tx.NewSelect().Model(&locked).Where("role = ? AND scope_kind = ? AND scope_id = ?", role, scope.Kind, scope.ID).Order("id")
	if err := tx.Lock(q).Scan(ctx); err != nil {
		return nil, err
	}
	if len(locked) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(locked))
	for i, g := range locked {
		ids[i] = g.ID
	}
	var rows []grantRow
	// read once more: whoever was waited for may have disabled a user meanwhile
	err := tx.NewSelect().Model(&rows).Join("JOIN users AS u ON u.id = grant_row.user_id").
		Where("grant_row.id IN (?) AND u.disabled_at IS NULL", bun.List(ids)).Where("grant_row.until IS NULL OR grant_row.until >= ?", a.today()).
		Order("grant_row.id").Scan(ctx)
	return rows, err
}

// keepAdministrator returns ErrLastAdministrator if without those whom lost names nobody administers the installation
// for good. It holds the grants of all administrators until the transaction ends, so that two can't remove each other.
func (a *Accounts) keepAdministrator(ctx context.Context, tx *db.Tx, lost func(grantRow) bool) error {
	holders, err := a.lockHolders(ctx, tx, Administrator, Scope{Kind: Installation})
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(holders, func(g grantRow) bool { return g.Until.IsZero() && !lost(g) }) {
		return ErrLastAdministrator
	}
	return nil
}
