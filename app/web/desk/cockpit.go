package desk

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/audit"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/markdown"
	"attesta/app/registration"
	"attesta/app/web"
)

// cockpitPage says where an event stands and what to do next.
type cockpitPage struct {
	eventPage
	CanMend  bool // what is missing is for the reader to do
	Missing  []Missing
	Funnel   []Step
	Offers   bool // seats were offered to institutions
	Balances []Balance
	Roll     *rollTable
	Opens    db.Time
	Closes   db.Time
	Reason   story       // why it was cancelled
	begun    bool        // its first day has come
	Lately   []AuditLine // what was done last, the newest first
}

// Step is one step of the funnel from applied to completed.
type Step struct {
	Label, Note, Href string
	N                 int
	Shape             string // points of the polygon
	Open              bool   // not certain yet: hatched
}

func (p *Pages) cockpit(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	list, err := p.Registrations.List(c.Context(), c.Actor(), e, registration.Filter{})
	if err != nil {
		return err
	}
	units, rows, err := p.Attendance.Roll(c.Context(), c.Actor(), e)
	if err != nil {
		return err
	}
	certificates, err := certificate.OfEvent(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	page := &cockpitPage{eventPage: p.under(c, e, "desk.overview"), Opens: e.RegistrationOpensAt, Closes: e.RegistrationClosesAt}
	s, err := p.state(c, e, list, rows, certificates)
	if err != nil {
		return err
	}
	if page.CanMend = c.Actor().Can(account.EditEvent, e.Scopes()...); page.CanMend {
		page.Missing = missing(c.Printer(), s)
	}
	offers, err := p.seatsOffered(c, e)
	if err != nil {
		return err
	}
	page.Offers = len(offers) > 0
	page.Funnel = append(nominated(page, offers), funnel(page, list, rows, len(certificates))...)
	drawFunnel(page.Funnel)
	page.Balances = balances(c.Printer(), list)
	page.Roll = newRollTable(c.Printer(), e, units, rows, p.Clock())
	page.begun = !p.Clock().Before(e.Begins())
	page.Reason = tell(c.Printer(), e.CancelReason)
	if page.Lately, err = p.lately(c, e); err != nil {
		return err
	}
	return c.Render("desk/event_cockpit", page)
}

// state gathers what missing asks for.
func (p *Pages) state(c *web.Ctx, e *event.Event, list []registration.Registration, rows []attendance.Row, certificates map[int64]certificate.Certificate) (state, error) {
	now := p.Clock()
	s := state{event: e, phase: e.Phase(now), over: !now.Before(e.Ends()), untitled: untitled(e)}
	for _, r := range list {
		if r.Status == registration.Waitlisted {
			s.waiting++
		}
		if r.UnitsPresent > 0 {
			s.marked++
		}
	}
	for _, r := range rows {
		if _, has := certificates[r.Registration.ID]; r.Completed && !has {
			s.due++
		}
	}
	var err error
	if s.content, err = event.ReadContent(c.Context(), p.DB.Read(), e); err != nil {
		return s, err
	}
	links, err := p.links(c, e)
	for _, l := range links {
		if l.Good {
			s.links++
		}
	}
	return s, err
}

// funnel draws how many came how far. Until the event is over, who completed it isn't certain.
func funnel(p *cockpitPage, list []registration.Registration, rows []attendance.Row, certificates int) []Step {
	var applied, came, completed int
	for _, r := range list {
		if r.Status != registration.Draft {
			applied++
		}
	}
	for _, r := range rows {
		if r.Registration.UnitsPresent > 0 {
			came++
		}
		if r.Completed {
			completed++
		}
	}
	at := p.Base()
	steps := []Step{
		{Label: "desk.funnel.applied", N: applied, Href: at + "/registrations"},
		{Label: "desk.funnel.approved", N: len(rows), Href: at + "/registrations?status=approved", Note: p.N("desk.funnel.seats", p.Event.Seats)},
		{Label: "desk.funnel.came", N: came, Href: at + "/attendance", Note: p.T("desk.funnel.once")},
		{Label: "desk.funnel.completed", N: completed, Href: at + "/attendance", Note: p.T("desk.funnel.threshold", "Percent", p.Percent(p.Event.Threshold, 0)), Open: p.Phase != event.PhaseFinished},
		{Label: "desk.funnel.certified", N: certificates, Href: at + "/certificates"},
	}
	for i := range steps {
		steps[i].Label = p.T(steps[i].Label)
	}
	return steps
}

// seatsOffered returns the seats that the event offers to institutions, to whoever may choose its participants.
func (p *Pages) seatsOffered(c *web.Ctx, e *event.Event) ([]registration.Offered, error) {
	if !c.Actor().Can(account.Select, e.Scopes()...) {
		return nil, nil
	}
	return p.Registrations.Offers(c.Context(), c.Actor(), e)
}

// nominated is the step before the first, where seats were offered to institutions: whom they named.
func nominated(p *cockpitPage, offers []registration.Offered) []Step {
	if len(offers) == 0 {
		return nil
	}
	seats, named := 0, 0
	for _, o := range offers {
		named += o.Nominated
		if o.Lives {
			seats += o.Seats
		}
	}
	return []Step{{Label: p.T("desk.funnel.nominated"), N: named, Href: p.Base() + "/nominations", Note: p.N("desk.funnel.offered", seats)}}
}

// drawFunnel gives each step its shape.
func drawFunnel(steps []Step) {
	widest := 1
	for _, s := range steps {
		widest = max(widest, s.N)
	}
	for i := range steps {
		next := steps[i].N
		if i+1 < len(steps) {
			next = min(next, steps[i+1].N)
		}
		if steps[i].N > 0 {
			steps[i].Shape = silhouette(steps[i].N, next, widest)
		}
	}
}

// latest is how many entries of the record a cockpit shows.
const latest = 5

// lately returns what was done to the event last, leaving aside who looked at it, to whoever may read its record.
func (p *Pages) lately(c *web.Ctx, e *event.Event) ([]AuditLine, error) {
	if !c.Actor().Can(account.ViewAudit, e.Scopes()...) {
		return nil, nil
	}
	list, err := audit.List(c.Context(), p.DB, reachOf(c.Actor()), audit.Filter{EventID: e.ID}, 10*latest)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(x audit.Entry) bool { return x.Action == audit.View })
	return p.auditLines(c, list[:min(latest, len(list))], e.Location(), false)
}

// silhouette returns a trapeze, centred on 100 units, from the width of a step to that of the next.
func silhouette(n, next, widest int) string {
	top, foot := 50*float64(n)/float64(widest), 50*float64(next)/float64(widest)
	return fmt.Sprintf("%.1f,0 %.1f,0 %.1f,50 %.1f,50", 50-top, 50+top, 50+foot, 50-foot)
}

func (p *Pages) publish(c *web.Ctx) error {
	return p.change(c, "desk.published", p.Events.Publish)
}

func (p *Pages) open(c *web.Ctx) error {
	return p.change(c, "desk.opened", p.Events.OpenRegistration)
}

func (p *Pages) closeRegistration(c *web.Ctx) error {
	return p.change(c, "desk.closed", p.Events.CloseRegistration)
}

// change does one thing to the event by a button and goes back to its cockpit. What the state doesn't allow any more
// is told there: somebody else was quicker.
func (p *Pages) change(c *web.Ctx, done string, f func(context.Context, account.Actor, string) (*event.Event, error)) error {
	e, err := f(c.Context(), c.Actor(), c.Param("code"))
	if fault.KindOf(err) == fault.Conflict {
		c.Flash(web.Stop, fault.From(err).Key)
		return c.Redirect("/desk/events/" + c.Param("code"))
	}
	if err != nil {
		return err
	}
	c.Flash(web.Go, done)
	return c.Redirect("/desk/events/" + e.Code)
}

// story is a longer text in the reader's language, or in another one that is named.
type story struct {
	HTML template.HTML
	Lang string
}

func tell(p *locale.Printer, t locale.Text) story {
	s := said(p, t)
	return story{markdown.HTML(s.Text), s.Lang}
}

// CancelledAt is when, on the clocks of the event.
func (p *cockpitPage) CancelledAt() time.Time { return local(p.Event, p.Event.CancelledAt) }

// HasBegun reports whether there can be anything to tell of attendance: the event was, or is held, or somebody was there.
func (p *cockpitPage) HasBegun() bool {
	return p.begun && !p.Event.IsCancelled() || slices.ContainsFunc(p.Roll.Rows, func(r RollRow) bool { return r.Present > 0 })
}

// CanClose reports whether registration can be closed by hand.
func (p *cockpitPage) CanClose() bool {
	return p.Phase == event.PhaseOpen && p.Actor().Can(account.EditEvent, p.Event.Scopes()...)
}
