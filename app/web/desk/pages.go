// Package desk holds the organisers' pages: their events and what each still misses, who applied and who may come, who
// was there, certificates, and which records may be one person.
package desk

import (
	"cmp"
	"slices"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/audit"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/network"
	"attesta/app/person"
	"attesta/app/project"
	"attesta/app/registration"
	"attesta/app/report"
	"attesta/app/roster"
	"attesta/app/web"
)

// Pages are the desk's pages and what they call.
type Pages struct {
	DB            *db.DB
	Catalogue     *locale.Catalogue
	Network       *network.Desk // nil: its settings have no page
	Projects      *project.Desk
	Events        *event.Desk
	Registrations *registration.Desk
	Attendance    *attendance.Desk
	Certificates  *certificate.Desk
	Persons       *person.Desk
	Accounts      *account.Accounts
	Roster        *roster.Desk // nil: no lists are taken in
	Audit         *audit.Chain // nil: nothing is said of whether the record is whole
	Clock         func() time.Time
}

// documents is how long making many documents may take.
const documents = 60 * time.Second

const spreadsheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// one is the address of an event.
const one = "/desk/events/:code"

// Routes are the addresses of the desk. A permission here opens a page to whoever holds it anywhere; the domain checks
// that it reaches the event.
func (p *Pages) Routes() []web.Route {
	routes := slices.Concat(p.eventRoutes(), p.registrationRoutes(), p.nominationRoutes(), p.certificateRoutes(), p.projectRoutes(), p.auditRoutes(), p.institutionRoutes(), p.structureRoutes(), p.peopleRoutes(), p.roomRoutes(), p.programmeRoutes(), p.lifeRoutes(), p.languageRoutes(), p.copyRoutes(), p.materialRoutes())
	if p.Accounts != nil {
		routes = append(routes, p.memberRoutes()...)
	}
	for i, r := range routes {
		switch r.Path {
		case one + "/certificates", one + "/certificates.pdf", one + "/certificates.zip", one + "/attendance":
			routes[i].Deadline = documents
		}
	}
	return routes
}

func (p *Pages) eventRoutes() []web.Route {
	view, edit, mark := web.Permission(account.ViewEvent), web.Permission(account.EditEvent), web.Permission(account.MarkPresence)
	return []web.Route{
		web.GET("/desk", view, p.home),
		web.GET(startPath, web.Permission(account.Administer), p.start),
		web.POST(startPath, web.Permission(account.Administer), p.start),
		web.GET("/desk/events/new", edit, p.create),
		web.POST("/desk/events/new", edit, p.create),
		web.GET(one, view, p.cockpit),
		web.GET(one+"/edit", edit, p.edit),
		web.POST(one+"/edit", edit, p.edit),
		web.POST(one+"/publish", edit, p.publish),
		web.POST(one+"/open", edit, p.open),
		web.POST(one+"/close", edit, p.closeRegistration),
		web.GET(one+"/attendance", view, p.roll),
		web.POST(one+"/attendance", mark, p.mark),
		web.POST(one+"/attendance/links", edit, p.makeLink),
		web.POST(one+"/attendance/links/:link/revoke", edit, p.revokeLink),
	}
}

func (p *Pages) registrationRoutes() []web.Route {
	view, choose, take := web.Permission(account.ViewEvent), web.Permission(account.Select), web.Permission(account.Import)
	routes := []web.Route{
		web.GET(one+"/registrations", view, p.board),
		web.POST(one+"/registrations", choose, p.decide),
		web.GET(one+"/registrations.csv", view, p.exportCSV),
		web.GET(one+"/registrations.xlsx", view, p.exportXLSX),
		web.GET(one+"/registrations/:registration", view, p.registration),
	}
	if p.Roster == nil {
		return routes
	}
	upload := web.POST(one+"/import", take, p.importList)
	upload.Body, upload.Deadline = maxList, documents
	return append(routes, web.GET(one+"/import", take, p.importList), upload)
}

func (p *Pages) certificateRoutes() []web.Route {
	view, certify := web.Permission(account.ViewEvent), web.Permission(account.Certify)
	return []web.Route{
		web.GET(one+"/certificates", view, p.certificates),
		web.POST(one+"/certificates", certify, p.issue),
		web.GET(one+"/certificates.pdf", view, p.allCertificates),
		web.GET(one+"/certificates.zip", view, p.zipCertificates),
		web.GET(one+"/certificates/:number.pdf", view, p.document),
		web.GET(one+"/certificates/:number/revoke", certify, p.revoke),
		web.POST(one+"/certificates/:number/revoke", certify, p.revoke),
		web.POST(one+"/certificates/:number/reissue", certify, p.reissue),
	}
}

func (p *Pages) projectRoutes() []web.Route {
	merge, figures, freeze := web.Permission(account.MergePersons), web.Permission(account.ViewFigures), web.Permission(account.FreezeReport)
	const reports = "/desk/figures/:project/reports"
	return []web.Route{
		web.GET("/desk/persons/suggestions", merge, p.suggestions),
		web.POST("/desk/persons/merge", merge, p.merge),
		web.POST("/desk/persons/unmerge", merge, p.unmerge),
		web.GET("/desk/figures", figures, p.allFigures),
		web.GET("/desk/figures/:project", figures, p.figures),
		web.POST(reports, freeze, p.freeze),
		web.GET(reports+"/:report.pdf", figures, p.download(".pdf", "application/pdf", report.DrawPDF)),
		web.GET(reports+"/:report.xlsx", figures, p.download(".xlsx", spreadsheet, written(report.XLSX))),
		web.GET(reports+"/:report.csv", figures, p.download(".csv", "text/csv; charset=utf-8", written(report.CSV))),
	}
}

// eventPage is what all pages of one event have: its head and its own navigation.
type eventPage struct {
	web.Page
	Event *event.Event
	Phase event.Phase
	At    string // the tab, or the part of a tab, that it is
}

// event returns the event of the address to whoever may see it.
func (p *Pages) event(c *web.Ctx) (*event.Event, error) {
	e, err := p.Events.ByCode(c.Context(), c.Actor(), c.Param("code"))
	if err == nil {
		c.About("event", e.ID, e.ID)
	}
	return e, err
}

// editable returns the event of the address to whoever may change it.
func (p *Pages) editable(c *web.Ctx) (*event.Event, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, err
	}
	return e, event.May(c.Actor(), account.EditEvent, e)
}

// under returns the ground of a page of an event; at is the key of its tab or of its part of one.
func (p *Pages) under(c *web.Ctx, e *event.Event, at string) eventPage {
	title := c.Printer().Text(e.Title)
	page := eventPage{Page: c.Page(c.T(at) + " · " + title), Event: e, Phase: e.Phase(p.Clock()), At: at}
	page.NoIndex = true
	page.Back = &web.Crumb{Href: "/desk", Label: c.T("nav.events")}
	return page
}

// Tab is one entry of an event's navigation.
type Tab struct {
	Href, Text string
	Current    bool
	Count      int
}

// Tabs is the event's navigation.
func (p *eventPage) Tabs() []Tab {
	at := "/desk/events/" + p.Event.Code
	tabs := []Tab{{Href: at, Text: "desk.overview"}}
	for _, x := range []struct {
		tab  Tab
		need account.Permission
	}{
		{Tab{Href: at + "/programme", Text: "desk.programme"}, account.EditEvent},
		{Tab{Href: at + "/registrations", Text: "desk.registrations", Count: p.Event.SeatsAsked}, account.ViewEvent},
		{Tab{Href: at + "/nominations", Text: "nomination.nominations"}, account.Select},
		{Tab{Href: at + "/attendance", Text: "desk.attendance"}, account.ViewEvent},
		{Tab{Href: at + "/certificates", Text: "desk.certificates"}, account.ViewEvent},
		{Tab{Href: at + "/edit", Text: "desk.settings"}, account.EditEvent},
		{Tab{Href: at + "/audit", Text: "audit.tab"}, account.ViewAudit},
	} {
		if p.Actor().Can(x.need, p.Event.Scopes()...) {
			tabs = append(tabs, x.tab)
		}
	}
	for i := range tabs {
		tabs[i].Current = tabs[i].Text == tabOf(p.At)
		tabs[i].Text = p.T(tabs[i].Text)
	}
	return tabs
}

// part is one page of a tab that has several.
type part struct{ key, path string }

// parts are the tabs that have several pages; the first is where the tab leads.
var parts = map[string][]part{
	"desk.programme": {
		{"desk.part.sessions", "/programme"}, {"desk.part.people", "/people"}, {"desk.part.rooms", "/rooms"}, {"desk.part.materials", "/materials"},
		{"desk.part.languages", "/languages"},
	},
	"desk.settings": {{"desk.part.facts", "/edit"}, {"desk.part.state", "/state"}, {"desk.part.copy", "/copy"}},
}

// tabOf is the tab under which a page stands.
func tabOf(at string) string {
	for tab, list := range parts {
		if slices.ContainsFunc(list, func(x part) bool { return x.key == at }) {
			return tab
		}
	}
	return at
}

// Parts is the navigation within the current tab, nil where that has one page.
func (p *eventPage) Parts() []Tab {
	var list []Tab
	for _, x := range parts[tabOf(p.At)] {
		list = append(list, Tab{Href: p.Base() + x.path, Text: p.T(x.key), Current: x.key == p.At})
	}
	return list
}

// Base is the address of the event's pages.
func (p *eventPage) Base() string { return "/desk/events/" + p.Event.Code }

// Said is a text in the reader's language, or in another one that is named.
type Said struct{ Text, Lang string }

func said(p *locale.Printer, t locale.Text) Said {
	s, in := t.In(p.Code())
	if in == p.Code() {
		in = ""
	}
	return Said{s, string(in)}
}

// Heading is the event's title.
func (p *eventPage) Heading() Said { return said(p.Printer, p.Event.Title) }

// Place is where the event is, as its head says it.
func (p *eventPage) Place() string { return place(p.Printer, p.Event) }

func place(p *locale.Printer, e *event.Event) string {
	if e.City == "" {
		return p.Country(e.Country)
	}
	return p.City(e.City) + ", " + p.Country(e.Country)
}

// HasMembers reports whether the reader may see who holds a role at the event.
func (p *eventPage) HasMembers() bool {
	return p.Actor().Can(account.ManageMembers, p.Event.Scopes()...)
}

// CanCopy reports whether the reader may copy the event, and isn't about to.
func (p *eventPage) CanCopy() bool {
	return p.At != "desk.part.copy" && p.Actor().Can(account.EditEvent, p.Event.Scopes()...)
}

// PhaseWord says where the event stands.
func (p *eventPage) PhaseWord() string { return p.T("desk.phase." + string(p.Phase)) }

// PhaseTone is its colour and shape.
func (p *eventPage) PhaseTone() web.Tone { return phaseTone(p.Phase) }

func phaseTone(p event.Phase) web.Tone {
	switch p {
	case event.PhaseOpen, event.PhaseRunning:
		return web.Go
	case event.PhaseDraft, event.PhaseAnnounced:
		return web.Wait
	case event.PhaseCancelled:
		return web.Stop
	}
	return web.Calm
}

// IsPublic reports whether the event has a public page.
func (p *eventPage) IsPublic() bool { return p.Event.State != event.Draft }

// statusTone is the colour and shape of a registration's status.
func statusTone(s registration.Status) web.Tone {
	switch s {
	case registration.Approved:
		return web.Go
	case registration.Submitted:
		return web.Wait
	case registration.Rejected:
		return web.Stop
	}
	return web.Calm
}

// local returns an instant on the clock of the event.
func local(e *event.Event, t db.Time) time.Time { return t.In(e.Location()) }

// typeKey is the message of an institution's type.
func typeKey(t person.InstitutionType) string {
	return cmp.Or(t.Key(), "desk.not_stated")
}
