package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"attesta/app/web"
)

func TestStaticFilesAreKeptForEverUnderTheDigestOfTheirContent(t *testing.T) {
	s := newSite(t)
	href := attr(all(t, s.get("/en/say/x"), `link[rel=stylesheet]`)[0], "href")
	if !regexp.MustCompile(`^/static/css/tokens\.[0-9a-f]{10}\.css$`).MatchString(href) {
		t.Fatalf("address %q", href)
	}
	a := s.get(href)
	if a.StatusCode != 200 || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/css") {
		t.Errorf("%d %v", a.StatusCode, a.Header)
	}
	font := regexp.MustCompile(`/static/fonts/sans-400-cyrillic\.[0-9a-f]{10}\.woff2`).FindString(a.body)
	if b := s.get(font); b.StatusCode != 200 || b.Header.Get("Content-Type") != "font/woff2" || !strings.HasPrefix(b.body, "wOF2") {
		t.Errorf("font %q: %d", font, b.StatusCode)
	}
	zipped := s.get(href, "Accept-Encoding", "br, gzip")
	r, err := gzip.NewReader(bytes.NewReader([]byte(zipped.body)))
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(r); err != nil || string(plain) != a.body {
		t.Errorf("unzipped differs: %v", err)
	}
}

func TestModulesImportEachOtherByDigest(t *testing.T) {
	s := newSite(t)
	page := s.get(attr(all(t, s.get("/en/say/x"), `script[type=module]`)[0], "src")).body
	if m := regexp.MustCompile(`import\("(/static/js/draft\.[0-9a-f]{10}\.js)"\)`).FindStringSubmatch(page); m == nil || s.get(m[1]).StatusCode != 200 {
		t.Errorf("%s", page)
	}
}

func TestOnlyWhatPagesNeedIsServed(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/static/fonts/sans-400.ttf", "/static/embed.go", "/static/fonts/make.py", "/static/../web.go", "/static/css", "/static/"} {
		if got := s.get(path).StatusCode; got != 404 {
			t.Errorf("%s: %d", path, got)
		}
	}
}

// A first visit stays under 100 KB in every language: page, style sheets, modules, and the fonts that its script needs.
func TestAFirstVisitIsSmall(t *testing.T) {
	s := newSite(t, func(c *web.Config) { c.Demo = true })
	for _, lang := range []string{"mk", "sq"} {
		total := 0
		fetch := func(path string) answer {
			a := s.get(path, "Accept-Encoding", "gzip", "Accept-Language", lang)
			total += len(a.body)
			return a
		}
		page := fetch("/components")
		for _, n := range append(all(t, page, `link[rel=stylesheet]`), all(t, page, "script[src]")...) {
			fetch(attr(n, "href") + attr(n, "src"))
		}
		tokens := s.get(attr(all(t, page, `link[rel=stylesheet]`)[0], "href")).body
		for _, font := range regexp.MustCompile(`/static/fonts/[^"]+`).FindAllString(tokens, -1) {
			if !strings.Contains(font, "-more") && (lang == "mk" || !strings.Contains(font, "cyrillic")) {
				fetch(font)
			}
		}
		if total > 100_000 {
			t.Errorf("%s: %d bytes", lang, total)
		}
		t.Logf("%s: %d bytes", lang, total)
	}
}
