package public

import (
	"attesta/app/event"
	"attesta/app/web"
)

// portrait answers with the picture of somebody who leads sessions. Its address says what it looks like, so it may be
// kept for good; nobody finds it who hasn't been shown a page with it.
func (p *Pages) portrait(c *web.Ctx) error {
	return p.sendPortrait(c, func(x *event.Portrait) []byte { return x.JPEG })
}

// smallPortrait is the same for lists.
func (p *Pages) smallPortrait(c *web.Ctx) error {
	return p.sendPortrait(c, func(x *event.Portrait) []byte { return x.Small })
}

func (p *Pages) sendPortrait(c *web.Ctx, file func(*event.Portrait) []byte) error {
	x, err := event.PortraitOf(c.Context(), p.DB.Read(), c.Param("digest"))
	if err != nil {
		return err
	}
	h := &c.Fiber().Response().Header
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Robots-Tag", "noindex")
	h.Del("Vary")
	return c.Send("image/jpeg", file(x))
}
