package registration

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/person"
)

// institutionKnownFrom is how many registrations an institution needs before its name is offered to strangers: below,
// the name would tell that one of a few people has registered.
const institutionKnownFrom = 5

// KnownInstitutions returns the names of institutions of a type in a country, in no order, for a form to offer; an
// empty type or country takes all.
func KnownInstitutions(ctx context.Context, q bun.IDB, kind person.InstitutionType, country string) ([]string, error) {
	var names []string
	err := q.NewRaw(`SELECT i.name FROM institutions AS i JOIN registrations AS r ON r.institution_id = i.id
		WHERE (? = '' OR i.type = ?) AND (? = '' OR i.country = ?)
		GROUP BY i.id, i.name HAVING COUNT(*) >= ? ORDER BY COUNT(*) DESC, i.name LIMIT 200`,
		kind, kind, country, country, institutionKnownFrom).Scan(ctx, &names)
	if err != nil {
		return nil, fmt.Errorf("known institutions: %w", err)
	}
	return names, nil
}
