// Package app wires the program together, starts and stops it. It holds no logic of its own.
package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"time"
	_ "time/tzdata" // the zones of the events, whatever the machine knows

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/audit"
	"attesta/app/certificate"
	"attesta/app/config"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/file"
	"attesta/app/job"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/network"
	"attesta/app/person"
	"attesta/app/project"
	"attesta/app/registration"
	"attesta/app/roster"
	"attesta/app/token"
	"attesta/app/web"
	"attesta/locales"
	"attesta/migrations"
	"attesta/templates"
)

// App is the program: every feature, wired to one database.
type App struct {
	Config        config.Config
	Log           *slog.Logger
	Clock         func() time.Time
	DB            *db.DB
	Queue         *job.Queue
	Secret        token.Secret
	Catalogue     *locale.Catalogue
	Mail          *mail.Outbox
	Accounts      *account.Accounts
	Persons       *person.Desk
	Network       *network.Desk
	Projects      *project.Desk
	Events        *event.Desk
	Registrations *registration.Desk
	Attendance    *attendance.Desk
	Certificates  *certificate.Desk
	Rosters       *roster.Desk
	Audit         *audit.Chain
}

// Open opens the database and wires the features; it neither migrates nor starts anything. Close the App when done.
func Open(ctx context.Context, cfg config.Config, log *slog.Logger) (*App, error) {
	secret, err := token.LoadSecret(cfg.SecretFile)
	if err != nil {
		return nil, err
	}
	catalogue, err := loadCatalogue(cfg)
	if err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	a := &App{Config: cfg, Log: log, Clock: time.Now, DB: d, Queue: job.New(d, quiet(log)), Secret: secret, Catalogue: catalogue}
	if err := a.wire(); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return a, nil
}

func loadCatalogue(cfg config.Config) (*locale.Catalogue, error) {
	var over []fs.FS
	if cfg.LocalesDir != "" {
		over = append(over, os.DirFS(cfg.LocalesDir))
	}
	c, err := locale.Load(locales.FS, over...)
	if err != nil {
		return nil, fmt.Errorf("read the catalogues: %w", err)
	}
	return c, nil
}

func (a *App) wire() (err error) {
	a.DB.KeepTime(a.now)
	a.Audit = &audit.Chain{DB: a.DB, Key: audit.Key(a.Secret), Clock: a.now, Log: a.Log}
	a.Network = &network.Desk{DB: a.DB, Catalogue: a.Catalogue}
	server, err := transport(a.Config.SMTP)
	if err != nil {
		return err
	}
	a.Mail, err = mail.New(mail.Options{
		DB: a.DB, Queue: a.Queue, Catalogue: a.Catalogue, Secret: a.Secret, BaseURL: a.Config.BaseURL, From: a.Config.MailFrom,
		Sender: a.sender, Transport: server, Templates: templates.Files, Clock: a.now,
	})
	if err != nil {
		return err
	}
	if a.Accounts, err = account.New(account.Options{DB: a.DB, Queue: a.Queue, Mails: a.Mail, Secret: a.Secret, Clock: a.now, BaseURL: a.Config.BaseURL, Provider: a.provider()}); err != nil {
		return err
	}
	vocabulary, err := roster.LoadVocabulary(locales.FS)
	if err != nil {
		return fmt.Errorf("read the vocabulary of lists: %w", err)
	}
	a.Projects = &project.Desk{DB: a.DB, Clock: a.now}
	if a.Events, err = a.events(); err != nil {
		return err
	}
	a.Registrations = &registration.Desk{DB: a.DB, Mail: a.Mail, Secret: a.Secret, Clock: a.now}
	a.Events.Followers = []event.Follower{registration.Follower{Desk: a.Registrations}}
	a.Registrations.Schedule(a.Queue)
	a.Attendance = &attendance.Desk{DB: a.DB, Clock: a.now, Secret: a.Secret}
	a.Certificates = &certificate.Desk{
		DB: a.DB, Mail: a.Mail, Catalogue: a.Catalogue, BaseURL: a.Config.BaseURL, Secret: a.Secret, Clock: a.now,
	}
	a.Rosters = &roster.Desk{DB: a.DB, Vocabulary: vocabulary, Secret: a.Secret, Clock: a.now}
	a.Persons = &person.Desk{DB: a.DB, Movers: []person.Mover{registration.Mover{Refold: attendance.Derive}}}
	return nil
}

// events keeps materials where the configuration says.
func (a *App) events() (*event.Desk, error) {
	d := &event.Desk{DB: a.DB, Clock: a.now}
	if a.Config.Files == "" {
		return d, nil
	}
	b := a.Config.Bucket
	files, err := file.Open(a.Config.Files, file.Keys{ID: b.KeyID, Secret: b.Secret.Reveal(), Session: b.Session.Reveal(), Region: b.Region})
	d.Files = files
	d.Schedule(a.Queue)
	return d, err
}

// provider is where users may sign in besides, or nil. It is asked nothing yet.
func (a *App) provider() *account.Provider {
	o := a.Config.OIDC
	if o.Issuer == "" {
		return nil
	}
	return &account.Provider{
		Issuer: o.Issuer, ClientID: o.ClientID, Secret: o.Secret.Reveal(), Name: o.Name, Redirect: a.Config.BaseURL + web.ProviderCallback, Clock: a.now,
	}
}

// transport is the mail server of the configuration, or nil: mails then wait.
func transport(s config.SMTP) (mail.Transport, error) {
	if s.Host == "" {
		return nil, nil
	}
	t := mail.SMTP{Host: s.Host, Port: s.Port, Username: s.Username, Password: s.Password.Reveal(), Security: mail.Security(s.TLS)}
	if s.CAFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, fmt.Errorf("ATTESTA_SMTP: the authorities' file can't be read: %w", err)
	}
	t.Roots = x509.NewCertPool()
	if !t.Roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("ATTESTA_SMTP: %s holds no certificate", s.CAFile)
	}
	return t, nil
}

// sender is who signs mails and where they are answered to, once the network has settled it.
func (a *App) sender(ctx context.Context) (locale.Text, string) {
	s := a.Network.Current(ctx)
	if s.Version == 0 {
		return locale.Text{}, ""
	}
	return s.Name, s.Contact
}

// now is the program's clock; a test or the demo sets Clock.
func (a *App) now() time.Time { return a.Clock() }

// Migrate brings the schema up to date and returns the migrations that were missing.
func (a *App) Migrate(ctx context.Context) ([]string, error) {
	if err := job.MigrateUp(ctx, a.DB); err != nil {
		return nil, err
	}
	return a.DB.MigrateUp(ctx, migrations.FS)
}

// MigrateDown takes back what was applied last.
func (a *App) MigrateDown(ctx context.Context) ([]string, error) {
	return a.DB.MigrateDown(ctx, migrations.FS)
}

// Migrations lists all migrations and says which are applied.
func (a *App) Migrations(ctx context.Context) ([]db.Migration, error) {
	return a.DB.Migrations(ctx, migrations.FS)
}

// ErrNotMigrated is what Ready returns when migrations are missing.
var ErrNotMigrated = errors.New("the database isn't migrated; run attesta migrate up")

// Ready reports whether the database answers and is migrated.
func (a *App) Ready(ctx context.Context) error {
	if err := a.DB.Ping(ctx); err != nil {
		return err
	}
	all, err := a.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if !m.Applied {
			return ErrNotMigrated
		}
	}
	return nil
}

// Close closes the database.
func (a *App) Close() error { return a.DB.Close() }

// quiet lets through of the job queue's log what somebody must look at.
func quiet(log *slog.Logger) *slog.Logger {
	return slog.New(warnings{log.Handler()})
}

type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

func (w warnings) WithAttrs(a []slog.Attr) slog.Handler { return warnings{w.Handler.WithAttrs(a)} }
func (w warnings) WithGroup(g string) slog.Handler      { return warnings{w.Handler.WithGroup(g)} }
