package apptest

import (
	"context"
	"fmt"
	"net/mail"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/file"
	"attesta/app/job"
	"attesta/app/locale"
	outbox "attesta/app/mail"
	"attesta/app/network"
	"attesta/app/person"
	"attesta/app/project"
	"attesta/app/registration"
	"attesta/app/token"
	"attesta/locales"
	"attesta/templates"
)

// Clock is a clock that stands still until a test moves it.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// World is a project with one organisation in an empty installation, and every feature wired to it. Its clock stands at
// 2 May 2022, 10:00 UTC. Mails wait in the outbox and are not sent.
type World struct {
	DB            *db.DB
	Clock         *Clock
	Queue         *job.Queue
	Secret        token.Secret
	Catalogue     *locale.Catalogue
	Mail          *outbox.Outbox
	Persons       *person.Desk
	Network       *network.Desk
	Projects      *project.Desk
	Events        *event.Desk
	Registrations *registration.Desk
	Attendance    *attendance.Desk
	Certificates  *certificate.Desk

	Project      *project.Project
	Organisation *project.Organisation
	events       atomic.Int64
}

var catalogue = sync.OnceValues(func() (*locale.Catalogue, error) { return locale.Load(locales.FS) })

// NewWorld wires a world in a fresh database.
func NewWorld(t testing.TB, d *db.DB) *World {
	t.Helper()
	cat, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	cat = cat.Fork()
	w := &World{
		DB: d, Clock: &Clock{now: time.Date(2022, 5, 2, 10, 0, 0, 0, time.UTC)}, Queue: job.New(d, nil), Secret: token.NewSecret(), Catalogue: cat,
	}
	now := w.Clock.Now
	d.KeepTime(now)
	w.Mail, err = outbox.New(outbox.Options{
		DB: d, Queue: w.Queue, Catalogue: cat, Secret: w.Secret, BaseURL: "https://attesta.example", From: mail.Address{Name: "Attesta", Address: "attesta@attesta.example"},
		Templates: templates.Files, Clock: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.Network = &network.Desk{DB: d, Catalogue: cat}
	w.Projects = &project.Desk{DB: d, Clock: now}
	w.Events = &event.Desk{DB: d, Clock: now, Files: file.NewFolder(t.TempDir())}
	w.Registrations = &registration.Desk{DB: d, Mail: w.Mail, Secret: w.Secret, Clock: now}
	w.Events.Followers = []event.Follower{registration.Follower{Desk: w.Registrations}}
	w.Attendance = &attendance.Desk{DB: d, Clock: now, Secret: w.Secret}
	w.Certificates = &certificate.Desk{DB: d, Mail: w.Mail, Catalogue: cat, BaseURL: "https://attesta.example", Secret: w.Secret, Clock: now}
	w.Persons = &person.Desk{DB: d, Movers: []person.Mover{registration.Mover{Refold: attendance.Derive}}}
	w.found(t)
	return w
}

func (w *World) found(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	o, err := w.Projects.AddOrganisation(ctx, account.System, project.Organisation{Code: "lead", Name: locale.NewText("en", "Lead Organisation"), Country: "RS"})
	if err != nil {
		t.Fatal(err)
	}
	eu, err := w.Projects.AddDonor(ctx, account.System, project.Donor{Code: "eu", Kind: project.EU, Name: locale.NewText("en", "European Union")})
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Projects.Create(ctx, account.System, project.Facts{Code: "P1", Title: locale.NewText("en", "Security for people and borders"), LeadID: o.ID, Donors: project.Unshared(eu.ID)})
	if err != nil {
		t.Fatal(err)
	}
	w.Project, w.Organisation = p, o
}

// EventOption changes the facts of an event before it is made.
type EventOption func(*event.Facts)

// Seats sets how many seats there are.
func Seats(n int) EventOption { return func(f *event.Facts) { f.Seats = n } }

// Automatic has whoever comes first approved.
func Automatic(f *event.Facts) { f.Decision = event.Automatic }

// Event makes an event with its registration open: a national training of two days in Podgorica, 16 and 17 May 2022,
// 30 seats, the organiser decides.
func (w *World) Event(t testing.TB, options ...EventOption) *event.Event {
	t.Helper()
	ctx := context.Background()
	day, _ := db.ParseDay("2022-05-16")
	f := event.Facts{
		Code: fmt.Sprintf("event-%d", w.events.Add(1)), ProjectID: w.Project.ID, OrganisationID: w.Organisation.ID, Type: event.NationalTraining,
		Title:   locale.NewText("cnr", "Suzbijanje krijumčarenja migranata", "en", "Countering migrant smuggling"),
		Country: "ME", City: "Podgorica", StartsOn: day, Days: 2, Seats: 30, Languages: []locale.Code{"cnr", "en"},
	}
	for _, o := range options {
		o(&f)
	}
	e, err := w.Events.Create(ctx, account.System, f)
	if err != nil {
		t.Fatal(err)
	}
	if e, err = w.Events.OpenRegistration(ctx, account.System, e.Code); err != nil {
		t.Fatal(err)
	}
	return e
}

// Programme makes sessions the programme of an event, whatever version of it e is, and returns the event as it is then.
func (w *World) Programme(t testing.TB, e *event.Event, sessions ...event.Session) *event.Event {
	t.Helper()
	if err := w.Events.SetProgramme(context.Background(), account.System, e.Code, w.Reload(t, e).Version, sessions); err != nil {
		t.Fatal(err)
	}
	return w.Reload(t, e)
}

// Submission is a filled-in form of an invented person; n makes it somebody else.
func Submission(n int) registration.Submission {
	return registration.Submission{
		GivenName: "Vesna", FamilyName: fmt.Sprintf("Ćetković-%d", n), Gender: person.Female, Email: fmt.Sprintf("vesna.%d@jt.me.example", n),
		Country: "ME", Institution: "Više državno tužilaštvo u Podgorici", InstitutionType: person.Prosecution, Position: "državni tužilac",
		Locale: "cnr", ConsentData: true,
	}
}

// Organiser is somebody who may organise in the world's one organisation.
func (w *World) Organiser() account.Actor {
	return account.Actor{Name: "Organiser", Grants: []account.Grant{{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: w.Organisation.ID}}}}
}

// Reload reads an event again.
func (w *World) Reload(t testing.TB, e *event.Event) *event.Event {
	t.Helper()
	e, err := event.ByID(context.Background(), w.DB.Read(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// Exec returns one statement as what InTx runs, for what no feature does.
func Exec(query string, args ...any) func(context.Context, *db.Tx) error {
	return func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw(query, args...).Exec(ctx)
		return err
	}
}
