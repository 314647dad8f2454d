package web_test

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/web"
	"attesta/locales"
	"attesta/static"
	"attesta/templates"
)

// memory is a fiber.Storage that forgets at the end of the test.
type memory struct {
	mu   sync.Mutex
	all  map[string][]byte
	sets int
}

func (m *memory) Get(key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all[key], nil
}

func (m *memory) Set(key string, v []byte, _ time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all[key] = append([]byte(nil), v...)
	m.sets++
	return nil
}

func (m *memory) Delete(key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.all, key)
	return nil
}

func (m *memory) Reset() error { return nil }
func (m *memory) Close() error { return nil }

// people are an organiser (1), a donor (2) and an administrator (3), all with the password "right".
type people struct{ *apptest.Visits }

func who(id int64) (account.Actor, locale.Code, error) {
	role := map[int64]account.Role{1: account.Organiser, 2: account.Donor, 3: account.Administrator}[id]
	if role == "" {
		return account.Actor{}, "", fault.New(fault.NotFound, "error.not_found")
	}
	grants := []account.Grant{{Role: role, Scope: account.Scope{Kind: account.OrganisationScope, ID: 7}}}
	return account.Actor{Grants: grants}, map[int64]locale.Code{1: "en", 2: "hr", 3: "en"}[id], nil
}

var errWrong = fault.New(fault.Invalid, "error.forbidden")

func (people) SignIn(_ context.Context, email, password string) (int64, error) {
	id := map[string]int64{"org@example.org": 1, "donor@example.org": 2, "admin@example.org": 3, "gone@example.org": 9}[email]
	if password != "right" || id == 0 {
		return 0, errWrong
	}
	return id, nil
}

func (people) LinkSignIn(_ context.Context, token string) (int64, error) {
	if token != "once" {
		return 0, fault.New(fault.Gone, "attendance.link_ended")
	}
	return 1, nil
}

// asked counts the links that were asked for.
var asked atomic.Int32

func (people) RequestSignInLink(context.Context, string) error { asked.Add(1); return nil }

// Resume knows the address of whom it resumes, as the real accounts do.
func (p people) Resume(ctx context.Context, id int64) (account.Actor, account.Visit, error) {
	actor, visit, err := p.Visits.Resume(ctx, id)
	visit.Email = map[int64]string{1: "org@example.org", 2: "donor@example.org", 3: "admin@example.org"}[visit.UserID]
	return actor, visit, err
}

func (people) SetupOpen(_ context.Context, token string) error {
	if token != "first" {
		return fault.New(fault.Gone, "attendance.link_ended")
	}
	return nil
}

func (people) Setup(_ context.Context, _ string, n account.NewUser) (int64, error) {
	if n.Email == "" || n.Password != " long enough " {
		var form fault.Form
		form.Add("email", "form.email")
		return 0, form.Err()
	}
	return 3, nil
}

// site is a server under test with its store, log and a browser's cookies.
type site struct {
	t      *testing.T
	server *web.Server
	store  *memory
	log    *strings.Builder
	jar    map[string]string
	now    time.Time
	cfg    web.Config
}

func (s *site) config() web.Config { return s.cfg }

var catalogue = sync.OnceValues(func() (*locale.Catalogue, error) { return locale.Load(locales.FS) })

type setting func(*web.Config)

func newSite(t *testing.T, settings ...setting) *site {
	t.Helper()
	words, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: &memory{all: map[string][]byte{}}, log: &strings.Builder{}, jar: map[string]string{}, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	cfg := web.Config{
		BaseURL: "https://events.example.org", Secret: []byte("a secret of thirty-two bytes, yes"), Catalogue: words, Name: locale.NewText("en", "Network"), Store: s.store, Templates: pages(t), Static: static.Files,
		Accounts: people{&apptest.Visits{Who: who, Clock: func() time.Time { return s.now }}}, Clock: func() time.Time { return s.now }, Log: slog.New(slog.NewTextHandler(s.log, nil)), Routes: sampleRoutes(),
		Nav: []web.Nav{{Key: "web.components", Path: "/:locale/form", For: web.Anyone}, {Key: "web.sign_in", Path: "/desk", For: web.Permission(account.ViewEvent)}},
	}
	for _, set := range settings {
		set(&cfg)
	}
	s.cfg = cfg
	if s.server, err = web.New(cfg); err != nil {
		t.Fatal(err)
	}
	return s
}

// pages are the real templates and a page for tests.
func pages(t *testing.T) fs.FS {
	t.Helper()
	all := fstest.MapFS{"test/form.html": {Data: []byte(`<h1>{{.Title}}</h1>{{template "web/errors" .}}<form method="post">{{template "web/csrf" .}}
{{template "web/input" (.Input "email" "common.email" "type" "email")}}{{template "web/select" (.Select "country" "common.country" (.Countries "XK" "RS"))}}
{{range .Form.Values "email"}}<p id="said">{{$.T "common.email"}}: {{.}}</p>{{end}}</form>`)},
		"test/plain.html": {Data: []byte(`<h1>{{.Title}}</h1>`)}}
	err := fs.WalkDir(templates.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, err := fs.ReadFile(templates.Files, name)
			all[name] = &fstest.MapFile{Data: b}
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

type testPage struct{ web.Page }

func form(c *web.Ctx) error {
	f := c.Form()
	if c.IsPost() {
		var wrong fault.Form
		if !strings.Contains(f.Value("email"), "@") {
			wrong.Add("email", "form.email")
		}
		if !f.Refused(wrong.Err()) {
			c.Flash(web.Go, "common.saved")
			return c.Redirect("/en/say/thanks")
		}
	}
	return c.Render("test/form", &testPage{c.Page("Form")})
}

func say(c *web.Ctx) error { return c.Render("test/plain", &testPage{c.Page(c.Param("what"))}) }

func sampleRoutes() []web.Route {
	return []web.Route{
		web.GET("/:locale/say/:what", web.Anyone, say),
		web.GET("/:locale/form", web.Anyone, form),
		web.POST("/:locale/form", web.Anyone, form),
		web.GET("/desk", web.Permission(account.ViewEvent), func(c *web.Ctx) error { return c.Render("test/plain", &testPage{c.Page("Desk")}) }),
		web.POST("/desk/do", web.Permission(account.EditEvent), func(c *web.Ctx) error { return c.Redirect("/desk") }),
		web.GET("/donor", web.Permission(account.ViewGrant), func(c *web.Ctx) error { return c.Render("test/plain", &testPage{c.Page("Donor")}) }),
		web.GET("/my/:token", web.Link, mine),
		web.GET("/forgot/:token", web.Link, func(c *web.Ctx) error { return c.Render("test/plain", &testPage{c.Page("secret")}) }),
		web.GET("/boom", web.Anyone, func(*web.Ctx) error { panic("boom") }),
	}
}

func mine(c *web.Ctx) error {
	if c.Param("token") != "good" {
		return fault.New(fault.NotFound, "error.not_found")
	}
	c.As(account.Link(account.Participant, account.RegistrationScope, 5))
	c.SetLocale("mk")
	return c.Render("test/form", &testPage{c.Page("Mine")})
}

// answer is what came back, with the body read.
type answer struct {
	*http.Response
	body string
}

func (s *site) send(r *http.Request) answer {
	s.t.Helper()
	for name, value := range s.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := s.server.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now()) {
			delete(s.jar, c.Name)
		} else {
			s.jar[c.Name] = c.Value
		}
	}
	return answer{res, string(b)}
}

func (s *site) get(path string, header ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.send(r)
}

func (s *site) post(path string, values url.Values, header ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest("POST", path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.send(r)
}

func (s *site) signIn(email string) answer {
	s.t.Helper()
	token := value(s.t, s.get("/sign-in"), `input[name=_csrf]`)
	return s.post("/sign-in", url.Values{"_csrf": {token}, "email": {email}, "password": {"right"}})
}

// listen serves on a real port until the test ends and returns its address.
func (s *site) listen() string {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.server.Serve(l) }()
	s.t.Cleanup(func() {
		_ = s.server.Shutdown(context.Background())
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}

// request posts over the network, with the cookies.
func (s *site) request(address string, values url.Values) answer {
	s.t.Helper()
	r, err := http.NewRequest("POST", address, strings.NewReader(values.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range s.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	return answer{res, string(b)}
}
