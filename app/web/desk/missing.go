package desk

import (
	"cmp"
	"slices"

	"attesta/app/event"
	"attesta/app/locale"
)

// Missing is one thing that an event still wants, with the button that mends it.
type Missing struct {
	Title   string
	Why     string
	WhyLang string
	Button  string
	Href    string
	Post    bool // the button does it at once
	rank    int  // by what it blocks; the lowest is the next thing to do
}

// state is what is known of an event when it is asked what it misses.
type state struct {
	event    *event.Event
	content  *event.Content
	phase    event.Phase
	over     bool          // its last day has passed, whatever its phase
	waiting  int           // on the waiting list
	links    int           // for check-in, that are good
	marked   int           // people who were in at least once
	due      int           // certificates
	untitled []locale.Code // working languages without a title
}

// missing lists what an event wants, the next thing to do first.
func missing(p *locale.Printer, s state) []Missing {
	at := "/desk/events/" + s.event.Code
	var list []Missing
	add := func(rank int, key, href string, post bool, kv ...any) {
		list = append(list, Missing{
			rank: rank, Title: p.T("desk.missing."+key, kv...), Why: p.T("desk.missing."+key+"_why", kv...),
			Button: p.T("desk.missing." + key + "_do"), Href: at + href, Post: post,
		})
	}
	e := s.event
	ahead := s.phase != event.PhaseFinished && s.phase != event.PhaseCancelled
	if s.phase == event.PhaseDraft {
		if s.over {
			add(4, "stale", "/edit#f-starts_on", false)
		}
		add(10, "publish", "/publish", true)
	}
	if s.phase == event.PhaseAnnounced && e.RegistrationOpensAt.IsZero() {
		add(11, "open", "/open", true)
	}
	if s.phase == event.PhaseClosed && e.SeatsFree() > s.waiting+e.SeatsAsked {
		add(30, "reopen", "/open", true, "Free", e.SeatsFree())
	}
	if ahead && e.SeatsAsked > 0 {
		add(5, "decide", "/registrations?status=submitted", false, "N", e.SeatsAsked)
	}
	if ahead && s.waiting > 0 && e.SeatsFree() > 0 {
		add(6, "waiting", "/registrations?status=waitlisted", false, "N", s.waiting, "Free", e.SeatsFree())
	}
	if s.phase == event.PhaseRunning && s.links == 0 {
		add(1, "link", "/attendance#links", false)
	}
	if s.phase == event.PhaseRunning && s.links > 0 {
		add(15, "running", "/attendance", false)
	}
	if s.phase == event.PhaseFinished && s.marked == 0 && e.SeatsTaken > 0 {
		add(2, "attendance", "/attendance", false)
	}
	if s.phase == event.PhaseFinished && s.due > 0 {
		add(3, "certificates", "/certificates", false, "N", s.due)
	}
	list = append(list, preparations(p, s, at, ahead)...)
	if ahead {
		list = append(list, details(p, s, at)...)
	}
	slices.SortStableFunc(list, func(a, b Missing) int { return cmp.Compare(a.rank, b.rank) })
	return list
}

// preparations are what an event should have and can begin without.
func preparations(p *locale.Printer, s state, at string, ahead bool) []Missing {
	var list []Missing
	add := func(rank int, key, href string, kv ...any) {
		list = append(list, Missing{
			rank: rank, Title: p.T("desk.missing."+key, kv...), Why: p.T("desk.missing."+key+"_why", kv...),
			Button: p.T("desk.missing." + key + "_do"), Href: at + href,
		})
	}
	if len(s.content.Sessions) == 0 && (ahead || s.event.Unit == event.BySessions) {
		add(20, "programme", "/programme")
	}
	if len(s.event.Signatories.V) == 0 && s.phase != event.PhaseCancelled {
		add(21, "signatories", "/edit#f-signatory_1_name")
	}
	if len(s.untitled) > 0 && s.phase != event.PhaseCancelled {
		var names []string
		for _, code := range s.untitled {
			names = append(names, p.T("language."+string(code)))
		}
		add(22, "title", "/edit#f-title_"+string(s.untitled[0]), "Languages", p.List(names))
	}
	return list
}

// details are what those who come would miss, the worse the lower its rank: an event goes on without any of it.
func details(p *locale.Printer, s state, at string) []Missing {
	var list []Missing
	add := func(rank int, key, href string, kv ...any) {
		list = append(list, Missing{
			rank: rank, Title: p.T("desk.missing."+key, kv...), Why: p.T("desk.missing."+key+"_why", kv...),
			Button: p.T("desk.missing." + key + "_do"), Href: at + href,
		})
	}
	e := s.event
	clashes, small := clashes(s.content)
	if clashes > 0 {
		add(12, "clash", "/programme", "N", clashes)
	}
	if e.IsOnline() && e.JoinURL == "" {
		add(13, "join", "/edit#f-join_url")
	}
	if e.Format != event.Online && e.Venue == "" {
		add(22, "venue", "/edit#f-venue")
	}
	if short := untranslated(s.content); len(short) > 0 {
		var names []string
		for _, code := range short {
			names = append(names, p.T("language."+string(code)))
		}
		add(23, "texts", "/languages", "Languages", p.List(names))
	}
	if e.ContactName == "" && e.ContactEmail == "" {
		add(24, "contact", "/edit#f-contact_name")
	}
	if small > 0 {
		add(25, "room", "/rooms", "N", small)
	}
	if n := untold(s.content); n > 0 {
		add(40, "bio", "/people", "N", n)
	}
	if len(e.Interpretation.V) > 0 && len(s.content.Sessions) > 0 && !interpreted(s.content) {
		add(41, "interpreted", "/programme")
	}
	return list
}

// clashes counts what doesn't go together in a programme, and apart from it the rooms that are too small.
func clashes(c *event.Content) (clashes, small int) {
	for _, x := range event.Conflicts(c) {
		if x.Kind == event.RoomSmall {
			small++
		} else {
			clashes++
		}
	}
	return clashes, small
}

// untranslated are the working languages in which the event has a title, but other texts are missing.
func untranslated(c *event.Content) []locale.Code {
	var out []locale.Code
	for _, code := range c.Event.Languages.V {
		if c.Event.Title.By[code] != "" && len(c.Lacks(code)) > 0 {
			out = append(out, code)
		}
	}
	return out
}

// untold counts those who lead sessions and of whom nothing is told but the name.
func untold(c *event.Content) int {
	n := 0
	for i := range c.Speakers {
		if c.Speakers[i].Bio.IsZero() {
			n++
		}
	}
	return n
}

// interpreted reports whether any session says that it is.
func interpreted(c *event.Content) bool {
	return slices.ContainsFunc(c.Sessions, func(s event.Session) bool { return len(s.Interpretation.V) > 0 })
}

// untitled are the working languages in which an event has no title.
func untitled(e *event.Event) []locale.Code {
	var out []locale.Code
	for _, code := range e.Languages.V {
		if e.Title.By[code] == "" {
			out = append(out, code)
		}
	}
	return out
}
