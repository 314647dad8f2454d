package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// client is a browser without a screen: it keeps cookies, fills in the forms that it is given, and follows no redirect
// by itself.
type client struct {
	http   *http.Client
	base   string
	source string // the address it comes from, as a proxy on this machine would say; "" for none
}

// transport is shared, so that many clients don't use up the ports of the machine.
var transport = &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256, IdleConnTimeout: 20 * time.Second}

func newClient(base, source string) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // only a wrong option makes it fail
	}
	return &client{
		http: &http.Client{
			Jar: jar, Timeout: 30 * time.Second, Transport: transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		base: base, source: source,
	}
}

// page is what came back.
type page struct {
	Code     int
	Location string // where it leads, of a redirect
	Header   http.Header
	Body     string
}

func (c *client) do(ctx context.Context, method, path string, form url.Values) (page, error) {
	if !strings.HasPrefix(path, "http") {
		path = c.base + path
	}
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, path, body)
	if err != nil {
		return page{}, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.source != "" {
		r.Header.Set("X-Forwarded-For", c.source)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return page{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return page{Code: res.StatusCode, Location: res.Header.Get("Location"), Header: res.Header, Body: string(b)}, err
}

func (c *client) get(ctx context.Context, path string) (page, error) {
	return c.do(ctx, http.MethodGet, path, nil)
}

func (c *client) post(ctx context.Context, path string, form url.Values) (page, error) {
	return c.do(ctx, http.MethodPost, path, form)
}

// hidden returns what the form with the steps carries along.
func (p page) hidden() (url.Values, error) {
	doc, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		return nil, err
	}
	values := url.Values{}
	for _, n := range cascadia.QueryAll(doc, cascadia.MustCompile("form.form input[type=hidden]")) {
		var name, value string
		for _, a := range n.Attr {
			switch a.Key {
			case "name":
				name = a.Val
			case "value":
				value = a.Val
			}
		}
		values.Set(name, value)
	}
	if values.Get("_csrf") == "" {
		return nil, fmt.Errorf("status %d, and no form in %.300s", p.Code, p.Body)
	}
	return values, nil
}

// errNotAcknowledged is a registration to which the program has not said yes.
var errNotAcknowledged = errors.New("not acknowledged")

// register fills in the three steps of a registration and returns the path of the participant's page, to which the
// program leads once it has the registration.
func (c *client) register(ctx context.Context, code, given, family, email string) (string, error) {
	path := "/en/events/" + code + "/register"
	p, err := c.get(ctx, path)
	if err != nil {
		return "", err
	}
	for _, typed := range []url.Values{
		{"given_name": {given}, "family_name": {family}, "gender": {"female"}, "email": {email}, "language": {"en"}},
		{"institution_type": {"prosecution"}, "country": {"ME"}, "institution": {"Više državno tužilaštvo"}},
		{"consent_data": {"yes"}},
	} {
		form, err := p.hidden()
		if err != nil {
			return "", err
		}
		for name, v := range typed {
			form[name] = v
		}
		if p, err = c.post(ctx, path, form); err != nil {
			return "", err
		}
	}
	if p.Code != http.StatusSeeOther || !strings.HasPrefix(p.Location, "/my/") {
		return "", fmt.Errorf("%w: status %d to %q: %.300s", errNotAcknowledged, p.Code, p.Location, p.Body)
	}
	return p.Location, nil
}
