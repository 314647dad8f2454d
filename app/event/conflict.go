package event

import (
	"cmp"
	"slices"
	"time"
)

// ConflictKind says what doesn't go together in a programme.
type ConflictKind string

// The kinds of conflict.
const (
	OutsideDays  ConflictKind = "outside_days"  // a session lies outside the event's days
	RoomTwice    ConflictKind = "room_twice"    // two sessions at once in one room
	SpeakerTwice ConflictKind = "speaker_twice" // one person in two sessions at once
	TrackTwice   ConflictKind = "track_twice"   // two sessions of one track at once
	RoomSmall    ConflictKind = "room_small"    // all are expected in a room that has fewer seats than the event; a hint
)

var conflictKinds = []ConflictKind{OutsideDays, RoomTwice, SpeakerTwice, TrackTwice, RoomSmall}

// Conflict is something in a programme that doesn't go together.
type Conflict struct {
	Kind     ConflictKind
	Sessions []int     // places in Content.Sessions
	Of       int64     // row of the room, the speaker, the track
	From, To time.Time // when it happens
}

// Prevents reports whether a programme with the conflict can't be kept.
func (x *Conflict) Prevents() bool { return x.Kind == OutsideDays }

// Conflicts returns what doesn't go together in the programme of an event, in the order of time. A session whose times
// aren't known yet, or that ends before it begins, is left alone.
func Conflicts(c *Content) []Conflict {
	var order []int
	var list []Conflict
	for i := range c.Sessions {
		s := &c.Sessions[i]
		if s.StartsAt.IsZero() || !s.EndsAt.After(s.StartsAt.Time) {
			continue
		}
		order = append(order, i)
		if c.Event.outside(s) {
			list = append(list, Conflict{OutsideDays, []int{i}, 0, s.StartsAt.Time, s.EndsAt.Time})
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return c.Sessions[a].StartsAt.Compare(c.Sessions[b].StartsAt.Time) })
	for n, i := range order {
		for _, j := range order[n+1:] {
			if !c.Sessions[j].StartsAt.Before(c.Sessions[i].EndsAt.Time) {
				break // so do all that begin later
			}
			list = append(list, c.together(i, j)...)
		}
	}
	list = append(list, c.smallRooms(order)...)
	slices.SortStableFunc(list, func(a, b Conflict) int {
		return cmp.Or(a.From.Compare(b.From), slices.Index(conflictKinds, a.Kind)-slices.Index(conflictKinds, b.Kind))
	})
	return list
}

// together returns what two sessions that overlap can't both have.
func (c *Content) together(i, j int) []Conflict {
	a, b := &c.Sessions[i], &c.Sessions[j]
	from, to := b.StartsAt.Time, a.EndsAt.Time
	if b.EndsAt.Before(to) {
		to = b.EndsAt.Time
	}
	var list []Conflict
	add := func(kind ConflictKind, of int64) { list = append(list, Conflict{kind, []int{i, j}, of, from, to}) }
	if a.RoomID != 0 && a.RoomID == b.RoomID {
		add(RoomTwice, a.RoomID)
	}
	for _, id := range a.Speakers {
		if slices.Contains(b.Speakers, id) {
			add(SpeakerTwice, id)
		}
	}
	if a.TrackID != 0 && a.TrackID == b.TrackID {
		add(TrackTwice, a.TrackID)
	}
	return list
}

// smallRooms returns for each room in which all are expected whether it has too few seats.
func (c *Content) smallRooms(order []int) []Conflict {
	var list []Conflict
	for _, x := range c.Rooms {
		if x.Seats == 0 || x.Seats >= c.Event.Seats {
			continue
		}
		var in []int
		for _, i := range order {
			if s := &c.Sessions[i]; s.RoomID == x.ID && s.Kind == Plenary && s.TrackID == 0 {
				in = append(in, i)
			}
		}
		if len(in) > 0 {
			s := &c.Sessions[in[0]]
			list = append(list, Conflict{RoomSmall, in, x.ID, s.StartsAt.Time, s.EndsAt.Time})
		}
	}
	return list
}
