package event

import (
	"context"
	"fmt"

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

// ErrAttended refuses what would take away something that somebody was present at.
var ErrAttended = fault.New(fault.Conflict, "event.attendance_recorded")

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
	for _, s := range sessions {
		if s.Counts {
			list = append(list, AttendanceUnit{
				EventID: e.ID, Position: len(list) + 1, Day: s.Day, Part: SessionPart, StartsAt: s.StartsAt, EndsAt: s.EndsAt, ProgrammeSessionID: s.ID,
			})
		}
	}
	return list
}

// setUnits makes the units of an event what its days, or its sessions in the order of time, ask for. A unit stays the
// row that it is as long as its session, or its place in the order, stays; ErrAttended if one has to go at which
// somebody was present.
func setUnits(ctx context.Context, tx *db.Tx, e *Event, sessions []Session) error {
	want := units(e)
	if e.Unit == BySessions {
		want = unitsOf(e, sessions)
	}
	have, err := Units(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	same := func(a, b AttendanceUnit) bool {
		if a.Part != b.Part {
			return false
		}
		if a.Part == SessionPart {
			return a.ProgrammeSessionID == b.ProgrammeSessionID
		}
		return a.Position == b.Position
	}
	gone := []int64{0}
	for _, h := range have {
		stays := false
		for i := range want {
			if want[i].ID == 0 && same(h, want[i]) {
				want[i].ID, stays = h.ID, true
				break
			}
		}
		if !stays {
			gone = append(gone, h.ID)
		}
	}
	if err := dropUnits(ctx, tx, e, gone); err != nil {
		return err
	}
	return storeUnits(ctx, tx, want)
}

func dropUnits(ctx context.Context, tx *db.Tx, e *Event, gone []int64) error {
	attended, err := tx.NewSelect().Table("claims").Where("unit_id IN (?)", bun.List(gone)).Exists(ctx)
	if err != nil {
		return err
	}
	if attended {
		return ErrAttended
	}
	if _, err := tx.NewDelete().Table("attendance_units").Where("id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
		return err
	}
	// out of the way of the new positions, which are unique
	_, err = tx.NewUpdate().Table("attendance_units").Set("position = -position").Where("event_id = ?", e.ID).Exec(ctx)
	return err
}

func storeUnits(ctx context.Context, tx *db.Tx, want []AttendanceUnit) error {
	for i := range want {
		q := tx.NewInsert().Model(&want[i])
		if want[i].ID != 0 {
			if _, err := tx.NewUpdate().Model(&want[i]).WherePK().Exec(ctx); err != nil {
				return err
			}
			continue
		}
		if _, err := q.Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// attended reports whether somebody was present at the event.
func attended(ctx context.Context, tx *db.Tx, eventID int64) (bool, error) {
	return tx.NewSelect().Table("claims").Where("unit_id IN (SELECT id FROM attendance_units WHERE event_id = ?)", eventID).Exists(ctx)
}
