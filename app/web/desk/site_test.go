package desk_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/roster"
	"attesta/app/web"
	"attesta/app/web/desk"
	"attesta/locales"
	"attesta/static"
	"attesta/templates"
)

// The users of a site. Each signs in with the link named after them.
const (
	organiser   = "organiser"   // of the world's one organisation
	coordinator = "coordinator" // of its project
	stranger    = "stranger"    // an organiser of an organisation that has nothing here
	donor       = "donor"       // of the project
	auditor     = "auditor"     // of the project
)

var users = []string{organiser, coordinator, stranger, donor, auditor}

// site is the desk over a world, and one browser's cookies.
type site struct {
	*apptest.World
	server *web.Server
	pages  *desk.Pages
	jar    map[string]string
}

func newPeople(w *apptest.World) people {
	p := people{w: w}
	p.Visits = &apptest.Visits{Clock: w.Clock.Now, Who: func(id int64) (account.Actor, locale.Code, error) {
		a, err := p.actor(id)
		return a, locale.English, err
	}}
	return p
}

// people are the users of a site.
type people struct {
	*apptest.Visits
	w *apptest.World
}

func (p people) actor(id int64) (account.Actor, error) {
	if id < 1 || int(id) > len(users) {
		return account.Actor{}, fault.New(fault.NotFound, "error.not_found")
	}
	a := account.Actor{UserID: id, Name: users[id-1]}
	grant := func(role account.Role, kind account.ScopeKind, id int64) account.Actor {
		a.Grants = []account.Grant{{Role: role, Scope: account.Scope{Kind: kind, ID: id}}}
		return a
	}
	switch a.Name {
	case organiser:
		return grant(account.Organiser, account.OrganisationScope, p.w.Organisation.ID), nil
	case coordinator:
		return grant(account.Coordinator, account.ProjectScope, p.w.Project.ID), nil
	case auditor:
		return grant(account.Auditor, account.ProjectScope, p.w.Project.ID), nil
	case donor:
		return grant(account.Donor, account.ProjectScope, p.w.Project.ID), nil
	}
	return grant(account.Organiser, account.OrganisationScope, 9999), nil
}

func (people) SignIn(context.Context, string, string) (int64, error) {
	return 0, fault.New(fault.Invalid, "form.invalid")
}

func (people) LinkSignIn(_ context.Context, name string) (int64, error) {
	return int64(slices.Index(users, name) + 1), nil
}

func newSite(t testing.TB, d *db.DB, settings ...func(*web.Config)) *site {
	t.Helper()
	s := &site{World: apptest.NewWorld(t, d), jar: map[string]string{}}
	for _, name := range users {
		err := d.InTx(context.Background(), apptest.Exec("INSERT INTO users (email, email_key, name, locale, created_at) VALUES (?, ?, ?, 'en', 0)", name, name, name))
		if err != nil {
			t.Fatal(err)
		}
	}
	s.pages = &desk.Pages{
		DB: d, Catalogue: s.Catalogue, Network: s.Network, Projects: s.Projects, Events: s.Events, Registrations: s.Registrations, Attendance: s.Attendance,
		Certificates: s.Certificates, Persons: s.Persons, Roster: &roster.Desk{DB: d, Vocabulary: vocabulary(t), Secret: s.Secret, Clock: s.Clock.Now}, Clock: s.Clock.Now,
	}
	s.pages.Audit = &audit.Chain{DB: d, Key: audit.Key(s.Secret), Clock: s.Clock.Now}
	cfg := web.Config{
		BaseURL: "https://attesta.example", Catalogue: s.Catalogue, Name: locale.NewText("en", "Network"), Store: &db.Storage{DB: d, Clock: s.Clock.Now}, Templates: templates.Files,
		Static: static.Files, Accounts: newPeople(s.World), Looks: s.pages.Audit, Clock: s.Clock.Now, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})), Routes: s.pages.Routes(), Demo: true,
	}
	for _, set := range settings {
		set(&cfg)
	}
	var err error
	if s.server, err = web.New(cfg); err != nil {
		t.Fatal(err)
	}
	return s
}

var readVocabulary = sync.OnceValues(func() (*roster.Vocabulary, error) { return roster.LoadVocabulary(locales.FS) })

func vocabulary(t testing.TB) *roster.Vocabulary {
	t.Helper()
	v, err := readVocabulary()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// as signs somebody in, in a browser of their own.
func (s *site) as(t testing.TB, name string) *site {
	t.Helper()
	other := *s
	other.jar = map[string]string{}
	if a := other.get(t, "/sign-in/"+name); a.code != http.StatusSeeOther {
		t.Fatalf("signing in: %d %s", a.code, a.body)
	}
	return &other
}

// answer is what came back, parsed.
type answer struct {
	t    testing.TB
	code int
	head http.Header
	body string
	doc  *html.Node
}

// send asks as the browser does.
func (s *site) send(t testing.TB, r *http.Request) *http.Response {
	t.Helper()
	for name, value := range s.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := s.server.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		s.jar[c.Name] = c.Value
		if c.MaxAge < 0 || c.Value == "" {
			delete(s.jar, c.Name)
		}
	}
	return res
}

func (s *site) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	res := s.send(t, r)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{t: t, code: res.StatusCode, head: res.Header, body: string(body)}
	if a.doc, err = html.Parse(strings.NewReader(a.body)); err != nil {
		t.Fatal(err)
	}
	if a.code >= 500 {
		t.Fatalf("%s %s: %d %s", r.Method, r.URL.Path, a.code, a.body)
	}
	return a
}

func (s *site) get(t testing.TB, path string) answer {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodGet, "https://attesta.example"+path, nil))
}

// post sends a form with the token of the page at from.
func (s *site) post(t testing.TB, from, path string, values url.Values) answer {
	t.Helper()
	return s.write(t, http.MethodPost, from, path, values)
}

// write is post by any method that writes.
func (s *site) write(t testing.TB, method, from, path string, values url.Values) answer {
	t.Helper()
	if values == nil {
		values = url.Values{}
	}
	if values.Get("_csrf") == "" {
		values.Set("_csrf", s.get(t, from).attr("input[name=_csrf]", "value"))
	}
	r := httptest.NewRequest(method, "https://attesta.example"+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Csrf-Token", values.Get("_csrf"))
	return s.do(t, r)
}

// filled returns what the form at selector would send as it stands.
func (a answer) filled(selector string) url.Values {
	a.t.Helper()
	values := url.Values{}
	for _, n := range a.all(selector + " input, " + selector + " textarea") {
		kind, name := attrOf(n, "type"), attrOf(n, "name")
		if name == "" || (kind == "checkbox" || kind == "radio") && !hasAttr(n, "checked") {
			continue
		}
		v := attrOf(n, "value")
		if n.Data == "textarea" {
			v = words(n)
		}
		values.Add(name, v)
	}
	for _, n := range a.all(selector + " option[selected]") {
		for p := n.Parent; p != nil; p = p.Parent {
			if p.Data == "select" {
				values.Add(attrOf(p, "name"), attrOf(n, "value"))
			}
		}
	}
	return values
}

func (a answer) all(selector string) []*html.Node {
	a.t.Helper()
	sel, err := cascadia.ParseGroup(selector)
	if err != nil {
		a.t.Fatal(err)
	}
	return cascadia.QueryAll(a.doc, sel)
}

// text returns the words of the only element that a selector finds.
func (a answer) text(selector string) string {
	a.t.Helper()
	found := a.all(selector)
	if len(found) != 1 {
		a.t.Fatalf("%d elements are %s in %d\n%s", len(found), selector, a.code, a.body)
	}
	return words(found[0])
}

// texts returns the words of each element that a selector finds.
func (a answer) texts(selector string) []string {
	a.t.Helper()
	var all []string
	for _, n := range a.all(selector) {
		all = append(all, words(n))
	}
	return all
}

// attr returns an attribute of the first element that a selector finds.
func (a answer) attr(selector, name string) string {
	a.t.Helper()
	found := a.all(selector)
	if len(found) == 0 {
		a.t.Fatalf("nothing is %s in %d\n%s", selector, a.code, a.body)
	}
	return attrOf(found[0], name)
}

func attrOf(n *html.Node, name string) string {
	for _, x := range n.Attr {
		if x.Key == name {
			return x.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(x html.Attribute) bool { return x.Key == name })
}

func words(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
