package public

import (
	"bytes"
	"encoding/xml"
	"time"

	"attesta/app/web"
)

// sitemapMost is how many addresses a site map may have; the earliest events are left out beyond it.
const sitemapMost = 25_000

// sitemap tells search engines of every public page in every language: what is listed, and nothing else.
func (p *Pages) sitemap(c *web.Ctx) error {
	index, err := p.Events.Index(c.Context())
	if err != nil {
		return err
	}
	m := &siteMap{c: c}
	for _, code := range p.Catalogue.Locales() {
		m.tongues = append(m.tongues, tongue{string(code), p.Catalogue.Printer(code).Lang()})
	}
	m.b.WriteString(xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n")
	m.add("/", time.Time{})
	m.add("/events", time.Time{})
	for i := range index {
		e := &index[i]
		path := "/events/" + e.Code
		if pages := 2 + len(e.Speakers); m.n+pages*len(m.tongues) > sitemapMost {
			break
		}
		m.add(path, e.UpdatedAt.Time)
		if e.HasProgramme {
			m.add(path+"/programme", e.UpdatedAt.Time)
		}
		for _, code := range e.Speakers {
			m.add(path+"/trainers/"+code, e.UpdatedAt.Time)
		}
	}
	m.b.WriteString("</urlset>\n")
	return c.Send("application/xml; charset=utf-8", m.b.Bytes())
}

type tongue struct{ path, lang string }

type siteMap struct {
	c       *web.Ctx
	tongues []tongue
	b       bytes.Buffer
	n       int // addresses
}

// add writes a page, its path without its language, once in each of them.
func (m *siteMap) add(path string, changed time.Time) {
	var alternates bytes.Buffer
	link := func(lang string, t tongue) {
		alternates.WriteString(`<xhtml:link rel="alternate" hreflang="` + lang + `" href="`)
		_ = xml.EscapeText(&alternates, []byte(m.c.URL("/"+t.path+path)))
		alternates.WriteString("\"/>\n")
	}
	for _, t := range m.tongues {
		link(t.lang, t)
	}
	link("x-default", m.tongues[0])
	for _, t := range m.tongues {
		m.b.WriteString("<url><loc>")
		_ = xml.EscapeText(&m.b, []byte(m.c.URL("/"+t.path+path)))
		m.b.WriteString("</loc>\n")
		if !changed.IsZero() {
			m.b.WriteString("<lastmod>" + changed.UTC().Format(time.RFC3339) + "</lastmod>\n")
		}
		m.b.Write(alternates.Bytes())
		m.b.WriteString("</url>\n")
		m.n++
	}
}
