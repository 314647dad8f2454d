package desk

import (
	"strconv"
	"strings"
	"time"

	"rsc.io/qr"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/web"
)

// linkLine is one check-in link in the list.
type linkLine struct {
	ID      int64
	Label   string
	Expires time.Time
	Revoked bool
	Good    bool
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
		gone := !l.RevokedAt.IsZero()
		list = append(list, linkLine{ID: l.ID, Label: l.Label, Expires: local(e, l.ExpiresAt), Revoked: gone, Good: !gone && p.Clock().Before(l.ExpiresAt.Time)})
	}
	return list, nil
}

func (p *Pages) makeLink(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	link, err := p.Attendance.NewLink(c.Context(), c.Actor(), e.Code, c.Form().Value("label"))
	if err != nil && !c.Form().Refused(err) {
		return err
	}
	page, err := p.rollPage(c, e)
	if err != nil {
		return err
	}
	if link != nil {
		c.Form().Set("label")
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
	id, err := strconv.ParseInt(c.Param("link"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "error.not_found")
	}
	if err := p.Attendance.Revoke(c.Context(), c.Actor(), c.Param("code"), id); err != nil {
		return err
	}
	c.Flash(web.Go, "desk.link_revoked")
	return c.Redirect("/desk/events/" + c.Param("code") + "/attendance#links")
}
