package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Desk is where organisers keep their events.
type Desk struct {
	DB    *db.DB
	Clock func() time.Time
	// Followers are told of a change in its transaction, in this order; an error undoes the change.
	Followers []Follower
}

// Follower does what follows from a change of an event: it tells those concerned.
type Follower interface {
	Follow(ctx context.Context, tx *db.Tx, actor account.Actor, c Change) error
}

// Change is what was done to an event.
type Change struct {
	Verb          string // of the record: update, cancel, set_programme
	Before, After *Event
}

// Facts is what an organiser says of an event. Zero values of Zone, Unit, Threshold and Decision mean the usual: the
// country's zone, half-days, 0.8, the organiser.
type Facts struct {
	Code           string
	ProjectID      int64
	OrganisationID int64
	Type           Type
	Title          locale.Text
	Description    locale.Text
	Country        string
	City           string
	Venue          string
	StartsOn       db.Day
	Days           int
	Zone           string
	Languages      []locale.Code
	Seats          int
	OpensAt        time.Time // zero: registration is opened by hand
	ClosesAt       time.Time // zero: it is open until the event begins
	Decision       Decision
	Unit           Unit
	Threshold      float64
	Signatories    []Signatory
	Waiver         string
	Unlisted       bool
	Quiet          bool
	Format         Format // "": on site
	JoinURL        string
	Audience       locale.Text
	Costs          locale.Text
	Directions     locale.Text
	Accessibility  locale.Text
	ContactName    string
	ContactEmail   string
	ContactPhone   string
	Interpretation []locale.Code
}

var codeForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

func (f *Facts) complete() {
	f.Code, f.City, f.Venue = strings.ToLower(strings.TrimSpace(f.Code)), locale.Clean(f.City), locale.Clean(f.Venue)
	if f.Zone == "" {
		f.Zone = ZoneOf(f.Country)
	}
	if f.Unit == "" {
		f.Unit = HalfDay
	}
	if f.Threshold == 0 {
		f.Threshold = 0.8
	}
	if f.Decision == "" {
		f.Decision = ByOrganiser
	}
	if f.Format == "" {
		f.Format = OnSite
	}
	f.JoinURL, f.ContactName, f.ContactEmail, f.ContactPhone = strings.TrimSpace(f.JoinURL), locale.Clean(f.ContactName), strings.TrimSpace(f.ContactEmail), locale.Clean(f.ContactPhone)
	if f.Format == OnSite {
		f.JoinURL = ""
	}
}

// check returns a fault with what is wrong beside which input.
func (f *Facts) check() error {
	var form fault.Form
	if !codeForm.MatchString(f.Code) {
		form.Add("code", "form.code")
	}
	if f.Title.IsZero() {
		form.Add("title", "form.required")
	}
	for c, s := range f.Title.By {
		if utf8.RuneCountInString(s) > 300 {
			form.Add("title_"+string(c), "form.too_long", "Max", 300)
		}
	}
	if !slices.Contains(Types, f.Type) {
		form.Add("type", "form.choose")
	}
	if len(f.Country) != 2 {
		form.Add("country", "form.choose")
	}
	if utf8.RuneCountInString(f.City) > 100 {
		form.Add("city", "form.too_long", "Max", 100)
	}
	if !slices.Contains(Formats, f.Format) {
		form.Add("format", "form.choose")
	}
	if f.JoinURL != "" && !isWebAddress(f.JoinURL) {
		form.Add("join_url", "form.url")
	}
	if utf8.RuneCountInString(f.Venue) > 300 {
		form.Add("venue", "form.too_long", "Max", 300)
	}
	f.checkTime(&form)
	if f.Seats < 1 || f.Seats > 100_000 {
		form.Add("seats", "form.between", "Min", 1, "Max", 100_000)
	}
	if f.Decision != ByOrganiser && f.Decision != Automatic {
		form.Add("decision", "form.choose")
	}
	if f.Unit != HalfDay && f.Unit != WholeDay && f.Unit != BySessions {
		form.Add("unit", "form.choose")
	}
	if !(f.Threshold > 0 && f.Threshold <= 1) {
		form.Add("threshold", "form.between", "Min", 1, "Max", 100)
	}
	return form.Err()
}

// isWebAddress reports whether s is an http or https address with a host and of bearable length.
func isWebAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= 2000
}

func (f *Facts) checkTime(form *fault.Form) {
	if f.StartsOn.IsZero() || f.StartsOn.Year() < 2000 || f.StartsOn.Year() > 2100 {
		form.Add("starts_on", "form.date")
	}
	if f.Days < 1 || f.Days > 31 {
		form.Add("days", "form.between", "Min", 1, "Max", 31)
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "Local" {
		form.Add("zone", "form.choose")
		return
	}
	if !f.OpensAt.IsZero() && !f.ClosesAt.IsZero() && !f.ClosesAt.After(f.OpensAt) {
		form.Add("closes_at", "form.end_before_start")
	}
	if !f.ClosesAt.IsZero() && !f.StartsOn.IsZero() && f.Days > 0 && f.ClosesAt.After(f.StartsOn.Plus(f.Days).In(zone, 0, 0)) {
		form.Add("closes_at", "event.closes_after_end")
	}
}

func (f *Facts) apply(e *Event, now time.Time) {
	e.Code, e.Type, e.Title, e.Description = f.Code, f.Type, f.Title, f.Description
	e.Country, e.City, e.Venue, e.StartsOn, e.Days, e.Zone = f.Country, f.City, f.Venue, f.StartsOn, f.Days, f.Zone
	e.Languages.V, e.Seats, e.Decision, e.Unit, e.Threshold = f.Languages, f.Seats, f.Decision, f.Unit, f.Threshold
	e.RegistrationOpensAt, e.RegistrationClosesAt = db.At(f.OpensAt), db.At(f.ClosesAt)
	e.Signatories.V, e.VisibilityWaiver, e.Listed = f.Signatories, locale.Clean(f.Waiver), !f.Unlisted
	e.Quiet, e.Format, e.JoinURL, e.Interpretation.V = f.Quiet, f.Format, f.JoinURL, f.Interpretation
	e.Audience, e.Costs, e.Directions, e.Accessibility = f.Audience, f.Costs, f.Directions, f.Accessibility
	e.ContactName, e.ContactEmail, e.ContactPhone = f.ContactName, f.ContactEmail, f.ContactPhone
	e.MostDays = max(e.MostDays, e.Days)
	e.UpdatedAt = db.At(now)
}

// Create makes a draft with its attendance units. The actor needs EditEvent in the organisation or the project, and the
// organisation must carry the project out. It returns ErrCodeTaken, or an Invalid fault with what is wrong beside which
// input.
func (d *Desk) Create(ctx context.Context, actor account.Actor, f Facts) (*Event, error) {
	f.complete()
	if err := f.check(); err != nil {
		return nil, err
	}
	e := &Event{ProjectID: f.ProjectID, OrganisationID: f.OrganisationID, State: Draft, Version: 1, CreatedAt: db.At(d.Clock())}
	f.apply(e, d.Clock())
	if !actor.Can(account.EditEvent, e.Scopes()[1:]...) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := hosts(ctx, tx, actor, e); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(e).Exec(ctx); err != nil {
			return err
		}
		if err := setUnits(ctx, tx, e, nil); err != nil {
			return err
		}
		return note(ctx, tx, actor.Deed("create", "event", e.ID), audit.Change(nil, settings(e, 0)))
	})
	if _, taken := db.Unique(err); taken {
		return nil, ErrCodeTaken
	}
	if err != nil {
		return nil, fmt.Errorf("create event: %w", err)
	}
	return e, nil
}

// hosts refuses an event of an organisation that has no part in the project: a role in one of the two is none in the
// other.
func hosts(ctx context.Context, tx *db.Tx, actor account.Actor, e *Event) error {
	if actor.IsSystem() {
		return nil
	}
	there, err := tx.NewSelect().Table("project_organisations").Where("project_id = ? AND organisation_id = ?", e.ProjectID, e.OrganisationID).Exists(ctx)
	if err == nil && !there {
		var form fault.Form
		form.Add("place", "form.choose")
		err = form.Err()
	}
	return err
}

// Update changes an event whose version the actor has seen; ErrChanged says that somebody was quicker. Dates and the
// unit of attendance can't change any more once somebody was present: ErrAttended. The programme moves with the first day.
func (d *Desk) Update(ctx context.Context, actor account.Actor, code string, version int, f Facts) (*Event, error) {
	f.complete()
	if err := f.check(); err != nil {
		return nil, err
	}
	return d.change(ctx, actor, code, "update", func(ctx context.Context, tx *db.Tx, e *Event) error {
		if e.Version != version {
			return ErrChanged
		}
		if f.Seats < e.SeatsTaken {
			var form fault.Form
			form.Add("seats", "event.seats_promised", "N", e.SeatsTaken)
			return form.Err()
		}
		was := *e
		f.Code = e.Code // it is in links and on certificates
		f.apply(e, d.Clock())
		if e.StartsOn == was.StartsOn && e.Days == was.Days && e.Unit == was.Unit && e.Zone == was.Zone {
			return nil
		}
		there, err := attended(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if there {
			return ErrAttended
		}
		return d.shift(ctx, tx, &was, e)
	})
}

// Publish shows a draft to the public.
func (d *Desk) Publish(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "publish", func(_ context.Context, _ *db.Tx, e *Event) error {
		if e.State != Draft && e.State != Published {
			return ErrState
		}
		e.State = Published
		return nil
	})
}

// OpenRegistration publishes the event, if need be, and opens registration now. A closing time that has passed is
// forgotten: it then stays open until the event begins.
func (d *Desk) OpenRegistration(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "open_registration", func(_ context.Context, _ *db.Tx, e *Event) error {
		now := d.Clock()
		if e.State == Cancelled || e.State == Archived || !now.Before(e.Ends()) {
			return ErrState
		}
		e.State, e.RegistrationOpensAt = Published, db.At(now)
		if !e.RegistrationClosesAt.IsZero() && !now.Before(e.RegistrationClosesAt.Time) {
			e.RegistrationClosesAt = db.Time{}
		}
		return nil
	})
}

// CloseRegistration ends registration now.
func (d *Desk) CloseRegistration(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	return d.change(ctx, actor, code, "close_registration", func(_ context.Context, _ *db.Tx, e *Event) error {
		now := db.At(d.Clock())
		if e.Phase(now.Time) != PhaseOpen {
			return ErrState
		}
		if !now.After(e.RegistrationOpensAt.Time) {
			now = db.At(e.RegistrationOpensAt.Add(time.Millisecond))
		}
		e.RegistrationClosesAt = now
		return nil
	})
}

// change loads an event under a lock, lets f change it and stores it.
func (d *Desk) change(ctx context.Context, actor account.Actor, code, verb string, f func(context.Context, *db.Tx, *Event) error) (*Event, error) {
	var e *Event
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if e, err = Lock(ctx, tx, code); err != nil {
			return err
		}
		if err := May(actor, account.EditEvent, e); err != nil {
			return err
		}
		sessions, err := countSessions(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		before, was := settings(e, sessions), *e
		if err := f(ctx, tx, e); err != nil {
			return err
		}
		e.Version++
		e.UpdatedAt = db.At(d.Clock())
		if _, err := tx.NewUpdate().Model(e).WherePK().Exec(ctx); err != nil {
			return err
		}
		if sessions, err = countSessions(ctx, tx, e.ID); err != nil {
			return err
		}
		if err := note(ctx, tx, actor.Deed(verb, "event", e.ID), audit.Change(before, settings(e, sessions))); err != nil {
			return err
		}
		for _, x := range d.Followers {
			if err := x.Follow(ctx, tx, actor, Change{Verb: verb, Before: &was, After: e}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s event %s: %w", verb, code, err)
	}
	return e, nil
}

// May returns nil if the actor holds p for the event, Forbidden if it may at least see the event, else ErrNotFound:
// what belongs to others doesn't exist.
func May(actor account.Actor, p account.Permission, e *Event) error {
	switch {
	case actor.Can(p, e.Scopes()...):
		return nil
	case actor.Can(account.ViewEvent, e.Scopes()...):
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return ErrNotFound
}

// Lock reads an event by its code and keeps others from changing it until the transaction ends.
func Lock(ctx context.Context, tx *db.Tx, code string) (*Event, error) {
	var e Event
	if err := tx.Lock(tx.NewSelect().Model(&e).Where("code = ?", code)).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return &e, nil
}

// LockID is Lock by row.
func LockID(ctx context.Context, tx *db.Tx, id int64) (*Event, error) {
	var e Event
	if err := tx.Lock(tx.NewSelect().Model(&e).Where("id = ?", id)).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return &e, nil
}

func notFound(err error) error {
	if errors.Is(db.One(err), db.ErrNotFound) {
		return ErrNotFound
	}
	return err
}

func note(ctx context.Context, tx *db.Tx, deed audit.Entry, change db.JSON[json.RawMessage]) error {
	deed.EventID, deed.Detail = deed.SubjectID, change
	return audit.Record(ctx, tx, deed)
}

// settings are what the record keeps of an event's changes. Long texts and the names of those who sign are there as a
// digest: that they changed, not what they say.
func settings(e *Event, sessions int) audit.Facts {
	f := audit.Facts{
		"state": e.State, "type": e.Type, "title": e.Title.By, "description": digest(e.Description), "country": e.Country, "city": e.City, "venue": e.Venue,
		"starts_on": e.StartsOn, "days": e.Days, "zone": e.Zone, "languages": e.Languages.V, "seats": e.Seats, "decision": e.Decision, "unit": e.Unit,
		"threshold": e.Threshold, "signatories": digest(e.Signatories.V), "visibility_waiver": digest(e.VisibilityWaiver), "listed": e.Listed,
		"quiet": e.Quiet, "template": e.Template, "format": e.Format, "join_url": digest(e.JoinURL), "audience": digest(e.Audience), "costs": digest(e.Costs),
		"directions": digest(e.Directions), "accessibility": digest(e.Accessibility), "contact": digest([]string{e.ContactName, e.ContactEmail, e.ContactPhone}),
		"interpretation": e.Interpretation.V, "cancel_reason": digest(e.CancelReason), "sessions": sessions, "version": e.Version,
	}
	for name, t := range map[string]db.Time{"registration_opens_at": e.RegistrationOpensAt, "registration_closes_at": e.RegistrationClosesAt} {
		if !t.IsZero() {
			f[name] = t.Time
		}
	}
	return f
}

func countSessions(ctx context.Context, tx *db.Tx, eventID int64) (int, error) {
	n, err := tx.NewSelect().Table("programme_sessions").Where("event_id = ? AND removed_at IS NULL", eventID).Count(ctx)
	return int(n), err
}

func digest(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("event: digest: %v", err))
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:4])
}

// ByCode returns an event to somebody who may see it as its organisers do.
func (d *Desk) ByCode(ctx context.Context, actor account.Actor, code string) (*Event, error) {
	e, err := find(ctx, d.DB.Read(), "code = ?", code)
	if err != nil {
		return nil, err
	}
	return e, May(actor, account.ViewEvent, e)
}

// Public returns an event that has been published, to anyone.
func (d *Desk) Public(ctx context.Context, code string) (*Event, error) {
	e, err := find(ctx, d.DB.Read(), "code = ?", code)
	if err != nil {
		return nil, err
	}
	if e.State == Draft {
		return nil, ErrNotFound
	}
	return e, nil
}

// ByID returns an event for what belongs to it; the caller has checked who asks.
func ByID(ctx context.Context, q bun.IDB, id int64) (*Event, error) {
	return find(ctx, q, "id = ?", id)
}

func find(ctx context.Context, q bun.IDB, where string, arg any) (*Event, error) {
	var e Event
	if err := q.NewSelect().Model(&e).Where(where, arg).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return &e, nil
}

// List returns the events in which the actor holds p, the latest first.
func (d *Desk) List(ctx context.Context, actor account.Actor, p account.Permission) ([]Event, error) {
	var list []Event
	q, any := reach(d.DB.Read().NewSelect().Model(&list).Order("starts_on DESC", "id DESC"), actor, p, "event")
	if !any {
		return nil, nil
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}

// Calendar returns the events that anyone may see in the public list, the earliest first.
func (d *Desk) Calendar(ctx context.Context) ([]Event, error) {
	var list []Event
	err := d.DB.Read().NewSelect().Model(&list).Where("state IN (?)", bun.List([]State{Published, Cancelled})).Where("listed").Order("starts_on", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	return list, nil
}

// ByCodeIn returns an event within a transaction; the caller checks who asks.
func ByCodeIn(ctx context.Context, tx *db.Tx, code string) (*Event, error) {
	return find(ctx, tx, "code = ?", code)
}
