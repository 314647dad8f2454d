package person

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
)

// Errors of merging and its undoing.
var (
	ErrForbidden = fault.New(fault.Forbidden, "error.forbidden")
	// ErrNotMerged is returned for the undoing of what isn't merged (any more).
	ErrNotMerged = fault.New(fault.Conflict, "person.not_merged")
	// ErrSeveralMerges is returned when a kept person is given to be separated but several were merged into it. The
	// parameter IDs names them, separated by commas: one of them has to be given.
	ErrSeveralMerges = fault.New(fault.Conflict, "person.several_merges")
)

// Mover carries what belongs to a person along when the person is merged, and back. It is called within the
// transaction of the merge, after both persons' rows are locked and MergedInto is set.
type Mover interface {
	// Name is kept with the merge and must never change.
	Name() string
	// Merge moves what belongs to drop, a root until now, to keep and returns what Unmerge needs to know.
	Merge(ctx context.Context, tx *db.Tx, keep, drop int64) (json.RawMessage, error)
	// Unmerge takes back exactly what Merge did; every later merge that touched keep is undone before. What was
	// added in between stays where it is.
	Unmerge(ctx context.Context, tx *db.Tx, keep, drop int64, moved json.RawMessage) error
}

// Desk merges persons and undoes it.
type Desk struct {
	DB     *db.DB
	Movers []Mover // called in this order, and the other way round to undo
}

// Merge is one decision that Dropped and Kept are one human being. Both were roots at that moment.
type Merge struct {
	bun.BaseModel `bun:"table:merges,alias:m"`

	ID        int64 `bun:",pk,autoincrement"`
	KeptID    int64
	DroppedID int64
	UserID    int64 `bun:",nullzero"`
	Moved     db.JSON[moved]
	CreatedAt db.Time
	UndoneAt  db.Time
}

// moved is what a merge changed.
type moved struct {
	Before facts     `json:"before"` // of the kept person
	After  facts     `json:"after"`
	By     []movedBy `json:"by,omitempty"`
}

type movedBy struct {
	Mover string          `json:"mover"`
	What  json.RawMessage `json:"what,omitempty"`
}

// facts are what a kept person takes over from the dropped one where it is empty.
type facts struct {
	Gender      Gender `json:"gender"`
	Country     string `json:"country"`
	Email       string `json:"email"`
	Phone       string `json:"phone"`
	Institution int64  `json:"institution"`
	Quiet       bool   `json:"quiet"`
}

func (p *Person) facts() facts {
	return facts{p.Gender, p.Country, p.Email, p.Phone, p.InstitutionID, p.Quiet}
}

// filled returns f with what it lacks taken from other. Who is quiet in one list is quiet in all.
func (f facts) filled(other facts) facts {
	if f.Gender == NotStated {
		f.Gender = other.Gender
	}
	fill(&f.Country, other.Country)
	fill(&f.Email, other.Email)
	fill(&f.Phone, other.Phone)
	fill(&f.Institution, other.Institution)
	f.Quiet = f.Quiet || other.Quiet
	return f
}

func fill[T comparable](to *T, from T) {
	var empty T
	if *to == empty {
		*to = from
	}
}

// back returns f with every fact that the merge changed as it was before, unless it has been changed again since.
func (f facts) back(m moved) facts {
	revert(&f.Gender, m.Before.Gender, m.After.Gender)
	revert(&f.Country, m.Before.Country, m.After.Country)
	revert(&f.Email, m.Before.Email, m.After.Email)
	revert(&f.Phone, m.Before.Phone, m.After.Phone)
	revert(&f.Institution, m.Before.Institution, m.After.Institution)
	revert(&f.Quiet, m.Before.Quiet, m.After.Quiet)
	return f
}

func revert[T comparable](now *T, before, after T) {
	if *now == after {
		*now = before
	}
}

func writeFacts(ctx context.Context, tx *db.Tx, p *Person, f facts) error {
	if p.facts() == f {
		return nil
	}
	p.Gender, p.Country, p.Email, p.Phone, p.InstitutionID, p.Quiet = f.Gender, f.Country, f.Email, f.Phone, f.Institution, f.Quiet
	return Update(ctx, tx, p)
}

// Merge declares that keep and each of drop are one human being, in one transaction, and returns what was merged.
// Whoever is merged already is represented by its root; dropping what is one with keep already changes nothing. keep's
// root takes over the facts it lacks.
//
// It wants account.MergePersons in every project in which any of them is registered.
func (d *Desk) Merge(ctx context.Context, actor account.Actor, keep int64, drop ...int64) ([]Merge, error) {
	var done []Merge
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		done = nil
		if err := d.allow(ctx, tx, actor, append([]int64{keep}, drop...)); err != nil {
			return err
		}
		for _, id := range drop {
			m, err := d.merge(ctx, tx, actor.UserID, keep, id)
			if err != nil {
				return err
			}
			if m == nil {
				continue
			}
			if err := record(ctx, tx, actor, "merge", m); err != nil {
				return err
			}
			done = append(done, *m)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// merge returns nil if both are one already.
func (d *Desk) merge(ctx context.Context, tx *db.Tx, userID, keep, drop int64) (*Merge, error) {
	roots, err := lockRoots(ctx, tx, keep, drop)
	if err != nil {
		return nil, err
	}
	kept, dropped := roots[0], roots[1]
	if kept.ID == dropped.ID {
		return nil, nil
	}
	m := &Merge{KeptID: kept.ID, DroppedID: dropped.ID, UserID: userID, CreatedAt: tx.Now()}
	if err := setMergedInto(ctx, tx, dropped.ID, kept.ID); err != nil {
		return nil, err
	}
	m.Moved.V.Before, m.Moved.V.After = kept.facts(), kept.facts().filled(dropped.facts())
	if err := writeFacts(ctx, tx, kept, m.Moved.V.After); err != nil {
		return nil, err
	}
	for _, mover := range d.Movers {
		what, err := mover.Merge(ctx, tx, kept.ID, dropped.ID)
		if err != nil {
			return nil, fmt.Errorf("move what belongs to person %d (%s): %w", dropped.ID, mover.Name(), err)
		}
		m.Moved.V.By = append(m.Moved.V.By, movedBy{Mover: mover.Name(), What: what})
	}
	if _, err := tx.NewInsert().Model(m).Returning("id").Exec(ctx); err != nil {
		return nil, fmt.Errorf("keep a merge: %w", err)
	}
	return m, nil
}

// setMergedInto sets or, with 0, clears where a person was merged into.
func setMergedInto(ctx context.Context, tx *db.Tx, id, into int64) error {
	p := &Person{ID: id, MergedInto: into, UpdatedAt: tx.Now()}
	if _, err := tx.NewUpdate().Model(p).Column("merged_into", "updated_at").WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("set what person %d is merged into: %w", id, err)
	}
	return nil
}

// allow checks that actor may merge in every project in which one of the persons, or who is merged with them, is
// registered. Persons of no project need the permission for the whole installation.
func (d *Desk) allow(ctx context.Context, q bun.IDB, actor account.Actor, ids []int64) error {
	if actor.Can(account.MergePersons) {
		return nil
	}
	if !actor.CanSomewhere(account.MergePersons) {
		return ErrForbidden
	}
	for _, id := range ids {
		root, err := Root(ctx, q, id)
		if err != nil {
			return err
		}
		projects, err := projectsOf(ctx, q, root)
		if err != nil {
			return err
		}
		if !mayMerge(actor, projects) {
			return ErrForbidden
		}
	}
	return nil
}

func mayMerge(actor account.Actor, projects []int64) bool {
	for _, id := range projects {
		if !actor.Can(account.MergePersons, account.Scope{Kind: account.ProjectScope, ID: id}) {
			return false
		}
	}
	return len(projects) > 0 || actor.Can(account.MergePersons)
}

// projectsOf returns in which projects a root and all its identities are registered.
func projectsOf(ctx context.Context, q bun.IDB, root int64) (ids []int64, err error) {
	err = q.NewRaw(`WITH RECURSIVE tree (id) AS (
			SELECT id FROM persons WHERE id = ?
			UNION SELECT c.id FROM persons c JOIN tree t ON c.merged_into = t.id)
		SELECT DISTINCT e.project_id FROM registrations r JOIN events e ON e.id = r.event_id
		WHERE r.person_id IN (SELECT id FROM tree) ORDER BY e.project_id`, root).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("find the projects of person %d: %w", root, err)
	}
	return ids, nil
}

func record(ctx context.Context, tx *db.Tx, actor account.Actor, verb string, m *Merge) error {
	alone, one := audit.Facts{"represented_by": m.DroppedID}, audit.Facts{"represented_by": m.KeptID}
	if verb == "unmerge" {
		alone, one = one, alone
	}
	deed := actor.Deed(verb, "person", m.KeptID)
	deed.Detail = audit.Change(alone, one, audit.Facts{"merge": m.ID, "dropped": m.DroppedID})
	return audit.Record(ctx, tx, deed)
}
