package desk

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/web"
)

// reader reads the form of an event and keeps what can't be read beside its field.
type reader struct {
	*web.Form
	wrong fault.Form
	words *locale.Catalogue
}

// readFacts reads the form of an event. Its error has everything that is wrong: what can't be read, then what the
// domain refuses. An event that was there keeps a country that is no longer on offer.
func readFacts(c *web.Ctx, words *locale.Catalogue, was *event.Event) (event.Facts, error) {
	r := &reader{Form: c.Form(), words: words}
	original := locale.Code(r.Value("original"))
	if !words.Has(original) {
		original = c.Locale()
		r.wrong.Add("original", "form.choose")
	}
	f := r.facts(original)
	if f.Title.By[original] == "" {
		r.wrong.Add("title", "form.required")
	}
	if !c.Welcomes(f.Country) && !slices.Contains(current(was), f.Country) {
		f.Country = "" // the domain asks for one
	}
	f.StartsOn, _ = db.ParseDay(r.Value("starts_on"))
	zone := f.Zone
	if zone == "" {
		zone = event.ZoneOf(f.Country)
	}
	f.OpensAt, f.ClosesAt = r.instant("opens_at", zone), r.instant("closes_at", zone)
	if f.Code == "" {
		title, _ := f.Title.In(original)
		f.Code = codeOf(title)
		r.Set("code", f.Code)
	}
	return f, r.all(f, original)
}

// facts reads what can be read one field at a time.
func (r *reader) facts(original locale.Code) event.Facts {
	return event.Facts{
		Code: strings.ToLower(r.Value("code")), Type: event.Type(r.Value("type")), Title: r.text("title", original, event.MaxTitle), Description: r.long("description", original),
		Country: r.Value("country"), City: r.Value("city"), Venue: r.Value("venue"), Days: r.number("days"), Zone: r.Value("zone"),
		Languages: r.languages(), Seats: r.number("seats"), Decision: event.Decision(r.Value("decision")), Unit: event.Unit(r.Value("unit")),
		Threshold: r.percent("threshold"), Signatories: r.signatories(original), Waiver: r.line("waiver", event.MaxWaiver), Unlisted: !r.Ticked("listed"), Quiet: r.Ticked("quiet"),
		Format: event.Format(r.Value("format")), JoinURL: r.Value("join_url"), Audience: r.long("audience", original), Costs: r.text("costs", original, event.MaxLine),
		Directions: r.long("directions", original), Accessibility: r.long("accessibility", original),
		ContactName: r.Value("contact_name"), ContactEmail: r.Value("contact_email"), ContactPhone: r.Value("contact_phone"), Interpretation: r.chosen("interpretation"),
	}
}

// all joins what couldn't be read and what the domain refuses. What is wrong with a text in the original language stands
// beside its first field.
func (r *reader) all(f event.Facts, original locale.Code) error {
	if refused := fault.From(f.Check()); refused != nil {
		for _, x := range refused.Fields {
			if x.Name == "code" && f.Code == "" && f.Title.By[original] == "" {
				continue // it is made from the title
			}
			r.wrong.Add(strings.TrimSuffix(x.Name, "_"+string(original)), x.Key, pairs(x.Params)...)
		}
	}
	return inOrder(r.wrong.Err())
}

// order is that of the fields in the form, which the summary of what is wrong follows.
var order = []string{
	"place", "type", "original", "title", "description", "code", "format", "country", "city", "starts_on", "days", "languages",
	"venue", "join_url", "zone", "directions", "accessibility", "seats", "decision", "opens_at", "closes_at", "audience", "costs", "listed", "quiet",
	"contact_name", "contact_email", "contact_phone", "interpretation",
	"unit", "threshold", "signatory_1_name", "signatory_1_role", "signatory_2_name", "signatory_2_role", "waiver",
}

func inOrder(err error) error {
	f := fault.From(err)
	if f == nil {
		return err
	}
	at := func(x fault.Field) int {
		name, _, translated := strings.Cut(x.Name, "_")
		if i := slices.Index(order, x.Name); i >= 0 {
			return i
		}
		if i := slices.Index(order, name); translated && i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(f.Fields, func(a, b fault.Field) int { return at(a) - at(b) })
	return f
}

func pairs(params fault.Params) []any {
	var kv []any
	for k, v := range params {
		kv = append(kv, k, v)
	}
	return kv
}

func (r *reader) line(name string, most int) string {
	s := r.Value(name)
	if utf8.RuneCountInString(s) > most {
		r.wrong.Add(name, "form.too_long", "Max", most)
	}
	return s
}

// text reads a value of one line in several languages: name holds the original, name_xx the others.
func (r *reader) text(name string, original locale.Code, most int) locale.Text {
	t := r.tongues(name, original, locale.Clean)
	for code, s := range t.By {
		field := name + "_" + string(code)
		if code == original {
			field = name
		}
		if utf8.RuneCountInString(s) > most {
			r.wrong.Add(field, "form.too_long", "Max", most)
		}
	}
	return t
}

// long reads a text of several lines likewise; the domain knows how long it may be.
func (r *reader) long(name string, original locale.Code) locale.Text {
	return r.tongues(name, original, locale.CleanText)
}

func (r *reader) tongues(name string, original locale.Code, clean func(string) string) locale.Text {
	t := locale.NewText(original, clean(r.Value(name)))
	for _, code := range r.words.Locales() {
		if s := clean(r.Value(name + "_" + string(code))); s != "" && code != original {
			t.By[code] = s
		}
	}
	return t
}

func (r *reader) number(name string) int {
	s := r.Value(name)
	n, err := strconv.Atoi(s)
	if err != nil {
		key := "form.number"
		if s == "" {
			key = "form.required"
		}
		r.wrong.Add(name, key)
	}
	return n
}

func (r *reader) percent(name string) float64 {
	n := r.number(name)
	if n < 1 || n > 100 {
		r.wrong.Add(name, "form.between", "Min", 1, "Max", 100)
	}
	return float64(n) / 100
}

// instant reads a local time of the event's zone. One that the clocks skip is told in words; of one that they show
// twice it is the first.
func (r *reader) instant(name, zone string) time.Time {
	s := r.Value(name)
	if s == "" {
		return time.Time{}
	}
	where, err := time.LoadLocation(zone)
	if err != nil {
		where = time.UTC
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		shown, err := time.Parse(layout, s)
		if err != nil || shown.Year() < 2000 || shown.Year() > 2100 {
			continue
		}
		t, exists := db.NewDay(shown).At(where, shown.Hour(), shown.Minute())
		if !exists {
			from, to := db.Forward(t)
			r.wrong.Add(name, "event.clocks_forward", "From", from.Format("15:04"), "To", to.Format("15:04"))
			return time.Time{}
		}
		return t.Add(time.Duration(shown.Second()) * time.Second)
	}
	r.wrong.Add(name, "form.date")
	return time.Time{}
}

func (r *reader) languages() []locale.Code {
	out := r.chosen("languages")
	if len(out) == 0 {
		r.wrong.Add("languages", "form.choose")
	}
	return out
}

// chosen reads which languages are ticked, each once.
func (r *reader) chosen(name string) []locale.Code {
	var out []locale.Code
	for _, v := range r.Values(name) {
		if code := locale.Code(v); r.words.Has(code) && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// signatories reads those who have a name; a certificate has room for two.
func (r *reader) signatories(original locale.Code) []event.Signatory {
	var out []event.Signatory
	for _, n := range []string{"1", "2"} {
		name, role := locale.Clean(r.line("signatory_"+n+"_name", 100)), locale.Clean(r.line("signatory_"+n+"_role", 100))
		if name == "" && role != "" {
			r.wrong.Add("signatory_"+n+"_name", "form.required")
		}
		if name != "" {
			out = append(out, event.Signatory{Name: name, Role: knownRole(r.words, original, role)})
		}
	}
	return out
}

// fill puts what is stored into the form.
func fill(f *web.Form, e *event.Event) {
	original := e.Original()
	set := func(name, v string) { f.Set(name, v) }
	instant := func(name string, t db.Time) {
		if !t.IsZero() {
			set(name, local(e, t).Format("2006-01-02T15:04"))
		}
	}
	for name, v := range map[string]string{
		"version": strconv.Itoa(e.Version), "code": e.Code, "original": string(original), "type": string(e.Type), "format": string(e.Format),
		"country": e.Country, "city": e.City, "venue": e.Venue, "join_url": e.JoinURL, "starts_on": e.StartsOn.String(), "days": strconv.Itoa(e.Days), "zone": e.Zone,
		"seats": strconv.Itoa(e.Seats), "decision": string(e.Decision), "unit": string(e.Unit), "threshold": strconv.Itoa(int(e.Threshold*100 + 0.5)),
		"contact_name": e.ContactName, "contact_email": e.ContactEmail, "contact_phone": e.ContactPhone, "waiver": e.VisibilityWaiver,
	} {
		set(name, v)
	}
	for name, t := range texts(e) {
		for code, s := range t.By {
			set(name+"_"+string(code), s)
		}
		set(name, t.By[original])
	}
	f.Set("languages", codes(e.Languages.V)...)
	f.Set("interpretation", codes(e.Interpretation.V)...)
	instant("opens_at", e.RegistrationOpensAt)
	instant("closes_at", e.RegistrationClosesAt)
	for i, s := range e.Signatories.V {
		n := strconv.Itoa(i + 1)
		set("signatory_"+n+"_name", s.Name)
		role, _ := s.Role.In(original)
		set("signatory_"+n+"_role", role)
	}
	if e.Listed {
		set("listed", "yes")
	}
	if e.Quiet {
		set("quiet", "yes")
	}
}

// texts are what an event says in several languages, by the name of the field.
func texts(e *event.Event) map[string]locale.Text {
	return map[string]locale.Text{
		"title": e.Title, "description": e.Description, "audience": e.Audience, "costs": e.Costs, "directions": e.Directions, "accessibility": e.Accessibility,
	}
}

func codes(list []locale.Code) []string {
	var out []string
	for _, code := range list {
		out = append(out, string(code))
	}
	return out
}
