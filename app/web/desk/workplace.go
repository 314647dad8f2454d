package desk

import (
	"attesta/app/person"
	"attesta/app/registration"
	"attesta/app/web"
)

// nameWorkplaces puts the names of institutions into the reader's language where they have one, in registrations that
// are only shown. It takes one query, however many there are.
func (p *Pages) nameWorkplaces(c *web.Ctx, shown ...*registration.Registration) error {
	var ids []int64
	for _, r := range shown {
		if r.InstitutionID != 0 {
			ids = append(ids, r.InstitutionID)
		}
	}
	names, err := person.ReadInstitutionNames(c.Context(), p.DB.Read(), ids)
	if err != nil {
		return err
	}
	for _, r := range shown {
		r.InstitutionName = names.In(c.Locale(), r.InstitutionID, r.InstitutionName)
	}
	return nil
}

// each returns pointers to the elements of a list.
func each[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}
