package desk

import (
	"cmp"
	"slices"

	"attesta/app/account"
	"attesta/app/certificate"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
)

// homePage lists the events of whoever signed in, and what waits for them over all of these.
type homePage struct {
	web.Page
	Waits     []Missing
	Coming    []EventLine // the next first
	Past      []EventLine // the latest first
	Weeks     []Week      // the next six
	CanCreate bool
	Empty     bool // there isn't even a project: see start

	Organisation Said         // the one of an organiser, or the network
	People       []MemberLine // who else works there
	MorePeople   int
	PeopleHref   string      // "" where there is no such list
	Grants       []GrantLine // of a coordinator or an auditor
	Watching     bool        // an auditor, whose looks are recorded
	Numbers      []NumberLine
	HeldUp       int // mails that wait for more than an hour
	Undelivered  int // mails that were refused within a week
}

// EventLine is one event in the list.
type EventLine struct {
	*locale.Printer
	Event event.Event
	Phase event.Phase
	Title Said
	Due   int  // certificates
	Stale bool // its days are over, but it is still a draft
}

// Href leads to the event.
func (l EventLine) Href() string { return "/desk/events/" + l.Event.Code }

// Tone is the colour and shape of where it stands.
func (l EventLine) Tone() web.Tone { return phaseTone(l.Phase) }

// Word says where it stands.
func (l EventLine) Word() string { return l.T("desk.phase." + string(l.Phase)) }

// Place is where it is.
func (l EventLine) Place() string { return place(l.Printer, &l.Event) }

// Taken is the share of the seats that are taken, in per cent, for the bar.
func (l EventLine) Taken() int { return min(100, 100*l.Event.SeatsTaken/max(1, l.Event.Seats)) }

func (p *Pages) home(c *web.Ctx) error {
	events, err := p.Events.List(c.Context(), c.Actor(), account.ViewEvent)
	if err != nil {
		return err
	}
	due, err := certificate.DueCounts(c.Context(), p.DB.Read(), events)
	if err != nil {
		return err
	}
	page := &homePage{Page: c.Page(c.T("desk.my_events")), CanCreate: c.Actor().CanSomewhere(account.EditEvent)}
	page.NoIndex = true
	now := p.Clock()
	for _, e := range events {
		l := EventLine{Printer: c.Printer(), Event: e, Phase: e.Phase(now), Title: said(c.Printer(), e.Title)}
		if l.Phase == event.PhaseFinished {
			l.Due = due[e.ID]
		}
		l.Stale = l.Phase == event.PhaseDraft && !now.Before(e.Ends())
		page.Waits = append(page.Waits, waits(c.Printer(), l)...)
		if l.Phase == event.PhaseFinished || l.Phase == event.PhaseCancelled {
			page.Past = append(page.Past, l)
		} else {
			page.Coming = append(page.Coming, l)
		}
	}
	if page.Empty, err = p.isEmpty(c); err != nil {
		return err
	}
	if err := p.byRole(c, page); err != nil {
		return err
	}
	if page.Watching {
		page.Waits = nil
	}
	slices.Reverse(page.Coming)
	if len(page.Coming) > 0 {
		page.Weeks = weeks(c.Printer(), now, page.Coming)
	}
	slices.SortStableFunc(page.Waits, func(a, b Missing) int { return cmp.Compare(a.rank, b.rank) })
	return c.Render("desk/home", page)
}

// waits says what one event wants of its organiser.
func waits(p *locale.Printer, l EventLine) []Missing {
	e := l.Event
	var list []Missing
	add := func(rank int, key, button, href string, n int) {
		list = append(list, Missing{rank: rank, Title: p.N(key, n), Why: l.Title.Text, WhyLang: l.Title.Lang, Button: p.T(button), Href: l.Href() + href})
	}
	switch {
	case l.Phase == event.PhaseRunning:
		add(0, "desk.wait_running", "desk.to_attendance", "/attendance", 1)
	case l.Due > 0:
		add(2, "desk.wait_certificates", "desk.to_certificates", "/certificates", l.Due)
	}
	if e.SeatsAsked > 0 && l.Phase != event.PhaseFinished && l.Phase != event.PhaseCancelled {
		add(1, "desk.wait_applications", "desk.to_decide", "/registrations?status=submitted", e.SeatsAsked)
	}
	switch l.Phase {
	case event.PhaseDraft:
		if l.Stale {
			add(2, "desk.missing.stale", "desk.to_event", "", 1)
			break
		}
		add(4, "desk.wait_draft", "desk.to_event", "", 1)
	case event.PhaseAnnounced:
		if e.RegistrationOpensAt.IsZero() {
			add(3, "desk.wait_closed", "desk.to_event", "", 1)
		}
	}
	return list
}
