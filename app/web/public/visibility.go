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
		line := o.Line
		if line.IsZero() {
			line = o.Name
		}
		strips = append(strips, strip(words, string(o.Kind), o.City, line, o.Disclaimer))
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
		strips = append(strips, strip(words, o.Key, o.City, o.Line, o.Disclaimer))
	}
	return strips
}

// strip is the official line of a donor of that kind, or the donor's own.
func strip(p *locale.Printer, kind, city string, line, disclaimer locale.Text) *web.Visibility {
	v := &web.Visibility{Text: p.Text(disclaimer)}
	switch kind {
	case "eu":
		v.EU = true
		if v.Text == "" {
			v.Text = p.T("visibility.eu_disclaimer_grant")
		}
	case "eu_cofunded":
		v.EU, v.Strong = true, p.T("visibility.eu_cofunded")
	case "norway_mfa":
		v.Strong = p.T("visibility.norway_mfa_funded")
	case "norway_embassy":
		in, known := p.CityIn(city)
		if !known {
			in = p.T("certificate.city_in_other", "city", city)
		}
		v.Strong = p.T("visibility.norway_embassy_funded", "city_in", in)
	default:
		v.Strong = p.Text(line)
	}
	return v
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
