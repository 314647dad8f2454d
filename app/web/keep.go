package web

import (
	"bytes"
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Keep says of a page that shows the same to every stranger how to tell whether it would still be drawn as it was. What
// was drawn is then kept, compressed, and shown to the next stranger who asks for it in the same language.
type Keep struct {
	// Params are the parameters of the query that the page knows, each with what says whether a value of it is one of a
	// few that make sense. With any other parameter, value or a parameter given twice the page is drawn each time, because
	// its language switch repeats the query.
	Params map[string]func(value string) bool
	// File is for an answer that isn't a page and to which its query makes no difference; Params are none then.
	File bool
	// Mark returns a text that is another one after each change of what the page shows, and when the page says something
	// else without a change. After an error the page is drawn each time. It must be far cheaper than the page.
	Mark func(*Ctx) (sum string, until time.Time, err error)
}

const (
	keepMost    = 32 << 20        // bytes of pages that are kept
	largestPage = 2 << 20         // bytes; a larger one isn't kept
	trusted     = 1 * time.Second // how long a page is shown without asking for its mark: another process may have changed it
)

// kept is a page as it was drawn. It isn't changed any more, but for asked.
type kept struct {
	key      string
	body     []byte
	gzipped  []byte // nil if that isn't smaller
	etag     string
	headers  [][2]string
	sum      string
	settings int // version of the network's settings
	from     time.Time
	until    time.Time
	asked    glance
}

// glance is when the mark was asked for last.
type glance struct {
	at     time.Time // by the machine's clock
	writes uint64
}

func (k *kept) size() int {
	return len(k.key) + len(k.body) + len(k.gzipped) + 512
}

// keeper holds kept pages, those asked for last first, and drops the last ones where they grow too many. Only one request
// at a time draws a page; the others wait for it.
type keeper struct {
	mu      sync.Mutex
	most    int
	size    int
	pages   map[string]*list.Element
	order   *list.List
	drawing map[string]chan struct{}
}

func newKeeper(most int) *keeper {
	return &keeper{most: most, pages: map[string]*list.Element{}, order: list.New(), drawing: map[string]chan struct{}{}}
}

// take returns a page, or nil, with when its mark was asked for.
func (s *keeper) take(key string) (*kept, glance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.pages[key]
	if e == nil {
		return nil, glance{}
	}
	s.order.MoveToFront(e)
	k := e.Value.(*kept)
	return k, k.asked
}

// put keeps a page in place of the one with its key.
func (s *keeper) put(k *kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(s.pages[k.key])
	s.pages[k.key] = s.order.PushFront(k)
	for s.size += k.size(); s.size > s.most; {
		s.remove(s.order.Back())
	}
}

// confirm notes that a page would still be drawn as it is.
func (s *keeper) confirm(k *kept, a glance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k.asked = a
}

func (s *keeper) remove(e *list.Element) {
	if e != nil {
		k := s.order.Remove(e).(*kept)
		s.size -= k.size()
		delete(s.pages, k.key)
	}
}

// begin has the caller draw the page with this key and call done, or waits for the one who does: then first is false.
func (s *keeper) begin(key string) (first bool, done func()) {
	s.mu.Lock()
	if wait := s.drawing[key]; wait != nil {
		s.mu.Unlock()
		<-wait
		return false, nil
	}
	ready := make(chan struct{})
	s.drawing[key] = ready
	s.mu.Unlock()
	return true, func() {
		s.mu.Lock()
		delete(s.drawing, key)
		s.mu.Unlock()
		close(ready)
	}
}

// fromKept answers with a page that was drawn before, or draws it and keeps it. It reports false where the page isn't
// to be kept, or can't be.
func (c *Ctx) fromKept() (bool, error) {
	key, ok := c.keptKey()
	if !ok {
		return false, nil
	}
	for range 2 { // a page whose drawing began after this request came says all that was written before
		if k, a := c.s.kept.take(key); k != nil && c.holds(k) && c.lately(a) {
			return true, c.show(k)
		}
		if first, done := c.s.kept.begin(key); first {
			defer done()
			return c.fill(key)
		}
	}
	if k, _ := c.s.kept.take(key); k != nil && c.holds(k) {
		return true, c.show(k)
	}
	return false, nil // it couldn't be kept
}

// fill asks for the mark and draws the page if that is another one, or the first.
func (c *Ctx) fill(key string) (bool, error) {
	k, a := c.s.kept.take(key)
	if k != nil && c.holds(k) && c.lately(a) { // drawn meanwhile
		return true, c.show(k)
	}
	a = glance{time.Now(), c.s.Writes()} // before the mark: what is written meanwhile is seen by the next request
	now, settings := c.Now(), c.s.settled(c.Context()).Version
	sum, until, err := c.route.Keep.Mark(c)
	if err != nil {
		return false, nil //nolint:nilerr // the handler says it better
	}
	if k != nil && k.sum == sum && c.holds(k) {
		c.s.kept.confirm(k, a)
		return true, c.show(k)
	}
	if err := c.route.Handler(c); err != nil {
		return false, err
	}
	if k = c.keep(key); k == nil {
		return true, nil
	}
	k.sum, k.settings, k.from, k.until, k.asked = sum, settings, now, until, a
	c.s.kept.put(k)
	return true, c.show(k)
}

// keptKey names the page that a stranger asks for; false where somebody asks who may see something else.
func (c *Ctx) keptKey() (string, bool) {
	keep := c.route.Keep
	if keep == nil || c.s.Writes == nil || c.s.Dev || c.cookie("session") != "" || c.cookie("notice") != "" {
		return "", false
	}
	query := string(c.f.Request().URI().QueryString())
	if keep.File {
		query = ""
	} else if !onlyKnown(query, keep.Params) {
		return "", false
	}
	return strings.Join([]string{c.Path(), query, string(c.negotiate()), string(c.Locale())}, "\n"), true
}

// onlyKnown reports whether a query has no other parameters than those, each once and with a value that makes sense.
func onlyKnown(query string, params map[string]func(string) bool) bool {
	if query == "" {
		return true
	}
	values, err := url.ParseQuery(query)
	if err != nil || len(query) > 500 {
		return false
	}
	for name, list := range values {
		if sensible := params[name]; sensible == nil || len(list) != 1 || !sensible(list[0]) {
			return false
		}
	}
	return true
}

// holds reports whether nothing but a change of what it shows can have made a page untrue.
func (c *Ctx) holds(k *kept) bool {
	now := c.Now()
	return !now.Before(k.from) && now.Before(k.until) && k.settings == c.s.settled(c.Context()).Version
}

// lately reports whether a mark needn't be asked for again: nothing was written here since, and what was written
// elsewhere is seen in a second.
func (c *Ctx) lately(a glance) bool { return a.writes == c.s.Writes() && time.Since(a.at) < trusted }

// keep takes the answer as it was drawn, or returns nil: an error, or an answer to one browser.
func (c *Ctx) keep(key string) *kept {
	r := c.f.Response()
	if c.own || r.StatusCode() != fiber.StatusOK || len(r.Header.Peek(fiber.HeaderSetCookie)) > 0 || r.IsBodyStream() || len(r.Body()) > largestPage {
		return nil
	}
	k := &kept{key: key, body: bytes.Clone(r.Body())}
	k.gzipped = compress(k.body)
	sum := sha256.Sum256(k.body)
	k.etag = `W/"` + hex.EncodeToString(sum[:9]) + `"`
	for _, name := range []string{fiber.HeaderContentType, fiber.HeaderContentDisposition, "X-Robots-Tag", fiber.HeaderLastModified, fiber.HeaderLink, fiber.HeaderCacheControl, "Cross-Origin-Resource-Policy"} {
		if v := c.f.GetRespHeader(name); v != "" {
			k.headers = append(k.headers, [2]string{name, v})
		}
	}
	return k
}

// show answers with a kept page, or says that the browser has it already.
func (c *Ctx) show(k *kept) error {
	h := &c.f.Response().Header
	for _, x := range k.headers {
		h.Set(x[0], x[1])
	}
	h.Set(fiber.HeaderETag, k.etag)
	h.Set(fiber.HeaderVary, "Accept-Encoding, Accept-Language, Cookie")
	if c.Has(k.etag) {
		c.f.Response().ResetBody()
		c.f.Status(fiber.StatusNotModified)
		return nil
	}
	if k.gzipped != nil && strings.Contains(c.f.Get(fiber.HeaderAcceptEncoding), "gzip") {
		h.Set(fiber.HeaderContentEncoding, "gzip")
		return c.f.Send(k.gzipped)
	}
	return c.f.Send(k.body)
}
