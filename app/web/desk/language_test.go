package desk_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/sheet"
)

// bilingual is an event in Montenegrin and English with two sessions, of which one has no English title.
func (s *site) bilingual(t *testing.T) *event.Event {
	t.Helper()
	e := s.Event(t, func(f *event.Facts) { f.Description = locale.NewText("cnr", "**Opis**\n\n- jedan", "en", "**Text**") })
	at := func(d, h int) db.Time { return db.At(e.StartsOn.Plus(d).In(e.Location(), h, 0)) }
	return s.Programme(t, e,
		event.Session{StartsAt: at(0, 9), EndsAt: at(0, 11), Kind: event.Plenary, Title: locale.NewText("cnr", "Uvod", "en", "Opening"), Counts: true},
		event.Session{StartsAt: at(1, 9), EndsAt: at(1, 10), Kind: event.GroupWork, Title: locale.NewText("cnr", "Vježba"), Counts: true})
}

func TestThePageOfLanguagesSaysWhatIsMissingAndWhatFollowsFromIt(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.bilingual(t)
	s = s.as(t, organiser)
	a := s.get(t, "/desk/events/"+e.Code+"/languages")
	if got := a.texts(".speech h4"); !slices.Equal(got[:2], []string{"Montenegrin", "English"}) || len(got) != 8 {
		t.Errorf("the working languages aren't first: %v", got)
	}
	if diff := cmp.Diff([]string{"Session: Vježba · Title"}, a.texts("#h-working ~ ul .fold li")); diff != "" {
		t.Errorf("what English lacks (-want +got):\n%s", diff)
	}
	got := a.texts(".speech__so > p")[:3]
	want := []string{"The event is shown in this language.", "Until one text is translated, readers of this language see the event in: Montenegrin", "Until 4 texts are translated, readers of this language see the event in: Montenegrin"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	key := fmt.Sprintf("session-%d-title", s.content(t, e).Sessions[1].ID)
	at := "/desk/events/" + e.Code + "/languages/en"
	s.press(t, at, at, url.Values{"version": {strconv.Itoa(e.Version)}, "text_" + key: {"Exercise"}})
	got = s.get(t, "/desk/events/"+e.Code+"/languages").texts(".speech__so > p")[:3]
	want = []string{"The event is shown in this language.", "The event is shown in this language.", "Until 4 texts are translated, readers of this language see the event in: English"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("once it is translated (-want +got):\n%s", diff)
	}
}

func (s *site) content(t *testing.T, e *event.Event) *event.Content {
	t.Helper()
	c, err := event.ReadContent(t.Context(), s.DB.Read(), s.Reload(t, e))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestATextWhoseOriginalWasChangedIsCheckedOrTranslatedAgain(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.bilingual(t)
	sessions := s.content(t, e).Sessions
	sessions[0].Title = locale.NewText("cnr", "Početak", "en", "Opening")
	e = s.Programme(t, e, sessions...)
	s = s.as(t, organiser)
	if got := s.get(t, "/desk/events/"+e.Code+"/languages").texts("#h-working ~ ul .status--wait"); !slices.Contains(got, "The original of one text has changed since") && !slices.Contains(got, "The original of 1 text has changed since") {
		t.Errorf("the page of languages says %v", got)
	}
	at, key := "/desk/events/"+e.Code+"/languages/en", fmt.Sprintf("session-%d-title", sessions[0].ID)
	a := s.get(t, at)
	if got := a.texts("#h-stale ~ .beside .verbatim"); !slices.Equal(got, []string{"Početak"}) {
		t.Errorf("to be checked: %v", got)
	}
	form := a.filled("form.translation")
	form.Set("right_"+key, "yes")
	s.press(t, at, at, form)
	if c := s.content(t, e); c.Sessions[0].Title.IsStale("en") || c.Sessions[0].Title.By["en"] != "Opening" {
		t.Errorf("%v", c.Sessions[0].Title)
	}
}

func TestNothingOfATranslationIsLostWhenSomebodyElseWasQuicker(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.bilingual(t)
	s = s.as(t, organiser)
	at := "/desk/events/" + e.Code + "/languages/mk"
	form := s.get(t, at).filled("form.translation")
	if got := s.get(t, "/desk/events/"+e.Code+"/languages/en").texts(".note--stop"); len(got) != 0 {
		t.Errorf("something is lost before anything was typed: %v", got)
	}
	sessions := s.content(t, e).Sessions
	title, first, second := fmt.Sprintf("event-%d-title", e.ID), fmt.Sprintf("session-%d-title", sessions[0].ID), fmt.Sprintf("session-%d-title", sessions[1].ID)
	form.Set("text_"+title, "Обука")
	form.Set("text_"+first, "Вовед")
	form.Set("text_"+second, "Вежба")
	sessions[0].Title.By["mk"] = "Отворање" // somebody else translates the first and takes the second away
	s.Programme(t, e, sessions[0])
	a := s.post(t, at, at, form)
	if a.code != http.StatusConflict && a.code != http.StatusUnprocessableEntity {
		t.Fatalf("%d", a.code)
	}
	if got := a.texts(".note--stop .verbatim"); !slices.Equal(got, []string{"Вежба"}) {
		t.Errorf("what belongs to no text any more: %v", got)
	}
	if got := a.texts(".beside__field .verbatim"); !slices.Equal(got, []string{"What is stored now: Отворање"}) {
		t.Errorf("what is stored now: %v", got)
	}
	form = a.filled("form.translation")
	if form.Get("text_"+title) != "Обука" || form.Get("text_"+first) != "Вовед" {
		t.Errorf("typed texts are gone: %v", form)
	}
	s.press(t, at, at, form)
	if c := s.content(t, e); c.Event.Title.By["mk"] != "Обука" || c.Sessions[0].Title.By["mk"] != "Вовед" {
		t.Errorf("saving again: %v, %v", c.Event.Title, c.Sessions[0].Title)
	}
}

func TestATranslationThatIsTooLongIsToldBesideItsField(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.bilingual(t)
	s = s.as(t, organiser)
	at, field := "/desk/events/"+e.Code+"/languages/mk", fmt.Sprintf("text_event-%d-title", e.ID)
	form := s.get(t, at).filled("form.translation")
	form.Set(field, strings.Repeat("ш", 301))
	a := s.post(t, at, at, form)
	if got := a.text("#f-" + field + "-e"); a.code != http.StatusUnprocessableEntity || !strings.HasSuffix(got, "This text is too long: at most 300 characters.") {
		t.Errorf("%d %q", a.code, got)
	}
	if s.Reload(t, e).Title.By["mk"] != "" {
		t.Error("it was kept")
	}
	for path, want := range map[string]int{"/languages/xx": 404, "/languages/cnr": 200, "/languages/mk.xlsx": 200, "/languages/xx.xlsx": 404} {
		if got := s.get(t, "/desk/events/"+e.Code+path).code; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}

func TestTextsGoToATranslatorAsAWorkbookAndComeBack(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.bilingual(t)
	sessions := s.content(t, e).Sessions
	sessions[0].Title = locale.NewText("cnr", "=HYPERLINK(\"http://x\")", "en", "Opening")
	e = s.Programme(t, e, sessions...)
	s = s.as(t, organiser)
	at := "/desk/events/" + e.Code + "/languages/mk"
	res := s.send(t, httptest.NewRequest(http.MethodGet, "https://attesta.example"+at+".xlsx", nil))
	defer res.Body.Close()
	var file bytes.Buffer
	if _, err := file.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	book, err := sheet.Read("x.xlsx", file.Bytes(), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if book.Sheets[0].Formulas != 0 {
		t.Error("a title has become a formula")
	}
	var rows [][]any
	for i, r := range book.Sheets[0].Rows[1:] {
		row := []any{r[0], r[1], r[2], fmt.Sprint("Превод ", i)}
		if i == 0 {
			row[2] = "Former title"
		}
		rows = append(rows, row)
	}
	rows = append(rows, []any{"session-9999-title", "", "", "x"}, []any{"total", "", "", "4"})
	var filled bytes.Buffer
	if err := sheet.WriteXLSX(&filled, sheet.Document{Created: s.Clock.Now()}, sheet.Table{Name: "mk", Header: []string{"1", "2", "3", "4"}, Rows: sheet.Rows(rows)}); err != nil {
		t.Fatal(err)
	}
	a := s.uploadTexts(t, at, at+"/file", filled.Bytes())
	if a.code != http.StatusOK {
		t.Fatalf("%d", a.code)
	}
	want := []string{"4 texts were read from the file. Nothing is saved yet: look at them, then save.", "Rows that belong to no text of this event: 6", "The original has changed since the file was downloaded: Title"}
	if diff := cmp.Diff(want, a.texts(".note--wait[role=status] p")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(s.content(t, e).Lacks("mk")) != 4 {
		t.Error("something was kept before anybody looked at it")
	}
	s.press(t, at, at, a.filled("form.translation"))
	if lacks := s.content(t, e).Lacks("mk"); len(lacks) != 0 {
		t.Errorf("%d texts are missing", len(lacks))
	}
	for name, c := range map[string]struct {
		data []byte
		says string
	}{
		"another table": {[]byte("a;b\nc;d\n"), "This file holds no translations: its first column must be as it was downloaded."},
		"no table":      {[]byte("%PDF-1.4 x"), ""},
	} {
		a := s.uploadTexts(t, at, at+"/file", c.data)
		if got := strings.TrimPrefix(a.text("#f-file-e"), "Error: "); a.code != http.StatusUnprocessableEntity || got == "" || c.says != "" && got != c.says {
			t.Errorf("%s: %d %q", name, a.code, got)
		}
	}
}

// uploadTexts sends a file with the token of the page at from.
func (s *site) uploadTexts(t *testing.T, from, path string, data []byte) answer {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	if err := m.WriteField("_csrf", s.get(t, from).attr("input[name=_csrf]", "value")); err != nil {
		t.Fatal(err)
	}
	part, err := m.CreateFormFile("file", "texts.xlsx")
	if err == nil {
		_, err = part.Write(data)
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "https://attesta.example"+path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(t, r)
}
