package web

import (
	"context"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"attesta/app/locale"
)

// patience is how long the reader of a large file may take to fetch it: a hundred megabytes on a line of half a megabit.
const patience = 30 * time.Minute

// Attachment is a file to be saved and never to be shown by the browser, whatever is in it. It is sent as it is read.
type Attachment struct {
	Name string
	Type string
	Size int64  // bytes
	Tag  string // that changes with the content
	// Open returns the content from its byte number from on; ctx lasts until it is closed.
	Open func(ctx context.Context, from int64) (io.ReadCloser, error)
}

// Attach answers with an attachment, or with the part of it that the request asks for. Its route is Slow.
func (c *Ctx) Attach(a Attachment) error {
	h, tag := &c.f.Response().Header, strconv.Quote(a.Tag)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set(fiber.HeaderETag, tag)
	h.Set(fiber.HeaderAcceptRanges, "bytes")
	if c.Has(tag) {
		c.f.Status(http.StatusNotModified)
		return nil
	}
	first, n, ok := span(c.Header(fiber.HeaderRange), a.Size)
	if match := c.Header(fiber.HeaderIfRange); match != "" && match != tag {
		first, n, ok = 0, a.Size, true
	}
	if !ok {
		h.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(a.Size, 10))
		c.f.Status(http.StatusRequestedRangeNotSatisfiable)
		return nil
	}
	h.Set(fiber.HeaderContentType, a.Type)
	h.Set(fiber.HeaderContentDisposition, disposition(a.Name))
	if n < a.Size {
		h.Set(fiber.HeaderContentRange, "bytes "+strconv.FormatInt(first, 10)+"-"+strconv.FormatInt(first+n-1, 10)+"/"+strconv.FormatInt(a.Size, 10))
		c.f.Status(http.StatusPartialContent)
	}
	return c.stream(a, first, n)
}

func (c *Ctx) stream(a Attachment, first, n int64) error {
	if c.f.Method() == http.MethodHead {
		c.f.Response().SetBodyStream(http.NoBody, int(n))
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), patience)
	r, err := a.Open(ctx, first)
	if err != nil {
		cancel()
		return err
	}
	c.f.Response().SetBodyStream(&streamed{Reader: io.LimitReader(r, n), close: r, cancel: cancel}, int(n))
	return nil
}

// streamed is the content of an answer, which is read after the handler has returned.
type streamed struct {
	io.Reader
	close  io.Closer
	cancel context.CancelFunc
}

// Close implements io.Closer.
func (s *streamed) Close() error {
	defer s.cancel()
	return s.close.Close()
}

// span reads a Range header that asks for one run of bytes: where it begins and how many there are. Other ranges are
// answered with all; ok is false for one that lies outside.
func span(header string, size int64) (first, n int64, ok bool) {
	list, found := strings.CutPrefix(header, "bytes=")
	from, to, dash := strings.Cut(list, "-")
	if !found || !dash || strings.Contains(list, ",") {
		return 0, size, true
	}
	last := size - 1
	a, errA := strconv.ParseInt(from, 10, 64)
	b, errB := strconv.ParseInt(to, 10, 64)
	switch {
	case from == "" && errB == nil && b > 0: // the last b bytes
		first = max(0, size-b)
	case errA == nil && to == "":
		first = a
	case errA == nil && errB == nil && a <= b:
		first, last = a, min(b, last)
	default:
		return 0, size, true
	}
	if first < 0 || first > last {
		return 0, 0, false
	}
	return first, last - first + 1, true
}

// FileSize says how large a file is: in kilobytes while it is small, else in megabytes.
func FileSize(p *locale.Printer, bytes int64) string {
	if bytes < 100<<10 {
		return p.T("material.kb", "Size", p.Number((bytes+1023)>>10))
	}
	return p.T("material.mb", "Size", p.Number(math.Round(float64(bytes)/(1<<20)*10)/10))
}
