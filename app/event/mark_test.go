package event_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/project"
)

func TestTheMarkOfAnEventChangesWithAllThatItsPageTells(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		ctx := t.Context()
		e, other := w.Event(t), w.Event(t)
		last, err := w.Events.MarkOf(ctx, e.Code)
		if err != nil {
			t.Fatal(err)
		}
		calendar, _ := w.Events.MarkAll(ctx)
		changes := map[string]func() error{
			"a closed registration": func() error {
				w.Clock.Set(w.Clock.Now().Add(time.Second))
				_, err := w.Events.CloseRegistration(ctx, account.System, e.Code)
				return err
			},
			"an opened registration": func() error { _, err := w.Events.OpenRegistration(ctx, account.System, e.Code); return err },
			"an application":         func() error { _, err := w.Registrations.Register(ctx, e.Code, apptest.Submission(1)); return err },
			"a donor's words": func() error {
				eu, err := w.Projects.DonorByCode(ctx, account.System, "eu")
				if err == nil {
					_, err = w.Projects.UpdateDonor(ctx, account.System, "eu", eu.Version, project.Donor{Kind: project.OtherDonor, Name: locale.NewText("en", "Union")})
				}
				return err
			},
			"a programme": func() error { return setProgramme(w, t, e) },
		}
		for _, what := range []string{"a closed registration", "an opened registration", "an application", "a donor's words", "a programme"} {
			if err := changes[what](); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			now, err := w.Events.MarkOf(ctx, e.Code)
			all, _ := w.Events.MarkAll(ctx)
			if err != nil || now.Sum == last.Sum || all.Sum == calendar.Sum {
				t.Errorf("%s leaves the mark as it was, %v", what, err)
			}
			last, calendar = now, all
		}
		if _, err := w.Registrations.Register(ctx, other.Code, apptest.Submission(2)); err != nil {
			t.Fatal(err)
		}
		if now, _ := w.Events.MarkOf(ctx, e.Code); now.Sum != last.Sum {
			t.Error("what happens to another event changes the mark")
		}
	})
}

func setProgramme(w *apptest.World, t *testing.T, e *event.Event) error {
	nine := db.At(e.StartsOn.In(e.Location(), 9, 0))
	return w.Events.SetProgramme(context.Background(), account.System, e.Code, w.Reload(t, e).Version, []event.Session{
		{Title: locale.NewText("en", "Opening"), Kind: event.Plenary, StartsAt: nine, EndsAt: db.At(nine.Add(time.Hour))},
	})
}

func TestAMarkEndsWhenThePageSaysSomethingElse(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		at := func(s string) time.Time {
			x, err := time.ParseInLocation("2006-01-02 15:04", s, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		e := w.Event(t, func(f *event.Facts) { f.ClosesAt = at("2022-05-10 14:00") })
		for now, want := range map[string]string{
			"2022-05-08 23:00": "2022-05-09 22:00", // midnight in Podgorica, two hours ahead
			"2022-05-10 13:00": "2022-05-10 14:00", // registration closes
			"2022-05-10 14:00": "2022-05-10 22:00",
			"2022-05-16 10:00": "2022-05-16 10:01", // it runs
		} {
			w.Clock.Set(at(now))
			for _, f := range []func() (event.Mark, error){
				func() (event.Mark, error) { return w.Events.MarkOf(t.Context(), e.Code) },
				func() (event.Mark, error) { return w.Events.MarkAll(t.Context()) },
			} {
				if m, err := f(); err != nil || !m.Until.Equal(at(want)) {
					t.Errorf("at %s: until %s, not %s, %v", now, m.Until.UTC(), want, err)
				}
			}
		}
	})
}

func TestADraftHasNoMark(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		if _, err := w.Events.MarkOf(t.Context(), "nowhere"); !errors.Is(err, event.ErrNotFound) {
			t.Error(err)
		}
		e := w.Event(t)
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE events SET state = 'draft' WHERE id = ?", e.ID)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Events.MarkOf(t.Context(), e.Code); !errors.Is(err, event.ErrNotFound) {
			t.Error(err)
		}
		if m, err := w.Events.MarkAll(t.Context()); err != nil || m.Sum == "" {
			t.Error(m, err)
		}
	})
}
