package event

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/locale"
	"attesta/app/project"
)

// Named is a scope with the code and the title of the project, the organisation or the event that it is.
type Named struct {
	account.Scope
	Code  string
	Title locale.Text
}

// Names returns the names of scopes; the installation, and what is gone, have none. It takes three queries at most.
func Names(ctx context.Context, q bun.IDB, scopes []account.Scope) (map[account.Scope]Named, error) {
	byKind := map[account.ScopeKind][]int64{}
	for _, s := range scopes {
		byKind[s.Kind] = append(byKind[s.Kind], s.ID)
	}
	out := map[account.Scope]Named{}
	add := func(kind account.ScopeKind, id int64, code string, title locale.Text) {
		s := account.Scope{Kind: kind, ID: id}
		out[s] = Named{s, code, title}
	}
	var projects []project.Project
	if err := byIDs(ctx, q, &projects, byKind[account.ProjectScope]); err != nil {
		return nil, err
	}
	for _, x := range projects {
		add(account.ProjectScope, x.ID, x.Code, x.Title)
	}
	var organisations []project.Organisation
	if err := byIDs(ctx, q, &organisations, byKind[account.OrganisationScope]); err != nil {
		return nil, err
	}
	for _, x := range organisations {
		add(account.OrganisationScope, x.ID, x.Code, x.Name)
	}
	var events []Event
	if err := byIDs(ctx, q, &events, byKind[account.EventScope]); err != nil {
		return nil, err
	}
	for _, x := range events {
		add(account.EventScope, x.ID, x.Code, x.Title)
	}
	return out, nil
}

func byIDs(ctx context.Context, q bun.IDB, into any, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	if err := q.NewSelect().Model(into).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return fmt.Errorf("names of scopes: %w", err)
	}
	return nil
}
