// Package api answers programs at /api/v1, and lets people make the tokens that programs show there.
//
// Everything that a program can ask for stands in one table, operations: from it come the routes, the check of the
// parameters and the OpenAPI document, so that none can say what the others don't. A handler fills a struct of this
// package; its fields and their tags are the schema.
//
// A token acts for its user, within its scope: the domain is asked with that actor, as it is from a page. Rows are named
// by their public codes. Instants are RFC 3339 in UTC, days are days in the event's zone, and a text in several
// languages is an object by locale.
package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/project"
	"attesta/app/registration"
	"attesta/app/token"
	"attesta/app/web"
)

// Root is where the addresses begin.
const Root = "/api/v1"

// Tokens are kept by whoever knows the users.
type Tokens interface {
	MakeToken(ctx context.Context, actor account.Actor, n account.NewToken) (string, error)
	Tokens(ctx context.Context, actor account.Actor, userID int64) ([]account.Token, error)
	RevokeToken(ctx context.Context, actor account.Actor, id int64) error
	Held(ctx context.Context, userID int64) ([]account.Grant, error)
}

// Pages are what programs ask for, and the page of tokens; every field is needed.
type Pages struct {
	DB            *db.DB
	Tokens        Tokens
	Projects      *project.Desk
	Events        *event.Desk
	Registrations *registration.Desk
	Attendance    *attendance.Desk
	Certificates  *certificate.Desk
	Secret        token.Secret // signs cursors
	Clock         func() time.Time
}

// operation is one thing that programs can ask for.
type operation struct {
	method, path string // below Root, in the notation of routes
	id           string
	tag          string
	summary      string
	text         string
	need         web.Need
	params       []parameter
	body         any // a zero value of what is sent, or nil
	answer       any // a zero value of what comes back
	example      any
	problems     []int // statuses, beside those that anything can have
	deadline     time.Duration
	handle       func(*web.Ctx, *query) (any, error)
	raw          func(*web.Ctx) error // in place of handle, where no parameters are taken
}

// Routes lists the addresses.
func (p *Pages) Routes() []web.Route {
	routes := []web.Route{
		web.GET(tokensPath, web.SignedIn, p.tokens),
		web.POST(tokensPath, web.SignedIn, p.makeToken),
		web.POST(tokensPath+"/revoke", web.SignedIn, p.revokeToken),
	}
	for _, o := range p.operations() {
		handler := o.serve
		if o.raw != nil {
			handler = o.raw
		}
		routes = append(routes, web.Route{Method: o.method, Path: Root + o.path, Need: o.need, Deadline: o.deadline, Handler: handler})
	}
	return routes
}

// serve checks the parameters and answers.
func (o operation) serve(c *web.Ctx) error {
	q := readQuery(c, o.params)
	if o.method == http.MethodPost { // what is wrong with the body is told together by its handler
		if err := q.Err(); err != nil {
			return err
		}
	}
	answer, err := o.handle(c, q)
	if err != nil {
		return err
	}
	if l, ok := answer.(interface{ next() string }); ok && l.next() != "" {
		c.SetHeader("Link", "<"+c.URL(c.Path()+"?"+q.with("cursor", l.next()))+`>; rel="next"`)
	}
	return c.JSON(answer)
}

// list is one page of a list.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Ask again with this as cursor; without it this page is the last."`
}

func (l list[T]) next() string { return l.Next }

// paged makes a page of what was found: one more than the limit says that there is another page.
func paged[T, R any](p *Pages, q *query, name string, found []R, code func(R) string, show func(R) T) list[T] {
	l := list[T]{Items: []T{}}
	for i, r := range found {
		if i == q.limit() {
			l.Next = p.seal(name, code(found[i-1]))
			break
		}
		l.Items = append(l.Items, show(r))
	}
	return l
}

// index says what there is.
func (p *Pages) index(c *web.Ctx) error {
	out := Index{Document: c.URL(Root + "/openapi.json"), Resources: []Resource{}}
	for _, o := range p.operations() {
		out.Resources = append(out.Resources, Resource{Method: o.method, Path: Root + braced(o.path), Summary: o.summary})
	}
	return c.JSON(out)
}

// Index is what stands at the root.
type Index struct {
	Document  string     `json:"document" format:"uri" doc:"The description of everything, in OpenAPI 3.1."`
	Resources []Resource `json:"resources"`
}

// Resource is one operation.
type Resource struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	Summary string `json:"summary"`
}

// braced writes a route's path as OpenAPI does: :code is {code}.
func braced(path string) string {
	parts := strings.Split(path, "/")
	for i, s := range parts {
		if name, ok := strings.CutPrefix(s, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

// event returns the event of the address to a token that may see it.
func (p *Pages) event(c *web.Ctx) (*event.Event, error) {
	e, err := p.Events.ByCode(c.Context(), c.Actor(), c.Param("event"))
	if err == nil {
		c.About("event", e.ID, e.ID)
	}
	return e, err
}

// address returns the absolute address of a path whose parts are escaped.
func address(c *web.Ctx, parts ...string) string {
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return c.URL("/" + strings.Join(parts, "/"))
}
