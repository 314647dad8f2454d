package desk

import (
	"slices"
	"strconv"
	"time"

	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/web"
)

// suggestionPage lists who may be one person, side by side, and the merges that were made.
type suggestionPage struct {
	web.Page
	All    int
	Groups []Group
	Merges []MergeLine
}

// Group is two or more records that may be one person.
type Group struct {
	N       int
	Score   string
	Tone    web.Tone
	Reasons []string
	Records []RecordCard
}

// RecordCard is one record of it.
type RecordCard struct {
	person.Record
	First    bool // is kept unless another one is chosen
	TypeKey  string
	Nation   string
	Attended []Said
	Sources  []person.Source
}

// MergeLine is a merge that still stands.
type MergeLine struct {
	ID            int64
	Kept, Dropped string
	At            time.Time
}

// suggestions at once; the likeliest come first, and merging makes room.
const maxGroups, maxMerges = 50, 50

func (p *Pages) suggestions(c *web.Ctx) error {
	all, err := p.Persons.Suggest(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	made, err := p.Persons.Made(c.Context(), c.Actor(), maxMerges)
	if err != nil {
		return err
	}
	shown := all[:min(maxGroups, len(all))]
	var ids []int64
	for _, s := range shown {
		ids = append(ids, s.Persons...)
	}
	for _, m := range made {
		ids = append(ids, m.KeptID, m.DroppedID)
	}
	slices.Sort(ids)
	records, err := person.Records(c.Context(), p.DB.Read(), slices.Compact(ids))
	if err != nil {
		return err
	}
	page := &suggestionPage{Page: c.Page(c.T("desk.suggestions")), All: len(all)}
	page.NoIndex, page.Wide, page.Back = true, true, &web.Crumb{Href: "/desk", Label: c.T("nav.events")}
	for i, s := range shown {
		page.Groups = append(page.Groups, group(c.Printer(), i+1, s, records))
	}
	for _, m := range made {
		page.Merges = append(page.Merges, MergeLine{ID: m.ID, Kept: records[m.KeptID].FullName, Dropped: records[m.DroppedID].FullName, At: m.CreatedAt.Time})
	}
	return c.Render("desk/person_suggestions", page)
}

func group(p *locale.Printer, n int, s person.Suggestion, records map[int64]person.Record) Group {
	g := Group{N: n, Score: p.Percent(s.Score, 0), Tone: web.Calm}
	if s.Score >= 0.75 {
		g.Tone = web.Wait
	}
	for _, r := range s.Reasons {
		g.Reasons = append(g.Reasons, p.T(r.Key()))
	}
	for i, id := range s.Persons {
		r := records[id]
		card := RecordCard{Record: r, First: i == 0, TypeKey: typeKey(r.Kind), Nation: p.Country(r.Country)}
		for _, e := range r.Events {
			card.Attended = append(card.Attended, said(p, e.Title))
		}
		for _, src := range s.Sources {
			if src.Person == id {
				card.Sources = append(card.Sources, src)
			}
		}
		g.Records = append(g.Records, card)
	}
	return g
}

// merge merges everybody of a group who is ticked into the one who is kept.
func (p *Pages) merge(c *web.Ctx) error {
	keep, drop, err := toMerge(c.Form(), "person")
	if err != nil {
		return err
	}
	merges, err := p.Persons.Merge(c.Context(), c.Actor(), keep, drop...)
	if err != nil {
		return err
	}
	c.Flash(web.Go, "desk.merged", "N", len(merges))
	return c.Redirect("/desk/persons/suggestions")
}

// toMerge reads which one is kept and which others, ticked under a name, are merged into it.
func toMerge(f *web.Form, ticked string) (keep int64, drop []int64, err error) {
	if keep, err = strconv.ParseInt(f.Value("keep"), 10, 64); err != nil {
		return 0, nil, fault.New(fault.Invalid, "error.request_wrong")
	}
	for _, v := range f.Values(ticked) {
		if id, err := strconv.ParseInt(v, 10, 64); err == nil && id != keep {
			drop = append(drop, id)
		}
	}
	return keep, drop, nil
}

func (p *Pages) unmerge(c *web.Ctx) error {
	id, err := strconv.ParseInt(c.Form().Value("merge"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "error.request_wrong")
	}
	if _, err := p.Persons.UndoMerge(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	c.Flash(web.Go, "desk.unmerged")
	return c.Redirect("/desk/persons/suggestions")
}
