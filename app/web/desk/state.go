package desk

import (
	"context"
	"errors"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/web"
)

// lifeRoutes are the addresses of an event's life.
func (p *Pages) lifeRoutes() []web.Route {
	edit := web.Permission(account.EditEvent)
	return []web.Route{
		web.GET(one+"/state", edit, p.life),
		web.GET(one+"/cancel", edit, p.cancel),
		web.POST(one+"/cancel", edit, p.cancel),
		web.POST(one+"/archive", edit, p.archive),
		web.POST(one+"/unarchive", edit, p.unarchive),
		web.POST(one+"/unpublish", edit, p.unpublish),
		web.GET(one+"/discard", edit, p.discard),
		web.POST(one+"/discard", edit, p.discard),
	}
}

// lifePage shows the life of an event as steps, and what can be done now.
type lifePage struct {
	eventPage
	Stages  []stage
	Actions []action
	Reason  Said // why it was cancelled
	now     time.Time
}

// stage is one step of the life.
type stage struct {
	Text    string
	When    string
	Done    bool
	Current bool
}

// action is one thing that can be done now.
type action struct {
	Title, Text, Button string
	Href                string
	Post                bool // the button does it at once
	Stop                bool // it can't be taken back
}

func (p *Pages) life(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	page := &lifePage{eventPage: p.under(c, e, "desk.part.state"), Stages: stages(c.Printer(), e, p.Clock()), now: p.Clock(), Reason: said(c.Printer(), e.CancelReason)}
	free, err := p.Events.Unpublishable(c.Context(), e)
	if err != nil {
		return err
	}
	page.Actions = page.actions(free)
	return c.Render("desk/event_state", page)
}

// stages are the steps of an event's life with when each was, or will be.
func stages(p *locale.Printer, e *event.Event, now time.Time) []stage {
	at := func(t db.Time) string {
		if t.IsZero() {
			return ""
		}
		return p.DateTime(local(e, t))
	}
	list := []stage{{Text: "draft", When: at(e.CreatedAt)}, {Text: "published"}}
	var reached int
	switch phase := e.Phase(now); {
	case e.IsCancelled():
		list = append(list, stage{Text: "cancelled", When: at(e.CancelledAt)})
		reached = 3
	default:
		closes := at(e.RegistrationClosesAt)
		if closes == "" {
			closes = p.T("desk.when_begins")
		}
		list = append(list, stage{Text: "open", When: at(e.RegistrationOpensAt)}, stage{Text: "closed", When: closes},
			stage{Text: "running", When: p.DateRange(e.StartsOn.Time, e.EndsOn().Time)}, stage{Text: "finished"})
		reached = map[event.Phase]int{event.PhaseAnnounced: 2, event.PhaseOpen: 3, event.PhaseClosed: 4, event.PhaseRunning: 5, event.PhaseFinished: 6}[phase]
		reached = max(reached, 1)
	}
	list = append(list, stage{Text: "archived"})
	if e.State == event.Archived {
		reached = len(list)
	}
	for i := range list {
		list[i].Text = p.T("desk.phase." + list[i].Text)
		list[i].Done, list[i].Current = i+1 < reached, i+1 == reached
	}
	return list
}

// actions are what the state of the event allows, the usual next thing first; free says that it could be a draft again.
func (p *lifePage) actions(free bool) []action {
	var list []action
	add := func(key, href string, post, stop bool) {
		list = append(list, action{
			Title: p.T("desk.life." + key), Text: p.T("desk.life." + key + "_text"), Button: p.T("desk.life." + key + "_do"), Href: p.Base() + href, Post: post, Stop: stop,
		})
	}
	switch p.Phase {
	case event.PhaseDraft:
		add("publish", "/publish", true, false)
		add("open", "/open", true, false)
		list[1].Text = p.T("desk.life.open_draft_text")
	case event.PhaseAnnounced, event.PhaseClosed:
		add("open", "/open", true, false)
	case event.PhaseOpen:
		add("close", "/close", true, false)
	}
	switch {
	case p.Event.State == event.Archived:
		add("unarchive", "/unarchive", true, false)
	case p.Event.Archivable(p.now):
		add("archive", "/archive", true, false)
	}
	if p.Phase == event.PhaseDraft {
		add("discard", "/discard", false, true)
	}
	if free {
		add("unpublish", "/unpublish", true, false)
	}
	if p.Event.Cancellable(p.now) {
		add("cancel", "/cancel", false, true)
	}
	return list
}

func (p *Pages) archive(c *web.Ctx) error   { return p.step(c, "desk.archived", p.Events.Archive) }
func (p *Pages) unarchive(c *web.Ctx) error { return p.step(c, "desk.unarchived", p.Events.Unarchive) }
func (p *Pages) unpublish(c *web.Ctx) error { return p.step(c, "desk.unpublished", p.Events.Unpublish) }

// discard asks, with its name, before a draft is removed.
func (p *Pages) discard(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	page := p.removal(c, e, "desk.discard_title", "desk.part.state", "/state")
	if c.IsPost() {
		err := p.Events.Discard(c.Context(), c.Actor(), e.Code)
		if fault.KindOf(err) == fault.Conflict {
			c.Flash(web.Stop, fault.From(err).Key)
			return c.Redirect(page.Cancel)
		}
		if err != nil {
			return err
		}
		c.Flash(web.Calm, "desk.discarded")
		return c.Redirect("/desk")
	}
	if e.State != event.Draft {
		return c.Redirect(page.Cancel)
	}
	page.Name, page.Loses = said(c.Printer(), e.Title), c.T("desk.discard_text")
	return c.Render("desk/event_part_remove", page)
}

// step does one thing to the event by a button of the page of its life and goes back there, also where the state
// doesn't allow it any more.
func (p *Pages) step(c *web.Ctx, done string, f func(context.Context, account.Actor, string) (*event.Event, error)) error {
	_, err := f(c.Context(), c.Actor(), c.Param("code"))
	switch {
	case fault.KindOf(err) == fault.Conflict:
		c.Flash(web.Stop, fault.From(err).Key)
	case err != nil:
		return err
	default:
		c.Flash(web.Go, done)
	}
	return c.Redirect("/desk/events/" + c.Param("code") + "/state")
}

// cancelPage asks before an event is cancelled: with its name, for the reason, saying how many people are told.
type cancelPage struct {
	eventPage
	Told     int
	Tongue   string        // the language of the reason
	Lang     string        // the same, as a code
	Others   []Translation // into which it may be translated
	Dates    string
	HasOther bool // a translation is filled in or wrong
}

func (p *Pages) cancel(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	back := "/desk/events/" + e.Code + "/state"
	if c.IsPost() {
		_, err := p.Events.Cancel(c.Context(), c.Actor(), e.Code, p.reason(c, e))
		switch {
		case err == nil:
			c.Flash(web.Calm, "desk.event_cancelled")
			return c.Redirect(back)
		case errors.Is(err, event.ErrState):
			c.Flash(web.Stop, event.ErrState.Key)
			return c.Redirect(back)
		case !c.Form().Refused(err):
			return err
		}
	} else if !e.Cancellable(p.Clock()) {
		return c.Redirect(back)
	}
	return p.askCancel(c, e)
}

// reason reads why the event is cancelled: in its original language, and in others.
func (p *Pages) reason(c *web.Ctx, e *event.Event) locale.Text {
	f, original := c.Form(), e.Original()
	t := locale.NewText(original, f.Value("reason"))
	for _, code := range p.Catalogue.Locales() {
		if s := f.Value("reason_" + string(code)); s != "" && code != original {
			t.By[code] = s
		}
	}
	return t
}

func (p *Pages) askCancel(c *web.Ctx, e *event.Event) (err error) {
	original := e.Original()
	page := &cancelPage{
		eventPage: p.under(c, e, "desk.part.state"), Tongue: c.T("language." + string(original)), Lang: string(original),
		Dates: c.Printer().DateRange(e.StartsOn.Time, e.EndsOn().Time),
	}
	page.Title = c.T("desk.cancel_title") + " · " + c.Printer().Text(e.Title)
	page.Back = &web.Crumb{Href: page.Base() + "/state", Label: c.T("desk.part.state")}
	if page.Told, err = p.Registrations.Concerned(c.Context(), c.Actor(), e); err != nil {
		return err
	}
	_, all := p.tongues(c)
	for _, t := range all {
		if t.Code != original {
			page.Others = append(page.Others, t)
			page.HasOther = page.HasOther || c.Form().Value("reason_"+t.Name) != "" || c.Form().Error("reason_"+t.Name) != ""
		}
	}
	return c.Render("desk/event_cancel", page)
}
