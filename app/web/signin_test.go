package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"attesta/app/web"
)

const knownCookie = "__Host-attesta-known"

// behindProxy believes what the connection's own address says of where a request came from.
func behindProxy(c *web.Config) { c.TrustedProxies = []string{"0.0.0.0"} }

// try signs in from an address with the cookies of the site, and returns the status.
func (s *site) try(email, password, from string) int {
	s.t.Helper()
	token := value(s.t, s.get("/sign-in"), `input[name=_csrf]`)
	return s.post("/sign-in", url.Values{"_csrf": {token}, "email": {email}, "password": {password}}, "X-Forwarded-For", from).StatusCode
}

// stranger is another browser at the same site.
func (s *site) stranger() *site {
	other := *s
	other.jar = map[string]string{}
	return &other
}

func TestFailuresFromOneSourceAreLimitedWhateverTheAccount(t *testing.T) {
	s := newSite(t, behindProxy)
	for i := range 5 {
		if got := s.stranger().try(fmt.Sprintf("x%d@example.org", i), "wrong", "192.0.2.1"); got != 422 {
			t.Fatalf("attempt %d: %d", i+1, got)
		}
	}
	if got := s.stranger().try("org@example.org", "right", "192.0.2.1"); got != 429 {
		t.Errorf("the sixth: %d", got)
	}
	if got := s.stranger().try("org@example.org", "wrong", "192.0.2.2"); got != 422 {
		t.Errorf("from another address: %d", got)
	}
	s.now = s.now.Add(2 * time.Minute)
	if got := s.stranger().try("x@example.org", "wrong", "192.0.2.1"); got != 422 {
		t.Errorf("two minutes later: %d", got)
	}
}

func TestAHeaderThatAVisitorWritesDoesNotEvadeTheLimit(t *testing.T) {
	for what, trusted := range map[string][]string{"no proxy": nil, "another proxy": {"198.51.100.7"}} {
		s := newSite(t, func(c *web.Config) { c.TrustedProxies = trusted })
		got := 0
		for i := range 6 {
			got = s.stranger().try("org@example.org", "wrong", fmt.Sprintf("192.0.2.%d", i))
		}
		if got != 429 {
			t.Errorf("%s: the sixth is answered with %d", what, got)
		}
	}
	control := newSite(t, behindProxy) // what the proxy says does count
	for i := range 6 {
		if got := control.stranger().try("org@example.org", "wrong", fmt.Sprintf("192.0.2.%d", i)); got != 422 {
			t.Errorf("attempt %d from an address of its own: %d", i+1, got)
		}
	}
}

func TestWhoSignsInRightIsNotCounted(t *testing.T) {
	s := newSite(t, behindProxy)
	for i := range 12 {
		if got := s.stranger().try("org@example.org", "right", "192.0.2.1"); got != 303 {
			t.Fatalf("colleague %d in the same office: %d", i+1, got)
		}
	}
}

// besiege fails to sign in to an account from many addresses until it is closed to strangers.
func (s *site) besiege(email string) {
	s.t.Helper()
	for i := range 60 {
		if got := s.stranger().try(email, "wrong", fmt.Sprintf("203.0.113.%d", i)); got != 422 {
			s.t.Fatalf("attempt %d: %d", i+1, got)
		}
	}
	if got := s.stranger().try(email, "wrong", "203.0.113.99"); got != 429 {
		s.t.Fatalf("sixty-one attempts a minute for one account: %d", got)
	}
}

func TestNobodyIsLockedOutByWhoKnowsTheirAddress(t *testing.T) {
	s := newSite(t, behindProxy)
	if got := s.try("org@example.org", "right", "192.0.2.1"); got != 303 {
		t.Fatal(got)
	}
	owner := s.stranger()
	owner.jar[knownCookie] = s.jar[knownCookie]
	colleague := s.stranger()
	if got := colleague.try("donor@example.org", "right", "192.0.2.1"); got != 303 {
		t.Fatal(got)
	}
	s.besiege("org@example.org")

	if got := owner.try("org@example.org", "right", "192.0.2.1"); got != 303 {
		t.Errorf("the owner, on a device used before: %d", got)
	}
	forged := strings.Split(owner.jar[knownCookie], ".")
	last := []byte(forged[1])
	last[len(last)-2] ^= 1
	for what, cookie := range map[string]string{
		"without the cookie":       "",
		"a cookie that was forged": forged[0] + "." + string(last),
		"a cookie of another name": colleague.jar[knownCookie][:22] + "." + forged[1],
		"a colleague's cookie":     colleague.jar[knownCookie],
		"nonsense":                 "x.y.z",
	} {
		b := s.stranger()
		b.jar[knownCookie] = cookie
		if got := b.try("org@example.org", "right", "192.0.2.77"); got != 429 {
			t.Errorf("%s: %d", what, got)
		}
	}
	s.now = s.now.Add(181 * 24 * time.Hour)
	s.besiege("org@example.org")
	b := s.stranger()
	b.jar[knownCookie] = forged[0] + "." + forged[1]
	if got := b.try("org@example.org", "right", "192.0.2.1"); got != 429 {
		t.Errorf("half a year later: %d", got)
	}
}

func TestADeviceThatIsKnownIsLimitedToo(t *testing.T) {
	s := newSite(t, behindProxy)
	s.try("org@example.org", "right", "192.0.2.1")
	owner := s.stranger()
	owner.jar[knownCookie] = s.jar[knownCookie]
	for i := range 6 {
		want := 422
		if i == 5 {
			want = 429
		}
		if got := owner.try("org@example.org", "wrong", fmt.Sprintf("192.0.2.%d", i)); got != want {
			t.Errorf("attempt %d: %d", i+1, got)
		}
	}
}

func TestTheCookieOfAKnownDeviceTellsNothingAndOpensNothing(t *testing.T) {
	s := newSite(t)
	s.signIn("org@example.org")
	token := value(t, s.get("/en/form"), `main input[name=_csrf]`)
	a := s.post("/sign-in", url.Values{"_csrf": {token}, "email": {"donor@example.org"}, "password": {"right"}})
	if strings.Contains(s.jar[knownCookie], "@") || len(strings.Split(s.jar[knownCookie], ".")) != 3 {
		t.Errorf("%q", s.jar[knownCookie])
	}
	for _, c := range a.Cookies() {
		if c.Name == knownCookie && (!c.HttpOnly || !c.Secure || c.MaxAge <= 0) {
			t.Errorf("cookie %s", c)
		}
	}
	thief := s.stranger()
	thief.jar[knownCookie] = s.jar[knownCookie]
	if a := thief.get("/desk"); a.StatusCode != 303 {
		t.Errorf("opens the desk: %d", a.StatusCode)
	}
}

func TestLinksCanBeAskedForWhilePasswordsAreTried(t *testing.T) {
	s := newSite(t, behindProxy)
	s.besiege("org@example.org")
	ask := func(email, from string) answer {
		b := s.stranger()
		token := value(t, b.get("/sign-in/link"), `input[name=_csrf]`)
		return b.post("/sign-in/link", url.Values{"_csrf": {token}, "email": {email}}, "X-Forwarded-For", from)
	}
	before := asked.Load()
	for i := range 30 {
		if a := ask("org@example.org", fmt.Sprintf("198.51.100.%d", i)); a.StatusCode != 200 || !strings.Contains(a.body, "link is on its way") {
			t.Fatalf("request %d: %d", i+1, a.StatusCode)
		}
	}
	if got := asked.Load() - before; got != 5 {
		t.Errorf("%d links for thirty requests within ten minutes, want 5", got)
	}
	s.now = s.now.Add(20 * time.Minute)
	ask("org@example.org", "198.51.100.1")
	if got := asked.Load() - before; got != 6 {
		t.Errorf("none after that: %d", got)
	}
	for i := range 6 {
		a := ask(fmt.Sprintf("x%d@example.org", i), "192.0.2.9")
		if want := map[bool]int{false: 200, true: 429}[i == 5]; a.StatusCode != want {
			t.Errorf("request %d from one address: %d", i+1, a.StatusCode)
		}
	}
}
