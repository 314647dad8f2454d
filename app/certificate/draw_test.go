package certificate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/pdf"
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

// sample is the certificate of a national training in Belgrade, with everything on it.
func sample(change ...func(*Snapshot)) Snapshot {
	s := Snapshot{
		Number: "7KQ4-M9XD-2H", Kind: Attendance, HolderName: "Снежана Обрадовић", Gender: "female", Institution: "Група 484",
		EventTitle: locale.NewText("sr-Cyrl", "Сузбијање кријумчарења миграната", "sr-Latn", "Suzbijanje krijumčarenja migranata", "en", "Countering the smuggling of migrants",
			"sq", "Lufta kundër kontrabandës së migrantëve", "bs", "Suzbijanje krijumčarenja migranata", "cnr", "Suzbijanje krijumčarenja migranata",
			"hr", "Suzbijanje krijumčarenja migranata", "mk", "Спречување на криумчарењето мигранти"),
		EventType: "national_training", Country: "RS", City: "Београд", Starts: day("2022-09-19"), Ends: day("2022-09-20"), Issued: day("2022-09-26"),
		Project: locale.NewText("sr-Cyrl", "Сузбијање кријумчарења миграната на Западном Балкану", "sr-Latn", "Suzbijanje krijumčarenja migranata na Zapadnom Balkanu",
			"en", "Countering the smuggling of migrants in the Western Balkans", "sq", "Lufta kundër kontrabandës së migrantëve në Ballkanin Perëndimor",
			"bs", "Suzbijanje krijumčarenja migranata na Zapadnom Balkanu", "cnr", "Suzbijanje krijumčarenja migranata na Zapadnom Balkanu",
			"hr", "Suzbijanje krijumčarenja migranata na zapadnom Balkanu", "mk", "Спречување на криумчарењето мигранти во Западен Балкан"),
		Signatories: []Signatory{{Name: "Милица Јовић", RoleKey: "director", Gender: "female"}, {Name: "Ђорђе Станковић", RoleKey: "lead_trainer", Gender: "male"}},
		Donors:      []Donor{{Key: "eu"}, {Key: "norway_embassy", City: "Belgrade"}},
		Organisations: []Organisation{
			{Name: locale.NewText("sr-Cyrl", "Група 484", "en", "Grupa 484", "sq", "Grupa 484", "bs", "Grupa 484", "cnr", "Grupa 484", "sr-Latn", "Grupa 484", "hr", "Grupa 484", "mk", "Група 484"), Lead: true},
			{Name: locale.NewText("en", "Balkan Refugee and Migration Council", "sr-Cyrl", "Балкански савет за избеглице и миграције", "sq", "Këshilli Ballkanik për Refugjatë dhe Migracion",
				"mk", "Балкански совет за бегалци и миграции", "bs", "Balkanski savjet za izbjeglice i migracije", "cnr", "Balkanski savjet za izbjeglice i migracije",
				"sr-Latn", "Balkanski savet za izbeglice i migracije", "hr", "Balkansko vijeće za izbjeglice i migracije"), Host: true},
		},
		Asterisk: true, BaseURL: "https://attesta.example",
	}
	for _, c := range change {
		c(&s)
	}
	return s
}

// inPristina is the same training in Kosovo*, held by somebody of the given gender.
func inPristina(gender string) func(*Snapshot) {
	return func(s *Snapshot) {
		s.Country, s.City, s.Gender = "XK", "Prishtinë", gender
		s.Starts, s.Ends, s.Issued = day("2022-10-30"), day("2022-11-02"), day("2022-11-09")
	}
}

var holders = map[string]string{"female": "Valbona Hyseni", "male": "Ђорђе Ђукановић", "neutral": "Śekula Źenović"}

// canvases are the canvases of the page in the order they are painted, boxes the texts on them.
func (sh *sheet) canvases() []*pdf.Canvas {
	g := sh.design.grounds
	return []*pdf.Canvas{g[0], sh.above, g[1], sh.number, g[2]}
}

func (sh *sheet) boxes() []pdf.Box {
	var out []pdf.Box
	for _, c := range sh.canvases() {
		out = append(out, c.Boxes()...)
	}
	return out
}

func forms(t *testing.T, each func(code locale.Code, gender string, s Snapshot)) {
	t.Helper()
	for _, code := range catalogue().Locales() {
		for _, gender := range []string{"female", "male", "neutral"} {
			each(code, gender, sample(func(s *Snapshot) {
				s.Gender, s.HolderName = gender, holders[gender]
				switch gender {
				case "male":
					inPristina(gender)(s)
				case "neutral":
					s.Kind, s.Electronic, s.EventType = Completion, true, "training_of_trainers"
				}
			}))
		}
	}
}

func TestEveryLanguageAndFormReadsAsItShould(t *testing.T) {
	forms(t, func(code locale.Code, gender string, s Snapshot) {
		sh, err := lay(catalogue(), s, code, Valid)
		if err != nil {
			t.Errorf("%s %s: %v", code, gender, err)
			return
		}
		var lines []string
		for _, b := range sh.boxes() {
			lines = append(lines, b.Text)
		}
		golden(t, fmt.Sprintf("%s-%s.txt", code, gender), strings.Join(lines, "\n")+"\n")
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestNothingMeetsAndNothingLeavesThePaper(t *testing.T) {
	forms(t, func(code locale.Code, gender string, s Snapshot) { apart(t, string(code)+" "+gender, s, code) })
	for name, s := range hard() {
		for _, code := range catalogue().Locales() {
			apart(t, name+" "+string(code), s, code)
		}
	}
}

// hard are certificates at the edge of what fits.
func hard() map[string]Snapshot {
	long := "Заједничке истраге кријумчарења миграната: сарадња полиције, јавних тужилаштава, установа за прихват миграната и тражилаца азила и организација цивилног друштва у откривању и доказивању дела у региону"
	return map[string]Snapshot{
		"long": sample(inPristina("female"), func(s *Snapshot) {
			s.Kind, s.EventType = Completion, "training"
			s.HolderName = "Александра Милена Стефановић Христодуловић Поповић Радосављевић Ђурђић"
			s.Institution = "Комесаријат за избеглице и миграције Републике Србије, Сектор за прихват и збрињавање миграната, Одељење за управљање центрима за азил и прихватним центрима на југу"
			s.EventTitle = locale.NewText("sr-Cyrl", long)
			s.Project = locale.NewText("sr-Cyrl", "Сузбијање кријумчарења миграната на Западном Балкану: регионални програм обука за обучаваче")
		}),
		"longer title": sample(func(s *Snapshot) { s.EventTitle = locale.NewText("sr-Cyrl", long+": "+long) }),
		"one signatory": sample(func(s *Snapshot) {
			s.Signatories = s.Signatories[:1]
			s.Signatories[0].Role = locale.NewText("en", "Head of the Department for International Cooperation and European Integration")
		}),
		"none": sample(func(s *Snapshot) { s.Signatories, s.Hours = nil, 12 }),
		"many organisations": sample(inPristina("male"), func(s *Snapshot) {
			for _, name := range []string{"Građanska alijansa", "Udruženje „Vaša prava BiH”", "Македонско здружение на млади правници", "Center for Social and Economic Development of the Southern Regions and Islands"} {
				s.Organisations = append(s.Organisations, Organisation{Name: locale.NewText("en", name)})
			}
		}),
		"wide name": sample(func(s *Snapshot) {
			s.HolderName = "Мирослава Радосављевић-Христодуловић Петковска"
		}),
		"one word": sample(func(s *Snapshot) {
			s.HolderName = "Радосављевићхристодуловићпетковскастефановић"
		}),
		"waived": sample(func(s *Snapshot) { s.Waived, s.City, s.Country = true, "", "" }),
	}
}

func apart(t *testing.T, name string, s Snapshot, code locale.Code) {
	t.Helper()
	sh, err := lay(catalogue(), s, code, Valid)
	if err != nil {
		t.Errorf("%s: %v %+v", name, err, fault.From(err))
		return
	}
	boxes := sh.boxes()
	for i, a := range boxes {
		if a.X < 31.9 || a.X+a.W > 265.1 || a.Top() < 30 || a.Bottom() > 193 {
			t.Errorf("%s: %q leaves the text area: %.1f–%.1f × %.1f–%.1f", name, a.Text, a.X, a.X+a.W, a.Top(), a.Bottom())
		}
		if a.X+a.W > 247.5 && a.Bottom() > 158 && a.Top() < 175 {
			t.Errorf("%s: %q meets the QR code", name, a.Text)
		}
		for _, b := range boxes[:i] {
			if a.X < b.X+b.W-.01 && b.X < a.X+a.W-.01 && a.Top() < b.Bottom()-.3 && b.Top() < a.Bottom()-.3 {
				t.Errorf("%s: %q meets %q", name, a.Text, b.Text)
			}
		}
	}
}

func TestTheSameSnapshotGivesTheSameBytes(t *testing.T) {
	s := sample()
	first := draw(t, s, "sr-Latn")
	frozen, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var thawed Snapshot
	if err := json.Unmarshal(frozen, &thawed); err != nil {
		t.Fatal(err)
	}
	designs.by, designs.order = nil, nil
	stocks.by, stocks.order = nil, nil
	blanks.by, blanks.order = nil, nil
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if b, err := Draw(catalogue(), thawed, "sr-Latn"); err != nil || !bytes.Equal(b, first) {
				t.Errorf("drawn again it is another file (%v)", err)
			}
		})
	}
	wait.Wait()
}

func draw(t testing.TB, s Snapshot, code locale.Code) []byte {
	t.Helper()
	b, err := Draw(catalogue(), s, code)
	if err != nil {
		t.Fatalf("%s: %v %+v", code, err, fault.From(err))
	}
	return b
}

func TestWhatCannotBePrintedIsSaidByField(t *testing.T) {
	huge := strings.Repeat("Ана ", 2500)
	for name, c := range map[string]struct {
		field, key string
		change     func(*Snapshot)
	}{
		"emoji in the name":        {"name", "certificate.letters_missing", func(s *Snapshot) { s.HolderName = "Ana 🙂" }},
		"name of 10,000":           {"name", "certificate.name_too_long", func(s *Snapshot) { s.HolderName = huge }},
		"name of one endless word": {"name", "certificate.name_too_long", func(s *Snapshot) { s.HolderName = strings.Repeat("Ж", 90) }},
		"no name":                  {"name", "certificate.name_missing", func(s *Snapshot) { s.HolderName = " \t" }},
		"combining marks":          {"name", "certificate.letters_missing", func(s *Snapshot) { s.HolderName = "A\u0489na" }},
		"endless institution":      {"institution", "certificate.institution_too_long", func(s *Snapshot) { s.Institution = huge }},
		"institution too long":     {"institution", "certificate.institution_too_long", func(s *Snapshot) { s.Institution = huge[:800] }},
		"endless title":            {"title", "certificate.title_too_long", func(s *Snapshot) { s.EventTitle = locale.NewText("en", huge) }},
		"title of seven lines":     {"title", "certificate.title_too_long", func(s *Snapshot) { s.EventTitle = locale.NewText("en", huge[:1400]) }},
		"no title":                 {"title", "certificate.title_missing", func(s *Snapshot) { s.EventTitle = locale.Text{} }},
		"emoji in the title":       {"title", "certificate.letters_missing", func(s *Snapshot) { s.EventTitle = locale.NewText("en", "Good 👍") }},
		"three signatories":        {"signatory", "certificate.signatories_too_many", func(s *Snapshot) { s.Signatories = append(s.Signatories, s.Signatories[0]) }},
		"long signatory":           {"signatory", "certificate.signatory_too_long", func(s *Snapshot) { s.Signatories[0].Name = huge[:200] }},
		"broken logo":              {"organisation", "certificate.picture_unreadable", func(s *Snapshot) { s.Organisations[0].Logo = []byte("GIF89a") }},
		"long address":             {"address", "certificate.address_too_long", func(s *Snapshot) { s.BaseURL = "https://" + strings.Repeat("a", 90) }},
	} {
		_, err := Draw(catalogue(), sample(c.change), "mk")
		f := fault.From(err)
		if f == nil || f.Kind != fault.Invalid || f.Key != c.key || len(f.Fields) != 1 || f.Fields[0].Name != c.field {
			t.Errorf("%s: %v, want %s of %s", name, err, c.key, c.field)
			continue
		}
		if said := catalogue().Printer("mk").Fault(f); strings.Contains(said, "certificate.") || said == "" {
			t.Errorf("%s is told as %q", name, said)
		}
	}
}

func TestNamesAreNeverAlteredAndBrokenOnlyBetweenWords(t *testing.T) {
	for _, name := range []string{"Đorđe Đukanović", "Александра Милена Стефановић Христодуловић Поповић Радосављевић Ђурђић", "Мирослава Радосављевић-Христодуловић Петковска", "LJILJANA NJEŽIĆ", "ÀB"} {
		sh, err := lay(catalogue(), sample(func(s *Snapshot) { s.HolderName = name }), "sr-Cyrl", Valid)
		if err != nil {
			t.Fatal(err)
		}
		var set []string
		for _, b := range sh.boxes() {
			if b.Style.Face == 2 && b.Style.Colour == ink && b.Y < 85 {
				set = append(set, b.Text)
			}
		}
		if got := strings.ReplaceAll(strings.Join(set, " "), "- ", "-"); got != name {
			t.Errorf("%q is set as %q", name, set)
		}
	}
}

func TestAPlaceThatIsNotKnownKeepsItsNominative(t *testing.T) {
	want := map[locale.Code]string{
		"en": "held in Bela Palanka, Serbia, 19–20 September 2022.", "sq": "të mbajtur në lokalitetin Bela Palanka (Serbia), më 19–20 shtator 2022.",
		"sr-Latn": "u mestu Bela Palanka (Srbija), 19–20. septembra 2022. godine.", "hr": "u mjestu Bela Palanka (Srbija), 19. – 20. rujna 2022. godine.",
		"mk": "во Bela Palanka (Србија), 19–20 септември 2022 година.",
	}
	for code, tail := range want {
		if got := body(catalogue().Printer(code), sample(func(s *Snapshot) { s.City = "Bela Palanka" })); !strings.HasSuffix(got, tail) {
			t.Errorf("%s: %s", code, got)
		}
	}
	if got := body(catalogue().Printer("bs"), sample(func(s *Snapshot) { s.City, s.Country = "", "" })); !strings.HasSuffix(got, "” putem interneta, 19–20. septembra 2022. godine.") {
		t.Errorf("on the internet: %s", got)
	}
}

func TestTheFootnoteStandsExactlyWhereAnAsteriskStands(t *testing.T) {
	for name, c := range map[string]struct {
		s    Snapshot
		want bool
	}{
		"Pristina":              {sample(inPristina("female")), true},
		"Belgrade":              {sample(), false},
		"without asterisks":     {sample(inPristina("female"), func(s *Snapshot) { s.Asterisk = false }), false},
		"a partner in the name": {sample(func(s *Snapshot) { s.Partners = []string{"CRP, Kosovo*"} }), true},
	} {
		for _, code := range catalogue().Locales() {
			sh, err := lay(catalogue(), c.s, code, Valid)
			if err != nil {
				t.Fatal(err)
			}
			got := false
			for _, b := range sh.boxes() {
				got = got || strings.HasPrefix(b.Text, "* ")
			}
			if got != c.want {
				t.Errorf("%s %s: footnote %v", name, code, got)
			}
		}
	}
}

// tool returns the path of a program that reads PDF files. Where it is missing the test is skipped, but not in CI.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if errors.Is(err, exec.ErrNotFound) && os.Getenv("CI") != "true" {
		t.Skipf("%s is not installed", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	var complaints bytes.Buffer
	cmd := exec.Command(tool(t, name), args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, &complaints)
	}
	return string(out)
}

func TestReadersFindTheFileSoundAndTheTextComplete(t *testing.T) {
	dir := t.TempDir()
	forms(t, func(code locale.Code, gender string, s Snapshot) {
		file := filepath.Join(dir, string(code)+gender+".pdf")
		if err := os.WriteFile(file, draw(t, s, code), 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "qpdf", "--check", file)
		sh, err := lay(catalogue(), s, code, Valid)
		if err != nil {
			t.Fatal(err)
		}
		read := " " + strings.Join(strings.Fields(run(t, "pdftotext", "-raw", file, "-")), " ") + " "
		for _, b := range sh.boxes() {
			if !strings.Contains(read, " "+b.Text+" ") {
				t.Errorf("%s %s: %q is not read back", code, gender, b.Text)
			}
		}
	})
}

func TestNamesAreReadBackInBothScripts(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Open(filepath.Join("testdata", "name_pairs.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []Snapshot
	for _, row := range rows[1:] {
		for _, name := range row[:2] {
			all = append(all, sample(func(s *Snapshot) { s.HolderName = name }))
		}
	}
	if len(all) != 82 {
		t.Fatalf("%d names", len(all))
	}
	for _, code := range []locale.Code{"en", "mk"} {
		b, err := DrawMany(catalogue(), all, code)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, string(code)+".pdf")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "qpdf", "--check", file)
		pages := strings.Split(run(t, "pdftotext", "-raw", file, "-"), "\f")
		for i, s := range all {
			if !strings.Contains("\n"+pages[i], "\n"+s.HolderName+"\n") {
				t.Errorf("%s: %q is not read back from page %d", code, s.HolderName, i+1)
			}
		}
	}
}

func TestTheCodeIsReadFromThePicture(t *testing.T) {
	dir := t.TempDir()
	for _, dpi := range []string{"150", "300"} {
		file := filepath.Join(dir, "c.pdf")
		if err := os.WriteFile(file, draw(t, sample(inPristina("male")), "sq"), 0o600); err != nil {
			t.Fatal(err)
		}
		run(t, "pdftoppm", "-r", dpi, "-png", "-singlefile", file, filepath.Join(dir, "c"))
		if got := run(t, "zbarimg", "-q", "--raw", filepath.Join(dir, "c.png")); !strings.HasPrefix(got, "https://attesta.example/verify/7KQ4-M9XD-2H\n") {
			t.Errorf("at %s dpi: %q", dpi, got)
		}
	}
}

func TestWatermarksLieBeneath(t *testing.T) {
	for _, code := range catalogue().Locales() {
		for _, mark := range []Watermark{Specimen, Revoked, Duplicate} {
			marked, err := DrawMarked(catalogue(), sample(), code, mark)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(marked, draw(t, sample(), code)) {
				t.Errorf("%s %s: no watermark", code, mark)
			}
		}
	}
}

func TestShrinkingFollowsTheDrawing(t *testing.T) {
	sizes := func(change func(*Snapshot)) (name, sentence []float64, project bool) {
		sh, err := lay(catalogue(), sample(change), "sr-Cyrl", Valid)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range sh.above.Boxes() {
			if b.Style.Face == pdf.Serif {
				name = append(name, b.Style.Size)
			}
		}
		for _, b := range sh.design.grounds[1].Boxes() {
			switch {
			case b.Style.Colour == ink && b.Y < 130:
				sentence = append(sentence, b.Style.Size)
			case strings.HasPrefix(b.Text, "У оквиру"):
				project = true
			}
		}
		return name, sentence, project
	}
	for name, want := range map[string][]float64{
		"Ана Јовић": {34},
		"Александра Радосављевић Стојановић":                {31},
		"Александра Милена Радосављевић Стојановић":         {26, 26},
		"Радосављевићхристодуловићпетковскастефановић":      {23},
		strings.TrimSpace(strings.Repeat("Стојановић ", 9)): {20, 20},
	} {
		if got, _, _ := sizes(func(s *Snapshot) { s.HolderName = name }); !cmp.Equal(got, want) {
			t.Errorf("%q is set in %v pt, want %v", name, got, want)
		}
	}
	for words, want := range map[int]struct {
		size    float64
		lines   int
		project bool
	}{2: {13, 2, true}, 8: {11.5, 4, true}, 16: {10.5, 5, true}, 19: {10.5, 6, false}} {
		_, sentence, project := sizes(func(s *Snapshot) {
			s.EventTitle = locale.NewText("sr-Cyrl", strings.TrimSpace(strings.Repeat("Сузбијање кријумчарења миграната ", words)))
		})
		if sentence[0] != want.size || len(sentence) != want.lines || project != want.project {
			t.Errorf("title of %d: %v, project %v; want %d lines of %v pt, project %v", words, sentence, project, want.lines, want.size, want.project)
		}
	}
}

func TestWhateverIsTypedGivesACertificateOrAFault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sample(func(s *Snapshot) {
			s.HolderName, s.Institution = rapid.String().Draw(t, "name"), rapid.String().Draw(t, "institution")
			s.City, s.Gender = rapid.String().Draw(t, "city"), rapid.String().Draw(t, "gender")
			s.EventTitle = locale.NewText("en", rapid.String().Draw(t, "title"))
			s.Signatories[0].Name = rapid.String().Draw(t, "signatory")
			s.Partners = rapid.SliceOf(rapid.String()).Draw(t, "partners")
		})
		b, err := Draw(catalogue(), s, "bs")
		if f := fault.From(err); err != nil && (f == nil || f.Kind != fault.Invalid || b != nil) {
			t.Fatalf("%v, %d bytes", err, len(b))
		}
	})
}
