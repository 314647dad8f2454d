// Package sheet reads spreadsheets and delimited text as people send them, and writes them so that nothing in them
// can run.
//
// Read looks at the content, never at the name of a file. It gives back every cell as text, exactly: a phone number
// kept as a number has all its digits, a date is written year first. It knows nothing of what the cells mean.
//
// The writers take typed values. Text never becomes a formula, neither in a workbook nor in a delimited file.
package sheet

import (
	"attesta/app/fault"
)

// Kind is the form in which a book was kept.
type Kind string

// The kinds that can be read.
const (
	XLSX      Kind = "xlsx"      // Office Open XML workbook
	ODS       Kind = "ods"       // OpenDocument spreadsheet
	Delimited Kind = "delimited" // lines of text, cells separated by one character
)

// Book is a file of one or more sheets.
type Book struct {
	Name      string  // the file's name as given, never looked at
	Kind      Kind    //
	Encoding  string  // of delimited text: "UTF-8", "UTF-16LE", "UTF-16BE", "windows-1250", "windows-1251", "ISO-8859-2", "CP852"
	Delimiter string  // of delimited text: one character, "" for one column
	Sheets    []Sheet // in the order of the file, hidden ones too
	Notes     []Note  // what was repaired or could not be read
}

// Sheet is one table of cells.
type Sheet struct {
	Name       string
	Hidden     bool
	Rows       [][]string // Rows[0] is row 1 of the file; rows have different lengths, an empty row is nil
	Merged     []Range    // merged ranges; the value stands in their first cell only
	HiddenRows []int      // rows from 1 that are hidden, by hand or by a filter, and not empty
	Formulas   int        // cells whose value was computed by a formula
}

// Range is a rectangle of cells, rows and columns counted from 1, all four inside it.
type Range struct{ FirstRow, FirstCol, LastRow, LastCol int }

// The keys of notes.
const (
	NoteDamaged    = "sheet.damaged_text"  // bytes that are no letters in the file's encoding; N of them
	NoteOpenQuote  = "sheet.open_quote"    // a quotation mark that is never closed was read as text
	NoteErrorCell  = "sheet.error_cell"    // N cells hold an error like #REF! and count as empty
	NoteNoValue    = "sheet.empty_formula" // N formulas have no saved value and count as empty
	NoteHiddenRows = "sheet.hidden_rows"   // N hidden rows were read like all others
)

// Note tells something about a book that its reader should know; Key is one of the keys above.
type Note struct {
	Key    string
	Params fault.Params
	Sheet  string
	Row    int // from 1, 0 for the whole sheet
	Col    int // from 1, 0 for the whole row
}

// Options override what Read finds by itself, and its limits. The zero value finds everything.
type Options struct {
	Encoding  string // one of the names in Book.Encoding
	Delimiter rune
	Limits    Limits
}

// Limits bound what a file may cost. Zero means the default.
type Limits struct {
	Bytes    int64 // size of the file, 20 MB
	Unpacked int64 // size of all parts of a packed file together, 64 MB
	Rows     int   // number of the last row that isn't empty, 50,000
	Cols     int   // number of the last column that isn't empty, 500
	Cells    int   // cells that aren't empty, in the whole book, 1,000,000
	Area     int   // cells in the whole book with the empty ones before them, in their row and above it, 5,000,000
	Text     int   // bytes of one cell, 100,000
	Merges   int   // merged ranges in one sheet, 20,000
}

func (l Limits) orDefault() Limits {
	set := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	if l.Bytes == 0 {
		l.Bytes = 20 << 20
	}
	if l.Unpacked == 0 {
		l.Unpacked = 64 << 20
	}
	set(&l.Rows, 50_000)
	set(&l.Cols, 500)
	set(&l.Cells, 1_000_000)
	set(&l.Area, 5_000_000)
	set(&l.Text, 100_000)
	set(&l.Merges, 20_000)
	return l
}

// What a file can be refused for.
var (
	ErrEmpty       = fault.New(fault.Invalid, "sheet.empty")        // no cell with anything in it
	ErrTooLarge    = fault.New(fault.TooLarge, "sheet.too_large")   // over one of the limits
	ErrTooWide     = fault.New(fault.TooLarge, "sheet.too_wide")    // more columns than any list has
	ErrLongCell    = fault.New(fault.TooLarge, "sheet.long_cell")   // a cell that holds a book; Row says where
	ErrCorrupt     = fault.New(fault.Invalid, "sheet.corrupt")      // damaged
	ErrPassword    = fault.New(fault.Invalid, "sheet.password")     // protected by a password
	ErrOldExcel    = fault.New(fault.Invalid, "sheet.old_excel")    // .xls: save as .xlsx
	ErrWebPage     = fault.New(fault.Invalid, "sheet.web_page")     // a web page under the name of a spreadsheet
	ErrPDF         = fault.New(fault.Invalid, "sheet.pdf")          // a PDF
	ErrUnsupported = fault.New(fault.Invalid, "sheet.unsupported")  // anything else that isn't a spreadsheet
	ErrBadOption   = fault.New(fault.Invalid, "sheet.bad_encoding") // an unknown encoding was asked for
)

// Read reads a file. It returns one of the faults above, or an internal error.
func Read(name string, data []byte, opts Options) (*Book, error) {
	opts.Limits = opts.Limits.orDefault()
	if int64(len(data)) > opts.Limits.Bytes {
		return nil, ErrTooLarge.With("MB", opts.Limits.Bytes>>20)
	}
	b, err := readAs(detect(data), data, opts)
	if err != nil {
		return nil, err
	}
	b.Name = name
	for _, s := range b.Sheets {
		if len(s.Rows) > 0 {
			return b, nil
		}
	}
	return nil, ErrEmpty
}

// At returns the cell in row and col, both from 1; "" outside the sheet.
func (s *Sheet) At(row, col int) string {
	if row < 1 || row > len(s.Rows) || col < 1 || col > len(s.Rows[row-1]) {
		return ""
	}
	return s.Rows[row-1][col-1]
}

// Width returns the number of the last column that isn't empty.
func (s *Sheet) Width() int {
	w := 0
	for _, r := range s.Rows {
		w = max(w, len(r))
	}
	return w
}

// trim drops empty cells at the ends of rows and empty rows at the end.
func (s *Sheet) trim() {
	last := 0
	for i, r := range s.Rows {
		n := len(r)
		for n > 0 && r[n-1] == "" {
			n--
		}
		if n == 0 {
			s.Rows[i] = nil
			continue
		}
		s.Rows[i], last = r[:n], i+1
	}
	s.Rows = s.Rows[:last]
}

// meter counts what has been read against the limits.
type meter struct {
	Limits
	cells, area int
	last        int // row of this sheet that has been read and isn't empty; who begins a sheet sets it to 0
}

// row checks one row that has been read; n counts from 1.
func (m *meter) row(n int, cells []string) error {
	used, width := 0, 0
	for i, c := range cells {
		if c == "" {
			continue
		}
		used, width = used+1, i+1
		if i >= m.Cols {
			return ErrTooWide.With("Row", n, "N", m.Cols)
		}
		if len(c) > m.Text {
			return ErrLongCell.With("Row", n, "Column", ColumnName(i+1))
		}
	}
	if used == 0 {
		return nil
	}
	m.cells, m.area, m.last = m.cells+used, m.area+width+n-m.last, n
	if n > m.Rows || m.cells > m.Cells || m.area > m.Area {
		return ErrTooLarge.With("MB", m.Bytes>>20)
	}
	return nil
}

// ColumnName returns the letters of a column counted from 1: A, B, … Z, AA.
func ColumnName(col int) string {
	s := ""
	for ; col > 0; col = (col - 1) / 26 {
		s = string(rune('A'+(col-1)%26)) + s
	}
	return s
}
