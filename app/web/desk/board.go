package desk

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
	"attesta/app/web"
)

// boardPage is the selection board: who applied, narrowed by the facets in the address, and the buttons that decide.
type boardPage struct {
	eventPage
	Rows      []BoardRow
	All       int
	Facets    []Facet
	Search    string
	Query     string // of the address, for the form
	Hidden    []Pair // the facets, beside a search
	Balances  []Balance
	Taken     int
	CanSelect bool
	CanImport bool

	nominators map[string]string // names of the institutions that nominated somebody, by id
}

// Pair is a name and a value in a form.
type Pair struct{ Name, Value string }

// BoardRow is one registration.
type BoardRow struct {
	registration.Registration
	words *locale.Printer
	at    string
}

// Who is the name as it was typed.
func (r BoardRow) Who() string { return r.GivenName + " " + r.FamilyName }

// Tone is the colour and shape of the status.
func (r BoardRow) Tone() web.Tone { return statusTone(r.Status) }

// TypeKey is the message of the institution's type.
func (r BoardRow) TypeKey() string { return typeKey(r.InstitutionType) }

// Sex is the one letter for a narrow column; the word stands beside it for who can't see.
func (r BoardRow) Sex() string {
	if r.Gender != person.Female && r.Gender != person.Male {
		return "–"
	}
	return firstLetter(r.words.T("gender." + string(r.Gender)))
}

func firstLetter(s string) string {
	for _, c := range s {
		return strings.ToUpper(string(c))
	}
	return ""
}

// NominatedBy names the institution that nominated this person, or "".
func (r BoardRow) NominatedBy() string { return r.Nominator.In(r.words.Code()) }

// Href leads to the person.
func (r BoardRow) Href() string { return r.at + "/registrations/" + r.Code }

// Facet is one quality by which the board can be narrowed.
type Facet struct {
	Name, Label string
	Chips       []Chip
}

// Chip is one value of it; the count follows the other facets.
type Chip struct {
	Href, Text string
	N          int
	Current    bool
}

// facets in the order in which they stand.
var facets = []string{"status", "country", "type", "gender", "nominated"}

func valueOf(r *registration.Registration, facet string) string {
	switch facet {
	case "status":
		return string(r.Status)
	case "country":
		return r.Country
	case "type":
		return string(r.InstitutionType)
	case "nominated":
		return nominatorID(r)
	}
	return string(r.Gender)
}

// nominatorID is that of the institution that nominated somebody, or "".
func nominatorID(r *registration.Registration) string {
	if r.Nominator.ID == 0 {
		return ""
	}
	return strconv.FormatInt(r.Nominator.ID, 10)
}

// chosen are the facets and the search of a request; what isn't known is dropped.
func chosen(c *web.Ctx) url.Values {
	out := url.Values{}
	for _, name := range append(slices.Clone(facets), "q") {
		if v := strings.TrimSpace(c.Query(name)); v != "" && len(v) <= 200 {
			out.Set(name, v)
		}
	}
	return out
}

func found(r *registration.Registration, search string) bool {
	if search == "" {
		return true
	}
	return registration.Matches(strings.Join([]string{r.GivenName, r.FamilyName, r.CertificateName, r.OtherScriptName, r.InstitutionName}, " "), search) ||
		strings.Contains(r.EmailKey, strings.ToLower(search)) || strings.EqualFold(r.Code, search)
}

// narrow returns the registrations that all facets let through, but for one of them, by which they are counted.
func narrow(list []registration.Registration, by url.Values, but string) []registration.Registration {
	var out []registration.Registration
	for i := range list {
		r := &list[i]
		ok := found(r, by.Get("q"))
		for _, f := range facets {
			ok = ok && (f == but || by.Get(f) == "" || by.Get(f) == valueOf(r, f))
		}
		if ok {
			out = append(out, *r)
		}
	}
	return out
}

func (p *Pages) board(c *web.Ctx) error {
	e, list, err := p.registrations(c)
	if err != nil {
		return err
	}
	by := chosen(c)
	page := &boardPage{eventPage: p.under(c, e, "desk.registrations"), All: len(list), Search: by.Get("q"), Query: by.Encode(), Balances: balances(c.Printer(), list)}
	page.Wide, page.Scripts = true, []string{"js/desk-board.js"}
	page.CanSelect = c.Actor().Can(account.Select, e.Scopes()...)
	page.CanImport = p.Roster != nil && c.Actor().Can(account.Import, e.Scopes()...)
	shown := narrow(list, by, "")
	if err := p.nameWorkplaces(c, each(shown)...); err != nil {
		return err
	}
	for _, r := range shown {
		page.Rows = append(page.Rows, BoardRow{r, c.Printer(), page.Base()})
	}
	page.nominators = map[string]string{}
	for i := range list {
		if id := nominatorID(&list[i]); id != "" {
			page.nominators[id] = list[i].Nominator.In(c.Locale())
		}
	}
	for _, f := range facets {
		if f == "nominated" && len(page.nominators) == 0 {
			continue
		}
		page.Facets = append(page.Facets, page.facet(f, list, by))
		if v := by.Get(f); v != "" {
			page.Hidden = append(page.Hidden, Pair{f, v})
		}
	}
	page.Taken = e.SeatsTaken
	return c.Render("desk/registration_list", page)
}

// registrations returns all registrations of the event, without drafts.
func (p *Pages) registrations(c *web.Ctx) (*event.Event, []registration.Registration, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, nil, err
	}
	list, err := p.Registrations.List(c.Context(), c.Actor(), e, registration.Filter{})
	return e, slices.DeleteFunc(list, func(r registration.Registration) bool { return r.Status == registration.Draft }), err
}

func (p *boardPage) facet(name string, list []registration.Registration, by url.Values) Facet {
	f := Facet{Name: name, Label: p.T(map[string]string{"status": "common.status", "country": "common.country", "type": "common.institution_type", "gender": "common.sex", "nominated": "nomination.nominated_by"}[name])}
	counts := map[string]int{}
	for i := range list {
		counts[valueOf(&list[i], name)] += 0
	}
	shown := narrow(list, by, name)
	for i := range shown {
		counts[valueOf(&shown[i], name)]++
	}
	f.Chips = append(f.Chips, Chip{Href: p.narrowed(by, name, ""), Text: p.T("common.all"), N: len(shown), Current: by.Get(name) == ""})
	for _, v := range p.order(name, counts) {
		if v.Value == "" {
			continue // nobody said: there is nothing to ask for
		}
		f.Chips = append(f.Chips, Chip{Href: p.narrowed(by, name, v.Value), Text: v.Label, N: counts[v.Value], Current: by.Get(name) == v.Value})
	}
	return f
}

// order lists the values that a facet has here, in the order of a reader.
func (p *boardPage) order(name string, counts map[string]int) []Bar {
	switch name {
	case "country":
		return countryBars(p.Printer, counts)
	case "type":
		return typeBars(p.Printer, counts)
	case "gender":
		return sexBars(p.Printer, counts)
	case "nominated":
		return p.nominatorBars()
	}
	var list []Bar
	for _, s := range registration.Statuses {
		if _, ok := counts[string(s)]; ok {
			list = append(list, Bar{Value: string(s), Label: p.T("registration.status." + string(s))})
		}
	}
	return list
}

// nominatorBars lists who nominated somebody, by name.
func (p *boardPage) nominatorBars() []Bar {
	var list []Bar
	for id, name := range p.nominators {
		list = append(list, Bar{Value: id, Label: name})
	}
	order := p.Compare()
	slices.SortFunc(list, func(a, b Bar) int { return cmp.Or(order(a.Label, b.Label), cmp.Compare(a.Value, b.Value)) })
	return list
}

// narrowed is the address of the board with one facet changed; an empty value takes it away.
func (p *boardPage) narrowed(by url.Values, name, value string) string {
	to := maps.Clone(by)
	to.Del(name)
	if value != "" {
		to.Set(name, value)
	}
	return p.Address(to.Encode())
}

// Address is that of the board with a query.
func (p *boardPage) Address(query string) string {
	if query == "" {
		return p.Base() + "/registrations"
	}
	return p.Base() + "/registrations?" + query
}

// Export is the address of the same list as a file.
func (p *boardPage) Export(ext string) string {
	return strings.Replace(p.Address(p.Query), "/registrations", "/registrations."+ext, 1)
}
