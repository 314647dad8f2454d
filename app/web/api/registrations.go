package api

import (
	"slices"
	"time"
	"unicode/utf8"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
	"attesta/app/web"
)

// Registration is one person's at one event, with who they were when they registered. In a list a quiet person has
// initials only, and neither contacts nor workplace.
type Registration struct {
	Code            string                 `json:"code" doc:"Eight characters, in the QR code too."`
	Status          registration.Status    `json:"status"`
	Source          registration.Source    `json:"source"`
	Quiet           bool                   `json:"quiet" doc:"Must be in no list that is shown or printed for others."`
	GivenName       string                 `json:"given_name"`
	FamilyName      string                 `json:"family_name"`
	CertificateName string                 `json:"certificate_name,omitempty" doc:"Exactly as its holder wants it on the certificate."`
	Gender          person.Gender          `json:"gender"`
	Country         string                 `json:"country"`
	Institution     string                 `json:"institution,omitempty"`
	InstitutionType person.InstitutionType `json:"institution_type"`
	Position        string                 `json:"position,omitempty"`
	Locale          locale.Code            `json:"locale" doc:"The language of pages and mails."`
	Email           string                 `json:"email,omitempty"`
	Phone           string                 `json:"phone,omitempty"`
	UnitsPresent    int                    `json:"units_present"`
	HalfDaysPresent int                    `json:"half_days_present"`
	SubmittedAt     time.Time              `json:"submitted_at,omitzero"`
	DecidedAt       time.Time              `json:"decided_at,omitzero"`
	CreatedAt       time.Time              `json:"created_at"`
	UpdatedAt       time.Time              `json:"updated_at"`
}

// RegistrationDetail is one registration with what was answered and agreed to.
type RegistrationDetail struct {
	Registration
	Reason   string   `json:"reason,omitempty" doc:"What a person who was rejected is told."`
	Answers  Answers  `json:"answers"`
	Consents Consents `json:"consents"`
}

// Answers are what the form asks beyond who somebody is.
type Answers struct {
	Diet          string `json:"diet,omitempty"`
	Accessibility string `json:"accessibility,omitempty"`
	Expectations  string `json:"expectations,omitempty"`
}

// Consents are what the person agreed to.
type Consents struct {
	Data    bool `json:"data"`
	List    bool `json:"list" doc:"In the list that participants get."`
	Photo   bool `json:"photo"`
	Contact bool `json:"contact"`
}

func showRegistration(r *registration.Registration) Registration {
	return Registration{
		Code: r.Code, Status: r.Status, Source: r.Source, Quiet: r.Quiet, GivenName: r.GivenName, FamilyName: r.FamilyName, CertificateName: r.CertificateName,
		Gender: r.Gender, Country: r.Country, Institution: r.InstitutionName, InstitutionType: r.InstitutionType, Position: r.Position, Locale: r.Locale,
		Email: r.Email, Phone: r.Phone, UnitsPresent: r.UnitsPresent, HalfDaysPresent: r.HalfDaysPresent, SubmittedAt: r.SubmittedAt.Time,
		DecidedAt: r.DecidedAt.Time, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

// inList leaves of a quiet person what a list may hold.
func inList(r registration.Registration) Registration {
	out := showRegistration(&r)
	if r.Quiet {
		out.GivenName, out.FamilyName = initial(r.GivenName), initial(r.FamilyName)
		out.CertificateName, out.Institution, out.Position, out.Email, out.Phone = "", "", "", "", ""
	}
	return out
}

func initial(s string) string {
	if s == "" {
		return ""
	}
	_, n := utf8.DecodeRuneInString(s)
	return s[:n] + "."
}

func (p *Pages) listRegistrations(c *web.Ctx, q *query) (any, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, err
	}
	name := "registrations " + e.Code
	want := registration.PageQuery{
		Status: registration.Status(q.text("status")), UpdatedSince: q.instant("updated_since"), After: p.after(q, name), Limit: q.limit() + 1,
	}
	if err := q.Err(); err != nil {
		return nil, err
	}
	found, err := p.Registrations.Page(c.Context(), c.Actor(), e, want)
	if err != nil {
		return nil, err
	}
	return paged(p, q, name, found, func(r registration.Registration) string { return r.Code }, inList), nil
}

// registration returns the registration of the address and its event.
func (p *Pages) registration(c *web.Ctx) (*event.Event, *registration.Registration, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, nil, err
	}
	r, err := p.Registrations.ByCode(c.Context(), c.Actor(), e, c.Param("registration"))
	if err == nil {
		c.About("registration", r.ID, e.ID)
	}
	return e, r, err
}

func (p *Pages) oneRegistration(c *web.Ctx, q *query) (any, error) {
	if err := q.Err(); err != nil {
		return nil, err
	}
	_, r, err := p.registration(c)
	if err != nil {
		return nil, err
	}
	return RegistrationDetail{
		Registration: showRegistration(r), Reason: r.Reason, Answers: Answers(r.Answers.V),
		Consents: Consents{Data: r.ConsentData, List: r.ConsentList, Photo: r.ConsentPhoto, Contact: r.ConsentContact},
	}, nil
}

// Decision is what somebody decided about a registration.
type Decision struct {
	Status registration.Status `json:"status" enum:"approved,waitlisted,rejected"`
	Reason string              `json:"reason,omitempty" maxLength:"1000" doc:"Told to the person who is rejected."`
}

// Outcome is what became of it.
type Outcome struct {
	Registration string              `json:"registration"`
	Status       registration.Status `json:"status" doc:"Where it stands now: on the waiting list where approval was asked for and there is no seat."`
	Changed      bool                `json:"changed" doc:"false: it stood there already, and no mail was sent."`
	Because      *Because            `json:"because,omitempty" doc:"Why it stands elsewhere than was asked for."`
}

// Because is a reason, as a code and in words.
type Because struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// maxReason is how long a reason may be, in characters.
const maxReason = 1000

func (p *Pages) decide(c *web.Ctx, _ *query) (any, error) {
	var d Decision
	if err := c.ReadStrictJSON(&d); err != nil {
		return nil, err
	}
	e, r, err := p.registration(c)
	if err != nil {
		return nil, err
	}
	if err := event.May(c.Actor(), account.Select, e); err != nil {
		return nil, err
	}
	var form fault.Form
	if !slices.Contains([]registration.Status{registration.Approved, registration.Waitlisted, registration.Rejected}, d.Status) {
		form.Add("status", "form.choose")
	}
	if utf8.RuneCountInString(d.Reason) > maxReason {
		form.Add("reason", "form.too_long", "Max", maxReason)
	}
	if err := form.Err(); err != nil {
		return nil, err
	}
	out, err := p.Registrations.Decide(c.Context(), c.Actor(), e.Code, []string{r.Code}, d.Status, d.Reason)
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, registration.ErrNotFound
	}
	if f := out[0].Fault; f != nil && f.Is(registration.ErrStatus) {
		return nil, f
	}
	answer := Outcome{Registration: out[0].Code, Status: out[0].Status, Changed: out[0].Changed}
	if f := out[0].Fault; f != nil {
		answer.Because = &Because{Code: f.Key, Detail: c.Printer().Fault(f)}
	}
	return answer, nil
}
