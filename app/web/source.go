package web

import (
	"net/netip"
	"strings"
)

// Source returns the address that the request comes from. X-Forwarded-For is believed only as far as configured
// proxies have written it: read from the right, the first address that is no trusted proxy.
func (c *Ctx) Source() netip.Addr {
	addr, ok := netip.AddrFromSlice(c.f.Context().RemoteIP())
	if !ok {
		return netip.Addr{}
	}
	addr = addr.Unmap()
	var lines []string // some proxies write into the visitor's header, others add one of their own below it
	for _, line := range c.f.Request().Header.PeekAll("X-Forwarded-For") {
		lines = append(lines, string(line))
	}
	hops := strings.Split(strings.Join(lines, ","), ",")
	for i := len(hops) - 1; i >= 0 && c.s.trusts(addr); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop.Unmap()
	}
	return addr
}

func (s *Server) trusts(addr netip.Addr) bool {
	for _, p := range s.proxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// sourceKey names the source in rate limits; one IPv6 customer has a /64.
func (c *Ctx) sourceKey() string {
	addr := c.Source()
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}
