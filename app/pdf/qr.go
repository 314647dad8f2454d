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
	var p Path
	for row := range code.Size {
		for col := 0; col < code.Size; col++ {
			from := col
			for col < code.Size && code.Black(col, row) {
				col++
			}
			if col > from {
				p.Rect(x+float64(from)*module, y+float64(row)*module, float64(col-from)*module, module)
			}
		}
	}
	c.Path(p, Paint{Fill: &RGB{}})
	return module, nil
}
