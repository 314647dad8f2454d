package web

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QR is a QR code as the path of an SVG picture whose unit is a module, with its quiet zone around it.
type QR struct {
	Size int
	Path string
}

const quietZone = 4 // modules, as the standard asks

// DrawQR draws text; capitals and digits alone make the smallest code. A quarter of it may be dirty.
func DrawQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.Q)
	if err != nil {
		return QR{}, fmt.Errorf("QR code: %w", err)
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, x-from, x-from)
			}
		}
	}
	return QR{Size: code.Size + 2*quietZone, Path: path.String()}, nil
}
