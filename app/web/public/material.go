package public

import (
	"context"
	"io"
	"net/url"
	"strings"

	"attesta/app/event"
	"attesta/app/fault"
	files "attesta/app/file"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
)

// materialList is what a reader may have of an event's materials, for the template public/materials. It is nil where there
// is none.
type materialList struct {
	*locale.Printer
	Items []materialItem
}

// materialItem is one of them.
type materialItem struct {
	Title     said
	Href      string
	About     string // kind and size, or which site a link leads to
	Elsewhere bool   // a link
	Session   said
}

// listMaterials returns what of an event's materials may be shown now to somebody who has a place, who was there, or
// neither; at is the address below which the files lie.
func listMaterials(c *web.Ctx, content *event.Content, approved, attended bool, at string) *materialList {
	if content.Event.Quiet && !approved {
		return nil
	}
	w := c.Printer()
	list := &materialList{Printer: w}
	for i := range content.Materials {
		m := &content.Materials[i]
		if !m.For(approved, attended, c.Now()) {
			continue
		}
		x := materialItem{Title: say(w, m.Title), Href: at + "/materials/" + m.Code}
		if m.Kind == event.LinkMaterial {
			x.Elsewhere, x.Href, x.About = true, m.URL, c.T("material.elsewhere", "Host", host(m.URL))
		} else {
			x.About = strings.ToUpper(strings.TrimPrefix(files.Ending(m.FileName), ".")) + ", " + web.FileSize(w, m.Size)
		}
		for j := range content.Sessions {
			if content.Sessions[j].ID == m.SessionID {
				x.Session = say(w, content.Sessions[j].Title)
			}
		}
		list.Items = append(list.Items, x)
	}
	if len(list.Items) == 0 {
		return nil
	}
	return list
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Hostname()
}

// publicMaterial is a file that is shown to all.
func (p *Pages) publicMaterial(c *web.Ctx) error {
	e, err := p.published(c)
	if err != nil {
		return err
	}
	if e.Quiet {
		return errNoMaterial
	}
	return p.give(c, e, false, false)
}

// myMaterial is a file for a participant.
func (p *Pages) myMaterial(c *web.Ctx) error {
	r, e, err := p.open(c, c.Param("token"))
	if err != nil {
		return err
	}
	if r.Status != registration.Approved {
		return errNoMaterial
	}
	c.Fiber().Set("Cache-Control", "private, no-store")
	return p.give(c, e, true, r.UnitsPresent > 0)
}

var errNoMaterial = fault.New(fault.NotFound, "error.not_found")

// give answers with a file, if it is there for who asks.
func (p *Pages) give(c *web.Ctx, e *event.Event, approved, attended bool) error {
	m, err := event.MaterialOf(c.Context(), p.DB.Read(), e.ID, c.Param("material"))
	if err != nil {
		return err
	}
	if m.Kind != event.FileMaterial || !m.For(approved, attended, c.Now()) {
		return errNoMaterial
	}
	return c.Attach(web.Attachment{Name: m.FileName, Type: m.Mime, Size: m.Size, Tag: m.Digest, Open: func(ctx context.Context, from int64) (io.ReadCloser, error) {
		return p.Events.Open(ctx, m, from)
	}})
}

func (p *Pages) materialRoutes() []web.Route {
	routes := []web.Route{
		web.GET("/:locale/events/:code/materials/:material", web.Anyone, p.publicMaterial),
		web.GET("/my/:token/materials/:material", web.Link, p.myMaterial),
	}
	for i := range routes {
		routes[i].Slow = true
	}
	return routes
}
