package event

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/fault"
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

// The refusals of what would take away something that somebody was present at.
var (
	ErrAttended        = fault.New(fault.Conflict, "event.attendance_recorded")
	ErrSessionAttended = fault.New(fault.Conflict, "event.session_attended") // a session
)

// Units returns the attendance units of an event in the order of time.
func Units(ctx context.Context, q bun.IDB, eventID int64) ([]AttendanceUnit, error) {
	var list []AttendanceUnit
	if err := q.NewSelect().Model(&list).Where("event_id = ?", eventID).Order("position").Scan(ctx); err != nil {
		return nil, fmt.Errorf("attendance units of event %d: %w", eventID, err)
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

// unitsOf computes the units of an event that counts by session, from sessions in the order of time.
func unitsOf(e *Event, sessions []Session) []AttendanceUnit {
	var list []AttendanceUnit
	for i := range sessions {
		if s := &sessions[i]; s.Counted() {
			list = append(list, AttendanceUnit{
				EventID: e.ID, Position: len(list) + 1, Day: s.Day, Part: SessionPart, StartsAt: s.StartsAt, EndsAt: s.EndsAt, ProgrammeSessionID: s.ID,
			})
		}
	}
	return list
}

// setUnits makes the units of an event what its days, or its sessions in the order of time, ask for. A unit stays the
// row that it is as long as its session, or its place in the order, stays; ErrAttended, or ErrSessionAttended, if one has
// to go at which somebody was present.
func setUnits(ctx context.Context, tx *db.Tx, e *Event, sessions []Session) error {
	want := units(e)
	if e.Unit == BySessions {
		want = unitsOf(e, sessions)
	}
	have, err := Units(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	changed, gone := matchUnits(have, want)
	if err := dropUnits(ctx, tx, have, gone); err != nil {
		return err
	}
	return storeUnits(ctx, tx, changed)
}

// thing is what a unit is, whenever it is: its session, or its place among the half-days or days.
type thing struct {
	part    Part
	session int64
	at      int
}

func (u *AttendanceUnit) thing() thing {
	if u.Part == SessionPart {
		return thing{part: u.Part, session: u.ProgrammeSessionID}
	}
	return thing{part: u.Part, at: u.Position}
}

// matchUnits gives the wanted units the rows of those that they are. It returns those that have to be written, and the
// rows that none of them is any more.
func matchUnits(have, want []AttendanceUnit) (changed []AttendanceUnit, gone []int64) {
	by := make(map[thing]*AttendanceUnit, len(have))
	for i := range have {
		by[have[i].thing()] = &have[i]
	}
	for _, u := range want {
		was := by[u.thing()]
		if was != nil {
			delete(by, u.thing())
			u.ID = was.ID
			if u.Position == was.Position && u.Day.Equal(was.Day.Time) && u.StartsAt.Equal(was.StartsAt.Time) && u.EndsAt.Equal(was.EndsAt.Time) {
				continue
			}
		}
		changed = append(changed, u)
	}
	for _, u := range by {
		gone = append(gone, u.ID)
	}
	slices.Sort(gone)
	return changed, gone
}

func dropUnits(ctx context.Context, tx *db.Tx, have []AttendanceUnit, gone []int64) error {
	if len(gone) == 0 {
		return nil
	}
	var there []int64
	if err := tx.NewSelect().Table("claims").ColumnExpr("DISTINCT unit_id").Where("unit_id IN (?)", bun.List(gone)).Order("unit_id").Scan(ctx, &there); err != nil {
		return err
	}
	for _, u := range have {
		if !slices.Contains(there, u.ID) {
			continue
		}
		if u.ProgrammeSessionID == 0 {
			return ErrAttended
		}
		var s Session
		if err := tx.NewSelect().Model(&s).Column("title").Where("id = ?", u.ProgrammeSessionID).Scan(ctx); err != nil {
			return err
		}
		return ErrSessionAttended.With("Title", s.Title)
	}
	_, err := tx.NewDelete().Table("attendance_units").Where("id IN (?)", bun.List(gone)).Exec(ctx)
	return err
}

// storeUnits writes new units and those that have changed. What gets another place first gets out of the way, because
// places are unique.
func storeUnits(ctx context.Context, tx *db.Tx, changed []AttendanceUnit) error {
	var fresh, old []AttendanceUnit
	var away []int64
	for _, u := range changed {
		if u.ID == 0 {
			fresh = append(fresh, u)
			continue
		}
		old, away = append(old, u), append(away, u.ID)
	}
	if len(away) > 0 {
		if _, err := tx.NewUpdate().Table("attendance_units").Set("position = -id").Where("id IN (?)", bun.List(away)).Exec(ctx); err != nil {
			return err
		}
	}
	if err := overwrite(ctx, tx, old, "position", "day", "starts_at", "ends_at"); err != nil || len(fresh) == 0 {
		return err
	}
	_, err := tx.NewInsert().Model(&fresh).Returning("NULL").Exec(ctx)
	return err
}

// attended reports whether somebody was present at the event.
func attended(ctx context.Context, tx *db.Tx, eventID int64) (bool, error) {
	return tx.NewSelect().Table("claims").Where("unit_id IN (SELECT id FROM attendance_units WHERE event_id = ?)", eventID).Exists(ctx)
}
