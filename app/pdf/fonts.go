package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"attesta/static"
)

// Face is one of the faces of the house.
type Face int

// The faces: Sans for running text, SansBold for what is stressed, Serif (semibold) for names and titles.
const (
	Sans Face = iota
	SansBold
	Serif
	faces
)

// mm is a millimetre in points.
const mm = 72 / 25.4

var fontFiles = [faces]string{"sans-400", "sans-600", "serif-600"}

// Fonts is the set of faces for texts in one language. It may be shared between goroutines.
type Fonts struct {
	name string // distinguishes the sets, part of the key of a Stock
	face [faces]*font
}

var (
	commonFonts  = sync.OnceValues(func() (*Fonts, error) { return loadFonts("common", "") })
	serbianFonts = sync.OnceValues(func() (*Fonts, error) { return loadFonts("serbian", "-sr") })
)

// FontsFor returns the faces for a document in a language (its BCP 47 tag). Serbian in Cyrillic and Macedonian get
// their own form of the letter be; the program that reads the document can't choose it, as nothing tells it to.
func FontsFor(lang string) (*Fonts, error) {
	switch lang {
	case "sr", "sr-Cyrl", "mk":
		return serbianFonts()
	}
	return commonFonts()
}

func loadFonts(name, suffix string) (*Fonts, error) {
	f := &Fonts{name: name}
	for i, file := range fontFiles {
		b, err := fs.ReadFile(static.Files, "fonts/"+file+suffix+".ttf")
		if err != nil {
			return nil, fmt.Errorf("font of documents: %w", err)
		}
		if f.face[i], err = parseFont(b); err != nil {
			return nil, fmt.Errorf("font %s%s: %w", file, suffix, err)
		}
	}
	return f, nil
}

// Width returns how wide s is set in a face at a size in points, in millimetres.
func (f *Fonts) Width(face Face, size float64, s string) float64 {
	return float64(f.face[face].units(s)) * size / 1000 / mm
}

// Missing returns the letters of s that the face has no glyph for, each once, in the order of s. Anything above U+FFFF
// (an emoji) is among them.
func (f *Fonts) Missing(face Face, s string) []rune {
	var missing []rune
	seen := map[rune]bool{}
	for _, r := range Clean(s) {
		if !f.face[face].has(r) && !seen[r] {
			seen[r] = true
			missing = append(missing, r)
		}
	}
	return missing
}

// font is one TrueType file with the advance widths of its letters and how pairs of them are kerned, in thousandths of
// the size.
type font struct {
	file  []byte
	width [1 << 16]uint16 // noGlyph where there is none
	pairs map[uint32]int16
}

const noGlyph = 0xFFFF

func (f *font) has(r rune) bool { return r >= 0 && r <= 0xFFFF && f.width[r] != noGlyph }

func (f *font) units(s string) int {
	n := 0
	last := rune(0)
	for _, r := range s {
		if f.has(r) {
			n += int(f.width[r]) + f.kern(last, r)
		}
		last = r
	}
	return n
}

// kern is by how much b moves away from a before it.
func (f *font) kern(a, b rune) int {
	if a > 0x4FF && a < 0x2000 || b > 0x4FF && b < 0x2000 || a <= ' ' || b <= ' ' {
		return 0
	}
	return int(f.pairs[pair(a, b)])
}

func pair(a, b rune) uint32 { return uint32(a)<<16 | uint32(b)&0xFFFF }

var errFont = errors.New("not a TrueType font as static/fonts/make.py writes it")

// parseFont reads the advance widths by letter, hmtx through cmap format 4, and the kern table. gofpdf reads the same
// widths but doesn't tell a letter that isn't there from one of the default width.
func parseFont(b []byte) (f *font, err error) {
	defer func() {
		if recover() != nil {
			f, err = nil, errFont
		}
	}()
	table := map[string][]byte{}
	u16 := func(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
	u32 := func(b []byte, at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	for i := range u16(b, 4) {
		entry := b[12+16*i:]
		table[string(entry[:4])] = b[u32(entry, 8):][:u32(entry, 12)]
	}
	upm, metrics := u16(table["head"], 18), u16(table["hhea"], 34)
	advance := func(glyph int) uint16 {
		return uint16((u16(table["hmtx"], 4*min(glyph, metrics-1))*1000 + upm/2) / upm)
	}
	f = &font{file: b}
	for r := range f.width {
		f.width[r] = noGlyph
	}
	cmap := table["cmap"]
	for i := range u16(cmap, 2) {
		sub := cmap[u32(cmap, 4+8*i+4):]
		if u16(cmap, 4+8*i) != 3 || u16(sub, 0) != 4 {
			continue
		}
		letters := map[int][]rune{}
		mapLetters(sub, u16, func(r, glyph int) {
			f.width[r] = advance(glyph)
			letters[glyph] = append(letters[glyph], rune(r))
		})
		f.pairs = kernPairs(table["kern"], u16, letters)
		return f, nil
	}
	return nil, errFont
}

// mapLetters walks a cmap subtable of format 4.
func mapLetters(sub []byte, u16 func([]byte, int) int, found func(r, glyph int)) {
	n := u16(sub, 6)
	ends, starts := sub[14:], sub[16+n:]
	deltas, offsets := starts[n:], starts[2*n:]
	for i := 0; i < n; i += 2 {
		for r := u16(starts, i); r <= u16(ends, i) && r < 0xFFFF; r++ {
			glyph := r
			if off := u16(offsets, i); off != 0 {
				if glyph = u16(offsets, i+off+2*(r-u16(starts, i))); glyph == 0 {
					continue
				}
			}
			if glyph = (glyph + u16(deltas, i)) & 0xFFFF; glyph != 0 {
				found(r, glyph)
			}
		}
	}
}

// kernPairs reads a kern table of one subtable of format 0.
func kernPairs(kern []byte, u16 func([]byte, int) int, letters map[int][]rune) map[uint32]int16 {
	n := u16(kern, 10)
	pairs := make(map[uint32]int16, n)
	for i := range n {
		entry := kern[18+6*i:]
		for _, a := range letters[u16(entry, 0)] {
			for _, b := range letters[u16(entry, 2)] {
				pairs[pair(a, b)] = int16(u16(entry, 4))
			}
		}
	}
	return pairs
}
