package web

import "strings"

const policy = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers sets what every answer carries, error pages too.
func (s *Server) headers(c *Ctx) {
	h := &c.f.Response().Header
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("X-Request-Id", c.id)
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// routeHeaders sharpens them: what is behind a sign-in or a link is stored nowhere, and a token in an address is
// told to nobody.
func (s *Server) routeHeaders(c *Ctx) {
	h := &c.f.Response().Header
	if c.route.private() {
		h.Set("Cache-Control", "no-store")
	}
	if strings.Contains(c.route.Path, ":token") || c.route.Need == Link {
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	switch {
	case c.route.forPrograms():
		h.Set("Cache-Control", "no-store")
		h.Set("Vary", "Accept-Language, Authorization")
	case !c.route.localised():
		h.Set("Vary", "Accept-Language, Cookie")
	}
	if c.route.Scanner {
		h.Set("Content-Security-Policy", strings.Replace(strings.Replace(policy, "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", 1),
			"img-src 'self'", "img-src 'self' blob:; media-src 'self' blob:; worker-src 'self'", 1))
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(), usb=()")
	}
}
