package public_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

// bad is what somebody may type anywhere.
var bad = `]]></script><svg/onload=alert(1)>"'&{{.}}` + "\r\nATTENDEE:mailto:x@evil.example\r\n\u202Egpj\x00\x1b " + strings.Repeat("W", 150)

func TestWhatSomebodyTypedIsTextOnEverythingThatTellsOfAnEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		evil := locale.NewText("en", bad)
		e := s.Event(t, func(f *event.Facts) {
			f.Title, f.Description, f.Audience, f.Costs = evil, evil, evil, evil
			f.City, f.Venue, f.ContactName = bad[:60], bad, bad[:80]
			f.Directions, f.Accessibility = evil, evil
		})
		room, err := s.Events.AddRoom(t.Context(), account.System, e.Code, event.Room{Name: evil, Directions: evil})
		if err != nil {
			t.Fatal(err)
		}
		who, err := s.Events.AddSpeaker(t.Context(), account.System, e.Code, event.Speaker{Name: bad[:150], Kind: event.Trainer, Role: evil, Bio: evil, Shown: event.ToAll})
		if err != nil {
			t.Fatal(err)
		}
		e = s.Programme(t, e, event.Session{
			StartsAt: db.At(at(16, 7)), EndsAt: db.At(at(16, 8)), Kind: event.Plenary, Title: evil, Description: evil, RoomID: room.ID, Speakers: []int64{who.ID}, Counts: true,
		})
		base := "/en/events/" + e.Code
		for _, path := range []string{"/en/", "/en/events", base, base + "/programme", base + "/trainers/" + who.Code, base + "/register"} {
			a := s.get(t, path)
			if a.code != 200 || len(a.all("svg[onload]")) != 0 || strings.Contains(a.body, "<svg/onload") {
				t.Errorf("%s: %d, with what was typed as markup", path, a.code)
			}
			for _, x := range a.all("script") {
				if strings.Contains(words(x), "</") || strings.Contains(words(x), "<svg") {
					t.Errorf("%s: a script holds markup", path)
				}
			}
		}
		for _, path := range []string{"/en/events.rss", "/sitemap.xml"} {
			for r := xml.NewDecoder(strings.NewReader(s.get(t, path).body)); ; {
				x, err := r.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if tag, ok := x.(xml.StartElement); err != nil || ok && tag.Name.Local == "svg" {
					t.Fatalf("%s: %v %v", path, x, err)
				}
			}
		}
		for _, path := range []string{base + ".ics", base + "/programme.ics", "/en/events.ics"} {
			a := s.get(t, path)
			for line := range strings.SplitSeq(a.body, "\r\n") {
				if strings.HasPrefix(line, "ATTENDEE") || len(line) > 75 {
					t.Errorf("%s has a line %q", path, line)
				}
			}
			a.entries()
		}
		for _, path := range []string{base + "/programme.pdf", base + "/card.png", "/en/card.png"} {
			if a := s.get(t, path); a.code != 200 {
				t.Errorf("%s: %d", path, a.code)
			}
		}
	})
}
