package public

import (
	"context"

	"attesta/app/certificate"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/web"
)

// donors returns whose money an event is, as each of its pages must show it; nothing where that was waived.
func (p *Pages) donors(ctx context.Context, words *locale.Printer, e *event.Event) ([]*web.Visibility, error) {
	if e.VisibilityWaiver != "" {
		return nil, nil
	}
	list, err := project.Donors(ctx, p.DB.Read(), e.ProjectID)
	if err != nil {
		return nil, err
	}
	var strips []*web.Visibility
	for _, o := range list {
		strips = append(strips, web.Funded(words, o.Funder(), project.Path(o.Logo)))
	}
	return strips, nil
}

// donorsOf returns the same of a certificate.
func donorsOf(words *locale.Printer, s *certificate.Snapshot) []*web.Visibility {
	if s.Waived {
		return nil
	}
	var strips []*web.Visibility
	for _, o := range s.Donors {
		strips = append(strips, web.Funded(words, o.Funder(), project.Path(o.LogoDigest)))
	}
	return strips
}

// stage gives a page what all pages of an event have: its donors and its organiser.
func (p *Pages) stage(c *web.Ctx, page *web.Page, e *event.Event) error {
	var err error
	if page.Visibility, err = p.donors(c.Context(), c.Printer(), e); err != nil {
		return err
	}
	o, err := project.OrganisationByID(c.Context(), p.DB.Read(), e.OrganisationID)
	if err != nil {
		return err
	}
	page.Organiser = c.Printer().Text(o.Name)
	page.NoIndex = !e.Listed
	return nil
}
