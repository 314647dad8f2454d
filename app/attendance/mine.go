package attendance

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// Of returns when a registration was first claimed present at each unit, by the unit's id; where it wasn't present the
// unit is missing.
func Of(ctx context.Context, q bun.IDB, registrationID int64) (map[int64]db.Time, error) {
	var rows []struct {
		UnitID int64
		Since  db.Time
	}
	err := q.NewRaw("SELECT unit_id, since FROM attendance WHERE registration_id = ?", registrationID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("attendance of registration %d: %w", registrationID, err)
	}
	out := map[int64]db.Time{}
	for _, r := range rows {
		out[r.UnitID] = r.Since
	}
	return out, nil
}
