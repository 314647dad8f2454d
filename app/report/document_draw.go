package report

import (
	"cmp"
	"slices"
	"strings"

	"attesta/app/locale"
	"attesta/app/pdf"
	"attesta/app/person"
)

// The colours of the house, as on certificates.
var (
	ink    = pdf.RGB{R: 23, G: 36, B: 43}
	soft   = pdf.RGB{R: 67, G: 82, B: 91}
	petrol = pdf.RGB{R: 13, G: 90, B: 105}
	hair   = pdf.RGB{R: 200, G: 204, B: 205}
	bar    = pdf.RGB{R: 127, G: 172, B: 180}
	look   = pdf.Look{Ink: ink, Soft: soft, Line: hair, Bar: bar, Size: 9.5, Leading: 4.4}
)

// DrawPDF returns the report as PDF in a language, A4 upright. The same document, language and catalogues always give
// the same bytes.
func DrawPDF(cat *locale.Catalogue, doc Document, code locale.Code) ([]byte, error) {
	d, err := set(cat, doc, code)
	if err != nil {
		return nil, err
	}
	title := d.p.T("report.title") + ": " + d.text(doc.Project)
	return d.flow.Document(pdf.Meta{Title: title, Lang: d.p.Lang(), Created: doc.AsOf})
}

// drawing is a report while it is set.
type drawing struct {
	p     *locale.Printer
	doc   Document
	flow  *pdf.Flow
	marks map[Hidden]bool // that stand in place of figures and are to be explained
}

func set(cat *locale.Catalogue, doc Document, code locale.Code) (*drawing, error) {
	p := cat.Asterisk(doc.Asterisk).Printer(code)
	fonts, err := pdf.FontsFor(p.Lang())
	if err != nil {
		return nil, err
	}
	d := &drawing{p: p, doc: doc, marks: map[Hidden]bool{}}
	d.flow = pdf.NewFlow(fonts, pdf.Portrait, d.foot)
	d.head()
	d.figures()
	d.indicators()
	d.events()
	for _, b := range doc.Breakdowns {
		d.breakdown(b)
	}
	d.notes()
	d.visibility()
	return d, nil
}

func (d *drawing) text(t locale.Text) string {
	s, _ := t.In(d.p.Code())
	return s
}

// head sets what the report is, and of what.
func (d *drawing) head() {
	d.flow.Paragraph(d.p.T("report.title"), pdf.Style{Face: pdf.SansBold, Size: 10.5, Colour: petrol}, 6)
	d.flow.Skip(1)
	d.flow.Paragraph(d.text(d.doc.Project), pdf.Style{Face: pdf.Serif, Size: 20, Colour: ink}, 8.6)
	d.flow.Skip(3)
	for _, f := range d.facts() {
		d.fact(f[0], f[1])
	}
	d.flow.Skip(2.5)
	status := d.p.T("report.for.organiser")
	if d.doc.For != ForOrganiser {
		status = d.p.T("report.for.donor", "N", d.doc.Threshold)
	}
	d.flow.Paragraph(status, pdf.Style{Face: pdf.SansBold, Size: 9.5, Colour: ink}, 4.6)
}

func (d *drawing) facts() [][2]string {
	period := d.p.T("report.meta.whole_grant")
	if !d.doc.From.IsZero() && !d.doc.To.IsZero() {
		period = d.p.DateRange(d.doc.From, d.doc.To)
	}
	var donors []string
	for _, donor := range d.doc.Donors {
		if line := d.funded(donor); line != "" {
			donors = append(donors, line)
		}
	}
	var facts [][2]string
	for _, f := range [][2]string{{"contract", d.doc.Contract}, {"period", period}, {"as_of", d.p.DateTime(d.doc.AsOf)},
		{"prepared_by", d.doc.PreparedBy}, {"number", d.doc.Number}, {"donors", strings.Join(donors, " · ")}} {
		if f[1] != "" {
			facts = append(facts, [2]string{d.p.T("report.meta." + f[0]), f[1]})
		}
	}
	return facts
}

// fact sets a label and, beside it, its value.
func (d *drawing) fact(label, value string) {
	const column, leading = 42, 4.8
	fonts := d.flow.Canvas().Fonts()
	style := pdf.Style{Size: 9.5, Colour: ink}
	lines := fonts.Fill(style.Face, style.Size, d.flow.Wide()-column, fonts.Drawable(style.Face, value))
	d.flow.Need(leading * float64(len(lines)))
	y := d.flow.Y() + .74*leading
	c := d.flow.Canvas()
	c.Text(d.flow.Left(), y, label, pdf.Style{Size: 9.5, Colour: soft})
	d.flow.To(c.Lines(d.flow.Left()+column, y, leading, lines, style) + .26*leading)
}

// section sets a heading and keeps room for what follows it.
func (d *drawing) section(key string) {
	d.flow.Skip(9)
	d.flow.Need(34)
	d.flow.Paragraph(d.p.T("report.section."+key), pdf.Style{Face: pdf.Serif, Size: 14, Colour: petrol}, 6.5)
	d.flow.Skip(1)
}

// figures sets the main figures, two beside each other, each with its rule.
func (d *drawing) figures() {
	if len(d.doc.Figures) == 0 {
		return
	}
	d.section("figures")
	for pair := range slices.Chunk(d.doc.Figures, 2) {
		d.pair(pair)
	}
}

func (d *drawing) pair(figures []Figure) {
	const gap, leading = 8.0, 3.9
	fonts := d.flow.Canvas().Fonts()
	wide := (d.flow.Wide() - gap) / 2
	rule := pdf.Style{Size: 8.5, Colour: soft}
	rules := make([][]string, len(figures))
	most := 0
	for i, f := range figures {
		text := d.p.T("report.rule."+f.Key, "Share", d.p.Percent(float64(d.doc.Share)/100, 0))
		rules[i] = fonts.Wrap(rule.Face, rule.Size, wide, pdf.Tie(text))
		most = max(most, len(rules[i]))
	}
	high := 19 + leading*float64(most)
	d.flow.Need(high)
	c, top := d.flow.Canvas(), d.flow.Y()
	for i, f := range figures {
		x := d.flow.Left() + float64(i)*(wide+gap)
		c.Line(x, top, x+wide, top, .3, petrol)
		value := d.count(f.Value)
		big := pdf.Style{Face: pdf.Serif, Size: 24, Colour: ink}
		c.Text(x, top+10.5, value, big)
		if f.Of > 0 && f.Value.Hidden == Shown {
			part := d.p.Percent(float64(f.Value.N)/float64(f.Of), 0)
			c.Text(x+fonts.Width(big.Face, big.Size, value)+2.5, top+10.5, part, pdf.Style{Size: 12, Colour: soft})
		}
		c.Text(x, top+15.6, d.p.T("report.figure."+f.Key), pdf.Style{Face: pdf.SansBold, Size: 10, Colour: ink})
		c.Lines(x, top+20, leading, rules[i], rule)
	}
	d.flow.To(top + high + 4)
}

// withheldMark stands for a figure that could be shown if no other could be computed from it.
const withheldMark = "w"

// count is a figure as it is printed. Marks are noted for the legend.
func (d *drawing) count(c Count) string {
	d.marks[c.Hidden] = true
	switch c.Hidden {
	case Few:
		return "<" + d.p.Number(d.doc.Threshold)
	case Withheld:
		return withheldMark
	}
	return d.p.Number(c.N)
}

// indicators sets what the grant promised, and how far it is.
func (d *drawing) indicators() {
	if len(d.doc.Indicators) == 0 {
		return
	}
	d.section("indicators")
	t := pdf.Table{Look: look, Columns: []pdf.Column{
		{Head: d.p.T("report.column.indicator"), Share: 60},
		{Head: d.p.T("report.column.achieved"), Share: 24, Align: pdf.Right},
		{Head: d.p.T("report.column.target"), Share: 18, Align: pdf.Right},
		{Share: 28, Bar: true},
		{Head: d.p.T("report.column.verdict"), Share: 28},
	}}
	for _, i := range d.doc.Indicators {
		reached := 0.0
		if i.Target > 0 {
			reached = float64(i.Value.N) / float64(i.Target)
		}
		t.Rows = append(t.Rows, []pdf.Cell{{Text: d.p.T("report.figure." + i.Key)}, {Text: d.measured(i, i.Value)},
			{Text: d.measured(i, Count{N: i.Target})}, {Bar: reached}, {Text: d.verdict(i)}})
	}
	d.flow.Table(t)
}

func (d *drawing) measured(i Indicator, c Count) string {
	if i.Key == "women_share" && c.Hidden == Shown {
		return d.p.Percent(float64(c.N)/100, 0)
	}
	return d.count(c)
}

func (d *drawing) verdict(i Indicator) string {
	switch {
	case i.Value.Hidden != Shown:
		return ""
	case i.Value.N >= i.Target:
		return d.p.T("report.met")
	}
	return d.p.T("report.short", "N", d.measured(i, Count{N: i.Target - i.Value.N}))
}

func (d *drawing) events() {
	if len(d.doc.Events) == 0 {
		return
	}
	d.section("events")
	t := pdf.Table{Look: look}
	for _, c := range []struct {
		key   string
		share float64
		align pdf.Align
	}{{"date", 37, pdf.Left}, {"event", 60, pdf.Left}, {"listed", 13, pdf.Right}, {"came", 12, pdf.Right}, {"completed", 18, pdf.Right}, {"half_days", 20, pdf.Right}} {
		t.Columns = append(t.Columns, pdf.Column{Head: d.p.T("report.column." + c.key), Share: c.share, Align: c.align})
	}
	for _, e := range d.doc.Events {
		t.Rows = append(t.Rows, []pdf.Cell{{Text: d.p.DateRange(e.Starts, e.Ends)}, {Text: d.text(e.Title), Note: d.place(e)},
			{Text: d.count(e.Listed)}, {Text: d.count(e.Came)}, {Text: d.count(e.Completed)}, {Text: d.count(e.HalfDays)}})
	}
	d.flow.Table(t)
}

// place tells type, city and country of an event.
func (d *drawing) place(e EventRow) string {
	var place string
	if e.Type != "" {
		place = d.p.T("event.type." + e.Type)
	}
	if e.City != "" {
		place = strings.TrimPrefix(place+" · "+d.p.City(e.City), " · ")
	}
	if e.Country != "" {
		place += " (" + d.p.Country(e.Country) + ")"
	}
	return place
}

// breakdown sets a table of persons and attendances, with a bar for the persons.
func (d *drawing) breakdown(b Breakdown) {
	if len(b.Rows) == 0 && !b.Withheld {
		return
	}
	d.section(b.By)
	d.flow.Paragraph(d.p.T("report.rule.by_"+b.By), pdf.Style{Size: 8.5, Colour: soft}, 3.9)
	d.flow.Skip(1)
	if b.Withheld {
		d.flow.Paragraph(d.p.T("report.table_withheld"), pdf.Style{Size: look.Size, Colour: ink}, look.Leading)
		return
	}
	t := pdf.Table{Look: look, Columns: []pdf.Column{
		{Head: d.p.T("report.column." + b.By), Share: 55},
		{Head: d.p.T("report.column.persons"), Share: 26, Align: pdf.Right},
		{Share: 52, Bar: true},
	}}
	if !b.Alone {
		t.Columns = append(t.Columns, pdf.Column{Head: d.p.T("report.column.attendances"), Share: 26, Align: pdf.Right})
	}
	most := 1
	for _, r := range b.Rows {
		most = max(most, r.Persons.N)
	}
	row := func(label string, r BreakdownRow, bar float64) []pdf.Cell {
		cells := []pdf.Cell{{Text: label}, {Text: d.count(r.Persons)}, {Bar: bar}}
		if !b.Alone {
			cells = append(cells, pdf.Cell{Text: d.count(r.Attendances)})
		}
		return cells
	}
	for _, r := range d.sorted(b) {
		t.Rows = append(t.Rows, row(d.label(b.By, r.Key), r, float64(r.Persons.N)/float64(most)))
	}
	t.Total = row(d.p.T("report.total"), b.Total, 0)
	d.flow.Table(t)
}

// notStated is the key of those who stated nothing.
const notStated = "not_stated"

// genders are in this order everywhere.
var genders = []string{"female", "male", "other"}

// sorted returns the rows in the reader's alphabet, "other" and those who stated nothing last.
func (d *drawing) sorted(b Breakdown) []BreakdownRow {
	rows := slices.Clone(b.Rows)
	compare := d.p.Compare()
	slices.SortStableFunc(rows, func(x, y BreakdownRow) int {
		return cmp.Or(cmp.Compare(rank(b.By, x.Key), rank(b.By, y.Key)), compare(d.label(b.By, x.Key), d.label(b.By, y.Key)))
	})
	return rows
}

func rank(by, key string) int {
	switch {
	case key == "" || key == notStated:
		return 9
	case by == "gender":
		return slices.Index(genders, key)
	case by == "institution_type" && key == "other":
		return 8
	}
	return 0
}

func (d *drawing) label(by, key string) string {
	if key == "" || key == notStated {
		return d.p.T("report.not_stated")
	}
	switch by {
	case "country":
		return d.p.Country(key)
	case "gender":
		switch key {
		case "female":
			return d.p.T("gender.women")
		case "male":
			return d.p.T("gender.men")
		}
		return d.p.T("gender.other")
	}
	return d.p.T(person.InstitutionType(key).Key())
}

// notes explain the marks in place of figures.
func (d *drawing) notes() {
	if !d.marks[Few] && !d.marks[Withheld] {
		return
	}
	d.section("notes")
	style := pdf.Style{Size: 9, Colour: ink}
	if d.marks[Few] {
		d.flow.Paragraph(d.p.T("report.legend.few", "Mark", d.count(Count{Hidden: Few}), "N", d.doc.Threshold), style, 4.3)
	}
	if d.marks[Withheld] {
		d.flow.Paragraph(d.p.T("report.legend.withheld", "Mark", withheldMark), style, 4.3)
	}
}
