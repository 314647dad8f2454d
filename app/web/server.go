package web

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/valyala/fasthttp"

	"attesta/app/audit"
	"attesta/app/locale"
)

// Server answers requests. It is built once and safe for concurrent use.
type Server struct {
	*settings
	app      *fiber.App
	routes   []Route
	pages    *renderer
	assets   *assets
	sessions *session.Store
	limits   *limiter
	kept     *keeper
	quiet    atomic.Pointer[silent]
	keys     struct{ csrf, notice, known []byte }
}

// New builds the server: it checks the configuration, parses every template and refuses a route that says not who
// may call it.
func New(cfg Config) (*Server, error) {
	checked, err := cfg.check()
	if err != nil {
		return nil, err
	}
	s := &Server{settings: checked}
	s.keys.csrf, s.keys.notice, s.keys.known = derive(s.Secret, "csrf"), derive(s.Secret, "notice"), derive(s.Secret, "known browser")
	if s.routes, err = table(append(s.own(), cfg.Routes...)); err != nil {
		return nil, err
	}
	if s.assets, err = newAssets(cfg.Static, cfg.Dev); err != nil {
		return nil, err
	}
	if s.pages, err = newRenderer(cfg.Templates, cfg.Dev); err != nil {
		return nil, err
	}
	s.sessions = s.newSessions()
	s.limits = newLimiter(cfg.Store, s.Clock)
	s.kept = newKeeper(keepMost)
	s.app = s.newApp()
	return s, nil
}

func (s *Server) newApp() *fiber.App {
	app := fiber.New(fiber.Config{
		Immutable:             true,
		DisableStartupMessage: true,
		BodyLimit:             s.BodyLimit,
		ReadTimeout:           15 * time.Second,
		WriteTimeout:          60 * time.Second,
		IdleTimeout:           60 * time.Second,
		ReadBufferSize:        16 << 10,
		ErrorHandler:          s.fail,
	})
	app.Server().HeaderReceived = s.limitsOf
	app.Get("/healthz", func(f *fiber.Ctx) error { return f.SendString("ok\n") })
	app.Get("/static/*", s.assets.serve)
	app.Use(s.begin, recover.New(recover.Config{EnableStackTrace: true, StackTraceHandler: s.panicked}))
	for i := range s.routes {
		app.Add(s.routes[i].Method, s.routes[i].Path, s.handle(&s.routes[i]))
		if s.routes[i].Method == http.MethodGet {
			app.Add(http.MethodHead, s.routes[i].Path, s.handle(&s.routes[i]))
		}
	}
	return app
}

// Routes returns the table of routes in the order in which they are tried.
func (s *Server) Routes() []Route { return append([]Route(nil), s.routes...) }

// has reports whether a page stands at this path.
func (s *Server) has(path string) bool {
	return slices.ContainsFunc(s.routes, func(r Route) bool { return r.Method == http.MethodGet && r.Path == path })
}

// Listen serves on addr (host:port) until Shutdown.
func (s *Server) Listen(addr string) error {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return s.Serve(l)
}

// Serve serves on l until Shutdown.
func (s *Server) Serve(l net.Listener) error {
	stop := s.limits.start()
	defer stop()
	quiet := newSilent(l)
	s.quiet.Store(quiet)
	return s.app.Listener(quiet)
}

// Shutdown takes no new requests and waits for those under way, at most until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	if quiet := s.quiet.Load(); quiet != nil {
		const moment = 200 * time.Millisecond // for what is on the wire already
		defer time.AfterFunc(moment, quiet.hangUp).Stop()
	}
	return s.app.ShutdownWithContext(ctx)
}

// Do answers one request without a network, for tests.
func (s *Server) Do(r *http.Request) (*http.Response, error) { return s.app.Test(r, -1) }

// limitsOf gives uploads their own limit before the body is read, and large files the time that they take.
func (s *Server) limitsOf(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	path, _, _ := strings.Cut(string(h.RequestURI()), "?")
	for i := range s.routes {
		r := &s.routes[i]
		if r.Body == 0 && !r.Slow || r.Method != string(h.Method()) || strings.Count(path, "/") != strings.Count(r.Path, "/") || !fiber.RoutePatternMatch(path, r.Path) {
			continue
		}
		if r.Slow {
			return fasthttp.RequestConfig{WriteTimeout: patience}
		}
		return fasthttp.RequestConfig{MaxRequestBodySize: r.Body, ReadTimeout: 2 * time.Minute}
	}
	return fasthttp.RequestConfig{}
}

// begin gives a request its id, its deadline, its headers and its language.
func (s *Server) begin(f *fiber.Ctx) error {
	s.settled(f.Context())
	c := s.context(f)
	ctx, cancel := context.WithTimeout(audit.WithRequestID(context.Background(), c.id), s.Deadline)
	defer cancel()
	f.SetUserContext(ctx)
	s.headers(c)
	started := time.Now()
	err := packed(f)
	if err == nil {
		err = f.Next()
	}
	if err != nil {
		err = s.fail(f, err)
	}
	took := time.Since(started)
	s.Log.DebugContext(ctx, "request", "request", c.id, "route", c.pattern(), "status", f.Response().StatusCode(), "ms", took.Milliseconds())
	if s.Observe != nil {
		s.Observe(c.pattern(), f.Response().StatusCode(), took)
	}
	return err
}

// packed refuses a compressed body. No browser sends one, and what unpacks it asks not how much it becomes: a hundred
// kilobytes took a gigabyte of memory, before anybody had signed in.
func packed(f *fiber.Ctx) error {
	if len(f.Request().Header.PeekAll(fiber.HeaderContentEncoding)) > 0 {
		return fiber.ErrUnsupportedMediaType
	}
	return nil
}

// handle wraps a route: language, session, needs, the CSRF token, then the handler.
func (s *Server) handle(r *Route) fiber.Handler {
	return func(f *fiber.Ctx) error {
		c := s.context(f)
		c.route = r
		if r.Deadline > 0 {
			ctx, cancel := context.WithTimeout(audit.WithRequestID(context.Background(), c.id), r.Deadline)
			defer cancel()
			f.SetUserContext(ctx)
		}
		if to, err := c.chooseLanguage(); err != nil || to != "" {
			if err == nil {
				err = c.Redirect(to)
			}
			return err
		}
		s.routeHeaders(c)
		if err := c.enter(); err != nil {
			return err
		}
		if kept, err := c.fromKept(); kept || err != nil {
			return err
		}
		if err := r.Handler(c); err != nil {
			return err
		}
		if r.Need == Link && !c.vouched && f.Response().StatusCode() < 400 {
			return fmt.Errorf("%s %s answered without having asked whose link it is", r.Method, r.Path)
		}
		return c.recordLook()
	}
}

// panicked keeps the stack for the one line that fail logs.
func (s *Server) panicked(f *fiber.Ctx, _ any) {
	s.context(f).stack = string(debug.Stack())
}

// context returns the request's Ctx and makes it at the first call.
func (s *Server) context(f *fiber.Ctx) *Ctx {
	if c, ok := f.Locals(localsKey{}).(*Ctx); ok {
		return c
	}
	c := &Ctx{f: f, s: s, id: strings.ToLower(base32.StdEncoding.EncodeToString(random(10)))}
	c.printer = s.Catalogue.Printer(c.negotiate())
	f.Locals(localsKey{}, c)
	return c
}

// locales returns the languages on offer.
func (s *Server) locales() []locale.Code { return s.Catalogue.Locales() }

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}

type localsKey struct{}
