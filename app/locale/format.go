package locale

import (
	"strconv"
	"strings"
	"time"
)

// format is what format.toml says: names and patterns, read once.
type format struct {
	months        []string // January first, as they stand alone
	monthsInDates []string // as they stand after a day's number
	weekdays      []string // Monday first
	patterns      map[string][]piece
	decimal       string
	group         string
	minus         string
	groupFrom     int // number of digits of the integer part from which groups are made
}

var patternKeys = []string{
	"date", "date_full", "date_numeric", "range_month", "range_year", "range_years", "month_year",
	"time", "time_range", "datetime", "deadline", "percent", "list", "list_or", "quotes",
}

// readFormat returns the formats of p's locale; one that has none writes all as English does, and is reported.
func readFormat(p *Printer) *format {
	if p.catalogue.messages[p.code]["format.date"] == nil {
		p.catalogue.report(p.code, "format.date", "formats are missing")
		if p.code == English {
			return &format{}
		}
		return readFormat(p.english)
	}
	split := func(key string) []string { return strings.Split(p.raw(key), "|") }
	f := &format{
		months: split("format.months"), monthsInDates: split("format.months_in_dates"), weekdays: split("format.weekdays"),
		patterns: map[string][]piece{}, decimal: p.raw("format.decimal"), group: p.raw("format.group"),
		minus: p.raw("format.minus"),
	}
	for _, k := range patternKeys {
		f.patterns[k] = parsePattern(p.raw("format." + k))
	}
	f.groupFrom, _ = strconv.Atoi(p.raw("format.group_from"))
	return f
}

// raw returns a message as it stands in the catalogue, with its placeholders.
func (p *Printer) raw(key string) string {
	if m := p.catalogue.messages[p.code][key]; m != nil {
		return m.Other
	}
	p.catalogue.report(p.code, key, "message is missing")
	if m := p.catalogue.messages[English][key]; m != nil {
		return m.Other
	}
	return ""
}

// piece is a part of a pattern: words that stand as they are, or the name of a placeholder.
type piece struct{ text, name string }

// parsePattern takes a pattern such as "{{.Day}}. {{.Month}}" apart.
func parsePattern(s string) []piece {
	var out []piece
	for s != "" {
		text, rest, found := strings.Cut(s, "{{.")
		name, after, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return append(out, piece{text: s})
		}
		out = append(out, piece{text: text}, piece{name: name})
		s = after
	}
	return out
}

// fill puts values, given as pairs of name and value, into the placeholders of a pattern.
func (f *format) fill(pattern string, kv ...string) string {
	var b strings.Builder
	for _, part := range f.patterns[pattern] {
		b.WriteString(part.text)
		for i := 0; i+1 < len(kv); i += 2 {
			if part.name != "" && kv[i] == part.name {
				b.WriteString(kv[i+1])
			}
		}
	}
	return b.String()
}

func (f *format) day(t time.Time, suffix string) []string {
	return []string{
		"Day" + suffix, strconv.Itoa(t.Day()),
		"Month" + suffix, nth(f.monthsInDates, int(t.Month())-1),
		"Year" + suffix, strconv.Itoa(t.Year()),
	}
}

func nth(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return ""
}

// Date returns the day of t in words, as certificates and sentences have it: "14. oktobra 2025.". Like all of the
// following it takes the day and hour in t's own time zone.
func (p *Printer) Date(t time.Time) string {
	return p.format.fill("date", p.format.day(t, "")...)
}

// DateFull returns the day of t with its weekday, as headings of a programme have it.
func (p *Printer) DateFull(t time.Time) string {
	f := p.format
	return f.fill("date_full", append(f.day(t, ""), "Weekday", p.Weekday(t))...)
}

// Weekday returns the name of t's day of the week.
func (p *Printer) Weekday(t time.Time) string {
	return nth(p.format.weekdays, (int(t.Weekday())+6)%7)
}

// DateNumeric returns the day of t in figures of equal width, for tables.
func (p *Printer) DateNumeric(t time.Time) string {
	return p.format.fill("date_numeric", "DD", t.Format("02"), "MM", t.Format("01"), "Year", t.Format("2006"))
}

// DateRange returns the days from a to b in words, as short as the language allows; one day gives Date.
func (p *Printer) DateRange(a, b time.Time) string {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	pattern := "range_years"
	switch {
	case ay == by && am == bm && ad == bd:
		return p.Date(a)
	case ay == by && am == bm:
		pattern = "range_month"
	case ay == by:
		pattern = "range_year"
	}
	return p.format.fill(pattern, append(p.format.day(a, ""), p.format.day(b, "To")...)...)
}

// MonthYear returns the month of t, as headings of a calendar have it.
func (p *Printer) MonthYear(t time.Time) string {
	return p.format.fill("month_year", "Month", nth(p.format.months, int(t.Month())-1), "Year", strconv.Itoa(t.Year()))
}

// Time returns the hour of t on the 24-hour clock.
func (p *Printer) Time(t time.Time) string {
	return p.format.fill("time", "HH", t.Format("15"), "MM", t.Format("04"))
}

// TimeRange returns the hours from a to b of one day.
func (p *Printer) TimeRange(a, b time.Time) string {
	return p.format.fill("time_range", "From", p.Time(a), "To", p.Time(b))
}

// DateTime returns day and hour of t in words.
func (p *Printer) DateTime(t time.Time) string {
	return p.format.fill("datetime", "Date", p.Date(t), "Time", p.Time(t))
}

// Deadline returns "by" the day and hour of t, in the case the language wants after that word.
func (p *Printer) Deadline(t time.Time) string {
	return p.format.fill("deadline", "Date", p.Date(t), "Time", p.Time(t))
}
