package donor

import (
	"cmp"
	"slices"
	"strings"

	"attesta/app/person"
	"attesta/app/report"
	"attesta/app/web"
)

// bullet is an indicator: a bar with its target. Every target stands at the same place of its track.
type bullet struct {
	Label, Value, Target, Rule string
	Fill                       float64 // per cent of the track
	Shown                      bool
	Tone                       web.Tone
	Verdict                    string
}

const targetAt = 80.0 // per cent of the track

func (p *grantPage) bullets(list []report.Indicator) []bullet {
	var all []bullet
	for _, i := range list {
		b := bullet{
			Label: p.T("report.figure." + i.Key), Value: p.measured(i, i.Value), Target: p.measured(i, report.Count{N: i.Target}),
			Shown: i.Value.Hidden == report.Shown && i.Target > 0,
		}
		if b.Shown {
			b.Fill = min(100, targetAt*float64(i.Value.N)/float64(i.Target))
			b.Tone, b.Verdict = web.Go, p.T("report.met")
			if i.Value.N < i.Target {
				b.Tone, b.Verdict = web.Wait, p.T("report.short", "N", p.measured(i, report.Count{N: i.Target - i.Value.N}))
			}
		}
		all = append(all, b)
	}
	return all
}

func (p *grantPage) measured(i report.Indicator, c report.Count) string {
	if i.Key == report.WomenShare && c.Hidden == report.Shown {
		return p.Percent(float64(c.N)/100, 0)
	}
	return p.count(c)
}

// breakdown is a table of persons and attendances, with a bar for the persons.
type breakdown struct {
	By, Heading, Column, Rule string
	Rows                      []bar
	Persons, Attendances      string
	Withheld                  bool // nothing of it can be shown
	Alone                     bool // the attendances can't be shown
}

// bar is one row.
type bar struct {
	Key, Label           string
	Persons, Attendances string
	Length               float64 // per cent of the longest bar
	Shown                bool
	Class                int // on the map, 1 to 3; 0 without
}

func (p *grantPage) breakdown(b report.Breakdown) breakdown {
	out := breakdown{
		By: b.By, Heading: p.T("report.section." + b.By), Column: p.T("report.column." + b.By), Rule: p.T("report.rule.by_" + b.By),
		Persons: p.count(b.Total.Persons), Attendances: p.count(b.Total.Attendances), Withheld: b.Withheld, Alone: b.Alone,
	}
	most, classes := 1, shades(b)
	for _, r := range b.Rows {
		most = max(most, r.Persons.N)
	}
	for _, r := range b.Rows {
		row := bar{Key: r.Key, Label: p.label(b.By, r.Key), Persons: p.count(r.Persons), Shown: r.Persons.Hidden == report.Shown, Class: classes.of(r)}
		if !b.Alone {
			row.Attendances = p.count(r.Attendances)
		}
		row.Length = 100 * float64(r.Persons.N) / float64(most)
		out.Rows = append(out.Rows, row)
	}
	compare := p.Compare()
	slices.SortStableFunc(out.Rows, func(x, y bar) int {
		return cmp.Or(cmp.Compare(rank(b.By, x.Key), rank(b.By, y.Key)), compare(x.Label, y.Label))
	})
	return out
}

// rank puts women before men before others, and those who stated nothing last.
func rank(by, key string) int {
	switch {
	case key == "" || key == report.NotStated:
		return 9
	case key == "other":
		return 8
	case by == "gender" && key == "male":
		return 1
	}
	return 0
}

func (p *grantPage) label(by, key string) string {
	switch {
	case key == "" || key == report.NotStated:
		return p.T("report.not_stated")
	case by == "country":
		return p.Country(key)
	case by == "institution_type":
		return p.T(person.InstitutionType(key).Key())
	case key == "female":
		return p.T("gender.women")
	case key == "male":
		return p.T("gender.men")
	}
	return p.T("gender.other")
}

// region is the map: each country with its class, its name in lines and its figure.
type region struct {
	Countries map[string]place
	Legend    []shade
}

// place is a country on the map.
type place struct {
	Class int
	Lines []string
	Value string
	X, Y  int // of the first line, in the map's units
}

// spots are where the names stand on the map, in its units.
var spots = map[string][2]int{"AL": {311, 468}, "BA": {176, 172}, "XK": {372, 325}, "ME": {270, 300}, "MK": {427, 404}, "RS": {368, 172}}

func (p *grantPage) region(b report.Breakdown) *region {
	out := &region{Countries: map[string]place{}}
	classes := shades(b)
	values := map[string]report.BreakdownRow{}
	for _, r := range b.Rows {
		values[r.Key] = r
	}
	for code, at := range spots {
		r := values[code]
		out.Countries[code] = place{Class: classes.of(r), Lines: fold(p.Country(code), 11), Value: p.count(r.Persons), X: at[0], Y: at[1]}
	}
	for i, c := range classes {
		out.Legend = append(out.Legend, shade{i + 1, p.interval(c[0], c[1])})
	}
	return out
}

// At returns the country with this code.
func (r *region) At(code string) place { return r.Countries[code] }

// Codes are the countries of the map.
func (r *region) Codes() []string { return []string{"AL", "BA", "ME", "MK", "RS", "XK"} }

// shade is an entry of the legend.
type shade struct {
	Class int
	Words string
}

func (p *grantPage) interval(from, to int) string {
	if from == to {
		return p.Number(from)
	}
	return p.Number(from) + "–" + p.Number(to)
}

// scale is up to three intervals of what the map shows, from the fewest to the most.
type scale [][2]int

// shades divides what is shown of the map's countries into three intervals of equal width, or fewer.
func shades(b report.Breakdown) scale {
	low, high := 0, 0
	for _, r := range b.Rows {
		if _, on := spots[r.Key]; !on || b.By != "country" || r.Persons.Hidden != report.Shown || r.Persons.N == 0 {
			continue
		}
		if low == 0 || r.Persons.N < low {
			low = r.Persons.N
		}
		high = max(high, r.Persons.N)
	}
	if high == 0 {
		return nil
	}
	step := (high - low + 3) / 3
	var all scale
	for from := low; from <= high; from += step {
		all = append(all, [2]int{from, min(high, from+step-1)})
	}
	return all
}

// of returns the class of a country, from 1, or 0 if its figure isn't shown or it isn't on the map.
func (s scale) of(r report.BreakdownRow) int {
	if _, on := spots[r.Key]; on && r.Persons.Hidden == report.Shown {
		for i, c := range s {
			if r.Persons.N >= c[0] && r.Persons.N <= c[1] {
				return i + 1
			}
		}
	}
	return 0
}

// fold breaks a name into lines of about that many characters, between words.
func fold(name string, wide int) []string {
	var lines []string
	for _, w := range strings.Fields(name) {
		if n := len(lines); n > 0 && len([]rune(lines[n-1]))+1+len([]rune(w)) <= wide {
			lines[n-1] += " " + w
			continue
		}
		lines = append(lines, w)
	}
	return lines
}
