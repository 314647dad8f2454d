package config

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/knadh/koanf/v2"
)

// parser collects what is wrong, so that all of it is told at once.
type parser struct {
	k    *koanf.Koanf
	errs []error
}

func (p *parser) value(key string) string { return p.k.String(key) }

func (p *parser) fail(key, problem string) {
	p.errs = append(p.errs, &Error{Variable: prefix + strings.ToUpper(key), Problem: problem})
}

func parse(k *koanf.Koanf) (Config, error) {
	p := &parser{k: k}
	c := Config{
		Addr:           p.addr("addr"),
		Database:       p.database(),
		Files:          p.files(),
		TrustedProxies: p.proxies(),
		LogFormat:      p.choice("log", "text", "json"),
		Migrate:        p.choice("migrate", "on", "off") == "on",
		SMTP:           p.smtp(),
		OIDC:           p.oidc(),
	}
	if p.value("metrics_addr") != "off" {
		c.MetricsAddr = p.addr("metrics_addr")
	}
	c.BaseURL = p.baseURL(c.Addr)
	c.MailFrom = p.mailFrom(c.BaseURL)
	c.SecretFile = p.secretFile(c.Database)
	c.Locales, c.LocalesDir = p.locales()
	if len(p.errs) > 0 {
		return c, errors.Join(p.errs...)
	}
	return c, nil
}

func (p *parser) choice(key string, choices ...string) string {
	v := strings.ToLower(p.value(key))
	for _, c := range choices {
		if v == c {
			return v
		}
	}
	p.fail(key, strconv.Quote(v)+" is none of the choices; set "+strings.Join(choices, " or "))
	return choices[0]
}

func (p *parser) addr(key string) string {
	v := p.value(key)
	_, port, err := net.SplitHostPort(v)
	if n, e := strconv.Atoi(port); err != nil || e != nil || n < 0 || n > 65535 {
		p.fail(key, strconv.Quote(v)+" is no address to listen on; set host:port, such as 127.0.0.1:8080 or :8080")
	}
	return v
}

// baseURL is derived from the address where none is set, which is right on one's own machine only.
func (p *parser) baseURL(addr string) string {
	v := p.value("base_url")
	if v == "" {
		host, port, _ := net.SplitHostPort(addr)
		if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		return "http://" + net.JoinHostPort(host, port)
	}
	const want = "set where people reach the program, such as https://events.example.org: http or https, a host, no path"
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Opaque != "":
		p.fail("base_url", "this is no web address; "+want)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		p.fail("base_url", "the program can't live below a path; "+want)
	case u.User != nil:
		p.fail("base_url", "it holds a user name or a password; "+want)
	default:
		return u.Scheme + "://" + strings.ToLower(u.Host)
	}
	return ""
}

func (p *parser) database() string {
	v := p.value("database")
	switch {
	case strings.HasPrefix(v, "sqlite:"):
		path := strings.TrimPrefix(v, "sqlite:")
		if path == "" || strings.Contains(path, ":memory:") {
			p.fail("database", "SQLite needs a file; set sqlite:attesta.db")
		}
	case strings.HasPrefix(v, "postgres://"), strings.HasPrefix(v, "postgresql://"):
		if u, err := url.Parse(v); err != nil || u.Hostname() == "" && u.Query().Get("host") == "" {
			p.fail("database", "the address can't be read; set postgres://user:password@host:5432/name and write special characters of the password as %XX")
		}
	default:
		p.fail("database", "the address must begin with sqlite: or postgres://; set sqlite:attesta.db or postgres://user:password@host:5432/name")
	}
	return v
}

func (p *parser) secretFile(database string) string {
	if v := p.value("secret_file"); v != "" {
		return v
	}
	const name = "attesta.secret"
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		return filepath.Join(filepath.Dir(path), name)
	}
	return name
}

func (p *parser) files() string {
	v := p.value("files")
	dir, isDir := strings.CutPrefix(v, "file:")
	if isDir && dir != "" {
		return v
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		p.fail("files", "this is no place for files; set file:./files or s3://bucket?endpoint=…")
		return ""
	}
	if e := u.Query().Get("endpoint"); u.Port() != "" || strings.Trim(u.Path, "/") != "" || strings.Contains(e, "://") && !strings.HasPrefix(e, "http://") && !strings.HasPrefix(e, "https://") {
		p.fail("files", "the bucket's address can't be read; set s3://key:secret@bucket?endpoint=https://host:port&region=name and write special characters of the secret as %XX")
	}
	return v
}

func (p *parser) proxies() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range list(p.value("trusted_proxies")) {
		if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
			a = a.Unmap()
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		n, err := netip.ParsePrefix(s)
		if err != nil {
			p.fail("trusted_proxies", strconv.Quote(s)+" is neither an address nor a network; set a list such as 10.0.0.1,192.168.0.0/16")
			continue
		}
		out = append(out, n.Masked())
	}
	return out
}

func (p *parser) mailFrom(baseURL string) mail.Address {
	v := p.value("mail_from")
	if v == "" {
		return mail.Address{Name: "Attesta", Address: "attesta@" + mailHost(baseURL)}
	}
	a, err := mail.ParseAddress(v)
	if err != nil || strings.ContainsFunc(a.Name+a.Address, isControl) {
		p.fail("mail_from", "this is no sender; set an address such as Network <events@example.org>")
		return mail.Address{}
	}
	return *a
}

func mailHost(baseURL string) string {
	u, err := url.Parse(baseURL)
	if err != nil || u.Hostname() == "" {
		return "localhost"
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return "localhost"
	}
	return u.Hostname()
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }

var localeCode = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// locales is a list of codes, or a folder when it is written as a path.
func (p *parser) locales() (codes []string, dir string) {
	v := p.value("locales")
	if strings.ContainsAny(v, `/\`) || strings.HasPrefix(v, ".") {
		return nil, v
	}
	for _, s := range list(v) {
		if !localeCode.MatchString(s) {
			p.fail("locales", strconv.Quote(s)+" is no locale; set a list such as en,sq,sr-Cyrl, or the path of a folder with catalogues")
			continue
		}
		codes = append(codes, s)
	}
	return codes, ""
}

func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
}
