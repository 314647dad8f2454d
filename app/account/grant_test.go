package account_test

import (
	"slices"
	"testing"

	"attesta/app/account"
)

func TestAdministratorsGiveEveryRoleThatCanBeGiven(t *testing.T) {
	for _, rule := range account.Rules {
		for _, kind := range rule.Scopes {
			gift := account.Gift{Holder: account.Administrator, At: account.Installation, Role: rule.Role, To: kind}
			if got, want := slices.Contains(account.Gifts, gift), account.Grantable(rule.Role, kind); got != want {
				t.Errorf("%s in %s: %v, want %v", rule.Role, kind, got, want)
			}
		}
	}
}

func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	for _, g := range account.Gifts {
		holder, _ := account.RuleOf(g.Holder)
		given, _ := account.RuleOf(g.Role)
		if !account.Grantable(g.Holder, g.At) || !account.Grantable(g.Role, g.To) {
			t.Errorf("%v: no such role in that scope", g)
		}
		for _, p := range given.May {
			if !slices.Contains(holder.May, p) {
				t.Errorf("%v: %s isn't the holder's", g, p)
			}
		}
	}
}

func TestWhoMayGiveWhatDependsOnWhereTheyHoldTheirRole(t *testing.T) {
	event := []account.Scope{{Kind: account.EventScope, ID: 7}, {Kind: account.OrganisationScope, ID: 3}, {Kind: account.ProjectScope, ID: 5}}
	project, organisation, other := event[2:], event[1:2], []account.Scope{{Kind: account.OrganisationScope, ID: 4}}
	holding := func(role account.Role, s account.Scope) account.Actor {
		return account.Actor{UserID: 1, Grants: []account.Grant{{Role: role, Scope: s}}}
	}
	for _, row := range []struct {
		who   account.Actor
		role  account.Role
		where []account.Scope
		want  bool
	}{
		{holding(account.Coordinator, project[0]), account.Organiser, event, true},
		{holding(account.Coordinator, project[0]), account.Auditor, project, true},
		{holding(account.Coordinator, project[0]), account.Organiser, organisation, false},
		{holding(account.Coordinator, account.Scope{Kind: account.ProjectScope, ID: 6}), account.Organiser, event, false},
		{holding(account.Organiser, organisation[0]), account.Organiser, organisation, true},
		{holding(account.Organiser, organisation[0]), account.Organiser, event, true},
		{holding(account.Organiser, organisation[0]), account.Organiser, other, false},
		{holding(account.Organiser, organisation[0]), account.Coordinator, project, false},
		{holding(account.Organiser, event[0]), account.Organiser, event, false},
		{holding(account.Auditor, project[0]), account.Auditor, project, false},
		{holding(account.Administrator, account.Scope{Kind: account.Installation}), account.Donor, project, true},
		{account.Anyone, account.Donor, project, false},
		{account.System, account.Helper, event, false},
	} {
		if got := row.who.MayGive(row.role, row.where[0], row.where[1:]...); got != row.want {
			t.Errorf("%v gives %s in %v: %v", row.who.Grants, row.role, row.where, got)
		}
	}
}
