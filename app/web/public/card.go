package public

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io/fs"
	"math"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"

	"attesta/app/web"
	"attesta/static"
)

// The measures of a card, in dots, as those who show links want it.
const (
	cardWidth  = 1200
	cardHeight = 630
	cardMargin = 84
)

// The colours of the pages in light.
var (
	paper    = color.NRGBA{0xfa, 0xf8, 0xf4, 0xff}
	ink      = color.NRGBA{0x17, 0x24, 0x2b, 0xff}
	inkSoft  = color.NRGBA{0x4b, 0x5b, 0x64, 0xff}
	petrol   = color.NRGBA{0x0d, 0x5a, 0x69, 0xff}
	stop     = color.NRGBA{0x9c, 0x2a, 0x1f, 0xff}
	hairline = color.NRGBA{0xdc, 0xd7, 0xcc, 0xff}
	euBlue   = color.NRGBA{0x00, 0x33, 0x99, 0xff}
	euGold   = color.NRGBA{0xff, 0xcc, 0x00, 0xff}
)

// card is the picture that stands beside a link to a page where it is passed on.
type card struct {
	lang   string
	Above  string // what sort of thing it is
	Title  string
	Below  string // when and where
	Loud   bool   // what stands above is a warning
	Foot   string // whose page it is
	Funded string // beside the emblem of the European Union; "" without
}

// eventCard is the card of an event.
func (p *Pages) eventCard(c *web.Ctx) error {
	s, err := p.story(c)
	if err != nil {
		return err
	}
	strips, err := p.donors(c.Context(), c.Printer(), s.Event)
	if err != nil {
		return err
	}
	page := c.Page("")
	x := card{lang: string(c.Locale()), Above: join(s.notice.Type, s.notice.Format), Title: s.notice.Title.Text, Below: join(s.notice.Dates, s.notice.Where()), Foot: page.Brand()}
	if s.notice.Tone == web.Stop {
		x.Above, x.Loud = s.notice.Status, true
	}
	x.fund(c, strips)
	return x.send(c)
}

// networkCard is the card of the pages that are about no single event.
func (p *Pages) networkCard(c *web.Ctx) error {
	page := c.Page("")
	x := card{lang: string(c.Locale()), Above: c.T("web.brand_line"), Title: page.Brand(), Below: c.T("public.calendar_lead")}
	return x.send(c)
}

func (x *card) fund(c *web.Ctx, strips []*web.Visibility) {
	for _, v := range strips {
		if v.EU {
			x.Funded = c.T("visibility.eu_funded")
		}
	}
}

func (x *card) send(c *web.Ctx) error {
	b, err := x.png()
	if err != nil {
		return fmt.Errorf("draw a card: %w", err)
	}
	c.SetHeader("Cache-Control", "public, max-age=3600")
	c.SetHeader("Cross-Origin-Resource-Policy", "cross-origin")
	return c.Send("image/png", b)
}

// typefaces are the faces of cards by file, read once.
var typefaces sync.Map

// typeface returns a face for a language: Serbian in Cyrillic and Macedonian have their own form of the letter be.
func typeface(name, lang string) (*sfnt.Font, error) {
	if lang == "sr-Cyrl" || lang == "mk" {
		name += "-sr"
	}
	if f, ok := typefaces.Load(name); ok {
		return f.(*sfnt.Font), nil
	}
	b, err := fs.ReadFile(static.Files, "fonts/"+name+".ttf")
	if err != nil {
		return nil, err
	}
	f, err := opentype.Parse(b)
	if err == nil {
		typefaces.Store(name, f)
	}
	return f, err
}

// sheet is a card that is being drawn.
type sheet struct {
	*image.RGBA
	lang string
	err  error
}

func (x *card) png() ([]byte, error) {
	s := &sheet{RGBA: image.NewRGBA(image.Rect(0, 0, cardWidth, cardHeight)), lang: x.lang}
	s.fill(s.Bounds(), paper)
	above, band := petrol, petrol
	if x.Loud {
		above, band = stop, stop
	}
	s.fill(image.Rect(0, 0, 20, cardHeight), band)
	const width = cardWidth - 2*cardMargin
	size, lines := s.title(x.Title, width)
	below := s.wrap("sans-400", 34, width, x.Below, 2)
	y := 48 + (520-48-(30+size*1.16*float64(len(lines))+28+48*float64(len(below))))/2 + 22
	s.write("sans-600", 30, cardMargin, y, above, s.fit("sans-600", 30, width, x.Above))
	y += 12
	for _, l := range lines {
		y += size * 1.16
		s.write("serif-600", size, cardMargin, y, ink, l)
	}
	y += 20
	for _, l := range below {
		y += 48
		s.write("sans-400", 34, cardMargin, y, inkSoft, l)
	}
	if x.Foot != "" {
		s.fill(image.Rect(cardMargin, 520, cardWidth-cardMargin, 522), hairline)
	}
	foot := float64(width)
	if x.Funded != "" {
		w := s.width("sans-400", 26, x.Funded)
		left := cardWidth - cardMargin - int(w)
		s.write("sans-400", 26, float64(left), 582, inkSoft, x.Funded)
		s.emblem(left-84-20, 545)
		foot -= w + 84 + 60
	}
	s.write("serif-600", 30, cardMargin, 583, ink, s.fit("serif-600", 30, foot, x.Foot))
	if s.err != nil {
		return nil, s.err
	}
	var b bytes.Buffer
	err := png.Encode(&b, s.few())
	return b.Bytes(), err
}

// few is the picture in the colours of a card and what lies between them and the paper, so that it is small.
func (s *sheet) few() *image.Paletted {
	var shades color.Palette
	for _, c := range []color.NRGBA{ink, inkSoft, petrol, stop} {
		for i := range 32 {
			shades = append(shades, mix(paper, c, float64(i)/31))
		}
	}
	shades = append(shades, hairline)
	for i := range 16 {
		shades = append(shades, mix(euBlue, euGold, float64(i)/15))
	}
	out := image.NewPaletted(s.Bounds(), shades)
	nearest := map[[3]byte]uint8{}
	for i := range out.Pix {
		c := [3]byte(s.Pix[4*i : 4*i+3])
		at, known := nearest[c]
		if !known {
			at = uint8(shades.Index(color.NRGBA{c[0], c[1], c[2], 0xff})) //nolint:gosec // fewer than 256
			nearest[c] = at
		}
		out.Pix[i] = at
	}
	return out
}

func mix(a, b color.NRGBA, t float64) color.NRGBA {
	at := func(x, y uint8) uint8 { return uint8(math.Round(float64(x) + (float64(y)-float64(x))*t)) }
	return color.NRGBA{at(a.R, b.R), at(a.G, b.G), at(a.B, b.B), 0xff}
}

func (s *sheet) fill(r image.Rectangle, c color.Color) {
	draw.Draw(s, r, image.NewUniform(c), image.Point{}, draw.Src)
}

func (s *sheet) face(name string, size float64) font.Face {
	f, err := typeface(name, s.lang)
	if err == nil {
		var face font.Face
		if face, err = opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone}); err == nil {
			return face
		}
	}
	s.err = err
	return nil
}

func (s *sheet) width(name string, size float64, text string) float64 {
	face := s.face(name, size)
	if face == nil {
		return 0
	}
	defer face.Close()
	return float64(font.MeasureString(face, text)) / 64
}

func (s *sheet) write(name string, size, x, y float64, c color.Color, text string) {
	face := s.face(name, size)
	if face == nil {
		return
	}
	defer face.Close()
	d := font.Drawer{Dst: s, Src: image.NewUniform(c), Face: face, Dot: fixed.Point26_6{X: fixed.Int26_6(x * 64), Y: fixed.Int26_6(y * 64)}}
	d.DrawString(text)
}

// title finds the largest size at which a title stands in three lines, and those lines.
func (s *sheet) title(text string, width float64) (size float64, lines []string) {
	for size = 72; size > 44; size -= 4 {
		if lines = s.wrap("serif-600", size, width, text, 4); len(lines) <= 3 {
			return size, lines
		}
	}
	return size, s.wrap("serif-600", size, width, text, 4)
}

// wrap breaks a text into at most so many lines; what is longer ends with an ellipsis.
func (s *sheet) wrap(name string, size, width float64, text string, most int) []string {
	face := s.face(name, size)
	if face == nil {
		return nil
	}
	defer face.Close()
	fits := func(l string) bool { return float64(font.MeasureString(face, l))/64 <= width }
	var lines []string
	words := strings.Fields(text)
	for len(words) > 0 && len(lines) < most {
		n := 1
		for n < len(words) && fits(strings.Join(words[:n+1], " ")) {
			n++
		}
		l := strings.Join(words[:n], " ")
		if words = words[n:]; len(words) > 0 && len(lines) == most-1 {
			l += " …"
		}
		for r := []rune(l); !fits(l) && len(r) > 2; {
			r = r[:len(r)-1]
			l = strings.TrimRight(string(r), " …") + "…"
		}
		lines = append(lines, l)
	}
	return lines
}

// fit is a text in one line.
func (s *sheet) fit(name string, size, width float64, text string) string {
	if l := s.wrap(name, size, width, text, 1); len(l) > 0 {
		return l[0]
	}
	return ""
}

// emblem draws the emblem of the European Union, 84 dots wide, as its graphical rules have it: twelve stars in a circle,
// each with one point upright.
func (s *sheet) emblem(left, top int) {
	const w, h = 84, 56
	s.fill(image.Rect(left, top, left+w, top+h), euBlue)
	var z vector.Rasterizer
	z.Reset(w, h)
	for i := range 12 {
		a := float64(i) * math.Pi / 6
		cx, cy := w/2+h/3.0*math.Sin(a), h/2-h/3.0*math.Cos(a)
		for k := range 10 {
			r := h / 18.0
			if k%2 == 1 {
				r *= 0.381966
			}
			b := float64(k) * math.Pi / 5
			px, py := float32(cx+r*math.Sin(b)), float32(cy-r*math.Cos(b))
			if k == 0 {
				z.MoveTo(px, py)
			} else {
				z.LineTo(px, py)
			}
		}
		z.ClosePath()
	}
	z.Draw(s, image.Rect(left, top, left+w, top+h), image.NewUniform(euGold), image.Point{})
}
