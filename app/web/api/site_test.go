package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/registration"
	"attesta/app/web"
	"attesta/app/web/api"
	"attesta/static"
	"attesta/templates"
)

const base = "https://attesta.example"

// site is the API over a world, with users who hold tokens. Every answer is held against the OpenAPI document.
type site struct {
	*apptest.World
	accounts *account.Accounts
	server   *web.Server
	pages    *api.Pages
	users    map[string]account.Actor
	other    *project.Organisation // has no part in the world's project
	jar      map[string]string     // cookies
}

var light = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

func newSite(t testing.TB, d *db.DB) *site {
	t.Helper()
	s := &site{World: apptest.NewWorld(t, d), users: map[string]account.Actor{}, jar: map[string]string{}}
	var err error
	if s.accounts, err = account.New(account.Options{DB: d, Clock: s.Clock.Now, Hashing: light}); err != nil {
		t.Fatal(err)
	}
	if s.other, err = s.Projects.AddOrganisation(t.Context(), account.System, project.Organisation{Code: "other", Name: locale.NewText("en", "Other"), Country: "AL"}); err != nil {
		t.Fatal(err)
	}
	here, there, grant := account.Scope{Kind: account.OrganisationScope, ID: s.Organisation.ID}, account.Scope{Kind: account.OrganisationScope, ID: s.other.ID}, s.Project.Scope()
	for name, g := range map[string]account.Grant{
		"organiser": {Role: account.Organiser, Scope: here}, "coordinator": {Role: account.Coordinator, Scope: grant}, "stranger": {Role: account.Organiser, Scope: there},
		"donor": {Role: account.Donor, Scope: grant}, "administrator": {Role: account.Administrator, Scope: account.Scope{Kind: account.Installation}},
	} {
		s.user(t, name, g)
	}
	s.pages = &api.Pages{
		DB: d, Tokens: s.accounts, Projects: s.Projects, Events: s.Events, Registrations: s.Registrations, Attendance: s.Attendance, Certificates: s.Certificates,
		Secret: s.Secret, Clock: s.Clock.Now,
	}
	desk := web.GET("/desk", web.SignedIn, func(c *web.Ctx) error { return c.JSON(c.Actor().Name) })
	s.server, err = web.New(web.Config{
		BaseURL: base, Catalogue: s.Catalogue, Name: locale.NewText("en", "Network"), Store: &db.Storage{DB: d, Clock: s.Clock.Now}, Templates: templates.Files,
		Static: static.Files, Accounts: s.accounts, Clock: s.Clock.Now, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
		Routes: append(s.pages.Routes(), desk), Demo: true, Looks: &audit.Chain{DB: d, Clock: s.Clock.Now},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) user(t testing.TB, name string, g account.Grant) {
	t.Helper()
	id, err := s.accounts.CreateUser(t.Context(), account.System, account.NewUser{Email: name + "@attesta.example", Name: name})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.accounts.Grant(t.Context(), account.System, id, g.Role, g.Scope); err != nil {
		t.Fatal(err)
	}
	if s.users[name], err = s.accounts.Actor(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

// token makes a token of a user for all of their role.
func (s *site) token(t testing.TB, name string, writes bool) string {
	t.Helper()
	g := s.users[name].Grants[0]
	return s.make(t, name, account.NewToken{Role: g.Role, Scope: g.Scope, Writes: writes})
}

func (s *site) make(t testing.TB, name string, n account.NewToken) string {
	t.Helper()
	n.Label, n.Expires = "Test", s.Clock.Now().AddDate(0, 1, 0)
	secret, err := s.accounts.MakeToken(t.Context(), s.users[name], n)
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// answer is what came back.
type answer struct {
	t    testing.TB
	code int
	head http.Header
	raw  []byte
	body map[string]any
}

// at returns a value in the body: at("items", 0, "code").
func (a answer) at(path ...any) any {
	a.t.Helper()
	var v any = a.body
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				a.t.Fatalf("no %v in %s", path, a.raw)
			}
			v = m[p]
		case int:
			l, ok := v.([]any)
			if !ok || p >= len(l) {
				a.t.Fatalf("no %v in %s", path, a.raw)
			}
			v = l[p]
		}
	}
	return v
}

// each returns a value of every item.
func (a answer) each(name string) []string {
	a.t.Helper()
	out := []string{}
	items, ok := a.body["items"].([]any)
	if !ok {
		a.t.Fatalf("no items in %d %s", a.code, a.raw)
	}
	for i := range items {
		v, _ := a.at("items", i, name).(string)
		out = append(out, v)
	}
	return out
}

func (s *site) get(t testing.TB, token, path string) answer {
	t.Helper()
	return s.do(t, s.request(http.MethodGet, token, path, ""))
}

func (s *site) post(t testing.TB, token, path string, body any) answer {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return s.do(t, s.request(http.MethodPost, token, path, string(b)))
}

func (s *site) request(method, token, path, body string) *http.Request {
	r := httptest.NewRequest(method, base+path, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// do sends a request. Of an API's answer it checks what holds for all of them.
func (s *site) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	for name, value := range s.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := s.server.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	a := answer{t: t, code: res.StatusCode, head: res.Header}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(r.URL.Path, api.Root) {
		for _, c := range res.Cookies() {
			s.jar[c.Name] = c.Value
		}
		return a
	}
	if len(res.Cookies()) > 0 {
		t.Errorf("%s %s sets a cookie", r.Method, r.URL)
	}
	if a.code >= http.StatusInternalServerError {
		t.Errorf("%s %s: %d %s", r.Method, r.URL, a.code, a.raw)
	}
	if len(a.raw) > 0 {
		if err := json.Unmarshal(a.raw, &a.body); err != nil {
			t.Fatalf("%s %s: %v in %s", r.Method, r.URL, err, a.raw)
		}
		described(t).check(t, r, a)
	}
	return a
}

// description is the OpenAPI document as it is served, with its schemas.
type description struct {
	raw      map[string]any
	compiler *jsonschema.Compiler
	mu       sync.Mutex
}

var readDescription = sync.OnceValues(func() (*description, error) {
	b, err := new(api.Pages).Document()
	if err != nil {
		return nil, err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	d := &description{raw: v.(map[string]any), compiler: jsonschema.NewCompiler()}
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource(base+"/openapi.json", v)
})

func described(t testing.TB) *description {
	t.Helper()
	d, err := readDescription()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// schema compiles the schema at a place in the document: "components", "schemas", "Event".
func (d *description) schema(t testing.TB, path ...string) *jsonschema.Schema {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, p := range path {
		path[i] = url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(p))
	}
	s, err := d.compiler.Compile(base + "/openapi.json#/" + strings.Join(path, "/"))
	if err != nil {
		t.Fatalf("%v: %v", path, err)
	}
	return s
}

// dig returns what stands at a place in the document, or nil.
func dig(v any, path ...string) any {
	for _, p := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[p]
	}
	return v
}

// operation finds the path of the document that a request is for.
func (d *description) operation(r *http.Request) (path string, ok bool) {
	parts := strings.Split(strings.TrimSuffix(r.URL.Path, "/"), "/")
	for path := range d.raw["paths"].(map[string]any) {
		want := strings.Split(path, "/")
		match := len(want) == len(parts)
		for i := 0; match && i < len(want); i++ {
			match = want[i] == parts[i] || strings.HasPrefix(want[i], "{")
		}
		if match && dig(d.raw, "paths", path, strings.ToLower(r.Method)) != nil {
			return path, true
		}
	}
	return "", false
}

// check holds an answer against what the document says of it.
func (d *description) check(t testing.TB, r *http.Request, a answer) {
	t.Helper()
	media, _, _ := strings.Cut(a.head.Get("Content-Type"), ";")
	where := []string{"components", "schemas", "Problem"}
	if path, ok := d.operation(r); ok {
		status := strconv.Itoa(a.code)
		where = []string{"paths", path, strings.ToLower(r.Method), "responses", status}
		if ref, ok := dig(d.raw, append(where, "$ref")...).(string); ok {
			where = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
		}
		where = append(where, "content", media, "schema")
		if dig(d.raw, where...) == nil {
			t.Errorf("%s %s: the document says nothing of %d with %s", r.Method, r.URL, a.code, media)
			return
		}
	} else if a.code < http.StatusBadRequest {
		t.Errorf("%s %s: the document doesn't know it", r.Method, r.URL)
		return
	}
	if want := web.ProblemType; a.code >= http.StatusBadRequest && media != want {
		t.Errorf("%s %s: %d is %s", r.Method, r.URL, a.code, media)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(a.raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.schema(t, where...).Validate(v); err != nil {
		t.Errorf("%s %s: %v\n%s", r.Method, r.URL, err, a.raw)
	}
}

// came registers somebody who was at all units of an event.
func (s *site) came(t testing.TB, e *event.Event, n int, change ...func(*registration.Submission)) *registration.Registration {
	t.Helper()
	sub := apptest.Submission(n)
	for _, f := range change {
		f(&sub)
	}
	r, err := s.Registrations.Register(t.Context(), e.Code, sub)
	if err != nil {
		t.Fatal(err)
	}
	for unit := 1; unit <= 4; unit++ {
		_, err := s.Attendance.Mark(t.Context(), account.System, attendance.Mark{EventCode: e.Code, Position: unit, RegistrationID: r.ID, Source: attendance.Scan, DeviceAt: s.Clock.Now().Add(-time.Minute), Device: "Door"})
		if err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
