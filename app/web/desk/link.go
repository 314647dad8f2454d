package desk

import (
	"strconv"
	"strings"
	"time"

	"rsc.io/qr"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/web"
)

// linkLine is one check-in link in the list.
type linkLine struct {
	ID      int64
	Label   string
	Days    string // in words, "" for all of the event's
	Expires time.Time
	State   attendance.LinkState
	Good    bool // today, or on a day to come
}

// madeLink is a link that was made just now: the only time that it is shown.
type madeLink struct {
	Label, URL string
	Size       int    // of the code, in modules
	Path       string // of the code, for SVG
}

// links lists the check-in links to whoever may make some; to others there are none.
func (p *Pages) links(c *web.Ctx, e *event.Event) ([]linkLine, error) {
	if !c.Actor().Can(account.EditEvent, e.Scopes()...) {
		return nil, nil
	}
	all, err := p.Attendance.Links(c.Context(), c.Actor(), e)
	if err != nil {
		return nil, err
	}
	var list []linkLine
	for _, l := range all {
		line := linkLine{ID: l.ID, Label: l.Label, Expires: local(e, l.ExpiresAt), State: l.State}
		line.Good = l.State == attendance.LinkGood || l.State == attendance.LinkAhead
		var days []string
		for _, day := range l.Days.V {
			if d, err := db.ParseDay(day); err == nil {
				days = append(days, c.Printer().Date(d.Time))
			}
		}
		line.Days = c.Printer().List(days)
		list = append(list, line)
	}
	return list, nil
}

// linkDays are the days to which a link may be limited; an event of one day offers none.
func linkDays(c *web.Ctx, e *event.Event) []web.Option {
	var list []web.Option
	for i := range e.Days {
		day := e.StartsOn.Plus(i)
		list = append(list, web.Option{Value: day.String(), Label: c.Printer().DateFull(day.Time)})
	}
	if len(list) < 2 {
		return nil
	}
	return list
}

func (p *Pages) makeLink(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	var days []db.Day
	for _, v := range c.Form().Values("days") {
		day, err := db.ParseDay(v)
		if err != nil {
			return fault.New(fault.Invalid, "error.request_wrong")
		}
		days = append(days, day)
	}
	link, err := p.Attendance.NewLink(c.Context(), c.Actor(), e.Code, c.Form().Value("label"), days...)
	if err != nil && !c.Form().Refused(err) {
		return err
	}
	page, err := p.rollPage(c, e)
	if err != nil {
		return err
	}
	if link != nil {
		c.Form().Set("label")
		c.Form().Set("days")
		if page.Made, err = made(c, p.Attendance, link); err != nil {
			return err
		}
	}
	return c.Render("desk/event_roll", page)
}

func made(c *web.Ctx, d *attendance.Desk, l *attendance.Link) (*madeLink, error) {
	m := &madeLink{Label: l.Label, URL: c.URL(d.Path(l))}
	code, err := qr.Encode(m.URL, qr.M)
	if err != nil {
		return nil, err
	}
	m.Size, m.Path = code.Size+8, outline(code)
	return m, nil
}

// outline draws the dark modules as rows of boxes, with the quiet zone of four modules around them.
func outline(code *qr.Code) string {
	var b strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := strconv.Itoa(x - from); x > from {
				b.WriteString("M" + strconv.Itoa(from+4) + " " + strconv.Itoa(y+4) + "h" + n + "v1h-" + n + "z")
			}
		}
	}
	return b.String()
}

func (p *Pages) revokeLink(c *web.Ctx) error {
	id, err := number(c, "link")
	if err != nil {
		return err
	}
	if err := p.Attendance.Revoke(c.Context(), c.Actor(), c.Param("code"), id); err != nil {
		return err
	}
	c.Flash(web.Go, "desk.link_revoked")
	return c.Redirect("/desk/events/" + c.Param("code") + "/attendance#links")
}
