package desk

import (
	"strconv"

	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
)

// roomPage is the form of a room, or of a track, which has a name only.
type roomPage struct {
	worded
	Event *event.Event
	Room  *event.Room // nil for a track
	Here  string      // where the form is sent
}

// Base is the address of the event's pages.
func (page *roomPage) Base() string { return "/desk/events/" + page.Event.Code }

// NameKey is the label of the name.
func (page *roomPage) NameKey() string {
	if page.Room == nil {
		return "room.track_name"
	}
	return "room.name"
}

func (p *Pages) roomPage(c *web.Ctx, e *event.Event, name locale.Text) *roomPage {
	back := web.Crumb{Href: "/desk/events/" + e.Code + "/rooms", Label: c.T("desk.part.rooms")}
	return &roomPage{worded: p.worded(c, c.Printer().Text(name), firstOf(name, e.Original()), back), Event: e}
}

// stale shows a form again that was refused; stamp is that of what is stored.
func (page *roomPage) stale(c *web.Ctx, err error, stamp string) bool {
	if !page.refused(c, err, event.ErrChanged, 0) {
		return false
	}
	if page.Changed {
		c.Form().Set("stamp", stamp)
	}
	return true
}

func (p *Pages) changeRoom(c *web.Ctx) error {
	e, content, err := p.parted(c)
	if err != nil {
		return err
	}
	now := content.Room(rowIn(c, "room"))
	if now == nil {
		return event.ErrNoRoom
	}
	page := p.roomPage(c, e, now.Name)
	page.Room, page.Here = now, page.Base()+"/rooms/"+strconv.FormatInt(now.ID, 10)
	if c.IsPost() {
		room, err := p.readRoom(c, *now)
		if err == nil {
			err = p.Events.ChangeRoom(c.Context(), c.Actor(), e.Code, now.ID, c.Form().Value("stamp"), room)
		}
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect(page.Base() + "/rooms")
		}
		if !page.stale(c, err, now.Stamp()) {
			return err
		}
		return c.Render("desk/event_rooms_form", page)
	}
	f := c.Form()
	f.Set("original", string(page.Original))
	f.Set("stamp", now.Stamp())
	fillText(f, "name", page.Original, now.Name)
	fillText(f, "accessibility", page.Original, now.Accessibility)
	fillText(f, "directions", page.Original, now.Directions)
	if now.Seats > 0 {
		f.Set("seats", strconv.Itoa(now.Seats))
	}
	return c.Render("desk/event_rooms_form", page)
}

// readRoom reads the form; was is what is stored.
func (p *Pages) readRoom(c *web.Ctx, was event.Room) (event.Room, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	original := r.original(was.Name.Original, c.Locale())
	room := event.Room{
		Name: r.written("name", original, was.Name), Seats: r.optional("seats"),
		Accessibility: r.written("accessibility", original, was.Accessibility), Directions: r.written("directions", original, was.Directions),
	}
	return room, r.with(room.Checked())
}

func (p *Pages) changeTrack(c *web.Ctx) error {
	e, content, err := p.parted(c)
	if err != nil {
		return err
	}
	now := content.Track(rowIn(c, "track"))
	if now == nil {
		return event.ErrNoTrack
	}
	page := p.roomPage(c, e, now.Name)
	page.Here = page.Base() + "/tracks/" + strconv.FormatInt(now.ID, 10)
	if c.IsPost() {
		r := &reader{Form: c.Form(), words: p.Catalogue}
		track := event.Track{Name: r.written("name", r.original(now.Name.Original, c.Locale()), now.Name)}
		if err = r.with(track.Checked()); err == nil {
			err = p.Events.ChangeTrack(c.Context(), c.Actor(), e.Code, now.ID, c.Form().Value("stamp"), track)
		}
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect(page.Base() + "/rooms")
		}
		if !page.stale(c, err, now.Stamp()) {
			return err
		}
		return c.Render("desk/event_rooms_form", page)
	}
	f := c.Form()
	f.Set("original", string(page.Original))
	f.Set("stamp", now.Stamp())
	fillText(f, "name", page.Original, now.Name)
	return c.Render("desk/event_rooms_form", page)
}
