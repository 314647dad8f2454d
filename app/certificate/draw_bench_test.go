package certificate

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"attesta/app/pdf"
)

// BenchmarkDraw prints how many times faster Draw is than gofpdf's own calls for the same marks, with the frame drawn
// by both and with the frame left out of the plain one, which is the harder comparison.
func BenchmarkDraw(b *testing.B) {
	s := sample()
	draw(b, s, "sr-Cyrl")
	sh, err := lay(catalogue(), s, "sr-Cyrl", Valid)
	if err != nil {
		b.Fatal(err)
	}
	plain := func(from int) time.Duration {
		const n = 10
		start := time.Now()
		for range n {
			if _, err := pdf.Plain(pdf.Meta{}, false, sh.canvases()[from:]); err != nil {
				b.Fatal(err)
			}
		}
		return time.Since(start) / n
	}
	full, bare := plain(0), plain(1)
	b.ReportAllocs()
	for b.Loop() {
		draw(b, s, "sr-Cyrl")
	}
	each := b.Elapsed() / time.Duration(b.N)
	b.ReportMetric(float64(full)/float64(each), "×plain")
	b.ReportMetric(float64(bare)/float64(each), "×plain-without-frame")
	b.ReportMetric(float64(len(draw(b, s, "sr-Cyrl"))), "bytes")
}

// BenchmarkDrawMany is a thousand certificates as one document.
func BenchmarkDrawMany(b *testing.B) {
	all := make([]Snapshot, 1000)
	var pages [][]*pdf.Canvas
	for i := range all {
		all[i] = sample()
	}
	start := time.Now()
	for _, s := range all {
		sh, err := lay(catalogue(), s, "mk", Valid)
		if err != nil {
			b.Fatal(err)
		}
		pages = append(pages, sh.canvases()[1:])
	}
	if _, err := pdf.Plain(pdf.Meta{}, false, pages...); err != nil {
		b.Fatal(err)
	}
	plain := time.Since(start)
	for b.Loop() {
		if _, err := DrawMany(catalogue(), all, "mk"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(plain)/float64(b.Elapsed()/time.Duration(b.N)), "×plain-without-frame")
}

func TestTheFastWayLooksLikeThePlainOne(t *testing.T) {
	dir := t.TempDir()
	s := sample(inPristina("female"))
	sh, err := lay(catalogue(), s, "sq", Valid)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := pdf.Plain(pdf.Meta{}, true, sh.canvases())
	if err != nil {
		t.Fatal(err)
	}
	var text [2]string
	var pixels [2][]byte
	for i, b := range [][]byte{plain, draw(t, s, "sq")} {
		file := filepath.Join(dir, string(rune('a'+i)))
		if err := os.WriteFile(file+".pdf", b, 0o600); err != nil {
			t.Fatal(err)
		}
		text[i] = run(t, "pdftotext", "-raw", file+".pdf", "-")
		// up to the QR code, whose modules the two round differently
		run(t, "pdftoppm", "-r", "60", "-x", "0", "-y", "0", "-W", "585", "-H", "497", "-gray", "-singlefile", file+".pdf", file)
		if pixels[i], err = os.ReadFile(file + ".pgm"); err != nil {
			t.Fatal(err)
		}
	}
	if text[0] != text[1] {
		t.Errorf("plain says\n%s\nfast says\n%s", text[0], text[1])
	}
	if n := len(pixels[0]); n != len(pixels[1]) || bytes.Equal(pixels[0], bytes.Repeat(pixels[0][:1], n)) {
		t.Fatal("pictures of different size")
	}
	far := 0
	for i := range pixels[0] {
		if d := int(pixels[0][i]) - int(pixels[1][i]); d > 48 || d < -48 {
			far++
		}
	}
	if far > 100 {
		t.Errorf("%d of %d pixels differ", far, len(pixels[0]))
	}
}
