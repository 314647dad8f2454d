package roster

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// counts tells a column of attendance in which numbers say how much of the day somebody was there, not whether.
func (c *column) counts() bool {
	if c.counting == nil {
		found := slices.ContainsFunc(c.values, func(s string) bool {
			return isNumber(s) && !wholeOne.MatchString(s) && !wholeZero.MatchString(s)
		})
		c.counting = &found
	}
	return *c.counting
}

// profile counts what the values of a column look like.
type profile struct {
	filled, emails, phones, ticks, countries, genders, numbers, long, names, words int
}

func (p profile) share(n int) float64 {
	if p.filled == 0 {
		return 0
	}
	return float64(n) / float64(p.filled)
}

const sampleRows = 300

func (r *reader) profile(c *column) profile {
	var p profile
	for _, s := range c.values {
		p.filled++
		if emailIn.MatchString(s) {
			p.emails++
		}
		digits := countDigits(s)
		if phoneLike.MatchString(s) && digits >= 6 && digits <= 15 {
			p.phones++
		}
		if len(s) <= 40 && r.v.tick(s, "", r.letters).state != Unknown {
			p.ticks++
		}
		if code, _ := r.v.CountryOf(s); code != "" && len([]rune(s)) > 1 {
			p.countries++
		}
		if len(s) < 30 && r.v.anyGender(s) {
			p.genders++
		}
		if digits > 0 && digits < 6 && isNumber(strings.Trim(s, ".) ")) {
			p.numbers++
		}
		if len([]rune(s)) > 60 {
			p.long++
		}
		if n := nameWords(s); n >= 2 {
			p.names++
		} else if n == 1 {
			p.words++
		}
	}
	return p
}

var phoneLike = regexp.MustCompile(`^[+(]?[\d\s()./+-]{6,}$`)

func countDigits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// nameWords returns how many words a text has if all of them could be parts of a name, else 0.
func nameWords(s string) int {
	n := 0
	for _, w := range strings.Fields(strings.Trim(s, " .,;")) {
		w = strings.Trim(w, ".,()\"„“”")
		if w == "" {
			continue
		}
		for _, r := range w {
			if !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune("-'’‑", r) {
				return 0
			}
		}
		if first := []rune(w)[0]; !unicode.IsUpper(first) && len(w) > 3 {
			return 0
		}
		n++
	}
	if n > 5 {
		return 0
	}
	return n
}

// assign decides what each column is, from its heading and from what stands below it down to the row last.
func (r *reader) assign(p *page, l *layout, last int) error {
	for _, c := range l.columns {
		r.byHeading(c)
		for row := l.bottom + 1; row <= last && len(c.values) < sampleRows; row++ {
			s := p.down(row, c.Index)
			if c.Field == Attendance {
				s = p.across(row, c.Index)
			}
			if s != "" && !r.settled[[2]any{p.Name, row}] {
				c.values = append(c.values, shorten(s, 200))
			}
		}
	}
	r.findLetters(l)
	mapped, err := r.applyMapping(l)
	if err != nil {
		return err
	}
	for _, c := range l.columns {
		if !mapped[c.Index] {
			r.byContent(p, c)
		}
	}
	r.numberedMarks(l)
	r.oneEach(p, l, mapped)
	r.settleNames(p, l, mapped)
	if l.name() == 0 {
		r.inferName(p, l)
	}
	var attendance []*column
	for _, c := range l.columns {
		if c.Field == Attendance && len(c.Units) == 0 {
			attendance = append(attendance, c)
		}
	}
	r.place(p.Name, attendance)
	r.emptyColumns(p, l)
	for _, c := range l.columns {
		if c.Field == Other || c.Field == Consent || c.Field == Parent {
			continue
		}
		if c.Note == noteMisspelt || c.Note == noteContent {
			r.notice(c.Note, p.Name, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Field", string(c.Field), "Column", c.Letter)
		}
	}
	return nil
}

// emptyColumns tells of columns of attendance without a single mark: nobody came, or the marks are colours, which
// can't be read, or the list was kept before the event.
func (r *reader) emptyColumns(p *page, l *layout) {
	var empty []*column
	all := 0
	for _, c := range l.columns {
		if c.Field == Attendance {
			all++
			if len(c.values) == 0 {
				empty = append(empty, c)
			}
		}
	}
	if len(empty) > 0 && len(empty) == all {
		r.notice("roster.no_marks", p.Name, "", 0)
		return
	}
	for _, c := range empty {
		r.notice("roster.column_empty", p.Name, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter)
	}
}

func (r *reader) byHeading(c *column) {
	h := c.reading
	c.Field, c.Confidence, c.Note = h.field, h.confidence, h.note
	switch h.field {
	case "", Attendance, Other, Number, Consent:
		if c.moment.is() && (h.field != Consent && h.field != Number || c.moment.dated()) {
			c.Field, c.Confidence, c.Note = Attendance, 1, ""
		}
	}
}

// findLetters looks whether P stands for present, so that A, O or M can be read as absent.
func (r *reader) findLetters(l *layout) {
	for _, c := range l.columns {
		for _, s := range c.values {
			if c.Field == Attendance && folded(s) == "p" {
				r.letters = true
				return
			}
		}
	}
}

// byContent corrects a heading by what stands below it, where the heading leaves room.
func (r *reader) byContent(p *page, c *column) {
	f := r.profile(c)
	set := func(field Field, note string) { c.Field, c.Note, c.Confidence = field, note, min(c.Confidence, 0.6) }
	switch c.Field {
	case Attendance:
		certain := c.moment.dated() && (c.moment.half > 0 || c.moment.presence)
		if f.filled > 0 && f.share(f.ticks) < 0.5 && !certain {
			set("", "roster.column_no_marks")
			r.notice("roster.column_no_marks", p.Name, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter)
		}
	case Number:
		switch {
		case f.filled > 0 && f.share(f.phones) > 0.6:
			set(Phone, noteContent)
		case f.filled > 0 && f.share(f.ticks) > 0.9 && isSequence(c.moment) && f.share(f.numbers) < 0.9:
			set(Attendance, noteContent)
		}
	case Country:
		if f.filled > 0 && f.countries == 0 && c.reading.confidence < 1 {
			set("", noteContent)
		}
	case Phone:
		if f.filled > 0 && f.share(f.emails) > 0.6 {
			set(Email, noteContent)
		}
	case Email:
		if f.filled > 0 && f.emails == 0 {
			set("", "")
			if f.share(f.phones) > 0.6 {
				set(Phone, noteContent)
			}
		}
	case Contact:
		switch f.emails {
		case f.filled:
			set(Email, "")
		case 0:
			set(Phone, "")
		}
	case Gender:
		if f.filled > 0 && f.genders == 0 {
			set("", noteContent)
		}
	case "":
		r.unnamed(p, c, f)
	}
}

// unnamed takes a column without a usable heading for what it plainly is: addresses, or ticks under a number.
func (r *reader) unnamed(p *page, c *column, f profile) {
	switch {
	case f.filled > 0 && (c.moment.dated() || c.moment.half > 0) && f.share(f.ticks) > 0.8:
		c.Note = "roster.column_unplaced"
		r.notice(c.Note, p.Name, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter)
	case f.filled < 2:
	case f.share(f.emails) > 0.7:
		c.Field, c.Confidence, c.Note = Email, 0.4, noteContent
	case c.Heading == "" && f.share(f.ticks) > 0.8 && f.share(f.numbers) < 0.5:
		r.notice("roster.column_unnamed", p.Name, c.Letter, 0, "Column", c.Letter, "N", f.filled)
	}
}

// numberedMarks takes columns called 1, 2, 3 and so on for attendance if nothing but marks stands in them.
func (r *reader) numberedMarks(l *layout) {
	var cols []*column
	marks, filled := 0, 0
	for _, c := range l.columns {
		if c.Field == "" && isSequence(c.moment) && isNumber(folded(c.Heading)) {
			f := r.profile(c)
			cols, marks, filled = append(cols, c), marks+f.ticks, filled+f.filled
		}
	}
	if len(cols) < 2 || filled < 2 || marks*10 < filled*8 {
		return
	}
	for _, c := range cols {
		c.Field, c.Confidence = Attendance, 0.5
	}
}

// oneEach leaves each field to one column: the one with the most values that fit, then the surest heading, then the
// first.
func (r *reader) oneEach(p *page, l *layout, mapped map[int]bool) {
	for _, f := range []Field{Number, Given, Family, Name, GivenFamily, FamilyGiven, Institution, InstitutionType, Position, Gender, Email, Phone, Country, Language, Submitted, Contact, Title} {
		var with []*column
		for _, c := range l.columns {
			if c.Field == f {
				with = append(with, c)
			}
		}
		if len(with) < 2 {
			continue
		}
		slices.SortStableFunc(with, func(a, b *column) int {
			if x := b2i(mapped[b.Index]) - b2i(mapped[a.Index]); x != 0 {
				return x
			}
			if x := b2i(len(b.values) > 0) - b2i(len(a.values) > 0); x != 0 {
				return x
			}
			if x := fit(f, r.profile(b)) - fit(f, r.profile(a)); x != 0 {
				return x
			}
			switch {
			case a.Confidence > b.Confidence:
				return -1
			case a.Confidence < b.Confidence:
				return 1
			}
			return 0
		})
		for _, c := range with[1:] {
			c.Field, c.Note = "", "roster.column_second"
			if len(c.values) > 0 && f != Number && f != Title && f != Submitted {
				r.notice("roster.column_second", p.Name, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter, "Other", with[0].Letter)
			}
		}
	}
}

// fit counts in coarse steps how many values of a column are what a field holds.
func fit(f Field, p profile) int {
	switch f {
	case Email:
		return p.emails
	case Country:
		return int(p.share(p.countries) * 4)
	case Phone:
		return int(p.share(p.phones) * 4)
	}
	return 0
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// settleNames makes the columns that hold names agree: first name and family name, or one with both.
func (r *reader) settleNames(p *page, l *layout, mapped map[int]bool) {
	by := map[Field]*column{}
	for _, c := range l.columns {
		if by[c.Field] == nil {
			by[c.Field] = c
		}
	}
	drop := func(fields ...Field) {
		for _, f := range fields {
			if c := by[f]; c != nil && !mapped[c.Index] {
				c.Field = ""
				if len(c.values) > 0 {
					c.Note = "roster.column_second"
					r.notice("roster.column_second", p.Name, c.Letter, 0, "Heading", shorten(c.Heading, 60), "Column", c.Letter, "Other", letter(l.name()))
				}
			}
		}
	}
	given, family := by[Given], by[Family]
	if given != nil && family != nil && len(given.values) > 0 && len(family.values) > 0 {
		drop(Name, GivenFamily, FamilyGiven)
		return
	}
	var full *column
	for _, f := range []Field{GivenFamily, FamilyGiven, Name} {
		if c := by[f]; c != nil && (full == nil || len(c.values) > 2*len(full.values)) {
			full = c
		}
	}
	if full != nil && len(full.values) > 0 {
		keep := full.Field
		for _, f := range []Field{GivenFamily, FamilyGiven, Name, Given, Family} {
			if f != keep {
				drop(f)
			}
		}
		return
	}
	for _, c := range []*column{given, family} {
		if c != nil && len(c.values) > 0 && !mapped[c.Index] {
			c.Field, c.Note = Name, noteContent
			return
		}
	}
}
