package calendar_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/apognu/gocal"
	ical "github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"
	"github.com/teambition/rrule-go"

	"attesta/app/calendar"
)

// read is an entry as a reader understands it, its times on the clocks of the zone that it names.
type read struct {
	UID, Summary, Starts, Ends, Status string
	Sequence                           int
}

const clock = "2006-01-02 15:04 -0700"

// readers read a calendar, each with a library of its own; repeated entries come once a time.
var readers = map[string]func(*testing.T, []byte) []read{"go-ical": byGoICal, "gocal": byGocal}

func byGoICal(t *testing.T, b []byte) []read {
	t.Helper()
	cal, err := ical.NewDecoder(bytes.NewReader(b)).Decode()
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	var all []read
	for _, e := range cal.Events() {
		text := func(name string) string {
			s, err := e.Props.Text(name)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		from, err := e.DateTimeStart(time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		to, err := e.DateTimeEnd(time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		status, err := e.Status()
		if err != nil {
			t.Fatal(err)
		}
		x := read{UID: text("UID"), Summary: text("SUMMARY"), Status: string(status)}
		if x.Sequence, err = e.Props.Get("SEQUENCE").Int(); err != nil {
			t.Fatal(err)
		}
		starts := []time.Time{from}
		if set, err := e.RecurrenceSet(from.Location()); err != nil {
			t.Fatal(err)
		} else if set != nil {
			starts = set.All()
		}
		for _, s := range starts {
			x.Starts, x.Ends = s.Format(clock), s.Add(to.Sub(from)).Format(clock)
			all = append(all, x)
		}
	}
	return all
}

func byGocal(t *testing.T, b []byte) []read {
	t.Helper()
	g := gocal.NewParser(bytes.NewReader(b))
	from, to := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	g.Start, g.End = &from, &to
	if err := g.Parse(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	var all []read
	for _, e := range g.Events {
		all = append(all, read{UID: e.Uid, Summary: e.Summary, Status: e.Status, Sequence: e.Sequence, Starts: e.Start.Format(clock), Ends: e.End.Format(clock)})
	}
	return all
}

func in(zone string, y int, m time.Month, d, h, minute int) time.Time {
	l, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return time.Date(y, m, d, h, minute, 0, 0, l)
}

func entry(n int, zone string, from, to time.Time) calendar.Entry {
	return calendar.Entry{
		UID: calendar.UID("training", fmt.Sprintf("day-%d", n), "https://attesta.example"), Sequence: 3, Stamp: in("UTC", 2026, 1, 2, 3, 4),
		Starts: from.UTC(), Ends: to.UTC(), Zone: zone, Summary: "Training",
	}
}

func TestTwoReadersFindTheLocalTimesInWinterInSummerAndInTheNightTheClocksChange(t *testing.T) {
	const skopje = "Europe/Skopje"
	c := calendar.Calendar{Method: calendar.Publish, Entries: []calendar.Entry{
		entry(1, skopje, in(skopje, 2026, 1, 20, 9, 0), in(skopje, 2026, 1, 20, 17, 30)),
		entry(2, skopje, in(skopje, 2026, 7, 20, 9, 0), in(skopje, 2026, 7, 20, 17, 30)),
		entry(3, skopje, in(skopje, 2026, 10, 24, 21, 0), in(skopje, 2026, 10, 25, 4, 0)),
		entry(4, skopje, in(skopje, 2026, 10, 25, 9, 0), in(skopje, 2026, 10, 25, 12, 0)),
		entry(5, "UTC", in("UTC", 2026, 7, 1, 9, 0), in("UTC", 2026, 7, 1, 10, 0)),
	}}
	c.Entries[3].Cancelled = true
	want := []read{
		{"training.day-1@attesta.example", "Training", "2026-01-20 09:00 +0100", "2026-01-20 17:30 +0100", "CONFIRMED", 3},
		{"training.day-2@attesta.example", "Training", "2026-07-20 09:00 +0200", "2026-07-20 17:30 +0200", "CONFIRMED", 3},
		{"training.day-3@attesta.example", "Training", "2026-10-24 21:00 +0200", "2026-10-25 04:00 +0100", "CONFIRMED", 3},
		{"training.day-4@attesta.example", "Training", "2026-10-25 09:00 +0100", "2026-10-25 12:00 +0100", "CANCELLED", 3},
		{"training.day-5@attesta.example", "Training", "2026-07-01 09:00 +0000", "2026-07-01 10:00 +0000", "CONFIRMED", 3},
	}
	for name, reader := range readers {
		if diff := cmp.Diff(want, reader(t, c.Bytes())); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDaysThatRepeatKeepTheirHourWhenTheClocksChange(t *testing.T) {
	const skopje = "Europe/Skopje"
	days := entry(1, skopje, in(skopje, 2026, 10, 24, 9, 0), in(skopje, 2026, 10, 24, 17, 0))
	days.Times = 3
	c := calendar.Calendar{Method: calendar.Request, Entries: []calendar.Entry{days}}
	for name, reader := range readers {
		var starts []string
		for _, x := range reader(t, c.Bytes()) {
			starts = append(starts, x.Starts)
		}
		if diff := cmp.Diff([]string{"2026-10-24 09:00 +0200", "2026-10-25 09:00 +0100", "2026-10-26 09:00 +0100"}, starts); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// offset evaluates the definition of a zone as a program does that doesn't know its name: of all changes up to t the
// last one tells the offset.
func offset(t *testing.T, zone *ical.Component, at time.Time) int {
	t.Helper()
	var best time.Time
	found := -1
	seconds := func(c *ical.Component, name string) int {
		s := c.Props.Get(name).Value
		d, err := time.ParseDuration(s[1:3] + "h" + s[3:5] + "m")
		if err != nil {
			t.Fatal(err)
		}
		if s[0] == '-' {
			d = -d
		}
		return int(d.Seconds())
	}
	for _, c := range zone.Children {
		first, err := time.Parse("20060102T150405", c.Props.Get("DTSTART").Value)
		if err != nil {
			t.Fatal(err)
		}
		onsets := []time.Time{first}
		if rule := c.Props.Get("RRULE"); rule != nil {
			o, err := rrule.StrToROption(rule.Value)
			if err != nil {
				t.Fatal(err)
			}
			o.Dtstart = first
			r, err := rrule.NewRRule(*o)
			if err != nil {
				t.Fatal(err)
			}
			onsets = r.Between(first, at.Add(48*time.Hour), true)
		}
		for _, local := range onsets {
			u := local.Add(-time.Duration(seconds(c, "TZOFFSETFROM")) * time.Second)
			if !u.After(at) && !u.Before(best) {
				best, found = u, seconds(c, "TZOFFSETTO")
			}
		}
	}
	return found
}

func TestTheDefinitionOfAZoneTellsItsRealOffsets(t *testing.T) {
	for _, zone := range []string{"Europe/Skopje", "Europe/Belgrade", "Europe/London", "Europe/Istanbul", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kolkata"} {
		c := calendar.Calendar{Method: calendar.Publish, Entries: []calendar.Entry{entry(1, zone, in(zone, 2026, 3, 1, 9, 0), in(zone, 2027, 11, 2, 9, 0))}}
		cal, err := ical.NewDecoder(bytes.NewReader(c.Bytes())).Decode()
		if err != nil {
			t.Fatal(err)
		}
		var defined *ical.Component
		for _, x := range cal.Children {
			if x.Name == "VTIMEZONE" {
				defined = x
			}
		}
		if defined == nil {
			t.Fatalf("%s isn't defined", zone)
		}
		for at := in(zone, 2026, 1, 1, 0, 0); at.Before(in(zone, 2027, 12, 31, 0, 0)); at = at.Add(97 * time.Minute) {
			_, want := at.Zone()
			if got := offset(t, defined, at); got != want {
				t.Fatalf("%s at %s: %d, want %d\n%s", zone, at, got, want, c.Bytes())
			}
		}
	}
}

func TestNothingThatSomebodyTypedBecomesALine(t *testing.T) {
	e := entry(1, "Europe/Skopje", in("Europe/Skopje", 2026, 1, 20, 9, 0), in("Europe/Skopje", 2026, 1, 20, 17, 0))
	attack := "Обука\r\nEND:VEVENT\r\nBEGIN:VEVENT\rUID:evil\u2028X-EVIL:1\x00; a, b \\n \"c\" " + strings.Repeat("ќ", 90)
	e.Summary, e.Location, e.Description = attack, attack, attack
	e.URL, e.Join = "https://x.example/\r\nX-EVIL:1", "javascript:alert(1)"
	e.Organiser = calendar.Party{Name: "Group \"484\", Belgrade; O'Brien\r\nX-EVIL:1", Address: "a@b.example", SentBy: "x@y.example\r\nX-EVIL:1"}
	e.Attendee = calendar.Party{Name: attack, Address: "c@d.example"}
	b := calendar.Calendar{Method: calendar.Request, Name: attack, Lang: "mk", Entries: []calendar.Entry{e}}.Bytes()
	lines := strings.Split(strings.TrimSuffix(string(b), "\r\n"), "\r\n")
	for _, l := range lines {
		name, _, _ := strings.Cut(l, ":")
		if len(l) > 75 || !utf8.ValidString(l) || strings.ContainsAny(l, "\r\n") || strings.HasPrefix(name, "X-EVIL") || l == "UID:evil" {
			t.Errorf("a line of %d octets: %q", len(l), l)
		}
	}
	if n := strings.Count(string(b), "\nBEGIN:VEVENT\r\n"); n != 1 {
		t.Errorf("%d entries", n)
	}
	for name, reader := range readers {
		got := reader(t, b)
		if len(got) != 1 || !strings.HasPrefix(got[0].Summary, `Обука END:VEVENT BEGIN:VEVENT UID:evil X-EVIL:1 ; a, b \n "c" ќќќ`) || strings.Count(got[0].Summary, "ќ") != 90 {
			t.Errorf("%s reads %+v", name, got)
		}
	}
	cal, err := ical.NewDecoder(bytes.NewReader(b)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	props := cal.Events()[0].Props
	if got := props.Get("ORGANIZER"); got.Value != "mailto:a@b.example" || got.Params.Get("CN") != "Group '484', Belgrade; O'Brien X-EVIL:1" || got.Params.Get("SENT-BY") != "" {
		t.Errorf("organiser: %+v", got)
	}
	if props.Get("URL") != nil || props.Get("CONFERENCE") != nil {
		t.Error("an address that is none is told")
	}
}

func TestTheSameCalendarIsTheSameBytes(t *testing.T) {
	build := func() []byte {
		c := calendar.Calendar{Method: calendar.Publish, Name: "Events", Lang: "en", Source: "https://attesta.example/en/events.ics?country=MK&type=x", Refresh: 6 * time.Hour}
		for i, zone := range []string{"Europe/Skopje", "Europe/Belgrade", "Europe/Tirane"} {
			c.Entries = append(c.Entries, entry(i, zone, in(zone, 2026, 5, 4, 9, 0), in(zone, 2026, 5, 4, 10, 0)))
		}
		return c.Bytes()
	}
	first := build()
	for range 20 {
		if !bytes.Equal(first, build()) {
			t.Fatal("the bytes differ")
		}
	}
	for _, want := range []string{"REFRESH-INTERVAL;VALUE=DURATION:PT360M", "X-PUBLISHED-TTL:PT360M", "X-WR-CALNAME:Events", "METHOD:PUBLISH", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"} {
		if !strings.Contains(string(first), want+"\r\n") {
			t.Errorf("%s is missing:\n%s", want, first)
		}
	}
}
