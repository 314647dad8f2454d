package roster

import (
	"strings"
)

// readHeaderless reads a sheet without a header by what stands in its columns.
func (r *reader) readHeaderless(p *page) error {
	l := &layout{top: 1, bottom: 0}
	for col := 1; col <= p.width; col++ {
		l.columns = append(l.columns, &column{Column: Column{Sheet: p.Name, Index: col, Letter: letter(col)}})
	}
	for row := 1; row <= min(3, len(p.Rows)); row++ {
		if p.filled(row) == 1 && p.width > 2 && !r.looksLikeRow(p, row) {
			r.line(&r.list.Titles, p, row)
			l.bottom = row
			continue
		}
		if !p.empty(row) {
			break
		}
	}
	for _, c := range l.columns {
		for row := l.bottom + 1; row <= len(p.Rows) && len(c.values) < sampleRows; row++ {
			if s := p.At(row, c.Index); s != "" {
				c.values = append(c.values, shorten(s, 200))
			}
		}
	}
	if r.opts.Mapping != nil && len(r.opts.Mapping.Columns) > 0 {
		if _, err := r.applyMapping(l); err != nil {
			return err
		}
	}
	r.infer(p, l)
	if l.name() == 0 {
		return ErrNoList
	}
	r.notice("roster.no_header", p.Name, "", 0)
	r.list.Mapping = exported(l)
	for row := l.bottom + 1; row <= len(p.Rows); row++ {
		if !p.empty(row) {
			r.readRow(p, l, row)
		}
	}
	if len(r.list.Rows) == 0 {
		return ErrNoList
	}
	r.nameOrder(p, l, 0)
	r.list.Parts = []Part{{FirstRow: l.bottom + 1, LastRow: len(p.Rows), Columns: exported(l)}}
	return nil
}

func (r *reader) looksLikeRow(p *page, row int) bool {
	for _, c := range p.Rows[row-1] {
		if nameWords(c) >= 2 && r.v.TypeOf(c) == "" && p.span(row, 1) == 1 {
			return true
		}
	}
	return false
}

// infer gives fields to the columns of a headerless list. Names come last: they are what is left and looks like it.
func (r *reader) infer(p *page, l *layout) {
	taken := map[Field]bool{}
	var ticks []*column
	profiles := map[*column]profile{}
	set := func(c *column, f Field) {
		if !taken[f] {
			taken[f] = true
			c.Field, c.Confidence, c.Note = f, 0.3, noteContent
			r.notice("roster.column_inferred", p.Name, c.Letter, 0, "Column", c.Letter, "Field", string(f))
		}
	}
	for _, c := range l.columns {
		if c.Note == noteMapped {
			taken[c.Field] = true
			continue
		}
		f := r.profile(c)
		profiles[c] = f
		switch {
		case f.filled == 0:
		case c.Index == 1 && f.share(f.numbers) > 0.8 && counting(c.values):
			set(c, Number)
		case f.share(f.emails) > 0.6:
			set(c, Email)
		case f.share(f.phones) > 0.6:
			set(c, Phone)
		case f.share(f.genders) > 0.8 && distinct(c.values) <= 4 && distinct(c.values) > 1 && !(f.share(f.ticks) > 0.8):
			set(c, Gender)
		case f.share(f.countries) > 0.7:
			set(c, Country)
		case f.share(f.ticks) > 0.8:
			ticks = append(ticks, c)
		case r.types(c) > 0.4:
			set(c, Institution)
		}
	}
	for _, c := range ticks {
		c.Field, c.Confidence, c.Note = Attendance, 0.3, noteContent
	}
	r.inferName(p, l)
	r.place(p.Name, ticks)
}

// inferName finds the column of names among those without a field: full names, or two columns of single words side
// by side.
func (r *reader) inferName(p *page, l *layout) {
	var full, left *column
	most := 0
	var single []*column
	for _, c := range l.columns {
		if c.Field != "" && c.Field != Other {
			continue
		}
		f := r.profile(c)
		if f.share(f.names) > 0.6 && f.names > most && r.types(c) < 0.3 && c.Heading == "" {
			full, most = c, f.names
		}
		if f.share(f.words) > 0.7 && c.Heading == "" {
			single = append(single, c)
		}
	}
	if full != nil {
		full.Field, full.Confidence, full.Note = Name, 0.3, noteContent
		r.notice("roster.column_inferred", p.Name, full.Letter, 0, "Column", full.Letter, "Field", string(Name))
		return
	}
	for _, c := range single {
		if left != nil && c.Index == left.Index+1 {
			r.inferTwo(p, l, left, c)
			return
		}
		left = c
	}
}

// inferTwo decides by the addresses, then by the endings, which of two columns is the family name; if neither tells,
// the two are kept as one whole name.
func (r *reader) inferTwo(p *page, l *layout, a, b *column) {
	var mail, endings ballot
	email := l.first(Email)
	for row := l.bottom + 1; row <= min(len(p.Rows), l.bottom+sampleRows); row++ {
		words := strings.Fields(p.At(row, a.Index) + " " + p.At(row, b.Index))
		mail.add(emailOrder(words, p.At(row, email)))
		endings.add(r.v.endingOrder(words))
	}
	order := mail.winner(3)
	if order == "" {
		order = endings.winner(3)
	}
	if order == "" {
		return
	}
	a.Field, b.Field = Given, Family
	if order == FamilyFirst {
		a.Field, b.Field = Family, Given
	}
	for _, c := range []*column{a, b} {
		c.Confidence, c.Note = 0.3, noteContent
		r.notice("roster.column_inferred", p.Name, c.Letter, 0, "Column", c.Letter, "Field", string(c.Field))
	}
}

// types returns the share of a column's values whose words tell the type of an institution.
func (r *reader) types(c *column) float64 {
	n := 0
	for _, s := range c.values {
		n += b2i(r.v.TypeOf(s) != "")
	}
	if len(c.values) == 0 {
		return 0
	}
	return float64(n) / float64(len(c.values))
}

func distinct(values []string) int {
	seen := map[string]bool{}
	for _, s := range values {
		seen[folded(s)] = true
	}
	return len(seen)
}

// counting tells values that are 1, 2, 3 and so on.
func counting(values []string) bool {
	good := 0
	for i, s := range values {
		t := tokens(s)
		good += b2i(len(t) > 0 && t[0] == itoa(i+1))
	}
	return good*10 >= len(values)*7
}
