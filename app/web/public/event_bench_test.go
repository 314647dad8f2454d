package public_test

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"attesta/app/apptest"
	"attesta/app/network"
	"attesta/app/web"
	"attesta/app/web/public"
)

const (
	benchClients = 16
	benchTime    = time.Second
	benchRounds  = 5
)

// BenchmarkEventPage asks for an event's page over HTTP on 127.0.0.1, by 16 clients that keep their connections, and in
// turn for what Fiber itself says at least, "hello". It prints the requests a second of each and the ratios, medians of five rounds: warm is the
// page as it is kept, cold is drawn from the database each time; and what a page of 500 sessions takes beside one of 5.
//
//	go test -run xxx -bench EventPage -benchtime 1x ./app/web/public
func BenchmarkEventPage(b *testing.B) {
	for name, open := range map[string]func(testing.TB) string{"sqlite": apptest.SQLite, "postgres": apptest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := apptest.Open(b, open(b))
			settled := func(p *public.Pages, cfg *web.Config) { cfg.Network = &network.Desk{DB: d, Catalogue: p.Catalogue} }
			cold := newSite(b, d, settled)
			warm := cold.replica(b, settled, keeping(d))
			few, many := cold.Event(b), cold.Event(b)
			cold.long(b, few, 5)
			cold.long(b, many, 500)
			hello := fiber.New(fiber.Config{DisableStartupMessage: true})
			hello.Get("/", func(c *fiber.Ctx) error { return c.SendString("hello") })
			at := map[string]string{"hello": listen(b, hello.Listener, hello.Shutdown) + "/"}
			stop := func(s *site) func() error { return func() error { return s.server.Shutdown(context.Background()) } }
			at["warm"] = listen(b, warm.server.Serve, stop(warm)) + "/en/events/" + few.Code
			base := listen(b, cold.server.Serve, stop(cold))
			at["cold"], at["cold500"] = base+"/en/events/"+few.Code, base+"/en/events/"+many.Code
			rates := map[string][]float64{}
			b.ResetTimer()
			for range b.N * benchRounds {
				for _, what := range []string{"hello", "warm", "cold", "cold500"} {
					rates[what] = append(rates[what], ask(b, at[what]))
				}
			}
			for _, what := range []string{"hello", "warm", "cold", "cold500"} {
				b.ReportMetric(median(rates[what]), what+"/s")
			}
			for _, x := range [][2]string{{"warm", "hello"}, {"cold", "hello"}, {"cold", "cold500"}} {
				var ratios []float64 // of what was measured one after the other, while the machine was as busy
				for i := range rates[x[0]] {
					ratios = append(ratios, rates[x[0]][i]/rates[x[1]][i])
				}
				b.ReportMetric(median(ratios), x[0]+":"+x[1])
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// listen serves on a free port of this machine until the benchmark ends and returns the address.
func listen(b *testing.B, serve func(net.Listener) error, stop func() error) string {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = serve(l) }()
	b.Cleanup(func() { _ = stop() })
	return "http://" + l.Addr().String()
}

// ask has all clients ask for an address for a while, as browsers do, and returns the answers a second.
func ask(b *testing.B, address string) float64 {
	b.Helper()
	client := &fasthttp.Client{MaxConnsPerHost: benchClients, NoDefaultUserAgentHeader: true}
	defer client.CloseIdleConnections()
	var answers atomic.Int64
	var wait sync.WaitGroup
	began := time.Now()
	for range benchClients {
		wait.Go(func() {
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			req.SetRequestURI(address)
			req.Header.Set("Accept-Encoding", "gzip, deflate, br")
			req.Header.Set("Accept-Language", "en-GB,en;q=0.9,mk;q=0.8")
			for time.Since(began) < benchTime {
				if err := client.Do(req, res); err != nil || res.StatusCode() != fasthttp.StatusOK {
					b.Errorf("%s: %d %v", address, res.StatusCode(), err)
					return
				}
				answers.Add(1)
			}
		})
	}
	wait.Wait()
	return float64(answers.Load()) / time.Since(began).Seconds()
}
