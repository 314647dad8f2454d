package pdf

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	_ "image/jpeg" // logos come as JPEG too
	"image/png"
)

// Image is a picture made ready for documents: without transparency, on white.
type Image struct {
	Wide, High int // pixels
	png        []byte
	sum        [sha256.Size]byte
}

// maxPixels is more than any logo needs; a picture of more is refused before it is unpacked.
const maxPixels = 16 << 20

// NewImage reads a PNG or JPEG picture.
func NewImage(b []byte) (*Image, error) {
	conf, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	if conf.Width*conf.Height > maxPixels || conf.Width < 1 || conf.Height < 1 {
		return nil, fmt.Errorf("picture of %d × %d pixels", conf.Width, conf.Height)
	}
	src, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return flatten(src, conf.Width)
}

// flatten puts a picture on white, padded on the right to a width.
func flatten(src image.Image, wide int) (*Image, error) {
	high := src.Bounds().Dy()
	flat := image.NewRGBA(image.Rect(0, 0, wide, high))
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, src.Bounds().Sub(src.Bounds().Min), src, src.Bounds().Min, draw.Over)
	var out bytes.Buffer
	if err := png.Encode(&out, flat); err != nil {
		return nil, fmt.Errorf("picture: %w", err)
	}
	return &Image{Wide: wide, High: high, png: out.Bytes(), sum: sha256.Sum256(out.Bytes())}, nil
}
