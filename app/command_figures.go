package app

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"sort"
	"time"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/report"
)

// Run implements the command.
func (c figuresCommand) Run(p *process) error {
	q, err := period(c.From, c.To)
	if err != nil {
		return err
	}
	return p.with(func(ctx context.Context, a *App) error {
		code, err := a.code(c.Locale)
		if err != nil {
			return err
		}
		pr, err := a.Projects.ByCode(ctx, account.System, c.Project)
		if err != nil {
			return fmt.Errorf("project %s: %w", c.Project, err)
		}
		q.ProjectID = pr.ID
		f, err := report.Live(ctx, a.DB, account.System, q, report.Reader(c.For))
		if err != nil {
			return err
		}
		published := f.Publish(a.Catalogue.Printer(code))
		if c.JSON {
			return p.json(published)
		}
		p.printFigures(published)
		return nil
	})
}

func period(from, to string) (q report.Query, err error) {
	if q.From, err = day(from, "--from"); err != nil {
		return q, err
	}
	q.To, err = day(to, "--to")
	return q, err
}

func (p *process) printFigures(f *report.Published) {
	p.printf("%s: %s\n\n", f.Project, f.Title)
	p.printf("%-20s %8s %8s %10s %10s\n", "event", "listed", "came", "completed", "half-days")
	for _, e := range f.Events {
		p.printf("%-20s %8v %8v %10v %10v\n", e.Code, e.Listed, e.Came, e.Completed, e.HalfDays)
	}
	t := f.Totals
	p.printf("\nattendances %v, unique persons %v, unique persons in trainings %v\n\n", t.Attendances, t.UniquePersons, t.UniquePersonsTrainings)
	var keys []string
	for k := range f.Rules {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		p.printf("%s: %s\n", k, f.Rules[k])
	}
}

// Run implements the command.
func (c reportCommand) Run(p *process) error {
	return p.with(func(ctx context.Context, a *App) error {
		code, err := a.code(c.Locale)
		if err != nil {
			return err
		}
		pr, err := a.Projects.ByCode(ctx, account.System, c.Project)
		if err != nil {
			return fmt.Errorf("project %s: %w", c.Project, err)
		}
		b, err := a.report(ctx, pr, report.Reader(c.For), c.Format, code)
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.Out, b, 0o600); err != nil {
			return err
		}
		p.printf("%s written, %d bytes\n", c.Out, len(b))
		return nil
	})
}

// report freezes the figures and makes a document of them.
func (a *App) report(ctx context.Context, pr *project.Project, reader report.Reader, format string, code locale.Code) ([]byte, error) {
	frozen, err := report.Freeze(ctx, a.DB, account.System, report.Query{ProjectID: pr.ID}, reader)
	if err != nil {
		return nil, err
	}
	doc := frozen.Document(a.Catalogue.Printer(code), a.zone(ctx, pr), a.Catalogue.Starred())
	if err := doc.Illustrate(ctx, a.DB.Read()); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	switch format {
	case "pdf":
		return report.DrawPDF(a.Catalogue, doc, code)
	case "xlsx":
		err = report.XLSX(&out, a.Catalogue, doc, code)
	default:
		err = report.CSV(&out, a.Catalogue, doc, code)
	}
	return out.Bytes(), err
}

// zone is the one in which a project's reports are dated: where its lead organisation sits.
func (a *App) zone(ctx context.Context, pr *project.Project) *time.Location {
	country := ""
	if o, err := project.OrganisationByID(ctx, a.DB.Read(), pr.LeadID); err == nil {
		country = o.Country
	}
	zone, err := time.LoadLocation(event.ZoneOf(country))
	if err != nil {
		return time.UTC
	}
	return zone
}
