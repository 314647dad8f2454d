// Package account knows who signs in, which roles they hold and in which scope, and what a role may do.
package account

import (
	"cmp"
	"slices"

	"attesta/app/audit"
)

// ScopeKind says what a grant of a role reaches.
type ScopeKind string

// The kinds of scope, from the widest to the narrowest.
const (
	Installation      ScopeKind = "installation"
	ProjectScope      ScopeKind = "project"
	OrganisationScope ScopeKind = "organisation"
	EventScope        ScopeKind = "event"
	NominationScope   ScopeKind = "nomination" // the link of one institution to one event
	RegistrationScope ScopeKind = "registration"
)

// Scope is one project, organisation, event, nomination link or registration, or the whole installation (ID 0).
type Scope struct {
	Kind ScopeKind
	ID   int64
}

// Grant is a role within a scope.
type Grant struct {
	Role  Role
	Scope Scope
}

// Actor is whoever does something: a person who signed in, the holder of a link, or the program itself. It is passed
// explicitly to every method of the domain, which checks the scope again.
type Actor struct {
	UserID int64  // 0 for links and the system
	Name   string // for the record
	Grants []Grant

	// Role is the role in which a user acts; Grants are those of this role alone. Roles are all that the user holds,
	// in the order of Rules.
	Role  Role
	Roles []Role

	VisitID int64 // the sign-in that acts, 0 without one
	TokenID int64 // the token of a program that acts, 0 without one

	ReadOnly bool // of what the role may do, only what changes nothing
	system   bool
}

// System is the program itself, in jobs and commands. It may do everything.
var System = Actor{Name: "system", system: true}

// Anyone is a visitor without an account or a link.
var Anyone = Actor{}

// Link returns the actor that holds a link with one role in one scope.
func Link(role Role, kind ScopeKind, id int64) Actor {
	return Actor{Role: role, Grants: []Grant{{Role: role, Scope: Scope{Kind: kind, ID: id}}}}
}

// Acting returns a in one role: only the grants of this role are left. Without a role, or with one that a doesn't
// hold, it is the widest of those that a holds.
func (a Actor) Acting(role Role) Actor {
	a.Roles = nil
	for _, rule := range Rules {
		if slices.ContainsFunc(a.Grants, func(g Grant) bool { return g.Role == rule.Role }) {
			a.Roles = append(a.Roles, rule.Role)
		}
	}
	if !slices.Contains(a.Roles, role) {
		role = ""
	}
	if role == "" && len(a.Roles) > 0 {
		role = a.Roles[0]
	}
	a.Role = role
	a.Grants = slices.DeleteFunc(slices.Clone(a.Grants), func(g Grant) bool { return g.Role != role })
	return a
}

// Deed begins an entry of the record: a did action to the thing of that kind with that id.
func (a Actor) Deed(action, subject string, id int64) audit.Entry {
	name := a.Name
	if a.UserID == 0 && !a.system {
		name = cmp.Or(name, string(a.Role))
	}
	return audit.Entry{UserID: a.UserID, Actor: name, Role: string(a.Role), TokenID: a.TokenID, Action: action, Subject: subject, SubjectID: id}
}

// IsSystem reports whether the program itself acts.
func (a Actor) IsSystem() bool { return a.system }

// Can reports whether a may do p to something that lies in all of the given scopes (an event lies in its own scope,
// its organisation's and its project's). A grant for the installation reaches everything.
func (a Actor) Can(p Permission, within ...Scope) bool {
	if a.system {
		return true
	}
	for _, g := range a.Grants {
		if !a.may(g, p) {
			continue
		}
		if g.Scope.Kind == Installation {
			return true
		}
		for _, s := range within {
			if s == g.Scope {
				return true
			}
		}
	}
	return false
}

func (a Actor) may(g Grant, p Permission) bool { return may[g.Role][p] && (!a.ReadOnly || p.Reads()) }

// CanSomewhere reports whether a holds p in any scope at all: enough to be shown a list that is then filtered.
func (a Actor) CanSomewhere(p Permission) bool {
	if a.system {
		return true
	}
	for _, g := range a.Grants {
		if a.may(g, p) {
			return true
		}
	}
	return false
}

// IDs returns the scopes of one kind in which a holds p, and whether it holds it everywhere.
func (a Actor) IDs(p Permission, kind ScopeKind) (ids []int64, everywhere bool) {
	if a.system {
		return nil, true
	}
	for _, g := range a.Grants {
		if !a.may(g, p) {
			continue
		}
		if g.Scope.Kind == Installation {
			return nil, true
		}
		if g.Scope.Kind == kind {
			ids = append(ids, g.Scope.ID)
		}
	}
	return ids, false
}
