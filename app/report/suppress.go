package report

import (
	"maps"
	"slices"
)

// enough is how many values a hidden number must still be able to have for somebody who knows all that is shown.
const enough = 3

// Suppress returns the figures as they may leave the organisers' hands: no number below threshold but 0 is in them,
// and none can be computed from the others. It assumes the worst: a reader who adds and subtracts all that is shown,
// over categories, events and totals, and who knows how few "fewer than five" is.
//
// None at all is shown as none: it identifies nobody, and which categories are empty is known beforehand of most. What
// is hidden as Few lies between 1 and threshold-1. Where hiding the small ones isn't enough, further numbers of the
// same row are hidden, the smallest first, and all that are hidden there are marked Withheld alike, so that the marks
// don't tell which ones are small; then further ones of the same column. A breakdown of which nothing can be shown is
// empty and named in Withheld. Indicators are derived from what is shown. Where a quiet event was held isn't in them.
func (f *Figures) Suppress(threshold int) *Figures {
	out := f.clone()
	out.For, out.Below = ForDonor, threshold
	for i := range out.Events {
		if e := &out.Events[i]; e.Quiet {
			e.Country, e.City = "", ""
		}
	}
	s := &suppression{f: out, below: threshold}
	s.attendances()
	for _, d := range dimensions {
		t := newTable(s, d)
		t.protect()
		t.publish(out, d)
	}
	s.counts()
	for i, p := range out.Indicators {
		if p.Key == Certificates {
			out.Indicators[i].Value = few(p.Value, threshold)
		} else {
			out.Indicators[i].Value = out.value(p.Key)
		}
	}
	return out
}

// dimension is one way to break figures down.
type dimension struct {
	name        string
	event       func(e *Event) *Counts
	attendances func(t *Totals) *Counts
	persons     func(t *Totals) *Counts
}

var dimensions = []dimension{
	{"gender", func(e *Event) *Counts { return &e.ByGender }, func(t *Totals) *Counts { return &t.AttendancesByGender }, func(t *Totals) *Counts { return &t.ByGender }},
	{"country", func(e *Event) *Counts { return &e.ByCountry }, func(t *Totals) *Counts { return &t.AttendancesByCountry }, func(t *Totals) *Counts { return &t.ByCountry }},
	{"institution_type", func(e *Event) *Counts { return &e.ByInstitutionType }, func(t *Totals) *Counts { return &t.AttendancesByInstitutionType }, func(t *Totals) *Counts { return &t.ByInstitutionType }},
}

func (f *Figures) clone() *Figures {
	out := *f
	out.Events = slices.Clone(f.Events)
	out.Indicators = slices.Clone(f.Indicators)
	for i := range out.Events {
		for _, d := range dimensions {
			*d.event(&out.Events[i]) = maps.Clone(*d.event(&out.Events[i]))
		}
	}
	for _, d := range dimensions {
		*d.attendances(&out.Totals) = maps.Clone(*d.attendances(&out.Totals))
		*d.persons(&out.Totals) = maps.Clone(*d.persons(&out.Totals))
	}
	return &out
}

type suppression struct {
	f     *Figures
	below int
	came  []mark // of each event
	known bool   // attendances and unique persons are shown
}

// mark says whether a number is hidden, and how.
type mark int

const (
	shown mark = iota
	small      // shown as "fewer than"
	withheld
)

func (m mark) count(n int) Count {
	switch m {
	case small:
		return Count{Hidden: Few}
	case withheld:
		return Count{Hidden: Withheld}
	}
	return Count{N: n}
}

func few(c Count, below int) Count {
	if c.Hidden == Shown && c.N > 0 && c.N < below {
		return small.count(0)
	}
	return c
}

// attendances decides which events' number of those who came is hidden.
func (s *suppression) attendances() {
	t := s.f.Totals
	r := row{sum: t.Attendances.N}
	for _, e := range s.f.Events {
		r.cells = append(r.cells, cell{n: e.Came.N})
	}
	r.hideFew(s.below)
	r.settle(s.below)
	s.known = !r.dropped && few(t.UniquePersons, s.below).Hidden == Shown && few(t.Attendances, s.below).Hidden == Shown
	for _, c := range r.cells {
		if !s.known && c.n > 0 {
			c.mark = max(c.mark, withheld)
		}
		s.came = append(s.came, c.mark)
	}
}

// counts hides what else is small or follows from what is hidden.
func (s *suppression) counts() {
	hiddenTraining := false
	for i := range s.f.Events {
		e := &s.f.Events[i]
		e.Listed, e.Completed, e.HalfDays = few(e.Listed, s.below), few(e.Completed, s.below), few(e.HalfDays, s.below)
		if m := s.came[i]; m != shown {
			e.Came, e.HalfDays = m.count(0), Count{Hidden: Withheld}
			if e.Completed.Hidden == Shown {
				e.Completed = Count{Hidden: Withheld}
			}
			hiddenTraining = hiddenTraining || e.Type.IsTraining()
		}
	}
	t := &s.f.Totals
	others := t.UniquePersons.N - t.UniquePersonsTrainings.N
	t.UniquePersonsTrainings = few(t.UniquePersonsTrainings, s.below)
	if t.UniquePersonsTrainings.N > 0 && (hiddenTraining || !s.known || others > 0 && others < s.below) {
		t.UniquePersonsTrainings = Count{Hidden: Withheld}
	}
	for _, c := range []*Count{&t.Attendances, &t.UniquePersons} {
		if *c = few(*c, s.below); !s.known && c.Hidden == Shown && c.N > 0 {
			*c = Count{Hidden: Withheld}
		}
	}
}

// cell is one number of a table.
type cell struct {
	n    int
	mark mark
}

// row is cells with a sum that is shown.
type row struct {
	cells   []cell
	sum     int
	dropped bool // not even which of the cells are empty is shown
}

func (r *row) hideFew(below int) {
	for i, c := range r.cells {
		if c.n > 0 && c.n < below {
			r.cells[i].mark = small
		}
	}
}

// settle hides more of a row until each of its hidden cells may have enough values for somebody who knows the sum and
// the other cells.
func (r *row) settle(below int) {
	for !r.dropped {
		hidden, few := r.hidden()
		if len(hidden) == 0 {
			return
		}
		if few && r.open(hidden, below-1) {
			return
		}
		r.set(hidden, withheld)
		next, most := r.smallestShown(), r.sum
		if next >= 0 {
			most = r.cells[next].n - 1 // who knows that the smallest are hidden first knows that all of them are smaller
		}
		switch {
		case (!few || next < 0) && r.open(hidden, most):
			return
		case next >= 0:
			r.cells[next].mark = withheld
		default:
			r.drop()
		}
	}
}

// hidden returns which cells are, and whether all of them still bear the mark of a small number.
func (r *row) hidden() (at []int, few bool) {
	few = true
	for i, c := range r.cells {
		if c.mark != shown {
			at = append(at, i)
			few = few && c.mark == small
		}
	}
	return at, few
}

// open reports whether each hidden cell may have enough values if all lie between 1 and most.
func (r *row) open(hidden []int, most int) bool {
	rest := 0
	for _, i := range hidden {
		if r.cells[i].n > most {
			return false
		}
		rest += r.cells[i].n
	}
	others := len(hidden) - 1
	low, high := max(1, rest-others*most), min(most, rest-others)
	return high-low+1 >= enough
}

func (r *row) set(at []int, m mark) {
	for _, i := range at {
		r.cells[i].mark = m
	}
}

func (r *row) smallestShown() int {
	at := -1
	for i, c := range r.cells {
		if c.mark == shown && c.n > 0 && (at < 0 || c.n < r.cells[at].n) {
			at = i
		}
	}
	return at
}

func (r *row) drop() {
	r.dropped = true
	for i := range r.cells {
		r.cells[i].mark = withheld
	}
}

// choice reports whether a row says anything: one category alone follows from the sum.
func (r *row) choice() bool {
	n := 0
	for _, c := range r.cells {
		if c.n > 0 {
			n++
		}
	}
	return n > 1
}
