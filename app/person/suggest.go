package person

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
)

// Suggestion is two or more persons who may be one human being. Only a human decides.
type Suggestion struct {
	Persons []int64  `json:"persons"` // roots, sorted
	Score   float64  `json:"score"`   // 0…1; of a group that of its least likely pair
	Reasons []Reason `json:"reasons"`
	Sources []Source `json:"sources"` // where they were listed
}

// Source is one row of an imported list.
type Source struct {
	Person int64  `json:"person"` // a root
	File   string `json:"file"`
	Row    int    `json:"row"` // as in the file, from 1
}

// Reason says why two persons are, or aren't, likely to be one.
type Reason string

// The reasons. How alike the names are comes first; one of the first six is always there.
const (
	ExactName   Reason = "exact_name"   // the same letters
	SameName    Reason = "same_name"    // the same in the other script, without accents or in another order
	SimilarName Reason = "similar_name" // sounds the same
	NearName    Reason = "near_name"    // a part more or less, or one letter
	FarName     Reason = "far_name"     // a spelling further off, at the same address or phone
	GivenName   Reason = "given_name"   // only the given name, at a personal address

	SameEmail          Reason = "same_email"
	SamePhone          Reason = "same_phone"
	SameInstitution    Reason = "same_institution"
	SimilarInstitution Reason = "similar_institution"
	SameField          Reason = "same_field" // the same country and type of institution
	SameEvent          Reason = "same_event"

	OtherEmail       Reason = "other_email"
	NumberedEmail    Reason = "numbered_email" // two addresses in one domain, as namesakes get
	OtherInstitution Reason = "other_institution"
	OtherField       Reason = "other_field" // another type of institution
	OtherCountry     Reason = "other_country"
	OtherGender      Reason = "other_gender"
	CommonName       Reason = "common_name" // more than two persons bear it
)

// Key returns the key of the reason in words.
func (r Reason) Key() string { return "person.reason." + string(r) }

// enough is the score from which suggested pairs are gathered into groups.
const enough = 0.6

// Suggest returns who of the persons that aren't merged may be one human being, the likeliest first: everybody with
// the same name in any script, the same name by sound, and names that are nearly the same where a second sign, such as
// the address, supports it. It reads all persons at once.
func Suggest(ctx context.Context, d *db.DB) ([]Suggestion, error) {
	people, err := readProfiles(ctx, d.Read())
	if err != nil {
		return nil, err
	}
	pairs := likely(people)
	out := gather(pairs)
	return out, addSources(ctx, d.Read(), out, people)
}

// Suggest returns the suggestions that actor may act upon: see Merge.
func (d *Desk) Suggest(ctx context.Context, actor account.Actor) ([]Suggestion, error) {
	if !actor.CanSomewhere(account.MergePersons) {
		return nil, ErrForbidden
	}
	all, err := Suggest(ctx, d.DB)
	if err != nil || actor.Can(account.MergePersons) {
		return all, err
	}
	projects, err := projectsByRoot(ctx, d.DB.Read())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(s Suggestion) bool {
		return slices.ContainsFunc(s.Persons, func(id int64) bool { return !mayMerge(actor, projects[id]) })
	}), nil
}

func projectsByRoot(ctx context.Context, q bun.IDB) (map[int64][]int64, error) {
	roots, err := allRoots(ctx, q)
	if err != nil {
		return nil, err
	}
	var rows []struct{ PersonID, ProjectID int64 }
	err = q.NewRaw("SELECT DISTINCT r.person_id, e.project_id FROM registrations r JOIN events e ON e.id = r.event_id").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read who is in which project: %w", err)
	}
	out := map[int64][]int64{}
	for _, r := range rows {
		id := roots[r.PersonID]
		if !slices.Contains(out[id], r.ProjectID) {
			out[id] = append(out[id], r.ProjectID)
		}
	}
	return out, nil
}

// allRoots maps every person's id to its root's.
func allRoots(ctx context.Context, q bun.IDB) (map[int64]int64, error) {
	var rows []struct{ ID, MergedInto int64 }
	if err := q.NewRaw("SELECT id, COALESCE(merged_into, 0) AS merged_into FROM persons").Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("read who is merged: %w", err)
	}
	into := make(map[int64]int64, len(rows))
	for _, r := range rows {
		into[r.ID] = r.MergedInto
	}
	roots := make(map[int64]int64, len(rows))
	for id := range into {
		root := id
		for into[root] != 0 {
			root = into[root]
		}
		roots[id] = root
	}
	return roots, nil
}

// pair is two profiles that may be one.
type pair struct {
	a, b    *profile
	score   float64
	reasons []Reason
}

// likely compares everybody who shares a key with somebody and returns the pairs worth a look, the likeliest first.
func likely(people []*profile) []pair {
	all := count(people)
	var out []pair
	for _, c := range candidates(people) {
		if p, ok := all.compare(c[0], c[1]); ok {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(x, y pair) int {
		return cmp.Or(cmp.Compare(y.score, x.score), cmp.Compare(x.a.id, y.a.id), cmp.Compare(x.b.id, y.b.id))
	})
	return out
}

// gather makes groups of persons each of whom is likely to be every other, and leaves the other pairs as they are.
func gather(pairs []pair) []Suggestion {
	linked := map[[2]int64]pair{}
	group := map[int64][]int64{}
	for _, p := range pairs {
		linked[[2]int64{p.a.id, p.b.id}] = p
		for _, id := range []int64{p.a.id, p.b.id} {
			if group[id] == nil {
				group[id] = []int64{id}
			}
		}
	}
	allLikely := func(xs, ys []int64) bool {
		for _, x := range xs {
			for _, y := range ys {
				if p, ok := linked[[2]int64{min(x, y), max(x, y)}]; !ok || p.score < enough {
					return false
				}
			}
		}
		return true
	}
	for _, p := range pairs {
		x, y := group[p.a.id], group[p.b.id]
		if x[0] == y[0] || !allLikely(x, y) {
			continue
		}
		all := slices.Sorted(slices.Values(append(slices.Clone(x), y...)))
		for _, id := range all {
			group[id] = all
		}
	}
	return suggestions(pairs, group)
}

func suggestions(pairs []pair, group map[int64][]int64) []Suggestion {
	out := []Suggestion{}
	at := map[int64]int{} // the group's first person: its place in out
	for _, p := range pairs {
		all := group[p.a.id]
		if all[0] != group[p.b.id][0] {
			out = append(out, Suggestion{Persons: []int64{p.a.id, p.b.id}, Score: p.score, Reasons: p.reasons})
			continue
		}
		i, there := at[all[0]]
		if !there {
			i = len(out)
			at[all[0]] = i
			out = append(out, Suggestion{Persons: all})
		}
		out[i].Score = p.score // pairs come with falling scores
		for _, r := range p.reasons {
			if !slices.Contains(out[i].Reasons, r) {
				out[i].Reasons = append(out[i].Reasons, r)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y Suggestion) int { return cmp.Compare(y.Score, x.Score) })
	return out
}

func addSources(ctx context.Context, q bun.IDB, to []Suggestion, people []*profile) error {
	root := map[int64]int64{}
	for _, p := range people {
		for _, id := range p.ids {
			root[id] = p.id
		}
	}
	var rows []Source
	err := q.NewRaw("SELECT person_id AS person, file, row FROM import_rows ORDER BY file, sheet, row, id").Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("read where persons were listed: %w", err)
	}
	listed := map[int64][]Source{}
	for _, s := range rows {
		s.Person = root[s.Person]
		listed[s.Person] = append(listed[s.Person], s)
	}
	for i := range to {
		to[i].Sources = []Source{}
		for _, id := range to[i].Persons {
			to[i].Sources = append(to[i].Sources, listed[id]...)
		}
	}
	return nil
}
