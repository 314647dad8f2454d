package roster

import (
	"strings"
	"unicode"
)

const longestName = 150 // letters; a longer text is no name

// readRow finds out what a row is: a participant, a section heading, a total, a footnote, or something to be refused.
func (r *reader) readRow(p *page, l *layout, row int) {
	first := l.name()
	if p.continued(row, first) && p.At(row, first) == "" {
		r.ignore(p, row, "roster.continues", "Row", p.merges[[2]int{row, first}].FirstRow)
		return
	}
	name := r.nameOf(p, l, row)
	if key := r.aside(p, l, row, name); key != "" {
		r.ignore(p, row, key)
		return
	}
	if name == "" {
		r.nameless(p, l, row)
		return
	}
	if key := notName(name); key != "" {
		r.refuse(p, row, key)
		return
	}
	if r.sectionRow(p, l, row) {
		return
	}
	r.settle(p, row)
	r.list.Rows = append(r.list.Rows, r.person(p, l, row, name))
}

// nameOf returns the full name of a row as typed, in the order of its columns.
func (r *reader) nameOf(p *page, l *layout, row int) string {
	if col := l.first(Name, GivenFamily, FamilyGiven); col > 0 {
		return fullName(p.At(row, col))
	}
	given, family := l.first(Given), l.first(Family)
	a, b := fullName(p.At(row, given)), fullName(p.At(row, family))
	if given > 0 && family > 0 && family < given {
		a, b = b, a
	}
	return strings.TrimSpace(a + " " + b)
}

// aside returns why a row is no participant, "" if it may be one.
func (r *reader) aside(p *page, l *layout, row int, name string) string {
	filled := p.filled(row)
	lead := r.lead(p, l, row)
	switch {
	case r.v.begins(totalWord, lead) && r.sumLike(p, l, row, lead):
		return "roster.total"
	case strings.HasPrefix(lead, "*") && filled <= 3, filled <= 2 && len([]rune(lead)) > 80:
		return "roster.footnote"
	case filled <= 3 && r.v.begins(footnoteWord, lead) && (strings.Contains(lead, ":") || len(tokens(lead)) > 3 || filled == 1):
		return "roster.footnote"
	case filled <= 4 && rowHas(p, row, underlined):
		return "roster.signature"
	case filled <= 3 && r.v.begins(signatureWord, lead) && (strings.Contains(lead, ":") || filled == 1 || r.v.is(signatureWord, lead)) && !r.attends(p, l, row):
		return "roster.signature"
	case name != "" && r.v.is(vacantWord, name):
		return "roster.vacant"
	case name != "" && strings.Trim(name, "-–—./ _x?") == "" && filled <= 3:
		return "roster.vacant"
	}
	return ""
}

// lead returns the first cell of a row that isn't its number.
func (r *reader) lead(p *page, l *layout, row int) string {
	number := l.first(Number)
	for i, c := range p.Rows[row-1] {
		if c == "" || i+1 == number && isNumber(strings.Trim(c, ". )")) {
			continue
		}
		return oneLine(c)
	}
	return ""
}

// sumLike tells a row of totals from a person whose name begins like one: what follows is figures.
func (r *reader) sumLike(p *page, l *layout, row int, lead string) bool {
	if r.v.is(totalWord, lead) || strings.Contains(lead, ":") {
		return true
	}
	if col := l.first(Email); col > 0 && p.At(row, col) != "" {
		return false
	}
	for _, c := range p.Rows[row-1] {
		if c != "" && oneLine(c) != lead && countDigits(c) == 0 {
			return false
		}
	}
	return p.filled(row) > 1 || len(tokens(lead)) > 1
}

func rowHas(p *page, row int, is func(string) bool) bool {
	for _, c := range p.Rows[row-1] {
		if is(c) {
			return true
		}
	}
	return false
}

func underlined(s string) bool {
	return strings.Contains(s, "____") || strings.Contains(s, ".....") || strings.Contains(s, "……")
}

// attends tells whether a row has a mark in a column of attendance.
func (r *reader) attends(p *page, l *layout, row int) bool {
	for _, c := range l.columns {
		if c.Field == Attendance && p.At(row, c.Index) != "" {
			return true
		}
	}
	return false
}

// nameless deals with a row in whose name column nothing stands.
func (r *reader) nameless(p *page, l *layout, row int) {
	if r.sectionRow(p, l, row) {
		return
	}
	number := l.first(Number)
	others, figures, sums := 0, 0, 0
	for i, c := range p.Rows[row-1] {
		if c == "" || i+1 == number {
			continue
		}
		others++
		figures += b2i(countDigits(c) > 0 && strings.IndexFunc(c, unicode.IsLetter) < 0)
		sums += b2i(!wholeOne.MatchString(c) && !wholeZero.MatchString(c))
	}
	switch {
	case others == 0:
		r.ignore(p, row, "roster.unused")
	case figures == others && sums > 0 && p.At(row, number) == "" && r.sumsOnly(p, l, row):
		r.ignore(p, row, "roster.total")
	default:
		r.refuse(p, row, "roster.no_name")
	}
}

// sumsOnly tells a row with figures below columns of attendance and nowhere that a person's details stand.
func (r *reader) sumsOnly(p *page, l *layout, row int) bool {
	for i, c := range p.Rows[row-1] {
		if c == "" {
			continue
		}
		switch l.columns[i].Field {
		case Attendance, Other, "":
		default:
			return false
		}
	}
	return true
}

// notName returns why a text can't be a name, "" if it can.
func notName(name string) string {
	letters := 0
	for _, c := range name {
		letters += b2i(unicode.IsLetter(c))
	}
	switch {
	case len([]rune(name)) > longestName:
		return "roster.name_too_long"
	case letters < 2:
		return "roster.not_a_name"
	case emailOnly.MatchString(name):
		return "roster.not_a_name"
	}
	return ""
}

// sectionRow takes a row with one cell for a heading of those below: a country, an institution, a group. A lone cell in
// the column of names that could be a name is a participant of whom nothing else is known.
func (r *reader) sectionRow(p *page, l *layout, row int) bool {
	if p.filled(row) != 1 {
		return false
	}
	col, text := 0, ""
	for i, c := range p.Rows[row-1] {
		if c != "" {
			col, text = i+1, oneLine(c)
		}
	}
	inName := l.columns[col-1].Field == Name || l.columns[col-1].Field == GivenFamily || l.columns[col-1].Field == FamilyGiven || l.columns[col-1].Field == Given || l.columns[col-1].Field == Family
	wide := p.span(row, col) > col
	label := strings.TrimRight(text, " :")
	code, _ := r.v.CountryOf(label)
	kind := r.v.TypeOf(label)
	switch {
	case isNumber(strings.Trim(text, ". )")):
		return false
	case code != "":
		r.section = section{country: code, text: label}
	case r.v.is(sectionWord, label) || r.v.begins(sectionWord, label) && (strings.HasSuffix(text, ":") || wide):
		r.section = section{country: r.section.country, text: label}
	case kind != "" && (!inName || wide || len(strings.Fields(label)) != 2 || strings.ToUpper(label) == label):
		r.section = section{country: r.section.country, kind: kind, institution: label}
	case inName && !wide && nameWords(text) >= 2:
		return false
	case inName && !wide:
		return false
	case len([]rune(text)) <= 80 && strings.IndexFunc(text, unicode.IsLetter) >= 0 && (col <= 2 || wide):
		r.section = section{country: r.section.country, text: label}
	default:
		return false
	}
	r.ignore(p, row, "roster.section", "Text", shorten(label, 60))
	return true
}
