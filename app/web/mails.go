package web

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/fault"
	"attesta/app/mail"
)

// mailsPage lists what the demo has caught.
type mailsPage struct {
	Page
	To    string // only to this address; "" for all
	Mails []caughtRow
}

type caughtRow struct {
	ID          int
	To, Subject string
	Lang        string
	Sent        time.Time
}

// mailPage is one of them.
type mailPage struct {
	Page
	Mail  mail.Caught
	Parts []textPart
	Frame string // address of the HTML part, or ""
}

// textPart is a piece of a mail's text, or a link in it.
type textPart struct{ Text, Href string }

func (s *Server) mails(c *Ctx) error {
	page := &mailsPage{Page: c.Page(c.T("web.mails")), To: c.Query("to")}
	page.NoIndex = true
	for _, m := range s.Caught.Messages() {
		if page.To != "" && !strings.EqualFold(m.Address, page.To) {
			continue
		}
		page.Mails = append(page.Mails, caughtRow{ID: m.ID, To: m.To, Subject: m.Subject, Lang: m.Language, Sent: m.Date})
	}
	return c.Render("web/mails", page)
}

// Recipients are the addresses that mails went to, for the filter.
func (p *mailsPage) Recipients() []string {
	var all []string
	for _, m := range p.c.s.Caught.Messages() {
		all = append(all, m.Address)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// caught returns the mail of the address, or a NotFound fault.
func (s *Server) caught(c *Ctx) (mail.Caught, error) {
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil {
		return mail.Caught{}, fault.New(fault.NotFound, "error.not_found")
	}
	m, ok := s.Caught.Message(n)
	if !ok {
		return mail.Caught{}, fault.New(fault.NotFound, "error.not_found")
	}
	return m, nil
}

func (s *Server) mail(c *Ctx) error {
	m, err := s.caught(c)
	if err != nil {
		return err
	}
	page := &mailPage{Page: c.Page(m.Subject), Mail: m, Parts: linked(m.Text)}
	page.Back, page.NoIndex = &Crumb{Href: "/mails", Label: c.T("web.mails")}, true
	if m.HTML != "" {
		page.Frame = "/mails/" + strconv.Itoa(m.ID) + "/html"
		c.f.Set("Content-Security-Policy", policy+"; frame-src 'self'")
	}
	return c.Render("web/mail", page)
}

// mailHTML is the HTML part, as a mail program would show it: without scripts, in an origin of its own. Its links open
// in the whole window.
func (s *Server) mailHTML(c *Ctx) error {
	m, err := s.caught(c)
	if err != nil {
		return err
	}
	c.f.Set("Content-Security-Policy", "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'")
	c.f.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
	return c.Send("text/html; charset=utf-8", []byte(strings.Replace(m.HTML, "<head>", `<head><base target="_top">`, 1)))
}

var address = regexp.MustCompile(`https?://[^\s<>"]+[^\s<>".,;:)]`)

// linked splits a text at the addresses in it.
func linked(text string) []textPart {
	var parts []textPart
	at := 0
	for _, m := range address.FindAllStringIndex(text, -1) {
		parts = append(parts, textPart{Text: text[at:m[0]]}, textPart{Text: text[m[0]:m[1]], Href: text[m[0]:m[1]]})
		at = m[1]
	}
	return append(parts, textPart{Text: text[at:]})
}
