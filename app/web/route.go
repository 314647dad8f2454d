package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"attesta/app/account"
)

// Need says who may call a route. The zero value allows nobody and is refused at start.
type Need struct {
	kind       string
	permission account.Permission
}

// The needs that carry no permission. A handler under Link authenticates the token in its path itself and must call
// Ctx.As before it answers; an answer without is withheld.
var (
	Anyone   = Need{kind: "anyone"}
	SignedIn = Need{kind: "signed in"}
	Link     = Need{kind: "link"}

	// HalfSignedIn is the need of the pages that ask for a second factor or set one up: somebody has signed in, whether
	// or not more is asked of them. Ctx.Actor is Anyone until it was shown; Ctx.Visit knows the user.
	HalfSignedIn = Need{kind: "half signed in"}
)

// Permission is the need of an actor who holds p in some scope; the domain checks the scope itself.
func Permission(p account.Permission) Need { return Need{kind: "permission", permission: p} }

// String names the need, for the table of routes.
func (n Need) String() string {
	switch {
	case n.kind == "permission":
		return string(n.permission)
	case n.kind == "token" && n.permission != "":
		return "token " + string(n.permission)
	}
	return n.kind
}

// Allows reports whether a may call a route with this need. Under Link the token decides, not the actor; under HalfSignedIn
// Ctx.enter also lets in whom it doesn't allow yet.
func (n Need) Allows(a account.Actor) bool {
	switch n.kind {
	case "anyone", "link":
		return true
	case "signed in", "half signed in":
		return a.UserID != 0
	case "token":
		return a.TokenID != 0 && (n.permission == "" || a.CanSomewhere(n.permission))
	case "permission":
		return a.UserID != 0 && a.CanSomewhere(n.permission)
	}
	return false
}

// Route is one address of the program, as data.
type Route struct {
	Method  string // GET, POST, PUT, PATCH or DELETE; GET answers HEAD too
	Path    string // in Fiber's notation; /:locale/… is a page whose language stands in its address
	Need    Need
	Handler func(*Ctx) error

	Body     int           // bytes that a body may have, instead of the usual limit; for uploads
	Deadline time.Duration // instead of the usual one; for documents that take long
	Scanner  bool          // the page may use the camera and WebAssembly
	Slow     bool          // the answer is a large file, which the reader may take long to fetch
	Keep     *Keep         // what was drawn for one stranger is shown to the next; nil: drawn each time
}

// GET returns a route that reads.
func GET(path string, need Need, handler func(*Ctx) error) Route {
	return Route{Method: "GET", Path: path, Need: need, Handler: handler}
}

// POST returns a route that writes; it takes only requests with the page's CSRF token.
func POST(path string, need Need, handler func(*Ctx) error) Route {
	return Route{Method: "POST", Path: path, Need: need, Handler: handler}
}

// PATCH returns a route that writes, for scripts; it takes only requests with the page's CSRF token in their header.
func PATCH(path string, need Need, handler func(*Ctx) error) Route {
	return Route{Method: "PATCH", Path: path, Need: need, Handler: handler}
}

// Writes reports whether the route changes something, so that it needs a CSRF token.
func (r Route) Writes() bool { return r.Method != "GET" } //nolint:usestdlibvars // a word of the route table

// private reports whether the page is for one person or a group, and nothing for search engines.
func (r Route) private() bool { return r.Need != Anyone || strings.Contains(r.Path, ":token") }

// localised reports whether the language stands in the address.
func (r Route) localised() bool {
	return r.Path == "/:locale" || strings.HasPrefix(r.Path, "/:locale/")
}

// table checks the routes and orders them so that a fixed segment is tried before a parameter.
func table(routes []Route) ([]Route, error) {
	seen := map[string]bool{}
	for _, r := range routes {
		name := r.Method + " " + r.Path
		switch {
		case !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, r.Method) || !strings.HasPrefix(r.Path, "/"):
			return nil, fmt.Errorf("route %q: wrong method or path", name)
		case r.Need.kind == "":
			return nil, fmt.Errorf("route %q says not who may call it", name)
		case r.Need.kind == "permission" && r.Need.permission == "":
			return nil, fmt.Errorf("route %q needs a permission without a name", name)
		case r.Handler == nil:
			return nil, fmt.Errorf("route %q has no handler", name)
		case seen[name]:
			return nil, fmt.Errorf("route %q stands twice in the table", name)
		case r.Keep != nil && (r.Writes() || r.private() || r.Keep.Mark == nil):
			return nil, fmt.Errorf("route %q can't be kept", name)
		}
		seen[name] = true
		if err := r.checkProgram(); err != nil {
			return nil, err
		}
	}
	sorted := slices.Clone(routes)
	slices.SortStableFunc(sorted, func(a, b Route) int { return slices.Compare(weight(a.Path), weight(b.Path)) })
	return sorted, nil
}

// weight orders paths segment by segment: fixed, then a parameter with a fixed part, then a bare parameter, then *.
func weight(path string) []int {
	var w []int
	for _, s := range strings.Split(strings.Trim(path, "/"), "/") {
		switch {
		case strings.HasPrefix(s, "*") || strings.HasPrefix(s, "+"):
			w = append(w, 3)
		case strings.HasPrefix(s, ":") && !strings.ContainsAny(s, ".-"):
			w = append(w, 2)
		case strings.Contains(s, ":"):
			w = append(w, 1)
		default:
			w = append(w, 0)
		}
	}
	return w
}
