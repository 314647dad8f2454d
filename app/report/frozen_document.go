package report

import (
	"slices"
	"time"

	"attesta/app/locale"
	"attesta/app/token"
)

// Document returns the report as it is drawn: its dates in zone, its partner organisation's name in the language in
// which it is to be drawn.
func (r *Frozen) Document(p *locale.Printer, zone *time.Location, asterisk bool) Document {
	f := r.Figures.V
	d := f.document(zone)
	d.Number, d.Asterisk = token.Group(r.Code), asterisk
	if len(f.Grant.Organisations) > 0 {
		d.PreparedBy = p.Text(f.Grant.Organisations[0].Name)
	}
	return d
}

func (f *Figures) document(zone *time.Location) Document {
	d := Document{
		Project: f.Grant.Title, Contract: f.Grant.ContractNumber, From: f.From.Time, To: f.To.Time, AsOf: f.AsOf.In(zone),
		For: f.For, Threshold: f.Below, Share: f.share(), Donors: f.Grant.Donors, Indicators: f.Indicators, Figures: f.main(),
	}
	if f.For == ForOrganiser {
		d.Threshold = Below
	}
	for _, e := range f.Events {
		d.Events = append(d.Events, EventRow{
			Code: e.Code, Title: e.Title, Type: string(e.Type), Country: e.Country, City: e.City,
			Starts: e.Starts.Time, Ends: e.Starts.Plus(e.Days - 1).Time,
			Listed: e.Listed, Came: e.Came, Completed: e.Completed, HalfDays: e.HalfDays,
		})
	}
	for _, dim := range []dimension{dimensions[1], dimensions[0], dimensions[2]} {
		d.Breakdowns = append(d.Breakdowns, f.breakdown(dim))
	}
	return d
}

// main returns the main figures in the order of a report.
func (f *Figures) main() []Figure {
	t := f.Totals
	out := []Figure{
		{Key: Events, Value: f.value(Events)},
		{Key: "listed", Value: f.sum(func(e Event) Count { return e.Listed })},
		{Key: Attendances, Value: t.Attendances},
		{Key: UniquePersons, Value: t.UniquePersons},
		{Key: UniquePersonsTrainings, Value: t.UniquePersonsTrainings, Of: t.UniquePersons.N},
		{Key: "completed", Value: f.sum(func(e Event) Count { return e.Completed }), Of: t.Attendances.N},
		{Key: "half_day_attendances", Value: f.sum(func(e Event) Count { return e.HalfDays })},
	}
	return out
}

// sum adds up what the events show. If one of them hides its number, the sum would tell it, and is withheld.
func (f *Figures) sum(of func(Event) Count) (total Count) {
	for _, e := range f.Events {
		c := of(e)
		if c.Hidden != Shown {
			return Count{Hidden: Withheld}
		}
		total.N += c.N
	}
	return total
}

func (f *Figures) breakdown(dim dimension) Breakdown {
	persons, attendances := *dim.persons(&f.Totals), *dim.attendances(&f.Totals)
	out := Breakdown{By: dim.name, Total: BreakdownRow{Persons: f.Totals.UniquePersons, Attendances: f.Totals.Attendances}}
	all := Counts{}
	for _, c := range []Counts{persons, attendances} {
		for k := range c {
			all[k] = Count{}
		}
	}
	for _, k := range all.Categories() {
		out.Rows = append(out.Rows, BreakdownRow{Key: k, Persons: persons[k], Attendances: attendances[k]})
	}
	out.Withheld = f.withheld("unique_by_" + dim.name)
	out.Alone = f.withheld("attendances_by_" + dim.name)
	return out
}

func (f *Figures) withheld(name string) bool { return slices.Contains(f.Totals.Withheld, name) }
