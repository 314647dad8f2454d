package web_test

import (
	"net/url"
	"testing"
)

func TestARefusedFormKeepsWhatWasTypedAndSaysWhatIsWrongBesideTheFieldAndOnTop(t *testing.T) {
	s := newSite(t)
	token := value(t, s.get("/en/form"), `input[name=_csrf]`)
	a := s.post("/en/form", url.Values{"_csrf": {token}, "email": {"<b>nobody"}, "country": {"XK"}})
	if a.StatusCode != 422 {
		t.Fatalf("status %d", a.StatusCode)
	}
	if got := value(t, a, "#f-email"); got != "<b>nobody" {
		t.Errorf("the field holds %q", got)
	}
	if got := value(t, a, "#f-country option[selected]"); got != "XK" {
		t.Errorf("the select holds %q", got)
	}
	if got := text(one(t, a, "title")); got != "Error: Form · Network" {
		t.Errorf("title %q", got)
	}
	if got := attr(one(t, a, "#f-email"), "aria-describedby"); got != "f-email-e" {
		t.Errorf("the field is described by %q", got)
	}
	if got := text(one(t, a, "#f-email-e")); got != "Error: Enter a valid e-mail address." {
		t.Errorf("beside the field: %q", got)
	}
	if got := text(one(t, a, `#errors a[href="#f-email"]`)); got != "E-mail address: Enter a valid e-mail address." {
		t.Errorf("in the summary: %q", got)
	}
}

func TestTheFootnoteStandsOnlyUnderAPageThatNamesKosovo(t *testing.T) {
	s := newSite(t)
	one(t, s.get("/sq/form"), "p.footnote")
	if found := all(t, s.get("/sq/say/hello"), "p.footnote"); len(found) != 0 {
		t.Errorf("a footnote without its asterisk: %s", text(found[0]))
	}
}

func TestANoticeIsSaidOnceOnTheNextPage(t *testing.T) {
	s := newSite(t)
	token := value(t, s.get("/en/form"), `input[name=_csrf]`)
	if a := s.post("/en/form", url.Values{"_csrf": {token}, "email": {"a@b.org"}, "country": {"RS"}}); a.StatusCode != 303 {
		t.Fatalf("status %d %s", a.StatusCode, a.body)
	}
	if got := text(one(t, s.get("/mk/say/x"), ".notice")); got != "Промените се зачувани." {
		t.Errorf("said %q", got)
	}
	if found := all(t, s.get("/mk/say/x"), ".notice"); len(found) != 0 {
		t.Error("said twice")
	}
}
