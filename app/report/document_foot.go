package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/pdf"
	"attesta/app/project"
)

// funded is the line that names a donor.
func (d *drawing) funded(donor Donor) string { return d.p.Funding(donor.Funder()).Line }

// Illustrate gives the document the logos of its donors.
func (doc *Document) Illustrate(ctx context.Context, q bun.IDB) error {
	doc.Donors = slices.Clone(doc.Donors)
	for i := range doc.Donors {
		donor := &doc.Donors[i]
		if donor.Logo == "" {
			continue
		}
		logo, err := project.LogoOf(ctx, q, donor.Logo)
		if err != nil {
			return fmt.Errorf("illustrate a report: %w", err)
		}
		donor.Picture = logo.PNG
	}
	return nil
}

// visibility ends the report with the donors: the emblem or logo of each, and beside it what the donor wants said.
func (d *drawing) visibility() {
	var all []pdf.Sponsor
	for _, donor := range d.doc.Donors {
		said := d.p.Funding(donor.Funder())
		all = append(all, pdf.Sponsor{EU: said.EU, Picture: donor.Picture, Said: strings.Join(said.Sentences(), " ")})
	}
	d.flow.Sponsors(all, petrol, pdf.Style{Size: 8.5, Colour: soft})
}

// foot sets the margins of a page: the footnote if the page has the asterisk, what the document is, and its number.
func (d *drawing) foot(c *pdf.Canvas, page, pages int) {
	left, right := pdf.Portrait.Left, pdf.Portrait.Wide-pdf.Portrait.Right
	var said []string
	for _, b := range c.Boxes() {
		said = append(said, b.Text)
	}
	style := pdf.Style{Size: 7.5, Colour: soft}
	if note := d.p.Footnote(strings.Join(said, " ")); note != "" {
		lines := c.Fonts().Wrap(style.Face, style.Size, right-left, pdf.Tie(note))
		c.Lines(left, 279.5-3.3*float64(len(lines)-1), 3.3, lines, style)
	}
	c.Line(left, 282, right, 282, .15, hair)
	number := d.p.T("report.page", "N", page, "Total", pages)
	style.Size, style.Align = 8, pdf.Right
	c.Text(right, 286.5, number, style)
	style.Align = pdf.Left
	what := d.p.T("report.title")
	for _, more := range []string{d.doc.Contract, d.doc.Number, d.p.Date(d.doc.AsOf)} {
		if more != "" {
			what += " · " + more
		}
	}
	room := right - left - 6 - c.Fonts().Width(pdf.Sans, style.Size, number)
	if c.Fonts().Width(pdf.Sans, style.Size, what) <= room {
		c.Text(left, 286.5, c.Fonts().Drawable(pdf.Sans, what), style)
	}
}
