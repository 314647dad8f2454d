package project_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/project"
)

// picture is a square in a colour on a transparent ground.
func picture(t testing.TB, w, h int) image.Image {
	t.Helper()
	im := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := h / 4; y < h*3/4; y++ {
		for x := w / 4; x < w*3/4; x++ {
			im.SetNRGBA(x, y, color.NRGBA{R: 180, A: 255})
		}
	}
	return im
}

func encoded(t testing.TB, im image.Image, kind string) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	if kind == "jpeg" {
		err = jpeg.Encode(&b, im, nil)
	} else {
		err = png.Encode(&b, im)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withChunk puts a chunk behind the head of a PNG file.
func withChunk(file []byte, kind string, data []byte) []byte {
	const head = 8 + 25
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	body := append([]byte(kind), data...)
	chunk = append(chunk, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
	return append(append(bytes.Clone(file[:head]), chunk...), file[head:]...)
}

// withExif puts a secret behind the start of a JPEG file, where cameras write.
func withExif(file []byte, secret string) []byte {
	body := append([]byte("Exif\x00\x00"), secret...)
	segment := append([]byte{0xFF, 0xE1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	return append(append(bytes.Clone(file[:2]), segment...), file[2:]...)
}

func TestALogoIsKeptFlatOnWhiteAndSmallWithNothingElseInIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		const secret = "taken at 42.44, 19.26"
		for name, file := range map[string][]byte{
			"png":  withChunk(encoded(t, picture(t, 1600, 400), "png"), "tEXt", []byte("Comment\x00"+secret)),
			"jpeg": withExif(encoded(t, picture(t, 1600, 400), "jpeg"), secret),
		} {
			o, err := w.Projects.SetLogo(t.Context(), administrator(), "eu", file)
			if err != nil {
				t.Fatal(name, err)
			}
			l, err := project.LogoOf(t.Context(), d.Read(), o.Logo)
			if err != nil {
				t.Fatal(name, err)
			}
			if bytes.Contains(l.PNG, []byte(secret)) || bytes.Contains(l.PNG, []byte("Exif")) {
				t.Errorf("%s: what the camera wrote is still there", name)
			}
			im, err := png.Decode(bytes.NewReader(l.PNG))
			if err != nil {
				t.Fatal(name, err)
			}
			if b := im.Bounds(); b.Dx() != 800 || b.Dy() != 200 || l.Width != 800 || l.Height != 200 {
				t.Errorf("%s: %v, said to be %d × %d", name, b, l.Width, l.Height)
			}
			if _, _, _, a := im.At(0, 0).RGBA(); a != 0xFFFF {
				t.Errorf("%s: the ground is see-through", name)
			}
		}
		o, err := w.Projects.DonorByCode(t.Context(), administrator(), "eu")
		if err != nil || !strings.HasPrefix(project.Path(o.Logo), "/logos/") {
			t.Errorf("%+v, %v", o, err)
		}
		if err := w.Projects.RemoveLogo(t.Context(), administrator(), "eu"); err != nil {
			t.Fatal(err)
		}
		if _, err := project.LogoOf(t.Context(), d.Read(), o.Logo); err != nil {
			t.Errorf("documents that bear the logo lose it: %v", err)
		}
		list, err := audit.Of(t.Context(), d, "donor", o.ID)
		if err != nil || len(list) != 4 || list[0].Action != "remove_logo" || list[1].Action != "set_logo" {
			t.Errorf("recorded: %v, %v", list, err)
		}
	})
}

func TestATransparentLogoStandsOnWhite(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		o, err := w.Projects.SetLogo(t.Context(), administrator(), "eu", encoded(t, picture(t, 100, 60), "png"))
		if err != nil {
			t.Fatal(err)
		}
		l, err := project.LogoOf(t.Context(), d.Read(), o.Logo)
		if err != nil {
			t.Fatal(err)
		}
		im, err := png.Decode(bytes.NewReader(l.PNG))
		if err != nil {
			t.Fatal(err)
		}
		for at, want := range map[image.Point]color.Color{{}: color.White, {X: 50, Y: 30}: color.RGBA{R: 180, A: 255}} {
			r, g, b, _ := im.At(at.X, at.Y).RGBA()
			if r2, g2, b2, _ := want.RGBA(); r != r2 || g != g2 || b != b2 {
				t.Errorf("at %v: %d %d %d", at, r>>8, g>>8, b>>8)
			}
		}
	})
}

// bomb is a PNG file of a few bytes whose head promises a picture of that size.
func bomb(w, h uint32) []byte {
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	body := append([]byte("IHDR"), append(head, 8, 6, 0, 0, 0)...)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(body))
}

func TestWhatIsNoLogoIsRefusedWithAReason(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		good := encoded(t, picture(t, 200, 100), "png")
		for name, x := range map[string]struct {
			file []byte
			key  string
		}{
			"a drawing":              {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "donor.logo_svg"},
			"a page":                 {[]byte("<!doctype html><p>hello"), "donor.logo_format"},
			"nothing":                {nil, "donor.logo_format"},
			"a GIF":                  {[]byte("GIF89a\x01\x00\x01\x00"), "donor.logo_format"},
			"too large a file":       {append(bytes.Clone(good), make([]byte, project.MaxLogo)...), "donor.logo_too_large"},
			"a bomb":                 {bomb(30000, 30000), "donor.logo_dimensions"},
			"a bomb that overflows":  {bomb(1<<31-1, 1<<31-1), "donor.logo_broken"},
			"too many dots":          {bomb(4000, 4000), "donor.logo_dimensions"},
			"a dot":                  {encoded(t, picture(t, 1, 1), "png"), "donor.logo_dimensions"},
			"a line":                 {encoded(t, picture(t, 2000, 50), "png"), "donor.logo_dimensions"},
			"half a picture":         {good[:len(good)/2], "donor.logo_broken"},
			"a head and nothing":     {bomb(400, 200), "donor.logo_broken"},
			"a picture by name only": {[]byte("\xff\xd8\xff\xe0 is no JPEG"), "donor.logo_broken"},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := w.Projects.SetLogo(t.Context(), administrator(), "eu", x.file)
			runtime.ReadMemStats(&after)
			f := fault.From(err)
			if f == nil || len(f.Fields) != 1 || f.Fields[0].Name != "logo" || f.Fields[0].Key != x.key {
				t.Errorf("%s: %v", name, err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
				t.Errorf("%s took %d bytes of memory", name, took)
			}
		}
		if _, err := w.Projects.SetLogo(t.Context(), coordinator(w.Project.ID), "eu", good); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a coordinator: %v", err)
		}
		if _, err := w.Projects.SetLogo(t.Context(), account.System, "nobody", good); fault.KindOf(err) != fault.NotFound {
			t.Errorf("nobody's logo: %v", err)
		}
	})
}
