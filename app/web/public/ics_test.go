package public_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apognu/gocal"
	ical "github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
)

// dated is an entry as a calendar shows it, on the clocks of its zone.
type dated struct {
	UID, Starts, Ends, Summary, Location, Status string
	Sequence                                     int
}

const clocks = "2006-01-02 15:04 -0700"

// entries reads a calendar with two libraries, which must agree, and returns what they found in the order of the file.
func (a answer) entries() []dated {
	a.t.Helper()
	if a.code != http.StatusOK || a.head.Get("Content-Type") != "text/calendar; charset=utf-8" {
		a.t.Fatalf("%d %s\n%s", a.code, a.head.Get("Content-Type"), a.body)
	}
	cal, err := ical.NewDecoder(strings.NewReader(a.body)).Decode()
	if err != nil {
		a.t.Fatalf("%v\n%s", err, a.body)
	}
	var all []dated
	for _, e := range cal.Events() {
		text := func(name string) string {
			s, err := e.Props.Text(name)
			if err != nil {
				a.t.Fatal(err)
			}
			return s
		}
		from, err := e.DateTimeStart(time.UTC)
		if err != nil {
			a.t.Fatal(err)
		}
		to, err := e.DateTimeEnd(time.UTC)
		if err != nil {
			a.t.Fatal(err)
		}
		x := dated{UID: text("UID"), Starts: from.Format(clocks), Ends: to.Format(clocks), Summary: text("SUMMARY"), Location: text("LOCATION"), Status: text("STATUS")}
		if x.Sequence, err = e.Props.Get("SEQUENCE").Int(); err != nil {
			a.t.Fatal(err)
		}
		all = append(all, x)
	}
	if other := a.byGocal(); cal.Events() != nil && !strings.Contains(a.body, "RRULE:FREQ=DAILY") {
		if diff := cmp.Diff(all, other); diff != "" {
			a.t.Errorf("the readers disagree: %s", diff)
		}
	}
	return all
}

func (a answer) byGocal() []dated {
	a.t.Helper()
	g := gocal.NewParser(bytes.NewReader([]byte(a.body)))
	from, to := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	g.Start, g.End = &from, &to
	if err := g.Parse(); err != nil {
		a.t.Fatalf("%v\n%s", err, a.body)
	}
	var all []dated
	for _, e := range g.Events {
		all = append(all, dated{e.Uid, e.Start.Format(clocks), e.End.Format(clocks), e.Summary, e.Location, e.Status, e.Sequence})
	}
	return all
}

func uids(list []dated) []string {
	var all []string
	for _, x := range list {
		all = append(all, x.UID)
	}
	return all
}

// on makes an event begin on a day in a zone.
func on(day, zone string, days int) apptest.EventOption {
	return func(f *event.Facts) {
		f.StartsOn, _ = db.ParseDay(day)
		f.Zone, f.Days = zone, days
	}
}

func clock(zone string, y int, m time.Month, d, h, minute int) db.Time {
	l, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return db.At(time.Date(y, m, d, h, minute, 0, 0, l))
}

func TestCalendarsShowTheEventsOwnClocksInWinterAndInSummer(t *testing.T) {
	const skopje = "Europe/Skopje"
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.Clock.Set(time.Date(2025, 12, 1, 10, 0, 0, 0, time.UTC))
		for _, x := range []struct {
			day  string
			want []string
		}{
			{"2026-01-20", []string{"2026-01-20 09:00 +0100", "2026-01-21 09:00 +0100"}},
			{"2026-07-20", []string{"2026-07-20 09:00 +0200", "2026-07-21 09:00 +0200"}},
			{"2026-10-24", []string{"2026-10-24 09:00 +0200", "2026-10-25 09:00 +0100"}},
		} {
			e := s.Event(t, on(x.day, skopje, 2))
			var got []string
			for _, y := range s.get(t, "/en/events/"+e.Code+".ics").entries() {
				got = append(got, y.Starts)
			}
			if diff := cmp.Diff(x.want, got); diff != "" {
				t.Errorf("%s: %s", x.day, diff)
			}
		}
	})
}

func TestAMovedEventKeepsTheIdsOfItsDaysAndWithdrawsThoseThatFellAway(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, on("2022-05-16", "Europe/Podgorica", 3))
		path := "/en/events/" + e.Code + ".ics"
		before := s.get(t, path).entries()
		move(t, s, e, func(f *event.Facts) { f.Days = 2; f.StartsOn, _ = db.ParseDay("2022-06-01") })
		after := s.get(t, path).entries()
		if diff := cmp.Diff(uids(before), uids(after)); diff != "" {
			t.Errorf("the ids changed: %s", diff)
		}
		id := func(n int) string { return fmt.Sprintf("%s.day-%d@attesta.example", e.Code, n) }
		const title, place = "Countering migrant smuggling", "Podgorica, Montenegro"
		n := s.Reload(t, e).Version
		want := []dated{
			{id(1), "2022-06-01 09:00 +0200", "2022-06-01 17:00 +0200", title, place, "CONFIRMED", n},
			{id(2), "2022-06-02 09:00 +0200", "2022-06-02 17:00 +0200", title, place, "CONFIRMED", n},
			{id(3), "2022-06-03 09:00 +0200", "2022-06-03 17:00 +0200", title, place, "CANCELLED", n},
		}
		if diff := cmp.Diff(want, after); diff != "" {
			t.Error(diff)
		}
		if n <= before[0].Sequence {
			t.Errorf("the sequence went from %d to %d", before[0].Sequence, n)
		}
	})
}

// move changes an event as its organiser does with the form.
func move(t *testing.T, s *site, e *event.Event, change func(*event.Facts)) {
	t.Helper()
	e = s.Reload(t, e)
	f := event.Facts{
		Code: e.Code, ProjectID: e.ProjectID, OrganisationID: e.OrganisationID, Type: e.Type, Title: e.Title, Country: e.Country, City: e.City, Venue: e.Venue,
		StartsOn: e.StartsOn, Days: e.Days, Zone: e.Zone, Languages: e.Languages.V, Seats: e.Seats, OpensAt: e.RegistrationOpensAt.Time, Decision: e.Decision,
		Format: e.Format, JoinURL: e.JoinURL, Quiet: e.Quiet, Unlisted: !e.Listed,
	}
	change(&f)
	if _, err := s.Events.Update(t.Context(), account.System, e.Code, e.Version, f); err != nil {
		t.Fatal(err)
	}
}

func TestAChangedSessionUpdatesAndARemovedOneIsWithdrawn(t *testing.T) {
	const zone = "Europe/Podgorica"
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		text := func(title string) locale.Text { return locale.NewText("en", title, "cnr", title) }
		e = s.Programme(t, e,
			event.Session{StartsAt: clock(zone, 2022, 5, 16, 9, 0), EndsAt: clock(zone, 2022, 5, 16, 10, 0), Kind: event.Plenary, Title: text("Opening")},
			event.Session{StartsAt: clock(zone, 2022, 5, 16, 10, 0), EndsAt: clock(zone, 2022, 5, 16, 11, 0), Kind: event.Panel, Title: text("Panel"), Description: text("With a name that isn't to be told any more")},
			event.Session{StartsAt: clock(zone, 2022, 5, 17, 9, 0), EndsAt: clock(zone, 2022, 5, 17, 11, 0), Kind: event.Simulation, Title: text("Simulation")},
		)
		path := "/en/events/" + e.Code + "/programme.ics"
		before := s.get(t, path).entries()
		list, err := event.Programme(t.Context(), d.Read(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		list[2].StartsAt, list[2].EndsAt = clock(zone, 2022, 5, 17, 14, 0), clock(zone, 2022, 5, 17, 16, 30)
		s.Programme(t, e, list[0], list[2])
		id := func(i int) string { return e.Code + ".session-" + list[i].Code + "@attesta.example" }
		const place = "Podgorica, Montenegro"
		want := []dated{
			{id(0), "2022-05-16 09:00 +0200", "2022-05-16 10:00 +0200", "Opening", place, "CONFIRMED", 0},
			{id(2), "2022-05-17 14:00 +0200", "2022-05-17 16:30 +0200", "Simulation", place, "CONFIRMED", 1},
			{id(1), "2022-05-16 10:00 +0200", "2022-05-16 11:00 +0200", "Panel", place, "CANCELLED", 1},
		}
		after := s.get(t, path).entries()
		if diff := cmp.Diff(want, after); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{id(0), id(1), id(2)}, uids(before)); diff != "" {
			t.Error(diff)
		}
		one := s.get(t, "/en/events/"+e.Code+"/sessions/"+list[1].Code+".ics").entries()
		if diff := cmp.Diff(want[2:], one); diff != "" {
			t.Errorf("the file of the session alone: %s", diff)
		}
		for _, file := range []string{path, "/en/events/" + e.Code + "/sessions/" + list[1].Code + ".ics"} {
			if strings.Contains(strings.ReplaceAll(s.get(t, file).body, "\r\n ", ""), "to be told any more") {
				t.Errorf("%s still tells what was said of a session that was removed", file)
			}
		}
		if _, err := s.Events.Cancel(t.Context(), account.System, e.Code, locale.NewText("en", "Flood")); err != nil {
			t.Fatal(err)
		}
		for i, x := range s.get(t, path).entries() {
			if x.Status != "CANCELLED" || x.Sequence <= after[i].Sequence || x.UID != after[i].UID {
				t.Errorf("the event is cancelled, its session: %+v", x)
			}
		}
		for _, x := range s.get(t, "/en/events/"+e.Code+".ics").entries() {
			if x.Status != "CANCELLED" || !strings.HasPrefix(x.Summary, "Cancelled: ") {
				t.Errorf("the event is cancelled, its day: %+v", x)
			}
		}
		if got := s.get(t, "/en/events/"+e.Code+"/sessions/NOWHERE.ics").code; got != http.StatusNotFound {
			t.Errorf("a session that there isn't: %d", got)
		}
	})
}

func TestTheFeedHasTheListedEventsAndIsAskedForAgainForNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		first := s.Event(t)
		s.Event(t, func(f *event.Facts) { f.Unlisted = true })
		second := s.Event(t, func(f *event.Facts) {
			f.Country, f.City, f.Type = "XK", "Prishtina", event.Workshop
			f.Languages = []locale.Code{"sq"}
		})
		hidden := s.Event(t, func(f *event.Facts) { f.Quiet, f.Country, f.City, f.Venue = true, "MK", "Ohrid", "Hotel Secret" })
		day := func(e *event.Event, n int) string { return fmt.Sprintf("%s.day-%d@attesta.example", e.Code, n) }
		for query, want := range map[string][]string{
			"":                         {day(first, 1), day(first, 2), day(second, 1), day(second, 2), day(hidden, 1), day(hidden, 2)},
			"?country=XK":              {day(second, 1), day(second, 2)},
			"?country=MK":              nil,
			"?type=workshop":           {day(second, 1), day(second, 2)},
			"?language=cnr&country=ME": {day(first, 1), day(first, 2)},
		} {
			if diff := cmp.Diff(want, uids(s.get(t, "/en/events.ics"+query).entries())); diff != "" {
				t.Errorf("%s: %s", query, diff)
			}
		}
		feed := s.get(t, "/en/events.ics")
		for _, want := range []string{"METHOD:PUBLISH", "X-PUBLISHED-TTL:PT360M", "REFRESH-INTERVAL;VALUE=DURATION:PT360M", "X-WR-CALNAME:Network · Events", "LOCATION;LANGUAGE=en:Pristina\\, Kosovo*"} {
			if !strings.Contains(feed.body, want+"\r\n") {
				t.Errorf("%s is missing:\n%s", want, feed.body)
			}
		}
		if strings.Contains(feed.body, "Ohrid") || strings.Contains(feed.body, "Secret") || strings.Contains(feed.body, "Macedonia") {
			t.Error("the feed tells where a quiet event is")
		}
		if !strings.Contains(strings.ReplaceAll(feed.body, "\r\n ", ""), "This designation is without prejudice") {
			t.Error("the footnote of Kosovo* is missing")
		}
		again := func(name, value string) int {
			r := httptest.NewRequest(http.MethodGet, "https://attesta.example/en/events.ics", nil)
			r.Header.Set(name, value)
			return s.do(t, r).code
		}
		if got := again("If-None-Match", feed.head.Get("ETag")); got != http.StatusNotModified {
			t.Errorf("with the tag: %d", got)
		}
		if got := again("If-Modified-Since", feed.head.Get("Last-Modified")); got != http.StatusNotModified {
			t.Errorf("with the time: %d", got)
		}
		s.Clock.Set(s.Clock.Now().Add(time.Hour))
		move(t, s, first, func(f *event.Facts) { f.City = "Bar" })
		if got := again("If-None-Match", feed.head.Get("ETag")); got != http.StatusOK {
			t.Errorf("with the tag after a change: %d", got)
		}
		if got := again("If-Modified-Since", feed.head.Get("Last-Modified")); got != http.StatusOK {
			t.Errorf("with the time after a change: %d", got)
		}
	})
}

func TestTheFeedTakesTheSameQueriesForOneEventAndForTwenty(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	s.Event(t)
	var c counter
	d.Read().AddQueryHook(&c) //nolint:staticcheck // the handle within d is the one that the pages read from
	count := func() int {
		c.n = 0
		s.get(t, "/en/events.ics")
		return c.n
	}
	one := count()
	for range 19 {
		s.Event(t)
	}
	if many := count(); many != one || one == 0 {
		t.Errorf("%d queries for one event, %d for twenty", one, many)
	}
}

func TestOnlyWhoIsApprovedIsToldWhereAQuietEventIs(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, func(f *event.Facts) {
			f.Quiet, f.Venue, f.City, f.Format, f.JoinURL = true, "Hotel Secret", "Bar", event.Hybrid, "https://meet.example/room?pwd=1,2;3"
		})
		r, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		mine := s.Registrations.Link(r) + "/calendar.ics"
		tells := func(path string) []string {
			body := strings.ReplaceAll(s.get(t, path).body, "\r\n ", "")
			return slices.DeleteFunc([]string{"Hotel Secret", "Bar", "Montenegro", "Podgorica", "meet.example"}, func(x string) bool { return !strings.Contains(body, x) })
		}
		s.accept = "en"
		for _, path := range []string{"/en/events/" + e.Code + ".ics", "/en/events/" + e.Code + "/programme.ics", "/en/events.ics", mine} {
			if got := tells(path); len(got) > 0 {
				t.Errorf("%s tells %q", path, got)
			}
		}
		waiting := s.get(t, mine).entries()
		if waiting[0].Status != "CANCELLED" {
			t.Errorf("who has no place has an entry: %+v", waiting)
		}
		if _, err := s.Registrations.Decide(t.Context(), account.System, e.Code, []string{r.Code}, registration.Approved, ""); err != nil {
			t.Fatal(err)
		}
		a := s.get(t, mine)
		got := a.entries()
		if len(got) != 1 || got[0].Location != "Hotel Secret, Bar, Crna Gora" || got[0].Status != "CONFIRMED" || got[0].Sequence <= waiting[0].Sequence {
			t.Errorf("%+v", got)
		}
		if days := a.byGocal(); len(days) != 2 || days[1].Starts != "2022-05-17 09:00 +0200" {
			t.Errorf("the days: %+v", days)
		}
		if body := strings.ReplaceAll(a.body, "\r\n ", ""); !strings.Contains(body, "CONFERENCE;FEATURE=VIDEO;VALUE=URI:https://meet.example/room?pwd=1,2;3\r\n") {
			t.Errorf("the link to join is missing:\n%s", body)
		}
		if strings.Contains(strings.ReplaceAll(a.body, "\r\n ", ""), "/my/") {
			t.Error("the calendar, which others may see, tells the participant's own link")
		}
		if got := a.head.Get("Cache-Control"); got != "no-store" {
			t.Errorf("somebody's own calendar may be kept: %s", got)
		}
		if got := s.get(t, "/my/madeup/calendar.ics").code; got != http.StatusNotFound {
			t.Errorf("a link that nobody holds: %d", got)
		}
	})
}
