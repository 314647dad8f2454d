package api

import (
	"time"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
)

// Text is a text in several languages, by locale.
type Text map[locale.Code]string

func text(t locale.Text) Text {
	if t.By == nil {
		return Text{}
	}
	return t.By
}

// Event is an event as its organisers see it.
type Event struct {
	Code                 string         `json:"code" doc:"Its name in addresses; it never changes."`
	Project              string         `json:"project" doc:"Code of the project."`
	Organisation         string         `json:"organisation" doc:"Code of the host."`
	Type                 event.Type     `json:"type"`
	Title                Text           `json:"title"`
	Description          Text           `json:"description"`
	Country              string         `json:"country" doc:"ISO 3166 alpha-2; XK is Kosovo*."`
	City                 string         `json:"city"`
	Venue                string         `json:"venue"`
	StartsOn             db.Day         `json:"starts_on" doc:"First day, in the event's zone."`
	EndsOn               db.Day         `json:"ends_on" doc:"Last day, in the event's zone."`
	Days                 int            `json:"days"`
	Zone                 string         `json:"zone" doc:"IANA time zone to which days belong."`
	Begins               time.Time      `json:"begins" doc:"The instant at which the first day begins."`
	Ends                 time.Time      `json:"ends" doc:"The instant at which the last day is over."`
	Languages            []locale.Code  `json:"languages"`
	State                event.State    `json:"state" doc:"What the organisers have made of it."`
	Phase                event.Phase    `json:"phase" doc:"Where it stands now."`
	Listed               bool           `json:"listed" doc:"It stands in the public calendar."`
	Quiet                bool           `json:"quiet" doc:"Its place, and the names of its people, must be shown only to who is approved."`
	Seats                int            `json:"seats"`
	SeatsTaken           int            `json:"seats_taken" doc:"Approved registrations."`
	Decision             event.Decision `json:"decision" doc:"Who decides about an application."`
	Unit                 event.Unit     `json:"unit" doc:"What one is present at."`
	Threshold            float64        `json:"threshold" doc:"Share of the units that completes the event."`
	RegistrationOpensAt  time.Time      `json:"registration_opens_at,omitzero"`
	RegistrationClosesAt time.Time      `json:"registration_closes_at,omitzero"`
	Address              string         `json:"address" format:"uri" doc:"The public page, once it is published."`
	CreatedAt            time.Time      `json:"created_at"`
	UpdatedAt            time.Time      `json:"updated_at" doc:"When its facts were last changed; seats that fill don't change it."`
}

// EventDetail is one event with its programme.
type EventDetail struct {
	Event
	Units     []Unit    `json:"units" doc:"What presence is recorded for."`
	Programme []Session `json:"programme"`
}

// Unit is one thing to be present at.
type Unit struct {
	Unit     int        `json:"unit" doc:"Its position in time, from 1: the name by which claims know it."`
	Day      db.Day     `json:"day"`
	Part     event.Part `json:"part"`
	StartsAt time.Time  `json:"starts_at"`
	EndsAt   time.Time  `json:"ends_at"`
	HalfDays int        `json:"half_days" doc:"How many half-days being here counts as."`
}

// Session is one item of the programme.
type Session struct {
	Day      db.Day            `json:"day"`
	StartsAt time.Time         `json:"starts_at"`
	EndsAt   time.Time         `json:"ends_at"`
	Kind     event.SessionKind `json:"kind"`
	Title    Text              `json:"title"`
	Code     string            `json:"code" doc:"Its name in addresses; it stays whatever is changed."`
	Room     Text              `json:"room"`
	Counts   bool              `json:"counts" doc:"It counts towards attendance, where the unit is the session."`
}

func (p *Pages) showEvent(c *web.Ctx, e *event.Listed) Event {
	languages := e.Languages.V
	if languages == nil {
		languages = []locale.Code{}
	}
	return Event{
		Code: e.Code, Project: e.Project, Organisation: e.Organisation, Type: e.Type, Title: text(e.Title), Description: text(e.Description),
		Country: e.Country, City: e.City, Venue: e.Venue, StartsOn: e.StartsOn, EndsOn: e.EndsOn(), Days: e.Days, Zone: e.Zone,
		Begins: e.Begins().UTC(), Ends: e.Ends().UTC(), Languages: languages, State: e.State, Phase: e.Phase(p.Clock()), Listed: e.Listed, Quiet: e.Quiet,
		Seats: e.Seats, SeatsTaken: e.SeatsTaken, Decision: e.Decision, Unit: e.Unit, Threshold: e.Threshold,
		RegistrationOpensAt: e.RegistrationOpensAt.Time, RegistrationClosesAt: e.RegistrationClosesAt.Time,
		Address: address(c, "en", "events", e.Code), CreatedAt: e.CreatedAt.Time, UpdatedAt: e.UpdatedAt.Time,
	}
}

func (p *Pages) listEvents(c *web.Ctx, q *query) (any, error) {
	want := event.PageQuery{
		Project: q.text("project"), From: q.day("from"), To: q.day("to"), UpdatedSince: q.instant("updated_since"), After: p.after(q, "events"), Limit: q.limit() + 1,
	}
	if err := q.Err(); err != nil {
		return nil, err
	}
	found, err := p.Events.Page(c.Context(), c.Actor(), want)
	if err != nil {
		return nil, err
	}
	return paged(p, q, "events", found, func(e event.Listed) string { return e.Code }, func(e event.Listed) Event { return p.showEvent(c, &e) }), nil
}

func (p *Pages) oneEvent(c *web.Ctx, q *query) (any, error) {
	if err := q.Err(); err != nil {
		return nil, err
	}
	e, err := p.Events.Listed(c.Context(), c.Actor(), c.Param("event"))
	if err != nil {
		return nil, err
	}
	c.About("event", e.ID, e.ID)
	units, err := event.Units(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return nil, err
	}
	content, err := event.ReadContent(c.Context(), p.DB.Read(), &e.Event)
	if err != nil {
		return nil, err
	}
	out := EventDetail{Event: p.showEvent(c, e), Units: showUnits(units), Programme: []Session{}}
	for _, s := range content.Sessions {
		room := Text{}
		if r := content.Room(s.RoomID); r != nil {
			room = text(r.Name)
		}
		out.Programme = append(out.Programme, Session{Day: s.Day, StartsAt: s.StartsAt.Time, EndsAt: s.EndsAt.Time, Kind: s.Kind, Title: text(s.Title), Code: s.Code, Room: room, Counts: s.Counts})
	}
	return out, nil
}

func showUnits(units []event.AttendanceUnit) []Unit {
	out := []Unit{}
	for _, u := range units {
		out = append(out, Unit{Unit: u.Position, Day: u.Day, Part: u.Part, StartsAt: u.StartsAt.Time, EndsAt: u.EndsAt.Time, HalfDays: u.HalfDays})
	}
	return out
}
