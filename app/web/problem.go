package web

import (
	"encoding/json"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"attesta/app/fault"
)

// Problem is what a program is told of an error (RFC 9457), in the language that it accepts.
type Problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Detail   string         `json:"detail"`
	Code     string         `json:"code"`
	Instance string         `json:"instance"`
	Errors   []ProblemField `json:"errors,omitempty"`
}

// ProblemField is what is wrong with one field of the body or one parameter.
type ProblemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// The types of problem that no fault has.
const (
	badRequest       = "bad_request"
	methodNotAllowed = "method_not_allowed"
	unsupportedType  = "unsupported_media_type"
	internalProblem  = "internal"
)

// problemOf names the type of problem by its status; each has a title in the catalogues, api.title_….
var problemOf = map[int]string{
	http.StatusBadRequest:            badRequest,
	http.StatusUnauthorized:          string(fault.SignIn),
	http.StatusForbidden:             string(fault.Forbidden),
	http.StatusNotFound:              string(fault.NotFound),
	http.StatusMethodNotAllowed:      methodNotAllowed,
	http.StatusConflict:              string(fault.Conflict),
	http.StatusGone:                  string(fault.Gone),
	http.StatusRequestEntityTooLarge: string(fault.TooLarge),
	http.StatusUnsupportedMediaType:  unsupportedType,
	http.StatusUnprocessableEntity:   string(fault.Invalid),
	http.StatusTooManyRequests:       string(fault.TooMany),
	http.StatusServiceUnavailable:    string(fault.Unavailable),
}

// programWords are messages in place of those that speak of pages.
var programWords = map[string]string{
	"error.not_found": "api.not_found",
	"error.forbidden": "api.forbidden",
}

// failProblem answers a program.
func (c *Ctx) failProblem(status int, told *fault.Fault) error {
	kind := problemOf[status]
	if kind == "" {
		kind = internalProblem
		if status < http.StatusInternalServerError {
			kind = badRequest
		}
	}
	p := Problem{
		Type: "urn:attesta:problem:" + kind, Title: c.T("api.title_" + kind), Status: status, Detail: c.T("error.internal"),
		Code: "error.internal", Instance: "urn:attesta:request:" + c.id,
	}
	if told != nil {
		c.explain(&p, told)
	}
	switch status {
	case http.StatusMethodNotAllowed:
		p.Code, p.Detail = "api.method", c.T("api.method", "Header", fiber.HeaderAllow)
	case http.StatusUnsupportedMediaType:
		p.Code, p.Detail = "api.media_type", c.T("api.media_type", "Type", fiber.MIMEApplicationJSON)
	}
	c.challenge(status, told)
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	c.f.Set("Content-Language", c.printer.Lang())
	c.f.Set(fiber.HeaderContentType, ProblemType)
	return c.f.Status(status).Send(b)
}

func (c *Ctx) explain(p *Problem, told *fault.Fault) {
	p.Code, p.Detail = told.Key, c.printer.Fault(told)
	if key, ok := programWords[told.Key]; ok {
		p.Code, p.Detail = key, c.T(key)
	}
	for _, x := range told.Fields {
		p.Errors = append(p.Errors, ProblemField{Field: x.Name, Code: x.Key, Detail: c.printer.FieldFault(x)})
	}
}

// challenge says which token is needed (RFC 6750).
func (c *Ctx) challenge(status int, told *fault.Fault) {
	const realm = `Bearer realm="Attesta"`
	switch {
	case status == http.StatusForbidden:
		c.f.Set(fiber.HeaderWWWAuthenticate, realm+`, error="insufficient_scope"`)
	case status != http.StatusUnauthorized:
	case told.Is(errNoToken):
		c.f.Set(fiber.HeaderWWWAuthenticate, realm)
	default:
		c.f.Set(fiber.HeaderWWWAuthenticate, realm+`, error="invalid_token"`)
	}
}
