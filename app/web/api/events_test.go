package api_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
)

func starting(day string) apptest.EventOption {
	return func(f *event.Facts) { f.StartsOn, _ = db.ParseDay(day) }
}

func TestEventsAreFiltered(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		may, june := s.Event(t, starting("2022-05-16")), s.Event(t, starting("2022-06-01"))
		s.Clock.Set(s.Clock.Now().Add(time.Hour))
		july := s.Event(t, starting("2022-07-01"))
		token := s.token(t, "organiser", false)
		since := url.QueryEscape(s.Clock.Now().Format(time.RFC3339))
		for query, want := range map[string][]string{
			"":                                    {may.Code, june.Code, july.Code},
			"?from=2022-06-01":                    {june.Code, july.Code},
			"?to=2022-06-01":                      {may.Code, june.Code},
			"?from=2022-05-17&to=2022-06-30":      {june.Code},
			"?project=P1":                         {may.Code, june.Code, july.Code},
			"?project=P2":                         {},
			"?updated_since=" + since:             {july.Code},
			"?limit=2":                            {may.Code, june.Code},
			"?updated_since=2022-05-02T09:00:00Z": {may.Code, june.Code, july.Code},
		} {
			a := s.get(t, token, "/api/v1/events"+query)
			if diff := cmp.Diff(want, a.each("code")); diff != "" {
				t.Errorf("%s: %s", query, diff)
			}
		}
	})
}

func TestAnEventIsToldWithItsZoneAndItsUnits(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		e := s.Event(t)
		a := s.get(t, s.token(t, "organiser", false), "/api/v1/events/"+e.Code)
		for field, want := range map[string]any{
			"starts_on": "2022-05-16", "ends_on": "2022-05-17", "zone": "Europe/Podgorica", "begins": "2022-05-15T22:00:00Z", "ends": "2022-05-17T22:00:00Z",
			"phase": "open", "project": "P1", "organisation": "lead", "address": base + "/en/events/" + e.Code,
			"title": map[string]any{"cnr": "Suzbijanje krijumčarenja migranata", "en": "Countering migrant smuggling"},
		} {
			if diff := cmp.Diff(want, a.at(field)); diff != "" {
				t.Errorf("%s: %s", field, diff)
			}
		}
		want := map[string]any{"unit": 2.0, "day": "2022-05-16", "part": "afternoon", "starts_at": "2022-05-16T11:30:00Z", "ends_at": "2022-05-16T15:00:00Z", "half_days": 1.0}
		if diff := cmp.Diff(want, a.at("units", 1)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPagesOfAListMissAndRepeatNothingWhileMoreIsMade(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d)
		var want, got []string
		for range 5 {
			want = append(want, s.Event(t).Code)
		}
		token := s.token(t, "coordinator", false)
		path := "/api/v1/events?limit=2&from=2022-01-01"
		for pages := 0; path != "" && pages < 9; pages++ {
			a := s.get(t, token, path)
			got = append(got, a.each("code")...)
			if pages == 0 {
				want = append(want, s.Event(t, starting("2022-05-01")).Code)
			}
			next, _ := a.at("next").(string)
			path = ""
			if next != "" {
				link := a.head.Get("Link")
				path, _, _ = strings.Cut(strings.TrimPrefix(link, "<"+base), ">")
				if !strings.HasSuffix(link, `>; rel="next"`) || !strings.Contains(path, "cursor="+next) || !strings.Contains(path, "from=2022-01-01") {
					t.Fatalf("next %q, Link %q", next, link)
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAListEndsWhereItEnds(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	for range 2 {
		s.Event(t)
	}
	a := s.get(t, s.token(t, "organiser", false), "/api/v1/events?limit=2")
	if a.at("next") != nil || a.head.Get("Link") != "" || len(a.each("code")) != 2 {
		t.Errorf("%s %v", a.raw, a.head)
	}
}

func TestWhatIsWrongWithAParameterIsSaidBesideItsName(t *testing.T) {
	s := newSite(t, apptest.Open(t, apptest.SQLite(t)))
	e, other := s.Event(t), s.Event(t)
	for n := range 2 {
		if _, err := s.Registrations.Register(t.Context(), e.Code, apptest.Submission(n)); err != nil {
			t.Fatal(err)
		}
	}
	token := s.token(t, "organiser", false)
	cursor, _ := s.get(t, token, "/api/v1/events/"+e.Code+"/registrations?limit=1").at("next").(string)
	if cursor == "" {
		t.Fatal("no cursor")
	}
	for path, want := range map[string]string{
		"/api/v1/events?form=2022-01-01":                                                 "form api.parameter",
		"/api/v1/events?lang=mk":                                                         "lang api.parameter",
		"/api/v1/events?from=1.5.2022":                                                   "from form.date",
		"/api/v1/events?to=":                                                             "to form.date",
		"/api/v1/events?updated_since=2022-05-01":                                        "updated_since api.instant",
		"/api/v1/events?limit=0":                                                         "limit form.between",
		"/api/v1/events?limit=201":                                                       "limit form.between",
		"/api/v1/events?limit=many":                                                      "limit form.between",
		"/api/v1/events?cursor=":                                                         "cursor api.cursor",
		"/api/v1/events?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA":                       "cursor api.cursor",
		"/api/v1/events?cursor=" + cursor:                                                "cursor api.cursor",
		"/api/v1/events/" + other.Code + "/registrations?cursor=" + cursor:               "cursor api.cursor",
		"/api/v1/events/" + e.Code + "/registrations?status=here":                        "status form.choose",
		"/api/v1/events/" + e.Code + "?limit=1":                                          "limit api.parameter",
		"/api/v1/events/" + e.Code + "/registrations?cursor=" + cursor[:20] + "&limit=1": "cursor api.cursor",
	} {
		a := s.get(t, token, path)
		if a.code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", path, a.code, a.raw)
			continue
		}
		if got := a.at("errors", 0, "field").(string) + " " + a.at("errors", 0, "code").(string); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// counter counts the queries that reach a database.
type counter struct{ n atomic.Int64 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *counter) AfterQuery(context.Context, *bun.QueryEvent)                        { c.n.Add(1) }

func TestListsCostTheSameNumberOfQueriesForAFewAndForMany(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	s := newSite(t, d)
	e := s.Event(t, apptest.Automatic, apptest.Seats(1000))
	for n := range 3 {
		s.came(t, e, n)
	}
	if _, err := s.Certificates.Issue(t.Context(), account.System, e.Code); err != nil {
		t.Fatal(err)
	}
	token := s.token(t, "coordinator", false)
	var c counter
	d.Read().AddQueryHook(&c) //nolint:staticcheck // its successor makes another handle, which the API wouldn't use
	one := "/api/v1/events/" + e.Code
	cost := func() (all []int64) {
		for _, path := range []string{"/api/v1/events", "/api/v1/projects", one + "/registrations", one + "/attendance", one + "/certificates"} {
			for _, limit := range []string{"?limit=2", "?limit=200"} {
				before := c.n.Load()
				if a := s.get(t, token, path+limit); a.code != http.StatusOK {
					t.Fatalf("%s: %d", path, a.code)
				}
				all = append(all, c.n.Load()-before)
			}
		}
		return all
	}
	cost()
	few := cost()
	for n := range 40 {
		s.came(t, e, 10+n)
		s.Event(t)
	}
	if _, err := s.Certificates.Issue(t.Context(), account.System, e.Code); err != nil {
		t.Fatal(err)
	}
	if many := cost(); !slices.Equal(few, many) || few[0] == 0 {
		t.Errorf("%v queries for a few, %v for many", few, many)
	}
}

// Here only the seeds are tried; go test -fuzz goes on from them.
func FuzzAnyParameterIsAnsweredOrRefused(f *testing.F) {
	for _, q := range []string{"cursor=%00", "limit=-1&limit=2", "from=0000-01-01", "from=99999-01-01", "updated_since=1969-12-31T23:59:59Z", "project=%ff&x", "&&=&=1", "to=2022-02-30", "status=approved%00"} {
		f.Add(q)
	}
	s := newSite(f, apptest.Open(f, apptest.SQLite(f)))
	e := s.Event(f)
	if _, err := s.Registrations.Register(context.Background(), e.Code, apptest.Submission(1)); err != nil {
		f.Fatal(err)
	}
	token := s.token(f, "coordinator", false)
	f.Fuzz(func(t *testing.T, q string) {
		s.Clock.Set(s.Clock.Now().Add(time.Second))
		for _, path := range []string{"/api/v1/events", "/api/v1/events/" + e.Code + "/registrations", "/api/v1/projects/P1/figures"} {
			r := s.request(http.MethodGet, token, path, "")
			r.URL.RawQuery = (&url.URL{RawQuery: q}).RawQuery
			r.RequestURI = r.URL.RequestURI()
			if strings.ContainsAny(r.RequestURI, " \r\n\t\x00") {
				t.Skip()
			}
			if a := s.do(t, r); a.code != http.StatusOK && a.code != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d %s", q, a.code, a.raw)
			}
		}
	})
}
