package app

import (
	"context"
	"fmt"
	"os"
	"strings"

	"attesta/app/account"
	"attesta/app/certificate"
	"attesta/app/locale"
)

type certificatesCommand struct {
	Issue  certificatesIssue  `cmd:"" help:"Issue what is due to those who completed an event."`
	Verify certificatesVerify `cmd:"" help:"Answer whether a certificate is genuine."`
}

type certificatesIssue struct {
	Event string `required:"" help:"Code of the event."`
	JSON  bool   `help:"Print JSON."`
}

// Run implements the command.
func (c certificatesIssue) Run(p *process) error {
	return p.with(func(ctx context.Context, a *App) error {
		done, err := a.Certificates.Issue(ctx, account.System, c.Event)
		if err != nil {
			return err
		}
		words := a.Catalogue.Printer(locale.English)
		type refused struct {
			Registration int64  `json:"registration"`
			Reason       string `json:"reason"`
		}
		type issued struct {
			Number       string `json:"number"`
			Registration int64  `json:"registration"`
			Person       int64  `json:"person"`
		}
		out := struct {
			Event   string    `json:"event"`
			Issued  []issued  `json:"issued"`
			Refused []refused `json:"refused"`
		}{c.Event, []issued{}, []refused{}}
		for _, x := range done.Certificates {
			out.Issued = append(out.Issued, issued{x.Number, x.RegistrationID, x.PersonID})
		}
		for _, x := range done.Refused {
			reason := words.Fault(x.Fault)
			for _, f := range x.Fault.Fields {
				reason += " " + f.Name + ": " + words.FieldFault(f)
			}
			out.Refused = append(out.Refused, refused{x.Registration.ID, reason})
		}
		if c.JSON {
			return p.json(out)
		}
		p.printf("%d certificates issued\n", len(out.Issued))
		for _, x := range out.Refused {
			p.printf("  none for registration %d: %s\n", x.Registration, x.Reason)
		}
		return nil
	})
}

type certificatesVerify struct {
	What string `arg:"" help:"A number, or a certificate's PDF."`
	Code string `help:"A quiet person's code."`
	JSON bool   `help:"Print JSON."`
}

// Run implements the command. A certificate that isn't genuine is no failure of the command: the answer says so.
func (c certificatesVerify) Run(p *process) error {
	number := c.What
	if b, err := os.ReadFile(c.What); err == nil {
		if number, err = certificate.NumberIn(b); err != nil {
			return err
		}
	}
	return p.with(func(ctx context.Context, a *App) error {
		v, err := a.Certificates.Verify(ctx, number, c.Code)
		if err != nil {
			return err
		}
		if c.JSON {
			return p.json(v.Public(a.Catalogue.Printer(locale.English)))
		}
		words := a.Catalogue.Printer(locale.English)
		switch {
		case v.NeedsCode:
			p.printf("%s: its holder's code is needed as well\n", v.Number)
		case !v.Known:
			p.printf("%s: no such certificate\n", v.Number)
		case v.Facts == nil:
			p.printf("%s: %s\n", v.Number, v.State)
		default:
			p.printf("%s: %s\n  %s, %s, %s\n", v.Number, v.State, v.Facts.HolderName, words.Text(v.Facts.EventTitle), words.DateRange(v.Facts.Starts, v.Facts.Ends))
		}
		return nil
	})
}

type figuresCommand struct {
	Project string `required:"" help:"Code of the project."`
	From    string `help:"First day, YYYY-MM-DD."`
	To      string `help:"Last day, YYYY-MM-DD."`
	For     string `default:"organiser" enum:"organiser,donor" help:"For whom: ${enum}. A donor's figures are suppressed."`
	Locale  string `default:"en" help:"Language of titles and rules."`
	JSON    bool   `help:"Print JSON."`
}

type reportCommand struct {
	Project string `required:"" help:"Code of the project."`
	Format  string `required:"" enum:"pdf,xlsx,csv" help:"${enum}"`
	Locale  string `default:"en" help:"Language of the report."`
	For     string `default:"donor" enum:"organiser,donor" help:"For whom: ${enum}. A donor's figures are suppressed."`
	Out     string `required:"" help:"File to write."`
}

func (a *App) code(name string) (locale.Code, error) {
	c, ok := a.Catalogue.Lookup(name)
	if !ok {
		var all []string
		for _, x := range a.Catalogue.Locales() {
			all = append(all, string(x))
		}
		return "", usage(fmt.Sprintf("%q is none of the languages: %s", name, strings.Join(all, ", ")))
	}
	return c, nil
}
