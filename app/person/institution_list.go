package person

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/locale"
)

// InstitutionSearch says which institutions to list.
type InstitutionSearch struct {
	Words   string          // found in any of its names, in any script; "" finds all
	Type    InstitutionType // "" takes all
	Country string          // "" takes all
	Locale  locale.Code     // in which names are ordered
	Compare func(name, than string) int
	After   int64 // the institution after which to go on, 0: from the first
	Limit   int
}

// InstitutionLine is an institution that is kept, with what was merged into it.
type InstitutionLine struct {
	Institution
	Merged []Institution // directly or over others
	People int           // registered from there, each once, at the events within the actor's reach
}

// Institutions returns a page of the institutions that are kept, by name, how many there are in all that the search
// finds, and whether there are more. It takes two queries, however many there are.
func (d *Desk) Institutions(ctx context.Context, actor account.Actor, s InstitutionSearch) (page []InstitutionLine, found int, more bool, err error) {
	if !actor.CanSomewhere(account.EditInstitutions) {
		return nil, 0, false, ErrForbidden
	}
	all, err := keptInstitutions(ctx, d.DB.Read())
	if err != nil {
		return nil, 0, false, err
	}
	all = slices.DeleteFunc(all, func(l InstitutionLine) bool { return !s.finds(l) })
	if s.Compare != nil {
		slices.SortStableFunc(all, func(x, y InstitutionLine) int { return s.Compare(x.NameIn(s.Locale), y.NameIn(s.Locale)) })
	}
	found = len(all)
	all = all[slices.IndexFunc(all, func(l InstitutionLine) bool { return l.ID == s.After })+1:]
	if more = len(all) > s.Limit; more {
		all = all[:s.Limit]
	}
	return all, found, more, d.count(ctx, actor, all)
}

// Institution returns one institution that is kept, or the one that an institution was merged into.
func (d *Desk) Institution(ctx context.Context, actor account.Actor, id int64) (*InstitutionLine, error) {
	if !actor.CanSomewhere(account.EditInstitutions) {
		return nil, ErrForbidden
	}
	all, err := keptInstitutions(ctx, d.DB.Read())
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].ID == id || slices.ContainsFunc(all[i].Merged, func(m Institution) bool { return m.ID == id }) {
			return &all[i], d.count(ctx, actor, all[i:i+1])
		}
	}
	return nil, db.ErrNotFound
}

// keptInstitutions reads all institutions that are kept, in the order in which they came.
func keptInstitutions(ctx context.Context, q bun.IDB) ([]InstitutionLine, error) {
	var rows []Institution
	if err := q.NewSelect().Model(&rows).Order("i.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read institutions: %w", err)
	}
	into := map[int64]int64{}
	var kept []InstitutionLine
	at := map[int64]int{}
	for _, r := range rows {
		if r.MergedInto != 0 {
			into[r.ID] = r.MergedInto
			continue
		}
		at[r.ID] = len(kept)
		kept = append(kept, InstitutionLine{Institution: r})
	}
	for _, r := range rows {
		if r.MergedInto == 0 {
			continue
		}
		root := r.ID
		for into[root] != 0 {
			root = into[root]
		}
		l := &kept[at[root]]
		l.Merged = append(l.Merged, r)
	}
	return kept, nil
}

// count fills in how many people are registered from each institution.
func (d *Desk) count(ctx context.Context, actor account.Actor, list []InstitutionLine) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]int64, len(list))
	for i, l := range list {
		ids[i] = l.ID
	}
	projects, everywhere := actor.IDs(account.EditInstitutions, account.ProjectScope)
	var rows []struct {
		Root   int64
		People int
	}
	err := d.DB.Read().NewRaw(`WITH RECURSIVE `+KeptInstitutions+` SELECT k.root, COUNT(DISTINCT r.person_id) AS people
		FROM registrations AS r JOIN kept AS k ON k.id = r.institution_id JOIN events AS e ON e.id = r.event_id
		WHERE k.root IN (?) AND r.folded_into IS NULL AND r.status <> 'draft' AND (? OR e.project_id IN (?)) GROUP BY k.root`,
		bun.List(ids), everywhere, bun.List(append(projects, 0))).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("count the people of institutions: %w", err)
	}
	for _, r := range rows {
		list[slices.Index(ids, r.Root)].People = r.People
	}
	return nil
}

func (s InstitutionSearch) finds(l InstitutionLine) bool {
	if s.Type != "" && l.Type != s.Type || s.Country != "" && l.Country != s.Country {
		return false
	}
	words := strings.Fields(locale.ASCIIKey(s.Words))
	if len(words) == 0 {
		return strings.TrimSpace(s.Words) == ""
	}
	return slices.ContainsFunc(l.names(), func(name string) bool {
		key := locale.ASCIIKey(name)
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(key, w) })
	})
}

// names are all names under which an institution is known, the one that was typed first before the others.
func (l *InstitutionLine) names() []string {
	var all []string
	for _, i := range append([]Institution{l.Institution}, l.Merged...) {
		add(&all, i.Name)
		for _, c := range slices.Sorted(maps.Keys(i.Names.By)) {
			add(&all, i.Names.By[c])
		}
	}
	return all
}

// TwinInstitutions returns groups of institutions that may be one, the greatest first: in one country, or with one
// whose country isn't known, and with names that are the same without accents, by sound, or in their longer words but
// for endings.
func (d *Desk) TwinInstitutions(ctx context.Context, actor account.Actor) ([][]InstitutionLine, error) {
	if !actor.CanSomewhere(account.EditInstitutions) {
		return nil, ErrForbidden
	}
	all, err := keptInstitutions(ctx, d.DB.Read())
	if err != nil {
		return nil, err
	}
	index := map[string][]int{}
	for i := range all {
		for _, key := range all[i].likenesses() {
			index[key] = append(index[key], i)
		}
	}
	group := make([]int, len(all)) // the lowest of those that may be one with it
	for i := range group {
		group[i] = i
	}
	for _, key := range slices.Sorted(maps.Keys(index)) {
		joinTwins(all, group, index[key])
	}
	members := map[int][]InstitutionLine{}
	for i := range all {
		members[group[i]] = append(members[group[i]], all[i])
	}
	var out [][]InstitutionLine
	for _, first := range slices.Sorted(maps.Keys(members)) {
		if len(members[first]) > 1 {
			out = append(out, members[first])
		}
	}
	slices.SortStableFunc(out, func(x, y []InstitutionLine) int { return cmp.Compare(len(y), len(x)) })
	var flat []InstitutionLine
	for _, g := range out {
		flat = append(flat, g...)
	}
	if err := d.count(ctx, actor, flat); err != nil {
		return nil, err
	}
	for _, g := range out {
		copy(g, flat)
		flat = flat[len(g):]
	}
	return out, nil
}

// joinTwins puts those of some, which have a name in common, into one group with those of their country. One without a
// country joins where only one country is known.
func joinTwins(all []InstitutionLine, group, some []int) {
	var lands []string
	for _, i := range some {
		add(&lands, all[i].Country)
	}
	for n, i := range some {
		for _, j := range some[n+1:] {
			x, y := all[i].Country, all[j].Country
			if group[i] == group[j] || x != y && (len(lands) > 1 || x != "" && y != "") {
				continue
			}
			from, to := max(group[i], group[j]), min(group[i], group[j])
			for k := range group {
				if group[k] == from {
					group[k] = to
				}
			}
		}
	}
}

// likenesses are the keys of which two institutions that may be one have one in common.
func (l *InstitutionLine) likenesses() []string {
	var keys []string
	for _, name := range l.names() {
		add(&keys, "a"+institutionKey(name))
		sound := locale.SoundKey(name)
		if sound == "" {
			continue
		}
		add(&keys, "s"+sound)
		var stems []string
		for _, word := range strings.Fields(sound) {
			if len(word) > 2 {
				add(&stems, word[:min(len(word), stem)])
			}
		}
		if len(stems) > 1 {
			slices.Sort(stems)
			add(&keys, "w"+strings.Join(stems, " "))
		}
	}
	return keys
}

// stem is how many letters of a word stay when its case changes: Podgorica, u Podgorici.
const stem = 6
