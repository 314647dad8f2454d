package desk

import (
	"strings"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/registration"
	"attesta/app/web"
)

// rejectPage asks for the reason before several are rejected, with their names.
type rejectPage struct {
	eventPage
	People []registration.Registration
	Return string
}

// decisions are the values of the buttons.
var decisions = map[string]registration.Status{"approve": registration.Approved, "wait": registration.Waitlisted, "reject": registration.Rejected}

// decide does what a button asks with everybody who is ticked, then shows the list as it was narrowed.
func (p *Pages) decide(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	f := c.Form()
	codes, to := f.Values("who"), decisions[f.Value("do")]
	back := p.backTo(c, e, codes)
	switch {
	case to == "":
		return fault.New(fault.Invalid, "error.request_wrong")
	case len(codes) == 0:
		c.Flash(web.Wait, "desk.nobody_chosen")
		return c.Redirect(back)
	case to == registration.Rejected && !f.Ticked("asked"):
		return p.askReason(c, e, back)
	case len(f.Value("reason")) > 4000:
		return p.askReason(c, e, back)
	}
	outcomes, err := p.Registrations.Decide(c.Context(), c.Actor(), e.Code, codes, to, f.Value("reason"))
	if err != nil {
		return err
	}
	return p.tell(c, e, to, outcomes, back)
}

// backTo is the page that the buttons were on.
func (p *Pages) backTo(c *web.Ctx, e *event.Event, codes []string) string {
	at := "/desk/events/" + e.Code + "/registrations"
	if c.Form().Value("from") == "person" && len(codes) == 1 {
		return at + "/" + codes[0]
	}
	if q := chosen(c).Encode(); q != "" {
		at += "?" + q
	}
	return at
}

func (p *Pages) askReason(c *web.Ctx, e *event.Event, back string) error {
	if err := event.May(c.Actor(), account.Select, e); err != nil {
		return err
	}
	list, err := p.Registrations.List(c.Context(), c.Actor(), e, registration.Filter{})
	if err != nil {
		return err
	}
	page := &rejectPage{eventPage: p.under(c, e, "desk.registrations"), Return: back}
	for _, r := range list {
		if c.Form().Has("who", r.Code) {
			page.People = append(page.People, r)
		}
	}
	if len(c.Form().Value("reason")) > 4000 {
		var wrong fault.Form
		wrong.Add("reason", "form.too_long", "Max", 2000)
		c.Form().Refused(wrong.Err())
	}
	return c.Render("desk/registration_reject", page)
}

// tell says how many stand where now, and by name who stands elsewhere than was asked for.
func (p *Pages) tell(c *web.Ctx, e *event.Event, to registration.Status, outcomes []registration.Outcome, back string) error {
	done := 0
	var elsewhere []string
	for _, o := range outcomes {
		switch {
		case o.Fault != nil:
			elsewhere = append(elsewhere, o.Code)
		case o.Changed:
			done++
		}
	}
	if done > 0 || len(elsewhere) == 0 {
		c.Flash(web.Go, "desk.decided."+string(to), "N", done)
	}
	if len(elsewhere) == 0 {
		return c.Redirect(back)
	}
	names, err := p.names(c, e, elsewhere)
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		if o.Fault != nil && o.Fault.Is(registration.ErrNoSeat) {
			c.Flash(web.Wait, "desk.no_seat", "Names", names)
			return c.Redirect(back)
		}
	}
	c.Flash(web.Wait, "desk.not_decided", "Names", names)
	return c.Redirect(back)
}

// names lists people, the first few by name.
func (p *Pages) names(c *web.Ctx, e *event.Event, codes []string) (string, error) {
	list, err := p.Registrations.List(c.Context(), c.Actor(), e, registration.Filter{})
	if err != nil {
		return "", err
	}
	var names []string
	for _, r := range list {
		if strings.Contains(" "+strings.Join(codes, " ")+" ", " "+r.Code+" ") {
			names = append(names, r.GivenName+" "+r.FamilyName)
		}
	}
	const few = 6
	if len(names) > few {
		return strings.Join(names[:few], ", ") + " (+" + c.Printer().Number(len(names)-few) + ")", nil
	}
	return strings.Join(names, ", "), nil
}
