package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/web"
)

// programs has a row for each address of programs: who may call it with a token of theirs.
var programs = map[string]access{
	"GET /api/v1":                                                     {"*", ""},
	"GET /api/v1/openapi.json":                                        {"*", ""},
	"GET /api/v1/token":                                               {"ACOEUD", ""},
	"GET /api/v1/projects":                                            {"ACOEUD", ""},
	"GET /api/v1/projects/:project/figures":                           {"ACUD", "project"},
	"GET /api/v1/events":                                              {"ACOEU", ""},
	"GET /api/v1/events/:event":                                       {"ACOEU", "event"},
	"GET /api/v1/events/:event/registrations":                         {"ACOEU", "event"},
	"GET /api/v1/events/:event/registrations/:registration":           {"ACOEU", "event"},
	"GET /api/v1/events/:event/attendance":                            {"ACOEU", "event"},
	"GET /api/v1/events/:event/certificates":                          {"ACOEU", "event"},
	"POST /api/v1/events/:event/registrations/:registration/decision": {"ACOE", "event"},
	"POST /api/v1/events/:event/claims":                               {"ACOE", "event"},
	"POST /api/v1/events/:event/certificates":                         {"ACOE", "event"},
}

// init gives the addresses of programs their rows: to a browser's cookies they are closed, like those of links.
func init() {
	for route, row := range programs {
		if row.who != "*" {
			row = access{"link", ""}
		}
		rows[route] = row
	}
	rows["GET /account/tokens"] = access{"+", ""}
	rows["POST /account/tokens"] = access{"+", ""}
	rows["POST /account/tokens/revoke"] = access{"+", ""}
}

// bearers are the tokens of one person: one that reads and one that writes.
type bearers struct{ reads, writes string }

// tokens makes the tokens of everybody who has an account.
func (r *reach) tokens(t *testing.T, people []*who) map[*who]bearers {
	t.Helper()
	out := map[*who]bearers{}
	for _, p := range people[1:] {
		var id int64
		if err := r.DB.Read().NewRaw("SELECT id FROM users WHERE email = ?", strings.ToLower(p.letter)+"@access.example").Scan(t.Context(), &id); err != nil {
			t.Fatal(err)
		}
		if p.letter == "X" {
			r.exec(t, "INSERT INTO grants (user_id, role, scope_kind, scope_id, created_at) VALUES (?, 'administrator', 'installation', 0, 0)", id)
		}
		actor, err := r.App.Accounts.Actor(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		made := func(writes bool) string {
			g := actor.Grants[0]
			n := account.NewToken{Label: "Access", Role: g.Role, Scope: g.Scope, Writes: writes, Expires: r.Clock.Now().Add(24 * time.Hour)}
			s, err := r.App.Accounts.MakeToken(t.Context(), actor, n)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		out[p] = bearers{made(false), made(true)}
		if p.letter == "X" {
			r.exec(t, "DELETE FROM grants WHERE user_id = ?", id)
		}
	}
	return out
}

func (r *reach) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if err := r.DB.InTx(t.Context(), apptest.Exec(query, args...)); err != nil {
		t.Fatal(err)
	}
}

func TestEveryTokenReachesWhatTheTableSays(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReach(t, fresh(t))
			routes, err := r.App.Routes()
			if err != nil {
				t.Fatal(err)
			}
			people := r.people(t)
			tokens, cases := r.tokens(t, people), 0
			for _, route := range routes {
				row, ok := programs[route.Method+" "+route.Path]
				if !ok && strings.HasPrefix(route.Path, "/api/") {
					t.Errorf("%s %s has no row: say in programs who may call it", route.Method, route.Path)
				}
				if !ok || row.who == "*" {
					continue
				}
				for _, x := range r.targets {
					if x.name == "crossed" && len(parameter.FindAllString(route.Path, -1)) < 2 {
						continue // one's own event with what hangs on another's
					}
					for _, p := range people {
						for what, token := range map[string]string{"reads": tokens[p].reads, "writes": tokens[p].writes} {
							r.program(t, route, row, p, x, what, token)
							cases++
						}
					}
				}
			}
			t.Logf("%d cases", cases)
		})
	}
}

// program asks one route about one target with one token.
func (r *reach) program(t *testing.T, route web.Route, row access, p *who, x *target, what, token string) {
	t.Helper()
	path := parameter.ReplaceAllStringFunc(route.Path, func(name string) string {
		if name == ":event" {
			name = ":code"
		}
		return x.params[name[1:]]
	})
	before := r.deeds(t)
	code, body := r.bear(t, route.Method, path, token)
	want := row.want(p, x)
	switch {
	case p.letter == "V" || p.letter == "X":
		want = "sign in"
	case route.Writes() && what == "reads":
		want = "forbidden"
	}
	got := verdict(&http.Response{StatusCode: code})
	if row.of == "" && want == "not found" {
		want = "in"
	}
	if got != want {
		t.Errorf("%s %s (%s) with a token of the %s that %s: %s (%d), want %s", route.Method, path, x.name, p.name, what, got, code, want)
	}
	if got != "in" && r.deeds(t) != before {
		t.Errorf("%s %s with a token of the %s was turned away, and something was done", route.Method, path, p.name)
	}
	for _, y := range r.targets {
		if !named(p, y) && y.scopes != nil && strings.Contains(strings.ToLower(body), y.canary) {
			t.Errorf("%s %s with a token of the %s tells of a participant: %s", route.Method, path, p.name, y.name)
		}
	}
	if got == "in" && strings.HasSuffix(route.Path, "/registrations") && !strings.Contains(strings.ToLower(body), r.targets[0].canary) && x.name == "own" {
		t.Errorf("control: %s %s with a token of the %s names nobody", route.Method, path, p.name)
	}
}

// bear sends one request with a token and an empty body.
func (r *reach) bear(t *testing.T, method, path, token string) (code int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.Base+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", r.address())
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= http.StatusBadRequest && res.Header.Get("Content-Type") != web.ProblemType {
		t.Errorf("%s %s: %d is %s", method, path, res.StatusCode, res.Header.Get("Content-Type"))
	}
	return res.StatusCode, string(b)
}
