package report

import (
	"strings"

	"attesta/app/pdf"
)

// funded is the line that names a donor: the donor's own if there is one, else the one of its kind.
func (d *drawing) funded(donor Donor) string {
	if line := d.text(donor.Line); line != "" {
		return line
	}
	switch donor.Key {
	case "eu":
		return d.p.T("visibility.eu_funded")
	case "eu_cofunded":
		return d.p.T("visibility.eu_cofunded")
	case "norway_mfa":
		return d.p.T("visibility.norway_mfa_funded")
	case "norway_embassy":
		in, known := d.p.CityIn(donor.City)
		if !known {
			in = d.p.T("certificate.city_in_other", "city", donor.City)
		}
		return d.p.T("visibility.norway_embassy_funded", "city_in", in)
	}
	return ""
}

// visibility ends the report with the emblem, the donors and their disclaimers.
func (d *drawing) visibility() {
	var said []string
	emblem := false
	for _, donor := range d.doc.Donors {
		eu := donor.Key == "eu" || donor.Key == "eu_cofunded"
		emblem = emblem || eu
		text := d.text(donor.Disclaimer)
		if text == "" && eu {
			text = d.p.T("visibility.eu_disclaimer_grant")
		}
		if text == "" {
			text = d.funded(donor)
		}
		if text = strings.TrimSuffix(text, "."); text != "" {
			said = append(said, text+".")
		}
	}
	if len(said) == 0 {
		return
	}
	const high, gap, leading = 12.0, 5.0, 3.9
	left := 0.0
	if emblem {
		left = high*pdf.EmblemRatio + gap
	}
	fonts, style := d.flow.Canvas().Fonts(), pdf.Style{Size: 8.5, Colour: soft}
	var lines []string
	for _, text := range said {
		lines = append(lines, fonts.Fill(style.Face, style.Size, d.flow.Wide()-left, fonts.Drawable(style.Face, text))...)
	}
	d.flow.Skip(10)
	d.flow.Need(max(high, leading*float64(len(lines))) + 4)
	c, top := d.flow.Canvas(), d.flow.Y()
	c.Line(d.flow.Left(), top, d.flow.Left()+d.flow.Wide(), top, .3, petrol)
	top += 4
	if emblem {
		c.EUEmblem(d.flow.Left(), top, high)
	}
	c.Lines(d.flow.Left()+left, top+.74*leading, leading, lines, style)
	d.flow.To(top + max(high, leading*float64(len(lines))))
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
