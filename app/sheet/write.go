package sheet

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Table is one sheet to be written. A cell is a string, an int, an int64, a float64, a bool, a time.Time (a date when
// it is midnight, a date and time else, in its own zone) or nil; anything else is written as fmt prints it, as text.
type Table struct {
	Name   string    // of the sheet in a workbook
	Above  []string  // lines above the header, one cell each: title, date, rule
	Header []string  // may be empty
	Widths []float64 // of columns in characters; missing ones are set by the header
	Rows   iter.Seq[[]any]
	Below  []string // lines under the rows: footnotes
}

// Rows makes a sequence of rows that are in memory already.
func Rows(rows [][]any) iter.Seq[[]any] { return slices.Values(rows) }

// Dialect is what a program expects of delimited text.
type Dialect struct {
	Delimiter rune // 0 means a semicolon, which spreadsheets with regional settings want
	NoMark    bool // leave out the byte order mark, for programs; spreadsheets need it to see UTF-8
}

// WriteCSV writes a table as UTF-8 with CRLF line ends. Text that a spreadsheet would run as a formula gets an
// apostrophe in front; numbers, phone numbers with a plus sign among them, stay.
func WriteCSV(w io.Writer, t Table, d Dialect) error {
	if d.Delimiter == 0 {
		d.Delimiter = ';'
	}
	b := bufio.NewWriter(w)
	if !d.NoMark {
		_, _ = b.WriteString("\ufeff") // the first error stays with the writer and is told by Flush
	}
	line := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				_, _ = b.WriteRune(d.Delimiter)
			}
			_, _ = b.WriteString(quote(Defuse(c), d.Delimiter))
		}
		_, _ = b.WriteString("\r\n")
	}
	for _, s := range t.Above {
		line([]string{s})
	}
	if len(t.Header) > 0 {
		line(t.Header)
	}
	if t.Rows != nil {
		for row := range t.Rows {
			cells := make([]string, len(row))
			for i, v := range row {
				cells[i] = text(v)
			}
			line(cells)
		}
	}
	for _, s := range t.Below {
		line([]string{s})
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write delimited text: %w", err)
	}
	return nil
}

// Defuse puts an apostrophe before text that a spreadsheet would take for a formula or a command. A plain number stays
// as it is, and so does text that is already defused.
func Defuse(s string) string {
	head := strings.TrimLeft(s, " \u00a0\n")
	if head == "" {
		return s
	}
	switch head[0] {
	case '=', '+', '-', '@', '\t', '\r':
		if plainNumber(head) {
			return s
		}
		return "'" + s
	}
	for _, wide := range []string{"＝", "＋", "－", "＠"} { // full-width signs work in some spreadsheets
		if strings.HasPrefix(head, wide) {
			return "'" + s
		}
	}
	return s
}

// plainNumber tells a number or a phone number: a sign, then digits with single spaces, dots, commas or hyphens
// between them. Nothing of it can be computed: a hyphen or a space inside makes it text, never a formula with a name.
func plainNumber(s string) bool {
	digits := 0
	if s[0] != '+' && s[0] != '-' {
		return false
	}
	for i, c := range s[1:] {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case (c == '.' || c == ',' || c == ' ') && i > 0:
		default:
			return false
		}
	}
	return digits > 0
}

func quote(s string, delim rune) string {
	if strings.ContainsRune(s, delim) || strings.ContainsAny(s, "\"\r\n\t;,") || strings.TrimSpace(s) != s {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strings.ToUpper(strconv.FormatBool(v))
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format(dateLayout(v))
	}
	return fmt.Sprint(v)
}

func dateLayout(t time.Time) string {
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return "2006-01-02"
	}
	return "2006-01-02 15:04"
}
