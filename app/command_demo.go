package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"attesta/app/account"
	"attesta/app/config"
	"attesta/app/db"
	"attesta/app/demo"
	outbox "attesta/app/mail"
	"attesta/app/token"
	"attesta/app/web"
)

type demoCommand struct {
	Addr string `default:"127.0.0.1:8080" help:"Address to serve on."`
	Dir  string `help:"Folder to keep the demo in; else a temporary one that goes with the program." type:"path"`
	JSON bool   `help:"Print JSON when ready."`
}

// demoLinks is what the demo prints. What the program can't do yet has an empty link.
type demoLinks struct {
	BaseURL     string `json:"base_url"`
	Coordinator string `json:"coordinator_url"`
	Organiser   string `json:"organiser_url"`
	Checkin     string `json:"checkin_url"`
	Donor       string `json:"donor_url"`
	Participant string `json:"participant_url"`
	FocalPoint  string `json:"focal_point_url"`
	Auditor     string `json:"auditor_url"`
	Admin       string `json:"administrator_url"`
	Verify      string `json:"verify_url"`
	APIToken    string `json:"api_token"`
	Mail        string `json:"mail_url"`
	Register    string `json:"register_url"`
	Components  string `json:"components_url"`
	Database    string `json:"database"`
}

// Run implements the command.
func (c demoCommand) Run(p *process) error {
	dir, cleanUp, err := c.folder()
	if err != nil {
		return err
	}
	defer cleanUp()
	l, err := listen(c.Addr)
	if err != nil {
		return err
	}
	catcher, err := outbox.NewCatcher()
	if err != nil {
		return err
	}
	defer catcher.Close()
	a, err := openDemo(p.ctx, dir, l.Addr().String(), catcher, slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer a.Close()
	built, err := a.buildDemo(p.ctx)
	if err != nil {
		return err
	}
	guests := &guests{Accounts: a.Accounts, users: map[string]int64{}}
	links := a.demoLinks(built, guests)
	if links.APIToken, err = a.demoToken(p.ctx, built.Organiser); err != nil {
		return err
	}
	return a.Run(p.ctx, l, Pages{Accounts: guests, Caught: catcher, Demo: true}, func() { p.showDemo(links, c.JSON) })
}

// folder returns where the demo lives. A folder of one's own may hold an earlier demo, which then goes on, and nothing
// else.
func (c demoCommand) folder() (dir string, cleanUp func(), err error) {
	if c.Dir == "" {
		if dir, err = os.MkdirTemp("", "attesta-demo-"); err != nil {
			return "", nil, err
		}
		return dir, func() { _ = os.RemoveAll(dir) }, nil
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return "", nil, err
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return "", nil, err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "attesta.") {
			return "", nil, usage(fmt.Sprintf("%s isn't empty and holds no demo: %s", c.Dir, e.Name()))
		}
	}
	return c.Dir, func() {}, nil
}

// listen takes the address, or a free port beside it if it is taken by another program.
func listen(addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err == nil {
		return l, nil
	}
	host, port, e := net.SplitHostPort(addr)
	if e != nil {
		return nil, usage(fmt.Sprintf("--addr: %q is no address; write 127.0.0.1:8080", addr))
	}
	if port == "8080" && strings.Contains(err.Error(), "in use") {
		return new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(host, "0"))
	}
	return nil, fmt.Errorf("listen on %s: %w", addr, err)
}

func openDemo(ctx context.Context, dir, addr string, catcher *outbox.Catcher, log *slog.Logger) (*App, error) {
	t := catcher.Transport()
	cfg := config.Config{
		Addr: addr, BaseURL: "http://" + addr, Database: "sqlite:" + filepath.Join(dir, "attesta.db"), SecretFile: filepath.Join(dir, "attesta.secret"), Files: "file:" + filepath.Join(dir, "attesta.files"),
		MailFrom: mail.Address{Name: "Borders and People", Address: "attesta@borders-and-people.example"}, SMTP: config.SMTP{Host: t.Host, Port: t.Port, TLS: config.Off},
		LogFormat: "text", Migrate: true,
	}
	a, err := Open(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	if _, err := a.Migrate(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// demoSetting is where a demo remembers what it built.
const demoSetting = "demo"

// buildDemo fills the database, unless an earlier demo in the same folder has; while it does, the program's clock shows
// the day on which each thing happens.
func (a *App) buildDemo(ctx context.Context) (*demo.Built, error) {
	if built, err := a.keptDemo(ctx); built != nil || err != nil {
		return built, err
	}
	real, shown := time.Now(), atomic.Int64{}
	shown.Store(real.UnixNano())
	a.Clock = func() time.Time { return time.Unix(0, shown.Load()) }
	defer func() { a.Clock = time.Now }()
	built, err := demo.Build(ctx, demo.Features{
		Accounts: a.Accounts, Network: a.Network, Projects: a.Projects, Events: a.Events, Registrations: a.Registrations, Attendance: a.Attendance, Certificates: a.Certificates,
		At: func(t time.Time) { shown.Store(t.UnixNano()) },
	}, real)
	if err != nil {
		return nil, err
	}
	return built, a.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("INSERT INTO settings (name, value) VALUES (?, ?)", demoSetting, db.JSON[*demo.Built]{V: built}).Exec(ctx)
		return err
	})
}

// keptDemo returns what an earlier demo built, or nil in an empty database.
func (a *App) keptDemo(ctx context.Context) (*demo.Built, error) {
	var values []string
	if err := a.DB.Read().NewRaw("SELECT value FROM settings WHERE name = ?", demoSetting).Scan(ctx, &values); err != nil {
		return nil, fmt.Errorf("look for an earlier demo: %w", err)
	}
	if len(values) == 1 {
		var built demo.Built
		return &built, json.Unmarshal([]byte(values[0]), &built)
	}
	list, err := a.Projects.List(ctx, account.System, account.ViewEvent)
	if err == nil && len(list) > 0 {
		err = usage("the folder holds a demo that was never finished, or other data; empty it, or name another one")
	}
	return nil, err
}

// guests lets the demo's printed links sign in as often as they are opened.
type guests struct {
	*account.Accounts
	users map[string]int64 // by token
}

// LinkSignIn implements web.Accounts.
func (g *guests) LinkSignIn(ctx context.Context, t string) (int64, error) {
	if id, ok := g.users[t]; ok {
		return id, nil
	}
	return g.Accounts.LinkSignIn(ctx, t)
}

var _ web.Accounts = (*guests)(nil)

func (a *App) demoLinks(b *demo.Built, g *guests) demoLinks {
	base := a.Config.BaseURL
	as := func(user int64) string {
		if user == 0 {
			return "" // a demo that an earlier version built has nobody there
		}
		t := token.Random()
		g.users[t] = user
		return base + "/sign-in/" + t
	}
	focal := ""
	if b.FocalPoint != "" {
		focal = base + b.FocalPoint
	}
	return demoLinks{
		BaseURL: base, Coordinator: as(b.Coordinator), Organiser: as(b.Organiser), Donor: as(b.Donor), Auditor: as(b.Auditor), Admin: as(b.Administrator),
		FocalPoint: focal, Checkin: base + b.CheckinPath,
		Participant: base + b.Participant, Verify: base + "/verify/" + b.Certificate, Mail: base + "/mails", Register: base + "/en/events/" + b.OpenEvent + "/register",
		Components: base + "/components", Database: a.Config.Database,
	}
}

// demoToken makes a token with which a program can do for a day what the user does.
func (a *App) demoToken(ctx context.Context, user int64) (string, error) {
	actor, err := a.Accounts.Actor(ctx, user)
	if err != nil {
		return "", err
	}
	return a.Accounts.MakeToken(ctx, actor, account.NewToken{
		Label: "Demo", Role: actor.Grants[0].Role, Scope: actor.Grants[0].Scope, Writes: true, Expires: a.now().AddDate(0, 0, 1),
	})
}

func (p *process) showDemo(l demoLinks, asJSON bool) {
	if asJSON {
		_ = p.json(l)
		return
	}
	p.printf("\nAttesta is ready: %s\n\n", l.BaseURL)
	for _, x := range [][2]string{
		{"Anyone", l.BaseURL + "/"}, {"Register", l.Register}, {"Participant", l.Participant}, {"Organiser", l.Organiser}, {"Coordinator", l.Coordinator},
		{"Check-in helper", l.Checkin}, {"Donor", l.Donor}, {"Focal point", l.FocalPoint},
		{"Auditor", l.Auditor}, {"Administrator", l.Admin}, {"Verify", l.Verify}, {"API token", l.APIToken}, {"Mails sent", l.Mail}, {"Components", l.Components},
	} {
		p.printf("  %-16s %s\n", x[0], x[1])
	}
	p.printf("\nThe persons are invented. Stop with Ctrl-C.\n")
}
