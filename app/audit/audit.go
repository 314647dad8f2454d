// Package audit keeps who did what to what: entries are appended in the transaction of the deed, never changed, and
// sealed afterwards into a chain that shows if somebody changed them beneath. They hold ids, states and numbers, never
// a participant's personal data: who is anonymised later must not live on in here.
package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

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
	Detail    db.JSON[json.RawMessage] `bun:"detail"` // see Detail and Change
	RequestID string                   `bun:"request_id"`
}

// The verbs of looking at something and of taking a file of it out; every other verb is a change.
const (
	View   = "view"
	Export = "export"
)

// Kind names what was done to what, "registration.decide"; looks and exports are the same whatever they are of: "view".
// Earlier releases wrote the subject into the action as well.
func (e Entry) Kind() string {
	verb := e.Action[strings.LastIndexByte(e.Action, '.')+1:]
	if verb == View || verb == Export {
		return verb
	}
	return e.Subject + "." + verb
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

// Append is Record in a transaction of its own, for what changes nothing else.
func Append(ctx context.Context, d *db.DB, e Entry) error {
	return d.InTx(ctx, func(ctx context.Context, tx *db.Tx) error { return Record(ctx, tx, e) })
}

// Look implements the record of looks for the pages: it appends e in a transaction of its own.
func (c *Chain) Look(ctx context.Context, e Entry) error { return Append(ctx, c.DB, e) }

// Record appends an entry to the transaction, at the present time of the installation's clock and with the request id
// of ctx. Nothing waits for it: the chain is made afterwards, see Chain.
func Record(ctx context.Context, tx *db.Tx, e Entry) error {
	if e.Action == "" || e.Subject == "" {
		return errors.New("audit: an entry needs an action and a subject")
	}
	e.ID = 0
	e.At = tx.Now()
	e.RequestID = RequestID(ctx)
	if e.Detail.V == nil {
		e.Detail.V = json.RawMessage("{}")
	}
	if _, err := tx.NewInsert().Model(&e).Exec(ctx); err != nil {
		return fmt.Errorf("record %s of %s %d: %w", e.Action, e.Subject, e.SubjectID, err)
	}
	return nil
}
