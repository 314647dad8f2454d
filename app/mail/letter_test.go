package mail_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/locales"
)

var update = flag.Bool("update", false, "write the golden files anew")

func example(kind mail.Kind) mail.Message {
	m := mail.Message{Kind: kind, To: "ana@example.org", Params: params()}
	switch kind {
	case mail.AccountSignIn, mail.AccountInvited:
		m.Params = mail.Params{Name: "Ana", Link: &mail.Link{Path: "/sign-in/", Purpose: "sign_in", Nonce: "0123"}}
		if kind == mail.AccountInvited {
			m.Params.Role, m.Params.Place = "organiser", locale.NewText("en", "Transit House", "mk", "Транзитна куќа")
		}
	case mail.AccountPasswordChanged, mail.AccountEmailChanged:
		m.Params = mail.Params{Name: "Ana"}
	case mail.AccountEmailConfirm:
		m.Params = mail.Params{Link: &mail.Link{Path: "/account/email/", Purpose: "email", Nonce: "0123"}}
	case mail.AccountGranted:
		until, _ := db.ParseDay("2023-03-31")
		m.Params = mail.Params{Name: "Ana", Role: "auditor", Place: locale.NewText("en", "Security for people and borders"), RoleUntil: until, Link: &mail.Link{Path: "/sign-in"}}
	case mail.AccountFactorChanged:
		m.Params = mail.Params{Name: "Ana", Change: "passkey_added", Link: &mail.Link{Path: "/sign-in"}}
	case mail.RegistrationRejected:
		m.Params.Reason = "Only one seat for each institution."
		m.Params.Donors = nil
	case mail.CertificateIssued:
		m.Params.Number = "7K3M-9Q2X-4T1"
		m.Params.Event.City, m.Params.Event.Country = "Tiranë", "AL"
		m.Params.Donors = []mail.Donor{{Kind: "norway_mfa"}, {Kind: "other", Line: locale.NewText("en", "Supported by a foundation")}}
	case mail.NominationOffered, mail.NominationInvited, mail.NominationReminder:
		m.Params.Institution, m.Params.Until = "Granična policija BiH", time.Date(2022, 5, 9, 22, 0, 0, 0, time.UTC)
		if kind == mail.NominationOffered {
			m.Params.Seats = 3
		}
	}
	if strings.HasPrefix(string(kind), "event.") {
		followed(kind, &m.Params)
	}
	return m
}

// followed makes an example of what is told when an event was moved or cancelled.
func followed(kind mail.Kind, p *mail.Params) {
	switch kind {
	case mail.EventMovedNominee, mail.EventMovedOffer, mail.EventCancelledNominee, mail.EventCancelledOffer:
		p.Institution, p.Until = "Granična policija BiH", time.Date(2022, 5, 9, 22, 0, 0, 0, time.UTC)
	}
	was := *p.Event
	switch kind {
	case mail.EventMoved: // to another place and online
		was.City, was.Country, was.Venue, was.Format = "Podgorica", "ME", "", "on_site"
		was.Starts, was.Ends = day("2022-05-02"), day("2022-05-03")
		p.Event.Format, p.Event.Joins, p.Event.NewLink, p.Was = "hybrid", true, true, &was
	case mail.EventMovedNominee: // a quiet event, to another day and another zone
		p.Event.City, p.Event.Country, p.Event.Venue, p.Event.Withheld = "", "", "", true
		was = *p.Event
		was.Starts, was.Zone, p.Was = day("2022-05-15"), "Europe/London", &was
	case mail.EventMovedOffer: // another zone
		was.Zone, p.Was = "Europe/London", &was
	case mail.EventCancelledNominee, mail.EventCancelledOffer:
		p.Link, p.Until, p.Reason = nil, time.Time{}, "The room is under water."
	case mail.EventCancelled:
		p.Reason = "The room is under water."
	}
}

var kinds = []mail.Kind{
	mail.RegistrationSubmitted, mail.RegistrationWaitlisted, mail.RegistrationApproved, mail.RegistrationRejected,
	mail.RegistrationCancelled, mail.AccountSignIn, mail.AccountInvited, mail.AccountGranted, mail.AccountPasswordChanged,
	mail.AccountEmailConfirm, mail.AccountEmailChanged, mail.AccountFactorChanged, mail.CertificateIssued,
	mail.NominationOffered, mail.NominationInvited, mail.NominationReminder,
	mail.EventMoved, mail.EventMovedNominee, mail.EventMovedOffer, mail.EventCancelled, mail.EventCancelledNominee, mail.EventCancelledOffer,
}

func TestEveryMailIsWrittenInEveryLanguage(t *testing.T) {
	catalogue, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	c, err := mail.NewCatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := newPost(t, apptest.Open(t, apptest.SQLite(t)), c.Transport())
	id := int64(0)
	for _, code := range catalogue.Locales() {
		for _, kind := range kinds {
			m := example(kind)
			m.Locale = code
			p.enqueue(t, m)
			id++
			if err := mail.Send(t.Context(), p.Outbox, id); err != nil {
				t.Fatal(err)
			}
			got := c.Messages()[0]
			golden(t, string(kind)+"."+string(code)+".txt", "Subject: "+got.Subject+"\n\n"+got.Text)
			sameWords(t, got)
			if code == "en" {
				golden(t, string(kind)+".en.html", got.HTML)
			}
		}
	}
	if gaps := mail.Missing(p.Outbox); len(gaps) > 0 {
		t.Errorf("missing: %v", gaps)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if strings.Contains(got, "<no value>") || strings.Contains(got, "{{") {
		t.Errorf("%s has a gap:\n%s", name, got)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: %s", name, diff)
	}
}

var tag = regexp.MustCompile(`(?s)<style>.*?</style>|<title>.*?</title>|<[^>]*>`)

// sameWords holds the HTML part to the text part: every line of one is in the other.
func sameWords(t *testing.T, m mail.Caught) {
	t.Helper()
	html := strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&", "\u00a0", " ").Replace(tag.ReplaceAllString(m.HTML, " "))
	html = strings.Join(strings.Fields(html), " ")
	for _, line := range strings.Split(m.Text, "\n") {
		line = strings.Join(strings.Fields(strings.ReplaceAll(line, "\u00a0", " ")), " ")
		label, value, isFact := strings.Cut(line, ": ")
		if line == "--" || strings.Contains(html, line) || isFact && strings.Contains(html, label) && strings.Contains(html, value) || strings.Contains(html, strings.TrimSuffix(line, ":")) {
			continue
		}
		t.Errorf("%s: the HTML part lacks %q", m.Subject, line)
	}
}

func TestTheFootnoteOfKosovoFollowsTheNameAndOnlyIt(t *testing.T) {
	c, err := mail.NewCatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := newPost(t, apptest.Open(t, apptest.SQLite(t)), c.Transport())
	with, without := example(mail.RegistrationApproved), example(mail.RegistrationApproved)
	without.Params.Event.Country, without.Params.Event.City = "AL", "Tiranë"
	p.enqueue(t, with, without)
	for id := range int64(2) {
		if err := mail.Send(t.Context(), p.Outbox, id+1); err != nil {
			t.Fatal(err)
		}
	}
	got := c.Messages()
	for _, part := range []string{got[1].Text, got[1].HTML} {
		if !strings.Contains(part, "Kosovo*") || !strings.Contains(part, "UNSCR 1244/1999") {
			t.Errorf("no footnote:\n%s", part)
		}
	}
	if strings.Contains(got[0].Text, "1244") || strings.Contains(got[0].HTML, "1244") {
		t.Error("a footnote without the name")
	}
}

func TestAnApprovalForAnOnlineEventAsksForNoCodeAtTheDoor(t *testing.T) {
	c, err := mail.NewCatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := newPost(t, apptest.Open(t, apptest.SQLite(t)), c.Transport())
	m := example(mail.RegistrationApproved)
	m.Locale, m.Params.Event.Format, m.Params.Event.Joins = "en", "online", true
	p.enqueue(t, m)
	if err := mail.Send(t.Context(), p.Outbox, 1); err != nil {
		t.Fatal(err)
	}
	got := c.Messages()[0].Text
	if strings.Contains(got, "QR code") || !strings.Contains(got, "Format: Online\n") || !strings.Contains(got, "Joining online: The link to join is on your page.\n") {
		t.Errorf("it says:\n%s", got)
	}
}
