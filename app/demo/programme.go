// Package demo builds a programme in six countries through the same calls that a user's clicks make, so that a
// stranger can look at everything a moment after starting the program. Its persons are invented.
package demo

import (
	_ "embed"
	"fmt"

	"github.com/BurntSushi/toml"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
)

//go:embed programme.toml
var source []byte

// programme is programme.toml.
type programme struct {
	Network      texts
	Project      projectPart
	Donor        []donorPart
	Indicator    []indicatorPart
	Organisation []organisationPart
	Title        map[string]texts
	Description  map[string]texts
	Event        []eventPart
	Session      []sessionPart
	Country      map[string]countryPart
}

// texts are one text in several languages; the key "original" names the one it was written in.
type texts map[string]string

// text returns it as the program keeps it, Serbian in Latin script written from the Cyrillic.
func (t texts) text() locale.Text {
	original := locale.Code(t["original"])
	if original == "" {
		original = locale.English
	}
	out := locale.NewText(original, t[string(original)])
	for code, s := range t {
		if code != "original" {
			out.By[locale.Code(code)] = s
		}
	}
	if s := t[string(locale.SerbianCyrillic)]; s != "" {
		out.By[locale.SerbianLatin] = locale.ToLatin(s)
	}
	return out
}

type projectPart struct {
	Code     string
	Contract string
	Title    texts
}

type donorPart struct {
	Code, Kind, Name, City string
	Share                  int // per mille
}

type indicatorPart struct {
	Measure string
	Target  int
}

type organisationPart struct {
	Code, Country, City, Locale, Name, En, Director string
	Lead                                            bool
}

type eventPart struct {
	Code, Type, Country, City, Venue, Organisation, Title, Description string
	Starts, Days, Seats                                                int
	Languages                                                          []locale.Code
	Teams                                                              int // participants from each country
	People                                                             int // participants from the host country
	Guests                                                             int // participants from all trainings before
	Interpretation                                                     []locale.Code
}

type sessionPart struct {
	Day            int
	From, To, Kind string
	Title          texts
}

// session places a part of the programme on a day of an event.
func (s sessionPart) session(e *event.Event) (event.Session, error) {
	var h1, m1, h2, m2 int
	if _, err := fmt.Sscanf(s.From+" "+s.To, "%d:%d %d:%d", &h1, &m1, &h2, &m2); err != nil {
		return event.Session{}, fmt.Errorf("session at %s: %w", s.From, err)
	}
	day, zone := e.StartsOn.Plus(s.Day-1), e.Location()
	return event.Session{
		StartsAt: db.At(day.In(zone, h1, m1)), EndsAt: db.At(day.In(zone, h2, m2)), Kind: event.SessionKind(s.Kind), Title: s.Title.text(),
		Counts: s.Kind != string(event.Break) && s.Kind != string(event.Social),
	}, nil
}

type countryPart struct {
	Locale       locale.Code
	Female, Male []string
	Family       []string
	FamilyFemale string `toml:"family_female"`
	FamilyMale   string `toml:"family_male"`
	Domain       string
	Institution  []institutionPart
}

type institutionPart struct{ Type, Name, Position string }

func load() (*programme, error) {
	var p programme
	if err := toml.Unmarshal(source, &p); err != nil {
		return nil, fmt.Errorf("read the demo's programme: %w", err)
	}
	return &p, nil
}
