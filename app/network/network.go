// Package network holds what one installation has settled for itself: what it is called and how it is reached, which
// languages and countries it offers, how Kosovo* is written, below which number figures are hidden, and how long people
// are kept. Until somebody settles something, Default is true.
package network

import (
	"net/mail"
	"slices"
	"strings"
	"unicode/utf8"

	"attesta/app/audit"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Settings are what an installation has settled. They are kept as one row of the table settings.
type Settings struct {
	Name      locale.Text   `json:"name"`      // beside which every page stands
	Contact   string        `json:"contact"`   // mail address for questions: in the foot of pages, and where mails are answered to
	Languages []locale.Code `json:"languages"` // on offer; nil: all that there are
	Countries []string      `json:"countries"` // ISO codes; of the network, the first in every list
	Abroad    bool          `json:"abroad"`    // people and events of other countries are welcome too
	Asterisk  bool          `json:"asterisk"`  // Kosovo* with its footnote
	Below     int           `json:"below"`     // figures below it, but 0, are hidden from donors
	Months    int           `json:"months"`    // from a project's last day until its people are anonymised; suggested for new projects
	Version   int           `json:"version"`   // counts the changes; 0 as long as there was none
}

// Default is what holds where nobody has settled anything.
func Default() Settings {
	return Settings{
		Name: locale.NewText(locale.English, "Attesta"), Countries: []string{"AL", "BA", "XK", "ME", "MK", "RS"}, Abroad: true, Asterisk: true,
		Below: 5, Months: 84,
	}
}

// The limits. Two is the least below which anything can be hidden at all: of a single human no figure may speak.
// Donors ask for lists as late as seven years after the end; fifty are more than any of them.
const (
	LeastBelow  = 2
	MostBelow   = 50
	LeastMonths = 1
	MostMonths  = 600
	longestName = 80 // runes
)

// Check returns an Invalid fault with what is wrong beside which input: name, contact, languages, countries, below,
// months.
func (s Settings) Check(words *locale.Catalogue) error {
	var form fault.Form
	s.checkName(&form)
	if s.Contact != "" {
		if a, err := mail.ParseAddress(s.Contact); err != nil || a.Name != "" || a.Address != s.Contact || len(s.Contact) > 254 {
			form.Add("contact", "form.email")
		}
	}
	known := words.All()
	if s.Languages != nil && len(s.Languages) == 0 || slices.ContainsFunc(s.Languages, func(c locale.Code) bool { return !slices.Contains(known, c) }) {
		form.Add("languages", "network.no_language")
	}
	named := words.CountryCodes()
	if len(s.Countries) == 0 || slices.ContainsFunc(s.Countries, func(c string) bool { return !slices.Contains(named, c) }) {
		form.Add("countries", "network.no_country")
	}
	if s.Below < LeastBelow || s.Below > MostBelow {
		form.Add("below", "form.between", "Min", LeastBelow, "Max", MostBelow)
	}
	if s.Months < LeastMonths || s.Months > MostMonths {
		form.Add("months", "form.between", "Min", LeastMonths, "Max", MostMonths)
	}
	return form.Err()
}

func (s Settings) checkName(form *fault.Form) {
	if s.Name.IsZero() {
		form.Add("name", "form.required")
	}
	for code, text := range s.Name.By {
		if utf8.RuneCountInString(text) > longestName {
			form.Add("name_"+string(code), "form.too_long", "Max", longestName)
		}
	}
}

// Nations returns the codes of the countries that a form offers, those of the network first.
func (s Settings) Nations(words *locale.Catalogue) (own, abroad []string) {
	if !s.Abroad {
		return s.Countries, nil
	}
	for _, code := range words.CountryCodes() {
		if !slices.Contains(s.Countries, code) {
			abroad = append(abroad, code)
		}
	}
	return s.Countries, abroad
}

// Welcomes reports whether a form offers the country.
func (s Settings) Welcomes(words *locale.Catalogue, country string) bool {
	own, abroad := s.Nations(words)
	return slices.Contains(own, country) || slices.Contains(abroad, country)
}

// offer is what of the catalogue these settings offer.
func (s Settings) offer() locale.Offer {
	return locale.Offer{Locales: slices.Clone(s.Languages), Plain: !s.Asterisk}
}

// facts are the settings as they are recorded.
func (s Settings) facts() audit.Facts {
	return audit.Facts{
		"name": s.Name.By, "contact": s.Contact, "languages": s.Languages, "countries": s.Countries, "abroad": s.Abroad,
		"asterisk": s.Asterisk, "below": s.Below, "months": s.Months,
	}
}

// clean brings what somebody typed into the form in which it is kept.
func (s Settings) clean(words *locale.Catalogue) Settings {
	s.Contact = strings.TrimSpace(s.Contact)
	var languages []locale.Code
	for _, code := range words.All() {
		if slices.Contains(s.Languages, code) {
			languages = append(languages, code)
		}
	}
	if s.Languages = languages; len(languages) == len(words.All()) {
		s.Languages = nil // those that a later release brings as well
	}
	s.Countries = slices.Compact(slices.Sorted(slices.Values(s.Countries)))
	return s
}
