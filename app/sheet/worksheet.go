package sheet

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"attesta/app/fault"
)

// position is a cell's place, row and column from 1.
type position struct{ row, col int }

// cellMark is what excelize tells of a cell only after it has loaded the whole sheet, with every gap filled: a small
// hostile file would take all memory. So the sheet's XML is scanned once for these.
type cellMark struct {
	kind  string // the attribute t: "", n, s, str, inlineStr, b, e, d
	style int
}

type worksheetMarks struct {
	cells    map[position]cellMark
	merged   []Range
	hidden   map[int]bool
	formulas int
	errors   int // cells that hold an error
	unsaved  int // formulas without a value
}

func (m *worksheetMarks) notes(name string) []Note {
	var n []Note
	if m.errors > 0 {
		n = append(n, Note{Key: NoteErrorCell, Sheet: name, Params: fault.Params{"N": m.errors, "Sheet": name}})
	}
	if m.unsaved > 0 {
		n = append(n, Note{Key: NoteNoValue, Sheet: name, Params: fault.Params{"N": m.unsaved, "Sheet": name}})
	}
	return n
}

type scanner struct {
	*worksheetMarks
	lim           Limits
	row, col      int
	formula, full bool // of the current cell
	closed        bool
	at            position
}

// scanWorksheet reads a sheet's XML to its end, so that a truncated one is found out.
func scanWorksheet(data []byte, lim Limits) (*worksheetMarks, error) {
	s := scanner{worksheetMarks: &worksheetMarks{cells: map[position]cellMark{}, hidden: map[int]bool{}}, lim: lim}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, ErrCorrupt }
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, ErrCorrupt
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := s.start(t); err != nil {
				return nil, err
			}
		case xml.EndElement:
			s.end(t.Name.Local)
		}
	}
	if !s.closed {
		return nil, ErrCorrupt
	}
	return s.worksheetMarks, nil
}

func (s *scanner) start(t xml.StartElement) error {
	switch t.Name.Local {
	case "row":
		s.row, s.col = s.row+1, 0
		if n, err := strconv.Atoi(attr(t, "r")); err == nil && n > 0 {
			s.row = n
		}
		if h := attr(t, "hidden"); h == "1" || h == "true" {
			s.hidden[s.row] = true
		}
	case "c":
		return s.cell(t)
	case "f":
		s.formula = true
	case "v", "is":
		s.full = true
	case "mergeCell":
		if r, ok := parseRange(attr(t, "ref")); ok {
			if len(s.merged) >= s.lim.Merges {
				return ErrTooLarge.With("MB", s.lim.Unpacked>>20)
			}
			s.merged = append(s.merged, r)
		}
	}
	return nil
}

func (s *scanner) cell(t xml.StartElement) error {
	s.col++
	s.formula, s.full = false, false
	if ref := attr(t, "r"); ref != "" {
		col, row, err := excelize.CellNameToCoordinates(ref)
		if err != nil {
			return ErrCorrupt
		}
		s.col = col
		if s.row == 0 {
			s.row = row
		}
	}
	s.at = position{s.row, s.col}
	style, _ := strconv.Atoi(attr(t, "s"))
	kind := attr(t, "t")
	if style != 0 || kind != "" {
		if len(s.cells) > 4*s.lim.Cells {
			return ErrTooLarge.With("MB", s.lim.Unpacked>>20)
		}
		s.cells[s.at] = cellMark{kind, style}
	}
	return nil
}

func (s *scanner) end(name string) {
	s.closed = s.closed || name == "worksheet"
	if name != "c" {
		return
	}
	if s.formula {
		s.formulas++
		if !s.full {
			s.unsaved++
		}
	}
	if s.full && s.cells[s.at].kind == "e" {
		s.errors++
	}
	if !s.full {
		delete(s.cells, s.at) // formatted, and empty
	}
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// parseRange reads A1:C3; one cell is no range.
func parseRange(ref string) (Range, bool) {
	a, b, ok := strings.Cut(ref, ":")
	if !ok {
		return Range{}, false
	}
	c1, r1, err1 := excelize.CellNameToCoordinates(a)
	c2, r2, err2 := excelize.CellNameToCoordinates(b)
	if err1 != nil || err2 != nil {
		return Range{}, false
	}
	return Range{min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2)}, true
}

// relations reads a part's relations: target by id.
func relations(data []byte) (map[string]string, error) {
	var r struct {
		Relationship []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := xml.Unmarshal(data, &r); err != nil {
		return nil, err
	}
	m := map[string]string{}
	for _, x := range r.Relationship {
		m[x.ID] = x.Target
	}
	return m, nil
}
