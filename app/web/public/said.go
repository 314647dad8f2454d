package public

import (
	"html/template"
	"strings"

	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/markdown"
	"attesta/app/web"
)

// said is a text as the reader gets it, with its language if that isn't the page's.
type said struct {
	Text string
	Lang string // for the lang attribute, or ""
}

func say(p *locale.Printer, t locale.Text) said {
	text, in := t.In(p.Code())
	if in == p.Code() || text == "" {
		return said{Text: text}
	}
	return said{Text: text, Lang: string(in)}
}

// prose is a longer text, in Markdown.
type prose struct {
	HTML template.HTML
	Lang string
}

// voice tells of one event: what the event says stands in one language, the tongue, so that no page is a mixture; the
// page's own words are the reader's.
type voice struct {
	*locale.Printer
	tongue locale.Code
}

func (v voice) say(t locale.Text) said {
	text, in := t.By[v.tongue], v.tongue
	if text == "" {
		text, in = t.In(v.tongue)
	}
	if in == v.Code() || text == "" {
		return said{Text: text}
	}
	return said{Text: text, Lang: string(in)}
}

func (v voice) prose(t locale.Text) prose {
	s := v.say(t)
	if s.Text == "" {
		return prose{}
	}
	return prose{HTML: markdown.HTML(s.Text), Lang: s.Lang}
}

// toldIn says in which language an event is told, where that isn't the reader's.
func (v voice) toldIn() string {
	if v.tongue == v.Code() {
		return ""
	}
	return v.T("public.told_in", "Language", v.T("language."+string(v.tongue)))
}

// plain is a longer text in one line without marks, of at most that many runes, cut at a word.
func (v voice) plain(t locale.Text, most int) string {
	return shorten(strings.ReplaceAll(markdown.Plain(v.say(t).Text), "\n", " "), most)
}

func shorten(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	s = string(runes[:most-1])
	if i := strings.LastIndexByte(s, ' '); i > most/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,.;:–-") + "…"
}

// lead parts a text into its first paragraph and the rest; a text that begins with something else has no lead.
func (x prose) lead() (first, rest prose) {
	s := string(x.HTML)
	if !strings.HasPrefix(s, "<p>") {
		return prose{}, x
	}
	end := strings.Index(s, "</p>") + len("</p>")
	first = prose{HTML: template.HTML(s[:end]), Lang: x.Lang}                   //nolint:gosec // cut out of what is sanitised
	rest = prose{HTML: template.HTML(strings.TrimSpace(s[end:])), Lang: x.Lang} //nolint:gosec // the same
	return first, rest
}

// notice is an event as its public pages tell of it.
type notice struct {
	Code        string
	Title       said
	Description prose
	Type        string
	Dates       string
	City        string
	Country     string
	Venue       string
	Untold      string // says when one is told the place, where this page doesn't tell it
	Format      string // online or hybrid; "" on site
	Languages   string // with those into which it is interpreted
	Status      string
	Tone        web.Tone
	Phase       event.Phase
	Href        string
	StartsOn    string // for the datetime attribute
	Past        bool
	Clock       string // says whose time is told
}

// phases says of each phase in which tone it is told.
var phases = map[event.Phase]web.Tone{
	event.PhaseAnnounced: web.Calm, event.PhaseOpen: web.Go, event.PhaseClosed: web.Calm, event.PhaseRunning: web.Go,
	event.PhaseFinished: web.Calm, event.PhaseCancelled: web.Stop,
}

// tell tells of an event in the reader's language, if its title is there in it. What may not be told is left out
// beforehand: see event.Told.
func tell(c *web.Ctx, e *event.Event) notice {
	_, in := e.Title.In(c.Locale())
	return voice{c.Printer(), in}.tell(c, e)
}

func (v voice) tell(c *web.Ctx, e *event.Event) notice {
	n := notice{
		Code: e.Code, Title: v.say(e.Title), Description: v.prose(e.Description), Type: v.T("event.type." + string(e.Type)),
		Dates: v.DateRange(e.StartsOn.Time, e.EndsOn().Time), Venue: e.Venue, Languages: v.languages(e), Phase: e.Phase(c.Now()),
		Href: "/" + string(c.Locale()) + "/events/" + e.Code, StartsOn: e.StartsOn.String(),
	}
	if e.Country != "" {
		n.Country = v.Country(e.Country)
	} else {
		n.Untold = v.T("public.place_untold")
	}
	if e.City != "" {
		n.City = v.City(e.City)
	}
	if e.IsOnline() {
		n.Format = v.T("public.format." + string(e.Format))
	}
	n.Clock = v.T("public.local_time")
	if e.Format == event.Online && !e.Untold() {
		n.Clock = v.T("public.local_time_zone", "Zone", e.Location().String())
	}
	n.Tone, n.Status = phases[n.Phase], v.T("public.phase."+string(n.Phase))
	n.Past = n.Phase == event.PhaseFinished || !c.Now().Before(e.Ends())
	return n
}

// languages says in what an event is held, and into what it is interpreted.
func (v voice) languages(e *event.Event) string {
	held := tongues(v.Printer, e.Languages.V)
	if len(e.Interpretation.V) == 0 {
		return held
	}
	into := v.T("public.interpreted", "Languages", tongues(v.Printer, e.Interpretation.V))
	if held == "" {
		return into
	}
	return held + "; " + into
}

// tongues lists languages in the reader's words: "Albanian, Macedonian and English".
func tongues(p *locale.Printer, codes []locale.Code) string {
	var names []string
	for _, code := range codes {
		names = append(names, p.T("language."+string(code)))
	}
	return p.List(names)
}

// Place is city and country, or what of them is known.
func (n notice) Place() string {
	if n.City == "" || n.Country == "" {
		return n.City + n.Country
	}
	return n.City + ", " + n.Country
}

// Where is the place in a list, or that it isn't told there.
func (n notice) Where() string {
	if n.Untold != "" {
		return n.Untold
	}
	return n.Place()
}

// join sets what isn't empty side by side.
func join(parts ...string) string {
	var all []string
	for _, s := range parts {
		if s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, " · ")
}
