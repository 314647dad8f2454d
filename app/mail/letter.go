package mail

import (
	"cmp"
	"strings"
	"time"

	"attesta/app/locale"
)

// letter is a mail put into words; the text and the HTML part are made from it, so they say the same.
type letter struct {
	Lang       string
	Subject    string
	Greeting   string
	Before     []string
	Facts      []fact
	Button     string
	URL        string // "" for no button
	After      []string
	Closing    string
	Signature  string
	Why        string
	Visibility []string // donors' lines and disclaimers
	Footnote   string   // of Kosovo*
}

type fact struct{ Label, Value string }

// compose puts a message from somebody into the words of p.
func (o *Outbox) compose(p *locale.Printer, from string, m Message) letter {
	w := wordings[m.Kind]
	l := letter{
		Lang: p.Lang(), Greeting: p.T("mail.greeting"), Closing: p.T("mail.closing"), Signature: from, Why: p.T(w.why),
		Facts: facts(p, w, m.Params), Visibility: visibility(p, m.Params),
	}
	var kv []any
	if m.Params.Event != nil {
		kv = []any{"Title", locale.Clean(p.Text(m.Params.Event.Title))}
	}
	l.Subject = p.T(w.subject, kv...)
	before := w.before
	if m.Params.Event != nil && m.Params.Event.Format == "online" && w.online != nil {
		before = w.online
	}
	for _, key := range before {
		l.Before = append(l.Before, p.T(key))
	}
	if link := m.Params.Link; link != nil {
		l.Button = p.T(w.button)
		l.URL = o.baseURL + link.Path
		if link.Purpose != "" {
			l.URL += o.secret.Link(link.Purpose, link.Nonce)
		}
		for _, key := range w.after {
			l.After = append(l.After, p.T(key))
		}
	}
	l.Footnote = p.Footnote(l.text())
	return l
}

func facts(p *locale.Printer, w wording, params Params) []fact {
	var out []fact
	add := func(label, value string) {
		if value = locale.Clean(value); value != "" {
			out = append(out, fact{label, value})
		}
	}
	if params.Role != "" {
		add(p.T("mail.role"), p.T("role."+params.Role))
		add(p.T("mail.role_place"), p.Text(params.Place))
		if !params.RoleUntil.IsZero() {
			add(p.T("mail.role_until"), p.DateFull(params.RoleUntil.Time))
		}
	}
	if params.Change != "" {
		add(p.T("mail.factor_change"), p.T("factor.change."+params.Change))
	}
	e := params.Event
	if e == nil {
		return out
	}
	add(p.T("mail.event"), p.Text(e.Title))
	for _, f := range whenAndWhere(p, params) {
		add(f.Label, f.Value)
	}
	if w.who != "" {
		add(p.T(w.who), params.Institution)
	}
	if params.Seats > 0 {
		add(p.T("nomination.seats_offered"), p.Number(params.Seats))
	}
	if w.until != "" {
		add(p.T(w.until), deadline(p, params))
	}
	add(p.T("common.full_name"), params.Name)
	if w.status != "" {
		add(p.T("common.status"), p.T(w.status))
	}
	if w.number != "" {
		add(p.T(w.number), params.Number)
	}
	add(p.T("mail.reason"), params.Reason)
	return out
}

// whenAndWhere tells the time and the place of the event; of one that was moved, the new and the old of what changed.
func whenAndWhere(p *locale.Printer, params Params) []fact {
	e, was := params.Event, params.Was
	if was == nil {
		was = e
	}
	var out []fact
	tell := func(label, now, before, value, old string) {
		if value == old {
			out = append(out, fact{p.T(label), value})
			return
		}
		if value == "" {
			value = "–"
		}
		out = append(out, fact{p.T(now), value}, fact{p.T(before), old})
	}
	tell("common.date", "mail.date_new", "mail.date_old", dates(p, e), dates(p, was))
	out = append(out, fact{p.T("mail.start"), startTime(p, e)})
	if e.Zone != was.Zone && !e.Withheld {
		tell("", "mail.zone_new", "mail.zone_old", e.Zone, was.Zone)
	}
	tell("public.format", "mail.format_new", "mail.format_old", format(p, e, was), format(p, was, e))
	tell("mail.place", "mail.place_new", "mail.place_old", place(p, e), place(p, was))
	switch {
	case e.Joins && e.NewLink:
		out = append(out, fact{p.T("mail.join"), p.T("mail.join_new")})
	case e.Joins:
		out = append(out, fact{p.T("mail.join"), p.T("mail.join_page")})
	}
	return out
}

func dates(p *locale.Printer, e *EventFacts) string { return p.DateRange(e.Starts.Time, e.Ends.Time) }

// format says how one takes part in e, where either that or how it was before isn't the usual.
func format(p *locale.Printer, e, other *EventFacts) string {
	usual := func(f string) bool { return f == "" || f == "on_site" }
	if usual(e.Format) && usual(other.Format) {
		return ""
	}
	return p.T("public.format." + cmp.Or(e.Format, "on_site"))
}

// deadline is when the link ends, on the clocks of the event.
func deadline(p *locale.Printer, params Params) string {
	zone, err := time.LoadLocation(params.Event.Zone)
	if err != nil || params.Until.IsZero() {
		return ""
	}
	return p.Deadline(params.Until.In(zone))
}

// startTime is the time on the clocks of the event, not of the reader nor of the server.
func startTime(p *locale.Printer, e *EventFacts) string {
	zone, err := time.LoadLocation(e.Zone)
	if err != nil || e.Zone == "" || e.OpensAt.IsZero() {
		return ""
	}
	return p.Time(e.OpensAt.In(zone))
}

func place(p *locale.Printer, e *EventFacts) string {
	if e.Withheld {
		return p.T("public.place_untold")
	}
	var parts []string
	for _, s := range []string{e.Venue, p.City(e.City), p.Country(e.Country)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// visibility names the donors as their rules ask.
func visibility(p *locale.Printer, params Params) []string {
	var out []string
	for _, d := range params.Donors {
		f := locale.Funder{Kind: d.Kind, City: d.City, Line: d.Line, Disclaimer: d.Disclaimer, Author: params.Author}
		out = append(out, p.Funding(f).Sentences()...)
	}
	return out
}

// text is the plain part.
func (l letter) text() string {
	var b strings.Builder
	para := func(s string) {
		if s != "" {
			b.WriteString(s + "\n\n")
		}
	}
	para(l.Greeting)
	for _, s := range l.Before {
		para(s)
	}
	for _, f := range l.Facts {
		b.WriteString(f.Label + ": " + f.Value + "\n")
	}
	if len(l.Facts) > 0 {
		b.WriteString("\n")
	}
	if l.URL != "" {
		para(l.Button + ":\n" + l.URL)
	}
	for _, s := range l.After {
		para(s)
	}
	b.WriteString(l.Closing + "\n" + l.Signature + "\n\n-- \n" + l.Why + "\n")
	for _, s := range l.Visibility {
		b.WriteString("\n" + s + "\n")
	}
	if l.Footnote != "" {
		b.WriteString("\n" + l.Footnote + "\n")
	}
	return b.String()
}
