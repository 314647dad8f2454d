package public_test

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"attesta/app/apptest"
)

const (
	benchClients = 16
	benchTime    = time.Second
	benchRounds  = 3
)

// BenchmarkEventPage asks for an event's page over HTTP on 127.0.0.1, by 16 clients that keep their connections, and in
// turn for what Fiber itself says at least, "hello". It prints the requests a second of each and the ratios: warm is the
// page as it is kept, cold is drawn from the database each time; and what a page of 500 sessions takes beside one of 5.
//
//	go test -run xxx -bench EventPage -benchtime 1x ./app/web/public
func BenchmarkEventPage(b *testing.B) {
	for name, open := range map[string]func(testing.TB) string{"sqlite": apptest.SQLite, "postgres": apptest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := apptest.Open(b, open(b))
			cold := newSite(b, d)
			warm := cold.replica(b, keeping(d))
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
			sum := map[string]float64{}
			b.ResetTimer()
			for range b.N {
				for range benchRounds {
					for _, what := range []string{"hello", "warm", "cold", "cold500"} {
						sum[what] += ask(b, at[what]) / float64(benchRounds*b.N)
					}
				}
			}
			for _, what := range []string{"hello", "warm", "cold", "cold500"} {
				b.ReportMetric(sum[what], what+"/s")
			}
			b.ReportMetric(sum["warm"]/sum["hello"], "warm:hello")
			b.ReportMetric(sum["cold"]/sum["hello"], "cold:hello")
			b.ReportMetric(sum["cold"]/sum["cold500"], "5:500")
			b.ReportMetric(0, "ns/op")
		})
	}
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
