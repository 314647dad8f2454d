package report

import (
	"maps"
	"slices"
)

// table is one breakdown in all its places: a row for each event, one for the attendances and one for the persons.
type table struct {
	below      int
	categories []string
	rows       []row
	came       []int  // to each event
	cameMarks  []mark // whether that is hidden
	persons    int    // unique persons
	known      bool   // attendances and unique persons are shown
}

// attendances and persons are the last two rows.
func (t *table) attendances() int { return len(t.rows) - 2 }
func (t *table) unique() int      { return len(t.rows) - 1 }

func newTable(s *suppression, d dimension) *table {
	f := s.f
	t := &table{below: s.below, persons: f.Totals.UniquePersons.N, known: s.known, cameMarks: s.came}
	all := maps.Clone(*d.attendances(&f.Totals))
	maps.Copy(all, *d.persons(&f.Totals))
	t.categories = slices.Sorted(maps.Keys(all))
	for i := range f.Events {
		e := &f.Events[i]
		t.add(*d.event(e), e.Came.N, s.came[i] == shown)
		t.came = append(t.came, e.Came.N)
	}
	t.add(*d.attendances(&f.Totals), f.Totals.Attendances.N, s.known)
	t.add(*d.persons(&f.Totals), f.Totals.UniquePersons.N, s.known)
	return t
}

// add adds a row; nothing of it can be shown if its sum isn't.
func (t *table) add(b Counts, sum int, known bool) {
	r := row{sum: sum}
	for _, c := range t.categories {
		r.cells = append(r.cells, cell{n: b[c].N})
	}
	if !known {
		r.drop()
	}
	t.rows = append(t.rows, r)
}

// protect hides the small cells, and others until none can be told from the rest.
func (t *table) protect() {
	for i := range t.rows {
		if t.rows[i].dropped {
			continue
		}
		t.rows[i].hideFew(t.below)
		t.rows[i].settle(t.below)
	}
	for {
		i, j, told := t.told()
		if !told {
			return
		}
		if !t.cover(i, j) && !t.hideBeside(i, j) {
			return
		}
	}
}

// cover hides one more number of the same column, and what its row then wants, if that is enough for cell i, j.
func (t *table) cover(i, j int) bool {
	for _, k := range t.beside(j) {
		try := t.clone()
		try.hide(k, j)
		n, at := try.network()
		if n.room(at[i][j], enough-1) >= enough-1 {
			*t = *try
			return true
		}
	}
	return false
}

func (t *table) clone() *table {
	c := *t
	c.rows = slices.Clone(t.rows)
	for i := range c.rows {
		c.rows[i].cells = slices.Clone(c.rows[i].cells)
	}
	return &c
}

func (t *table) hide(i, j int) {
	t.rows[i].cells[j].mark = withheld
	t.rows[i].settle(t.below)
}

// beside returns the rows that show a number of a category which could be hidden: events before totals, the smallest
// number first, and the attendances before the persons.
func (t *table) beside(j int) []int {
	var at []int
	for k, r := range t.rows {
		if c := r.cells[j]; !r.dropped && c.mark == shown && c.n > 0 && r.choice() && (k != t.attendances() || t.open(j)) {
			at = append(at, k)
		}
	}
	slices.SortStableFunc(at, func(a, b int) int {
		if !t.isEvent(a) || !t.isEvent(b) {
			return a - b // the totals are the last rows
		}
		return t.rows[a].cells[j].n - t.rows[b].cells[j].n
	})
	return at
}

// hideBeside hides one more number: of the same column, else one of the same row; else the rest of some row; else one of
// the attendances. It returns false when nothing is left to hide.
func (t *table) hideBeside(i, j int) bool {
	if at := t.beside(j); len(at) > 0 {
		t.hide(at[0], j)
		return true
	}
	if s := t.rows[i].smallestShown(); !t.rows[i].dropped && s >= 0 && t.rows[i].choice() {
		t.hide(i, s)
		return true
	}
	for _, k := range append([]int{i}, t.order()...) {
		if r := &t.rows[k]; !r.dropped && r.choice() && k != t.attendances() {
			r.drop()
			return true
		}
	}
	return t.hideTotal()
}

// hideTotal hides one more of the attendances, the smallest that the events don't tell anyway. It returns false when
// there is none.
func (t *table) hideTotal() bool {
	total := &t.rows[t.attendances()]
	next := -1
	for j, c := range total.cells {
		if !total.dropped && c.mark == shown && c.n > 0 && t.open(j) && (next < 0 || c.n < total.cells[next].n) {
			next = j
		}
	}
	if next < 0 {
		return false
	}
	t.hide(t.attendances(), next)
	return true
}

// open reports whether an event hides its number of a category: else the sum of the attendances is known anyway.
func (t *table) open(j int) bool {
	return slices.ContainsFunc(t.rows[:t.attendances()], func(r row) bool { return r.cells[j].mark != shown })
}

func (t *table) isEvent(i int) bool { return i < len(t.came) }

// order is all rows, the smallest sum first.
func (t *table) order() []int {
	at := make([]int, len(t.rows))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return t.rows[a].sum - t.rows[b].sum })
	return at
}

// told returns a hidden cell that could have too few values.
func (t *table) told() (i, j int, told bool) {
	n, at := t.network()
	for i := range t.rows {
		for j := range t.categories {
			if c := t.rows[i].cells[j]; c.mark != shown && c.n > 0 && n.room(at[i][j], enough-1) < enough-1 {
				return i, j, true
			}
		}
	}
	return 0, 0, false
}

// network writes the table as a flow: from a source to the events (how many came), from those to the categories, from
// there, over the attendances of the category, to its persons and to its repeated attendances, and back to the source.
// Whoever knows the sums knows that what flows into a point flows out of it, and nothing else.
func (t *table) network() (*network, [][]int) {
	n := &network{}
	source, persons, repeats := n.point(), n.point(), n.point()
	in, out := make([]int, len(t.categories)), make([]int, len(t.categories))
	for j := range t.categories {
		in[j], out[j] = n.point(), n.point()
	}
	at := make([][]int, len(t.rows))
	for i := range t.came {
		from := n.point()
		n.edge(source, from, t.came[i], t.cameMarks[i], false, t.below)
		for j := range t.categories {
			at[i] = append(at[i], n.cell(from, in[j], &t.rows[i], j, t.below))
		}
	}
	total := 0
	for j := range t.categories {
		a, u := t.rows[t.attendances()].cells[j].n, t.rows[t.unique()].cells[j].n
		at[t.attendances()] = append(at[t.attendances()], n.cell(in[j], out[j], &t.rows[t.attendances()], j, t.below))
		at[t.unique()] = append(at[t.unique()], n.cell(out[j], persons, &t.rows[t.unique()], j, t.below))
		n.free(out[j], repeats, a-u)
		total += a
	}
	if t.known {
		n.edge(persons, source, t.persons, shown, false, t.below)
		n.edge(repeats, source, total-t.persons, shown, false, t.below)
	} else {
		n.free(persons, source, t.persons)
		n.free(repeats, source, total-t.persons)
	}
	return n, at
}

// publish puts what is left into the figures.
func (t *table) publish(f *Figures, d dimension) {
	write := func(i int, to *Counts, name string, withheld *[]string) {
		*to = Counts{}
		for j, category := range t.categories {
			switch c := t.rows[i].cells[j]; {
			case t.rows[i].dropped || c.n == 0:
			default:
				(*to)[category] = c.mark.count(c.n)
			}
		}
		if t.rows[i].dropped && t.rows[i].sum > 0 {
			*withheld = append(slices.Clip(*withheld), name)
		}
	}
	for i := range f.Events {
		e := &f.Events[i]
		write(i, d.event(e), "came_by_"+d.name, &e.Withheld)
	}
	write(t.attendances(), d.attendances(&f.Totals), "attendances_by_"+d.name, &f.Totals.Withheld)
	write(t.unique(), d.persons(&f.Totals), "unique_by_"+d.name, &f.Totals.Withheld)
}
