package web_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/fault"
	"attesta/app/web"
)

// content is what the pages of a test show, and how often they were drawn and asked for their mark.
type content struct {
	said   atomic.Pointer[string]
	until  atomic.Pointer[time.Time]
	writes atomic.Uint64
	drawn  atomic.Int32
	asked  atomic.Int32
	slow   time.Duration
	broken atomic.Bool
}

func (x *content) say(s string) { x.said.Store(&s) }

// kept is a site with pages that are kept: /xx/kept and /xx/kept/form, which gives the browser a cookie.
func kept(t *testing.T, settings ...setting) (*site, *content) {
	t.Helper()
	x := &content{}
	x.say("one")
	never := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	x.until.Store(&never)
	keep := &web.Keep{Params: map[string]func(string) bool{"type": func(v string) bool { return len(v) <= 2 }}, Mark: func(*web.Ctx) (string, time.Time, error) {
		x.asked.Add(1)
		if x.broken.Load() {
			return "", time.Time{}, errors.New("no mark")
		}
		return *x.said.Load(), *x.until.Load(), nil
	}}
	plain := web.GET("/:locale/kept", web.Anyone, func(c *web.Ctx) error {
		x.drawn.Add(1)
		time.Sleep(x.slow)
		if *x.said.Load() == "gone" {
			return fault.New(fault.NotFound, "error.not_found")
		}
		return c.Render("test/plain", &testPage{c.Page(*x.said.Load() + c.Query("type") + strings.Repeat(" and so on", 200))})
	})
	form := web.GET("/:locale/kept/form", web.Anyone, func(c *web.Ctx) error {
		x.drawn.Add(1)
		return c.Render("test/form", &testPage{c.Page("Form")})
	})
	file := web.GET("/:locale/kept.png", web.Anyone, func(c *web.Ctx) error {
		x.drawn.Add(1)
		return c.Send("image/png", []byte(*x.said.Load()+string(c.Locale())))
	})
	plain.Keep, form.Keep, file.Keep = keep, keep, &web.Keep{File: true, Mark: keep.Mark}
	settings = append([]setting{func(cfg *web.Config) {
		cfg.Routes = append(cfg.Routes, plain, form, file)
		cfg.Writes = x.writes.Load
	}}, settings...)
	return newSite(t, settings...), x
}

func TestAPageIsDrawnOnceForAllStrangersAndAgainAfterAChange(t *testing.T) {
	s, x := kept(t)
	for range 3 {
		if a := s.get("/en/kept"); a.StatusCode != 200 || !strings.Contains(a.body, "one and so on") {
			t.Fatal(a.StatusCode, a.body)
		}
	}
	if n := x.drawn.Load(); n != 1 {
		t.Errorf("drawn %d times", n)
	}
	x.say("two")
	x.writes.Add(1) // written by this process: seen at once
	if a := s.get("/en/kept"); !strings.Contains(a.body, "two and so on") {
		t.Error("a change isn't seen")
	}
	x.writes.Add(1) // something else was written: asked for, not drawn
	s.get("/en/kept")
	if n, m := x.drawn.Load(), x.asked.Load(); n != 2 || m != 3 {
		t.Errorf("drawn %d times, asked %d times", n, m)
	}
}

func TestAChangeByAnotherProcessIsSeenWithinASecond(t *testing.T) {
	s, x := kept(t)
	s.get("/en/kept")
	x.say("two")
	for end := time.Now().Add(1500 * time.Millisecond); ; time.Sleep(50 * time.Millisecond) {
		if strings.Contains(s.get("/en/kept").body, "two and so on") {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the change isn't seen")
		}
	}
}

func TestAPageDoesNotOutliveWhatItSays(t *testing.T) {
	s, x := kept(t)
	until := s.now.Add(time.Minute)
	x.until.Store(&until)
	s.get("/en/kept")
	s.now = s.now.Add(59 * time.Second)
	s.get("/en/kept")
	if n := x.drawn.Load(); n != 1 {
		t.Errorf("drawn %d times before its time", n)
	}
	s.now = s.now.Add(time.Second)
	later := until.Add(time.Hour)
	x.until.Store(&later)
	s.get("/en/kept")
	if n := x.drawn.Load(); n != 2 {
		t.Errorf("drawn %d times after its time", n)
	}
}

func TestNobodyGetsThePageOfSomebodyElse(t *testing.T) {
	s, x := kept(t)
	s.get("/en/kept")
	for path, drawn := range map[string]bool{"/mk/kept": true, "/en/kept?type=a": true, "/en/kept?type=b": true} {
		before := x.drawn.Load()
		if s.get(path); (x.drawn.Load() > before) != drawn {
			t.Errorf("%s drawn: %t", path, !drawn)
		}
	}
	for range 2 {
		before := x.drawn.Load()
		if a := s.get("/en/kept?other=x"); x.drawn.Load() == before || a.Header.Get("Etag") != "" {
			t.Error("a page with a parameter that it doesn't know is kept")
		}
	}
	// the links to pages without a language in their address depend on what the browser prefers
	s.get("/mk/kept", "Accept-Language", "en")
	if a := s.get("/mk/kept", "Accept-Language", "mk"); strings.Contains(a.body, "/sign-in?lang=mk") {
		t.Error("a reader whose browser prefers Macedonian has got the page of one whose browser prefers English")
	}
	s.signIn("org@example.org")
	before := x.drawn.Load()
	if a := s.get("/en/kept"); x.drawn.Load() == before || !strings.Contains(a.body, "/sign-out") || a.Header.Get("Etag") != "" {
		t.Error("somebody signed in has got the page of a stranger")
	}
	s.jar = map[string]string{}
	if a := s.get("/en/kept"); strings.Contains(a.body, "/sign-out") {
		t.Error("a stranger has got the page of somebody signed in")
	}
}

func TestAFileIsDrawnOnceWhateverStandsInItsQuery(t *testing.T) {
	s, x := kept(t)
	for n := range 5 {
		if a := s.get(fmt.Sprintf("/en/kept.png?n=%d&%s", n, strings.Repeat("x", 600))); a.body != "oneen" {
			t.Fatal(a.StatusCode, a.body)
		}
	}
	if a := s.get("/mk/kept.png?n=1"); a.body != "onemk" {
		t.Errorf("in another language it is %q", a.body)
	}
	if n := x.drawn.Load(); n != 2 {
		t.Errorf("drawn %d times", n)
	}
}

func TestAFormIsNotKeptThoughItsBrowserNeedsNoCookie(t *testing.T) {
	s, x := kept(t)
	first := value(t, s.get("/en/kept/form"), `input[name=_csrf]`) // its cookie stays in the jar
	mine := value(t, s.get("/en/kept/form"), `input[name=_csrf]`)
	s.jar = map[string]string{}
	if other := value(t, s.get("/en/kept/form"), `input[name=_csrf]`); other == mine || other == first {
		t.Error("another browser has got the form of the first")
	}
	if n := x.drawn.Load(); n != 3 {
		t.Errorf("drawn %d times", n)
	}
}

func TestANoticeIsShownOnAKeptPageAndOnlyOnce(t *testing.T) {
	s, _ := kept(t)
	words, _ := catalogue()
	saved := words.Printer("en").T("common.saved")
	s.get("/en/kept")
	token := value(t, s.get("/en/form"), `input[name=_csrf]`)
	s.post("/en/form", map[string][]string{"_csrf": {token}, "email": {"a@b.example"}})
	if a := s.get("/en/kept"); !strings.Contains(a.body, saved) {
		t.Error("the notice isn't shown")
	}
	if a := s.get("/en/kept"); strings.Contains(a.body, saved) {
		t.Error("the notice was kept")
	}
}

func TestWhatIsForOneBrowserOrWentWrongIsNotKept(t *testing.T) {
	s, x := kept(t)
	first := value(t, s.get("/en/kept/form"), `input[name=_csrf]`)
	s.jar = map[string]string{}
	second := s.get("/en/kept/form")
	if token := value(t, second, `input[name=_csrf]`); token == first || len(second.Cookies()) == 0 {
		t.Error("two browsers have got one form")
	}
	x.say("gone")
	x.writes.Add(1)
	for range 2 {
		if a := s.get("/en/kept"); a.StatusCode != 404 {
			t.Error(a.StatusCode)
		}
	}
	if n := x.drawn.Load(); n != 4 {
		t.Errorf("drawn %d times", n)
	}
	x.say("back")
	x.broken.Store(true)
	x.writes.Add(1)
	if a := s.get("/en/kept"); a.StatusCode != 200 || !strings.Contains(a.body, "back and") {
		t.Errorf("without a mark: %d", a.StatusCode)
	}
}

func TestAKeptPageHasTheHeadersOfAnyOther(t *testing.T) {
	s, x := kept(t)
	drawn := s.get("/en/kept?other=x").Header
	s.get("/en/kept")
	a := s.get("/en/kept", "Accept-Encoding", "gzip, br")
	for name := range drawn {
		if name == "Content-Length" || name == "Date" {
			continue
		}
		if got := a.Header.Get(name); name == "X-Request-Id" && (got == "" || got == drawn.Get(name)) || name != "X-Request-Id" && got != drawn.Get(name) {
			t.Errorf("%s: %q, drawn: %q", name, got, drawn.Get(name))
		}
	}
	if a.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(a.Header.Get("Vary"), "Accept-Encoding") {
		t.Fatalf("%v", a.Header)
	}
	z, err := gzip.NewReader(bytes.NewReader([]byte(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || !bytes.Contains(b, []byte("one and so on")) {
		t.Errorf("%v %s", err, b)
	}
	again := s.get("/en/kept", "If-None-Match", a.Header.Get("Etag"))
	if again.StatusCode != 304 || again.body != "" || again.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("%d %q", again.StatusCode, again.body)
	}
	for tags, want := range map[string]int{`"other", ` + a.Header.Get("Etag"): 304, strings.TrimPrefix(a.Header.Get("Etag"), "W/"): 304, "*": 304, `"other"`: 200, "nonsense": 200} {
		if a := s.get("/en/kept", "If-None-Match", tags); a.StatusCode != want {
			t.Errorf("%s: %d", tags, a.StatusCode)
		}
	}
	x.say("two")
	x.writes.Add(1)
	if a := s.get("/en/kept", "If-None-Match", a.Header.Get("Etag")); a.StatusCode != 200 || !strings.Contains(a.body, "two and") {
		t.Errorf("after a change: %d", a.StatusCode)
	}
}

func TestManyAtOnceHaveAPageDrawnOnce(t *testing.T) {
	s, x := kept(t)
	x.slow = 50 * time.Millisecond
	base := s.listen()
	var wait sync.WaitGroup
	for range 40 {
		wait.Go(func() {
			res, err := http.Get(base + "/en/kept")
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			if b, _ := io.ReadAll(res.Body); res.StatusCode != 200 || !bytes.Contains(b, []byte("one and so on")) {
				t.Errorf("%d %s", res.StatusCode, b)
			}
		})
	}
	wait.Wait()
	if n := x.drawn.Load(); n != 1 {
		t.Errorf("drawn %d times", n)
	}
}

// Who has written sees what was written, even while the page is being drawn for somebody else.
func TestReadersWhileSomebodyWritesSeeWhatWasWrittenBefore(t *testing.T) {
	s, x := kept(t)
	base := s.listen()
	x.say("0.")
	var wait sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if res, err := http.Get(base + "/en/kept"); err == nil {
					_, _ = io.Copy(io.Discard, res.Body)
					res.Body.Close()
				}
			}
		})
	}
	for n := range 100 {
		want := fmt.Sprintf("%d.", n)
		x.say(want)
		x.writes.Add(1)
		res, err := http.Get(base + "/en/kept")
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if !bytes.Contains(b, []byte(">"+want+" and so on")) {
			t.Fatalf("written %s, read %.300s", want, b)
		}
	}
	close(stop)
	wait.Wait()
}

func TestAQueryThatMakesNoSenseTakesNoPlaceOfOneThatDoes(t *testing.T) {
	s, x := kept(t)
	for _, query := range []string{"type=nonsense", "type=a&type=b", "type=a&other=b", "type=%zz"} {
		before := x.drawn.Load()
		for range 2 {
			if a := s.get("/en/kept?" + query); a.StatusCode != 200 {
				t.Errorf("%s: %d", query, a.StatusCode)
			}
		}
		if n := x.drawn.Load() - before; n != 2 {
			t.Errorf("%s is drawn %d times for two", query, n)
		}
	}
}

func TestKeptPagesStayWithinTheirMemory(t *testing.T) {
	s, x := kept(t)
	x.say(strings.Repeat("long ", 200_000))
	for n := range 40 { // each a megabyte
		s.get(fmt.Sprintf("/en/kept?type=%d", n))
	}
	before := x.drawn.Load()
	s.get("/en/kept?type=39")
	if x.drawn.Load() != before {
		t.Error("the page asked for last isn't kept")
	}
	s.get("/en/kept?type=0")
	if x.drawn.Load() == before {
		t.Error("everything is kept")
	}
}

func TestOnlyPagesForAnyoneCanBeKept(t *testing.T) {
	words, _ := catalogue()
	mark := &web.Keep{Mark: func(*web.Ctx) (string, time.Time, error) { return "", time.Time{}, nil }}
	for _, r := range []web.Route{web.POST("/a", web.Anyone, say), web.GET("/a", web.SignedIn, say), web.GET("/a/:token", web.Anyone, say), web.GET("/my/:token", web.Link, say)} {
		r.Keep = mark
		cfg := newSite(t).config()
		cfg.Routes, cfg.Catalogue = append(sampleRoutes()[:2], r), words
		if _, err := web.New(cfg); err == nil || !strings.Contains(err.Error(), "kept") {
			t.Errorf("%s %s: %v", r.Method, r.Path, err)
		}
	}
}
