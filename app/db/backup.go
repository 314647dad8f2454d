package db

import (
	"context"
	"fmt"
)

// CopyTo writes a consistent copy of an SQLite database into a new file, while others read and write.
func (d *DB) CopyTo(ctx context.Context, file string) error {
	if _, err := d.queue.ExecContext(ctx, "VACUUM INTO ?", file); err != nil {
		return fmt.Errorf("copy the database to %s: %w", file, err)
	}
	return nil
}
