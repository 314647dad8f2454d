package roster

import (
	"attesta/app/sheet"
)

// reader reads one book.
type reader struct {
	book     *sheet.Book
	v        *Vocabulary
	opts     Options
	list     *List
	pages    map[string]*page
	headings map[string]reading // of cells that have been looked at
	moments  map[string]moment
	settled  map[[2]any]bool // sheet and row that have their place in the list
	letters  bool            // P stands for present somewhere in the list
	section  section
	noticeAt map[string]int // place in list.Notices of those that gather rows
}

// section is what the section headings above the current row say.
type section struct{ country, institution, kind, text string }

func newReader(book *sheet.Book, v *Vocabulary, opts Options) *reader {
	r := &reader{
		book: book, v: v, opts: opts, list: &List{Units: opts.Event.Count()},
		pages: map[string]*page{}, headings: map[string]reading{}, moments: map[string]moment{}, settled: map[[2]any]bool{},
	}
	r.list.File = File{book.Name, string(book.Kind), book.Encoding, book.Delimiter}
	return r
}

func letter(col int) string { return sheet.ColumnName(col) }

const remembered = 20_000 // readings kept of cells that repeat

func (r *reader) heading(cell string) reading {
	if cell == "" {
		return reading{}
	}
	h, ok := r.headings[cell]
	if !ok {
		h = r.v.heading(cell)
		if len(r.headings) < remembered {
			r.headings[cell] = h
		}
	}
	return h
}

func (r *reader) moment(cell string) moment {
	if cell == "" {
		return moment{unknown: 1}
	}
	m, ok := r.moments[cell]
	if !ok {
		m = r.v.moment(cell, r.opts.Event)
		if len(r.moments) < remembered {
			r.moments[cell] = m
		}
	}
	return m
}

func (r *reader) page(s *sheet.Sheet) *page {
	if p, ok := r.pages[s.Name]; ok && p.Sheet == s {
		return p
	}
	p := newPage(s)
	r.pages[s.Name] = p
	return p
}

// chooseSheet returns the sheet with the list: the one asked for, else the visible one whose header knows most of its
// participants.
func (r *reader) chooseSheet() (*page, error) {
	wanted := r.opts.Sheet
	if wanted == "" && r.opts.Mapping != nil {
		wanted = r.opts.Mapping.Sheet
	}
	var best *page
	most := -1
	for i := range r.book.Sheets {
		s := &r.book.Sheets[i]
		if wanted != "" {
			if s.Name == wanted || folded(s.Name) == folded(wanted) && folded(wanted) != "" {
				return r.page(s), nil
			}
			continue
		}
		if s.Hidden || len(s.Rows) == 0 {
			continue
		}
		p := r.page(s)
		if n := r.promise(p); n > most {
			best, most = p, n
		}
	}
	if wanted != "" {
		return nil, ErrNoSheet.With("Sheet", wanted)
	}
	if best == nil {
		return nil, ErrNoList
	}
	return best, nil
}

// promise estimates how much a sheet says about participants.
func (r *reader) promise(p *page) int {
	row := r.findHeader(p, 1, headerRows)
	if row == 0 {
		return min(len(p.Rows), 20) * min(p.width, 3)
	}
	s := r.strength(p, row)
	return 1000 + 100*s.fields + min(len(p.Rows), 99)
}

// put adds an outcome for a row, once.
func (r *reader) refuse(p *page, row int, key string, params ...any) {
	r.list.Refused = append(r.list.Refused, r.outcome(p, row, key, params))
}

func (r *reader) ignore(p *page, row int, key string, params ...any) {
	r.list.Ignored = append(r.list.Ignored, r.outcome(p, row, key, params))
}

func (r *reader) outcome(p *page, row int, key string, params []any) Outcome {
	r.settle(p, row)
	o := Outcome{Sheet: p.Name, Row: row, Reason: Reason{Key: key, Params: map[string]any{}}, Text: rowText(p.Rows[row-1])}
	for i := 0; i+1 < len(params); i += 2 {
		o.Reason.Params[params[i].(string)] = params[i+1]
	}
	return o
}

func (r *reader) settle(p *page, row int) { r.settled[[2]any{p.Name, row}] = true }

func (r *reader) line(to *[]Line, p *page, row int) {
	if p.empty(row) {
		return
	}
	r.settle(p, row)
	*to = append(*to, Line{Sheet: p.Name, Row: row, Text: rowText(p.Rows[row-1])})
}

// readMain reads the list's own sheet, with all the lists that stand on it one below the other.
func (r *reader) readMain(p *page) error {
	r.list.Sheet = p.Name
	at := r.findHeader(p, 1, headerRows)
	if m := r.opts.Mapping; m != nil && m.HeaderRow > 0 {
		if p.empty(m.HeaderRow) {
			return ErrBadMapping.With("What", m.HeaderRow)
		}
		at = m.HeaderRow
	}
	if at == 0 {
		return r.readHeaderless(p)
	}
	first := true
	for at > 0 {
		l := r.layoutAt(p, at)
		if first {
			for row := 1; row < l.top; row++ {
				r.line(&r.list.Titles, p, row)
			}
		}
		for row := l.top; row <= l.bottom; row++ {
			r.line(&r.list.Headers, p, row)
		}
		next, err := r.readPart(p, l, first)
		if err != nil {
			return err
		}
		at, first = next, false
	}
	if len(r.list.Rows) == 0 && len(r.list.Refused) == 0 {
		return ErrNoList
	}
	return nil
}

// readPart reads the rows below one header and returns the row of the next header, 0 at the end. A header that repeats
// this one, as at the top of each printed page, only is noted.
func (r *reader) readPart(p *page, l *layout, first bool) (next int, err error) {
	last := len(p.Rows)
	for row := l.bottom + 1; row <= last; row++ {
		if p.empty(row) || !r.isHeader(p, row) {
			continue
		}
		if r.repeats(p, l, row) {
			r.line(&r.list.Headers, p, row)
			continue
		}
		next = row
		break
	}
	if next > 0 {
		last = next - 1
		for last > l.bottom && r.isGroup(p, next, last) {
			last--
		}
	}
	if err := r.assign(p, l, last); err != nil {
		return 0, err
	}
	if first {
		r.list.HeaderRow = l.bottom
		r.list.Mapping = exported(l)
	}
	from := len(r.list.Rows)
	for row := l.bottom + 1; row <= last; row++ {
		if !p.empty(row) && !r.settled[[2]any{p.Name, row}] {
			r.readRow(p, l, row)
		}
	}
	r.nameOrder(p, l, from)
	r.list.Parts = append(r.list.Parts, Part{HeaderRow: l.bottom, FirstRow: l.bottom + 1, LastRow: last, Columns: exported(l)})
	return next, nil
}

func exported(l *layout) []Column {
	var out []Column
	for _, c := range l.columns {
		if c.Heading != "" || c.Field != "" || len(c.values) > 0 {
			out = append(out, c.Column)
		}
	}
	return out
}

// repeats tells a row that holds the same headings as the header of l.
func (r *reader) repeats(p *page, l *layout, row int) bool {
	for i, c := range p.Rows[row-1] {
		if c == "" || i >= len(l.columns) {
			continue
		}
		same := false
		for h := l.top; h <= l.bottom; h++ {
			same = same || folded(p.across(h, i+1)) == folded(c)
		}
		if !same {
			return false
		}
	}
	return true
}

// finish adds what the file itself had to tell, and sees to it that no row was dropped.
func (r *reader) finish() {
	for _, n := range r.book.Notes {
		rows := []int(nil)
		if n.Row > 0 {
			rows = []int{n.Row}
		}
		r.list.Notices = append(r.list.Notices, Notice{Key: n.Key, Params: n.Params, Sheet: n.Sheet, Rows: rows})
	}
	r.noCountry()
	r.noTypes()
	p := r.pages[r.list.Sheet]
	for row := range p.Rows {
		if !p.empty(row+1) && !r.settled[[2]any{p.Name, row + 1}] {
			r.refuse(p, row+1, "roster.not_understood")
		}
	}
}

func (r *reader) noCountry() {
	var rows []int
	assumed := 0
	for i := range r.list.Rows {
		row := &r.list.Rows[i]
		switch {
		case row.CountryFrom == "event":
			assumed++
		case row.Country == "" && row.Extra["country"] == "":
			rows = append(rows, row.Number)
		}
	}
	if assumed > 0 {
		r.notice("roster.country_assumed", r.list.Sheet, "", 0, "N", assumed, "Country", r.opts.Event.Country)
	}
	if len(rows) > 0 {
		r.notice("roster.country_missing", r.list.Sheet, "", 0, "N", len(rows))
		r.list.Notices[len(r.list.Notices)-1].Rows = rows
	}
}

const maxInstitutions = 100 // told by name; the others are only counted

// noTypes tells once of each institution whose type its words don't say.
func (r *reader) noTypes() {
	rows := map[string][]int{}
	var order []string
	for _, row := range r.list.Rows {
		if row.InstitutionType != "" || row.Institution == "" {
			continue
		}
		k := folded(row.Institution)
		if rows[k] == nil {
			order = append(order, row.Institution)
		}
		rows[k] = append(rows[k], row.Number)
	}
	for i, name := range order {
		if i == maxInstitutions {
			r.notice("roster.types_unknown", r.list.Sheet, "", 0, "N", len(order)-i)
			return
		}
		r.notice("roster.type_unknown", r.list.Sheet, "", 0, "Institution", shorten(name, 80))
		r.list.Notices[len(r.list.Notices)-1].Rows = rows[folded(name)]
	}
}
