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

// The signs of the donors stand in a column, none larger than this, in millimetres.
const (
	signHigh = 12.0
	signWide = 34.0
)

// sign is a donor's emblem or logo: how large it is, and how it is drawn with its upper left corner at x, y.
type sign struct {
	wide, high float64
	draw       func(c *pdf.Canvas, x, y float64)
}

func (d *drawing) sign(donor Donor) sign {
	if d.p.Funding(donor.Funder()).EU {
		return sign{signHigh * pdf.EmblemRatio, signHigh, func(c *pdf.Canvas, x, y float64) { c.EUEmblem(x, y, signHigh) }}
	}
	if len(donor.Picture) == 0 {
		return sign{}
	}
	im, err := pdf.NewImage(donor.Picture)
	if err != nil {
		return sign{} // its line stands there all the same
	}
	wide, high := signHigh*float64(im.Wide)/float64(im.High), signHigh
	if wide > signWide {
		wide, high = signWide, signWide*float64(im.High)/float64(im.Wide)
	}
	return sign{wide, high, func(c *pdf.Canvas, x, y float64) {
		d.flow.Picture(im)
		c.Image(im, x, y, wide, high)
	}}
}

// visibility ends the report with the donors: the emblem or logo of each, and beside it what the donor wants said.
func (d *drawing) visibility() {
	var signs []sign
	var said []string
	left := 0.0
	for _, donor := range d.doc.Donors {
		text := strings.Join(d.p.Funding(donor.Funder()).Sentences(), " ")
		if text == "" {
			continue
		}
		m := d.sign(donor)
		signs, said = append(signs, m), append(said, text)
		if m.wide > 0 {
			left = max(left, m.wide+5)
		}
	}
	for i, text := range said {
		d.donor(signs[i], text, left, i == 0)
	}
}

// donor sets one donor; the first begins with a rule above.
func (d *drawing) donor(m sign, text string, left float64, first bool) {
	const leading = 3.9
	fonts, style := d.flow.Canvas().Fonts(), pdf.Style{Size: 8.5, Colour: soft}
	lines := fonts.Fill(style.Face, style.Size, d.flow.Wide()-left, fonts.Drawable(style.Face, text))
	high := max(m.high, leading*float64(len(lines)))
	skip := 3.0
	if first {
		skip = 10
	}
	d.flow.Skip(skip)
	d.flow.Need(high + 4)
	c, top := d.flow.Canvas(), d.flow.Y()
	if first {
		c.Line(d.flow.Left(), top, d.flow.Left()+d.flow.Wide(), top, .3, petrol)
		top += 4
	}
	if m.draw != nil {
		m.draw(c, d.flow.Left(), top)
	}
	c.Lines(d.flow.Left()+left, top+.74*leading, leading, lines, style)
	d.flow.To(top + high)
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
