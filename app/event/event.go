// Package event holds the trainings and conferences: what they are, where and when, their programme, the units in
// which presence is counted, and whether one may register.
package event

import (
	"sync"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Type is the sort of an event.
type Type string

// The types.
const (
	NationalTraining   Type = "national_training"
	RegionalTraining   Type = "regional_training"
	TrainingOfTrainers Type = "training_of_trainers"
	Conference         Type = "conference"
	Workshop           Type = "workshop"
	RoundTable         Type = "round_table"
	StudyVisit         Type = "study_visit"
)

// Types are all types, in the order in which forms offer them.
var Types = []Type{NationalTraining, RegionalTraining, TrainingOfTrainers, Conference, Workshop, RoundTable, StudyVisit}

// IsTraining reports whether who comes counts among the people trained.
func (t Type) IsTraining() bool {
	return t == NationalTraining || t == RegionalTraining || t == TrainingOfTrainers
}

// State is what the organisers have made of an event; see Phase for where it stands in time.
type State string

// The states.
const (
	Draft     State = "draft"
	Published State = "published"
	Cancelled State = "cancelled"
	Archived  State = "archived"
)

// Format says where one takes part.
type Format string

// The formats.
const (
	OnSite Format = "on_site"
	Online Format = "online"
	Hybrid Format = "hybrid"
)

// Formats are all formats, in the order in which forms offer them.
var Formats = []Format{OnSite, Online, Hybrid}

// Decision says who decides about an application.
type Decision string

// The ways to decide.
const (
	ByOrganiser Decision = "organiser" // an organiser chooses
	Automatic   Decision = "automatic" // whoever comes first, while there are seats
)

// Unit is what one is present at.
type Unit string

// The units of attendance.
const (
	HalfDay    Unit = "half-day"
	WholeDay   Unit = "day"
	BySessions Unit = "session"
)

// Event is one event.
type Event struct {
	bun.BaseModel `bun:"table:events"`

	ID                   int64 `bun:",pk,autoincrement"`
	Code                 string
	ProjectID            int64
	OrganisationID       int64
	Type                 Type
	Title                locale.Text
	Description          locale.Text
	Country              string
	City                 string
	Venue                string
	StartsOn             db.Day
	Days                 int
	Zone                 string // IANA name; days, and the times in the programme, are this zone's
	Languages            db.JSON[[]locale.Code]
	Seats                int
	SeatsTaken           int // approved registrations
	SeatsAsked           int // submitted registrations, which wait for a decision
	State                State
	RegistrationOpensAt  db.Time
	RegistrationClosesAt db.Time
	Decision             Decision
	Unit                 Unit
	Threshold            float64 // share of the units that completes the event
	Signatories          db.JSON[[]Signatory]
	VisibilityWaiver     string // why no donor is named, where that would endanger somebody
	WaivedBy             int64  `bun:",nullzero"` // the user who wrote the waiver, at WaivedAt
	WaivedAt             db.Time
	Listed               bool        // in the public calendar; otherwise reached by its link only
	Quiet                bool        // its place, and the names of its people, are told only to who is approved; see Told
	Template             bool        // offered to the whole network to copy from
	Format               Format      // where one takes part
	JoinURL              string      // of an online or hybrid event, for who is approved
	Audience             locale.Text // whom it is for; Markdown, like every longer text here
	Costs                locale.Text // what taking part costs and what is covered, in a line
	Directions           locale.Text // how to get there
	Accessibility        locale.Text // of the venue
	ContactName          string
	ContactEmail         string
	ContactPhone         string
	Interpretation       db.JSON[[]locale.Code] // languages into which it is interpreted
	CancelReason         locale.Text
	CancelledAt          db.Time
	MostDays             int // the longest it was ever announced: its calendar entries, of which the last may have to be withdrawn
	CreatedAt            db.Time
	UpdatedAt            db.Time
	Version              int
}

// Signatory signs the certificates.
type Signatory struct {
	Name string      `json:"name"`
	Role locale.Text `json:"role"`
}

// Scopes are where a role reaches this event from: itself, its organisation, its project.
func (e *Event) Scopes() []account.Scope {
	return []account.Scope{
		{Kind: account.EventScope, ID: e.ID},
		{Kind: account.OrganisationScope, ID: e.OrganisationID},
		{Kind: account.ProjectScope, ID: e.ProjectID},
	}
}

// IsOnline reports whether one can take part from elsewhere.
func (e *Event) IsOnline() bool { return e.Format == Online || e.Format == Hybrid }

// Told returns the event as it may be told to somebody who is approved, or to anyone else: a quiet event then has no
// place and no name of a person, and no event the link to join it.
func (e *Event) Told(approved bool) *Event {
	if approved {
		return e
	}
	t := *e
	t.JoinURL = ""
	if e.Quiet {
		t.Country, t.City, t.Venue, t.ContactName, t.ContactEmail, t.ContactPhone = "", "", "", "", "", ""
		t.Directions, t.Accessibility = locale.Text{}, locale.Text{}
	}
	return &t
}

// EndsOn is the last day.
func (e *Event) EndsOn() db.Day { return e.StartsOn.Plus(e.Days - 1) }

// Location is the event's zone; a zone the machine doesn't know is UTC.
func (e *Event) Location() *time.Location {
	if l, ok := locations.Load(e.Zone); ok {
		return l.(*time.Location)
	}
	l, err := time.LoadLocation(e.Zone)
	if err != nil {
		return time.UTC
	}
	locations.Store(e.Zone, l)
	return l
}

// locations are the zones that were asked for: time.LoadLocation reads a file at each call.
var locations sync.Map

// Begins is the instant at which the first day begins in the event's zone.
func (e *Event) Begins() time.Time { return e.StartsOn.In(e.Location(), 0, 0) }

// Ends is the instant at which the last day is over in the event's zone.
func (e *Event) Ends() time.Time { return e.StartsOn.Plus(e.Days).In(e.Location(), 0, 0) }

// Phase is where an event stands now.
type Phase string

// The phases. They follow from the state, the registration window and the clock.
const (
	PhaseDraft     Phase = "draft"
	PhaseAnnounced Phase = "announced" // published, registration not open yet
	PhaseOpen      Phase = "open"
	PhaseClosed    Phase = "closed" // registration is over, the event lies ahead
	PhaseRunning   Phase = "running"
	PhaseFinished  Phase = "finished"
	PhaseCancelled Phase = "cancelled"
)

// Phase returns where the event stands at an instant.
func (e *Event) Phase(now time.Time) Phase {
	switch {
	case e.State == Draft:
		return PhaseDraft
	case e.IsCancelled():
		return PhaseCancelled
	case e.State == Archived, !now.Before(e.Ends()):
		return PhaseFinished
	case !now.Before(e.Begins()):
		return PhaseRunning
	case e.RegistrationOpensAt.IsZero(), now.Before(e.RegistrationOpensAt.Time):
		return PhaseAnnounced
	case !e.RegistrationClosesAt.IsZero() && !now.Before(e.RegistrationClosesAt.Time):
		return PhaseClosed
	}
	return PhaseOpen
}

// SeatsFree is how many seats nobody has been promised.
func (e *Event) SeatsFree() int { return max(0, e.Seats-e.SeatsTaken) }

// The refusals.
var (
	ErrNotFound  = fault.New(fault.NotFound, "event.not_found")
	ErrCodeTaken = fault.New(fault.Conflict, "event.code_taken")
	ErrChanged   = fault.New(fault.Conflict, "event.changed_meanwhile")
	ErrState     = fault.New(fault.Conflict, "event.wrong_state")
	// ErrRegistered refuses to hide an event of which somebody was told.
	ErrRegistered = fault.New(fault.Conflict, "event.registered_already")
)

// zones are the zones of the countries where the networks of today hold their events.
var zones = map[string]string{
	"AL": "Europe/Tirane", "BA": "Europe/Sarajevo", "XK": "Europe/Belgrade", "ME": "Europe/Podgorica", "MK": "Europe/Skopje",
	"RS": "Europe/Belgrade", "HR": "Europe/Zagreb", "SI": "Europe/Ljubljana", "BE": "Europe/Brussels", "AT": "Europe/Vienna",
	"BG": "Europe/Sofia", "GR": "Europe/Athens", "RO": "Europe/Bucharest", "HU": "Europe/Budapest", "NO": "Europe/Oslo",
	"GB": "Europe/London", "TR": "Europe/Istanbul", "DE": "Europe/Berlin", "IT": "Europe/Rome", "UA": "Europe/Kyiv",
}

// ZoneOf returns the zone of a country's capital, or Europe/Brussels for a country it doesn't know.
func ZoneOf(country string) string {
	if z, ok := zones[country]; ok {
		return z
	}
	return "Europe/Brussels"
}

// Zones are the zones that forms offer, each once.
func Zones() []string {
	return []string{
		"Europe/Belgrade", "Europe/Podgorica", "Europe/Sarajevo", "Europe/Skopje", "Europe/Tirane", "Europe/Zagreb", "Europe/Ljubljana",
		"Europe/Vienna", "Europe/Budapest", "Europe/Sofia", "Europe/Athens", "Europe/Bucharest", "Europe/Brussels", "Europe/Berlin",
		"Europe/Rome", "Europe/Oslo", "Europe/London", "Europe/Kyiv", "Europe/Istanbul", "UTC",
	}
}
