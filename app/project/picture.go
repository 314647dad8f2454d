package project

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	scale "golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"attesta/app/fault"
)

// Pictures says which pictures people may send for one purpose, and what they are told of others.
type Pictures struct {
	Field     string // of the form, beside which its faults stand
	Bytes     int    // of the file at most
	LeastSide int    // dots
	MostSide  int
	MostDots  int // of the whole picture; 4 to 8 bytes each, unpacked
	OutOfLine int // how many times as long as the other a side may be
	WebP      bool

	// Keys of what is told; Dimensions has the params Width and Height.
	TooLarge, Format, Drawing, Broken, Dimensions string
}

// Open unpacks the picture in a file: PNG, JPEG or, where it is taken, WebP, told by its content. Whether it is small
// enough is known before it is unpacked. What it refuses is an Invalid fault beside the field.
func (p Pictures) Open(file []byte) (image.Image, error) {
	if len(file) > p.Bytes {
		return nil, p.refuse(p.TooLarge)
	}
	f, ok := p.format(file)
	switch {
	case !ok && isSVG(file):
		return nil, p.refuse(p.Drawing)
	case !ok:
		return nil, p.refuse(p.Format)
	}
	conf, err := f.head(bytes.NewReader(file))
	if err != nil {
		return nil, p.refuse(p.Broken)
	}
	w, h := conf.Width, conf.Height
	if w < p.LeastSide || h < p.LeastSide || w > p.MostSide || h > p.MostSide || w*h > p.MostDots || w > p.OutOfLine*h || h > p.OutOfLine*w {
		return nil, p.refuse(p.Dimensions, "Width", w, "Height", h)
	}
	src, err := f.decode(bytes.NewReader(file))
	if err != nil {
		return nil, p.refuse(p.Broken)
	}
	return src, nil
}

// format reads one kind of file.
type format struct {
	head   func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func (p Pictures) format(file []byte) (format, bool) {
	switch http.DetectContentType(file) {
	case "image/png":
		return format{png.DecodeConfig, png.Decode}, true
	case "image/jpeg":
		return format{jpeg.DecodeConfig, jpeg.Decode}, true
	case "image/webp":
		return format{webp.DecodeConfig, webp.Decode}, p.WebP
	}
	return format{}, false
}

func (p Pictures) refuse(key string, params ...any) error {
	var form fault.Form
	form.Add(p.Field, key, params...)
	return form.Err()
}

// isSVG reports whether a file looks like a drawing, plain or packed.
func isSVG(file []byte) bool {
	head := bytes.ToLower(file[:min(len(file), 4096)])
	return bytes.Contains(head, []byte("<svg")) || bytes.HasPrefix(head, []byte("\x1f\x8b"))
}

// Flat puts a picture on white and makes it small enough to be at most so many dots wide and high.
func Flat(src image.Image, wide, high int) *image.RGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if k := min(float64(wide)/float64(w), float64(high)/float64(h)); k < 1 {
		w, h = max(1, int(float64(w)*k+.5)), max(1, int(float64(h)*k+.5))
	}
	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	if w == b.Dx() && h == b.Dy() {
		draw.Draw(flat, flat.Bounds(), src, b.Min, draw.Over)
	} else {
		scale.CatmullRom.Scale(flat, flat.Bounds(), src, b, draw.Over, nil)
	}
	return flat
}
