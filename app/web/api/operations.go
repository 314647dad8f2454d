package api

import (
	"net/http"
	"time"

	"attesta/app/account"
	"attesta/app/registration"
	"attesta/app/report"
	"attesta/app/web"
)

// documents is how long issuing certificates may take.
const documents = 60 * time.Second

const since = "Only what was changed at this instant or later: what a program needs that has read everything before."

// operations are all that programs can ask for.
func (p *Pages) operations() []operation {
	all := append(p.eventOperations(), p.projectOperations()...)
	return append([]operation{
		{
			method: http.MethodGet, path: "", id: "index", tag: "About", summary: "What there is", need: web.Anyone,
			answer: Index{}, raw: p.index,
			example: Index{Document: "https://events.example.org/api/v1/openapi.json", Resources: []Resource{{http.MethodGet, "/api/v1/events", "Events"}}},
		},
		{method: http.MethodGet, path: "/openapi.json", id: "document", tag: "About", summary: "This document", need: web.Anyone, raw: p.showDocument},
		{
			method: http.MethodGet, path: "/token", id: "token", tag: "About", summary: "What the token may do", need: web.Token(""), answer: TokenFacts{}, handle: p.token,
			example: TokenFacts{
				Label: "Website", Role: account.Organiser, Scope: Scope{account.OrganisationScope, "most-ba"}, ExpiresAt: time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC),
			},
		},
	}, all...)
}

func (p *Pages) eventOperations() []operation {
	view, choose, mark, certify := web.Token(account.ViewEvent), web.Token(account.Select), web.Token(account.MarkPresence), web.Token(account.Certify)
	const one = "/events/:event"
	const people = one + "/registrations"
	return []operation{
		{
			method: http.MethodGet, path: "/events", id: "listEvents", tag: "Events", summary: "Events", need: view, answer: list[Event]{}, handle: p.listEvents,
			params: append([]parameter{
				{name: "project", text: "Only events of the project with this code."},
				{name: "from", kind: "day", text: "Only events that start on this day or later.", sample: "2026-01-01"},
				{name: "to", kind: "day", text: "Only events that start on this day or earlier.", sample: "2026-12-31"},
				{name: "updated_since", kind: "instant", text: since, sample: "2026-05-16T09:00:00Z"},
			}, paging...),
			example: list[Event]{Items: []Event{sampleEvent}},
		},
		{
			method: http.MethodGet, path: one, id: "readEvent", tag: "Events", summary: "One event, with its units of attendance and its programme", need: view,
			answer: EventDetail{}, handle: p.oneEvent, example: EventDetail{Event: sampleEvent, Units: []Unit{sampleUnit}, Programme: []Session{}},
		},
		{
			method: http.MethodGet, path: people, id: "listRegistrations", tag: "Registrations", summary: "Registrations of an event", need: view,
			text:   "Personal data. Quiet people have initials only.",
			answer: list[Registration]{}, handle: p.listRegistrations,
			params: append([]parameter{
				{name: "status", oneOf: words(registration.Statuses), text: "Only registrations with this status."},
				{name: "updated_since", kind: "instant", text: since, sample: "2026-05-16T09:00:00Z"},
			}, paging...),
			example: list[Registration]{Items: []Registration{sampleRegistration}},
		},
		{
			method: http.MethodGet, path: people + "/:registration", id: "readRegistration", tag: "Registrations", summary: "One registration, with answers and consents", need: view,
			answer: RegistrationDetail{}, handle: p.oneRegistration, example: RegistrationDetail{Registration: sampleRegistration, Consents: Consents{Data: true}},
		},
		{
			method: http.MethodPost, path: people + "/:registration/decision", id: "decide", tag: "Registrations", summary: "Approve, put on the waiting list or reject", need: choose,
			text: "The person gets a mail if something changes. The same decision again changes nothing.",
			body: Decision{}, answer: Outcome{}, handle: p.decide, problems: []int{http.StatusConflict},
			example: Outcome{Registration: "7K3M9Q2X", Status: registration.Approved, Changed: true},
		},
		{
			method: http.MethodGet, path: one + "/attendance", id: "listAttendance", tag: "Attendance", summary: "Who was present where, and the claims from which that follows", need: view,
			answer: AttendancePage{}, handle: p.listAttendance, params: paging, example: AttendancePage{Units: []Unit{sampleUnit}, Items: []Story{sampleStory}},
		},
		{
			method: http.MethodPost, path: one + "/claims", id: "claim", tag: "Attendance", summary: "Claims of attendance", need: mark,
			text: "Each claim is answered by itself; what is wrong with one keeps no other from being recorded. Claims are kept for ever: a mistake is taken back with absent.",
			body: NewClaims{}, answer: ClaimAnswers{}, handle: p.claim,
			example: ClaimAnswers{Answers: []ClaimAnswer{{Key: "door-1-000017", Answer: "in", ReceivedAt: time.Date(2026, 5, 16, 7, 3, 0, 0, time.UTC)}}},
		},
		{
			method: http.MethodGet, path: one + "/certificates", id: "listCertificates", tag: "Certificates", summary: "Certificates of an event, those that have ended too", need: view,
			answer: list[Certificate]{}, handle: p.listCertificates, params: paging, example: list[Certificate]{Items: []Certificate{sampleCertificate}},
		},
		{
			method: http.MethodPost, path: one + "/certificates", id: "issueCertificates", tag: "Certificates", summary: "Issue what is due", need: certify,
			text:   "Everybody who completed the event and has no valid certificate gets one, and a mail. Again, it issues only what is missing.",
			answer: Issued{}, handle: p.issue, deadline: documents, example: Issued{Issued: []string{"7K3M-9Q2X-4T1"}, Refused: []Refusal{}},
		},
	}
}

func (p *Pages) projectOperations() []operation {
	return []operation{
		{
			method: http.MethodGet, path: "/projects", id: "listProjects", tag: "Projects", summary: "Projects", need: web.Token(""), answer: list[Project]{},
			handle: p.listProjects, params: paging, example: list[Project]{Items: []Project{{Code: "P1", Title: Text{"en": "Security for people and borders"}}}},
		},
		{
			method: http.MethodGet, path: "/projects/:project/figures", id: "readFigures", tag: "Projects", summary: "Figures of a project, each with its rule", need: web.Token(account.ViewGrant),
			text:   "Texts are in the language of Accept-Language. For donors small numbers are suppressed.",
			answer: report.Published{}, handle: p.figures,
			params: []parameter{
				{name: "from", kind: "day", text: "Only events that start on this day or later. Not for donors: differences between periods would undo the suppression.", sample: "2026-01-01"},
				{name: "to", kind: "day", text: "Only events that start on this day or earlier. Not for donors.", sample: "2026-12-31"},
				{name: "for", oneOf: words([]report.Reader{report.ForOrganiser, report.ForDonor}), text: "Whose figures: the complete ones of organisers, or the suppressed ones of donors. Left out: what the token may see."},
			},
		},
	}
}
