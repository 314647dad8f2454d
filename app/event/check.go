package event

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
)

// Facts is what an organiser says of an event. Zero values of Zone, Unit, Threshold, Decision and Format mean the usual:
// the country's zone, half-days, 0.8, the organiser, on site.
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
	Format         Format
	JoinURL        string // dropped where the event is on site
	Audience       locale.Text
	Costs          locale.Text
	Directions     locale.Text
	Accessibility  locale.Text
	ContactName    string
	ContactEmail   string
	ContactPhone   string
	Interpretation []locale.Code
}

// The longest texts of an event, in characters.
const (
	MaxTitle  = 300
	MaxLine   = 300 // the venue, the costs
	MaxText   = 5000
	MaxWaiver = 1000
	maxName   = 100
)

var (
	codeForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
)

// notCodes are no codes of events: addresses of the desk's pages.
var notCodes = []string{"new"}

// Check returns nil, or the Invalid fault with what is wrong beside which input that Create and Update would return.
func (f Facts) Check() error {
	f.complete()
	return f.check()
}

func (f *Facts) complete() {
	f.Code, f.City, f.Venue = strings.ToLower(strings.TrimSpace(f.Code)), locale.Clean(f.City), locale.Clean(f.Venue)
	f.ContactName, f.ContactEmail, f.ContactPhone = locale.Clean(f.ContactName), strings.TrimSpace(f.ContactEmail), locale.Clean(f.ContactPhone)
	f.Title, f.Costs = cleaned(f.Title, locale.Clean), cleaned(f.Costs, locale.Clean)
	for _, t := range []*locale.Text{&f.Description, &f.Audience, &f.Directions, &f.Accessibility} {
		*t = cleaned(*t, locale.CleanText)
	}
	f.JoinURL, f.Waiver = strings.TrimSpace(f.JoinURL), locale.Clean(f.Waiver)
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
	if f.Format == OnSite {
		f.JoinURL = ""
	}
}

// cleaned returns a text of which each language was made fit to be kept.
func cleaned(t locale.Text, clean func(string) string) locale.Text {
	by := make(map[locale.Code]string, len(t.By))
	for code, s := range t.By {
		if s = clean(s); s != "" {
			by[code] = s
		}
	}
	t.By = by
	return t
}

// check returns a fault with what is wrong beside which input.
func (f *Facts) check() error {
	var form fault.Form
	if !codeForm.MatchString(f.Code) {
		form.Add("code", "form.code")
	} else if slices.Contains(notCodes, f.Code) {
		form.Add("code", "event.code_reserved")
	}
	if f.Title.IsZero() {
		form.Add("title", "form.required")
	}
	f.checkWords(&form)
	if !slices.Contains(Types, f.Type) {
		form.Add("type", "form.choose")
	}
	f.checkPlace(&form)
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
	f.checkContact(&form)
	return form.Err()
}

// checkWords refuses texts that are too long. What is wrong with a language stands beside name_xx.
func (f *Facts) checkWords(form *fault.Form) {
	for _, x := range []struct {
		name string
		text locale.Text
		most int
	}{
		{"title", f.Title, MaxTitle}, {"description", f.Description, MaxText}, {"audience", f.Audience, MaxText}, {"costs", f.Costs, MaxLine},
		{"directions", f.Directions, MaxText}, {"accessibility", f.Accessibility, MaxText},
	} {
		for c, s := range x.text.By {
			tooLong(form, x.name+"_"+string(c), s, x.most)
		}
	}
	tooLong(form, "waiver", f.Waiver, MaxWaiver)
}

func tooLong(form *fault.Form, name, s string, most int) {
	if utf8.RuneCountInString(s) > most {
		form.Add(name, "form.too_long", "Max", most)
	}
}

func (f *Facts) checkPlace(form *fault.Form) {
	if !countryForm.MatchString(f.Country) {
		form.Add("country", "form.choose")
	}
	tooLong(form, "city", f.City, maxName)
	tooLong(form, "venue", f.Venue, MaxLine)
	if !slices.Contains(Formats, f.Format) {
		form.Add("format", "form.choose")
	}
	if f.JoinURL != "" && !isHarmlessAddress(f.JoinURL) {
		form.Add("join_url", "form.url")
	}
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
	if f.StartsOn.IsZero() || f.Days < 1 {
		return
	}
	ends := f.StartsOn.Plus(f.Days).In(zone, 0, 0)
	if !f.ClosesAt.IsZero() && f.ClosesAt.After(ends) {
		form.Add("closes_at", "event.closes_after_end")
	}
	if !f.OpensAt.IsZero() && !f.OpensAt.Before(ends) {
		form.Add("opens_at", "event.opens_after_end")
	}
}

func (f *Facts) checkContact(form *fault.Form) {
	tooLong(form, "contact_name", f.ContactName, maxName)
	if f.ContactEmail != "" && !person.IsEmail(f.ContactEmail) {
		form.Add("contact_email", "form.email")
	}
	if f.ContactPhone != "" && !person.IsPhone(f.ContactPhone) {
		form.Add("contact_phone", "form.phone")
	}
}

// apply makes the facts those of an event, as said by somebody now.
func (f *Facts) apply(e *Event, actor account.Actor, now time.Time) {
	e.Code, e.Type, e.Title, e.Description = f.Code, f.Type, f.Title.After(e.Title), f.Description.After(e.Description)
	e.Country, e.City, e.Venue, e.StartsOn, e.Days, e.Zone = f.Country, f.City, f.Venue, f.StartsOn, f.Days, f.Zone
	e.Languages.V, e.Seats, e.Decision, e.Unit, e.Threshold = f.Languages, f.Seats, f.Decision, f.Unit, f.Threshold
	e.RegistrationOpensAt, e.RegistrationClosesAt = db.At(f.OpensAt), db.At(f.ClosesAt)
	e.Signatories.V, e.Listed = f.Signatories, !f.Unlisted
	e.Quiet, e.Format, e.JoinURL, e.Interpretation.V = f.Quiet, f.Format, f.JoinURL, f.Interpretation
	e.Audience, e.Costs = f.Audience.After(e.Audience), f.Costs.After(e.Costs)
	e.Directions, e.Accessibility = f.Directions.After(e.Directions), f.Accessibility.After(e.Accessibility)
	e.ContactName, e.ContactEmail, e.ContactPhone = f.ContactName, f.ContactEmail, f.ContactPhone
	e.waive(f.Waiver, actor, now)
	e.MostDays = max(e.MostDays, e.Days)
	e.UpdatedAt = db.At(now)
}

// waive keeps why no donor is named, and who said so when.
func (e *Event) waive(why string, actor account.Actor, now time.Time) {
	if why == e.VisibilityWaiver {
		return
	}
	e.VisibilityWaiver, e.WaivedBy, e.WaivedAt = why, actor.UserID, db.At(now)
	if why == "" {
		e.WaivedBy, e.WaivedAt = 0, db.Time{}
	}
}
