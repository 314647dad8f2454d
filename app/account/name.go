package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// NameOf returns the name of a user; that of the program itself, and of nobody, is "".
func NameOf(ctx context.Context, q bun.IDB, userID int64) (name string, err error) {
	err = q.NewRaw("SELECT name FROM users WHERE id = ?", userID).Scan(ctx, &name)
	if err != nil && !errors.Is(db.One(err), db.ErrNotFound) {
		return "", fmt.Errorf("name of user %d: %w", userID, err)
	}
	return name, nil
}
