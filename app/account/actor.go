// Package account knows who signs in, which roles they hold and in which scope, and what a role may do.
package account

// Role is a set of permissions. A person may hold several, each in a scope of its own.
type Role string

// The roles. Helper and Participant are held by a link, not by an account.
const (
	Administrator Role = "administrator" // the installation
	Coordinator   Role = "coordinator"   // a project
	Organiser     Role = "organiser"     // an organisation, or one event
	Donor         Role = "donor"         // a project it funds
	Helper        Role = "helper"        // the check-in of one event, by link
	Participant   Role = "participant"   // one registration, by link
)

// Permission is one thing that may be done.
type Permission string

// The permissions.
const (
	Administer   Permission = "administer"    // users, organisations, settings
	ViewEvent    Permission = "view_event"    // an event as its organisers see it, with names
	EditEvent    Permission = "edit_event"    // create and change an event, open and close its registration
	Select       Permission = "select"        // approve, put on the waiting list, reject
	MarkPresence Permission = "mark_presence" // record that somebody is there
	Import       Permission = "import"        // take in a participant list
	MergePersons Permission = "merge_persons" // say that two are one human
	Certify      Permission = "certify"       // issue certificates
	ViewFigures  Permission = "view_figures"  // a project's figures, unsuppressed
	ViewGrant    Permission = "view_grant"    // a project's figures as they leave the organisers' hands, suppressed
	OwnPlace     Permission = "own_place"     // one's own registration and certificate
)

var may = map[Role]map[Permission]bool{
	Administrator: set(Administer, ViewEvent, EditEvent, Select, MarkPresence, Import, MergePersons, Certify, ViewFigures, ViewGrant),
	Coordinator:   set(ViewEvent, EditEvent, Select, MarkPresence, Import, MergePersons, Certify, ViewFigures, ViewGrant),
	Organiser:     set(ViewEvent, EditEvent, Select, MarkPresence, Import, Certify),
	Donor:         set(ViewGrant),
	Helper:        set(MarkPresence),
	Participant:   set(OwnPlace),
}

func set(p ...Permission) map[Permission]bool {
	m := make(map[Permission]bool, len(p))
	for _, x := range p {
		m[x] = true
	}
	return m
}

// ScopeKind says what a grant of a role reaches.
type ScopeKind string

// The kinds of scope, from the widest to the narrowest.
const (
	Installation      ScopeKind = "installation"
	ProjectScope      ScopeKind = "project"
	OrganisationScope ScopeKind = "organisation"
	EventScope        ScopeKind = "event"
	RegistrationScope ScopeKind = "registration"
)

// Scope is one project, organisation, event or registration, or the whole installation (ID 0).
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
	system bool
}

// System is the program itself, in jobs and commands. It may do everything.
var System = Actor{Name: "system", system: true}

// Anyone is a visitor without an account or a link.
var Anyone = Actor{}

// Link returns the actor that holds a link with one role in one scope.
func Link(role Role, kind ScopeKind, id int64) Actor {
	return Actor{Grants: []Grant{{Role: role, Scope: Scope{Kind: kind, ID: id}}}}
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
		if !may[g.Role][p] {
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

// CanSomewhere reports whether a holds p in any scope at all: enough to be shown a list that is then filtered.
func (a Actor) CanSomewhere(p Permission) bool {
	if a.system {
		return true
	}
	for _, g := range a.Grants {
		if may[g.Role][p] {
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
		if !may[g.Role][p] {
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
