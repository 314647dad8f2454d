// Package registration holds a person's place, or wish for one, at an event: the form, who is admitted, who decides,
// the waiting list, and the one link behind which a participant finds everything.
package registration

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
)

// Status says how far a registration has come.
type Status string

// The statuses.
const (
	Draft      Status = "draft"
	Submitted  Status = "submitted" // waits for the organiser
	Waitlisted Status = "waitlisted"
	Approved   Status = "approved"
	Rejected   Status = "rejected"
	Cancelled  Status = "cancelled"
)

// Statuses are all statuses in the order in which lists show them.
var Statuses = []Status{Submitted, Approved, Waitlisted, Rejected, Cancelled, Draft}

// Source says how a registration came in.
type Source string

// The sources.
const (
	FromForm   Source = "form"
	FromDesk   Source = "desk"
	FromImport Source = "import"
)

// Registration is one person's at one event, with a snapshot of who they were when they registered.
type Registration struct {
	bun.BaseModel `bun:"table:registrations"`

	ID              int64  `bun:",pk,autoincrement"`
	Code            string // eight characters, in the QR code and for typing at the door
	EventID         int64
	PersonID        int64
	Status          Status
	Source          Source
	GivenName       string
	FamilyName      string
	CertificateName string // exactly as its holder wants it on the certificate
	OtherScriptName string // the same name in the other script, if the holder gave it
	Gender          person.Gender
	Email           string
	EmailKey        string
	IdentityKey     string // e-mail and folded name: one form registration each
	Phone           string
	Country         string
	InstitutionID   int64 `bun:",nullzero"`
	InstitutionName string
	InstitutionType person.InstitutionType
	Position        string
	Locale          locale.Code // the language of pages and mails
	Interpretation  locale.Code // the language into which it is needed, "" for none
	Answers         db.JSON[Answers]
	ConsentData     bool
	ConsentList     bool
	ConsentPhoto    bool
	ConsentContact  bool
	ConsentedAt     db.Time
	Quiet           bool
	LinkNonce       string
	LinkHash        string
	UnitsPresent    int
	HalfDaysPresent int
	FoldedInto      int64 `bun:",nullzero"` // the registration that stands for this one since two persons were merged
	SubmittedAt     db.Time
	DecidedAt       db.Time
	DecidedBy       int64 `bun:",nullzero"`
	Reason          string
	CreatedAt       db.Time
	UpdatedAt       db.Time
	Version         int

	Nominator Institution `bun:"-"` // who nominated this person, in the lists of organisers; without an ID nobody did
}

// Answers are what the form asks beyond who somebody is.
type Answers struct {
	Diet          string `json:"diet,omitempty"`
	Accessibility string `json:"accessibility,omitempty"`
	Expectations  string `json:"expectations,omitempty"`
}

// LinkPurpose tells a participant's link from others.
const LinkPurpose = "my"

// Actor is the holder of this registration's link.
func (r *Registration) Actor() account.Actor {
	return account.Link(account.Participant, account.RegistrationScope, r.ID)
}

// Initials are what others see of a quiet person.
func (r *Registration) Initials() string {
	first := func(s string) string {
		for _, c := range s {
			return string(c) + "."
		}
		return ""
	}
	return first(r.GivenName) + " " + first(r.FamilyName)
}

// The refusals.
var (
	ErrNotFound = fault.New(fault.NotFound, "registration.not_found")
	ErrClosed   = fault.New(fault.Conflict, "registration.closed")
	ErrAlready  = fault.New(fault.Conflict, "registration.already")
	ErrNoSeat   = fault.New(fault.Conflict, "registration.no_seat")
	ErrStatus   = fault.New(fault.Conflict, "registration.wrong_status")
)

// Admit decides about an application on arrival. It is the rule and nothing else: automatic events approve while
// there are seats; where an organiser decides, as many applications as there are seats wait for that decision. Who
// comes later waits for a seat.
func Admit(e *event.Event) Status {
	switch {
	case e.Decision == event.Automatic && e.SeatsTaken < e.Seats:
		return Approved
	case e.Decision == event.ByOrganiser && e.SeatsTaken+e.SeatsAsked < e.Seats:
		return Submitted
	}
	return Waitlisted
}

// move changes a registration's status and the event's counters with it. The caller holds the event's lock.
func move(ctx context.Context, tx *db.Tx, e *event.Event, r *Registration, to Status) error {
	count := func(s Status, by int) {
		switch s {
		case Approved:
			e.SeatsTaken += by
		case Submitted:
			e.SeatsAsked += by
		}
	}
	count(r.Status, -1)
	count(to, +1)
	r.Status = to
	r.Version++
	if _, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx); err != nil {
		return fmt.Errorf("store registration %d: %w", r.ID, err)
	}
	return storeSeats(ctx, tx, e)
}

func storeSeats(ctx context.Context, tx *db.Tx, e *event.Event) error {
	_, err := tx.NewUpdate().Model(e).Column("seats_taken", "seats_asked").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("store the seats of event %d: %w", e.ID, err)
	}
	return nil
}
