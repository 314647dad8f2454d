package event

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/locale"
	"attesta/app/pdf"
	"attesta/app/project"
)

// Printed is an event's programme as it is printed.
type Printed struct {
	Content *Content // as it may be told to whoever reads it: see Content.Told
	Units   []AttendanceUnit
	Donors  []PrintedDonor // none where that was waived
}

// PrintedDonor is a donor with its logo as PNG, or without.
type PrintedDonor struct {
	project.Donor
	Picture []byte
}

// ReadPrinted reads what a printed programme tells beside the content.
func ReadPrinted(ctx context.Context, q bun.IDB, content *Content) (*Printed, error) {
	p := &Printed{Content: content}
	e := content.Event
	var err error
	if len(content.Sessions) == 0 {
		if p.Units, err = Units(ctx, q, e.ID); err != nil {
			return nil, err
		}
	}
	if e.VisibilityWaiver != "" {
		return p, nil
	}
	donors, err := project.Donors(ctx, q, e.ProjectID)
	if err != nil {
		return nil, err
	}
	for _, o := range donors {
		d := PrintedDonor{Donor: o}
		if o.Logo != "" {
			logo, err := project.LogoOf(ctx, q, o.Logo)
			if err != nil {
				return nil, fmt.Errorf("print a programme: %w", err)
			}
			d.Picture = logo.PNG
		}
		p.Donors = append(p.Donors, d)
	}
	return p, nil
}

// The colours of the house, as on certificates and reports.
var (
	ink    = pdf.RGB{R: 23, G: 36, B: 43}
	soft   = pdf.RGB{R: 67, G: 82, B: 91}
	petrol = pdf.RGB{R: 13, G: 90, B: 105}
	hair   = pdf.RGB{R: 200, G: 204, B: 205}
	brick  = pdf.RGB{R: 155, G: 44, B: 31}
)

// PDF returns the programme as PDF, A4 upright, in the language in which all of the event is told to a reader of code:
// on one sheet where it fits one in a type that can be read, else on several. The same programme always gives the same
// bytes.
func (p *Printed) PDF(cat *locale.Catalogue, code locale.Code) ([]byte, error) {
	s, err := p.set(cat, code)
	if err != nil {
		return nil, err
	}
	title := s.T("public.programme") + ": " + s.Text(p.Content.Event.Title)
	return s.flow.Document(pdf.Meta{Title: title, Lang: s.Lang(), Created: p.Content.Event.UpdatedAt.Time})
}

// sizes are the shares of the usual size in which a programme is tried; the last still has 7.6 points.
var sizes = []float64{1, .92, .85, .8}

// set sets the programme in the largest size that needs one sheet only, or in the usual one.
func (p *Printed) set(cat *locale.Catalogue, code locale.Code) (*sheet, error) {
	var first *sheet
	for _, size := range sizes {
		s, err := p.setIn(cat.Printer(p.Content.Tongue(code)), size)
		if err != nil {
			return nil, err
		}
		if len(s.flow.Canvases()) == 1 {
			return s, nil
		}
		if first == nil {
			first = s
		}
	}
	return first, nil
}

// sheet is a programme while it is set.
type sheet struct {
	*locale.Printer
	*Printed
	flow *pdf.Flow
	size float64
}

func (p *Printed) setIn(words *locale.Printer, size float64) (*sheet, error) {
	fonts, err := pdf.FontsFor(words.Lang())
	if err != nil {
		return nil, err
	}
	s := &sheet{Printer: words, Printed: p, size: size}
	s.flow = pdf.NewFlow(fonts, paper, s.foot)
	s.head()
	for _, day := range s.days() {
		s.day(day)
	}
	s.sponsors()
	return s, nil
}

// paper is A4 with what a printer at the venue leaves white, and room for a foot.
var paper = pdf.Paper{Wide: 210, High: 297, Left: 20, Right: 20, Top: 17, Bottom: 25}

func (s *sheet) paragraph(text string, face pdf.Face, points float64, colour pdf.RGB, leading float64) {
	if text != "" {
		s.flow.Paragraph(pdf.Tie(text), pdf.Style{Face: face, Size: points * s.size, Colour: colour}, leading*s.size)
	}
}

func (s *sheet) skip(high float64) { s.flow.Skip(high * s.size) }

// head says what the programme is of, when and where.
func (s *sheet) head() {
	e := s.Content.Event
	s.paragraph(s.T("public.programme")+" · "+s.T("event.type."+string(e.Type)), pdf.SansBold, 10, petrol, 5.4)
	s.skip(.8)
	s.title(s.Text(e.Title))
	s.skip(2)
	s.paragraph(s.DateRange(e.StartsOn.Time, e.EndsOn().Time), pdf.SansBold, 10.5, ink, 5)
	s.paragraph(s.place(), pdf.Sans, 10.5, ink, 5)
	if e.IsCancelled() {
		s.skip(1.5)
		s.paragraph(s.T("public.cancelled_title"), pdf.SansBold, 10.5, brick, 5)
	}
}

// title sets the title in lines of about the same length.
func (s *sheet) title(text string) {
	style, fonts := pdf.Style{Face: pdf.Serif, Size: 19 * s.size, Colour: ink}, s.flow.Canvas().Fonts()
	for _, line := range fonts.Balance(style.Face, style.Size, s.flow.Wide(), pdf.Tie(fonts.Drawable(style.Face, text))) {
		s.flow.Paragraph(line, style, 8*s.size) // broken again only where a word is wider than the sheet
	}
}

// place is where the event is, or that it isn't told yet.
func (s *sheet) place() string {
	e := s.Content.Event
	if e.Format != Online && e.Untold() {
		return s.T("public.place_untold")
	}
	place := Almanac{Content: s.Content, Words: s.Printer}.place(nil)
	if e.Format == Hybrid {
		place += " · " + s.T("public.format.hybrid")
	}
	return place
}

// line is what stands beside a time.
type line struct {
	from, to time.Time
	title    string
	notes    []string
	pause    bool
}

// days are the lines of the programme by day; without sessions, those of the units of attendance.
func (s *sheet) days() [][]line {
	zone := s.Content.Event.Location()
	var lines []line
	for i := range s.Content.Sessions {
		x := &s.Content.Sessions[i]
		l := line{from: x.StartsAt.In(zone), to: x.EndsAt.In(zone), title: s.Text(x.Title), pause: x.Kind == Break}
		if !l.pause {
			l.notes = append([]string{s.where(x)}, s.Content.Led(s.Printer, x)...)
		}
		lines = append(lines, l)
	}
	if len(lines) == 0 {
		for _, u := range s.Units {
			lines = append(lines, line{from: u.StartsAt.In(zone), to: u.EndsAt.In(zone), title: s.T("public.part." + string(u.Part))})
		}
	}
	var days [][]line
	for _, l := range lines {
		if n := len(days); n == 0 || days[n-1][0].from.Format(time.DateOnly) != l.from.Format(time.DateOnly) {
			days = append(days, nil)
		}
		days[len(days)-1] = append(days[len(days)-1], l)
	}
	return days
}

// where tells sort, track and room of a session.
func (s *sheet) where(x *Session) string {
	parts := []string{s.T("public.kind." + string(x.Kind))}
	if t := s.Content.Track(x.TrackID); t != nil {
		parts = append(parts, s.Text(t.Name))
	}
	if r := s.Content.Room(x.RoomID); r != nil {
		parts = append(parts, s.Text(r.Name))
	}
	return strings.Join(parts, " · ")
}

func (s *sheet) day(lines []line) {
	s.skip(5)
	s.flow.Need(22 * s.size)
	s.date(lines[0].from)
	for _, l := range lines {
		s.line(l)
	}
}

// date sets the heading of a day, which is repeated on each page that the day goes on.
func (s *sheet) date(t time.Time) {
	s.paragraph(capital(s.DateFull(t)), pdf.Serif, 13, petrol, 6)
	s.skip(.6)
	c, y := s.flow.Canvas(), s.flow.Y()
	c.Line(s.flow.Left(), y, s.flow.Left()+s.flow.Wide(), y, .3, petrol)
}

// capital is a text that begins with a capital, as headings do.
func capital(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}

// line sets one line: the time, and beside it what is then. Lines are not broken over pages.
func (s *sheet) line(l line) {
	const column = 29.0
	fonts := s.flow.Canvas().Fonts()
	title := pdf.Style{Face: pdf.SansBold, Size: 9.8 * s.size, Colour: ink}
	if l.pause {
		title = pdf.Style{Size: 9.3 * s.size, Colour: soft}
	}
	note := pdf.Style{Size: 8.5 * s.size, Colour: soft}
	leading, small, pad := 4.5*s.size, 3.8*s.size, 1.3*s.size
	wide := s.flow.Wide() - column*s.size
	fill := func(style pdf.Style, text string) []string {
		return fonts.Fill(style.Face, style.Size, wide, fonts.Drawable(style.Face, text))
	}
	heads := fill(title, l.title)
	var notes []string
	for _, n := range l.notes {
		notes = append(notes, fill(note, n)...)
	}
	high := leading*float64(len(heads)) + small*float64(len(notes)) + 2*pad
	page := s.flow.Canvas()
	if s.flow.Need(high); s.flow.Canvas() != page {
		s.date(l.from)
	}
	c, y, left := s.flow.Canvas(), s.flow.Y()+pad, s.flow.Left()
	times := pdf.Style{Size: 9.3 * s.size, Colour: title.Colour}
	c.Text(left, y+.74*leading, s.TimeRange(l.from, l.to), times)
	c.Lines(left+column*s.size, y+.74*leading, leading, heads, title)
	c.Lines(left+column*s.size, y+leading*float64(len(heads))+.74*small, small, notes, note)
	s.flow.To(s.flow.Y() + high)
	c.Line(left, s.flow.Y(), left+s.flow.Wide(), s.flow.Y(), .15, hair)
}

func (s *sheet) sponsors() {
	var all []pdf.Sponsor
	for _, o := range s.Donors {
		said := s.Funding(o.Funder())
		all = append(all, pdf.Sponsor{EU: said.EU, Picture: o.Picture, Said: strings.Join(said.Sentences(), " ")})
	}
	s.flow.Sponsors(all, petrol, pdf.Style{Size: 8.5 * s.size, Colour: soft})
}

// foot sets the margin of a page: the footnote if the page has the asterisk, whose programme it is and of when, and the
// number of the page.
func (s *sheet) foot(c *pdf.Canvas, page, pages int) {
	left, right := paper.Left, paper.Wide-paper.Right
	var said []string
	for _, b := range c.Boxes() {
		said = append(said, b.Text)
	}
	e := s.Content.Event
	style := pdf.Style{Size: 7.5, Colour: soft}
	if note := s.Footnote(strings.Join(said, " ")); note != "" {
		lines := c.Fonts().Wrap(style.Face, style.Size, right-left, pdf.Tie(note))
		c.Lines(left, 280.5-3.3*float64(len(lines)-1), 3.3, lines, style)
	}
	c.Line(left, 283, right, 283, .15, hair)
	number := s.T("report.page", "N", page, "Total", pages)
	style.Size, style.Align = 8, pdf.Right
	c.Text(right, 287.5, number, style)
	style.Align = pdf.Left
	room := right - left - 6 - c.Fonts().Width(pdf.Sans, style.Size, number)
	what := []string{s.T("public.as_of", "When", s.DateTime(e.UpdatedAt.In(e.Location()))), s.Text(e.Title)}
	for _, n := range []int{2, 1} {
		text := c.Fonts().Drawable(pdf.Sans, strings.Join(what[:n], " · "))
		if c.Fonts().Width(pdf.Sans, style.Size, text) <= room {
			c.Text(left, 287.5, text, style)
			return
		}
	}
}
