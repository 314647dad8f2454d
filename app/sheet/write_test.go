package sheet_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"attesta/app/sheet"
)

func TestTextThatWouldRunIsDefused(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"Ana":                            "Ana",
		`=HYPERLINK("http://e.example")`: `'=HYPERLINK("http://e.example")`,
		"+38161=cmd|' /C calc'!A0":       "'+38161=cmd|' /C calc'!A0",
		"@SUM(1+1)":                      "'@SUM(1+1)",
		"-1+1":                           "'-1+1",
		"-cmd":                           "'-cmd",
		"\t=1":                           "'\t=1",
		"\r=1":                           "'\r=1",
		" =1":                            "' =1",
		"\n=1":                           "'\n=1",
		"＝1+1":                           "'＝1+1",
		"-":                              "'-",
		"+":                              "'+",
		"-5":                             "-5",
		"-5,25":                          "-5,25",
		"+381 61 568 350":                "+381 61 568 350",
		"+381-61":                        "'+381-61",
		"1=1":                            "1=1",
		"ana@mup.example":                "ana@mup.example",
	} {
		if got := sheet.Defuse(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestDelimitedTextIsWrittenForRegionalSpreadsheets(t *testing.T) {
	var b strings.Builder
	err := sheet.WriteCSV(&b, sheet.Table{
		Above:  []string{"Извештај; први"},
		Header: []string{"Име", "=n"},
		Rows: sheet.Rows([][]any{
			{"Ђорђе \"Ђоле\"", 3, -2.5, true, time.Date(2022, 5, 16, 0, 0, 0, 0, time.UTC)},
			{"=1+1", nil, "two\nlines"},
		}),
		Below: []string{"* footnote"},
	}, sheet.Dialect{})
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeff\"Извештај; први\"\r\nИме;'=n\r\n\"Ђорђе \"\"Ђоле\"\"\";3;-2.5;TRUE;2022-05-16\r\n'=1+1;;\"two\nlines\"\r\n* footnote\r\n"
	if d := cmp.Diff(want, b.String()); d != "" {
		t.Fatal(d)
	}
	back := read(t, []byte(b.String()))
	if back.Delimiter != ";" || back.Sheets[0].At(4, 3) != "two\nlines" {
		t.Fatalf("doesn't read back: %q", back.Sheets[0].Rows)
	}
}

func tables() []sheet.Table {
	return []sheet.Table{
		{
			Name: "Учесници / list: 1", Above: []string{"Title"}, Header: []string{"Име", "n", "when"}, Widths: []float64{30},
			Rows: sheet.Rows([][]any{
				{"=HYPERLINK(\"http://evil.example\")", 38666910555, time.Date(2022, 5, 16, 9, 30, 0, 0, time.FixedZone("x", 7200))},
				{"'+1", 1.5, time.Date(2022, 5, 16, 0, 0, 0, 0, time.UTC)},
				{"a\x00b\x0bc", nil, true},
			}),
			Below: []string{"* footnote"},
		},
		{Name: "Учесници * list: 1", Rows: sheet.Rows([][]any{{"second"}})},
		{Name: strings.Repeat("x", 40)},
	}
}

func TestWorkbookHoldsTypedCellsAndNoFormulas(t *testing.T) {
	var buf bytes.Buffer
	if err := sheet.WriteXLSX(&buf, sheet.Document{Title: "T", Creator: "C"}, tables()...); err != nil {
		t.Fatal(err)
	}
	b := read(t, buf.Bytes())
	want := [][]string{
		{"Title"}, {"Име", "n", "when"},
		{"=HYPERLINK(\"http://evil.example\")", "38666910555", "2022-05-16 09:30"},
		{"'+1", "1.5", "2022-05-16"}, {"abc", "", "TRUE"}, {"* footnote"},
	}
	if d := cmp.Diff(want, b.Sheets[0].Rows); d != "" {
		t.Error(d)
	}
	if b.Sheets[0].Formulas != 0 {
		t.Error("text became a formula")
	}
	f, err := excelize.OpenReader(bytes.NewReader(buf.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if d := cmp.Diff([]string{"Учесници   list  1", "Учесници   list  1 2", strings.Repeat("x", 31)}, f.GetSheetList()); d != "" {
		t.Error(d)
	}
	if p, _ := f.GetPanes(f.GetSheetName(0)); !p.Freeze || p.YSplit != 2 {
		t.Errorf("header is not frozen: %+v", p)
	}
	if w, _ := f.GetColWidth(f.GetSheetName(0), "A"); w != 30 {
		t.Errorf("width %v", w)
	}
	if p, _ := f.GetDocProps(); p.Title != "T" {
		t.Errorf("properties %+v", p)
	}
}

func TestTheSameWorkbookGivesTheSameBytes(t *testing.T) {
	var first []byte
	for i := range 5 {
		var buf bytes.Buffer
		if err := sheet.WriteXLSX(&buf, sheet.Document{Title: "T", Created: time.Unix(1e9, 0)}, tables()...); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = buf.Bytes()
		} else if !bytes.Equal(first, buf.Bytes()) {
			t.Fatal("bytes differ")
		}
	}
}
