package event

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"attesta/app/locale"
)

// Content is an event with everything that its pages tell.
type Content struct {
	Event     *Event
	Sessions  []Session // in the order of time
	Rooms     []Room
	Tracks    []Track
	Speakers  []Speaker
	Materials []Material
}

// ReadContent reads what belongs to an event. It takes six queries, however large the programme is.
func ReadContent(ctx context.Context, q bun.IDB, e *Event) (*Content, error) {
	c := &Content{Event: e}
	var err error
	if c.Sessions, err = Programme(ctx, q, e.ID); err != nil {
		return nil, err
	}
	if err := c.readParts(ctx, q); err != nil {
		return nil, err
	}
	if err := q.NewSelect().Model(&c.Materials).Where("event_id = ?", e.ID).Order("position", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("materials of event %d: %w", e.ID, err)
	}
	return c, nil
}

// readParts reads rooms, tracks and speakers.
func (c *Content) readParts(ctx context.Context, q bun.IDB) error {
	for _, into := range []any{&c.Rooms, &c.Tracks, &c.Speakers} {
		if err := q.NewSelect().Model(into).Where("event_id = ?", c.Event.ID).Order("position", "id").Scan(ctx); err != nil {
			return fmt.Errorf("parts of event %d: %w", c.Event.ID, err)
		}
	}
	return nil
}

// Room returns a room by its row, or nil.
func (c *Content) Room(id int64) *Room {
	return at(c.Rooms, func(x *Room) bool { return x.ID == id })
}

// Track returns a track by its row, or nil.
func (c *Content) Track(id int64) *Track {
	return at(c.Tracks, func(x *Track) bool { return x.ID == id })
}

// Speaker returns a speaker by their row, or nil.
func (c *Content) Speaker(id int64) *Speaker {
	return at(c.Speakers, func(x *Speaker) bool { return x.ID == id })
}

func at[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// SpeakersOf returns who leads a session, in the order in which they are named.
func (c *Content) SpeakersOf(s *Session) []*Speaker {
	var list []*Speaker
	for _, id := range s.Speakers {
		if x := c.Speaker(id); x != nil {
			list = append(list, x)
		}
	}
	return list
}

// Minutes is for how long the programme counts, all sessions together.
func (c *Content) Minutes() int {
	n := 0
	for i := range c.Sessions {
		n += c.Sessions[i].Minutes()
	}
	return n
}

// Told returns the content as it may be told to somebody who is approved, or to anyone else: see Event.Told; speakers
// who are shown only to who is approved are left out, and at a quiet event rooms and all speakers. Materials are all
// there; whoever shows them asks Material.For.
func (c *Content) Told(approved bool) *Content {
	if approved {
		return c
	}
	t := *c
	t.Event = c.Event.Told(false)
	t.Speakers = nil
	for _, x := range c.Speakers {
		if x.Shown == ToAll && !c.Event.Quiet {
			t.Speakers = append(t.Speakers, x)
		}
	}
	if c.Event.Quiet {
		t.Rooms = nil
	}
	return &t
}

// Piece is one text of an event: Of which thing (event, session, room, track, speaker) with that row it is which Field.
type Piece struct {
	Of    string
	ID    int64
	Field string
	Text  locale.Text
	Long  bool // Markdown of several lines, not one line
}

// Pieces returns the texts of an event that its pages tell in several languages, those that are empty left out. What
// a material is called stands in the language of the material and is none of them.
func (c *Content) Pieces() []Piece {
	e := c.Event
	list := []Piece{
		{"event", e.ID, "title", e.Title, false}, {"event", e.ID, "description", e.Description, true}, {"event", e.ID, "audience", e.Audience, true},
		{"event", e.ID, "costs", e.Costs, false}, {"event", e.ID, "directions", e.Directions, true}, {"event", e.ID, "accessibility", e.Accessibility, true},
		{"event", e.ID, "cancel_reason", e.CancelReason, true},
	}
	for _, x := range c.Sessions {
		list = append(list, Piece{"session", x.ID, "title", x.Title, false}, Piece{"session", x.ID, "description", x.Description, true})
	}
	for _, x := range c.Rooms {
		list = append(list, Piece{"room", x.ID, "name", x.Name, false}, Piece{"room", x.ID, "accessibility", x.Accessibility, true}, Piece{"room", x.ID, "directions", x.Directions, true})
	}
	for _, x := range c.Tracks {
		list = append(list, Piece{"track", x.ID, "name", x.Name, false})
	}
	for _, x := range c.Speakers {
		list = append(list, Piece{"speaker", x.ID, "role", x.Role, false}, Piece{"speaker", x.ID, "bio", x.Bio, true})
	}
	return slices.DeleteFunc(list, func(x Piece) bool { return x.Text.IsZero() })
}

// Lacks returns the texts that there are, but not in language c.
func (c *Content) Lacks(code locale.Code) []Piece {
	return slices.DeleteFunc(c.Pieces(), func(x Piece) bool { return x.Text.By[code] != "" })
}

// Tongue is the language in which all of the event is told to a reader of code, so that no page is a mixture: the
// reader's if every text is there in it, else English if every text is there in English, else the language in which the
// event was written.
func (c *Content) Tongue(code locale.Code) locale.Code {
	for _, x := range []locale.Code{code, locale.English} {
		if len(c.Lacks(x)) == 0 {
			return x
		}
	}
	return c.Event.Original()
}

// Original is the language in which the event was written.
func (e *Event) Original() locale.Code {
	if e.Title.By[e.Title.Original] != "" {
		return e.Title.Original
	}
	_, in := e.Title.In(locale.English)
	return in
}
