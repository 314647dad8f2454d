package event

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// SessionKind is the sort of an item of the programme.
type SessionKind string

// The kinds of session.
const (
	Plenary    SessionKind = "plenary"
	Panel      SessionKind = "panel"
	GroupWork  SessionKind = "group_work"
	Simulation SessionKind = "simulation"
	Break      SessionKind = "break"
	Social     SessionKind = "social"
)

// SessionKinds are all kinds, in the order in which forms offer them.
var SessionKinds = []SessionKind{Plenary, Panel, GroupWork, Simulation, Break, Social}

// Session is one item of an event's programme. Its Code stays the same as long as it is in the programme, whatever is
// changed, and so does its row: calendars know it by its code, attendance by its row.
type Session struct {
	bun.BaseModel `bun:"table:programme_sessions"`

	ID             int64 `bun:",pk,autoincrement"`
	EventID        int64
	Code           string
	Position       int // in the order of time from 1; below 0 once it was removed
	Day            db.Day
	StartsAt       db.Time
	EndsAt         db.Time
	Kind           SessionKind
	Title          locale.Text
	Description    locale.Text            // Markdown
	RoomID         int64                  `bun:",nullzero"`
	TrackID        int64                  `bun:",nullzero"`
	Counts         bool                   // towards attendance, where the unit is the session, and towards the hours
	CountedMinutes int                    `bun:",nullzero"` // how much it counts for; 0: for as long as it lasts
	Interpretation db.JSON[[]locale.Code] // languages into which it is interpreted
	Sequence       int                    // how often what calendars tell of it was changed
	UpdatedAt      db.Time
	RemovedAt      db.Time // from the programme of an event that had been shown; see Removed
	Speakers       []int64 `bun:"-"` // rows of Speaker, in the order in which they are named
}

// Counted reports whether being there counts; a break never does.
func (s *Session) Counted() bool { return s.Counts && s.Kind != Break }

// Minutes is for how long being there counts.
func (s *Session) Minutes() int {
	switch {
	case !s.Counted():
		return 0
	case s.CountedMinutes > 0:
		return s.CountedMinutes
	}
	return int(s.EndsAt.Sub(s.StartsAt.Time) / time.Minute)
}

// Programme returns the sessions of an event in the order of time, with their speakers. It takes two queries.
func Programme(ctx context.Context, q bun.IDB, eventID int64) ([]Session, error) {
	var list []Session
	if err := q.NewSelect().Model(&list).Where("event_id = ? AND removed_at IS NULL", eventID).Order("position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("programme of event %d: %w", eventID, err)
	}
	var seats []sessionSpeaker
	err := q.NewSelect().Model(&seats).Where("session_id IN (SELECT id FROM programme_sessions WHERE event_id = ? AND removed_at IS NULL)", eventID).
		Order("position", "speaker_id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("speakers of event %d: %w", eventID, err)
	}
	by := make(map[int64][]int64, len(list))
	for _, x := range seats {
		by[x.SessionID] = append(by[x.SessionID], x.SpeakerID)
	}
	for i := range list {
		list[i].Speakers = by[list[i].ID]
	}
	return list, nil
}

// Removed returns the sessions that were taken out of a programme after it had been shown, so that calendars which know
// them can be told.
func Removed(ctx context.Context, q bun.IDB, eventID int64) ([]Session, error) {
	var list []Session
	if err := q.NewSelect().Model(&list).Where("event_id = ? AND removed_at IS NOT NULL", eventID).Order("starts_at", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("removed sessions of event %d: %w", eventID, err)
	}
	return list, nil
}

// sessionSpeaker says who speaks in a session.
type sessionSpeaker struct {
	bun.BaseModel `bun:"table:session_speakers"`

	SessionID int64 `bun:",pk"`
	SpeakerID int64 `bun:",pk"`
	Position  int
}

// shift moves sessions with the event's first day, each staying at its hour, and refuses a length or a zone in which
// some would lie outside.
func (d *Desk) shift(ctx context.Context, tx *db.Tx, was, e *Event) error {
	sessions, err := Programme(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	days := int(e.StartsOn.Sub(was.StartsOn.Time) / (24 * time.Hour))
	outside := 0
	for i := range sessions {
		s := &sessions[i]
		s.move(was, e, days)
		if day := db.NewDay(s.StartsAt.In(e.Location())); day.After(e.EndsOn().Time) {
			outside++
		}
	}
	if outside > 0 {
		var form fault.Form
		form.Add("days", "event.sessions_outside", "N", outside)
		return form.Err()
	}
	if err := d.setProgramme(ctx, tx, e, Plan{Sessions: sessions}); err != nil || e.Unit == BySessions {
		return err
	}
	return setUnits(ctx, tx, e, nil)
}

// move sets a session to the hours at which the clocks of the event as it is show, that many days later, what those of
// the event as it was showed. Where the clocks skip its hours it begins after, and lasts as long as it did.
func (s *Session) move(was, e *Event, days int) {
	length := s.EndsAt.Sub(s.StartsAt.Time)
	var there bool
	if s.StartsAt, there = moved(was, e, s.StartsAt, days); there {
		if ends, there := moved(was, e, s.EndsAt, days); there && ends.After(s.StartsAt.Time) {
			s.EndsAt = ends
			return
		}
	}
	s.EndsAt = db.At(s.StartsAt.Add(length))
}

func moved(was, e *Event, t db.Time, days int) (to db.Time, there bool) {
	x := t.In(was.Location())
	at, there := db.NewDay(x).Plus(days).At(e.Location(), x.Hour(), x.Minute())
	return db.At(at), there
}
