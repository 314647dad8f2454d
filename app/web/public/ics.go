package public

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/calendar"
	"attesta/app/event"
	"attesta/app/registration"
	"attesta/app/web"
)

// refresh is how often programs that subscribe to a calendar are asked to look.
const refresh = 6 * time.Hour

// eventFile is an event for calendars: an entry for each of its days.
func (p *Pages) eventFile(c *web.Ctx) error {
	e, err := p.published(c)
	if err != nil {
		return err
	}
	a, err := p.almanac(c, e, false)
	if err != nil {
		return err
	}
	return sendCalendar(c, e.Code+".ics", e.UpdatedAt.Time, a.calendar(c, a.Days()...))
}

// programmeFile is each session of an event for calendars; those that were removed are withdrawn.
func (p *Pages) programmeFile(c *web.Ctx) error {
	e, err := p.published(c)
	if err != nil {
		return err
	}
	a, err := p.almanac(c, e, true)
	if err != nil {
		return err
	}
	return sendCalendar(c, e.Code+"-programme.ics", e.UpdatedAt.Time, a.calendar(c, a.Sessions()...))
}

// sessionFile is one session for calendars.
func (p *Pages) sessionFile(c *web.Ctx) error {
	e, err := p.published(c)
	if err != nil {
		return err
	}
	a, err := p.almanac(c, e, true)
	if err != nil {
		return err
	}
	entry, err := a.Session(c.Param("session"))
	if err != nil {
		return err
	}
	return sendCalendar(c, e.Code+"-"+c.Param("session")+".ics", e.UpdatedAt.Time, a.calendar(c, entry))
}

// myFile is the event behind a participant's link, with its place and the link to join. Who has no place there any more
// gets it withdrawn.
func (p *Pages) myFile(c *web.Ctx) error {
	r, e, err := p.open(c, c.Param("token"))
	if err != nil {
		return err
	}
	has := r.Status == registration.Approved
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return err
	}
	a, err := p.almanacOf(c, content.Told(has), false)
	if err != nil {
		return err
	}
	entries := a.Series()
	changed := e.UpdatedAt.Time
	if r.UpdatedAt.After(changed) {
		changed = r.UpdatedAt.Time
	}
	for i := range entries {
		entries[i].Sequence, entries[i].Stamp = registration.Sequence(e, r), changed
		entries[i].Cancelled = entries[i].Cancelled || !has
	}
	cal := a.calendar(c, entries...)
	cal.Source = "" // people share calendars; their link isn't for others
	return sendCalendar(c, e.Code+".ics", changed, cal)
}

// feed is the calendar of the network's events to subscribe to, narrowed as the page is.
func (p *Pages) feed(c *web.Ctx) error {
	list, err := p.Events.Calendar(c.Context())
	if err != nil {
		return err
	}
	wanted, told := readFilter(c), make([]*event.Event, 0, len(list))
	for i := range list {
		if e := list[i].Told(false); wanted.takes(e, "") {
			told = append(told, e)
		}
	}
	days, err := event.Timetables(c.Context(), p.DB.Read(), told)
	if err != nil {
		return err
	}
	page := c.Page("")
	out := calendar.Calendar{
		Method: calendar.Publish, Name: page.Brand() + " · " + c.T("public.calendar_title"), Lang: string(c.Locale()), Refresh: refresh,
		Source: c.URL(wanted.address(c.Path())),
	}
	for i := range told {
		a := almanac{Almanac: days[i]}
		a.Base, a.Reader, a.Words = strings.TrimSuffix(c.URL("/"), "/"), c.Locale(), p.Catalogue.Printer(a.Content.Tongue(c.Locale()))
		for _, x := range a.Days() {
			x.Free = true
			out.Entries = append(out.Entries, x)
		}
	}
	changed, err := event.LastChange(c.Context(), p.DB.Read())
	if err != nil {
		return err
	}
	return sendCalendar(c, "", changed, out)
}

// almanac is an event as this request may be told of it.
type almanac struct{ event.Almanac }

// almanac reads an event as anybody may be told of it.
func (p *Pages) almanac(c *web.Ctx, e *event.Event, sessions bool) (almanac, error) {
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return almanac{}, err
	}
	return p.almanacOf(c, content.Told(false), sessions)
}

// almanacOf reads what calendars need beside the content: what was removed where sessions are told, else the hours.
func (p *Pages) almanacOf(c *web.Ctx, content *event.Content, sessions bool) (a almanac, err error) {
	a.Content, a.Base, a.Reader = content, strings.TrimSuffix(c.URL("/"), "/"), c.Locale()
	a.Words = p.Catalogue.Printer(content.Tongue(c.Locale()))
	if sessions {
		a.Removed, err = event.Removed(c.Context(), p.DB.Read(), content.Event.ID)
	} else {
		a.Units, err = event.Units(c.Context(), p.DB.Read(), content.Event.ID)
	}
	return a, err
}

// calendar is a file of entries in the language of the almanac.
func (a almanac) calendar(c *web.Ctx, entries ...calendar.Entry) calendar.Calendar {
	return calendar.Calendar{
		Method: calendar.Publish, Name: a.Words.Text(a.Content.Event.Title), Lang: string(a.Words.Code()), Refresh: refresh, Entries: entries,
		Source: c.URL(c.Path()),
	}
}

// sendCalendar answers with a calendar: to be saved under a name, or to be subscribed to. Programs that subscribe ask
// every few hours and are told when nothing has changed.
func sendCalendar(c *web.Ctx, name string, changed time.Time, cal calendar.Calendar) error {
	b := cal.Bytes()
	sum := sha256.Sum256(b)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	c.SetHeader(fiber.HeaderETag, tag)
	if !changed.IsZero() {
		c.SetHeader(fiber.HeaderLastModified, changed.UTC().Format(http.TimeFormat))
	}
	if hasIt(c, tag, changed) {
		c.Fiber().Status(fiber.StatusNotModified)
		return nil
	}
	if name == "" {
		return c.Send(calendar.MIME, b)
	}
	return c.Download(name, calendar.MIME, b)
}

// hasIt reports whether whoever asks has these bytes already. The time counts only for who sends no tag (RFC 9110).
func hasIt(c *web.Ctx, tag string, changed time.Time) bool {
	if c.Header(fiber.HeaderIfNoneMatch) != "" {
		return c.Has(tag)
	}
	since, err := http.ParseTime(c.Header(fiber.HeaderIfModifiedSince))
	return err == nil && !changed.IsZero() && !changed.Truncate(time.Second).After(since)
}
