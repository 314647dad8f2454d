package pdf

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/jung-kurt/gofpdf"
)

// Plain draws what Stock.Document draws, a mark at a time with gofpdf's own calls. It is the reference that the fast
// way is compared with, in looks and in speed; programs want the fast way. A page is canvases, one painted on the other.
// gofpdf knows no kerning: kerned says whether lines are set in pieces to have it.
func Plain(meta Meta, kerned bool, pages ...[]*Canvas) (b []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			b, err = nil, fmt.Errorf("gofpdf: %v", r)
		}
	}()
	size := gofpdf.SizeType{Wd: pages[0][0].Wide, Ht: pages[0][0].High}
	f := gofpdf.NewCustom(&gofpdf.InitType{OrientationStr: "P", UnitStr: "mm", Size: size})
	f.SetCatalogSort(true)
	f.SetCreationDate(meta.Created)
	f.SetModificationDate(meta.Created)
	f.SetTitle(meta.Title, true)
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	for face := range faces {
		f.AddUTF8FontFromBytes(strconv.Itoa(int(face)), "", bytes.Clone(pages[0][0].fonts.face[face].file))
	}
	for _, parts := range pages {
		f.AddPage()
		for _, c := range parts {
			plainMarks(f, c, kerned)
		}
	}
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		return nil, fmt.Errorf("gofpdf: %w", err)
	}
	return out.Bytes(), nil
}

func plainMarks(f *gofpdf.Fpdf, c *Canvas, kerned bool) {
	for _, m := range c.marks {
		switch m := m.(type) {
		case textMark:
			face := c.fonts.face[m.Style.Face]
			if !kerned {
				face = &font{}
			}
			plainText(f, m.Box, face)
		case pathMark:
			plainPath(f, m)
		case imageMark:
			opt := gofpdf.ImageOptions{ImageType: "PNG"}
			name := fmt.Sprintf("%x", m.image.sum)
			f.RegisterImageOptionsReader(name, opt, bytes.NewReader(m.image.png))
			f.ImageOptions(name, m.x, m.y, m.w, m.h, false, opt, 0, "")
		case qrMark:
			f.SetFillColor(0, 0, 0)
			m.runs(func(row, col, n int) {
				f.Rect(m.x+float64(col)*m.module, m.y+float64(row)*m.module, float64(n)*m.module, m.module, "F")
			})
		case formMark:
			k := m.matrix
			f.TransformBegin()
			f.Transform(gofpdf.TransformMatrix{A: k.A, B: -k.B, C: -k.C, D: k.D, E: (k.C*c.High + k.E) * mm, F: (c.High - k.D*c.High - k.F) * mm})
			plainMarks(f, m.form, kerned)
			f.TransformEnd()
		}
	}
}

// plainText sets a line, in pieces where font kerns.
func plainText(f *gofpdf.Fpdf, b Box, font *font) {
	f.SetFont(strconv.Itoa(int(b.Style.Face)), "", b.Style.Size)
	f.SetTextColor(int(b.Style.Colour.R), int(b.Style.Colour.G), int(b.Style.Colour.B))
	if math.Abs(b.Style.Turn) > 0 {
		f.TransformBegin()
		f.TransformRotate(b.Style.Turn, b.X+b.W/2, b.Y)
		defer f.TransformEnd()
	}
	x, from := b.X, 0
	last := rune(0)
	for i, r := range b.Text {
		if k := font.kern(last, r); k != 0 {
			f.Text(x, b.Y, b.Text[from:i])
			x += float64(font.units(b.Text[from:i])+k) * b.Style.Size / 1000 / mm
			from = i
		}
		last = r
	}
	f.Text(x, b.Y, b.Text[from:])
}

func plainPath(f *gofpdf.Fpdf, m pathMark) {
	how := ""
	if c := m.paint.Fill; c != nil {
		f.SetFillColor(int(c.R), int(c.G), int(c.B))
		how = "F"
	}
	if c := m.paint.Stroke; c != nil {
		f.SetDrawColor(int(c.R), int(c.G), int(c.B))
		f.SetLineWidth(m.paint.Width)
		ends := "butt"
		if m.paint.Round {
			ends = "round"
		}
		f.SetLineCapStyle(ends)
		f.SetLineJoinStyle(map[string]string{"butt": "miter", "round": "round"}[ends])
		how += "D"
	}
	at := m.path.at
	for _, op := range m.path.op {
		switch op {
		case 'm':
			f.MoveTo(at[0], at[1])
			at = at[2:]
		case 'l':
			f.LineTo(at[0], at[1])
			at = at[2:]
		case 'c':
			f.CurveBezierCubicTo(at[0], at[1], at[2], at[3], at[4], at[5])
			at = at[6:]
		case 'r':
			f.Rect(at[0], at[1], at[2], at[3], how)
			at = at[4:]
		case 'h':
			f.ClosePath()
		}
	}
	if len(m.path.op) > 0 && m.path.op[0] != 'r' {
		f.DrawPath(how)
	}
}
