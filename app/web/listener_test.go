package web_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"attesta/app/web"
)

func TestShutdownWaitsForARequestAndNotForASilentConnection(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	s := newSite(t, func(cfg *web.Config) {
		cfg.Routes = append(cfg.Routes, web.GET("/long", web.Anyone, func(c *web.Ctx) error {
			close(begun)
			<-end
			return c.Send("text/plain", []byte("done"))
		}))
	})
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.server.Serve(l) }()
	silent, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	said := make(chan string, 1)
	go func() {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/long", http.NoBody)
		if err != nil {
			said <- err.Error()
			return
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			said <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		said <- string(b)
	}()
	<-begun
	time.AfterFunc(time.Second, func() { close(end) })
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		t.Errorf("a connection on which nothing was said holds up the end: %v", err)
	}
	if got := <-said; got != "done" {
		t.Errorf("the request under way was answered %q", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}
