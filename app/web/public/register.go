package public

import (
	"errors"
	"slices"

	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/person"
	"attesta/app/registration"
	"attesta/app/web"
)

type registerPage struct {
	web.Page
	Event    notice
	Heading  string
	At       int    // the step, from 1
	Count    int    // of steps
	Draft    string // under which name the browser keeps what is typed, or ""
	Steps    []web.Step
	Deadline string
	Full     bool // who registers now comes to the waiting list

	Genders, Tongues, Types []web.Option
	Lands                   []web.Option
	Institutions            []string
	Interpretation          []web.Option // none: the event isn't interpreted
	CertificateName         string
	Nominated               *nominated
	Carried                 []pair // what other steps have asked, in hidden fields
	Read                    []part // what will be sent, read back
	Consents                []consent
}

type pair struct{ Name, Value string }

// consent is one box to tick, with what happens without it.
type consent struct {
	Name, Title, Text, Hint string
	Required                bool
}

// part is one step, read back.
type part struct {
	Step  int
	Title string
	Lines []line
}

type line struct {
	Label, Value string
	Lang         string // of the value, if it isn't the page's
	Serif        bool
}

// steps are the fields that each step asks, in the order of the page.
var steps = [][]string{
	{"given_name", "family_name", "certificate_name", "other_script_name", "gender", "email", "phone", "language"},
	{"institution_type", "country", "institution", "position", "interpretation", "diet", "accessibility", "expectations"},
	{"consent_data", "consent_list", "consent_photo", "consent_contact", "quiet"},
}

var stepTitles = []string{"public.step_who", "public.step_where", "public.step_consent"}

// register asks in three steps. Each is sent on its own and carries the others in hidden fields, so nothing is kept
// on the server before the last one, and nothing is lost on the way. A form sent whole needs no step.
func (p *Pages) register(c *web.Ctx) error {
	e, err := p.Events.Public(c.Context(), c.Param("code"))
	if err != nil {
		return err
	}
	x := asked{Event: e}
	if t := c.Query("nomination"); t != "" {
		return p.registerNominee(c, x, t)
	}
	if e.Phase(c.Now()) != event.PhaseOpen {
		return p.closed(c, e)
	}
	if !c.IsPost() {
		c.Form().Set("language", string(c.Locale()))
		return p.step(c, x, 1, 0)
	}
	return p.ask(c, x)
}

// ask takes one step and shows the next.
func (p *Pages) ask(c *web.Ctx, x asked) error {
	form := c.Form()
	at := atStep(form.Value("step"))
	if back := form.Value("go"); back != "" {
		return p.step(c, x, atStep(back), 0)
	}
	s := p.submission(c)
	x.fill(&s)
	if at < len(steps) {
		if err := faultsOf(s.check(x.Event), at); form.Refused(err) {
			return p.step(c, x, at, 0)
		}
		return p.step(c, x, at+1, 0)
	}
	return p.send(c, x, s)
}

// send hands the whole form in.
func (p *Pages) send(c *web.Ctx, x asked, s sent) error {
	form := c.Form()
	err := s.check(x.Event)
	if err == nil {
		if err := p.limitRegister(c, s.Email); err != nil {
			form.Refused(fault.New(fault.Conflict, "error.too_many"))
			return p.step(c, x, len(steps), 429)
		}
		var r *registration.Registration
		if r, err = p.submit(c, x, s.Submission); err == nil {
			c.Flash(web.Go, "public.received")
			return c.Redirect(p.Registrations.Link(r))
		}
	}
	switch {
	case errors.Is(err, registration.ErrAlready):
		return p.already(c, x.Event)
	case errors.Is(err, registration.ErrClosed):
		return p.closed(c, x.Event)
	}
	for at := 1; at <= len(steps); at++ {
		if faults := faultsOf(err, at); faults != nil && form.Refused(faults) {
			return p.step(c, x, at, 0)
		}
	}
	return err
}

// sameAddress is how many registrations within ten minutes may name one e-mail address: each sends it a mail, whoever
// it belongs to. A team may share the address of its office.
const sameAddress = 20

// limitRegister counts a registration by its e-mail address and its source. This very machine is no source: there stands
// a proxy that nobody has made known, and all the world would share one limit, or whoever runs the program.
func (p *Pages) limitRegister(c *web.Ctx, email string) error {
	if err := c.Limit("register "+person.EmailKey(email), sameAddress, limitPeriod); err != nil {
		return err
	}
	if c.Source().IsLoopback() {
		return nil
	}
	return limit(c, "register", p.RegisterLimit)
}

// closed leads to the event's page, which says how things stand.
func (p *Pages) closed(c *web.Ctx, e *event.Event) error {
	if c.IsPost() {
		c.Flash(web.Stop, "registration.closed")
	}
	return c.Redirect("/" + string(c.Locale()) + "/events/" + e.Code)
}

type alreadyPage struct {
	web.Page
	Event    notice
	Deadline string
	Ask      bool // the link wasn't sent yet: a button does
}

// already says that the link was sent again, to the address that is known; it shows nothing of what is behind it.
func (p *Pages) already(c *web.Ctx, e *event.Event) error {
	page := &alreadyPage{Page: c.Page(c.T("public.already")), Event: tell(c, e.Told(false))}
	if err := p.stage(c, &page.Page, e); err != nil {
		return err
	}
	page.NoIndex = true
	return c.RenderStatus(409, "public/registration_already", page)
}

func atStep(s string) int {
	if i := slices.Index([]string{"1", "2", "3"}, s); i >= 0 {
		return i + 1
	}
	return len(steps)
}

// step shows one step with what was typed so far; status 0 is the usual one.
func (p *Pages) step(c *web.Ctx, x asked, at, status int) error {
	e := x.Event
	page := &registerPage{Page: c.Page(""), Event: tell(c, e.Told(false)), Heading: c.T(stepTitles[at-1]), At: at, Count: len(steps), Full: full(e), Nominated: x.told(c)}
	page.Title = page.Heading + " – " + page.Event.Title.Text
	if at < len(steps) { // a consent is given anew each time
		page.Draft = "register " + e.Code + x.draft() + " " + []string{"1", "2"}[at-1]
	}
	page.Back = &web.Crumb{Href: page.Event.Href, Label: page.Event.Title.Text}
	page.Steps = page.Page.Steps(at, stepTitles...)
	page.Scripts = []string{"js/register.js"}
	if err := p.stage(c, &page.Page, e); err != nil {
		return err
	}
	page.NoIndex = true
	if closes := x.closes(); !closes.IsZero() {
		page.Deadline = c.Printer().Deadline(closes.In(e.Location()))
	}
	if err := page.fill(p, c, x); err != nil {
		return err
	}
	if status == 0 {
		return c.Render("public/registration_new", page)
	}
	return c.RenderStatus(status, "public/registration_new", page)
}

func (page *registerPage) fill(p *Pages, c *web.Ctx, x asked) (err error) {
	for i, names := range steps {
		for _, name := range names {
			if v := c.Form().Value(name); i+1 != page.At && v != "" {
				page.Carried = append(page.Carried, pair{name, v})
			}
		}
	}
	switch page.At {
	case 1:
		for _, g := range person.Genders {
			page.Genders = append(page.Genders, web.Option{Value: string(g), Label: c.T("gender." + string(g))})
		}
		for _, code := range p.Catalogue.Locales() {
			page.Tongues = append(page.Tongues, web.Option{Value: string(code), Label: c.Printer().Name(code), Lang: string(code)})
		}
		page.CertificateName = p.submission(c).CertificateName
	case 2:
		page.Types, page.Lands, page.Interpretation = institutionTypes(c), c.Countries(), interpretation(c, x.Event)
		country := c.Form().Value("country")
		if country == "" {
			country = x.Told(false).Country
		}
		kind := person.InstitutionType(c.Form().Value("institution_type"))
		page.Institutions, err = registration.KnownInstitutions(c.Context(), p.DB.Read(), kind, country, c.Locale())
		c.Printer().Sort(page.Institutions)
	case 3:
		s := p.submission(c)
		x.fill(&s)
		page.Read, page.Consents = readBack(c, x.Event, s), consents(c)
	}
	return err
}

func institutionTypes(c *web.Ctx) []web.Option {
	var all []web.Option
	for _, t := range person.InstitutionTypes {
		all = append(all, web.Option{Value: string(t), Label: c.T(t.Key())})
	}
	return all
}

// interpretation are the languages into which the event is interpreted, for choosing; none is what is chosen at first.
func interpretation(c *web.Ctx, e *event.Event) []web.Option {
	if len(e.Interpretation.V) == 0 {
		return nil
	}
	if c.Form().Value("interpretation") == "" {
		c.Form().Set("interpretation", "")
	}
	all := []web.Option{{Label: c.T("public.interpretation_none")}}
	for _, code := range e.Interpretation.V {
		all = append(all, web.Option{Value: string(code), Label: c.Printer().Name(code), Lang: string(code)})
	}
	return all
}

// institutions lists known institutions for the form, as JSON.
func (p *Pages) institutions(c *web.Ctx) error {
	kind := person.InstitutionType(c.Query("type"))
	if kind != "" && !slices.Contains(person.InstitutionTypes, kind) {
		return fault.New(fault.NotFound, "error.not_found")
	}
	names, err := registration.KnownInstitutions(c.Context(), p.DB.Read(), kind, c.Query("country"), c.Locale())
	if err != nil {
		return err
	}
	c.Printer().Sort(names)
	if names == nil {
		names = []string{}
	}
	return c.JSON(names)
}

func consents(c *web.Ctx) []consent {
	var all []consent
	for _, name := range steps[len(steps)-1] {
		key := "public." + name
		all = append(all, consent{Name: name, Title: c.T(key + "_title"), Text: c.T(key), Hint: c.T(key + "_hint"), Required: name == "consent_data"})
	}
	return all
}
