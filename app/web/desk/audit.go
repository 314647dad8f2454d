package desk

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/web"
)

const record = "/desk/audit"

// auditPage is the record of who did what, of all events in reach or of one.
type auditPage struct {
	eventPage // Event is nil where the record isn't one event's
	Lines     []AuditLine
	Who, Kind []web.Option
	From, To  string
	In        string // code of an event
	Query     string // of the address, without the page
	Filtered  bool
	Older     string // address of the next page
	Newest    string // address of the first page, on a later one
	Zone      string // in which the times are, where there is no event
	Seal      *Seal
	CanCheck  bool
}

// Seal says whether the record is whole.
type Seal struct {
	*audit.Check
	At, Began time.Time // on the reader's clock
	Problems  []string
	More      int
}

const auditRows = 50

// kinds are the kinds of things whose entries can be asked for; the first two are looks and files.
var kinds = []string{
	audit.View, audit.Export, "registration", "certificate", "event", "checkin_link", "nomination_link", "nomination", "person", "report", "project", "organisation",
	"institution", "donor", "user", "token", "network", "setting",
}

func (p *Pages) auditRoutes() []web.Route {
	view := web.Permission(account.ViewAudit)
	routes := []web.Route{
		web.GET(record, view, p.auditList),
		web.GET(record+".csv", view, p.auditCSV),
		web.GET(record+".xlsx", view, p.auditXLSX),
		web.POST(record+"/check", web.Permission(account.Administer), p.checkAudit),
		web.GET(one+"/audit", view, p.auditList),
		web.GET(one+"/audit.csv", view, p.auditCSV),
		web.GET(one+"/audit.xlsx", view, p.auditXLSX),
	}
	for i := range routes {
		routes[i].Deadline = documents
	}
	return routes
}

// auditQuery is what a request asks of the record.
type auditQuery struct {
	event  *event.Event // of the address, or nil
	reach  audit.Reach
	filter audit.Filter
	zone   *time.Location
	values url.Values // of the filter
}

// askAudit reads the query of a request and narrows it to what its actor may read.
func (p *Pages) askAudit(c *web.Ctx) (*auditQuery, error) {
	q := &auditQuery{reach: reachOf(c.Actor()), zone: time.UTC, values: url.Values{}}
	if c.Param("code") != "" {
		e, err := p.event(c)
		if err != nil {
			return nil, err
		}
		if err := event.May(c.Actor(), account.ViewAudit, e); err != nil {
			return nil, err
		}
		q.event, q.zone, q.filter.EventID = e, e.Location(), e.ID
	} else {
		c.About("record", 0, 0)
	}
	for _, name := range []string{"who", "kind", "from", "to", "event"} {
		if v := strings.TrimSpace(c.Query(name)); v != "" && len(v) <= 100 {
			q.values.Set(name, v)
		}
	}
	q.filter.After, _ = strconv.ParseInt(c.Query("after"), 10, 64)
	return q, p.narrowAudit(c, q)
}

func (p *Pages) narrowAudit(c *web.Ctx, q *auditQuery) error {
	if who := q.values.Get("who"); strings.HasPrefix(who, "u") {
		q.filter.UserID, _ = strconv.ParseInt(who[1:], 10, 64)
	} else if slices.Contains(byLink, who) {
		q.filter.Role = who
	}
	if kind := q.values.Get("kind"); slices.Contains(kinds, kind) {
		q.filter.Group = kind
	}
	if day, err := db.ParseDay(q.values.Get("from")); err == nil {
		q.filter.Since = day.In(q.zone, 0, 0)
	}
	if day, err := db.ParseDay(q.values.Get("to")); err == nil {
		q.filter.Before = day.Plus(1).In(q.zone, 0, 0)
	}
	if code := q.values.Get("event"); code != "" && q.event == nil {
		e, err := p.Events.ByCode(c.Context(), c.Actor(), strings.ToLower(code))
		switch fault.KindOf(err) {
		case fault.NotFound:
			q.reach = audit.Reach{} // there is none: nothing was done in it
		case "":
			if err != nil {
				return err
			}
			q.filter.EventID = e.ID
		default:
			return err
		}
	}
	return nil
}

// byLink are those who act without an account.
var byLink = []string{string(account.Participant), string(account.Helper), string(account.FocalPoint), audit.Program}

// reachOf says whose entries somebody may read.
func reachOf(a account.Actor) (r audit.Reach) {
	r.Projects, r.All = a.IDs(account.ViewAudit, account.ProjectScope)
	r.Organisations, _ = a.IDs(account.ViewAudit, account.OrganisationScope)
	r.Events, _ = a.IDs(account.ViewAudit, account.EventScope)
	return r
}

func (p *Pages) auditList(c *web.Ctx) error {
	q, err := p.askAudit(c)
	if err != nil {
		return err
	}
	list, err := audit.List(c.Context(), p.DB, q.reach, q.filter, auditRows+1)
	if err != nil {
		return err
	}
	page := p.auditPage(c, q)
	if len(list) > auditRows {
		list = list[:auditRows]
		page.Older = page.at(q.values, "after", strconv.FormatInt(list[auditRows-1].ID, 10))
	}
	if q.filter.After != 0 {
		page.Newest = page.at(q.values, "", "")
	}
	if page.Lines, err = p.auditLines(c, list, q.zone, q.event == nil); err != nil {
		return err
	}
	if err := p.auditFilters(c, page, q); err != nil {
		return err
	}
	if page.Seal, err = p.seal(c, q.zone); err != nil {
		return err
	}
	return c.Render("desk/audit_list", page)
}

func (p *Pages) auditPage(c *web.Ctx, q *auditQuery) *auditPage {
	page := &auditPage{Query: q.values.Encode(), Filtered: len(q.values) > 0, From: q.values.Get("from"), To: q.values.Get("to"), In: q.values.Get("event")}
	if q.event != nil {
		page.eventPage = p.under(c, q.event, "audit.tab")
	} else {
		page.Page = c.Page(c.T("audit.title"))
		page.NoIndex, page.Back, page.Zone = true, &web.Crumb{Href: "/desk", Label: c.T("nav.events")}, "UTC"
		page.CanCheck = c.Actor().Can(account.Administer)
	}
	page.Wide = true
	return page
}

// Address is that of the record.
func (p *auditPage) Address() string {
	if p.Event != nil {
		return p.Base() + "/audit"
	}
	return record
}

// at is the address of the record with a filter and one more parameter, if it has a name.
func (p *auditPage) at(values url.Values, name, value string) string {
	to := url.Values{}
	for k, v := range values {
		to[k] = v
	}
	if name != "" {
		to.Set(name, value)
	}
	if len(to) == 0 {
		return p.Address()
	}
	return p.Address() + "?" + to.Encode()
}

// Export is the address of the same list as a file.
func (p *auditPage) Export(ext string) string {
	if p.Query == "" {
		return p.Address() + "." + ext
	}
	return p.Address() + "." + ext + "?" + p.Query
}

func (p *Pages) auditFilters(c *web.Ctx, page *auditPage, q *auditQuery) error {
	within := q.reach
	if q.event != nil {
		within = audit.Reach{Events: []int64{q.event.ID}}
	}
	actors, err := audit.Actors(c.Context(), p.DB, within)
	if err != nil {
		return err
	}
	compare := c.Printer().Compare()
	slices.SortFunc(actors, func(a, b audit.Actor) int { return cmp.Or(compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	who, kind := q.values.Get("who"), q.values.Get("kind")
	for _, a := range actors {
		v := "u" + strconv.FormatInt(a.ID, 10)
		page.Who = append(page.Who, web.Option{Value: v, Label: a.Name, Chosen: v == who})
	}
	for _, r := range byLink {
		page.Who = append(page.Who, web.Option{Value: r, Label: c.T("audit.who." + r), Chosen: r == who})
	}
	for _, k := range kinds {
		page.Kind = append(page.Kind, web.Option{Value: k, Label: c.T("audit.kind." + k), Chosen: k == kind})
	}
	return nil
}

// seal says whether the record is whole, as it was checked last.
func (p *Pages) seal(c *web.Ctx, zone *time.Location) (*Seal, error) {
	if p.Audit == nil {
		return nil, nil
	}
	check, err := p.Audit.Last(c.Context())
	if err != nil {
		return nil, err
	}
	s := &Seal{Check: check, At: check.At.In(zone), More: check.More}
	if !check.Began.IsZero() {
		s.Began = check.Began.In(zone)
	}
	const shown = 20
	for i, x := range check.Problems {
		if i == shown {
			s.More += len(check.Problems) - shown
			break
		}
		s.Problems = append(s.Problems, c.T("audit.fault."+string(x.Fault), "Entry", x.EntryID, "Link", x.Seq, "Until", x.Until))
	}
	return s, nil
}

// checkAudit checks the whole record now.
func (p *Pages) checkAudit(c *web.Ctx) error {
	if p.Audit != nil {
		if _, err := p.Audit.Seal(c.Context()); err != nil {
			return err
		}
		if _, err := p.Audit.Check(c.Context()); err != nil {
			return err
		}
	}
	return c.Redirect(record)
}
