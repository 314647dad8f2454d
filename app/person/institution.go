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

// InstitutionTypes are all known types, in the order of a form.
var InstitutionTypes = []InstitutionType{Police, Prosecution, Reception, CSO, Court, International, EmbassyDonor, Academia, Media, OtherType}

// Institution is where people work. Its name is the same in either script.
type Institution struct {
	bun.BaseModel `bun:"table:institutions,alias:i"`

	ID        int64 `bun:",pk,autoincrement"`
	Name      string
	NameKey   string
	Type      InstitutionType
	Country   string
	CreatedAt db.Time
}

// Located returns the id of the institution with this name in this country and makes it if there is none; 0 if name is
// empty. A type is filled in if none was known and never overwrites one.
func Located(ctx context.Context, tx *db.Tx, name string, kind InstitutionType, country string) (int64, error) {
	name = locale.Clean(name)
	if name == "" {
		return 0, nil
	}
	key := locale.ASCIIKey(name)
	if key == "" {
		key = name // of signs alone
	}
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

func located(ctx context.Context, tx *db.Tx, key, country string) (Institution, error) {
	var at Institution
	err := tx.NewSelect().Model(&at).Where("name_key = ?", key).Where("country = ?", country).Scan(ctx)
	return at, err
}
