package audit

import "encoding/json"

// referring are the facts that are the id of a thing, or a list of ids, by what it is. Where an id's kind stands beside
// it, see Refers.
var referring = map[string]string{
	"user": user, "institution": "institution", "merged_into": "institution", "registration": "registration", "project": "project",
	"lead": "organisation", "partners": "organisation", "donor": "donor",
}

// Refers says what sort of thing a fact of the entry is the id of, or of several; "" if it isn't one.
func (e Entry) Refers(fact string) string {
	if fact != "scope_id" {
		return referring[fact]
	}
	for _, d := range e.Differences() {
		if scope, ok := d.Is.(string); ok && d.Name == "scope" && labels[scope] != "" {
			return scope
		}
	}
	return ""
}

// mentioned calls want with each thing to which the facts of the entry refer.
func (e Entry) mentioned(want func(subject string, id int64)) {
	var follow func(fact string, v any)
	follow = func(fact string, v any) {
		switch x := v.(type) {
		case json.Number:
			if id, err := x.Int64(); err == nil {
				want(e.Refers(fact), id)
			}
		case []any:
			for _, one := range x {
				follow(fact, one)
			}
		case map[string]any:
			for name, one := range x {
				follow(name, one)
			}
		}
	}
	for _, d := range e.Differences() {
		follow(d.Name, d.Was)
		follow(d.Name, d.Is)
	}
}
