package certificate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/registration"
	"attesta/app/token"
)

// completed registers somebody and has them present at every unit.
func completed(t *testing.T, w *apptest.World, e *event.Event, n int, change ...func(*registration.Submission)) *registration.Registration {
	t.Helper()
	s := apptest.Submission(n)
	for _, f := range change {
		f(&s)
	}
	r, err := w.Registrations.Register(t.Context(), e.Code, s)
	if err != nil {
		t.Fatal(err)
	}
	for unit := 1; unit <= 4; unit++ {
		_, err := w.Attendance.Mark(t.Context(), w.Organiser(), attendance.Mark{EventCode: e.Code, Position: unit, RegistrationID: r.ID, Source: attendance.List})
		if err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func verify(t *testing.T, w *apptest.World, number, code string) certificate.Verdict {
	t.Helper()
	v, err := w.Certificates.Verify(t.Context(), number, code)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestIssuingManyTimesAtOnceGivesEachOneCertificate(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		for n := range 5 {
			completed(t, w, e, n)
		}
		half, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(9)) // came to nothing
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		issued := 0
		for range 8 {
			wg.Go(func() {
				done, err := w.Certificates.Issue(t.Context(), w.Organiser(), e.Code)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				issued += len(done.Certificates)
				mu.Unlock()
			})
		}
		wg.Wait()
		all, err := certificate.OfEvent(t.Context(), d.Read(), e.ID)
		if err != nil || issued != 5 || len(all) != 5 {
			t.Fatalf("%d issued, %d there, %v", issued, len(all), err)
		}
		if _, has := all[half.ID]; has {
			t.Error("somebody who wasn't there has a certificate")
		}
		var mails int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM outbox WHERE kind = 'certificate.issued'").Scan(t.Context(), &mails); err != nil || mails != 5 {
			t.Errorf("%d mails, %v", mails, err)
		}
	})
}

func TestVerificationTellsWhatItMay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		open := completed(t, w, e, 1)
		quiet := completed(t, w, e, 2, func(s *registration.Submission) { s.Quiet = true })
		if _, err := w.Certificates.Issue(t.Context(), w.Organiser(), e.Code); err != nil {
			t.Fatal(err)
		}
		held := func(r *registration.Registration) *certificate.Held {
			t.Helper()
			h, err := w.Certificates.OfRegistration(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		a, b := held(open), held(quiet)
		if v := verify(t, w, strings.ToLower(a.Number), ""); !v.Known || v.State != certificate.StateValid || v.Facts.HolderName != open.CertificateName {
			t.Errorf("a valid one: %+v", v)
		}
		for name, v := range map[string]certificate.Verdict{
			"unknown": verify(t, w, token.Number(), ""), "a slip": verify(t, w, "0000-0000-001", ""), "nonsense": verify(t, w, "<script>", ""),
			"quiet without code": verify(t, w, b.Number, ""), "quiet with a wrong code": verify(t, w, b.Number, "00000000"),
		} {
			if v.Known || v.Facts != nil || v.State != "" {
				t.Errorf("%s: %+v", name, v)
			}
		}
		if v := verify(t, w, b.Number, " "+strings.ToLower(b.Code)); !v.Known || v.Facts == nil {
			t.Errorf("quiet with its code %q: %+v", b.Code, v)
		}
		if err := w.Certificates.Revoke(t.Context(), w.Organiser(), a.Number, "wrong person"); err != nil {
			t.Fatal(err)
		}
		v := verify(t, w, a.Number, "")
		told, _ := json.Marshal(v.Public(w.Catalogue.Printer("en")))
		if v.State != certificate.StateRevoked || v.Facts != nil || bytes.Contains(told, []byte(open.FamilyName)) || bytes.Contains(told, []byte("wrong person")) {
			t.Errorf("revoked: %s", told)
		}
		if err := w.Certificates.Revoke(t.Context(), w.Organiser(), a.Number, ""); !errors.Is(err, certificate.ErrEnded) {
			t.Errorf("revoked twice: %v", err)
		}
	})
}

func TestACorrectedCertificateTakesThePlaceOfTheOld(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r := completed(t, w, e, 1)
		if _, err := w.Certificates.Issue(t.Context(), w.Organiser(), e.Code); err != nil {
			t.Fatal(err)
		}
		old, err := w.Certificates.OfRegistration(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		err = d.InTx(t.Context(), apptest.Exec("UPDATE registrations SET certificate_name = 'Vesna Ćetković' WHERE id = ?", r.ID))
		if err != nil {
			t.Fatal(err)
		}
		fresh, err := w.Certificates.Reissue(t.Context(), w.Organiser(), old.Number)
		if err != nil {
			t.Fatal(err)
		}
		if v := verify(t, w, old.Number, ""); v.State != certificate.StateSuperseded || v.Successor != fresh.Number || v.Facts.HolderName != r.CertificateName {
			t.Errorf("the old one: %+v", v)
		}
		if v := verify(t, w, fresh.Number, ""); v.State != certificate.StateValid || v.Facts.HolderName != "Vesna Ćetković" {
			t.Errorf("the new one: %+v", v)
		}
	})
}

func TestADocumentIsForItsHolderAndTheSameEveryTime(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r, other := completed(t, w, e, 1), completed(t, w, e, 2)
		if _, err := w.Certificates.Issue(t.Context(), w.Organiser(), e.Code); err != nil {
			t.Fatal(err)
		}
		h, err := w.Certificates.OfRegistration(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		first, err := w.Certificates.Document(t.Context(), h.Number, r, "mk")
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.Certificates.Document(t.Context(), h.Number, r, "mk")
		if err != nil || !bytes.Equal(first, again) {
			t.Errorf("drawn again it differs, %v", err)
		}
		if n, err := certificate.NumberIn(first); err != nil || n != h.Number {
			t.Errorf("its number reads back as %q, %v", n, err)
		}
		if _, err := w.Certificates.Document(t.Context(), h.Number, other, "mk"); !errors.Is(err, certificate.ErrNotFound) {
			t.Errorf("somebody else gets it: %v", err)
		}
		stranger := account.Link(account.Organiser, account.OrganisationScope, w.Organisation.ID+1)
		if _, err := w.Certificates.DocumentForOrganiser(t.Context(), stranger, h.Number, "en"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another organisation gets it: %v", err)
		}
		if _, err := w.Certificates.Issue(t.Context(), stranger, e.Code); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another organisation issues: %v", err)
		}
	})
}
