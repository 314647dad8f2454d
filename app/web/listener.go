package web

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// silent is a listener that knows the connections on which nothing was ever sent. Browsers open such in advance; they
// must not hold up the end, for which fasthttp would wait until their read timeout.
type silent struct {
	net.Listener
	mu    sync.Mutex
	conns map[*quietConn]struct{}
}

func newSilent(l net.Listener) *silent {
	return &silent{Listener: l, conns: map[*quietConn]struct{}{}}
}

// Accept implements net.Listener.
func (l *silent) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	q := &quietConn{Conn: c, of: l}
	l.mu.Lock()
	l.conns[q] = struct{}{}
	l.mu.Unlock()
	return q, nil
}

// hangUp closes the connections on which nothing was sent.
func (l *silent) hangUp() {
	l.mu.Lock()
	conns := l.conns
	l.conns = map[*quietConn]struct{}{}
	l.mu.Unlock()
	for c := range conns {
		c.hungUp.Store(true)
		_ = c.Conn.Close()
	}
}

func (l *silent) forget(c *quietConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

type quietConn struct {
	net.Conn
	of     *silent
	spoken atomic.Bool
	hungUp atomic.Bool
}

// Read implements net.Conn.
func (c *quietConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && !c.spoken.Swap(true) {
		c.of.forget(c)
	}
	if err != nil && c.hungUp.Load() {
		err = io.EOF // as if the other side had hung up: no error of this program
	}
	return n, err
}

// Close implements net.Conn.
func (c *quietConn) Close() error {
	c.of.forget(c)
	return c.Conn.Close()
}
