package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"math"
	"strconv"
	"sync"
)

// writer turns marks into the operators of a content stream.
type writer struct {
	stock   *Stock
	out     []byte
	fill    RGB
	started bool
}

// canvas writes all marks of a page. A letter without glyph or an image that the stock hasn't is an error.
func (w *writer) canvas(c *Canvas) error {
	for _, m := range c.marks {
		if err := w.mark(m); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) mark(m mark) error {
	switch m := m.(type) {
	case textMark:
		return w.text(m.Box)
	case pathMark:
		w.path(m)
	case imageMark:
		name := w.stock.images[m.image.sum]
		if name == "" {
			return fmt.Errorf("picture is not in the stock")
		}
		w.out = append(w.out, "q "...)
		w.numbers(m.w*mm, 0, 0, m.h*mm, m.x*mm, (w.stock.high-m.y-m.h)*mm)
		w.out = append(w.out, "cm /"+name+" Do Q\n"...)
	case formMark:
		w.form(m)
	case qrMark:
		w.qr(m)
	}
	return nil
}

func (w *writer) text(b Box) error {
	name, font := w.stock.faceName[b.Style.Face], w.stock.fonts.face[b.Style.Face]
	if name == "" || alphabetsOf(b.Text)&^w.stock.letters[b.Style.Face] != 0 {
		return fmt.Errorf("text with letters that the stock hasn't")
	}
	w.setFill(b.Style.Colour)
	w.out = append(w.out, "BT /"+name+" "...)
	w.numbers(b.Style.Size)
	w.out = append(w.out, "Tf "...)
	x, y := b.X*mm, (w.stock.high-b.Y)*mm
	if b.Style.Turn == 0 {
		w.numbers(x, y)
		w.out = append(w.out, "Td [<"...)
	} else {
		sin, cos := math.Sincos(b.Style.Turn * math.Pi / 180)
		half := b.W / 2 * mm
		w.numbers(cos, sin, -sin, cos, x+half-half*cos, y-half*sin)
		w.out = append(w.out, "Tm [<"...)
	}
	return w.letters(b.Text, font)
}

// letters writes the codes of a text, with the kerning between them.
func (w *writer) letters(s string, font *font) error {
	const digits = "0123456789ABCDEF"
	last := rune(0)
	for _, r := range s {
		if !font.has(r) {
			return fmt.Errorf("no glyph for %U", r)
		}
		if k := font.kern(last, r); k != 0 {
			w.out = append(w.out, '>')
			w.out = strconv.AppendInt(w.out, int64(-k), 10)
			w.out = append(w.out, '<')
		}
		w.out = append(w.out, digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
		last = r
	}
	w.out = append(w.out, ">] TJ ET\n"...)
	return nil
}

func (w *writer) path(m pathMark) {
	if m.paint.Fill != nil {
		w.setFill(*m.paint.Fill)
	}
	if m.paint.Stroke != nil {
		w.setStroke(*m.paint.Stroke, m.paint.Width, m.paint.Round)
	}
	at := m.path.at
	for _, op := range m.path.op {
		switch op {
		case 'm', 'l', 'c':
			n := 2
			if op == 'c' {
				n = 6
			}
			for i := 0; i < n; i += 2 {
				w.numbers(at[i]*mm, (w.stock.high-at[i+1])*mm)
			}
			at = at[n:]
			w.out = append(w.out, op, '\n')
		case 'r':
			w.numbers(at[0]*mm, (w.stock.high-at[1]-at[3])*mm, at[2]*mm, at[3]*mm)
			at = at[4:]
			w.out = append(w.out, "re\n"...)
		case 'h':
			w.out = append(w.out, "h\n"...)
		}
	}
	switch {
	case m.paint.Fill != nil && m.paint.Stroke != nil:
		w.out = append(w.out, "B\n"...)
	case m.paint.Stroke != nil:
		w.out = append(w.out, "S\n"...)
	default:
		w.out = append(w.out, "f\n"...)
	}
}

// qr writes the modules as whole numbers, in a space where a module is one by one and y goes down.
func (w *writer) qr(m qrMark) {
	w.setFill(RGB{})
	w.out = append(w.out, "q "...)
	w.precise(m.module*mm, 0, 0, -m.module*mm, m.x*mm, (w.stock.high-m.y)*mm)
	w.out = append(w.out, "cm\n"...)
	m.runs(func(row, col, n int) {
		w.out = strconv.AppendInt(w.out, int64(col), 10)
		w.out = append(w.out, ' ')
		w.out = strconv.AppendInt(w.out, int64(row), 10)
		w.out = append(w.out, ' ')
		w.out = strconv.AppendInt(w.out, int64(n), 10)
		w.out = append(w.out, " 1 re\n"...)
	})
	w.out = append(w.out, "f Q\n"...)
}

// form paints a form. Both spaces have their origin at the bottom of the same paper, so the matrix is turned over.
func (w *writer) form(m formMark) {
	h, k := w.stock.high, m.matrix
	w.out = append(w.out, "q "...)
	w.precise(k.A, -k.B, -k.C, k.D, (k.C*h+k.E)*mm, (h-k.D*h-k.F)*mm)
	w.out = append(w.out, "cm /"+w.stock.forms[m.form]+" Do Q\n"...)
}

func (w *writer) setFill(c RGB) {
	if !w.started || c != w.fill {
		w.colour(c)
		w.out = append(w.out, "rg\n"...)
		w.fill, w.started = c, true
	}
}

func (w *writer) setStroke(c RGB, width float64, round bool) {
	w.colour(c)
	w.out = append(w.out, "RG "...)
	w.precise(width * mm)
	if round {
		w.out = append(w.out, "w 1 J 1 j\n"...)
	} else {
		w.out = append(w.out, "w 0 J 0 j\n"...)
	}
}

func (w *writer) colour(c RGB) {
	w.precise(float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
}

// numbers writes with two decimals, a 280th of a millimetre.
func (w *writer) numbers(v ...float64) {
	for _, x := range v {
		n := int64(math.Round(x * 100))
		if n < 0 {
			w.out, n = append(w.out, '-'), -n
		}
		w.out = strconv.AppendInt(w.out, n/100, 10)
		if n %= 100; n != 0 {
			w.out = append(w.out, '.', byte('0'+n/10))
			if n%10 != 0 {
				w.out = append(w.out, byte('0'+n%10))
			}
		}
		w.out = append(w.out, ' ')
	}
}

func (w *writer) precise(v ...float64) {
	for _, x := range v {
		w.out = strconv.AppendFloat(w.out, math.Round(x*1e4)/1e4, 'f', -1, 64)
		w.out = append(w.out, ' ')
	}
}

type deflater struct {
	buf bytes.Buffer
	w   *zlib.Writer
}

var (
	deflaters      = deflatersOf(zlib.BestCompression)
	quickDeflaters = deflatersOf(zlib.BestSpeed)
)

func deflatersOf(level int) sync.Pool {
	return sync.Pool{New: func() any {
		d := &deflater{}
		d.w, _ = zlib.NewWriterLevel(&d.buf, level) // the level is one of its own
		return d
	}}
}

// appendStream appends an object with a deflated stream; dict holds further entries of its dictionary.
func appendStream(out []byte, number int, dict string, data []byte) []byte {
	return appendDeflated(&deflaters, out, number, dict, data)
}

// appendQuick is appendStream where time matters more than a few bytes. What is short stays as it is.
func appendQuick(out []byte, number int, data []byte) []byte {
	if len(data) < 600 {
		out = fmt.Appendf(out, "%d 0 obj\n<</Length %d>>\nstream\n", number, len(data))
		return append(append(out, data...), "\nendstream\nendobj\n"...)
	}
	return appendDeflated(&quickDeflaters, out, number, "", data)
}

func appendDeflated(pool *sync.Pool, out []byte, number int, dict string, data []byte) []byte {
	d := pool.Get().(*deflater)
	defer pool.Put(d)
	d.buf.Reset()
	d.w.Reset(&d.buf)
	_, _ = d.w.Write(data) // into memory
	_ = d.w.Close()
	out = strconv.AppendInt(out, int64(number), 10)
	out = append(out, " 0 obj\n<<"+dict+"/Filter /FlateDecode /Length "...)
	out = strconv.AppendInt(out, int64(d.buf.Len()), 10)
	out = append(out, ">>\nstream\n"...)
	out = append(out, d.buf.Bytes()...)
	return append(out, "\nendstream\nendobj\n"...)
}
