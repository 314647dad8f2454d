package desk

import (
	"strconv"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
)

// The addresses of one room and of one track.
const (
	oneRoom  = one + "/rooms/:room"
	oneTrack = one + "/tracks/:track"
)

func (p *Pages) roomRoutes() []web.Route {
	edit := web.Permission(account.EditEvent)
	return []web.Route{
		web.GET(one+"/rooms", edit, p.rooms),
		web.POST(one+"/rooms", edit, p.addRoom),
		web.POST(one+"/tracks", edit, p.addTrack),
		web.GET(oneRoom, edit, p.changeRoom),
		web.POST(oneRoom, edit, p.changeRoom),
		web.POST(oneRoom+"/move", edit, p.moveRoom),
		web.GET(oneRoom+"/remove", edit, p.removeRoom),
		web.POST(oneRoom+"/remove", edit, p.removeRoom),
		web.GET(oneTrack, edit, p.changeTrack),
		web.POST(oneTrack, edit, p.changeTrack),
		web.POST(oneTrack+"/move", edit, p.moveTrack),
		web.GET(oneTrack+"/remove", edit, p.removeTrack),
		web.POST(oneTrack+"/remove", edit, p.removeTrack),
	}
}

// roomsPage has the rooms and the tracks of an event, and what interpretation it needs.
type roomsPage struct {
	eventPage
	Rooms, Tracks []PartLine
	Languages     []LanguageLine // into which it is interpreted
	Headsets      int            // all languages together
	Interpreted   []InterpretedLine
}

// PartLine is a room or a track.
type PartLine struct {
	Href        string
	Name        Said
	Seats       int
	Notes       []string
	Sessions    int
	First, Last bool
}

// doing is what can be done with a room or a track.
type doing struct {
	*web.Page
	PartLine
}

// Doing returns the buttons of a line.
func (page *roomsPage) Doing(l PartLine) doing { return doing{&page.Page, l} }

// LanguageLine says what interpretation into a language needs.
type LanguageLine struct {
	Name               string
	Sessions, Headsets int
}

// InterpretedLine is a session that is interpreted.
type InterpretedLine struct {
	When, Into string
	Title      Said
}

func (p *Pages) rooms(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	return p.showRooms(c, e)
}

func (p *Pages) showRooms(c *web.Ctx, e *event.Event) error {
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return err
	}
	page := &roomsPage{eventPage: p.under(c, e, "desk.part.rooms")}
	w := c.Printer()
	for i, x := range content.Rooms {
		l := PartLine{Href: page.Base() + "/rooms/" + strconv.FormatInt(x.ID, 10), Name: said(w, x.Name), Seats: x.Seats, First: i == 0, Last: i == len(content.Rooms)-1}
		l.Sessions = held(content, func(s *event.Session) bool { return s.RoomID == x.ID })
		for key, t := range map[string]locale.Text{"room.accessibility": x.Accessibility, "room.directions": x.Directions} {
			if !t.IsZero() {
				l.Notes = append(l.Notes, c.T(key))
			}
		}
		w.Sort(l.Notes)
		page.Rooms = append(page.Rooms, l)
	}
	for i, x := range content.Tracks {
		l := PartLine{Href: page.Base() + "/tracks/" + strconv.FormatInt(x.ID, 10), Name: said(w, x.Name), First: i == 0, Last: i == len(content.Tracks)-1}
		l.Sessions = held(content, func(s *event.Session) bool { return s.TrackID == x.ID })
		page.Tracks = append(page.Tracks, l)
	}
	if err := p.fillInterpretation(c, page, content); err != nil {
		return err
	}
	return c.Render("desk/event_rooms", page)
}

// held counts the sessions of which something is so.
func held(content *event.Content, is func(*event.Session) bool) int {
	n := 0
	for i := range content.Sessions {
		if is(&content.Sessions[i]) {
			n++
		}
	}
	return n
}

func (p *Pages) fillInterpretation(c *web.Ctx, page *roomsPage, content *event.Content) error {
	e, w := content.Event, c.Printer()
	if len(e.Interpretation.V) == 0 {
		return nil
	}
	needed, err := registration.Headsets(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	sessions := map[locale.Code]int{}
	for _, s := range content.Sessions {
		if len(s.Interpretation.V) == 0 {
			continue
		}
		var names []string
		for _, code := range s.Interpretation.V {
			sessions[code]++
			names = append(names, c.T("language."+string(code)))
		}
		from, to := local(e, s.StartsAt), local(e, s.EndsAt)
		page.Interpreted = append(page.Interpreted, InterpretedLine{When: w.DateNumeric(from) + ", " + w.TimeRange(from, to), Title: said(w, s.Title), Into: w.List(names)})
	}
	for _, code := range e.Interpretation.V {
		page.Languages = append(page.Languages, LanguageLine{c.T("language." + string(code)), sessions[code], needed[code]})
	}
	for _, n := range needed { // also into a language that isn't on offer any more
		page.Headsets += n
	}
	return nil
}

// beneath puts the faults of a small form that stands beside others in front of the names of its own fields.
func beneath(prefix string, err error) error {
	f := fault.From(err)
	if f == nil || f.Kind != fault.Invalid {
		return err
	}
	var form fault.Form
	for _, x := range f.Fields {
		x.Name = prefix + x.Name
		form.Put(x)
	}
	return form.Err()
}

func (p *Pages) addRoom(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	r := &reader{Form: c.Form(), words: p.Catalogue}
	room := event.Room{Name: locale.NewText(e.Original(), locale.Clean(r.Value("room_name"))), Seats: r.optional("room_seats")}
	if err = r.with(beneath("room_", room.Checked())); err == nil {
		_, err = p.Events.AddRoom(c.Context(), c.Actor(), e.Code, room)
	}
	return p.added(c, e, err, "room.added", "#rooms")
}

func (p *Pages) addTrack(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	_, err = p.Events.AddTrack(c.Context(), c.Actor(), e.Code, event.Track{Name: locale.NewText(e.Original(), locale.Clean(c.Form().Value("track_name")))})
	return p.added(c, e, beneath("track_", err), "room.track_added", "#tracks")
}

// added shows the page again, with what is wrong or with what is there now.
func (p *Pages) added(c *web.Ctx, e *event.Event, err error, key, anchor string) error {
	if err == nil {
		c.Flash(web.Go, key)
		return c.Redirect("/desk/events/" + e.Code + "/rooms" + anchor)
	}
	if !c.Form().Refused(err) {
		return err
	}
	return p.showRooms(c, e)
}

// optional reads a number that may be left out, which is 0.
func (r *reader) optional(name string) int {
	if r.Value(name) == "" {
		return 0
	}
	return r.number(name)
}

// rowIn reads the row of a room or a track from the address; -1 is none.
func rowIn(c *web.Ctx, name string) int64 {
	id, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil {
		return -1
	}
	return id
}

func (p *Pages) moveRoom(c *web.Ctx) error {
	if err := p.Events.MoveRoom(c.Context(), c.Actor(), c.Param("code"), rowIn(c, "room"), moves(c)); err != nil {
		return err
	}
	return c.Redirect("/desk/events/" + c.Param("code") + "/rooms#rooms")
}

func (p *Pages) moveTrack(c *web.Ctx) error {
	if err := p.Events.MoveTrack(c.Context(), c.Actor(), c.Param("code"), rowIn(c, "track"), moves(c)); err != nil {
		return err
	}
	return c.Redirect("/desk/events/" + c.Param("code") + "/rooms#tracks")
}

func (p *Pages) removeRoom(c *web.Ctx) error {
	e, content, err := p.parted(c)
	if err != nil {
		return err
	}
	room := content.Room(rowIn(c, "room"))
	if room == nil {
		return event.ErrNoRoom
	}
	page := p.removal(c, e, "room.remove_title", "desk.part.rooms", "/rooms")
	if c.IsPost() {
		if err := p.Events.RemoveRoom(c.Context(), c.Actor(), e.Code, room.ID); err != nil {
			return err
		}
		c.Flash(web.Go, "room.removed")
		return c.Redirect(page.Cancel)
	}
	page.Name, page.Loses = said(c.Printer(), room.Name), c.T("room.no_session")
	if n := held(content, func(s *event.Session) bool { return s.RoomID == room.ID }); n > 0 {
		page.Loses = c.Printer().N("room.remove_sessions", n)
	}
	return c.Render("desk/event_part_remove", page)
}

func (p *Pages) removeTrack(c *web.Ctx) error {
	e, content, err := p.parted(c)
	if err != nil {
		return err
	}
	track := content.Track(rowIn(c, "track"))
	if track == nil {
		return event.ErrNoTrack
	}
	page := p.removal(c, e, "room.track_remove_title", "desk.part.rooms", "/rooms")
	if c.IsPost() {
		if err := p.Events.RemoveTrack(c.Context(), c.Actor(), e.Code, track.ID); err != nil {
			return err
		}
		c.Flash(web.Go, "room.track_removed")
		return c.Redirect(page.Cancel)
	}
	page.Name, page.Loses = said(c.Printer(), track.Name), c.T("room.track_no_session")
	if n := held(content, func(s *event.Session) bool { return s.TrackID == track.ID }); n > 0 {
		page.Loses = c.Printer().N("room.track_remove_sessions", n)
	}
	return c.Render("desk/event_part_remove", page)
}

// parted returns the event of the address with what belongs to it, to whoever may change it.
func (p *Pages) parted(c *web.Ctx) (*event.Event, *event.Content, error) {
	e, err := p.editable(c)
	if err != nil {
		return nil, nil, err
	}
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	return e, content, err
}
