package mail_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"attesta/app/mail"
)

var message = []byte("From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nDate: Mon, 16 May 2022 09:00:00 +0000\r\n\r\n.dot\r\nhello\r\n")

func send(t *testing.T, s *server) error {
	t.Helper()
	return s.send(t, "a@example.org", "b@example.org")
}

// send goes by the transport, not by the embedded server.
func (s *server) send(t *testing.T, from, to string) error {
	t.Helper()
	return s.Send(t.Context(), from, to, message)
}

func wantAnswer(t *testing.T, err error, code int, final bool) {
	t.Helper()
	var a *mail.Answer
	if !errors.As(err, &a) || a.Code != code || a.Final != final {
		t.Fatalf("got %#v, want code %d, final %v", err, code, final)
	}
}

func TestAMessageArrivesAsItWasWritten(t *testing.T) {
	s := serve(t, nil)
	if err := send(t, s); err != nil {
		t.Fatal(err)
	}
	if got := s.messages(); len(got) != 1 || !bytes.Equal(got[0], message) {
		t.Fatalf("%q", got)
	}
}

func TestMandatoryStartTLSWithAnOwnAuthority(t *testing.T) {
	config, pool := authority(t)
	secure := func(s *server) {
		s.TLSConfig = config
		s.Security, s.Roots, s.Username, s.Password = mail.MandatoryTLS, pool, "me@example.org", "pässword"
	}
	s := serve(t, secure)
	if err := send(t, s); err != nil {
		t.Fatal(err)
	}
	if secured, users := s.protection(); len(secured) != 1 || !secured[0] || len(users) != 1 {
		t.Fatalf("secured %v, signed in %v", secured, users)
	}
	s.Password = "wrong"
	wantAnswer(t, send(t, s), 535, false)
	s.Roots = nil
	wantAnswer(t, send(t, s), 0, false)
	plain := serve(t, func(s *server) { s.Security = "" })
	err := send(t, plain)
	wantAnswer(t, err, 0, false)
	if !strings.Contains(err.Error(), "STARTTLS") || len(plain.messages()) != 0 {
		t.Fatalf("a server without STARTTLS: %v, %d messages", err, len(plain.messages()))
	}
	plain.Security = mail.OpportunisticTLS
	if err := send(t, plain); err != nil {
		t.Fatal(err)
	}
}

func TestImplicitTLS(t *testing.T) {
	config, pool := authority(t)
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, nil)
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = l.Close(); <-done })
	way := mail.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: mail.ImplicitTLS, Roots: pool}
	if err := way.Send(t.Context(), "a@example.org", "b@example.org", message); err != nil {
		t.Fatal(err)
	}
	if secured, _ := s.protection(); len(secured) != 1 || !secured[0] {
		t.Fatalf("secured %v", secured)
	}
}

func TestARefusalOfTheRecipientIsFinalAndOthersAreNot(t *testing.T) {
	no := func(code int, a, b, c int) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{a, b, c}, Message: "<b@example.org>: no"}
	}
	for name, row := range map[string]struct {
		configure func(*server)
		code      int
		final     bool
	}{
		"no such user":       {func(s *server) { s.onRcpt = func(string) error { return no(550, 5, 1, 1) } }, 550, true},
		"greylisted":         {func(s *server) { s.onRcpt = func(string) error { return no(451, 4, 7, 1) } }, 451, false},
		"message refused":    {func(s *server) { s.onData = func(*smtp.Conn) error { return no(554, 5, 6, 0) } }, 554, true},
		"disk full":          {func(s *server) { s.onData = func(*smtp.Conn) error { return no(452, 4, 3, 1) } }, 452, false},
		"sign in first":      {func(s *server) { s.onRcpt = func(string) error { return no(530, 5, 7, 0) } }, 530, false},
		"sender not allowed": {func(s *server) { s.onMail = func() error { return no(553, 5, 1, 8) } }, 553, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, row.configure)
			err := send(t, s)
			wantAnswer(t, err, row.code, row.final)
			if strings.Contains(err.Error(), "b@example.org") || !strings.Contains(err.Error(), "[address]") {
				t.Fatalf("the answer names somebody: %v", err)
			}
		})
	}
}

func TestASilentServerDoesNotHold(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	way := mail.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: mail.NoTLS, Timeout: 200 * time.Millisecond}
	answer := make(chan error, 1)
	go func() { answer <- way.Send(t.Context(), "a@example.org", "b@example.org", message) }()
	select {
	case err := <-answer:
		wantAnswer(t, err, 0, false)
		// Either the deadline or the closing of the connection at it is noticed first.
		if !strings.Contains(err.Error(), "in time") && !strings.Contains(err.Error(), "closed network connection") {
			t.Fatal(err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("it holds")
	}
}

func TestASlowServerIsLeftInTheEnd(t *testing.T) {
	s := serve(t, func(s *server) {
		s.Timeout = 200 * time.Millisecond
		s.onData = func(c *smtp.Conn) error { time.Sleep(3 * time.Second); return nil }
	})
	start := time.Now()
	wantAnswer(t, send(t, s), 0, false)
	if took := time.Since(start); took > 2*time.Second {
		t.Fatalf("held for %v", took)
	}
}

func TestAConnectionCutInTheMessageIsTriedAgain(t *testing.T) {
	s := serve(t, func(s *server) {
		s.onData = func(c *smtp.Conn) error { return c.Conn().Close() }
	})
	wantAnswer(t, send(t, s), 0, false)
	if n := len(s.messages()); n != 0 {
		t.Fatalf("%d messages", n)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := mail.SMTP{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: mail.NoTLS}
	l.Close()
	wantAnswer(t, nobody.Send(t.Context(), "a@example.org", "b@example.org", message), 0, false)
}

func TestAnAddressCannotCarryACommand(t *testing.T) {
	s := serve(t, nil)
	for _, bad := range []string{
		"b@example.org\r\nRCPT TO:<eve@example.org>", "b@example.org\nDATA", "b@example.org>\r\nX: <a", "<b@example.org>", "Eve <b@example.org>",
		"b@example.org,eve@example.org", "\"b c\"@example.org", "b@example.org\x00", "b", "", "b@", "@example.org", "b@example.org\u2028c",
	} {
		if _, err := mail.Address(bad); err == nil {
			t.Errorf("%q is an address", bad)
		}
		wantAnswer(t, s.send(t, "a@example.org", bad), 0, true)
		wantAnswer(t, s.send(t, bad, "b@example.org"), 0, true)
	}
	if len(s.recipients()) != 0 {
		t.Fatalf("written to %q", s.recipients())
	}
}

func TestInternationalDomainsAreWrittenAsTheDNSKnowsThem(t *testing.T) {
	s := serve(t, nil)
	if err := s.send(t, "a@example.org", "b@пример.срб"); err != nil {
		t.Fatal(err)
	}
	if len(s.recipients()) != 1 || s.recipients()[0] != "b@xn--e1afmkfd.xn--90a3ac" {
		t.Fatalf("%q", s.recipients())
	}
}
