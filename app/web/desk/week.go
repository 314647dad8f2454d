package desk

import (
	"slices"
	"strconv"
	"time"

	"attesta/app/event"
	"attesta/app/locale"
)

// Week is one week of the strip on the desk's home page: its days as marks, and the same in words.
type Week struct {
	Label string
	This  bool // today lies in it
	Marks []DayMark
	Lines []WeekLine
}

// DayMark is one day of a week; X is where it stands in a drawing of 120 × 18.
type DayMark struct {
	X     int
	Shape string // day, due or free
	Today bool
}

// Points are the corners of the diamond that a deadline is.
func (m DayMark) Points() string {
	x := func(d int) string { return strconv.Itoa(m.X + d) }
	return x(0) + ",3 " + x(6) + ",9 " + x(0) + ",15 " + x(-6) + ",9"
}

// Left is the left edge of the square that a day of an event is.
func (m DayMark) Left() int { return m.X - 6 }

// WeekLine is an event or a deadline of the week.
type WeekLine struct {
	Title Said
	Href  string
	Note  string
	at    time.Time
}

// weeksAhead is how many weeks the strip has.
const weeksAhead = 6

// weeks draws the weeks from the one in which now lies. Days are those of each event's own place; today is the one where
// the next event is.
func weeks(p *locale.Printer, now time.Time, list []EventLine) []Week {
	if len(list) > 0 {
		now = now.In(list[0].Event.Location())
	}
	today := dayOf(now)
	first := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	out := make([]Week, weeksAhead)
	for i := range out {
		monday := first.AddDate(0, 0, 7*i)
		w := &out[i]
		w.Label, w.This = p.DateRange(monday, monday.AddDate(0, 0, 6)), i == 0
		for d := range 7 {
			day := monday.AddDate(0, 0, d)
			w.Marks = append(w.Marks, DayMark{X: 9 + 17*d, Shape: shapeOf(day, list), Today: day.Equal(today)})
		}
		w.Lines = weekLines(p, monday, list)
	}
	return out
}

// dayOf is the day of t as its clock has it, as db.Day keeps days.
func dayOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func shapeOf(day time.Time, list []EventLine) string {
	shape := "free"
	for i := range list {
		e := &list[i].Event
		if !day.Before(e.StartsOn.Time) && !day.After(e.EndsOn().Time) {
			return "day"
		}
		if closes, ok := closing(&list[i]); ok && dayOf(closes).Equal(day) {
			shape = "due"
		}
	}
	return shape
}

// closing is when the registration of an event that is yet to come closes, on its clocks.
func closing(l *EventLine) (time.Time, bool) {
	ahead := l.Phase == event.PhaseOpen || l.Phase == event.PhaseAnnounced || l.Phase == event.PhaseDraft
	return local(&l.Event, l.Event.RegistrationClosesAt), ahead && !l.Event.RegistrationClosesAt.IsZero()
}

func weekLines(p *locale.Printer, monday time.Time, list []EventLine) []WeekLine {
	next := monday.AddDate(0, 0, 7)
	within := func(t time.Time) bool { return !t.Before(monday) && t.Before(next) }
	var lines []WeekLine
	for i := range list {
		l := &list[i]
		e := &l.Event
		if e.StartsOn.Before(next) && !e.EndsOn().Before(monday) {
			lines = append(lines, WeekLine{l.Title, l.Href(), p.DateRange(e.StartsOn.Time, e.EndsOn().Time) + " · " + l.Place(), e.StartsOn.Time})
		}
		if t, ok := closing(l); ok && within(dayOf(t)) {
			lines = append(lines, WeekLine{l.Title, l.Href(), p.T("desk.week_closes") + ": " + p.DateTime(t), dayOf(t)})
		}
	}
	slices.SortStableFunc(lines, func(a, b WeekLine) int { return a.at.Compare(b.at) })
	return lines
}
