package web

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gofiber/fiber/v2"

	"attesta/app/account"
	"attesta/app/audit"
)

// Looks keeps in the record who looked at what, or took it out as a file.
type Looks interface {
	// Look keeps one look for good before it returns.
	Look(ctx context.Context, e audit.Entry) error
}

// look is what a page or a file is about, for the record.
type look struct {
	subject string
	id      int64
	eventID int64
}

// About says what the answer is about, for the record of looks: a thing, and the event in which it lies or 0. What is
// said last counts.
func (c *Ctx) About(subject string, id, eventID int64) { c.about = look{subject, id, eventID} }

// Watched reports whether looks at this page are recorded, which its reader is told.
func (p *Page) Watched() bool { return p.c.watched() }

func (c *Ctx) watched() bool { return c.actor.Role == account.Auditor }

// filters are the parameters of a query that say how a list was narrowed and hold nothing that identifies a person.
var filters = []string{"status", "country", "type", "gender", "locale", "from", "to", "kind"}

// recordLook keeps a look of an auditor at anything that needs a permission, and every file that anybody takes out
// there, before the answer leaves. An answer whose look can't be recorded is withheld.
func (c *Ctx) recordLook() error {
	if c.route.Need.permission == "" || c.f.Response().StatusCode() >= fiber.StatusMultipleChoices {
		return nil
	}
	verb := audit.View
	if c.isFile() {
		verb = audit.Export
	} else if !c.watched() {
		return nil
	}
	if c.s.Looks == nil {
		return errors.New("there is no record of looks")
	}
	about := c.about
	if about.subject == "" {
		about.subject = "page"
	}
	e := c.actor.Deed(verb, about.subject, about.id)
	e.EventID, e.Detail = about.eventID, audit.Detail(c.looked())
	if err := c.s.Looks.Look(c.Context(), e); err != nil {
		return fmt.Errorf("record a look: %w", err)
	}
	return nil
}

// looked says at which address somebody looked.
func (c *Ctx) looked() audit.Facts {
	path := c.route.Path
	for _, name := range c.f.Route().Params {
		path = strings.Replace(path, ":"+name, c.Param(name), 1)
	}
	f := audit.Facts{"page": path}
	for _, name := range filters {
		if v := c.Query(name); v != "" && len(v) <= 40 {
			f[name] = v
		}
	}
	return f
}

// isFile reports whether the answer is something to keep, and no page.
func (c *Ctx) isFile() bool {
	h := &c.f.Response().Header
	if len(h.Peek(fiber.HeaderContentDisposition)) > 0 {
		return true
	}
	kind, _, _ := strings.Cut(string(h.ContentType()), ";")
	switch strings.TrimSpace(kind) {
	case "", "text/html", "text/plain", "application/json", "application/problem+json", "text/css":
		return false
	}
	return true
}
