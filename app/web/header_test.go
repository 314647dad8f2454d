package web_test

import (
	"strings"
	"testing"

	"attesta/app/account"
	"attesta/app/web"
)

func TestEveryAnswerCarriesAStrictPolicy(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/en/say/x", "/nowhere", "/boom", "/desk", "/sign-in", "/my/bad"} {
		h := s.get(path).Header
		csp := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "base-uri 'none'") {
			t.Errorf("%s: %s", path, csp)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Strict-Transport-Security") == "" || h.Get("Cross-Origin-Opener-Policy") != "same-origin" || !strings.Contains(h.Get("Permissions-Policy"), "camera=()") {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestOnlyTheScannerGetsTheCamera(t *testing.T) {
	s := newSite(t, func(c *web.Config) {
		scan := web.GET("/checkin/:token", web.Link, func(c *web.Ctx) error {
			c.As(account.Link(account.Helper, account.EventScope, 1))
			return c.Render("test/plain", &testPage{c.Page("Scan")})
		})
		scan.Scanner = true
		c.Routes = append(c.Routes, scan)
	})
	h := s.get("/checkin/x").Header
	if csp := h.Get("Content-Security-Policy"); !strings.Contains(csp, "'wasm-unsafe-eval'") || strings.Contains(csp, "'unsafe-eval'") || !strings.Contains(h.Get("Permissions-Policy"), "camera=(self)") {
		t.Errorf("%v", h)
	}
}

func TestWhatIsPersonalIsStoredNowhereAndItsAddressToldToNobody(t *testing.T) {
	s := newSite(t)
	a := s.get("/my/good")
	if a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" || !strings.Contains(a.Header.Get("X-Robots-Tag"), "noindex") {
		t.Errorf("%v", a.Header)
	}
	if got := s.get("/en/say/x").Header.Get("Cache-Control"); got != "private, no-cache" {
		t.Errorf("a public page: %q", got)
	}
}

func TestOnPlainHTTPNothingPretendsToBeSecure(t *testing.T) {
	s := newSite(t, func(c *web.Config) { c.BaseURL = "http://127.0.0.1:8080" })
	a := s.get("/en/form")
	if a.Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS without TLS")
	}
	for _, c := range a.Cookies() {
		if c.Secure || strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("%s would be thrown away", c)
		}
	}
}

func TestThePagesHaveNothingInline(t *testing.T) {
	s := newSite(t, func(c *web.Config) { c.Demo = true })
	for _, path := range []string{"/components", "/sign-in", "/en/form", "/nowhere"} {
		a := s.get(path)
		for _, selector := range []string{"[style]", "style", "script:not([src])", "[onclick]", `[href^="http:"]`, `[src^="http"]`} {
			if found := all(t, a, selector); len(found) > 0 {
				t.Errorf("%s has %s", path, selector)
			}
		}
	}
}

func TestAPageWithATokenInItsAddressIsStoredNowhere(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/sign-in/once", "/setup/first"} {
		if a := s.get(path); a.StatusCode != 200 || a.Header.Get("Cache-Control") != "no-store" || a.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %v", path, a.StatusCode, a.Header)
		}
	}
}
