package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"attesta/app/fault"
	"attesta/app/sheet"
)

func read(t *testing.T, data []byte) *sheet.Book {
	t.Helper()
	b, err := sheet.Read("x", data, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func encoded(t *testing.T, name, s string) []byte {
	t.Helper()
	var b []byte
	var err error
	switch name {
	case "windows-1250":
		b, err = charmap.Windows1250.NewEncoder().Bytes([]byte(s))
	case "windows-1251":
		b, err = charmap.Windows1251.NewEncoder().Bytes([]byte(s))
	case "ISO-8859-2":
		b, err = charmap.ISO8859_2.NewEncoder().Bytes([]byte(s))
	case "CP852":
		b, err = charmap.CodePage852.NewEncoder().Bytes([]byte(s))
	case "UTF-16LE":
		b, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	case "UTF-16BE":
		b, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	case "UTF-8":
		b = []byte("\ufeff" + s)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEncodingIsFoundByTheLettersOfTheRegion(t *testing.T) {
	latin := "Ime;Prezime;Institucija\r\nĐorđe;Šćepanović;Tužilaštvo\r\nŽeljka;Čaušević;Granična policija\r\n"
	albanian := "Emri;Mbiemri\r\nÇlirim;Përmeti\r\nËngjëllushe;Gëzimi\r\n"
	serbian := "Име;Презиме\r\nЂорђе;Шћепановић\r\nЉубица;Џанић\r\n"
	macedonian := "Име;Презиме\r\nЃорѓи;Ќосевски\r\nЉупчо;Ѕвездановски\r\n"
	capitals := "IME;PREZIME\r\nĐORĐE;ŠĆEPANOVIĆ\r\nŽELJKA;ČAUŠEVIĆ\r\n"
	for _, c := range []struct{ encoding, text string }{
		{"UTF-8", latin}, {"UTF-8", macedonian},
		{"UTF-16LE", latin}, {"UTF-16BE", serbian},
		{"windows-1250", latin}, {"windows-1250", albanian}, {"windows-1250", capitals},
		{"windows-1251", serbian}, {"windows-1251", macedonian},
		{"ISO-8859-2", latin}, {"CP852", latin},
	} {
		b := read(t, encoded(t, c.encoding, c.text))
		if b.Encoding != c.encoding {
			t.Errorf("%s read as %s: %q", c.encoding, b.Encoding, b.Sheets[0].Rows[1])
			continue
		}
		want := strings.Split(strings.Split(c.text, "\r\n")[1], ";")
		if d := cmp.Diff(want, b.Sheets[0].Rows[1]); d != "" {
			t.Errorf("%s: %s", c.encoding, d)
		}
	}
}

func TestDelimiterIsFoundByRowsOfEqualLength(t *testing.T) {
	for _, c := range []struct {
		text, delimiter string
		row             int
		want            []string
	}{
		{"a;b;c\r\n1;x, y, z;3\r\n2;p, q, r;4", ";", 2, []string{"1", "x, y, z", "3"}},
		{"a,b,c\n1,\"x; y\",3\n2,\"p; q\",4", ",", 2, []string{"1", "x; y", "3"}},
		{"a\tb\n1\t2, 3\n", "\t", 2, []string{"1", "2, 3"}},
		{"a|b|c\r1|2|3\r", "|", 2, []string{"1", "2", "3"}},
		{"Title, with a comma\n\na;b;c\n1;2;3\n", ";", 4, []string{"1", "2", "3"}},
		{"sep=,\r\na,b;c\r\n", ",", 2, []string{"a", "b;c"}},
		{"Ana\nMarko\n", "", 2, []string{"Marko"}},
		{"a;b\n\"one\nline\";\"say \"\"yes\"\"\"\n", ";", 2, []string{"one\nline", `say "yes"`}},
		{"a;b;c\n\"Vaša prava\" BiH;2;3\n\"Grupa 484\";4;5\n", ";", 2, []string{`"Vaša prava" BiH`, "2", "3"}},
		{"a;b;c\n1;\"open;3\n2;4;5\n", ";", 2, []string{"1", `"open`, "3"}},
		{"a;b\n\x00Ana\x00;Jo\x07van\n", ";", 2, []string{"Ana", "Jovan"}},
	} {
		b := read(t, []byte(c.text))
		if b.Delimiter != c.delimiter || len(b.Sheets[0].Rows) < c.row {
			t.Errorf("%q: delimiter %q, rows %q", c.text, b.Delimiter, b.Sheets[0].Rows)
			continue
		}
		if d := cmp.Diff(c.want, b.Sheets[0].Rows[c.row-1]); d != "" {
			t.Errorf("%q: %s", c.text, d)
		}
	}
}

func TestARowKeepsItsNumberBehindEmptyRows(t *testing.T) {
	b := read(t, []byte("a;b\n\n;;\n1;2\n"))
	if got := b.Sheets[0].At(4, 2); got != "2" {
		t.Fatalf("row 4 is %q", b.Sheets[0].Rows)
	}
	if b.Sheets[0].Rows[1] != nil || b.Sheets[0].Rows[2] != nil {
		t.Fatal("an empty row is not nil")
	}
}

func TestAnOpenQuotationMarkIsReported(t *testing.T) {
	b := read(t, []byte("a;b\n1;\"open\n2;3\n"))
	if len(b.Notes) != 1 || b.Notes[0].Key != sheet.NoteOpenQuote || b.Notes[0].Row != 2 {
		t.Fatalf("notes %+v", b.Notes)
	}
}

func workbook(t *testing.T, build func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	build(f)
	var buf bytes.Buffer
	if err := f.Write(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func set(f *excelize.File, cells ...any) {
	for i := 0; i+1 < len(cells); i += 2 {
		if err := f.SetCellValue("Sheet1", cells[i].(string), cells[i+1]); err != nil {
			panic(err)
		}
	}
}

func TestWorkbookCellsAreExact(t *testing.T) {
	day, phone, price := "d.m.yyyy;@", "000000000", "#,##0.00"
	b := read(t, workbook(t, func(f *excelize.File) {
		style := func(cell string, code *string) {
			id, _ := f.NewStyle(&excelize.Style{CustomNumFmt: code})
			_ = f.SetCellStyle("Sheet1", cell, cell, id)
		}
		set(f, "A1", 38666910555, "B1", 0.1+0.2, "C1", true, "D1", time.Date(2022, 11, 14, 0, 0, 0, 0, time.UTC),
			"E1", 61234567, "F1", 1234.5, "G1", "  x y\u00a0", "H1", "001", "I1", 44879, "J1", 0.375)
		style("E1", &phone)
		style("F1", &price)
		style("I1", &day)
		id, _ := f.NewStyle(&excelize.Style{NumFmt: 20})
		_ = f.SetCellStyle("Sheet1", "J1", "J1", id)
		_ = f.SetCellFormula("Sheet1", "K1", "1+1")
	}))
	want := []string{"38666910555", "0.3", "TRUE", "2022-11-14", "061234567", "1234.5", "x y", "001", "2022-11-14", "09:00"}
	if d := cmp.Diff(want, b.Sheets[0].Rows[0]); d != "" {
		t.Fatal(d)
	}
	if len(b.Notes) != 1 || b.Notes[0].Key != sheet.NoteNoValue {
		t.Fatalf("a formula without a value is not told: %+v", b.Notes)
	}
}

func TestMergesHiddenSheetsAndHiddenRowsAreTold(t *testing.T) {
	b := read(t, workbook(t, func(f *excelize.File) {
		set(f, "A1", "title", "A2", "police", "B2", "Ana", "B3", "Marko", "B4", "Vuk")
		_ = f.MergeCell("Sheet1", "A1", "C1")
		_ = f.MergeCell("Sheet1", "A2", "A4")
		_ = f.SetRowVisible("Sheet1", 3, false)
		_, _ = f.NewSheet("old")
		_ = f.SetCellValue("old", "A1", "x")
		_ = f.SetSheetVisible("old", false)
	}))
	s := b.Sheets[0]
	if d := cmp.Diff([]sheet.Range{{FirstRow: 1, FirstCol: 1, LastRow: 1, LastCol: 3}, {FirstRow: 2, FirstCol: 1, LastRow: 4, LastCol: 1}}, s.Merged); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]int{3}, s.HiddenRows); d != "" {
		t.Error(d)
	}
	if s.Hidden || !b.Sheets[1].Hidden {
		t.Error("hidden sheets are not told")
	}
	if s.At(3, 1) != "" {
		t.Error("a merged value was spread by the reader")
	}
}

func zipped(t *testing.T, parts map[string]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, n := range []string{"mimetype", "xl/workbook.xml", "word/document.xml", "content.xml", "META-INF/manifest.xml"} {
		if s, ok := parts[n]; ok {
			p, _ := w.Create(n)
			_, _ = p.Write([]byte(s))
		}
	}
	_ = w.Close()
	return buf.Bytes()
}

func TestWhatCannotBeReadIsRefusedWithItsReason(t *testing.T) {
	good := workbook(t, func(f *excelize.File) { set(f, "A1", "x") })
	locked := func() []byte {
		f := excelize.NewFile()
		var buf bytes.Buffer
		_ = f.Write(&buf, excelize.Options{Password: "secret"})
		return buf.Bytes()
	}()
	for name, c := range map[string]struct {
		data []byte
		want *fault.Fault
	}{
		"nothing":             {nil, sheet.ErrEmpty},
		"only spaces":         {[]byte(" \r\n\r\n"), sheet.ErrEmpty},
		"only separators":     {[]byte(";;;\r\n;;;\r\n"), sheet.ErrEmpty},
		"an empty workbook":   {workbook(t, func(*excelize.File) {}), sheet.ErrEmpty},
		"old excel":           {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), sheet.ErrOldExcel},
		"a password":          {locked, sheet.ErrPassword},
		"pdf":                 {[]byte("%PDF-1.7\n…"), sheet.ErrPDF},
		"a web page":          {[]byte("<html><table><tr><td>a</td></tr></table>"), sheet.ErrWebPage},
		"a picture":           {[]byte("\x89PNG\r\n\x1a\n0000"), sheet.ErrUnsupported},
		"a word document":     {zipped(t, map[string]string{"word/document.xml": "<w/>"}), sheet.ErrUnsupported},
		"half a workbook":     {good[:len(good)/2], sheet.ErrCorrupt},
		"a broken workbook":   {zipped(t, map[string]string{"xl/workbook.xml": "<workbook"}), sheet.ErrCorrupt},
		"a locked ods":        {zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "META-INF/manifest.xml": "<encryption-data/>", "content.xml": "x"}), sheet.ErrPassword},
		"half an ods":         {zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<office:document-content><table:table>"}), sheet.ErrCorrupt},
		"ten thousand column": {[]byte(strings.Repeat("x;", 10_000) + "\n"), sheet.ErrTooWide},
		"a cell of 1 MB":      {[]byte("a;b\n" + strings.Repeat("x", 1<<20) + ";1\n"), sheet.ErrLongCell},
		"machine code":        {bytes.Repeat([]byte{1, 2, 3, 4, 0x7f, 'E', 'L', 'F'}, 50), sheet.ErrUnsupported},
	} {
		_, err := sheet.Read(name, c.data, sheet.Options{})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestABombIsRefusedBeforeItUnpacks(t *testing.T) {
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, n := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		p, _ := w.Create(n)
		if n == "xl/worksheets/sheet1.xml" {
			chunk := bytes.Repeat([]byte("<row><c/></row>"), 1<<16)
			for range 1 << 10 {
				_, _ = p.Write(chunk)
			}
		}
	}
	_ = w.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	_, err := sheet.Read("bomb.xlsx", buf.Bytes(), sheet.Options{})
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if !errors.Is(err, sheet.ErrTooLarge) {
		t.Fatalf("%d bytes: %v", buf.Len(), err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 || took > time.Second {
		t.Fatalf("%d MB in %v", used>>20, took)
	}
}

// A few hundred bytes can name a cell in the last row and column; filling the gap would cost gigabytes.
func TestADistantCellCostsNoMemory(t *testing.T) {
	data := workbook(t, func(f *excelize.File) { set(f, "A1", "x") })
	var rows strings.Builder
	for i := 1; i <= 20_000; i++ {
		fmt.Fprintf(&rows, `<row r="%d"><c r="XFD%d"/></row>`, i*50, i*50)
	}
	data = replacePart(t, data, "xl/worksheets/sheet1.xml", `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>`+rows.String()+`</sheetData></worksheet>`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b := read(t, data)
	runtime.ReadMemStats(&after)
	if len(b.Sheets[0].Rows) != 1 {
		t.Fatal("empty cells count as rows")
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 300<<20 {
		t.Fatalf("%d MB", used>>20)
	}
}

// Five hundred bytes can repeat a row whose only cell stands far to the right, in sheet after sheet.
func TestEmptyCellsBeforeAFullOneAreCounted(t *testing.T) {
	row := `<table:table-row table:number-rows-repeated="%d"><table:table-cell table:number-columns-repeated="499"/><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>`
	deep := `<table:table-row table:number-rows-repeated="49999"/><table:table-row><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>`
	for name, sheets := range map[string]string{
		"wide": `<table:table table:name="a">` + fmt.Sprintf(row, 49_999) + `</table:table>`,
		"deep": strings.Repeat(`<table:table table:name="a">`+deep+`</table:table>`, 200),
	} {
		data := zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": `<office:document-content><office:body><office:spreadsheet>` + sheets + `</office:spreadsheet></office:body></office:document-content>`})
		if _, err := sheet.Read("wide.ods", data, sheet.Options{}); !errors.Is(err, sheet.ErrTooLarge) {
			t.Errorf("%s, %d bytes: %v", name, len(data), err)
		}
	}
}

func TestATruncatedSheetIsNotHalfAList(t *testing.T) {
	data := workbook(t, func(f *excelize.File) { set(f, "A1", "x", "A2", "y") })
	for _, xml := range []string{
		`<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v`,
		`<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>`,
	} {
		_, err := sheet.Read("x", replacePart(t, data, "xl/worksheets/sheet1.xml", xml), sheet.Options{})
		if !errors.Is(err, sheet.ErrCorrupt) {
			t.Errorf("%v", err)
		}
	}
}

func replacePart(t *testing.T, data []byte, name, content string) []byte {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for _, f := range zr.File {
		if f.Name != name {
			_ = w.Copy(f)
			continue
		}
		p, _ := w.Create(name)
		_, _ = p.Write([]byte(content))
	}
	_ = w.Close()
	return buf.Bytes()
}

func TestOpenDocumentIsRead(t *testing.T) {
	content := `<office:document-content><office:automatic-styles><style:style style:name="ta2"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet>
<table:table table:name="Lista" table:style-name="ta1"><table:table-row><table:table-cell table:number-columns-spanned="2" office:value-type="string"><text:p>Title</text:p></table:table-cell><table:covered-table-cell/></table:table-row>
<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>Ana<text:s/>Petrović</text:p><text:p>second</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="38666910555"><text:p>3,87E+10</text:p></table:table-cell><table:table-cell office:value-type="date" office:date-value="2022-11-14"><text:p>14.11.22</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2" office:value-type="string"><text:p>x</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16000"/></table:table-row>
<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table>
<table:table table:name="skrivena" table:style-name="ta2"><table:table-row><table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>DA</text:p></table:table-cell><table:table-cell office:value-type="time" office:time-value="PT09H05M00S"><text:p>9:05</text:p></table:table-cell></table:table-row></table:table>
</office:spreadsheet></office:body></office:document-content>`
	b := read(t, zipped(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}))
	want := []sheet.Sheet{
		{Name: "Lista", Rows: [][]string{{"Title"}, nil, nil, {"Ana Petrović\nsecond", "38666910555", "2022-11-14", "x", "x"}}, Merged: []sheet.Range{{FirstRow: 1, FirstCol: 1, LastRow: 1, LastCol: 2}}},
		{Name: "skrivena", Hidden: true, Rows: [][]string{{"TRUE", "09:05"}}},
	}
	if d := cmp.Diff(want, b.Sheets); d != "" {
		t.Fatal(d)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("a;b\n\"x\ny\";2\n"))
	f.Add([]byte("\xff\xfea\x00;\x00"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := sheet.Read("x", data, sheet.Options{})
		if err != nil {
			if fault.From(err) == nil {
				t.Fatalf("not a fault: %v", err)
			}
			return
		}
		for _, s := range b.Sheets {
			for _, r := range s.Rows {
				if len(r) > 0 && r[len(r)-1] == "" {
					t.Fatalf("a row ends in an empty cell: %q", r)
				}
			}
		}
	})
}
