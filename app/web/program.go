package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/account"
	"attesta/app/fault"
)

// programs is where the addresses for programs begin. No cookie is read or set there, so nothing that a browser sends by
// itself is believed and no CSRF token is asked for; errors are problem details (RFC 9457).
const programs = "/api/"

// Token is the need of a program that shows a token (Authorization: Bearer) which holds p in some scope; p "" is any
// token. The domain checks the scope itself. Such a route stands below /api/.
func Token(p account.Permission) Need { return Need{kind: "token", permission: p} }

// Bearers know the tokens of programs.
type Bearers interface {
	// Bearer returns who acts when a program shows a token, or a SignIn fault.
	Bearer(ctx context.Context, secret string) (account.Actor, account.Token, error)
}

// How often one token may read and write within a minute, and how often one source may show a wrong one.
const (
	readLimit  = 600
	writeLimit = 60
	wrongLimit = 30
)

var (
	errNoToken     = fault.New(fault.SignIn, "api.token_needed", "Header", "Authorization: Bearer")
	errContentType = fiber.NewError(http.StatusUnsupportedMediaType)
)

// forPrograms reports whether the route is for programs.
func (r Route) forPrograms() bool { return strings.HasPrefix(r.Path, programs) }

// forPrograms reports whether the request is a program's, whether or not it found a route.
func (c *Ctx) forPrograms() bool {
	if c.route != nil {
		return c.route.forPrograms()
	}
	path := strings.ToLower(c.Path())
	return strings.HasPrefix(path, programs) || path == strings.TrimSuffix(programs, "/")
}

// checkProgram returns what is wrong with a route for programs, or with a need for them elsewhere.
func (r Route) checkProgram() error {
	if token := r.Need.kind == "token"; r.forPrograms() != token && (!r.forPrograms() || r.Need != Anyone) {
		return fmt.Errorf("route %q: a token is for programs, and programs have nothing else", r.Method+" "+r.Path)
	}
	return nil
}

// enterProgram asks whose token the request shows and what it may do.
func (c *Ctx) enterProgram() error {
	if c.route.Need == Anyone {
		return nil
	}
	if err := c.bear(); err != nil {
		return err
	}
	if !c.route.Need.Allows(c.actor) {
		return errForbidden
	}
	return c.takes()
}

// bear finds out who shows a token. Only wrong ones are counted against their source, so that nobody's mistake locks
// out a neighbour behind the same address.
func (c *Ctx) bear() error {
	scheme, secret, _ := strings.Cut(c.f.Get(fiber.HeaderAuthorization), " ")
	bearers, ok := c.s.Accounts.(Bearers)
	if !strings.EqualFold(scheme, "Bearer") || !ok {
		return errNoToken
	}
	actor, token, err := bearers.Bearer(c.Context(), strings.TrimSpace(secret))
	if fault.KindOf(err) == fault.SignIn {
		return errors.Join(c.LimitSource("wrong token", wrongLimit, time.Minute), err)
	}
	if err != nil {
		return err
	}
	c.actor, c.token = actor, token
	return c.limitToken()
}

// limitToken counts the request against its token and says in the answer how much is left.
func (c *Ctx) limitToken() error {
	name, n := "read", readLimit
	if c.route.Writes() {
		name, n = "write", writeLimit
	}
	key := fmt.Sprintf("token %d %s", c.token.ID, name)
	err := c.Limit(key, n, time.Minute)
	left, reset := c.s.limits.left(digest("limit", key), n, time.Minute)
	h := &c.f.Response().Header
	h.Set("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=60`, name, n))
	h.Set("RateLimit", fmt.Sprintf(`"%s";r=%d;t=%d`, name, left, reset))
	return err
}

// left returns how many attempts under key are still within the limit, and in how many seconds the window ends.
func (l *limiter) left(key string, n int, per time.Duration) (left, reset int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	into := l.clock().UnixNano() % int64(per)
	reset = int((per - time.Duration(into) + time.Second - 1) / time.Second)
	c := l.all[key]
	if c == nil {
		return n, reset
	}
	carried := float64(c.previous) * float64(int64(per)-into) / float64(per)
	return max(0, n-c.total()-int(carried+0.999)), reset
}

// takes refuses a body that isn't JSON.
func (c *Ctx) takes() error {
	kind := c.f.Get(fiber.HeaderContentType)
	if !c.route.Writes() || kind == "" && len(c.f.Request().Body()) == 0 {
		return nil
	}
	if media, _, err := mime.ParseMediaType(kind); err != nil || media != fiber.MIMEApplicationJSON {
		return errContentType
	}
	return nil
}

// ProofPath is where somebody who signed in a while ago (Visit.Fresh) shows again who they are, to go on to next.
func ProofPath(next string) string { return onwardFrom(proofPath, next) }

// Token is what the program has shown; its ID is 0 where none was asked for.
func (c *Ctx) Token() account.Token { return c.token }

// ReadStrictJSON reads the body of a program's request into v. What is no JSON, or has fields that v hasn't, is refused
// with 400.
func (c *Ctx) ReadStrictJSON(v any) error {
	body := bytes.ReplaceAll(c.f.Request().Body(), []byte(`\u0000`), []byte(`\ufffd`)) // a zero byte, as in a form
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fiber.ErrBadRequest
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fiber.ErrBadRequest
	}
	return nil
}

// Queries returns the parameters of the query string by name, each with the first of its values.
func (c *Ctx) Queries() map[string]string {
	all := map[string]string{}
	c.f.Request().URI().QueryArgs().VisitAll(func(k, v []byte) {
		if _, ok := all[string(k)]; !ok {
			all[string(k)] = written(string(v))
		}
	})
	return all
}

// SetHeader sets a header of the answer.
func (c *Ctx) SetHeader(name, value string) { c.f.Set(name, value) }
