package registration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/person"
)

// Offer is a number of seats at an event that an institution may nominate colleagues for. Its focal point opens it by
// link, without an account, until it ends, is revoked, or whoever made it may no longer choose participants.
type Offer struct {
	bun.BaseModel `bun:"table:nomination_links"`

	ID            int64 `bun:",pk,autoincrement"`
	EventID       int64
	InstitutionID int64
	ContactName   string
	ContactEmail  string
	Locale        locale.Code // of the focal point's page and mails
	Seats         int
	Nonce         string
	Hash          string
	CreatedBy     int64 `bun:",nullzero"` // whose right the link stands on; 0 is the program
	CreatedAt     db.Time
	ExpiresAt     db.Time
	RevokedAt     db.Time
}

// Nomination is one colleague whom a focal point has named. It takes a seat of the offer until it is withdrawn or
// declined; the nominee registers, or declines, with a link of their own.
type Nomination struct {
	bun.BaseModel `bun:"table:nominations"`

	ID             int64 `bun:",pk,autoincrement"`
	LinkID         int64
	GivenName      string
	FamilyName     string
	Email          string
	EmailKey       string
	Position       string
	Locale         locale.Code // of the mails to the nominee
	Nonce          string
	Hash           string
	RegistrationID int64 `bun:",nullzero"`
	CreatedAt      db.Time
	DeclinedAt     db.Time
	WithdrawnAt    db.Time
	RemindedAt     db.Time
	ErasedAt       db.Time // since when name, address and position are gone
}

// Institution is who nominates, as nominations show it.
type Institution struct {
	ID      int64
	Name    string
	Names   locale.Text
	Type    person.InstitutionType
	Country string
}

// In is the institution's name in a language, else the one under which it is known.
func (i Institution) In(code locale.Code) string {
	if s := i.Names.By[code]; s != "" {
		return s
	}
	return i.Name
}

// The purposes tell the links of nominations from others.
const (
	OfferPurpose      = "nominate"
	NominationPurpose = "nominated"
)

// The refusals about nominations.
var (
	ErrOffer          = fault.New(fault.NotFound, "nomination.link_gone")
	ErrOfferOver      = fault.New(fault.Conflict, "nomination.over")
	ErrNoSeatLeft     = fault.New(fault.Conflict, "nomination.no_seat_left")
	ErrAnswered       = fault.New(fault.Conflict, "nomination.answered")
	ErrNominationGone = fault.New(fault.NotFound, "nomination.gone")
)

// Standing says where a nomination stands, as the focal point is told.
type Standing string

// The standings. A registered nominee stands where the registration does.
const (
	NomineeInvited     Standing = "invited"     // the mail is out and not answered
	NomineeUndelivered Standing = "undelivered" // the mail server refused the mail
	NomineeWithdrawn   Standing = "withdrawn"
	NomineeDeclined    Standing = "declined"
	NomineeExpired     Standing = "expired" // not answered in time
)

// Nominated is a nomination with where it stands.
type Nominated struct {
	Nomination
	Standing     Standing
	Registration string // the code of the registration, for the event's organisers; "" before
	Withdrawable bool
}

// Actor is the focal point that holds the link.
func (o *Offer) Actor() account.Actor {
	return account.Link(account.FocalPoint, account.NominationScope, o.ID)
}

func (o *Offer) scope() account.Scope {
	return account.Scope{Kind: account.NominationScope, ID: o.ID}
}

// Takes reports whether the offer still takes nominations and answers: it hasn't ended, and the event is published and
// lies ahead. Whether its maker may still make offers is asked apart.
func (o *Offer) Takes(now time.Time, e *event.Event) bool {
	return o.RevokedAt.IsZero() && now.Before(o.ExpiresAt.Time) && now.Before(e.Begins()) && e.State == event.Published
}

// lives returns ErrOffer if the link was revoked or whoever made it may no longer choose this event's participants.
func (d *Desk) lives(ctx context.Context, q bun.IDB, o *Offer, e *event.Event) error {
	if !o.RevokedAt.IsZero() {
		return ErrOffer
	}
	ok, err := account.HoldsToday(ctx, q, o.CreatedBy, account.Select, d.Clock(), e.Scopes()...)
	if err != nil {
		return err
	}
	if !ok {
		return ErrOffer
	}
	return nil
}

// institutionOf returns an institution, or the one that stands for it since the two were found to be one.
func institutionOf(ctx context.Context, q bun.IDB, id int64) (Institution, error) {
	var i Institution
	err := q.NewRaw(`SELECT k.id, k.name, k.names, k.type, k.country FROM institutions AS i
		JOIN institutions AS k ON k.id = COALESCE(i.merged_into, i.id) WHERE i.id = ?`, id).Scan(ctx, &i)
	if err != nil {
		return i, fmt.Errorf("institution %d: %w", id, db.One(err))
	}
	return i, nil
}

// Institutions returns all that can be offered seats, in no order.
func Institutions(ctx context.Context, q bun.IDB) ([]Institution, error) {
	var list []Institution
	err := q.NewRaw("SELECT id, name, names, type, country FROM institutions WHERE merged_into IS NULL ORDER BY id").Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("institutions: %w", err)
	}
	return list, nil
}

// standings returns the nominations of an offer with where each stands, in the order in which they were made.
func (d *Desk) standings(ctx context.Context, q bun.IDB, o *Offer, e *event.Event) ([]Nominated, error) {
	var list []Nomination
	if err := q.NewSelect().Model(&list).Where("link_id = ?", o.ID).Order("id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("nominations of offer %d: %w", o.ID, err)
	}
	answers, err := answersOf(ctx, q, o.ID)
	if err != nil {
		return nil, err
	}
	var to []string
	for _, n := range list {
		if n.Email != "" {
			to = append(to, n.Email)
		}
	}
	mails, err := mail.Deliveries(ctx, q, to, mail.NominationInvited, mail.NominationReminder)
	if err != nil {
		return nil, err
	}
	out := make([]Nominated, len(list))
	for i, n := range list {
		a := answers[n.ID]
		out[i] = Nominated{Nomination: n, Standing: n.standing(a.Status, mails[n.Email], o.Takes(d.Clock(), e)), Registration: a.Code}
		out[i].Withdrawable = n.WithdrawnAt.IsZero() && n.DeclinedAt.IsZero() && (n.RegistrationID == 0 || a.Status == Cancelled)
	}
	return out, nil
}

// answer is a nominee's registration.
type answer struct {
	ID     int64
	Code   string
	Status Status
}

// answersOf returns the registrations of an offer's nominees by nomination; the one that stands for a folded one.
func answersOf(ctx context.Context, q bun.IDB, offerID int64) (map[int64]answer, error) {
	var rows []answer
	err := q.NewRaw(`SELECT n.id, r.code, r.status FROM nominations AS n
		JOIN registrations AS s ON s.id = n.registration_id JOIN registrations AS r ON r.id = COALESCE(s.folded_into, s.id)
		WHERE n.link_id = ?`, offerID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("answers to offer %d: %w", offerID, err)
	}
	out := map[int64]answer{}
	for _, a := range rows {
		out[a.ID] = a
	}
	return out, nil
}

func (n *Nomination) standing(s Status, m mail.Delivery, takes bool) Standing {
	switch {
	case n.RegistrationID != 0 && s != "":
		return Standing(s)
	case !n.DeclinedAt.IsZero():
		return NomineeDeclined
	case !n.WithdrawnAt.IsZero():
		return NomineeWithdrawn
	case !takes:
		return NomineeExpired
	case m == mail.Refused:
		return NomineeUndelivered
	}
	return NomineeInvited
}

// takenSeats is how many seats of an offer are named: by nominations that were neither withdrawn nor declined.
func takenSeats(ctx context.Context, q bun.IDB, offerID int64) (n int, err error) {
	err = q.NewRaw("SELECT COUNT(*) FROM nominations WHERE link_id = ? AND withdrawn_at IS NULL AND declined_at IS NULL", offerID).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("seats of offer %d: %w", offerID, err)
	}
	return n, nil
}

// offerBy reads one offer, or returns ErrOffer.
func offerBy(q *bun.SelectQuery, o *Offer) func(context.Context, string, ...any) error {
	return func(ctx context.Context, where string, args ...any) error {
		err := q.Model(o).Where(where, args...).Scan(ctx)
		if errors.Is(db.One(err), db.ErrNotFound) {
			return ErrOffer
		}
		return err
	}
}
