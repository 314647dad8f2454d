package pdf

import (
	"fmt"

	"rsc.io/qr"
)

// QR draws text as a QR code of error correction level M in a square of a side in millimetres, without a quiet zone.
// It returns the side of a module; under 0.35 mm ordinary printers and telephones begin to fail.
func (c *Canvas) QR(x, y, side float64, text string) (module float64, err error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return 0, fmt.Errorf("QR code: %w", err)
	}
	module = side / float64(code.Size)
	c.marks = append(c.marks, qrMark{x: x, y: y, module: module, code: code, text: text})
	return module, nil
}

type qrMark struct {
	x, y, module float64
	code         *qr.Code
	text         string
}

// runs calls run for each stretch of dark modules in a row.
func (m qrMark) runs(run func(row, col, n int)) {
	for row := range m.code.Size {
		for col := 0; col < m.code.Size; col++ {
			from := col
			for col < m.code.Size && m.code.Black(col, row) {
				col++
			}
			if col > from {
				run(row, from, col-from)
			}
		}
	}
}
