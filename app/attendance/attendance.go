// Package attendance records who was there. A claim says so once, a scan, a signature, an organiser's mark, an
// import, and is kept for ever with its source; attendance is what follows from the claims.
package attendance

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/registration"
	"attesta/app/token"
)

// Source says where a claim comes from.
type Source string

// The sources.
const (
	Scan       Source = "scan"       // a QR code at the door
	Typed      Source = "typed"      // its code, typed
	List       Source = "list"       // ticked by hand in a list
	Import     Source = "import"     // a participant list
	Correction Source = "correction" // somebody takes it back; outweighs what was claimed before
)

// Claim says once that a registration was, or was not, present at a unit.
type Claim struct {
	bun.BaseModel `bun:"table:claims"`

	ID             int64 `bun:",pk,autoincrement"`
	RegistrationID int64
	UnitID         int64
	Source         Source
	Present        bool
	Device         string
	DeviceAt       db.Time // as the device's clock had it
	ReceivedAt     db.Time // as the server's clock had it
	UserID         int64   `bun:",nullzero"`
	LinkID         int64   `bun:",nullzero"`
	Detail         string  // for an import: the file and the row
	RequestKey     string  `bun:",nullzero"` // a claim with the same key is the same claim, sent again
}

// Desk takes claims.
type Desk struct {
	DB     *db.DB
	Clock  func() time.Time
	Secret token.Secret
}

// The refusals.
var (
	ErrLink = fault.New(fault.Gone, "attendance.link_ended")
	ErrUnit = fault.New(fault.NotFound, "attendance.no_unit")
)

// Follows returns what follows from the claims about one registration and one unit, which come in the order they were
// received. A correction outweighs everything before it; of several imports the latest counts; otherwise one claim of
// presence is enough.
func Follows(claims []Claim) bool {
	present, imported := false, false
	for _, c := range claims {
		switch c.Source {
		case Correction:
			present, imported = c.Present, false
		case Import:
			imported = c.Present
		default:
			present = present || c.Present
		}
	}
	return present || imported
}

// record appends claims and derives the attendance of the registrations they are about. The caller holds whatever
// lock the order of writes asks for.
func record(ctx context.Context, tx *db.Tx, claims []Claim) error {
	if len(claims) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&claims).On("CONFLICT (request_key) DO NOTHING").Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("record claims: %w", err)
	}
	seen := map[int64]bool{}
	for _, c := range claims {
		if !seen[c.RegistrationID] {
			seen[c.RegistrationID] = true
			if err := Derive(ctx, tx, c.RegistrationID); err != nil {
				return err
			}
		}
	}
	return nil
}

// Record appends claims that the program itself makes, as an import does, and derives the attendance.
func Record(ctx context.Context, tx *db.Tx, claims []Claim) error { return record(ctx, tx, claims) }

// Derive makes the attendance of a registration, and the counters on it, what follows from its claims and from those of
// registrations that were folded into it. It may run any number of times.
func Derive(ctx context.Context, tx *db.Tx, registrationID int64) error {
	var r registration.Registration
	if err := tx.Lock(tx.NewSelect().Model(&r).Where("id = ?", registrationID)).Scan(ctx); err != nil {
		return fmt.Errorf("registration %d: %w", registrationID, db.One(err))
	}
	var claims []Claim
	err := tx.NewSelect().Model(&claims).Where("registration_id = ? OR registration_id IN (SELECT id FROM registrations WHERE folded_into = ?)", r.ID, r.ID).
		Order("received_at", "id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("claims of registration %d: %w", r.ID, err)
	}
	units, err := event.Units(ctx, tx, r.EventID)
	if err != nil {
		return err
	}
	byUnit := map[int64][]Claim{}
	for _, c := range claims {
		byUnit[c.UnitID] = append(byUnit[c.UnitID], c)
	}
	return store(ctx, tx, &r, units, byUnit)
}

func store(ctx context.Context, tx *db.Tx, r *registration.Registration, units []event.AttendanceUnit, claims map[int64][]Claim) error {
	type row struct {
		bun.BaseModel `bun:"table:attendance"`

		RegistrationID int64
		UnitID         int64
		Since          db.Time
	}
	var rows []row
	halfDays := 0
	for _, u := range units {
		if cs := claims[u.ID]; len(cs) > 0 && Follows(cs) {
			rows = append(rows, row{RegistrationID: r.ID, UnitID: u.ID, Since: since(cs)})
			halfDays += u.HalfDays
		}
	}
	if _, err := tx.NewRaw("DELETE FROM attendance WHERE registration_id = ?", r.ID).Exec(ctx); err != nil {
		return fmt.Errorf("derive attendance of registration %d: %w", r.ID, err)
	}
	if len(rows) > 0 {
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return fmt.Errorf("derive attendance of registration %d: %w", r.ID, err)
		}
	}
	_, err := tx.NewRaw("UPDATE registrations SET units_present = ?, half_days_present = ? WHERE id = ?", len(rows), halfDays, r.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("count attendance of registration %d: %w", r.ID, err)
	}
	return nil
}

// since is when presence was first claimed.
func since(claims []Claim) db.Time {
	for _, c := range claims {
		if c.Present {
			if !c.DeviceAt.IsZero() {
				return c.DeviceAt
			}
			return c.ReceivedAt
		}
	}
	return db.Time{}
}

// Completed reports whether having been at present of all units completes an event: the share must reach the
// threshold.
func Completed(present, all int, threshold float64) bool {
	const rounding = 1e-9 // 0.8 × 5 must be met by 4
	return all > 0 && float64(present) >= threshold*float64(all)-rounding
}

// Row is one registration in an event's roll.
type Row struct {
	Registration registration.Registration
	Present      []bool // by the position of the unit, from 0
	Completed    bool
}

// Roll returns everybody on an event's list and where they were present, in two queries whatever the size.
func (d *Desk) Roll(ctx context.Context, actor account.Actor, e *event.Event) ([]event.AttendanceUnit, []Row, error) {
	if err := event.May(actor, account.ViewEvent, e); err != nil {
		return nil, nil, err
	}
	return Roll(ctx, d.DB.Read(), e)
}

// Roll is Desk.Roll for the program itself.
func Roll(ctx context.Context, q bun.IDB, e *event.Event) ([]event.AttendanceUnit, []Row, error) {
	units, err := event.Units(ctx, q, e.ID)
	if err != nil {
		return nil, nil, err
	}
	at := map[int64]int{}
	for i, u := range units {
		at[u.ID] = i
	}
	var list []registration.Registration
	err = q.NewSelect().Model(&list).Where("event_id = ? AND folded_into IS NULL AND status = ?", e.ID, registration.Approved).Order("family_name", "given_name", "id").Scan(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("roll of event %d: %w", e.ID, err)
	}
	var marks []struct {
		RegistrationID int64
		UnitID         int64
	}
	err = q.NewRaw("SELECT a.registration_id, a.unit_id FROM attendance AS a JOIN attendance_units AS u ON u.id = a.unit_id WHERE u.event_id = ?", e.ID).Scan(ctx, &marks)
	if err != nil {
		return nil, nil, fmt.Errorf("attendance of event %d: %w", e.ID, err)
	}
	rows := make([]Row, len(list))
	byID := map[int64]*Row{}
	for i, r := range list {
		rows[i] = Row{Registration: r, Present: make([]bool, len(units)), Completed: Completed(r.UnitsPresent, len(units), e.Threshold)}
		byID[r.ID] = &rows[i]
	}
	for _, m := range marks {
		if r := byID[m.RegistrationID]; r != nil {
			r.Present[at[m.UnitID]] = true
		}
	}
	return units, rows, nil
}
