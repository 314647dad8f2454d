package web

import (
	"net/url"
	"strings"
	"time"

	"attesta/app/fault"
	"attesta/app/locale"
)

// negotiate returns the language of a page that has none in its path, which is the same all through a request.
func (c *Ctx) negotiate() locale.Code {
	if c.preferred == "" {
		c.preferred = c.prefer()
	}
	return c.preferred
}

// prefer picks that language: ?lang=, cookie, Accept-Language.
func (c *Ctx) prefer() locale.Code {
	if c.forPrograms() {
		return c.s.Catalogue.Match(c.f.Get("Accept-Language"))
	}
	if code := locale.Code(c.Query("lang")); c.s.Catalogue.Has(code) {
		return code
	}
	if code, ok := c.chosen(); ok {
		return code
	}
	return c.s.Catalogue.Match(c.f.Get("Accept-Language"))
}

// chosen returns the language that the reader has picked with the switch.
func (c *Ctx) chosen() (locale.Code, bool) {
	code := locale.Code(c.cookie("lang"))
	return code, code != "" && c.s.Catalogue.Has(code)
}

// SetLocale sets the language known from the account or the registration, unless the reader has picked one.
func (c *Ctx) SetLocale(code locale.Code) {
	if _, ok := c.chosen(); ok || !c.s.Catalogue.Has(code) || (c.route != nil && c.route.localised()) {
		return
	}
	c.printer = c.s.Catalogue.Printer(code)
}

// chooseLanguage takes the language from the address. ?lang=xx is the switch: it is kept in a cookie, and the same
// page in that language is where to go on.
func (c *Ctx) chooseLanguage() (to string, err error) {
	if c.route.forPrograms() {
		c.printer = c.s.Catalogue.Printer(c.negotiate())
		return "", nil
	}
	path, query := c.Path(), string(c.f.Request().URI().QueryString())
	if c.route.localised() {
		code := locale.Code(c.Param("locale"))
		if !c.s.Catalogue.Has(code) {
			return "", fault.New(fault.NotFound, "error.not_found")
		}
		c.printer = c.s.Catalogue.Printer(code)
	}
	want := locale.Code(c.Query("lang"))
	if c.route.Writes() || !c.s.Catalogue.Has(want) {
		return "", nil
	}
	c.setCookie("lang", string(want), 365*24*time.Hour)
	return withoutLang(c.in(want, path), query), nil
}

// in returns the address of the same page in another language.
func (c *Ctx) in(code locale.Code, path string) string {
	if c.route == nil || !c.route.localised() {
		return path
	}
	rest := strings.TrimPrefix(path, "/")
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return "/" + string(code) + rest[i:]
	}
	return "/" + string(code)
}

func withoutLang(path, query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return path
	}
	values.Del("lang")
	if len(values) == 0 {
		return path
	}
	return path + "?" + values.Encode()
}

// Language is one entry of the language switch.
type Language struct {
	Code    string // for lang and hreflang
	Name    string // in its own words
	Href    string // the same page, remembered
	Alt     string // absolute address for search engines, "" if the address has no language
	Current bool
}

// languages lists the same page in every language.
func (c *Ctx) languages() []Language {
	var all []Language
	query, _ := url.ParseQuery(string(c.f.Request().URI().QueryString()))
	for _, code := range c.s.locales() {
		query.Set("lang", string(code))
		path := c.in(code, c.Path())
		l := Language{Code: c.s.Catalogue.Printer(code).Lang(), Name: c.printer.Name(code), Href: path + "?" + query.Encode(), Current: code == c.Locale()}
		if c.route != nil && c.route.localised() {
			l.Alt = c.URL(path)
		}
		if c.route == nil {
			l.Href = path + "?lang=" + string(code)
		}
		all = append(all, l)
	}
	return all
}

// link returns a path in the reader's language: /:locale/… gets it into the address, any other path gets ?lang=
// where the reader's browser alone would lead to another language.
func (c *Ctx) link(path string) string {
	if rest, ok := strings.CutPrefix(path, "/:locale"); ok {
		return "/" + string(c.Locale()) + rest
	}
	if c.route != nil && c.route.localised() && c.negotiate() != c.Locale() {
		return path + "?lang=" + string(c.Locale())
	}
	return path
}
