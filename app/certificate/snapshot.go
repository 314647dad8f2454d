package certificate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/locale"
	"attesta/app/project"
)

// Kind says what a certificate certifies.
type Kind string

// The kinds. Completion is for trainings; of another event the holder of one is said to have attended.
const (
	Attendance   Kind = "attendance"
	Completion   Kind = "completion"
	Trainer      Kind = "trainer"
	Speaker      Kind = "speaker"
	Appreciation Kind = "appreciation"
)

// Snapshot is everything that a certificate says, frozen when it is issued. Draw makes the document from it and from
// the catalogues alone, in any language, as often as wanted. It is kept as JSON; fields may be added, never changed.
type Snapshot struct {
	Number      string      `json:"number"` // as it is printed, with its hyphens
	Kind        Kind        `json:"kind"`
	HolderName  string      `json:"holder_name"` // exactly as its holder confirmed it
	Gender      string      `json:"gender"`      // female, male; anything else takes the neutral sentence
	Institution string      `json:"institution,omitempty"`
	EventTitle  locale.Text `json:"event_title"`
	EventType   string      `json:"event_type"` // as event types are called: national_training, conference, …
	Country     string      `json:"country"`    // of the event, two letters
	City        string      `json:"city"`       // of the event, in any language; empty for an event on the internet
	Starts      time.Time   `json:"starts"`     // first and last day; only the date counts
	Ends        time.Time   `json:"ends"`
	Issued      time.Time   `json:"issued"`
	IssuedIn    string      `json:"issued_in,omitempty"` // the city named beside the date of issue, if another

	Hours    int         `json:"hours,omitempty"` // printed if not zero
	Project  locale.Text `json:"project,omitzero"`
	Contract string      `json:"contract,omitempty"` // kept, not printed

	Signatories   []Signatory    `json:"signatories,omitempty"` // two at most
	Electronic    bool           `json:"electronic,omitempty"`  // says that it is valid without signature; so does a certificate without signatories
	Donors        []Donor        `json:"donors,omitempty"`
	Waived        bool           `json:"waived,omitempty"` // the event has a waiver of visibility: no donor is named
	Organisations []Organisation `json:"organisations,omitempty"`
	Partners      []string       `json:"partners,omitempty"` // named in the small print
	Asterisk      bool           `json:"asterisk"`           // Kosovo* with its footnote
	BaseURL       string         `json:"base_url"`           // of the installation; the address is {base}/verify/{number}
}

// Signatory signs by hand, above the name.
type Signatory struct {
	Name      string      `json:"name"`
	RoleKey   string      `json:"role_key,omitempty"` // director, project_manager, lead_trainer, authorised, for_organiser, for_donor
	Gender    string      `json:"gender,omitempty"`   // for the role's form
	Role      locale.Text `json:"role,omitzero"`      // in place of RoleKey
	Signature []byte      `json:"signature,omitempty"`
}

// Donor is a donor whose support is named. The keys eu and eu_cofunded bring the emblem and the disclaimer;
// norway_embassy needs the embassy's city; custom says its own Line. A logo stands before the line.
type Donor struct {
	Key        string      `json:"key"`
	City       string      `json:"city,omitempty"`
	Line       locale.Text `json:"line,omitzero"`
	Disclaimer locale.Text `json:"disclaimer,omitzero"`
	Logo       []byte      `json:"logo,omitempty"`
	LogoDigest string      `json:"logo_digest,omitempty"` // of a logo that is kept once for all certificates; see Illustrate
}

// Funder is the donor as far as its words go.
func (d Donor) Funder() locale.Funder {
	return locale.Funder{Kind: d.Key, City: d.City, Line: d.Line, Disclaimer: d.Disclaimer}
}

// MarshalJSON leaves out a logo that is kept elsewhere.
func (d Donor) MarshalJSON() ([]byte, error) {
	type plain Donor
	if d.LogoDigest != "" {
		d.Logo = nil
	}
	return json.Marshal(plain(d))
}

// Illustrate gives snapshots the logos that they name, each read once, so that they can be drawn.
func Illustrate(ctx context.Context, q bun.IDB, snapshots ...*Snapshot) error {
	read := map[string][]byte{}
	for _, s := range snapshots {
		s.Donors = slices.Clone(s.Donors)
		for i := range s.Donors {
			digest := s.Donors[i].LogoDigest
			if digest == "" {
				continue
			}
			if read[digest] == nil {
				logo, err := project.LogoOf(ctx, q, digest)
				if err != nil {
					return fmt.Errorf("illustrate certificate %s: %w", s.Number, err)
				}
				read[digest] = logo.PNG
			}
			s.Donors[i].Logo = read[digest]
		}
	}
	return nil
}

// Organisation stands with its logo or name in the row of marks. The lead and the host always stand there; others
// move to the small print where the row is full.
type Organisation struct {
	Name locale.Text `json:"name"`
	Lead bool        `json:"lead,omitempty"`
	Host bool        `json:"host,omitempty"`
	Logo []byte      `json:"logo,omitempty"`
}

// VerifyURL is the address that the QR code leads to.
func (s Snapshot) VerifyURL() string { return s.BaseURL + "/verify/" + s.Number }
