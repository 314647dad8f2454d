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

// winner returns the order that four of five votes agree on, if there are at least least of them.
func (b ballot) winner(least int) Order {
	switch n := b.given + b.family; {
	case n < least || n == 0:
		return ""
	case b.given*5 >= n*4:
		return GivenFirst
	case b.family*5 >= n*4:
		return FamilyFirst
	}
	return ""
}

// nameOrder decides which part of the full names of a part is the family name, and takes them apart. What the heading
// says counts, unless at least three addresses contradict it and four of five agree. Without a word in the heading the
// names vote: by a part in capitals or a comma, by the address, by the ending of the family name. Where they don't
// agree each name is taken apart by its own evidence, and stays whole if it has none.
func (r *reader) nameOrder(p *page, l *layout, from int) {
	rows := r.list.Rows[from:]
	col := l.first(Name, GivenFamily, FamilyGiven)
	if col == 0 || len(rows) == 0 {
		return
	}
	order, reason := r.columnOrder(p, l.columns[col-1], rows)
	flips := r.mailVotes(rows).winner(5)
	for i := range rows {
		o, why := order, reason
		if o == Undecided {
			o, why = r.own(&rows[i])
		}
		r.takeApart(p, &rows[i], o, why, flips != "" && flips == order, letter(col))
	}
}

// own returns the order that a name's own evidence speaks for, capitals and commas apart, which always count.
func (r *reader) own(row *Row) (Order, string) {
	words := r.nameParts(row.FullName)
	if o := emailOrder(words, row.Email); o != "" {
		return o, "email"
	}
	if o := r.v.endingOrder(words); o != "" {
		return o, "endings"
	}
	return Undecided, ""
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
	said := map[Field]Order{GivenFamily: GivenFirst, FamilyGiven: FamilyFirst}[c.Field]
	by := map[string]*ballot{"capitals": {}, "email": {}, "endings": {}}
	var all ballot
	for i := range rows {
		q := r.v.split(rows[i].FullName, Undecided, "")
		why := "capitals"
		if q.order == Undecided {
			q.order, why = r.own(&rows[i])
		}
		if q.order != Undecided {
			all.add(q.order)
			by[why].add(q.order)
		}
	}
	if said != "" {
		mail, capital := r.mailVotes(rows).winner(3), by["capitals"].winner(3)
		if mail != "" && mail != said && capital != said {
			r.notice("roster.name_order_contradicts", p.Name, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter)
			return mail, "email"
		}
		return said, "heading"
	}
	order := all.winner(min(3, (len(rows)+1)/2))
	if order == "" {
		return Undecided, ""
	}
	for _, x := range []struct{ reason, key string }{
		{"capitals", "roster.name_order_capitals"}, {"email", "roster.name_order_email"}, {"endings", "roster.name_order_endings"},
	} {
		if by[x.reason].winner(1) == order {
			r.notice(x.key, p.Name, c.Letter, 0, "Column", c.Letter)
			return order, x.reason
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
	if suspicious(row.FullName) {
		q = parted{order: Undecided}
	}
	row.Given, row.Family, row.NameOrder, row.NameReason = q.given, q.family, q.order, q.reason
	if row.Title == "" {
		row.Title = q.title
	}
	switch {
	case q.order == Undecided && len(strings.Fields(row.FullName)) < 2:
		r.notice("roster.name_single", p.Name, col, row.Number)
	case q.order == Undecided && !suspicious(row.FullName):
		r.notice("roster.name_order_unknown", p.Name, col, row.Number, "Column", col)
	case q.uncertain:
		r.notice("roster.name_parts", p.Name, col, row.Number)
	}
	if q.changed && q.reason != "capitals" {
		r.notice("roster.name_case", p.Name, col, row.Number)
	}
}
