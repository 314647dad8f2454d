package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestThePageIsInTheLanguageOfItsAddressElseOfTheCookieElseOfTheBrowser(t *testing.T) {
	for _, c := range []struct {
		name, path, cookie, accept, want string
	}{
		{"address", "/mk/say/x", "sq", "hr", "mk"},
		{"address, script", "/sr-Cyrl/say/x", "", "en", "sr-Cyrl"},
		{"cookie", "/sign-in", "sq", "hr", "sq"},
		{"browser", "/sign-in", "", "de, hr;q=0.8", "hr"},
		{"browser, Montenegrin", "/sign-in", "", "sr-ME", "cnr"},
		{"browser, bare Serbian", "/sign-in", "", "sr", "sr-Cyrl"},
		{"nothing", "/sign-in", "", "", "en"},
		{"a cookie that is no language", "/sign-in", "xx", "mk", "mk"},
		{"an error page", "/nowhere", "bs", "", "bs"},
		{"the registration", "/my/good", "", "hr", "mk"},
		{"the reader's choice before the registration's", "/my/good", "sq", "hr", "sq"},
	} {
		s := newSite(t)
		if c.cookie != "" {
			s.jar["__Host-attesta-lang"] = c.cookie
		}
		if got := attr(one(t, s.get(c.path, "Accept-Language", c.accept), "html"), "lang"); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestTheStartPageLeadsToTheReadersLanguage(t *testing.T) {
	s := newSite(t)
	if got := s.get("/", "Accept-Language", "sq-AL,en;q=0.5").Header.Get("Location"); got != "/sq/" {
		t.Errorf("leads to %q", got)
	}
	s.get("/en/say/x?lang=hr")
	if got := s.get("/", "Accept-Language", "sq").Header.Get("Location"); got != "/hr/" {
		t.Errorf("after choosing, leads to %q", got)
	}
}

func TestAnAddressWithoutALanguageOfOursDoesNotExist(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/de/say/x", "/EN/say/x", "/sr/say/x"} {
		if got := s.get(path).StatusCode; got != 404 {
			t.Errorf("%s: %d", path, got)
		}
	}
}

func TestTheSwitchKeepsThePageAndIsRemembered(t *testing.T) {
	s := newSite(t)
	page := s.get("/en/say/x?page=2&q=a%26b")
	var href string
	for _, a := range all(t, page, "details.tongue a") {
		if attr(a, "lang") == "mk" {
			href = attr(a, "href")
			if text(a) != "Македонски" {
				t.Errorf("called %q", text(a))
			}
		}
	}
	a := s.get(href)
	if got, want := a.Header.Get("Location"), "/mk/say/x?page=2&q=a%26b"; a.StatusCode != 303 || got != want {
		t.Errorf("%s leads to %q, want %q", href, got, want)
	}
	if got := attr(one(t, s.get("/sign-in"), "html"), "lang"); got != "mk" {
		t.Errorf("the next page is in %q", got)
	}
	b := s.get("/sign-in?next=%2Fdesk&lang=sq")
	if got := b.Header.Get("Location"); got != "/sign-in?next=%2Fdesk" {
		t.Errorf("a page without a language in its address: %q", got)
	}
}

func TestSearchEnginesLearnOfEveryLanguageFromTheConfiguredAddress(t *testing.T) {
	s := newSite(t)
	page := s.get("/en/say/x", "Host", "evil.example", "X-Forwarded-Host", "evil.example")
	if got := attr(one(t, page, `link[rel=canonical]`), "href"); got != "https://events.example.org/en/say/x" {
		t.Errorf("canonical %q", got)
	}
	if got := attr(one(t, page, `link[hreflang="sr-Latn"]`), "href"); got != "https://events.example.org/sr-Latn/say/x" {
		t.Errorf("alternate %q", got)
	}
	for _, path := range []string{"/en/say/x", "/", "/desk", "/sign-in", "/nowhere"} {
		a := s.get(path, "Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher")
		if strings.Contains(a.body, "evil.example") || strings.Contains(a.Header.Get("Location"), "evil.example") {
			t.Errorf("%s believes the Host header", path)
		}
	}
}

func TestALinkOutOfAPageInAnotherLanguageKeepsTheLanguage(t *testing.T) {
	s := newSite(t)
	if got := attr(one(t, s.get("/mk/say/x", "Accept-Language", "en"), "footer a"), "href"); got != "/sign-in?lang=mk" {
		t.Errorf("leads to %q", got)
	}
	if got := attr(one(t, s.get("/mk/say/x", "Accept-Language", "mk"), "footer a"), "href"); got != "/sign-in" {
		t.Errorf("leads to %q", got)
	}
}

func TestNoPageOfAWrongAddressLeadsToAnotherHost(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"//evil.example/", "//evil.example/en/say/x?q=1", "///evil.example", "//evil.example/\\x"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RequestURI = path
		a := s.send(r)
		if a.StatusCode != 404 {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
		for _, selector := range []string{`[href^="//"]`, `[href^="/\\"]`, `[action^="//"]`} {
			if found := all(t, a, selector); len(found) > 0 {
				t.Errorf("%s has %s: %s", path, selector, attr(found[0], "href"))
			}
		}
	}
}
