package registration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"attesta/app/db"
	"attesta/app/event"
)

// Mover carries registrations along when two persons turn out to be one human, and back. Where both were registered
// for the same event, the one with the better standing stands for both.
type Mover struct {
	// Refold is called for each registration whose folded ones have changed, so that what is counted on it follows.
	Refold func(ctx context.Context, tx *db.Tx, registrationID int64) error
}

// movedRegistrations is what a merge changed, for Unmerge.
type movedRegistrations struct {
	Moved  []int64 `json:"moved,omitempty"`  // now the kept person's
	Folded []fold  `json:"folded,omitempty"` // stood for by another
	Led    []fold  `json:"led,omitempty"`    // had been folded into one that is now folded itself
}

type fold struct {
	ID     int64  `json:"id"`
	Into   int64  `json:"into"`
	Status Status `json:"status,omitempty"` // before
}

// Name implements person.Mover.
func (Mover) Name() string { return "registrations" }

// Merge implements person.Mover.
func (m Mover) Merge(ctx context.Context, tx *db.Tx, keep, drop int64) (json.RawMessage, error) {
	var theirs []Registration
	if err := tx.NewSelect().Model(&theirs).Where("person_id = ? AND folded_into IS NULL", drop).Order("event_id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("registrations of person %d: %w", drop, err)
	}
	var done movedRegistrations
	for i := range theirs {
		if err := m.take(ctx, tx, keep, &theirs[i], &done); err != nil {
			return nil, err
		}
	}
	return json.Marshal(done)
}

// take gives one registration to the kept person, or folds the lesser of two for the same event into the other.
func (m Mover) take(ctx context.Context, tx *db.Tx, keep int64, r *Registration, done *movedRegistrations) error {
	e, err := event.LockID(ctx, tx, r.EventID)
	if err != nil {
		return err
	}
	var own Registration
	err = tx.NewSelect().Model(&own).Where("event_id = ? AND person_id = ? AND folded_into IS NULL", r.EventID, keep).Scan(ctx)
	if errors.Is(db.One(err), db.ErrNotFound) {
		done.Moved = append(done.Moved, r.ID)
		_, err := tx.NewRaw("UPDATE registrations SET person_id = ? WHERE id = ?", keep, r.ID).Exec(ctx)
		return err
	}
	if err != nil {
		return err
	}
	into, lesser := &own, r
	if standing(r.Status) > standing(own.Status) {
		into, lesser = r, &own
	}
	f := fold{ID: lesser.ID, Into: into.ID, Status: lesser.Status}
	if err := release(ctx, tx, e, lesser, into.ID); err != nil {
		return err
	}
	if into == r {
		done.Moved = append(done.Moved, r.ID)
		if _, err := tx.NewRaw("UPDATE registrations SET person_id = ? WHERE id = ?", keep, r.ID).Exec(ctx); err != nil {
			return err
		}
	}
	done.Folded = append(done.Folded, f)
	if err := lead(ctx, tx, lesser.ID, into.ID, done); err != nil {
		return err
	}
	return m.Refold(ctx, tx, into.ID)
}

// lead has what was folded into one registration stood for by another.
func lead(ctx context.Context, tx *db.Tx, from, to int64, done *movedRegistrations) error {
	var ids []int64
	if err := tx.NewRaw("SELECT id FROM registrations WHERE folded_into = ? ORDER BY id", from).Scan(ctx, &ids); err != nil {
		return err
	}
	for _, id := range ids {
		done.Led = append(done.Led, fold{ID: id, Into: from})
		if _, err := tx.NewRaw("UPDATE registrations SET folded_into = ? WHERE id = ?", to, id).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// release folds a registration and gives its seat back.
func release(ctx context.Context, tx *db.Tx, e *event.Event, r *Registration, into int64) error {
	if _, err := tx.NewRaw("UPDATE registrations SET folded_into = ? WHERE id = ?", into, r.ID).Exec(ctx); err != nil {
		return err
	}
	return seats(ctx, tx, e, r.Status, -1)
}

func seats(ctx context.Context, tx *db.Tx, e *event.Event, s Status, by int) error {
	switch s {
	case Approved:
		e.SeatsTaken += by
	case Submitted:
		e.SeatsAsked += by
	default:
		return nil
	}
	return storeSeats(ctx, tx, e)
}

// standing ranks what a registration is worth to its holder.
func standing(s Status) int {
	switch s {
	case Approved:
		return 4
	case Submitted:
		return 3
	case Waitlisted:
		return 2
	case Rejected:
		return 1
	}
	return 0
}

// Unmerge implements person.Mover.
func (m Mover) Unmerge(ctx context.Context, tx *db.Tx, keep, drop int64, raw json.RawMessage) error {
	var done movedRegistrations
	if err := json.Unmarshal(raw, &done); err != nil {
		return fmt.Errorf("read what was moved from person %d to %d: %w", drop, keep, err)
	}
	for i := len(done.Folded) - 1; i >= 0; i-- {
		if err := m.unfold(ctx, tx, done.Folded[i]); err != nil {
			return err
		}
	}
	for _, id := range done.Moved {
		if _, err := tx.NewRaw("UPDATE registrations SET person_id = ? WHERE id = ?", drop, id).Exec(ctx); err != nil {
			return fmt.Errorf("give registration %d back: %w", id, err)
		}
	}
	for _, f := range done.Led {
		if _, err := tx.NewRaw("UPDATE registrations SET folded_into = ? WHERE id = ?", f.Into, f.ID).Exec(ctx); err != nil {
			return fmt.Errorf("fold registration %d back: %w", f.ID, err)
		}
	}
	for _, f := range done.Folded {
		if _, err := tx.NewRaw("UPDATE registrations SET folded_into = NULL WHERE id = ?", f.ID).Exec(ctx); err != nil {
			return fmt.Errorf("unfold registration %d: %w", f.ID, err)
		}
		for _, id := range []int64{f.ID, f.Into} {
			if err := m.Refold(ctx, tx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// unfold takes the seat of a folded registration again; the row itself is set free once every registration is back
// with its person.
func (m Mover) unfold(ctx context.Context, tx *db.Tx, f fold) error {
	var r Registration
	if err := tx.NewSelect().Model(&r).Where("id = ?", f.ID).Scan(ctx); err != nil {
		return fmt.Errorf("folded registration %d: %w", f.ID, err)
	}
	e, err := event.LockID(ctx, tx, r.EventID)
	if err != nil {
		return err
	}
	return seats(ctx, tx, e, f.Status, +1)
}
