package public

import (
	"fmt"
	"strings"
	"time"

	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
)

// said is a text as the reader gets it, with its language if that isn't the page's.
type said struct {
	Text string
	Lang string // for the lang attribute, or ""
}

func say(p *locale.Printer, t locale.Text) said {
	text, in := t.In(p.Code())
	if in == p.Code() || text == "" {
		return said{Text: text}
	}
	return said{Text: text, Lang: string(in)}
}

// notice is an event as its public pages tell of it.
type notice struct {
	Code        string
	Title       said
	Description []said // paragraphs
	Type        string
	Dates       string
	City        string
	Country     string
	Venue       string
	Languages   string
	Status      string
	Tone        web.Tone
	Phase       event.Phase
	Href        string
	StartsOn    string // for the datetime attribute
	Past        bool
}

// phases says of each phase in which tone it is told.
var phases = map[event.Phase]web.Tone{
	event.PhaseAnnounced: web.Calm, event.PhaseOpen: web.Go, event.PhaseClosed: web.Calm, event.PhaseRunning: web.Go,
	event.PhaseFinished: web.Calm, event.PhaseCancelled: web.Stop,
}

func tell(c *web.Ctx, e *event.Event) notice {
	p := c.Printer()
	n := notice{
		Code: e.Code, Title: say(p, e.Title), Type: p.T("event.type." + string(e.Type)), Dates: p.DateRange(e.StartsOn.Time, e.EndsOn().Time),
		Country: p.Country(e.Country), Venue: e.Venue, Languages: tongues(p, e.Languages.V), Phase: e.Phase(c.Now()),
		Href: "/" + string(c.Locale()) + "/events/" + e.Code, StartsOn: e.StartsOn.String(),
	}
	if e.City != "" {
		n.City = p.City(e.City)
	}
	n.Tone, n.Status = phases[n.Phase], p.T("public.phase."+string(n.Phase))
	n.Past = n.Phase == event.PhaseFinished || !c.Now().Before(e.Ends())
	d := say(p, e.Description)
	for _, line := range strings.Split(d.Text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			n.Description = append(n.Description, said{Text: line, Lang: d.Lang})
		}
	}
	return n
}

// tongues lists languages in the reader's words: "Albanian, Macedonian and English".
func tongues(p *locale.Printer, codes []locale.Code) string {
	var names []string
	for _, code := range codes {
		names = append(names, p.T("language."+string(code)))
	}
	return p.List(names)
}

// Place is city and country, or what of them is known.
func (n notice) Place() string {
	if n.City == "" {
		return n.Country
	}
	return n.City + ", " + n.Country
}

// day is one day of a programme.
type day struct {
	Date  string // for the datetime attribute
	Label string
	Now   bool // today
	Items []item
}

// item is one line of a programme.
type item struct {
	Time  string
	Title said
	Note  string // until when, where, what sort
	Pause bool
}

// timeline sets a programme by day; without one, the units of attendance say when to be there.
func timeline(c *web.Ctx, e *event.Event, sessions []event.Session, units []event.AttendanceUnit) []day {
	t := &timetable{p: c.Printer(), zone: e.Location(), now: c.Now()}
	for _, s := range sessions {
		x := item{Time: t.p.Time(s.StartsAt.In(t.zone)), Title: say(t.p, s.Title), Pause: s.Kind == event.Break}
		if !x.Pause {
			x.Note = join(t.p.T("public.kind."+string(s.Kind)), t.length(s.StartsAt.Time, s.EndsAt.Time))
		}
		t.add(s.StartsAt.Time, x)
	}
	if len(sessions) > 0 {
		return t.days
	}
	for _, u := range units {
		x := item{Time: t.p.Time(u.StartsAt.In(t.zone)), Title: said{Text: t.p.T("public.part." + string(u.Part))}}
		x.Note = t.p.TimeRange(u.StartsAt.In(t.zone), u.EndsAt.In(t.zone))
		t.add(u.StartsAt.Time, x)
	}
	return t.days
}

type timetable struct {
	p    *locale.Printer
	zone *time.Location
	now  time.Time
	days []day
}

func (t *timetable) add(at time.Time, x item) {
	local := at.In(t.zone)
	date := local.Format(time.DateOnly)
	if n := len(t.days); n == 0 || t.days[n-1].Date != date {
		t.days = append(t.days, day{Date: date, Label: t.p.DateFull(local), Now: t.now.In(t.zone).Format(time.DateOnly) == date})
	}
	d := &t.days[len(t.days)-1]
	d.Items = append(d.Items, x)
}

// length says how long something lasts, in minutes.
func (t *timetable) length(from, to time.Time) string {
	minutes := int(to.Sub(from) / time.Minute)
	if minutes <= 0 {
		return ""
	}
	return fmt.Sprintf("%s %s", t.p.Number(minutes), t.p.T("public.minutes"))
}

// join sets what isn't empty side by side.
func join(parts ...string) string {
	var all []string
	for _, s := range parts {
		if s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, " · ")
}
