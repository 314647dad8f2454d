package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"attesta/app/db"
)

// Facts are some qualities of a thing by their names, before a change or after it.
type Facts map[string]any

// Change is the Detail of a change: what differs between before and after, each quality under its name. A nil map is
// a thing that wasn't there, or isn't any more. more are further facts beside them.
func Change(before, after Facts, more ...Facts) db.JSON[json.RawMessage] {
	was, is := Facts{}, Facts{}
	for name, v := range before {
		if w, ok := after[name]; !ok || !same(v, w) {
			was[name] = v
		}
	}
	for name, v := range after {
		if w, ok := before[name]; !ok || !same(v, w) {
			is[name] = v
		}
	}
	d := Facts{}
	if len(was) > 0 {
		d["before"] = was
	}
	if len(is) > 0 {
		d["after"] = is
	}
	for _, m := range more {
		for name, v := range m {
			d[name] = v
		}
	}
	return Detail(d)
}

func same(a, b any) bool {
	x, err := json.Marshal(a)
	if err != nil {
		panic(fmt.Sprintf("audit: change: %v", err))
	}
	y, err := json.Marshal(b)
	if err != nil {
		panic(fmt.Sprintf("audit: change: %v", err))
	}
	return bytes.Equal(x, y)
}

// Difference is one quality of a thing before and after a deed; nil is what isn't known or wasn't there. Where a deed
// has facts that were not changed by it, Was is nil and Is the fact.
type Difference struct {
	Name    string
	Was, Is any
	Changed bool // was and is, not a fact beside
}

// Differences reads what was changed from the Detail, in the order of names: the changes first, then the facts beside
// them. Numbers come as json.Number.
func (e Entry) Differences() []Difference {
	d := map[string]any{}
	r := json.NewDecoder(bytes.NewReader(e.Detail.V))
	r.UseNumber()
	if r.Decode(&d) != nil {
		return nil
	}
	if from, ok := d["from"].(string); ok && strings.Contains(e.Action, ".") { // as earlier releases wrote it
		d["before"], d["after"] = map[string]any{"status": from}, map[string]any{"status": d["to"]}
		delete(d, "from")
		delete(d, "to")
	}
	was, is := named(d["before"]), named(d["after"])
	delete(d, "before")
	delete(d, "after")
	var list []Difference
	for _, name := range names(was, is) {
		list = append(list, Difference{Name: name, Was: was[name], Is: is[name], Changed: true})
	}
	for _, name := range names(d) {
		list = append(list, Difference{Name: name, Is: d[name]})
	}
	return list
}

// named returns facts by their names; a single value is a state.
func named(v any) map[string]any {
	switch x := v.(type) {
	case nil:
		return nil
	case map[string]any:
		return x
	}
	return map[string]any{"state": v}
}

func names(maps ...map[string]any) []string {
	var all []string
	for _, m := range maps {
		for name := range m {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
