package web_test

import (
	"net/http/httptest"
	"testing"

	"attesta/app/web"
)

func TestTheSourceIsBelievedOnlyThroughTrustedProxies(t *testing.T) {
	var got string
	ask := web.GET("/source", web.Anyone, func(c *web.Ctx) error { got = c.Source().String(); return nil })
	for _, c := range []struct {
		trusted   []string
		forwarded string
		want      string
	}{
		{nil, "", "0.0.0.0"},
		{nil, "203.0.113.9", "0.0.0.0"},
		{[]string{"0.0.0.0/32"}, "203.0.113.9", "203.0.113.9"},
		{[]string{"0.0.0.0/32"}, "198.51.100.1, 203.0.113.9", "203.0.113.9"}, // the left one is the visitor's own claim
		{[]string{"0.0.0.0/32", "203.0.113.0/24"}, "198.51.100.1, 203.0.113.9", "198.51.100.1"},
		{[]string{"0.0.0.0"}, "nonsense", "0.0.0.0"},
		{[]string{"0.0.0.0"}, "2001:db8::1", "2001:db8::1"},
	} {
		s := newSite(t, func(cfg *web.Config) { cfg.TrustedProxies = c.trusted; cfg.Routes = append(cfg.Routes, ask) })
		s.get("/source", "X-Forwarded-For", c.forwarded)
		if got != c.want {
			t.Errorf("%v %q: %s, want %s", c.trusted, c.forwarded, got, c.want)
		}
	}
}

func TestAVisitorsOwnHeaderAboveTheProxysIsNotBelieved(t *testing.T) {
	var got string
	s := newSite(t, func(cfg *web.Config) {
		cfg.TrustedProxies = []string{"0.0.0.0/32"}
		cfg.Routes = append(cfg.Routes, web.GET("/source", web.Anyone, func(c *web.Ctx) error { got = c.Source().String(); return nil }))
	})
	r := httptest.NewRequest("GET", "/source", nil)
	r.Header["X-Forwarded-For"] = []string{"198.51.100.1", "203.0.113.9"}
	if s.send(r); got != "203.0.113.9" {
		t.Errorf("%s, want what the proxy added", got)
	}
}
