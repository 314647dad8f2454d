package public_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

// structured is what a page tells search engines in the words of schema.org.
func (a answer) structured() map[string]any {
	a.t.Helper()
	var x map[string]any
	if err := json.Unmarshal([]byte(words(a.all(`script[type="application/ld+json"]`)[0])), &x); err != nil {
		a.t.Fatal(err)
	}
	return x
}

func TestAnEventIsToldInTheWordsOfSchemaOrg(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, people := s.rich(t, func(f *event.Facts) { f.Title = both(`Joint </script><script>alert("1")`, "Заедничка") })
		address := "https://attesta.example/en/events/" + e.Code
		got := s.get(t, "/en/events/"+e.Code).structured()
		want := map[string]any{
			"@context": "https://schema.org", "@type": "Event", "name": `Joint </script><script>alert("1")`, "description": "Two days of work. Method A simulation.", "url": address,
			"startDate": "2022-05-16T09:00:00+02:00", "endDate": "2022-05-17T10:30:00+02:00", "eventStatus": "https://schema.org/EventScheduled",
			"eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode", "inLanguage": []any{"cnr"}, "maximumAttendeeCapacity": 30.0,
			"location":  []any{map[string]any{"@type": "Place", "name": "Hotel Ramada", "address": map[string]any{"@type": "PostalAddress", "streetAddress": "Hotel Ramada", "addressLocality": "Podgorica", "addressCountry": "ME"}}},
			"organizer": map[string]any{"@type": "Organization", "name": "Lead Organisation"},
			"performer": []any{map[string]any{"@type": "Person", "name": "Đorđe Šćepanović", "url": address + "/trainers/" + people[0]}},
			"image":     got["image"],
		}
		if d, ok := got["description"].(string); ok {
			got["description"] = strings.Join(strings.Fields(d), " ")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		person := s.get(t, "/en/events/"+e.Code+"/trainers/"+people[0]).structured()
		if person["@type"] != "Person" || person["name"] != "Đorđe Šćepanović" || person["jobTitle"] != "Prosecutor" || person["description"] != "Twenty years of practice." {
			t.Errorf("the trainer is %v", person)
		}
		s.exec(t, "UPDATE events SET format = 'hybrid', quiet = TRUE WHERE id = ?", e.ID)
		if _, err := s.Events.Cancel(context.Background(), account.System, e.Code, both("So.", "Така.")); err != nil {
			t.Fatal(err)
		}
		got = s.get(t, "/en/events/"+e.Code).structured()
		if got["eventStatus"] != "https://schema.org/EventCancelled" || got["eventAttendanceMode"] != "https://schema.org/MixedEventAttendanceMode" || got["performer"] != nil {
			t.Errorf("cancelled, hybrid and quiet: %v", got)
		}
		if l, err := json.Marshal(got["location"]); err != nil || string(l) != `[{"@type":"VirtualLocation","url":"`+address+`"}]` {
			t.Errorf("its location: %s %v", l, err)
		}
	})
}

func TestInSummerAndWinterAnEventBeginsAtItsOwnOffset(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	winter, _ := db.ParseDay("2022-12-05")
	e := s.Event(t, func(f *event.Facts) { f.StartsOn, f.Zone = winter, "Europe/London" })
	if got := s.get(t, "/en/events/"+e.Code).structured()["startDate"]; got != "2022-12-05T09:00:00Z" && got != "2022-12-05T09:00:00+00:00" {
		t.Errorf("begins %v", got)
	}
}

func TestTheHeadSaysWhereThePageStandsInOtherLanguagesAndWhatALinkShows(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, people := s.rich(t)
		for _, path := range []string{"/", "/events", "/events/" + e.Code, "/events/" + e.Code + "/programme", "/events/" + e.Code + "/trainers/" + people[0]} {
			a := s.get(t, "/mk"+path)
			if got := a.attr("link[rel=canonical]", "href"); got != "https://attesta.example/mk"+path {
				t.Errorf("%s: canonical %s", path, got)
			}
			var tongues []string
			for _, n := range a.all("link[rel=alternate][hreflang]") {
				tongues = append(tongues, attrs(n)["hreflang"]+" "+attrs(n)["href"])
			}
			var want []string
			for _, code := range s.Catalogue.Locales() {
				want = append(want, string(code)+" https://attesta.example/"+string(code)+path)
			}
			slices.Sort(tongues)
			want = append(want, "x-default https://attesta.example/en"+path)
			slices.Sort(want)
			if diff := cmp.Diff(want, tongues); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
			for _, name := range []string{"og:type", "og:site_name", "og:title", "og:description", "og:url", "og:locale", "og:image", "og:image:alt"} {
				if got := a.attr(`meta[property="`+name+`"]`, "content"); got == "" {
					t.Errorf("%s: no %s", path, name)
				}
			}
			if got := a.attr(`meta[property="og:locale"]`, "content"); got != "mk_MK" {
				t.Errorf("%s: language %s", path, got)
			}
			image := strings.TrimPrefix(a.attr(`meta[property="og:image"]`, "content"), "https://attesta.example")
			if got := s.get(t, image); got.code != 200 || got.head.Get("Content-Type") != "image/png" {
				t.Errorf("%s: the picture answers %d", path, got.code)
			}
			if d := a.attr("meta[name=description]", "content"); d == "" || len([]rune(d)) > 201 {
				t.Errorf("%s: described as %q", path, d)
			}
		}
		unlisted := s.Event(t, func(f *event.Facts) { f.Unlisted = true })
		a := s.get(t, "/en/events/"+unlisted.Code)
		if len(a.all("link[rel=canonical], link[hreflang]")) != 0 || a.attr(`meta[property="og:title"]`, "content") == "" {
			t.Error("an unlisted event is offered to search engines, or a link to it shows nothing")
		}
		if got := s.get(t, "/en/events").attr(`link[type="application/rss+xml"]`, "href"); got != "/en/events.rss" {
			t.Errorf("the feed is %s", got)
		}
	})
}

func TestTheSiteMapHasWhatIsListedInEveryLanguageAndNothingElse(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, people := s.rich(t)
		quiet, hidden := s.rich(t, func(f *event.Facts) { f.Quiet = true })
		plain := s.Event(t)
		for _, x := range []string{"draft", "archived"} {
			s.exec(t, "UPDATE events SET state = ? WHERE id = ?", x, s.Event(t).ID)
		}
		s.Event(t, func(f *event.Facts) { f.Unlisted = true })
		a := s.get(t, "/sitemap.xml")
		var m struct {
			URL []struct {
				Loc  string `xml:"loc"`
				Link []struct {
					Lang string `xml:"hreflang,attr"`
					Href string `xml:"href,attr"`
				} `xml:"http://www.w3.org/1999/xhtml link"`
			} `xml:"url"`
		}
		if err := xml.Unmarshal([]byte(a.body), &m); err != nil || a.head.Get("Content-Type") != "application/xml; charset=utf-8" {
			t.Fatal(err, a.head)
		}
		var got, want []string
		for _, u := range m.URL {
			got = append(got, u.Loc)
			if len(u.Link) != len(s.Catalogue.Locales())+1 {
				t.Fatalf("%s has %d alternates", u.Loc, len(u.Link))
			}
		}
		for _, code := range s.Catalogue.Locales() {
			for _, path := range []string{"/", "/events", "/events/" + e.Code, "/events/" + e.Code + "/programme", "/events/" + e.Code + "/trainers/" + people[0], "/events/" + quiet.Code, "/events/" + quiet.Code + "/programme", "/events/" + plain.Code} {
				want = append(want, "https://attesta.example/"+string(code)+path)
				if x := s.get(t, "/"+string(code)+path); x.code != 200 {
					t.Errorf("%s: %d", path, x.code)
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("hidden %s: %s", hidden, diff)
		}
		if got := s.get(t, "/robots.txt").body; !strings.Contains(got, "Sitemap: https://attesta.example/sitemap.xml\n") {
			t.Errorf("robots.txt: %s", got)
		}
	})
}

func TestTheFeedTellsWhatChangedLastInOneLanguage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		first := s.Event(t, func(f *event.Facts) {
			f.Title, f.Description = both(`Fish & <chips> ]]>`, "Риба"), locale.NewText("cnr", "Samo **ovdje**.")
		})
		s.Clock.Set(at(3, 10))
		second := s.Event(t, func(f *event.Facts) { f.Title, f.Country, f.City = locale.NewText("sq", "Vetëm shqip"), "MK", "Ohrid" })
		s.Event(t, func(f *event.Facts) { f.Unlisted = true })
		type entry struct {
			Title       string `xml:"title"`
			Link        string `xml:"link"`
			Description string `xml:"description"`
			GUID        string `xml:"guid"`
			PubDate     string `xml:"pubDate"`
			Language    string `xml:"http://purl.org/dc/elements/1.1/ language"`
		}
		read := func(path string) (title, language string, items []entry) {
			var feed struct {
				Version string `xml:"version,attr"`
				Channel struct {
					Title    string  `xml:"title"`
					Language string  `xml:"language"`
					Items    []entry `xml:"item"`
				} `xml:"channel"`
			}
			a := s.get(t, path)
			if err := xml.Unmarshal([]byte(a.body), &feed); err != nil || feed.Version != "2.0" || a.head.Get("Content-Type") != "application/rss+xml; charset=utf-8" {
				t.Fatal(err, a.head, a.body)
			}
			return feed.Channel.Title, feed.Channel.Language, feed.Channel.Items
		}
		title, language, items := read("/en/events.rss")
		if title != "Network: Events" || language != "en" {
			t.Errorf("%q in %q", title, language)
		}
		base := "https://attesta.example"
		want := []entry{
			{"Vetëm shqip", base + "/en/events/" + second.Code, "16–17 May 2022 · Ohrid, North Macedonia · Registration is open", base + "/events/" + second.Code, "Tue, 03 May 2022 10:00:00 +0000", "sq"},
			{"Fish & <chips> ]]>", base + "/en/events/" + first.Code, "16–17 May 2022 · Podgorica, Montenegro · Registration is open", base + "/events/" + first.Code, "Mon, 02 May 2022 10:00:00 +0000", "en"},
		}
		if diff := cmp.Diff(want, items); diff != "" {
			t.Error(diff)
		}
		if _, _, items := read("/mk/events.rss?country=ME"); len(items) != 1 || items[0].Title != "Риба" || items[0].Language != "mk" {
			t.Errorf("narrowed: %v", items)
		}
		if _, err := time.Parse(time.RFC1123Z, items[0].PubDate); err != nil {
			t.Error(err)
		}
	})
}
