package project

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image/png"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
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
	MaxLogo  = 1 << 20 // bytes of the file
	keptWide = 800
	keptHigh = 400
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

// logos are the pictures that are taken as logos.
var logos = Pictures{
	Field: "logo", Bytes: MaxLogo, LeastSide: 40, MostSide: 8000, MostDots: 8 << 20, OutOfLine: 12,
	TooLarge: "donor.logo_too_large", Format: "donor.logo_format", Drawing: "donor.logo_svg", Broken: "donor.logo_broken", Dimensions: "donor.logo_dimensions",
}

// newLogo makes a logo of a file: on white, as small as it is needed, and nothing in it but its dots.
func newLogo(file []byte) (*Logo, error) {
	src, err := logos.Open(file)
	if err != nil {
		return nil, err
	}
	flat := Flat(src, keptWide, keptHigh)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, flat); err != nil {
		return nil, fmt.Errorf("keep a logo: %w", err)
	}
	sum := sha256.Sum256(out.Bytes())
	return &Logo{Digest: hex.EncodeToString(sum[:16]), PNG: out.Bytes(), Width: flat.Rect.Dx(), Height: flat.Rect.Dy()}, nil
}
