package account_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
)

const clientSecret = "a secret of thirty-two characters or more"

// liar is a provider that says whatever a test wants: the real one, in another process, doesn't lie. It checks PKCE and
// the client's secret as a real one does.
type liar struct {
	*httptest.Server
	key    *rsa.PrivateKey
	signer *rsa.PrivateKey // nil: key
	claims map[string]any  // in place of the honest ones; nil takes one out
	user   map[string]any  // what /userinfo says; nil: there is no such endpoint
	alg    jose.SignatureAlgorithm
	down   bool

	mu        sync.Mutex
	challenge map[string]string // by code
}

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func newLiar(t *testing.T) *liar {
	t.Helper()
	l := &liar{key: rsaKey(), alg: jose.RS256, challenge: map[string]string{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		if l.down {
			http.Error(w, "down", http.StatusBadGateway)
			return
		}
		about := map[string]any{"issuer": l.URL, "authorization_endpoint": l.URL + "/authorize", "token_endpoint": l.URL + "/token", "jwks_uri": l.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"}}
		if l.user != nil {
			about["userinfo_endpoint"] = l.URL + "/userinfo"
		}
		answer(w, about)
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &l.key.PublicKey, KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", l.token)
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { answer(w, l.user) })
	l.Server = httptest.NewServer(mux)
	t.Cleanup(l.Close)
	return l
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (l *liar) token(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if id != "attesta" || secret != url.QueryEscape(clientSecret) || l.challenge[r.FormValue("code")] != base64.RawURLEncoding.EncodeToString(sum[:]) {
		w.WriteHeader(http.StatusBadRequest)
		answer(w, map[string]any{"error": "invalid_grant"})
		return
	}
	delete(l.challenge, r.FormValue("code"))
	answer(w, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": l.signed()})
}

func (l *liar) signed() string {
	key := any(l.key)
	if l.signer != nil {
		key = l.signer
	}
	if l.alg == jose.HS256 {
		key = []byte(clientSecret)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: l.alg, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
	if err != nil {
		panic(err)
	}
	now := time.Date(2022, 5, 16, 9, 0, 0, 0, time.UTC)
	claims := map[string]any{"iss": l.URL, "sub": "vesna", "aud": "attesta", "nonce": "nonce", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"email": "vesna@example.org", "email_verified": true}
	maps.Copy(claims, l.claims)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	b, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	signature, err := s.Sign(b)
	if err != nil {
		panic(err)
	}
	out, err := signature.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return out
}

var bound = account.Trip{State: "state", Nonce: "nonce", Verifier: strings.Repeat("v", 43)}

func (l *liar) provider() *account.Provider {
	return &account.Provider{Issuer: l.URL, ClientID: "attesta", Secret: clientSecret, Redirect: "https://events.example.org/sign-in/oidc/callback", Name: "Liar",
		Clock: func() time.Time { return time.Date(2022, 5, 16, 9, 30, 0, 0, time.UTC) }}
}

// visit sends the browser to the provider, which gives it a code.
func (l *liar) visit(t *testing.T, p *account.Provider) (code string) {
	t.Helper()
	to, err := p.Address(t.Context(), bound)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for name := range u.Query() {
		got[name] = u.Query().Get(name)
	}
	challenge := got["code_challenge"]
	delete(got, "code_challenge")
	want := map[string]string{"client_id": "attesta", "code_challenge_method": "S256", "nonce": "nonce", "redirect_uri": p.Redirect, "response_type": "code",
		"scope": "openid profile email", "state": "state"}
	if d := cmp.Diff(want, got); d != "" || len(challenge) != 43 || strings.Contains(to, bound.Verifier) {
		t.Fatalf("the way to the provider: %s %s", to, d)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.challenge["code"] = challenge
	return "code"
}

func TestAProviderIsBelievedOnlyWhatItSignedForUs(t *testing.T) {
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for what, row := range map[string]struct {
		change func(*liar)
		want   account.Identity
	}{
		"honest":                     {func(*liar) {}, account.Identity{Subject: "vesna", Email: "vesna@example.org", Verified: true}},
		"unverified":                 {said("email_verified", false), account.Identity{Subject: "vesna", Email: "vesna@example.org"}},
		"silent about the address":   {said("email_verified", nil), account.Identity{Subject: "vesna", Email: "vesna@example.org"}},
		"true in quotation marks":    {said("email_verified", "true"), account.Identity{Subject: "vesna", Email: "vesna@example.org", Verified: true}},
		"false in quotation marks":   {said("email_verified", "false"), account.Identity{Subject: "vesna", Email: "vesna@example.org"}},
		"one is not true":            {said("email_verified", 1), account.Identity{Subject: "vesna", Email: "vesna@example.org"}},
		"two audiences, meant us":    {func(l *liar) { l.claims = map[string]any{"aud": []string{"attesta", "b"}, "azp": "attesta"} }, account.Identity{Subject: "vesna", Email: "vesna@example.org", Verified: true}},
		"another nonce":              {said("nonce", "another"), account.Identity{}},
		"no nonce":                   {said("nonce", nil), account.Identity{}},
		"another audience":           {said("aud", "another"), account.Identity{}},
		"given to another":           {func(l *liar) { l.claims = map[string]any{"aud": []string{"attesta", "b"}, "azp": "b"} }, account.Identity{}},
		"two audiences, nobody's":    {said("aud", []string{"attesta", "b"}), account.Identity{}},
		"another issuer":             {said("iss", "https://another.example"), account.Identity{}},
		"no subject":                 {said("sub", ""), account.Identity{}},
		"too old":                    {said("exp", time.Date(2022, 5, 16, 9, 29, 0, 0, time.UTC).Unix()), account.Identity{}},
		"signed by another key":      {func(l *liar) { l.signer = other }, account.Identity{}},
		"signed with the secret":     {func(l *liar) { l.alg = jose.HS256 }, account.Identity{}},
		"another access token":       {said("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), account.Identity{}},
		"tells of another user":      {asked(map[string]any{"sub": "another", "email": "vesna@example.org", "email_verified": true}), account.Identity{}},
		"tells the address if asked": {asked(map[string]any{"sub": "vesna", "email": "v@example.org", "email_verified": true}), account.Identity{Subject: "vesna", Email: "v@example.org", Verified: true}},
	} {
		t.Run(what, func(t *testing.T) {
			l := newLiar(t)
			row.change(l)
			p := l.provider()
			got, err := p.Identify(t.Context(), l.visit(t, p), bound)
			if row.want.Subject == "" {
				if !errors.Is(err, account.ErrAssertion) || got != (account.Identity{}) {
					t.Fatalf("%+v, %v", got, err)
				}
				return
			}
			row.want.Issuer = l.URL
			if err != nil || got != row.want {
				t.Fatalf("%+v, %v", got, err)
			}
		})
	}
}

func said(claim string, v any) func(*liar) {
	return func(l *liar) { l.claims = map[string]any{claim: v} }
}

func asked(user map[string]any) func(*liar) {
	return func(l *liar) { l.claims, l.user = map[string]any{"email": nil, "email_verified": nil}, user }
}

func TestACodeIsGoodOnceAndWithItsVerifierAlone(t *testing.T) {
	l := newLiar(t)
	p := l.provider()
	code := l.visit(t, p)
	thief := bound
	thief.Verifier = strings.Repeat("w", 43)
	if _, err := p.Identify(t.Context(), code, thief); !errors.Is(err, account.ErrAssertion) {
		t.Errorf("another verifier: %v", err)
	}
	if _, err := p.Identify(t.Context(), code, bound); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Identify(t.Context(), code, bound); !errors.Is(err, account.ErrAssertion) {
		t.Errorf("the code again: %v", err)
	}
}

func TestAProviderThatIsDownIsAskedAgain(t *testing.T) {
	l := newLiar(t)
	l.down = true
	p := l.provider()
	if _, err := p.Address(t.Context(), bound); !errors.Is(err, account.ErrProvider) {
		t.Fatal(err)
	}
	l.down = false
	code := l.visit(t, p)
	l.Close()
	if _, err := p.Identify(t.Context(), code, bound); !errors.Is(err, account.ErrProvider) || strings.Contains(err.Error(), clientSecret) {
		t.Fatal(err)
	}
}

func TestAProviderThatCallsItselfAnotherIsNotUsed(t *testing.T) {
	l := newLiar(t)
	p := l.provider()
	p.Issuer += "/"
	if _, err := p.Address(t.Context(), bound); !errors.Is(err, account.ErrProvider) {
		t.Fatal(err)
	}
}
