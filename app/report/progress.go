package report

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"attesta/app/project"
)

// Measures of indicators.
const (
	Attendances            = "attendances"
	UniquePersons          = "unique_persons"
	UniquePersonsTrainings = "unique_persons_trainings"
	Events                 = "events"       // to which somebody came
	Certificates           = "certificates" // that are valid
	WomenShare             = "women_share"  // of the unique persons, in whole per cent
)

// Percent is the progress towards the target in whole per cent, rounded down; 0 if the value is hidden.
func (i Indicator) Percent() int {
	if i.Target <= 0 || i.Value.Hidden != Shown {
		return 0
	}
	return 100 * i.Value.N / i.Target
}

// measure takes the indicators' values from the figures. The rest of the figures must be counted already.
func (f *Figures) measure(ctx context.Context, q bun.IDB, query Query) error {
	promises, err := project.Indicators(ctx, q, query.ProjectID)
	if err != nil {
		return err
	}
	for _, i := range promises {
		p := Indicator{Key: i.Measure, Target: i.Target}
		if i.Measure == Certificates {
			where, args := query.within()
			err := q.NewRaw(`SELECT COUNT(*) FROM certificates c JOIN events e ON e.id = c.event_id
				WHERE c.state = 'valid' AND `+where, args...).Scan(ctx, &p.Value.N)
			if err != nil {
				return fmt.Errorf("count the certificates of project %d: %w", query.ProjectID, err)
			}
		} else {
			p.Value = f.value(i.Measure)
		}
		f.Indicators = append(f.Indicators, p)
	}
	return nil
}

// value derives an indicator from what the figures show, so that it never tells more than they do.
func (f *Figures) value(measure string) Count {
	switch measure {
	case Attendances:
		return f.Totals.Attendances
	case UniquePersons:
		return f.Totals.UniquePersons
	case UniquePersonsTrainings:
		return f.Totals.UniquePersonsTrainings
	case Events:
		n := 0
		for _, e := range f.Events {
			if e.Came.Hidden != Shown || e.Came.N > 0 {
				n++
			}
		}
		return Count{N: n}
	case WomenShare:
		women, all := f.Totals.ByGender["female"], f.Totals.UniquePersons
		if women.Hidden != Shown || all.Hidden != Shown || slices.Contains(f.Totals.Withheld, "unique_by_gender") {
			return Count{Hidden: Withheld}
		}
		if all.N == 0 {
			return Count{N: 0}
		}
		return Count{N: (200*women.N + all.N) / (2 * all.N)}
	}
	return Count{N: 0}
}
