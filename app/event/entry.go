package event

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/calendar"
	"attesta/app/locale"
	"attesta/app/markdown"
)

// Almanac is an event as calendars tell of it.
type Almanac struct {
	Content *Content         // as it may be told to whoever reads the calendar: see Content.Told
	Units   []AttendanceUnit // tell the hours of an event that has no programme yet
	Removed []Session        // are withdrawn where sessions are told; see Removed
	Words   *locale.Printer  // of the language of Content.Tongue
	Reader  locale.Code      // of the page to which entries lead
	Base    string           // address of the installation, of which the entries' ids are
}

// Timetables returns what calendars tell of several events, in the order given and without their words: the days with
// their hours, but no rooms and nobody who speaks. It takes two queries.
func Timetables(ctx context.Context, q bun.IDB, events []*Event) ([]Almanac, error) {
	if len(events) == 0 {
		return nil, nil
	}
	all, at, ids := make([]Almanac, len(events)), map[int64]int{}, make([]int64, len(events))
	for i, e := range events {
		all[i].Content, at[e.ID], ids[i] = &Content{Event: e}, i, e.ID
	}
	var sessions []Session
	if err := q.NewSelect().Model(&sessions).Where("event_id IN (?) AND removed_at IS NULL", bun.List(ids)).Order("event_id", "position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("programmes of events: %w", err)
	}
	for _, s := range sessions {
		c := all[at[s.EventID]].Content
		c.Sessions = append(c.Sessions, Session{Day: s.Day, StartsAt: s.StartsAt, EndsAt: s.EndsAt})
	}
	var units []AttendanceUnit
	if err := q.NewSelect().Model(&units).Where("event_id IN (?)", bun.List(ids)).Order("event_id", "position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("hours of events: %w", err)
	}
	for _, u := range units {
		a := &all[at[u.EventID]]
		a.Units = append(a.Units, u)
	}
	return all, nil
}

// LastChange is when any event was changed last, so that who has read them since needn't again.
func LastChange(ctx context.Context, q bun.IDB) (time.Time, error) {
	var last []Event
	if err := q.NewSelect().Model(&last).Column("updated_at").Order("updated_at DESC").Limit(1).Scan(ctx); err != nil {
		return time.Time{}, fmt.Errorf("last change of an event: %w", err)
	}
	if len(last) == 0 {
		return time.Time{}, nil
	}
	return last[0].UpdatedAt.Time, nil
}

// Days returns an entry for each day of the event, from its first session to its last. The id of an entry is made of
// the number of the day, so it stays the same when the event moves; days that were announced once and are no more come
// as cancelled.
func (a Almanac) Days() []calendar.Entry {
	e := a.Content.Event
	all := make([]calendar.Entry, 0, max(e.Days, e.MostDays))
	for i := range max(e.Days, e.MostDays) {
		from, to := a.Hours(i)
		x := a.entry(fmt.Sprintf("day-%d", i+1), from, to, a.title(e.Title))
		x.Sequence, x.Cancelled = e.Version, x.Cancelled || i >= e.Days
		x.Location, x.Join = a.place(nil), e.JoinURL
		x.Description = a.said(x, a.eventText())
		all = append(all, x)
	}
	return all
}

// Series returns the days of the event as one entry that repeats; see calendar.Series.
func (a Almanac) Series() []calendar.Entry {
	return calendar.Series(a.Days()[:a.Content.Event.Days])
}

// Sessions returns an entry for each session, and for each that was removed one that cancels it.
func (a Almanac) Sessions() []calendar.Entry {
	var all []calendar.Entry
	for i := range a.Content.Sessions {
		all = append(all, a.session(&a.Content.Sessions[i]))
	}
	for i := range a.Removed {
		all = append(all, a.session(&a.Removed[i]))
	}
	return all
}

// Session returns the entry of one session by its code, also of one that was removed, or ErrNotFound.
func (a Almanac) Session(code string) (calendar.Entry, error) {
	for _, list := range [][]Session{a.Content.Sessions, a.Removed} {
		if i := slices.IndexFunc(list, func(s Session) bool { return s.Code == code }); i >= 0 {
			return a.session(&list[i]), nil
		}
	}
	return calendar.Entry{}, ErrNotFound
}

func (a Almanac) session(s *Session) calendar.Entry {
	e := a.Content.Event
	x := a.entry("session-"+s.Code, s.StartsAt.Time, s.EndsAt.Time, a.title(s.Title))
	x.Sequence, x.URL = s.Sequence, x.URL+"/programme#s-"+s.Code
	if x.Cancelled {
		x.Sequence++ // with the event, of which the session itself knows nothing
	}
	x.Cancelled, x.Free = x.Cancelled || !s.RemovedAt.IsZero(), s.Kind == Break
	if s.UpdatedAt.After(x.Stamp) {
		x.Stamp = s.UpdatedAt.Time
	}
	x.Location, x.Join = a.place(s), e.JoinURL
	x.Description = a.said(x, a.sessionText(s)...)
	return x
}

// entry is what the entries of an event have in common.
func (a Almanac) entry(id string, from, to time.Time, summary string) calendar.Entry {
	e := a.Content.Event
	zone := e.Zone
	if e.Country == "" {
		zone = "UTC" // of a quiet event whose place isn't told; its own zone would tell the country
	}
	return calendar.Entry{
		UID: calendar.UID(e.Code, id, a.Base), Stamp: e.UpdatedAt.Time, Starts: from, Ends: to, Zone: zone, Summary: summary,
		URL: a.Base + "/" + string(a.Reader) + "/events/" + e.Code, Cancelled: e.IsCancelled(),
	}
}

// Untold reports whether this is a quiet event as it is told to those who aren't told its place: see Told.
func (e *Event) Untold() bool { return e.Quiet && e.Country == "" }

// title says before the name of what was called off that it was: not every program shows it.
func (a Almanac) title(t locale.Text) string {
	if a.Content.Event.IsCancelled() {
		return a.Words.T("public.phase.cancelled") + ": " + a.Words.Text(t)
	}
	return a.Words.Text(t)
}

func (a Almanac) eventText() string {
	if e := a.Content.Event; !e.IsCancelled() {
		return markdown.Plain(a.Words.Text(e.Description))
	}
	return markdown.Plain(a.Words.Text(a.Content.Event.CancelReason))
}

func (a Almanac) sessionText(s *Session) []string {
	if a.Content.Event.IsCancelled() {
		return []string{a.eventText()}
	}
	head := a.Words.Text(a.Content.Event.Title)
	if !s.RemovedAt.IsZero() { // what isn't said of it any more
		return []string{head}
	}
	if t := a.Content.Track(s.TrackID); t != nil {
		head += " · " + a.Words.Text(t.Name)
	}
	return append([]string{head, markdown.Plain(a.Words.Text(s.Description))}, a.Content.Led(a.Words, s)...)
}

// Led names who leads a session, a line for each thing that they do.
func (c *Content) Led(words *locale.Printer, s *Session) []string {
	var all []string
	for _, kind := range SpeakerKinds {
		var names []string
		for _, x := range c.SpeakersOf(s) {
			if x.Kind == kind {
				names = append(names, x.Name)
			}
		}
		switch len(names) {
		case 0:
		case 1:
			all = append(all, words.T("public.leader."+string(kind))+": "+names[0])
		default:
			all = append(all, words.T("public.leads."+string(kind))+": "+words.List(names))
		}
	}
	return all
}

// said is a description of several parts: with the link to join, and with the footnote of a name that has one.
func (a Almanac) said(x calendar.Entry, parts ...string) string {
	if x.Join != "" && !x.Cancelled {
		parts = append(parts, a.Words.T("calendar.join")+": "+x.Join)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" })
	text := strings.Join(parts, "\n\n")
	if note := a.Words.Footnote(x.Summary + " " + x.Location + " " + text); note != "" {
		text = strings.TrimSpace(text + "\n\n" + note)
	}
	return text
}

// place is where a session is held, or the event where s is nil.
func (a Almanac) place(s *Session) string {
	e := a.Content.Event
	var parts []string
	add := func(part string) {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if s != nil {
		if r := a.Content.Room(s.RoomID); r != nil {
			add(a.Words.Text(r.Name))
		}
	}
	if e.Format == Online {
		return strings.Join(append(parts, a.Words.T("public.format.online")), ", ")
	}
	add(e.Venue)
	if e.City != "" {
		add(a.Words.City(e.City))
	}
	if e.Country != "" {
		add(a.Words.Country(e.Country))
	}
	return strings.Join(parts, ", ")
}

// Hours are when a day of the event begins and ends: with its sessions, else with its units of attendance, else as a
// working day does. Days count from 0; one that is no more has the hours of a working day.
func (a Almanac) Hours(i int) (from, to time.Time) {
	reach := func(x, y time.Time) {
		if from.IsZero() || x.Before(from) {
			from = x
		}
		if y.After(to) {
			to = y
		}
	}
	day := a.Content.Event.StartsOn.Plus(i)
	for _, s := range a.Content.Sessions {
		if s.Day == day {
			reach(s.StartsAt.Time, s.EndsAt.Time)
		}
	}
	if len(a.Content.Sessions) == 0 {
		for _, u := range a.Units {
			if u.Day == day {
				reach(u.StartsAt.Time, u.EndsAt.Time)
			}
		}
	}
	if from.IsZero() {
		zone := a.Content.Event.Location()
		from, to = day.In(zone, 9, 0), day.In(zone, 17, 0)
	}
	return from, to
}
