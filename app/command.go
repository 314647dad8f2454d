package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"attesta/app/config"
	"attesta/app/fault"
	"attesta/app/locale"
)

// commands is the command line. Everything that prints for people has --json beside it for programs: one document on
// standard output, all else on standard error.
type commands struct {
	Demo         demoCommand         `cmd:"" help:"Build a programme in six countries in a moment and serve it."`
	Serve        serveCommand        `cmd:"" help:"Serve the pages and run the jobs."`
	Migrate      migrateCommand      `cmd:"" help:"Bring the schema of the database up or down, or show where it stands."`
	Admin        adminCommand        `cmd:"" help:"Make an administrator, or a one-time sign-in link."`
	Project      projectCommand      `cmd:"" help:"Make a project."`
	Event        eventCommand        `cmd:"" help:"Make or list events."`
	Import       importCommand       `cmd:"" help:"Take in a participant list as offices keep it."`
	Persons      personsCommand      `cmd:"" help:"Find and merge records of one human being, and undo it."`
	Certificates certificatesCommand `cmd:"" help:"Issue certificates, or verify one."`
	Figures      figuresCommand      `cmd:"" help:"Print the figures of a project with the rule under each."`
	Report       reportCommand       `cmd:"" help:"Write the attendance report of a project."`
	Audit        auditCommand        `cmd:"" help:"Check the record of actions, or write it to a file."`
	Backup       backupCommand       `cmd:"" help:"Write a copy of the database while the program runs."`
	Restore      restoreCommand      `cmd:"" help:"Put a backup into an empty place."`
	Doctor       doctorCommand       `cmd:"" help:"Check the configuration and what the program needs, and say what to do."`
	Config       string              `help:"Configuration file." placeholder:"attesta.toml"`
}

// process is what a command works in.
type process struct {
	ctx     context.Context
	environ []string
	file    string // of the configuration
	out     io.Writer
	err     io.Writer
}

// exit ends kong's own output early; the code is in it.
type exit int

// Main runs the command line and returns the exit code: 0 done, 1 failed, 2 wrong usage.
func Main(args, environ []string, out, errOut io.Writer) (code int) {
	defer func() {
		if e, ok := recover().(exit); ok {
			code = int(e)
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("attesta"), kong.Description("Event and conference management for networks that train people across borders."),
		kong.Writers(out, errOut), kong.Exit(func(n int) { panic(exit(n)) }), kong.UsageOnError())
	if err != nil {
		fmt.Fprintln(errOut, "attesta:", err)
		return 1
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(errOut, "attesta:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = k.Run(&process{ctx: ctx, environ: environ, file: c.Config, out: out, err: errOut})
	if err == nil {
		return 0
	}
	fmt.Fprintln(errOut, "attesta:", explain(err))
	var wrong usage
	if errors.As(err, &wrong) {
		return 2
	}
	return 1
}

// usage is an error in how a command was called.
type usage string

// Error implements error.
func (u usage) Error() string { return string(u) }

// explain words an error for the terminal: faults in English, everything else as it is.
func explain(err error) string {
	f := fault.From(err)
	if f == nil {
		return err.Error()
	}
	cat, e := loadCatalogue(config.Config{})
	if e != nil {
		return err.Error()
	}
	p := cat.Printer(locale.English)
	lines := []string{p.Fault(f)}
	for _, x := range f.Fields {
		lines = append(lines, "  "+x.Name+": "+p.FieldFault(x))
	}
	return strings.Join(lines, "\n")
}

// config reads the configuration; unknown variables are pointed out, not refused.
func (p *process) config() (config.Config, *slog.Logger, error) {
	cfg, err := config.Load(p.file, p.environ)
	if err != nil {
		return cfg, nil, err
	}
	for _, name := range cfg.Unknown {
		fmt.Fprintf(p.err, "attesta: %s is set but means nothing\n", name)
	}
	return cfg, logger(cfg, p.err), nil
}

func logger(cfg config.Config, w io.Writer) *slog.Logger {
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// with opens the program, migrated, for f and closes it again.
func (p *process) with(f func(ctx context.Context, a *App) error) (err error) {
	cfg, log, err := p.config()
	if err != nil {
		return err
	}
	a, err := Open(p.ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if cfg.Migrate {
		if _, err := a.Migrate(p.ctx); err != nil {
			return err
		}
	} else if err := a.Ready(p.ctx); err != nil {
		return err
	}
	a.Network.Current(p.ctx)
	return errors.Join(f(p.ctx, a), a.seal(p.ctx))
}

// seal has what a command did sealed at once; where the program runs elsewhere it may have been quicker.
func (a *App) seal(ctx context.Context) error {
	_, err := a.Audit.Seal(context.WithoutCancel(ctx))
	return err
}

// json prints one document for programs.
func (p *process) json(v any) error {
	e := json.NewEncoder(p.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (p *process) printf(format string, args ...any) { fmt.Fprintf(p.out, format, args...) }
