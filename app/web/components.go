package web

import (
	"time"

	"attesta/app/fault"
)

// componentsPage shows every component once, in the reader's language, for whoever makes pages.
type componentsPage struct {
	Page
	Day       time.Time
	Figures   []int
	Countries []string
	Tones     []Tone
}

func (s *Server) components(c *Ctx) error {
	if c.IsPost() {
		var form fault.Form
		if c.Form().Value("email") == "" {
			form.Add("email", "form.email")
		}
		if c.Form().Value("name") == "" {
			form.Add("name", "form.required")
		}
		if !c.Form().Refused(form.Err()) {
			c.Flash(Go, "common.saved")
			return c.Redirect("/components")
		}
	}
	page := &componentsPage{Page: c.Page(c.T("web.components")), Day: time.Date(2022, 5, 16, 9, 0, 0, 0, time.UTC), Figures: []int{239, 315, 9},
		Countries: []string{"AL", "BA", "XK", "ME", "MK", "RS"}, Tones: []Tone{Go, Wait, Stop, Calm}}
	page.Visibility = []*Visibility{{EU: true, Strong: c.T("visibility.eu_funded"), Text: c.T("visibility.eu_disclaimer_grant")}}
	page.NoIndex = true
	return c.Render("web/components", page)
}
