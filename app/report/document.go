package report

import (
	"time"

	"attesta/app/locale"
)

// Document is a report with its figures, frozen under a date and a number: whatever is drawn from it later is drawn
// from these values and from nothing else. It holds no names of persons.
type Document struct {
	Number     string      `json:"number,omitempty"`
	Project    locale.Text `json:"project"`
	Contract   string      `json:"contract,omitempty"`
	From       time.Time   `json:"from,omitzero"` // first and last day of the period; both zero for the whole project
	To         time.Time   `json:"to,omitzero"`
	AsOf       time.Time   `json:"as_of"` // in the zone it is to be shown in
	PreparedBy string      `json:"prepared_by,omitempty"`

	For       Reader  `json:"for"`
	Threshold int     `json:"threshold"` // figures below it are hidden from donors
	Share     int     `json:"share"`     // per cent of an event's units that make a completed attendance
	Asterisk  bool    `json:"asterisk"`  // Kosovo* with its footnote
	Donors    []Donor `json:"donors,omitempty"`

	Figures    []Figure    `json:"figures"`
	Indicators []Indicator `json:"indicators,omitempty"`
	Events     []EventRow  `json:"events"`
	Breakdowns []Breakdown `json:"breakdowns"`
}

// Reader is whom a report is for.
type Reader string

// The readers. A donor's figures are suppressed, an organiser's are complete.
const (
	ForDonor     Reader = "donor"
	ForOrganiser Reader = "organiser"
)

// Donor is a donor as certificates name them: eu, eu_cofunded, norway_embassy (with its city), norway_mfa or another,
// with a line of its own.
type Donor struct {
	Key        string      `json:"key"`
	City       string      `json:"city,omitempty"`
	Name       locale.Text `json:"name,omitzero"`
	Line       locale.Text `json:"line,omitzero"`
	Disclaimer locale.Text `json:"disclaimer,omitzero"`
	Logo       string      `json:"logo,omitempty"` // digest; see Document.Illustrate
	Picture    []byte      `json:"-"`              // the logo itself, where it was illustrated
}

// Funder is the donor as far as its words go.
func (d Donor) Funder() locale.Funder {
	return locale.Funder{Kind: d.Key, City: d.City, Name: d.Name, Line: d.Line, Disclaimer: d.Disclaimer}
}

// Hidden says why a figure isn't shown.
type Hidden string

// The reasons: it is below the threshold, or one below it could be computed from it.
const (
	Shown    Hidden = ""
	Few      Hidden = "few"
	Withheld Hidden = "withheld"
)

// Count is a figure, or why it isn't shown; then N is zero.
type Count struct {
	N      int    `json:"n"`
	Hidden Hidden `json:"hidden,omitempty"`
}

// Figure is one of the main figures. Key is events, listed, attendances, unique_persons, unique_persons_trainings,
// completed or half_day_attendances; its label is the message report.figure.Key, its rule report.rule.Key. Of, if not
// zero, is what it is a part of, and the percentage is told too.
type Figure struct {
	Key   string `json:"key"`
	Value Count  `json:"value"`
	Of    int    `json:"of,omitempty"`
}

// Indicator is what the grant promised and how far it is. Key is that of a figure, or certificates or women_share, whose
// value and target are whole per cent.
type Indicator struct {
	Key    string `json:"key"`
	Value  Count  `json:"value"`
	Target int    `json:"target"`
}

// EventRow is one event with its figures.
type EventRow struct {
	Code      string      `json:"code"`
	Title     locale.Text `json:"title"`
	Type      string      `json:"type"`
	Country   string      `json:"country"`
	City      string      `json:"city"`
	Starts    time.Time   `json:"starts"`
	Ends      time.Time   `json:"ends"`
	Listed    Count       `json:"listed"`
	Came      Count       `json:"came"`
	Completed Count       `json:"completed"`
	HalfDays  Count       `json:"half_day_attendances"`
}

// Breakdown is a table of persons and attendances by country, gender or institution_type. A row whose key is empty or
// not_stated stands for those who stated nothing.
type Breakdown struct {
	By       string         `json:"by"`
	Rows     []BreakdownRow `json:"rows"`
	Total    BreakdownRow   `json:"total"`
	Withheld bool           `json:"withheld,omitempty"` // nothing of it can be shown
	Alone    bool           `json:"alone,omitempty"`    // the attendances can't be shown
}

// BreakdownRow is one value with its figures.
type BreakdownRow struct {
	Key         string `json:"key"`
	Persons     Count  `json:"persons"`
	Attendances Count  `json:"attendances"`
}
