package public

import (
	"attesta/app/event"
	"attesta/app/web"
)

// programmeDocument is an event's programme as PDF, as anybody may be told of it.
func (p *Pages) programmeDocument(c *web.Ctx) error {
	e, err := p.published(c)
	if err != nil {
		return err
	}
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return err
	}
	printed, err := event.ReadPrinted(c.Context(), p.DB.Read(), content.Told(false))
	if err != nil {
		return err
	}
	b, err := printed.PDF(p.Catalogue, c.Locale())
	if err != nil {
		return err
	}
	return c.Download(e.Code+"-programme.pdf", "application/pdf", b)
}
