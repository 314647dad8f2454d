package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/account"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/network"
)

// Accounts are the people who sign in.
type Accounts interface {
	// BeginVisit starts a visit of a user who has shown who they are, or returns a NotFound fault if they may not sign in.
	BeginVisit(ctx context.Context, userID int64, method account.Method, device string) (account.Visit, error)
	// Resume returns who makes a visit and what they may do now, or a NotFound fault if it has ended.
	Resume(ctx context.Context, visitID int64) (account.Actor, account.Visit, error)
	// EndVisit ends a visit.
	EndVisit(ctx context.Context, visitID int64) error
	// SignIn returns the user with that address and password. Its fault is the same for a wrong password and for an
	// address that nobody has.
	SignIn(ctx context.Context, email, password string) (userID int64, err error)
	// LinkSignIn uses up a one-time token and returns its user. Its fault is the same for used, old and made-up tokens.
	LinkSignIn(ctx context.Context, token string) (userID int64, err error)
}

// Readiness says whether the program can serve: the database answers and is migrated.
type Readiness interface {
	Ready(ctx context.Context) error
}

// Nav is one entry of the main navigation, shown to those whom For allows.
type Nav struct {
	Key      string // its words in the catalogues
	Path     string // /desk; /:locale/events gets the reader's language
	For      Need
	Visitors bool     // only for those who haven't signed in
	Unless   Need     // not for those who have something better
	Under    []string // further paths that lie under the entry
}

// usual is the navigation where none is configured, few entries for each role. An entry shows only if its route exists
// and the actor may call it.
var usual = []Nav{
	{Key: "nav.events", Path: "/:locale/events", For: Anyone, Visitors: true},
	{Key: "nav.verify", Path: "/verify", For: Anyone, Visitors: true},
	{Key: "nav.events", Path: "/desk", For: Permission(account.ViewEvent)},
	{Key: "nav.people", Path: "/desk/persons/suggestions", For: Permission(account.MergePersons)},
	{Key: "nav.institutions", Path: "/desk/institutions", For: Permission(account.EditInstitutions)},
	{Key: "nav.figures", Path: "/desk/figures", For: Permission(account.ViewFigures)},
	{Key: "nav.grants", Path: "/donor", For: Permission(account.ViewGrant), Unless: Permission(account.ViewFigures)},
	{Key: "nav.members", Path: "/desk/members", For: Permission(account.ManageMembers), Under: []string{"/desk/users"}},
	{
		Key: "nav.network", Path: "/desk/network", For: Permission(account.Administer),
		Under: []string{"/desk/organisations", "/desk/projects", "/desk/donors"},
	},
	{Key: "nav.audit", Path: "/desk/audit", For: Permission(account.ViewAudit)},
}

// Config is what the pages stand on. Catalogue, Templates, Static and Store are needed; the rest has a default.
type Config struct {
	BaseURL        string   // https://events.example.org; every absolute link is built from it, none from the request
	TrustedProxies []string // addresses or prefixes whose X-Forwarded-For is believed
	Secret         []byte   // signs tokens and notices; the same on every replica. Empty: one for this process
	Catalogue      *locale.Catalogue
	Network        *network.Desk // what the installation has settled; nil: Name and the defaults
	Name           locale.Text   // of the network, beside which every page stands, without Network
	Store          fiber.Storage
	Templates      fs.FS
	Static         fs.FS
	Accounts       Accounts
	Factors        *account.Accounts // second factors of those who sign in; nil: there are none
	Ready          Readiness
	Looks          Looks // keeps who looked at what; without it no auditor sees anything and nobody takes a file out
	Routes         []Route
	Nav            []Nav
	Clock          func() time.Time
	Log            *slog.Logger
	Observe        func(route string, status int, took time.Duration) // told of every request that was answered; may be nil
	Writes         func() uint64                                      // counts what this process has written; nil: no page is kept

	Caught *mail.Catcher // shows /mails with what was caught; nil outside the demo
	Demo   bool          // shows /components; a sign-in link signs in at once, without the button
	Dev    bool          // templates and static files are read anew at each request

	BodyLimit       int           // bytes, 1 MiB
	Deadline        time.Duration // of a request, 20 s
	SessionIdle     time.Duration // 12 h
	SessionAbsolute time.Duration // 7 days
}

// settings are the checked values behind a Config.
type settings struct {
	Config
	origin  string // scheme and host of BaseURL
	secure  bool
	proxies []netip.Prefix
}

func (cfg Config) check() (*settings, error) {
	if cfg.Catalogue == nil || cfg.Store == nil || cfg.Templates == nil || cfg.Static == nil {
		return nil, errors.New("web: catalogue, store, templates and static files are needed")
	}
	s := &settings{Config: cfg}
	s.defaults()
	u, err := url.Parse(s.BaseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("web: base URL %q is not https://host", s.BaseURL)
	}
	s.origin, s.secure = u.Scheme+"://"+u.Host, u.Scheme == "https"
	for _, p := range cfg.TrustedProxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			addr, err := netip.ParseAddr(p)
			if err != nil {
				return nil, fmt.Errorf("web: trusted proxy %q: %w", p, err)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		s.proxies = append(s.proxies, prefix)
	}
	return s, nil
}

func (s *settings) defaults() {
	if s.BaseURL == "" {
		s.BaseURL = "http://127.0.0.1:8080"
	}
	if len(s.Secret) == 0 {
		s.Secret = random(32)
	}
	if s.Clock == nil {
		s.Clock = time.Now
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	if s.Nav == nil {
		s.Nav = usual
	}
	orElse(&s.BodyLimit, 1<<20)
	orElse(&s.Deadline, 20*time.Second)
	orElse(&s.SessionIdle, 12*time.Hour)
	orElse(&s.SessionAbsolute, 7*24*time.Hour)
}

func orElse[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}
