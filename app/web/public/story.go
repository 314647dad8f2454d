package public

import (
	"attesta/app/event"
	"attesta/app/project"
	"attesta/app/web"
)

// story is an event as it is told to anyone: no more than they may know, in one language.
type story struct {
	voice
	*event.Content
	notice notice
	host   *project.Organisation
	units  []event.AttendanceUnit // where there is no programme
}

// story reads the event in the address.
func (p *Pages) story(c *web.Ctx) (*story, error) {
	e, err := p.published(c)
	if err != nil {
		return nil, err
	}
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return nil, err
	}
	content = content.Told(false)
	s := &story{voice: voice{c.Printer(), content.Tongue(c.Locale())}, Content: content}
	s.notice = s.tell(c, content.Event)
	s.units, err = p.units(c, content)
	return s, err
}

// published returns the event in the address. What of it isn't a page, and so can't say it itself, tells search engines
// in its head to stay out of where they have no business.
func (p *Pages) published(c *web.Ctx) (*event.Event, error) {
	e, err := p.Events.Public(c.Context(), c.Param("code"))
	if err == nil && unsought(e) {
		c.SetHeader("X-Robots-Tag", "noindex")
	}
	return e, err
}

// unsought reports whether search engines stay out of the pages of an event.
func unsought(e *event.Event) bool { return !e.Listed || e.State == event.Archived }

// furnish gives a page of an event its donors and its organiser, and what a link to it shows elsewhere.
func (p *Pages) furnish(c *web.Ctx, page *web.Page, s *story) (err error) {
	if page.Visibility, err = p.donors(c.Context(), c.Printer(), s.Event); err != nil {
		return err
	}
	if s.host, err = project.OrganisationByID(c.Context(), p.DB.Read(), s.Event.OrganisationID); err != nil {
		return err
	}
	page.Organiser = c.Printer().Text(s.host.Name)
	page.NoIndex = unsought(s.Event)
	page.Preview = &web.Preview{Type: "article", Image: s.card(), Alt: join(s.notice.Title.Text, s.notice.Dates, s.notice.Where())}
	return nil
}

// card is the path of the picture that stands beside a link to the event.
func (s *story) card() string { return s.notice.Href + "/card.png" }
