package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"attesta/app/job"
)

// metrics is what /metrics shows, on an address of its own. Nothing in it names a person.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func (a *App) newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "attesta_request_seconds", Help: "How long requests took, by route and status.", Buckets: []float64{.005, .025, .1, .5, 2, 10},
	}, []string{"route", "status"})}
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		a.gauge("attesta_jobs_pending", "Jobs that wait or run.", func(ctx context.Context) (int, error) { return job.Pending(ctx, a.DB) }),
		a.gauge("attesta_mails_queued", "Mails that haven't been sent yet.", func(ctx context.Context) (n int, err error) {
			err = a.DB.Read().NewRaw("SELECT COUNT(*) FROM outbox WHERE state = 'queued'").Scan(ctx, &n)
			return n, err
		}))
	return m
}

// gauge counts in the database when somebody looks; -1 says that it couldn't.
func (a *App) gauge(name, help string, count func(context.Context) (int, error)) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		n, err := count(ctx)
		if err != nil {
			return -1
		}
		return float64(n)
	})
}

func (m *metrics) observe(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// serve answers on addr until ctx ends.
func (m *metrics) serve(ctx context.Context, addr string) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("ATTESTA_METRICS_ADDR: listen on %s: %w", addr, err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	s := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = s.Close()
	}()
	go func() { _ = s.Serve(l) }() // ends with Close
	return nil
}
