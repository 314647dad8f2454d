package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/account"
	"attesta/app/fault"
)

// own are the routes of the core itself.
func (s *Server) own() []Route {
	routes := []Route{
		GET("/", Anyone, s.start),
		GET("/readyz", Anyone, s.ready),
		GET("/robots.txt", Anyone, s.robots),
		GET("/favicon.ico", Anyone, s.favicon),
		POST("/sign-out", HalfSignedIn, s.signOut),
	}
	if s.Accounts != nil {
		routes = append(routes,
			GET("/sign-in", Anyone, s.signIn),
			POST("/sign-in", Anyone, s.signIn),
			GET("/sign-in/:token", Anyone, s.linkSignIn),
			POST("/sign-in/:token", Anyone, s.linkSignIn))
	}
	if _, ok := s.Accounts.(LinkSender); ok {
		routes = append(routes, GET("/sign-in/link", Anyone, s.askLink), POST("/sign-in/link", Anyone, s.askLink))
	}
	if who, ok := s.Accounts.(Self); ok {
		routes = append(routes, (&accountPages{s, who}).routes()...)
	}
	if who, ok := s.Accounts.(Identities); ok {
		routes = append(routes, s.atProvider(who)...)
	}
	if _, ok := s.Accounts.(FirstAdministrator); ok {
		routes = append(routes, GET("/setup/:token", Anyone, s.setup), POST("/setup/:token", Anyone, s.setup))
	}
	if s.Factors != nil {
		routes = append(routes, s.secondRoutes()...)
		routes = append(routes, s.factorRoutes()...)
		routes = append(routes, s.passkeyRoutes()...)
	}
	if s.Demo {
		routes = append(routes, GET("/components", Anyone, s.components), POST("/components", Anyone, s.components))
	}
	if s.Caught != nil {
		routes = append(routes, GET("/mails", Anyone, s.mails), GET("/mails/:n", Anyone, s.mail), GET("/mails/:n/html", Anyone, s.mailHTML))
	}
	return routes
}

// home is where an actor begins.
func home(a account.Actor) string {
	switch {
	case a.CanSomewhere(account.ViewEvent) || a.CanSomewhere(account.Administer):
		return "/desk"
	case a.CanSomewhere(account.ViewGrant):
		return "/donor"
	}
	return "/"
}

// start leads to the reader's language.
func (s *Server) start(c *Ctx) error { return c.Redirect("/" + string(c.Locale()) + "/") }

func (s *Server) ready(c *Ctx) error {
	if s.Ready != nil {
		if err := s.Ready.Ready(c.Context()); err != nil {
			s.Log.Warn("not ready", "error", err.Error())
			return c.f.Status(http.StatusServiceUnavailable).SendString("not ready\n")
		}
	}
	return c.f.SendString("ready\n")
}

func (s *Server) robots(c *Ctx) error {
	text := "User-agent: *\nDisallow: /desk\nDisallow: /donor\nDisallow: /my\nDisallow: /checkin\nDisallow: /nominate\nDisallow: /sign-in\nDisallow: /api\n"
	if s.has("/sitemap.xml") {
		text += "\nSitemap: " + c.URL("/sitemap.xml") + "\n"
	}
	return c.Send("text/plain; charset=utf-8", []byte(text))
}

func (s *Server) favicon(c *Ctx) error {
	path, err := s.assets.path("img/icon.svg")
	if err != nil {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return c.f.Redirect(path, http.StatusFound)
}

type signInPage struct {
	Page
	Next   string
	Opened bool // a one-time link was opened
	Links  bool // a link can be asked for

	Provider, AtProvider string // where one may sign in besides: its name, and the way there; "" for nowhere
}

func (s *Server) signIn(c *Ctx) error {
	next := c.Query("next")
	if c.IsPost() {
		next = c.Form().Value("next")
	}
	if c.session.id != "" && !c.IsPost() {
		return c.Redirect(c.onward(next))
	}
	if c.IsPost() {
		err := s.trySignIn(c)
		if err == nil {
			return c.Redirect(c.onward(next))
		}
		if !c.Form().Refused(err) {
			return err
		}
	}
	_, links := s.Accounts.(LinkSender)
	page := &signInPage{Page: c.Page(c.T("web.sign_in")), Next: next, Links: links, Provider: s.providerName(), AtProvider: nextAtProvider(next)}
	page.NoIndex = true
	return c.Render("web/sign_in", page)
}

// trySignIn signs in with a password. From one source address five attempts a minute may fail, whatever account they
// are for; for one account sixty, wherever they come from. A browser that has signed in to the account before stands
// outside both, with five of its own: what strangers do can't lock it out. Who comes from a new browser meanwhile can
// still have a link sent.
func (s *Server) trySignIn(c *Ctx) error {
	email, password := c.Form().Value("email"), c.Form().Raw("password")
	var form fault.Form
	if email == "" {
		form.Add("email", "form.required")
	}
	if password == "" {
		form.Add("password", "form.required")
	}
	if err := form.Err(); err != nil {
		return err
	}
	here, known := c.fromHere("sign in", email)
	attempts := []attempt{here}
	if !known {
		attempts = append(attempts, attempt{"sign in to " + account.EmailKey(email), 60})
	}
	forgive, err := c.try(attempts...)
	if err != nil {
		return err
	}
	user, err := s.Accounts.SignIn(c.Context(), email, password)
	if err != nil {
		return err
	}
	forgive()
	return c.SignIn(user, account.ByPassword)
}

// fromHere is how what somebody does to get in to an account is counted: five a minute for this browser if the account
// knows it, else for this source address.
func (c *Ctx) fromHere(what, email string) (a attempt, known bool) {
	if browser := c.knownTo(email); browser != "" {
		return attempt{what + " known " + browser + " " + account.EmailKey(email), 5}, true
	}
	return attempt{what + " from " + c.sourceKey(), 5}, false
}

// linkSignIn shows a button to the one who opens a sign-in link, because mail programs open links too; pressing it
// uses the link up.
func (s *Server) linkSignIn(c *Ctx) error {
	if !c.IsPost() && !s.Demo {
		page := &signInPage{Page: c.Page(c.T("web.sign_in")), Next: c.Query("next"), Opened: true}
		page.NoIndex = true
		return c.Render("web/sign_in", page)
	}
	if err := c.LimitSource("sign-in link", 20, time.Minute); err != nil {
		return err
	}
	user, err := s.Accounts.LinkSignIn(c.Context(), c.Param("token"))
	if err != nil {
		return err
	}
	if err := c.SignIn(user, account.ByLink); err != nil {
		return err
	}
	next := c.Query("next")
	if c.IsPost() {
		next = c.Form().Value("next")
	}
	return c.Redirect(c.onward(next))
}

func (s *Server) signOut(c *Ctx) error {
	if err := c.SignOut(); err != nil {
		return err
	}
	c.f.Set("Clear-Site-Data", `"cache"`)
	c.Flash(Calm, "web.signed_out")
	return c.f.Redirect("/sign-in", fiber.StatusSeeOther)
}

// onward returns where somebody who signed in goes on: to the second factor if one is needed, to next if it leads to
// this program, else where they begin.
func (c *Ctx) onward(next string) string {
	if !local(next) || strings.HasPrefix(next, "/sign-") {
		next = ""
	}
	if c.session.visit.First && c.s.has(welcomePath) {
		next = onwardFrom(welcomePath, next)
	}
	if c.Pending() != account.Complete {
		return secondPath + "?next=" + url.QueryEscape(next)
	}
	if next != "" {
		return next
	}
	return home(c.Actor())
}

// secondPath is where the second factor is asked for, or set up.
const secondPath = "/sign-in/second"
