package pdf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// Meta is what a document says of itself. All of it ends up in the bytes: give dates from the record, not the clock.
type Meta struct {
	Title, Author, Subject string
	Lang                   string // BCP 47
	Created                time.Time
}

// producer is named in every document.
const producer = "Attesta"

// Page is one page: which ground of the stock it stands on, and what it has of its own, in parts that are painted
// between the canvases of the ground. A stock without grounds takes any number of parts.
type Page struct {
	Ground int
	Parts  []*Canvas
}

// Document returns the pages as one PDF document. It is an error if one has a letter without a glyph, or letters or
// images that the stock hasn't.
func (s *Stock) Document(meta Meta, pages ...Page) ([]byte, error) {
	d := document{stock: s, offsets: slices.Grow(slices.Clone(s.offsets), 3*len(pages))}
	d.out = append(make([]byte, 0, len(s.prefix)+4096*len(pages)+2048+20*len(s.offsets)), s.prefix...)
	for i, p := range pages {
		if err := d.page(i, p); err != nil {
			return nil, fmt.Errorf("page %d: %w", i+1, err)
		}
	}
	d.offsets[1] = len(d.out)
	d.out = fmt.Appendf(d.out, "1 0 obj\n<</Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 %.2f %.2f]>>\nendobj\n",
		d.kids, len(pages), s.wide*mm, s.high*mm)
	d.offsets[s.info] = len(d.out)
	d.out = appendInfo(d.out, s.info, meta)
	d.offsets[s.catalog] = len(d.out)
	d.out = fmt.Appendf(d.out, "%d 0 obj\n<</Type /Catalog /Pages 1 0 R /Lang %s /ViewerPreferences <</DisplayDocTitle true>>>>\nendobj\n",
		s.catalog, hexString(meta.Lang))
	d.trailer()
	return d.out, nil
}

// document is a document while it is written.
type document struct {
	stock   *Stock
	out     []byte
	offsets []int
	kids    []byte
	writer  writer
}

func (d *document) page(i int, p Page) error {
	var contents []byte
	var grounds []int
	if p.Ground < len(d.stock.grounds) {
		grounds = d.stock.grounds[p.Ground]
	}
	for j := range max(len(p.Parts), len(grounds)) {
		if j < len(grounds) {
			contents = fmt.Appendf(contents, "%d 0 R ", grounds[j])
		}
		if j >= len(p.Parts) || len(p.Parts[j].marks) == 0 {
			continue
		}
		d.writer = writer{stock: d.stock, out: d.writer.out[:0]}
		if err := d.writer.canvas(p.Parts[j]); err != nil {
			return err
		}
		contents = fmt.Appendf(contents, "%d 0 R ", len(d.offsets))
		d.offsets = append(d.offsets, len(d.out))
		d.out = appendQuick(d.out, len(d.offsets)-1, d.writer.out)
	}
	number := 3
	if i > 0 {
		number = len(d.offsets)
		d.offsets = append(d.offsets, 0)
	}
	d.offsets[number] = len(d.out)
	d.out = fmt.Appendf(d.out, "%d 0 obj\n<</Type /Page /Parent 1 0 R /Resources 2 0 R /Contents [%s]%s>>\nendobj\n", number, contents, links(d.stock, p))
	d.kids = fmt.Appendf(d.kids, "%d 0 R ", number)
	return nil
}

// links makes the QR codes of a page that hold an address a link to it, for those who read on a screen.
func links(s *Stock, p Page) string {
	var all strings.Builder
	for _, part := range p.Parts {
		for _, m := range part.marks {
			q, ok := m.(qrMark)
			if !ok || !strings.HasPrefix(q.text, "http") || strings.ContainsAny(q.text, "()\\") {
				continue
			}
			side := q.module * float64(q.code.Size)
			fmt.Fprintf(&all, "<</Type /Annot /Subtype /Link /F 4 /Border [0 0 0] /Rect [%.2f %.2f %.2f %.2f] /A <</S /URI /URI (%s)>>>>",
				q.x*mm, (s.high-q.y-side)*mm, (q.x+side)*mm, (s.high-q.y)*mm, q.text)
		}
	}
	if all.Len() == 0 {
		return ""
	}
	return " /Annots [" + all.String() + "]"
}

func appendInfo(out []byte, number int, meta Meta) []byte {
	out = fmt.Appendf(out, "%d 0 obj\n<</Producer %s", number, hexString(producer))
	for _, e := range [...][2]string{{"Title", meta.Title}, {"Author", meta.Author}, {"Subject", meta.Subject}} {
		if e[1] != "" {
			out = append(out, "\n/"+e[0]+" "+hexString(Clean(e[1]))...)
		}
	}
	date := meta.Created.UTC().Format("20060102150405")
	return append(out, "\n/CreationDate (D:"+date+"Z) /ModDate (D:"+date+"Z)>>\nendobj\n"...)
}

func (d *document) trailer() {
	start := len(d.out)
	d.out = append(d.out, "xref\n0 "...)
	d.out = strconv.AppendInt(d.out, int64(len(d.offsets)), 10)
	d.out = append(d.out, "\n0000000004 65535 f \n"...)
	for n, at := range d.offsets[1:] {
		if n == 3 { // object 4, which gofpdf used for the page that isn't there
			d.out = append(d.out, "0000000000 00001 f \n"...)
			continue
		}
		line := [...]byte{'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', ' ', '0', '0', '0', '0', '0', ' ', 'n', ' ', '\n'}
		for i := 9; at > 0; i-- {
			line[i] = byte('0' + at%10)
			at /= 10
		}
		d.out = append(d.out, line[:]...)
	}
	d.out = fmt.Appendf(d.out, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R>>\nstartxref\n%d\n", len(d.offsets), d.stock.catalog, d.stock.info, start)
	d.out = append(d.out, "%%EOF\n"...)
}

// hexString writes s as a PDF string: ASCII as it is, anything else as UTF-16 with its mark.
func hexString(s string) string {
	ascii := true
	for _, r := range s {
		ascii = ascii && r < 0x7F
	}
	if ascii {
		return fmt.Sprintf("<%X>", s)
	}
	b := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return fmt.Sprintf("<%X>", b)
}
