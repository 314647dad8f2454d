package api_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/project"
	"attesta/app/token"
	"attesta/app/web"
	"attesta/app/web/api"
)

func TestARequestWithoutAGoodTokenIsRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		s.Event(t)
		good := s.token(t, "organiser", false)
		revoked := s.token(t, "organiser", false)
		list, err := s.accounts.Tokens(t.Context(), s.users["organiser"], s.users["organiser"].UserID)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.accounts.RevokeToken(t.Context(), s.users["organiser"], list[0].ID); err != nil {
			t.Fatal(err)
		}
		for what, header := range map[string]string{
			"none": "", "another scheme": "Basic " + good, "without scheme": good, "empty": "Bearer ", "revoked": "Bearer " + revoked, "made up": "Bearer " + token.Bearer(),
			"twice": "Bearer " + good + " " + good, "cut": "Bearer " + good[:52],
		} {
			r := s.request(http.MethodGet, "", "/api/v1/events", "")
			if header != "" {
				r.Header.Set("Authorization", header)
			}
			a := s.do(t, r)
			if a.code != http.StatusUnauthorized || !strings.HasPrefix(a.head.Get("WWW-Authenticate"), `Bearer realm="Attesta"`) {
				t.Errorf("%s: %d %v", what, a.code, a.head)
			}
		}
		lower := s.request(http.MethodGet, "", "/api/v1/events", "")
		lower.Header.Set("Authorization", "bearer "+good)
		if a := s.do(t, lower); a.code != http.StatusOK {
			t.Errorf("the scheme in small letters: %d", a.code)
		}
		s.Clock.Set(s.Clock.Now().AddDate(0, 2, 0))
		if a := s.get(t, good, "/api/v1/events"); a.code != http.StatusUnauthorized {
			t.Errorf("expired: %d", a.code)
		}
	})
}

func TestADemotionTakesEffectAtTheNextRequest(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		good := s.token(t, "organiser", false)
		if a := s.get(t, good, "/api/v1/events/"+e.Code); a.code != http.StatusOK {
			t.Fatalf("%d %s", a.code, a.raw)
		}
		if err := d.InTx(t.Context(), apptest.Exec("DELETE FROM grants WHERE user_id = ?", s.users["organiser"].UserID)); err != nil {
			t.Fatal(err)
		}
		if a := s.get(t, good, "/api/v1/events/"+e.Code); a.code != http.StatusUnauthorized {
			t.Errorf("%d %s", a.code, a.raw)
		}
	})
}

func TestWhatATokenDoesNotReachIsNotThere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e, other := s.Event(t, apptest.Automatic), s.Event(t)
		r := s.came(t, e, 1)
		if _, err := s.Projects.Create(t.Context(), account.System, project.Facts{Code: "P2", Title: s.Project.Title, LeadID: s.other.ID}); err != nil {
			t.Fatal(err)
		}
		one := "/api/v1/events/" + e.Code
		reads := []string{one, one + "/registrations", one + "/registrations/" + r.Code, one + "/attendance", one + "/certificates"}
		writes := map[string]any{
			one + "/registrations/" + r.Code + "/decision": map[string]any{"status": "rejected"}, one + "/certificates": map[string]any{},
			one + "/claims": map[string]any{"claims": []any{map[string]any{"key": "1", "registration": r.Code, "unit": 1, "absent": true}}},
		}
		stranger := s.token(t, "stranger", true)
		narrow := s.make(t, "organiser", account.NewToken{Role: account.Organiser, Scope: other.Scopes()[0], Within: other.Scopes(), Writes: true})
		for who, token := range map[string]string{"another organisation": stranger, "a token for another event": narrow} {
			for _, path := range reads {
				if a := s.get(t, token, path); a.code != http.StatusNotFound || strings.Contains(string(a.raw), "Vesna") {
					t.Errorf("%s: %s: %d", who, path, a.code)
				}
			}
			for path, body := range writes {
				if a := s.post(t, token, path, body); a.code != http.StatusNotFound {
					t.Errorf("%s: %s: %d %s", who, path, a.code, a.raw)
				}
			}
		}
		if got := s.get(t, stranger, "/api/v1/events").each("code"); len(got) != 0 {
			t.Errorf("another organisation lists %v", got)
		}
		if got := s.get(t, narrow, "/api/v1/events").each("code"); len(got) != 1 || got[0] != other.Code {
			t.Errorf("a token for one event lists %v", got)
		}
		if got := s.get(t, narrow, "/api/v1/projects").each("code"); len(got) != 1 || got[0] != "P1" {
			t.Errorf("a token for one event lists the projects %v", got)
		}
		for _, project := range []string{"P2", "P3"} {
			if a := s.get(t, s.token(t, "coordinator", false), "/api/v1/projects/"+project+"/figures"); a.code != http.StatusNotFound {
				t.Errorf("figures of %s: %d", project, a.code)
			}
		}
		if a := s.get(t, s.token(t, "organiser", false), one+"/registrations/"+"00000000"); a.code != http.StatusNotFound {
			t.Errorf("no such registration: %d", a.code)
		}
	})
}

func TestATokenThatReadsIsToldThatItMayNotWrite(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t, apptest.Automatic)
		r := s.came(t, e, 1)
		one := "/api/v1/events/" + e.Code
		for path, body := range map[string]any{
			one + "/registrations/" + r.Code + "/decision": map[string]any{"status": "rejected"}, one + "/certificates": map[string]any{},
			one + "/claims": map[string]any{"claims": []any{map[string]any{"key": "1", "registration": r.Code, "unit": 1, "absent": true}}},
		} {
			a := s.post(t, s.token(t, "organiser", false), path, body)
			if a.code != http.StatusForbidden || !strings.Contains(a.head.Get("WWW-Authenticate"), "insufficient_scope") {
				t.Errorf("%s: %d %s", path, a.code, a.raw)
			}
		}
		for path, who := range map[string]string{one: "donor", one + "/registrations": "donor", "/api/v1/events": "donor", "/api/v1/projects/P1/figures": "organiser"} {
			if a := s.get(t, s.token(t, who, true), path); a.code != http.StatusForbidden {
				t.Errorf("%s reads %s: %d", who, path, a.code)
			}
		}
	})
}

func TestNeitherCookiesNorTokensAreBelievedWhereTheOtherIs(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	link, err := s.accounts.NewSignInLink(t.Context(), "organiser@attesta.example")
	if err != nil {
		t.Fatal(err)
	}
	if a := s.get(t, "", "/sign-in/"+link); a.code != http.StatusSeeOther || len(s.jar) == 0 {
		t.Fatalf("%d %v", a.code, s.jar)
	}
	if a := s.get(t, "", "/desk"); a.code != http.StatusOK {
		t.Fatalf("the cookie doesn't sign in: %d", a.code)
	}
	if a := s.get(t, "", "/api/v1/events"); a.code != http.StatusUnauthorized {
		t.Errorf("a cookie is believed: %d %s", a.code, a.raw)
	}
	s.jar = map[string]string{}
	if a := s.get(t, s.token(t, "organiser", true), "/desk"); a.code != http.StatusSeeOther {
		t.Errorf("a token is believed on a page: %d %s", a.code, a.raw)
	}
}

func TestAnswersAreForTheProgramAlone(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	token := s.token(t, "organiser", false)
	r := s.request(http.MethodGet, token, "/api/v1/events", "")
	r.Header.Set("Origin", "https://elsewhere.example")
	a := s.do(t, r)
	if a.head.Get("Cache-Control") != "no-store" || a.head.Get("Access-Control-Allow-Origin") != "" || a.head.Get("Set-Cookie") != "" {
		t.Errorf("%v", a.head)
	}
	for path, want := range map[string]int{"/api/v1/nothing": 404, "/api": 404, "/api/": 404, "/API/v2/x": 404, "/api/v1/events/nothing": 404} {
		if a := s.get(t, token, path); a.code != want || a.head.Get("Content-Type") != web.ProblemType {
			t.Errorf("%s: %d %v", path, a.code, a.head)
		}
	}
	for method, want := range map[string]int{http.MethodDelete: 405, http.MethodOptions: 405, http.MethodPut: 405} {
		a := s.do(t, s.request(method, token, "/api/v1/events", ""))
		if allow := a.head.Get("Allow"); a.code != want || !strings.Contains(allow, "GET") || a.head.Get("Access-Control-Allow-Methods") != "" {
			t.Errorf("%s: %d, Allow %q", method, a.code, allow)
		}
	}
}

func TestHeadAnswersLikeGetWithoutABody(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	token := s.token(t, "organiser", false)
	for path, want := range map[string]int{"/api/v1/events/" + e.Code: 200, "/api/v1/events/none": 404, "/api/v1/openapi.json": 200} {
		a := s.do(t, s.request(http.MethodHead, token, path, ""))
		if a.code != want || len(a.raw) > 0 {
			t.Errorf("%s: %d %s", path, a.code, a.raw)
		}
	}
}

func TestProblemsAreToldInTheLanguageOfTheProgram(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	r := s.request(http.MethodGet, s.token(t, "organiser", false), "/api/v1/events?limit=0", "")
	r.Header.Set("Accept-Language", "mk")
	a := s.do(t, r)
	if a.at("detail") != "Има грешки во 1 поле." {
		t.Errorf("%s", a.raw)
	}
	if a.at("type") != "urn:attesta:problem:invalid" || a.head.Get("Content-Language") != "mk" || a.at("instance") != "urn:attesta:request:"+a.head.Get("X-Request-Id") {
		t.Errorf("%s %v", a.raw, a.head)
	}
}

func TestOnlyJSONIsTaken(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	token := s.token(t, "organiser", true)
	path := "/api/v1/events/" + e.Code + "/claims"
	send := func(kind, encoding, body string) answer {
		r := httptest.NewRequest(http.MethodPost, base+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		if encoding != "" {
			r.Header.Set("Content-Encoding", encoding)
		}
		return s.do(t, r)
	}
	for what, c := range map[string]struct {
		kind, encoding, body string
		want                 int
	}{
		"a form":        {"application/x-www-form-urlencoded", "", "claims=1", 415},
		"no type":       {"", "", `{"claims":[]}`, 415},
		"text":          {"text/plain", "", `{"claims":[]}`, 415},
		"packed":        {"application/json", "gzip", "x", 415},
		"no JSON":       {"application/json", "", `{"claims":`, 400},
		"two values":    {"application/json", "", `{"claims":[]} {}`, 400},
		"no body":       {"application/json", "", "", 400},
		"another field": {"application/json", "", `{"claim":[]}`, 400},
		"wrong type":    {"application/json", "", `{"claims":{}}`, 400},
		"none":          {"application/json; charset=utf-8", "", `{"claims":[]}`, 422},
	} {
		if a := send(c.kind, c.encoding, c.body); a.code != c.want {
			t.Errorf("%s: %d, want %d: %.200s", what, a.code, c.want, a.raw)
		}
	}
}

func TestABodyThatIsTooLargeIsAProblemToo(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = s.server.Serve(l) }()
	defer func() { _ = s.server.Shutdown(context.Background()) }()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.Addr().String()+"/api/v1/events/"+s.Event(t).Code+"/claims", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := "POST " + r.URL.Path + " HTTP/1.1\r\nHost: " + r.URL.Host + "\r\nAuthorization: Bearer " + s.token(t, "organiser", true) +
		"\r\nContent-Type: application/json\r\nContent-Length: 2097152\r\n\r\n" // the size is told before the body is sent
	if _, err := io.WriteString(c, head); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{t: t, code: res.StatusCode, head: res.Header, raw: raw}
	if described(t).check(t, r, a); a.code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %s", a.code, raw)
	}
}

func TestATokenIsSlowedDownAndToldSo(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e := s.Event(t)
	first, second := s.token(t, "organiser", true), s.token(t, "organiser", true)
	a := s.get(t, first, "/api/v1/events")
	if a.head.Get("RateLimit") != `"read";r=599;t=60` || a.head.Get("RateLimit-Policy") != `"read";q=600;w=60` {
		t.Errorf("%q %q", a.head.Get("RateLimit"), a.head.Get("RateLimit-Policy"))
	}
	refused := 0
	for range 61 {
		a := s.post(t, first, "/api/v1/events/"+e.Code+"/claims", map[string]any{"claims": []any{}})
		if a.code == http.StatusTooManyRequests {
			refused++
			if a.head.Get("Retry-After") == "" || !strings.HasPrefix(a.head.Get("RateLimit"), `"write";r=0;t=`) {
				t.Errorf("%v", a.head)
			}
		}
	}
	if refused != 1 {
		t.Errorf("%d of 61 writes were refused", refused)
	}
	if a := s.get(t, first, "/api/v1/events"); a.code != http.StatusOK {
		t.Errorf("reading is refused after writing: %d", a.code)
	}
	if a := s.post(t, second, "/api/v1/events/"+e.Code+"/claims", map[string]any{"claims": []any{}}); a.code != http.StatusUnprocessableEntity {
		t.Errorf("another token is refused: %d", a.code)
	}
	s.Clock.Set(s.Clock.Now().Add(2 * time.Minute))
	if a := s.post(t, first, "/api/v1/events/"+e.Code+"/claims", map[string]any{"claims": []any{}}); a.code != http.StatusUnprocessableEntity {
		t.Errorf("still refused after two minutes: %d", a.code)
	}
}

func TestWrongTokensAreSlowedDownAndLockNobodyOut(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	good := s.token(t, "organiser", false)
	slowed := 0
	for range 40 {
		switch a := s.get(t, token.Bearer(), "/api/v1/events"); a.code {
		case http.StatusTooManyRequests:
			slowed++
		case http.StatusUnauthorized:
		default:
			t.Fatalf("%d %s", a.code, a.raw)
		}
	}
	if slowed != 10 {
		t.Errorf("%d of 40 wrong tokens were slowed down", slowed)
	}
	if a := s.get(t, good, "/api/v1/events"); a.code != http.StatusOK {
		t.Errorf("a good token from the same source: %d", a.code)
	}
}

func TestATokenNeedStandsWithProgramsOnly(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	for _, r := range s.server.Routes() {
		program := strings.HasPrefix(r.Path, api.Root)
		if needs := strings.HasPrefix(r.Need.String(), "token"); needs && !program || program && !needs && r.Need != web.Anyone {
			t.Errorf("%s %s needs %s", r.Method, r.Path, r.Need)
		}
	}
	handler := func(*web.Ctx) error { return nil }
	for _, r := range []web.Route{web.GET("/x", web.Token(""), handler), web.GET("/api/v1/x", web.SignedIn, handler)} {
		cfg := web.Config{Catalogue: s.Catalogue, Store: &db.Storage{DB: s.DB, Clock: s.Clock.Now}, Templates: s.server.Templates, Static: s.server.Static, Routes: []web.Route{r}}
		if _, err := web.New(cfg); err == nil {
			t.Errorf("%s needs %s and is taken", r.Path, r.Need)
		}
	}
}
