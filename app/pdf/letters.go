package pdf

// Letters is which letters a document has in each face, rounded up to whole alphabets: so that nearly all documents of
// one kind share one Stock, and so that the bytes of a document never depend on which was drawn before.
type Letters [faces]uint16

// alphabets are the blocks that faces are cut by.
var alphabets = [...][][2]rune{
	{{0x20, 0x7E}, {0xA0, 0xA0}, {0xAB, 0xAB}, {0xBB, 0xBB}, {0xB7, 0xB7}, {0x2010, 0x2015}, {0x2018, 0x201E}, {0x2022, 0x2022}, {0x2026, 0x2026}},
	{{0xC7, 0xC7}, {0xCB, 0xCB}, {0xE7, 0xE7}, {0xEB, 0xEB}, {0x106, 0x107}, {0x10C, 0x10D}, {0x110, 0x111}, {0x15A, 0x15B}, {0x160, 0x161}, {0x179, 0x17A}, {0x17D, 0x17E}},
	{{0x402, 0x403}, {0x405, 0x405}, {0x408, 0x40C}, {0x40F, 0x418}, {0x41A, 0x428}, {0x430, 0x438}, {0x43A, 0x448}, {0x452, 0x453}, {0x455, 0x455}, {0x458, 0x45C}, {0x45F, 0x45F}, {0x2116, 0x2116}},
	{{0xA1, 0x17F}},
	{{0x180, 0x24F}, {0x1E00, 0x1EFF}},
	{{0x400, 0x45F}, {0x490, 0x491}},
	{{0x370, 0x3FF}},
	{{0x300, 0x36F}},
	{{0x2000, 0x2BFF}},
}

// Join takes up what another has.
func (l *Letters) Join(other Letters) {
	for face := range l {
		l[face] |= other[face]
	}
}

// Add takes up the letters of a canvas and of the forms on it.
func (l *Letters) Add(c *Canvas) {
	for _, m := range c.marks {
		if t, ok := m.(textMark); ok {
			l[t.Style.Face] |= alphabetsOf(t.Text)
		}
	}
}

func alphabetsOf(s string) uint16 {
	var set uint16
	for _, r := range s {
		for i, blocks := range alphabets {
			if within(r, blocks) {
				set |= 1 << i
				break
			}
		}
	}
	return set
}

func within(r rune, blocks [][2]rune) bool {
	for _, b := range blocks {
		if r >= b[0] && r <= b[1] {
			return true
		}
	}
	return false
}

// of returns the letters of one face that it has glyphs for, each once, in order.
func (l Letters) of(f *font, face Face) string {
	var out []rune
	for r := rune(0x20); r <= 0xFFFF; r++ {
		if !f.has(r) {
			continue
		}
		for i, blocks := range alphabets {
			if l[face]&(1<<i) != 0 && within(r, blocks) {
				out = append(out, r)
				break
			}
		}
	}
	return string(out)
}
