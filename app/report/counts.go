package report

import (
	"maps"
	"slices"
	"strconv"
)

// NotStated is the category of those of whom it isn't known.
const NotStated = "not_stated"

// Counts is a count by category: gender, ISO code of a country, type of institution; NotStated where it isn't known. A
// category without anybody isn't in it.
type Counts map[string]Count

// Categories returns the categories in alphabetical order, NotStated last.
func (c Counts) Categories() []string {
	keys := slices.Sorted(maps.Keys(c))
	if i := slices.Index(keys, NotStated); i >= 0 {
		keys = append(slices.Delete(keys, i, i+1), NotStated)
	}
	return keys
}

func (c Counts) add(category string, n int) {
	if n == 0 {
		return
	}
	if category == "" {
		category = NotStated
	}
	c[category] = Count{N: c[category].N + n}
}

func (c Counts) merge(other Counts) {
	for category, n := range other {
		c.add(category, n.N)
	}
}

// mark returns the number, or what stands in its place: "<5" if below is 5 and the number is small, else "w".
func (c Count) mark(below int) string {
	switch c.Hidden {
	case Few:
		return "<" + strconv.Itoa(below)
	case Withheld:
		return "w"
	}
	return strconv.Itoa(c.N)
}
