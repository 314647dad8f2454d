package registration

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/locale"
)

// Headsets returns how many approved participants of an event asked for interpretation into which language: so many
// headsets are needed. It takes one query.
func Headsets(ctx context.Context, q bun.IDB, eventID int64) (map[locale.Code]int, error) {
	var rows []struct {
		Interpretation locale.Code
		N              int
	}
	err := q.NewSelect().Table("registrations").Column("interpretation").ColumnExpr("COUNT(*) AS n").
		Where("event_id = ? AND status = ? AND folded_into IS NULL AND interpretation <> ''", eventID, Approved).Group("interpretation").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("headsets for event %d: %w", eventID, err)
	}
	all := make(map[locale.Code]int, len(rows))
	for _, x := range rows {
		all[x.Interpretation] = x.N
	}
	return all, nil
}
