package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"attesta/app/web"
)

// made is the OpenAPI document, which is the same for everybody.
var made struct {
	once sync.Once
	b    []byte
	err  error
}

// Document returns the OpenAPI document.
func (p *Pages) Document() ([]byte, error) {
	made.once.Do(func() { made.b, made.err = json.MarshalIndent(describeAll(p.operations()), "", " ") })
	return made.b, made.err
}

func (p *Pages) showDocument(c *web.Ctx) error {
	b, err := p.Document()
	if err != nil {
		return err
	}
	c.SetHeader("Cache-Control", "public, max-age=300")
	return c.Send("application/json", b)
}

const about = `What Attesta's own pages know of events, registrations, attendance, certificates and figures, for programs.

**Tokens.** A user makes one under /account/tokens, for one of their roles, one scope and a limited time, to read or to read and write. Send it as ` + "`Authorization: Bearer att_…`" + `. It may do what its user may do at that moment within its scope. What it doesn't reach is answered with 404, as is what isn't there.

**Words.** Rows are named by their public codes. Instants are RFC 3339 in UTC; days are days in the event's zone. A text in several languages is an object by locale.

**Lists** come in the order in which their items were made, so that what is made meanwhile comes at the end. Ask again with ` + "`cursor`" + ` as long as there is ` + "`next`" + `; the Link header holds the whole address.

**Errors** are problem details (RFC 9457), in the language of Accept-Language. ` + "`code`" + ` stays the same in every language.

**Limits.** A token may read 600 times and write 60 times within a minute: see RateLimit and RateLimit-Policy, and Retry-After with 429.

**Doing it again** is safe: a claim has a key of its own, a decision that stands already changes nothing, and certificates are issued to those who have none.

**Quiet people** must be in no list that others see. Lists have their initials only.`

// describeAll makes the document of the operations.
func describeAll(all []operation) object {
	s := &schemas{named: object{}}
	paths := object{}
	for _, o := range all {
		path := Root + braced(o.path)
		item, _ := paths[path].(object)
		if item == nil {
			item = object{}
			paths[path] = item
		}
		item[strings.ToLower(o.method)] = o.describe(s)
	}
	s.of(reflect.TypeFor[web.Problem]())
	return object{
		"openapi":  "3.1.0",
		"info":     object{"title": "Attesta", "version": "1", "description": about},
		"servers":  []any{object{"url": "/"}},
		"security": []any{},
		"tags":     tags(all),
		"paths":    paths,
		"components": object{
			"schemas":         s.named,
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer", "bearerFormat": "att_ and 49 letters and digits"}},
			"responses":       problems(),
			"headers":         headers(),
		},
	}
}

func tags(all []operation) []any {
	var seen []string
	var out []any
	for _, o := range all {
		if !slices.Contains(seen, o.tag) {
			seen = append(seen, o.tag)
			out = append(out, object{"name": o.tag})
		}
	}
	return out
}

// describe returns the operation's object.
func (o operation) describe(s *schemas) object {
	content := object{"schema": object{"type": "object"}}
	if o.answer != nil {
		content["schema"] = s.of(reflect.TypeOf(o.answer))
	}
	if o.example != nil {
		content["example"] = o.example
	}
	done := object{"description": "Done.", "content": object{"application/json": content}}
	if o.need != web.Anyone {
		done["headers"] = object{"RateLimit": headerRef("RateLimit"), "RateLimit-Policy": headerRef("RateLimit-Policy")}
	}
	responses := object{"200": done}
	for _, status := range o.statuses() {
		responses[strconv.Itoa(status)] = object{"$ref": "#/components/responses/" + problemName(status)}
	}
	out := object{"operationId": o.id, "tags": []string{o.tag}, "summary": o.summary, "responses": responses, "security": []any{}}
	if o.text != "" {
		out["description"] = o.text
	}
	if o.need != web.Anyone {
		out["security"] = []any{object{"token": []string{}}}
	}
	if parameters := o.parameters(); len(parameters) > 0 {
		out["parameters"] = parameters
	}
	if o.body != nil {
		out["requestBody"] = object{"required": true, "content": object{"application/json": object{"schema": s.of(reflect.TypeOf(o.body))}}}
	}
	return out
}

// statuses are the problems that the operation can end in.
func (o operation) statuses() []int {
	all := append([]int{http.StatusInternalServerError, http.StatusServiceUnavailable}, o.problems...)
	if o.need != web.Anyone {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity, http.StatusTooManyRequests)
	}
	if strings.Contains(o.path, ":") {
		all = append(all, http.StatusNotFound)
	}
	if o.method == http.MethodPost {
		all = append(all, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	return all
}

// inPath are the names that stand in addresses.
var inPath = map[string]string{
	"event": "Code of the event.", "registration": "Code of the registration.", "project": "Code of the project.",
}

func (o operation) parameters() []any {
	var out []any
	for _, s := range strings.Split(o.path, "/") {
		if name, ok := strings.CutPrefix(s, ":"); ok {
			out = append(out, object{"name": name, "in": "path", "required": true, "description": inPath[name], "schema": object{"type": "string"}})
		}
	}
	for _, p := range o.params {
		out = append(out, p.describe())
	}
	return out
}

func (p parameter) describe() object {
	schema := object{"type": "string"}
	switch {
	case len(p.oneOf) > 0:
		schema["enum"] = p.oneOf
	case p.kind == "day":
		schema["format"] = "date"
	case p.kind == "instant":
		schema["format"] = "date-time"
	case p.kind == "limit":
		schema = object{"type": "integer", "minimum": 1, "maximum": maxLimit, "default": usualLimit}
	}
	out := object{"name": p.name, "in": "query", "description": p.text, "schema": schema}
	if p.sample != "" {
		out["example"] = p.sample
	}
	return out
}

// said are the problems by status.
var said = map[int]string{
	http.StatusBadRequest:            "The body is no JSON, or has a field that there isn't.",
	http.StatusUnauthorized:          "No token, or one that doesn't work.",
	http.StatusForbidden:             "The token may not do this: its role doesn't allow it, or it reads only.",
	http.StatusNotFound:              "There is no such thing, or none that the token reaches.",
	http.StatusConflict:              "The present state doesn't allow it.",
	http.StatusRequestEntityTooLarge: "The body is larger than 1 MiB.",
	http.StatusUnsupportedMediaType:  "The body isn't JSON, or it is compressed.",
	http.StatusUnprocessableEntity:   "A parameter or a field is wrong: errors says which.",
	http.StatusTooManyRequests:       "More requests than are taken within a minute.",
	http.StatusInternalServerError:   "A mistake of the program. Its instance finds it in the log.",
	http.StatusServiceUnavailable:    "A part that is needed doesn't answer; trying again may help.",
}

func problemName(status int) string {
	return "Problem" + strconv.Itoa(status)
}

func problems() object {
	out := object{}
	for status, text := range said {
		r := object{"description": text, "content": object{web.ProblemType: object{"schema": ref("Problem")}}}
		switch status {
		case http.StatusUnauthorized, http.StatusForbidden:
			r["headers"] = object{"WWW-Authenticate": headerRef("WWW-Authenticate")}
		case http.StatusTooManyRequests:
			r["headers"] = object{"Retry-After": headerRef("Retry-After")}
		}
		out[problemName(status)] = r
	}
	return out
}

func headerRef(name string) object { return object{"$ref": "#/components/headers/" + name} }

func headers() object {
	header := func(text, kind, sample string) object {
		return object{"description": text, "schema": object{"type": kind}, "example": sample}
	}
	after := header("Seconds to wait.", "integer", "")
	after["example"] = 17
	return object{
		"RateLimit":        header("How many requests are left (r) for how many seconds (t).", "string", `"read";r=599;t=42`),
		"RateLimit-Policy": header("How many requests (q) are taken within how many seconds (w).", "string", `"read";q=600;w=60`),
		"Retry-After":      after,
		"WWW-Authenticate": header("What is needed (RFC 6750).", "string", `Bearer realm="Attesta", error="invalid_token"`),
	}
}
