package pdf

// Column is a column of a table. The widths of all are shares of the text's width. Bar makes cells of it bars from 0
// to 1 rather than text.
type Column struct {
	Head  string
	Share float64
	Align Align
	Bold  bool
	Bar   bool
}

// Cell is what stands in a column: a text, or in a column of bars its length from 0 to 1.
type Cell struct {
	Text string
	Note string // smaller, beneath
	Bar  float64
}

// Table is a table with hairlines between its rows. Its head is repeated on each page; no row is broken.
type Table struct {
	Columns []Column
	Rows    [][]Cell
	Total   []Cell // nil for none
	Look    Look
}

// Look is the colours and sizes of a table.
type Look struct {
	Ink, Soft, Line, Bar RGB
	Size, Leading        float64 // pt, mm
}

const (
	cellGap = 3.0 // between columns
	rowPad  = 1.5 // above and beneath the text of a row
)

// Table sets a table.
func (f *Flow) Table(t Table) {
	f.Need(f.headHigh(t) + 2*(t.Look.Leading+2*rowPad))
	f.head(t)
	for i, row := range t.Rows {
		f.row(t, row, false, i+1 == len(t.Rows) && t.Total != nil)
	}
	if t.Total != nil {
		f.row(t, t.Total, true, false)
	}
}

func (f *Flow) cellWide(t Table, i int) float64 {
	sum := 0.0
	for _, c := range t.Columns {
		sum += c.Share
	}
	return (f.Wide() - cellGap*float64(len(t.Columns)-1)) * t.Columns[i].Share / sum
}

func (t Table) headStyle() Style {
	return Style{Face: SansBold, Size: t.Look.Size - 1, Colour: t.Look.Soft}
}

func (f *Flow) headHigh(t Table) float64 {
	lines := 1
	for i, c := range t.Columns {
		lines = max(lines, len(f.cellLines(t.headStyle(), f.cellWide(t, i), c.Head)))
	}
	return float64(lines)*(t.Look.Leading-.6) + 2*rowPad
}

func (f *Flow) head(t Table) {
	high, leading := f.headHigh(t), t.Look.Leading-.6
	x := f.left
	for i, c := range t.Columns {
		style := t.headStyle()
		style.Align = c.Align
		lines := f.cellLines(style, f.cellWide(t, i), c.Head)
		y := f.y + high - rowPad - leading*(float64(len(lines))-ascent)
		f.Canvas().Lines(f.edge(t, i, x), y, leading, lines, style)
		x += f.cellWide(t, i) + cellGap
	}
	f.y += high
	f.Canvas().Line(f.left, f.y, f.right, f.y, .3, t.Look.Soft)
}

func (f *Flow) edge(t Table, i int, x float64) float64 {
	switch t.Columns[i].Align {
	case Right:
		return x + f.cellWide(t, i)
	case Centre:
		return x + f.cellWide(t, i)/2
	}
	return x
}

func (f *Flow) cellLines(style Style, wide float64, text string) []string {
	if text == "" {
		return nil
	}
	return f.fonts.Fill(style.Face, style.Size, wide, f.fonts.Drawable(style.Face, text))
}

// row sets one row, with the head above it if it begins a page. The row before a total keeps with it.
func (f *Flow) row(t Table, row []Cell, total, keep bool) {
	style := Style{Size: t.Look.Size, Colour: t.Look.Ink}
	note := Style{Size: t.Look.Size - 1.5, Colour: t.Look.Soft}
	noteLeading := t.Look.Leading - .7
	high := t.Look.Leading
	type set struct{ lines, notes []string }
	cells := make([]set, len(t.Columns))
	styles := make([]Style, len(t.Columns))
	for i, c := range t.Columns {
		styles[i] = style
		styles[i].Align = c.Align
		if total || c.Bold {
			styles[i].Face = SansBold
		}
		if i >= len(row) || c.Bar {
			continue
		}
		cells[i] = set{f.cellLines(styles[i], f.cellWide(t, i), row[i].Text), f.cellLines(note, f.cellWide(t, i), row[i].Note)}
		high = max(high, float64(len(cells[i].lines))*t.Look.Leading+float64(len(cells[i].notes))*noteLeading)
	}
	high += 2 * rowPad
	need := high
	if keep {
		need += t.Look.Leading + 2*rowPad
	}
	if f.y+need > f.bottom {
		f.Break()
		f.head(t)
	}
	x := f.left
	for i, c := range t.Columns {
		wide, y := f.cellWide(t, i), f.y+rowPad+ascent*t.Look.Leading
		if c.Bar && i < len(row) && row[i].Bar > 0 {
			f.Canvas().Rect(x, f.y+rowPad+.2*t.Look.Leading, wide*min(row[i].Bar, 1), .55*t.Look.Leading, t.Look.Bar)
		}
		f.Canvas().Lines(f.edge(t, i, x), y, t.Look.Leading, cells[i].lines, styles[i])
		note.Align = c.Align
		f.Canvas().Lines(f.edge(t, i, x), y+float64(len(cells[i].lines)-1)*t.Look.Leading+noteLeading, noteLeading, cells[i].notes, note)
		x += wide + cellGap
	}
	f.y += high
	weight := .15
	if keep || total {
		weight = .3
	}
	f.Canvas().Line(f.left, f.y, f.right, f.y, weight, t.Look.Line)
}
