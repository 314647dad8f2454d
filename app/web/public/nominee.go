package public

import (
	"errors"
	"time"

	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/registration"
	"attesta/app/web"
)

// asked is the event that somebody registers for, and the nomination that calls them there, if one does.
type asked struct {
	*event.Event
	call  *registration.Call
	token string
}

// nominated is what the form says of a nomination.
type nominated struct {
	Institution string
	Type        string // "": it isn't known, and asked for
	Country     string // likewise
	Decline     string // where one says no
}

// fill puts what the nomination settles into what was sent.
func (x asked) fill(s *sent) {
	if x.call != nil {
		x.call.Fill(&s.Submission)
	}
}

// draft tells the drafts of a nominee's form from those of the open one.
func (x asked) draft() string {
	if x.call != nil {
		return " nominated"
	}
	return ""
}

// closes is until when the form may be sent, or zero.
func (x asked) closes() time.Time {
	if x.call != nil {
		return x.call.Offer.ExpiresAt.Time
	}
	return x.RegistrationClosesAt.Time
}

// told words the nomination in the reader's language, or returns nil without one.
func (x asked) told(c *web.Ctx) *nominated {
	if x.call == nil {
		return nil
	}
	at := x.call.Institution
	n := &nominated{Institution: at.In(c.Locale()), Decline: "/" + string(c.Locale()) + "/events/" + x.Code + "/register/decline?nomination=" + x.token}
	if at.Type != "" {
		n.Type = c.T(at.Type.Key())
	}
	if at.Country != "" {
		n.Country = c.Printer().Country(at.Country)
	}
	return n
}

// submit hands the form in, as a nominee or as anyone.
func (p *Pages) submit(c *web.Ctx, x asked, s registration.Submission) (*registration.Registration, error) {
	if x.call == nil {
		return p.Registrations.Register(c.Context(), x.Code, s)
	}
	return p.Registrations.RegisterNominated(c.Context(), x.Code, x.token, s)
}

// called finds the nomination of a request; its token stands in the query, so nothing of the answer may be kept.
func (p *Pages) called(c *web.Ctx, x asked, t string) (asked, error) {
	c.Fiber().Set("Cache-Control", "no-store")
	c.Fiber().Set("X-Robots-Tag", "noindex, nofollow")
	if err := c.LimitSource("nomination", 120, limitPeriod); err != nil {
		return x, err
	}
	var err error
	x.token = t
	x.call, err = p.Registrations.CallByToken(c.Context(), x.Code, t)
	return x, err
}

// registerNominee is the form for somebody whom an institution has nominated: filled in as far as that is known, and
// whether or not registration is open to the public. Who has used it before is asked whether to send the link again.
func (p *Pages) registerNominee(c *web.Ctx, x asked, t string) error {
	if x.IsCancelled() {
		return p.closed(c, x.Event)
	}
	x, err := p.called(c, x, t)
	if err != nil {
		return err
	}
	if x.call.Answered() {
		return p.answered(c, x)
	}
	if c.IsPost() {
		return p.ask(c, x)
	}
	n := x.call.Nomination
	for name, value := range map[string]string{
		"given_name": n.GivenName, "family_name": n.FamilyName, "email": n.Email, "position": n.Position, "language": string(n.Locale),
	} {
		c.Form().Set(name, value)
	}
	return p.step(c, x, 1, 0)
}

// answered says that the nominee has registered, and sends the link to their page once more if they ask for it.
func (p *Pages) answered(c *web.Ctx, x asked) error {
	if c.IsPost() {
		if err := p.limitRegister(c, x.call.Nomination.Email); err != nil {
			return err
		}
		if _, err := p.submit(c, x, registration.Submission{}); !errors.Is(err, registration.ErrAlready) {
			return err
		}
		return p.already(c, x.Event)
	}
	page := &alreadyPage{Page: c.Page(c.T("public.already")), Event: tell(c, x.Told(false)), Ask: true}
	if err := p.stage(c, &page.Page, x.Event); err != nil {
		return err
	}
	page.NoIndex = true
	return c.Render("public/registration_already", page)
}

type declinePage struct {
	web.Page
	Event    notice
	Target   string // where the form is
	Declined bool
}

// decline asks with the event's name, and tells the institution that the nominee won't come.
func (p *Pages) decline(c *web.Ctx) error {
	e, err := p.Events.Public(c.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	if e.IsCancelled() {
		return p.closed(c, e)
	}
	x, err := p.called(c, asked{Event: e}, c.Query("nomination"))
	if err != nil {
		return err
	}
	form := "/" + string(c.Locale()) + "/events/" + e.Code + "/register?nomination=" + x.token
	if x.call.Answered() {
		return c.Redirect(form)
	}
	page := &declinePage{Page: c.Page(c.T("nomination.decline_title")), Event: tell(c, e.Told(false)), Target: form}
	if err := p.stage(c, &page.Page, e); err != nil {
		return err
	}
	page.NoIndex = true
	if c.IsPost() {
		if err := p.Registrations.Decline(c.Context(), e.Code, x.token); err != nil && fault.KindOf(err) != fault.Conflict {
			return err
		}
		page.Declined = true
		page.Title = c.T("nomination.declined_title")
	}
	return c.Render("public/nominate_decline", page)
}
