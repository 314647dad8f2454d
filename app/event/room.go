package event

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// ErrNoRoom says that the event has no room with that row.
var ErrNoRoom = fault.New(fault.NotFound, "event.not_found")

// Stamp tells what is stored of the room from what was stored before a change.
func (r *Room) Stamp() string {
	return digest([]any{r.Name.Plain(), r.Seats, r.Accessibility.Plain(), r.Directions.Plain()})
}

// Checked returns nil, or the Invalid fault with what is wrong beside which input: name, seats, accessibility and
// directions, each text with _ and the language for a translation.
func (r *Room) Checked() error {
	var form fault.Form
	named(&form, r.Name)
	if r.Seats < 0 || r.Seats > 100_000 {
		form.Add("seats", "form.between", "Min", 0, "Max", 100_000)
	}
	notLonger(&form, "accessibility", r.Accessibility, mostLong)
	notLonger(&form, "directions", r.Directions, mostLong)
	return form.Err()
}

func named(form *fault.Form, name locale.Text) {
	if name.By[name.Original] == "" {
		form.Add("name", "form.required")
	}
	notLonger(form, "name", name, mostLine)
}

// Rooms returns the rooms of an event, in their order.
func Rooms(ctx context.Context, q bun.IDB, eventID int64) ([]Room, error) {
	return parts[Room](ctx, q, eventID)
}

func parts[T Room | Track](ctx context.Context, q bun.IDB, eventID int64) ([]T, error) {
	var list []T
	if err := q.NewSelect().Model(&list).Where("event_id = ?", eventID).Order("position", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("rooms and tracks of event %d: %w", eventID, err)
	}
	return list, nil
}

// AddRoom adds a room, last in the order. One of which the same is said is there already: the same form came twice.
// Its Invalid faults are those of Checked.
func (d *Desk) AddRoom(ctx context.Context, actor account.Actor, code string, r Room) (*Room, error) {
	if err := r.Checked(); err != nil {
		return nil, err
	}
	_, err := d.change(ctx, actor, code, "add_room", func(ctx context.Context, tx *db.Tx, e *Event) error {
		have, err := Rooms(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if same := at(have, func(x *Room) bool { return x.Stamp() == r.Stamp() }); same != nil {
			r = *same
			return errStands
		}
		if len(have) >= mostParts {
			return fault.New(fault.Conflict, "room.too_many")
		}
		r.ID, r.EventID, r.Position = 0, e.ID, 1
		for _, x := range have {
			r.Position = max(r.Position, x.Position+1)
		}
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
		return err
	})
	if err != nil && !errors.Is(err, errStands) {
		return nil, err
	}
	return &r, nil
}

// ChangeRoom changes what is said of a room, whose Stamp the actor has seen; ErrChanged says that somebody was quicker.
func (d *Desk) ChangeRoom(ctx context.Context, actor account.Actor, code string, id int64, stamp string, r Room) error {
	if err := r.Checked(); err != nil {
		return err
	}
	_, err := d.change(ctx, actor, code, "change_room", func(ctx context.Context, tx *db.Tx, e *Event) error {
		now, err := partOf[Room](ctx, tx, e, id, ErrNoRoom)
		if err != nil {
			return err
		}
		if now.Stamp() != stamp {
			return ErrChanged
		}
		renamed := digest(now.Name.Plain()) != digest(r.Name.Plain())
		now.Name, now.Seats = r.Name.After(now.Name), r.Seats
		now.Accessibility, now.Directions = r.Accessibility.After(now.Accessibility), r.Directions.After(now.Directions)
		if _, err := tx.NewUpdate().Model(now).WherePK().Exec(ctx); err != nil || !renamed {
			return err
		}
		return d.retell(ctx, tx, "room_id = ?", id)
	})
	return err
}

// RemoveRoom takes a room away. Its sessions are held in none from then on.
func (d *Desk) RemoveRoom(ctx context.Context, actor account.Actor, code string, id int64) error {
	_, err := d.change(ctx, actor, code, "remove_room", func(ctx context.Context, tx *db.Tx, e *Event) error {
		now, err := partOf[Room](ctx, tx, e, id, ErrNoRoom)
		if err != nil {
			return err
		}
		if err := d.retell(ctx, tx, "room_id = ?", id); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Table("programme_sessions").Set("room_id = NULL").Where("room_id = ?", id).Exec(ctx); err != nil {
			return err
		}
		_, err = tx.NewDelete().Model(now).WherePK().Exec(ctx)
		return err
	})
	return err
}

// MoveRoom moves a room up (-1) or down (+1) by so many places in the order in which rooms are listed.
func (d *Desk) MoveRoom(ctx context.Context, actor account.Actor, code string, id int64, by int) error {
	_, err := d.change(ctx, actor, code, "order_rooms", func(ctx context.Context, tx *db.Tx, e *Event) error {
		if _, err := partOf[Room](ctx, tx, e, id, ErrNoRoom); err != nil {
			return err
		}
		return shove(ctx, tx, "rooms", e.ID, id, by)
	})
	return err
}

// partOf returns a room or a track of the event, or the error for one that is none of its own.
func partOf[T Room | Track](ctx context.Context, q bun.IDB, e *Event, id int64, missing error) (*T, error) {
	var list []T
	if err := q.NewSelect().Model(&list).Where("id = ? AND event_id = ?", id, e.ID).Scan(ctx); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, missing
	}
	return &list[0], nil
}
