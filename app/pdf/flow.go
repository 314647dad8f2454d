package pdf

import "fmt"

// Flow sets a text from top to bottom and begins a new page where one is full. Positions are millimetres.
type Flow struct {
	wide, high               float64
	left, right, top, bottom float64 // where text may stand
	fonts                    *Fonts
	pages                    []*Canvas
	images                   []*Image
	y                        float64 // how far down the page is used
	foot                     func(c *Canvas, page, pages int)
}

// Paper is a size of paper with its margins, in millimetres.
type Paper struct{ Wide, High, Left, Right, Top, Bottom float64 }

// Portrait is A4 upright with room for a foot.
var Portrait = Paper{Wide: 210, High: 297, Left: 20, Right: 20, Top: 20, Bottom: 32}

// NewFlow begins a document. foot, if not nil, is called for each page when all pages are full, with its number and how
// many there are, to set what stands in the margins.
func NewFlow(fonts *Fonts, paper Paper, foot func(c *Canvas, page, pages int)) *Flow {
	f := &Flow{wide: paper.Wide, high: paper.High, left: paper.Left, right: paper.Wide - paper.Right, top: paper.Top,
		bottom: paper.High - paper.Bottom, fonts: fonts, foot: foot}
	f.Break()
	return f
}

// Break begins a new page.
func (f *Flow) Break() {
	f.pages = append(f.pages, NewCanvas(f.fonts, f.wide, f.high))
	f.y = f.top
}

// Need begins a new page if less than so much is left of this one.
func (f *Flow) Need(high float64) {
	if f.y+high > f.bottom && f.y > f.top {
		f.Break()
	}
}

// Skip leaves room, but none at the top of a page.
func (f *Flow) Skip(high float64) {
	if f.y > f.top {
		f.y += high
	}
}

// Canvas returns the page that the flow is on.
func (f *Flow) Canvas() *Canvas { return f.pages[len(f.pages)-1] }

// Y returns how far down the page is used.
func (f *Flow) Y() float64 { return f.y }

// To says that the page is used down to y.
func (f *Flow) To(y float64) { f.y = max(f.y, y) }

// Left returns the left edge of the text.
func (f *Flow) Left() float64 { return f.left }

// Wide returns the width of the text.
func (f *Flow) Wide() float64 { return f.right - f.left }

// ascent is from the top of a line to its baseline, as a share of the leading.
const ascent = .74

// Paragraph sets a text within the text area, its lines so far apart, broken over pages line by line. Letters without a
// glyph are shown as question marks.
func (f *Flow) Paragraph(text string, style Style, leading float64) {
	for _, line := range f.fonts.Fill(style.Face, style.Size, f.Wide(), f.fonts.Drawable(style.Face, text)) {
		f.Need(leading)
		f.Canvas().Text(f.left, f.y+ascent*leading, line, style)
		f.y += leading
	}
}

// Picture notes an image that was drawn on one of the canvases.
func (f *Flow) Picture(im *Image) { f.images = append(f.images, im) }

// Document ends the flow and returns it as PDF.
func (f *Flow) Document(meta Meta) ([]byte, error) {
	var letters Letters
	pages := make([]Page, len(f.pages))
	for i, c := range f.pages {
		if f.foot != nil {
			f.foot(c, i+1, len(f.pages))
		}
		letters.Add(c)
		pages[i] = Page{Parts: []*Canvas{c}}
	}
	stock, err := NewStock(f.fonts, f.wide, f.high, letters, f.images)
	if err != nil {
		return nil, err
	}
	b, err := stock.Document(meta, pages...)
	if err != nil {
		return nil, fmt.Errorf("document of %d pages: %w", len(pages), err)
	}
	return b, nil
}

// Canvases returns the pages so far.
func (f *Flow) Canvases() []*Canvas { return f.pages }
