package person

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Faults of keeping institutions.
var (
	// ErrInstitutionTaken is returned when the country has an institution of that name: the two are to be merged.
	ErrInstitutionTaken = fault.New(fault.Conflict, "institution.taken")
	// ErrInstitutionNotMerged is returned for the separating of what isn't merged (any more).
	ErrInstitutionNotMerged = fault.New(fault.Conflict, "institution.not_merged")
)

const maxInstitution = 300 // characters of a name

// InstitutionFacts is what an office says of an institution. The name as it was typed first stays beside them.
type InstitutionFacts struct {
	Names   map[locale.Code]string `json:"names,omitempty"`
	Type    InstitutionType        `json:"type"`
	Country string                 `json:"country"`
}

func (f *InstitutionFacts) check() error {
	var form fault.Form
	names := map[locale.Code]string{}
	for c, s := range f.Names {
		if s = locale.Clean(s); s == "" {
			continue
		}
		if names[c] = s; utf8.RuneCountInString(s) > maxInstitution {
			form.Add("name_"+string(c), "form.too_long", "Max", maxInstitution)
		}
	}
	f.Names = names
	if f.Type != UnknownType && !slices.Contains(InstitutionTypes, f.Type) {
		form.Add("type", "form.choose")
	}
	if f.Country != "" && len(f.Country) != 2 {
		form.Add("country", "form.choose")
	}
	return form.Err()
}

func (i *Institution) facts() InstitutionFacts {
	return InstitutionFacts{Names: i.Names.By, Type: i.Type, Country: i.Country}
}

// EditInstitution changes what is known of an institution that is kept. It wants account.EditInstitutions. Faults:
// Forbidden, NotFound, Invalid with the fields name_{locale}, type, country, ErrInstitutionTaken.
func (d *Desk) EditInstitution(ctx context.Context, actor account.Actor, id int64, f InstitutionFacts) error {
	if !actor.CanSomewhere(account.EditInstitutions) {
		return ErrForbidden
	}
	if err := f.check(); err != nil {
		return err
	}
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := lockInstitutions(ctx, tx, id)
		if err != nil {
			return err
		}
		before := i[0].facts()
		i[0].Names = locale.Text{By: f.Names}
		i[0].Type, i[0].Country = f.Type, f.Country
		if _, err := tx.NewUpdate().Model(i[0]).Column("names", "type", "country").WherePK().Exec(ctx); err != nil {
			return err
		}
		return recordInstitution(ctx, tx, actor, "edit", i[0].ID, map[string]any{"before": before, "after": f})
	})
	if _, taken := db.Unique(err); taken {
		return ErrInstitutionTaken
	}
	if err != nil {
		return fmt.Errorf("edit institution %d: %w", id, err)
	}
	return nil
}

// MergeInstitutions declares that keep and each of drop are one institution, in one transaction, and returns those that
// were merged by it. Nothing that refers to them is rewritten: whoever asks for one is led to what is kept. It wants
// account.EditInstitutions.
func (d *Desk) MergeInstitutions(ctx context.Context, actor account.Actor, keep int64, drop ...int64) (merged []int64, err error) {
	if !actor.CanSomewhere(account.EditInstitutions) {
		return nil, ErrForbidden
	}
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		merged = nil
		roots, err := lockInstitutions(ctx, tx, append([]int64{keep}, drop...)...)
		if err != nil {
			return err
		}
		for _, i := range roots[1:] {
			if i.ID == roots[0].ID || slices.Contains(merged, i.ID) {
				continue
			}
			if _, err := tx.NewRaw("UPDATE institutions SET merged_into = ? WHERE id = ?", roots[0].ID, i.ID).Exec(ctx); err != nil {
				return err
			}
			if err := recordInstitution(ctx, tx, actor, "merge", roots[0].ID, map[string]any{"kept": roots[0].ID, "dropped": i.ID}); err != nil {
				return err
			}
			merged = append(merged, i.ID)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("merge institutions into %d: %w", keep, err)
	}
	return merged, nil
}

// SeparateInstitution undoes the merge by which an institution was dropped; what was merged into it before goes with
// it. It wants account.EditInstitutions.
func (d *Desk) SeparateInstitution(ctx context.Context, actor account.Actor, id int64) error {
	if !actor.CanSomewhere(account.EditInstitutions) {
		return ErrForbidden
	}
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		i := new(Institution)
		if err := tx.Lock(tx.NewSelect().Model(i).Where("i.id = ?", id)).Scan(ctx); err != nil {
			return db.One(err)
		}
		if i.MergedInto == 0 {
			return ErrInstitutionNotMerged
		}
		if _, err := tx.NewRaw("UPDATE institutions SET merged_into = NULL WHERE id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return recordInstitution(ctx, tx, actor, "unmerge", i.MergedInto, map[string]any{"kept": i.MergedInto, "dropped": id})
	})
	if err != nil {
		return fmt.Errorf("separate institution %d: %w", id, err)
	}
	return nil
}

func recordInstitution(ctx context.Context, tx *db.Tx, actor account.Actor, action string, id int64, detail any) error {
	e := actor.Deed(action, "institution", id)
	e.Detail = audit.Detail(detail)
	return audit.Record(ctx, tx, e)
}

// lockInstitutions locks and returns what stands for ids, the lowest first, and looks again until that is still so once
// it is locked.
func lockInstitutions(ctx context.Context, tx *db.Tx, ids ...int64) ([]*Institution, error) {
	roots, err := institutionRoots(ctx, tx, ids)
	for err == nil {
		var rows []*Institution
		q := tx.NewSelect().Model(&rows).Where("i.id IN (?)", bun.List(slices.Compact(slices.Sorted(slices.Values(roots))))).Order("i.id")
		if err = tx.Lock(q).Scan(ctx); err != nil {
			break
		}
		var now []int64
		if now, err = institutionRoots(ctx, tx, ids); err != nil {
			break
		}
		if slices.Equal(roots, now) {
			out := make([]*Institution, len(now))
			for n, id := range now {
				out[n] = rows[slices.IndexFunc(rows, func(i *Institution) bool { return i.ID == id })]
			}
			return out, nil
		}
		roots = now
	}
	return nil, err
}

func institutionRoots(ctx context.Context, tx *db.Tx, ids []int64) ([]int64, error) {
	var rows []struct{ ID, Root int64 }
	err := tx.NewRaw("WITH RECURSIVE "+KeptInstitutions+" SELECT id, root FROM kept WHERE id IN (?)", bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("find what institutions were merged into: %w", err)
	}
	roots := make([]int64, len(ids))
	for n, id := range ids {
		for _, r := range rows {
			if r.ID == id {
				roots[n] = r.Root
			}
		}
		if roots[n] == 0 {
			return nil, db.ErrNotFound
		}
	}
	return roots, nil
}
