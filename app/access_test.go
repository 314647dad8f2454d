package app_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"attesta/app/web"
)

// access is the row of one route: who may call it, and what it is about. It is written by hand, from what the roles are
// for, and not from the program's own table, against which it is held.
type access struct {
	who string // letters of reach.people: Administrator, Coordinator, Organiser, organiser of one Event, aUditor, Donor; "*" anyone, "+" whoever signed in, "link" the holder of a link, "token …" a program with a token of theirs
	of  string // event, project, organisation: answers 404 to whom it lies out of reach; "" nothing in particular; letters after ! to whom it is never there
}

// rows has a row for each route; a route without one fails the test.
var rows = map[string]access{
	"GET /":             {"*", ""},
	"GET /readyz":       {"*", ""},
	"GET /robots.txt":   {"*", ""},
	"GET /sitemap.xml":  {"*", ""},
	"GET /favicon.ico":  {"*", ""},
	"GET /institutions": {"*", ""},

	"GET /sign-in":         {"*", ""},
	"POST /sign-in":        {"*", ""},
	"GET /sign-in/link":    {"*", ""},
	"POST /sign-in/link":   {"*", ""},
	"GET /sign-in/:token":  {"*", ""},
	"POST /sign-in/:token": {"*", ""},
	"GET /setup/:token":    {"*", ""},
	"POST /setup/:token":   {"*", ""},
	"POST /sign-out":       {"+", ""},

	"GET /sign-in/oidc":                   {"*", ""},
	"GET /sign-in/oidc/callback":          {"*", ""},
	"GET /sign-in/oidc/failed":            {"*", ""},
	"GET /account/identities":             {"+", ""},
	"POST /account/identities":            {"+", ""},
	"POST /account/identities/:id/unlink": {"+", ""},

	"POST /sign-in/ask":                {"*", ""},
	"POST /sign-in/passkey":            {"*", ""},
	"GET /sign-in/second":              {"+", ""},
	"POST /sign-in/second":             {"+", ""},
	"POST /sign-in/second/ask":         {"+", ""},
	"POST /sign-in/second/passkey":     {"+", ""},
	"GET /account/proof":               {"+", ""},
	"POST /account/proof":              {"+", ""},
	"GET /account/factors":             {"+", ""},
	"GET /account/factors/app":         {"+", ""},
	"POST /account/factors/app":        {"+", ""},
	"POST /account/factors/ask":        {"+", ""},
	"POST /account/factors/passkey":    {"+", ""},
	"POST /account/factors/codes":      {"+", ""},
	"POST /account/factors/codes/file": {"+", ""},
	"POST /account/factors/name":       {"+", ""},
	"POST /account/factors/remove":     {"+", ""},

	"GET /:locale/":                                   {"*", ""},
	"GET /:locale/card.png":                           {"*", ""},
	"GET /:locale/events":                             {"*", ""},
	"GET /:locale/events.rss":                         {"*", ""},
	"GET /:locale/events/:code/card.png":              {"*", ""},
	"GET /:locale/events/:code/programme":             {"*", ""},
	"GET /:locale/events/:code/trainers/:speaker":     {"*", ""},
	"GET /:locale/events/:code":                       {"*", ""},
	"GET /:locale/events/:code.ics":                   {"*", ""},
	"GET /:locale/events.ics":                         {"*", ""},
	"GET /:locale/events/:code/programme.ics":         {"*", ""},
	"GET /:locale/events/:code/programme.pdf":         {"*", ""},
	"GET /:locale/events/:code/sessions/:session.ics": {"*", ""},
	"GET /:locale/events/:code/register":              {"*", ""},
	"POST /:locale/events/:code/register":             {"*", ""},
	"GET /:locale/events/:code/register/decline":      {"*", ""},
	"POST /:locale/events/:code/register/decline":     {"*", ""},
	"GET /:locale/events/:code/materials/:material":   {"*", ""},
	"GET /verify":              {"*", ""},
	"GET /verify/:number":      {"*", ""},
	"POST /verify/:number":     {"*", ""},
	"GET /verify/:number.json": {"*", ""},

	"GET /my/:token":                     {"link", ""},
	"GET /my/:token/calendar.ics":        {"link", ""},
	"GET /my/:token/materials/:material": {"link", ""},
	"GET /my/:token/cancel":              {"link", ""},
	"POST /my/:token/cancel":             {"link", ""},
	"GET /certificates/:number.pdf":      {"link", ""},
	"GET /nominate/:token":               {"link", ""},
	"POST /nominate/:token":              {"link", ""},
	"POST /nominate/:token/withdraw":     {"link", ""},
	"GET /checkin/:token":                {"link", ""},
	"POST /checkin/:token":               {"link", ""},
	"POST /checkin/:token/find":          {"link", ""},
	"POST /checkin/:token/marks":         {"link", ""},
	"GET /checkin/:token/count":          {"link", ""},

	"GET /desk":                                             {"ACOEU", ""},
	"GET /desk/start":                                       {"A", ""},
	"POST /desk/start":                                      {"A", ""},
	"GET /desk/events/new":                                  {"ACOE", ""},
	"POST /desk/events/new":                                 {"ACOE", ""},
	"GET /desk/events/:code":                                {"ACOEU", "event"},
	"GET /desk/events/:code/edit":                           {"ACOE", "event"},
	"POST /desk/events/:code/edit":                          {"ACOE", "event"},
	"POST /desk/events/:code/publish":                       {"ACOE", "event"},
	"POST /desk/events/:code/open":                          {"ACOE", "event"},
	"POST /desk/events/:code/close":                         {"ACOE", "event"},
	"GET /desk/events/:code/state":                          {"ACOE", "event"},
	"GET /desk/events/:code/cancel":                         {"ACOE", "event"},
	"POST /desk/events/:code/cancel":                        {"ACOE", "event"},
	"POST /desk/events/:code/archive":                       {"ACOE", "event"},
	"POST /desk/events/:code/unarchive":                     {"ACOE", "event"},
	"POST /desk/events/:code/unpublish":                     {"ACOE", "event"},
	"GET /desk/events/:code/discard":                        {"ACOE", "event"},
	"POST /desk/events/:code/discard":                       {"ACOE", "event"},
	"GET /desk/events/:code/programme":                      {"ACOE", "event"},
	"POST /desk/events/:code/programme":                     {"ACOE", "event"},
	"POST /desk/events/:code/programme/check":               {"ACOE", "event"},
	"GET /desk/events/:code/languages":                      {"ACOE", "event"},
	"GET /desk/events/:code/languages/:language":            {"ACOE", "event"},
	"POST /desk/events/:code/languages/:language":           {"ACOE", "event"},
	"GET /desk/events/:code/languages/:language.xlsx":       {"ACOE", "event"},
	"POST /desk/events/:code/languages/:language/file":      {"ACOE", "event"},
	"GET /desk/events/new/from":                             {"ACOE", ""},
	"GET /desk/events/:code/copy":                           {"ACOE", "event"},
	"POST /desk/events/:code/copy":                          {"ACOE", "event"},
	"POST /desk/templates/:event":                           {"A", "event"},
	"GET /desk/events/:code/materials":                      {"ACOE", "event"},
	"POST /desk/events/:code/materials":                     {"ACOE", "event"},
	"GET /desk/events/:code/materials/new":                  {"ACOE", "event"},
	"POST /desk/events/:code/materials/new":                 {"ACOE", "event"},
	"GET /desk/events/:code/materials/:material":            {"ACOE", "event"},
	"POST /desk/events/:code/materials/:material":           {"ACOE", "event"},
	"GET /desk/events/:code/materials/:material/file":       {"ACOEU", "event"},
	"GET /desk/events/:code/materials/:material/remove":     {"ACOE", "event"},
	"POST /desk/events/:code/materials/:material/remove":    {"ACOE", "event"},
	"POST /desk/events/:code/uploads":                       {"ACOE", "event"},
	"GET /desk/events/:code/uploads/:upload":                {"ACOE", "event"},
	"PATCH /desk/events/:code/uploads/:upload":              {"ACOE", "event"},
	"POST /desk/events/:code/uploads/:upload/finish":        {"ACOE", "event"},
	"POST /desk/events/:code/uploads/:upload/discard":       {"ACOE", "event"},
	"GET /portraits/:digest.jpg":                            {"*", ""},
	"GET /portraits/:digest/small.jpg":                      {"*", ""},
	"GET /desk/events/:code/people":                         {"ACOE", "event"},
	"GET /desk/events/:code/people/new":                     {"ACOE", "event"},
	"POST /desk/events/:code/people/new":                    {"ACOE", "event"},
	"GET /desk/events/:code/people/take":                    {"ACOE", "event"},
	"POST /desk/events/:code/people/take":                   {"ACOE", "event"},
	"GET /desk/events/:code/people/:speaker":                {"ACOE", "event"},
	"POST /desk/events/:code/people/:speaker":               {"ACOE", "event"},
	"POST /desk/events/:code/people/:speaker/move":          {"ACOE", "event"},
	"GET /desk/events/:code/people/:speaker/remove":         {"ACOE", "event"},
	"POST /desk/events/:code/people/:speaker/remove":        {"ACOE", "event"},
	"GET /desk/events/:code/rooms":                          {"ACOE", "event"},
	"POST /desk/events/:code/rooms":                         {"ACOE", "event"},
	"POST /desk/events/:code/tracks":                        {"ACOE", "event"},
	"GET /desk/events/:code/rooms/:room":                    {"ACOE", "event"},
	"POST /desk/events/:code/rooms/:room":                   {"ACOE", "event"},
	"POST /desk/events/:code/rooms/:room/move":              {"ACOE", "event"},
	"GET /desk/events/:code/rooms/:room/remove":             {"ACOE", "event"},
	"POST /desk/events/:code/rooms/:room/remove":            {"ACOE", "event"},
	"GET /desk/events/:code/tracks/:track":                  {"ACOE", "event"},
	"POST /desk/events/:code/tracks/:track":                 {"ACOE", "event"},
	"POST /desk/events/:code/tracks/:track/move":            {"ACOE", "event"},
	"GET /desk/events/:code/tracks/:track/remove":           {"ACOE", "event"},
	"POST /desk/events/:code/tracks/:track/remove":          {"ACOE", "event"},
	"GET /desk/events/:code/attendance":                     {"ACOEU", "event"},
	"POST /desk/events/:code/attendance":                    {"ACOE", "event"},
	"POST /desk/events/:code/attendance/links":              {"ACOE", "event"},
	"POST /desk/events/:code/attendance/links/:link/revoke": {"ACOE", "event"},
	"GET /desk/events/:code/nominations":                    {"ACOE", "event"},
	"POST /desk/events/:code/nominations":                   {"ACOE", "event"},
	"GET /desk/events/:code/nominations/:offer":             {"ACOE", "event"},
	"POST /desk/events/:code/nominations/:offer":            {"ACOE", "event"},
	"POST /desk/events/:code/nominations/:offer/send":       {"ACOE", "event"},
	"POST /desk/events/:code/nominations/:offer/remind":     {"ACOE", "event"},
	"POST /desk/events/:code/nominations/:offer/revoke":     {"ACOE", "event"},
	"GET /desk/events/:code/registrations":                  {"ACOEU", "event"},
	"POST /desk/events/:code/registrations":                 {"ACOE", "event"},
	"GET /desk/events/:code/registrations.csv":              {"ACOEU", "event"},
	"GET /desk/events/:code/registrations.xlsx":             {"ACOEU", "event"},
	"GET /desk/events/:code/registrations/:registration":    {"ACOEU", "event"},
	"GET /desk/events/:code/import":                         {"ACOE", "event"},
	"POST /desk/events/:code/import":                        {"ACOE", "event"},
	"GET /desk/events/:code/certificates":                   {"ACOEU", "event"},
	"POST /desk/events/:code/certificates":                  {"ACOE", "event"},
	"GET /desk/events/:code/certificates.pdf":               {"ACOEU", "event"},
	"GET /desk/events/:code/certificates.zip":               {"ACOEU", "event"},
	"GET /desk/events/:code/certificates/:number.pdf":       {"ACOEU", "event"},
	"GET /desk/events/:code/certificates/:number/revoke":    {"ACOE", "event"},
	"POST /desk/events/:code/certificates/:number/revoke":   {"ACOE", "event"},
	"POST /desk/events/:code/certificates/:number/reissue":  {"ACOE", "event"},
	"GET /desk/persons/suggestions":                         {"AC", ""},
	"POST /desk/persons/merge":                              {"AC", ""},
	"POST /desk/persons/unmerge":                            {"AC", ""},
	"GET /desk/figures":                                     {"ACU", ""},
	"GET /desk/figures/:project":                            {"ACU", "project"},
	"POST /desk/figures/:project/reports":                   {"AC", "project"},
	"GET /desk/figures/:project/reports/:report.pdf":        {"ACU", "project"},
	"GET /desk/figures/:project/reports/:report.xlsx":       {"ACU", "project"},
	"GET /desk/figures/:project/reports/:report.csv":        {"ACU", "project"},

	"GET /donor":                                    {"ACUD", ""},
	"GET /desk/network":                             {"A", ""},
	"POST /desk/network":                            {"A", ""},
	"GET /desk/organisations":                       {"A", ""},
	"GET /desk/organisations/new":                   {"A", ""},
	"POST /desk/organisations/new":                  {"A", ""},
	"GET /desk/organisations/:organisation":         {"A", ""},
	"POST /desk/organisations/:organisation":        {"A", ""},
	"POST /desk/organisations/:organisation/close":  {"A", ""},
	"POST /desk/organisations/:organisation/reopen": {"A", ""},
	"GET /desk/donors":                              {"A", ""},
	"GET /desk/donors/new":                          {"A", ""},
	"POST /desk/donors/new":                         {"A", ""},
	"GET /desk/donors/:donor":                       {"A", ""},
	"POST /desk/donors/:donor":                      {"A", ""},
	"POST /desk/donors/:donor/logo":                 {"A", ""},
	"POST /desk/donors/:donor/logo/remove":          {"A", ""},
	"GET /desk/projects":                            {"AC", ""},
	"GET /desk/projects/new":                        {"A", ""},
	"POST /desk/projects/new":                       {"A", ""},
	"GET /desk/members":                             {"ACOE", ""},
	"GET /desk/members/network":                     {"A", ""},
	"POST /desk/members/network":                    {"A", ""},
	"GET /desk/members/project/:project":            {"AC", "project"},
	"POST /desk/members/project/:project":           {"AC", "project"},
	"GET /desk/members/organisation/:organisation":  {"ACOE", "organisation!CE"},
	"POST /desk/members/organisation/:organisation": {"ACO", "organisation!C"},
	"GET /desk/members/event/:code":                 {"ACOE", "event"},
	"POST /desk/members/event/:code":                {"ACO", "event"},
	"GET /desk/members/:grant/remove":               {"ACO", "event"},
	"POST /desk/members/:grant/remove":              {"ACO", "event"},
	"POST /desk/members/:grant/resend":              {"ACO", "event"},
	"GET /desk/users":                               {"A", ""},
	"GET /desk/users/:user":                         {"A", ""},
	"POST /desk/users/:user/disable":                {"A", ""},
	"POST /desk/users/:user/enable":                 {"A", ""},
	"POST /desk/users/:user/sign-out":               {"A", ""},
	"POST /desk/users/:user/factors":                {"A", ""},
	"POST /desk/users/:user/invite":                 {"A", ""},
	"GET /desk/institutions":                        {"AC", ""},
	"POST /desk/institutions/merge":                 {"AC", ""},
	"GET /desk/institutions/:institution":           {"AC", ""},
	"POST /desk/institutions/:institution":          {"AC", ""},
	"POST /desk/institutions/:institution/separate": {"AC", ""},
	"GET /desk/projects/:project":                   {"AC", "project"},
	"POST /desk/projects/:project":                  {"AC", "project"},
	"GET /logos/:digest.png":                        {"*", ""},

	"GET /donor/:project":             {"ACUD", "project"},
	"GET /donor/:project/report.pdf":  {"ACUD", "project"},
	"GET /donor/:project/report.xlsx": {"ACUD", "project"},
	"GET /donor/:project/report.csv":  {"ACUD", "project"},

	"GET /account":                                          {"+", ""},
	"POST /account":                                         {"+", ""},
	"POST /account/role":                                    {"+", ""},
	"POST /account/visits":                                  {"+", ""},
	"GET /account/welcome":                                  {"+", ""},
	"POST /account/welcome":                                 {"+", ""},
	"GET /account/email":                                    {"+", ""},
	"POST /account/email":                                   {"+", ""},
	"GET /account/email/:token":                             {"+", ""},
	"POST /account/email/:token":                            {"+", ""},
	"GET /account/password":                                 {"+", ""},
	"POST /account/password":                                {"+", ""},
	"GET /account/tokens":                                   {"+", ""},
	"POST /account/tokens":                                  {"+", ""},
	"POST /account/tokens/revoke":                           {"+", ""},
	"GET /desk/audit":                                       {"ACOEU", ""},
	"GET /desk/audit.csv":                                   {"ACOEU", ""},
	"GET /desk/audit.xlsx":                                  {"ACOEU", ""},
	"POST /desk/audit/check":                                {"A", ""},
	"GET /desk/events/:code/audit":                          {"ACOEU", "event"},
	"GET /desk/events/:code/audit.csv":                      {"ACOEU", "event"},
	"GET /desk/events/:code/audit.xlsx":                     {"ACOEU", "event"},
	"GET /api/v1":                                           {"*", ""},
	"GET /api/v1/openapi.json":                              {"*", ""},
	"GET /api/v1/token":                                     {"token *", ""},
	"GET /api/v1/projects":                                  {"token ACOEUD", ""},
	"GET /api/v1/projects/:project/figures":                 {"token ACUD", "project"},
	"GET /api/v1/events":                                    {"token ACOEU", ""},
	"GET /api/v1/events/:event":                             {"token ACOEU", "event"},
	"GET /api/v1/events/:event/attendance":                  {"token ACOEU", "event"},
	"POST /api/v1/events/:event/claims":                     {"token ACOE", "event"},
	"GET /api/v1/events/:event/certificates":                {"token ACOEU", "event"},
	"POST /api/v1/events/:event/certificates":               {"token ACOE", "event"},
	"GET /api/v1/events/:event/registrations":               {"token ACOEU", "event"},
	"GET /api/v1/events/:event/registrations/:registration": {"token ACOEU", "event"},
	"POST /api/v1/events/:event/registrations/:registration/decision": {"token ACOE", "event"},
}

// allowed reports whether somebody may do what the row says, wherever.
func (a access) allowed(p *who) bool {
	switch who := strings.TrimPrefix(a.who, "token "); who {
	case "*":
		return p.letter != "V" || who == a.who
	case "+":
		return p.letter != "V"
	default:
		return strings.Contains(who, p.letter)
	}
}

// named is what of a target only those in reach who see names may ever be shown.
func named(p *who, x *target) bool { return strings.Contains("ACOEU", p.letter) && p.reach(x) }

// verdict says whether an answer lets somebody in, or how it turns them away.
func verdict(res *http.Response) string {
	switch s := res.StatusCode; {
	case s == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/sign-in"), s == http.StatusUnauthorized:
		return "sign in"
	case s == http.StatusForbidden:
		return "forbidden"
	case s == http.StatusNotFound:
		return "not found"
	case s >= 500:
		return "failed: " + res.Status
	}
	return "in"
}

// want is the verdict that a row asks for.
func (a access) want(p *who, x *target) string {
	of, never, _ := strings.Cut(a.of, "!")
	switch {
	case strings.HasPrefix(a.who, "token ") && p.letter == "X": // a token dies with the role
		return "sign in"
	case strings.Contains(never, p.letter):
		return "not found"
	case a.allowed(p) && (of == "" || p.reach(x)):
		return "in"
	case p.letter == "V":
		return "sign in"
	case a.allowed(p):
		return "not found"
	}
	return "forbidden"
}

func TestEveryRouteAnswersEveryRoleAsTheTableSays(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReach(t, fresh(t))
			routes, err := r.App.Routes()
			if err != nil {
				t.Fatal(err)
			}
			slices.SortStableFunc(routes, func(a, b web.Route) int { return order(a) - order(b) })
			people, cases := r.people(t), 0
			for _, route := range routes {
				row, ok := rows[route.Method+" "+route.Path]
				if !ok {
					t.Errorf("%s %s has no row: say in rows who may call it", route.Method, route.Path)
					continue
				}
				if row.who == "link" || row.who == "*" {
					continue // below
				}
				for _, x := range r.targets {
					for _, p := range people {
						if row.who == "+" && route.Writes() && p.letter != "V" {
							continue // about oneself: the features' own tests; some end what the other cases need
						}
						if x.name == "crossed" && len(parameter.FindAllString(route.Path, -1)) < 2 {
							continue // one's own event with what hangs on another's
						}
						if strings.HasPrefix(row.who, "token ") {
							r.checkToken(t, route, row, p, x)
						} else {
							r.check(t, route, row, p, x)
						}
						cases++
					}
				}
			}
			t.Logf("%d cases", cases)
		})
	}
}

// order has what reads asked before what writes, and what ends things last.
func order(r web.Route) int {
	switch {
	case r.Path == "/sign-out":
		return 3
	case strings.HasSuffix(r.Path, "revoke"):
		return 2
	case r.Writes():
		return 1
	}
	return 0
}

var parameter = regexp.MustCompile(`:[a-z]+`)

// path is the address of a route about one target.
func (r *reach) path(t *testing.T, route web.Route, x *target) string {
	t.Helper()
	return parameter.ReplaceAllStringFunc(route.Path, func(name string) string {
		v, ok := x.params[name[1:]]
		if !ok && strings.HasPrefix(route.Path, "/account/") {
			return "1"
		}
		if !ok {
			t.Fatalf("%s: nothing stands for %s", route.Path, name)
		}
		return v
	})
}

// check asks one route about one target as one person.
func (r *reach) check(t *testing.T, route web.Route, row access, p *who, x *target) {
	t.Helper()
	if strings.Contains(route.Path, ":number") {
		r.certify(t, x)
	}
	if strings.Contains(route.Path, ":grant") {
		r.invited(t, x)
	}
	if strings.Contains(route.Path, ":speaker") || strings.Contains(route.Path, ":room") || strings.Contains(route.Path, ":track") {
		r.parts(t, x)
	}
	if strings.Contains(route.Path, ":material") || strings.Contains(route.Path, ":upload") {
		r.supplied(t, p, x)
	}
	path := r.path(t, route, x)
	before := r.deeds(t)
	res, body := r.ask(t, p, route.Method, path, url.Values{"_csrf": {p.csrf}})
	r.judge(t, route, row, p, x, path, before, res, body)
}

// bodies are what programs send, without which they are told so before anything else.
var bodies = map[string]string{
	"/api/v1/events/:event/claims":                               `{"claims":[{"key":"k","registration":"X","unit":1}]}`,
	"/api/v1/events/:event/registrations/:registration/decision": `{"status":"approved"}`,
}

// checkToken asks one route of the interface for programs with the token of one person, and with their cookie instead.
func (r *reach) checkToken(t *testing.T, route web.Route, row access, p *who, x *target) {
	t.Helper()
	path := r.path(t, route, x)
	if res, _ := r.send(t, p, route.Method, path, url.Values{"_csrf": {p.csrf}}); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("%s %s believes the cookie of %s: %s", route.Method, path, p.name, res.Status)
	}
	before := r.deeds(t)
	headers := []string{"Content-Type", "application/json"}
	if p.token != "" {
		headers = append(headers, "Authorization", "Bearer "+p.token)
	}
	guest := &who{client: &http.Client{CheckRedirect: noRedirect}}
	res, body := r.sendBody(t, guest, route.Method, path, bodies[route.Path], headers...)
	r.judge(t, route, row, p, x, path, before, res, body)
}

// judge holds an answer against the row.
func (r *reach) judge(t *testing.T, route web.Route, row access, p *who, x *target, path string, before int, res *http.Response, body string) {
	t.Helper()
	got, want := verdict(res), row.want(p, x)
	if row.of == "" && x.scopes == nil && want == "in" && x.name == "deleted" {
		return // nothing that could be gone
	}
	if got != want {
		t.Errorf("%s %s (%s) as %s: %s (%d), want %s", route.Method, path, x.name, p.name, got, res.StatusCode, want)
	}
	if got != "in" && route.Writes() && r.deeds(t) != before {
		t.Errorf("%s %s as %s was turned away, and something was done", route.Method, path, p.name)
	}
	for _, y := range r.targets {
		if !named(p, y) && y.scopes != nil && strings.Contains(strings.ToLower(body), y.canary) {
			t.Errorf("%s %s as %s tells of a participant: %s", route.Method, path, p.name, y.name)
		}
	}
	if got == "in" && row.of == "event" && strings.HasPrefix(route.Path, "/desk/events/:code/registrations") && !route.Writes() && !strings.Contains(strings.ToLower(body), x.canary) {
		t.Errorf("control: %s %s as %s names nobody", route.Method, path, p.name)
	}
}

// deeds is how much the record holds of what was done, not of what was looked at.
func (r *reach) deeds(t *testing.T) int {
	t.Helper()
	var n int
	if err := r.DB.Read().NewRaw("SELECT COUNT(*) FROM audit WHERE action NOT IN ('view', 'export')").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhoeverHoldsALinkGetsWhatItIsForAndNothingElse(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReach(t, fresh(t))
			routes, err := r.App.Routes()
			if err != nil {
				t.Fatal(err)
			}
			people := r.people(t)
			for _, route := range routes {
				if rows[route.Method+" "+route.Path].who != "link" || !strings.Contains(route.Path, ":token") {
					continue
				}
				links, ok := r.links[strings.Split(route.Path, "/")[1]]
				if !ok {
					t.Errorf("%s: there is no link to try", route.Path)
				}
				for i, link := range links {
					for _, p := range people {
						if link != "" {
							r.open(t, route, strings.NewReplacer(":token", link, ":material", r.targets[0].params["material"]).Replace(route.Path), p, i)
						}
					}
				}
			}
		})
	}
}

// open asks a route under a link: 0 a link that works, 1 one of another kind, 2 a made-up one, 3 one that has ended.
func (r *reach) open(t *testing.T, route web.Route, path string, p *who, kind int) {
	t.Helper()
	if kind == 0 && route.Writes() {
		return // the features' own tests
	}
	res, body := r.ask(t, p, route.Method, path, url.Values{"_csrf": {p.csrf}})
	in := res.StatusCode < 400
	if in != (kind == 0) {
		t.Errorf("%s %s as %s: %s", route.Method, path, p.name, res.Status)
	}
	for _, x := range r.targets {
		own := kind == 0 && x.name == "own" && strings.HasPrefix(route.Path, "/my/")
		if !own && strings.Contains(strings.ToLower(body), x.canary) {
			t.Errorf("%s %s as %s tells of a participant: %s", route.Method, path, p.name, x.name)
		}
	}
}

func TestWhatAnyoneMayReadNamesNobody(t *testing.T) {
	r := newReach(t, databases["sqlite"](t))
	routes, err := r.App.Routes()
	if err != nil {
		t.Fatal(err)
	}
	visitor := r.people(t)[0]
	for _, route := range routes {
		if rows[route.Method+" "+route.Path].who != "*" || route.Writes() {
			continue
		}
		for _, x := range r.targets {
			path := parameter.ReplaceAllStringFunc(route.Path, func(name string) string { return x.params[name[1:]] })
			_, body := r.ask(t, visitor, route.Method, path, nil)
			certificate := strings.HasPrefix(route.Path, "/verify/:number") // it says whose it is to who holds the number
			if !certificate && strings.Contains(strings.ToLower(body), x.canary) {
				t.Errorf("%s names a participant", path)
			}
		}
	}
}
