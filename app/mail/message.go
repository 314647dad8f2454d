package mail

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Kind says what a mail tells. It is kept with the mail and must never change.
type Kind string

// The kinds.
const (
	RegistrationSubmitted  Kind = "registration.submitted"
	RegistrationWaitlisted Kind = "registration.waitlisted"
	RegistrationApproved   Kind = "registration.approved"
	RegistrationRejected   Kind = "registration.rejected"
	RegistrationCancelled  Kind = "registration.cancelled"
	AccountSignIn          Kind = "account.sign_in"
	AccountInvited         Kind = "account.invited"
	AccountGranted         Kind = "account.granted" // a further role for who has come before
	AccountPasswordChanged Kind = "account.password_changed"
	AccountEmailConfirm    Kind = "account.email_confirm"
	AccountEmailChanged    Kind = "account.email_changed"
	AccountFactorChanged   Kind = "account.factor_changed"
	CertificateIssued      Kind = "certificate.issued"
	NominationOffered      Kind = "nomination.offered"  // to an institution's focal point: so many seats
	NominationInvited      Kind = "nomination.invited"  // to whom an institution has nominated
	NominationReminder     Kind = "nomination.reminder" // to who was nominated and hasn't answered

	EventMoved            Kind = "event.moved" // another time or place; to who has applied
	EventMovedNominee     Kind = "event.moved_nominee"
	EventMovedOffer       Kind = "event.moved_offer"
	EventCancelled        Kind = "event.cancelled" // with the reason; to who has applied
	EventCancelledNominee Kind = "event.cancelled_nominee"
	EventCancelledOffer   Kind = "event.cancelled_offer"
)

// Message is one mail to one person, before it is put into words.
type Message struct {
	Kind           Kind
	To             string // an address without a name
	Locale         locale.Code
	Params         Params
	RegistrationID int64 // 0 for none
	UserID         int64 // 0 for none
}

// Params are the facts that a mail tells. They are kept in the database until the mail is written, so they hold no
// token and no password.
type Params struct {
	Name   string      `json:"name,omitempty"`  // of the recipient, as they write it
	Event  *EventFacts `json:"event,omitempty"` // needed by all kinds but those of accounts
	Was    *EventFacts `json:"was,omitempty"`   // the event before it was moved
	Number string      `json:"number,omitempty"`
	Reason string      `json:"reason,omitempty"` // in the words of whoever decided
	Link   *Link       `json:"link,omitempty"`
	Donors []Donor     `json:"donors,omitempty"` // none when visibility is waived
	Author string      `json:"author,omitempty"` // the organisation that answers for what the mail says
	Change string      `json:"change,omitempty"` // of a user's second factors: app_added

	Role      string      `json:"role,omitempty"` // that a user was given
	Place     locale.Text `json:"place,omitzero"` // the project, organisation or event it is for
	RoleUntil db.Day      `json:"role_until,omitzero"`

	Calendar *Calendar `json:"calendar,omitempty"` // for the reader's calendar, or nil

	Institution string    `json:"institution,omitempty"` // that nominates
	Seats       int       `json:"seats,omitempty"`       // that are offered to it
	Until       time.Time `json:"until,omitzero"`        // when the link ends, told in the event's zone
}

// EventFacts are what a mail says of an event.
type EventFacts struct {
	Title   locale.Text `json:"title"`
	Starts  db.Day      `json:"starts"`
	Ends    db.Day      `json:"ends"`
	City    string      `json:"city,omitempty"`
	Country string      `json:"country"` // ISO code, or XK
	Venue   string      `json:"venue,omitempty"`
	Code    string      `json:"code,omitempty"`     // of its page; not told in words
	Zone    string      `json:"zone,omitempty"`     // IANA, in which OpensAt is told
	OpensAt time.Time   `json:"opens_at,omitempty"` // start of the first unit; zero if there is none

	Format   string `json:"format,omitempty"`   // "on_site", "online", "hybrid"
	Joins    bool   `json:"joins,omitempty"`    // the reader's page has a link to join it
	NewLink  bool   `json:"new_link,omitempty"` // and it isn't the one of before
	Withheld bool   `json:"withheld,omitempty"` // the place is told once the reader is approved
}

// Link is the one link of a mail: the base URL, Path and a token that is derived when the mail is written. Kinds that
// lead to an open door have the path alone.
type Link struct {
	Path    string `json:"path"`    // "/my/"
	Purpose string `json:"purpose"` // "my"
	Nonce   string `json:"nonce"`
}

// Donor is whoever pays and must be named.
type Donor struct {
	Kind       string      `json:"kind"`           // "eu", "norway_embassy", "norway_mfa", "other"
	City       string      `json:"city,omitempty"` // seat of an embassy
	Line       locale.Text `json:"line,omitzero"`  // of another donor
	Disclaimer locale.Text `json:"disclaimer,omitzero"`
}

// check refuses what could never be sent.
func (m Message) check() error {
	if _, err := Address(m.To); err != nil {
		return err
	}
	w, ok := wordings[m.Kind]
	if !ok {
		return fmt.Errorf("there is no mail of kind %q", m.Kind)
	}
	if w.status+w.number != "" && m.Params.Event == nil {
		return fmt.Errorf("a mail of kind %s needs an event", m.Kind)
	}
	if l := m.Params.Link; l != nil && (!strings.HasPrefix(l.Path, "/") || strings.HasPrefix(l.Path, "//") || !w.plain && (l.Purpose == "" || l.Nonce == "")) {
		return fmt.Errorf("a mail of kind %s has a link without path, purpose or nonce", m.Kind)
	}
	return nil
}

// errAddress is told when an address can't be written to.
var errAddress = fault.New(fault.Invalid, "form.email")

// Address returns s as a mail address without a name, or an Invalid fault. Line breaks and other control characters,
// several addresses and quoted local parts, which servers read differently, are refused.
func Address(s string) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > 254 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return "", errAddress
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s {
		return "", errAddress
	}
	return s, nil
}
