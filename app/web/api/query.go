package api

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/web"
)

// parameter is one parameter of the query string.
type parameter struct {
	name   string
	kind   string // day, instant, limit or cursor; "" is text
	oneOf  []string
	text   string
	sample string
}

// How many items a page has.
const (
	usualLimit = 50
	maxLimit   = 200
)

// paging are the parameters of every list.
var paging = []parameter{
	{name: "cursor", kind: "cursor", text: "Where to go on: next of the page before. It belongs to one list; the filters may stay or change."},
	{name: "limit", kind: "limit", text: "How many items come back at most."},
}

// query is the parameters of a request. Whatever is wrong with them is kept until Err.
type query struct {
	values map[string]string
	form   fault.Form
}

// readQuery takes the parameters that an operation knows; each other is a fault, so that a filter with a slip in its name
// doesn't give everything.
func readQuery(c *web.Ctx, known []parameter) *query {
	q := &query{values: c.Queries()}
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		i := slices.IndexFunc(known, func(p parameter) bool { return p.name == name })
		if i < 0 {
			q.form.Add(name, "api.parameter")
			continue
		}
		if v := q.values[name]; len(known[i].oneOf) > 0 && !slices.Contains(known[i].oneOf, v) {
			q.form.Add(name, "form.choose")
		}
	}
	q.limit()
	return q
}

// Err returns what is wrong with the parameters.
func (q *query) Err() error { return q.form.Err() }

func (q *query) text(name string) string { return q.values[name] }

func (q *query) day(name string) db.Day {
	s, ok := q.values[name]
	if !ok {
		return db.Day{}
	}
	d, err := db.ParseDay(s)
	if err != nil || d.Year() < 1 {
		q.form.Add(name, "form.date")
	}
	return d
}

func (q *query) instant(name string) time.Time {
	s, ok := q.values[name]
	if !ok {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		q.form.Add(name, "api.instant")
		return time.Time{}
	}
	return t
}

func (q *query) limit() int {
	s, ok := q.values["limit"]
	if !ok {
		return usualLimit
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxLimit {
		q.form.Add("limit", "form.between", "Min", 1, "Max", maxLimit)
		return usualLimit
	}
	return n
}

// with returns the query string with one parameter changed.
func (q *query) with(name, value string) string {
	v := url.Values{name: {value}}
	for k, s := range q.values {
		if k != name {
			v.Set(k, s)
		}
	}
	return v.Encode()
}
