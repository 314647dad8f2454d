package roster

import (
	"strings"
	"time"
	"unicode"
)

// person reads one participant.
func (r *reader) person(p *page, l *layout, row int, name string) Row {
	x := Row{Sheet: p.Name, Number: row, FullName: name, Extra: map[string]string{}, Present: map[int]Mark{}, Section: r.section.text}
	cell := func(f Field) (string, *column) {
		if i := l.first(f); i > 0 {
			return oneLine(p.down(row, i)), l.columns[i-1]
		}
		return "", nil
	}
	if g := l.first(Given); g > 0 && l.first(Family) > 0 {
		r.twoColumns(p, l, row, &x)
	}
	if suspicious(name) || strings.IndexFunc(name, odd) >= 0 {
		r.notice("roster.name_odd", p.Name, "", row)
	}
	x.Position, _ = cell(Position)
	if t, _ := cell(Title); t != "" {
		x.Title = t
	}
	r.country(&x, cell)
	r.institution(&x, cell)
	r.gender(&x, p, cell)
	r.contacts(&x, cell)
	if s, c := cell(Language); s != "" {
		if x.Language = r.v.Language(s); x.Language == "" {
			x.Extra[c.Heading] = s
		}
	}
	if s, c := cell(Submitted); s != "" {
		if t, ok := parseTime(s); ok {
			x.Submitted = t
		} else {
			x.Extra[c.Heading] = s
		}
	}
	r.marks(&x, p, l, row)
	r.extra(&x, p, l, row)
	if p.filled(row) <= 1+b2i(p.At(row, l.first(Number)) != "")+b2i(l.first(Family) > 0 && l.first(Given) > 0) && x.Institution == "" && x.Email == "" {
		r.notice("roster.name_only", p.Name, "", row)
	}
	return x
}

// suspicious tells a text that is code rather than a name. It is kept, as text, and not taken apart.
func suspicious(name string) bool {
	return strings.HasPrefix(name, "=") || strings.ContainsAny(name, "<>@{}|\\=")
}

// odd tells a character that no name has: a figure, an emoji, a sign.
func odd(c rune) bool {
	return unicode.IsDigit(c) || c > 0xffff || unicode.IsSymbol(c) && c != '`' && c != '´'
}

func (r *reader) twoColumns(p *page, l *layout, row int, x *Row) {
	given := fullName(p.At(row, l.first(Given)))
	family := fullName(p.At(row, l.first(Family)))
	if f := " " + family; family != "" && strings.HasSuffix(given, f) {
		given = strings.TrimSuffix(given, f)
		x.FullName = strings.TrimSpace(given + f)
		r.notice("roster.name_repeated", p.Name, "", row)
	}
	rest, title := r.v.untitled(given)
	q := r.v.parted(rest, family, GivenFirst, "columns").titled(title)
	if l.first(Family) < l.first(Given) {
		q.order = FamilyFirst
	}
	x.Given, x.Family, x.Title, x.NameOrder, x.NameReason = q.given, q.family, q.title, q.order, q.reason
	if q.changed {
		r.notice("roster.name_case", p.Name, "", row)
	}
	if given == "" || family == "" {
		x.Given, x.Family, x.NameOrder, x.NameReason = "", "", Undecided, ""
		if s := strings.Fields(x.FullName); len(s) > 1 {
			r.notice("roster.name_one_column", p.Name, "", row)
		} else {
			r.notice("roster.name_single", p.Name, "", row)
		}
	}
}

func (r *reader) country(x *Row, cell func(Field) (string, *column)) {
	s, c := cell(Country)
	e := r.opts.Event
	switch {
	case s != "" && ambiguousHere(s, e):
		x.Extra["country"] = s
		r.notice("roster.country_undecidable", x.Sheet, c.Letter, x.Number, "Text", shorten(s, 40))
	case s != "":
		code, decided := r.v.CountryOf(s)
		x.Country, x.CountryFrom = code, "column"
		if code == "" {
			x.CountryFrom = ""
			if folded(s) == "" {
				break
			}
			x.Extra["country"] = s
			key := "roster.country_unknown"
			if !decided {
				key = "roster.country_undecidable"
			}
			r.notice(key, x.Sheet, c.Letter, x.Number, "Text", shorten(s, 40))
		}
	case r.section.country != "":
		x.Country, x.CountryFrom = r.section.country, "section"
	case c == nil && e.Type == "national_training" && e.Country != "":
		x.Country, x.CountryFrom = e.Country, "event"
	}
}

func (r *reader) institution(x *Row, cell func(Field) (string, *column)) {
	s, c := cell(Institution)
	x.Institution = s
	if s == "" && c == nil && r.section.institution != "" {
		x.Institution = r.section.institution
	}
	if t, c := cell(InstitutionType); t != "" {
		if x.InstitutionType = r.v.TypeOf(t); x.InstitutionType != "" {
			x.TypeFrom = "column"
		} else {
			x.Extra[c.Heading] = t
		}
	}
	if x.InstitutionType == "" {
		if x.InstitutionType = r.v.TypeOf(x.Institution); x.InstitutionType != "" {
			x.TypeFrom = "words"
		}
	}
	if x.InstitutionType == "" && r.section.kind != "" {
		x.InstitutionType, x.TypeFrom = r.section.kind, "section"
	}
}

func (r *reader) gender(x *Row, p *page, cell func(Field) (string, *column)) {
	x.Gender = "not_stated"
	s, c := cell(Gender)
	if s == "" || folded(s) == "" {
		return
	}
	if c.genderOf == nil {
		c.genderOf = r.v.genderReader(c.values)
	}
	if g := c.genderOf(s); g != "" {
		x.Gender = g
		return
	}
	x.Extra["gender"] = s
	r.notice("roster.gender_unknown", p.Name, c.Letter, x.Number, "Text", shorten(s, 40))
}

func (r *reader) contacts(x *Row, cell func(Field) (string, *column)) {
	s, c := cell(Email)
	p, pc := cell(Phone)
	if s == "" || p == "" {
		if both, bc := cell(Contact); both != "" {
			if s == "" && emailIn.MatchString(both) {
				s, c = emailIn.FindString(both), bc
			}
			if p == "" {
				p, pc = phoneIn(both), bc
			}
		}
	}
	if s != "" {
		email, more, ok := address(s)
		x.Email = email
		switch {
		case !ok:
			x.Extra["email"] = s
			r.notice("roster.email_invalid", x.Sheet, c.Letter, x.Number)
		case more > 0:
			x.Extra["email"] = s
			r.notice("roster.email_several", x.Sheet, c.Letter, x.Number)
		}
	}
	if p != "" {
		number, damaged := phone(p)
		x.Phone = number
		if damaged {
			x.Extra["phone"] = p
			r.notice("roster.phone_damaged", x.Sheet, pc.Letter, x.Number)
		}
	}
}

// Language returns the locale of a language named in any of them, "" if it isn't one of the catalogues'. Serbian
// without a word about its script is Serbian as the name itself is written.
func (v *Vocabulary) Language(s string) string {
	code := v.speech[folded(s)]
	if strings.HasPrefix(code, "sr") {
		code = "sr-Latn"
		for _, c := range s {
			if unicode.Is(unicode.Cyrillic, c) {
				code = "sr-Cyrl"
			}
		}
		if t := tokens(s); len(t) > 1 {
			code = v.speech[folded(s)]
		}
	}
	return code
}

var timeLayouts = []string{
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05Z07:00", "2006-01-02", "2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006. 15:04:05",
	"2.1.2006. 15:04", "2.1.2006.", "2.1.2006", "2006/01/02 3:04:05 PM MST", "2006/01/02 15:04:05", "1/2/2006 15:04:05", "1/2/2006 15:04",
	"1/2/06 15:04:05", "1/2/06 15:04", "2/1/2006 15:04:05", "2006/01/02 3:04:05 pm GMT-7", "2. 1. 2006. 15:04:05", "2. 1. 2006 15:04",
}

// parseTime reads when a form was sent. It has no zone of its own.
func parseTime(s string) (time.Time, bool) {
	for _, l := range timeLayouts {
		if t, err := time.Parse(l, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// marks reads the attendance of a row. A mark merged over several columns is about all of them; a unit with several
// columns is attended when one of them says so.
func (r *reader) marks(x *Row, p *page, l *layout, row int) {
	for _, c := range l.columns {
		if c.Field != Attendance {
			continue
		}
		raw := oneLine(p.At(row, c.Index))
		if raw == "" {
			raw = oneLine(p.across(row, c.Index))
		}
		t := r.v.tick(raw, x.FullName, r.letters)
		if c.counts() && wholeOne.MatchString(raw) {
			t.state = Unknown // one of two half-days, it isn't known which
		}
		if raw == "" && len(c.values) == 0 {
			t.state = Unknown
		}
		if t.state == Unknown && raw != "" {
			r.notice("roster.mark_unknown", p.Name, c.Letter, row, "Mark", shorten(raw, 30), "Column", c.Letter)
		}
		if t.how != "" && t.how != "excused" {
			r.notice(markNotice[t.how], p.Name, c.Letter, row, "Mark", shorten(raw, 30), "Column", c.Letter)
		}
		for _, u := range c.Units {
			if old, ok := x.Present[u]; !ok || old.State != Present && t.state == Present || old.State == Absent && t.state == Unknown && raw != "" || old.State == Unknown && old.Raw == "" {
				x.Present[u] = Mark{t.state, raw}
			}
		}
	}
}

var markNotice = map[string]string{
	"late": "roster.mark_late", "online": "roster.mark_online", "time": "roster.mark_time", "name": "roster.mark_name",
}

func (r *reader) extra(x *Row, p *page, l *layout, row int) {
	for _, c := range l.columns {
		switch c.Field {
		case "", Other, Consent, Parent:
			if s := oneLine(p.At(row, c.Index)); s != "" {
				key := c.Heading
				if key == "" {
					key = c.Letter
				}
				x.Extra[key] = s
			}
		}
	}
}
