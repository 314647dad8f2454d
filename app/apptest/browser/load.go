package browser

import (
	"time"

	"github.com/chromedp/cdproto/network"
)

// Load is something that the browser fetched for a page.
type Load struct {
	URL   string
	Bytes int    // on the wire, headers included and as compressed as they came
	Error string // why it couldn't be fetched, or ""
}

// load notes what was fetched.
func (tab *Tab) load(ev any) {
	tab.mu.Lock()
	defer tab.mu.Unlock()
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if tab.asked == nil {
			tab.asked = map[network.RequestID]string{}
		}
		tab.asked[e.RequestID] = e.Request.URL
	case *network.EventLoadingFinished:
		tab.loads = append(tab.loads, Load{URL: tab.asked[e.RequestID], Bytes: int(e.EncodedDataLength)})
	case *network.EventLoadingFailed:
		tab.loads = append(tab.loads, Load{URL: tab.asked[e.RequestID], Error: e.ErrorText})
	}
}

// Loads returns everything that was fetched since it was asked last, once the page has been quiet for half a second.
func (tab *Tab) Loads() []Load {
	tab.t.Helper()
	const quiet = 500 * time.Millisecond
	before := -1
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(quiet) {
		tab.mu.Lock()
		n := len(tab.loads)
		tab.mu.Unlock()
		if n == before {
			break
		}
		before = n
	}
	tab.mu.Lock()
	defer tab.mu.Unlock()
	list := tab.loads
	tab.loads = nil
	return list
}
