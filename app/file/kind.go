package file

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"attesta/app/fault"
)

// kind is a sort of file that is taken.
type kind struct {
	mime string
	zip  *office // of formats that are archives of a known content
}

// kinds are all that is taken, by the ending of the name.
var kinds = map[string]kind{
	".pdf":  {mime: "application/pdf"},
	".docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", &office{main: "wordprocessingml.document.main+xml"}},
	".xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &office{main: "spreadsheetml.sheet.main+xml"}},
	".pptx": {"application/vnd.openxmlformats-officedocument.presentationml.presentation", &office{main: "presentationml.presentation.main+xml"}},
	".odt":  {"application/vnd.oasis.opendocument.text", &office{open: true}},
	".ods":  {"application/vnd.oasis.opendocument.spreadsheet", &office{open: true}},
	".odp":  {"application/vnd.oasis.opendocument.presentation", &office{open: true}},
	".png":  {mime: "image/png"},
	".jpg":  {mime: "image/jpeg"},
	".jpeg": {mime: "image/jpeg"},
	".txt":  {mime: "text/plain"},
	".csv":  {mime: "text/csv"},
	".mp4":  {mime: "video/mp4"},
	".mp3":  {mime: "audio/mpeg"},
}

// Endings are those of the files that are taken.
func Endings() []string {
	var all []string
	for ext := range kinds {
		all = append(all, ext)
	}
	slices.Sort(all)
	return all
}

// refused are endings that are not taken for a reason that can be told, by the key of that reason.
var refused = map[string]string{}

func init() {
	for key, endings := range map[string]string{
		"file.macros":     ".docm .dotm .xlsm .xltm .xlam .pptm .potm .ppsm .ppam .sldm .xlsb",
		"file.old_office": ".doc .dot .xls .xlt .ppt .pps .pot .rtf",
		"file.page":       ".svg .svgz .html .htm .xhtml .mht .mhtml .xml .hta .js .mjs .css",
		"file.program":    ".exe .com .scr .msi .bat .cmd .ps1 .vbs .vbe .wsf .jar .apk .app .dmg .sh .py .dll .lnk .iso .reg .url",
		"file.archive":    ".zip .rar .7z .tar .gz .tgz .bz2 .xz",
	} {
		for _, ext := range strings.Fields(endings) {
			refused[ext] = key
		}
	}
}

// CheckName returns the Invalid fault that says why a file of that name isn't taken, whatever is in it, or nil.
func CheckName(name string) error {
	ext := Ending(name)
	if _, ok := kinds[ext]; ok {
		return nil
	}
	switch key := refused[ext]; {
	case key != "":
		return fault.New(fault.Invalid, key, "Ending", ext)
	case ext == "":
		return fault.New(fault.Invalid, "file.no_ending")
	}
	return fault.New(fault.Invalid, "file.unknown", "Ending", ext)
}

// head is how much of a file is read to tell what it is.
const head = 8 << 10

// Mime returns the media type of a file by its content, which must be what the ending of its name says; otherwise an
// Invalid fault that says what it is. It unpacks no more of an archive than the few bytes that tell what it is.
func Mime(name string, r io.ReaderAt, size int64) (string, error) {
	if err := CheckName(name); err != nil {
		return "", err
	}
	first := make([]byte, min(size, head))
	if n, err := r.ReadAt(first, 0); err != nil && (!errors.Is(err, io.EOF) || n < len(first)) {
		return "", err
	}
	ext := Ending(name)
	want, got := kinds[ext], mimetype.Detect(first)
	switch {
	case want.zip != nil && bytes.HasPrefix(first, []byte("PK\x03\x04")):
		return want.mime, want.zip.check(ext, want.mime, r, size)
	case want.zip == nil && (got.Is(want.mime) || isText(want.mime) && plain(got)):
		return want.mime, nil
	}
	return "", mismatch(ext, got)
}

func isText(mime string) bool { return strings.HasPrefix(mime, "text/") }

// plain reports whether something is text for people, and no page or drawing that a browser would run.
func plain(m *mimetype.MIME) bool {
	for x := m; x != nil; x = x.Parent() {
		if x.Is("text/html") || x.Is("image/svg+xml") || x.Is("text/xml") || x.Is("application/xhtml+xml") {
			return false
		}
		if x.Is("text/plain") {
			return true
		}
	}
	return false
}

// mismatch says that the content isn't what the ending promises, and what it seems to be.
func mismatch(ext string, got *mimetype.MIME) error {
	is := got.Extension()
	if key := refused[is]; key == "file.page" || key == "file.program" {
		return fault.New(fault.Invalid, "file.disguised_"+strings.TrimPrefix(key, "file."), "Ending", ext)
	}
	if is == "" || is == ext {
		return fault.New(fault.Invalid, "file.damaged", "Ending", ext)
	}
	return fault.New(fault.Invalid, "file.mismatch", "Ending", ext, "Real", is)
}
