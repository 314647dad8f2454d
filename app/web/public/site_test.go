package public_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/registration"
	"attesta/app/web"
	"attesta/app/web/public"
	"attesta/static"
	"attesta/templates"
)

// site is the public pages over a world, and one browser's cookies.
type site struct {
	*apptest.World
	server *web.Server
	jar    map[string]string
	accept string // Accept-Language
}

type setting func(*public.Pages, *web.Config)

func newSite(t testing.TB, d *db.DB, settings ...setting) *site {
	t.Helper()
	s := &site{World: apptest.NewWorld(t, d), jar: map[string]string{}}
	s.serve(t, settings...)
	return s
}

func (s *site) serve(t testing.TB, settings ...setting) {
	t.Helper()
	d := s.DB
	pages := &public.Pages{Events: s.Events, Registrations: s.Registrations, Certificates: s.Certificates, DB: d, Catalogue: s.Catalogue}
	cfg := web.Config{
		BaseURL: "https://attesta.example", Catalogue: s.Catalogue, Name: locale.NewText("en", "Network"), Store: &db.Storage{DB: d, Clock: s.Clock.Now}, Templates: templates.Files,
		Static: static.Files, Clock: s.Clock.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, set := range settings {
		set(pages, &cfg)
	}
	cfg.Routes = pages.Routes()
	var err error
	if s.server, err = web.New(cfg); err != nil {
		t.Fatal(err)
	}
}

// answer is what came back, parsed.
type answer struct {
	t    testing.TB
	code int
	head http.Header
	body string
	doc  *html.Node
}

func (s *site) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	for name, value := range s.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if s.accept != "" {
		r.Header.Set("Accept-Language", s.accept)
	}
	res, err := s.server.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		s.jar[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(s.jar, c.Name)
		}
	}
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

// post sends a form with the token of the page at path.
func (s *site) post(t testing.TB, path string, values url.Values) answer {
	t.Helper()
	if values.Get("_csrf") == "" {
		values.Set("_csrf", s.get(t, path).value("input[name=_csrf]"))
	}
	r := httptest.NewRequest(http.MethodPost, "https://attesta.example"+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(t, r)
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
		a.t.Fatalf("%d elements are %s in\n%s", len(found), selector, a.body)
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

func (a answer) attr(selector, name string) string {
	a.t.Helper()
	for _, n := range a.all(selector) {
		for _, x := range n.Attr {
			if x.Key == name {
				return x.Val
			}
		}
	}
	return ""
}

func (a answer) value(selector string) string {
	a.t.Helper()
	if len(a.all(selector)) == 0 {
		a.t.Fatalf("nothing is %s in %d %s", selector, a.code, a.body)
	}
	return a.attr(selector, "value")
}

// form returns what a browser would send with the page's form.
func (a answer) form(selector string) url.Values {
	a.t.Helper()
	values := url.Values{}
	for _, n := range a.all(selector + " input, " + selector + " textarea, " + selector + " option[selected]") {
		x := attrs(n)
		switch {
		case n.Data == "option":
			values.Add(attrs(n.Parent)["name"], x["value"])
		case n.Data == "textarea":
			values.Add(x["name"], strings.TrimPrefix(words(n), "\n"))
		case x["type"] == "checkbox" || x["type"] == "radio":
			if _, ticked := x["checked"]; ticked {
				values.Add(x["name"], x["value"])
			}
		default:
			values.Add(x["name"], x["value"])
		}
	}
	return values
}

func attrs(n *html.Node) map[string]string {
	m := map[string]string{}
	for _, a := range n.Attr {
		m[a.Key] = a.Val
	}
	return m
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

// whole is a form filled in from the first to the last step.
func whole() url.Values {
	return url.Values{
		"given_name": {"Vesna"}, "family_name": {"Ćetković"}, "gender": {"female"}, "email": {"vesna@jt.me.example"}, "language": {"cnr"},
		"institution_type": {"prosecution"}, "country": {"ME"}, "institution": {"Više državno tužilaštvo"}, "consent_data": {"yes"},
	}
}

// place registers somebody and approves them, and returns the path of their page.
func (s *site) place(t testing.TB, e *event.Event, n int, change func(*registration.Submission)) (*registration.Registration, string) {
	t.Helper()
	ctx := context.Background()
	x := apptest.Submission(n)
	if change != nil {
		change(&x)
	}
	r, err := s.Registrations.Register(ctx, e.Code, x)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Registrations.Decide(ctx, account.System, e.Code, []string{r.Code}, registration.Approved, ""); err != nil {
		t.Fatal(err)
	}
	return r, s.Registrations.Link(r)
}

// certified runs an event for people with a place and issues their certificates.
func (s *site) certified(t testing.TB, e *event.Event, codes ...string) []certificate.Certificate {
	t.Helper()
	ctx := context.Background()
	s.attend(t, e, 4, codes...)
	s.Clock.Set(time.Date(2022, 5, 19, 10, 0, 0, 0, time.UTC))
	out, err := s.Certificates.Issue(ctx, account.System, e.Code)
	if err != nil || len(out.Certificates) != len(codes) {
		t.Fatalf("issued %d of %d, refused %v: %v", len(out.Certificates), len(codes), out.Refused, err)
	}
	return out.Certificates
}

// attend marks people present at the first n units of an event.
func (s *site) attend(t testing.TB, e *event.Event, n int, codes ...string) {
	t.Helper()
	for _, code := range codes {
		for position := 1; position <= n; position++ {
			_, err := s.Attendance.Mark(context.Background(), account.System, attendance.Mark{EventCode: e.Code, Position: position, Code: code, Source: attendance.Typed})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}
