package demo

import (
	"slices"
	"strings"

	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
)

// who returns the form that the i-th invented person of a country fills in. The same i is the same person.
func (p *programme) who(country string, i int) registration.Submission {
	c := p.Country[country]
	given, gender, ending := c.Male, person.Male, c.FamilyMale
	if i%2 == 0 {
		given, gender, ending = c.Female, person.Female, c.FamilyFemale
	}
	at := c.Institution[i%len(c.Institution)]
	s := registration.Submission{
		GivenName: given[(i/2+i/20)%len(given)], FamilyName: c.Family[i%len(c.Family)] + ending, Gender: gender, Country: country,
		Institution: at.Name, InstitutionType: person.InstitutionType(at.Type), Position: at.Position, Locale: c.Locale,
		ConsentData: true, ConsentList: i%3 != 0, ConsentPhoto: i%4 == 0, ConsentContact: i%2 == 0,
	}
	s.Email = strings.ReplaceAll(locale.Plain(s.GivenName)+"."+locale.Plain(s.FamilyName), " ", "-") + "@" + at.Type + "." + c.Domain
	switch {
	case i%17 == 11:
		s.Gender = person.NotStated
	case i%41 == 7:
		s.Gender = person.Other
	}
	s.Quiet = i%15 == 4
	if c.Locale == locale.SerbianCyrillic && i%3 == 1 {
		s.Locale = locale.SerbianLatin
		s.GivenName, s.FamilyName = locale.ToLatin(s.GivenName), locale.ToLatin(s.FamilyName)
	}
	if i%9 == 5 {
		s.Answers.Diet = []string{"vegetarian", "halal", "posno"}[i%3]
	}
	return s
}

// countries are where the teams of the regional trainings come from, in the order of the alphabet.
var countries = []string{"AL", "BA", "ME", "MK", "RS", "XK"}

// participants returns the forms for one event. Trainers of the regional trainings are persons 60 and up of their
// country, so that they are nobody's namesake in the national ones.
func (p *programme) participants(e eventPart) []registration.Submission {
	var out []registration.Submission
	for _, c := range countries {
		for i := range e.Teams {
			out = append(out, p.who(c, 60+i))
		}
	}
	for i := range e.People {
		out = append(out, p.who(e.Country, i))
	}
	for i := range e.Guests {
		c := countries[i%len(countries)]
		n := i / len(countries) * 3 % 28 // every third one of the national training
		if i%8 == 7 {
			n = 60 + i/24%4 // a trainer
		}
		out = append(out, p.who(c, n))
	}
	for i := range out {
		if slices.Contains(e.Interpretation, out[i].Locale) && i%2 == 0 {
			out[i].Interpretation = out[i].Locale
		}
	}
	return out
}
