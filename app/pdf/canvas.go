package pdf

import (
	"math"
	"strings"
)

// RGB is a colour.
type RGB struct{ R, G, B uint8 }

// Align says where a text's x is: at its left end, its middle or its right end.
type Align int

// The alignments.
const (
	Left Align = iota
	Centre
	Right
)

// Style is how a text is set. Size is in points; Turn is degrees counter-clockwise about the middle of the baseline.
type Style struct {
	Face   Face
	Size   float64
	Colour RGB
	Align  Align
	Turn   float64
}

// Box is where a text stands: from the left end of its baseline X, Y with its width, in millimetres.
type Box struct {
	X, Y, W float64
	Style   Style
	Text    string
}

// Top is the highest point of the line, by the height of a capital.
func (b Box) Top() float64 { return b.Y - .69*b.Style.Size/mm }

// Bottom is the lowest point of the line, by the depth of a descender.
func (b Box) Bottom() float64 { return b.Y + .21*b.Style.Size/mm }

// Canvas is one page: marks in the order they are painted, in millimetres from the top left corner.
type Canvas struct {
	Wide, High float64
	fonts      *Fonts
	marks      []mark
}

type mark interface{}

type textMark struct{ Box }

type imageMark struct {
	image      *Image
	x, y, w, h float64
}

type pathMark struct {
	path  Path
	paint Paint
}

type formMark struct {
	form   *Canvas
	matrix Matrix
}

// Matrix maps a point (x, y) of a form to (a·x + c·y + e, b·x + d·y + f) on the page, all in millimetres.
type Matrix struct{ A, B, C, D, E, F float64 }

// NewCanvas returns an empty page.
func NewCanvas(fonts *Fonts, wide, high float64) *Canvas {
	return &Canvas{Wide: wide, High: high, fonts: fonts}
}

// Fonts returns the faces that the canvas measures and draws with.
func (c *Canvas) Fonts() *Fonts { return c.fonts }

// Text sets one line with its baseline at y. No-break spaces are drawn as spaces.
func (c *Canvas) Text(x, y float64, s string, st Style) {
	s = strings.Map(func(r rune) rune {
		if r == nbsp || r == '\u202f' || r == '\u2009' {
			return ' '
		}
		return r
	}, Clean(s))
	w := c.fonts.Width(st.Face, st.Size, s)
	switch st.Align {
	case Centre:
		x -= w / 2
	case Right:
		x -= w
	}
	if s != "" {
		c.marks = append(c.marks, textMark{Box{X: x, Y: y, W: w, Style: st, Text: s}})
	}
}

// Lines sets lines under each other, the first with its baseline at y, and returns the baseline of the last.
func (c *Canvas) Lines(x, y, leading float64, lines []string, st Style) float64 {
	for i, s := range lines {
		c.Text(x, y+leading*float64(i), s, st)
	}
	return y + leading*float64(len(lines)-1)
}

// Boxes returns the texts on the canvas in the order they were set.
func (c *Canvas) Boxes() []Box {
	var out []Box
	for _, m := range c.marks {
		if t, ok := m.(textMark); ok {
			out = append(out, t.Box)
		}
	}
	return out
}

// Missing returns the letters of the canvas that have no glyph, each once.
func (c *Canvas) Missing() []rune {
	var out []rune
	for _, b := range c.Boxes() {
		out = append(out, c.fonts.Missing(b.Style.Face, b.Text)...)
	}
	return out
}

// Paint is how a path is painted; a nil colour leaves that part out. Width is in millimetres. Round joins and ends the
// lines roundly.
type Paint struct {
	Fill, Stroke *RGB
	Width        float64
	Round        bool
}

// Path is an outline in millimetres. The zero Path is empty.
type Path struct {
	op []byte // m, l, c, h, r (rectangle)
	at []float64
}

// Move begins a new part at a point.
func (p *Path) Move(x, y float64) { p.add('m', x, y) }

// Line goes straight to a point.
func (p *Path) Line(x, y float64) { p.add('l', x, y) }

// Curve goes to x, y by a cubic Bézier with two control points.
func (p *Path) Curve(x1, y1, x2, y2, x, y float64) { p.add('c', x1, y1, x2, y2, x, y) }

// Close goes straight back to where the part began.
func (p *Path) Close() { p.add('h') }

// Rect adds a rectangle as a part of its own.
func (p *Path) Rect(x, y, w, h float64) { p.add('r', x, y, w, h) }

func (p *Path) add(op byte, at ...float64) {
	p.op = append(p.op, op)
	p.at = append(p.at, at...)
}

// Path paints a path.
func (c *Canvas) Path(p Path, how Paint) {
	if len(p.op) > 0 {
		c.marks = append(c.marks, pathMark{path: p, paint: how})
	}
}

// Rect fills a rectangle.
func (c *Canvas) Rect(x, y, w, h float64, colour RGB) {
	var p Path
	p.Rect(x, y, w, h)
	c.Path(p, Paint{Fill: &colour})
}

// Line draws a straight line.
func (c *Canvas) Line(x1, y1, x2, y2, width float64, colour RGB) {
	var p Path
	p.Move(x1, y1)
	p.Line(x2, y2)
	c.Path(p, Paint{Stroke: &colour, Width: width})
}

// RoundRect returns the outline of a rectangle with rounded corners.
func RoundRect(x, y, w, h, r float64) Path {
	const k = 0.5522847498
	var p Path
	q := r * (1 - k)
	p.Move(x+r, y)
	p.Line(x+w-r, y)
	p.Curve(x+w-q, y, x+w, y+q, x+w, y+r)
	p.Line(x+w, y+h-r)
	p.Curve(x+w, y+h-q, x+w-q, y+h, x+w-r, y+h)
	p.Line(x+r, y+h)
	p.Curve(x+q, y+h, x, y+h-q, x, y+h-r)
	p.Line(x, y+r)
	p.Curve(x, y+q, x+q, y, x+r, y)
	p.Close()
	return p
}

// Image draws a picture, as wide and high as told.
func (c *Canvas) Image(im *Image, x, y, w, h float64) {
	c.marks = append(c.marks, imageMark{im, x, y, w, h})
}

// Form paints another canvas onto this one, moved by a matrix. However often it is painted, the document holds it once.
// A form holds paths only.
func (c *Canvas) Form(form *Canvas, by Matrix) {
	c.marks = append(c.marks, formMark{form, by})
}

// EmblemRatio is the emblem's width by its height.
const EmblemRatio = 1.5

// EUEmblem draws the emblem of the European Union of a given height with its top left corner at x, y: twelve stars of
// five points, upright, each in a circle of a ninth of half the height, their centres on a circle of a third of the
// height, as the graphics guide of the emblem has it.
func (c *Canvas) EUEmblem(x, y, high float64) {
	c.Rect(x, y, high*EmblemRatio, high, RGB{0x00, 0x33, 0x99})
	var stars Path
	for i := range 12 {
		hour := float64(i) * math.Pi / 6
		star(&stars, x+high*EmblemRatio/2+high/3*math.Sin(hour), y+high/2-high/3*math.Cos(hour), high/18)
	}
	c.Path(stars, Paint{Fill: &RGB{0xFF, 0xCC, 0x00}})
}

func star(p *Path, x, y, radius float64) {
	inner := radius * math.Sin(math.Pi/10) / math.Sin(7*math.Pi/10)
	for i := range 10 {
		r := radius
		if i%2 == 1 {
			r = inner
		}
		px, py := x+r*math.Sin(float64(i)*math.Pi/5), y-r*math.Cos(float64(i)*math.Pi/5)
		if i == 0 {
			p.Move(px, py)
		} else {
			p.Line(px, py)
		}
	}
	p.Close()
}
