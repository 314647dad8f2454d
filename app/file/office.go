package file

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"strings"

	"attesta/app/fault"
)

// office is a document that is an archive: of Office Open XML with a main part of that type, or open: OpenDocument.
type office struct {
	main string
	open bool
}

// How much of an archive is looked at.
const (
	maxDirectory = 2 << 20 // bytes of its table of contents
	maxPart      = 1 << 20 // bytes of a part that says what the document is
)

// check returns nil if the archive is such a document and holds no program.
func (o *office) check(ext, mime string, r io.ReaderAt, size int64) error {
	damaged := fault.New(fault.Invalid, "file.damaged", "Ending", ext)
	if !bearable(r, size) {
		return damaged
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return damaged
	}
	var says *zip.File
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		if program(name) {
			return fault.New(fault.Invalid, "file.macros", "Ending", ext)
		}
		if !o.open && name == "[content_types].xml" || o.open && name == "mimetype" {
			says = f
		}
	}
	if says == nil {
		return fault.New(fault.Invalid, "file.mismatch", "Ending", ext, "Real", ".zip")
	}
	text, err := part(says)
	if err != nil {
		return damaged
	}
	switch {
	case strings.Contains(text, "macroenabled"):
		return fault.New(fault.Invalid, "file.macros", "Ending", ext)
	case o.open && strings.TrimSpace(text) != mime, !o.open && !strings.Contains(text, o.main):
		return fault.New(fault.Invalid, "file.mismatch", "Ending", ext, "Real", ".zip")
	}
	return nil
}

// program reports whether a part of a document, its name in small letters, can run.
func program(name string) bool {
	for _, s := range []string{"vbaproject.bin", "vbadata.xml"} {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	for _, s := range []string{"basic/", "scripts/", "macrosheets/", "activex/"} {
		if strings.HasPrefix(name, s) || strings.Contains(name, "/"+s) {
			return true
		}
	}
	return false
}

// part returns the text of a part in small letters. However much it says it would become, only the beginning is
// unpacked.
func part(f *zip.File) (string, error) {
	r, err := f.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, maxPart))
	return strings.ToLower(string(b)), err
}

// bearable reports whether the archive's table of contents is small enough to be read: a real document lists some
// hundred parts.
func bearable(r io.ReaderAt, size int64) bool {
	const record, comment = 22, 1<<16 - 1
	tail := make([]byte, min(size, record+comment))
	if n, err := r.ReadAt(tail, size-int64(len(tail))); n < len(tail) && err != nil {
		return false
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < record {
		return false
	}
	end := tail[at:]
	entries, directory, from := binary.LittleEndian.Uint16(end[10:]), binary.LittleEndian.Uint32(end[12:]), binary.LittleEndian.Uint32(end[16:])
	return entries < 0xffff && directory <= maxDirectory && from < 0xffffffff
}
