// Package checkin holds the page behind a helper's link: one screen, one thumb. A code is scanned, typed or found by
// name, and the answer takes the whole screen.
package checkin

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/web"
)

// Pages are the check-in pages; every field is needed.
type Pages struct {
	DB         *db.DB
	Attendance *attendance.Desk
}

// Routes lists the addresses of the pages.
func (p *Pages) Routes() []web.Route {
	const at = "/checkin/:token"
	door, plain, found := web.GET(at, web.Link, p.door), web.POST(at, web.Link, p.plain), web.POST(at+"/find", web.Link, p.find)
	door.Scanner, plain.Scanner, found.Scanner = true, true, true
	return []web.Route{
		door, plain, found,
		web.POST(at+"/marks", web.Link, p.mark),
		web.GET(at+"/count", web.Link, p.count),
	}
}

// visit is one request of a helper: the link, its event and the unit that people are checked in for.
type visit struct {
	link  *attendance.Link
	event *event.Event
	units []event.AttendanceUnit
	unit  event.AttendanceUnit
}

// open returns what the link in the address opens and lets the request act for its holder. The unit is the one that is
// asked for, else the one that runs or comes next.
func (p *Pages) open(c *web.Ctx, position string) (*visit, error) {
	return p.openAt(c, position, c.Now())
}

// openAt is open for a mark that was made at some time and may have waited in the phone.
func (p *Pages) openAt(c *web.Ctx, position string, made time.Time) (*visit, error) {
	l, e, err := p.Attendance.OpenAt(c.Context(), c.Param("token"), made)
	if err != nil {
		return nil, err
	}
	c.As(l.Actor())
	v := &visit{link: l, event: e}
	all, err := event.Units(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return nil, err
	}
	for _, u := range all {
		if l.Covers(u) {
			v.units = append(v.units, u)
		}
	}
	if len(v.units) == 0 {
		return nil, attendance.ErrUnit
	}
	asked, err := strconv.Atoi(position)
	is := func(u event.AttendanceUnit) bool { return u.Position == asked }
	if err != nil || !slices.ContainsFunc(v.units, is) {
		asked = attendance.Current(v.units, made)
	}
	v.unit = v.units[slices.IndexFunc(v.units, is)]
	return v, nil
}

// page is the one screen, with an answer on it or the names that a search found.
type page struct {
	web.Page
	Event  heading
	Units  []unit
	Unit   unit
	Count  tally
	Base   string // the address of the page
	Key    string // of the code that will be typed
	Answer *answer
	Search *search
	Kinds  []*answer // one of each, for the script to fill
	State  string    // under which the phone keeps what is to be sent
}

// heading is the event's title, with its language if that isn't the reader's.
type heading struct{ Text, Lang string }

// unit is one thing to be present at, in words.
type unit struct {
	Position int
	Words    string
	Current  bool
}

// tally is how many are in at the unit and how many may come.
type tally struct {
	In       int `json:"in"`
	Expected int `json:"expected"`
}

// door is the page as it opens.
func (p *Pages) door(c *web.Ctx) error {
	v, err := p.open(c, c.Query("unit"))
	if err != nil {
		return p.closed(c, err)
	}
	out, err := p.page(c, v)
	if err != nil {
		return err
	}
	return c.Render("checkin/door", out)
}

// latePage says why a link opens nothing today, and sends what the phone couldn't send on the link's day.
type latePage struct {
	web.Page
	Base, State string
	Ahead       bool // the link opens on a later day
}

// closed answers for a link that doesn't open. While marks of its last day may still come, the page lets them through.
func (p *Pages) closed(c *web.Ctx, why error) error {
	l, e, err := p.Attendance.Late(c.Context(), c.Param("token"))
	if err != nil {
		return why
	}
	c.As(l.Actor())
	out := &latePage{Page: c.Page(c.Printer().Fault(fault.From(why))), Base: "/checkin/" + c.Param("token"), State: e.Code, Ahead: fault.From(why).Is(attendance.ErrNotNow)}
	out.Layout, out.NoIndex, out.Scripts = "web/bare", true, []string{"js/checkin-late.js"}
	return c.RenderStatus(http.StatusGone, "checkin/late", out)
}

func (p *Pages) page(c *web.Ctx, v *visit) (*page, error) {
	words := c.Printer()
	out := &page{Page: c.Page(c.T("checkin.title")), Base: "/checkin/" + c.Param("token"), Key: newKey(), State: v.event.Code, Kinds: kinds(words)}
	out.Layout, out.Class, out.NoIndex, out.Scripts = "web/bare", "ci", true, []string{"js/checkin.js"}
	text, in := v.event.Title.In(words.Code())
	out.Event = heading{Text: text}
	if in != words.Code() {
		out.Event.Lang = string(in)
	}
	sessions, err := p.sessions(c, v)
	if err != nil {
		return nil, err
	}
	for _, u := range v.units {
		out.Units = append(out.Units, unit{Position: u.Position, Words: inWords(words, v.event, u, sessions), Current: u.Position == v.unit.Position})
	}
	for _, u := range out.Units {
		if u.Current {
			out.Unit = u
		}
	}
	out.Count, err = p.tally(c, v)
	return out, err
}

// sessions returns the titles of the sessions at which presence is counted, by their ids.
func (p *Pages) sessions(c *web.Ctx, v *visit) (map[int64]string, error) {
	if v.event.Unit != event.BySessions {
		return nil, nil
	}
	list, err := event.Programme(c.Context(), p.DB.Read(), v.event.ID)
	if err != nil {
		return nil, err
	}
	titles := map[int64]string{}
	for _, s := range list {
		titles[s.ID] = c.Printer().Text(s.Title)
	}
	return titles, nil
}

// inWords says which unit it is, as a helper would: "Day 1 · morning · until 12:30".
func inWords(p *locale.Printer, e *event.Event, u event.AttendanceUnit, sessions map[int64]string) string {
	day := 1 + int(u.Day.Sub(e.StartsOn.Time)/(24*time.Hour))
	part := sessions[u.ProgrammeSessionID]
	if part == "" {
		part = p.T("checkin.part." + string(u.Part))
	}
	return p.T("checkin.day", "N", day) + " · " + part + " · " + p.T("checkin.until", "Time", p.Time(u.EndsAt.In(e.Location())))
}

func (p *Pages) tally(c *web.Ctx, v *visit) (tally, error) {
	in, expected, err := p.Attendance.Count(c.Context(), v.event, v.unit.Position)
	return tally{In: in, Expected: expected}, err
}

// count tells the page how many are in, since other phones check people in too.
func (p *Pages) count(c *web.Ctx) error {
	v, err := p.open(c, c.Query("unit"))
	if err != nil {
		return err
	}
	n, err := p.tally(c, v)
	if err != nil {
		return err
	}
	return c.JSON(n)
}
