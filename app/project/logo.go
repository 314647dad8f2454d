package project

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"net/http"

	"github.com/uptrace/bun"
	scale "golang.org/x/image/draw"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
)

// Logo is a donor's logo as it is shown: a PNG without transparency, on white, with nothing in it but its dots. Its
// digest is its address; it never changes.
type Logo struct {
	bun.BaseModel `bun:"table:donor_logos"`

	Digest    string `bun:",pk"`
	PNG       []byte `bun:"png"`
	Width     int    // dots
	Height    int
	CreatedAt db.Time
}

// What is taken as a logo, and how large it is kept: 34 by 12 millimetres on a certificate, at 600 dots an inch.
const (
	MaxLogo       = 1 << 20 // bytes of the file
	mostDots      = 8 << 20 // of a picture; 32 to 64 MB unpacked
	mostSide      = 8000
	leastSide     = 40
	keptWide      = 800
	keptHigh      = 400
	mostOutOfLine = 12 // times as wide as high, or as high as wide
)

// SetLogo gives a donor a logo: a PNG or JPEG file of at most MaxLogo bytes. Its Invalid faults stand beside the field
// logo. It wants account.Administer.
func (d *Desk) SetLogo(ctx context.Context, actor account.Actor, code string, file []byte) (*Donor, error) {
	if !actor.Can(account.Administer) {
		return nil, ErrForbidden
	}
	logo, err := newLogo(file)
	if err != nil {
		return nil, err
	}
	logo.CreatedAt = db.At(d.Clock())
	return d.changeDonor(ctx, actor, code, "set_logo", func(ctx context.Context, tx *db.Tx, o *Donor) error {
		o.Logo = logo.Digest
		_, err := tx.NewInsert().Model(logo).On("CONFLICT (digest) DO NOTHING").Returning("NULL").Exec(ctx)
		return err
	})
}

// RemoveLogo takes a donor's logo away. Documents that bear it keep it.
func (d *Desk) RemoveLogo(ctx context.Context, actor account.Actor, code string) error {
	_, err := d.changeDonor(ctx, actor, code, "remove_logo", func(_ context.Context, _ *db.Tx, o *Donor) error {
		o.Logo = ""
		return nil
	})
	return err
}

// LogoOf returns the logo with that digest.
func LogoOf(ctx context.Context, q bun.IDB, digest string) (*Logo, error) {
	var l Logo
	if err := q.NewSelect().Model(&l).Where("digest = ?", digest).Scan(ctx); err != nil {
		return nil, fmt.Errorf("logo: %w", db.One(err))
	}
	return &l, nil
}

// Path is the address of the logo with that digest, "" for none. What is there never changes.
func Path(digest string) string {
	if digest == "" {
		return ""
	}
	return "/logos/" + digest + ".png"
}

// newLogo makes a logo of a file. Whether it is small enough is known before it is unpacked.
func newLogo(file []byte) (*Logo, error) {
	if len(file) > MaxLogo {
		return nil, wrongLogo("donor.logo_too_large")
	}
	decode, conf, err := readHead(file)
	if err != nil {
		return nil, err
	}
	w, h := conf.Width, conf.Height
	if w < leastSide || h < leastSide || w > mostSide || h > mostSide || w*h > mostDots || w > mostOutOfLine*h || h > mostOutOfLine*w {
		return nil, wrongLogo("donor.logo_dimensions", "Width", w, "Height", h)
	}
	src, err := decode(bytes.NewReader(file))
	if err != nil {
		return nil, wrongLogo("donor.logo_broken")
	}
	return flatten(src)
}

// decoder unpacks a picture.
type decoder func(r *bytes.Reader) (image.Image, error)

// readHead tells by its content what a file is, and how large the picture in it would be.
func readHead(file []byte) (decoder, image.Config, error) {
	var decode decoder
	var conf image.Config
	var err error
	switch http.DetectContentType(file) {
	case "image/png":
		conf, err = png.DecodeConfig(bytes.NewReader(file))
		decode = func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) }
	case "image/jpeg":
		conf, err = jpeg.DecodeConfig(bytes.NewReader(file))
		decode = func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) }
	default:
		if isSVG(file) {
			return nil, conf, wrongLogo("donor.logo_svg")
		}
		return nil, conf, wrongLogo("donor.logo_format")
	}
	if err != nil {
		return nil, conf, wrongLogo("donor.logo_broken")
	}
	return decode, conf, nil
}

// isSVG reports whether a file looks like a drawing, plain or packed.
func isSVG(file []byte) bool {
	head := bytes.ToLower(file[:min(len(file), 4096)])
	return bytes.Contains(head, []byte("<svg")) || bytes.HasPrefix(head, []byte("\x1f\x8b"))
}

// flatten puts a picture on white, makes it as small as it is needed, and leaves nothing in it but its dots.
func flatten(src image.Image) (*Logo, error) {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if k := min(float64(keptWide)/float64(w), float64(keptHigh)/float64(h)); k < 1 {
		w, h = max(1, int(float64(w)*k+.5)), max(1, int(float64(h)*k+.5))
	}
	flat := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	if w == b.Dx() && h == b.Dy() {
		draw.Draw(flat, flat.Bounds(), src, b.Min, draw.Over)
	} else {
		scale.CatmullRom.Scale(flat, flat.Bounds(), src, b, draw.Over, nil)
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, flat); err != nil {
		return nil, fmt.Errorf("keep a logo: %w", err)
	}
	sum := sha256.Sum256(out.Bytes())
	return &Logo{Digest: hex.EncodeToString(sum[:16]), PNG: out.Bytes(), Width: w, Height: h}, nil
}

func wrongLogo(key string, params ...any) error {
	var form fault.Form
	form.Add("logo", key, params...)
	return form.Err()
}
