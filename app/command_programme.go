package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/project"
)

type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Apply what is missing."`
	Down   migrateDown   `cmd:"" help:"Take back what was applied last."`
	Status migrateStatus `cmd:"" help:"List the migrations."`
}

type migrateUp struct{}

// Run implements the command.
func (migrateUp) Run(p *process) error {
	return p.bare(func(ctx context.Context, a *App) error {
		names, err := a.Migrate(ctx)
		p.printf("applied: %s\n", orNone(names))
		return err
	})
}

type migrateDown struct{}

// Run implements the command.
func (migrateDown) Run(p *process) error {
	return p.bare(func(ctx context.Context, a *App) error {
		names, err := a.MigrateDown(ctx)
		p.printf("taken back: %s\n", orNone(names))
		return err
	})
}

type migrateStatus struct {
	JSON bool `help:"Print JSON."`
}

// Run implements the command.
func (m migrateStatus) Run(p *process) error {
	return p.bare(func(ctx context.Context, a *App) error {
		all, err := a.Migrations(ctx)
		if err != nil {
			return err
		}
		if m.JSON {
			return p.json(all)
		}
		for _, x := range all {
			state := "missing"
			if x.Applied {
				state = "applied"
			}
			p.printf("%s %s %s\n", x.Name, state, x.Comment)
		}
		return nil
	})
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// bare opens the program for f without migrating.
func (p *process) bare(f func(ctx context.Context, a *App) error) error {
	cfg, log, err := p.config()
	if err != nil {
		return err
	}
	a, err := Open(p.ctx, cfg, log)
	if err != nil {
		return err
	}
	defer a.Close()
	return f(p.ctx, a)
}

type projectCommand struct {
	Create projectCreate `cmd:"" help:"Make a project."`
}

type projectCreate struct {
	Code     string   `required:"" help:"Short name, such as MTC-2021."`
	Title    string   `required:"" help:"Title, in English."`
	Donor    []string `help:"Name of a donor; may be given several times." sep:"none"`
	Lead     string   `help:"Name of the lead organisation."`
	Contract string   `help:"Contract number."`
	Starts   string   `help:"First day, YYYY-MM-DD."`
	Ends     string   `help:"Last day, YYYY-MM-DD."`
	JSON     bool     `help:"Print JSON."`
}

// Run implements the command.
func (c projectCreate) Run(p *process) error {
	n := project.Facts{Code: c.Code, Title: locale.NewText(locale.English, locale.Clean(c.Title)), ContractNumber: c.Contract}
	var err error
	if n.StartsOn, err = day(c.Starts, "--starts"); err != nil {
		return err
	}
	if n.EndsOn, err = day(c.Ends, "--ends"); err != nil {
		return err
	}
	return p.with(func(ctx context.Context, a *App) error {
		lead := c.Lead
		if lead == "" {
			lead = c.Title // somebody must host the events; the name can be changed
		}
		o, err := a.Projects.AddOrganisation(ctx, account.System, project.Organisation{Code: slug(lead), Name: locale.NewText(locale.English, locale.Clean(lead))})
		if err != nil {
			return err
		}
		n.LeadID = o.ID
		for _, name := range c.Donor {
			x, err := a.Projects.AddDonor(ctx, account.System, project.NewDonor(slug(name), locale.Clean(name)))
			if err != nil {
				return err
			}
			n.Donors = append(n.Donors, project.Funding{DonorID: x.ID})
		}
		made, err := a.Projects.Create(ctx, account.System, n)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(map[string]any{"id": made.ID, "code": made.Code})
		}
		p.printf("project %s made\n", made.Code)
		return nil
	})
}

func day(s, flag string) (db.Day, error) {
	if s == "" {
		return db.Day{}, nil
	}
	d, err := db.ParseDay(s)
	if err != nil {
		return d, usage(fmt.Sprintf("%s: %q is no day; write YYYY-MM-DD", flag, s))
	}
	return d, nil
}

// slug makes a short name for addresses of a name in any script.
func slug(name string) string {
	s := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, locale.Plain(name))
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' })
	s = strings.Join(parts, "-")
	return s[:min(len(s), 40)]
}

type eventCommand struct {
	Create eventCreate `cmd:"" help:"Make an event."`
	List   eventList   `cmd:"" help:"List the events."`
}

type eventCreate struct {
	Project   string  `required:"" help:"Code of the project."`
	Code      string  `required:"" help:"Short name for addresses, such as nt-me."`
	Type      string  `required:"" enum:"national_training,regional_training,training_of_trainers,conference,workshop,round_table,study_visit" help:"${enum}"`
	Country   string  `required:"" help:"Two letters; XK for Kosovo*."`
	Title     string  `required:"" help:"Title, in English."`
	City      string  `help:"City."`
	Starts    string  `required:"" help:"First day, YYYY-MM-DD."`
	Days      int     `default:"1" help:"How many days."`
	Unit      string  `default:"half-day" enum:"half-day,day,session" help:"What presence is counted in: ${enum}."`
	Threshold float64 `default:"0.8" help:"Share of the units that completes the event, 0 to 1."`
	Seats     int     `default:"100" help:"How many seats."`
	JSON      bool    `help:"Print JSON."`
}

// Run implements the command.
func (c eventCreate) Run(p *process) error {
	starts, err := day(c.Starts, "--starts")
	if err != nil {
		return err
	}
	return p.with(func(ctx context.Context, a *App) error {
		pr, err := a.Projects.ByCode(ctx, account.System, c.Project)
		if err != nil {
			return fmt.Errorf("project %s: %w", c.Project, err)
		}
		e, err := a.Events.Create(ctx, account.System, event.Facts{
			Code: c.Code, ProjectID: pr.ID, OrganisationID: pr.LeadID, Type: event.Type(c.Type), Title: locale.NewText(locale.English, locale.Clean(c.Title)),
			Country: strings.ToUpper(c.Country), City: c.City, StartsOn: starts, Days: c.Days, Unit: event.Unit(c.Unit), Threshold: c.Threshold, Seats: c.Seats,
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(map[string]any{"id": e.ID, "code": e.Code})
		}
		p.printf("event %s made\n", e.Code)
		return nil
	})
}

type eventList struct {
	Project string `help:"Only this project's."`
	JSON    bool   `help:"Print JSON."`
}

// listedEvent is one event in the list for programs.
type listedEvent struct {
	Code    string      `json:"code"`
	Project string      `json:"project"`
	Type    event.Type  `json:"type"`
	Country string      `json:"country"`
	City    string      `json:"city"`
	Title   string      `json:"title"`
	Starts  db.Day      `json:"starts"`
	Days    int         `json:"days"`
	Seats   int         `json:"seats"`
	State   event.State `json:"state"`
	Phase   event.Phase `json:"phase"`
}

// Run implements the command.
func (c eventList) Run(p *process) error {
	return p.with(func(ctx context.Context, a *App) error {
		list, err := a.listEvents(ctx, c.Project)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(list)
		}
		for _, e := range list {
			p.printf("%-20s %-10s %s %d  %s (%s)\n", e.Code, e.Phase, e.Starts, e.Days, e.Title, e.Country)
		}
		return nil
	})
}

func (a *App) listEvents(ctx context.Context, projectCode string) ([]listedEvent, error) {
	projects, err := a.Projects.List(ctx, account.System, account.ViewEvent)
	if err != nil {
		return nil, err
	}
	codes := map[int64]string{}
	for _, x := range projects {
		codes[x.ID] = x.Code
	}
	events, err := a.Events.List(ctx, account.System, account.ViewEvent)
	if err != nil {
		return nil, err
	}
	out := []listedEvent{}
	for _, e := range events {
		if projectCode != "" && codes[e.ProjectID] != projectCode {
			continue
		}
		title, _ := e.Title.In(locale.English)
		out = append(out, listedEvent{e.Code, codes[e.ProjectID], e.Type, e.Country, e.City, title, e.StartsOn, e.Days, e.Seats, e.State, e.Phase(time.Now())})
	}
	return out, nil
}
