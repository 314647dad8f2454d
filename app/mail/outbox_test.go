package mail_test

import (
	"context"
	"errors"
	stdmail "net/mail"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/job"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/token"
	"attesta/locales"
)

var secret = token.Secret(strings.Repeat("k", 32))

var at = time.Date(2022, 5, 16, 9, 0, 0, 0, time.UTC)

// post is an outbox with its running queue.
type post struct {
	*mail.Outbox
	db    *db.DB
	queue *job.Queue
}

func newPost(t *testing.T, d *db.DB, way mail.Transport) *post {
	t.Helper()
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	q := job.New(d, nil)
	o, err := mail.New(mail.Options{
		DB: d, Queue: q, Catalogue: c, Secret: secret, BaseURL: "https://events.example.org",
		From: stdmail.Address{Name: "Мрежа", Address: "events@example.org"}, Transport: way,
		Templates: os.DirFS("../../templates"), Clock: func() time.Time { return at },
	})
	if err != nil {
		t.Fatal(err)
	}
	return &post{Outbox: o, db: d, queue: q}
}

// start runs the queue until the end of the test.
func (p *post) start(t *testing.T) {
	t.Helper()
	if err := p.queue.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.queue.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func (p *post) enqueue(t *testing.T, messages ...mail.Message) {
	t.Helper()
	err := p.db.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, m := range messages {
			if err := p.Enqueue(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type state struct {
	State, Answer, MessageID string
	Attempts                 int
	SentAt                   db.Time
}

func (p *post) states(t *testing.T) []state {
	t.Helper()
	var rows []state
	err := p.db.Read().NewSelect().Table("outbox").Column("state", "answer", "message_id", "attempts", "sent_at").OrderExpr("id").Scan(t.Context(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// wait waits until all mails are as wanted.
func (p *post) wait(t *testing.T, want func(state) bool) []state {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		rows, ok := p.states(t), true
		for _, r := range rows {
			ok = ok && want(r)
		}
		if ok {
			return rows
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain: %+v", rows)
		}
	}
}

func is(s string) func(state) bool { return func(r state) bool { return r.State == s } }

func approval(to string) mail.Message {
	return mail.Message{Kind: mail.RegistrationApproved, To: to, Locale: "mk", Params: params()}
}

func params() mail.Params {
	return mail.Params{
		Name: "Ђорђе Ћосић",
		Event: &mail.EventFacts{
			Title:  locale.NewText("en", "Simulation of an investigation", "mk", "Симулација на истрага", "sr-Cyrl", "Симулација истраге"),
			Starts: day("2022-05-16"), Ends: day("2022-05-17"), City: "Priština", Country: "XK", Venue: "Hotel Sirius", Code: "XK-1",
			Zone: "Europe/Belgrade", OpensAt: at.Add(-time.Hour / 2),
		},
		Link:   &mail.Link{Path: "/my/", Purpose: "my", Nonce: "0123"},
		Donors: []mail.Donor{{Kind: "eu"}, {Kind: "norway_embassy", City: "Belgrade"}},
		Author: "Network",
	}
}

func day(s string) db.Day {
	d, err := db.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestAMailGoesOutOnceItsTransactionIsDurable(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		c, err := mail.NewCatcher()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		p := newPost(t, d, c.Transport())
		p.start(t)
		_ = d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(p.Enqueue(ctx, tx, approval("eve@example.org")), errors.New("rolled back"))
		})
		p.enqueue(t, approval("ana@example.org"))
		rows := p.wait(t, is("sent"))
		got := c.Messages()
		if len(rows) != 1 || len(got) != 1 {
			t.Fatalf("%d rows, %d mails", len(rows), len(got))
		}
		m := got[0]
		link := "https://events.example.org/my/" + secret.Link("my", "0123")
		if m.Address != "ana@example.org" || m.To != "Ђорђе Ћосић <ana@example.org>" || m.From != "Мрежа <events@example.org>" ||
			m.Subject != "Вашата пријава е одобрена: Симулација на истрага" || m.Language != "mk" || !m.Date.Equal(at) ||
			m.MessageID != rows[0].MessageID || !strings.HasSuffix(m.MessageID, "@events.example.org>") {
			t.Fatalf("%+v", m)
		}
		if !strings.Contains(m.Text, link) || !strings.Contains(m.HTML, `href="`+link+`"`) || !strings.Contains(m.Text, "Косово*") {
			t.Fatalf("%s\n%s", m.Text, m.HTML)
		}
		if !strings.Contains(string(m.Raw), "\r\nAuto-Submitted: auto-generated\r\n") {
			t.Fatalf("%s", m.Raw)
		}
		if rows[0].Attempts != 1 || !rows[0].SentAt.Equal(at) || rows[0].Answer != "" {
			t.Fatalf("%+v", rows[0])
		}
		if again, ok := c.Message(m.ID); !ok || again.MessageID != m.MessageID {
			t.Fatalf("%+v", again)
		}
	})
}

func TestTheDatabaseHoldsNoToken(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPost(t, d, nil)
		p.enqueue(t, approval("ana@example.org"))
		var kept string
		if err := d.Read().NewSelect().Table("outbox").Column("params").Scan(t.Context(), &kept); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(kept, secret.Link("my", "0123")) || !strings.Contains(kept, `"nonce"`) {
			t.Fatal(kept)
		}
	})
}

func TestAGreylistedMailIsSentAtTheNextTry(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		var tries atomic.Int32
		s := serve(t, func(s *server) {
			s.onRcpt = func(string) error {
				if tries.Add(1) == 1 {
					return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, ana@example.org, come again"}
				}
				return nil
			}
		})
		p := newPost(t, d, s.SMTP)
		p.enqueue(t, approval("ana@example.org"))
		p.start(t)
		first := p.wait(t, func(r state) bool { return r.Attempts > 0 })
		if r := first[0]; r.State != "queued" || r.Answer != "451 4.7.1 Greylisted, [address], come again" {
			t.Fatalf("%+v", r)
		}
		rows := p.wait(t, is("sent"))
		if rows[0].Attempts != 2 || rows[0].Answer != "" || len(s.messages()) != 1 {
			t.Fatalf("%+v, %d messages", rows, len(s.messages()))
		}
	})
}

func TestARefusedMailIsKeptWithItsAnswerAndNotTriedAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := serve(t, func(s *server) {
			s.onRcpt = func(to string) error {
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + ">: no such user"}
			}
		})
		p := newPost(t, d, s.SMTP)
		p.enqueue(t, approval("ana@example.org"))
		p.start(t)
		rows := p.wait(t, is("refused"))
		if r := rows[0]; r.Answer != "550 5.1.1 [address]: no such user" || !r.SentAt.IsZero() {
			t.Fatalf("%+v", r)
		}
		p.idle(t)
		if got := p.states(t)[0].Attempts; got != 1 {
			t.Fatalf("%d attempts", got)
		}
	})
}

// idle waits until no job waits or runs.
func (p *post) idle(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if n, err := job.Pending(t.Context(), p.db); err == nil && n == 0 {
			return
		}
	}
	t.Fatal("jobs are still pending")
}

// again is the job of the outbox, as a crash would have it run a second time.
type again struct {
	ID int64 `json:"id"`
}

func (again) Kind() string { return "mail.send" }

func TestAJobThatRunsAgainSendsNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := serve(t, nil)
		p := newPost(t, d, s.SMTP)
		p.enqueue(t, approval("ana@example.org"))
		p.start(t)
		p.wait(t, is("sent"))
		err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return p.queue.Enqueue(ctx, tx, again{ID: 1}) })
		if err != nil {
			t.Fatal(err)
		}
		p.idle(t)
		if n := len(s.messages()); n != 1 || p.states(t)[0].Attempts != 1 {
			t.Fatalf("%d messages, %+v", n, p.states(t))
		}
	})
}

// dying hands mails over and dies before the first one can be noted.
type dying struct {
	mail.Transport
	deaths atomic.Int32
}

func (x *dying) Send(ctx context.Context, from, to string, message []byte) error {
	err := x.Transport.Send(ctx, from, to, message)
	if x.deaths.Add(1) == 1 {
		panic("killed")
	}
	return err
}

func TestACrashBetweenSendingAndNotingSendsAtMostTwiceUnderOneMessageID(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		c, err := mail.NewCatcher()
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		p := newPost(t, d, &dying{Transport: c.Transport()})
		p.enqueue(t, approval("ana@example.org"))
		p.start(t)
		p.wait(t, is("sent"))
		p.idle(t)
		got := c.Messages()
		if len(got) != 2 || got[0].MessageID != got[1].MessageID || got[0].Text != got[1].Text {
			t.Fatalf("%d mails", len(got))
		}
	})
}

// interrupted takes a mail while the program is told to stop.
type interrupted struct{ cancel context.CancelFunc }

func (x interrupted) Send(context.Context, string, string, []byte) error { x.cancel(); return nil }

func TestAMailThatWasTakenIsNotedEvenWhenTheProgramStops(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		p := newPost(t, d, interrupted{cancel})
		p.enqueue(t, approval("ana@example.org"))
		if err := mail.Send(ctx, p.Outbox, 1); err != nil {
			t.Fatal(err)
		}
		if r := p.states(t)[0]; r.State != "sent" {
			t.Fatalf("%+v", r)
		}
	})
}

func TestMailsWaitForAMailServer(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPost(t, d, nil)
		p.enqueue(t, approval("ana@example.org"))
		if err := mail.Send(t.Context(), p.Outbox, 1); err == nil || !strings.Contains(err.Error(), "ATTESTA_SMTP") {
			t.Fatal(err)
		}
		if r := p.states(t)[0]; r.State != "queued" || r.Attempts != 1 {
			t.Fatalf("%+v", r)
		}
	})
}

func TestWhatCannotBeSentIsRefusedBeforeItIsWritten(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPost(t, d, nil)
		for name, m := range map[string]mail.Message{
			"line break":    approval("ana@example.org\r\nBcc: eve@example.org"),
			"no address":    approval(""),
			"unknown kind":  {Kind: "registration.lost", To: "ana@example.org"},
			"no event":      {Kind: mail.RegistrationApproved, To: "ana@example.org"},
			"foreign link":  {Kind: mail.AccountSignIn, To: "ana@example.org", Params: mail.Params{Link: &mail.Link{Path: "//evil.example/", Purpose: "p", Nonce: "n"}}},
			"link sans all": {Kind: mail.AccountSignIn, To: "ana@example.org", Params: mail.Params{Link: &mail.Link{Path: "/my/"}}},
		} {
			err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return p.Enqueue(ctx, tx, m) })
			if err == nil {
				t.Errorf("%s was taken", name)
			}
			if wantFault := name == "line break" || name == "no address"; wantFault != (fault.KindOf(err) == fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(p.states(t)); n != 0 {
			t.Fatalf("%d rows", n)
		}
	})
}

func TestNothingThatPeopleWriteBecomesAHeader(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	c, err := mail.NewCatcher()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := newPost(t, d, c.Transport())
	m := approval("ana@example.org")
	m.Locale = "en"
	m.Params.Name = "Ana\r\nBcc: eve@example.org\r\n\r\n<script>"
	m.Params.Event.Title = locale.NewText("en", "A\r\nX-Evil: 1\r\n\r\nB <script>alert(1)</script>")
	m.Params.Reason = "line\r\n.\r\nQUIT \U0001F600"
	p.enqueue(t, m)
	if err := mail.Send(t.Context(), p.Outbox, 1); err != nil {
		t.Fatal(err)
	}
	got := c.Messages()
	if len(got) != 1 {
		t.Fatalf("%d mails", len(got))
	}
	parsed, err := stdmail.ReadMessage(strings.NewReader(string(got[0].Raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Bcc", "X-Evil"} {
		if parsed.Header.Get(name) != "" {
			t.Errorf("there is a header %s", name)
		}
	}
	if a, err := parsed.Header.AddressList("To"); err != nil || len(a) != 1 || a[0].Address != "ana@example.org" {
		t.Errorf("To is %v, %v", a, err)
	}
	if strings.Contains(got[0].HTML, "<script>") || !strings.Contains(got[0].HTML, "&lt;script&gt;") || !strings.Contains(got[0].Text, "Reason: line . QUIT 😀") {
		t.Fatalf("%s\n%s", got[0].Text, got[0].HTML)
	}
}

func TestACatcherKeepsTheNewestMails(t *testing.T) {
	c, err := mail.NewCatcher()
	if err != nil {
		t.Fatal(err)
	}
	way := c.Transport()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := way.Send(t.Context(), "a@example.org", "b@example.org", message); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got := c.Messages()
	if len(got) != 20 || got[0].ID != 20 || got[19].ID != 1 || got[0].Text != ".dot\nhello\n" || got[0].Subject != "x" {
		t.Fatalf("%d: %+v", len(got), got[0])
	}
	if _, ok := c.Message(21); ok {
		t.Fatal("a mail that never came")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := way.Send(t.Context(), "a@example.org", "b@example.org", message); err == nil {
		t.Fatal("a closed catcher takes mails")
	}
}
