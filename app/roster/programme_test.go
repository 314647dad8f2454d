package roster_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"attesta/app/locale"
	"attesta/app/roster"
	"attesta/app/sheet"
	"attesta/locales"
)

var vocabulary = func() *roster.Vocabulary {
	v, err := roster.LoadVocabulary(locales.FS)
	if err != nil {
		panic(err)
	}
	return v
}()

type truth struct {
	Persons map[string]struct {
		Given, Family, Gender, Country, Email, Institution string
		InstitutionType                                    string `json:"institution_type"`
	}
	Events []struct {
		Code, Type, Country, Starts string
		Days                        int
		Attendance                  map[string][]int
	}
	Rows map[string][]struct {
		Row    int
		Person string
		Note   string
	}
}

func programme(t *testing.T) truth {
	t.Helper()
	raw, err := os.ReadFile("testdata/programme/truth.json")
	if err != nil {
		t.Fatal(err)
	}
	var tr truth
	if err := json.Unmarshal(raw, &tr); err != nil {
		t.Fatal(err)
	}
	return tr
}

func list(t *testing.T, name string, data []byte, e roster.Event) *roster.List {
	t.Helper()
	l, err := tryList(name, data, roster.Options{Event: e})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return l
}

func tryList(name string, data []byte, o roster.Options) (*roster.List, error) {
	b, err := sheet.Read(name, data, sheet.Options{})
	if err != nil {
		return nil, err
	}
	l, err := roster.Read(b, vocabulary, o)
	if err != nil {
		return nil, err
	}
	return l, nothingDropped(b, l)
}

// nothingDropped checks that every row of the sheets that were read has exactly one place in the list.
func nothingDropped(b *sheet.Book, l *roster.List) error {
	place := map[string]int{}
	for _, x := range l.Titles {
		place[fmt.Sprint(x.Sheet, x.Row)]++
	}
	for _, x := range l.Headers {
		place[fmt.Sprint(x.Sheet, x.Row)]++
	}
	for _, x := range l.Rows {
		place[fmt.Sprint(x.Sheet, x.Number)]++
	}
	for _, x := range slices.Concat(l.Refused, l.Ignored) {
		place[fmt.Sprint(x.Sheet, x.Row)]++
		if x.Reason.Key == "" {
			return fmt.Errorf("row %d has no reason", x.Row)
		}
	}
	for _, x := range l.Joined {
		place[fmt.Sprint(x.Sheet, x.Row)]++
	}
	for _, s := range b.Sheets {
		told := slices.ContainsFunc(l.Notices, func(n roster.Notice) bool {
			return n.Sheet == s.Name && (n.Key == "roster.sheet_hidden" || n.Key == "roster.sheet_unread")
		})
		for i, r := range s.Rows {
			n := place[fmt.Sprint(s.Name, i+1)]
			if want := len(r) > 0 && !told; want && n != 1 || !want && n != 0 {
				return fmt.Errorf("sheet %q row %d %q has %d places", s.Name, i+1, r, n)
			}
		}
	}
	return nil
}

func TestTheProgrammeIsReadAsItIs(t *testing.T) {
	tr := programme(t)
	header := map[string]int{"tot-1.xlsx": 3, "tot-2.xlsx": 3, "nt-me.xlsx": 5}
	encoding := map[string]string{"nt-rs.csv": "windows-1250"}
	for _, e := range tr.Events {
		matches, _ := filepath.Glob("testdata/programme/" + e.Code + ".*")
		file := filepath.Base(matches[0])
		t.Run(file, func(t *testing.T) {
			data, err := os.ReadFile(matches[0])
			if err != nil {
				t.Fatal(err)
			}
			starts, _ := time.Parse("2006-01-02", e.Starts)
			l := list(t, file, data, roster.Event{Country: e.Country, Type: e.Type, Starts: starts, Days: e.Days, Unit: "half-day"})
			if want := max(1, header[file]); l.HeaderRow != want {
				t.Errorf("header in row %d, want %d", l.HeaderRow, want)
			}
			if want := encoding[file]; want != "" && l.File.Encoding != want {
				t.Errorf("encoding %s", l.File.Encoding)
			}
			var got, want []int
			byRow := map[int]roster.Row{}
			for _, r := range l.Rows {
				got = append(got, r.Number)
				byRow[r.Number] = r
			}
			for _, r := range tr.Rows[file] {
				want = append(want, r.Row)
			}
			if !slices.Equal(got, want) || len(l.Refused) > 0 {
				t.Fatalf("rows %v, want %v, refused %v", got, want, l.Refused)
			}
			types, right := 0, 0
			for _, tr2 := range tr.Rows[file] {
				p, r := tr.Persons[tr2.Person], byRow[tr2.Row]
				if d := different(p.Given, r.Given, p.Family, r.Family, r.FullName); d != "" {
					t.Errorf("row %d: %s", r.Number, d)
				}
				if r.NameReason == "" {
					t.Errorf("row %d: name order is undecided", r.Number)
				}
				if r.Gender != p.Gender && (r.Gender != "not_stated" || file != "nt-rs.csv" && file != "conf.tsv") {
					t.Errorf("row %d: gender %s, want %s", r.Number, r.Gender, p.Gender)
				}
				if r.Country != p.Country {
					t.Errorf("row %d: country %q, want %s", r.Number, r.Country, p.Country)
				}
				if r.Email != p.Email && tr2.Note == "" && r.Email != "" && !strings.Contains(r.Email, "@mail.example") {
					t.Errorf("row %d: email %q, want %q", r.Number, r.Email, p.Email)
				}
				types++
				if r.InstitutionType == p.InstitutionType {
					right++
				} else if r.InstitutionType != "" {
					t.Errorf("row %d: %q is %s, want %s", r.Number, r.Institution, r.InstitutionType, p.InstitutionType)
				}
				attendance(t, r, e.Attendance[tr2.Person], 2*e.Days)
			}
			t.Logf("%d rows, institution types %d/%d; %d notices", len(l.Rows), right, types, len(l.Notices))
			for _, n := range l.Notices {
				t.Logf("  %s %v %s %v", n.Key, n.Params, n.Column, n.Rows)
			}
			for _, c := range l.Mapping {
				t.Logf("  %s %q → %s %v", c.Letter, c.Heading, c.Field, c.Units)
			}
		})
	}
}

func different(given, gotGiven, family, gotFamily, full string) string {
	if m := locale.SamePerson(given+" "+family, gotGiven+" "+gotFamily); m == locale.MatchNo || m == locale.MatchFuzzy {
		return fmt.Sprintf("%s %s is read as %s %s (%s)", given, family, gotGiven, gotFamily, full)
	}
	if locale.SoundKey(given) != locale.SoundKey(gotGiven) || locale.SoundKey(family) != locale.SoundKey(gotFamily) {
		return fmt.Sprintf("%s, %s is read as %s, %s (%s)", given, family, gotGiven, gotFamily, full)
	}
	return ""
}

func attendance(t *testing.T, r roster.Row, want []int, units int) {
	t.Helper()
	if len(r.Present) != units {
		t.Errorf("row %d: %d marks, want %d", r.Number, len(r.Present), units)
	}
	for u, m := range r.Present {
		if m.State == roster.Unknown || (m.State == roster.Present) != (want[u] == 1) {
			t.Errorf("row %d: unit %d is %v, want %v", r.Number, u, m, want)
		}
	}
}
