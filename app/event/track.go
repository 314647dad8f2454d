package event

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
)

// ErrNoTrack says that the event has no track with that row.
var ErrNoTrack = fault.New(fault.NotFound, "event.not_found")

// Stamp tells what is stored of the track from what was stored before a change.
func (t *Track) Stamp() string { return digest(t.Name.Plain()) }

// Checked returns nil, or the Invalid fault with what is wrong beside which input: name, with _ and the language for a
// translation.
func (t *Track) Checked() error {
	var form fault.Form
	named(&form, t.Name)
	return form.Err()
}

// Tracks returns the tracks of an event, in their order.
func Tracks(ctx context.Context, q bun.IDB, eventID int64) ([]Track, error) {
	return parts[Track](ctx, q, eventID)
}

// AddTrack adds a track, last in the order. One of which the same is said is there already: the same form came twice.
// Its Invalid faults are those of Checked.
func (d *Desk) AddTrack(ctx context.Context, actor account.Actor, code string, t Track) (*Track, error) {
	if err := t.Checked(); err != nil {
		return nil, err
	}
	_, err := d.change(ctx, actor, code, "add_track", func(ctx context.Context, tx *db.Tx, e *Event) error {
		have, err := Tracks(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if same := at(have, func(x *Track) bool { return x.Stamp() == t.Stamp() }); same != nil {
			t = *same
			return errStands
		}
		if len(have) >= mostParts {
			return fault.New(fault.Conflict, "room.too_many")
		}
		t.ID, t.EventID, t.Position = 0, e.ID, 1
		for _, x := range have {
			t.Position = max(t.Position, x.Position+1)
		}
		_, err = tx.NewInsert().Model(&t).Exec(ctx)
		return err
	})
	if err != nil && !errors.Is(err, errStands) {
		return nil, err
	}
	return &t, nil
}

// ChangeTrack renames a track, whose Stamp the actor has seen; ErrChanged says that somebody was quicker.
func (d *Desk) ChangeTrack(ctx context.Context, actor account.Actor, code string, id int64, stamp string, t Track) error {
	if err := t.Checked(); err != nil {
		return err
	}
	_, err := d.change(ctx, actor, code, "change_track", func(ctx context.Context, tx *db.Tx, e *Event) error {
		now, err := partOf[Track](ctx, tx, e, id, ErrNoTrack)
		if err != nil {
			return err
		}
		if now.Stamp() != stamp {
			return ErrChanged
		}
		now.Name = t.Name.After(now.Name)
		if _, err := tx.NewUpdate().Model(now).WherePK().Exec(ctx); err != nil {
			return err
		}
		return d.retell(ctx, tx, "track_id = ?", id)
	})
	return err
}

// RemoveTrack takes a track away. Its sessions belong to none from then on.
func (d *Desk) RemoveTrack(ctx context.Context, actor account.Actor, code string, id int64) error {
	_, err := d.change(ctx, actor, code, "remove_track", func(ctx context.Context, tx *db.Tx, e *Event) error {
		now, err := partOf[Track](ctx, tx, e, id, ErrNoTrack)
		if err != nil {
			return err
		}
		if err := d.retell(ctx, tx, "track_id = ?", id); err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Table("programme_sessions").Set("track_id = NULL").Where("track_id = ?", id).Exec(ctx); err != nil {
			return err
		}
		_, err = tx.NewDelete().Model(now).WherePK().Exec(ctx)
		return err
	})
	return err
}

// MoveTrack moves a track up (-1) or down (+1) by so many places in the order in which tracks stand beside each other.
func (d *Desk) MoveTrack(ctx context.Context, actor account.Actor, code string, id int64, by int) error {
	_, err := d.change(ctx, actor, code, "order_tracks", func(ctx context.Context, tx *db.Tx, e *Event) error {
		if _, err := partOf[Track](ctx, tx, e, id, ErrNoTrack); err != nil {
			return err
		}
		return shove(ctx, tx, "tracks", e.ID, id, by)
	})
	return err
}
