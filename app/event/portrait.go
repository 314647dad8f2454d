package event

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/project"
)

// What is taken as a portrait, and how large it is kept: 240 points of a page on a screen with two dots to a point, and
// 64 points for lists.
const (
	MaxPortrait     = 8 << 20 // bytes of the file; a telephone's picture of 12 million dots has half of that
	portraitSide    = 480
	smallSide       = 144
	portraitQuality = 80
)

var portraits = project.Pictures{
	Field: "portrait", Bytes: MaxPortrait, LeastSide: 120, MostSide: 8000, MostDots: 16 << 20, OutOfLine: 3, WebP: true,
	TooLarge: "people.portrait_too_large", Format: "people.portrait_format", Drawing: "people.portrait_svg", Broken: "people.portrait_broken",
	Dimensions: "people.portrait_dimensions",
}

// unpacking lets one portrait at a time be unpacked: each may take a quarter of a gigabyte.
var unpacking = make(chan struct{}, 1)

// SetPortrait gives a speaker a picture: a PNG, JPEG or WebP file of at most MaxPortrait bytes. Its Invalid faults stand
// beside the field portrait.
func (d *Desk) SetPortrait(ctx context.Context, actor account.Actor, code, speaker string, file []byte) error {
	if _, err := d.ForEditing(ctx, actor, code); err != nil { // before any work is done for them
		return err
	}
	p, err := newPortrait(ctx, file)
	if err != nil {
		return err
	}
	p.CreatedAt = db.At(d.Clock())
	return d.changeSpeaker(ctx, actor, code, "set_portrait", speaker, func(ctx context.Context, tx *db.Tx, s *Speaker) error {
		was := s.Portrait
		s.Portrait = p.Digest
		// an update, though nothing changes, waits for whoever is about to take the same picture away
		_, err := tx.NewInsert().Model(p).On("CONFLICT (digest) DO UPDATE").Set("width = EXCLUDED.width").Returning("NULL").Exec(ctx)
		if err != nil || was == p.Digest {
			return err
		}
		return dropPortrait(ctx, tx, was, s.ID)
	})
}

// RemovePortrait takes a speaker's picture away.
func (d *Desk) RemovePortrait(ctx context.Context, actor account.Actor, code, speaker string) error {
	return d.changeSpeaker(ctx, actor, code, "remove_portrait", speaker, func(ctx context.Context, tx *db.Tx, s *Speaker) error {
		was := s.Portrait
		s.Portrait = ""
		return dropPortrait(ctx, tx, was, s.ID)
	})
}

// PortraitOf returns the portrait with that digest.
func PortraitOf(ctx context.Context, q bun.IDB, digest string) (*Portrait, error) {
	var p Portrait
	if err := q.NewSelect().Model(&p).Where("digest = ?", digest).Scan(ctx); err != nil {
		return nil, fmt.Errorf("portrait: %w", db.One(err))
	}
	return &p, nil
}

// PortraitPath is the address of the portrait with that digest, "" for none. What is there never changes.
func PortraitPath(digest string) string {
	if digest == "" {
		return ""
	}
	return "/portraits/" + digest + ".jpg"
}

// SmallPortraitPath is the address of the same portrait as it stands in lists, "" for none.
func SmallPortraitPath(digest string) string {
	if digest == "" {
		return ""
	}
	return "/portraits/" + digest + "/small.jpg"
}

// dropPortrait forgets a picture that no speaker but the one with that row has: a face is not kept without need.
func dropPortrait(ctx context.Context, tx *db.Tx, digest string, but int64) error {
	if there, err := keepPortrait(ctx, tx, digest); err != nil || !there {
		return err
	}
	used, err := tx.NewSelect().Table("speakers").Where("portrait = ? AND id <> ?", digest, but).Exists(ctx)
	if err != nil || used {
		return err
	}
	_, err = tx.NewDelete().Table("portraits").Where("digest = ?", digest).Exec(ctx)
	return err
}

// keepPortrait keeps others from taking a picture away until the transaction ends, and reports whether it is there.
func keepPortrait(ctx context.Context, tx *db.Tx, digest string) (bool, error) {
	if digest == "" {
		return false, nil
	}
	var rows []string
	err := tx.Lock(tx.NewSelect().Table("portraits").Column("digest").Where("digest = ?", digest)).Scan(ctx, &rows)
	return len(rows) > 0, err
}

// newPortrait makes a portrait of a file: upright, on white, as large as it is needed, and nothing in it but its dots.
func newPortrait(ctx context.Context, file []byte) (*Portrait, error) {
	select {
	case unpacking <- struct{}{}:
		defer func() { <-unpacking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	src, err := portraits.Open(file)
	if err != nil {
		return nil, err
	}
	upright := turned(project.Flat(src, portraitSide, portraitSide), orientation(file))
	var large, small bytes.Buffer
	how := &jpeg.Options{Quality: portraitQuality}
	if err := errors.Join(jpeg.Encode(&large, upright, how), jpeg.Encode(&small, project.Flat(upright, smallSide, smallSide), how)); err != nil {
		return nil, fmt.Errorf("keep a portrait: %w", err)
	}
	sum := sha256.Sum256(large.Bytes())
	return &Portrait{
		Digest: hex.EncodeToString(sum[:16]), JPEG: large.Bytes(), Small: small.Bytes(), Width: upright.Rect.Dx(), Height: upright.Rect.Dy(),
	}, nil
}

// turned undoes an orientation of Exif: 1 upright, 2 to 4 mirrored or upside down, 5 to 8 on its side.
func turned(src *image.RGBA, how int) *image.RGBA {
	w, h := src.Rect.Dx(), src.Rect.Dy()
	if how < 2 || how > 8 {
		return src
	}
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if how > 4 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			at := [...][2]int{
				2: {w - 1 - x, y}, 3: {w - 1 - x, h - 1 - y}, 4: {x, h - 1 - y},
				5: {y, x}, 6: {h - 1 - y, x}, 7: {h - 1 - y, w - 1 - x}, 8: {y, w - 1 - x},
			}[how]
			dst.SetRGBA(at[0], at[1], src.RGBAAt(x, y))
		}
	}
	return dst
}

// orientation reads from a JPEG or WebP file how the camera was held; 1, upright, where it doesn't say.
func orientation(file []byte) int {
	switch {
	case bytes.HasPrefix(file, []byte("\xff\xd8")):
		for i := 2; i+4 <= len(file) && file[i] == 0xFF && file[i+1] != 0xDA; {
			size := int(binary.BigEndian.Uint16(file[i+2:]))
			if size < 2 || i+2+size > len(file) {
				break
			}
			if exif, ok := bytes.CutPrefix(file[i+4:i+2+size], []byte("Exif\x00\x00")); ok && file[i+1] == 0xE1 {
				return exifOrientation(exif)
			}
			i += 2 + size
		}
	case bytes.HasPrefix(file, []byte("RIFF")):
		for i := 12; i+8 <= len(file); {
			size := int(binary.LittleEndian.Uint32(file[i+4:]))
			if size < 0 || size > len(file)-i-8 {
				break
			}
			if string(file[i:i+4]) == "EXIF" {
				exif, _ := bytes.CutPrefix(file[i+8:i+8+size], []byte("Exif\x00\x00"))
				return exifOrientation(exif)
			}
			i += 8 + size + size%2
		}
	}
	return 1
}

// exifOrientation finds tag 0x0112 in the first directory of a TIFF structure.
func exifOrientation(tiff []byte) int {
	const tag, short, entry = 0x0112, 3, 12
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	n := int(order.Uint16(tiff[at:]))
	list := tiff[at+2:]
	for ; n > 0 && len(list) >= entry; n, list = n-1, list[entry:] {
		if order.Uint16(list) == tag && order.Uint16(list[2:]) == short {
			return int(order.Uint16(list[8:]))
		}
	}
	return 1
}
