package checkin

import (
	"time"

	"attesta/app/attendance"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
)

// answer is what the whole screen says.
type answer struct {
	Kind    string   `json:"answer"` // an attendance.Answer, or kept for what couldn't be sent
	Name    string   `json:"name,omitempty"`
	Place   string   `json:"institution,omitempty"`
	More    string   `json:"more,omitempty"`
	Quiet   bool     `json:"quiet,omitempty"`
	Code    string   `json:"code,omitempty"` // of who was let in, to take it back
	At      string   `json:"at"`             // the time of the mark, on the event's clock
	Tone    web.Tone `json:"-"`
	Shape   string   `json:"-"` // circle, diamond or octagon
	Word    string   `json:"-"`
	Status  string   `json:"-"` // the word in lists
	Seconds int      `json:"-"` // after which scanning goes on by itself; 0: at a tap
	Undo    bool     `json:"-"`
	Key     string   `json:"-"` // of the request that takes it back
}

// kept is the answer to what the phone couldn't send yet.
const kept = "kept"

// look is how an answer looks and sounds.
type look struct {
	tone    web.Tone
	shape   string
	word    string
	status  string
	text    string
	seconds int
}

var looks = map[string]look{
	string(attendance.In):          {web.Go, "circle", "common.yes", "checkin.inside", "", 2},
	string(attendance.Already):     {web.Wait, "diamond", "checkin.already", "checkin.already", "", 4},
	string(attendance.NotThis):     {web.Stop, "octagon", "checkin.not_this", "checkin.not_in", "checkin.not_this_text", 0},
	string(attendance.Unknown):     {web.Stop, "octagon", "checkin.unknown", "checkin.not_in", "checkin.unknown_text", 0},
	string(attendance.NotApproved): {web.Stop, "octagon", "checkin.not_approved", "checkin.not_in", "", 0},
	string(attendance.Out):         {web.Wait, "diamond", "checkin.taken_back", "checkin.taken_back", "", 2},
	kept:                           {web.Wait, "diamond", "checkin.kept", "checkin.kept", "checkin.kept_text", 4},
}

// blank is an answer of a kind with its words and nothing about a person.
func blank(p *locale.Printer, kind string) answer {
	if kind == string(attendance.OutAlready) {
		kind = string(attendance.Out)
	}
	l := looks[kind]
	a := answer{Kind: kind, Tone: l.tone, Shape: l.shape, Word: p.T(l.word), Status: p.T(l.status), Seconds: l.seconds, Undo: kind == string(attendance.In)}
	if l.text != "" {
		a.Place = p.T(l.text)
	}
	if kind == string(attendance.NotThis) || kind == string(attendance.NotApproved) {
		a.More = p.T("checkin.desk")
	}
	return a
}

// kinds are all answers, for the page that fills them by script.
func kinds(p *locale.Printer) []*answer {
	var all []*answer
	for _, kind := range []attendance.Answer{attendance.In, attendance.Already, attendance.NotThis, attendance.Unknown, attendance.NotApproved, attendance.Out, kept} {
		a := blank(p, string(kind))
		all = append(all, &a)
	}
	return all
}

// answered says what came of a mark. A code of another event tells neither whose it is nor of what, and a quiet
// person is known by initials only.
func answered(p *locale.Printer, e *event.Event, res attendance.Result, at time.Time) answer {
	a := blank(p, string(res.Answer))
	a.At = p.Time(at.In(e.Location()))
	r := res.Registration
	if r == nil {
		return a
	}
	a.Name, a.Place, a.Quiet = who(p, r)
	switch res.Answer {
	case attendance.In:
		a.Code = r.Code
		if r.Quiet {
			a.More = p.T("checkin.quiet_text")
		}
	case attendance.Already:
		a.More = p.T("checkin.since", "Time", p.Time(res.Since.In(e.Location())))
	}
	return a
}

// who is how a person may be called at the door.
func who(p *locale.Printer, r *registration.Registration) (name, place string, quiet bool) {
	if r.Quiet {
		return r.Initials(), p.T("checkin.initials"), true
	}
	name = r.GivenName + " " + r.FamilyName
	if r.CertificateName != "" {
		name = r.CertificateName
	}
	return name, r.InstitutionName, false
}

// saying is an answer on its page.
type saying struct {
	*page
	Said *answer
}

// Saying puts an answer beside the words around it.
func (p *page) Saying(a *answer) saying { return saying{page: p, Said: a} }
