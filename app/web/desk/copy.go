package desk

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/web"
)

// copyRoutes are the addresses of copies and of what to begin a new event with.
func (p *Pages) copyRoutes() []web.Route {
	edit := web.Permission(account.EditEvent)
	return []web.Route{
		web.GET("/desk/events/new/from", edit, p.beginWith),
		web.GET(one+"/copy", edit, p.copy),
		web.POST(one+"/copy", edit, p.copy),
		web.POST("/desk/templates/:event", web.Permission(account.Administer), p.setTemplate),
	}
}

// copyPage asks what the copy of an event is to be.
type copyPage struct {
	web.Page
	Head    *eventPage // nil for a template that lies out of reach
	Source  *event.Event
	Places  []web.Option
	Nations []web.Option
	Cities  []string
	Titles  []Translation // into which the title is translated
	Lang    string        // in which it was written
	What    []web.Option
	Begins  time.Time // the first day of the event that is copied
}

// Spoken are the languages into which the title is translated.
func (p *copyPage) Spoken() string {
	var names []string
	for _, t := range p.Titles {
		names = append(names, t.Label)
	}
	return p.List(names)
}

// MayOffer reports whether the reader may offer the event to the network.
func (p *copyPage) MayOffer() bool { return p.Head != nil && p.Actor().Can(account.Administer) }

func (p *Pages) copy(c *web.Ctx) error {
	from, err := p.Events.Source(c.Context(), c.Actor(), c.Param("code"))
	if err != nil {
		return err
	}
	page := p.newCopyPage(c, from)
	if c.IsPost() {
		facts, err := p.readCopy(c, from)
		if err == nil {
			var e *event.Event
			e, err = p.Events.Copy(c.Context(), c.Actor(), from.Event.Code, facts)
			if twin := p.made(c, err, facts.Code, facts.Title, facts.StartsOn); twin != nil {
				e, err = twin, nil
			}
			if err == nil {
				c.Flash(web.Go, "copy.done")
				return c.Redirect("/desk/events/" + e.Code)
			}
		}
		if !c.Form().Refused(beside(err)) {
			return err
		}
	}
	if err := p.offerPlaces(c, page, from); err != nil {
		return err
	}
	if !c.IsPost() {
		if err := p.suggestCopy(c, page, from); err != nil {
			return err
		}
	}
	return c.Render("desk/event_copy", page)
}

func (p *Pages) newCopyPage(c *web.Ctx, from *event.Source) *copyPage {
	w, e := c.Printer(), from.Event
	page := &copyPage{Source: e, Begins: e.StartsOn.Time, Lang: string(e.Original())}
	if from.Reached {
		c.About("event", e.ID, e.ID)
		head := p.under(c, e, "desk.part.copy")
		page.Page, page.Head = head.Page, &head
	} else {
		page.Page = c.Page(c.T("copy.of", "Event", w.Text(e.Title)))
		page.Back = &web.Crumb{Href: beginning, Label: c.T("copy.begin")}
	}
	page.NoIndex = true
	page.Nations = c.Countries(e.Country)
	for _, x := range page.Nations {
		page.Cities = append(page.Cities, w.Cities(x.Value)...)
	}
	_, tongues := p.tongues(c)
	for _, t := range tongues {
		if t.Name != page.Lang && e.Title.By[t.Code] != "" {
			page.Titles = append(page.Titles, t)
		}
	}
	for _, x := range from.Offers() {
		o := web.Option{Value: string(x), Label: c.T("copy.what." + string(x))}
		switch x {
		case event.CopyProgramme:
			o.Hint = w.N("copy.what.programme_hint", len(from.Sessions))
		case event.CopyTexts, event.CopySpeakers, event.CopyWindow:
			o.Hint = c.T("copy.what." + string(x) + "_hint")
		}
		page.What = append(page.What, o)
	}
	return page
}

// offerPlaces offers the projects and organisations for which the reader may make events.
func (p *Pages) offerPlaces(c *web.Ctx, page *copyPage, from *event.Source) error {
	w := c.Printer()
	places, err := p.Projects.Places(c.Context(), c.Actor(), account.EditEvent)
	if err != nil {
		return err
	}
	country := ""
	for _, x := range places {
		for _, o := range x.Organisations {
			if o.Closed() {
				continue
			}
			value := placeValue(x.Project, o)
			page.Places = append(page.Places, web.Option{Value: value, Label: w.Text(x.Project.Title) + " · " + w.Text(o.Name)})
			if country = o.Country; from.Reached && !c.IsPost() && x.Project.ID == from.Event.ProjectID && o.ID == from.Event.OrganisationID {
				c.Form().Set("place", value)
			}
		}
	}
	if len(page.Places) == 1 && !c.IsPost() {
		c.Form().Set("place", page.Places[0].Value)
		c.Form().Set("country", country)
	}
	return nil
}

// suggestCopy fills the form with what the copy most likely is to be.
func (p *Pages) suggestCopy(c *web.Ctx, page *copyPage, from *event.Source) error {
	f, e := c.Form(), from.Event
	first := comingDay(e.StartsOn, p.Clock())
	f.Set("starts_on", first.String())
	year := strings.NewReplacer(strconv.Itoa(e.StartsOn.Year()), strconv.Itoa(first.Year()))
	for code, s := range e.Title.By {
		f.Set("title_"+string(code), year.Replace(s))
	}
	f.Set("title", year.Replace(e.Title.By[e.Original()]))
	code, err := p.Events.FreeCode(c.Context(), year.Replace(e.Code))
	if err != nil {
		return err
	}
	f.Set("code", code)
	if from.Reached {
		f.Set("country", e.Country)
		f.Set("city", e.City)
	}
	var ticked []string
	for _, o := range page.What {
		if o.Value != string(event.CopySpeakers) { // they are asked first
			ticked = append(ticked, o.Value)
		}
	}
	f.Set("what", ticked...)
	return nil
}

// comingDay is when an event is likely to be held again: a year later on the same day of the week, or the next year in
// which that lies ahead; four weeks later if it lies ahead itself.
func comingDay(was db.Day, now time.Time) db.Day {
	if was.After(now) {
		return was.Plus(28)
	}
	for was.Before(now.AddDate(0, 0, 14)) {
		was = was.Plus(52 * 7)
	}
	return was
}

func (p *Pages) readCopy(c *web.Ctx, from *event.Source) (event.CopyFacts, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	e := from.Event
	original := e.Original()
	f := event.CopyFacts{Code: strings.ToLower(r.Value("code")), Country: r.Value("country"), City: r.Value("city"), Title: r.text("title", original, event.MaxTitle)}
	p.keepOthers(&f.Title, e.Title)
	if f.Title.By[original] == "" {
		r.wrong.Add("title", "form.required")
	}
	if !c.Welcomes(f.Country) && f.Country != e.Country {
		r.wrong.Add("country", "form.choose")
	}
	var err error
	if f.StartsOn, err = db.ParseDay(r.Value("starts_on")); err != nil {
		r.wrong.Add("starts_on", "form.date")
	}
	if f.Code == "" {
		f.Code = codeOf(f.Title.By[original])
	}
	for _, x := range event.AllCopied {
		if slices.Contains(r.Values("what"), string(x)) {
			f.What = append(f.What, x)
		}
	}
	var place event.Facts
	if err := r.with(p.place(c, &place)); err != nil {
		return f, err
	}
	f.ProjectID, f.OrganisationID = place.ProjectID, place.OrganisationID
	return f, nil
}

// setTemplate offers an event to the network as a template, or doesn't any more.
func (p *Pages) setTemplate(c *web.Ctx) error {
	e, err := p.Events.SetTemplate(c.Context(), c.Actor(), c.Param("event"), c.Form().Ticked("on"))
	if err != nil {
		return err
	}
	c.Flash(web.Go, "common.saved")
	return c.Redirect("/desk/events/" + e.Code + "/copy")
}

// beginning is the page of what to begin a new event with.
const beginning = "/desk/events/new/from"

// beginPage offers what to begin a new event with.
type beginPage struct {
	web.Page
	Templates []templateGroup
	Own       []EventLine
}

// templateGroup are the templates of one type.
type templateGroup struct {
	Type  event.Type
	Lines []EventLine
}

// mostOwn is how many of the latest events are offered to begin with; others have their own page with the same button.
const mostOwn = 30

func (p *Pages) beginWith(c *web.Ctx) error {
	templates, err := p.Events.Templates(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	events, err := p.Events.List(c.Context(), c.Actor(), account.ViewEvent)
	if err != nil {
		return err
	}
	page := &beginPage{Page: c.Page(c.T("copy.begin"))}
	page.NoIndex, page.Back = true, &web.Crumb{Href: "/desk/events/new", Label: c.T("desk.new_event")}
	line := func(e event.Event) EventLine {
		return EventLine{Printer: c.Printer(), Event: e, Phase: e.Phase(p.Clock()), Title: said(c.Printer(), e.Title)}
	}
	for _, e := range templates {
		if n := len(page.Templates); n == 0 || page.Templates[n-1].Type != e.Type {
			page.Templates = append(page.Templates, templateGroup{Type: e.Type})
		}
		g := &page.Templates[len(page.Templates)-1]
		g.Lines = append(g.Lines, line(e))
	}
	for _, e := range events[:min(mostOwn, len(events))] {
		page.Own = append(page.Own, line(e))
	}
	return c.Render("desk/event_copy_begin", page)
}

// Languages are those in which there is every title of the event; the page of what to begin with names them.
func (l EventLine) Languages() string {
	var names []string
	for _, code := range slices.Sorted(maps.Keys(l.Event.Title.By)) {
		names = append(names, l.T("language."+string(code)))
	}
	return l.List(names)
}
