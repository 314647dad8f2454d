package desk

import (
	"bytes"
	"iter"

	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/sheet"
	"attesta/app/web"
)

func (p *Pages) exportCSV(c *web.Ctx) error {
	e, t, err := p.exported(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := sheet.WriteCSV(&b, t, sheet.Dialect{}); err != nil {
		return err
	}
	return c.Download(e.Code+".csv", "text/csv; charset=utf-8", b.Bytes())
}

func (p *Pages) exportXLSX(c *web.Ctx) error {
	e, t, err := p.exported(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	doc := sheet.Document{Title: c.Printer().Text(e.Title), Subject: c.T("desk.registrations"), Language: c.Printer().Lang(), Created: p.Clock()}
	t.Above = []string{c.Printer().Text(e.Title), c.Printer().DateRange(e.StartsOn.Time, e.EndsOn().Time) + ", " + place(c.Printer(), e)}
	if err := sheet.WriteXLSX(&b, doc, t); err != nil {
		return err
	}
	return c.Download(e.Code+".xlsx", spreadsheet, b.Bytes())
}

// exported is the list as it is narrowed on the board, as a table.
func (p *Pages) exported(c *web.Ctx) (*event.Event, sheet.Table, error) {
	e, list, err := p.registrations(c)
	if err != nil {
		return nil, sheet.Table{}, err
	}
	list = narrow(list, chosen(c), "")
	if err := p.nameWorkplaces(c, each(list)...); err != nil {
		return nil, sheet.Table{}, err
	}
	t := sheet.Table{Name: c.T("desk.registrations"), Rows: exportRows(c.Printer(), e, list)}
	named := place(c.Printer(), e)
	for _, r := range list {
		named += " " + c.Printer().Country(r.Country)
	}
	if note := c.Printer().Footnote(named); note != "" {
		t.Below = []string{note}
	}
	for _, key := range []string{
		"desk.code", "common.first_name", "common.last_name", "desk.certificate_name", "desk.other_script", "common.sex", "common.country", "common.institution",
		"common.institution_type", "common.position", "common.email", "common.phone", "common.language", "common.status", "desk.applied_on", "desk.diet",
		"desk.accessibility", "desk.expectations", "desk.consent.data", "desk.consent.list", "desk.consent.photo", "desk.consent.contact", "desk.quiet", "desk.units_present",
	} {
		t.Header = append(t.Header, c.T(key))
	}
	if len(e.Interpretation.V) > 0 {
		t.Header = append(t.Header, c.T("desk.interpretation"))
	}
	return e, t, nil
}

func exportRows(p *locale.Printer, e *event.Event, list []registration.Registration) iter.Seq[[]any] {
	answer := func(yes bool) string {
		if yes {
			return p.T("common.yes")
		}
		return p.T("common.no")
	}
	return func(yield func([]any) bool) {
		for _, r := range list {
			var applied any
			if !r.SubmittedAt.IsZero() {
				applied = local(e, r.SubmittedAt)
			}
			a := r.Answers.V
			row := []any{
				r.Code, r.GivenName, r.FamilyName, r.CertificateName, r.OtherScriptName, p.T("gender." + string(r.Gender)), p.Country(r.Country), r.InstitutionName,
				p.T(typeKey(r.InstitutionType)), r.Position, r.Email, r.Phone, p.T("language." + string(r.Locale)), p.T("registration.status." + string(r.Status)), applied, a.Diet,
				a.Accessibility, a.Expectations, answer(r.ConsentData), answer(r.ConsentList), answer(r.ConsentPhoto), answer(r.ConsentContact), answer(r.Quiet), r.UnitsPresent,
			}
			if len(e.Interpretation.V) > 0 {
				into := ""
				if r.Interpretation != "" {
					into = p.T("language." + string(r.Interpretation))
				}
				row = append(row, into)
			}
			if !yield(row) {
				return
			}
		}
	}
}
