package roster

import (
	"strconv"
	"strings"

	"attesta/app/locale"
)

func itoa(n int) string { return strconv.Itoa(n) }

// readOthers goes through the other sheets: one with names and attendance is joined to the list by name, any other is
// told and left alone.
func (r *reader) readOthers(main *page) {
	for i := range r.book.Sheets {
		s := &r.book.Sheets[i]
		if s.Name == main.Name || len(s.Rows) == 0 {
			continue
		}
		if s.Hidden {
			r.notice("roster.sheet_hidden", s.Name, "", 0, "Sheet", s.Name)
			continue
		}
		p := r.page(s)
		if !r.join(p) {
			r.notice("roster.sheet_unread", s.Name, "", 0, "Sheet", s.Name, "N", len(s.Rows))
		}
	}
}

// join adds the attendance of a sheet to the rows of the list. It is false if the sheet has no attendance by name.
func (r *reader) join(p *page) bool {
	at := r.findHeader(p, 1, headerRows)
	if at == 0 {
		return false
	}
	l := r.layoutAt(p, at)
	if m := r.moment(p.Name); m.dated() || m.half > 0 {
		bySheetName(l, m)
	}
	trial := &reader{book: r.book, v: r.v, opts: Options{Event: r.opts.Event}, list: &List{Units: r.list.Units}, pages: r.pages, headings: r.headings, moments: r.moments, settled: r.settled}
	if err := trial.assign(p, l, len(p.Rows)); err != nil || l.name() == 0 || l.first(Attendance) == 0 {
		return false
	}
	r.list.Notices = append(r.list.Notices, trial.list.Notices...)
	r.letters = r.letters || trial.letters
	for row := 1; row < l.top; row++ {
		r.line(&r.list.Titles, p, row)
	}
	for row := l.top; row <= l.bottom; row++ {
		r.line(&r.list.Headers, p, row)
	}
	r.list.Mapping = append(r.list.Mapping, exported(l)...)
	r.joinRows(p, l)
	return true
}

// bySheetName gives the day in the sheet's name to columns that say none: a sheet a day, each with its signatures.
func bySheetName(l *layout, m moment) {
	for _, c := range l.columns {
		if !c.moment.is() || c.moment.dated() {
			continue
		}
		c.moment.month, c.moment.day, c.moment.year, c.moment.number, c.moment.weekday = m.month, m.day, m.year, m.number, m.weekday
		if c.moment.half == 0 {
			c.moment.half = m.half
		}
	}
}

func (r *reader) joinRows(p *page, l *layout) {
	by := map[string][]int{}
	for i := range r.list.Rows {
		k := joinKey(r.v, r.list.Rows[i].FullName)
		by[k] = append(by[k], i)
	}
	emails := map[string][]int{}
	for i := range r.list.Rows {
		if e := r.list.Rows[i].Email; e != "" {
			emails[strings.ToLower(e)] = append(emails[strings.ToLower(e)], i)
		}
	}
	used := map[int]int{}
	for row := l.bottom + 1; row <= len(p.Rows); row++ {
		if p.empty(row) {
			continue
		}
		name := r.nameOf(p, l, row)
		if r.repeats(p, l, row) {
			r.line(&r.list.Headers, p, row)
			continue
		}
		if key := r.aside(p, l, row, name); key != "" {
			r.ignore(p, row, key)
			continue
		}
		if name == "" {
			r.nameless(p, l, row)
			continue
		}
		hits := by[joinKey(r.v, name)]
		if len(hits) != 1 {
			hits = r.byEmail(p, l, row, emails, hits)
		}
		if len(hits) == 0 {
			hits = r.similar(name)
		}
		r.joinRow(p, l, row, name, hits, used)
	}
}

// byEmail narrows down by the address, if the other sheet has one.
func (r *reader) byEmail(p *page, l *layout, row int, emails map[string][]int, hits []int) []int {
	col := l.first(Email)
	if col == 0 {
		return hits
	}
	e, _, _ := address(p.At(row, col))
	if found := emails[strings.ToLower(e)]; e != "" && len(found) == 1 {
		return found
	}
	return hits
}

// similar finds the one row whose name sounds alike, for a sheet in the other script or without accents.
func (r *reader) similar(name string) []int {
	var hits []int
	for i := range r.list.Rows {
		switch locale.SamePerson(name, r.list.Rows[i].FullName) {
		case locale.MatchExact, locale.MatchASCII, locale.MatchSound:
			hits = append(hits, i)
		}
	}
	return hits
}

func joinKey(v *Vocabulary, name string) string {
	rest, _ := v.untitled(inBrackets.ReplaceAllString(name, " "))
	return locale.ASCIIKey(rest)
}

func (r *reader) joinRow(p *page, l *layout, row int, name string, hits []int, used map[int]int) {
	switch {
	case len(hits) == 0:
		r.refuse(p, row, "roster.join_nobody", "Sheet", r.list.Sheet)
		return
	case len(hits) > 1:
		r.refuse(p, row, "roster.join_several", "N", len(hits), "Sheet", r.list.Sheet)
		return
	}
	if other, ok := used[hits[0]]; ok {
		r.refuse(p, row, "roster.join_twice", "Row", other)
		return
	}
	used[hits[0]] = row
	to := &r.list.Rows[hits[0]]
	x := Row{Sheet: p.Name, Number: row, FullName: name, Present: map[int]Mark{}}
	r.marks(&x, p, l, row)
	for u, m := range x.Present {
		old, ok := to.Present[u]
		if ok && old.State != Unknown && old.State != m.State && m.State != Unknown {
			r.notice("roster.join_differs", p.Name, "", row, "Row", to.Number)
			continue
		}
		if !ok || old.State == Unknown {
			to.Present[u] = m
		}
	}
	r.settle(p, row)
	r.list.Joined = append(r.list.Joined, Joined{Sheet: p.Name, Row: row, To: to.Number})
}
