package desk

import (
	"slices"
	"strconv"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
	"attesta/app/web"
)

// nominationRoutes are the addresses of the seats that an event offers to institutions.
func (p *Pages) nominationRoutes() []web.Route {
	choose := web.Permission(account.Select)
	const offers = one + "/nominations"
	return []web.Route{
		web.GET(offers, choose, p.offers),
		web.POST(offers, choose, p.offers),
		web.GET(offers+"/:offer", choose, p.offer),
		web.POST(offers+"/:offer", choose, p.offer),
		web.POST(offers+"/:offer/send", choose, p.sendOffer),
		web.POST(offers+"/:offer/revoke", choose, p.revokeOffer),
		web.POST(offers+"/:offer/remind", choose, p.remindNominees),
	}
}

// offersPage lists what an event offers to institutions, with the form for one more.
type offersPage struct {
	eventPage
	Offers       []OfferRow
	Offered      int  // seats, in all offers that live
	Open         bool // seats can be offered
	Draft        bool // not before it is published
	Institutions []web.Option
	Types        []web.Option
	Nations      []locale.Choice
	Tongues      []web.Option
}

// OfferRow is one offer in words.
type OfferRow struct {
	registration.Offered
	Institution, Type, Country string
	Until                      time.Time // on the clocks of the event
	Href                       string
	StateKey                   string
	Tone                       web.Tone
	Remind                     bool // somebody hasn't answered
}

func offerRow(p *locale.Printer, e *event.Event, o registration.Offered, base string) OfferRow {
	row := OfferRow{
		Offered: o, Institution: o.Institution.In(p.Code()), Type: p.T(typeKey(o.Institution.Type)), Until: local(e, o.ExpiresAt),
		Href: base + "/nominations/" + strconv.FormatInt(o.ID, 10), Remind: o.Takes && o.Nominated > o.Answered,
	}
	if o.Institution.Country != "" {
		row.Country = p.Country(o.Institution.Country)
	}
	switch {
	case !o.RevokedAt.IsZero():
		row.StateKey, row.Tone = "nomination.link_revoked", web.Stop
	case !o.Lives:
		row.StateKey, row.Tone = "nomination.link_dead", web.Stop
	case o.Takes:
		row.StateKey, row.Tone = "nomination.link_open", web.Go
	default:
		row.StateKey, row.Tone = "nomination.link_over", web.Calm
	}
	return row
}

// offers lists the offers of an event, and makes one.
func (p *Pages) offers(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	if c.IsPost() {
		if err := limitOffers(c); err != nil {
			return err
		}
		_, err := p.Registrations.OfferSeats(c.Context(), c.Actor(), e.Code, p.newOffer(c, e))
		if err == nil {
			c.Flash(web.Go, "nomination.offered_done")
			return c.Redirect("/desk/events/" + e.Code + "/nominations")
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	page, err := p.offersPage(c, e)
	if err != nil {
		return err
	}
	return c.Render("desk/nomination_list", page)
}

// limitOffers counts a mail that somebody sends to an institution: the address is theirs to choose.
func limitOffers(c *web.Ctx) error {
	return c.Limit("offer "+strconv.FormatInt(c.Actor().UserID, 10), 60, time.Hour)
}

func (p *Pages) offersPage(c *web.Ctx, e *event.Event) (*offersPage, error) {
	list, err := p.Registrations.Offers(c.Context(), c.Actor(), e)
	if err != nil {
		return nil, err
	}
	known, err := registration.Institutions(c.Context(), p.DB.Read())
	if err != nil {
		return nil, err
	}
	page := &offersPage{
		eventPage: p.under(c, e, "nomination.nominations"), Open: e.State == event.Published && p.Clock().Before(e.Begins()), Draft: e.State == event.Draft,
		Nations: c.Printer().Countries(),
	}
	for _, o := range list {
		page.Offers = append(page.Offers, offerRow(c.Printer(), e, o, page.Base()))
		if o.Lives {
			page.Offered += o.Seats
		}
	}
	page.Institutions = institutionOptions(c, known)
	for _, t := range person.InstitutionTypes {
		page.Types = append(page.Types, web.Option{Value: string(t), Label: c.T(typeKey(t))})
	}
	for _, code := range p.Catalogue.Locales() {
		page.Tongues = append(page.Tongues, web.Option{Value: string(code), Label: c.Printer().Name(code), Lang: string(code)})
	}
	return page, nil
}

// newInstitution is the choice of an institution that isn't in the list.
const newInstitution = "new"

// institutionOptions are all institutions in the order of the reader's alphabet, and a new one.
func institutionOptions(c *web.Ctx, known []registration.Institution) []web.Option {
	list := []web.Option{{Value: newInstitution, Label: c.T("nomination.new_institution")}}
	for _, i := range known {
		label := i.In(c.Locale())
		if i.Country != "" {
			label += " (" + c.Printer().Country(i.Country) + ")"
		}
		list = append(list, web.Option{Value: strconv.FormatInt(i.ID, 10), Label: label})
	}
	order := c.Printer().Compare()
	slices.SortStableFunc(list[1:], func(a, b web.Option) int { return order(a.Label, b.Label) })
	return list
}

// newOffer reads the form of an offer.
func (p *Pages) newOffer(c *web.Ctx, e *event.Event) registration.NewOffer {
	f := c.Form()
	n := registration.NewOffer{
		ContactName: f.Value("contact_name"), ContactEmail: f.Value("contact_email"), Locale: locale.Code(f.Value("language")), Until: lastMinute(e, f.Value("until")),
	}
	n.Seats, _ = strconv.Atoi(f.Value("seats"))
	if !p.Catalogue.Has(n.Locale) {
		n.Locale = ""
	}
	chosen := f.Value("institution")
	if id, err := strconv.ParseInt(chosen, 10, 64); err == nil && id > 0 {
		n.InstitutionID = id
	} else if chosen == newInstitution {
		n.InstitutionName, n.InstitutionType, n.InstitutionCountry = f.Value("institution_name"), person.InstitutionType(f.Value("institution_type")), f.Value("institution_country")
		if !slices.Contains(p.Catalogue.CountryCodes(), n.InstitutionCountry) {
			n.InstitutionCountry = ""
		}
	}
	return n
}

// lastMinute is the end of a day on the clocks of the event, or zero if no day was given. What is no day lies in the
// past, and is refused as such.
func lastMinute(e *event.Event, day string) time.Time {
	if day == "" {
		return time.Time{}
	}
	d, err := db.ParseDay(day)
	if err != nil {
		return time.Unix(0, 0)
	}
	return d.In(e.Location(), 23, 59)
}

// offerPage is one offer with its nominations.
type offerPage struct {
	eventPage
	Offer    OfferRow
	Nominees []NomineeRow
}

// NomineeRow is one nomination in words.
type NomineeRow struct {
	Name, Position, Email, Status string
	Tone                          web.Tone
	Href                          string // of the registration, or ""
	Named                         time.Time
}

// offer shows one offer, and changes its seats and its end.
func (p *Pages) offer(c *web.Ctx) error {
	e, id, err := p.offerOf(c)
	if err != nil {
		return err
	}
	if c.IsPost() {
		seats, _ := strconv.Atoi(c.Form().Value("seats"))
		err := p.Registrations.ChangeOffer(c.Context(), c.Actor(), e.Code, id, seats, p.changedEnd(c, e, id))
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect(c.Path())
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	o, list, err := p.Registrations.Offer(c.Context(), c.Actor(), e, id)
	if err != nil {
		return err
	}
	page := &offerPage{eventPage: p.under(c, e, "nomination.nominations")}
	page.Offer = offerRow(c.Printer(), e, *o, page.Base())
	page.Title = page.Offer.Institution
	page.Back = &web.Crumb{Href: page.Base() + "/nominations", Label: c.T("nomination.nominations")}
	if !c.IsPost() {
		c.Form().Set("seats", strconv.Itoa(o.Seats))
		c.Form().Set("until", page.Offer.Until.Format(time.DateOnly))
	}
	for _, n := range list {
		page.Nominees = append(page.Nominees, nomineeRow(c.Printer(), e, n, page.Base()))
	}
	return c.Render("desk/nomination_show", page)
}

// changedEnd is the end that was asked for, or zero where the day is that on which the offer ends anyway.
func (p *Pages) changedEnd(c *web.Ctx, e *event.Event, id int64) time.Time {
	until := lastMinute(e, c.Form().Value("until"))
	o, _, err := p.Registrations.Offer(c.Context(), c.Actor(), e, id)
	if err == nil && local(e, o.ExpiresAt).Format(time.DateOnly) == c.Form().Value("until") {
		return time.Time{}
	}
	return until
}

var standingTones = map[registration.Standing]web.Tone{
	registration.NomineeInvited: web.Wait, registration.NomineeUndelivered: web.Stop, registration.NomineeWithdrawn: web.Calm,
	registration.NomineeDeclined: web.Stop, registration.NomineeExpired: web.Calm,
}

func nomineeRow(p *locale.Printer, e *event.Event, n registration.Nominated, base string) NomineeRow {
	row := NomineeRow{
		Name: n.GivenName + " " + n.FamilyName, Position: n.Position, Email: n.Email, Status: p.T("nomination.standing." + string(n.Standing)),
		Named: local(e, n.CreatedAt),
	}
	tone, ok := standingTones[n.Standing]
	if !ok {
		tone = statusTone(registration.Status(n.Standing))
	}
	row.Tone = tone
	if !n.ErasedAt.IsZero() {
		row.Name = p.T("nomination.erased")
	}
	if n.Registration != "" {
		row.Href = base + "/registrations/" + n.Registration
	}
	return row
}

// offerOf returns the event and the offer's id of the address.
func (p *Pages) offerOf(c *web.Ctx) (*event.Event, int64, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, 0, err
	}
	id, err := strconv.ParseInt(c.Param("offer"), 10, 64)
	if err != nil {
		return nil, 0, registration.ErrOffer
	}
	return e, id, nil
}

func (p *Pages) sendOffer(c *web.Ctx) error {
	e, id, err := p.offerOf(c)
	if err != nil {
		return err
	}
	if err := limitOffers(c); err != nil {
		return err
	}
	return p.done(c, e, id, p.Registrations.SendOffer(c.Context(), c.Actor(), e.Code, id), "nomination.sent_done")
}

func (p *Pages) revokeOffer(c *web.Ctx) error {
	e, id, err := p.offerOf(c)
	if err != nil {
		return err
	}
	return p.done(c, e, id, p.Registrations.RevokeOffer(c.Context(), c.Actor(), e.Code, id), "nomination.revoked_done")
}

func (p *Pages) remindNominees(c *web.Ctx) error {
	e, id, err := p.offerOf(c)
	if err != nil {
		return err
	}
	n, err := p.Registrations.RemindNominees(c.Context(), c.Actor(), e.Code, id)
	if n == 0 {
		return p.done(c, e, id, err, "nomination.reminded_none")
	}
	return p.done(c, e, id, err, "nomination.reminded", "N", n)
}

// done says how a deed went, on the page of the offer.
func (p *Pages) done(c *web.Ctx, e *event.Event, id int64, err error, key string, params ...any) error {
	switch {
	case err == nil:
		c.Flash(web.Go, key, params...)
	case fault.KindOf(err) == fault.Conflict:
		c.Flash(web.Stop, fault.From(err).Key)
	default:
		return err
	}
	return c.Redirect("/desk/events/" + e.Code + "/nominations/" + strconv.FormatInt(id, 10))
}
