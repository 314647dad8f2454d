package pdf

// Sponsor is who pays for what a document is about: their sign, and what they want said.
type Sponsor struct {
	EU      bool   // the emblem of the European Union
	Picture []byte // a logo otherwise; nil for none
	Said    string // "" leaves them out
}

// The signs of sponsors stand in a column, none larger than this, in millimetres.
const (
	signHigh = 12.0
	signWide = 34.0
)

// sign is an emblem or a logo: how large it is, and how it is drawn with its upper left corner at x, y.
type sign struct {
	wide, high float64
	draw       func(c *Canvas, x, y float64)
}

func (f *Flow) sign(s Sponsor) sign {
	if s.EU {
		return sign{signHigh * EmblemRatio, signHigh, func(c *Canvas, x, y float64) { c.EUEmblem(x, y, signHigh) }}
	}
	if len(s.Picture) == 0 {
		return sign{}
	}
	im, err := NewImage(s.Picture)
	if err != nil {
		return sign{} // what is said stands there all the same
	}
	wide, high := signHigh*float64(im.Wide)/float64(im.High), signHigh
	if wide > signWide {
		wide, high = signWide, signWide*float64(im.High)/float64(im.Wide)
	}
	return sign{wide, high, func(c *Canvas, x, y float64) {
		f.Picture(im)
		c.Image(im, x, y, wide, high)
	}}
}

// Sponsors ends a text with a rule and those who paid for it: the sign of each, and beside it what they want said.
func (f *Flow) Sponsors(list []Sponsor, rule RGB, style Style) {
	var signs []sign
	var said []string
	left := 0.0
	for _, s := range list {
		if s.Said == "" {
			continue
		}
		m := f.sign(s)
		signs, said = append(signs, m), append(said, s.Said)
		if m.wide > 0 {
			left = max(left, m.wide+5)
		}
	}
	for i, text := range said {
		f.sponsor(signs[i], text, left, style, rule, i == 0)
	}
}

// sponsor sets one of them; the first begins with a rule above.
func (f *Flow) sponsor(m sign, text string, left float64, style Style, rule RGB, first bool) {
	const leading = 3.9
	lines := f.fonts.Fill(style.Face, style.Size, f.Wide()-left, f.fonts.Drawable(style.Face, text))
	high := max(m.high, leading*float64(len(lines)))
	skip := 3.0
	if first {
		skip = 10
	}
	f.Skip(skip)
	f.Need(high + 4)
	c, top := f.Canvas(), f.Y()
	if first {
		c.Line(f.left, top, f.left+f.Wide(), top, .3, rule)
		top += 4
	}
	if m.draw != nil {
		m.draw(c, f.left, top)
	}
	c.Lines(f.left+left, top+ascent*leading, leading, lines, style)
	f.To(top + high)
}
