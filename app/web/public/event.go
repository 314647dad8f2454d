package public

import (
	"time"

	"attesta/app/event"
	"attesta/app/web"
)

type eventPage struct {
	web.Page
	Event      notice
	ToldIn     string // says in which language the event is told, if that isn't the reader's
	Lead       prose  // the first paragraph of the description
	More       prose  // what follows
	Join       string // how one takes part from elsewhere
	Quiet      bool
	Audience   prose
	Costs      said
	Hours      string // for how long the programme counts
	Directions prose
	Accessible prose
	Rooms      []room
	People     []leaders
	Contact    contact
	Cancelled  bool
	Archived   bool
	Reason     prose // why it was cancelled
	Days       []day
	Materials  *materialList
	Long       bool // too long to stand here whole
	Programmed bool // there is a programme, with pages of its own
	Seats      string
	Left       string // how many are free, while that is of use
	Decides    string // who decides about applications
	Until      string // the deadline
	Next       string // what happens next, in a sentence
	Action     string // words of the one button, or ""
	Target     string // where it leads
}

// room is where sessions are held.
type room struct {
	Name       said
	Seats      string
	Accessible prose
	Directions prose
}

// contact is who answers questions.
type contact struct{ Name, Email, Phone string }

// Any reports whether there is anybody to ask.
func (x contact) Any() bool { return x != contact{} }

// longProgramme is the number of sessions from which the page of an event shows only the days, and the programme has its
// own page.
const longProgramme = 40

// show is the public page of an event.
func (p *Pages) show(c *web.Ctx) error {
	s, err := p.story(c)
	if err != nil {
		return err
	}
	e := s.Event
	page := &eventPage{Page: c.Page(s.notice.Title.Text), Event: s.notice, ToldIn: s.toldIn(), Quiet: e.Quiet, Programmed: len(s.Sessions) > 0}
	if err := p.furnish(c, &page.Page, s); err != nil {
		return err
	}
	page.Back = &web.Crumb{Href: "/" + string(c.Locale()) + "/events", Label: c.T("nav.events")}
	page.Lead, page.More = s.notice.Description.lead()
	page.Description = s.summary()
	page.Structured = s.structured(c)
	page.fill(s)
	page.Days = newTimetable(c, s.voice, s.Content).days(s.Sessions, s.units)
	page.Long = len(s.Sessions) > longProgramme
	page.Materials = listMaterials(c, s.Content, false, false, "/"+string(c.Locale())+"/events/"+e.Code)
	page.offer(c, e)
	return c.Render("public/event", page)
}

// summary tells in a line what, when and where, for previews and search engines.
func (s *story) summary() string {
	facts := join(s.notice.Dates, s.notice.Where(), s.notice.Type)
	return join(facts, s.plain(s.Event.Description, max(40, 200-len([]rune(facts)))))
}

// fill says what the event says of itself; what nobody said is left empty.
func (page *eventPage) fill(s *story) {
	e := s.Event
	if e.IsOnline() {
		page.Join = s.T("public.join_later." + string(e.Format))
	}
	page.Audience, page.Costs = s.prose(e.Audience), s.say(e.Costs)
	page.Directions, page.Accessible = s.prose(e.Directions), s.prose(e.Accessibility)
	page.Hours = s.length(time.Duration(s.Minutes()) * time.Minute)
	page.People = s.people()
	page.Contact = contact{Name: e.ContactName, Email: e.ContactEmail, Phone: e.ContactPhone}
	page.Cancelled, page.Archived = e.State == event.Cancelled, e.State == event.Archived
	page.Reason = s.prose(e.CancelReason)
	for _, x := range s.Rooms {
		r := room{Name: s.say(x.Name), Accessible: s.prose(x.Accessibility), Directions: s.prose(x.Directions)}
		if x.Seats > 0 {
			r.Seats = s.N("public.room_seats", x.Seats)
		}
		page.Rooms = append(page.Rooms, r)
	}
}

// offer says what one can do now, and what comes next.
func (page *eventPage) offer(c *web.Ctx, e *event.Event) {
	zone := e.Location()
	page.Seats = c.Printer().Number(e.Seats)
	if phase := page.Event.Phase; phase == event.PhaseAnnounced || phase == event.PhaseOpen || phase == event.PhaseClosed {
		page.Decides = c.T("public.decides." + string(e.Decision))
	}
	switch page.Event.Phase {
	case event.PhaseAnnounced:
		page.Next = c.T("public.opens_later")
		if opens := e.RegistrationOpensAt; !opens.IsZero() {
			page.Next = c.T("public.opens_at", "When", c.Printer().DateTime(opens.In(zone)))
		}
	case event.PhaseOpen:
		if closes := e.RegistrationClosesAt; !closes.IsZero() {
			page.Until = c.Printer().Deadline(closes.In(zone))
		}
		page.Action, page.Target = c.T("public.register"), page.Event.Href+"/register"
		page.Next = c.T("public.next." + string(e.Decision))
		if full(e) {
			page.Action, page.Next = c.T("public.join_waiting"), c.T("public.next.full")
		} else {
			page.Left = c.Printer().N("count.seat_left", e.SeatsFree())
		}
	case event.PhaseFinished:
		page.Next, page.Action, page.Target = c.T("public.next.finished"), c.T("nav.verify"), page.Link("/verify")
	default:
		page.Next = c.T("public.next." + string(page.Event.Phase))
	}
}

// full reports whether who registers now comes to the waiting list.
func full(e *event.Event) bool {
	if e.Decision == event.Automatic {
		return e.SeatsTaken >= e.Seats
	}
	return e.SeatsTaken+e.SeatsAsked >= e.Seats
}
