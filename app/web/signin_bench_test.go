package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/job"
	"attesta/app/locale"
	outbox "attesta/app/mail"
	"attesta/app/web"
	"attesta/static"
	"attesta/templates"
)

// timed is the real thing as far as a stopwatch can tell: the real accounts with the real work of hashing, in a real
// database, with the jobs running and a mail server that takes the mails.
type timed struct {
	b      *testing.B
	server *web.Server
	now    time.Time
	cookie string
	token  string
	source int
}

func newTimed(b *testing.B, d *db.DB) *timed {
	b.Helper()
	s := &timed{b: b, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	words, err := catalogue()
	check(b, err)
	catcher, err := outbox.NewCatcher()
	check(b, err)
	b.Cleanup(func() { _ = catcher.Close() })
	queue := job.New(d, nil)
	mails, err := outbox.New(outbox.Options{
		DB: d, Queue: queue, Catalogue: words, Secret: guardSecret, BaseURL: guardedBase, From: mail.Address{Address: "events@example.org"},
		Templates: templates.Files, Transport: catcher.Transport(), Clock: clock,
	})
	check(b, err)
	a, err := account.New(account.Options{DB: d, Queue: queue, Mails: mails, Secret: guardSecret, Clock: clock, BaseURL: guardedBase})
	check(b, err)
	for i := range people20 {
		_, err := a.CreateUser(b.Context(), account.System, account.NewUser{Email: address("known", i), Name: "Ana", Password: password})
		check(b, err)
	}
	check(b, queue.Start(context.Background()))
	b.Cleanup(func() { _ = queue.Stop(context.Background()) })
	s.server, err = web.New(web.Config{
		BaseURL: guardedBase, TrustedProxies: []string{"0.0.0.0"}, Secret: guardSecret, Catalogue: words, Name: locale.NewText("en", "Network"),
		Store: &db.Storage{DB: d, Clock: clock}, Templates: templates.Files, Static: static.Files, Accounts: a, Clock: clock, Log: slog.New(slog.DiscardHandler),
	})
	check(b, err)
	page := s.do(httptest.NewRequest(http.MethodGet, "/sign-in", nil))
	s.token = regexp.MustCompile(`name="_csrf" value="([^"]+)"`).FindStringSubmatch(page.body)[1]
	s.cookie = page.Cookies()[0].Name + "=" + page.Cookies()[0].Value
	return s
}

const people20 = 20

// address is one of twenty addresses of people who have an account, or of as many who have none.
func address(who string, i int) string {
	return fmt.Sprintf("%s.%02d@example.org", map[string]string{"known": "jasmina", "unknown": "radmila"}[who], i%people20)
}

func check(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (s *timed) do(r *http.Request) answer {
	s.b.Helper()
	res, err := s.server.Do(r)
	check(s.b, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	check(s.b, err)
	return answer{res, string(body)}
}

// ask posts a form from an address of its own and returns how long the answer took, in milliseconds.
func (s *timed) ask(path, email, password string, want int) float64 {
	s.b.Helper()
	s.source++
	values := url.Values{"_csrf": {s.token}, "email": {email}, "password": {password}}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Cookie", s.cookie)
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", s.source>>16&255, s.source>>8&255, s.source&255))
	began := time.Now()
	a := s.do(r)
	took := time.Since(began)
	if a.StatusCode != want {
		s.b.Fatalf("%s %s: %d", path, email, a.StatusCode)
	}
	return float64(took) / float64(time.Millisecond)
}

// BenchmarkSignInTiming asks to sign in, with a wrong password and then for a link, as 2,000 pairs of somebody who has
// an account and somebody who hasn't, in turn and in random order, and prints the medians. Nobody must be able to tell
// the two apart: they are to lie within a millisecond.
//
//	go test -run xxx -bench SignInTiming -benchtime 1x ./app/web
func BenchmarkSignInTiming(b *testing.B) {
	const pairs = 2000
	for name, open := range map[string]func(testing.TB) string{"sqlite": apptest.SQLite, "postgres": apptest.Postgres} {
		for _, way := range []struct {
			name, path string
			want       int
		}{{"password", "/sign-in", 422}, {"link", "/sign-in/link", 200}} {
			b.Run(name+"/"+way.name, func(b *testing.B) {
				s := newTimed(b, apptest.Open(b, open(b)))
				took := map[string][]float64{}
				for i := range pairs + 20 {
					who := []string{"known", "unknown"}
					rand.Shuffle(2, func(i, j int) { who[i], who[j] = who[j], who[i] })
					for _, w := range who {
						ms := s.ask(way.path, address(w, i), "wrong wrong wrong", way.want)
						if i >= 20 {
							took[w] = append(took[w], ms)
						}
					}
					if i%people20 == people20-1 {
						s.now = s.now.Add(5 * time.Minute)
					}
				}
				known, unknown := median(took["known"]), median(took["unknown"])
				b.ReportMetric(known, "known-ms")
				b.ReportMetric(unknown, "unknown-ms")
				b.ReportMetric(known-unknown, "difference-ms")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
