package file_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"attesta/app/fault"
	"attesta/app/file"
)

const (
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	odt  = "application/vnd.oasis.opendocument.text"
)

// archive makes a zip of parts, given in pairs of name and content; the first is stored, not packed.
func archive(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		h := &zip.FileHeader{Name: parts[i], Method: zip.Deflate}
		if i == 0 {
			h.Method = zip.Store
		}
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(w, parts[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func contentTypes(main string) string {
	return `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.` + main + `"/></Types>`
}

func word(t testing.TB, more ...string) []byte {
	t.Helper()
	return archive(t, append([]string{"[Content_Types].xml", contentTypes("wordprocessingml.document.main+xml"), "word/document.xml", "<w/>"}, more...)...)
}

func TestAFileIsWhatItsContentSays(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00"
	jpeg, mp4, mp3 := "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "ID3\x03\x00\x00\x00\x00\x00\x00"
	for _, row := range []struct{ name, content, want string }{
		{"a.pdf", "%PDF-1.7\n%âãÏÓ\n", "application/pdf"}, {"A.PDF", "%PDF-1.4\n", "application/pdf"},
		{"a.docx", string(word(t)), docx},
		{"a.xlsx", string(archive(t, "[Content_Types].xml", contentTypes("spreadsheetml.sheet.main+xml"), "xl/workbook.xml", "")), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"a.pptx", string(archive(t, "[Content_Types].xml", contentTypes("presentationml.presentation.main+xml"), "ppt/presentation.xml", "")), "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
		{"a.odt", string(archive(t, "mimetype", odt, "content.xml", "<x/>")), odt},
		{"a.png", png, "image/png"}, {"a.jpg", jpeg, "image/jpeg"}, {"a.jpeg", jpeg, "image/jpeg"}, {"a.mp4", mp4, "video/mp4"}, {"a.mp3", mp3, "audio/mpeg"},
		{"a.txt", "Добар дан\n", "text/plain"}, {"a.txt", `{"a": 1}`, "text/plain"}, {"a.txt", "\xd0\xf0\xe6\x20\x9a\n", "text/plain"}, {"a.csv", "a;b\n1;2\n", "text/csv"}, {"a.csv", "a,b\n1,2\n", "text/csv"},

		{"a.pdf", string(archive(t, "x.txt", "x")), "file.mismatch .pdf .zip"}, {"a.pdf", string(word(t)), "file.mismatch .pdf .docx"},
		{"a.docx", "%PDF-1.7\n", "file.mismatch .docx .pdf"}, {"a.docx", string(archive(t, "x.txt", "x")), "file.mismatch .docx .zip"},
		{"a.xlsx", string(word(t)), "file.mismatch .xlsx .zip"}, {"a.odt", string(archive(t, "mimetype", "application/zip")), "file.mismatch .odt .zip"},
		{"a.png", jpeg, "file.mismatch .png .jpg"}, {"a.pdf", "", "file.mismatch .pdf .txt"},
		{"a.pdf", "MZ\x90\x00" + strings.Repeat("\x00", 100), "file.disguised_program .pdf"}, {"a.txt", "\x7fELF\x02\x01\x01", "file.damaged .txt"},
		{"a.png", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "file.disguised_page .png"},
		{"a.txt", "<!DOCTYPE html><script>alert(1)</script>", "file.disguised_page .txt"}, {"a.csv", "<html><script>", "file.disguised_page .csv"},
		{"a.txt", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`, "file.disguised_page .txt"},
		{"a.docx", string(word(t, "word/vbaProject.bin", "x")), "file.macros .docx"}, {"a.docx", string(word(t, "word/activeX/activeX1.bin", "x")), "file.macros .docx"},
		{"a.docx", string(archive(t, "[Content_Types].xml", "application/vnd.ms-word.document.macroEnabled.main+xml")), "file.macros .docx"},
		{"a.odt", string(archive(t, "mimetype", odt, "Basic/Standard/x.xml", "x")), "file.macros .odt"}, {"a.odt", string(archive(t, "mimetype", odt, "Scripts/python/x.py", "x")), "file.macros .odt"},
		{"a.docx", string(word(t)[:100]), "file.damaged .docx"}, {"a.docx", "PK\x03\x04", "file.damaged .docx"},

		{"a.svg", "x", "file.page .svg"}, {"a.HTML", "x", "file.page .html"}, {"a.exe", "x", "file.program .exe"}, {"report.pdf.exe", "%PDF-1.7", "file.program .exe"},
		{"a.docm", "x", "file.macros .docm"}, {"a.doc", "x", "file.old_office .doc"}, {"a.zip", "x", "file.archive .zip"}, {"a.xyz", "x", "file.unknown .xyz"}, {"a", "%PDF-1.7", "file.no_ending"},
	} {
		got, err := file.Mime(row.name, strings.NewReader(row.content), int64(len(row.content)))
		if f := fault.From(err); f != nil {
			got = strings.TrimSpace(f.Key + " " + text(f.Params["Ending"]) + " " + text(f.Params["Real"]))
		} else if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		if strings.TrimSpace(got) != row.want {
			t.Errorf("%s with %.40q: %q, want %q", row.name, row.content, got, row.want)
		}
	}
}

func text(v any) string { s, _ := v.(string); return s }

// TestNoArchiveIsUnpackedBeyondAFewBytes asks of documents whose parts say what they are, and become gigabytes, or of
// which the table of contents is the bomb.
func TestNoArchiveIsUnpackedBeyondAFewBytes(t *testing.T) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	w, err := z.Create("[Content_Types].xml")
	if err != nil {
		t.Fatal(err)
	}
	zero := make([]byte, 1<<20)
	for range 512 {
		if _, err := w.Write(zero); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	many := archive(t, "[Content_Types].xml", contentTypes("wordprocessingml.document.main+xml"))
	end := many[bytes.LastIndex(many, []byte("PK\x05\x06")):]
	binary.LittleEndian.PutUint32(end[12:], 64<<20)
	many64 := bytes.Clone(many)
	binary.LittleEndian.PutUint16(many64[len(many64)-12:], 0xffff)
	for name, content := range map[string][]byte{"a part of 512 MB": packed.Bytes(), "a table of 64 MB": many, "a table without end": many64} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := file.Mime("bomb.docx", bytes.NewReader(content), int64(len(content)))
		runtime.ReadMemStats(&after)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Errorf("%s took %d MB", name, used>>20)
		}
	}
}

func TestANameIsCleanedBeforeAnybodySeesIt(t *testing.T) {
	for name, want := range map[string]string{
		"Lecture 1.pdf": "Lecture 1.pdf", "Предавање.pdf": "Предавање.pdf", "C:\\Users\\x\\a.pdf": "a.pdf", "../../etc/passwd.txt": "passwd.txt", "a/b/": "",
		"a\x00b\r\nc.pdf": "a_b__c.pdf", "evil\u202efdp.exe": "evilfdp.exe", "\ufeffa\u200b.pdf": "a.pdf", "..": "", ".pdf": "pdf", "   a  .pdf ": "a.pdf", `a<b>:"|?*.pdf`: "a_b______.pdf",
		"Z\u030cupanija.pdf": "Županija.pdf", "a.pdf. . .": "a.pdf", strings.Repeat("ш", 300) + ".pdf": strings.Repeat("ш", 116) + ".pdf", "a\xff.pdf": "a_.pdf",
		"x." + strings.Repeat("y", 300): "x." + strings.Repeat("y", 118),
	} {
		if got := file.CleanName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}

func FuzzMime(f *testing.F) {
	f.Add("a.docx", word(f))
	f.Add("a.odt", archive(f, "mimetype", odt))
	f.Add("a.pdf", []byte("%PDF-1.7"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		mime, err := file.Mime(file.CleanName(name), bytes.NewReader(content), int64(len(content)))
		if err == nil && (mime == "" || strings.Contains(mime, "html") || strings.Contains(mime, "svg")) {
			t.Errorf("%q is %q", name, mime)
		}
		if err != nil && fault.KindOf(err) != fault.Invalid {
			t.Error(err)
		}
	})
}
