package registration

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/locale"
	"attesta/app/person"
)

// institutionKnownFrom is how many registrations an institution needs before its name is offered to strangers: below,
// the name would tell that one of a few people has registered.
const institutionKnownFrom = 5

// KnownInstitutions returns the names of institutions of a type in a country, in no order, for a form to offer, in the
// language c where they have one in it; an empty type or country takes all.
func KnownInstitutions(ctx context.Context, q bun.IDB, kind person.InstitutionType, country string, c locale.Code) ([]string, error) {
	var known []person.Institution
	err := q.NewRaw(`WITH RECURSIVE `+person.KeptInstitutions+` SELECT i.name, i.names FROM institutions AS i
		JOIN kept AS k ON k.root = i.id JOIN registrations AS r ON r.institution_id = k.id
		WHERE (? = '' OR i.type = ?) AND (? = '' OR i.country = ?)
		GROUP BY i.id, i.name, i.names HAVING COUNT(*) >= ? ORDER BY COUNT(*) DESC, i.name LIMIT 200`,
		kind, kind, country, country, institutionKnownFrom).Scan(ctx, &known)
	if err != nil {
		return nil, fmt.Errorf("known institutions: %w", err)
	}
	var names []string
	for _, i := range known {
		names = append(names, i.NameIn(c))
	}
	return names, nil
}
