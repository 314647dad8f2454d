package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/template/html/v2"
)

// renderer draws templates. The body is drawn first and the layout around it, because the layout says what the body
// made necessary (the footnote), and nothing is sent before both are whole.
type renderer struct {
	fsys fs.FS
	dev  bool
	mu   sync.RWMutex
	set  *template.Template
}

func newRenderer(fsys fs.FS, dev bool) (*renderer, error) {
	r := &renderer{fsys: fsys, dev: dev}
	set, err := r.parse()
	r.set = set
	return r, err
}

func (r *renderer) parse() (*template.Template, error) {
	engine := html.NewFileSystem(http.FS(r.fsys), ".html")
	if err := engine.Load(); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return engine.Templates, nil
}

func (r *renderer) draw(name string, page any) ([]byte, error) {
	r.mu.RLock()
	set := r.set
	r.mu.RUnlock()
	if r.dev {
		fresh, err := r.parse()
		if err != nil {
			return nil, err
		}
		set = fresh
	}
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, name, page); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Render answers with a page drawn by the template of that name: 200, or 422 when its form comes back with errors.
func (c *Ctx) Render(name string, page Paged) error {
	status := fiber.StatusOK
	if page.base().Form.Failed() {
		status = fiber.StatusUnprocessableEntity
	}
	return c.RenderStatus(status, name, page)
}

// RenderStatus is Render with a status of its own.
func (c *Ctx) RenderStatus(status int, name string, page Paged) error {
	b, err := c.Draw(name, page)
	if err != nil {
		return err
	}
	c.f.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	return c.f.Status(status).Send(b)
}

// Draw returns a page with its layout.
func (c *Ctx) Draw(name string, page Paged) ([]byte, error) {
	if err := c.load(); err != nil {
		return nil, err
	}
	p := page.base()
	p.c, p.Printer = c, c.printer
	p.NoIndex = p.NoIndex || c.route == nil || c.route.private()
	if p.Form == nil {
		p.Form = c.Form()
	}
	orElse(&p.Layout, "web/layout")
	p.Form.printer = c.printer
	audience, _, _ := strings.Cut(name, "/")
	p.style, _ = c.s.assets.path("css/" + audience + ".css")
	body, err := c.Fragment(name, page)
	if err != nil {
		return nil, err
	}
	p.body = template.HTML(body) //nolint:gosec // drawn by html/template just now
	return c.s.pages.draw(p.Layout, p)
}

// Fragment returns a page without its layout. Where a form failed it is drawn twice: the summary on top names the
// fields by labels that are known only once they are drawn.
func (c *Ctx) Fragment(name string, page Paged) ([]byte, error) {
	p := page.base()
	before := len(p.Form.drawn)
	body, err := c.s.pages.draw(name, page)
	if err == nil && !p.Form.complete(before) {
		body, err = c.s.pages.draw(name, page)
	}
	return body, err
}
