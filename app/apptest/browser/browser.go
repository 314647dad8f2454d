// Package browser drives a Chromium as a person does in tests: it finds buttons, links and fields by the names that a
// screen reader would say, presses what can be seen and reached, and reads what is shown. A page that throws, violates
// its Content-Security-Policy or is wider than the screen fails the test.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a person waits for something to appear.
const patience = 15 * time.Second

// shared is the one browser of a test process.
var shared struct {
	sync.Mutex
	ctx   context.Context
	close func()
}

// Close ends the browser of this process; TestMain calls it.
func Close() {
	shared.Lock()
	defer shared.Unlock()
	if shared.close != nil {
		shared.close()
		shared.ctx, shared.close = nil, nil
	}
}

// program finds Chromium. Without one the test is skipped, but in CI it fails.
func program(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("there is no Chromium")
	}
	t.Skip("there is no Chromium")
	return ""
}

// start returns the context of the shared browser and starts it at the first call.
func start(t testing.TB) context.Context {
	t.Helper()
	path := program(t)
	shared.Lock()
	defer shared.Unlock()
	if shared.ctx != nil {
		return shared.ctx
	}
	dir, err := os.MkdirTemp("", "attesta-browser-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"), chromedp.Flag("force-prefers-reduced-motion", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocated, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocated)
	shared.close = func() {
		cancel()
		end()
		_ = os.RemoveAll(dir)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		shared.close()
		shared.close = nil
		t.Fatalf("start Chromium: %v", err)
	}
	shared.ctx = ctx
	return ctx
}

// Tab is one page in a browser profile of its own: it shares no cookie with another Tab. It belongs to one goroutine.
type Tab struct {
	t         testing.TB
	ctx       context.Context
	base      string
	width     int
	downloads string

	mu      sync.Mutex
	trouble []string // what pages did that no page may do
	loads   []Load   // see Loads
	asked   map[network.RequestID]string
}

// Open opens a Tab for pages under base (http://127.0.0.1:8080) on a screen that is width CSS pixels wide; below 600 it
// is a phone. It closes when the test ends.
func Open(t testing.TB, base string, width int) *Tab {
	t.Helper()
	tab := &Tab{t: t, base: base, width: width, downloads: t.TempDir()}
	ctx, cancel := chromedp.NewContext(start(t), chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.listen))
	ctx, stop := context.WithTimeout(ctx, 5*time.Minute)
	tab.ctx = ctx
	t.Cleanup(func() {
		if t.Failed() {
			tab.dump()
		}
		stop()
		cancel()
	})
	call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: 900, DeviceScaleFactor: 1, Mobile: width < 600})
	yes := true
	_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, BrowserContextID: chromedp.FromContext(ctx).BrowserContextID, DownloadPath: tab.downloads, EventsEnabled: &yes,
	})
	tab.must(err)
	return tab
}

// listen notes exceptions and what a Content-Security-Policy refused.
func (tab *Tab) listen(ev any) {
	var what string
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		what = "exception: " + e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			what += " " + x.Description
		}
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelError || e.Entry.Source == log.EntrySourceNetwork {
			return
		}
		what = string(e.Entry.Source) + ": " + e.Entry.Text
	default:
		tab.load(ev)
		return
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	tab.trouble = append(tab.trouble, what)
}

// NoScripts has no page of this Tab run scripts any more.
func (tab *Tab) NoScripts() {
	tab.t.Helper()
	call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

func call[P, R any](tab *Tab, command cdp.Command[P, R], params P) R {
	tab.t.Helper()
	r, err := chromedp.Call(tab.ctx, command, params)
	tab.must(err)
	return r
}

func (tab *Tab) must(err error) {
	tab.t.Helper()
	if err != nil {
		tab.t.Fatal(err)
	}
}

// until asks again and again, until ask returns "" or patience is over: then the test fails with what it said last.
func (tab *Tab) until(ask func() string) {
	tab.t.Helper()
	var said string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		if said = ask(); said == "" {
			return
		}
	}
	tab.t.Fatal(said)
}

// dump says what was on the screen when the test failed, and keeps a picture of it where `go test -artifacts` puts it.
func (tab *Tab) dump() {
	ctx, cancel := context.WithTimeout(tab.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	if err != nil {
		text = err.Error()
	}
	tab.t.Logf("the page at the end: %s", text)
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(80))
	if err == nil {
		err = os.WriteFile(fmt.Sprintf("%s/page-%d.jpg", tab.t.ArtifactDir(), time.Now().UnixMilli()), picture, 0o600)
	}
	if err != nil {
		tab.t.Logf("no picture: %v", err)
	}
}
