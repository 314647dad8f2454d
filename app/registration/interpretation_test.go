package registration_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/registration"
)

func TestHeadsetsAreCountedFromApprovedParticipants(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Seats(20), func(f *event.Facts) { f.Interpretation = []locale.Code{"mk", "sq"} })
		var codes []string
		for i, into := range []locale.Code{"mk", "mk", "sq", "", "sq", "mk"} {
			s := apptest.Submission(i)
			s.Interpretation = into
			r, err := w.Registrations.Register(t.Context(), e.Code, s)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, r.Code)
		}
		other := w.Event(t, apptest.Automatic, func(f *event.Facts) { f.Interpretation = []locale.Code{"mk"} })
		s := apptest.Submission(9)
		s.Interpretation = "mk"
		if _, err := w.Registrations.Register(t.Context(), other.Code, s); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Registrations.Decide(t.Context(), account.System, e.Code, codes[:5], registration.Approved, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Registrations.Decide(t.Context(), account.System, e.Code, codes[4:5], registration.Rejected, ""); err != nil {
			t.Fatal(err)
		}
		got, err := registration.Headsets(t.Context(), d.Read(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[locale.Code]int{"mk": 2, "sq": 1}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestInterpretationIsOnlyIntoTheEventsLanguages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, func(f *event.Facts) { f.Interpretation = []locale.Code{"mk"} })
		s := apptest.Submission(0)
		s.Interpretation = "sq"
		s.Complete()
		for name, err := range map[string]error{"the form": s.CheckFor(e), "the desk": func() error { _, err := w.Registrations.Register(t.Context(), e.Code, s); return err }()} {
			f := fault.From(err)
			if f == nil || len(f.Fields) != 1 || f.Fields[0].Name != "interpretation" {
				t.Errorf("%s: %v", name, err)
			}
		}
		plain := w.Event(t)
		r, err := w.Registrations.Register(t.Context(), plain.Code, s)
		if err != nil || r.Interpretation != "" {
			t.Errorf("where nothing is interpreted: %+v, %v", r, err)
		}
		s.Country, s.Interpretation = "", "hr"
		f := fault.From(s.CheckFor(e))
		if f == nil || len(f.Fields) != 2 {
			t.Errorf("both at once: %v", f)
		}
	})
}
