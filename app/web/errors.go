package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"attesta/app/fault"
)

var statuses = map[fault.Kind]int{
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.NotFound:    http.StatusNotFound,
	fault.Forbidden:   http.StatusForbidden,
	fault.SignIn:      http.StatusUnauthorized,
	fault.Conflict:    http.StatusConflict,
	fault.Gone:        http.StatusGone,
	fault.TooMany:     http.StatusTooManyRequests,
	fault.TooLarge:    http.StatusRequestEntityTooLarge,
	fault.Unavailable: http.StatusServiceUnavailable,
}

// told turns any error into a fault that can be shown; internal reports that it was none.
func told(err error) (f *fault.Fault, internal bool) {
	if f := fault.From(err); f != nil {
		return f, false
	}
	var fe *fiber.Error
	if errors.As(err, &fe) {
		switch {
		case fe.Code == http.StatusNotFound || fe.Code == http.StatusMethodNotAllowed:
			return fault.New(fault.NotFound, "error.not_found"), false
		case fe.Code == http.StatusRequestEntityTooLarge:
			return fault.New(fault.TooLarge, "error.too_large"), false
		case fe.Code < 500:
			return fault.New(fault.Invalid, "error.request_wrong"), false
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.New(fault.Unavailable, "error.unavailable"), true
	}
	return nil, true
}

// fail is the one exit for errors: it logs what nobody expected, once, and answers in the reader's language.
func (s *Server) fail(f *fiber.Ctx, err error) error {
	c := s.context(f)
	told, internal := told(err)
	status := http.StatusInternalServerError
	if told != nil {
		status = statuses[told.Kind]
	}
	var fe *fiber.Error
	if errors.As(err, &fe) && fe.Code < 500 {
		status = fe.Code
	}
	if internal {
		s.Log.Error("request failed", "request", c.id, "route", c.pattern(), "error", err.Error(), "stack", c.stack)
	} else if told.Kind == fault.Unavailable {
		s.Log.Warn("a part doesn't answer", "request", c.id, "route", c.pattern(), "error", err.Error())
	}
	if len(f.Response().Header.Peek("Content-Security-Policy")) == 0 {
		s.headers(c)
	}
	f.Response().ResetBody()
	f.Response().Header.Del(fiber.HeaderContentDisposition)
	f.Set("Cache-Control", "no-store")
	if told != nil && told.Kind == fault.TooMany {
		if seconds, ok := told.Params["Seconds"].(int); ok {
			f.Set("Retry-After", strconv.Itoa(seconds))
		}
	}
	if c.forPrograms() {
		return c.failProblem(status, told)
	}
	if c.wantsJSON() {
		return c.failJSON(status, told)
	}
	if told != nil && told.Kind == fault.SignIn && c.reads() {
		return f.Redirect("/sign-in?next="+url.QueryEscape(f.OriginalURL()), http.StatusSeeOther)
	}
	return c.failPage(status, told, internal)
}

// errorPage says what happened and what to do next.
type errorPage struct {
	Page
	Heading    string
	Next       string
	RequestID  string     // for an internal error
	Again      []pastPair // what was sent with a stale token, to be sent again
	Action     string
	Reload     string // where the form can be opened again, if what it holds can't be sent again
	SignIn     bool
	Way, WayOn string       // where the reader can help themselves, and what that is called, or ""
	Roles      []RoleChoice // other roles of the reader that may open the page,
	Came       string       // which is here
}

type pastPair struct{ Name, Value string }

// whatNext is what to do after an error of each kind.
var whatNext = map[fault.Kind]string{
	"":                "error.internal_next",
	fault.Invalid:     "error.invalid_next",
	fault.NotFound:    "error.not_found_next",
	fault.Forbidden:   "error.forbidden_next",
	fault.SignIn:      "error.sign_in_next",
	fault.Conflict:    "error.conflict_next",
	fault.Gone:        "error.gone_next",
	fault.TooMany:     "error.too_many_next",
	fault.TooLarge:    "error.too_large_next",
	fault.Unavailable: "error.unavailable_next",
}

// ways lead on from what is over to where the reader can help themselves, or else say whom to ask.
var ways = map[string]struct{ path, text, next string }{
	"account.link_spent":  {"/sign-in/link", "web.link_ask", "error.link_next"},
	"account.setup_spent": {"/sign-in", "web.sign_in", "error.setup_next"},
	"account.email_spent": {accountPath, "account.title", "error.email_next"},
	"nomination.gone":     {next: "error.nomination_next"},

	"attendance.link_not_now": {next: "checkin.keep_link"},
}

func (c *Ctx) failPage(status int, told *fault.Fault, internal bool) error {
	page := &errorPage{Page: c.Page(""), Heading: c.T("error.internal")}
	page.NoIndex = true
	page.Form = &Form{values: url.Values{}, printer: c.printer, labels: map[string]string{}, drawn: map[string]bool{}}
	next := whatNext[""]
	if told != nil {
		page.Heading, next = c.printer.Fault(told), whatNext[told.Kind]
		page.SignIn = told.Kind == fault.SignIn
		c.offerRoles(page, told)
		c.sendAgain(page, told)
		if told.Is(errStale) {
			next = "error.stale_next"
		}
		if page.Reload != "" {
			next = "error.reload_next"
		}
		if way, ok := ways[told.Key]; ok {
			if next = way.next; c.s.has(way.path) {
				page.Way, page.WayOn = way.path, c.T(way.text)
			}
		}
	}
	if internal {
		page.RequestID = c.id
	}
	page.Title, page.Next = page.Heading, c.T(next)
	if err := c.RenderStatus(status, "web/error", page); err != nil {
		c.s.Log.Error("error page failed", "request", c.id, "error", err.Error())
		return c.f.Status(status).SendString(page.Heading)
	}
	return nil
}

// sendAgain puts what was typed into a form with a fresh token: a page that stayed open too long, or one whose
// session ended, loses nothing. A password or a file is never written into a page; then the form is to be opened
// again. Nothing is kept of what another site sent.
func (c *Ctx) sendAgain(page *errorPage, told *fault.Fault) {
	if !told.Is(errStale) && told.Kind != fault.SignIn || c.route == nil || c.route.Method != http.MethodPost || !c.sameOrigin() || c.nobodys() {
		return
	}
	var again []pastPair
	for name, values := range c.Form().values {
		if strings.Contains(name, "password") || strings.HasPrefix(c.f.Get(fiber.HeaderContentType), "multipart/") {
			if page.Reload = "/"; c.s.has(c.route.Path) {
				page.Reload = c.f.OriginalURL()
			}
			return
		}
		for _, v := range values {
			if name != csrfField {
				again = append(again, pastPair{name, v})
			}
		}
	}
	page.Again, page.Action = again, c.f.OriginalURL()
}

func (c *Ctx) reads() bool { return c.f.Method() == http.MethodGet || c.f.Method() == http.MethodHead }

func (c *Ctx) wantsJSON() bool {
	path := c.Path()
	return strings.HasSuffix(path, ".json") || strings.HasPrefix(c.f.Get(fiber.HeaderAccept), "application/json")
}

func (c *Ctx) failJSON(status int, told *fault.Fault) error {
	key, message := "error.internal", c.T("error.internal")
	fields := map[string]string{}
	if told != nil {
		key, message = told.Key, c.printer.Fault(told)
		for _, x := range told.Fields {
			fields[x.Name] = c.printer.FieldFault(x)
		}
	}
	c.f.Status(status)
	return c.f.JSON(map[string]any{"error": key, "message": message, "fields": fields, "request_id": c.id})
}
