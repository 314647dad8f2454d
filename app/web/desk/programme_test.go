package desk_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

const programmeForm = "form.programme"

// rows writes the rows of the form as a person sees them: day, hours and title.
func (a answer) rows() []string {
	a.t.Helper()
	f := a.filled(programmeForm)
	var out []string
	for _, li := range a.all(".sessions > li") {
		at := "session_" + attrOf(li, "data-n") + "_"
		line := strings.TrimPrefix(f.Get(at+"day"), "2022-") + " " + f.Get(at+"starts") + "–" + f.Get(at+"ends") + " " + f.Get(at+"title")
		if f.Has(at + "gone") {
			line += " (gone)"
		}
		out = append(out, line)
	}
	return out
}

func same(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// planned makes an event with an opening, a coffee break and a closing.
func (s *site) planned(t *testing.T, options ...apptest.EventOption) (e *event.Event, at string) {
	t.Helper()
	e = s.Event(t, options...)
	session := func(title string, plus, from, to int) event.Session {
		day := e.StartsOn.Plus(plus)
		return event.Session{Title: locale.NewText("cnr", title), StartsAt: db.At(day.In(e.Location(), from, 0)), EndsAt: db.At(day.In(e.Location(), to, 0)), Kind: event.Plenary, Counts: true}
	}
	e = s.Programme(t, e, session("Otvaranje", 0, 9, 10), session("Pauza", 0, 10, 11), session("Zatvaranje", 1, 16, 17))
	return e, "/desk/events/" + e.Code + "/programme"
}

func (s *site) programme(t *testing.T, e *event.Event) []event.Session {
	t.Helper()
	list, err := event.Programme(t.Context(), s.DB.Read(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheProgrammeIsEditedRowByRow(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		e := s.Event(t)
		at := "/desk/events/" + e.Code + "/programme"
		f := s.get(t, at).filled(programmeForm)
		f.Set("session_1_starts", "10:00")
		f.Set("session_1_ends", "09:00")
		f.Set("do", "add")
		a := s.post(t, at, at, f)
		same(t, "after adding one", a.rows(), "05-16 10:00–09:00 ", "05-16 – ")
		f = a.filled(programmeForm)
		f.Set("session_2_title", "Panel")
		f.Set("session_2_title_en", "A panel")
		f.Set("session_2_starts", "11:30")
		f.Set("session_2_ends", "12:30")
		a = s.post(t, at, at, f)
		if a.code != http.StatusUnprocessableEntity || len(a.all("#f-session_1_title-e")) != 1 || len(a.all("#f-session_1_ends-e")) != 1 || len(a.all("#f-session_2_title-e")) != 0 {
			t.Fatalf("%d %q", a.code, a.texts("#errors li"))
		}
		f = a.filled(programmeForm)
		f.Set("do", "remove 1")
		a = s.post(t, at, at, f)
		same(t, "after removing the first", a.rows(), "05-16 10:00–09:00  (gone)", "05-16 11:30–12:30 Panel")
		s.press(t, at, at, a.filled(programmeForm))
		if list := s.programme(t, e); len(list) != 1 || list[0].Title.By["en"] != "A panel" || list[0].StartsAt.In(e.Location()).Format("15:04") != "11:30" {
			t.Errorf("stored: %+v", list)
		}
	})
}

func TestTheButtonsOfTheProgrammeWorkWithoutAScript(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	e, at := s.planned(t)
	a := s.get(t, at)
	do := func(what string, more ...string) {
		t.Helper()
		f := a.filled(programmeForm)
		f.Set("do", what)
		for i := 0; i+1 < len(more); i += 2 {
			f.Set(more[i], more[i+1])
		}
		if a = s.post(t, at, at, f); a.code != http.StatusOK {
			t.Fatalf("%s: %d %q", what, a.code, a.texts("#errors li"))
		}
	}
	focus := func() string { return a.attr("[data-conflicts]", "data-focus") }
	same(t, "stored", a.rows(), "05-16 09:00–10:00 Otvaranje", "05-16 10:00–11:00 Pauza", "05-17 16:00–17:00 Zatvaranje")
	do("after 1")
	same(t, "after the first", a.rows(), "05-16 09:00–10:00 Otvaranje", "05-16 10:00– ", "05-16 10:00–11:00 Pauza", "05-17 16:00–17:00 Zatvaranje")
	if focus() != "f-session_2_title" {
		t.Errorf("one goes on at %s", focus())
	}
	do("remove 2")
	do("copy 1")
	same(t, "copied", a.rows(), "05-16 09:00–10:00 Otvaranje", "05-16 09:00–10:00 Otvaranje", "05-16 10:00–11:00 Pauza", "05-17 16:00–17:00 Zatvaranje")
	do("shift", "shift_from", "3", "shift_by", "-15")
	do("shift", "shift_from", "2", "shift_by", "30")
	same(t, "shifted", a.rows(), "05-16 09:30–10:30 Otvaranje", "05-16 09:30–10:30 Otvaranje", "05-16 10:15–11:15 Pauza", "05-17 16:00–17:00 Zatvaranje")
	do("remove 3")
	do("remove 4")
	do("restore 4")
	do("add 2022-05-16")
	same(t, "removed", a.rows(), "05-16 09:30–10:30 Otvaranje", "05-16 09:30–10:30 Otvaranje", "05-16 10:15–11:15 Pauza (gone)", "05-16 10:30– ", "05-17 16:00–17:00 Zatvaranje")
	was := s.programme(t, e)
	if len(was) != 3 {
		t.Errorf("%d sessions are stored before saving", len(was))
	}
	s.press(t, at, at, a.filled(programmeForm))
	now := s.programme(t, e)
	if len(now) != 3 || now[0].Code != was[0].Code && now[1].Code != was[0].Code || now[2].Code != was[2].Code {
		t.Errorf("stored: %+v", now)
	}
}

func TestWhatAnEventLacksIsMadeWhereItIsTyped(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	e, at := s.planned(t, func(f *event.Facts) { f.Interpretation = []locale.Code{"en"} })
	f := s.get(t, at).filled(programmeForm)
	for n, speakers := range map[string]string{"1": "Ana Anić, Boro Borić", "2": "boro borić"} {
		f.Set("session_"+n+"_room", map[string]string{"1": "Velika sala", "2": "velika sala"}[n])
		f.Set("session_"+n+"_track", "Policija")
		f.Set("session_"+n+"_speaker_new", speakers)
	}
	f.Set("session_1_description", "Prvi red\n\n- drugi")
	f.Set("session_1_minutes", "45")
	f.Set("session_1_interpretation", "en")
	s.press(t, at, at, f)
	c, err := event.ReadContent(t.Context(), s.DB.Read(), s.Reload(t, e))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rooms) != 1 || len(c.Tracks) != 1 || len(c.Speakers) != 2 || c.Rooms[0].Name.By["cnr"] != "Velika sala" {
		t.Fatalf("rooms %v, tracks %v, speakers %v", c.Rooms, c.Tracks, c.Speakers)
	}
	one := c.Sessions[0]
	if one.RoomID != c.Rooms[0].ID || c.Sessions[1].RoomID != one.RoomID || one.TrackID == 0 || len(one.Speakers) != 2 || one.Minutes() != 45 || one.Description.By["cnr"] != "Prvi red\n\n- drugi" ||
		!slices.Equal(one.Interpretation.V, []locale.Code{"en"}) || one.Sequence != 1 || c.Sessions[2].Sequence != 0 {
		t.Errorf("the first session: %+v", one)
	}
	// drawn and saved again, nothing changes
	before := s.programme(t, e)
	a := s.get(t, at)
	same(t, "rooms to choose from", []string{attrOf(a.all("#rooms option")[0], "value")}, "Velika sala")
	again := a.filled(programmeForm)
	again.Set("session_1_description", "Prvi red\n\n- drugi") // filled takes lines together
	s.press(t, at, at, again)
	if diff := cmp.Diff(before, s.programme(t, e)); diff != "" {
		t.Errorf("saved as it was, and yet (-before +after):\n%s", diff)
	}
}

func TestTranslationsThatAreNotShownStay(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	e, at := s.planned(t)
	list := s.programme(t, e)
	f := s.get(t, at).filled(programmeForm)
	list[0].Title = locale.NewText("cnr", "Otvaranje", "hr", "Otvorenje", "en", "Opening")
	list[1].Title = locale.NewText("en", "Coffee")
	e = s.Programme(t, e, list...)
	a := s.get(t, at)
	if a.attr("#f-session_1_title_hr", "value") != "Otvorenje" || a.attr("#f-session_2_title", "value") != "" || a.attr("#f-session_2_title_en", "value") != "Coffee" {
		t.Errorf("translations in the form")
	}
	if len(a.all("#f-session_1_title_mk")) != 0 {
		t.Error("a language that nobody asked for is there")
	}
	f.Set("version", fmt.Sprint(e.Version)) // a form that doesn't know Croatian
	f.Set("session_1_was", a.attr("[name=session_1_was]", "value"))
	f.Set("session_2_was", a.attr("[name=session_2_was]", "value"))
	f.Set("session_1_title", "Svečano otvaranje")
	s.press(t, at, at, f)
	now := s.programme(t, e)
	if got := now[0].Title.By; got["hr"] != "Otvorenje" || got["cnr"] != "Svečano otvaranje" {
		t.Errorf("the first is called %v", got)
	}
}

func TestAnHourThatDoesNotExistIsRefusedInWords(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		day, _ := db.ParseDay("2023-03-26")
		e := s.Event(t, func(f *event.Facts) { f.StartsOn = day })
		at := "/desk/events/" + e.Code + "/programme"
		send := func(starts, ends string) answer {
			f := s.get(t, at).filled(programmeForm)
			f.Set("session_1_title", "Noćna vježba")
			f.Set("session_1_starts", starts)
			f.Set("session_1_ends", ends)
			return s.post(t, at, at, f)
		}
		for name, c := range map[string]struct{ starts, ends, field, says string }{
			"starts":    {"02:30", "04:00", "starts", "At 02:00 the clocks go forward to 03:00 that night: this time doesn't exist."},
			"ends":      {"01:00", "02:00", "ends", "At 02:00 the clocks go forward to 03:00 that night: this time doesn't exist."},
			"backwards": {"10:00", "09:00", "ends", "The end must not be before the start."},
			"no hour":   {"10:00", "noon", "ends", "Enter a time, such as 09:30."},
			"nothing":   {"10:00", "", "ends", "This field is required."},
		} {
			a := send(c.starts, c.ends)
			if a.code != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, a.code)
				continue
			}
			if got := a.text("#f-session_1_" + c.field + "-e"); !strings.HasSuffix(got, c.says) {
				t.Errorf("%s: %q", name, got)
			}
		}
		if a := send("01:30", "03:30"); a.code != http.StatusSeeOther {
			t.Fatalf("%d %q", a.code, a.texts("#errors li"))
		}
		if x := s.programme(t, e)[0]; x.Minutes() != 60 {
			t.Errorf("from 01:30 to 03:30 are %d minutes that night", x.Minutes())
		}
	})
}

func TestADinnerGoesOnAfterMidnight(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	e, at := s.planned(t)
	f := s.get(t, at).filled(programmeForm)
	f.Set("session_3_starts", "20:00")
	f.Set("session_3_ends", "00:30")
	s.press(t, at, at, f)
	if x := s.programme(t, e)[2]; x.Minutes() != 270 || x.Day.String() != "2022-05-17" {
		t.Errorf("%d minutes on %s", x.Minutes(), x.Day)
	}
	f = s.get(t, at).filled(programmeForm)
	same(t, "hours", []string{f.Get("session_3_starts"), f.Get("session_3_ends")}, "20:00", "00:30")
}

func TestConflictsAreToldInWordsAndDoNotPreventSaving(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	_, at := s.planned(t)
	f := s.get(t, at).filled(programmeForm)
	for _, n := range []string{"1", "2"} {
		f.Set("session_"+n+"_room", "Velika sala")
		f.Set("session_"+n+"_speaker_new", "Ana Anić")
	}
	f.Set("session_1_ends", "10:30")
	f.Set("session_3_ends", "15:00")
	said := []string{
		"“Otvaranje” and “Pauza” are in the same room at the same time: Velika sala. Monday, 10:00–10:30",
		"The same person leads “Otvaranje” and “Pauza” at the same time: Ana Anić. Monday, 10:00–10:30",
	}
	check := s.post(t, at, at+"/check", f)
	same(t, "asked by the script", check.texts("[data-rows]"), said...)
	if got := check.attr("[data-rows]", "data-rows"); got != "1 2 " {
		t.Errorf("it concerns rows %q", got)
	}
	same(t, "and what is wrong", []string{check.attr("[data-field]", "data-field"), check.text("[data-field]")}, "session_3_ends", "The end must not be before the start.")
	if strings.Contains(check.body, "<html") {
		t.Error("the script is sent a whole page")
	}
	f.Set("session_3_ends", "17:00")
	f.Set("do", "check")
	a := s.post(t, at, at, f)
	same(t, "asked without a script", a.texts("[data-rows]"), said...)
	same(t, "beside the sessions", a.texts("#row-2 [data-told] li"), said...)
	if len(a.all("#row-3 [data-told] li")) != 0 {
		t.Error("the third session is concerned")
	}
	s.press(t, at, at, a.filled(programmeForm))
	same(t, "saved", s.get(t, at).texts("[data-rows]"), said...)
}

func TestWhatSomebodyElseDidMeanwhileIsNotLost(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d).as(t, organiser)
		e, at := s.planned(t)
		mine := s.get(t, at).filled(programmeForm)
		mine.Set("session_1_title", "Moje otvaranje")

		// a change of the event that leaves the programme alone asks for nothing
		if _, err := s.Events.CloseRegistration(t.Context(), account.System, e.Code); err != nil {
			t.Fatal(err)
		}
		s.press(t, at, at, mine)

		mine = s.get(t, at).filled(programmeForm)
		mine.Set("session_1_title", "Naše otvaranje")
		theirs := s.programme(t, e)
		theirs[0].Title = locale.NewText("cnr", "Njihovo otvaranje")
		theirs[2].Title = locale.NewText("cnr", "Njihovo zatvaranje")
		added := theirs[0]
		added.Code, added.Title, added.StartsAt, added.EndsAt = "", locale.NewText("cnr", "Njihov panel"), db.At(e.StartsOn.In(e.Location(), 12, 0)), db.At(e.StartsOn.In(e.Location(), 13, 0))
		s.Programme(t, e, theirs[0], added, theirs[2]) // and the break is gone
		a := s.post(t, at, at, mine)
		if a.code != http.StatusUnprocessableEntity {
			t.Fatalf("saved over them: %d", a.code)
		}
		same(t, "both", a.rows(), "05-16 09:00–10:00 Naše otvaranje", "05-16 10:00–11:00 Pauza", "05-16 12:00–13:00 Njihov panel", "05-17 16:00–17:00 Njihovo zatvaranje")
		for n, want := range []string{"Njihovo otvaranje, Monday, 09:00–10:00", "removed this session", "added this session", "as they left it"} {
			if got := a.text(fmt.Sprintf("#row-%d .session__note", n+1)); !strings.Contains(got, want) {
				t.Errorf("row %d: %q", n+1, got)
			}
		}
		s.press(t, at, at, a.filled(programmeForm))
		same(t, "after saving again", s.get(t, at).rows(), "05-16 09:00–10:00 Naše otvaranje", "05-16 10:00–11:00 Pauza", "05-16 12:00–13:00 Njihov panel", "05-17 16:00–17:00 Njihovo zatvaranje")
	})
}

func TestAUsualDayFillsAnEmptyProgramme(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	e := s.Event(t)
	at := "/desk/events/" + e.Code + "/programme"
	a := s.get(t, at)
	if got := a.text(".usual button"); got != "Fill in a usual day" {
		t.Errorf("the button says %q", got)
	}
	f := a.filled(programmeForm)
	f.Set("do", "usual")
	s.press(t, at, at, f)
	list := s.programme(t, e)
	if len(list) != 16 || list[0].Title.By["mk"] != "Отворање" {
		t.Errorf("%d sessions, %v", len(list), list[0].Title)
	}
	s.post(t, at, at, f) // a second press changes nothing
	if len(s.get(t, at).all(".usual")) != 0 || len(s.programme(t, e)) != 16 || s.programme(t, e)[0].Code != list[0].Code {
		t.Error("the usual day takes the place of a programme")
	}
}

func TestTooManyAndTooLongSessionsAreRefused(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t))).as(t, organiser)
	_, at := s.planned(t)
	f := s.get(t, at).filled(programmeForm)
	f.Set("session_1_title", strings.Repeat("ш", 301))
	f.Set("session_2_description", strings.Repeat("x", 10_001))
	f.Set("session_3_minutes", "many")
	a := s.post(t, at, at, f)
	if a.code != http.StatusUnprocessableEntity || len(a.all("#f-session_1_title-e")) != 1 || len(a.all("#f-session_2_description-e")) != 1 || len(a.all("#f-session_3_minutes-e")) != 1 {
		t.Errorf("%d %q", a.code, a.texts("#errors li"))
	}
	if !hasAttr(a.all("#row-2 details")[0], "open") {
		t.Error("what is wrong is folded away")
	}
	f = s.get(t, at).filled(programmeForm)
	f.Set("rows", "501")
	for n := 4; n <= 501; n++ {
		p := fmt.Sprintf("session_%d_", n)
		for name, v := range map[string]string{"day": "2022-05-16", "starts": "12:00", "ends": "13:00", "kind": "panel", "title": "x"} {
			f.Set(p+name, v)
		}
	}
	if a := s.post(t, at, at, f); a.code != http.StatusUnprocessableEntity || !strings.Contains(a.text("#errors"), "500") {
		t.Errorf("501 sessions: %d", a.code)
	}
}
