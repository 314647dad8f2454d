// Package report counts: events, attendances and unique persons, each by a rule that is printed under the figure. It
// suppresses what would identify somebody, freezes figures into dated reports and draws and exports them. It reads any
// table and writes only its own.
package report

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/project"
)

// Figures are what a report says, in no language yet. They hold no names and no ids of persons.
type Figures struct {
	Grant      Grant       `json:"grant"`
	For        Reader      `json:"for"`
	Below      int         `json:"below,omitempty"` // cells below this are hidden; 0 if none are
	AsOf       time.Time   `json:"as_of"`
	From       db.Day      `json:"from"` // events that start on or after this day; zero: from the first
	To         db.Day      `json:"to"`   // and on or before this one; zero: to the last
	Events     []Event     `json:"events"`
	Totals     Totals      `json:"totals"`
	Indicators []Indicator `json:"indicators,omitempty"`
}

// Grant is the project as it stood when the figures were taken.
type Grant struct {
	Code           string      `json:"code"`
	Title          locale.Text `json:"title"`
	ContractNumber string      `json:"contract_number,omitempty"`
	StartsOn       db.Day      `json:"starts_on"`
	EndsOn         db.Day      `json:"ends_on"`
	Donors         []Donor     `json:"donors,omitempty"`
	Organisations  []Partner   `json:"organisations,omitempty"` // the lead first
}

// Partner is an organisation that carries the grant out.
type Partner struct {
	Name    locale.Text `json:"name"`
	Country string      `json:"country"`
}

// Event is one event's figures.
type Event struct {
	Code    string      `json:"code"`
	Type    event.Type  `json:"type"`
	Country string      `json:"country"`
	Title   locale.Text `json:"title"`
	City    string      `json:"city"`
	Starts  db.Day      `json:"starts"`
	Days    int         `json:"days"`
	Quiet   bool        `json:"-"` // its place is told only to who was approved

	Threshold float64 `json:"threshold"` // share of the units in which one must be present to complete it

	Listed    Count `json:"listed"`               // approved registrations; one that was folded into another counts once
	Came      Count `json:"came"`                 // those who were present in one unit or more
	Completed Count `json:"completed"`            // those present in the event's share of the units or more
	HalfDays  Count `json:"half_day_attendances"` // half-days at which they were present, all added up

	// Those who came, by what their registration says.
	ByGender          Counts `json:"came_by_gender"`
	ByCountry         Counts `json:"came_by_country"`
	ByInstitutionType Counts `json:"came_by_institution_type"`
	// Withheld names the breakdowns of which nothing can be shown: their JSON names.
	Withheld []string `json:"withheld,omitempty"`
}

// Totals are the figures of all events together.
type Totals struct {
	Attendances            Count `json:"attendances"`    // who came, added up over the events
	UniquePersons          Count `json:"unique_persons"` // each human once
	UniquePersonsTrainings Count `json:"unique_persons_trainings"`

	// Unique persons by what is known of each: the gender of the person, else the last one stated; country and type of
	// institution of the latest event they came to at which it was stated.
	ByGender          Counts `json:"unique_by_gender"`
	ByCountry         Counts `json:"unique_by_country"`
	ByInstitutionType Counts `json:"unique_by_institution_type"`
	// The attendances by what each registration says: the sum of the events' breakdowns.
	AttendancesByGender          Counts `json:"attendances_by_gender"`
	AttendancesByCountry         Counts `json:"attendances_by_country"`
	AttendancesByInstitutionType Counts `json:"attendances_by_institution_type"`
	// Withheld names the breakdowns of which nothing can be shown: their JSON names.
	Withheld []string `json:"withheld,omitempty"`
}

// Query chooses the events: those of a project that start between two days, both included; a zero day doesn't limit.
type Query struct {
	ProjectID int64
	From, To  db.Day
	AsOf      time.Time // when it is counted; Live and Freeze set it
}

// Compute counts what is there, for organisers: nothing is hidden. Drafts without a list, and cancelled events to which
// nobody came, are left out.
func Compute(ctx context.Context, q bun.IDB, query Query) (*Figures, error) {
	f := &Figures{For: ForOrganiser, AsOf: db.At(query.AsOf).Time, From: query.From, To: query.To, Events: []Event{}}
	var err error
	if f.Grant, err = grant(ctx, q, query.ProjectID); err != nil {
		return nil, err
	}
	if err := f.countEvents(ctx, q, query); err != nil {
		return nil, err
	}
	if err := f.countPersons(ctx, q, query); err != nil {
		return nil, err
	}
	if err := f.measure(ctx, q, query); err != nil {
		return nil, err
	}
	return f, nil
}

func grant(ctx context.Context, q bun.IDB, id int64) (Grant, error) {
	p, err := project.ByID(ctx, q, id)
	if err != nil {
		return Grant{}, err
	}
	g := Grant{Code: p.Code, Title: p.Title, ContractNumber: p.ContractNumber, StartsOn: p.StartsOn, EndsOn: p.EndsOn}
	donors, err := project.Donors(ctx, q, id)
	if err != nil {
		return Grant{}, err
	}
	for _, d := range donors {
		x := Donor{Key: donorKey(d.Kind), City: d.City, Line: d.Line, Disclaimer: d.Disclaimer, Logo: d.Logo}
		if d.Kind == project.OtherDonor {
			x.Name = d.Name
		}
		g.Donors = append(g.Donors, x)
	}
	partners, err := project.Organisations(ctx, q, id)
	if err != nil {
		return Grant{}, err
	}
	for _, o := range partners {
		g.Organisations = append(g.Organisations, Partner{Name: o.Name, Country: o.Country})
	}
	return g, nil
}

// donorKey is the kind of a donor as documents call it.
func donorKey(kind project.DonorKind) string {
	if kind == project.OtherDonor {
		return "custom"
	}
	return string(kind)
}

// within is the condition on events, with its parameters.
func (query Query) within() (string, []any) {
	where, args := "e.project_id = ?", []any{query.ProjectID}
	if !query.From.IsZero() {
		where, args = where+" AND e.starts_on >= ?", append(args, query.From)
	}
	if !query.To.IsZero() {
		where, args = where+" AND e.starts_on <= ?", append(args, query.To)
	}
	return where, args
}

// onList is the condition on registrations that are on an event's list.
const onList = "r.status = 'approved' AND r.folded_into IS NULL"

// eventRow is an event as the figures need it.
type eventRow struct {
	ID        int64
	Code      string
	Type      event.Type
	Country   string
	Title     locale.Text
	City      string
	StartsOn  db.Day
	Days      int
	State     event.State
	Quiet     bool
	Cancelled bool // also if it was archived since
	Threshold float64
	Units     int
}

// needed is in how many of the units one must be present to have completed the event. 0.8 × 5 is 4, whatever the
// binary fraction says.
func (e eventRow) needed() int { return max(1, int(math.Ceil(e.Threshold*float64(e.Units)-1e-9))) }

// placeRow is how many registrations of an event share these facts and were present as often.
type placeRow struct {
	EventID                          int64
	Gender, Country, InstitutionType string
	UnitsPresent, Places, HalfDays   int
}

func (f *Figures) countEvents(ctx context.Context, q bun.IDB, query Query) error {
	where, args := query.within()
	var events []eventRow
	err := q.NewRaw(`SELECT e.id, e.code, e.type, e.country, e.title, e.city, e.starts_on, e.days, e.state, e.quiet,
			(e.state = 'cancelled' OR e.cancelled_at IS NOT NULL) AS cancelled, e.threshold,
			(SELECT COUNT(*) FROM attendance_units u WHERE u.event_id = e.id) AS units
		FROM events e WHERE `+where+` ORDER BY e.starts_on, e.code`, args...).Scan(ctx, &events)
	if err != nil {
		return fmt.Errorf("read the events of project %d: %w", query.ProjectID, err)
	}
	var places []placeRow
	err = q.NewRaw(`SELECT r.event_id, r.gender, r.country, r.institution_type, r.units_present,
			COUNT(*) AS places, SUM(r.half_days_present) AS half_days
		FROM registrations r JOIN events e ON e.id = r.event_id
		WHERE `+onList+` AND `+where+`
		GROUP BY r.event_id, r.gender, r.country, r.institution_type, r.units_present`, args...).Scan(ctx, &places)
	if err != nil {
		return fmt.Errorf("count the attendances of project %d: %w", query.ProjectID, err)
	}
	t := &f.Totals
	t.AttendancesByGender, t.AttendancesByCountry, t.AttendancesByInstitutionType = Counts{}, Counts{}, Counts{}
	of := map[int64][]placeRow{}
	for _, p := range places {
		of[p.EventID] = append(of[p.EventID], p)
	}
	for _, e := range events {
		counted := e.count(of[e.ID])
		if e.State == event.Draft && counted.Listed.N == 0 || e.Cancelled && counted.Came.N == 0 {
			continue
		}
		f.Events = append(f.Events, counted)
		t.Attendances.N += counted.Came.N
		t.AttendancesByGender.merge(counted.ByGender)
		t.AttendancesByCountry.merge(counted.ByCountry)
		t.AttendancesByInstitutionType.merge(counted.ByInstitutionType)
	}
	return nil
}

func (e eventRow) count(places []placeRow) Event {
	out := Event{
		Code: e.Code, Type: e.Type, Country: e.Country, Title: e.Title, City: e.City, Starts: e.StartsOn, Days: e.Days, Quiet: e.Quiet, Threshold: e.Threshold,
		ByGender: Counts{}, ByCountry: Counts{}, ByInstitutionType: Counts{},
	}
	for _, p := range places {
		out.Listed.N += p.Places
		if p.UnitsPresent < 1 {
			continue
		}
		out.Came.N += p.Places
		out.HalfDays.N += p.HalfDays
		if p.UnitsPresent >= e.needed() {
			out.Completed.N += p.Places
		}
		out.ByGender.add(p.Gender, p.Places)
		out.ByCountry.add(p.Country, p.Places)
		out.ByInstitutionType.add(p.InstitutionType, p.Places)
	}
	return out
}

// countPersons reads, person by person, the events they came to, the latest first.
func (f *Figures) countPersons(ctx context.Context, q bun.IDB, query Query) error {
	where, args := query.within()
	rows, err := q.QueryContext(ctx, `SELECT r.person_id, e.type, p.gender, r.gender, r.country, r.institution_type
		FROM registrations r JOIN events e ON e.id = r.event_id JOIN persons p ON p.id = r.person_id
		WHERE `+onList+` AND r.units_present > 0 AND `+where+`
		ORDER BY r.person_id, e.starts_on DESC, r.id DESC`, args...)
	if err != nil {
		return fmt.Errorf("read who came to project %d: %w", query.ProjectID, err)
	}
	defer rows.Close()
	t := &f.Totals
	t.ByGender, t.ByCountry, t.ByInstitutionType = Counts{}, Counts{}, Counts{}
	var one visitor
	for rows.Next() {
		var r visitor
		var kind event.Type
		var ofPerson string
		if err := rows.Scan(&r.id, &kind, &ofPerson, &r.gender, &r.country, &r.institutionType); err != nil {
			return fmt.Errorf("read who came to project %d: %w", query.ProjectID, err)
		}
		r.trained = kind.IsTraining()
		if ofPerson != NotStated {
			r.gender = ofPerson
		}
		if r.id != one.id {
			t.count(one)
			one = r
			continue
		}
		one.learn(r)
	}
	t.count(one)
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read who came to project %d: %w", query.ProjectID, err)
	}
	return nil
}

// visitor is a person who came to an event.
type visitor struct {
	id                               int64
	gender, country, institutionType string
	trained                          bool
}

// learn adds what an earlier event knows and later ones didn't.
func (v *visitor) learn(earlier visitor) {
	v.trained = v.trained || earlier.trained
	if v.gender == NotStated {
		v.gender = earlier.gender
	}
	if v.country == "" {
		v.country = earlier.country
	}
	if v.institutionType == "" {
		v.institutionType = earlier.institutionType
	}
}

func (t *Totals) count(v visitor) {
	if v.id == 0 {
		return
	}
	t.UniquePersons.N++
	if v.trained {
		t.UniquePersonsTrainings.N++
	}
	t.ByGender.add(v.gender, 1)
	t.ByCountry.add(v.country, 1)
	t.ByInstitutionType.add(v.institutionType, 1)
}
