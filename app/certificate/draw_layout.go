package certificate

import (
	"strings"
	"unicode"

	"attesta/app/locale"
	"attesta/app/pdf"
)

// sheet is a certificate while it is laid out. Positions are those of the drawing: millimetres, y a text's baseline.
type sheet struct {
	p         *locale.Printer
	s         Snapshot
	fonts     *pdf.Fonts
	watermark string
	starred   bool // name or institution has the asterisk

	above, number *pdf.Canvas // the holder's own: name and institution; number and code
	letters       pdf.Letters // of those
	design        *design

	canvas   *pdf.Canvas // of the design, where it is at
	images   []*pdf.Image
	partners []string // for the small print
	lines    []string // of donors whose logo stands alone, for the small print
}

// lay sets everything on the page, or says what can't be set.
func lay(cat *locale.Catalogue, s Snapshot, code locale.Code, mark Watermark) (*sheet, error) {
	p := cat.Asterisk(s.Asterisk).Printer(code)
	fonts, err := pdf.FontsFor(p.Lang())
	if err != nil {
		return nil, err
	}
	sh := &sheet{p: p, s: s, fonts: fonts, above: pdf.NewCanvas(fonts, paperWide, paperHigh), number: pdf.NewCanvas(fonts, paperWide, paperHigh)}
	sh.partners = append(sh.partners, s.Partners...)
	if mark != Valid {
		sh.watermark = p.T("certificate.watermark_" + string(mark))
	}
	if err := sh.name(); err != nil {
		return nil, err
	}
	if err := sh.code(); err != nil {
		return nil, err
	}
	sh.letters.Add(sh.above)
	sh.letters.Add(sh.number)
	sh.starred = p.Footnote(s.HolderName+" "+s.Institution) != ""
	key := sh.key()
	sh.design, err = designs.find(key, func() (*design, error) { return sh.layDesign(key) })
	return sh, err
}

// layDesign sets what isn't the holder's own.
func (sh *sheet) layDesign(key string) (*design, error) {
	d := &design{key: key, heading: heading(sh.p, sh.s)}
	next := func() {
		sh.canvas = pdf.NewCanvas(sh.fonts, paperWide, paperHigh)
		d.grounds = append(d.grounds, sh.canvas)
	}
	next()
	sh.frame()
	sh.canvas.Text(axis, 41, d.heading, pdf.Style{Face: pdf.Serif, Size: 22, Colour: petrol, Align: pdf.Centre})
	sh.canvas.Text(axis, 57.5, intro(sh.p, sh.s), pdf.Style{Size: 12, Colour: soft, Align: pdf.Centre})
	next()
	for _, part := range []func() error{sh.body, sh.signatures, sh.marks} {
		if err := part(); err != nil {
			return nil, err
		}
	}
	sh.numberLabel()
	next()
	if err := sh.verification(); err != nil {
		return nil, err
	}
	if err := sh.smallPrint(d.grounds); err != nil {
		return nil, err
	}
	for _, c := range d.grounds {
		d.letters.Add(c)
	}
	d.images = sh.images
	return d, nil
}

// glyphs refuses a text that a face can't set. Names are never altered, so there is nothing else to do.
func (sh *sheet) glyphs(field string, face pdf.Face, s string) error {
	if missing := sh.fonts.Missing(face, s); len(missing) > 0 {
		return unfit(field, "certificate.letters_missing", "letters", string(missing))
	}
	return nil
}

const (
	longestName  = 400 // runes; no more could ever fit
	longestField = 1200
)

// name sets name and institution.
func (sh *sheet) name() error {
	name := pdf.Clean(sh.s.HolderName)
	if strings.TrimFunc(name, unicode.IsSpace) == "" {
		return unfit("name", "certificate.name_missing")
	}
	if len([]rune(name)) > longestName {
		return unfit("name", "certificate.name_too_long")
	}
	if err := sh.glyphs("name", pdf.Serif, name); err != nil {
		return err
	}
	lines, size := sh.nameLines(name)
	if lines == nil {
		return unfit("name", "certificate.name_too_long")
	}
	style := pdf.Style{Face: pdf.Serif, Size: size, Colour: ink, Align: pdf.Centre}
	down := 0.0
	if len(lines) == 1 {
		sh.above.Text(axis, 75.5, lines[0], style)
	} else {
		sh.above.Lines(axis, 69.5, 11, lines, style)
		down = 3.5
	}
	return sh.institution(down)
}

const nameWide = 221

// nameLines breaks the name as little as can be: one line from 34 to 27 pt, then two from 26 to 18, the more equal the
// better and the second the longer. Nil means that it doesn't fit.
func (sh *sheet) nameLines(name string) ([]string, float64) {
	width := func(size float64, s string) float64 { return sh.fonts.Width(pdf.Serif, size, s) }
	first, second := "", ""
	best := 0.0
	for _, cut := range breaks(name) {
		a, b := strings.TrimRight(name[:cut], " "), strings.TrimLeft(name[cut:], " ")
		difference := max(width(26, a), width(26, b))
		if first == "" || difference < best-1e-6 || difference < best+1e-6 && width(26, b) > width(26, second) {
			first, second, best = a, b, difference
		}
	}
	for size := 34.0; size >= 18; size-- {
		if width(size, name) <= nameWide && (size >= 27 || first == "") {
			return []string{name}, size
		}
		if size <= 26 && first != "" && width(size, first) <= nameWide && width(size, second) <= nameWide {
			return []string{first, second}, size
		}
	}
	return nil, 0
}

// breaks returns where a name may be broken: after spaces and hyphens.
func breaks(name string) []int {
	var at []int
	for i, r := range name {
		if (r == ' ' || r == '-') && i > 0 && i+1 < len(name) {
			at = append(at, i+1)
		}
	}
	return at
}

func (sh *sheet) institution(down float64) error {
	text := strings.TrimSpace(pdf.Clean(sh.s.Institution))
	if text == "" {
		return nil
	}
	if len([]rune(text)) > longestField {
		return unfit("institution", "certificate.institution_too_long")
	}
	if err := sh.glyphs("institution", pdf.Sans, text); err != nil {
		return err
	}
	const wide = 233
	for size := 12.5; size >= 10; size -= .5 {
		if sh.fonts.Width(pdf.Sans, size, text) <= wide {
			sh.above.Text(axis, 86+down, text, pdf.Style{Size: size, Colour: soft, Align: pdf.Centre})
			return nil
		}
	}
	lines := sh.fonts.Balance(pdf.Sans, 10, wide, pdf.Tie(text))
	if len(lines) > 2 || sh.widest(pdf.Sans, 10, lines) > wide {
		return unfit("institution", "certificate.institution_too_long")
	}
	sh.above.Lines(axis, 84.5+down, 4.6, lines, pdf.Style{Size: 10, Colour: soft, Align: pdf.Centre})
	return nil
}

func (sh *sheet) widest(face pdf.Face, size float64, lines []string) float64 {
	w := 0.0
	for _, line := range lines {
		w = max(w, sh.fonts.Width(face, size, line))
	}
	return w
}

// setting is one way to set a paragraph.
type setting struct {
	size, leading, measure, first float64
	lines                         int
}

var bodySettings = []setting{{13, 6.7, 200, 100.5, 3}, {11.5, 5.8, 216, 101, 4}, {10.5, 5.2, 224, 101, 6}}

// body sets the sentence and, beneath it, project and duration as far as they leave room to sign.
func (sh *sheet) body() error {
	title, _ := sh.s.EventTitle.In(sh.p.Code())
	if strings.TrimSpace(title) == "" {
		return unfit("title", "certificate.title_missing")
	}
	if len([]rune(title)) > longestField {
		return unfit("title", "certificate.title_too_long")
	}
	text := pdf.Clean(body(sh.p, sh.s))
	if err := sh.glyphs("title", pdf.Sans, text); err != nil {
		return err
	}
	text = pdf.Tie(text)
	for i, set := range bodySettings {
		lines := sh.fonts.Wrap(pdf.Sans, set.size, set.measure, text)
		if len(lines) > set.lines || sh.widest(pdf.Sans, set.size, lines) > set.measure {
			continue
		}
		lines = sh.fonts.Balance(pdf.Sans, set.size, set.measure, text)
		if len(lines) > set.lines {
			continue
		}
		last := sh.canvas.Lines(axis, set.first, set.leading, lines, pdf.Style{Size: set.size, Colour: ink, Align: pdf.Centre})
		gap := 7.7
		if i > 0 {
			gap = 7.6
		}
		return sh.project(last + gap)
	}
	return unfit("title", "certificate.title_too_long")
}

// lowestProject is the last baseline that leaves 11 mm free to sign.
const lowestProject = 131

func (sh *sheet) project(y float64) error {
	project, hours := projectLines(sh.p, sh.s)
	for _, text := range []string{project, hours} {
		if err := sh.glyphs("project", pdf.Sans, text); err != nil {
			return err
		}
	}
	style := pdf.Style{Size: 10.5, Colour: soft, Align: pdf.Centre}
	lines, leading := []string{pdf.Clean(project)}, 5.0
	if project == "" {
		lines = nil
	} else if sh.fonts.Width(pdf.Sans, style.Size, lines[0]) > 216 {
		style.Size, leading = 9.5, 4.4
		lines = sh.fonts.Balance(pdf.Sans, style.Size, 216, pdf.Tie(lines[0]))
	}
	if len(lines) > 2 || sh.widest(pdf.Sans, style.Size, lines) > 216 || y+leading*float64(len(lines)-1) > lowestProject {
		lines = nil // it stands in the record and on the verification page
	}
	if len(lines) > 0 {
		y = sh.canvas.Lines(axis, y, leading, lines, style) + leading
	}
	if hours != "" && y <= lowestProject {
		sh.canvas.Text(axis, y, hours, style)
	}
	return nil
}
