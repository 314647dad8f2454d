package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"time"

	gomail "github.com/go-mail/mail/v2"
	"golang.org/x/net/idna"
)

// Security says how the connection to the mail server is protected.
type Security string

// The ways, under the names of the configuration.
const (
	MandatoryTLS     Security = "mandatory"     // STARTTLS or no mail
	OpportunisticTLS Security = "opportunistic" // STARTTLS if the server offers it
	NoTLS            Security = "off"
	ImplicitTLS      Security = "implicit" // from the first byte
)

// SMTP is a mail server. It may be shared: each mail has a connection of its own.
type SMTP struct {
	Host     string
	Port     int
	Username string // "" for none
	Password string
	Security Security       // "" is MandatoryTLS
	Roots    *x509.CertPool // who may have signed the server's certificate; nil: whom the system trusts
	Hello    string         // the name under which the program greets the server; "" is localhost
	Timeout  time.Duration  // for each step; 0 is 12 s. A whole mail never takes more than three times as long
}

const stepTimeout = 12 * time.Second

// Send implements Transport.
func (s SMTP) Send(ctx context.Context, from, to string, message []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, a := range []string{from, to} {
		if _, err := Address(a); err != nil {
			return &Answer{Text: "the address can't be written to", Final: true}
		}
	}
	c, err := s.dialer().Dial()
	if err != nil {
		return answer(err, false)
	}
	err = c.Send(ascii(from), []string{ascii(to)}, bytes.NewReader(message))
	_ = c.Close() // the server has answered already; how it says goodbye changes nothing
	if err != nil {
		return answer(err, true)
	}
	return nil
}

// dialer is made anew for each mail, because go-mail writes into it.
func (s SMTP) dialer() *gomail.Dialer {
	bound()
	d := gomail.NewDialer(s.Host, s.Port, s.Username, s.Password)
	d.SSL = s.Security == ImplicitTLS
	d.TLSConfig = &tls.Config{ServerName: s.Host, RootCAs: s.Roots, MinVersion: tls.VersionTLS12}
	d.LocalName = s.Hello
	d.RetryFailure = false // the queue tries again
	d.Timeout = s.Timeout
	if d.Timeout == 0 {
		d.Timeout = stepTimeout
	}
	switch s.Security {
	case OpportunisticTLS:
		d.StartTLSPolicy = gomail.OpportunisticStartTLS
	case NoTLS:
		d.StartTLSPolicy = gomail.NoStartTLS
	default:
		d.StartTLSPolicy = gomail.MandatoryStartTLS
	}
	return d
}

// bound makes go-mail open connections that end: as it comes, it waits for the server's greeting without a limit.
var bound = sync.OnceFunc(func() { gomail.NetDialTimeout = dial })

func dial(network, address string, timeout time.Duration) (net.Conn, error) {
	c, err := (&net.Dialer{Timeout: timeout}).DialContext(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	until := time.Now().Add(3 * timeout)
	b := &boundConn{Conn: c, until: until, end: time.AfterFunc(time.Until(until), func() { _ = c.Close() })}
	return b, b.SetDeadline(time.Now().Add(timeout))
}

// boundConn is a connection that ends at a fixed time, whatever deadlines are set on it and whether or not anybody
// closes it.
type boundConn struct {
	net.Conn
	until time.Time
	end   *time.Timer
}

// SetDeadline implements net.Conn.
func (c *boundConn) SetDeadline(t time.Time) error {
	if t.IsZero() || t.After(c.until) {
		t = c.until
	}
	return c.Conn.SetDeadline(t)
}

// Close implements net.Conn.
func (c *boundConn) Close() error {
	c.end.Stop()
	return c.Conn.Close()
}

// answer tells a server's no, and whether it is about this mail, from everything else that may go wrong. Refusals
// before the mail is offered (the password, the encryption) are about the configuration: mails wait for it to be mended.
func answer(err error, offered bool) error {
	var said *textproto.Error
	if errors.As(err, &said) {
		return &Answer{Code: said.Code, Text: said.Msg, Final: offered && aboutMail(said)}
	}
	var wait net.Error
	if errors.As(err, &wait) && wait.Timeout() {
		return &Answer{Text: "the mail server didn't answer in time"}
	}
	return &Answer{Text: err.Error()}
}

// aboutMail reports whether a server refuses this recipient or message for good, not the sender or the lack of a
// password.
func aboutMail(said *textproto.Error) bool {
	if said.Code < 500 {
		return false
	}
	switch said.Code {
	case 502, 503, 504, 530, 534, 535, 538: // out of order, or sign in first
		return false
	}
	for _, sender := range []string{"5.1.7", "5.1.8", "5.7.8", "5.7.9"} {
		if strings.HasPrefix(said.Msg, sender) {
			return false
		}
	}
	return true
}

// ascii returns an address or a domain with its domain as the DNS knows it: "büro.example" is "xn--bro-hoa.example".
func ascii(address string) string {
	local, domain := "", address
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		local, domain = address[:i+1], address[i+1:]
	}
	if a, err := idna.Lookup.ToASCII(domain); err == nil {
		domain = a
	}
	return local + domain
}
