package account

import "slices"

// Role is a set of permissions. A person may hold several, each in a scope of its own.
type Role string

// The roles. Helper, FocalPoint and Participant are held by a link, not by an account.
const (
	Administrator Role = "administrator" // the installation
	Coordinator   Role = "coordinator"   // a project
	Organiser     Role = "organiser"     // an organisation, or one event
	Auditor       Role = "auditor"       // one project, until a date; reads, with names, and every look is recorded
	Donor         Role = "donor"         // a project it funds
	Helper        Role = "helper"        // the check-in of one event, by link
	FocalPoint    Role = "focal_point"   // an institution's nominations to one event, by link
	Participant   Role = "participant"   // one registration, by link
)

// Permission is one thing that may be done.
type Permission string

// The permissions.
const (
	Administer       Permission = "administer"        // users, organisations, donors, settings of the network
	ViewEvent        Permission = "view_event"        // an event as its organisers see it, with names
	EditEvent        Permission = "edit_event"        // create and change an event, open and close its registration
	Select           Permission = "select"            // approve, put on the waiting list, reject
	MarkPresence     Permission = "mark_presence"     // record that somebody is there
	Import           Permission = "import"            // take in a participant list
	MergePersons     Permission = "merge_persons"     // say that two are one human
	Certify          Permission = "certify"           // issue certificates
	ViewFigures      Permission = "view_figures"      // a project's figures, unsuppressed
	FreezeReport     Permission = "freeze_report"     // make a dated report of a project's figures
	ViewGrant        Permission = "view_grant"        // a project's figures as they leave the organisers' hands, suppressed
	EditProject      Permission = "edit_project"      // a project's texts, period, partners and indicators
	EditInstitutions Permission = "edit_institutions" // institutions' names, types and countries, and which are one
	ManageMembers    Permission = "manage_members"    // invite people to a project, an organisation or an event, and let them go
	ViewAudit        Permission = "view_audit"        // who did what
	Nominate         Permission = "nominate"          // colleagues of one's institution to an event
	OwnPlace         Permission = "own_place"         // one's own registration and certificate
)

// Reads reports whether the permission lets somebody look and change nothing.
func (p Permission) Reads() bool {
	return p == ViewEvent || p == ViewFigures || p == ViewGrant || p == ViewAudit
}

// Rule says what a role may do and where it can be held.
type Rule struct {
	Role   Role
	Scopes []ScopeKind // the kinds of scope in which it is held
	ByLink bool        // held by whoever has the link, never granted to a user
	May    []Permission
}

// Rules is the one table of roles, scopes and permissions; everything that asks who may do what asks it. The order is
// that in which a user's roles are offered, the widest first.
var Rules = []Rule{
	{Administrator, []ScopeKind{Installation}, false, []Permission{
		Administer, ViewEvent, EditEvent, Select, MarkPresence, Import, MergePersons, Certify, ViewFigures, FreezeReport, ViewGrant,
		EditProject, EditInstitutions, ManageMembers, ViewAudit,
	}},
	{Coordinator, []ScopeKind{ProjectScope}, false, []Permission{
		ViewEvent, EditEvent, Select, MarkPresence, Import, MergePersons, Certify, ViewFigures, FreezeReport, ViewGrant,
		EditProject, EditInstitutions, ManageMembers, ViewAudit,
	}},
	{Organiser, []ScopeKind{OrganisationScope, EventScope}, false, []Permission{
		ViewEvent, EditEvent, Select, MarkPresence, Import, Certify, ManageMembers, ViewAudit,
	}},
	{Auditor, []ScopeKind{ProjectScope}, false, []Permission{ViewEvent, ViewFigures, ViewGrant, ViewAudit}},
	{Donor, []ScopeKind{ProjectScope}, false, []Permission{ViewGrant}},
	{Helper, []ScopeKind{EventScope}, true, []Permission{MarkPresence}},
	{FocalPoint, []ScopeKind{NominationScope}, true, []Permission{Nominate}},
	{Participant, []ScopeKind{RegistrationScope}, true, []Permission{OwnPlace}},
}

var may = index(Rules)

func index(rules []Rule) map[Role]map[Permission]bool {
	m := make(map[Role]map[Permission]bool, len(rules))
	for _, r := range rules {
		m[r.Role] = make(map[Permission]bool, len(r.May))
		for _, p := range r.May {
			m[r.Role][p] = true
		}
	}
	return m
}

// RuleOf returns the rule of a role, and false for a word that is no role.
func RuleOf(r Role) (Rule, bool) {
	i := slices.IndexFunc(Rules, func(x Rule) bool { return x.Role == r })
	if i < 0 {
		return Rule{}, false
	}
	return Rules[i], true
}

// Grantable reports whether a user can be given the role in a scope of that kind.
func Grantable(r Role, kind ScopeKind) bool {
	rule, ok := RuleOf(r)
	return ok && !rule.ByLink && slices.Contains(rule.Scopes, kind)
}
