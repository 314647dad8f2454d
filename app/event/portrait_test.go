package event_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"runtime"
	"sync"
	"testing"

	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
)

// quarters is a picture with its first quarter red and the rest grey.
func quarters(w, h int) image.Image {
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{120, 120, 120, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{220, 0, 0, 255}
			}
			im.SetRGBA(x, y, c)
		}
	}
	return im
}

// face is a JPEG file.
func face(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, quarters(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// held says in a JPEG file how the camera was held, and where.
func held(file []byte, how uint16, order binary.AppendByteOrder) []byte {
	mark := "MM\x00*"
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		mark = "II*\x00"
	}
	tiff := order.AppendUint32([]byte(mark), 8)
	tiff = order.AppendUint16(tiff, 2)
	tiff = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0110), 2), 4), "cam\x00"...)
	tiff = order.AppendUint32(order.AppendUint16(order.AppendUint16(tiff, 0x0112), 3), 1)
	tiff = order.AppendUint16(order.AppendUint16(tiff, how), 0)
	body := append(append([]byte("Exif\x00\x00"), tiff...), "taken at 42.44, 19.26"...)
	app := append([]byte{0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xE1, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
	return append(append(bytes.Clone(file[:2]), app...), file[2:]...)
}

// kept returns the portrait of the only speaker of an event, and its picture.
func kept(t *testing.T, d *db.DB, e *event.Event) (*event.Portrait, image.Image) {
	t.Helper()
	list, err := event.Speakers(t.Context(), d.Read(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	p, err := event.PortraitOf(t.Context(), d.Read(), list[0].Portrait)
	if err != nil {
		t.Fatal(err)
	}
	im, err := jpeg.Decode(bytes.NewReader(p.JPEG))
	if err != nil {
		t.Fatal(err)
	}
	if b := im.Bounds(); b.Dx() != p.Width || b.Dy() != p.Height {
		t.Errorf("%v, said to be %d × %d", b, p.Width, p.Height)
	}
	small, err := jpeg.Decode(bytes.NewReader(p.Small))
	if err != nil {
		t.Fatal(err)
	}
	if s, k := small.Bounds(), min(1, 144/float64(max(p.Width, p.Height))); math.Abs(float64(s.Dx())-k*float64(p.Width)) > 1 || math.Abs(float64(s.Dy())-k*float64(p.Height)) > 1 {
		t.Errorf("%v is in lists for one of %d × %d", s, p.Width, p.Height)
	}
	return p, im
}

func red(im image.Image, x, y int) bool {
	r, g, _, _ := im.At(x, y).RGBA()
	return r>>8 > 180 && g>>8 < 60
}

func TestAPortraitStandsUprightAndHasNothingInItButItsDots(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		addSpeakers(t, w, e, "Ana")
		file := face(t, 900, 600)
		for how, corner := range map[uint16][2]int{
			0: {0, 0}, 1: {0, 0}, 2: {1, 0}, 3: {1, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 1}, 8: {0, 1}, 9: {0, 0},
		} {
			for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
				if err := w.Events.SetPortrait(t.Context(), w.Organiser(), e.Code, "ana", held(file, how, order)); err != nil {
					t.Fatal(err)
				}
				p, im := kept(t, d, e)
				wide, high := 480, 320
				if how > 4 && how < 9 {
					wide, high = 320, 480
				}
				if p.Width != wide || p.Height != high || !red(im, wide/4+corner[0]*wide/2, high/4+corner[1]*high/2) {
					t.Errorf("held %d: %d × %d, not red at %v", how, p.Width, p.Height, corner)
				}
				if bytes.Contains(p.JPEG, []byte("Exif")) || bytes.Contains(p.JPEG, []byte("42.44")) {
					t.Errorf("held %d: what the camera wrote is still there", how)
				}
			}
		}
	})
}

// webP is a picture like quarters, of 160 by 200 dots, from a camera held on its side.
const webP = "UklGRgQBAABXRUJQVlA4WAoAAAAIAAAAnwAAxwAAVlA4IMQAAABQDACdASqgAMgAP3G41mO0r6smo0gCkC4JZ27hcTDns/oGleS/m6VrmCf5ulc8sE/zdK1zBP83UIZTuV+n20jblfp9ej9h9UuiKkgxW5W5n20jbvpis+j76B8UKvTSMOgZ276Yt49KsFbbAAD++sUnvctFIr/5m/Cj5OooKL+gavl1weB+KgVyObrYjULhC8DTjmMij2V7HWAe9Az2DPR/yvus/sBoJQJpQSHx2vDjolStlHdbIb6qSJAABkwqCQECAAAARVhJRhoAAABNTQAqAAAACAABARIAAwAAAAEABgAAAAAAAA=="

func TestAPortraitMayComeInThreeFormats(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		addSpeakers(t, w, e, "Ana")
		var drawn bytes.Buffer
		if err := png.Encode(&drawn, quarters(200, 300)); err != nil {
			t.Fatal(err)
		}
		packed, err := base64.StdEncoding.DecodeString(webP)
		if err != nil {
			t.Fatal(err)
		}
		for name, x := range map[string]struct {
			file       []byte
			wide, high int
			redAt      [2]int
		}{"jpeg": {face(t, 200, 250), 200, 250, [2]int{50, 60}}, "png": {drawn.Bytes(), 200, 300, [2]int{50, 70}}, "webp": {packed, 200, 160, [2]int{150, 40}}} {
			if err := w.Events.SetPortrait(t.Context(), w.Organiser(), e.Code, "ana", x.file); err != nil {
				t.Fatal(name, err)
			}
			if p, im := kept(t, d, e); p.Width != x.wide || p.Height != x.high || !red(im, x.redAt[0], x.redAt[1]) {
				t.Errorf("%s: %d × %d, red at %v: %t", name, p.Width, p.Height, x.redAt, red(im, x.redAt[0], x.redAt[1]))
			}
		}
		n, err := d.Read().NewSelect().Table("portraits").Count(t.Context())
		if err != nil || n != 1 {
			t.Errorf("%d portraits are kept, %v", n, err)
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

func TestWhatIsNoPortraitIsRefusedWithAReason(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		addSpeakers(t, w, e, "Ana")
		good := face(t, 300, 300)
		for name, x := range map[string]struct {
			file []byte
			key  string
		}{
			"a drawing":        {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "people.portrait_svg"},
			"a document":       {[]byte("%PDF-1.7"), "people.portrait_format"},
			"nothing":          {nil, "people.portrait_format"},
			"a huge file":      {append(bytes.Clone(good), make([]byte, event.MaxPortrait)...), "people.portrait_too_large"},
			"a bomb":           {bomb(30000, 30000), "people.portrait_dimensions"},
			"a stamp":          {face(t, 60, 60), "people.portrait_dimensions"},
			"a banner":         {face(t, 1200, 300), "people.portrait_dimensions"},
			"half a picture":   {good[:len(good)/2], "people.portrait_broken"},
			"a WebP head only": {[]byte("RIFF\x10\x00\x00\x00WEBPVP8 \x04\x00\x00\x00xxxx"), "people.portrait_broken"},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := w.Events.SetPortrait(t.Context(), w.Organiser(), e.Code, "ana", x.file)
			runtime.ReadMemStats(&after)
			f := fault.From(err)
			if f == nil || len(f.Fields) != 1 || f.Fields[0].Name != "portrait" || f.Fields[0].Key != x.key {
				t.Errorf("%s: %v", name, err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
				t.Errorf("%s took %d bytes of memory", name, took)
			}
		}
	})
}

func TestAFaceIsForgottenOnceNobodyHasIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, other := w.Event(t), w.Event(t)
		addSpeakers(t, w, e, "Ana")
		addSpeakers(t, w, other, "Ana")
		set := func(e *event.Event) {
			if err := w.Events.SetPortrait(t.Context(), w.Organiser(), e.Code, "ana", face(t, 300, 300)); err != nil {
				t.Fatal(err)
			}
		}
		set(e)
		set(other)
		p, _ := kept(t, d, e)
		if err := w.Events.RemovePortrait(t.Context(), w.Organiser(), e.Code, "ana"); err != nil {
			t.Fatal(err)
		}
		if _, err := event.PortraitOf(t.Context(), d.Read(), p.Digest); err != nil {
			t.Errorf("the other event lost it: %v", err)
		}
		if err := w.Events.RemoveSpeaker(t.Context(), w.Organiser(), other.Code, "ana"); err != nil {
			t.Fatal(err)
		}
		if _, err := event.PortraitOf(t.Context(), d.Read(), p.Digest); fault.KindOf(err) != fault.NotFound {
			t.Errorf("it is still there: %v", err)
		}
		record, err := audit.Of(t.Context(), d, "event", e.ID)
		if err != nil || record[0].Action != "remove_portrait" || record[1].Action != "set_portrait" {
			t.Errorf("recorded: %v, %v", record, err)
		}
	})
}

func TestAFaceThatIsTakenAwayHereAndGivenThereAtOnceIsThere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, other := w.Event(t), w.Event(t)
		addSpeakers(t, w, e, "Ana")
		addSpeakers(t, w, other, "Ana")
		file := face(t, 200, 200)
		for range 8 {
			if err := w.Events.SetPortrait(t.Context(), w.Organiser(), e.Code, "ana", file); err != nil {
				t.Fatal(err)
			}
			if err := w.Events.RemovePortrait(t.Context(), w.Organiser(), other.Code, "ana"); err != nil {
				t.Fatal(err)
			}
			var both sync.WaitGroup
			for _, f := range []func() error{
				func() error { return w.Events.RemovePortrait(t.Context(), w.Organiser(), e.Code, "ana") },
				func() error { return w.Events.SetPortrait(t.Context(), w.Organiser(), other.Code, "ana", file) },
			} {
				both.Go(func() {
					if err := f(); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			kept(t, d, other)
		}
	})
}
