package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
)

type form string

const (
	formXLSX     form = "xlsx"
	formODS      form = "ods"
	formText     form = "text"
	formOLE      form = "ole"
	formPDF      form = "pdf"
	formWebPage  form = "html"
	formEmpty    form = "empty"
	formBadZip   form = "badzip"
	formUnknown  form = "unknown"
	odsMediaType      = "application/vnd.oasis.opendocument.spreadsheet"
)

func readAs(f form, data []byte, opts Options) (*Book, error) {
	switch f {
	case formXLSX:
		return readXLSX(data, opts.Limits)
	case formODS:
		return readODS(data, opts.Limits)
	case formText:
		return readText(data, opts)
	case formOLE:
		if hasUTF16(data, "EncryptedPackage") || hasUTF16(data, "EncryptionInfo") {
			return nil, ErrPassword
		}
		return nil, ErrOldExcel
	case formPDF:
		return nil, ErrPDF
	case formWebPage:
		return nil, ErrWebPage
	case formEmpty:
		return nil, ErrEmpty
	case formBadZip:
		return nil, ErrCorrupt
	}
	return nil, ErrUnsupported
}

var magics = []struct {
	start string
	form  form
}{
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", formOLE},
	{"%PDF", formPDF},
	{"PK\x03\x04", ""}, {"PK\x05\x06", ""}, // decided by what is packed
	{"\x89PNG", formUnknown}, {"\xff\xd8\xff", formUnknown}, {"GIF8", formUnknown}, {"BM", ""},
	{"\x1f\x8b", formUnknown}, {"Rar!", formUnknown}, {"7z\xbc\xaf", formUnknown}, {"{\\rtf", formUnknown},
	{"SQLite format 3", formUnknown},
}

// detect tells the form of a file by its first bytes, and of a packed one by its parts.
func detect(data []byte) form {
	if bytes.IndexFunc(bytes.TrimPrefix(data, []byte("\ufeff")), notFiller) < 0 {
		return formEmpty
	}
	for _, m := range magics {
		if m.form != "" && bytes.HasPrefix(data, []byte(m.start)) {
			return m.form
		}
	}
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("PK\x05\x06")) {
		return detectZip(data)
	}
	head := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(data[:min(len(data), 1024)]), "\ufeff")))
	for _, p := range []string{"<!doctype html", "<html", "<table", "<meta", "<head"} {
		if strings.HasPrefix(head, p) {
			return formWebPage
		}
	}
	if strings.HasPrefix(head, "<?xml") {
		if strings.Contains(head, "excel") || strings.Contains(head, "spreadsheet") {
			return formOLE
		}
		if strings.Contains(head, "html") {
			return formWebPage
		}
		return formUnknown
	}
	if isBinary(data) {
		return formUnknown
	}
	return formText
}

func detectZip(data []byte) form {
	zr, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return formBadZip
	}
	for _, f := range zr.File {
		switch strings.ToLower(strings.ReplaceAll(f.Name, "\\", "/")) {
		case "xl/workbook.xml":
			return formXLSX
		case "xl/workbook.bin":
			return formOLE // binary, to be saved in the common form too
		case "mimetype":
			if r, err := f.Open(); err == nil {
				b, _ := io.ReadAll(io.LimitReader(r, 200))
				r.Close()
				if strings.HasPrefix(string(b), odsMediaType) {
					return formODS
				}
			}
		}
	}
	return formUnknown
}

// isBinary tells data that no text editor would show: many control characters, other than in UTF-16.
func isBinary(data []byte) bool {
	if encodingByMark(data) != "" || utf16Guess(data) != "" {
		return false
	}
	odd := 0
	sample := data[:min(len(data), 64<<10)]
	for _, c := range sample {
		if c < 32 && c != '\t' && c != '\r' && c != '\n' && c != '\f' && c != 0x1a {
			odd++
		}
	}
	return odd > 8 && odd*20 > len(sample)
}

func hasUTF16(data []byte, s string) bool {
	w := make([]byte, 0, 2*len(s))
	for i := range len(s) {
		w = append(w, s[i], 0)
	}
	return bytes.Contains(data, w)
}

func notFiller(r rune) bool { return r != 0 && !strings.ContainsRune(" \t\r\n;,|", r) }
