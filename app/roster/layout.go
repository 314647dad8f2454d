package roster

import (
	"strings"
)

// layout is a header: the rows that it takes and what each column is.
type layout struct {
	top, bottom int // rows of the header; both are one less than the first row if there is none
	columns     []*column
}

// column is a Column in the making.
type column struct {
	Column
	reading  reading
	moment   moment
	values   []string // a sample of what stands below
	genderOf func(string) string
	counting *bool // see counts
}

// first returns the index of the first column that holds a field, 0 if none does.
func (l *layout) first(f ...Field) int {
	for _, want := range f {
		for _, c := range l.columns {
			if c.Field == want {
				return c.Index
			}
		}
	}
	return 0
}

func (l *layout) name() int { return l.first(Name, GivenFamily, FamilyGiven, Given, Family) }

const headerRows = 100 // a header is looked for in so many rows

// strength says how much a row looks like a header.
type strength struct {
	fields  int // different ones
	names   bool
	moments int
	known   int // cells that are words of the vocabulary
	cells   int
}

func (s strength) header() bool {
	return s.names && s.fields+min(s.moments, 1) >= 2
}

func (s strength) score() int { return 2*s.fields + s.moments }

func (r *reader) strength(p *page, row int) strength {
	var s strength
	seen := map[Field]bool{}
	for _, cell := range p.Rows[row-1] {
		if cell == "" {
			continue
		}
		s.cells++
		if s.cells > 200 {
			break
		}
		h := r.heading(cell)
		if h.field == Attendance || h.field == "" || h.field == Other {
			if m := r.moment(cell); m.is() {
				s.moments++
				s.known++
				continue
			}
		}
		if h.field == "" || len(cell) > 200 {
			continue
		}
		if h.confidence == 1 || h.note == noteMisspelt {
			s.known++
		}
		if !seen[h.field] && h.field != Consent {
			seen[h.field] = true
			s.fields++
		}
		switch h.field {
		case Name, Given, Family, GivenFamily, FamilyGiven:
			s.names = true
		}
	}
	return s
}

// findHeader returns the row between from and to that is the header, 0 if none is. The first good one is taken, not
// the best: another list may follow below.
func (r *reader) findHeader(p *page, from, to int) int {
	best := 0
	scores := map[int]int{}
	for row := from; row <= min(to, len(p.Rows)); row++ {
		if p.empty(row) {
			continue
		}
		s := r.strength(p, row)
		if !s.header() || s.known*3 < s.cells && s.fields < 4 {
			continue
		}
		scores[row] = s.score()
		best = max(best, s.score())
	}
	for row := from; row <= min(to, len(p.Rows)); row++ {
		if sc, ok := scores[row]; ok && sc*10 >= best*6 {
			return row
		}
	}
	return r.loneHeader(p, from, to)
}

// loneHeader finds a heading for names that stands alone: a list of nothing but names.
func (r *reader) loneHeader(p *page, from, to int) int {
	for row := from; row <= min(to, len(p.Rows)); row++ {
		for _, cell := range p.rowCells(row) {
			h := r.heading(cell)
			switch h.field {
			case Name, GivenFamily, FamilyGiven:
				if h.confidence == 1 && p.filled(row) <= 2 && p.filled(row+1) <= 3 && !p.empty(row+1) {
					return row
				}
			}
		}
	}
	return 0
}

func (p *page) rowCells(row int) []string {
	if p.empty(row) {
		return nil
	}
	return p.Rows[row-1]
}

// isHeader tells a header further down: most of its cells are words of the vocabulary.
func (r *reader) isHeader(p *page, row int) bool {
	known, cells := 0, 0
	for _, c := range p.Rows[row-1] {
		if c == "" {
			continue
		}
		if cells++; cells > 6 {
			break
		}
		if len(c) < 60 && r.v.sure(c) {
			known++
		}
	}
	if known < 2 || known*2 < cells {
		return false
	}
	s := r.strength(p, row)
	return s.header() && s.known*2 >= s.cells
}

// layoutAt reads the header whose main row is given.
func (r *reader) layoutAt(p *page, row int) *layout {
	l := &layout{top: row, bottom: row}
	for l.bottom < row+2 && r.isSub(p, row, l.bottom+1) {
		l.bottom++
	}
	for l.top > 1 && l.top > row-2 && r.isGroup(p, row, l.top-1) {
		l.top--
	}
	for col := 1; col <= p.width; col++ {
		heading := r.composed(p, l, col)
		c := &column{Column: Column{Sheet: p.Name, Index: col, Letter: letter(col), Heading: heading.text}}
		c.reading, c.moment = heading.reading, heading.moment
		l.columns = append(l.columns, c)
	}
	return l
}

// isSub tells the second row of a header: nothing where the name stands, and below attendance only halves, dates,
// numbers or further headings.
func (r *reader) isSub(p *page, main, row int) bool {
	if p.empty(row) || row > len(p.Rows) {
		return false
	}
	moments, numbers, different := 0, 0, map[string]bool{}
	for i, cell := range p.Rows[row-1] {
		if cell == "" {
			continue
		}
		col := i + 1
		h := r.heading(p.across(main, col))
		m := r.moment(cell)
		switch {
		case m.is() || isSequence(m):
			if h.field != "" && h.field != Attendance && h.field != Other && h.confidence == 1 && !r.moment(p.across(main, col)).is() {
				return false
			}
			moments++
			different[folded(cell)] = true
			if isSequence(m) && !m.is() {
				numbers++
			}
		case r.heading(cell).confidence == 1 && p.across(main, col) == "":
		case p.continued(row, col):
		default:
			return false
		}
	}
	return moments > 0 && (numbers < moments || len(different) > 1)
}

func isSequence(m moment) bool { return m.seq > 0 && m.unknown == 0 }

// isGroup tells a row above the header that groups columns of attendance: "Day 1" over AM and PM.
func (r *reader) isGroup(p *page, main, row int) bool {
	if p.empty(row) {
		return false
	}
	groups := 0
	for i, cell := range p.Rows[row-1] {
		if cell == "" {
			continue
		}
		col := i + 1
		below := r.heading(p.At(main, col))
		if !r.moment(cell).is() {
			if below.field != "" && p.span(row, col) > col && p.span(row, col) < p.width {
				continue // a group of other columns, "Personal details"
			}
			return false
		}
		if below.field != "" && below.field != Attendance && below.field != Other && below.confidence == 1 {
			return false
		}
		if p.At(main, col) == "" && p.down(main, col) == "" && p.span(row, col) == col {
			return false
		}
		groups++
	}
	return groups > 0
}

type heading struct {
	text    string
	reading reading
	moment  moment
}

// composed joins what the rows of a header say about one column and reads it.
func (r *reader) composed(p *page, l *layout, col int) heading {
	var parts []string
	for row := l.top; row <= l.bottom; row++ {
		s := p.across(row, col)
		if s == "" && row < l.bottom {
			s = r.leftOf(p, l, row, col)
		}
		if s != "" && (len(parts) == 0 || parts[len(parts)-1] != s) {
			parts = append(parts, oneLine(s))
		}
	}
	h := heading{text: strings.Join(parts, " ")}
	if len(parts) == 0 {
		return h
	}
	h.reading, h.moment = r.heading(h.text), r.moment(h.text)
	if h.moment.is() {
		return h
	}
	for i := len(parts) - 1; i >= 0 && len(parts) > 1; i-- {
		if x := r.heading(parts[i]); x.field != "" && x.confidence >= h.reading.confidence {
			h.reading = x
			break
		}
	}
	return h
}

// leftOf returns the group heading to the left of an empty cell when the header goes on below it: "Day 1" stands over
// AM only, PM beside it belongs to the same day.
func (r *reader) leftOf(p *page, l *layout, row, col int) string {
	below := p.At(row+1, col)
	if below == "" && row+1 < l.bottom {
		below = p.At(row+2, col)
	}
	if m := r.moment(below); below == "" || !m.is() && !isSequence(m) {
		return ""
	}
	for c := col - 1; c >= 1; c-- {
		if s := p.At(row, c); s != "" {
			if p.span(row, c) > c || !r.moment(s).is() {
				return ""
			}
			return s
		}
		if p.At(row+1, c) == "" {
			return ""
		}
	}
	return ""
}
