package report

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	settled "attesta/app/network"
	"attesta/app/token"
)

// Errors of reports.
var (
	ErrForbidden = fault.New(fault.Forbidden, "error.forbidden")
)

// Below is the number below which figures are hidden from donors where the network has settled nothing.
const Below = 5

// Frozen is a report: figures under a code and a date, which never change again.
type Frozen struct {
	bun.BaseModel `bun:"table:reports,alias:r"`

	ID        int64 `bun:",pk,autoincrement"`
	Code      string
	ProjectID int64
	Audience  Reader
	Digest    string
	Figures   db.JSON[Figures]
	AsOf      db.Time
	CreatedAt db.Time
	CreatedBy int64 `bun:",nullzero"`
}

// Threshold returns the number below which figures are hidden from donors.
func Threshold(ctx context.Context, q bun.IDB) (int, error) {
	s, err := settled.Read(ctx, q)
	if err != nil {
		return 0, err
	}
	return s.Below, nil
}

// Live returns the figures of now as reader may see them. It wants account.ViewFigures for an organiser's, and
// account.ViewGrant for a donor's, in the project.
func Live(ctx context.Context, d *db.DB, actor account.Actor, query Query, reader Reader) (*Figures, error) {
	if err := allow(actor, query.ProjectID, reader); err != nil {
		return nil, err
	}
	return of(ctx, d, query, reader)
}

func allow(actor account.Actor, projectID int64, reader Reader) error {
	want := account.ViewFigures
	if reader == ForDonor {
		want = account.ViewGrant
	}
	if !actor.Can(want, account.Scope{Kind: account.ProjectScope, ID: projectID}) {
		return ErrForbidden
	}
	return nil
}

func of(ctx context.Context, d *db.DB, query Query, reader Reader) (*Figures, error) {
	query.AsOf = d.Now().Time
	f, err := Compute(ctx, d.Read(), query)
	if err != nil || reader == ForOrganiser {
		return f, err
	}
	below, err := Threshold(ctx, d.Read())
	if err != nil {
		return nil, err
	}
	return f.Suppress(below), nil
}

// Freeze takes the figures of now into a report. The same figures give the report that was made of them first, with
// its code and date. It wants the permission that Live wants.
func Freeze(ctx context.Context, d *db.DB, actor account.Actor, query Query, reader Reader) (*Frozen, error) {
	if err := allow(actor, query.ProjectID, reader); err != nil {
		return nil, err
	}
	f, err := of(ctx, d, query, reader)
	if err != nil {
		return nil, err
	}
	var frozen *Frozen
	err = d.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		frozen, err = keep(ctx, tx, actor, query.ProjectID, f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return frozen, nil
}

func keep(ctx context.Context, tx *db.Tx, actor account.Actor, projectID int64, f *Figures) (*Frozen, error) {
	r := &Frozen{
		Code: token.Code(), ProjectID: projectID, Audience: f.For, Digest: f.digest(), Figures: db.JSON[Figures]{V: *f},
		AsOf: db.At(f.AsOf), CreatedAt: tx.Now(), CreatedBy: actor.UserID,
	}
	res, err := tx.NewInsert().Model(r).On("CONFLICT (project_id, audience, digest) DO NOTHING").Returning("NULL").Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("keep a report: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return nil, fmt.Errorf("keep a report: %w", err)
	}
	kept := new(Frozen)
	err = tx.NewSelect().Model(kept).Where("project_id = ?", projectID).Where("audience = ?", f.For).Where("digest = ?", r.Digest).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	if n == 0 {
		return kept, nil
	}
	e := actor.Deed("freeze", "report", kept.ID)
	e.Detail = audit.Detail(map[string]any{"project": projectID, "for": f.For, "digest": kept.Digest[:12]})
	return kept, audit.Record(ctx, tx, e)
}

// digest is the same for the same figures, whenever they were taken.
func (f *Figures) digest() string {
	g := *f
	g.AsOf = time.Time{}
	b, err := json.Marshal(g)
	if err != nil {
		panic(fmt.Sprintf("report: figures: %v", err)) // they are made for JSON
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// ByCode returns a report. Whoever may not see it is told that there is none.
func ByCode(ctx context.Context, q bun.IDB, actor account.Actor, code string) (*Frozen, error) {
	r := new(Frozen)
	if err := q.NewSelect().Model(r).Where("code = ?", token.Fold(code)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("report: %w", db.One(err))
	}
	if allow(actor, r.ProjectID, r.Audience) != nil {
		return nil, db.ErrNotFound
	}
	return r, nil
}

// List returns the reports of a project that actor may see, the latest first.
func List(ctx context.Context, q bun.IDB, actor account.Actor, projectID int64) ([]Frozen, error) {
	var readers []Reader
	for _, r := range []Reader{ForOrganiser, ForDonor} {
		if allow(actor, projectID, r) == nil {
			readers = append(readers, r)
		}
	}
	if len(readers) == 0 {
		return nil, ErrForbidden
	}
	var all []Frozen
	err := q.NewSelect().Model(&all).Where("project_id = ?", projectID).Where("audience IN (?)", bun.List(readers)).Order("id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list reports: %w", err)
	}
	return all, nil
}
