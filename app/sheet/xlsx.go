package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"attesta/app/fault"
)

func readXLSX(data []byte, lim Limits) (*Book, error) {
	if err := checkPacked(data, lim); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: lim.Unpacked, UnzipXMLSizeLimit: lim.Unpacked, RawCellValue: true,
	})
	if err != nil {
		return nil, ErrCorrupt
	}
	defer f.Close()
	parts, err := worksheetParts(f)
	if err != nil {
		return nil, err
	}
	r := workbook{File: f, parts: parts, meter: &meter{Limits: lim}, styles: map[int]look{}}
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		r.from1904 = *p.Date1904
	}
	b := &Book{Kind: XLSX}
	for _, name := range f.GetSheetList() {
		if parts[name] == nil {
			continue // a chart sheet
		}
		s, notes, err := r.sheet(name)
		if err != nil {
			return nil, err
		}
		b.Sheets = append(b.Sheets, *s)
		b.Notes = append(b.Notes, notes...)
	}
	return b, nil
}

// checkPacked refuses what would unpack to more than the limit, before anything is unpacked. A part can't grow over
// the size that it declares: the zip reader stops there.
func checkPacked(data []byte, lim Limits) error {
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return ErrCorrupt
	}
	var total uint64
	for _, f := range zr.File {
		if f.UncompressedSize64 > uint64(lim.Unpacked) {
			return ErrTooLarge.With("MB", lim.Unpacked>>20)
		}
		if total += f.UncompressedSize64; total > uint64(lim.Unpacked) || len(zr.File) > 5000 {
			return ErrTooLarge.With("MB", lim.Unpacked>>20)
		}
		if f.Flags&1 != 0 {
			return ErrPassword
		}
	}
	return nil
}

type workbook struct {
	*excelize.File
	parts    map[string][]byte // XML of each worksheet by the sheet's name
	meter    *meter
	from1904 bool
	styles   map[int]look
}

func (w *workbook) sheet(name string) (*Sheet, []Note, error) {
	w.meter.last = 0
	marks, err := scanWorksheet(w.parts[name], w.meter.Limits)
	if err != nil {
		return nil, nil, err
	}
	s := &Sheet{Name: name, Merged: marks.merged, Formulas: marks.formulas}
	if v, err := w.GetSheetVisible(name); err == nil {
		s.Hidden = !v
	}
	rows, err := w.Rows(name)
	if err != nil {
		return nil, nil, ErrCorrupt
	}
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, nil, ErrCorrupt
		}
		for i := range cells {
			cells[i] = w.value(cells[i], marks.cells[position{n, i + 1}])
		}
		if err := w.meter.row(n, cells); err != nil {
			return nil, nil, err
		}
		if empty(cells) {
			continue
		}
		for len(s.Rows) < n-1 {
			s.Rows = append(s.Rows, nil)
		}
		s.Rows = append(s.Rows, cells)
		if marks.hidden[n] {
			s.HiddenRows = append(s.HiddenRows, n)
		}
	}
	if rows.Error() != nil {
		return nil, nil, ErrCorrupt
	}
	s.trim()
	return s, append(marks.notes(name), hiddenNote(s)...), nil
}

func hiddenNote(s *Sheet) []Note {
	if len(s.HiddenRows) == 0 || s.Hidden {
		return nil
	}
	return []Note{{Key: NoteHiddenRows, Sheet: s.Name, Params: fault.Params{"N": len(s.HiddenRows), "Sheet": s.Name}}}
}

func empty(cells []string) bool {
	for _, c := range cells {
		if c != "" {
			return false
		}
	}
	return true
}

// value turns a raw cell into text: numbers exactly, dates year first, truth values as TRUE and FALSE.
func (w *workbook) value(raw string, c cellMark) string {
	switch c.kind {
	case "e":
		return ""
	case "b":
		if raw == "1" || strings.EqualFold(raw, "true") {
			return "TRUE"
		}
		return "FALSE"
	case "s", "str", "inlineStr", "d":
		return clean(raw)
	}
	if raw == "" {
		return ""
	}
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return clean(raw)
	}
	l := w.look(c.style)
	if l.date || l.time {
		if s, ok := w.date(v, l); ok {
			return s
		}
	}
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if r := strconv.FormatFloat(v, 'g', 15, 64); len(s) > 17 && !strings.Contains(r, "e") {
		s = r // 0.30000000000000004 is 0.3 to who typed it
	}
	for len(s) < l.zeros && v >= 0 && v == math.Trunc(v) {
		s = "0" + s
	}
	return s
}

func (w *workbook) date(v float64, l look) (string, bool) {
	if v < 0 || v > 2958466 {
		return "", false
	}
	t, err := excelize.ExcelDateToTime(v, w.from1904)
	if err != nil {
		return "", false
	}
	switch {
	case l.time && (v < 1 || !l.date):
		return t.Format("15:04"), true
	case l.time && v != math.Trunc(v):
		return t.Format("2006-01-02 15:04"), true
	}
	return t.Format("2006-01-02"), true
}

// look is what a cell's number format shows: a date, a time of day, leading zeros up to a length.
type look struct {
	date, time bool
	zeros      int
}

func (w *workbook) look(style int) look {
	if style == 0 {
		return look{}
	}
	if l, ok := w.styles[style]; ok {
		return l
	}
	var l look
	if s, err := w.GetStyle(style); err == nil {
		l = formatLook(s.NumFmt, s.CustomNumFmt)
	}
	w.styles[style] = l
	return l
}

func formatLook(id int, custom *string) look {
	switch {
	case id >= 14 && id <= 17 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 54 || id == 57 || id == 58:
		return look{date: true}
	case id >= 18 && id <= 21 || id >= 32 && id <= 35 || id >= 45 && id <= 47 || id == 55 || id == 56:
		return look{time: true}
	case id == 22:
		return look{date: true, time: true}
	case custom == nil:
		return look{}
	}
	return codeLook(*custom)
}

// codeLook reads a format code like d.m.yyyy hh:mm or 000000000. Quoted text, escaped characters and what stands in
// brackets (colours, locales) are skipped.
func codeLook(code string) look {
	code, _, _ = strings.Cut(code, ";")
	var l look
	months, zeros, other := false, 0, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"', '[':
			end := byte('"')
			if c == '[' {
				end = ']'
			}
			if j := strings.IndexByte(code[i+1:], end); j >= 0 {
				i += j + 1
			}
		case '\\', '_', '*':
			i++
		case 'd', 'D', 'y', 'Y':
			l.date = true
		case 'h', 'H', 's', 'S':
			l.time = true
		case 'm', 'M':
			months = true
		case '0':
			zeros++
		case '#', '.', ',', '%', '?', 'E':
			other = true
		}
	}
	if months && !l.time {
		l.date = true
	}
	if !other && !l.date && !l.time && zeros > 1 {
		l.zeros = zeros
	}
	return l
}

// worksheetParts returns the XML of each worksheet by name, found through the workbook's relations.
func worksheetParts(f *excelize.File) (map[string][]byte, error) {
	part := func(name string) []byte {
		if v, ok := f.Pkg.Load(name); ok {
			return v.([]byte)
		}
		return nil
	}
	targets, err := relations(part("xl/_rels/workbook.xml.rels"))
	if err != nil {
		return nil, ErrCorrupt
	}
	if f.WorkBook == nil {
		if _, err := f.GetWorkbookProps(); err != nil || f.WorkBook == nil {
			return nil, ErrCorrupt
		}
	}
	parts := map[string][]byte{}
	for _, s := range f.WorkBook.Sheets.Sheet {
		target := strings.TrimPrefix(strings.ReplaceAll(targets[s.ID], "\\", "/"), "/")
		if !strings.HasPrefix(target, "xl/") {
			target = "xl/" + target
		}
		if !strings.Contains(target, "worksheets/") {
			continue
		}
		xml := part(target)
		if xml == nil {
			return nil, fmt.Errorf("worksheet %q: %w", target, ErrCorrupt)
		}
		parts[s.Name] = xml
	}
	if len(parts) == 0 {
		return nil, ErrCorrupt
	}
	return parts, nil
}
