package desk

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/web"
)

// formPage is the form of an event, new or not.
type formPage struct {
	web.Page
	Event     *event.Event // nil for a new one
	Head      *eventPage
	Changed   bool // somebody else has saved it meanwhile
	Places    []web.Option
	Types     []web.Option
	Nations   []web.Option
	Zones     []string
	Tongues   []web.Option
	Titles    []Translation
	Decisions []web.Option
	Units     []web.Option
	Cities    []string
	Roles     []string
	Missing   string // working languages without a title
	Formats   []web.Option
	Told      int    // how many people are told by mail if the event is moved
	Waived    string // who recorded the waiver, and when
}

// Unfold reports whether a part of the form that is folded stands open: something in it is filled in, or wrong.
func (p *formPage) Unfold(names ...string) bool {
	return p.Wrong(names...) || p.any(names, func(name string) bool { return p.Form.Value(name) != "" })
}

// Wrong reports whether something is wrong with one of the fields, in whatever language.
func (p *formPage) Wrong(names ...string) bool {
	return p.any(names, func(name string) bool { return p.Form.Error(name) != "" })
}

// WrongTranslated reports whether something is wrong with one of the texts in another language than the original.
func (p *formPage) WrongTranslated(names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return slices.ContainsFunc(p.Titles, func(t Translation) bool { return p.Form.Error(name+"_"+t.Name) != "" })
	})
}

func (p *formPage) any(names []string, is func(string) bool) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return is(name) || slices.ContainsFunc(p.Titles, func(t Translation) bool { return is(name + "_" + t.Name) })
	})
}

// Translation is the field for one language.
type Translation struct {
	Name, Label, Lang string
	Code              locale.Code
}

func (p *Pages) create(c *web.Ctx) error {
	page := &formPage{Page: c.Page(c.T("desk.new_event"))}
	page.Back = &web.Crumb{Href: "/desk", Label: c.T("nav.events")}
	if empty, err := p.isEmpty(c); err != nil {
		return err
	} else if empty {
		return c.Redirect(startPath)
	}
	if !c.IsPost() {
		suggest(c)
	} else {
		facts, err := readFacts(c, p.Catalogue, nil)
		if err == nil {
			err = p.place(c, &facts)
		}
		if err == nil {
			var e *event.Event
			e, err = p.Events.Create(c.Context(), c.Actor(), facts)
			if twin := p.made(c, err, facts.Code, facts.Title, facts.StartsOn); twin != nil {
				e, err = twin, nil
			}
			if err == nil {
				c.Flash(web.Go, "desk.created")
				return c.Redirect("/desk/events/" + e.Code)
			}
		}
		if !c.Form().Refused(beside(err)) {
			return err
		}
	}
	return p.renderForm(c, page)
}

// made returns the draft that the same form has made already, where it came twice, as it does when its button is pressed
// twice: the code is taken by an event that says the same and that nobody has touched since. It returns nil for another err.
func (p *Pages) made(c *web.Ctx, err error, code string, title locale.Text, starts db.Day) *event.Event {
	if !errors.Is(err, event.ErrCodeTaken) {
		return nil
	}
	e, err := p.Events.ForEditing(c.Context(), c.Actor(), code)
	if err != nil || e.Version != 1 || e.State != event.Draft || p.Clock().Sub(e.CreatedAt.Time) > time.Minute || !e.StartsOn.Equal(starts.Time) || !maps.Equal(e.Title.By, title.By) {
		return nil
	}
	return e
}

// suggest fills a new form with what is usual.
func suggest(c *web.Ctx) {
	f := c.Form()
	f.Set("days", "2")
	f.Set("seats", "30")
	f.Set("threshold", "80")
	f.Set("unit", string(event.HalfDay))
	f.Set("decision", string(event.ByOrganiser))
	f.Set("format", string(event.OnSite))
	f.Set("original", string(c.Locale()))
	f.Set("listed", "yes")
}

// suggestPlace fills a new form with what there is no choice of: the one place to create events in, and where the only
// organisation is.
func suggestPlace(c *web.Ctx, places []project.Place, choices []web.Option) {
	if len(choices) == 1 {
		c.Form().Set("place", choices[0].Value)
	}
	var only *project.Organisation
	for _, x := range places {
		for i := range x.Organisations {
			switch o := &x.Organisations[i]; {
			case o.Closed():
			case only != nil && only.ID != o.ID:
				return
			default:
				only = o
			}
		}
	}
	if only != nil {
		c.Form().Set("country", only.Country)
		c.Form().Set("city", only.City)
	}
}

// beside puts a conflict beside the field that it is about.
func beside(err error) error {
	if !errors.Is(err, event.ErrCodeTaken) {
		return err
	}
	var wrong fault.Form
	wrong.Add("code", "event.code_taken")
	return wrong.Err()
}

func (p *Pages) edit(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	if err := event.May(c.Actor(), account.EditEvent, e); err != nil {
		return err
	}
	head := p.under(c, e, "desk.part.facts")
	page := &formPage{Page: head.Page, Event: e, Head: &head}
	if c.IsPost() {
		told, err := p.Registrations.Concerned(c.Context(), c.Actor(), e)
		if err != nil {
			return err
		}
		saved, err := p.save(c, e)
		if err == nil {
			if told > 0 && event.Moved(e, saved) {
				c.Flash(web.Go, "desk.saved_told", "N", told)
			} else {
				c.Flash(web.Go, "common.saved")
			}
			return c.Redirect("/desk/events/" + e.Code)
		}
		page.Changed = errors.Is(err, event.ErrChanged)
		if !c.Form().Refused(err) {
			return err
		}
		if page.Changed { // saving again means it: over what is stored now
			c.Form().Set("version", strconv.Itoa(e.Version))
		}
	} else {
		fill(c.Form(), e)
	}
	return p.renderForm(c, page)
}

func (p *Pages) save(c *web.Ctx, e *event.Event) (*event.Event, error) {
	c.Form().Set("code", e.Code)
	facts, err := readFacts(c, p.Catalogue, e)
	if err != nil {
		return nil, err
	}
	for name, t := range map[string]*locale.Text{
		"title": &facts.Title, "description": &facts.Description, "audience": &facts.Audience, "costs": &facts.Costs, "directions": &facts.Directions, "accessibility": &facts.Accessibility,
	} {
		p.keepOthers(t, texts(e)[name])
	}
	facts.ProjectID, facts.OrganisationID = e.ProjectID, e.OrganisationID
	version, _ := strconv.Atoi(c.Form().Value("version"))
	return p.Events.Update(c.Context(), c.Actor(), e.Code, version, facts)
}

// place reads for which project and organisation the event is, among those that the actor has.
func (p *Pages) place(c *web.Ctx, facts *event.Facts) error {
	places, err := p.Projects.Places(c.Context(), c.Actor(), account.EditEvent)
	if err != nil {
		return err
	}
	for _, x := range places {
		for _, o := range x.Organisations {
			if !o.Closed() && c.Form().Value("place") == placeValue(x.Project, o) {
				facts.ProjectID, facts.OrganisationID = x.Project.ID, o.ID
				return nil
			}
		}
	}
	var wrong fault.Form
	wrong.Add("place", "form.choose")
	return wrong.Err()
}

func placeValue(x project.Project, o project.Organisation) string { return x.Code + " " + o.Code }

func (p *Pages) renderForm(c *web.Ctx, page *formPage) error {
	page.NoIndex = true
	w := c.Printer()
	places, err := p.Projects.Places(c.Context(), c.Actor(), account.EditEvent)
	if err != nil {
		return err
	}
	for _, x := range places {
		for _, o := range x.Organisations {
			if o.Closed() {
				continue
			}
			page.Places = append(page.Places, web.Option{Value: placeValue(x.Project, o), Label: w.Text(x.Project.Title) + " · " + w.Text(o.Name)})
		}
	}
	if page.Event == nil && !c.IsPost() {
		suggestPlace(c, places, page.Places)
	}
	for _, t := range event.Types {
		page.Types = append(page.Types, web.Option{Value: string(t), Label: c.T("event.type." + string(t))})
	}
	page.Nations, page.Zones = c.Countries(current(page.Event)...), event.Zones()
	page.Tongues, page.Titles = p.tongues(c)
	page.Decisions = []web.Option{
		{Value: string(event.ByOrganiser), Label: c.T("desk.decision.organiser"), Hint: c.T("desk.decision.organiser_hint")},
		{Value: string(event.Automatic), Label: c.T("desk.decision.automatic"), Hint: c.T("desk.decision.automatic_hint")},
	}
	page.Units = []web.Option{
		{Value: string(event.HalfDay), Label: c.T("desk.unit.half_day")}, {Value: string(event.WholeDay), Label: c.T("desk.unit.day")},
		{Value: string(event.BySessions), Label: c.T("desk.unit.session")},
	}
	for _, choice := range page.Nations {
		page.Cities = append(page.Cities, w.Cities(choice.Value)...)
	}
	page.Roles = roleWords(w)
	for _, f := range event.Formats {
		page.Formats = append(page.Formats, web.Option{Value: string(f), Label: c.T("public.format." + string(f)), Hint: c.T("desk.format_hint." + string(f))})
	}
	if page.Event != nil {
		if page.Told, err = p.Registrations.Concerned(c.Context(), c.Actor(), page.Event); err != nil {
			return err
		}
		if page.Waived, err = p.waived(c, page.Event); err != nil {
			return err
		}
		var names []string
		for _, code := range untitled(page.Event) {
			names = append(names, w.T("language."+string(code)))
		}
		page.Missing = w.List(names)
	}
	return c.Render("desk/event_form", page)
}

// waived says who recorded that no donor is named, and when.
func (p *Pages) waived(c *web.Ctx, e *event.Event) (string, error) {
	if e.WaivedAt.IsZero() {
		return "", nil
	}
	when := c.Printer().DateTime(local(e, e.WaivedAt))
	name, err := account.NameOf(c.Context(), p.DB.Read(), e.WaivedBy)
	if err != nil || name == "" {
		return c.T("desk.waived_on", "When", when), err
	}
	return c.T("desk.waived_by", "Name", name, "When", when), nil
}

// current is the country of an event, which stays on offer.
func current(e *event.Event) []string {
	if e == nil {
		return nil
	}
	return []string{e.Country}
}

// tongues are the languages of the installation, as choices and as fields of the title.
func (p *Pages) tongues(c *web.Ctx) ([]web.Option, []Translation) {
	var options []web.Option
	var fields []Translation
	for _, code := range p.Catalogue.Locales() {
		name := c.T("language." + string(code))
		options = append(options, web.Option{Value: string(code), Label: name})
		fields = append(fields, Translation{Name: string(code), Label: name, Lang: string(code), Code: code})
	}
	return options, fields
}

// roleWords are the usual roles of signatories, for choosing; see knownRole.
func roleWords(p *locale.Printer) []string {
	var words []string
	for _, key := range roleKeys {
		words = append(words, p.T(key))
	}
	return words
}

// roleKeys are the messages of the roles that certificates can say in every language.
var roleKeys = []string{
	"certificate.signature_director.female", "certificate.signature_director.male", "certificate.signature_project_manager.female",
	"certificate.signature_project_manager.male", "certificate.signature_lead_trainer.female", "certificate.signature_lead_trainer.male",
	"certificate.signature_authorised", "certificate.signature_for_organiser", "certificate.signature_for_donor",
}

// knownRole returns a role in every language if it is one of the usual ones in the language it was typed in; another
// is kept as it was typed.
func knownRole(words *locale.Catalogue, original locale.Code, typed string) locale.Text {
	for _, key := range roleKeys {
		if !strings.EqualFold(words.Printer(original).T(key), typed) {
			continue
		}
		t := locale.NewText(original, typed)
		for _, code := range words.Locales() {
			if t.By[code] == "" {
				t.By[code] = words.Printer(code).T(key)
			}
		}
		return t
	}
	return locale.NewText(original, typed)
}
