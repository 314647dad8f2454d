package certificate

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/event"
)

// DueCounts returns, by event, how many completed it and hold no valid certificate, in one query. The caller has checked
// who asks.
func DueCounts(ctx context.Context, q bun.IDB, events []event.Event) (map[int64]int, error) {
	out := map[int64]int{}
	if len(events) == 0 {
		return out, nil
	}
	ids := make([]int64, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	var rows []struct {
		EventID int64
		N       int
	}
	err := q.NewRaw(`SELECT r.event_id, COUNT(*) AS n FROM registrations AS r
		JOIN events AS e ON e.id = r.event_id
		JOIN (SELECT event_id, COUNT(*) AS units FROM attendance_units GROUP BY event_id) AS u ON u.event_id = e.id
		WHERE r.event_id IN (?) AND r.status = 'approved' AND r.folded_into IS NULL
			AND r.units_present >= e.threshold * u.units - 0.000000001
			AND NOT EXISTS (SELECT 1 FROM certificates AS c WHERE c.registration_id = r.id AND c.state = 'valid')
		GROUP BY r.event_id`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("count certificates that are due: %w", err)
	}
	for _, r := range rows {
		out[r.EventID] = r.N
	}
	return out, nil
}
