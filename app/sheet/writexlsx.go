package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Document is what a workbook says of itself. The same document and tables give the same bytes.
type Document struct {
	Title, Subject, Creator, Language string
	Created                           time.Time // when the figures are of, never the time of writing
}

const maxText = 32767 // characters in one cell, a limit of the format

// WriteXLSX writes a workbook with one sheet a table: header in bold on a tint and frozen, numbers and dates as such,
// text always as text, even when it begins with an equals sign.
func WriteXLSX(w io.Writer, doc Document, tables ...Table) error {
	f := excelize.NewFile()
	defer f.Close()
	names := sheetNames(tables)
	if len(tables) == 0 {
		names = []string{"1"}
	}
	if err := f.SetSheetName("Sheet1", names[0]); err != nil {
		return fmt.Errorf("name sheet: %w", err)
	}
	st, err := newStyles(f)
	if err != nil {
		return fmt.Errorf("styles of workbook: %w", err)
	}
	for i, t := range tables {
		if i > 0 {
			if _, err := f.NewSheet(names[i]); err != nil {
				return fmt.Errorf("new sheet: %w", err)
			}
		}
		if err := writeTable(f, names[i], t, st); err != nil {
			return fmt.Errorf("sheet %d: %w", i+1, err)
		}
	}
	created := doc.Created.UTC().Format(time.RFC3339)
	if doc.Created.IsZero() {
		created = "2000-01-01T00:00:00Z"
	}
	if err := f.SetDocProps(&excelize.DocProperties{
		Title: doc.Title, Subject: doc.Subject, Creator: doc.Creator, LastModifiedBy: doc.Creator, Language: doc.Language,
		Created: created, Modified: created,
	}); err != nil {
		return fmt.Errorf("document properties: %w", err)
	}
	return repack(f, w)
}

type styles struct{ title, header, date, dateTime, text int }

func newStyles(f *excelize.File) (s styles, err error) {
	add := func(st *excelize.Style) int {
		id, e := f.NewStyle(st)
		if e != nil {
			err = e
		}
		return id
	}
	day, minute := "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
	s.title = add(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 13}})
	s.header = add(&excelize.Style{
		Font:      &excelize.Font{Bold: true},
		Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8ECF1"}},
		Border:    []excelize.Border{{Type: "bottom", Color: "7A8794", Style: 1}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"},
	})
	s.date = add(&excelize.Style{CustomNumFmt: &day})
	s.dateTime = add(&excelize.Style{CustomNumFmt: &minute})
	s.text = add(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{Vertical: "top"}})
	return s, err
}

// tableWriter streams one table into one sheet.
type tableWriter struct {
	*excelize.StreamWriter
	styles styles
	n      int // rows written
}

func writeTable(f *excelize.File, name string, t Table, st styles) error {
	sw, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	w := tableWriter{StreamWriter: sw, styles: st}
	if err := w.shape(t); err != nil {
		return err
	}
	for i, s := range t.Above {
		style := st.text
		if i == 0 {
			style = st.title
		}
		if err := w.line(style, s); err != nil {
			return err
		}
	}
	if len(t.Header) > 0 {
		if err := w.line(st.header, t.Header...); err != nil {
			return err
		}
	}
	if t.Rows != nil {
		for r := range t.Rows {
			if err := w.cells(r); err != nil {
				return err
			}
		}
	}
	for _, s := range t.Below {
		if err := w.line(st.text, s); err != nil {
			return err
		}
	}
	return w.Flush()
}

// shape sets the widths of the columns and freezes the header.
func (w *tableWriter) shape(t Table) error {
	for i := range max(len(t.Header), len(t.Widths)) {
		if err := w.SetColWidth(i+1, i+1, width(t, i)); err != nil {
			return err
		}
	}
	if len(t.Header) == 0 {
		return nil
	}
	top := len(t.Above) + 1
	cell, err := excelize.CoordinatesToCellName(1, top+1)
	if err != nil {
		return err
	}
	return w.SetPanes(&excelize.Panes{Freeze: true, YSplit: top, TopLeftCell: cell, ActivePane: "bottomLeft"})
}

func (w *tableWriter) line(style int, texts ...string) error {
	cells := make([]any, len(texts))
	for i, s := range texts {
		cells[i] = excelize.Cell{StyleID: style, Value: cellText(s)}
	}
	return w.put(cells)
}

func (w *tableWriter) cells(values []any) error {
	cells := make([]any, len(values))
	for i, v := range values {
		cells[i] = w.styles.cell(v)
	}
	return w.put(cells)
}

func (w *tableWriter) put(cells []any) error {
	w.n++
	at, err := excelize.CoordinatesToCellName(1, w.n)
	if err != nil {
		return err
	}
	return w.SetRow(at, cells)
}

func (s styles) cell(v any) any {
	switch v := v.(type) {
	case nil:
		return nil
	case int, int64, bool:
		return excelize.Cell{Value: v}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return excelize.Cell{Value: v}
	case time.Time:
		if v.IsZero() {
			return nil
		}
		// The format has no zones: what the clock on the wall showed is what must stand there.
		wall := time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), 0, time.UTC)
		if dateLayout(v) == "2006-01-02" {
			return excelize.Cell{StyleID: s.date, Value: wall}
		}
		return excelize.Cell{StyleID: s.dateTime, Value: wall}
	}
	return excelize.Cell{StyleID: s.text, Value: cellText(text(v))}
}

// cellText cuts what the format can't hold and drops characters that XML forbids.
func cellText(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 32 && r != '\n' && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if utf8.RuneCountInString(s) > maxText {
		s = string([]rune(s)[:maxText-1]) + "…"
	}
	return s
}

func width(t Table, i int) float64 {
	if i < len(t.Widths) && t.Widths[i] > 0 {
		return min(t.Widths[i], 255)
	}
	if i < len(t.Header) {
		return float64(min(max(utf8.RuneCountInString(t.Header[i])+2, 8), 40))
	}
	return 12
}

// sheetNames makes the names fit the format: 31 characters, none of []:*?/\, no apostrophe at an end, all different.
func sheetNames(tables []Table) []string {
	var names []string
	taken := map[string]bool{}
	for i, t := range tables {
		n := strings.Trim(strings.Map(func(r rune) rune {
			if strings.ContainsRune(`[]:*?/\`, r) || r < 32 {
				return ' '
			}
			return r
		}, t.Name), " '")
		if n == "" {
			n = fmt.Sprint(i + 1)
		}
		base := n
		for k := 1; taken[strings.ToLower(n)] || utf8.RuneCountInString(n) > 31; k++ {
			tail := ""
			if k > 1 || taken[strings.ToLower(n)] {
				tail = fmt.Sprintf(" %d", k+1)
			}
			r := []rune(base)
			n = strings.TrimSpace(string(r[:min(len(r), 31-len(tail))])) + tail
		}
		taken[strings.ToLower(n)] = true
		names = append(names, n)
	}
	return names
}

// repack writes the workbook's parts sorted by name, since excelize takes streamed sheets in the order of a map.
func repack(f *excelize.File, w io.Writer) error {
	buf, err := f.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("build workbook: %w", err)
	}
	zr, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	if err != nil {
		return fmt.Errorf("build workbook: %w", err)
	}
	slices.SortFunc(zr.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	zw := zip.NewWriter(w)
	for _, p := range zr.File {
		if err := zw.Copy(p); err != nil {
			return fmt.Errorf("write workbook: %w", err)
		}
	}
	if err := zw.Close(); err != nil {
		return fmt.Errorf("write workbook: %w", err)
	}
	return nil
}
