package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// Health returns how many mails that were written before a time still wait, and how many were refused by the server
// since another.
func Health(ctx context.Context, q bun.IDB, before, since time.Time) (waiting, undelivered int, err error) {
	err = q.NewRaw(`SELECT COALESCE(SUM(CASE WHEN state = ? AND created_at < ? THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN state = ? AND created_at >= ? THEN 1 ELSE 0 END), 0) FROM outbox`,
		queued, db.At(before), refused, db.At(since)).Scan(ctx, &waiting, &undelivered)
	if err != nil {
		return 0, 0, fmt.Errorf("look at the outbox: %w", err)
	}
	return waiting, undelivered, nil
}
