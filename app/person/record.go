package person

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/locale"
)

// Record is a person with what a human needs to see to say who they are.
type Record struct {
	Person
	Institution string      // the person's own, else the one stated last
	Names       locale.Text // of the person's own, in several languages
	Kind        InstitutionType
	Events      []Attended // in the order of time
}

// InstitutionIn returns the institution's name in a language where it has one, else as it was stated.
func (r *Record) InstitutionIn(c locale.Code) string {
	if s := r.Names.By[c]; s != "" {
		return s
	}
	return r.Institution
}

// Attended is an event at which a person is registered.
type Attended struct {
	PersonID        int64
	Code            string
	Title           locale.Text
	InstitutionName string // as stated then
	InstitutionType InstitutionType
}

// Records returns persons by their ids, in two queries; the caller has checked who asks.
func Records(ctx context.Context, q bun.IDB, ids []int64) (map[int64]Record, error) {
	out := map[int64]Record{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		Person
		Institution string
		Names       locale.Text
		Kind        InstitutionType
	}
	err := q.NewRaw(`WITH RECURSIVE `+KeptInstitutions+` SELECT p.*, COALESCE(i.name, '') AS institution, COALESCE(i.names, '{}') AS names, COALESCE(i.type, '') AS kind
		FROM persons AS p LEFT JOIN kept AS k ON k.id = p.institution_id LEFT JOIN institutions AS i ON i.id = k.root
		WHERE p.id IN (?)`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	for _, r := range rows {
		out[r.ID] = Record{Person: r.Person, Institution: r.Institution, Names: r.Names, Kind: r.Kind}
	}
	var at []Attended
	err = q.NewRaw(`SELECT r.person_id, e.code, e.title, r.institution_name, r.institution_type FROM registrations AS r JOIN events AS e ON e.id = r.event_id
		WHERE r.person_id IN (?) AND r.folded_into IS NULL ORDER BY e.starts_on, e.id`, bun.List(ids)).Scan(ctx, &at)
	if err != nil {
		return nil, fmt.Errorf("read where persons are registered: %w", err)
	}
	for _, a := range at {
		if r, ok := out[a.PersonID]; ok {
			r.Events = append(r.Events, a)
			if a.InstitutionName != "" && r.InstitutionID == 0 {
				r.Institution, r.Kind = a.InstitutionName, a.InstitutionType
			}
			out[a.PersonID] = r
		}
	}
	return out, nil
}

// Made returns the latest merges that still stand and that actor may undo, at most n, the latest first.
func (d *Desk) Made(ctx context.Context, actor account.Actor, n int) ([]Merge, error) {
	if !actor.CanSomewhere(account.MergePersons) {
		return nil, ErrForbidden
	}
	all, err := activeMerges(ctx, d.DB.Read(), "1 = 1")
	if err != nil {
		return nil, err
	}
	slices.Reverse(all)
	if !actor.Can(account.MergePersons) {
		projects, err := projectsByRoot(ctx, d.DB.Read())
		if err != nil {
			return nil, err
		}
		roots, err := allRoots(ctx, d.DB.Read())
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(m Merge) bool { return !mayMerge(actor, projects[roots[m.KeptID]]) })
	}
	return all[:min(n, len(all))], nil
}
