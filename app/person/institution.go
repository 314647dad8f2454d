package person

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/locale"
)

// InstitutionType says what an institution does.
type InstitutionType string

// The types of institutions. UnknownType is nobody's wish: it stands until somebody says.
const (
	UnknownType   InstitutionType = ""
	Police        InstitutionType = "police"
	Prosecution   InstitutionType = "prosecution"
	Reception     InstitutionType = "reception" // of migrants and asylum seekers
	CSO           InstitutionType = "cso"
	Court         InstitutionType = "court"
	International InstitutionType = "international"
	EmbassyDonor  InstitutionType = "embassy_donor"
	Academia      InstitutionType = "academia"
	Media         InstitutionType = "media"
	OtherType     InstitutionType = "other"
)

// Key is the message that names the type, "" for UnknownType.
func (t InstitutionType) Key() string {
	if t == UnknownType {
		return ""
	}
	return "institution." + string(t)
}

// InstitutionTypes are all known types, in the order of a form.
var InstitutionTypes = []InstitutionType{Police, Prosecution, Reception, CSO, Court, International, EmbassyDonor, Academia, Media, OtherType}

// Institution is where people work. Its name is the same in either script. One that was found to be listed twice is
// merged into the one that is kept, and stays as another name of it.
type Institution struct {
	bun.BaseModel `bun:"table:institutions,alias:i"`

	ID         int64  `bun:",pk,autoincrement"`
	Name       string // as it was typed first
	NameKey    string
	Names      locale.Text // in several languages, as an office states them
	Type       InstitutionType
	Country    string
	MergedInto int64 `bun:",nullzero"` // 0 for one that is kept
	CreatedAt  db.Time
}

// NameIn returns the name in a language, or as it was typed.
func (i *Institution) NameIn(c locale.Code) string {
	if s := i.Names.By[c]; s != "" {
		return s
	}
	return i.Name
}

// Located returns the id of the institution with this name in this country and makes it if there is none; 0 if name is
// empty. It is known by its names in all languages, and one that was merged by what it was merged into. A type is filled
// in if none was known and never overwrites one.
func Located(ctx context.Context, tx *db.Tx, name string, kind InstitutionType, country string) (int64, error) {
	name = locale.Clean(name)
	if name == "" {
		return 0, nil
	}
	key := institutionKey(name)
	at, err := located(ctx, tx, key, country)
	if errors.Is(err, sql.ErrNoRows) {
		_, err = tx.NewRaw(`INSERT INTO institutions (name, name_key, type, country, created_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (name_key, country) DO NOTHING`, name, key, kind, country, tx.Now()).Exec(ctx)
		if err == nil {
			at, err = located(ctx, tx, key, country) // maybe another transaction's
		}
	}
	if err == nil && at.Type == UnknownType && kind != UnknownType {
		_, err = tx.NewRaw("UPDATE institutions SET type = ? WHERE id = ? AND type = ''", kind, at.ID).Exec(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("find or make an institution: %w", err)
	}
	return at.ID, nil
}

// institutionKey is the form in which names are compared.
func institutionKey(name string) string {
	if key := locale.ASCIIKey(name); key != "" {
		return key
	}
	return name // of signs alone
}

// located returns the kept institution that has a name, or sql.ErrNoRows.
func located(ctx context.Context, tx *db.Tx, key, country string) (*Institution, error) {
	at := new(Institution)
	err := tx.NewSelect().Model(at).Where("name_key = ?", key).Where("country = ?", country).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		at, err = translated(ctx, tx, key, country)
	}
	for err == nil && at.MergedInto != 0 {
		id := at.MergedInto
		at = new(Institution)
		err = tx.NewSelect().Model(at).Where("id = ?", id).Scan(ctx)
	}
	return at, err
}

// translated finds an institution by one of its names in other languages, or returns sql.ErrNoRows.
func translated(ctx context.Context, tx *db.Tx, key, country string) (*Institution, error) {
	var named []*Institution
	if err := tx.NewSelect().Model(&named).Where("country = ? AND names <> '{}'", country).Order("id").Scan(ctx); err != nil {
		return nil, err
	}
	for _, i := range named {
		for _, name := range i.Names.By {
			if institutionKey(name) == key {
				return i, nil
			}
		}
	}
	return nil, sql.ErrNoRows
}

// KeptInstitutions is a common table expression for WITH RECURSIVE: kept (id, root) says of each institution which one
// stands for it now.
const KeptInstitutions = `kept (id, root) AS (
	SELECT id, id FROM institutions WHERE merged_into IS NULL
	UNION ALL SELECT i.id, k.root FROM institutions AS i JOIN kept AS k ON i.merged_into = k.id)`

// InstitutionNames are kept institutions by the ids under which they, or what was merged into them, are referred to.
type InstitutionNames map[int64]*Institution

// ReadInstitutionNames returns the institutions that stand for ids now, in one query.
func ReadInstitutionNames(ctx context.Context, q bun.IDB, ids []int64) (InstitutionNames, error) {
	names := InstitutionNames{}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct {
		Institution
		Asked int64
	}
	err := q.NewRaw(`WITH RECURSIVE `+KeptInstitutions+` SELECT i.*, k.id AS asked FROM kept AS k JOIN institutions AS i ON i.id = k.root
		WHERE k.id IN (?)`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read the names of institutions: %w", err)
	}
	for _, r := range rows {
		names[r.Asked] = &r.Institution
	}
	return names, nil
}

// In returns the name of an institution in a language where it has one, else as somebody stated it.
func (n InstitutionNames) In(c locale.Code, id int64, stated string) string {
	if i := n[id]; i != nil && i.Names.By[c] != "" {
		return i.Names.By[c]
	}
	return stated
}
