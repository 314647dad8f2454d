package mail

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// Delivery says how far a mail has come.
type Delivery string

// The stages of a mail.
const (
	Waiting Delivery = queued  // for a mail server to take it
	Taken   Delivery = sent    // by the mail server
	Refused Delivery = refused // for good: there is no such address, or its server wants none of our mails
)

// Deliveries returns how far the last mail of one of the kinds to each address has come; an address without one is left
// out.
func Deliveries(ctx context.Context, q bun.IDB, to []string, kinds ...Kind) (map[string]Delivery, error) {
	out := map[string]Delivery{}
	if len(to) == 0 {
		return out, nil
	}
	var rows []struct {
		Recipient string
		State     Delivery
	}
	err := q.NewRaw("SELECT recipient, state FROM outbox WHERE recipient IN (?) AND kind IN (?) ORDER BY id", bun.List(to), bun.List(kinds)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("how far mails have come: %w", err)
	}
	for _, r := range rows {
		out[r.Recipient] = r.State
	}
	return out, nil
}

// Forget takes address and content out of the mails of these kinds that an address got, once they are out of the house:
// what is left says that there was a mail.
func Forget(ctx context.Context, tx *db.Tx, to string, kinds ...Kind) error {
	_, err := tx.NewRaw("UPDATE outbox SET recipient = '', params = '{}' WHERE recipient = ? AND kind IN (?) AND state <> ?", to, bun.List(kinds), queued).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget the mails to an address: %w", err)
	}
	return nil
}
