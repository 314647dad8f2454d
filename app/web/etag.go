package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Has reports whether whoever asks says that it has the bytes of an ETag already, be it among others, or by a tag that
// something on the way has weakened (RFC 9110, If-None-Match).
func (c *Ctx) Has(tag string) bool {
	for has := range strings.SplitSeq(c.Header(fiber.HeaderIfNoneMatch), ",") {
		if has = strings.TrimSpace(has); has == "*" || strings.TrimPrefix(has, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
