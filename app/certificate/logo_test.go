package certificate_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/locale"
	"attesta/app/project"
)

// mark is a PNG file, a field of one colour.
func mark(t *testing.T, c color.Color) []byte {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, 300, 100))
	for x := range 300 {
		for y := range 100 {
			im.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// funded gives the world's project a second donor with a logo.
func funded(t *testing.T, w *apptest.World) {
	t.Helper()
	o, err := w.Projects.CreateDonor(t.Context(), account.System, project.Donor{
		Code: "f", Kind: project.OtherDonor, Name: locale.NewText("en", "A Foundation"), Line: locale.NewText("en", "Supported by A Foundation"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Projects.SetLogo(t.Context(), account.System, "f", mark(t, color.Black)); err != nil {
		t.Fatal(err)
	}
	p, f, err := w.Projects.ForEditing(t.Context(), account.System, "P1")
	if err != nil {
		t.Fatal(err)
	}
	f.Donors = append(f.Donors, project.Funding{DonorID: o.ID})
	if _, err := w.Projects.Update(t.Context(), account.System, "P1", p.Version, f); err != nil {
		t.Fatal(err)
	}
}

func TestACertificateKeepsTheLogoItWasIssuedWithAndHoldsNoCopyOfIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		funded(t, w)
		e := w.Event(t, apptest.Automatic)
		r := completed(t, w, e, 1)
		done, err := w.Certificates.Issue(t.Context(), w.Organiser(), e.Code)
		if err != nil || len(done.Certificates) != 1 {
			t.Fatalf("%v, %v", done, err)
		}
		kept, err := certificate.OfEvent(t.Context(), d.Read(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		s := kept[r.ID].Snapshot.V
		if b, err := json.Marshal(done.Certificates[0].Snapshot); err != nil || len(b) > 4000 || len(s.Donors[1].Logo) > 0 || s.Donors[1].LogoDigest == "" {
			t.Errorf("the snapshot takes %d bytes, %v", len(b), err)
		}
		draw := func() []byte {
			b, err := w.Certificates.Document(t.Context(), done.Certificates[0].Number, r, "mk")
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		first := draw()
		if !bytes.Contains(first, []byte("/Subtype /Image")) {
			t.Error("no logo is drawn")
		}
		if _, err := w.Projects.SetLogo(t.Context(), account.System, "f", mark(t, color.White)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, draw()) {
			t.Error("a new logo changes what was issued")
		}
	})
}

func TestTheAsteriskOfACertificateIsThatOfTheDayItWasIssued(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		completed(t, w, e, 1)
		settle := func(asterisk bool) {
			s := w.Network.Current(t.Context())
			s.Asterisk = asterisk
			if _, err := w.Network.Update(t.Context(), account.System, s, s.Version); err != nil {
				t.Fatal(err)
			}
		}
		for n, on := range []bool{true, false} {
			settle(on)
			completed(t, w, e, n+2)
			done, err := w.Certificates.Issue(t.Context(), w.Organiser(), e.Code)
			if err != nil || len(done.Certificates) == 0 {
				t.Fatalf("%v, %v", done, err)
			}
			for _, c := range done.Certificates {
				if c.Snapshot.V.Asterisk != on {
					t.Errorf("settled %t, issued %t", on, c.Snapshot.V.Asterisk)
				}
			}
		}
	})
}
