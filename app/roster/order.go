package roster

import (
	"strings"
)

// ballot counts what the names of one column say about their order.
type ballot struct{ given, family int }

func (b *ballot) add(o Order) {
	switch o {
	case GivenFirst:
		b.given++
	case FamilyFirst:
		b.family++
	}
}

// winner returns the order that at least least names say and four of five agree on.
func (b ballot) winner(least int) Order {
	switch n := b.given + b.family; {
	case n < least:
		return ""
	case b.given*5 >= n*4:
		return GivenFirst
	case b.family*5 >= n*4:
		return FamilyFirst
	}
	return ""
}

// nameOrder decides which part of the full names of a part is the family name, and takes them apart. What the heading
// says counts, unless at least three addresses contradict it and four of five agree. Then the endings of names, then
// nothing: the names stay whole.
func (r *reader) nameOrder(p *page, l *layout, from int) {
	rows := r.list.Rows[from:]
	col := l.first(Name, GivenFamily, FamilyGiven)
	if col == 0 || len(rows) == 0 {
		return
	}
	order, reason := r.columnOrder(p, l.columns[col-1], rows)
	if order == Undecided {
		r.notice("roster.name_order_unknown", p.Name, letter(col), 0, "Column", letter(col))
	}
	flips := r.mailVotes(rows).winner(5)
	for i := range rows {
		r.takeApart(p, &rows[i], order, reason, flips != "" && flips == order, letter(col))
	}
}

func (r *reader) mailVotes(rows []Row) ballot {
	var b ballot
	for i := range rows {
		b.add(emailOrder(r.nameParts(rows[i].FullName), rows[i].Email))
	}
	return b
}

func (r *reader) nameParts(name string) []string {
	rest, _ := r.v.untitled(inBrackets.ReplaceAllString(name, " "))
	if strings.Contains(rest, ",") {
		return nil
	}
	return strings.Fields(rest)
}

func (r *reader) columnOrder(p *page, c *column, rows []Row) (Order, string) {
	if m := r.opts.Mapping; m != nil && m.NameOrder != "" {
		return m.NameOrder, "mapping"
	}
	mail := r.mailVotes(rows).winner(3)
	said := Order("")
	switch c.Field {
	case GivenFamily:
		said = GivenFirst
	case FamilyGiven:
		said = FamilyFirst
	}
	var endings, caps ballot
	for i := range rows {
		words := r.nameParts(rows[i].FullName)
		endings.add(r.v.endingOrder(words))
		if q, ok := r.v.byCapitals(words); ok {
			caps.add(q.order)
		}
	}
	capital := caps.winner(3)
	if said != "" {
		if mail != "" && mail != said && capital != said {
			r.notice("roster.name_order_contradicts", p.Name, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter)
			return mail, "email"
		}
		return said, "heading"
	}
	for _, x := range []struct {
		order  Order
		reason string
	}{{capital, "capitals"}, {mail, "email"}, {endings.winner(3), "endings"}} {
		if x.order != "" {
			r.notice("roster.name_order_"+x.reason, p.Name, c.Letter, 0, "Column", c.Letter)
			return x.order, x.reason
		}
	}
	return Undecided, ""
}

// takeApart fills the parts of one row's name. flip allows an address that plainly has the parts the other way round
// to win over the column, whose other addresses agree with it.
func (r *reader) takeApart(p *page, row *Row, order Order, reason string, flip bool, col string) {
	if flip {
		words := r.nameParts(row.FullName)
		if o := emailOrder(words, row.Email); o != "" && o != order && len(words) == 2 {
			if q, ok := r.v.byCapitals(words); !ok || q.order == o {
				order, reason = o, "email"
				r.notice("roster.name_order_row", p.Name, col, row.Number)
			}
		}
	}
	q := r.v.split(row.FullName, order, reason)
	row.Given, row.Family, row.NameOrder, row.NameReason = q.given, q.family, q.order, q.reason
	if row.Title == "" {
		row.Title = q.title
	}
	switch {
	case q.order == Undecided && len(strings.Fields(row.FullName)) < 2:
		r.notice("roster.name_single", p.Name, col, row.Number)
	case q.uncertain:
		r.notice("roster.name_parts", p.Name, col, row.Number)
	}
	if q.changed && q.reason != "capitals" {
		r.notice("roster.name_case", p.Name, col, row.Number)
	}
}
