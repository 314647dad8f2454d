package app_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	stdmail "net/mail"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"attesta/app"
	"attesta/app/apptest"
	"attesta/app/apptest/browser"
	"attesta/app/config"
	"attesta/app/locale"
	"attesta/app/mail"
)

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Close()
	os.Exit(code)
}

// site is the whole program, served on 127.0.0.1 from a fresh database, with a mail server that keeps what it gets. Its
// World shows the program's own features, and the program goes by the World's clock.
type site struct {
	*apptest.World
	App   *app.App
	Base  string
	mails *mail.Catcher
	log   buffer // all that the program logged
}

// databases are the addresses of a fresh database of each kind.
var databases = map[string]func(testing.TB) string{"sqlite": apptest.SQLite, "postgres": apptest.Postgres}

// serve starts the program and stops it when the test ends. It trusts a proxy on its own machine, so that a test can
// come from many addresses. An error in its log fails the test. options change its configuration first.
func serve(t *testing.T, database string, options ...func(*config.Config)) *site {
	t.Helper()
	return begin(t, database, (*site).adopt, options...)
}

// begin is serve of a program that first does something to itself.
func begin(t *testing.T, database string, first func(*site, *testing.T), options ...func(*config.Config)) *site {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	catcher, err := mail.NewCatcher()
	if err != nil {
		t.Fatal(err)
	}
	to := catcher.Transport()
	s := &site{Base: "http://" + l.Addr().String(), mails: catcher}
	cfg := config.Config{
		Addr: l.Addr().String(), BaseURL: s.Base, Database: database, SecretFile: filepath.Join(t.TempDir(), "attesta.secret"), Files: "file:" + t.TempDir(),
		MailFrom: stdmail.Address{Name: "Attesta", Address: "attesta@attesta.example"}, SMTP: config.SMTP{Host: to.Host, Port: to.Port, TLS: config.Off},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, LogFormat: "text", Migrate: true,
	}
	for _, o := range options {
		o(&cfg)
	}
	if s.App, err = app.Open(context.Background(), cfg, slog.New(failing{t, slog.NewTextHandler(io.MultiWriter(t.Output(), &s.log), &slog.HandlerOptions{Level: slog.LevelDebug})})); err != nil {
		t.Fatal(err)
	}
	first(s, t)
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- s.App.Run(ctx, l, app.Pages{}, func() { close(ready) })
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := s.App.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := catcher.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-ready:
	case err := <-ended:
		ended <- err
		t.Fatalf("the program doesn't start: %v", err)
	}
	return s
}

// adopt gives the program a world's project and clock, and the world the program's features.
func (s *site) adopt(t *testing.T) {
	t.Helper()
	a := s.App
	if _, err := a.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := apptest.NewWorld(t, a.DB)
	a.Clock = w.Clock.Now
	w.Queue, w.Secret, w.Catalogue, w.Mail, w.Persons, w.Projects = a.Queue, a.Secret, a.Catalogue, a.Mail, a.Persons, a.Projects
	w.Events, w.Registrations, w.Attendance, w.Certificates = a.Events, a.Registrations, a.Attendance, a.Certificates
	s.World = w
}

// failing is a log whose errors fail the test.
type failing struct {
	t *testing.T
	slog.Handler
}

func (h failing) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		h.t.Errorf("the program logs an error: %s", r.Message)
	}
	return h.Handler.Handle(ctx, r)
}

func (h failing) WithAttrs(a []slog.Attr) slog.Handler { return failing{h.t, h.Handler.WithAttrs(a)} }
func (h failing) WithGroup(g string) slog.Handler      { return failing{h.t, h.Handler.WithGroup(g)} }

// letter waits for the newest mail to an address that is none of those seen before, and remembers it.
func (s *site) letter(t *testing.T, to string, seen *[]string) mail.Caught {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for _, m := range s.mails.Messages() {
			if m.Address == to && !slices.Contains(*seen, m.MessageID) {
				*seen = append(*seen, m.MessageID)
				return m
			}
		}
	}
	t.Fatalf("no mail for %s", to)
	return mail.Caught{}
}

var address = regexp.MustCompile(`https?://[^\s"'<>]+`)

// link returns the one address that a mail leads to, which is the same in its text and its HTML.
func (s *site) link(t *testing.T, m mail.Caught) string {
	t.Helper()
	all := address.FindAllString(m.Text+"\n"+m.HTML, -1)
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) != 1 || !strings.HasPrefix(all[0], s.Base+"/") {
		t.Fatalf("the mail %q leads to %q", m.Subject, all)
	}
	return all[0]
}

// walks runs a walk through the program in English and in Macedonian on both databases. Readers of Macedonian hold a
// phone.
func walks(t *testing.T, f func(t *testing.T, s *site, v visitor)) {
	t.Helper()
	for name, fresh := range databases {
		for code, width := range map[locale.Code]int{"en": 1280, "mk": 360} {
			t.Run(name+"/"+string(code), func(t *testing.T) {
				t.Parallel()
				s := serve(t, fresh(t))
				f(t, s, visitor{s: s, Printer: s.Catalogue.Printer(code), width: width})
			})
		}
	}
}

// visitor is somebody who reads one language, on one screen.
type visitor struct {
	s *site
	*locale.Printer
	width int
}

// open opens a browser that has never been here.
func (v visitor) open(t *testing.T) *browser.Tab { return browser.Open(t, v.s.Base, v.width) }

// at returns a path in the visitor's language.
func (v visitor) at(path string) string { return "/" + string(v.Code()) + path }

// contains fails the test if a text doesn't have the words.
func contains(t *testing.T, text, words string) {
	t.Helper()
	if !strings.Contains(text, words) {
		t.Errorf("%q isn't in %.2000s", words, text)
	}
}
