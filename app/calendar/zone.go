package calendar

import (
	"fmt"
	"slices"
	"time"

	ics "github.com/arran4/golang-ical"
)

// zone is a time zone with the years in which entries stand in it.
type zone struct {
	name        string
	place       *time.Location
	first, last time.Time // of the entries
}

func load(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return time.UTC
	}
	return l
}

// zones are the zones of the entries but UTC, by name.
func (c Calendar) zones() []zone {
	var all []zone
	for _, e := range c.Entries {
		place := load(e.Zone)
		if place == time.UTC {
			continue
		}
		i := slices.IndexFunc(all, func(z zone) bool { return z.name == place.String() })
		if i < 0 {
			all = append(all, zone{name: place.String(), place: place, first: e.Starts, last: e.Ends})
			continue
		}
		if e.Starts.Before(all[i].first) {
			all[i].first = e.Starts
		}
		if e.Ends.After(all[i].last) {
			all[i].last = e.Ends
		}
	}
	slices.SortFunc(all, func(a, b zone) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return all
}

// change is a moment at which the clocks of a zone are set.
type change struct {
	local    time.Time // what they show before it, written as UTC
	from, to int       // seconds east of UTC
	name     string
	summer   bool
}

func changeAt(t time.Time, place *time.Location) change {
	_, from := t.Add(-time.Second).In(place).Zone()
	name, to := t.In(place).Zone()
	return change{local: t.UTC().Add(time.Duration(from) * time.Second), from: from, to: to, name: name, summer: t.In(place).IsDST()}
}

// years are how far the changes are looked at beyond those of the entries, to see whether they follow a rule.
const years = 2

// changes are the moments at which the clocks are set, from the year before the first entry on.
func (z zone) changes() []change {
	var all []change
	t := time.Date(z.first.In(z.place).Year()-1, 1, 1, 0, 0, 0, 0, z.place)
	end := time.Date(z.last.In(z.place).Year()+years+1, 1, 1, 0, 0, 0, 0, z.place)
	for {
		_, next := t.ZoneBounds()
		if next.IsZero() || !next.Before(end) {
			return all
		}
		all = append(all, changeAt(next, z.place))
		t = next
	}
}

// define writes the definition of the zone: its changes as a rule of each year where they follow one, which is what
// programs for mail understand best, and else one by one.
func (z zone) define() *ics.VTimezone {
	out := ics.NewTimezone(z.name)
	all := z.changes()
	if len(all) == 0 || all[0].local.After(z.first) {
		since := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
		early := time.Date(z.first.In(z.place).Year()-1, 1, 1, 0, 0, 0, 0, z.place)
		name, offset := early.Zone()
		out.Components = append(out.Components, observance(change{local: since, from: offset, to: offset, name: name, summer: early.IsDST()}, ""))
	}
	var kinds [][]change
	for _, c := range all {
		i := slices.IndexFunc(kinds, func(k []change) bool {
			return k[0].from == c.from && k[0].to == c.to && k[0].summer == c.summer && k[0].name == c.name
		})
		if i < 0 {
			kinds = append(kinds, []change{c})
		} else {
			kinds[i] = append(kinds[i], c)
		}
	}
	span := z.last.In(z.place).Year() - z.first.In(z.place).Year() + 2 + years
	for _, k := range kinds {
		if rule := yearly(k, span); rule != "" {
			out.Components = append(out.Components, observance(k[0], rule))
			continue
		}
		for _, c := range k {
			out.Components = append(out.Components, observance(c, ""))
		}
	}
	return out
}

// yearly returns the rule that changes follow in each of so many years, or "".
func yearly(all []change, span int) string {
	if len(all) != span {
		return ""
	}
	nth := func(t time.Time) (n int, last bool) {
		return (t.Day()-1)/7 + 1, t.AddDate(0, 0, 7).Month() != t.Month()
	}
	first := all[0].local
	n, _ := nth(first)
	always, same := true, true
	for i, c := range all {
		if c.local.Year() != first.Year()+i || c.local.Month() != first.Month() || c.local.Weekday() != first.Weekday() || c.local.Format("150405") != first.Format("150405") {
			return ""
		}
		m, last := nth(c.local)
		always, same = always && last, same && m == n
	}
	day := [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[first.Weekday()]
	switch {
	case always:
		n = -1
	case !same:
		return ""
	}
	return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", first.Month(), n, day)
}

func observance(c change, rule string) ics.Component {
	var all []ics.IANAProperty
	add := func(name, value string) {
		all = append(all, ics.IANAProperty{BaseProperty: property(name, value)})
	}
	add("DTSTART", c.local.Format("20060102T150405"))
	if rule != "" {
		add("RRULE", rule)
	}
	add("TZOFFSETFROM", offset(c.from))
	add("TZOFFSETTO", offset(c.to))
	add("TZNAME", c.name)
	if c.summer {
		return &ics.Daylight{ComponentBase: ics.ComponentBase{Properties: all}}
	}
	return &ics.Standard{ComponentBase: ics.ComponentBase{Properties: all}}
}

// offset is +0200, or +023000 where seconds count.
func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}
