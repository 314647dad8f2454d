package web_test

import (
	"net/http"
	"net/smtp"
	"strconv"
	"strings"
	"testing"

	"attesta/app/mail"
	"attesta/app/web"
)

const sample = "From: Attesta <attesta@events.example.org>\r\nTo: Arta <%TO%>\r\nSubject: =?utf-8?q?Va=C5=A1a_prijava?=\r\nDate: Mon, 16 May 2022 09:30:00 +0000\r\nContent-Language: cnr\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVidi: https://events.example.org/my/ABC.\r\n<script>alert(1)</script>\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>x</title></head><body><a href=\"https://events.example.org/my/ABC\">Vidi</a></body></html>\r\n--b--\r\n"

func catcher(t *testing.T, to ...string) *mail.Catcher {
	t.Helper()
	caught, err := mail.NewCatcher()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caught.Close() })
	at := caught.Transport()
	for _, address := range to {
		if err := smtp.SendMail(at.Host+":"+strconv.Itoa(at.Port), nil, "attesta@events.example.org", []string{address}, []byte(strings.Replace(sample, "%TO%", address, 1))); err != nil {
			t.Fatal(err)
		}
	}
	return caught
}

func TestCaughtMailsAreShownAndTheirLinksLeadOn(t *testing.T) {
	s := newSite(t, func(c *web.Config) { c.Caught = catcher(t, "arta@example.org", "besa@example.org") })
	list := s.get("/mails")
	if got := len(all(t, list, "tbody tr")); got != 2 {
		t.Fatalf("%d mails", got)
	}
	if got := text(all(t, list, "tbody td[data-label=To]")[0]); got != "Arta <besa@example.org>" {
		t.Errorf("the newest is to %q", got)
	}
	if got := len(all(t, s.get("/mails?to=arta@example.org"), "tbody tr")); got != 1 {
		t.Errorf("%d mails to arta", got)
	}
	one1 := s.get("/mails/1")
	if got := text(one(t, one1, "h1[lang=cnr]")); got != "Vaša prijava" {
		t.Errorf("subject %q", got)
	}
	if got := attr(one(t, one1, ".mail-text a"), "href"); got != "https://events.example.org/my/ABC" {
		t.Errorf("the link in the text leads to %q", got)
	}
	if strings.Contains(one1.body, "<script>alert") {
		t.Error("a mail's text is run")
	}
	frame := s.get(attr(one(t, one1, "iframe[sandbox]"), "src"))
	if got := frame.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "sandbox ") || !strings.Contains(got, "default-src 'none'") || strings.Contains(got, "allow-scripts") {
		t.Errorf("the HTML part is served with %q", got)
	}
	if got := len(all(t, frame, "base[target=_top]")); got != 1 {
		t.Error("the links in the frame stay in it")
	}
	for _, path := range []string{"/mails/99", "/mails/x", "/mails/99/html"} {
		if got := s.get(path).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
}

func TestWithoutACatcherThereAreNoMailPages(t *testing.T) {
	if got := newSite(t).get("/mails").StatusCode; got != http.StatusNotFound {
		t.Errorf("%d", got)
	}
}
