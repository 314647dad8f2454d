package public

import (
	"attesta/app/event"
	"attesta/app/web"
)

type eventPage struct {
	web.Page
	Event   notice
	ShownIn string // says in which language the title is, if it isn't the reader's
	More    []said // the description after its first paragraph
	Days    []day
	Seats   string
	Left    string // how many are free, while that is of use
	Decides string // who decides about applications
	Until   string // the deadline
	Next    string // what happens next, in a sentence
	Action  string // words of the one button, or ""
	Target  string // where it leads
}

// show is the public page of an event.
func (p *Pages) show(c *web.Ctx) error {
	e, err := p.Events.Public(c.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	n := tell(c, e)
	page := &eventPage{Page: c.Page(n.Title.Text), Event: n}
	if len(n.Description) > 0 {
		page.Description, page.More = n.Description[0].Text, n.Description[1:]
	}
	if n.Title.Lang != "" {
		page.ShownIn = c.T("public.shown_in", "Language", c.T("language."+n.Title.Lang))
	}
	page.Back = &web.Crumb{Href: "/" + string(c.Locale()) + "/events", Label: c.T("nav.events")}
	if err := p.stage(c, &page.Page, e); err != nil {
		return err
	}
	if page.Days, err = p.programme(c, e); err != nil {
		return err
	}
	page.offer(c, e)
	return c.Render("public/event", page)
}

func (p *Pages) programme(c *web.Ctx, e *event.Event) ([]day, error) {
	sessions, err := event.Programme(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return nil, err
	}
	units, err := event.Units(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return nil, err
	}
	return timeline(c, e, sessions, units), nil
}

// offer says what one can do now, and what comes next.
func (page *eventPage) offer(c *web.Ctx, e *event.Event) {
	zone := e.Location()
	page.Seats = c.Printer().Number(e.Seats)
	page.Decides = c.T("public.decides." + string(e.Decision))
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
