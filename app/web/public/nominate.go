package public

import (
	"strconv"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
)

// nominatePage is what a focal point sees: the event, the seats, the form and the own nominations.
type nominatePage struct {
	web.Page
	Event       notice
	Deadline    string // of the open registration: nothing to a focal point
	Until       string
	Institution string
	Contact     string
	Seats, Left int
	LeftText    string // "2 seats left"
	Takes       bool   // nominations, still
	Tongues     []web.Option
	Nominees    []nominee
	Path        string
	Cancelled   bool  // the event
	Reason      prose // why
}

// nominee is one nomination in the list.
type nominee struct {
	ID                    int64
	Name, Position, Email string
	Status                string
	Tone                  web.Tone
	Withdraw              bool // can be withdrawn
	Applied               bool // and no more, because there is an application
}

// standingTones say in which tone a standing is told.
var standingTones = map[registration.Standing]web.Tone{
	registration.NomineeInvited: web.Wait, registration.NomineeUndelivered: web.Stop, registration.NomineeWithdrawn: web.Calm,
	registration.NomineeDeclined: web.Stop, registration.NomineeExpired: web.Calm,
}

func standingTone(s registration.Standing) web.Tone {
	if tone, ok := standingTones[s]; ok {
		return tone
	}
	return tones[registration.Status(s)]
}

// offer is what a focal point's link opens.
type offer struct {
	*registration.Offer
	event       *event.Event
	institution registration.Institution
}

// offered returns what the link of the address opens, and lets the request act for its holder, in their language.
func (p *Pages) offered(c *web.Ctx) (offer, error) {
	if err := c.LimitSource("nominate", 240, limitPeriod); err != nil {
		return offer{}, err
	}
	o, e, at, err := p.Registrations.OfferByToken(c.Context(), c.Param("token"))
	if err != nil {
		return offer{}, err
	}
	c.As(account.Link(account.FocalPoint, account.NominationScope, o.ID))
	c.SetLocale(o.Locale)
	return offer{o, e, at}, nil
}

// sameOffer is how many mails one focal point may cause within ten minutes: each nomination writes to an address.
const sameOffer = 40

// nominate is the page behind a focal point's link.
func (p *Pages) nominate(c *web.Ctx) error {
	o, err := p.offered(c)
	if err != nil {
		return err
	}
	if !c.IsPost() {
		c.Form().Set("language", string(o.Locale))
		return p.nominations(c, o, 0)
	}
	if err := c.Limit("nominate "+strconv.FormatInt(o.ID, 10), sameOffer, limitPeriod); err != nil {
		c.Form().Refused(fault.New(fault.Conflict, "error.too_many"))
		return p.nominations(c, o, 429)
	}
	f := c.Form()
	who := registration.Nominee{
		GivenName: f.Value("given_name"), FamilyName: f.Value("family_name"), Email: f.Value("email"), Position: f.Value("position"),
		Locale: locale.Code(f.Value("language")),
	}
	if !p.Catalogue.Has(who.Locale) {
		who.Locale = ""
	}
	if _, err := p.Registrations.Nominate(c.Context(), c.Actor(), o.ID, who); err != nil {
		if f.Refused(err) {
			return p.nominations(c, o, 0)
		}
		return err
	}
	c.Flash(web.Go, "nomination.nominated_done")
	return c.Redirect("/nominate/" + c.Param("token"))
}

// withdraw takes a nomination back.
func (p *Pages) withdraw(c *web.Ctx) error {
	o, err := p.offered(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(c.Form().Value("nomination"), 10, 64)
	if err != nil {
		return registration.ErrNominationGone
	}
	switch err := p.Registrations.Withdraw(c.Context(), c.Actor(), o.ID, id); {
	case err == nil:
		c.Flash(web.Calm, "nomination.withdrawn_done")
	case fault.KindOf(err) == fault.Conflict:
		c.Flash(web.Stop, fault.From(err).Key)
	default:
		return err
	}
	return c.Redirect("/nominate/" + c.Param("token"))
}

func (p *Pages) nominations(c *web.Ctx, o offer, status int) error {
	list, left, err := p.Registrations.Nominations(c.Context(), c.Actor(), o.Offer, o.event)
	if err != nil {
		return err
	}
	page := &nominatePage{
		Page: c.Page(c.T("nomination.focal_title")), Event: tell(c, o.event.Told(false)), Until: c.Printer().Deadline(o.ExpiresAt.In(o.event.Location())),
		Institution: o.institution.In(c.Locale()), Contact: o.ContactName, Seats: o.Seats, Left: left, LeftText: c.Printer().N("count.seat_left", left),
		Takes: o.Takes(c.Now(), o.event), Path: "/nominate/" + c.Param("token"),
	}
	if err := p.stage(c, &page.Page, o.event); err != nil {
		return err
	}
	page.NoIndex = true
	if page.Cancelled = o.event.IsCancelled(); page.Cancelled {
		page.Reason = voice{c.Printer(), c.Locale()}.prose(o.event.CancelReason)
	}
	for _, code := range p.Catalogue.Locales() {
		page.Tongues = append(page.Tongues, web.Option{Value: string(code), Label: c.Printer().Name(code), Lang: string(code)})
	}
	for _, n := range list {
		page.Nominees = append(page.Nominees, tellNominee(c, n, page.Takes))
	}
	if status == 0 {
		return c.Render("public/nominate", page)
	}
	return c.RenderStatus(status, "public/nominate", page)
}

func tellNominee(c *web.Ctx, n registration.Nominated, takes bool) nominee {
	out := nominee{
		ID: n.ID, Name: n.GivenName + " " + n.FamilyName, Position: n.Position, Email: n.Email,
		Status: c.T("nomination.standing." + string(n.Standing)), Tone: standingTone(n.Standing),
	}
	if !n.ErasedAt.IsZero() {
		out.Name = c.T("nomination.erased")
	}
	out.Withdraw = takes && n.Withdrawable
	out.Applied = takes && !n.Withdrawable && n.RegistrationID != 0 && n.WithdrawnAt.IsZero()
	return out
}
