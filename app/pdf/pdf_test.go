package pdf

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func fontsFor(t testing.TB, lang string) *Fonts {
	t.Helper()
	f, err := FontsFor(lang)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// alphabet is every letter of the eight languages, and what names of the region and its documents bring along.
const alphabet = "ABCČĆDĐEFGHIJKLMNOPQRSŠŚTUVWXYZŽŹabcčćdđefghijklmnopqrsšśtuvwxyzžźÇËçëǵḱǴḰàéîöüñßøåłńęőű" +
	"АБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШабвгдђежзијклљмнњопрстћуфхцчџшЃЅЌЀЍѓѕќѐѝЙЪЬЫЭЮЯЩйъьыэюящҐґєіїў" +
	"ǄǅǆǇǈǉǊǋǌĲĳΑΒΓαβγ0123456789 .,:;!?()[]/-–—„“”‘’‚…·•*№€%<>+=\u00a0\u2011"

func TestTheFacesHaveEveryLetterOfTheRegion(t *testing.T) {
	for _, lang := range []string{"en", "mk"} {
		for face := range faces {
			if missing := fontsFor(t, lang).Missing(face, alphabet); len(missing) > 0 {
				t.Errorf("%s face %d lacks %q", lang, face, string(missing))
			}
		}
	}
	if got := string(fontsFor(t, "en").Missing(Serif, "Ana 🙂 A\u0489 🙂")); got != "🙂\u0489" {
		t.Errorf("missing %q", got)
	}
}

func TestSerbianAndMacedonianHaveTheirOwnBe(t *testing.T) {
	for face := range faces {
		common, own := outline(t, "en", face), outline(t, "sr-Cyrl", face)
		if bytes.Equal(common, own) {
			t.Errorf("face %d draws the letter be alike", face)
		}
	}
	if fontsFor(t, "mk") != fontsFor(t, "sr-Cyrl") || fontsFor(t, "sr-Latn") != fontsFor(t, "en") {
		t.Error("a language has the wrong faces")
	}
}

// outline returns the embedded font of a document that has only that letter.
func outline(t *testing.T, lang string, face Face) []byte {
	t.Helper()
	f := fontsFor(t, lang)
	c := NewCanvas(f, 50, 50)
	c.Text(10, 10, "б", Style{Face: face, Size: 20})
	var l Letters
	l.Add(c)
	s, err := NewStock(f, 50, 50, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.prefix
}

func TestTextIsDrawnNormalisedAndWithoutControls(t *testing.T) {
	for in, want := range map[string]string{"C\u030ci": "Či", "a\x00b\nc": "a b c", "\xffx": "?x", "Đ\u2028đ": "Đ đ"} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := fontsFor(t, "en").Drawable(Sans, "ok 🙂"); got != "ok ?" {
		t.Errorf("drawable %q", got)
	}
}

func TestTiesHoldWhatBelongsTogether(t *testing.T) {
	for in, want := range map[string]string{
		"у Београду и Нишу":              "у~Београду и~Нишу",
		"19–20. септембра 2022. године.": "19–20.~септембра~2022.~године.",
		"30. октобра – 2. новембра 2022": "30.~октобра~– 2.~новембра~2022",
		"16. – 17. svibnja 2022. godine": "16.~–~17.~svibnja~2022.~godine",
		"9 ноември 2022 г.":              "9~ноември~2022~г.",
		"a i o knjizi":                   "a~i~o~knjizi",
		"12 h":                           "12~h",
		"Within the project":             "Within the project",
	} {
		if got := strings.ReplaceAll(Tie(in), "\u00a0", "~"); got != want {
			t.Errorf("%q is tied %q, want %q", in, got, want)
		}
	}
}

func TestBalancedLinesAreAsManyAndNoWordIsLeftAlone(t *testing.T) {
	f := fontsFor(t, "en")
	text := "attended the national training “Countering the smuggling of migrants in the Western Balkans”, held in Belgrade, Serbia, in September"
	for measure := 60.0; measure < 260; measure += 7 {
		greedy, balanced := f.Wrap(Sans, 13, measure, text), f.Balance(Sans, 13, measure, text)
		if strings.Join(balanced, " ") != text && strings.Join(balanced, " ") != strings.Replace(text, "in September", "in\u00a0September", 1) {
			t.Errorf("measure %.0f: %q", measure, balanced)
		}
		if last := balanced[len(balanced)-1]; len(balanced) > 1 && !strings.ContainsAny(last, " \u00a0") {
			t.Errorf("measure %.0f: %q stands alone", measure, last)
		}
		if len(balanced) > len(greedy)+1 {
			t.Errorf("measure %.0f: %d lines became %d", measure, len(greedy), len(balanced))
		}
		for _, line := range balanced {
			if w := f.Width(Sans, 13, line); w > measure+.01 {
				t.Errorf("measure %.0f: %q is %.1f wide", measure, line, w)
			}
		}
	}
}

func TestWrappingLosesNothing(t *testing.T) {
	f := fontsFor(t, "mk")
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(strings.Fields(Clean(rapid.StringMatching(`[a-zčА-ш0-9 .\-]{0,200}`).Draw(t, "text"))), " ")
		measure := rapid.Float64Range(8, 200).Draw(t, "measure")
		for name, lines := range map[string][]string{"wrap": f.Wrap(Sans, 11, measure, text), "fill": f.Fill(Sans, 11, measure, text)} {
			bare := func(s string) string { return strings.NewReplacer(" ", "", "\u00a0", "").Replace(s) }
			if got := bare(strings.Join(lines, "")); got != bare(text) {
				t.Fatalf("%s of %q gives %q", name, text, lines)
			}
			for _, line := range lines {
				if w := f.Width(Sans, 11, line); name == "fill" && w > measure+.1 {
					t.Fatalf("%q is %.1f wide, the measure %.1f", line, w, measure)
				}
			}
		}
	})
}

func TestTheEmblemHasTheGeometryOfTheGuide(t *testing.T) {
	c := NewCanvas(fontsFor(t, "en"), 100, 100)
	c.EUEmblem(10, 20, 18)
	stars := c.marks[1].(pathMark)
	if n := bytes.Count(stars.path.op, []byte{'m'}); n != 12 {
		t.Fatalf("%d stars", n)
	}
	for i := range 12 {
		// a star's ten corners begin with its upper point, a radius above its centre
		x, y := stars.path.at[20*i], stars.path.at[20*i+1]+1
		hour := float64(i) * math.Pi / 6
		if math.Hypot(x-(10+13.5+6*math.Sin(hour)), y-(20+9-6*math.Cos(hour))) > 1e-9 {
			t.Errorf("star %d stands at %.3f, %.3f", i, x, y)
		}
	}
}

func picture(t *testing.T, wide int, c color.Color) *Image {
	t.Helper()
	im := image.NewNRGBA(image.Rect(0, 0, wide, 20))
	for x := range wide / 2 {
		im.Set(x, 5, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	made, err := NewImage(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestDocumentsAreReproducibleWhateverTheOrderOfMaps(t *testing.T) {
	var first []byte
	for range 8 {
		f := NewFlow(fontsFor(t, "hr"), Portrait, func(c *Canvas, page, pages int) {
			c.Text(20, 285, "x", Style{Size: 8})
		})
		for i, colour := range []color.Color{color.Black, color.NRGBA{200, 0, 0, 128}, color.NRGBA{0, 0, 200, 255}} {
			im := picture(t, 40, colour)
			f.Picture(im)
			f.Canvas().Image(im, 20, 30+25*float64(i), 40, 20)
		}
		f.Paragraph("Čekaj", Style{Face: Serif, Size: 12}, 5)
		b, err := f.Document(Meta{Title: "Č", Lang: "hr", Created: time.Unix(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if !bytes.Equal(b, first) {
			t.Fatal("drawn again it is another file")
		}
	}
}

func TestStocksMayBeSharedByGoroutines(t *testing.T) {
	c := NewCanvas(fontsFor(t, "en"), 100, 100)
	c.Text(10, 10, "Ana", Style{Size: 10})
	var l Letters
	l.Add(c)
	stock, err := NewStock(c.Fonts(), 100, 100, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := stock.Document(Meta{Lang: "en"}, Page{Parts: []*Canvas{c}}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func TestWhatTheStockHasNotIsAnError(t *testing.T) {
	f := fontsFor(t, "en")
	latin := NewCanvas(f, 100, 100)
	latin.Text(1, 1, "a", Style{Size: 9})
	var l Letters
	l.Add(latin)
	stock, err := NewStock(f, 100, 100, l, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, mark := range map[string]func(c *Canvas){
		"letters": func(c *Canvas) { c.Text(1, 1, "ж", Style{Size: 9}) },
		"face":    func(c *Canvas) { c.Text(1, 1, "a", Style{Face: Serif, Size: 9}) },
		"emoji":   func(c *Canvas) { c.Text(1, 1, "a🙂", Style{Size: 9}) },
		"image":   func(c *Canvas) { c.Image(picture(t, 4, color.Black), 1, 1, 2, 2) },
	} {
		c := NewCanvas(f, 100, 100)
		mark(c)
		if b, err := stock.Document(Meta{}, Page{Parts: []*Canvas{c}}); err == nil || b != nil {
			t.Errorf("%s: %d bytes, %v", name, len(b), err)
		}
	}
	if _, err := NewImage([]byte("no picture")); err == nil {
		t.Error("what is no picture is read as one")
	}
}

func TestTablesBreakBetweenRowsAndRepeatTheirHead(t *testing.T) {
	f := NewFlow(fontsFor(t, "en"), Portrait, nil)
	table := Table{Look: Look{Size: 10, Leading: 4.5}, Columns: []Column{{Head: "Name", Share: 1}, {Head: "Number", Share: 1, Align: Right}},
		Total: []Cell{{Text: "Total"}, {Text: "80"}}}
	for range 80 {
		table.Rows = append(table.Rows, []Cell{{Text: "row", Note: "note"}, {Text: "1"}})
	}
	f.Table(table)
	rows := 0
	for i, c := range f.Canvases() {
		var right []float64
		for _, b := range c.Boxes() {
			if b.Text == "row" {
				rows++
			}
			if b.Text == "1" {
				right = append(right, math.Round((b.X+b.W)*100)/100)
			}
			if b.Bottom() > Portrait.High-Portrait.Bottom {
				t.Errorf("page %d: %q stands in the margin", i+1, b.Text)
			}
		}
		if c.Boxes()[0].Text != "Name" {
			t.Errorf("page %d begins with %q", i+1, c.Boxes()[0].Text)
		}
		for _, x := range right {
			if x != 190 {
				t.Errorf("page %d: a number ends at %.2f", i+1, x)
			}
		}
	}
	last := f.Canvases()[len(f.Canvases())-1].Boxes()
	if rows != 80 || len(f.Canvases()) < 3 || last[len(last)-2].Text != "Total" {
		t.Errorf("%d rows on %d pages", rows, len(f.Canvases()))
	}
}

func run(t testing.TB, name string, args ...string) string {
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

func TestReadersAgreeWithOurWidths(t *testing.T) {
	f := fontsFor(t, "mk")
	flow := NewFlow(f, Portrait, nil)
	for face := range faces {
		for _, word := range []string{"Ђорђе", "ВАЉЕВО", "Đukanović", "Ǵorǵi", "1234567890", "fjällräven", "ǇILJANA"} {
			flow.Paragraph(word, Style{Face: face, Size: 20}, 9)
		}
	}
	b, err := flow.Document(Meta{Title: "Ширини", Lang: "mk", Created: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "w.pdf")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "qpdf", "--check", file)
	word := regexp.MustCompile(`xMin="([0-9.]+)" yMin="[0-9.]+" xMax="([0-9.]+)"[^>]*>([^<]+)<`)
	found := word.FindAllStringSubmatch(run(t, "pdftotext", "-bbox", file, "-"), -1)
	boxes := flow.Canvas().Boxes()
	if len(found) != len(boxes) {
		t.Fatalf("%d words, %d boxes", len(found), len(boxes))
	}
	for i, m := range found {
		got := (number(t, m[2]) - number(t, m[1])) / mm
		if m[3] != boxes[i].Text || math.Abs(got-boxes[i].W) > .05 {
			t.Errorf("%q is %.2f wide, %q %.2f", m[3], got, boxes[i].Text, boxes[i].W)
		}
	}
	said := run(t, "pdfinfo", file)
	if diff := cmp.Diff([]bool{true, true}, []bool{strings.Contains(said, "Ширини"), bytes.Contains(b, []byte("/Lang <6D6B>"))}); diff != "" {
		t.Errorf("title and language (-want +got):\n%s", diff)
	}
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
