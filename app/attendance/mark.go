package attendance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/registration"
	"attesta/app/token"
)

// Answer is what the door is told.
type Answer string

// The answers.
const (
	In          Answer = "in"
	Already     Answer = "already"       // was in before; nothing changed
	NotThis     Answer = "not_this"      // a code of another event: neither name nor event is told
	Unknown     Answer = "unknown"       // no such code
	NotApproved Answer = "not_approved"  // on the list, but not approved
	Out         Answer = "out"           // an earlier mark was taken back
	OutAlready  Answer = "out_unchanged" // was not in
)

// Mark is one claim from the door or the desk. Exactly one of Code and RegistrationID says about whom.
type Mark struct {
	EventCode      string
	Position       int    // of the unit, from 1
	Code           string // as scanned or typed
	RegistrationID int64
	Source         Source
	Absent         bool // takes presence back
	Device         string
	DeviceAt       time.Time
	LinkID         int64
	RequestKey     string // the same key again is the same claim
}

// Result is the answer with what the door may show.
type Result struct {
	Answer       Answer
	Registration *registration.Registration // nil for NotThis and Unknown
	Since        db.Time
}

// Mark records a claim. The actor needs MarkPresence for the event.
func (d *Desk) Mark(ctx context.Context, actor account.Actor, m Mark) (res Result, err error) {
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, u, err := d.open(ctx, tx, actor, m)
		if err != nil {
			return err
		}
		if res, err = d.who(ctx, tx, e, m); err != nil || res.Answer != "" {
			return err
		}
		res, err = d.apply(ctx, tx, actor, u, res.Registration, m)
		return err
	})
	if err != nil {
		return Result{}, fmt.Errorf("mark attendance: %w", err)
	}
	return res, nil
}

func (d *Desk) open(ctx context.Context, tx *db.Tx, actor account.Actor, m Mark) (*event.Event, *event.AttendanceUnit, error) {
	e, err := event.ByCodeIn(ctx, tx, m.EventCode)
	if err != nil {
		return nil, nil, err
	}
	if err := event.May(actor, account.MarkPresence, e); err != nil {
		return nil, nil, err
	}
	var u event.AttendanceUnit
	err = tx.NewSelect().Model(&u).Where("event_id = ? AND position = ?", e.ID, m.Position).Scan(ctx)
	if errors.Is(db.One(err), db.ErrNotFound) {
		return nil, nil, ErrUnit
	}
	if err == nil {
		err = d.admit(ctx, tx, e, &u, m)
	}
	return e, &u, err
}

// who finds the registration and locks it, or gives the answer that ends the matter.
func (d *Desk) who(ctx context.Context, tx *db.Tx, e *event.Event, m Mark) (Result, error) {
	var r registration.Registration
	q := tx.NewSelect().Model(&r)
	if m.RegistrationID != 0 {
		q = q.Where("id = ?", m.RegistrationID)
	} else {
		q = q.Where("code = ?", token.Fold(m.Code))
	}
	err := tx.Lock(q).Scan(ctx)
	if errors.Is(db.One(err), db.ErrNotFound) {
		return Result{Answer: Unknown}, nil
	}
	if err != nil {
		return Result{}, err
	}
	if r.FoldedInto != 0 { // a badge printed before two persons were merged still opens the door
		if err := tx.Lock(tx.NewSelect().Model(&r).Where("id = ?", r.FoldedInto)).Scan(ctx); err != nil {
			return Result{}, err
		}
	}
	switch {
	case r.EventID != e.ID:
		return Result{Answer: NotThis}, nil
	case r.Status != registration.Approved:
		return Result{Answer: NotApproved, Registration: &r}, nil
	}
	return Result{Registration: &r}, nil
}

func (d *Desk) apply(ctx context.Context, tx *db.Tx, actor account.Actor, u *event.AttendanceUnit, r *registration.Registration, m Mark) (Result, error) {
	before, err := present(ctx, tx, r.ID, u.ID)
	if err != nil {
		return Result{}, err
	}
	res := Result{Registration: r, Since: before}
	was := !before.IsZero()
	switch {
	case was && !m.Absent:
		res.Answer = Already
	case !was && m.Absent:
		res.Answer = OutAlready
		return res, nil
	case m.Absent:
		res.Answer = Out
	default:
		res.Answer = In
	}
	source := m.Source
	if m.Absent {
		source = Correction
	}
	c := Claim{
		RegistrationID: r.ID, UnitID: u.ID, Source: source, Present: !m.Absent, Device: m.Device, DeviceAt: db.At(m.DeviceAt),
		ReceivedAt: db.At(d.Clock()), UserID: actor.UserID, LinkID: m.LinkID, RequestKey: m.RequestKey,
	}
	if err := record(ctx, tx, []Claim{c}); err != nil {
		return Result{}, err
	}
	if res.Since.IsZero() {
		res.Since = c.ReceivedAt
	}
	if was != m.Absent { // present before and after: one claim more, no change
		return res, nil
	}
	deed := actor.Deed("mark", "registration", r.ID)
	deed.EventID = r.EventID
	deed.Detail = audit.Change(audit.Facts{"present": was}, audit.Facts{"present": !m.Absent}, audit.Facts{"unit_number": u.Position, "source": source})
	return res, audit.Record(ctx, tx, deed)
}

// present returns since when somebody has been in, or the zero time.
func present(ctx context.Context, tx *db.Tx, registrationID, unitID int64) (since db.Time, err error) {
	err = tx.NewRaw("SELECT since FROM attendance WHERE registration_id = ? AND unit_id = ?", registrationID, unitID).Scan(ctx, &since)
	if errors.Is(db.One(err), db.ErrNotFound) {
		return db.Time{}, nil
	}
	return since, err
}

// Count returns how many are in at a unit and how many are expected.
func (d *Desk) Count(ctx context.Context, e *event.Event, position int) (in, expected int, err error) {
	err = d.DB.Read().NewRaw(`SELECT
		(SELECT COUNT(*) FROM attendance AS a JOIN attendance_units AS u ON u.id = a.unit_id
			JOIN registrations AS r ON r.id = a.registration_id AND r.folded_into IS NULL
			WHERE u.event_id = ? AND u.position = ?) AS inside,
		(SELECT COUNT(*) FROM registrations WHERE event_id = ? AND status = 'approved' AND folded_into IS NULL) AS expected`,
		e.ID, position, e.ID).Scan(ctx, &in, &expected)
	if err != nil {
		return 0, 0, fmt.Errorf("count attendance of event %d: %w", e.ID, err)
	}
	return in, expected, nil
}

// MinSearch is how many letters a search at the door needs.
const MinSearch = 3

const maxFound = 5

// Find returns the approved registrations of an event whose name begins with each word of a search of at least three
// letters; a quiet person is found by the whole name only. At most five come back, so that nobody reads the list.
func (d *Desk) Find(ctx context.Context, actor account.Actor, e *event.Event, search string) ([]registration.Registration, error) {
	if err := event.May(actor, account.MarkPresence, e); err != nil {
		return nil, err
	}
	if len([]rune(search)) < MinSearch {
		return nil, nil
	}
	var list []registration.Registration
	err := d.DB.Read().NewSelect().Model(&list).Where("event_id = ? AND status = ? AND folded_into IS NULL", e.ID, registration.Approved).
		Order("family_name", "given_name").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("search in event %d: %w", e.ID, err)
	}
	var out []registration.Registration
	for _, r := range list {
		name := r.GivenName + " " + r.FamilyName
		hit := registration.Matches(name, search)
		if r.Quiet {
			hit = registration.SameName(name, search)
		}
		if hit && len(out) < maxFound {
			out = append(out, r)
		}
	}
	return out, nil
}
