package event

import (
	"context"
	"fmt"
	"slices"
	"sort"

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

// Minutes is for how long the programme counts for somebody who attends as much of it as one can: of sessions that run
// beside each other one.
func (c *Content) Minutes() int {
	byEnd := slices.Clone(c.Sessions)
	slices.SortStableFunc(byEnd, func(a, b Session) int { return a.EndsAt.Compare(b.EndsAt.Time) })
	most := make([]int, len(byEnd)+1) // of the first i sessions
	for i := range byEnd {
		s := &byEnd[i]
		before := sort.Search(i, func(j int) bool { return byEnd[j].EndsAt.After(s.StartsAt.Time) })
		most[i+1] = max(most[i], most[before]+s.Minutes())
	}
	return most[len(byEnd)]
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
	Thing locale.Text // what the thing is called: the title of the session, the name of the speaker; empty for the event
	Text  locale.Text
	Long  bool // Markdown of several lines, not one line
}

// Key names the piece among those of its event, and stays the same as long as the thing does.
func (x *Piece) Key() string { return fmt.Sprintf("%s-%d-%s", x.Of, x.ID, x.Field) }

// Most is how many characters a translation of the piece may have.
func (x *Piece) Most() int {
	switch {
	case x.Field == "cancel_reason":
		return maxReason
	case x.Of == "event" && x.Long:
		return MaxText
	case x.Long:
		return mostLong
	}
	return MaxTitle
}

// WrittenIn is the language in which the piece was written first; what is in another is a translation of it.
func (x *Piece) WrittenIn() locale.Code {
	_, in := x.Text.In(x.Text.Original)
	if x.Text.By[x.Text.Original] != "" {
		in = x.Text.Original
	}
	return in
}

// Pieces returns the texts of an event that its pages tell in several languages, those that are empty left out. What
// a material is called stands in the language of the material and is none of them.
func (c *Content) Pieces() []Piece {
	var list []Piece
	c.texts(func(x Piece, t *locale.Text) {
		if !t.IsZero() {
			x.Text = *t
			list = append(list, x)
		}
	})
	return list
}

// texts calls f with each text that there can be, also with those that are empty.
func (c *Content) texts(f func(x Piece, t *locale.Text)) {
	e := c.Event
	line := func(of string, id int64, thing locale.Text, field string, t *locale.Text) {
		f(Piece{Of: of, ID: id, Field: field, Thing: thing}, t)
	}
	long := func(of string, id int64, thing locale.Text, field string, t *locale.Text) {
		f(Piece{Of: of, ID: id, Field: field, Thing: thing, Long: true}, t)
	}
	none := locale.Text{}
	line("event", e.ID, none, "title", &e.Title)
	long("event", e.ID, none, "description", &e.Description)
	long("event", e.ID, none, "audience", &e.Audience)
	line("event", e.ID, none, "costs", &e.Costs)
	long("event", e.ID, none, "directions", &e.Directions)
	long("event", e.ID, none, "accessibility", &e.Accessibility)
	long("event", e.ID, none, "cancel_reason", &e.CancelReason)
	for i := range c.Sessions {
		x := &c.Sessions[i]
		line("session", x.ID, x.Title, "title", &x.Title)
		long("session", x.ID, x.Title, "description", &x.Description)
	}
	for i := range c.Rooms {
		x := &c.Rooms[i]
		line("room", x.ID, x.Name, "name", &x.Name)
		long("room", x.ID, x.Name, "accessibility", &x.Accessibility)
		long("room", x.ID, x.Name, "directions", &x.Directions)
	}
	for i := range c.Tracks {
		x := &c.Tracks[i]
		line("track", x.ID, x.Name, "name", &x.Name)
	}
	for i := range c.Speakers {
		x := &c.Speakers[i]
		name := locale.NewText("", x.Name)
		line("speaker", x.ID, name, "role", &x.Role)
		long("speaker", x.ID, name, "bio", &x.Bio)
	}
}

// Lacks returns the texts that there are, but not in language c.
func (c *Content) Lacks(code locale.Code) []Piece {
	return slices.DeleteFunc(c.Pieces(), func(x Piece) bool { return x.Text.By[code] != "" })
}

// Tongue is the language in which all of the event is told to a reader of code, so that no page is a mixture: the
// reader's if every text is there in it, else English if every text is there in English, else the language in which the
// event was written. Where not even that has every text, a working language that has is told instead; where none has,
// it is the language of the original, and what isn't there stands as it was written.
func (c *Content) Tongue(code locale.Code) locale.Code {
	original := c.Event.Original()
	lacking := map[locale.Code]bool{}
	c.texts(func(_ Piece, t *locale.Text) {
		if t.IsZero() {
			return
		}
		for _, x := range slices.Concat([]locale.Code{code, locale.English, original}, c.Event.Languages.V) {
			lacking[x] = lacking[x] || t.By[x] == ""
		}
	})
	for _, x := range slices.Concat([]locale.Code{code, locale.English, original}, c.Event.Languages.V) {
		if x != "" && !lacking[x] {
			return x
		}
	}
	return original
}

// Original is the language in which the event was written.
func (e *Event) Original() locale.Code {
	if e.Title.By[e.Title.Original] != "" {
		return e.Title.Original
	}
	_, in := e.Title.In(locale.English)
	return in
}
