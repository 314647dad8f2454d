package web

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Leaks asks every route as a stranger would and returns what should not have happened, a sentence each: a write that
// went through without a CSRF token, a page behind a permission or a link that a visitor was shown, an address that
// answers without standing in the table. It calls the handlers of reading routes under Link with a made-up token.
func (s *Server) Leaks() []string {
	var leaks []string
	for _, r := range s.routes {
		status, err := s.ask(r)
		switch {
		case err != nil:
			leaks = append(leaks, fmt.Sprintf("%s %s: %v", r.Method, r.Path, err))
		case r.Writes() && status != http.StatusForbidden:
			leaks = append(leaks, fmt.Sprintf("%s %s answers %d without a CSRF token", r.Method, r.Path, status))
		case !r.Writes() && r.Need == Link && status < 400:
			leaks = append(leaks, fmt.Sprintf("%s %s answers %d to a made-up link", r.Method, r.Path, status))
		case !r.Writes() && r.Need != Anyone && r.Need != Link && status != http.StatusSeeOther && status != http.StatusUnauthorized:
			leaks = append(leaks, fmt.Sprintf("%s %s answers %d to a visitor", r.Method, r.Path, status))
		}
	}
	return append(leaks, s.unlisted()...)
}

var parameter = regexp.MustCompile(`:\w+\??|\*`)

// ask sends a visitor's request; of what anyone may read there is nothing to ask.
func (s *Server) ask(r Route) (status int, err error) {
	if !r.Writes() && r.Need == Anyone {
		return http.StatusOK, nil
	}
	path := strings.Replace(r.Path, ":locale", string(s.locales()[0]), 1)
	path = parameter.ReplaceAllString(path, "x")
	req, err := http.NewRequestWithContext(context.Background(), r.Method, path, http.NoBody)
	if err != nil {
		return 0, err
	}
	res, err := s.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// unlisted returns the addresses that were registered past the table.
func (s *Server) unlisted() []string {
	known := map[string]bool{"GET /healthz": true, "GET /static/*": true}
	for _, r := range s.routes {
		known[r.Method+" "+r.Path] = true
	}
	var leaks []string
	for _, r := range s.app.GetRoutes(true) {
		if r.Method != fiber.MethodHead && !known[r.Method+" "+r.Path] {
			leaks = append(leaks, fmt.Sprintf("%s %s stands in no table", r.Method, r.Path))
		}
	}
	return leaks
}
