package event

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/token"
)

// Copied is something of an event that a copy of it may have too.
type Copied string

// What can be copied. An event's type, length, languages, seats and rules are copied always, people who took part and
// what belongs to them never.
const (
	CopyTexts       Copied = "texts"       // description, audience, costs; directions and accessibility where the place is the same
	CopyProgramme   Copied = "programme"   // sessions and tracks, each at its hour
	CopyRooms       Copied = "rooms"       // and in which room a session is
	CopySpeakers    Copied = "speakers"    // and who leads which session
	CopyMaterials   Copied = "materials"   // files and links
	CopySignatories Copied = "signatories" // of the certificates
	CopyWindow      Copied = "window"      // when registration opens and closes, moved as the dates are
)

// AllCopied is what can be copied, in the order in which forms offer it.
var AllCopied = []Copied{CopyTexts, CopyProgramme, CopyRooms, CopySpeakers, CopyMaterials, CopySignatories, CopyWindow}

// fromTemplate is what of a template somebody may copy who can't reach it: nobody's name and no place.
var fromTemplate = []Copied{CopyTexts, CopyProgramme}

// CopyFacts say what the copy of an event is to be.
type CopyFacts struct {
	Code           string
	ProjectID      int64
	OrganisationID int64
	Title          locale.Text // zero: as the original's
	Country        string      // "": as the original's; in another country the place isn't copied and the zone is that country's
	City           string
	StartsOn       db.Day // everything moves by as many days, each at its hour
	What           []Copied
}

// Source is an event to copy from.
type Source struct {
	*Content
	Reached bool // the actor may see the event; otherwise it is a template, of which there is only what anyone may copy
}

// Offers returns what can be copied, and is there to be copied.
func (s *Source) Offers() []Copied {
	there := map[Copied]bool{
		CopyTexts: true, CopyProgramme: len(s.Sessions) > 0, CopyRooms: len(s.Rooms) > 0, CopySpeakers: len(s.Speakers) > 0, CopyMaterials: len(s.Materials) > 0,
		CopySignatories: len(s.Event.Signatories.V) > 0, CopyWindow: !s.Event.RegistrationOpensAt.IsZero() || !s.Event.RegistrationClosesAt.IsZero(),
	}
	return slices.DeleteFunc(slices.Clone(AllCopied), func(x Copied) bool { return !there[x] })
}

// Source returns an event to copy from: one that the actor may see, or a template for those who may make events, which
// then has no people, no place and no dates of registration. Any other isn't there: ErrNotFound.
func (d *Desk) Source(ctx context.Context, actor account.Actor, code string) (*Source, error) {
	e, err := find(ctx, d.DB.Read(), "code = ?", code)
	if err != nil {
		return nil, err
	}
	c, err := ReadContent(ctx, d.DB.Read(), e)
	if err != nil {
		return nil, err
	}
	return source(actor, c)
}

func source(actor account.Actor, c *Content) (*Source, error) {
	switch {
	case actor.Can(account.ViewEvent, c.Event.Scopes()...):
		return &Source{c, true}, nil
	case c.Event.Template && actor.CanSomewhere(account.EditEvent):
		return &Source{c.asTemplate(), false}, nil
	}
	return nil, ErrNotFound
}

// asTemplate is what of a template is told to those who can't reach it.
func (c *Content) asTemplate() *Content {
	t := &Content{Event: c.Event.asTemplate(), Tracks: c.Tracks}
	for _, s := range c.Sessions {
		s.RoomID, s.Speakers = 0, nil
		t.Sessions = append(t.Sessions, s)
	}
	return t
}

func (e *Event) asTemplate() *Event {
	return &Event{
		ID: e.ID, Code: e.Code, Type: e.Type, Title: e.Title, Description: e.Description, Audience: e.Audience, Costs: e.Costs, StartsOn: e.StartsOn,
		Days: e.Days, Zone: e.Zone, Languages: e.Languages, Seats: e.Seats, State: e.State, Decision: e.Decision, Unit: e.Unit, Threshold: e.Threshold,
		Listed: e.Listed, Quiet: e.Quiet, Template: true, Format: e.Format, Interpretation: e.Interpretation, Version: e.Version,
	}
}

// Templates returns the events that the network offers to copy from, for those who may make events: by type in the
// order of Types, then by title of the original language. They have no people, no place and no dates of registration.
func (d *Desk) Templates(ctx context.Context, actor account.Actor) ([]Event, error) {
	if !actor.CanSomewhere(account.EditEvent) {
		return nil, nil
	}
	var list []Event
	if err := d.DB.Read().NewSelect().Model(&list).Where("template").Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	for i := range list {
		list[i] = *list[i].asTemplate()
	}
	slices.SortStableFunc(list, func(a, b Event) int { return slices.Index(Types, a.Type) - slices.Index(Types, b.Type) })
	return list, nil
}

// SetTemplate says whether the whole network is offered an event to copy from. The actor needs Administer.
func (d *Desk) SetTemplate(ctx context.Context, actor account.Actor, code string, on bool) (*Event, error) {
	return d.change(ctx, actor, code, "set_template", func(_ context.Context, _ *db.Tx, e *Event) error {
		if !actor.Can(account.Administer) {
			return fault.New(fault.Forbidden, "error.forbidden")
		}
		e.Template = on
		return nil
	})
}

// Copy makes a draft from what an event has, moved to another first day. The actor must be able to see the event, or it
// must be a template (see Source), and needs what Create asks for where the copy is to be. Of the people who took part,
// and of what was said only to them, nothing is copied; the copy is no template. Errors are those of Create.
func (d *Desk) Copy(ctx context.Context, actor account.Actor, code string, f CopyFacts) (*Event, error) {
	var e *Event
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		was, err := find(ctx, tx, "code = ?", code)
		if err != nil {
			return err
		}
		c, err := ReadContent(ctx, tx, was)
		if err != nil {
			return err
		}
		from, err := source(actor, c)
		if err != nil {
			return err
		}
		if !from.Reached {
			f.What = slices.DeleteFunc(slices.Clone(f.What), func(x Copied) bool { return !slices.Contains(fromTemplate, x) })
		}
		if e, err = d.copyEvent(ctx, tx, actor, from, f); err != nil {
			return err
		}
		if err := d.copyParts(ctx, tx, actor, from, e, f.What); err != nil {
			return err
		}
		sessions, err := countSessions(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		return note(ctx, tx, actor.Deed("copy", "event", e.ID), audit.Change(nil, settings(e, sessions), audit.Facts{"copied_from": was.Code, "copied": f.What}))
	})
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("copy event %s: %w", code, err)
	}
	return e, nil
}

// copyEvent makes the copy with its units of attendance, without a programme.
func (d *Desk) copyEvent(ctx context.Context, tx *db.Tx, actor account.Actor, from *Source, copied CopyFacts) (*Event, error) {
	f := from.facts(copied)
	f.complete()
	if err := f.check(); err != nil {
		return nil, err
	}
	e := &Event{ProjectID: f.ProjectID, OrganisationID: f.OrganisationID, State: Draft, Version: 1, CreatedAt: db.At(d.Clock())}
	f.apply(e, actor, d.Clock())
	e.Title, e.Description, e.Audience, e.Costs, e.Directions, e.Accessibility = f.Title, f.Description, f.Audience, f.Costs, f.Directions, f.Accessibility
	if !actor.Can(account.EditEvent, e.Scopes()[1:]...) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	if err := hosts(ctx, tx, actor, e); err != nil {
		return nil, err
	}
	if _, err := tx.NewInsert().Model(e).Exec(ctx); err != nil {
		return nil, err
	}
	return e, setUnits(ctx, tx, e, nil)
}

// facts are what the copy is to be, as an organiser would say it. The link to join, the waiver of visibility and whom
// to ask of another organisation aren't the copy's.
func (s *Source) facts(f CopyFacts) Facts {
	e, has := s.Event, func(x Copied) bool { return slices.Contains(f.What, x) }
	out := Facts{
		Code: f.Code, ProjectID: f.ProjectID, OrganisationID: f.OrganisationID, Type: e.Type, Title: e.Title, Country: f.Country, City: f.City, StartsOn: f.StartsOn,
		Days: e.Days, Zone: e.Zone, Languages: e.Languages.V, Seats: e.Seats, Decision: e.Decision, Unit: e.Unit, Threshold: e.Threshold,
		Unlisted: !e.Listed, Quiet: e.Quiet, Format: e.Format, Interpretation: e.Interpretation.V,
	}
	if !f.Title.IsZero() {
		out.Title = f.Title.After(e.Title)
	}
	if f.Country == "" {
		out.Country, out.City = e.Country, e.City
	}
	if out.Country != e.Country {
		out.Zone = ZoneOf(out.Country)
	}
	if has(CopyTexts) {
		out.Description, out.Audience, out.Costs = e.Description, e.Audience, e.Costs
	}
	if out.Country == e.Country && out.City == e.City {
		out.Venue = e.Venue
		if has(CopyTexts) {
			out.Directions, out.Accessibility = e.Directions, e.Accessibility
		}
	}
	if f.OrganisationID == e.OrganisationID {
		out.ContactName, out.ContactEmail, out.ContactPhone = e.ContactName, e.ContactEmail, e.ContactPhone
	}
	if has(CopySignatories) {
		out.Signatories = e.Signatories.V
	}
	if has(CopyWindow) {
		there := &Event{StartsOn: f.StartsOn, Zone: out.Zone}
		out.OpensAt, out.ClosesAt = shifted(e, there, e.RegistrationOpensAt).Time, shifted(e, there, e.RegistrationClosesAt).Time
	}
	return out
}

// shifted is the instant at which the clocks of the event at another time, or in another place, show what they showed,
// as many days before or after its first day. No instant stays none.
func shifted(was, e *Event, t db.Time) db.Time {
	if t.IsZero() {
		return t
	}
	to, _ := moved(was, e, t, daysBetween(was.StartsOn, e.StartsOn))
	return to
}

// daysBetween counts the days from a to b, below 0 where b is earlier.
func daysBetween(a, b db.Day) int { return int(b.Sub(a.Time) / (24 * time.Hour)) }

// copyParts copies what belongs to the event: rooms and tracks before the sessions that name them, these before the
// materials that belong to them.
func (d *Desk) copyParts(ctx context.Context, tx *db.Tx, actor account.Actor, from *Source, e *Event, what []Copied) error {
	rows := twins{map[int64]int64{}, map[int64]int64{}, map[int64]int64{}, map[int64]int64{}}
	if slices.Contains(what, CopyRooms) {
		for _, x := range from.Rooms {
			id := x.ID
			x.ID, x.EventID = 0, e.ID
			if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
				return err
			}
			rows.rooms[id] = x.ID
		}
	}
	if slices.Contains(what, CopySpeakers) {
		for _, x := range from.Speakers {
			id := x.ID
			x.ID, x.EventID = 0, e.ID
			if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
				return err
			}
			rows.speakers[id] = x.ID
		}
	}
	if slices.Contains(what, CopyProgramme) {
		if err := d.copyProgramme(ctx, tx, from, e, rows); err != nil {
			return err
		}
	}
	if slices.Contains(what, CopyMaterials) {
		return d.copyMaterials(ctx, tx, actor, from, e, rows)
	}
	return nil
}

// twins are the rows of the copy by those of what it was copied from.
type twins struct{ rooms, tracks, speakers, sessions map[int64]int64 }

func (d *Desk) copyProgramme(ctx context.Context, tx *db.Tx, from *Source, e *Event, rows twins) error {
	for _, x := range from.Tracks {
		id := x.ID
		x.ID, x.EventID = 0, e.ID
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return err
		}
		rows.tracks[id] = x.ID
	}
	list := make([]copiedSession, len(from.Sessions))
	for i, s := range from.Sessions {
		list[i] = copiedSession{from: s.ID, Session: rows.session(s)}
		list[i].move(from.Event, e, daysBetween(from.Event.StartsOn, e.StartsOn))
	}
	// where clocks go forward two may come in another order; that of setProgramme is this one
	slices.SortStableFunc(list, func(a, b copiedSession) int { return a.StartsAt.Compare(b.StartsAt.Time) })
	sessions := make([]Session, len(list))
	for i := range list {
		sessions[i] = list[i].Session
	}
	if err := d.setProgramme(ctx, tx, e, Plan{Sessions: sessions}); err != nil {
		return err
	}
	made, err := Programme(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	for i := range made {
		rows.sessions[list[i].from] = made[i].ID
	}
	return nil
}

// copiedSession is a session of the copy, and the row of the one that it is copied from.
type copiedSession struct {
	from int64
	Session
}

// session is a session as the copy has it, with the rooms, the track and the people that were copied.
func (t *twins) session(s Session) Session {
	s.ID, s.Code, s.RoomID, s.TrackID = 0, "", t.rooms[s.RoomID], t.tracks[s.TrackID]
	var speakers []int64
	for _, id := range s.Speakers {
		if twin := t.speakers[id]; twin != 0 {
			speakers = append(speakers, twin)
		}
	}
	s.Speakers = speakers
	return s
}

// copyMaterials copies links, and the rows of files: their content is kept once, however many events offer it.
func (d *Desk) copyMaterials(ctx context.Context, tx *db.Tx, actor account.Actor, from *Source, e *Event, rows twins) error {
	for _, x := range from.Materials {
		x.ID, x.EventID, x.Code = 0, e.ID, token.Code()
		x.SessionID, x.ShownFrom = rows.sessions[x.SessionID], shifted(from.Event, e, x.ShownFrom)
		x.CreatedAt, x.CreatedBy = db.At(d.Clock()), actor.UserID
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// FreeCode returns a code like the wanted one that no event has: the wanted one, or with a number in place of the one
// at its end. It is "" if there is none after many.
func (d *Desk) FreeCode(ctx context.Context, wanted string) (string, error) {
	const most = 40
	stem := numbered.ReplaceAllString(wanted, "")
	code := wanted
	for n := 2; n < 100; n++ {
		taken, err := d.DB.Read().NewSelect().Table("events").Where("code = ?", code).Exists(ctx)
		if err != nil {
			return "", fmt.Errorf("find a free code: %w", err)
		}
		if !taken {
			return code, nil
		}
		number := fmt.Sprintf("-%d", n)
		code = strings.TrimRight(stem[:min(len(stem), most-len(number))], "-") + number
	}
	return "", nil
}

var numbered = regexp.MustCompile(`-[0-9]{1,2}$`)
