package pdf

import (
	"fmt"
	"strconv"
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

// Document returns the canvases as the pages of one PDF document. It is an error if one has a letter without a glyph,
// or letters or images that the stock hasn't.
func (s *Stock) Document(meta Meta, pages ...*Canvas) ([]byte, error) {
	first := len(s.offsets) // number of the first page's contents
	offsets := make([]int, first, first+2*len(pages))
	copy(offsets, s.offsets)
	out := make([]byte, len(s.prefix), len(s.prefix)+8192*len(pages)+1024)
	copy(out, s.prefix)
	var kids []byte
	var w writer
	for i, c := range pages {
		w = writer{stock: s, out: w.out[:0]}
		if err := w.canvas(c); err != nil {
			return nil, fmt.Errorf("page %d: %w", i+1, err)
		}
		content := len(offsets)
		offsets = append(offsets, len(out))
		out = appendStream(out, content, "", w.out)
		page := 3
		if i > 0 {
			page = len(offsets)
			offsets = append(offsets, 0)
		}
		offsets[page] = len(out)
		out = fmt.Appendf(out, "%d 0 obj\n<</Type /Page /Parent 1 0 R /Resources 2 0 R /Contents [4 0 R %d 0 R]>>\nendobj\n", page, content)
		kids = fmt.Appendf(kids, "%d 0 R ", page)
	}
	offsets[1] = len(out)
	out = fmt.Appendf(out, "1 0 obj\n<</Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 %.2f %.2f]>>\nendobj\n",
		kids, len(pages), s.wide*mm, s.high*mm)
	offsets[s.info] = len(out)
	out = appendInfo(out, s.info, meta)
	offsets[s.catalog] = len(out)
	out = fmt.Appendf(out, "%d 0 obj\n<</Type /Catalog /Pages 1 0 R /Lang %s /ViewerPreferences <</DisplayDocTitle true>>>>\nendobj\n",
		s.catalog, hexString(meta.Lang))
	return s.appendTrailer(out, offsets), nil
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

func (s *Stock) appendTrailer(out []byte, offsets []int) []byte {
	start := len(out)
	out = append(out, "xref\n0 "...)
	out = strconv.AppendInt(out, int64(len(offsets)), 10)
	out = append(out, "\n0000000000 65535 f \n"...)
	for _, at := range offsets[1:] {
		line := [...]byte{'0', '0', '0', '0', '0', '0', '0', '0', '0', '0', ' ', '0', '0', '0', '0', '0', ' ', 'n', ' ', '\n'}
		for i := 9; at > 0; i-- {
			line[i] = byte('0' + at%10)
			at /= 10
		}
		out = append(out, line[:]...)
	}
	out = fmt.Appendf(out, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R>>\nstartxref\n%d\n", len(offsets), s.catalog, s.info, start)
	return append(out, "%%EOF\n"...)
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
