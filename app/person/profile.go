package person

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/locale"
)

// profile is all that is known of a root and of everybody merged into it.
type profile struct {
	id           int64
	ids          []int64
	names        []name
	genders      []Gender // stated ones
	countries    []string
	emails       []string
	phones       []string
	institutions []workplace
	events       []int64
}

// name is one way in which somebody was written down.
type name struct {
	full, plain, ascii, sound string
	given                     string   // ASCII
	parts                     []string // of sound
}

// workplace is an institution somebody was listed with.
type workplace struct {
	key, country string
	kind         InstitutionType
	words        []string // of its name, by sound, without short ones
}

func (p *profile) sounds() []string {
	var out []string
	for _, n := range p.names {
		add(&out, n.sound)
	}
	return out
}

func (p *profile) parts() []string {
	var out []string
	for _, n := range p.names {
		for _, part := range n.parts {
			add(&out, part)
		}
	}
	return out
}

// add appends v unless it is empty or there already.
func add[T comparable](to *[]T, v T) {
	var empty T
	if v != empty && !slices.Contains(*to, v) {
		*to = append(*to, v)
	}
}

// readProfiles returns everybody who isn't merged, sorted by id.
func readProfiles(ctx context.Context, q bun.IDB) ([]*profile, error) {
	var persons []Person
	if err := q.NewSelect().Model(&persons).Order("p.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read persons: %w", err)
	}
	places, err := readWorkplaces(ctx, q)
	if err != nil {
		return nil, err
	}
	into := make(map[int64]int64, len(persons))
	for _, p := range persons {
		into[p.ID] = p.MergedInto
	}
	byRoot := map[int64]*profile{}
	var out []*profile
	for _, p := range persons {
		root := p.ID
		for into[root] != 0 {
			root = into[root]
		}
		of := byRoot[root]
		if of == nil {
			of = &profile{id: root}
			byRoot[root] = of
			out = append(out, of)
		}
		of.take(p, places)
	}
	slices.SortFunc(out, func(a, b *profile) int { return int(a.id - b.id) })
	return out, readRegistrations(ctx, q, byRoot, into, places)
}

func (p *profile) take(one Person, places map[int64]workplace) {
	p.ids = append(p.ids, one.ID)
	if one.ASCIIKey != "" && !slices.ContainsFunc(p.names, func(n name) bool { return n.full == one.FullName }) {
		p.names = append(p.names, name{
			full: one.FullName, plain: locale.Normalise(one.FullName), ascii: one.ASCIIKey, sound: one.SoundKey,
			given: locale.ASCIIKey(one.GivenName), parts: strings.Fields(one.SoundKey),
		})
	}
	if one.Gender != NotStated {
		add(&p.genders, one.Gender)
	}
	add(&p.countries, one.Country)
	add(&p.emails, one.EmailKey)
	add(&p.phones, one.PhoneKey)
	p.workAt(places[one.InstitutionID])
}

func (p *profile) workAt(w workplace) {
	if w.key != "" && !slices.ContainsFunc(p.institutions, func(o workplace) bool { return o.key == w.key && o.country == w.country }) {
		p.institutions = append(p.institutions, w)
	}
}

func readWorkplaces(ctx context.Context, q bun.IDB) (map[int64]workplace, error) {
	var rows []Institution
	if err := q.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read institutions: %w", err)
	}
	out := make(map[int64]workplace, len(rows))
	into := map[int64]int64{}
	for _, r := range rows {
		if r.MergedInto != 0 {
			into[r.ID] = r.MergedInto
		}
		w := workplace{key: r.NameKey, country: r.Country, kind: r.Type}
		for _, word := range strings.Fields(locale.SoundKey(r.Name)) {
			if len(word) > 2 {
				add(&w.words, word)
			}
		}
		out[r.ID] = w
	}
	kept := make(map[int64]workplace, len(out))
	for id := range out {
		root := id
		for into[root] != 0 {
			root = into[root]
		}
		kept[id] = out[root]
	}
	return kept, nil
}

// readRegistrations adds what people said of themselves at each event: addresses and workplaces change.
func readRegistrations(ctx context.Context, q bun.IDB, byRoot map[int64]*profile, into map[int64]int64, places map[int64]workplace) error {
	var rows []struct {
		PersonID, EventID, InstitutionID int64
		EmailKey, Phone, Country         string
	}
	err := q.NewRaw(`SELECT person_id, event_id, COALESCE(institution_id, 0) AS institution_id, email_key, phone, country
		FROM registrations ORDER BY id`).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("read registrations: %w", err)
	}
	for _, r := range rows {
		root := r.PersonID
		for into[root] != 0 {
			root = into[root]
		}
		p := byRoot[root]
		if p == nil {
			continue // came into being after the persons were read
		}
		add(&p.events, r.EventID)
		add(&p.emails, r.EmailKey)
		add(&p.phones, PhoneKey(r.Phone))
		add(&p.countries, r.Country)
		p.workAt(places[r.InstitutionID])
	}
	return nil
}
