package certificate

import (
	"strings"

	"attesta/app/pdf"
)

// The row of marks stands on one line, between the left margin and the verification.
const (
	rowLine  = 175.0
	rowLeft  = 32.0
	rowWide  = 152.0
	rowGap   = 5.5
	emblem   = 12.0 // high; no logo is higher
	leftEdge = 32.0
	textWide = 233.0
)

// item is one mark of the row: how wide it is, and how it is drawn with its left edge at x.
type item struct {
	wide float64
	draw func(x float64)
	org  *Organisation
}

// density is how closely the row is set: normally, and closer where it would be too wide even with lead and host alone.
type density struct {
	gap          float64
	donor, org   float64 // pt
	orgLines     int
	donorMeasure []float64 // tried in turn
	apart        bool      // the line of a donor with a logo stands in the small print
}

var densities = []density{
	{rowGap, 9, 10, 2, []float64{34, 40}, false},
	{4.5, 8.5, 9, 3, []float64{34, 42}, false},
	{3.5, 8, 8, 3, []float64{34, 44, 54}, false},
	{rowGap, 9, 10, 2, []float64{34, 40}, true},
	{3.5, 8, 8, 3, []float64{34, 44, 54}, true},
}

// marks sets donors and organisations. Organisations that find no room are named in the small print, but never the
// lead or the host.
func (sh *sheet) marks() error {
	images, partners, said := len(sh.images), len(sh.partners), len(sh.lines)
	var err error
	for _, d := range densities {
		sh.images, sh.partners, sh.lines = sh.images[:images], sh.partners[:partners], sh.lines[:said]
		var items []item
		if items, err = sh.row(d); err == nil {
			x := rowLeft
			for _, it := range items {
				it.draw(x)
				x += it.wide + d.gap
			}
			return nil
		}
	}
	return err
}

// row returns the marks that find room at a density.
func (sh *sheet) row(d density) ([]item, error) {
	var items []item
	if !sh.s.Waived {
		for _, donor := range sh.s.Donors {
			it, err := sh.donor(donor, d)
			if err != nil {
				return nil, err
			}
			items = append(items, it)
		}
	}
	for i := range sh.s.Organisations {
		it, err := sh.organisation(&sh.s.Organisations[i], d)
		if err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	var dropped []string
	for rowWidth(items, d.gap) > rowWide {
		i := lastDroppable(items)
		if i < 0 {
			return nil, unfit("organisation", "certificate.marks_too_many")
		}
		name, _ := items[i].org.Name.In(sh.p.Code())
		dropped = append([]string{name}, dropped...)
		items = append(items[:i], items[i+1:]...)
	}
	sh.partners = append(sh.partners, dropped...)
	return items, nil
}

func rowWidth(items []item, gap float64) float64 {
	w := -gap
	for _, it := range items {
		w += it.wide + gap
	}
	return w
}

func lastDroppable(items []item) int {
	for i := len(items) - 1; i >= 0; i-- {
		if o := items[i].org; o != nil && !o.Lead && !o.Host {
			return i
		}
	}
	return -1
}

func (sh *sheet) donor(donor Donor, d density) (item, error) {
	text := funded(sh.p, donor)
	leading := d.donor * 3.9 / 9
	if donor.Key == "eu" || donor.Key == "eu_cofunded" {
		style := pdf.Style{Face: pdf.SansBold, Size: d.donor, Colour: ink}
		lines := sh.stacked(style, text, 2, 60)
		w := emblem * pdf.EmblemRatio
		return item{wide: w + 2.5 + sh.widest(style.Face, style.Size, lines), draw: func(x float64) {
			sh.canvas.EUEmblem(x, rowLine-emblem, emblem)
			sh.standing(x+w+2.5, leading, lines, style)
		}}, nil
	}
	style := pdf.Style{Size: d.donor, Colour: ink}
	if err := sh.glyphs("donor", style.Face, text); err != nil {
		return item{}, err
	}
	if len(donor.Logo) > 0 {
		return sh.illustrated(donor, text, d, style)
	}
	for _, measure := range d.donorMeasure {
		if lines := sh.stacked(style, text, 3, measure); lines != nil {
			return item{wide: sh.widest(style.Face, style.Size, lines), draw: func(x float64) { sh.standing(x, leading, lines, style) }}, nil
		}
	}
	return item{}, unfit("donor", "certificate.donor_too_long")
}

// illustrated is a donor's logo with its line beside it, or in the small print where the row is too full for both.
func (sh *sheet) illustrated(donor Donor, text string, d density, style pdf.Style) (item, error) {
	it, err := sh.logo("donor", donor.Logo, emblem)
	if err != nil || text == "" {
		return it, err
	}
	if d.apart {
		sh.lines = append(sh.lines, strings.TrimSuffix(text, ".")+".")
		return it, nil
	}
	const gap = 2.5
	for _, measure := range d.donorMeasure {
		lines := sh.stacked(style, text, 3, measure)
		if lines == nil {
			continue
		}
		logo, wide := it.draw, it.wide
		return item{wide: wide + gap + sh.widest(style.Face, style.Size, lines), draw: func(x float64) {
			logo(x)
			sh.standing(x+wide+gap, style.Size*3.9/9, lines, style)
		}}, nil
	}
	return item{}, unfit("donor", "certificate.donor_too_long")
}

func (sh *sheet) organisation(o *Organisation, d density) (item, error) {
	if len(o.Logo) > 0 {
		it, err := sh.logo("organisation", o.Logo, 10)
		it.org = o
		return it, err
	}
	name, _ := o.Name.In(sh.p.Code())
	style := pdf.Style{Face: pdf.Serif, Size: d.org, Colour: ink}
	if err := sh.glyphs("organisation", style.Face, name); err != nil {
		return item{}, err
	}
	lines := sh.stacked(style, name, d.orgLines, 42)
	if lines == nil && (o.Lead || o.Host) {
		lines = sh.stacked(style, name, d.orgLines, 60)
	}
	if lines == nil && (o.Lead || o.Host) {
		return item{}, unfit("organisation", "certificate.organisation_too_long")
	}
	if lines == nil {
		return item{wide: rowWide + 1, org: o}, nil // it goes to the small print
	}
	return item{wide: sh.widest(style.Face, style.Size, lines), org: o, draw: func(x float64) { sh.standing(x, style.Size*.41, lines, style) }}, nil
}

func (sh *sheet) logo(field string, b []byte, high float64) (item, error) {
	im, err := sh.image(b)
	if err != nil {
		return item{}, unfit(field, "certificate.picture_unreadable")
	}
	w, h := within(im, 34, high)
	return item{wide: w, draw: func(x float64) { sh.canvas.Image(im, x, rowLine-h, w, h) }}, nil
}

// stacked breaks a text into at most so many lines within a measure; nil if it doesn't fit.
func (sh *sheet) stacked(style pdf.Style, text string, lines int, measure float64) []string {
	text = pdf.Tie(strings.TrimSpace(pdf.Clean(text)))
	if sh.fonts.Width(style.Face, style.Size, text) <= 24 {
		return []string{text}
	}
	return sh.fonts.Stack(style.Face, style.Size, measure, lines, text)
}

// standing sets lines so that the last stands on the line of the row.
func (sh *sheet) standing(x, leading float64, lines []string, style pdf.Style) {
	sh.canvas.Lines(x, rowLine-leading*float64(len(lines)-1), leading, lines, style)
}
