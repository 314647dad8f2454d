package web

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/account"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Ctx is one request and its answer. It belongs to one goroutine and ends with the handler.
type Ctx struct {
	f         *fiber.Ctx
	s         *Server
	route     *Route
	id        string
	actor     account.Actor
	session   signedIn
	token     account.Token // that a program has shown
	printer   *locale.Printer
	preferred locale.Code // by the browser and the switch; see negotiate
	entered   bool
	vouched   bool
	own       bool // the answer holds what this browser alone may have
	form      *Form
	notices   []Notice
	about     look
	stack     string // of a panic
}

// Context returns the context of the request: a deadline and the request id, no more.
func (c *Ctx) Context() context.Context { return c.f.UserContext() }

// Fiber returns what lies beneath, for the rare answer that has no method here.
func (c *Ctx) Fiber() *fiber.Ctx { return c.f }

// Now returns the time by the server's clock.
func (c *Ctx) Now() time.Time { return c.s.Clock() }

// Param returns a parameter of the path, decoded.
func (c *Ctx) Param(name string) string {
	raw := c.f.Params(name)
	if s, err := url.PathUnescape(raw); err == nil {
		raw = s
	}
	return written(raw)
}

// Query returns a parameter of the query string, or "".
func (c *Ctx) Query(name string) string { return written(c.f.Query(name)) }

// written returns text that can be kept: what is no UTF-8, and the zero byte that no database takes, becomes U+FFFD.
func written(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// IsPost reports whether the request writes.
func (c *Ctx) IsPost() bool { return c.route != nil && c.route.Writes() }

// Path returns the path of the request as it stands in the address bar, without the query. It begins with one slash:
// a link to //host would lead away.
func (c *Ctx) Path() string {
	return "/" + strings.TrimLeft(string(c.f.Request().URI().PathOriginal()), "/\\")
}

// URL returns the absolute address of a path of this program, built from the configured base.
func (c *Ctx) URL(path string) string { return c.s.origin + path }

// Body returns the body of a script's request as it was sent. It is valid until the handler returns.
func (c *Ctx) Body() []byte { return c.f.Request().Body() }

// Header returns a header of the request.
func (c *Ctx) Header(name string) string { return c.f.Get(name) }

// Actor returns who asks: a person who signed in, the holder of a link after As, or account.Anyone.
func (c *Ctx) Actor() account.Actor { return c.actor }

// As says that the request acts for a, whose link the handler has verified.
func (c *Ctx) As(a account.Actor) { c.actor, c.vouched = a, true }

// T returns the words of a key in the reader's language.
func (c *Ctx) T(key string, kv ...any) string { return c.printer.T(key, kv...) }

// Printer returns the printer of the reader's language.
func (c *Ctx) Printer() *locale.Printer { return c.printer }

// Locale returns the reader's language.
func (c *Ctx) Locale() locale.Code { return c.printer.Code() }

// RequestID returns the id under which the request is logged.
func (c *Ctx) RequestID() string { return c.id }

// Redirect sends the reader on to a path of this program with 303.
func (c *Ctx) Redirect(path string) error {
	if !local(path) {
		return fault.New(fault.Invalid, "error.request_wrong")
	}
	return c.f.Redirect(path, fiber.StatusSeeOther)
}

// ReadJSON reads the body of a script's request into v, or returns an Invalid fault.
func (c *Ctx) ReadJSON(v any) error {
	body := bytes.ReplaceAll(c.f.Request().Body(), []byte(`\u0000`), []byte(`\ufffd`)) // a zero byte, as in a form
	if err := json.Unmarshal(body, v); err != nil {
		return fault.New(fault.Invalid, "error.request_wrong")
	}
	return nil
}

// JSON answers with v for programs.
func (c *Ctx) JSON(v any) error { return c.f.JSON(v) }

// Send answers with bytes of the given type, shown in the browser.
func (c *Ctx) Send(contentType string, b []byte) error {
	c.f.Set(fiber.HeaderContentType, contentType)
	return c.f.Send(b)
}

// Download answers with a file to be saved under the given name.
func (c *Ctx) Download(name, contentType string, b []byte) error {
	c.f.Set(fiber.HeaderContentDisposition, disposition(name))
	return c.Send(contentType, b)
}

// disposition returns the header for a file name; names outside ASCII are encoded as RFC 2231 has it.
func disposition(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == '/' || r == '\\' || r == 0x7f {
			return '_'
		}
		return r
	}, name)
	if d := mime.FormatMediaType("attachment", map[string]string{"filename": name}); d != "" {
		return d
	}
	return "attachment"
}

// local reports whether a path leads to this program and nowhere else, whatever a browser makes of it.
func local(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t\x00") {
		return false
	}
	u, err := url.Parse(path)
	return err == nil && u.Host == "" && u.Scheme == ""
}

// pattern returns the route's pattern, in which a token is only a name.
func (c *Ctx) pattern() string {
	if c.route == nil {
		return "none"
	}
	return c.route.Method + " " + c.route.Path
}

// enter loads the session and asks whether the actor may come in.
func (c *Ctx) enter() error {
	if c.route.forPrograms() {
		return c.enterProgram()
	}
	if err := c.load(); err != nil {
		return err
	}
	if c.route.Writes() {
		if err := c.checkOrigin(); err != nil {
			return err
		}
	}
	if c.route.Need == HalfSignedIn {
		if c.session.id == "" {
			return errSignIn
		}
		return nil
	}
	if !c.route.Need.Allows(c.actor) {
		if c.actor.UserID == 0 {
			return errSignIn
		}
		return errForbidden
	}
	return nil
}

var (
	errSignIn    = fault.New(fault.SignIn, "error.sign_in")
	errForbidden = fault.New(fault.Forbidden, "error.forbidden")
)
