package mail_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	stdmail "net/mail"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apognu/gocal"
	ical "github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/calendar"
	"attesta/app/db"
	"attesta/app/job"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/locales"
)

// leaf is a part of a message that holds no others: where it stands, of what type it is, what is in it.
type leaf struct {
	Within, Type, Method, Name string
	body                       []byte
}

// leaves takes a message apart with the standard library alone.
func leaves(t *testing.T, within, contentType, encoding, disposition string, body io.Reader) []leaf {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		if strings.EqualFold(encoding, "base64") {
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		_, given, _ := mime.ParseMediaType(disposition)
		return []leaf{{within, kind, params["method"], given["filename"], b}}
	}
	var all []leaf
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, leaves(t, kind, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p)...)
	}
}

// sentOver sends a mail through a real SMTP server and returns its parts.
func sentOver(t *testing.T, m mail.Message, sender func(o *mail.Options)) []leaf {
	t.Helper()
	d := apptest.Open(t, apptest.SQLite(t))
	s := serve(t, nil)
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	opts := mail.Options{
		DB: d, Queue: job.New(d, nil), Catalogue: c, Secret: secret, BaseURL: "https://events.example.org",
		From: stdmail.Address{Name: "Мрежа", Address: "events@example.org"}, Transport: s, Templates: os.DirFS("../../templates"), Clock: func() time.Time { return at },
	}
	if sender != nil {
		sender(&opts)
	}
	o, err := mail.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	(&post{Outbox: o, db: d}).enqueue(t, m)
	if err := mail.Send(t.Context(), o, 1); err != nil {
		t.Fatal(err)
	}
	got := s.messages()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	whole, err := stdmail.ReadMessage(bytes.NewReader(got[0]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mail.Parse(got[0]); err != nil {
		t.Error(err)
	}
	h := whole.Header
	return leaves(t, "", h.Get("Content-Type"), h.Get("Content-Transfer-Encoding"), h.Get("Content-Disposition"), whole.Body)
}

// invitation is a mail about an event over the night in which the clocks change.
func invitation(method calendar.Method) mail.Message {
	m := approval("ana@пример.example.org")
	m.Params.Name = `Ана, "Анче"`
	hour := func(day, h int) time.Time { return time.Date(2026, 10, day, h, 0, 0, 0, time.UTC) }
	m.Params.Event.Zone = "Europe/Skopje"
	m.Params.Calendar = &mail.Calendar{
		Method: method, Sequence: 7, Stamp: at, Days: []mail.Span{{Starts: hour(24, 7), Ends: hour(24, 15)}, {Starts: hour(25, 8), Ends: hour(25, 16)}, {Starts: hour(26, 9), Ends: hour(26, 11)}},
	}
	return m
}

func TestAnInvitationIsAnAlternativeToTheTextAndAFile(t *testing.T) {
	parts := sentOver(t, invitation(calendar.Request), nil)
	want := []leaf{
		{"multipart/alternative", "text/plain", "", "", nil}, {"multipart/alternative", "text/html", "", "", nil},
		{"multipart/alternative", "text/calendar", "REQUEST", "", nil}, {"multipart/mixed", "application/ics", "", "invite.ics", nil},
	}
	if diff := cmp.Diff(want, parts, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".body" }, cmp.Ignore()), cmp.AllowUnexported(leaf{})); diff != "" {
		t.Fatal(diff)
	}
	if !bytes.Equal(parts[2].body, parts[3].body) {
		t.Error("the file isn't the invitation")
	}
	cal, err := ical.NewDecoder(bytes.NewReader(parts[2].body)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	if got := cal.Props.Get("METHOD").Value; got != "REQUEST" {
		t.Errorf("method %s", got)
	}
	for _, e := range cal.Events() {
		if got := e.Props.Get("UID").Value; got != "XK-1.day-1@events.example.org" {
			t.Errorf("an invitation may be about one id: %s", got)
		}
	}
	e := cal.Events()[0].Props
	if got := e.Get("SEQUENCE").Value; got != "7" {
		t.Errorf("sequence %s", got)
	}
	if got, _ := e.Text("SUMMARY"); got != "Симулација на истрага" {
		t.Errorf("summary %q", got)
	}
	if got, _ := e.Text("LOCATION"); got != "Hotel Sirius, Приштина, Косово*" {
		t.Errorf("location %q", got)
	}
	if got, _ := e.Text("DESCRIPTION"); !strings.Contains(got, "* ") {
		t.Errorf("the footnote is missing: %q", got)
	}
	if got := e.Get("ORGANIZER"); got.Value != "mailto:events@example.org" || got.Params.Get("CN") != "Мрежа" {
		t.Errorf("organiser %+v", got)
	}
	if got := e.Get("ATTENDEE"); got.Value != "mailto:ana@xn--e1afmkfd.example.org" || got.Params.Get("CN") != "Ана, 'Анче'" || got.Params.Get("PARTSTAT") != "ACCEPTED" {
		t.Errorf("attendee %+v", got)
	}
	g := gocal.NewParser(bytes.NewReader(parts[3].body))
	from, to := at, at.AddDate(10, 0, 0)
	g.Start, g.End = &from, &to
	if err := g.Parse(); err != nil {
		t.Fatal(err)
	}
	days := map[string]bool{}
	for _, x := range g.Events {
		days[x.Start.Format("2006-01-02 15:04 -0700")+" "+x.End.Format("15:04")] = true
	}
	for _, want := range []string{"2026-10-24 09:00 +0200 17:00", "2026-10-25 09:00 +0100 17:00", "2026-10-26 10:00 +0100 12:00"} {
		if !days[want] {
			t.Errorf("%s is missing: %v", want, days)
		}
	}
	if len(days) != 3 {
		t.Errorf("days: %v", days)
	}
}

func TestACancellationTakesTheInvitationBackFromWhoeverSentIt(t *testing.T) {
	m := invitation(calendar.Cancel)
	m.Kind, m.Params.Calendar.Called = mail.RegistrationCancelled, true
	parts := sentOver(t, m, func(o *mail.Options) {
		o.Sender = nil
		o.From.Name = "Network"
	})
	if len(parts) != 4 || parts[2].Method != "CANCEL" {
		t.Fatalf("%+v", parts)
	}
	cal, err := ical.NewDecoder(bytes.NewReader(parts[2].body)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range cal.Events() {
		if s, err := e.Status(); err != nil || s != ical.EventCancelled {
			t.Errorf("status %s, %v", s, err)
		}
		if got, _ := e.Props.Text("SUMMARY"); got != "Откажано: Симулација на истрага" && got != "Откажан: Симулација на истрага" {
			t.Errorf("summary %q", got)
		}
		if e.Props.Get("LOCATION") != nil {
			t.Error("a cancellation tells the place")
		}
	}
}

func TestTheNetworksContactInvitesByTheSender(t *testing.T) {
	parts := sentOver(t, invitation(calendar.Request), networked)
	cal, err := ical.NewDecoder(bytes.NewReader(parts[2].body)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	got := cal.Events()[0].Props.Get("ORGANIZER")
	if got.Value != "mailto:office@network.example" || got.Params.Get("CN") != "Мрежата" || got.Params.Get("SENT-BY") != "mailto:events@example.org" {
		t.Errorf("%+v", got)
	}
}

func networked(o *mail.Options) {
	o.Sender = func(context.Context) (locale.Text, string) {
		return locale.NewText("mk", "Мрежата"), "office@network.example"
	}
}

func TestAMailThatWasEnqueuedWithoutACalendarHasNone(t *testing.T) {
	parts := sentOver(t, approval("ana@example.org"), nil)
	if len(parts) != 2 || parts[0].Within != "multipart/alternative" {
		t.Errorf("%+v", parts)
	}
}

func TestWhoWasInvitedLastIsKnownFromTheMails(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		invited := func() bool {
			is, err := mail.Invited(t.Context(), d.Read(), r.ID)
			if err != nil {
				t.Fatal(err)
			}
			return is
		}
		if !invited() {
			t.Error("approved, but not invited")
		}
		if err := w.Registrations.Cancel(t.Context(), r.Actor(), r.ID); err != nil {
			t.Fatal(err)
		}
		if invited() {
			t.Error("cancelled, but still invited")
		}
	})
}
