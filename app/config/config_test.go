package config_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"attesta/app/config"
)

func load(t *testing.T, environ ...string) (config.Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	return config.Load("", environ)
}

func diff(a, b any) string { return cmp.Diff(a, b, cmpopts.EquateComparable(netip.Prefix{})) }

func TestNothingNeedsToBeConfigured(t *testing.T) {
	c, err := load(t)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Addr: "127.0.0.1:8080", BaseURL: "http://127.0.0.1:8080", Database: "sqlite:attesta.db", SecretFile: "attesta.secret",
		MailFrom: mail.Address{Name: "Attesta", Address: "attesta@localhost"}, Files: "file:./files", LogFormat: "text", Migrate: true,
	}
	if d := diff(want, c); d != "" {
		t.Fatal(d)
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	c, err := load(t,
		"ATTESTA_ADDR=:9000", "ATTESTA_BASE_URL=https://Events.example.org/", "ATTESTA_DATABASE=sqlite:/srv/a/attesta.db",
		"ATTESTA_SMTP=smtp://me%40example.org:p%40ss:w%2Ford@mail.example.org?starttls=opportunistic&ca=/etc/ca.pem",
		"ATTESTA_MAIL_FROM=Мрежа <events@example.org>", "ATTESTA_FILES=s3://bucket?endpoint=x",
		"ATTESTA_TRUSTED_PROXIES=10.1.2.3, 192.168.7.9/16", "ATTESTA_LOCALES=en,sr-Cyrl", "ATTESTA_METRICS_ADDR=127.0.0.1:9100",
		"ATTESTA_LOG=json", "ATTESTA_MIGRATE=off", "ATTESTA_OIDC_ISSUER=https://login.example.org/x/", "ATTESTA_OIDC_CLIENT_ID=attesta",
		"ATTESTA_OIDC_CLIENT_SECRET=s3cret", "ATTESTA_OIDC_NAME=Мрежа", "ATTESTA_TEST_POSTGRES=x", "ATTESTA_BASEURL=slip", "PATH=/bin",
		"AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=session", "AWS_DEFAULT_REGION=eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Addr: ":9000", BaseURL: "https://events.example.org", Database: "sqlite:/srv/a/attesta.db", SecretFile: "/srv/a/attesta.secret",
		SMTP: config.SMTP{
			Host: "mail.example.org", Port: 587, Username: "me@example.org", Password: "p@ss:w/ord",
			TLS: config.Opportunistic, CAFile: "/etc/ca.pem",
		},
		MailFrom: mail.Address{Name: "Мрежа", Address: "events@example.org"}, Files: "s3://bucket?endpoint=x",
		Bucket:         config.Bucket{KeyID: "key", Secret: "secret", Session: "session", Region: "eu-central-1"},
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.1.2.3/32"), netip.MustParsePrefix("192.168.0.0/16")},
		Locales:        []string{"en", "sr-Cyrl"}, MetricsAddr: "127.0.0.1:9100", LogFormat: "json",
		OIDC:    config.OIDC{Issuer: "https://login.example.org/x/", ClientID: "attesta", Secret: "s3cret", Name: "Мрежа"},
		Unknown: []string{"ATTESTA_BASEURL"},
	}
	if d := diff(want, c); d != "" {
		t.Fatal(d)
	}
}

func TestTheEnvironmentWinsOverTheFile(t *testing.T) {
	t.Chdir(t.TempDir())
	file := "base_url = \"https://file.example.org\"\nlog = \"json\"\nmigrate = false\nlocales = [\"en\", \"mk\"]\n"
	if err := os.WriteFile(config.File, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load("", []string{"ATTESTA_BASE_URL=https://env.example.org", "ATTESTA_LOG="})
	if err != nil {
		t.Fatal(err)
	}
	if c.BaseURL != "https://env.example.org" || c.LogFormat != "json" || c.Migrate || len(c.Locales) != 2 {
		t.Fatalf("%v", c)
	}
}

func TestSMTPAddresses(t *testing.T) {
	for in, want := range map[string]config.SMTP{
		"smtp://h":                 {Host: "h", Port: 587, TLS: config.Mandatory},
		"smtp://h:25?starttls=off": {Host: "h", Port: 25, TLS: config.Off},
		"smtps://u:p@h":            {Host: "h", Port: 465, TLS: config.Implicit, Username: "u", Password: "p"},
		"smtp://[::1]:2525":        {Host: "::1", Port: 2525, TLS: config.Mandatory},
	} {
		c, err := load(t, "ATTESTA_SMTP="+in)
		if err != nil || c.SMTP != want {
			t.Errorf("%s: %#v, %v", in, c.SMTP, err)
		}
	}
}

func TestAWrongValueIsToldByItsVariable(t *testing.T) {
	for _, row := range []struct{ name, value string }{
		{"ADDR", "8080"},
		{"ADDR", "h:99999"},
		{"BASE_URL", "events.example.org"},
		{"BASE_URL", "ftp://events.example.org"},
		{"BASE_URL", "https://events.example.org/app"},
		{"BASE_URL", "https://events.example.org/?x=1"},
		{"BASE_URL", "https://s3cret:s3cret@events.example.org"},
		{"BASE_URL", "https://"},
		{"DATABASE", "mysql://u:s3cret@h/d"},
		{"DATABASE", "sqlite:"},
		{"DATABASE", "sqlite::memory:"},
		{"DATABASE", "postgres://u:s3cret%zz@h/d"},
		{"SMTP", "mail.example.org:587"},
		{"SMTP", "smtp://u:s3cret@h?starttls=maybe"},
		{"SMTP", "smtps://u:s3cret@h?starttls=off"},
		{"SMTP", "smtp://u:s3cret@h?tls=1"},
		{"SMTP", "smtp://u:s3cret@h:x"},
		{"SMTP", "smtp://u:s3cret%0aRSET@h"},
		{"MAIL_FROM", "nobody"},
		{"MAIL_FROM", "a@b.c, d@e.f"},
		{"FILES", "ftp://x"},
		{"FILES", "file:"},
		{"FILES", "s3://key:s3cret@bucket?endpoint=ftp://x"},
		{"FILES", "s3://key:s3cret@host:9000"},
		{"FILES", "s3://key:s3cret@bucket/folder"},
		{"TRUSTED_PROXIES", "10.0.0.0/33"},
		{"TRUSTED_PROXIES", "proxy.example.org"},
		{"LOCALES", "en,српски"},
		{"METRICS_ADDR", "yes"},
		{"LOG", "xml"},
		{"MIGRATE", "perhaps"},
		{"OIDC_ISSUER", "login.example.org"},
		{"OIDC_ISSUER", "http://login.example.org"},
		{"OIDC_ISSUER", "https://me:s3cret@login.example.org"},
		{"OIDC_ISSUER", "https://login.example.org?s3cret"},
	} {
		_, err := load(t, "ATTESTA_"+row.name+"="+row.value)
		var e *config.Error
		if !errors.As(err, &e) || e.Variable != "ATTESTA_"+row.name || !strings.Contains(e.Problem, "set ") && !strings.Contains(e.Problem, " is ") {
			t.Errorf("%s=%s: %v", row.name, row.value, err)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s=%s: the error tells the secret: %v", row.name, row.value, err)
		}
	}
}

func TestAProviderNeedsAnIssuerAndAClient(t *testing.T) {
	for _, row := range []struct{ set, missing string }{
		{"ATTESTA_OIDC_CLIENT_SECRET=s3cret", "ATTESTA_OIDC_ISSUER"},
		{"ATTESTA_OIDC_ISSUER=https://login.example.org", "ATTESTA_OIDC_CLIENT_ID"},
		{"ATTESTA_OIDC_NAME=" + strings.Repeat("name ", 20), "ATTESTA_OIDC_NAME"},
	} {
		if _, err := load(t, row.set); err == nil || !strings.Contains(err.Error(), row.missing+": ") || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", row.set, err)
		}
	}
}

func TestAllThatIsWrongIsToldAtOnce(t *testing.T) {
	_, err := load(t, "ATTESTA_ADDR=x", "ATTESTA_LOG=y", "ATTESTA_DATABASE=z")
	for _, name := range []string{"ATTESTA_ADDR", "ATTESTA_LOG", "ATTESTA_DATABASE"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s isn't in %v", name, err)
		}
	}
}

func TestAFileIsToldWhatIsWrongWithIt(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"line 2":              "log = \"text\"\nsmtp = smtp://u:s3cret@h\n",
		"no setting \"base\"": "base = \"s3cret\"\n",
		"addr":                "addr = 8080\n",
	} {
		path := filepath.Join(dir, "a.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(path, nil)
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := config.Load(filepath.Join(dir, "missing.toml"), nil); err == nil {
		t.Error("a named file that isn't there was passed over")
	}
}

func TestNoSecretIsPrinted(t *testing.T) {
	c, err := load(t, "ATTESTA_DATABASE=postgres://me:s3cret@h/d?password=s3cret", "ATTESTA_SMTP=smtp://me:s3cret@h",
		"ATTESTA_FILES=s3://key:s3cret@bucket?secret=s3cret", "AWS_SECRET_ACCESS_KEY=s3cret", "AWS_SESSION_TOKEN=s3cret", "ATTESTA_OIDC_ISSUER=http://127.0.0.1:9", "ATTESTA_OIDC_CLIENT_ID=a", "ATTESTA_OIDC_CLIENT_SECRET=s3cret")
	if err != nil {
		t.Fatal(err)
	}
	if c.SMTP.Password.Reveal() != "s3cret" || c.OIDC.Secret.Reveal() != "s3cret" || c.OIDC.Name != "127.0.0.1" {
		t.Fatal("the password is lost")
	}
	var out bytes.Buffer
	for _, v := range []any{c, &c, c.OIDC, &c.OIDC, c.SMTP, &c.SMTP, c.SMTP.Password, struct{ C config.Config }{c}} {
		fmt.Fprintf(&out, "%s %v %+v %#v %q\n", v, v, v, v, v)
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
		slog.New(slog.NewTextHandler(&out, nil)).Info("configuration", "config", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("configuration", "config", v)
	}
	if strings.Contains(out.String(), "s3cret") {
		t.Fatal(out.String())
	}
	if !strings.Contains(c.String(), "ATTESTA_DATABASE=postgres://h/d") {
		t.Fatal(c.String())
	}
}
