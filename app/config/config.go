// Package config reads the environment, and attesta.toml where the environment is silent, into one validated struct.
// The struct is passed on as values; no feature reads the environment. What it prints of itself holds no secret.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/v2"
)

// File is the name under which Load looks for the file in the working directory.
const File = "attesta.toml"

const prefix = "ATTESTA_"

// Config is the checked configuration of one process.
type Config struct {
	Addr           string         // host:port on which pages are served
	BaseURL        string         // scheme and host of every link, without a slash at the end
	Database       string         // sqlite:PATH or postgres://…; may hold a password
	SecretFile     string         // the installation's key; made at first start
	SMTP           SMTP           // the zero SMTP: no mail server is configured
	MailFrom       mail.Address   // the sender of every mail
	Files          string         // file:DIR or s3://BUCKET?…; may hold a key
	Bucket         Bucket         // what opens the bucket of Files, where the address doesn't say
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed
	Locales        []string       // locales offered, in this order; none: all there are
	LocalesDir     string         // a folder whose messages replace or add to the program's own; "" for none
	MetricsAddr    string         // host:port of /metrics; "" is off
	LogFormat      string         // "text" or "json"
	OIDC           OIDC           // the zero OIDC: nobody signs in at a provider
	Migrate        bool           // serve migrates the database before it starts

	// Unknown are variables that begin with ATTESTA_ and mean nothing: slips, most likely.
	Unknown []string
}

// known are the names of the settings, each with its default; in the environment ATTESTA_ stands before the name in
// capitals.
var known = map[string]any{
	"addr": "127.0.0.1:8080", "base_url": "", "database": "sqlite:attesta.db", "secret_file": "", "smtp": "",
	"mail_from": "", "files": "file:./files", "trusted_proxies": "", "locales": "", "metrics_addr": "off",
	"log": "text", "migrate": "on", "oidc_issuer": "", "oidc_client_id": "", "oidc_client_secret": "", "oidc_name": "",
}

// Error says what is wrong with one variable and what to do. It never repeats a value that may hold a secret.
type Error struct {
	Variable string // ATTESTA_BASE_URL
	Problem  string
}

// Error implements error.
func (e *Error) Error() string { return e.Variable + ": " + e.Problem }

// Load reads the configuration. path names a TOML file that must be there; with "" attesta.toml in the working
// directory is read if it exists. environ is what os.Environ returns. The error joins one *Error for each variable
// that is wrong.
func Load(path string, environ []string) (Config, error) {
	k := koanf.New("")
	if err := k.Load(confmap.Provider(known, ""), nil); err != nil {
		return Config{}, fmt.Errorf("read the defaults: %w", err)
	}
	file, err := readFile(path)
	if err != nil {
		return Config{}, err
	}
	if err := k.Load(confmap.Provider(file, ""), nil); err != nil {
		return Config{}, fmt.Errorf("read %s: %w", path, err)
	}
	var unknown []string
	if err := k.Load(environment(environ, &unknown), nil); err != nil {
		return Config{}, fmt.Errorf("read the environment: %w", err)
	}
	c, err := parse(k)
	slices.Sort(unknown)
	c.Unknown = unknown
	if strings.HasPrefix(c.Files, "s3:") {
		c.Bucket = bucket(environ)
	}
	return c, err
}

// environment takes a variable that is set but empty for one that isn't set.
func environment(environ []string, unknown *[]string) *env.Env {
	return env.Provider("", env.Opt{
		Prefix:      prefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			key := strings.ToLower(strings.TrimPrefix(name, prefix))
			if _, ok := known[key]; !ok {
				if !strings.HasPrefix(key, "test_") {
					*unknown = append(*unknown, name)
				}
				return "", nil
			}
			if strings.TrimSpace(value) == "" {
				return "", nil
			}
			return key, strings.TrimSpace(value)
		},
	})
}

// readFile reads the TOML file. Its keys are the names of the variables in lower case, without ATTESTA_; lists may be
// written as TOML lists.
func readFile(path string) (map[string]any, error) {
	optional := path == ""
	if optional {
		path = File
	}
	raw, err := os.ReadFile(path)
	if optional && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the configuration file can't be read: %w", err)
	}
	var m map[string]any
	if err := toml.Unmarshal(raw, &m); err != nil {
		var syntax toml.ParseError
		if errors.As(err, &syntax) { // its text would quote the line
			return nil, fmt.Errorf("%s, line %d: this is no TOML; write name = \"value\"", filepath.Base(path), syntax.Position.Line)
		}
		return nil, fmt.Errorf("%s can't be read as TOML", filepath.Base(path))
	}
	for key, v := range m {
		if _, ok := known[key]; !ok {
			return nil, fmt.Errorf("%s: there is no setting %q; the settings are %s", filepath.Base(path), key, strings.Join(names(), ", "))
		}
		s, err := flat(v)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", filepath.Base(path), key, err)
		}
		m[key] = s
	}
	return m, nil
}

func flat(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v), nil
	case bool:
		if v {
			return "on", nil
		}
		return "off", nil
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			s, ok := x.(string)
			if !ok {
				return "", errors.New("write a list of texts in quotation marks")
			}
			parts[i] = s
		}
		return strings.Join(parts, ","), nil
	}
	return "", errors.New("write a text in quotation marks")
}

func names() []string {
	var out []string
	for k := range known {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// SQLitePath is the file of an SQLite database, and whether it is one.
func (c Config) SQLitePath() (path string, ok bool) { return strings.CutPrefix(c.Database, "sqlite:") }
