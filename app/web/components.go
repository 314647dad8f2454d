package web

import (
	"time"

	"attesta/app/fault"
)

// componentsPage shows every component once, in the reader's language, for whoever makes pages.
type componentsPage struct {
	Page
	Day, Next time.Time
	Dates     []string
	Statuses  []sampleStatus
	Types     []Option
	Genders   []Option
	Events    []sampleEvent
	Figures   []int
}

type sampleStatus struct {
	Tone Tone
	Key  string
	Note bool
}

type sampleEvent struct {
	Type, City, Country, Status string
	Tone                        Tone
	Starts, Ends                time.Time
	Came                        int
}

func (s *Server) components(c *Ctx) error {
	if c.IsPost() {
		if !c.Form().Refused(checkSample(c.Form())) {
			c.Flash(Go, "common.saved")
			return c.Redirect("/components")
		}
	}
	day := time.Date(2022, 5, 16, 9, 0, 0, 0, time.UTC)
	page := &componentsPage{
		Page: c.Page(c.T("web.components")), Day: day, Next: day.Add(26 * time.Hour), Figures: []int{239, 315, 1201},
		Types:   c.Options("institution.", "police", "prosecution", "reception", "cso"),
		Genders: c.Options("gender.", "female", "male", "other", "not_stated"),
		Statuses: []sampleStatus{{Go, "registration.status.approved", true}, {Wait, "registration.status.submitted", true},
			{Calm, "registration.status.waitlisted", false}, {Stop, "registration.status.rejected", true}, {Calm, "registration.status.cancelled", false}},
		Events: []sampleEvent{
			{"event.type.national_training", "Podgorica", "ME", "registration.status.approved", Go, day, day.AddDate(0, 0, 1), 32},
			{"event.type.regional_training", "Prishtina", "XK", "registration.status.submitted", Wait, day.AddDate(0, 5, 14), day.AddDate(0, 5, 17), 29},
			{"event.type.conference", "Skopje", "MK", "registration.status.cancelled", Calm, day.AddDate(0, 7, 15), day.AddDate(0, 7, 17), 92},
		},
	}
	p := c.printer
	page.Dates = []string{p.DateFull(day), p.DateTime(day), p.DateNumeric(day), p.Number(1234567), p.Percent(0.853, 1), p.List([]string{p.Country("AL"), p.Country("XK"), p.Country("RS")}), p.Quote(c.T("web.components"))}
	page.Visibility = []*Visibility{{EU: true, Text: c.T("visibility.eu_disclaimer_grant")}}
	page.NoIndex = true
	return c.Render("web/components", page)
}

func checkSample(f *Form) error {
	var wrong fault.Form
	for _, name := range []string{"name", "type", "country", "sex"} {
		if f.Value(name) == "" {
			wrong.Add(name, "form.required")
		}
	}
	if f.Value("email") == "" {
		wrong.Add("email", "form.email")
	}
	if !f.Ticked("agree") {
		wrong.Add("agree", "form.required")
	}
	return wrong.Err()
}

// Options returns choices whose words stand in the catalogues under prefix.
func (c *Ctx) Options(prefix string, values ...string) []Option {
	var all []Option
	for _, v := range values {
		all = append(all, Option{Value: v, Label: c.T(prefix + v)})
	}
	return all
}
