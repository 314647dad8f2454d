package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const redacted = "[redacted]"

// Password is a secret that no printing verb, log or encoder shows.
type Password string

// String returns a placeholder, or "" for an empty password.
func (p Password) String() string {
	if p == "" {
		return ""
	}
	return redacted
}

// GoString implements fmt.GoStringer.
func (p Password) GoString() string { return strconv.Quote(p.String()) }

// MarshalText implements encoding.TextMarshaler.
func (p Password) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue implements slog.LogValuer.
func (p Password) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Reveal returns the password itself.
func (p Password) Reveal() string { return string(p) }

// String says where the mail server is and how it is spoken to, without the password.
func (s SMTP) String() string {
	if s.Host == "" {
		return ""
	}
	scheme, query := "smtp", "?starttls="+s.TLS
	if s.TLS == Implicit {
		scheme, query = "smtps", ""
	}
	user := ""
	if s.Username != "" {
		user = url.User(s.Username).String() + "@"
	}
	return fmt.Sprintf("%s://%s%s:%d%s", scheme, user, s.Host, s.Port, query)
}

// GoString implements fmt.GoStringer.
func (s SMTP) GoString() string { return strconv.Quote(s.String()) }

// Settings returns every setting under the name of its variable, as people may see it: without passwords and keys.
func (c Config) Settings() map[string]string {
	proxies := make([]string, len(c.TrustedProxies))
	for i, p := range c.TrustedProxies {
		proxies[i] = p.String()
	}
	locales := strings.Join(c.Locales, ",")
	if c.LocalesDir != "" {
		locales = c.LocalesDir
	}
	m := map[string]string{
		"ADDR": c.Addr, "BASE_URL": c.BaseURL, "DATABASE": withoutSecret(c.Database), "SECRET_FILE": c.SecretFile,
		"SMTP": c.SMTP.String(), "MAIL_FROM": c.MailFrom.String(), "FILES": withoutSecret(c.Files),
		"TRUSTED_PROXIES": strings.Join(proxies, ","), "LOCALES": locales, "METRICS_ADDR": orOff(c.MetricsAddr),
		"LOG": c.LogFormat, "MIGRATE": onOff(c.Migrate),
		"OIDC_ISSUER": c.OIDC.Issuer, "OIDC_CLIENT_ID": c.OIDC.ClientID, "OIDC_CLIENT_SECRET": c.OIDC.Secret.String(), "OIDC_NAME": c.OIDC.Name,
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[prefix+k] = v
	}
	return out
}

// withoutSecret keeps of an address what says where, and nothing that opens: no password, no query.
func withoutSecret(address string) string {
	if strings.HasPrefix(address, "sqlite:") || strings.HasPrefix(address, "file:") {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return redacted
	}
	clean := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return clean.String()
}

func orOff(s string) string {
	if s == "" {
		return "off"
	}
	return s
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}

// String prints the settings in order, without secrets.
func (c Config) String() string {
	m := c.Settings()
	var lines []string
	for k, v := range m {
		lines = append(lines, k+"="+v)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// GoString implements fmt.GoStringer.
func (c Config) GoString() string { return c.String() }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for k, v := range c.Settings() {
		attrs = append(attrs, slog.String(k, v))
	}
	slices.SortFunc(attrs, func(a, b slog.Attr) int { return strings.Compare(a.Key, b.Key) })
	return slog.GroupValue(attrs...)
}

// MarshalJSON gives the settings as people may see them.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.Settings()) }
