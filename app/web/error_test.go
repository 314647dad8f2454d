package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/audit"
	"attesta/app/fault"
	"attesta/app/web"
)

func TestEveryKindOfFaultHasItsCodeAndItsPageInTheReadersLanguage(t *testing.T) {
	for kind, want := range map[fault.Kind]int{
		fault.Invalid: 422, fault.NotFound: 404, fault.Forbidden: 403, fault.Conflict: 409, fault.Gone: 410, fault.TooMany: 429, fault.TooLarge: 413, fault.Unavailable: 503,
	} {
		s := newSite(t, func(c *web.Config) {
			c.Routes = append(c.Routes, web.GET("/fails", web.Anyone, func(*web.Ctx) error {
				return fmt.Errorf("wrapped: %w", fault.New(kind, "error.busy"))
			}))
		})
		a := s.get("/fails", "Accept-Language", "sq")
		if a.StatusCode != want {
			t.Errorf("%s: %d, want %d", kind, a.StatusCode, want)
		}
		if got := text(one(t, a, "h1")); !strings.Contains(got, "ngarkuar") {
			t.Errorf("%s says %q", kind, got)
		}
		if strings.Contains(s.log.String(), "level=ERROR") {
			t.Errorf("%s was logged as an error: %s", kind, s.log)
		}
	}
}

func TestWhoOpensALinkThatIsOverIsLedOn(t *testing.T) {
	for key, want := range map[string]string{"account.link_spent": "/sign-in/link", "account.setup_spent": "/sign-in", "attendance.link_ended": ""} {
		s := newSite(t, func(c *web.Config) {
			c.Routes = append(c.Routes, web.GET("/fails", web.Anyone, func(*web.Ctx) error { return fault.New(fault.Gone, key) }))
		})
		got := ""
		for _, n := range all(t, s.get("/fails"), "main a.button--main") {
			got = attr(n, "href")
		}
		if got != want {
			t.Errorf("%s leads to %q, want %q", key, got, want)
		}
	}
}

func TestAnUnknownErrorTellsNothingButItsNumberAndIsLoggedOnce(t *testing.T) {
	s := newSite(t, func(c *web.Config) {
		c.Routes = append(c.Routes, web.GET("/secret/:token", web.Anyone, func(*web.Ctx) error { return errors.New("disk on fire") }))
	})
	a := s.get("/secret/T0KEN?email=a@b.org")
	if a.StatusCode != 500 || strings.Contains(a.body, "fire") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	id := a.Header.Get("X-Request-Id")
	if len(id) < 10 || !strings.Contains(a.body, id) {
		t.Errorf("the page doesn't name request %q", id)
	}
	line := s.log.String()
	if strings.Count(line, "level=ERROR") != 1 || !strings.Contains(line, id) || !strings.Contains(line, "disk on fire") {
		t.Errorf("log: %s", line)
	}
	if strings.Contains(line, "T0KEN") || strings.Contains(line, "a@b.org") {
		t.Errorf("the log tells too much: %s", line)
	}
}

func TestAPanicIsAnErrorLikeAnyOther(t *testing.T) {
	s := newSite(t)
	if a := s.get("/boom"); a.StatusCode != 500 {
		t.Errorf("%d", a.StatusCode)
	}
	if got := s.log.String(); strings.Count(got, "level=ERROR") != 1 || !strings.Contains(got, "web_test.go") {
		t.Errorf("log: %s", got)
	}
}

func TestProgramsGetErrorsAsJSON(t *testing.T) {
	s := newSite(t, func(c *web.Config) {
		c.Routes = append(c.Routes, web.GET("/verify/:number.json", web.Anyone, func(*web.Ctx) error { return fault.New(fault.NotFound, "error.not_found") }))
	})
	var got map[string]any
	a := s.get("/verify/X.json")
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.StatusCode != 404 || got["error"] != "error.not_found" {
		t.Errorf("%d %s %v", a.StatusCode, a.body, err)
	}
}

func TestScriptsWriteJSONWithTheTokenInAHeader(t *testing.T) {
	var got struct{ Code string }
	s := newSite(t, func(c *web.Config) {
		c.Routes = append(c.Routes, web.POST("/scan", web.Anyone, func(c *web.Ctx) error {
			if err := c.ReadJSON(&got); err != nil {
				return err
			}
			return c.JSON(got)
		}))
	})
	token := value(t, s.get("/en/form"), `input[name=_csrf]`)
	send := func(body string) answer {
		r := httptest.NewRequest("POST", "/scan", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json")
		r.Header.Set("X-CSRF-Token", token)
		return s.send(r)
	}
	if a := send(`{"code":"K7M4"}`); a.StatusCode != 200 || got.Code != "K7M4" {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	if a := send(`{"code":`); a.StatusCode != 422 || !strings.Contains(a.body, "error.request_wrong") {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
}

func TestAWrongMethodIsNoPage(t *testing.T) {
	if got := newSite(t).post("/en/say/x", nil).StatusCode; got != 405 {
		t.Errorf("%d", got)
	}
}

func TestTheContextCarriesTheRequestIdAndADeadline(t *testing.T) {
	var ctx context.Context
	var left time.Duration
	s := newSite(t, func(c *web.Config) {
		c.Deadline = time.Minute
		c.Routes = append(c.Routes, web.GET("/ctx", web.Anyone, func(c *web.Ctx) error {
			ctx = c.Context()
			if d, ok := ctx.Deadline(); ok {
				left = time.Until(d)
			}
			return nil
		}))
	})
	a := s.get("/ctx")
	if got := audit.RequestID(ctx); got == "" || got != a.Header.Get("X-Request-Id") {
		t.Errorf("id %q", got)
	}
	if left <= 0 || left > time.Minute {
		t.Errorf("%s left", left)
	}
}

func TestReadinessFollowsTheDatabase(t *testing.T) {
	state := &readiness{}
	s := newSite(t, func(c *web.Config) { c.Ready = state })
	if a := s.get("/readyz"); a.StatusCode != 200 {
		t.Errorf("ready: %d", a.StatusCode)
	}
	state.err = errors.New("not migrated")
	if a := s.get("/readyz"); a.StatusCode != 503 || strings.Contains(a.body, "migrated") {
		t.Errorf("not ready: %d %s", a.StatusCode, a.body)
	}
	if a := s.get("/healthz"); a.StatusCode != 200 {
		t.Errorf("alive: %d", a.StatusCode)
	}
}

type readiness struct{ err error }

func (r *readiness) Ready(context.Context) error { return r.err }

func TestAPackedBodyIsRefusedBeforeItIsUnpacked(t *testing.T) {
	s := newSite(t, func(c *web.Config) {
		c.Routes = append(c.Routes, web.POST("/scan", web.Anyone, func(c *web.Ctx) error { return c.ReadJSON(new(any)) }))
	})
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	fmt.Fprintf(w, "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n%s\r\n--x--\r\n", strings.Repeat("a", 8<<20))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, kind string
		encodings  []string
	}{
		{"/en/form", "multipart/form-data; boundary=x", []string{"gzip"}},
		{"/scan", "application/json", []string{"gzip"}},
		{"/scan", "application/json", []string{"", "gzip"}},
		{"/nowhere", "application/json", []string{"identity", "br"}},
	} {
		r := httptest.NewRequest("POST", c.path, bytes.NewReader(body.Bytes()))
		r.Header["Content-Encoding"] = c.encodings
		r.Header.Set("Content-Type", c.kind)
		if a := s.send(r); a.StatusCode != 415 {
			t.Errorf("%s %q: %d", c.path, c.encodings, a.StatusCode)
		}
	}
}

func TestAZeroByteReachesNoHandler(t *testing.T) {
	var got []string
	read := func(c *web.Ctx) error {
		got = append(got, c.Param("code"), c.Query("q"), c.Form().Value("email"))
		return nil
	}
	s := newSite(t, func(c *web.Config) {
		c.Routes = append(c.Routes, web.GET("/by/:code", web.Anyone, read), web.POST("/by/:code", web.Anyone, read), web.POST("/scan", web.Anyone, func(c *web.Ctx) error {
			var v struct{ Code string }
			defer func() { got = append(got, v.Code) }()
			return c.ReadJSON(&v)
		}))
	})
	s.get("/by/a%00b?q=c%00d%ff")
	token := value(t, s.get("/en/form"), `input[name=_csrf]`)
	s.post("/by/a", url.Values{"_csrf": {token}, "email": {"e\x00f"}})
	r := httptest.NewRequest("POST", "/scan", strings.NewReader(`{"code":"g\u0000h"}`))
	r.Header.Set("X-CSRF-Token", token)
	s.send(r)
	if diff := cmp.Diff([]string{"a\uFFFDb", "c\uFFFDd\uFFFD", "", "a", "", "e\uFFFDf", "g\uFFFDh"}, got); diff != "" {
		t.Error(diff)
	}
}
