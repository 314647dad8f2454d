package public

import (
	"slices"
	"time"

	"attesta/app/event"
	"attesta/app/web"
)

// day is one day of a programme.
type day struct {
	Date     string // for the datetime attribute; its anchor is day-DATE
	Label    string
	Now      bool // today
	Sessions int
	Hours    string // from the first to the last
	Items    []item

	from, to time.Time
}

// item is one line of a programme: a session, or several that are held beside each other.
type item struct {
	Code   string // its anchor is s-CODE; "" for none
	Starts string // for the datetime attribute
	Time   string
	Until  string
	Title  said
	Pause  bool
	Note   []said // sort, length, room, interpretation
	Text   prose
	People []leader
	Lanes  []lane // of sessions that are held beside each other
}

// lane is one track, or one room, for as long as several run beside each other.
type lane struct {
	Name  said
	Items []item
}

// timetable sets a programme by day.
type timetable struct {
	voice
	*event.Content
	zone  *time.Location
	now   time.Time
	texts bool   // with what is said of each session
	path  string // of the event's page; "" where nobody has a page below it
}

func newTimetable(c *web.Ctx, v voice, content *event.Content) *timetable {
	t := &timetable{voice: v, Content: content, zone: content.Event.Location(), now: c.Now()}
	if !content.Event.Quiet { // whose people have no page
		t.path = "/" + string(c.Locale()) + "/events/" + content.Event.Code
	}
	return t
}

// days sets sessions by day; without any, the units of attendance say when to be there.
func (t *timetable) days(sessions []event.Session, units []event.AttendanceUnit) []day {
	var all []day
	for len(sessions) > 0 {
		n := t.beside(sessions)
		t.add(&all, sessions[:n], t.block(sessions[:n]))
		sessions = sessions[n:]
	}
	if len(all) > 0 {
		return all
	}
	for _, u := range units {
		from, to := u.StartsAt.In(t.zone), u.EndsAt.In(t.zone)
		x := item{Starts: from.Format(time.RFC3339), Time: t.Time(from), Title: said{Text: t.T("public.part." + string(u.Part))}, Note: []said{{Text: t.TimeRange(from, to)}}}
		t.add(&all, []event.Session{{StartsAt: u.StartsAt, EndsAt: u.EndsAt}}, x)
	}
	return all
}

// add sets a line under its day.
func (t *timetable) add(all *[]day, sessions []event.Session, x item) {
	from := sessions[0].StartsAt.In(t.zone)
	date := from.Format(time.DateOnly)
	if n := len(*all); n == 0 || (*all)[n-1].Date != date {
		*all = append(*all, day{Date: date, Label: t.DateFull(from), Now: t.now.In(t.zone).Format(time.DateOnly) == date, from: from})
	}
	d := &(*all)[len(*all)-1]
	for i := range sessions {
		if to := sessions[i].EndsAt.In(t.zone); to.After(d.to) {
			d.to = to
		}
		if sessions[i].Kind != event.Break {
			d.Sessions++
		}
	}
	d.Hours = t.TimeRange(d.from, d.to)
	d.Items = append(d.Items, x)
}

// beside counts how many of the first sessions are held while another of them is.
func (t *timetable) beside(sessions []event.Session) int {
	end := sessions[0].EndsAt.Time
	n := 1
	for n < len(sessions) && sessions[n].StartsAt.Before(end) && sessions[n].Day == sessions[0].Day {
		if sessions[n].EndsAt.After(end) {
			end = sessions[n].EndsAt.Time
		}
		n++
	}
	return n
}

// block is one line of sessions that overlap.
func (t *timetable) block(sessions []event.Session) item {
	if len(sessions) == 1 {
		return t.item(&sessions[0], true)
	}
	from := sessions[0].StartsAt.In(t.zone)
	x := item{Starts: from.Format(time.RFC3339), Time: t.Time(from)}
	for _, group := range t.lanes(sessions) {
		var l lane
		if track := t.Track(group[0].TrackID); track != nil {
			l.Name = t.say(track.Name)
		} else if room := t.Room(group[0].RoomID); room != nil {
			l.Name = t.say(room.Name)
		}
		for _, s := range group {
			l.Items = append(l.Items, t.item(s, false))
		}
		x.Lanes = append(x.Lanes, l)
	}
	return x
}

// lanes parts sessions by track, in the order of the tracks, those without one by room, and those without either so that
// none overlap.
func (t *timetable) lanes(sessions []event.Session) [][]*event.Session {
	type key struct{ track, room int64 }
	by := map[key]int{}
	var groups [][]*event.Session
	for i := range sessions {
		s := &sessions[i]
		k := key{track: s.TrackID}
		if s.TrackID == 0 {
			k.room = s.RoomID
		}
		at, known := by[k]
		if k == (key{}) {
			at = slices.IndexFunc(groups, func(g []*event.Session) bool {
				last := g[len(g)-1]
				return last.TrackID == 0 && last.RoomID == 0 && !s.StartsAt.Before(last.EndsAt.Time)
			})
			known = at >= 0
		}
		if !known {
			at = len(groups)
			groups, by[k] = append(groups, nil), at
		}
		groups[at] = append(groups[at], s)
	}
	place := func(g []*event.Session) int {
		if i := slices.IndexFunc(t.Tracks, func(x event.Track) bool { return x.ID == g[0].TrackID }); i >= 0 {
			return i
		}
		return len(t.Tracks)
	}
	slices.SortStableFunc(groups, func(a, b []*event.Session) int { return place(a) - place(b) })
	return groups
}

// item is the line of one session; alone, its time stands beside it and its track isn't named by a lane.
func (t *timetable) item(s *event.Session, alone bool) item {
	from, to := s.StartsAt.In(t.zone), s.EndsAt.In(t.zone)
	x := item{
		Code: s.Code, Starts: from.Format(time.RFC3339), Time: t.Time(from), Until: t.TimeRange(from, to), Title: t.say(s.Title), Pause: s.Kind == event.Break,
		People: t.leaders(t.SpeakersOf(s)),
	}
	if t.texts {
		x.Text = t.prose(s.Description)
	}
	if !x.Pause {
		x.Note = append(x.Note, said{Text: t.T("public.kind." + string(s.Kind))})
		if d := t.length(to.Sub(from)); alone && d != "" {
			x.Note = append(x.Note, said{Text: d})
		}
	}
	room, track := t.Room(s.RoomID), t.Track(s.TrackID)
	if room != nil && (alone || track != nil) {
		x.Note = append(x.Note, t.say(room.Name))
	}
	if track != nil && alone {
		x.Note = append(x.Note, t.say(track.Name))
	}
	if len(s.Interpretation.V) > 0 {
		x.Note = append(x.Note, said{Text: t.T("public.session_interpreted", "Languages", tongues(t.Printer, s.Interpretation.V))})
	}
	return x
}

// length says how long something lasts: in minutes, from two hours on in hours.
func (v voice) length(d time.Duration) string {
	minutes := int(d / time.Minute)
	switch {
	case minutes <= 0:
		return ""
	case minutes < 120:
		return v.Number(minutes) + " " + v.T("public.minutes")
	case minutes%60 == 0:
		return v.N("public.hours", minutes/60)
	}
	return v.N("public.hours", minutes/60) + " " + v.Number(minutes%60) + " " + v.T("public.minutes")
}

// units returns when to be at an event that has no programme.
func (p *Pages) units(c *web.Ctx, content *event.Content) ([]event.AttendanceUnit, error) {
	if len(content.Sessions) > 0 {
		return nil, nil
	}
	return event.Units(c.Context(), p.DB.Read(), content.Event.ID)
}

type programmePage struct {
	web.Page
	Event  notice
	ToldIn string
	Days   []day
	AsOf   string
}

// wholeProgramme is the programme of an event by itself, with all that is said of each session; it prints on one sheet.
func (p *Pages) wholeProgramme(c *web.Ctx) error {
	s, err := p.story(c)
	if err != nil {
		return err
	}
	if len(s.Sessions) == 0 {
		return event.ErrNotFound
	}
	page := &programmePage{Page: c.Page(s.notice.Title.Text + " · " + c.T("public.programme")), Event: s.notice, ToldIn: s.toldIn()}
	if err := p.furnish(c, &page.Page, s); err != nil {
		return err
	}
	page.Back = &web.Crumb{Href: s.notice.Href, Label: c.T("public.to_event")}
	page.Description = shorten(join(c.T("public.programme"), s.notice.Title.Text, s.notice.Dates, s.notice.Where()), 200)
	t := newTimetable(c, s.voice, s.Content)
	t.texts = true
	page.Days = t.days(s.Sessions, nil)
	page.AsOf = c.T("public.as_of", "When", c.Printer().DateTime(s.Event.UpdatedAt.In(s.Event.Location())))
	page.Wide = slices.ContainsFunc(page.Days, func(d day) bool {
		return slices.ContainsFunc(d.Items, func(x item) bool { return len(x.Lanes) > 2 })
	})
	page.Structured = s.structured(c)
	return c.Render("public/programme", page)
}
