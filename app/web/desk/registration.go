package desk

import (
	"errors"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/audit"
	"attesta/app/certificate"
	"attesta/app/event"
	"attesta/app/registration"
	"attesta/app/web"
)

// registrationPage is one person at one event: who they were then, what they answered, where they were.
type registrationPage struct {
	eventPage
	R         BoardRow
	Consents  []Consent
	Units     []UnitStory
	Held      *certificate.Held
	CanSelect bool
	History   []AuditLine // nil for those who may not read the record
}

// Can reports whether a button would change anything.
func (p *registrationPage) Can(do string) bool {
	now := p.R.Status
	return now != decisions[do] && now != registration.Cancelled && now != registration.Draft
}

// Consent is one thing that was agreed to or not.
type Consent struct {
	Key   string
	Given bool
}

// UnitStory says whether somebody was present at a unit and from which claims that follows.
type UnitStory struct {
	Column
	Present bool
	Claims  []ClaimLine
}

// ClaimLine is one claim in words.
type ClaimLine struct {
	SourceKey string
	Present   bool
	At        time.Time
	Device    time.Time // by the device's clock, if it differs
	Detail    string
}

func (p *Pages) registration(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	r, err := p.Registrations.ByCode(c.Context(), c.Actor(), e, c.Param("registration"))
	if err != nil {
		return err
	}
	c.About("registration", r.ID, e.ID)
	page := &registrationPage{eventPage: p.under(c, e, "desk.registrations"), CanSelect: c.Actor().Can(account.Select, e.Scopes()...)}
	if err := p.nameWorkplaces(c, r); err != nil {
		return err
	}
	page.R = BoardRow{*r, c.Printer(), page.Base()}
	page.Title = page.R.Who()
	page.Back = &web.Crumb{Href: page.Base() + "/registrations", Label: c.T("desk.registrations")}
	page.Consents = []Consent{{"desk.consent.data", r.ConsentData}, {"desk.consent.list", r.ConsentList}, {"desk.consent.photo", r.ConsentPhoto}, {"desk.consent.contact", r.ConsentContact}}
	if page.Units, err = p.stories(c, e, r); err != nil {
		return err
	}
	page.Held, err = p.Certificates.OfRegistration(c.Context(), r)
	if err != nil && !errors.Is(err, certificate.ErrNotFound) {
		return err
	}
	if c.Actor().Can(account.ViewAudit, e.Scopes()...) {
		done, err := audit.OfRegistration(c.Context(), p.DB, r.ID, r.PersonID)
		if err != nil {
			return err
		}
		if page.History, err = p.auditLines(c, done, e.Location(), false); err != nil {
			return err
		}
	}
	return c.Render("desk/registration_show", page)
}

func (p *Pages) stories(c *web.Ctx, e *event.Event, r *registration.Registration) ([]UnitStory, error) {
	units, err := event.Units(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return nil, err
	}
	claims, err := p.Attendance.Claims(c.Context(), c.Actor(), e, r)
	if err != nil {
		return nil, err
	}
	byUnit := map[int64][]attendance.Claim{}
	for _, cl := range claims {
		byUnit[cl.UnitID] = append(byUnit[cl.UnitID], cl)
	}
	var list []UnitStory
	for _, u := range units {
		s := UnitStory{Column: column(c.Printer(), e, u, p.Clock(), 0), Present: len(byUnit[u.ID]) > 0 && attendance.Follows(byUnit[u.ID])}
		for _, cl := range byUnit[u.ID] {
			s.Claims = append(s.Claims, line(e, cl))
		}
		list = append(list, s)
	}
	return list, nil
}

// line words a claim. The device's clock is told where it is a minute off the server's: a telephone that was offline.
func line(e *event.Event, cl attendance.Claim) ClaimLine {
	l := ClaimLine{SourceKey: "desk.source." + string(cl.Source), Present: cl.Present, At: local(e, cl.ReceivedAt), Detail: cl.Detail}
	if !cl.DeviceAt.IsZero() && cl.ReceivedAt.Sub(cl.DeviceAt.Time).Abs() > time.Minute {
		l.Device = local(e, cl.DeviceAt)
	}
	return l
}
