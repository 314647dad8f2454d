package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// How much a Catcher keeps: the newest mails, each of a bounded size.
const (
	caughtMost  = 1000
	caughtBytes = 4 << 20
)

// Catcher is a mail server within the program that keeps mails in memory and passes none on. The demo speaks to it, so
// its mails take the whole way but the last step.
type Catcher struct {
	server   *smtp.Server
	listener net.Listener
	done     chan struct{}

	mu   sync.Mutex
	last int
	kept []Caught
}

// NewCatcher starts a catcher on a free port of 127.0.0.1. Close ends it.
func NewCatcher() (*Catcher, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the mail catcher: %w", err)
	}
	c := &Catcher{listener: l, done: make(chan struct{})}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &catching{catcher: c}, nil }))
	c.server.Domain = "localhost"
	c.server.ReadTimeout, c.server.WriteTimeout = time.Minute, time.Minute
	c.server.MaxMessageBytes, c.server.MaxRecipients = caughtBytes, 10
	c.server.EnableSMTPUTF8 = true
	c.server.ErrorLog = log.New(io.Discard, "", 0)
	go func() {
		defer close(c.done)
		_ = c.server.Serve(l) // ends with Close
	}()
	return c, nil
}

// Transport returns the way to the catcher.
func (c *Catcher) Transport() SMTP {
	a := c.listener.Addr().(*net.TCPAddr)
	return SMTP{Host: a.IP.String(), Port: a.Port, Security: NoTLS}
}

// Messages returns the mails that are kept, the newest first.
func (c *Catcher) Messages() []Caught {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := slices.Clone(c.kept)
	slices.Reverse(out)
	return out
}

// Message returns the mail with this id, if it is still kept.
func (c *Catcher) Message(id int) (Caught, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.kept {
		if m.ID == id {
			return m, true
		}
	}
	return Caught{}, false
}

// Close stops listening and ends the connections.
func (c *Catcher) Close() error {
	err := errors.Join(c.server.Close(), c.listener.Close())
	<-c.done
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop the mail catcher: %w", err)
	}
	return nil
}

func (c *Catcher) keep(m Caught) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	m.ID = c.last
	if len(c.kept) == caughtMost {
		c.kept = slices.Delete(c.kept, 0, 1)
	}
	c.kept = append(c.kept, m)
}

// catching is one connection to a Catcher.
type catching struct {
	catcher *Catcher
	to      string
}

func (s *catching) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *catching) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = to; return nil }
func (s *catching) Reset()                                    { s.to = "" }
func (s *catching) Logout() error                             { return nil }

func (s *catching) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := Parse(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: "the message can't be read"}
	}
	m.Address = s.to
	s.catcher.keep(m)
	return nil
}
