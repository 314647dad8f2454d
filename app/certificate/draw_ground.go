package certificate

import (
	"math"
	"sync"

	"attesta/app/pdf"
)

// The colours of the drawing.
var (
	ink        = pdf.RGB{R: 23, G: 36, B: 43}
	soft       = pdf.RGB{R: 67, G: 82, B: 91}
	petrol     = pdf.RGB{R: 13, G: 90, B: 105}
	petrolThin = pdf.RGB{R: 105, G: 153, B: 162}
	rule       = pdf.RGB{R: 141, G: 148, B: 153}
	tint       = pdf.RGB{R: 227, G: 229, B: 230} // ink at 12 % on white
)

const (
	paperWide, paperHigh = 297.0, 210.0
	axis                 = paperWide / 2
)

// frame draws what lies beneath everything else: a watermark if there is one, guilloche, inner frame and dash.
func (sh *sheet) frame() {
	c := sh.canvas
	if sh.watermark != "" {
		size := 90.0
		for sh.fonts.Width(pdf.Serif, size, sh.watermark) > 230 {
			size -= 2
		}
		c.Text(axis, 118, sh.watermark, pdf.Style{Face: pdf.Serif, Size: size, Colour: tint, Align: pdf.Centre, Turn: 30})
	}
	quarter := guilloche()
	for _, m := range [...]pdf.Matrix{{A: 1, D: 1}, {A: -1, D: 1, E: paperWide}, {A: 1, D: -1, F: paperHigh}, {A: -1, D: -1, E: paperWide, F: paperHigh}} {
		c.Form(quarter, m)
	}
	c.Path(pdf.RoundRect(14.5, 14.5, 268, 181, 3), pdf.Paint{Stroke: &petrol, Width: .3})
	c.Rect(136.5, 47, 24, .3, petrol)
}

// The rounded rectangle that the guilloche runs along, and its envelope.
const (
	gOffset, gRadius     = 10.5, 7.0
	gWide, gHigh         = paperWide - 2*gOffset, paperHigh - 2*gOffset
	gPeriods, gAmplitude = 7.5, 2.3 // in a quarter: half of 9 along the long side, half of 6 along the short
	gSteps               = 165      // pieces of a curve in a quarter, 6 to a wave: within 0.01 mm
)

// guilloche is the upper right quarter of six curves about the centre line, from the middle of the upper side to the
// middle of the right one. The set of curves is the same mirrored in either axis of the paper, so four quarters close.
var guilloche = sync.OnceValue(func() *pdf.Canvas {
	c := pdf.NewCanvas(nil, paperWide, paperHigh)
	var p pdf.Path
	for k := range 6 {
		x, y := guillochePoint(k, 0)
		p.Move(x, y)
		for i := range gSteps {
			at := float64(i)
			dx, dy := guillocheTangent(k, at)
			ex, ey := guillocheTangent(k, at+1)
			toX, toY := guillochePoint(k, at+1)
			p.Curve(x+dx/3, y+dy/3, toX-ex/3, toY-ey/3, toX, toY)
			x, y = toX, toY
		}
	}
	c.Path(p, pdf.Paint{Stroke: &petrolThin, Width: .11, Round: true})
	return c
})

// guillochePoint returns where curve k is after so many steps of the quarter.
func guillochePoint(k int, step float64) (x, y float64) {
	tau := 4.5 + gPeriods*step/gSteps
	x, y, nx, ny := centreLine(tau)
	envelope := gAmplitude * (.62 + .38*math.Cos(2*math.Pi*tau))
	d := envelope * math.Sin(2*math.Pi*(11.0/3*tau+float64(k)/6))
	return x + d*nx, y + d*ny
}

// guillocheTangent returns the way a step takes there, by a central difference.
func guillocheTangent(k int, step float64) (dx, dy float64) {
	const h = .01
	x0, y0 := guillochePoint(k, step-h)
	x1, y1 := guillochePoint(k, step+h)
	return (x1 - x0) / (2 * h), (y1 - y0) / (2 * h)
}

// centreLine returns the point of the centre line where tau envelope periods have passed since the middle of the upper
// left corner, for tau from 4.5 to 12, and the outward normal there.
func centreLine(tau float64) (x, y, nx, ny float64) {
	const arc = math.Pi / 4 * gRadius // half a corner
	top, side := gWide/2-gRadius, gHigh/2-gRadius
	right := paperWide - gOffset
	var corner float64 // how far into the corner, in radians
	if tau <= 9 {
		s := (tau - 4.5) / 4.5 * (top + arc)
		if s <= top {
			return axis + s, gOffset, 0, -1
		}
		corner = (s - top) / gRadius
	} else {
		s := (tau - 9) / 3 * (side + arc)
		if s > arc {
			return right, gOffset + gRadius + s - arc, 1, 0
		}
		corner = math.Pi/4 + s/gRadius
	}
	nx, ny = math.Sin(corner), -math.Cos(corner)
	return right - gRadius + gRadius*nx, gOffset + gRadius + gRadius*ny, nx, ny
}
