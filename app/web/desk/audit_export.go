package desk

import (
	"bytes"
	"strings"

	"attesta/app/audit"
	"attesta/app/sheet"
	"attesta/app/web"
)

// maxAudit is how many entries one file has at most; the page says so, and the file ends with the number from which the
// next one goes on.
const maxAudit = 50_000

func (p *Pages) auditCSV(c *web.Ctx) error {
	name, t, err := p.auditTable(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := sheet.WriteCSV(&b, t, sheet.Dialect{}); err != nil {
		return err
	}
	return c.Download(name+".csv", "text/csv; charset=utf-8", b.Bytes())
}

func (p *Pages) auditXLSX(c *web.Ctx) error {
	name, t, err := p.auditTable(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := sheet.WriteXLSX(&b, sheet.Document{Title: t.Name, Language: c.Printer().Lang(), Created: p.Clock()}, t); err != nil {
		return err
	}
	return c.Download(name+".xlsx", spreadsheet, b.Bytes())
}

// auditTable is the record as it is narrowed on the page, with the head of its chain.
func (p *Pages) auditTable(c *web.Ctx) (name string, t sheet.Table, err error) {
	q, err := p.askAudit(c)
	if err != nil {
		return "", t, err
	}
	name, t.Name = "audit", c.T("audit.title")
	if q.event != nil {
		name = q.event.Code + "-audit"
	}
	for _, key := range []string{"audit.number", "audit.when", "audit.by", "audit.role", "audit.what", "audit.which", "desk.event", "audit.changes", "audit.request"} {
		t.Header = append(t.Header, c.T(key))
	}
	t.Header[1] += " (" + q.zone.String() + ")"
	var rows [][]any
	const step = 2000
	for len(rows) < maxAudit {
		list, err := audit.List(c.Context(), p.DB, q.reach, q.filter, step)
		if err != nil {
			return "", t, err
		}
		lines, err := p.auditLines(c, list, q.zone, true)
		if err != nil {
			return "", t, err
		}
		for _, l := range lines {
			rows = append(rows, l.row())
			q.filter.After = l.ID
		}
		if len(list) < step {
			break
		}
	}
	t.Rows = sheet.Rows(rows)
	if p.Audit == nil {
		return name, t, nil
	}
	if _, err := p.Audit.Seal(c.Context()); err != nil {
		return "", t, err
	}
	head, ok, err := p.Audit.Head(c.Context())
	if err == nil && ok {
		t.Below = []string{c.T("audit.head") + ": " + head.String()}
	}
	return name, t, err
}

func (l AuditLine) row() []any {
	var changes []string
	for _, x := range l.Changes {
		changes = append(changes, x.Text())
	}
	return []any{l.ID, l.At, l.Who, l.Role, l.What, l.Thing, l.In, strings.Join(changes, "; "), l.RequestID}
}
