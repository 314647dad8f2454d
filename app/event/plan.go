package event

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/token"
)

// MaxSessions is how many sessions a programme has at most.
const MaxSessions = 500

// longest is how long a session lasts at most.
const longest = 24 * time.Hour

// pastMidnight is until when what began on the event's last day may go on after it.
const pastMidnight = 6 * time.Hour

// Plan is a programme as somebody wants it, with rooms, tracks and speakers that aren't there yet. These have IDs below
// 0, by which sessions name them.
type Plan struct {
	Sessions []Session
	Rooms    []Room
	Tracks   []Track
	Speakers []Speaker
}

// SetProgramme makes sessions the programme of an event whose version the actor has seen; ErrChanged says that somebody
// was quicker, unless that is the programme: who sends the same form twice has what it says. A session with the code of one that is there is that one, changed; one without is new; what is left out
// is removed. Sessions must lie within the event's days and are kept in the order of time. Where presence is counted by
// session, the units follow; ErrSessionAttended if a session would go, or no longer count, at which somebody was present.
// Its Invalid faults name the fields session_N_title and so on, N counting from 1 in the order of sessions as given.
func (d *Desk) SetProgramme(ctx context.Context, actor account.Actor, code string, version int, sessions []Session) error {
	return d.SetPlan(ctx, actor, code, version, Plan{Sessions: sessions})
}

// SetPlan is SetProgramme that also makes the rooms, tracks and speakers that the plan brings.
func (d *Desk) SetPlan(ctx context.Context, actor account.Actor, code string, version int, plan Plan) error {
	_, err := d.change(ctx, actor, code, "set_programme", func(ctx context.Context, tx *db.Tx, e *Event) error {
		if e.Version == version {
			return d.setProgramme(ctx, tx, e, plan)
		}
		have, err := Programme(ctx, tx, e.ID)
		switch {
		case err != nil:
			return err
		case plan.Stands(e, have):
			return errStands
		}
		return ErrChanged
	})
	if errors.Is(err, errStands) {
		return nil
	}
	return err
}

// Stands reports whether the programme that an event has is the plan already. New sessions are those of which the same
// is said.
func (p Plan) Stands(e *Event, have []Session) bool {
	sessions := slices.Clone(p.Sessions)
	if len(p.Rooms)+len(p.Tracks)+len(p.Speakers) > 0 || len(sessions) != len(have) || place(e, sessions) != nil {
		return false
	}
	slices.SortStableFunc(sessions, func(a, b Session) int { return a.StartsAt.Compare(b.StartsAt.Time) })
	for i := range sessions {
		s, x := &sessions[i], &have[i]
		s.Title, s.Description = s.Title.After(x.Title), s.Description.After(x.Description)
		if s.Code != "" && s.Code != x.Code || s.Digest() != x.Digest() {
			return false
		}
	}
	return true
}

func (d *Desk) setProgramme(ctx context.Context, tx *db.Tx, e *Event, plan Plan) error {
	plan.Sessions = slices.Clone(plan.Sessions)
	if len(plan.Sessions) > MaxSessions {
		return fault.New(fault.Invalid, "event.too_many_sessions", "Max", MaxSessions)
	}
	if err := place(e, plan.Sessions); err != nil {
		return err
	}
	if err := known(ctx, tx, e, &plan); err != nil {
		return err
	}
	sessions := plan.Sessions
	slices.SortStableFunc(sessions, func(a, b Session) int { return a.StartsAt.Compare(b.StartsAt.Time) })
	for i := range sessions {
		sessions[i].Position = i + 1
	}
	have, err := Programme(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	now := db.At(d.Clock())
	changed, gone := match(have, sessions, now)
	if err := storeSessions(ctx, tx, e, changed, gone); err != nil {
		return err
	}
	if e.Unit == BySessions {
		if err := setUnits(ctx, tx, e, sessions); err != nil {
			return err
		}
	}
	return removeSessions(ctx, tx, e, gone, now)
}

// match gives sessions the rows of those that they are. It returns those that have to be written, and the rows that
// none of them is any more.
func match(have, sessions []Session, now db.Time) (changed []*Session, gone []int64) {
	byCode := map[string]*Session{}
	for i := range have {
		byCode[have[i].Code] = &have[i]
	}
	for i := range sessions {
		s := &sessions[i]
		was := byCode[s.Code]
		if s.Code == "" || was == nil {
			s.ID, s.Code, s.Sequence, s.UpdatedAt = 0, token.Code(), 0, now
			changed = append(changed, s)
			continue
		}
		delete(byCode, s.Code)
		s.ID, s.Sequence, s.UpdatedAt = was.ID, was.Sequence, was.UpdatedAt
		s.Title, s.Description = s.Title.After(was.Title), s.Description.After(was.Description)
		if digest(s.told()) != digest(was.told()) {
			s.Sequence, s.UpdatedAt = s.Sequence+1, now
		}
		if s.Position != was.Position || s.Digest() != was.Digest() {
			changed = append(changed, s)
		}
	}
	for _, x := range byCode {
		gone = append(gone, x.ID)
	}
	slices.Sort(gone)
	return changed, gone
}

// told is what calendars tell of a session.
func (s *Session) told() any {
	return []any{s.StartsAt.UnixMilli(), s.EndsAt.UnixMilli(), s.Kind, s.Title.Plain(), s.Description.Plain(), s.RoomID, s.TrackID, listed64(s.Speakers)}
}

// Digest is another one after each change of the session.
func (s *Session) Digest() string {
	return digest([]any{s.told(), s.Title, s.Description, s.Counts, s.CountedMinutes, append([]locale.Code{}, s.Interpretation.V...)})
}

func listed64(list []int64) []int64 { return append([]int64{}, list...) }

// storeSessions writes new sessions and those that have changed, in a handful of statements however many there are.
// What gets another place, or goes, first gets out of the way, because places are unique.
func storeSessions(ctx context.Context, tx *db.Tx, e *Event, changed []*Session, gone []int64) error {
	var fresh, old []Session
	away, seated := slices.Clone(gone), []int64{}
	for _, s := range changed {
		if s.ID == 0 {
			fresh = append(fresh, *s)
			continue
		}
		old = append(old, *s)
		away, seated = append(away, s.ID), append(seated, s.ID)
	}
	if len(away) > 0 {
		if _, err := tx.NewUpdate().Table("programme_sessions").Set("position = -id").Where("id IN (?)", bun.List(away)).Exec(ctx); err != nil {
			return err
		}
	}
	if err := overwrite(ctx, tx, old, "position", "day", "starts_at", "ends_at", "kind", "title", "description", "room_id", "track_id", "counts",
		"counted_minutes", "interpretation", "sequence", "updated_at"); err != nil {
		return err
	}
	if len(fresh) > 0 {
		if _, err := tx.NewInsert().Model(&fresh).Returning("NULL").Exec(ctx); err != nil {
			return err
		}
		if err := rowsOf(ctx, tx, e, changed); err != nil {
			return err
		}
	}
	return seat(ctx, tx, changed, seated)
}

// overwrite puts rows that there are in place of what they were, column by column.
func overwrite[T any](ctx context.Context, tx *db.Tx, rows []T, columns ...string) error {
	for chunk := range slices.Chunk(rows, 100) {
		q := tx.NewInsert().Model(&chunk).On("CONFLICT (id) DO UPDATE").Returning("NULL")
		for _, c := range columns {
			q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
		}
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf tells sessions that have just been written their rows.
func rowsOf(ctx context.Context, tx *db.Tx, e *Event, sessions []*Session) error {
	var rows []Session
	if err := tx.NewSelect().Model(&rows).Column("id", "code").Where("event_id = ? AND removed_at IS NULL", e.ID).Scan(ctx); err != nil {
		return err
	}
	by := make(map[string]int64, len(rows))
	for _, x := range rows {
		by[x.Code] = x.ID
	}
	for _, s := range sessions {
		s.ID = by[s.Code]
	}
	return nil
}

// seat writes who speaks in sessions; those with rows in again had speakers before.
func seat(ctx context.Context, tx *db.Tx, sessions []*Session, again []int64) error {
	if len(again) > 0 {
		if _, err := tx.NewDelete().Table("session_speakers").Where("session_id IN (?)", bun.List(again)).Exec(ctx); err != nil {
			return err
		}
	}
	var seats []sessionSpeaker
	for _, s := range sessions {
		for i, id := range s.Speakers {
			seats = append(seats, sessionSpeaker{SessionID: s.ID, SpeakerID: id, Position: i + 1})
		}
	}
	if len(seats) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&seats).Exec(ctx)
	return err
}

// removeSessions takes sessions out of the programme. Where the event was shown to anybody they are kept, so that
// calendars can be told; their materials become the event's.
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
	if _, err := tx.NewUpdate().Table("materials").Set("session_id = NULL").Where("session_id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Table("programme_sessions").Set("removed_at = ?", now).Set("updated_at = ?", now).Set("sequence = sequence + 1").
		Set("room_id = NULL").Set("track_id = NULL").Where("id IN (?)", bun.List(gone)).Exec(ctx)
	return err
}

// known makes what the plan brings, gives sessions its rows, and refuses rooms, tracks and speakers that aren't this
// event's.
func known(ctx context.Context, tx *db.Tx, e *Event, plan *Plan) error {
	c := Content{Event: e}
	if err := c.readParts(ctx, tx); err != nil {
		return err
	}
	rooms, err := addRooms(ctx, tx, &c, plan.Rooms)
	if err != nil {
		return err
	}
	tracks, err := addTracks(ctx, tx, &c, plan.Tracks)
	if err != nil {
		return err
	}
	speakers, err := addSpeakers(ctx, tx, &c, plan.Speakers)
	if err != nil {
		return err
	}
	var form fault.Form
	for i := range plan.Sessions {
		s, field := &plan.Sessions[i], fieldOf(i)
		s.RoomID, s.TrackID = row(rooms, s.RoomID), row(tracks, s.TrackID)
		if s.RoomID != 0 && c.Room(s.RoomID) == nil {
			form.Add(field+"_room", "form.choose")
		}
		if s.TrackID != 0 && c.Track(s.TrackID) == nil {
			form.Add(field+"_track", "form.choose")
		}
		var list []int64
		for _, id := range s.Speakers {
			if id = row(speakers, id); c.Speaker(id) == nil {
				form.Add(field+"_speakers", "form.choose")
			}
			if !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
		s.Speakers = list
	}
	return form.Err()
}

// row is the row that a plan's own number has become.
func row(made map[int64]int64, id int64) int64 {
	if to, ok := made[id]; ok {
		return to
	}
	return id
}

func addRooms(ctx context.Context, tx *db.Tx, c *Content, list []Room) (map[int64]int64, error) {
	made := map[int64]int64{}
	for _, x := range list {
		number := x.ID
		x.ID, x.EventID, x.Position = 0, c.Event.ID, 1
		if n := len(c.Rooms); n > 0 {
			x.Position = c.Rooms[n-1].Position + 1
		}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return nil, fmt.Errorf("add a room: %w", err)
		}
		c.Rooms, made[number] = append(c.Rooms, x), x.ID
	}
	return made, nil
}

func addTracks(ctx context.Context, tx *db.Tx, c *Content, list []Track) (map[int64]int64, error) {
	made := map[int64]int64{}
	for _, x := range list {
		number := x.ID
		x.ID, x.EventID, x.Position = 0, c.Event.ID, 1
		if n := len(c.Tracks); n > 0 {
			x.Position = c.Tracks[n-1].Position + 1
		}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return nil, fmt.Errorf("add a track: %w", err)
		}
		c.Tracks, made[number] = append(c.Tracks, x), x.ID
	}
	return made, nil
}

// addSpeakers makes people of whom so far only the name is known.
func addSpeakers(ctx context.Context, tx *db.Tx, c *Content, list []Speaker) (map[int64]int64, error) {
	made := map[int64]int64{}
	for _, x := range list {
		number := x.ID
		x.ID, x.EventID, x.Position, x.Code = 0, c.Event.ID, 1, speakerCode(x.Name, c.Speakers)
		if n := len(c.Speakers); n > 0 {
			x.Position = c.Speakers[n-1].Position + 1
		}
		if x.Kind == "" {
			x.Kind = Trainer
		}
		if x.Shown == "" {
			x.Shown = ToAll
		}
		if _, err := tx.NewInsert().Model(&x).Exec(ctx); err != nil {
			return nil, fmt.Errorf("add a speaker: %w", err)
		}
		c.Speakers, made[number] = append(c.Speakers, x), x.ID
	}
	return made, nil
}

func fieldOf(i int) string { return fmt.Sprintf("session_%d", i+1) }

// place completes sessions and refuses those that lie outside the event, end before they begin or say too much.
// Languages into which the event isn't interpreted are left out.
func place(e *Event, sessions []Session) error {
	var form fault.Form
	zone := e.Location()
	for i := range sessions {
		s, field := &sessions[i], fieldOf(i)
		s.EventID, s.RemovedAt = e.ID, db.Time{}
		s.Day = db.NewDay(s.StartsAt.In(zone))
		if s.Description.IsZero() {
			s.Description = locale.Text{}
		}
		s.Interpretation.V = slices.DeleteFunc(append([]locale.Code{}, s.Interpretation.V...), func(x locale.Code) bool { return !slices.Contains(e.Interpretation.V, x) })
		s.checkWords(&form, field)
		switch length := s.EndsAt.Sub(s.StartsAt.Time); {
		case length <= 0:
			form.Add(field+"_ends", "form.end_before_start")
		case length > longest:
			form.Add(field+"_ends", "event.session_too_long")
		}
		if e.outside(s) {
			form.Add(field+"_starts", "event.outside_days")
		}
	}
	return form.Err()
}

func (s *Session) checkWords(form *fault.Form, field string) {
	if !slices.Contains(SessionKinds, s.Kind) {
		form.Add(field+"_kind", "form.choose")
	}
	if s.Title.IsZero() {
		form.Add(field+"_title", "form.required")
	}
	checkLength(form, field+"_title_", s.Title, 300)
	checkLength(form, field+"_description_", s.Description, 10_000)
	if s.CountedMinutes < 0 || s.CountedMinutes > int(longest/time.Minute) {
		form.Add(field+"_minutes", "form.between", "Min", 0, "Max", int(longest/time.Minute))
	}
}

func checkLength(form *fault.Form, field string, t locale.Text, most int) {
	for _, code := range slices.Sorted(maps.Keys(t.By)) {
		if utf8.RuneCountInString(t.By[code]) > most {
			form.Add(field+string(code), "form.too_long", "Max", most)
		}
	}
}

// outside reports whether a session lies outside the event's days. What begins on one of them may end in the night
// after.
func (e *Event) outside(s *Session) bool {
	day := db.NewDay(s.StartsAt.In(e.Location()))
	return day.Before(e.StartsOn.Time) || day.After(e.EndsOn().Time) || s.EndsAt.After(e.Ends().Add(pastMidnight))
}
