package certificate

import (
	"strings"

	"attesta/app/locale"
)

// phrases are the event types whose phrase has another name.
var phrases = map[string]string{
	"national_training": "training_national", "regional_training": "training_regional", "regional_conference": "conference_regional",
	"training_of_trainers": "training", "simulation": "simulation_exercise",
}

// knownPhrases are the types with a phrase of their own; any other is "the event".
var knownPhrases = map[string]bool{"training": true, "training_national": true, "training_regional": true, "workshop": true,
	"seminar": true, "conference": true, "conference_regional": true, "round_table": true, "simulation_exercise": true,
	"study_visit": true, "meeting": true}

// phraseOf returns the part of the key. Kosovo* is nobody's "national" here.
func phraseOf(eventType, country string) string {
	name := eventType
	if other, ok := phrases[name]; ok {
		name = other
	}
	if name == "training_national" && country == "XK" {
		return "training"
	}
	if !knownPhrases[name] {
		return "event"
	}
	return name
}

func (s Snapshot) training() bool {
	return strings.HasPrefix(phraseOf(s.EventType, s.Country), "training")
}

// kind is what the wording follows.
func (s Snapshot) kind() Kind {
	if s.Kind == Completion && !s.training() {
		return Attendance
	}
	return s.Kind
}

func (s Snapshot) form() string {
	if s.Gender == "female" || s.Gender == "male" {
		return s.Gender
	}
	return "neutral"
}

func heading(p *locale.Printer, s Snapshot) string {
	switch s.kind() {
	case Completion:
		return p.T("certificate.heading_completion")
	case Trainer, Speaker, Appreciation:
		return p.T("certificate.heading_appreciation")
	}
	return p.T("certificate.heading_attendance")
}

func intro(p *locale.Printer, s Snapshot) string { return p.T("certificate.intro." + s.form()) }

// nowhere stands for a country that is left out with its brackets or comma.
const nowhere = "\x00"

// body is the sentence beneath the name.
func body(p *locale.Printer, s Snapshot) string {
	kind := s.kind()
	if kind == Appreciation || kind == "" {
		kind = Attendance
	}
	cityIn, country := where(p, s)
	title, _ := s.EventTitle.In(p.Code())
	text := p.T("certificate.body_"+string(kind)+"."+s.form(),
		"event_phrase", p.T("certificate.event_phrase_"+phraseOf(s.EventType, s.Country)),
		"event", strings.TrimSpace(title), "city_in", cityIn, "country", country, "date_range", p.DateRange(s.Starts, s.Ends))
	return strings.NewReplacer(" ("+nowhere+")", "", ", "+nowhere, "").Replace(text)
}

// where returns the place as the sentence wants it. A city that isn't known is put in apposition ("u mjestu …"), which
// leaves its name in the nominative.
func where(p *locale.Printer, s Snapshot) (cityIn, country string) {
	if s.City == "" && s.Country == "" {
		return p.T("certificate.on_the_internet"), nowhere
	}
	if s.City == "" {
		return p.CountryIn(s.Country), nowhere
	}
	country = nowhere
	if s.Country != "" {
		country = p.Country(s.Country)
	}
	if in, known := p.CityIn(s.City); known {
		return in, country
	}
	return p.T("certificate.city_in_other", "city", s.City), country
}

func projectLines(p *locale.Printer, s Snapshot) (project, hours string) {
	if title, _ := s.Project.In(p.Code()); title != "" {
		project = p.T("certificate.line_project", "project", title)
	}
	if s.Hours > 0 {
		hours = p.T("certificate.line_duration", "hours", p.Number(s.Hours))
	}
	return project, hours
}

func placeAndDate(p *locale.Printer, s Snapshot) string {
	city := s.IssuedIn
	if city == "" {
		city = s.City
	}
	line := p.T("certificate.line_place_date", "city", p.City(city), "issue_date", p.Date(s.Issued))
	return strings.TrimPrefix(line, ", ")
}

func role(p *locale.Printer, s Signatory) string {
	if text, _ := s.Role.In(p.Code()); text != "" {
		return text
	}
	switch s.RoleKey {
	case "director", "project_manager", "lead_trainer":
		return p.T("certificate.signature_" + s.RoleKey + "." + Snapshot{Gender: s.Gender}.form())
	case "authorised", "for_organiser", "for_donor":
		return p.T("certificate.signature_" + s.RoleKey)
	}
	return ""
}

func funded(p *locale.Printer, d Donor) string { return p.Funding(d.Funder()).Line }

func disclaimer(p *locale.Printer, d Donor) string { return p.Funding(d.Funder()).Disclaimer }
