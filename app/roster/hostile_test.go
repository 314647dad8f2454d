package roster_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/fault"
	"attesta/app/roster"
	"attesta/app/sheet"
)

func TestWhatIsNoListIsRefused(t *testing.T) {
	for _, rows := range []string{
		"Stavka | Iznos\nHotel | 100\nPrevoz | 200",
		"1 | 2 | 3\n4 | 5 | 6",
		"Ime i prezime | Mail",
		"{\n\"a\": 1\n}",
	} {
		b := book(sheet.Sheet{Rows: grid(rows)})
		l, err := roster.Read(b, vocabulary, roster.Options{Event: twoDays("RS")})
		if !errors.Is(err, roster.ErrNoList) {
			t.Errorf("%q: %v %+v", rows, err, l)
		}
	}
	b := book(sheet.Sheet{Rows: grid("Ime i prezime\nAna Perić")})
	if _, err := roster.Read(b, vocabulary, roster.Options{Sheet: "List 7"}); !errors.Is(err, roster.ErrNoSheet) {
		t.Errorf("a sheet that isn't there: %v", err)
	}
	b.Sheets[0].Hidden = true
	if _, err := roster.Read(b, vocabulary, roster.Options{}); !errors.Is(err, roster.ErrNoList) {
		t.Errorf("only a hidden sheet: %v", err)
	}
	if l, err := roster.Read(b, vocabulary, roster.Options{Sheet: "Sheet1"}); err != nil || len(l.Rows) != 1 {
		t.Errorf("a hidden sheet that is asked for: %v", err)
	}
}

func TestAMappingIsAboveRecognition(t *testing.T) {
	m, err := roster.ParseMapping([]byte("name_order = \"family_first\"\n[columns]\nA = \"name\"\n\"Odakle\" = \"country\"\n3 = \"unit:1,2\"\nD = \"ignore\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	b := book(sheet.Sheet{Rows: grid("Ko | Odakle | Tu | E-mail\nPerić Ana | Srbija | da | a@x.example\nIlić Vuk | Crna Gora | ne | b@x.example")})
	m.HeaderRow = 1
	l, err := roster.Read(b, vocabulary, roster.Options{Event: twoDays("RS"), Mapping: m})
	if err != nil {
		t.Fatal(err)
	}
	want := "1 header\n2 Ana+Perić · RS ·  · n ·  · 11__\n3 Vuk+Ilić · ME ·  · n ·  · 00__\n! \n"
	if d := cmp.Diff(want, told(l)); d != "" {
		t.Error(d)
	}
	if _, err := roster.ParseMapping([]byte(`{"columns":{"A":"name"},"header_row":1}`)); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"columns = 5", "[columns]\nA = \"nmae\"", "[columns]\nA = \"unit:x\"", `{"colums":{}}`, "name_order = \"x\""} {
		if _, err := roster.ParseMapping([]byte(bad)); !errors.Is(err, roster.ErrBadMapping) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, bad := range []string{"[columns]\nZZ = \"name\"", "[columns]\nC = \"unit:9\"", "header_row = 99"} {
		m, err := roster.ParseMapping([]byte(bad))
		if err != nil {
			t.Fatal(err)
		}
		b := book(sheet.Sheet{Rows: grid("Ime i prezime | E-mail | Tu\nAna Perić | a@x.example | x")})
		if _, err := roster.Read(b, vocabulary, roster.Options{Event: twoDays("RS"), Mapping: m}); !errors.Is(err, roster.ErrBadMapping) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestHostileSheetsCostLittle(t *testing.T) {
	long := strings.Repeat("Ime i prezime ", 5000)
	wide := make([]string, 500)
	for i := range wide {
		wide[i] = "Dan 1 prije podne"
	}
	var tall [][]string
	tall = append(tall, []string{"Br", "Ime i prezime", "Institucija", "Dan 1", "Dan 2"})
	for i := range 3_000 {
		tall = append(tall, []string{fmt.Sprint(i), fmt.Sprintf("Ana%d Perić%d", i, i), fmt.Sprintf("Institucija %d", i), "x", "?"})
	}
	var merged []sheet.Range
	for range 5000 {
		merged = append(merged, sheet.Range{FirstRow: 1, FirstCol: 1, LastRow: 1 << 20, LastCol: 1 << 14}, sheet.Range{FirstRow: 2, FirstCol: 2, LastRow: 1, LastCol: 1})
	}
	for name, s := range map[string]sheet.Sheet{
		"a long cell":  {Rows: [][]string{{long, "Ime i prezime", "Mail"}, {long, "Ana Perić", long}, {"", long, "x"}}},
		"many columns": {Rows: [][]string{append([]string{"Ime", "Prezime"}, wide...), append([]string{"Ana", "Perić"}, wide...)}},
		"many rows":    {Rows: tall},
		"merges":       {Rows: tall[:200], Merged: merged},
		"headers only": {Rows: [][]string{{"Ime", "Prezime"}, {"Ime", "Prezime"}, {"Prezime", "Ime"}, {"Ana", "Perić"}}},
	} {
		start := time.Now()
		s.Name = "S"
		b := book(s)
		l, err := roster.Read(b, vocabulary, roster.Options{Event: twoDays("RS")})
		if err != nil && fault.From(err) == nil {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			if err := nothingDropped(b, l); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if d := time.Since(start); d > 15*time.Second {
			t.Errorf("%s took %v", name, d)
		}
		t.Log(name, time.Since(start))
	}
}

func FuzzReadList(f *testing.F) {
	files, _ := filepath.Glob("testdata/programme/*.*v")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 1500)])
	}
	for _, c := range variants {
		if c.rows != "" {
			f.Add([]byte(c.rows))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4000 {
			return
		}
		for _, e := range []roster.Event{twoDays("BA"), {}} {
			_, err := tryList("x", data, roster.Options{Event: e})
			if err != nil && fault.From(err) == nil {
				t.Fatal(err)
			}
		}
	})
}
