package public

import (
	"slices"
	"strings"

	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
	"attesta/app/web"
)

// sent is a form as it came in; derived says that its certificate name is the one that follows from the others.
type sent struct {
	registration.Submission
	derived bool
}

// submission reads the form.
func (p *Pages) submission(c *web.Ctx) sent {
	f := c.Form()
	s := sent{derived: f.Value("certificate_name") == ""}
	s.Submission = registration.Submission{
		GivenName: f.Value("given_name"), FamilyName: f.Value("family_name"), CertificateName: f.Value("certificate_name"),
		OtherScriptName: f.Value("other_script_name"), Gender: person.Gender(f.Value("gender")), Email: f.Value("email"), Phone: f.Value("phone"),
		Country: f.Value("country"), Institution: f.Value("institution"), InstitutionType: person.InstitutionType(f.Value("institution_type")),
		Position: f.Value("position"), Locale: locale.Code(f.Value("language")), Interpretation: locale.Code(f.Value("interpretation")),
		Answers:     registration.Answers{Diet: f.Value("diet"), Accessibility: f.Value("accessibility"), Expectations: f.Value("expectations")},
		ConsentData: f.Ticked("consent_data"), ConsentList: f.Ticked("consent_list"), ConsentPhoto: f.Ticked("consent_photo"),
		ConsentContact: f.Ticked("consent_contact"), Quiet: f.Ticked("quiet"),
	}
	if !p.Catalogue.Has(s.Locale) {
		s.Locale = c.Locale()
	}
	if !c.Welcomes(s.Country) {
		s.Country = "" // none that the form offers
	}
	s.Complete()
	return s
}

// check is the domain's, without what a derived certificate name repeats of the names it follows from.
func (s *sent) check(e *event.Event) error {
	f := fault.From(s.CheckFor(e))
	if f == nil {
		return nil
	}
	wrong := func(name string) bool {
		return slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Name == name })
	}
	repeated := s.derived && (wrong("given_name") || wrong("family_name"))
	var form fault.Form
	for _, x := range f.Fields {
		if x.Name != "certificate_name" || !repeated {
			add(&form, x)
		}
	}
	return form.Err()
}

// faultsOf returns what is wrong with the fields of a step, in the order of the page, or nil.
func faultsOf(err error, step int) error {
	f := fault.From(err)
	if f == nil {
		return nil
	}
	var form fault.Form
	for _, name := range steps[step-1] {
		for _, x := range f.Fields {
			if x.Name == name {
				add(&form, x)
			}
		}
	}
	return form.Err()
}

func add(form *fault.Form, x fault.Field) {
	var kv []any
	for k, v := range x.Params {
		kv = append(kv, k, v)
	}
	form.Add(x.Name, x.Key, kv...)
}

// readBack says what will be sent, step by step.
func readBack(c *web.Ctx, e *event.Event, s sent) []part {
	p := c.Printer()
	who := part{Step: 1, Title: c.T(stepTitles[0])}
	who.say(c, "public.name", strings.TrimSpace(s.GivenName+" "+s.FamilyName))
	who.say(c, "public.certificate_name", s.CertificateName)
	who.Lines[len(who.Lines)-1].Serif = true
	who.say(c, "public.other_script", s.OtherScriptName)
	who.say(c, "common.sex", c.T("gender."+known(person.Genders, s.Gender, person.NotStated)))
	who.say(c, "common.email", s.Email)
	who.say(c, "common.phone", s.Phone)
	who.say(c, "public.language", p.Name(s.Locale))
	where := part{Step: 2, Title: c.T(stepTitles[1])}
	if slices.Contains(person.InstitutionTypes, s.InstitutionType) {
		where.say(c, "common.institution_type", c.T(s.InstitutionType.Key()))
	}
	where.say(c, "common.country", p.Country(s.Country))
	where.say(c, "common.institution", s.Institution)
	where.say(c, "common.position", s.Position)
	if len(e.Interpretation.V) > 0 {
		where.say(c, "public.interpretation_into", interpreted(c, s.Interpretation))
	}
	where.say(c, "public.diet", s.Answers.Diet)
	where.say(c, "public.accessibility", s.Answers.Accessibility)
	where.say(c, "public.expectations", s.Answers.Expectations)
	return []part{who, where}
}

// interpreted says into which language interpretation is asked for, if at all.
func interpreted(c *web.Ctx, into locale.Code) string {
	if into == "" {
		return c.T("public.interpretation_none")
	}
	return c.Printer().Name(into)
}

func known[T ~string](all []T, v, otherwise T) string {
	if slices.Contains(all, v) {
		return string(v)
	}
	return string(otherwise)
}

// say adds a line, if there is something to read.
func (p *part) say(c *web.Ctx, label, value string) {
	if value != "" {
		p.Lines = append(p.Lines, line{Label: c.T(label), Value: value})
	}
}
