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
)

// Part says which part of a day an attendance unit is.
type Part string

// The parts of a day.
const (
	Morning     Part = "morning"
	Afternoon   Part = "afternoon"
	FullDay     Part = "day"
	SessionPart Part = "session"
)

// AttendanceUnit is one thing to be present at. Position counts from 1 in the order of time.
type AttendanceUnit struct {
	bun.BaseModel `bun:"table:attendance_units"`

	ID                 int64 `bun:",pk,autoincrement"`
	EventID            int64
	Position           int
	Day                db.Day
	Part               Part
	StartsAt           db.Time
	EndsAt             db.Time
	HalfDays           int   // how many half-days being here counts as
	ProgrammeSessionID int64 `bun:",nullzero"`
}

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

// Session is one item of an event's programme.
type Session struct {
	bun.BaseModel `bun:"table:programme_sessions"`

	ID       int64 `bun:",pk,autoincrement"`
	EventID  int64
	Position int
	Day      db.Day
	StartsAt db.Time
	EndsAt   db.Time
	Kind     SessionKind
	Title    locale.Text
	Room     string
	Counts   bool // towards attendance, where the unit is the session
}

// Units returns the attendance units of an event in the order of time.
func Units(ctx context.Context, q bun.IDB, eventID int64) ([]AttendanceUnit, error) {
	var list []AttendanceUnit
	if err := q.NewSelect().Model(&list).Where("event_id = ?", eventID).Order("position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("attendance units of event %d: %w", eventID, err)
	}
	return list, nil
}

// Programme returns the sessions of an event in the order of time.
func Programme(ctx context.Context, q bun.IDB, eventID int64) ([]Session, error) {
	var list []Session
	if err := q.NewSelect().Model(&list).Where("event_id = ?", eventID).Order("position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("programme of event %d: %w", eventID, err)
	}
	return list, nil
}

// units computes the units of an event that counts half-days or days: 09:00 to 12:30 and 13:30 to 17:00.
func units(e *Event) []AttendanceUnit {
	var list []AttendanceUnit
	zone := e.Location()
	add := func(day db.Day, part Part, halfDays, h1, m1, h2, m2 int) {
		list = append(list, AttendanceUnit{
			EventID: e.ID, Position: len(list) + 1, Day: day, Part: part, HalfDays: halfDays,
			StartsAt: db.At(day.In(zone, h1, m1)), EndsAt: db.At(day.In(zone, h2, m2)),
		})
	}
	for i := range e.Days {
		day := e.StartsOn.Plus(i)
		if e.Unit == WholeDay {
			add(day, FullDay, 2, 9, 0, 17, 0)
			continue
		}
		add(day, Morning, 1, 9, 0, 12, 30)
		add(day, Afternoon, 1, 13, 30, 17, 0)
	}
	return list
}

func makeUnits(ctx context.Context, tx *db.Tx, e *Event) error {
	if e.Unit == BySessions {
		return nil // they come with the programme
	}
	list := units(e)
	_, err := tx.NewInsert().Model(&list).Exec(ctx)
	return err
}

func remakeUnits(ctx context.Context, tx *db.Tx, e *Event) error {
	if err := clearUnits(ctx, tx, e); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Table("programme_sessions").Where("event_id = ? AND (day < ? OR day > ?)", e.ID, e.StartsOn, e.EndsOn()).Exec(ctx); err != nil {
		return err
	}
	if e.Unit == BySessions {
		sessions, err := Programme(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		return unitsOf(ctx, tx, e, sessions)
	}
	return makeUnits(ctx, tx, e)
}

// SetProgramme replaces the programme of an event. Sessions must lie within the event's days and are kept in the
// order of time. Where presence is counted by session, the units follow, unless somebody was present already.
func (d *Desk) SetProgramme(ctx context.Context, actor account.Actor, code string, sessions []Session) error {
	_, err := d.change(ctx, actor, code, "set_programme", func(ctx context.Context, tx *db.Tx, e *Event) error {
		if err := place(e, sessions); err != nil {
			return err
		}
		if e.Unit == BySessions {
			if err := clearUnits(ctx, tx, e); err != nil {
				return err
			}
		}
		if _, err := tx.NewDelete().Table("programme_sessions").Where("event_id = ?", e.ID).Exec(ctx); err != nil {
			return err
		}
		if len(sessions) == 0 {
			return nil
		}
		if _, err := tx.NewInsert().Model(&sessions).Exec(ctx); err != nil {
			return err
		}
		if e.Unit != BySessions {
			return nil
		}
		return unitsOf(ctx, tx, e, sessions)
	})
	return err
}

func clearUnits(ctx context.Context, tx *db.Tx, e *Event) error {
	n, err := tx.NewSelect().Table("claims").Where("unit_id IN (SELECT id FROM attendance_units WHERE event_id = ?)", e.ID).Count(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "event.attendance_recorded")
	}
	_, err = tx.NewDelete().Table("attendance_units").Where("event_id = ?", e.ID).Exec(ctx)
	return err
}

func unitsOf(ctx context.Context, tx *db.Tx, e *Event, sessions []Session) error {
	var list []AttendanceUnit
	for _, s := range sessions {
		if !s.Counts {
			continue
		}
		list = append(list, AttendanceUnit{
			EventID: e.ID, Position: len(list) + 1, Day: s.Day, Part: SessionPart, StartsAt: s.StartsAt, EndsAt: s.EndsAt, ProgrammeSessionID: s.ID,
		})
	}
	if len(list) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&list).Exec(ctx)
	return err
}

// place puts sessions in the order of time and refuses those that lie outside the event or end before they begin.
func place(e *Event, sessions []Session) error {
	var form fault.Form
	zone := e.Location()
	for i := range sessions {
		s := &sessions[i]
		field := fmt.Sprintf("session_%d", i+1)
		s.ID, s.EventID = 0, e.ID
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
