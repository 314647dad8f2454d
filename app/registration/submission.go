package registration

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
)

// Submission is a filled-in form.
type Submission struct {
	GivenName       string
	FamilyName      string
	CertificateName string // empty: given and family name
	OtherScriptName string
	Gender          person.Gender // empty: not stated
	Email           string
	Phone           string
	Country         string
	Institution     string
	InstitutionType person.InstitutionType
	Position        string
	Locale          locale.Code
	Interpretation  locale.Code // empty: none is needed
	Answers         Answers
	ConsentData     bool
	ConsentList     bool
	ConsentPhoto    bool
	ConsentContact  bool
	Quiet           bool
}

// The longest inputs, in characters.
const (
	maxName = 100
	maxLine = 200
	maxText = 2000
)

// Complete cleans what was typed (spaces, composed letters) and fills what follows from the rest. It changes no letter.
func (s *Submission) Complete() {
	for _, p := range []*string{
		&s.GivenName, &s.FamilyName, &s.CertificateName, &s.OtherScriptName, &s.Phone, &s.Institution, &s.Position,
		&s.Answers.Diet, &s.Answers.Accessibility, &s.Answers.Expectations,
	} {
		*p = locale.Clean(*p)
	}
	s.Email = strings.TrimSpace(s.Email)
	if s.CertificateName == "" {
		s.CertificateName = strings.TrimSpace(s.GivenName + " " + s.FamilyName)
	}
	if s.Gender == "" {
		s.Gender = person.NotStated
	}
	if s.Quiet {
		s.ConsentList, s.ConsentPhoto = false, false
	}
}

// Check returns nil, or an Invalid fault that says beside each input what is wrong with it.
func (s *Submission) Check() error {
	var form fault.Form
	name(&form, "given_name", s.GivenName, true)
	name(&form, "family_name", s.FamilyName, true)
	name(&form, "certificate_name", s.CertificateName, true)
	name(&form, "other_script_name", s.OtherScriptName, false)
	s.checkContact(&form)
	if !slices.Contains(person.Genders, s.Gender) {
		form.Add("gender", "form.choose")
	}
	if !countryCode(s.Country) {
		form.Add("country", "form.choose")
	}
	if !slices.Contains(person.InstitutionTypes, s.InstitutionType) {
		form.Add("institution_type", "form.choose")
	}
	if s.Institution == "" {
		form.Add("institution", "form.required")
	}
	for field, v := range map[string]string{"institution": s.Institution, "position": s.Position} {
		tooLong(&form, field, v, maxLine)
	}
	for field, v := range map[string]string{"diet": s.Answers.Diet, "accessibility": s.Answers.Accessibility, "expectations": s.Answers.Expectations} {
		tooLong(&form, field, v, maxText)
	}
	if !s.ConsentData {
		form.Add("consent_data", "registration.consent_required")
	}
	return form.Err()
}

// CheckFor is Check together with what only the event can tell: into which languages it is interpreted.
func (s *Submission) CheckFor(e *event.Event) error {
	var form fault.Form
	for _, err := range []error{s.Check(), s.suits(e)} {
		if f := fault.From(err); f != nil {
			for _, x := range f.Fields {
				form.Put(x)
			}
		}
	}
	return form.Err()
}

// suits refuses interpretation into a language into which the event isn't interpreted. Where it isn't interpreted at
// all the question isn't asked, and an answer is forgotten.
func (s *Submission) suits(e *event.Event) error {
	var form fault.Form
	switch {
	case len(e.Interpretation.V) == 0:
		s.Interpretation = ""
	case s.Interpretation != "" && !slices.Contains(e.Interpretation.V, s.Interpretation):
		form.Add("interpretation", "form.choose")
	}
	return form.Err()
}

// countryCode tells what can be a country's code: two capitals.
func countryCode(s string) bool {
	return len(s) == 2 && s == strings.Map(func(r rune) rune {
		if r < 'A' || r > 'Z' {
			return -1
		}
		return r
	}, s)
}

func (s *Submission) checkContact(form *fault.Form) {
	switch {
	case s.Email == "":
		form.Add("email", "form.required")
	case !person.IsEmail(s.Email):
		form.Add("email", "form.email")
	}
	if s.Phone != "" && !person.IsPhone(s.Phone) {
		form.Add("phone", "form.phone")
	}
}

func name(form *fault.Form, field, v string, required bool) {
	if v == "" {
		if required {
			form.Add(field, "form.required")
		}
		return
	}
	tooLong(form, field, v, maxName)
	letters := 0
	for _, r := range v {
		switch {
		case unicode.IsLetter(r):
			letters++
		case strings.ContainsRune(" -'’‘`´.,()/\"„“”", r), unicode.IsMark(r), unicode.IsDigit(r):
		default:
			form.Add(field, "form.name_character", "Character", string(r))
			return
		}
		if r > 0xffff {
			form.Add(field, "form.name_character", "Character", string(r))
			return
		}
	}
	if letters == 0 {
		form.Add(field, "form.required")
	}
}

func tooLong(form *fault.Form, field, v string, most int) {
	if utf8.RuneCountInString(v) > most {
		form.Add(field, "form.too_long", "Max", most)
	}
}
