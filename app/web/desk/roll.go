package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
)

// rollTable is who was there: persons × units.
type rollTable struct {
	Columns []Column
	Rows    []RollRow
}

// Column is one unit of attendance.
type Column struct {
	Position   int
	Day, Part  string // "Day 1", "morning"
	Date       string // in words, for the heading of the day
	In         int
	Width      int // of the bar, in per cent of all
	Over, Next bool
}

// Name names the unit in full.
func (c Column) Name() string { return c.Date + ", " + c.Part }

// RollRow is one person in the roll.
type RollRow struct {
	Code, Name, Country, Institution string
	byName                           string // family name first, for the order
	Quiet                            bool
	Cells                            []Cell
	Present, Of                      int
	Completed                        bool
}

// Cell is one person at one unit.
type Cell struct {
	Name           string // of the input
	Unit           string
	Present, Later bool
}

func newRollTable(p *locale.Printer, e *event.Event, units []event.AttendanceUnit, rows []attendance.Row, now time.Time) *rollTable {
	t := &rollTable{}
	current := attendance.Current(units, now)
	for _, u := range units {
		t.Columns = append(t.Columns, column(p, e, u, now, current))
	}
	for _, r := range rows {
		reg := r.Registration
		row := RollRow{Code: reg.Code, Name: reg.GivenName + " " + reg.FamilyName, Country: p.Country(reg.Country), Institution: reg.InstitutionName, Quiet: reg.Quiet, byName: reg.FamilyName + " " + reg.GivenName,
			Present: reg.UnitsPresent, Of: len(units), Completed: r.Completed}
		for i, in := range r.Present {
			col := &t.Columns[i]
			if in {
				col.In++
			}
			row.Cells = append(row.Cells, Cell{Name: markName(reg.Code, col.Position), Unit: col.Name(), Present: in, Later: !in && !col.Over})
		}
		t.Rows = append(t.Rows, row)
	}
	for i := range t.Columns {
		t.Columns[i].Width = 100 * t.Columns[i].In / max(1, len(rows))
	}
	compare := p.Compare()
	slices.SortStableFunc(t.Rows, func(a, b RollRow) int {
		return cmp.Or(compare(a.Country, b.Country), compare(a.byName, b.byName))
	})
	return t
}

func column(p *locale.Printer, e *event.Event, u event.AttendanceUnit, now time.Time, current int) Column {
	n := int(u.Day.Sub(e.StartsOn.Time)/(24*time.Hour)) + 1
	c := Column{Position: u.Position, Day: p.T("desk.day", "N", n), Date: p.DateFull(u.Day.Time), Over: now.After(u.EndsAt.Time), Next: u.Position == current}
	switch u.Part {
	case event.SessionPart:
		c.Part = p.TimeRange(local(e, u.StartsAt), local(e, u.EndsAt))
	default:
		c.Part = p.T("desk.part." + string(u.Part))
	}
	return c
}

func markName(code string, position int) string { return code + "." + strconv.Itoa(position) }

// rollPage is the roll to be marked by hand, and the links for check-in.
type rollPage struct {
	eventPage
	Roll    *rollTable
	Shown   []Column
	From    int // columns shown: from, to
	To      int
	Day     string // shown of a long event
	Days    []DayChip
	Links   []linkLine
	OfDays  []web.Option // to which a new link may be limited
	Made    *madeLink
	CanMark bool
	CanLink bool
}

// DayChip chooses a day of a long event.
type DayChip struct {
	Href, Text string
	Current    bool
}

// most is how many columns are shown at once; a longer event is shown day by day.
const most = 8

func (p *Pages) roll(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	page, err := p.rollPage(c, e)
	if err != nil {
		return err
	}
	return c.Render("desk/event_roll", page)
}

func (p *Pages) rollPage(c *web.Ctx, e *event.Event) (*rollPage, error) {
	units, rows, err := p.Attendance.Roll(c.Context(), c.Actor(), e)
	if err != nil {
		return nil, err
	}
	shown := make([]*registration.Registration, len(rows))
	for i := range rows {
		shown[i] = &rows[i].Registration
	}
	if err := p.nameWorkplaces(c, shown...); err != nil {
		return nil, err
	}
	page := &rollPage{eventPage: p.under(c, e, "desk.attendance"), Roll: newRollTable(c.Printer(), e, units, rows, p.Clock())}
	page.Wide = true
	page.CanMark = c.Actor().Can(account.MarkPresence, e.Scopes()...)
	page.CanLink = c.Actor().Can(account.EditEvent, e.Scopes()...)
	page.choose(c, units, p.Clock())
	page.OfDays = linkDays(c, e)
	page.Links, err = p.links(c, e)
	return page, err
}

// choose narrows a long event to one day: the asked for, else the current one.
func (p *rollPage) choose(c *web.Ctx, units []event.AttendanceUnit, now time.Time) {
	p.From, p.To = 0, len(units)
	if len(units) > most {
		want := c.Query("day")
		at := slices.IndexFunc(units, func(u event.AttendanceUnit) bool { return u.Day.String() == want })
		if at < 0 {
			at = attendance.Current(units, now) - 1
		}
		day := units[at].Day
		p.Day = day.String()
		p.From = slices.IndexFunc(units, func(u event.AttendanceUnit) bool { return u.Day == day })
		p.To = p.From
		for p.To < len(units) && units[p.To].Day == day {
			p.To++
		}
		for i, u := range units {
			if i == 0 || units[i-1].Day != u.Day {
				p.Days = append(p.Days, DayChip{Href: p.Base() + "/attendance?day=" + u.Day.String(), Text: p.Roll.Columns[i].Day, Current: u.Day == day})
			}
		}
	}
	p.Shown = p.Roll.Columns[p.From:p.To]
	for i := range p.Roll.Rows {
		p.Roll.Rows[i].Cells = p.Roll.Rows[i].Cells[p.From:p.To]
	}
}

// mark records the differences between what the page had shown and what is ticked now, so that a scan that came in
// meanwhile stays.
func (p *Pages) mark(c *web.Ctx) error {
	f := c.Form()
	var ticks []attendance.Tick
	for _, name := range f.Values("cell") {
		code, position, ok := strings.Cut(name, ".")
		n, err := strconv.Atoi(position)
		was, is := f.Has("was", name), f.Has("in", name)
		if !ok || err != nil || was == is {
			continue
		}
		ticks = append(ticks, attendance.Tick{Code: code, Position: n, Absent: was})
	}
	e, err := p.event(c)
	if err != nil {
		return err
	}
	n, err := p.Attendance.MarkList(c.Context(), c.Actor(), e.Code, ticks)
	if err != nil {
		return err
	}
	c.Flash(web.Go, "desk.marked", "N", n)
	to := "/desk/events/" + e.Code + "/attendance"
	if day := f.Value("day"); day != "" {
		to += "?day=" + day
	}
	return c.Redirect(to)
}
