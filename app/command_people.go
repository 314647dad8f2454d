package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"attesta/app/account"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/roster"
)

type adminCommand struct {
	Create adminCreate `cmd:"" help:"Make an administrator and print a one-time sign-in link."`
	Link   adminLink   `cmd:"" help:"Print a one-time sign-in link."`
}

type adminCreate struct {
	Email  string `arg:"" help:"E-mail address."`
	Name   string `help:"Name; the address if there is none."`
	Locale string `default:"en" help:"Language of the pages."`
}

// Run implements the command.
func (c adminCreate) Run(p *process) error {
	return p.with(func(ctx context.Context, a *App) error {
		name := c.Name
		if name == "" {
			name, _, _ = strings.Cut(c.Email, "@")
		}
		_, err := a.Accounts.CreateAdministrator(ctx, account.System, account.NewUser{Email: c.Email, Name: name, Locale: locale.Code(c.Locale)})
		if err != nil {
			return err
		}
		return p.signInLink(ctx, a, c.Email)
	})
}

type adminLink struct {
	Email string `arg:"" help:"E-mail address."`
}

// Run implements the command.
func (c adminLink) Run(p *process) error {
	return p.with(func(ctx context.Context, a *App) error { return p.signInLink(ctx, a, c.Email) })
}

func (p *process) signInLink(ctx context.Context, a *App, email string) error {
	link, err := a.signInLink(ctx, email)
	if err != nil {
		return err
	}
	p.printf("%s\n", link)
	return nil
}

// signInLink is the whole address of a new one-time link for somebody who has an account.
func (a *App) signInLink(ctx context.Context, email string) (string, error) {
	t, err := a.Accounts.NewSignInLink(ctx, email)
	if err != nil {
		return "", err
	}
	return a.Config.BaseURL + "/sign-in/" + t, nil
}

type importCommand struct {
	Event   string `required:"" help:"Code of the event."`
	File    string `arg:"" type:"existingfile" help:"Spreadsheet or delimited text."`
	Sheet   string `help:"Name of the sheet; else the one that looks most like a list."`
	Mapping string `type:"existingfile" help:"A file that says what the columns are."`
	DryRun  bool   `help:"Recognise and report, write nothing."`
	JSON    bool   `help:"Print JSON."`
}

// importReport is an import for programs.
type importReport struct {
	File      string                  `json:"file"`
	Event     string                  `json:"event"`
	Sheet     string                  `json:"sheet"`
	Encoding  string                  `json:"encoding,omitempty"`
	HeaderRow int                     `json:"header_row"`
	Mapping   map[string]importColumn `json:"mapping"`
	Rows      []importTaken           `json:"rows"`
	Refused   []importLine            `json:"refused"`
	Ignored   []importLine            `json:"ignored"`
	Notices   []importNotice          `json:"notices"`
	New       int                     `json:"new"`
	Changed   int                     `json:"changed"`
	DryRun    bool                    `json:"dry_run,omitempty"`
}

type importColumn struct {
	Sheet   string `json:"sheet,omitempty"`
	Heading string `json:"heading"`
	Field   string `json:"field"`
	Units   []int  `json:"units,omitempty"` // from 1
	Note    string `json:"note,omitempty"`
}

type importTaken struct {
	Row          int   `json:"row"`
	Person       int64 `json:"person"`
	Registration int64 `json:"registration"`
	New          bool  `json:"new"`
}

type importLine struct {
	Sheet  string `json:"sheet,omitempty"`
	Row    int    `json:"row"`
	Reason string `json:"reason"`
	Text   string `json:"text,omitempty"`
}

type importNotice struct {
	Sheet  string `json:"sheet,omitempty"`
	Column string `json:"column,omitempty"`
	Rows   []int  `json:"rows,omitempty"`
	Notice string `json:"notice"`
}

// Run implements the command.
func (c importCommand) Run(p *process) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	o := roster.ImportOptions{Sheet: c.Sheet, DryRun: c.DryRun}
	if c.Mapping != "" {
		b, err := os.ReadFile(c.Mapping)
		if err != nil {
			return err
		}
		if o.Mapping, err = roster.ParseMapping(b); err != nil {
			return err
		}
	}
	return p.with(func(ctx context.Context, a *App) error {
		in, err := a.Rosters.Import(ctx, account.System, c.Event, c.File, data, o)
		if err != nil {
			return err
		}
		r := importSays(a.Catalogue.Printer(locale.English), in, filepath.Base(c.File), c.DryRun)
		if c.JSON {
			return p.json(r)
		}
		p.printImport(r)
		return nil
	})
}

func importSays(words *locale.Printer, in *roster.Import, file string, dry bool) importReport {
	l := in.List
	r := importReport{
		File: file, Event: in.Event.Code, Sheet: l.Sheet, Encoding: l.File.Encoding, HeaderRow: l.HeaderRow, Mapping: map[string]importColumn{},
		Rows: []importTaken{}, Refused: []importLine{}, Ignored: []importLine{}, Notices: []importNotice{}, New: in.New, Changed: in.Changed, DryRun: dry,
	}
	say := func(x roster.Reason) string {
		return words.Fault(&fault.Fault{Key: x.Key, Params: x.Params})
	}
	for _, m := range l.Mapping {
		col := importColumn{Heading: m.Heading, Field: string(m.Field), Units: fromOne(m.Units)}
		if m.Note != "" {
			col.Note = words.T(m.Note)
		}
		r.Mapping[m.Letter] = col
	}
	for _, t := range in.Taken {
		r.Rows = append(r.Rows, importTaken(t))
	}
	for _, x := range l.Refused {
		r.Refused = append(r.Refused, importLine{x.Sheet, x.Row, say(x.Reason), x.Text})
	}
	for _, x := range l.Ignored {
		r.Ignored = append(r.Ignored, importLine{x.Sheet, x.Row, say(x.Reason), x.Text})
	}
	for _, n := range l.Notices {
		r.Notices = append(r.Notices, importNotice{n.Sheet, n.Column, n.Rows, say(roster.Reason{Key: n.Key, Params: n.Params})})
	}
	return r
}

func fromOne(units []int) []int {
	var out []int
	for _, u := range units {
		out = append(out, u+1)
	}
	return out
}

func (p *process) printImport(r importReport) {
	p.printf("%s → %s, sheet %q, header in row %d\n", r.File, r.Event, r.Sheet, r.HeaderRow)
	for _, letter := range columnOrder(r.Mapping) {
		m := r.Mapping[letter]
		field := m.Field
		if field == "" {
			field = "–"
		}
		p.printf("  %-3s %-30.30s %s %s\n", letter, m.Heading, field, units(m.Units))
	}
	p.printf("%d rows taken, %d of them new, attendance of %d changed\n", len(r.Rows), r.New, r.Changed)
	for _, x := range r.Refused {
		p.printf("  refused %s %d: %s (%s)\n", x.Sheet, x.Row, x.Reason, x.Text)
	}
	for _, x := range r.Ignored {
		p.printf("  ignored %s %d: %s\n", x.Sheet, x.Row, x.Reason)
	}
	for _, n := range r.Notices {
		p.printf("  note: %s%s\n", n.Notice, rows(n.Rows))
	}
}

func units(u []int) string {
	if len(u) == 0 {
		return ""
	}
	return fmt.Sprint(u)
}

func rows(n []int) string {
	if len(n) == 0 {
		return ""
	}
	return fmt.Sprintf(" (rows %s)", strings.Trim(fmt.Sprint(n), "[]"))
}

// columnOrder returns the letters as a spreadsheet has them: A to Z, then AA.
func columnOrder(m map[string]importColumn) []string {
	var out []string
	for n := 1; len(out) < len(m) && n < 20_000; n++ {
		s := ""
		for x := n; x > 0; x = (x - 1) / 26 {
			s = string(rune('A'+(x-1)%26)) + s
		}
		if _, ok := m[s]; ok {
			out = append(out, s)
		}
	}
	return out
}

type personsCommand struct {
	Suggest personsSuggest `cmd:"" help:"List records that may be one human being."`
	Merge   personsMerge   `cmd:"" help:"Say that records are one human being."`
	Unmerge personsUnmerge `cmd:"" help:"Take a merge back."`
}

type personsSuggest struct {
	JSON bool `help:"Print JSON."`
}

// Run implements the command.
func (c personsSuggest) Run(p *process) error {
	return p.with(func(ctx context.Context, a *App) error {
		list, err := a.Persons.Suggest(ctx, account.System)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(list)
		}
		for _, s := range list {
			p.printf("%.2f  %v  %v\n", s.Score, s.Persons, s.Reasons)
		}
		return nil
	})
}

type personsMerge struct {
	Keep int64   `arg:"" help:"The person that stays."`
	Drop []int64 `arg:"" help:"The persons that are the same human being."`
	JSON bool    `help:"Print JSON."`
}

// Run implements the command.
func (c personsMerge) Run(p *process) error {
	return p.with(func(ctx context.Context, a *App) error {
		done, err := a.Persons.Merge(ctx, account.System, c.Keep, c.Drop...)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(map[string]any{"kept": c.Keep, "merged": len(done)})
		}
		p.printf("%d merged into person %d\n", len(done), c.Keep)
		return nil
	})
}

type personsUnmerge struct {
	ID   int64 `arg:"" help:"The person that was merged into another."`
	JSON bool  `help:"Print JSON."`
}

// Run implements the command.
func (c personsUnmerge) Run(p *process) error {
	return p.with(func(ctx context.Context, a *App) error {
		m, err := a.Persons.Unmerge(ctx, account.System, c.ID)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(map[string]any{"kept": m.KeptID, "restored": m.DroppedID})
		}
		p.printf("person %d stands alone again\n", m.DroppedID)
		return nil
	})
}
