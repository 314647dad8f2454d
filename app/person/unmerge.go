package person

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
)

// Unmerge undoes the merge by which the person id was dropped and returns it. The id of a kept person will do as well
// if only one was merged into it; with several it is ErrSeveralMerges, with none ErrNotMerged.
//
// Merges that were made later upon this one are undone first and made again afterwards, in the same transaction, so
// that the outcome is as if this one had never been made.
func (d *Desk) Unmerge(ctx context.Context, actor account.Actor, id int64) (*Merge, error) {
	return d.undo(ctx, actor, func(ctx context.Context, tx *db.Tx) (*Merge, error) { return mergeOf(ctx, tx, id) })
}

// UndoMerge undoes the merge with this id, as Unmerge does.
func (d *Desk) UndoMerge(ctx context.Context, actor account.Actor, mergeID int64) (*Merge, error) {
	return d.undo(ctx, actor, func(ctx context.Context, tx *db.Tx) (*Merge, error) {
		m, err := activeMerges(ctx, tx, "m.id = ?", mergeID)
		if err != nil {
			return nil, err
		}
		if len(m) == 0 {
			return nil, ErrNotMerged
		}
		return &m[0], nil
	})
}

// Merges returns the merges into a person and those that brought it elsewhere which still stand, the latest first.
func Merges(ctx context.Context, q bun.IDB, id int64) ([]Merge, error) {
	all, err := activeMerges(ctx, q, "m.kept_id = ? OR m.dropped_id = ?", id, id)
	slices.Reverse(all)
	return all, err
}

func (d *Desk) undo(ctx context.Context, actor account.Actor, which func(context.Context, *db.Tx) (*Merge, error)) (*Merge, error) {
	var undone *Merge
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		m, err := lockTree(ctx, tx, which)
		if err != nil {
			return err
		}
		if err := d.allow(ctx, tx, actor, []int64{m.KeptID}); err != nil {
			return err
		}
		if err := d.unmerge(ctx, tx, *m); err != nil {
			return err
		}
		undone = m
		return record(ctx, tx, actor, "unmerge", m)
	})
	if err != nil {
		return nil, err
	}
	return undone, nil
}

// lockTree finds a merge and locks everybody who is one with the kept person, then finds it again: it may have been
// undone, or its root merged further, while this waited.
func lockTree(ctx context.Context, tx *db.Tx, which func(context.Context, *db.Tx) (*Merge, error)) (*Merge, error) {
	for {
		m, err := which(ctx, tx)
		if err != nil {
			return nil, err
		}
		root, err := lockRoot(ctx, tx, m.KeptID)
		if err != nil {
			return nil, err
		}
		again, err := which(ctx, tx)
		if err != nil {
			return nil, err
		}
		now, err := Root(ctx, tx, again.KeptID)
		if err != nil {
			return nil, err
		}
		if again.ID == m.ID && now == root.ID {
			return again, nil
		}
	}
}

func mergeOf(ctx context.Context, tx *db.Tx, id int64) (*Merge, error) {
	if _, err := Find(ctx, tx, id); err != nil {
		return nil, err
	}
	all, err := activeMerges(ctx, tx, "m.dropped_id = ?", id)
	if err == nil && len(all) == 0 {
		all, err = activeMerges(ctx, tx, "m.kept_id = ?", id)
	}
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, ErrNotMerged
	case len(all) == 1:
		return &all[0], nil
	}
	ids := make([]string, len(all))
	for i, m := range all {
		ids[i] = strconv.FormatInt(m.DroppedID, 10)
	}
	return nil, ErrSeveralMerges.With("IDs", strings.Join(ids, ", "))
}

// activeMerges returns merges that weren't undone, in the order they were made.
func activeMerges(ctx context.Context, q bun.IDB, where string, args ...any) ([]Merge, error) {
	var all []Merge
	if err := q.NewSelect().Model(&all).Where("m.undone_at IS NULL").Where(where, args...).Order("m.id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read merges: %w", err)
	}
	return all, nil
}

// unmerge takes back the later merges that rest upon m, the latest first, then m, and makes the others again.
func (d *Desk) unmerge(ctx context.Context, tx *db.Tx, m Merge) error {
	later, err := resting(ctx, tx, m)
	if err != nil {
		return err
	}
	for i := len(later) - 1; i >= 0; i-- {
		if err := d.takeBack(ctx, tx, later[i]); err != nil {
			return err
		}
	}
	if err := d.takeBack(ctx, tx, m); err != nil {
		return err
	}
	for _, l := range later {
		if _, err := d.merge(ctx, tx, l.UserID, l.KeptID, l.DroppedID); err != nil {
			return err
		}
	}
	return nil
}

// resting returns the later merges that touched what m had changed, directly or over others, in their order.
func resting(ctx context.Context, tx *db.Tx, m Merge) ([]Merge, error) {
	after, err := activeMerges(ctx, tx, "m.id > ?", m.ID)
	if err != nil {
		return nil, err
	}
	touched := map[int64]bool{m.KeptID: true}
	var out []Merge
	for _, l := range after {
		if touched[l.KeptID] || touched[l.DroppedID] {
			touched[l.KeptID] = true
			out = append(out, l)
		}
	}
	return out, nil
}

func (d *Desk) takeBack(ctx context.Context, tx *db.Tx, m Merge) error {
	locked, err := lock(ctx, tx, []int64{m.KeptID, m.DroppedID})
	if err != nil {
		return err
	}
	for i := len(m.Moved.V.By) - 1; i >= 0; i-- {
		by := m.Moved.V.By[i]
		n := slices.IndexFunc(d.Movers, func(x Mover) bool { return x.Name() == by.Mover })
		if n < 0 {
			return fmt.Errorf("undo merge %d: there is no mover %q", m.ID, by.Mover)
		}
		if err := d.Movers[n].Unmerge(ctx, tx, m.KeptID, m.DroppedID, by.What); err != nil {
			return fmt.Errorf("undo merge %d (%s): %w", m.ID, by.Mover, err)
		}
	}
	kept := locked[m.KeptID]
	if err := writeFacts(ctx, tx, kept, kept.facts().back(m.Moved.V)); err != nil {
		return err
	}
	if err := setMergedInto(ctx, tx, m.DroppedID, 0); err != nil {
		return err
	}
	m.UndoneAt = tx.Now()
	if _, err := tx.NewUpdate().Model(&m).Column("undone_at").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("undo merge %d: %w", m.ID, err)
	}
	return nil
}
