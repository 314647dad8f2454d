// Package audit keeps who did what to what. Entries are appended in the transaction of the deed and never changed.
// They hold ids, never personal data: a person who is anonymised later must not live on in here.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// Entry is one deed. At, ID and RequestID are filled in by Record.
type Entry struct {
	bun.BaseModel `bun:"table:audit"`

	ID        int64                    `bun:"id,pk,autoincrement"`
	At        db.Time                  `bun:"at"`
	UserID    int64                    `bun:"user_id,nullzero"`  // 0: a link, a command or the program itself
	Actor     string                   `bun:"actor"`             // the name of the user at that time, or "system"
	Role      string                   `bun:"role"`              // the role in which they acted, "" for the system
	TokenID   int64                    `bun:"token_id,nullzero"` // the token of a program that acted for the user
	Action    string                   `bun:"action"`            // a verb: "approve", "issue"
	Subject   string                   `bun:"subject"`           // what kind of thing: "registration"
	SubjectID int64                    `bun:"subject_id"`
	EventID   int64                    `bun:"event_id,nullzero"`
	Detail    db.JSON[json.RawMessage] `bun:"detail"` // see Detail
	RequestID string                   `bun:"request_id"`
}

// Detail is what more there is to know about a deed, for Entry.Detail: ids, states, numbers. It panics if v isn't
// made for JSON, which is a mistake in the program.
func Detail(v any) db.JSON[json.RawMessage] {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("audit: detail: %v", err))
	}
	return db.JSON[json.RawMessage]{V: b}
}

// Record appends an entry to the transaction, at the present time and with the request id of ctx.
func Record(ctx context.Context, tx *db.Tx, e Entry) error {
	if e.Action == "" || e.Subject == "" {
		return errors.New("audit: an entry needs an action and a subject")
	}
	e.ID = 0
	e.At = db.At(time.Now())
	e.RequestID = RequestID(ctx)
	if e.Detail.V == nil {
		e.Detail.V = json.RawMessage("{}")
	}
	if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
		return fmt.Errorf("record %s of %s %d: %w", e.Action, e.Subject, e.SubjectID, err)
	}
	return nil
}

// OfEvent returns what was done in an event, the newest first. before is the ID to go on from, 0 for the newest; at
// most limit entries come back.
func OfEvent(ctx context.Context, d *db.DB, eventID, before int64, limit int) ([]Entry, error) {
	var out []Entry
	q := d.Read().NewSelect().Model(&out).Where("event_id = ?", eventID).OrderExpr("id DESC").Limit(int64(limit))
	if before > 0 {
		q = q.Where("id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the audit of event %d: %w", eventID, err)
	}
	return out, nil
}

// Of returns what was done to one thing, the newest first.
func Of(ctx context.Context, d *db.DB, subject string, id int64) ([]Entry, error) {
	var out []Entry
	err := d.Read().NewSelect().Model(&out).Where("subject = ? AND subject_id = ?", subject, id).OrderExpr("id DESC").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the audit of %s %d: %w", subject, id, err)
	}
	return out, nil
}
