package public

import (
	"net/url"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"attesta/app/event"
	"attesta/app/web"
)

// calendarFile is the event for calendars: one entry a day, in UTC, so that every program shows the right hour.
func (p *Pages) calendarFile(c *web.Ctx) error {
	e, err := p.Events.Public(c.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	units, err := event.Units(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	sessions, err := event.Programme(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	n := tell(c, e)
	cal := ics.NewCalendarFor("Attesta")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(n.Title.Text)
	for _, s := range spans(e, sessions, units) {
		entry := cal.AddEvent(e.Code + "-" + s.day + "@" + host(c.URL("/")))
		entry.SetDtStampTime(e.UpdatedAt.Time)
		entry.SetSequence(e.Version)
		entry.SetStartAt(s.from)
		entry.SetEndAt(s.to)
		entry.SetSummary(n.Title.Text)
		entry.SetLocation(strings.Join(slicesOf(n.Venue, n.Place()), ", "))
		entry.SetURL(c.URL(n.Href))
		if e.State == event.Cancelled {
			entry.SetStatus(ics.ObjectStatusCancelled)
		} else {
			entry.SetStatus(ics.ObjectStatusConfirmed)
		}
	}
	return c.Download(e.Code+".ics", "text/calendar; charset=utf-8", []byte(cal.Serialize()))
}

// span is when a day of an event begins and ends.
type span struct {
	day      string
	from, to time.Time
}

// spans takes each day from its first item to its last; a day without any is the usual working day.
func spans(e *event.Event, sessions []event.Session, units []event.AttendanceUnit) []span {
	var all []span
	for i := range e.Days {
		d := e.StartsOn.Plus(i)
		s := span{day: d.String()}
		for _, x := range sessions {
			if x.Day == d {
				s.reach(x.StartsAt.Time, x.EndsAt.Time)
			}
		}
		for _, x := range units {
			if len(sessions) == 0 && x.Day == d {
				s.reach(x.StartsAt.Time, x.EndsAt.Time)
			}
		}
		if s.from.IsZero() {
			s.from, s.to = d.In(e.Location(), 9, 0), d.In(e.Location(), 17, 0)
		}
		all = append(all, s)
	}
	return all
}

func (s *span) reach(from, to time.Time) {
	if s.from.IsZero() || from.Before(s.from) {
		s.from = from
	}
	if to.After(s.to) {
		s.to = to
	}
}

func slicesOf(parts ...string) []string {
	var all []string
	for _, s := range parts {
		if s != "" {
			all = append(all, s)
		}
	}
	return all
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "attesta"
	}
	return u.Hostname()
}
