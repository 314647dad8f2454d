package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/network"
	"attesta/app/person"
	"attesta/app/project"
	"attesta/app/registration"
)

// Features are what the demo clicks on. At sets the clock that all of them share.
type Features struct {
	Accounts      *account.Accounts
	Network       *network.Desk
	Projects      *project.Desk
	Events        *event.Desk
	Registrations *registration.Desk
	Attendance    *attendance.Desk
	Certificates  *certificate.Desk
	At            func(time.Time)
}

// Built says where in the programme a stranger may begin.
type Built struct {
	Network       locale.Text
	Coordinator   int64 // users
	Organiser     int64
	Donor         int64
	Auditor       int64
	Administrator int64
	FocalPoint    string // path of an institution that nominates
	CheckinPath   string // of the training that runs today
	Participant   string // path of somebody who completed a training
	Certificate   string // their number
	OpenEvent     string // code of the conference that one can register for
	Registrations int
	Certificates  int
}

// builder is a demo at work.
type builder struct {
	Features
	programme *programme

	conference *conference
	now        time.Time
	chance     *rand.Rand

	project       *project.Project
	organisations map[string]*project.Organisation
	directors     map[string]string
	built         *Built
}

// parallel is how many people click at once.
const parallel = 24

// Build makes the programme in an empty installation. Its days are counted from now.
func Build(ctx context.Context, f Features, now time.Time) (*Built, error) {
	p, err := load()
	if err != nil {
		return nil, err
	}
	talks, err := loadConference()
	if err != nil {
		return nil, err
	}
	b := &builder{
		Features: f, programme: p, conference: talks, now: now, chance: rand.New(rand.NewPCG(1, 2)), organisations: map[string]*project.Organisation{},
		directors: map[string]string{}, built: &Built{Network: p.Network.text()},
	}
	defer f.At(now)
	f.At(now.AddDate(-2, 0, 0))
	if err := b.found(ctx); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	for _, e := range p.Event {
		if err := b.event(ctx, e); err != nil {
			return nil, fmt.Errorf("demo: event %s: %w", e.Code, err)
		}
	}
	f.At(now)
	if err := b.staff(ctx); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return b.built, nil
}

// settle gives the network its name and an address.
func (b *builder) settle(ctx context.Context) error {
	s := b.Network.Current(ctx)
	s.Name, s.Contact = b.built.Network, "office@borders-and-people.example"
	_, err := b.Network.Update(ctx, account.System, s, s.Version)
	return err
}

// found makes the network: organisations, donors, the project, and who signs in.
func (b *builder) found(ctx context.Context) error {
	p := b.programme
	if err := b.settle(ctx); err != nil {
		return err
	}
	n := project.Facts{
		Code: p.Project.Code, Title: p.Project.Title.text(), ContractNumber: p.Project.Contract,
		StartsOn: db.NewDay(b.now.AddDate(-2, 0, 0)), EndsOn: db.NewDay(b.now.AddDate(1, 0, 0)), RetentionOn: db.NewDay(b.now.AddDate(8, 0, 0)),
	}
	for _, x := range p.Organisation {
		o, err := b.Projects.AddOrganisation(ctx, account.System, project.Organisation{Code: x.Code, Country: x.Country, City: x.City, Name: texts{"original": x.Locale, x.Locale: x.Name, "en": x.En}.text()})
		if err != nil {
			return err
		}
		b.organisations[x.Code], b.directors[x.Code] = o, x.Director
		if x.Lead {
			n.LeadID = o.ID
		} else {
			n.Organisations = append(n.Organisations, o.ID)
		}
	}
	for _, x := range p.Donor {
		o, err := b.Projects.AddDonor(ctx, account.System, project.Donor{Code: x.Code, Kind: project.DonorKind(x.Kind), City: x.City, Name: locale.NewText(locale.English, x.Name)})
		if err != nil {
			return err
		}
		n.Donors = append(n.Donors, project.Funding{DonorID: o.ID, Share: x.Share})
	}
	for _, x := range p.Indicator {
		n.Indicators = append(n.Indicators, project.Indicator{Measure: x.Measure, Target: x.Target})
	}
	var err error
	if b.project, err = b.Projects.Create(ctx, account.System, n); err != nil {
		return err
	}
	return b.users(ctx)
}

func (b *builder) users(ctx context.Context) error {
	host := account.Scope{Kind: account.OrganisationScope, ID: b.organisations["most-ba"].ID}
	for _, u := range []struct {
		id    *int64
		name  string
		email string
		role  account.Role
		scope account.Scope
	}{
		{&b.built.Coordinator, "Јасмина Видаковић", "coordinator@attesta.example", account.Coordinator, b.project.Scope()},
		{&b.built.Organiser, "Lejla Softić", "organiser@attesta.example", account.Organiser, host},
		{&b.built.Donor, "Ingrid Halvorsen", "donor@attesta.example", account.Donor, b.project.Scope()},
	} {
		id, err := b.Accounts.CreateUser(ctx, account.System, account.NewUser{Email: u.email, Name: u.name, Locale: locale.English})
		if err != nil {
			return err
		}
		if err := b.Accounts.Grant(ctx, account.System, id, u.role, u.scope); err != nil {
			return err
		}
		*u.id = id
	}
	return nil
}

func (b *builder) event(ctx context.Context, x eventPart) error {
	today := db.NewDay(b.now.In(mustZone(event.ZoneOf(x.Country))))
	starts := today.Plus(x.Starts)
	opened := earlier(starts.AddDate(0, 0, -60), b.now.AddDate(0, 0, -10))
	b.At(opened)
	e, err := b.create(ctx, x, starts)
	if err != nil {
		return err
	}
	b.At(opened.AddDate(0, 0, 3))
	list, err := b.register(ctx, e, b.programme.participants(x))
	if err != nil {
		return err
	}
	b.At(opened.AddDate(0, 0, 7))
	if err := b.decide(ctx, e, x, list); err != nil {
		return err
	}
	if x.Starts > 0 {
		b.built.OpenEvent = e.Code
		return b.nominate(ctx, e)
	}
	if err := b.attend(ctx, e); err != nil {
		return err
	}
	if x.Starts == 0 {
		return nil
	}
	b.At(e.Ends().Add(10 * time.Hour))
	return b.certify(ctx, e)
}

func mustZone(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return l
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func (b *builder) create(ctx context.Context, x eventPart, starts db.Day) (*event.Event, error) {
	f := event.Facts{
		Code: x.Code, ProjectID: b.project.ID, OrganisationID: b.organisations[x.Organisation].ID, Type: event.Type(x.Type),
		Title: b.programme.Title[x.Title].text(), Description: b.programme.Description[x.Description].text(), Country: x.Country, City: x.City,
		Venue: x.Venue, StartsOn: starts, Days: x.Days, Languages: x.Languages, Seats: x.Seats, Signatories: b.signatories(x),
		Interpretation: x.Interpretation,
	}
	if x.Type == string(event.Conference) {
		b.conference.describe(&f)
	}
	e, err := b.Events.Create(ctx, account.System, f)
	if err != nil {
		return nil, err
	}
	sessions, err := b.sessions(ctx, e)
	if err != nil {
		return nil, err
	}
	if e, err = b.Events.ByCode(ctx, account.System, e.Code); err != nil {
		return nil, err
	}
	if err := b.Events.SetProgramme(ctx, account.System, e.Code, e.Version, sessions); err != nil {
		return nil, err
	}
	if err := b.supply(ctx, e); err != nil {
		return nil, err
	}
	return b.Events.OpenRegistration(ctx, account.System, e.Code)
}

// sessions are the programme of an event; a conference gets its rooms and people with it.
func (b *builder) sessions(ctx context.Context, e *event.Event) ([]event.Session, error) {
	if e.Type == event.Conference {
		return b.furnish(ctx, e, b.conference)
	}
	var list []event.Session
	for _, x := range b.programme.Session {
		s, err := x.session(e)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// signatories are the host's and the lead's directors, the host's alone where it leads.
func (b *builder) signatories(x eventPart) []event.Signatory {
	var out []event.Signatory
	for _, code := range []string{x.Organisation, b.programme.Organisation[0].Code} {
		if len(out) == 1 && out[0].Name == b.directors[code] {
			break
		}
		out = append(out, event.Signatory{Name: b.directors[code], Role: b.organisations[code].Name})
	}
	return out
}

// each runs f for 0 to n-1, several at once, and returns the first error.
func each(n int, f func(i int) error) error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	slots := make(chan struct{}, parallel)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := f(i); err != nil {
				mu.Lock()
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (b *builder) register(ctx context.Context, e *event.Event, forms []registration.Submission) ([]*registration.Registration, error) {
	out := make([]*registration.Registration, len(forms))
	err := each(len(forms), func(i int) (err error) {
		out[i], err = b.Registrations.Register(ctx, e.Code, forms[i])
		return err
	})
	b.built.Registrations += len(forms)
	return out, err
}

// decide approves everybody, but leaves the conference half decided, so that there is something to do.
func (b *builder) decide(ctx context.Context, e *event.Event, x eventPart, list []*registration.Registration) error {
	var codes [4][]string
	for i, r := range list {
		to := 0
		if x.Starts > 0 {
			to = []int{0, 0, 0, 3, 0, 1, 0, 3, 0, 0, 2, 3}[i%12]
		}
		codes[to] = append(codes[to], r.Code)
	}
	for i, to := range []registration.Status{registration.Approved, registration.Waitlisted, registration.Rejected} {
		if len(codes[i]) == 0 {
			continue
		}
		if _, err := b.Registrations.Decide(ctx, account.System, e.Code, codes[i], to, ""); err != nil {
			return err
		}
	}
	return nil
}

// attend has a helper scan people in, half-day by half-day, as far as the event has come.
func (b *builder) attend(ctx context.Context, e *event.Event) error {
	link, err := b.Attendance.NewLink(ctx, account.System, e.Code, "Desk at the entrance")
	if err != nil {
		return err
	}
	units, rows, err := b.Attendance.Roll(ctx, account.System, e)
	if err != nil {
		return err
	}
	misses := b.misses(len(rows), len(units))
	for _, u := range units {
		if b.now.Before(u.StartsAt.Time) {
			break
		}
		b.At(earlier(u.StartsAt.Add(7*time.Minute), b.now))
		err := each(len(rows), func(i int) error {
			if misses[i][u.Position-1] {
				return nil
			}
			_, err := b.Attendance.Mark(ctx, link.Actor(), attendance.Mark{
				EventCode: e.Code, Position: u.Position, Code: rows[i].Registration.Code, Source: attendance.Scan, Device: "demo", DeviceAt: u.StartsAt.Add(5 * time.Minute), LinkID: link.ID,
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	if b.now.Before(e.Ends()) {
		b.built.CheckinPath = b.Attendance.Path(link)
	}
	return nil
}

// misses says who is away when: a few never come, some leave early or come late.
func (b *builder) misses(people, units int) [][]bool {
	out := make([][]bool, people)
	for i := range out {
		out[i] = make([]bool, units)
		switch luck := b.chance.Float64(); {
		case luck < 0.04:
			for u := range out[i] {
				out[i][u] = true
			}
		case luck < 0.10:
			out[i][units-1] = true
		case luck < 0.15:
			out[i][0] = true
		case luck < 0.18:
			out[i][0], out[i][units-1] = true, true
		}
	}
	return out
}

func (b *builder) certify(ctx context.Context, e *event.Event) error {
	done, err := b.Certificates.Issue(ctx, account.System, e.Code)
	if err != nil {
		return err
	}
	if len(done.Refused) > 0 {
		return fmt.Errorf("no certificate for %s: %w", done.Refused[0].Registration.CertificateName, done.Refused[0].Fault)
	}
	b.built.Certificates += len(done.Certificates)
	if b.built.Participant != "" || e.Type != event.NationalTraining {
		return nil
	}
	for _, c := range done.Certificates {
		if s := c.Snapshot.V; c.Quiet || s.Gender != string(person.Female) || !strings.ContainsAny(s.HolderName, "čćđšžČĆĐŠŽ") {
			continue
		}
		r, err := b.Registrations.ByID(ctx, account.System, c.RegistrationID)
		if err != nil {
			return err
		}
		b.built.Participant, b.built.Certificate = b.Registrations.Link(r), c.Number
		return nil
	}
	return nil
}
