// Package calendar writes what calendar programs read: iCalendar files (RFC 5545) and the messages of a meeting
// (RFC 5546). It is the only importer of golang-ical.
//
// Times stand in the zone of the event with its definition beside them, made from the transitions that the zone really
// has: programs that know the zone by name use their own rules, those that don't use these, and either shows the event's
// own clocks, in summer and winter. Nothing that somebody typed becomes a line of its own. The same calendar always
// gives the same bytes.
package calendar

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Method says what a calendar is sent for.
type Method string

// The methods.
const (
	Publish Method = "PUBLISH" // to be kept or subscribed to
	Request Method = "REQUEST" // an invitation, or what has changed since; all entries are of one UID
	Cancel  Method = "CANCEL"  // takes an invitation back
)

// MIME is the type of a calendar file.
const MIME = "text/calendar; charset=utf-8"

// Calendar is a file or a message.
type Calendar struct {
	Method  Method
	Name    string        // shown by programs that subscribe; "" for none
	Lang    string        // of Name and the entries, BCP 47; "" for none
	Source  string        // the address of a calendar to subscribe to; "" for none
	Refresh time.Duration // how often a subscriber should look; 0 for none
	Entries []Entry
}

// Entry is one entry of a calendar.
type Entry struct {
	UID         string // see UID
	Sequence    int    // grows with each change
	Stamp       time.Time
	Starts      time.Time
	Ends        time.Time
	Zone        string // IANA; one that the machine doesn't know is UTC
	Summary     string
	Description string // several lines
	Location    string
	URL         string // of a page, http or https; others are left out
	Join        string // where one takes part from elsewhere, http or https
	Cancelled   bool
	Free        bool // doesn't make whoever has it busy

	// Times says that the entry repeats on so many days, from the first; 0 and 1 are once. Instead names the start that
	// an entry of the same UID has by that rule where this entry is another than it.
	Times   int
	Instead time.Time

	Organiser Party
	Attendee  Party // who has accepted already, by registering
}

// Party is who invites or is invited; without an Address it is nobody.
type Party struct {
	Name, Address string
	SentBy        string // the address that the mail comes from, where that is another
}

// UID returns the id of an entry: the code of an event, which of its entries it is, and the host of the installation's
// address. It has to stay the same whatever is changed.
func UID(code, entry, base string) string {
	host := "attesta"
	if u, err := url.Parse(base); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return code + "." + entry + "@" + host
}

// Bytes returns the calendar as it is sent.
func (c Calendar) Bytes() []byte {
	out := ics.NewCalendarFor("Attesta")
	out.CalendarProperties = nil
	add := func(name, value string, params ...string) {
		if value != "" {
			out.CalendarProperties = append(out.CalendarProperties, ics.CalendarProperty{BaseProperty: property(name, value, params...)})
		}
	}
	add("VERSION", "2.0")
	add("PRODID", "-//Attesta//Attesta//EN")
	add("CALSCALE", "GREGORIAN")
	add("METHOD", string(c.Method))
	add("NAME", line(c.Name))
	add("X-WR-CALNAME", line(c.Name))
	if zones := c.zones(); len(zones) == 1 {
		add("X-WR-TIMEZONE", zones[0].name)
	}
	add("SOURCE", address(c.Source), "VALUE", "URI")
	if c.Refresh > 0 {
		every := fmt.Sprintf("PT%dM", int(c.Refresh/time.Minute))
		add("REFRESH-INTERVAL", every, "VALUE", "DURATION")
		add("X-PUBLISHED-TTL", every)
	}
	for _, z := range c.zones() {
		out.AddVTimezone(z.define())
	}
	for _, e := range c.Entries {
		out.AddVEvent(e.event(c.Lang))
	}
	return []byte(out.Serialize(ics.WithNewLine("\r\n")))
}

func (e Entry) event(lang string) *ics.VEvent {
	out := &ics.VEvent{}
	add := func(name, value string, params ...string) {
		if value != "" {
			out.Properties = append(out.Properties, ics.IANAProperty{BaseProperty: property(name, value, params...)})
		}
	}
	said := func(name, value string) {
		if lang == "" {
			add(name, value)
		} else {
			add(name, value, "LANGUAGE", lang)
		}
	}
	add("UID", line(e.UID))
	add("SEQUENCE", fmt.Sprint(e.Sequence))
	add("DTSTAMP", instant(e.Stamp))
	add("LAST-MODIFIED", instant(e.Stamp))
	e.when(add)
	said("SUMMARY", line(e.Summary))
	said("LOCATION", line(e.Location))
	said("DESCRIPTION", lines(e.Description))
	add("URL", address(e.URL))
	add("CONFERENCE", address(e.Join), "VALUE", "URI", "FEATURE", "VIDEO")
	e.parties(add)
	e.standing(add)
	return out
}

// when tells the time, in the zone of the entry.
func (e Entry) when(add func(name, value string, params ...string)) {
	at := func(name string, t time.Time) {
		switch zone := load(e.Zone); {
		case t.IsZero():
		case zone == time.UTC:
			add(name, instant(t))
		default:
			add(name, t.In(zone).Format("20060102T150405"), "TZID", zone.String())
		}
	}
	at("RECURRENCE-ID", e.Instead)
	at("DTSTART", e.Starts)
	at("DTEND", e.Ends)
	if e.Times > 1 {
		add("RRULE", fmt.Sprintf("FREQ=DAILY;COUNT=%d", e.Times))
	}
}

// standing tells whether it takes place, and whether it takes one's time.
func (e Entry) standing(add func(name, value string, params ...string)) {
	if e.Cancelled {
		add("STATUS", "CANCELLED")
	} else {
		add("STATUS", "CONFIRMED")
	}
	if e.Free || e.Cancelled {
		add("TRANSP", "TRANSPARENT")
		add("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
	} else {
		add("TRANSP", "OPAQUE")
		add("X-MICROSOFT-CDO-BUSYSTATUS", "BUSY")
	}
}

// parties tells who invites whom. The library escapes what stands in a parameter with backslashes, which programs show;
// as part of the name of the property it stays as it is, within quotes.
func (e Entry) parties(add func(name, value string, params ...string)) {
	if o := e.Organiser; mailbox(o.Address) != "" {
		name := "ORGANIZER" + called(o.Name)
		if by := mailbox(o.SentBy); by != "" && by != mailbox(o.Address) {
			name += `;SENT-BY="` + by + `"`
		}
		add(name, mailbox(o.Address))
	}
	if a := e.Attendee; mailbox(a.Address) != "" {
		add("ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE"+called(a.Name), mailbox(a.Address))
	}
}

func called(name string) string {
	if name = strings.ReplaceAll(line(name), `"`, "'"); name == "" {
		return ""
	}
	return `;CN="` + name + `"`
}

// mailbox is the address as calendars write it; one that could be anything else is left out.
func mailbox(s string) string {
	if !strings.Contains(s, "@") || strings.ContainsAny(s, "\"\\,;: <>") || line(s) != s {
		return ""
	}
	return "mailto:" + s
}

// property is one line before it is folded; params are pairs of a parameter and its value.
func property(name, value string, params ...string) ics.BaseProperty {
	p := ics.BaseProperty{IANAToken: name, Value: value, ICalParameters: map[string][]string{}}
	for i := 0; i+1 < len(params); i += 2 {
		p.ICalParameters[params[i]] = []string{params[i+1]}
	}
	return p
}

func instant(t time.Time) string { return t.UTC().Format("20060102T150405Z") }
