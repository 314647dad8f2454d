package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

func readODS(data []byte, lim Limits) (*Book, error) {
	if err := checkPacked(data, lim); err != nil {
		return nil, err
	}
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, ErrCorrupt
	}
	if m, err := zr.Open("META-INF/manifest.xml"); err == nil {
		manifest, _ := io.ReadAll(io.LimitReader(m, 1<<20))
		m.Close()
		if bytes.Contains(manifest, []byte("encryption-data")) {
			return nil, ErrPassword
		}
	}
	f, err := zr.Open("content.xml")
	if err != nil {
		return nil, ErrCorrupt
	}
	defer f.Close()
	o := odsReader{meter: &meter{Limits: lim}, hiddenStyles: map[string]bool{}}
	d := xml.NewDecoder(f)
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = o.token(t)
		} else {
			err = ErrCorrupt
		}
		if err != nil {
			return nil, err
		}
	}
	if !o.closed {
		return nil, ErrCorrupt
	}
	b := &Book{Kind: ODS, Sheets: o.sheets}
	for i := range b.Sheets {
		b.Sheets[i].trim()
		b.Notes = append(b.Notes, hiddenNote(&b.Sheets[i])...)
	}
	return b, nil
}

// odsReader takes the tokens of an OpenDocument content.xml, one after the other.
type odsReader struct {
	meter        *meter
	sheets       []Sheet
	hiddenStyles map[string]bool
	style        string // name of the table style being read
	row          []string
	rowNumber    int
	rowRepeat    int
	rowHidden    bool
	text         strings.Builder
	paragraphs   int
	inText       int
	inCell       bool
	skip         int // depth inside comments
	value        string
	cellRepeat   int
	closed       bool
}

func (o *odsReader) sheet() *Sheet { return &o.sheets[len(o.sheets)-1] }

func (o *odsReader) token(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		return o.start(t)
	case xml.EndElement:
		return o.end(t)
	case xml.CharData:
		if o.inCell && o.inText > 0 && o.skip == 0 {
			o.text.Write(t)
		}
	}
	return nil
}

func (o *odsReader) start(t xml.StartElement) error {
	name := t.Name.Space + ":" + t.Name.Local
	switch name {
	case "style:style":
		o.style = odsAttr(t, "name")
	case "style:table-properties":
		if odsAttr(t, "display") == "false" {
			o.hiddenStyles[o.style] = true
		}
	case "table:table":
		o.sheets = append(o.sheets, Sheet{Name: odsAttr(t, "name"), Hidden: o.hiddenStyles[odsAttr(t, "style-name")]})
		o.rowNumber, o.meter.last = 0, 0
		if len(o.sheets) > 500 {
			return ErrTooLarge.With("MB", o.meter.Unpacked>>20)
		}
	}
	if len(o.sheets) == 0 {
		return nil
	}
	switch name {
	case "table:table-row":
		o.row, o.rowRepeat = nil, repeat(t, "number-rows-repeated")
		v := odsAttr(t, "visibility")
		o.rowHidden = v == "collapse" || v == "filter"
	case "table:table-cell", "table:covered-table-cell":
		o.startCell(t)
	case "office:annotation":
		o.skip++
	case "text:p":
		if o.inCell && o.skip == 0 {
			if o.paragraphs > 0 {
				o.text.WriteByte('\n')
			}
			o.paragraphs++
		}
		o.inText++
	case "text:s":
		if o.inCell && o.skip == 0 {
			o.text.WriteString(strings.Repeat(" ", min(repeat(t, "c"), 1000)))
		}
	case "text:line-break":
		if o.inCell && o.skip == 0 {
			o.text.WriteByte('\n')
		}
	}
	return nil
}

func (o *odsReader) startCell(t xml.StartElement) {
	o.inCell, o.paragraphs, o.value = true, 0, ""
	o.text.Reset()
	o.cellRepeat = repeat(t, "number-columns-repeated")
	if odsAttr(t, "formula") != "" {
		o.sheet().Formulas++
	}
	switch odsAttr(t, "value-type") {
	case "float", "percentage", "currency":
		o.value = odsAttr(t, "value")
		if v, err := strconv.ParseFloat(o.value, 64); err == nil {
			o.value = strconv.FormatFloat(v, 'f', -1, 64)
		}
	case "date":
		o.value = strings.TrimSuffix(strings.Replace(odsAttr(t, "date-value"), "T", " ", 1), " 00:00:00")
	case "time":
		o.value = odsTime(odsAttr(t, "time-value"))
	case "boolean":
		o.value = strings.ToUpper(odsAttr(t, "boolean-value"))
	}
	rows, cols := repeat(t, "number-rows-spanned"), repeat(t, "number-columns-spanned")
	if (rows > 1 || cols > 1) && len(o.sheet().Merged) < o.meter.Merges {
		r, c := o.rowNumber+1, len(o.row)+1
		o.sheet().Merged = append(o.sheet().Merged, Range{r, c, r + rows - 1, c + cols - 1})
	}
}

func (o *odsReader) end(t xml.EndElement) error {
	switch t.Name.Space + ":" + t.Name.Local {
	case "office:document-content":
		o.closed = true
	case "office:annotation":
		o.skip = max(0, o.skip-1)
	case "text:p":
		o.inText = max(0, o.inText-1)
	case "table:table-cell", "table:covered-table-cell":
		if len(o.sheets) > 0 && o.inCell {
			o.inCell = false
			return o.endCell()
		}
	case "table:table-row":
		if len(o.sheets) > 0 {
			return o.endRow()
		}
	}
	return nil
}

func (o *odsReader) endCell() error {
	v := clean(o.text.String())
	if o.value != "" && !leadingZeros(v, o.value) {
		v = clean(o.value)
	}
	n := o.cellRepeat
	if v == "" {
		n = min(n, o.meter.Cols+1-min(len(o.row), o.meter.Cols+1)) // the empty end of a row is repeated to the last column
	}
	if n > o.meter.Cols+1 {
		return ErrTooWide.With("Row", o.rowNumber+1, "N", o.meter.Cols)
	}
	for range n {
		o.row = append(o.row, v)
	}
	return nil
}

// leadingZeros tells a number that is shown with zeros in front, a phone number mostly.
func leadingZeros(shown, value string) bool {
	return strings.HasPrefix(shown, "0") && strings.TrimLeft(shown, "0") == value && value != ""
}

func (o *odsReader) endRow() error {
	n := max(1, o.rowRepeat)
	if empty(o.row) {
		o.rowNumber += n
		return nil
	}
	s := o.sheet()
	if o.rowNumber+n > o.meter.Rows {
		return ErrTooLarge.With("MB", o.meter.Bytes>>20)
	}
	for len(s.Rows) < o.rowNumber {
		s.Rows = append(s.Rows, nil)
	}
	for range n {
		o.rowNumber++
		if err := o.meter.row(o.rowNumber, o.row); err != nil {
			return err
		}
		s.Rows = append(s.Rows, append([]string(nil), o.row...))
		if o.rowHidden {
			s.HiddenRows = append(s.HiddenRows, o.rowNumber)
		}
	}
	return nil
}

func repeat(t xml.StartElement, name string) int {
	n, err := strconv.Atoi(odsAttr(t, name))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, 1<<21)
}

func odsAttr(t xml.StartElement, local string) string {
	for _, a := range t.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// odsTime reads a duration like PT09H05M00S as a time of day.
func odsTime(v string) string {
	var h, m int
	rest, ok := strings.CutPrefix(v, "PT")
	if !ok {
		return v
	}
	if a, b, ok := strings.Cut(rest, "H"); ok {
		h, _ = strconv.Atoi(a)
		rest = b
	}
	if a, _, ok := strings.Cut(rest, "M"); ok {
		m, _ = strconv.Atoi(a)
	}
	pad := func(n int) string {
		if n < 10 {
			return "0" + strconv.Itoa(n)
		}
		return strconv.Itoa(n)
	}
	return pad(h) + ":" + pad(m)
}
