package browser

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Sees waits until all of the words stand on the page, where a person can read them, in capitals or not.
func (tab *Tab) Sees(words ...string) {
	tab.t.Helper()
	for _, want := range words {
		tab.until(func() string {
			if !says(tab.Text(), want) {
				return fmt.Sprintf("the page doesn't say %q", want)
			}
			return ""
		})
	}
}

// SeesNot fails if one of the words stands on the page.
func (tab *Tab) SeesNot(words ...string) {
	tab.t.Helper()
	text := tab.Text()
	for _, w := range words {
		if says(text, w) {
			tab.t.Errorf("the page says %q", w)
		}
	}
}

// Text returns what can be read on the page, with one space between words.
func (tab *Tab) Text() string {
	tab.t.Helper()
	s, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
	if err != nil {
		return "" // a page on its way
	}
	return plain(s)
}

// says leaves case alone, because a style sheet may change it.
func says(text, words string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(plain(words)))
}

// plain sets spaces of all kinds and widths to one.
func plain(s string) string { return strings.Join(strings.Fields(s), " ") }

// Heading returns the words of the page's first-level heading.
func (tab *Tab) Heading() string {
	tab.t.Helper()
	return plain(tab.eval(`[...document.querySelectorAll("h1")].map(h => h.innerText).join(" | ")`))
}

// Language returns the language that the page says it is in.
func (tab *Tab) Language() string {
	tab.t.Helper()
	return tab.eval(`document.documentElement.lang`)
}

// Address returns the address of the page.
func (tab *Tab) Address() string {
	tab.t.Helper()
	return tab.eval(`location.href`)
}

// Source returns the page as it stands in the browser, with what isn't shown.
func (tab *Tab) Source() string {
	tab.t.Helper()
	return tab.eval(`document.documentElement.outerHTML`)
}

// Code reads the QR code with this name from a picture of the screen, as a phone's camera would.
func (tab *Tab) Code(name string) string {
	tab.t.Helper()
	e := tab.find(name, []string{"img", "image", "graphics-document"})
	e.ask(`function() { this.scrollIntoView({block: "center", behavior: "instant"}); return "" }`)
	picture := call(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	path, err := exec.LookPath("zbarimg")
	if err != nil {
		tab.t.Fatal("zbarimg reads QR codes; it comes with the package zbar-tools")
	}
	cmd := exec.CommandContext(tab.ctx, path, "--quiet", "--raw", "-")
	cmd.Stdin = bytes.NewReader(picture.Data)
	out, err := cmd.Output()
	if err != nil {
		tab.t.Fatalf("no QR code can be read from the screen: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func (tab *Tab) eval(expression string) string {
	tab.t.Helper()
	s, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](expression))
	tab.must(err)
	return s
}

// check fails the test if a page did what no page may do.
func (tab *Tab) check() {
	tab.t.Helper()
	tab.mu.Lock()
	trouble := tab.trouble
	tab.trouble = nil
	tab.mu.Unlock()
	address := tab.Address()
	for _, what := range trouble {
		tab.t.Errorf("%s: %s", address, what)
	}
	if wide := tab.eval(`String(Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth))`); wide != "0" {
		tab.t.Errorf("%s is %s pixels wider than the screen of %d", address, wide, tab.width)
	}
}

// Film keeps a picture of the page under a name where `go test -artifacts` puts it; without that flag it does nothing.
func (tab *Tab) Film(name string) {
	tab.t.Helper()
	if f := flag.Lookup("test.artifacts"); f == nil || f.Value.String() != "true" {
		return
	}
	picture, err := chromedp.Run(tab.ctx, chromedp.FullScreenshot(90))
	tab.must(err)
	tab.must(os.WriteFile(filepath.Join(tab.t.ArtifactDir(), name+".jpg"), picture, 0o600))
}
