package event

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/token"
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

// Minutes is for how long being there counts.
func (s *Session) Minutes() int {
	switch {
	case !s.Counts || s.Kind == Break:
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

// SetProgramme makes sessions the programme of an event whose version the actor has seen; ErrChanged says that somebody
// was quicker. A session with the code of one that is there is that one, changed; one without is new; what is left out
// is removed. Sessions must lie within the event's days and are kept in the order of time. Where presence is counted by
// session, the units follow; ErrAttended if a session would go at which somebody was present. Its Invalid faults name
// the fields session_N_title and so on, N counting from 1 in the order of sessions as given.
func (d *Desk) SetProgramme(ctx context.Context, actor account.Actor, code string, version int, sessions []Session) error {
	_, err := d.change(ctx, actor, code, "set_programme", func(ctx context.Context, tx *db.Tx, e *Event) error {
		if e.Version != version {
			return ErrChanged
		}
		return d.setProgramme(ctx, tx, e, sessions)
	})
	return err
}

func (d *Desk) setProgramme(ctx context.Context, tx *db.Tx, e *Event, sessions []Session) error {
	sessions = slices.Clone(sessions)
	if err := place(e, sessions); err != nil {
		return err
	}
	if err := known(ctx, tx, e, sessions); err != nil {
		return err
	}
	have, err := Programme(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	now := db.At(d.Clock())
	gone, err := match(have, sessions, now)
	if err != nil {
		return err
	}
	if _, err := tx.NewUpdate().Table("programme_sessions").Set("position = -id").Where("event_id = ?", e.ID).Exec(ctx); err != nil {
		return err
	}
	for i := range sessions {
		if err := storeSession(ctx, tx, &sessions[i]); err != nil {
			return err
		}
	}
	if e.Unit == BySessions {
		if err := setUnits(ctx, tx, e, sessions); err != nil {
			return err
		}
	}
	return removeSessions(ctx, tx, e, gone, now)
}

// match gives sessions the rows of those that they are and returns the rows that none of them is any more.
func match(have, sessions []Session, now db.Time) (gone []int64, err error) {
	byCode := map[string]*Session{}
	for i := range have {
		byCode[have[i].Code] = &have[i]
	}
	for i := range sessions {
		s := &sessions[i]
		was := byCode[s.Code]
		if s.Code == "" || was == nil {
			s.ID, s.Code, s.Sequence, s.UpdatedAt = 0, token.Code(), 0, now
			continue
		}
		delete(byCode, s.Code)
		s.ID, s.Sequence, s.UpdatedAt = was.ID, was.Sequence, was.UpdatedAt
		if digest(s.told()) != digest(was.told()) {
			s.Sequence, s.UpdatedAt = s.Sequence+1, now
		}
	}
	for _, x := range byCode {
		gone = append(gone, x.ID)
	}
	slices.Sort(gone)
	return gone, nil
}

// told is what calendars tell of a session.
func (s *Session) told() any {
	return []any{s.StartsAt.UnixMilli(), s.EndsAt.UnixMilli(), s.Kind, s.Title, s.Description, s.RoomID, s.TrackID, s.Speakers}
}

func storeSession(ctx context.Context, tx *db.Tx, s *Session) error {
	if s.ID == 0 {
		if _, err := tx.NewInsert().Model(s).Exec(ctx); err != nil {
			return err
		}
	} else {
		if _, err := tx.NewUpdate().Model(s).WherePK().Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Table("session_speakers").Where("session_id = ?", s.ID).Exec(ctx); err != nil {
			return err
		}
	}
	if len(s.Speakers) == 0 {
		return nil
	}
	seats := make([]sessionSpeaker, len(s.Speakers))
	for i, id := range s.Speakers {
		seats[i] = sessionSpeaker{SessionID: s.ID, SpeakerID: id, Position: i + 1}
	}
	_, err := tx.NewInsert().Model(&seats).Exec(ctx)
	return err
}

// removeSessions takes sessions out of the programme. Where the event was shown to anybody they are kept, so that
// calendars can be told.
func removeSessions(ctx context.Context, tx *db.Tx, e *Event, gone []int64, now db.Time) error {
	if len(gone) == 0 {
		return nil
	}
	if e.State == Draft {
		_, err := tx.NewDelete().Table("programme_sessions").Where("id IN (?)", bun.List(gone)).Exec(ctx)
		return err
	}
	if _, err := tx.NewDelete().Table("session_speakers").Where("session_id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Table("programme_sessions").Set("removed_at = ?", now).Set("updated_at = ?", now).Set("sequence = sequence + 1").
		Set("room_id = NULL").Set("track_id = NULL").Where("id IN (?)", bun.List(gone)).Exec(ctx)
	return err
}

// known refuses rooms, tracks and speakers that aren't this event's.
func known(ctx context.Context, tx *db.Tx, e *Event, sessions []Session) error {
	c := Content{Event: e}
	if err := c.readParts(ctx, tx); err != nil {
		return err
	}
	var form fault.Form
	for i, s := range sessions {
		field := fmt.Sprintf("session_%d", i+1)
		if s.RoomID != 0 && c.Room(s.RoomID) == nil {
			form.Add(field+"_room", "form.choose")
		}
		if s.TrackID != 0 && c.Track(s.TrackID) == nil {
			form.Add(field+"_track", "form.choose")
		}
		for _, id := range s.Speakers {
			if c.Speaker(id) == nil {
				form.Add(field+"_speakers", "form.choose")
			}
		}
	}
	return form.Err()
}

// place puts sessions in the order of time and refuses those that lie outside the event or end before they begin.
func place(e *Event, sessions []Session) error {
	var form fault.Form
	zone := e.Location()
	for i := range sessions {
		s := &sessions[i]
		field := fmt.Sprintf("session_%d", i+1)
		s.EventID, s.RemovedAt = e.ID, db.Time{}
		s.Day = db.NewDay(s.StartsAt.In(zone))
		if s.Title.IsZero() {
			form.Add(field+"_title", "form.required")
		}
		if !s.EndsAt.After(s.StartsAt.Time) {
			form.Add(field+"_ends", "form.end_before_start")
		}
		if s.Day.Before(e.StartsOn.Time) || s.Day.After(e.EndsOn().Time) || s.EndsAt.After(e.Ends().Add(6*time.Hour)) {
			form.Add(field+"_starts", "event.outside_days")
		}
	}
	if err := form.Err(); err != nil {
		return err
	}
	slices.SortStableFunc(sessions, func(a, b Session) int { return a.StartsAt.Compare(b.StartsAt.Time) })
	for i := range sessions {
		sessions[i].Position = i + 1
	}
	return nil
}

// shift moves sessions with the event's first day, each staying at its hour, and refuses a length or a zone in which
// some would lie outside.
func (d *Desk) shift(ctx context.Context, tx *db.Tx, was, e *Event) error {
	sessions, err := Programme(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	days := int(e.StartsOn.Sub(was.StartsOn.Time).Hours()+0.5) / 24
	if e.StartsOn.Before(was.StartsOn.Time) {
		days = -int(was.StartsOn.Sub(e.StartsOn.Time).Hours()+0.5) / 24
	}
	outside := 0
	for i := range sessions {
		s := &sessions[i]
		s.StartsAt, s.EndsAt = moved(was, e, s.StartsAt, days), moved(was, e, s.EndsAt, days)
		if day := db.NewDay(s.StartsAt.In(e.Location())); day.After(e.EndsOn().Time) {
			outside++
		}
	}
	if outside > 0 {
		var form fault.Form
		form.Add("days", "event.sessions_outside", "N", outside)
		return form.Err()
	}
	if err := d.setProgramme(ctx, tx, e, sessions); err != nil || e.Unit == BySessions {
		return err
	}
	return setUnits(ctx, tx, e, nil)
}

// moved is the instant that many days later at which the clocks of the event as it is show what those of the event as
// it was showed.
func moved(was, e *Event, t db.Time, days int) db.Time {
	x := t.In(was.Location()).AddDate(0, 0, days)
	return db.At(time.Date(x.Year(), x.Month(), x.Day(), x.Hour(), x.Minute(), x.Second(), x.Nanosecond(), e.Location()))
}
