package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"attesta/app/db"
	"attesta/app/mail"
	"attesta/app/web"
	"attesta/app/web/api"
	"attesta/app/web/checkin"
	"attesta/app/web/desk"
	"attesta/app/web/donor"
	"attesta/app/web/public"
	"attesta/static"
	"attesta/templates"
)

// How long the parts may take to end once the program is told to stop.
const (
	stopPages = 15 * time.Second
	stopJobs  = 20 * time.Second
)

// Pages is what differs between the program, its demo and its tests. The zero value is the program.
type Pages struct {
	Accounts web.Accounts  // who signs in; nil: the people in the database
	Caught   *mail.Catcher // shows the mails that were caught
	Demo     bool
}

// server puts the pages of all audiences together.
func (a *App) server(p Pages, observe func(string, int, time.Duration)) (*web.Server, error) {
	if p.Accounts == nil {
		p.Accounts = a.Accounts
	}
	var proxies []string
	for _, x := range a.Config.TrustedProxies {
		proxies = append(proxies, x.String())
	}
	audiences := [][]web.Route{
		(&public.Pages{Events: a.Events, Registrations: a.Registrations, Certificates: a.Certificates, DB: a.DB, Catalogue: a.Catalogue, RegisterLimit: 60, VerifyLimit: 120}).Routes(),
		(&desk.Pages{
			DB: a.DB, Catalogue: a.Catalogue, Network: a.Network, Projects: a.Projects, Events: a.Events, Registrations: a.Registrations, Attendance: a.Attendance,
			Certificates: a.Certificates, Persons: a.Persons, Accounts: a.Accounts, Roster: a.Rosters, Audit: a.Audit, Clock: a.now,
		}).Routes(),
		(&checkin.Pages{DB: a.DB, Attendance: a.Attendance}).Routes(),
		(&api.Pages{
			DB: a.DB, Tokens: a.Accounts, Projects: a.Projects, Events: a.Events, Registrations: a.Registrations, Attendance: a.Attendance, Certificates: a.Certificates,
			Secret: a.Secret, Clock: a.now,
		}).Routes(),
		(&donor.Pages{DB: a.DB, Catalogue: a.Catalogue, Projects: a.Projects}).Routes(),
	}
	var routes []web.Route
	for _, r := range audiences {
		routes = append(routes, r...)
	}
	return web.New(web.Config{
		BaseURL: a.Config.BaseURL, TrustedProxies: proxies, Secret: []byte(a.Secret.Link("pages", "")), Catalogue: a.Catalogue, Network: a.Network,
		Store: &db.Storage{DB: a.DB, Clock: a.now}, Templates: templates.Files, Static: static.Files, Accounts: p.Accounts, Factors: a.Accounts, Ready: a, Looks: a.Audit, Routes: routes,
		Clock: a.now, Log: a.Log, Observe: observe, Writes: a.DB.Writes, Demo: p.Demo, Caught: p.Caught,
	})
}

// Run serves pages on l and runs the jobs until ctx ends, then stops taking requests, lets those that run end, and the
// jobs after them. ready is called once the pages can be had.
func (a *App) Run(ctx context.Context, l net.Listener, p Pages, ready func()) error {
	working, stopWorking := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorking()
	m := a.newMetrics()
	if addr := a.Config.MetricsAddr; addr != "" {
		if err := m.serve(working, addr); err != nil {
			return err
		}
	}
	s, err := a.server(p, m.observe)
	if err != nil {
		return err
	}
	if err := a.Queue.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	go a.sweep(working)
	sealed, tried := make(chan struct{}), make(chan struct{})
	go func() { defer close(sealed); a.Audit.Run(working) }()
	go func() { defer close(tried); a.tryFiles(working) }()
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	if ready != nil {
		ready()
	}
	select {
	case err = <-served:
	case <-ctx.Done():
		a.Log.Info("stopping")
		err = within(stopPages, s.Shutdown)
	}
	err = errors.Join(err, within(stopJobs, a.Queue.Stop))
	stopWorking()
	<-sealed
	<-tried
	return err
}

// tryFiles says in the log if nothing can be kept where materials are. All the rest works without them, so that this
// keeps nobody from serving and /readyz doesn't ask: a store that is down would take the pages of all replicas with it.
func (a *App) tryFiles(ctx context.Context) {
	if a.Events.Files == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if f := a.examineFiles(ctx); !f.OK && !errors.Is(ctx.Err(), context.Canceled) {
		a.Log.Warn("materials can't be kept or read until this is mended (ATTESTA_FILES)", "reason", f.Detail)
	}
}

func within(d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	return f(ctx)
}

// sweep removes expired sessions now and then.
func (a *App) sweep(ctx context.Context) {
	store := &db.Storage{DB: a.DB, Clock: a.now}
	t := time.NewTicker(10 * time.Minute)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if _, err := store.Sweep(ctx); err != nil {
				a.Log.Error("sweep sessions", "error", err)
			}
		}
	}
}

type serveCommand struct{}

// Run implements the command.
func (serveCommand) Run(p *process) error {
	cfg, log, err := p.config()
	if err != nil {
		return err
	}
	a, err := Open(p.ctx, cfg, log)
	if err != nil {
		return err
	}
	defer a.Close()
	if cfg.Migrate {
		applied, err := a.Migrate(p.ctx)
		if err != nil {
			return err
		}
		if len(applied) > 0 {
			log.Info("migrated", "applied", applied)
		}
	}
	if cfg.SMTP.Host == "" {
		log.Warn("no mail server is configured (ATTESTA_SMTP): mails wait in the outbox")
	}
	if err := p.invite(a); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(p.ctx, "tcp", cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Addr, err)
	}
	return a.Run(p.ctx, l, Pages{}, func() { log.Info("serving", "address", l.Addr().String(), "base_url", cfg.BaseURL) })
}

// invite prints the link to create the first administrator where there is none.
func (p *process) invite(a *App) error {
	n, err := a.Accounts.Count(p.ctx)
	if err != nil || n > 0 {
		return err
	}
	t, err := a.Accounts.SetupToken(p.ctx)
	if err != nil {
		return err
	}
	p.printf("Nobody can sign in yet. Create the first administrator here:\n%s/setup/%s\n", a.Config.BaseURL, t)
	return nil
}
