package account_test

import (
	"testing"

	"attesta/app/account"
)

func TestAGrantReachesItsScopeAndNoOther(t *testing.T) {
	org := account.Scope{Kind: account.OrganisationScope, ID: 3}
	project := account.Scope{Kind: account.ProjectScope, ID: 1}
	other := account.Scope{Kind: account.OrganisationScope, ID: 4}
	organiser := account.Actor{UserID: 1, Grants: []account.Grant{{Role: account.Organiser, Scope: org}}}
	for _, c := range []struct {
		name  string
		actor account.Actor
		p     account.Permission
		in    []account.Scope
		want  bool
	}{
		{"organiser at home", organiser, account.Select, []account.Scope{org, project}, true},
		{"organiser elsewhere", organiser, account.Select, []account.Scope{other, project}, false},
		{"organiser nowhere", organiser, account.Select, nil, false},
		{"organiser asks for the grant's figures", organiser, account.ViewFigures, []account.Scope{org}, false},
		{"same id of another kind", organiser, account.Select, []account.Scope{{Kind: account.EventScope, ID: 3}}, false},
		{"administrator", account.Link(account.Administrator, account.Installation, 0), account.Select, nil, true},
		{"donor sees no names", account.Link(account.Donor, account.ProjectScope, 1), account.ViewEvent, []account.Scope{project}, false},
		{"donor sees figures", account.Link(account.Donor, account.ProjectScope, 1), account.ViewGrant, []account.Scope{project}, true},
		{"helper marks", account.Link(account.Helper, account.EventScope, 9), account.MarkPresence, []account.Scope{{Kind: account.EventScope, ID: 9}}, true},
		{"helper selects", account.Link(account.Helper, account.EventScope, 9), account.Select, []account.Scope{{Kind: account.EventScope, ID: 9}}, false},
		{"anyone", account.Anyone, account.ViewGrant, []account.Scope{project}, false},
		{"the system", account.System, account.Administer, nil, true},
	} {
		if got := c.actor.Can(c.p, c.in...); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
