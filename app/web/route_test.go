package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/web"
)

func TestARouteThatSaysNotWhoMayCallItIsRefusedAtStart(t *testing.T) {
	ok := func(*web.Ctx) error { return nil }
	for name, route := range map[string]web.Route{
		"says not who may call it":  {Method: "GET", Path: "/x", Handler: ok},
		"permission without a name": web.GET("/x", web.Permission(""), ok),
		"has no handler":            web.GET("/x", web.Anyone, nil),
		"stands twice":              web.GET("/sign-in", web.Anyone, ok),
		"wrong method":              {Method: "HEAD", Path: "/x", Need: web.Anyone, Handler: ok},
	} {
		cfg := newSite(t).config()
		cfg.Routes = append(sampleRoutes(), route)
		if _, err := web.New(cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryRouteKeepsStrangersOut(t *testing.T) {
	s := newSite(t, func(c *web.Config) { c.Demo = true })
	if diff := cmp.Diff([]string(nil), s.server.Leaks()); diff != "" {
		t.Error(diff)
	}
}

func TestEveryRouteForEveryRole(t *testing.T) {
	scope := account.Scope{Kind: account.ProjectScope, ID: 1}
	roles := []account.Role{"visitor", account.Administrator, account.Coordinator, account.Organiser, account.Donor, account.Helper, account.Participant}
	var got []string
	for _, r := range newSite(t).server.Routes() {
		var in []string
		for _, role := range roles {
			actor := account.Actor{UserID: 5, Grants: []account.Grant{{Role: role, Scope: scope}}}
			if role == "visitor" {
				actor = account.Anyone
			}
			if r.Need.Allows(actor) {
				in = append(in, string(role))
			}
		}
		if r.Need != web.Anyone && r.Need != web.Link {
			got = append(got, r.Method+" "+r.Path+": "+strings.Join(in, " "))
		}
	}
	slices.Sort(got)
	want := []string{
		"GET /desk: administrator coordinator organiser",
		"GET /donor: administrator coordinator donor",
		"POST /desk/do: administrator coordinator organiser",
		"POST /sign-out: administrator coordinator organiser donor helper participant",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFixedSegmentsAreTriedBeforeParameters(t *testing.T) {
	say := func(what string) func(*web.Ctx) error {
		return func(c *web.Ctx) error { return c.Send("text/plain", []byte(what)) }
	}
	s := newSite(t, func(c *web.Config) {
		c.Routes = []web.Route{
			web.GET("/:locale/events/:code", web.Anyone, say("event")), web.GET("/:locale/events/:code.ics", web.Anyone, say("calendar")),
			web.GET("/:locale/events/new", web.Anyone, say("new")), web.GET("/donor/events/new", web.Anyone, say("donor")),
		}
	})
	for path, want := range map[string]string{"/en/events/A-1": "event", "/en/events/A-1.ics": "calendar", "/en/events/new": "new", "/donor/events/new": "donor"} {
		if got := s.get(path).body; got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestAHandlerThatForgotToAskWhoseLinkItIsAnswersNothing(t *testing.T) {
	s := newSite(t)
	if a := s.get("/forgot/x"); a.StatusCode != 500 || strings.Contains(a.body, "secret") {
		t.Errorf("answered %d %s", a.StatusCode, a.body)
	}
	if a := s.get("/my/good"); a.StatusCode != 200 {
		t.Errorf("a link that was asked for: %d", a.StatusCode)
	}
}

func TestSignedInPeopleReachWhatTheirRoleAllows(t *testing.T) {
	for email, want := range map[string][2]int{"org@example.org": {200, 403}, "donor@example.org": {403, 200}} {
		s := newSite(t)
		s.signIn(email)
		if got := [2]int{s.get("/desk").StatusCode, s.get("/donor").StatusCode}; got != want {
			t.Errorf("%s: %v, want %v", email, got, want)
		}
	}
}

func TestParametersKeptByAHandlerStayWhatTheyWere(t *testing.T) {
	var mu sync.Mutex
	kept := map[string]string{}
	s := newSite(t, func(c *web.Config) {
		c.Routes = []web.Route{web.GET("/keep/:a", web.Anyone, func(c *web.Ctx) error {
			mu.Lock()
			defer mu.Unlock()
			kept[c.Query("q")] = c.Param("a") + " " + c.Query("q") + " " + c.Header("X-Kept") + " " + c.Path()
			return nil
		})}
	})
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/keep/a%03d?q=q%03d", i, i), nil)
			r.Header.Set("X-Kept", fmt.Sprintf("h%03d", i))
			res, err := s.server.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
		})
	}
	wg.Wait()
	for i := range 200 {
		if got, want := kept[fmt.Sprintf("q%03d", i)], fmt.Sprintf("a%03d q%03d h%03d /keep/a%03d", i, i, i, i); got != want {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
}

func TestABodyBeyondItsLimitIsRefusedAndAnUploadHasItsOwn(t *testing.T) {
	took := 0
	upload := web.POST("/upload", web.Anyone, func(c *web.Ctx) error { took = len(c.Form().Value("big")); return nil })
	upload.Body = 4 << 20
	s := newSite(t, func(c *web.Config) { c.Routes = append(c.Routes, upload); c.BodyLimit = 64 << 10 })
	token := value(t, s.get("/en/form"), `input[name=_csrf]`)
	big := url.Values{"_csrf": {token}, "big": {strings.Repeat("x", 1<<20)}, "email": {"a@b"}}
	base := s.listen()
	if a := s.request(base+"/upload", big); a.StatusCode != 200 || took != 1<<20 {
		t.Errorf("upload: %d, took %d", a.StatusCode, took)
	}
	if a := s.request(base+"/en/form", big); a.StatusCode != 413 || !strings.Contains(a.body, "more than can be accepted") {
		t.Errorf("form: %d %s", a.StatusCode, a.body)
	}
}

func TestStoppingLetsTheRequestUnderWayFinish(t *testing.T) {
	began, end := make(chan bool), make(chan bool)
	slow := web.GET("/slow", web.Anyone, func(c *web.Ctx) error {
		close(began)
		<-end
		return c.Send("text/plain", []byte("done"))
	})
	s := newSite(t, func(c *web.Config) { c.Routes = append(c.Routes, slow) })
	base := s.listen()
	got := make(chan string)
	go func() {
		res, err := http.Get(base + "/slow")
		if err != nil {
			got <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		got <- string(b)
	}()
	<-began
	stopped := make(chan error)
	go func() { stopped <- s.server.Shutdown(t.Context()) }()
	time.Sleep(20 * time.Millisecond)
	close(end)
	if body := <-got; body != "done" {
		t.Errorf("got %q", body)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}
