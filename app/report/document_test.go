package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/locale"
	"attesta/app/person"
	"attesta/locales"
)

var update = flag.Bool("update", false, "write the golden files anew")

var catalogue = sync.OnceValue(func() *locale.Catalogue {
	c, err := locale.Load(locales.FS)
	if err != nil {
		panic(err)
	}
	return c
})

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func counted(v int) Count { return Count{N: v} }

// sampleDocument is the report of a programme of nine events for its donors.
func sampleDocument() Document {
	event := func(code, original, title, kind, country, city, starts, ends string, listed, came, completed, halfDays int) EventRow {
		return EventRow{Code: code, Title: locale.NewText(locale.Code(original), title), Type: kind, Country: country, City: city,
			Starts: day(starts), Ends: day(ends), Listed: counted(listed), Came: counted(came), Completed: counted(completed), HalfDays: counted(halfDays)}
	}
	row := func(key string, persons, attendances int) BreakdownRow {
		return BreakdownRow{Key: key, Persons: counted(persons), Attendances: counted(attendances)}
	}
	total := row("", 239, 315)
	return Document{
		Number: "R-2023-014", Contract: "2020-421-887", PreparedBy: "Grupa 484", AsOf: time.Date(2023, 7, 3, 9, 0, 0, 0, time.UTC),
		Project: locale.NewText("en", "Countering the smuggling of migrants in the Western Balkans", "sr-Cyrl", "Сузбијање кријумчарења миграната на Западном Балкану",
			"mk", "Спречување на криумчарењето мигранти во Западен Балкан", "sq", "Lufta kundër kontrabandës së migrantëve në Ballkanin Perëndimor"),
		From: day("2021-01-01"), To: day("2023-06-30"), For: ForDonor, Threshold: 5, Share: 80, Asterisk: true,
		Donors: []Donor{{Key: "eu"}, {Key: "norway_embassy", City: "Belgrade"}},
		Figures: []Figure{{Key: "events", Value: counted(9)}, {Key: "attendances", Value: counted(315)}, {Key: "unique_persons", Value: counted(239)},
			{Key: "unique_persons_trainings", Value: counted(201)}, {Key: "completed", Value: counted(268), Of: 315}, {Key: "half_day_attendances", Value: counted(1288)}},
		Indicators: []Indicator{{Key: "unique_persons_trainings", Value: counted(201), Target: 200}, {Key: "women_share", Value: counted(44), Target: 40}, {Key: "attendances", Value: counted(315), Target: 350}},
		Events: []EventRow{
			event("tot-1", "en", "Regional Instructor Training Meeting", "training_of_trainers", "RS", "Beograd", "2021-09-13", "2021-09-15", 24, 24, 24, 142),
			event("tot-2", "en", "Regional Workshop: Testing the Training Methodology", "training_of_trainers", "RS", "Beograd", "2021-11-29", "2021-12-01", 24, 22, 21, 126),
			event("nt-me", "cnr", "Nacionalna obuka: suzbijanje krijumčarenja migranata", "national_training", "ME", "Podgorica", "2022-05-16", "2022-05-17", 34, 32, 28, 123),
			event("nt-al", "sq", "Trajnim kombëtar: lufta kundër kontrabandës së migrantëve", "national_training", "AL", "Tiranë", "2022-05-30", "2022-05-31", 33, 31, 25, 116),
			event("nt-mk", "mk", "Национална обука: спречување криумчарење мигранти", "national_training", "MK", "Скопје", "2022-06-13", "2022-06-14", 32, 30, 27, 116),
			event("nt-rs", "sr-Cyrl", "Национална обука: сузбијање кријумчарења миграната", "national_training", "RS", "Београд", "2022-09-19", "2022-09-20", 31, 27, 22, 101),
			event("nt-xk", "sq", "Trajnim kombëtar: lufta kundër kontrabandës së migrantëve", "national_training", "XK", "Prishtinë", "2022-10-10", "2022-10-11", 28, 25, 19, 93),
			event("nt-ba", "bs", "Nacionalna obuka: suzbijanje krijumčarenja migranata", "national_training", "BA", "Sarajevo", "2022-11-14", "2022-11-15", 36, 32, 25, 120),
			event("conf", "en", "Western Balkans on the Route of Irregular Migration and Smuggling of Migrants", "conference", "RS", "Beograd", "2023-03-30", "2023-03-31", 100, 92, 77, 351),
		},
		Breakdowns: []Breakdown{
			{By: "country", Total: total, Rows: []BreakdownRow{row("AL", 43, 52), row("BA", 41, 54), row("ME", 41, 56), row("MK", 41, 52), row("RS", 37, 56), row("XK", 36, 45)}},
			{By: "gender", Total: total, Alone: true, Rows: []BreakdownRow{row("male", 131, 172), row("female", 104, 139),
				{Key: "not_stated", Persons: Count{Hidden: Few}, Attendances: Count{Hidden: Few}}, {Key: "other", Persons: Count{Hidden: Withheld}, Attendances: Count{Hidden: Withheld}}}},
			{By: "institution_type", Total: total, Rows: []BreakdownRow{row("police", 88, 117), row("prosecution", 60, 78), row("reception", 51, 66), row("cso", 40, 54)}},
		},
	}
}

func texts(t *testing.T, doc Document, code locale.Code) (pages [][]string) {
	t.Helper()
	d, err := set(catalogue(), doc, code)
	if err != nil {
		t.Fatal(err)
	}
	canvases := d.flow.Canvases()
	for i, c := range canvases {
		d.foot(c, i+1, len(canvases))
		var page []string
		for _, b := range c.Boxes() {
			page = append(page, b.Text)
			if b.X < 19.9 || b.X+b.W > 190.1 || b.Top() < 15 || b.Bottom() > 290 {
				t.Errorf("%s page %d: %q leaves the page: %.1f–%.1f × %.1f–%.1f", code, i+1, b.Text, b.X, b.X+b.W, b.Top(), b.Bottom())
			}
			for _, a := range c.Boxes()[:len(page)-1] {
				if a.X < b.X+b.W-.01 && b.X < a.X+a.W-.01 && a.Top() < b.Bottom()-.3 && b.Top() < a.Bottom()-.3 {
					t.Errorf("%s page %d: %q meets %q", code, i+1, a.Text, b.Text)
				}
			}
		}
		pages = append(pages, page)
	}
	return pages
}

func TestTheReportReadsAsItShouldInEveryLanguage(t *testing.T) {
	for _, code := range catalogue().Locales() {
		var got strings.Builder
		for _, page := range texts(t, sampleDocument(), code) {
			got.WriteString(strings.Join(page, "\n") + "\n\f\n")
		}
		file := filepath.Join("testdata", "document-"+string(code)+".txt")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
		if strings.Contains(got.String(), "report.") {
			t.Errorf("%s: a message is missing", code)
		}
	}
}

func TestTheHeadOfATableIsRepeatedOnEachPage(t *testing.T) {
	doc := sampleDocument()
	for range 4 {
		doc.Events = append(doc.Events, doc.Events...)
	}
	head := catalogue().Printer("mk").T("report.column.completed")
	rows, pages := 0, texts(t, doc, "mk")
	for i, page := range pages {
		here := 0
		for j, s := range page {
			if s == "Национална обука" || strings.HasPrefix(s, "Национална обука: спречување") {
				here++
				if !strings.Contains(strings.Join(page[:j], "\n"), "\n"+head+"\n") && !strings.HasPrefix(strings.Join(page[:j], "\n"), head) {
					t.Errorf("page %d has rows without a head", i+1)
				}
			}
		}
		rows += here
	}
	if rows < 16 || len(pages) < 7 {
		t.Errorf("%d rows of one event on %d pages", rows, len(pages))
	}
}

func TestTheFootnoteStandsOnThePagesThatHaveTheAsterisk(t *testing.T) {
	for _, on := range []bool{true, false} {
		doc := sampleDocument()
		doc.Asterisk = on
		noted := 0
		for i, page := range texts(t, doc, "en") {
			all := strings.Join(page, "\n")
			star, note := strings.Contains(all, "Kosovo*"), strings.Contains(all, "\n* This designation")
			if star != note {
				t.Errorf("page %d: asterisk %v, footnote %v", i+1, star, note)
			}
			if note {
				noted++
			}
		}
		if on == (noted == 0) {
			t.Errorf("asterisks %v: footnote on %d pages", on, noted)
		}
	}
}

func TestHiddenFiguresAreExplainedAndNeverPrinted(t *testing.T) {
	doc := sampleDocument()
	all := strings.Join(slicesConcat(texts(t, doc, "en")), "\n")
	for _, want := range []string{"\n<5\n", "\nw\n", "<5: fewer than 5", "w: withheld, so that"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing", want)
		}
	}
	doc.Breakdowns = doc.Breakdowns[:1]
	if all := strings.Join(slicesConcat(texts(t, doc, "en")), "\n"); strings.Contains(all, "fewer than") || strings.Contains(all, "withheld") {
		t.Error("marks are explained that aren't there")
	}
}

func slicesConcat(pages [][]string) []string {
	var out []string
	for _, p := range pages {
		out = append(out, p...)
	}
	return out
}

func TestTheSameDocumentGivesTheSameBytes(t *testing.T) {
	frozen, err := json.Marshal(sampleDocument())
	if err != nil {
		t.Fatal(err)
	}
	var thawed Document
	if err := json.Unmarshal(frozen, &thawed); err != nil {
		t.Fatal(err)
	}
	var last []byte
	for i, doc := range []Document{sampleDocument(), thawed, thawed} {
		b, err := DrawPDF(catalogue(), doc, "sr-Cyrl")
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && !bytes.Equal(b, last) {
			t.Errorf("drawing %d is another file", i+1)
		}
		last = b
	}
}

func TestOddTextsDoNotStopAReport(t *testing.T) {
	doc := sampleDocument()
	doc.PreparedBy = "Ana 🙂 \x00 \xff " + strings.Repeat("Very ", 200)
	doc.Events[0].Title = locale.NewText("en", strings.Repeat("Nepriznatljivodugariječ", 30)+" 👍")
	doc.Events[1] = EventRow{}
	b, err := DrawPDF(catalogue(), doc, "mk")
	if err != nil || len(b) == 0 {
		t.Fatal(err)
	}
	if _, err := DrawPDF(catalogue(), Document{}, "en"); err != nil {
		t.Errorf("an empty report: %v", err)
	}
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
		t.Skipf("%s is not installed", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, args...).Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func TestReadersFindTheReportSoundAndItsTextComplete(t *testing.T) {
	for _, code := range catalogue().Locales() {
		b, err := DrawPDF(catalogue(), sampleDocument(), code)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "r.pdf")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "qpdf", "--check", file)
		read := strings.Split(run(t, "pdftotext", "-raw", file, "-"), "\f")
		for i, page := range texts(t, sampleDocument(), code) {
			flat := strings.Join(strings.Fields(read[i]), " ")
			for _, s := range page {
				if !strings.Contains(flat, s) {
					t.Errorf("%s page %d: %q is not read back", code, i+1, s)
				}
			}
		}
	}
}

func TestEveryTypeOfInstitutionHasAName(t *testing.T) {
	for _, code := range catalogue().Locales() {
		d := words(catalogue(), Document{}, code)
		for _, kind := range person.InstitutionTypes {
			if got := d.label("institution_type", string(kind)); strings.HasPrefix(got, "institution.") {
				t.Errorf("%s: %s is called %q", code, kind, got)
			}
		}
	}
}
