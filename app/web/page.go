package web

import (
	"html/template"
	"strings"

	"attesta/app/account"
	"attesta/app/locale"
)

// Page is what every page has. A page's struct embeds it and gets the words, dates and numbers of the reader's
// language with it ({{.T "event.title"}}, {{.DateRange .Starts .Ends}}); a field named like one of the printer's methods
// hides that method. Made by Ctx.Page.
type Page struct {
	*locale.Printer
	Title string
	Form  *Form

	Description string        // for search engines and previews, or ""
	Layout      string        // web/layout, or web/bare without head and foot
	Wide        bool          // for boards and tables
	Class       string        // of body
	Back        *Crumb        // where this page hangs
	Organiser   string        // in the foot
	NoIndex     bool          // search engines stay out
	Scripts     []string      // further modules, "js/scanner.js"
	Visibility  []*Visibility // whose money it is
	Preview     *Preview      // what a link to it shows elsewhere; nil for a page that isn't passed on
	Structured  any           // what it is about, in the words of schema.org, or nil
	Feeds       []Feed        // lists that tell what is new here

	c     *Ctx
	body  template.HTML
	style string
}

// Crumb is a link to the page above.
type Crumb struct{ Href, Label string }

// Visibility is one donor's strip: what the grant says must stand on each of its pages.
type Visibility struct {
	EU     bool   // shows the emblem
	Logo   string // address of another donor's logo, or ""
	Alt    string // of the logo
	Strong string // "Funded by the European Union."
	Text   string // the disclaimer
}

// Page returns the ground of a page with that title, in the reader's language.
func (c *Ctx) Page(title string) Page {
	return Page{Printer: c.printer, Title: title, Form: c.Form(), Layout: "web/layout", c: c}
}

func (p *Page) base() *Page { return p }

// Paged is a page's struct: anything that embeds Page, by its address.
type Paged interface{ base() *Page }

// Actor is who looks at the page.
func (p *Page) Actor() account.Actor { return p.c.actor }

// Visitor reports whether nobody is signed in.
func (p *Page) Visitor() bool { return p.c.actor.UserID == 0 }

// Stranger reports whether nobody is signed in, nor half-way.
func (p *Page) Stranger() bool { return p.Visitor() && p.c.session.id == "" }

// CSRF is the token that each form that posts carries; the template web/csrf draws it.
func (p *Page) CSRF() string { return p.c.CSRF() }

// Path is the path of this page.
func (p *Page) Path() string { return p.c.Path() }

// Link returns a path in the reader's language; /:locale stands for it.
func (p *Page) Link(path string) string { return p.c.link(path) }

// URL returns the absolute address of a path.
func (p *Page) URL(path string) string { return p.c.URL(path) }

// Canonical is this page's own address, for search engines.
func (p *Page) Canonical() string { return p.c.URL(p.Path()) }

// Asset returns the address of a static file, with a digest of its content.
func (p *Page) Asset(name string) (string, error) { return p.c.s.assets.path(name) }

// Style is the address of the audience's style sheet, or "".
func (p *Page) Style() string { return p.style }

// Languages is the language switch.
func (p *Page) Languages() []Language { return p.c.languages() }

// Notices are the sentences to be said once, on this page.
func (p *Page) Notices() []NoticeLine {
	var lines []NoticeLine
	for _, n := range p.c.takeNotices() {
		line := NoticeLine{Tone: n.Tone, Text: p.T(n.Key, pairsOf(n.Params)...), Undo: n.Undo}
		if n.Undo != "" && local(n.Undo) {
			line.UndoText = p.T(n.UndoKey)
		}
		lines = append(lines, line)
	}
	return lines
}

// NoticeLine is a notice in the reader's language.
type NoticeLine struct {
	Tone           Tone
	Text           string
	Undo, UndoText string
}

func pairsOf(params map[string]any) []any {
	var kv []any
	for k, v := range params {
		if f, ok := v.(float64); ok && f == float64(int(f)) { // JSON knows no whole numbers, plurals do
			v = int(f)
		}
		kv = append(kv, k, v)
	}
	return kv
}

// NavLink is one entry of the navigation.
type NavLink struct {
	Href, Text string
	Current    string // for aria-current: "page", "true" above it, or ""
}

// Navigation lists where the actor may go. The entry that lies nearest above this page is the current one.
func (p *Page) Navigation() []NavLink {
	var links []NavLink
	best, length := -1, 0
	for _, n := range p.c.s.Nav {
		if !n.For.Allows(p.c.actor) || n.Visitors && !p.Visitor() || n.Unless.Allows(p.c.actor) || !p.c.s.has(n.Path) {
			continue
		}
		link := NavLink{Href: p.c.link(n.Path), Text: p.T(n.Key)}
		path, _, _ := strings.Cut(link.Href, "?")
		for _, above := range append([]string{path}, n.Under...) {
			if (p.Path() == above || strings.HasPrefix(p.Path(), above+"/")) && len(above) > length {
				best, length = len(links), len(above)
			}
		}
		links = append(links, link)
	}
	if best >= 0 {
		links[best].Current = "true"
		if path, _, _ := strings.Cut(links[best].Href, "?"); path == p.Path() {
			links[best].Current = "page"
		}
	}
	return links
}

// Brand is the name of the network.
func (p *Page) Brand() string { return p.Text(p.c.s.settled(p.c.Context()).Name) }

// Contact is the address for questions, or "".
func (p *Page) Contact() string { return p.c.s.settled(p.c.Context()).Contact }

// Home is where the brand leads.
func (p *Page) Home() string {
	if p.Visitor() {
		return p.c.link("/:locale/")
	}
	return home(p.c.actor)
}

// Body is the page itself, within the layout.
func (p *Page) Body() template.HTML { return p.body }

// FootnoteLine explains Kosovo* if the page names it.
func (p *Page) FootnoteLine() string { return p.Footnote(string(p.body)) }
