package app_test

import (
	"cmp"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"attesta/app/account"
	"attesta/app/apptest"
)

// send asks as p with headers of the test's own and returns the answer; nothing is followed.
func (r *reach) send(t *testing.T, p *who, method, path string, form url.Values, headers ...string) (*http.Response, string) {
	t.Helper()
	return r.sendBody(t, p, method, path, form.Encode(), headers...)
}

func (r *reach) sendBody(t *testing.T, p *who, method, path, content string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.Base+path, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", r.address())
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		} else {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	res, err := p.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestNoWriteGoesThroughWithoutTheTokenOfItsOwnPage(t *testing.T) {
	r := newReach(t, databases["sqlite"](t))
	routes, err := r.App.Routes()
	if err != nil {
		t.Fatal(err)
	}
	people := r.people(t)
	admin, organiser := people[1], people[3]
	attacks := map[string]struct {
		form    url.Values
		headers []string
	}{
		"no token":                {url.Values{}, nil},
		"a made-up token":         {url.Values{"_csrf": {strings.Repeat("A", 43)}}, nil},
		"somebody else's token":   {url.Values{"_csrf": {organiser.csrf}}, nil},
		"sent by another site":    {url.Values{"_csrf": {admin.csrf}}, []string{"Origin", "https://evil.example"}},
		"told by the browser":     {url.Values{"_csrf": {admin.csrf}}, []string{"Sec-Fetch-Site", "cross-site"}},
		"as plain text":           {url.Values{}, []string{"Content-Type", "text/plain"}},
		"the token in the cookie": {url.Values{}, []string{"Cookie", "_csrf=" + admin.csrf}},
	}
	writes := 0
	for _, route := range routes {
		if !route.Writes() || strings.HasPrefix(route.Path, "/api/") { // the API believes no cookie
			continue
		}
		writes++
		path := parameter.ReplaceAllStringFunc(route.Path, func(name string) string { return cmp.Or(r.targets[0].params[name[1:]], "x") })
		for what, a := range attacks {
			before := r.deeds(t)
			res, _ := r.send(t, admin, route.Method, path, a.form, a.headers...)
			if res.StatusCode != http.StatusForbidden && res.StatusCode != http.StatusUnauthorized || r.deeds(t) != before {
				t.Errorf("%s %s with %s: %s", route.Method, route.Path, what, res.Status)
			}
		}
	}
	if writes < 20 {
		t.Errorf("only %d routes that write", writes)
	}
	code := r.targets[0].params["code"]
	if res, _ := r.send(t, admin, "POST", "/desk/events/"+code+"/close", url.Values{"_csrf": {admin.csrf}}, "Origin", r.Base, "Sec-Fetch-Site", "same-origin"); res.StatusCode != http.StatusSeeOther {
		t.Errorf("control: the page's own token is answered %s", res.Status)
	}
}

// ways lead away from a site that believes what stands in its address.
var ways = []string{
	"//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "https://evil.example", "https:evil.example", "%2f%2fevil.example", "/%2fevil.example",
	"/%5cevil.example", "///evil.example", "//evil.example/%2e%2e", "/.//evil.example", "/..//evil.example", "javascript:alert(1)", "data:text/html,x", "//evil%E3%80%82example",
	" //evil.example", "\n//evil.example", "/\r\nLocation: //evil.example", "http://[::1]@evil.example", "//127.0.0.1@evil.example/", "/desk/../../\\evil.example", "@evil.example",
}

// stays reports whether a browser that is sent to location from base stays there. It reads addresses as WHATWG has it:
// a backslash is a slash, and tabs, line ends and spaces around it are not there.
func stays(base, location string) bool {
	clean := strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(strings.TrimSpace(location))
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	to, err := u.Parse(clean)
	return err == nil && to.Host == u.Host && (to.Scheme == "http" || to.Scheme == "https")
}

func TestNobodyIsLedAwayByAnAddressThatLooksLikeOurs(t *testing.T) {
	r := newReach(t, databases["sqlite"](t))
	p := r.people(t)[0]
	if stays(r.Base, "/\\evil.example") || stays(r.Base, "//evil.example") || !stays(r.Base, "/desk") {
		t.Fatal("control: the check can't tell")
	}
	link := func() string {
		l, err := r.App.Accounts.NewSignInLink(t.Context(), "o@access.example")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, way := range append(ways, "/desk/events/new") {
		for _, path := range []string{"/sign-in?next=", "/sign-in/link?next=", "/sign-in/second?next=", "/sign-in/oidc?next=", "/account/role?next=", "/?next=", "/?lang=mk&next="} {
			if res, _ := r.send(t, p, "GET", path+url.QueryEscape(way), nil); !stays(r.Base, res.Header.Get("Location")) {
				t.Errorf("%s%q leads to %q", path, way, res.Header.Get("Location"))
			}
		}
		guest := &who{name: "guest", client: &http.Client{CheckRedirect: noRedirect}}
		guest.client.Jar = newJar(t)
		l := link()
		_, page := r.send(t, guest, "GET", "/sign-in/"+l+"?next="+url.QueryEscape(way), nil)
		res, _ := r.send(t, guest, "POST", "/sign-in/"+l, url.Values{"_csrf": {csrfInput.FindStringSubmatch(page)[1]}, "next": {way}})
		if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || !stays(r.Base, to) || strings.Contains(to, "evil") && !strings.HasPrefix(to, "/") {
			t.Errorf("signing in with next=%q: %s, to %q", way, res.Status, to)
		} else if way == "/desk/events/new" && to != way {
			t.Errorf("control: next leads to %q", to)
		}
	}
	for _, way := range ways { // as the address itself
		raw := strings.NewReplacer(" ", "%20", "\t", "%09", "\n", "%0a", "\r", "%0d").Replace(way)
		if !strings.HasPrefix(raw, "/") {
			continue
		}
		if location, ok := leads(t, r.Base, raw); ok && !stays(r.Base, location) {
			t.Errorf("GET %s leads to %q", raw, location)
		}
	}
}

// leads asks for an address that Go's own client would clean, and returns where the answer leads.
func leads(t *testing.T, base, target string) (location string, ok bool) {
	t.Helper()
	host := strings.TrimPrefix(base, "http://")
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET "+target+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(c)
	head, _, _ := strings.Cut(string(b), "\r\n\r\n")
	for _, line := range strings.Split(head, "\r\n") {
		if name, v, found := strings.Cut(line, ":"); found && strings.EqualFold(name, "Location") {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}

func TestTheHostOfARequestIsBelievedNowhere(t *testing.T) {
	r := newReach(t, databases["sqlite"](t))
	p := r.people(t)[0]
	known := r.organiser(t)
	poison := []string{"Host", "evil.example", "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "https", "X-Original-Host", "evil.example", "Forwarded", "host=evil.example", "X-Forwarded-Server", "evil.example", "X-Original-URL", "//evil.example"}
	code, told := r.targets[0].params["code"], false
	for _, path := range []string{"/", "/en/", "/en/events", "/en/events/" + code, "/en/events/" + code + ".ics", "/sign-in", "/sign-in/link", "/verify", "/desk", "/nowhere", "/en/events/" + code + "/register", "/robots.txt", "/api/v1", "/api/v1/openapi.json", "/desk/events/" + code} {
		for _, as := range []*who{p, known} {
			res, body := r.send(t, as, "GET", path, nil, poison...)
			if strings.Contains(body, "evil.example") || strings.Contains(res.Header.Get("Location"), "evil") || strings.Contains(res.Header.Get("Link"), "evil") {
				t.Errorf("%s believes the host: %s %q", path, res.Status, res.Header.Get("Location"))
			}
			told = told || strings.Contains(body, r.Base)
		}
	}
	if !told {
		t.Error("control: no page told an absolute address at all")
	}
	_, page := r.send(t, p, "GET", "/sign-in/link", nil)
	r.send(t, p, "POST", "/sign-in/link", url.Values{"_csrf": {csrfInput.FindStringSubmatch(page)[1]}, "email": {"o@access.example"}}, append(poison, "Origin", r.Base)...)
	if res, _ := r.send(t, p, "POST", "/sign-in/link", url.Values{"_csrf": {csrfInput.FindStringSubmatch(page)[1]}, "email": {"o@access.example"}}); res.StatusCode != http.StatusOK {
		t.Fatalf("asking for a link: %s", res.Status)
	}
	var seen []string
	m := r.letter(t, "o@access.example", &seen)
	if link := r.link(t, m); !strings.HasPrefix(link, r.Base+account.LinkPath) || strings.Contains(m.HTML+m.Text, "evil.example") {
		t.Errorf("the mail leads to %s", link)
	}
}

// organiser signs the organiser in once more, in another browser.
func (r *reach) organiser(t *testing.T) *who {
	t.Helper()
	link, err := r.App.Accounts.NewSignInLink(t.Context(), "o@access.example")
	if err != nil {
		t.Fatal(err)
	}
	p := &who{name: "organiser", client: &http.Client{Jar: newJar(t), CheckRedirect: noRedirect}}
	_, page := r.send(t, p, "GET", "/sign-in/"+link, nil)
	r.send(t, p, "POST", "/sign-in/"+link, url.Values{"_csrf": {csrfInput.FindStringSubmatch(page)[1]}})
	return p
}

func TestOfManyWhoPressALinkAtOnceOneIsSignedIn(t *testing.T) {
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &reach{site: serve(t, fresh(t))}
			r.user(t, "ana@access.example", "en", account.Organiser, r.organisation())
			link, err := r.App.Accounts.NewSignInLink(t.Context(), "ana@access.example")
			if err != nil {
				t.Fatal(err)
			}
			var in atomic.Int32
			var wg sync.WaitGroup
			start := make(chan struct{})
			for range 16 {
				p := &who{name: "guest", client: &http.Client{Jar: newJar(t), CheckRedirect: noRedirect}}
				_, page := r.send(t, p, "GET", "/sign-in/"+link, nil)
				token := csrfInput.FindStringSubmatch(page)[1]
				wg.Go(func() {
					<-start
					if res, _ := r.send(t, p, "POST", "/sign-in/"+link, url.Values{"_csrf": {token}}); res.StatusCode == http.StatusSeeOther {
						in.Add(1)
					}
				})
			}
			close(start)
			wg.Wait()
			var visits int
			if err := r.DB.Read().NewRaw("SELECT COUNT(*) FROM visits").Scan(t.Context(), &visits); err != nil {
				t.Fatal(err)
			}
			if in.Load() != 1 || visits != 1 {
				t.Errorf("%d let in, %d visits", in.Load(), visits)
			}
		})
	}
}

func TestASessionKnownFromBeforeSigningInIsWorthNothing(t *testing.T) {
	r := &reach{site: serve(t, apptest.SQLite(t))}
	r.user(t, "ana@access.example", "en", account.Organiser, r.organisation())
	link, err := r.App.Accounts.NewSignInLink(t.Context(), "ana@access.example")
	if err != nil {
		t.Fatal(err)
	}
	const planted = "attesta-session=planted-by-somebody-else"
	victim := &who{name: "victim", client: &http.Client{Jar: newJar(t), CheckRedirect: noRedirect}}
	_, page := r.send(t, victim, "GET", "/sign-in/"+link, nil, "Cookie", planted)
	res, _ := r.send(t, victim, "POST", "/sign-in/"+link, url.Values{"_csrf": {csrfInput.FindStringSubmatch(page)[1]}})
	if res.StatusCode != http.StatusSeeOther {
		t.Fatalf("signing in: %s", res.Status)
	}
	thief := &who{name: "thief", client: &http.Client{CheckRedirect: noRedirect}}
	if res, _ := r.send(t, thief, "GET", "/desk", nil, "Cookie", planted); verdict(res) != "sign in" {
		t.Errorf("the planted session opens the desk: %s", res.Status)
	}
	if res, _ := r.send(t, victim, "GET", "/desk", nil); res.StatusCode != http.StatusOK {
		t.Errorf("control: the new session doesn't: %s", res.Status)
	}
}
