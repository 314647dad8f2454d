package report

import (
	"time"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

// Published is the figures for programs, in one language. Its JSON is a contract: a number that is hidden is the string
// "<5" (fewer than five, but not none) or "w" (withheld), every other number is one.
type Published struct {
	Project    string               `json:"project"` // its code
	Title      string               `json:"title"`
	For        Reader               `json:"for"`
	AsOf       time.Time            `json:"as_of"`
	From       *db.Day              `json:"from,omitempty"`
	To         *db.Day              `json:"to,omitempty"`
	Events     []PublishedEvent     `json:"events"`
	Totals     PublishedTotals      `json:"totals"`
	Indicators []PublishedIndicator `json:"indicators,omitempty"`
	Rules      map[string]string    `json:"rules"` // by the key of the figure
}

// PublishedEvent is one event. Values are int or string.
type PublishedEvent struct {
	Code              string         `json:"code"`
	Type              event.Type     `json:"type"`
	Country           string         `json:"country"`
	Title             string         `json:"title"`
	City              string         `json:"city"`
	Starts            db.Day         `json:"starts"`
	Days              int            `json:"days"`
	Listed            any            `json:"listed"`
	Came              any            `json:"came"`
	Completed         any            `json:"completed"`
	HalfDays          any            `json:"half_day_attendances"`
	ByGender          map[string]any `json:"came_by_gender"`
	ByCountry         map[string]any `json:"came_by_country"`
	ByInstitutionType map[string]any `json:"came_by_institution_type"`
	Withheld          []string       `json:"withheld,omitempty"` // breakdowns of which nothing can be shown
}

// PublishedTotals are all events together.
type PublishedTotals struct {
	Attendances                  any            `json:"attendances"`
	UniquePersons                any            `json:"unique_persons"`
	UniquePersonsTrainings       any            `json:"unique_persons_trainings"`
	ByGender                     map[string]any `json:"unique_by_gender"`
	ByCountry                    map[string]any `json:"unique_by_country"`
	ByInstitutionType            map[string]any `json:"unique_by_institution_type"`
	AttendancesByGender          map[string]any `json:"attendances_by_gender"`
	AttendancesByCountry         map[string]any `json:"attendances_by_country"`
	AttendancesByInstitutionType map[string]any `json:"attendances_by_institution_type"`
	Withheld                     []string       `json:"withheld,omitempty"`
}

// PublishedIndicator is what was promised and how far it is.
type PublishedIndicator struct {
	Measure string `json:"measure"`
	Value   any    `json:"value"`
	Target  int    `json:"target"`
}

// Publish puts the figures into a language. Codes and keys stay.
func (f *Figures) Publish(p *locale.Printer) *Published {
	value := func(c Count) any {
		if c.Hidden != Shown {
			return c.mark(f.Below)
		}
		return c.N
	}
	by := func(c Counts) map[string]any {
		out := map[string]any{}
		for k, n := range c {
			out[k] = value(n)
		}
		return out
	}
	out := &Published{Project: f.Grant.Code, Title: p.Text(f.Grant.Title), For: f.For, AsOf: f.AsOf, Events: []PublishedEvent{}, Rules: f.Rules(p)}
	if !f.From.IsZero() {
		out.From = &f.From
	}
	if !f.To.IsZero() {
		out.To = &f.To
	}
	for _, e := range f.Events {
		out.Events = append(out.Events, PublishedEvent{
			Code: e.Code, Type: e.Type, Country: e.Country, Title: p.Text(e.Title), City: e.City, Starts: e.Starts, Days: e.Days,
			Listed: value(e.Listed), Came: value(e.Came), Completed: value(e.Completed), HalfDays: value(e.HalfDays),
			ByGender: by(e.ByGender), ByCountry: by(e.ByCountry), ByInstitutionType: by(e.ByInstitutionType), Withheld: e.Withheld,
		})
	}
	t := f.Totals
	out.Totals = PublishedTotals{
		Attendances: value(t.Attendances), UniquePersons: value(t.UniquePersons), UniquePersonsTrainings: value(t.UniquePersonsTrainings),
		ByGender: by(t.ByGender), ByCountry: by(t.ByCountry), ByInstitutionType: by(t.ByInstitutionType),
		AttendancesByGender: by(t.AttendancesByGender), AttendancesByCountry: by(t.AttendancesByCountry),
		AttendancesByInstitutionType: by(t.AttendancesByInstitutionType), Withheld: t.Withheld,
	}
	for _, i := range f.Indicators {
		out.Indicators = append(out.Indicators, PublishedIndicator{i.Key, value(i.Value), i.Target})
	}
	return out
}

// Rules returns how each figure is counted, by the figure's key in JSON.
func (f *Figures) Rules(p *locale.Printer) map[string]string {
	completed := p.T("report.rule.completed", "Share", p.Percent(float64(f.share())/100, 0))
	out := map[string]string{
		"events": p.T("report.rule.events"), "listed": p.T("report.rule.listed"), "came": p.T("report.rule.came"),
		"completed": completed, "half_day_attendances": p.T("report.rule.half_day_attendances"),
		"attendances": p.T("report.rule.attendances"), "unique_persons": p.T("report.rule.unique_persons"),
		"unique_persons_trainings": p.T("report.rule.unique_persons_trainings"), "unique_by_gender": p.T("report.rule.by_gender"),
		"unique_by_country": p.T("report.rule.by_country"), "unique_by_institution_type": p.T("report.rule.by_institution_type"),
	}
	for _, d := range dimensions {
		out["came_by_"+d.name] = p.T("report.rule.came_by")
		out["attendances_by_"+d.name] = p.T("report.rule.came_by")
	}
	for _, i := range f.Indicators {
		switch i.Key {
		case Certificates:
			out[i.Key] = p.T("report.rule.certificates")
		case WomenShare:
			out[i.Key] = p.T("report.rule.women_share")
		}
	}
	if f.Below > 0 {
		out["suppressed"] = p.T("report.rule.suppressed", "N", f.Below)
	}
	return out
}

// share is which part of the units completes an event, in whole per cent: the one that most events have.
func (f *Figures) share() int {
	votes, best := map[int]int{}, 80
	for _, e := range f.Events {
		s := int(100*e.Threshold + 0.5)
		votes[s]++
		if votes[s] > votes[best] {
			best = s
		}
	}
	return best
}
