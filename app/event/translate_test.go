package event_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
)

// spoken is an event with a text of each sort, written in Montenegrin, with English titles.
func spoken(t *testing.T, w *apptest.World) *event.Event {
	t.Helper()
	e := w.Event(t, func(f *event.Facts) {
		f.Description, f.Audience = locale.NewText("cnr", "Opis"), locale.NewText("cnr", "Tužioci", "en", "Prosecutors")
	})
	err := w.DB.InTx(t.Context(), apptest.Exec(`INSERT INTO rooms (event_id, position, name) VALUES (?, 1, '{"original":"cnr","by":{"cnr":"Sala"}}')`, e.ID))
	if err == nil {
		err = w.DB.InTx(t.Context(), apptest.Exec(`INSERT INTO tracks (event_id, position, name) VALUES (?, 1, '{"original":"cnr","by":{"cnr":"Prvi"}}')`, e.ID))
	}
	if err == nil {
		err = w.DB.InTx(t.Context(), apptest.Exec(`INSERT INTO speakers (event_id, position, code, name, kind, bio) VALUES (?, 1, 'vesna', 'Vesna Ćetković', 'trainer', '{"original":"cnr","by":{"cnr":"Radi."}}')`, e.ID))
	}
	if err != nil {
		t.Fatal(err)
	}
	c := content(t, w, e)
	at := func(d, h int) db.Time { return db.At(e.StartsOn.Plus(d).In(e.Location(), h, 0)) }
	return w.Programme(t, e,
		event.Session{StartsAt: at(0, 9), EndsAt: at(0, 11), Kind: event.Plenary, Title: locale.NewText("cnr", "Uvod", "en", "Opening"), Counts: true,
			RoomID: c.Rooms[0].ID, TrackID: c.Tracks[0].ID, Speakers: []int64{c.Speakers[0].ID}},
		event.Session{StartsAt: at(1, 9), EndsAt: at(1, 10), Kind: event.GroupWork, Title: locale.NewText("cnr", "Vježba"), Description: locale.NewText("cnr", "U timovima"), Counts: true})
}

func content(t *testing.T, w *apptest.World, e *event.Event) *event.Content {
	t.Helper()
	c, err := event.ReadContent(t.Context(), w.DB.Read(), w.Reload(t, e))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stale are the keys of the texts of an event that are stale in a language.
func stale(c *event.Content, code locale.Code) []string {
	var keys []string
	for _, x := range c.Pieces() {
		if x.Text.IsStale(code) {
			keys = append(keys, x.Key())
		}
	}
	return keys
}

func TestAnEventIsTranslatedAllAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := spoken(t, w)
		before := content(t, w, e)
		texts := map[string]string{}
		for _, x := range before.Lacks("mk") {
			texts[x.Key()] = " МК  " + x.Text.By["cnr"] + "\n"
		}
		if len(texts) != 9 {
			t.Fatalf("%d texts lack Macedonian, want 9", len(texts))
		}
		e, err := w.Events.Translate(t.Context(), w.Organiser(), e.Code, e.Version, event.Translation{Language: "mk", Texts: texts})
		if err != nil {
			t.Fatal(err)
		}
		after := content(t, w, e)
		if lacks := after.Lacks("mk"); len(lacks) != 0 || after.Tongue("mk") != "mk" {
			t.Errorf("%d texts are still missing", len(lacks))
		}
		for _, x := range after.Pieces() {
			if want := "МК " + x.Text.By["cnr"]; x.Text.By["mk"] != want {
				t.Errorf("%s is %q, want %q", x.Key(), x.Text.By["mk"], want)
			}
		}
		if e.Version != before.Event.Version+1 {
			t.Errorf("version %d after %d", e.Version, before.Event.Version)
		}
		if was, is := before.Sessions[0], after.Sessions[0]; is.Sequence != was.Sequence+1 || is.Code != was.Code {
			t.Errorf("calendars aren't told: %d after %d", is.Sequence, was.Sequence)
		}
	})
}

func TestATranslationIsRefusedWhereItCanNotBeKept(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := spoken(t, w)
		other := spoken(t, w)
		title, foreign := fmt.Sprintf("event-%d-title", e.ID), fmt.Sprintf("event-%d-title", other.ID)
		try := func(actor account.Actor, version int, language locale.Code, texts map[string]string) error {
			_, err := w.Events.Translate(t.Context(), actor, e.Code, version, event.Translation{Language: language, Texts: texts})
			return err
		}
		stranger := account.Actor{Grants: []account.Grant{{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: 9999}}}}
		auditor := account.Actor{Grants: []account.Grant{{Role: account.Auditor, Scope: account.Scope{Kind: account.ProjectScope, ID: w.Project.ID}}}}
		for name, c := range map[string]struct {
			err  error
			want fault.Kind
		}{
			"an older version":        {try(w.Organiser(), e.Version-1, "mk", map[string]string{title: "Обука"}), fault.Conflict},
			"another event's text":    {try(w.Organiser(), e.Version, "mk", map[string]string{foreign: "Обука"}), fault.Invalid},
			"the original":            {try(w.Organiser(), e.Version, "cnr", map[string]string{title: "Kurs"}), fault.Invalid},
			"no language":             {try(w.Organiser(), e.Version, "", map[string]string{title: "Kurs"}), fault.Invalid},
			"too long":                {try(w.Organiser(), e.Version, "mk", map[string]string{title: strings.Repeat("ш", 301)}), fault.Invalid},
			"somebody else":           {try(stranger, e.Version, "mk", map[string]string{title: "Обука"}), fault.NotFound},
			"somebody who only looks": {try(auditor, e.Version, "mk", map[string]string{title: "Обука"}), fault.Forbidden},
		} {
			if fault.KindOf(c.err) != c.want {
				t.Errorf("%s: %v", name, c.err)
			}
		}
		if x := fault.From(try(w.Organiser(), e.Version, "mk", map[string]string{title: strings.Repeat("ш", 301)})); x == nil || len(x.Fields) != 1 || x.Fields[0].Name != "text_"+title {
			t.Errorf("what is too long isn't told beside its field: %v", x)
		}
		if got := w.Reload(t, e); got.Version != e.Version || got.Title.By["mk"] != "" {
			t.Errorf("something was kept: %v", got.Title)
		}
		if !errors.Is(try(w.Organiser(), e.Version-1, "mk", nil), event.ErrChanged) {
			t.Error("an older version isn't ErrChanged")
		}
	})
}

func TestATranslationIsStaleOnceItsOriginalWasChangedByWhateverForm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := spoken(t, w)
		c := content(t, w, e)
		if got := stale(c, "en"); len(got) != 0 {
			t.Fatalf("stale from the beginning: %v", got)
		}
		f := factsOf(e)
		f.Title = locale.NewText("cnr", "Kurs", "en", "Countering migrant smuggling") // as a form sends it
		f.Audience, f.Description = e.Audience, e.Description
		e, err := w.Events.Update(t.Context(), w.Organiser(), e.Code, e.Version, f)
		if err != nil {
			t.Fatal(err)
		}
		sessions := slices.Clone(c.Sessions)
		sessions[0].Title = locale.NewText("cnr", "Početak", "en", "Opening")
		e = w.Programme(t, e, sessions...)
		title, opening := fmt.Sprintf("event-%d-title", e.ID), fmt.Sprintf("session-%d-title", c.Sessions[0].ID)
		want := []string{title, opening}
		if diff := cmp.Diff(want, stale(content(t, w, e), "en")); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}

		sequence := content(t, w, e).Sessions[0].Sequence
		sessions[0].Title = locale.NewText("cnr", "Početak", "en", "Opening") // saved again by a form that knows nothing of it
		e = w.Programme(t, e, sessions...)
		if diff := cmp.Diff(want, stale(content(t, w, e), "en")); diff != "" {
			t.Errorf("saving without a change (-want +got):\n%s", diff)
		}
		if got := content(t, w, e).Sessions[0].Sequence; got != sequence {
			t.Errorf("calendars are told of nothing: %d after %d", got, sequence)
		}

		e, err = w.Events.Translate(t.Context(), w.Organiser(), e.Code, e.Version, event.Translation{Language: "en", Texts: map[string]string{title: "Course"}, Right: []string{opening}})
		if err != nil {
			t.Fatal(err)
		}
		c = content(t, w, e)
		if got := stale(c, "en"); len(got) != 0 {
			t.Errorf("still stale: %v", got)
		}
		if c.Event.Title.By["en"] != "Course" || c.Sessions[0].Title.By["en"] != "Opening" {
			t.Errorf("%v, %v", c.Event.Title, c.Sessions[0].Title)
		}
	})
}
