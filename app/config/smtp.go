package config

import (
	"net/url"
	"strconv"
	"strings"
)

// The ways to protect the connection to the mail server.
const (
	Mandatory     = "mandatory"     // STARTTLS or no mail
	Opportunistic = "opportunistic" // STARTTLS if the server offers it
	Off           = "off"           // never; only for a server on the same machine
	Implicit      = "implicit"      // TLS from the first byte, smtps://
)

// SMTP is the mail server.
type SMTP struct {
	Host     string // "" when none is configured
	Port     int
	Username string
	Password Password
	TLS      string // Mandatory, Opportunistic, Off or Implicit
	CAFile   string // PEM of further authorities that may have signed the server's certificate; "" for none
}

const smtpWant = "set smtp://user:password@mail.example.org:587?starttls=mandatory (or opportunistic, off) or smtps://user:password@mail.example.org:465, and write special characters of the password as %XX"

func (p *parser) smtp() SMTP {
	v := p.value("smtp")
	if v == "" {
		return SMTP{}
	}
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		p.fail("smtp", "the address of the mail server can't be read; "+smtpWant)
		return SMTP{}
	}
	s := SMTP{Host: u.Hostname(), Port: 587, TLS: Mandatory, CAFile: u.Query().Get("ca")}
	if u.User != nil {
		s.Username = u.User.Username()
		password, _ := u.User.Password()
		s.Password = Password(password)
	}
	if u.Scheme == "smtps" {
		s.Port, s.TLS = 465, Implicit
	}
	if u.Port() != "" {
		s.Port, err = strconv.Atoi(u.Port())
		if err != nil || s.Port < 1 || s.Port > 65535 {
			p.fail("smtp", "the port is no number from 1 to 65535; "+smtpWant)
		}
	}
	p.smtpQuery(u, &s)
	if strings.ContainsFunc(s.Username+string(s.Password), isControl) {
		p.fail("smtp", "the user name or the password holds a control character; "+smtpWant)
	}
	return s
}

func (p *parser) smtpQuery(u *url.URL, s *SMTP) {
	q := u.Query()
	for name := range q {
		if name != "starttls" && name != "ca" {
			p.fail("smtp", "after the question mark only starttls and ca are known; "+smtpWant)
		}
	}
	switch how := q.Get("starttls"); {
	case how == "":
	case s.TLS == Implicit:
		p.fail("smtp", "smtps:// is encrypted from the start and takes no starttls; "+smtpWant)
	case how == Mandatory || how == Opportunistic || how == Off:
		s.TLS = how
	default:
		p.fail("smtp", "starttls is mandatory, opportunistic or off; "+smtpWant)
	}
}
