package desk

import (
	"strconv"

	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/web"
)

// maxTaken is how many people are offered at once.
const maxTaken = 60

// takePage offers who leads sessions of other events.
type takePage struct {
	web.Page
	Event  *event.Event
	Search string
	People []web.Option
	More   bool // than are shown
	Empty  bool // whatever is searched for
}

// Base is the address of the event's pages.
func (page *takePage) Base() string { return "/desk/events/" + page.Event.Code }

func (p *Pages) takePeople(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	page := &takePage{Page: c.Page(c.T("people.take")), Event: e, Search: c.Query("q")}
	page.NoIndex, page.Back = true, &web.Crumb{Href: page.Base() + "/people", Label: c.T("desk.part.people")}
	if c.IsPost() {
		err := p.taken(c, e)
		if err == nil {
			return c.Redirect(page.Base() + "/people")
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	list, err := p.Events.KnownSpeakers(c.Context(), c.Actor(), e.Code, page.Search)
	if err != nil {
		return err
	}
	page.Empty = len(list) == 0 && page.Search == ""
	if page.More = len(list) > maxTaken; page.More {
		list = list[:maxTaken]
	}
	w := c.Printer()
	for _, x := range list {
		says := w.Text(x.Title) + " · " + w.Date(x.StartsOn.Time)
		if role := w.Text(x.Role); role != "" {
			says = role + " · " + says
		}
		page.People = append(page.People, web.Option{Value: strconv.FormatInt(x.ID, 10), Label: x.Name, Hint: says})
	}
	return c.Render("desk/event_people_take", page)
}

// taken copies those who were chosen.
func (p *Pages) taken(c *web.Ctx, e *event.Event) error {
	var rows []int64
	for _, v := range c.Form().Values("who") {
		id, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return event.ErrNoSpeaker
		}
		rows = append(rows, id)
	}
	if len(rows) == 0 {
		var wrong fault.Form
		wrong.Add("who", "people.take_choose")
		return wrong.Err()
	}
	if _, err := p.Events.TakeSpeakers(c.Context(), c.Actor(), e.Code, rows); err != nil {
		return err
	}
	c.Flash(web.Go, "people.taken")
	return nil
}
