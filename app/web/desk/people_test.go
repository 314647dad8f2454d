package desk_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
	"attesta/app/web/public"
)

// open is a site that has the public pages too.
func open(t *testing.T, d *db.DB) *site {
	t.Helper()
	return newSite(t, d, func(c *web.Config) {
		w := c.Accounts.(people).w
		c.Routes = append(c.Routes, (&public.Pages{Events: w.Events, Registrations: w.Registrations, Certificates: w.Certificates, DB: d, Catalogue: c.Catalogue}).Routes()...)
	})
}

// submit sends a form with a file in the field portrait.
func (s *site) submit(t testing.TB, from, path string, values url.Values, file []byte) answer {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	values.Set("_csrf", s.get(t, from).attr("input[name=_csrf]", "value"))
	for name, list := range values {
		for _, v := range list {
			if err := m.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	part, err := m.CreateFormFile("portrait", "me.jpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "https://attesta.example"+path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(t, r)
}

func photograph(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 300, 400)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhoLeadsSessionsIsAddedChangedOrderedAndRemoved(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := open(t, d)
		e := s.Event(t)
		who, base := s.as(t, organiser), "/desk/events/"+e.Code+"/people"
		if a := who.get(t, base); len(a.all(".empty")) != 1 {
			t.Error("an empty list doesn't say what to do")
		}
		f := who.get(t, base+"/new").filled("form.form")
		f.Set("name", " Ђорђе  Ђукановић ")
		f.Set("role", "Judge")
		f.Set("role_mk", "Судија")
		f.Set("bio", "Twenty *years*.\n\nIn Niš.")
		if a := who.submit(t, base+"/new", base+"/new", f, photograph(t)); a.code != http.StatusSeeOther || a.head.Get("Location") != base {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		f.Set("name", "Ana")
		f.Set("shown", "approved")
		f.Set("then", "more")
		if a := who.post(t, base+"/new", base+"/new", f); a.head.Get("Location") != base+"/new" {
			t.Fatalf("%d to %s", a.code, a.head.Get("Location"))
		}
		list := who.get(t, base)
		if diff := cmp.Diff([]string{"Ђорђе Ђукановић", "Ana"}, list.texts(".persons__who > a")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := list.texts(".tag--look"); len(got) != 1 {
			t.Errorf("not in public: %v", got)
		}
		picture := list.attr("img.persons__face", "src")
		visitor := *s
		visitor.jar = map[string]string{}
		a := visitor.get(t, picture)
		if a.code != http.StatusOK || a.head.Get("Content-Type") != "image/jpeg" || a.head.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.head.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", picture, a.code, a.head)
		}
		if large := visitor.get(t, who.get(t, base+"/djordje-djukanovic").attr("img.portrait", "src")); large.code != http.StatusOK || len(large.body) <= len(a.body) {
			t.Errorf("%d: the list has %d bytes, the form %d", large.code, len(a.body), len(large.body))
		}
		if a := visitor.get(t, "/portraits/0000.jpg"); a.code != http.StatusNotFound {
			t.Errorf("a portrait that isn't there: %d", a.code)
		}
		who.post(t, base, base+"/ana/move", url.Values{"by": {"-1"}})
		one := base + "/djordje-djukanovic"
		f = who.get(t, one).filled("form.form")
		if f.Get("role_mk") != "Судија" || f.Get("original") != "cnr" || !strings.HasPrefix(f.Get("bio"), "Twenty") {
			t.Errorf("the form has %v", f)
		}
		f.Set("kind", "moderator")
		f.Set("no_portrait", "yes")
		if a := who.post(t, one, one, f); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		list = who.get(t, base)
		if got := list.texts(".persons__who > a"); got[0] != "Ana" || len(list.all("img.persons__face")) != 0 || list.texts(".tag")[3] != "Moderator" {
			t.Errorf("%v, %v", got, list.texts(".tag"))
		}
		if a := visitor.get(t, picture); a.code != http.StatusNotFound {
			t.Errorf("the portrait is still there: %d", a.code)
		}
		ask := who.get(t, base+"/ana/remove")
		if ask.text(".lead") != "Ana" {
			t.Error("the question doesn't name who is removed")
		}
		who.post(t, base+"/ana/remove", base+"/ana/remove", nil)
		if got := who.get(t, base).texts(".persons__who > a"); len(got) != 1 {
			t.Errorf("after removing Ana: %v", got)
		}
	})
}

func TestNothingThatWasTypedAboutAPersonIsLost(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		who, base := s.as(t, organiser), "/desk/events/"+e.Code+"/people"
		f := url.Values{"name": {""}, "kind": {"clown"}, "shown": {"all"}, "original": {"mk"}, "role": {"Судија"}, "bio": {"Дваесет"}}
		a := who.post(t, base+"/new", base+"/new", f)
		if a.code != http.StatusUnprocessableEntity || len(a.all("#f-name-e")) != 1 || len(a.all("#f-kind-e")) != 1 || a.attr("#f-role", "value") != "Судија" || a.text("#f-bio") != "Дваесет" {
			t.Errorf("%d %v", a.code, a.texts(".errors li"))
		}
		f.Set("name", "Ana")
		f.Set("kind", "trainer")
		a = who.submit(t, base+"/new", base+"/new", f, []byte("<svg></svg>"))
		if a.code != http.StatusUnprocessableEntity || len(a.all("#f-portrait-e")) != 1 || a.attr("form.form", "action") != base+"/ana" {
			t.Errorf("a drawing: %d %v", a.code, a.texts(".errors li"))
		}
		again := a.filled("form.form")
		if a := who.submit(t, base+"/ana", base+"/ana", again, photograph(t)); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		list, err := event.Speakers(t.Context(), d.Read(), e.ID)
		if err != nil || len(list) != 1 || list[0].Portrait == "" || list[0].Bio.By["mk"] != "Дваесет" {
			t.Errorf("%+v, %v", list, err)
		}
		stale := who.get(t, base+"/ana").filled("form.form")
		first := who.get(t, base+"/ana").filled("form.form")
		first.Set("role", "Судија на апелација")
		who.post(t, base+"/ana", base+"/ana", first)
		stale.Set("name", "Ana B")
		a = who.post(t, base+"/ana", base+"/ana", stale)
		if len(a.all(".note--wait")) != 1 || a.attr("#f-name", "value") != "Ana B" {
			t.Errorf("the second: %d", a.code)
		}
		if a := who.post(t, base+"/ana", base+"/ana", a.filled("form.form")); a.code != http.StatusSeeOther {
			t.Errorf("meant all the same: %d", a.code)
		}
	})
}

func TestPeopleOfAnotherEventAreTakenOver(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		old, e := s.Event(t), s.Event(t)
		base := "/desk/events/" + e.Code + "/people"
		who := s.as(t, organiser)
		if a := who.get(t, base+"/take"); len(a.all(".empty")) != 1 {
			t.Error("where there is nobody nothing says so")
		}
		for _, name := range []string{"Снежана Трајковска", "Blerim Hoxha"} {
			if _, err := s.Events.AddSpeaker(t.Context(), s.Organiser(), old.Code, event.Speaker{Name: name, Kind: event.Trainer, Shown: event.ToAll}); err != nil {
				t.Fatal(err)
			}
		}
		found := who.get(t, base+"/take?q=snezana")
		if got := found.texts("#f-who .choice label"); len(got) != 1 || got[0] != "Снежана Трајковска" {
			t.Errorf("found: %v", got)
		}
		if a := who.post(t, base+"/take", base+"/take", nil); a.code != http.StatusUnprocessableEntity || len(a.all("#f-who-e")) != 1 {
			t.Errorf("nobody chosen: %d", a.code)
		}
		for _, wrong := range []string{"x", "424242"} {
			if a := who.post(t, base+"/take", base+"/take", url.Values{"who": {wrong}}); a.code != http.StatusNotFound {
				t.Errorf("%s: %d", wrong, a.code)
			}
		}
		a := who.post(t, base+"/take", base+"/take", url.Values{"who": {found.attr("#f-who input", "value")}})
		if got := who.get(t, base).texts(".persons__who > a"); a.code != http.StatusSeeOther || !slices.Equal(got, []string{"Снежана Трајковска"}) {
			t.Errorf("%d, then %v", a.code, got)
		}
	})
}

func TestRoomsTracksAndInterpretationStandOnOnePage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Automatic, func(f *event.Facts) { f.Interpretation = []locale.Code{"mk", "sq"} })
		who, base := s.as(t, organiser), "/desk/events/"+e.Code
		add := func(path string, values url.Values) answer { return who.post(t, base+"/rooms", base+path, values) }
		if a := add("/rooms", url.Values{"room_seats": {"many"}}); len(a.all("#f-room_name-e")) != 1 || len(a.all("#f-room_seats-e")) != 1 || a.attr("#f-room_seats", "value") != "many" {
			t.Errorf("%d %v", a.code, a.texts(".errors li"))
		}
		if a := add("/tracks", nil); len(a.all("#f-track_name-e")) != 1 || len(a.all("#f-room_name-e")) != 0 {
			t.Errorf("%d %v", a.code, a.texts(".errors li"))
		}
		add("/rooms", url.Values{"room_name": {"Hall"}, "room_seats": {"120"}})
		add("/rooms", url.Values{"room_name": {"Small room"}})
		add("/tracks", url.Values{"track_name": {"Police"}})
		rooms, err := event.Rooms(t.Context(), d.Read(), e.ID)
		if err != nil || len(rooms) != 2 {
			t.Fatal(rooms, err)
		}
		tracks, err := event.Tracks(t.Context(), d.Read(), e.ID)
		if err != nil || len(tracks) != 1 {
			t.Fatal(tracks, err)
		}
		at := db.At(e.StartsOn.In(e.Location(), 9, 0))
		s.Programme(t, e, event.Session{Title: locale.NewText("en", "Opening"), Kind: event.Plenary, StartsAt: at, EndsAt: db.At(at.Add(time.Hour)), RoomID: rooms[0].ID, TrackID: tracks[0].ID, Interpretation: db.JSON[[]locale.Code]{V: []locale.Code{"sq"}}})
		for i, into := range []locale.Code{"sq", "sq", "mk", ""} {
			sub := apptest.Submission(i)
			sub.Interpretation = into
			if _, err := s.Registrations.Register(t.Context(), e.Code, sub); err != nil {
				t.Fatal(err)
			}
		}
		page := who.get(t, base+"/rooms")
		if diff := cmp.Diff([]string{"Macedonian01", "Albanian12", "Total3"}, page.texts("#interpretation .units tbody tr, #interpretation .units tfoot tr")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := page.texts("#interpretation .events tbody th"); !slices.Equal(got, []string{"Opening"}) {
			t.Errorf("interpreted: %v", got)
		}
		hall, police := fmt.Sprint(base, "/rooms/", rooms[0].ID), fmt.Sprint(base, "/tracks/", tracks[0].ID)
		f := who.get(t, hall).filled("form.form")
		f.Set("name_mk", "Сала")
		f.Set("accessibility", "No steps")
		f.Set("seats", "110")
		if a := who.post(t, hall, hall, f); a.code != http.StatusSeeOther {
			t.Fatalf("%d %v", a.code, a.texts(".errors li"))
		}
		if a := who.post(t, hall, hall, f); len(a.all(".note--wait")) != 1 {
			t.Errorf("a stale form: %d", a.code)
		}
		f = who.get(t, police).filled("form.form")
		f.Set("name", "")
		if a := who.post(t, police, police, f); a.code != http.StatusUnprocessableEntity {
			t.Errorf("a track without a name: %d", a.code)
		}
		who.post(t, base+"/rooms", hall+"/move", url.Values{"by": {"1"}})
		if got := who.get(t, base+"/rooms").texts("#rooms .persons__who > a"); !slices.Equal(got, []string{"Small room", "Hall"}) {
			t.Errorf("rooms: %v", got)
		}
		for path, want := range map[string]string{hall: "1 session is left without a room.", police: "1 session is left without a track."} {
			if got := who.get(t, path+"/remove").texts("p"); !slices.Contains(got, want) {
				t.Errorf("%s: %q isn't said in %v", path, want, got)
			}
			if a := who.post(t, path+"/remove", path+"/remove", nil); a.code != http.StatusSeeOther {
				t.Errorf("%s: %d", path, a.code)
			}
		}
		if got := who.get(t, base+"/rooms").texts(".persons__who > a"); len(got) != 1 {
			t.Errorf("left: %v", got)
		}
	})
}

func TestPeopleAndRoomsAreOnlyThoseOfTheEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, other := s.Event(t), s.Event(t)
		if _, err := s.Events.AddSpeaker(t.Context(), s.Organiser(), other.Code, event.Speaker{Name: "Ana", Kind: event.Trainer, Shown: event.ToAll}); err != nil {
			t.Fatal(err)
		}
		r, err := s.Events.AddRoom(t.Context(), s.Organiser(), other.Code, event.Room{Name: locale.NewText("en", "Hall")})
		if err != nil {
			t.Fatal(err)
		}
		x, err := s.Events.AddTrack(t.Context(), s.Organiser(), other.Code, event.Track{Name: locale.NewText("en", "Police")})
		if err != nil {
			t.Fatal(err)
		}
		who, them := s.as(t, organiser), s.as(t, stranger)
		parts := []string{"/people/ana", "/people/ana/remove", fmt.Sprint("/rooms/", r.ID), fmt.Sprint("/rooms/", r.ID, "/remove"), fmt.Sprint("/tracks/", x.ID), fmt.Sprint("/tracks/", x.ID, "/remove")}
		for _, path := range append(parts, "/rooms/x", "/tracks/-1", "/people/nobody") {
			if a := who.get(t, "/desk/events/"+e.Code+path); a.code != http.StatusNotFound {
				t.Errorf("%s: %d", path, a.code)
			}
		}
		for _, path := range append(parts, "/people", "/people/new", "/people/take", "/rooms") {
			if a := them.get(t, "/desk/events/"+other.Code+path); a.code != http.StatusNotFound {
				t.Errorf("%s for a stranger: %d", path, a.code)
			}
		}
	})
}

func TestListsOfPeopleAndRoomsCostTheSameQueriesForOneAndForMany(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e, old := s.Event(t, func(f *event.Facts) { f.Interpretation = []locale.Code{"mk"} }), s.Event(t)
	grow := func(n int) {
		for i := range n {
			_, err := s.Events.AddSpeaker(t.Context(), s.Organiser(), e.Code, event.Speaker{Name: fmt.Sprint("Ana ", i), Kind: event.Trainer, Shown: event.ToAll})
			if err == nil {
				_, err = s.Events.AddSpeaker(t.Context(), s.Organiser(), old.Code, event.Speaker{Name: fmt.Sprint("Boris ", i), Kind: event.Trainer, Shown: event.ToAll})
			}
			if err == nil {
				_, err = s.Events.AddRoom(t.Context(), s.Organiser(), e.Code, event.Room{Name: locale.NewText("en", "Hall")})
			}
			if err == nil {
				_, err = s.Events.AddTrack(t.Context(), s.Organiser(), e.Code, event.Track{Name: locale.NewText("en", "Police")})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	who := s.as(t, organiser)
	var c counter
	d.Read().AddQueryHook(&c) //nolint:staticcheck // its successor makes another handle, which the pages wouldn't use
	cost := func() (all []int64) {
		for _, path := range []string{"/people", "/people/take", "/rooms"} {
			before := c.n.Load()
			if a := who.get(t, "/desk/events/"+e.Code+path); a.code != http.StatusOK {
				t.Fatalf("%s: %d", path, a.code)
			}
			all = append(all, c.n.Load()-before)
		}
		return all
	}
	grow(1)
	cost()
	one := cost()
	grow(30)
	if many := cost(); !slices.Equal(one, many) || one[0] == 0 {
		t.Errorf("%v queries for one, %v for thirty", one, many)
	}
}
