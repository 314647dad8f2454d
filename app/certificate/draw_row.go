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

// marks sets donors and organisations. Organisations that find no room are named in the small print, but never the
// lead or the host.
func (sh *sheet) marks() error {
	var items []item
	if !sh.s.Waived {
		for _, d := range sh.s.Donors {
			it, err := sh.donor(d)
			if err != nil {
				return err
			}
			items = append(items, it)
		}
	}
	for i := range sh.s.Organisations {
		it, err := sh.organisation(&sh.s.Organisations[i])
		if err != nil {
			return err
		}
		items = append(items, it)
	}
	for rowWidth(items) > rowWide {
		i := lastDroppable(items)
		if i < 0 {
			return unfit("organisation", "certificate.marks_too_many")
		}
		name, _ := items[i].org.Name.In(sh.p.Code())
		sh.partners = append(sh.partners, name)
		items = append(items[:i], items[i+1:]...)
	}
	x := rowLeft
	for _, it := range items {
		it.draw(x)
		x += it.wide + rowGap
	}
	return nil
}

func rowWidth(items []item) float64 {
	w := -rowGap
	for _, it := range items {
		w += it.wide + rowGap
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

func (sh *sheet) donor(d Donor) (item, error) {
	text := funded(sh.p, d)
	if d.Key == "eu" || d.Key == "eu_cofunded" {
		style := pdf.Style{Face: pdf.SansBold, Size: 9, Colour: ink}
		lines := sh.stacked(style, text, 2, 60)
		w := emblem * pdf.EmblemRatio
		return item{wide: w + 2.5 + sh.widest(style.Face, style.Size, lines), draw: func(x float64) {
			sh.canvas.EUEmblem(x, rowLine-emblem, emblem)
			sh.standing(x+w+2.5, 3.9, lines, style)
		}}, nil
	}
	if len(d.Logo) > 0 {
		return sh.logo("donor", d.Logo, emblem)
	}
	style := pdf.Style{Size: 9, Colour: ink}
	if err := sh.glyphs("donor", style.Face, text); err != nil {
		return item{}, err
	}
	lines := sh.stacked(style, text, 3, 34)
	if lines == nil {
		return item{}, unfit("donor", "certificate.donor_too_long")
	}
	return item{wide: sh.widest(style.Face, style.Size, lines), draw: func(x float64) { sh.standing(x, 3.9, lines, style) }}, nil
}

func (sh *sheet) organisation(o *Organisation) (item, error) {
	if len(o.Logo) > 0 {
		it, err := sh.logo("organisation", o.Logo, 10)
		it.org = o
		return it, err
	}
	name, _ := o.Name.In(sh.p.Code())
	style := pdf.Style{Face: pdf.Serif, Size: 10, Colour: ink}
	if err := sh.glyphs("organisation", style.Face, name); err != nil {
		return item{}, err
	}
	lines := sh.stacked(style, name, 2, 42)
	for _, wide := range []float64{50, 58} {
		if lines == nil && (o.Lead || o.Host) {
			style.Size = 9
			lines = sh.stacked(style, name, 2, wide)
		}
	}
	if lines == nil && (o.Lead || o.Host) {
		lines = sh.stacked(style, name, 3, 58)
	}
	if lines == nil {
		if o.Lead || o.Host {
			return item{}, unfit("organisation", "certificate.organisation_too_long")
		}
		return item{wide: rowWide + 1, org: o}, nil // it will go to the small print
	}
	return item{wide: sh.widest(style.Face, style.Size, lines), org: o, draw: func(x float64) { sh.standing(x, 4.1, lines, style) }}, nil
}

func (sh *sheet) logo(field string, b []byte, high float64) (item, error) {
	im, err := sh.image(b)
	if err != nil {
		return item{}, unfit(field, "certificate.picture_unreadable")
	}
	w, h := within(im, 34, high)
	return item{wide: w, draw: func(x float64) { sh.canvas.Image(im, x, rowLine-h, w, h) }}, nil
}

// stacked breaks a text into lines of at most a measure, as narrow as so many lines allow; nil if it doesn't fit.
func (sh *sheet) stacked(style pdf.Style, text string, lines int, measure float64) []string {
	text = pdf.Tie(strings.TrimSpace(pdf.Clean(text)))
	if sh.fonts.Width(style.Face, style.Size, text) <= 24 {
		return []string{text}
	}
	for wide := 14.0; ; wide += .5 {
		wide = min(wide, measure)
		set := sh.fonts.Wrap(style.Face, style.Size, wide, text)
		if len(set) <= lines && sh.widest(style.Face, style.Size, set) <= wide {
			return set
		}
		if wide >= measure {
			return nil
		}
	}
}

// standing sets lines so that the last stands on the line of the row.
func (sh *sheet) standing(x, leading float64, lines []string, style pdf.Style) {
	sh.canvas.Lines(x, rowLine-leading*float64(len(lines)-1), leading, lines, style)
}
