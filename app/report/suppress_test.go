package report

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"attesta/app/event"
)

// world is what is true of a small programme in one dimension: how many of each category came to each event, and how
// many of those attendances are repeated ones.
type world struct {
	came    [][]int
	repeats []int
}

func (w world) figures() *Figures {
	f := &Figures{For: ForOrganiser}
	f.Totals = Totals{ByGender: Counts{}, ByCountry: Counts{}, ByInstitutionType: Counts{},
		AttendancesByGender: Counts{}, AttendancesByCountry: Counts{}, AttendancesByInstitutionType: Counts{}}
	for _, row := range w.came {
		e := Event{Type: event.Conference, ByGender: Counts{}, ByCountry: Counts{}, ByInstitutionType: Counts{}}
		for j, n := range row {
			e.ByCountry.add(fmt.Sprint(j), n)
			e.Came.N += n
		}
		e.ByGender.add("female", e.Came.N)
		e.Listed, e.HalfDays, e.Completed = e.Came, e.Came, e.Came
		f.Events = append(f.Events, e)
		f.Totals.Attendances.N += e.Came.N
		f.Totals.AttendancesByCountry.merge(e.ByCountry)
		f.Totals.AttendancesByGender.merge(e.ByGender)
	}
	for j := range w.repeats {
		n := f.Totals.AttendancesByCountry[fmt.Sprint(j)].N - w.repeats[j]
		f.Totals.ByCountry.add(fmt.Sprint(j), n)
		f.Totals.UniquePersons.N += n
	}
	f.Totals.ByGender.add("female", f.Totals.UniquePersons.N)
	return f
}

// shown is everything that a reader sees of a world, as text.
func shownOf(f *Figures) string {
	s := fmt.Sprint(f.Totals.Attendances, f.Totals.UniquePersons, f.Totals.ByCountry, f.Totals.AttendancesByCountry, f.Totals.Withheld)
	for _, e := range f.Events {
		s += fmt.Sprint(e.Came, e.Listed, e.ByCountry, e.Withheld)
	}
	return s
}

// hiddenOf returns the true numbers of all that is hidden.
func hiddenOf(f, open *Figures) (all []int) {
	counts := func(c, truth Counts, withheld bool) {
		for _, k := range truth.Categories() {
			if withheld || c[k].Hidden != Shown {
				all = append(all, truth[k].N)
			}
		}
	}
	one := func(c, truth Count) {
		if c.Hidden != Shown {
			all = append(all, truth.N)
		}
	}
	for i, e := range f.Events {
		one(e.Came, open.Events[i].Came)
		counts(e.ByCountry, open.Events[i].ByCountry, slices.Contains(e.Withheld, "came_by_country"))
	}
	t, o := f.Totals, open.Totals
	one(t.Attendances, o.Attendances)
	one(t.UniquePersons, o.UniquePersons)
	counts(t.ByCountry, o.ByCountry, slices.Contains(t.Withheld, "unique_by_country"))
	counts(t.AttendancesByCountry, o.AttendancesByCountry, slices.Contains(t.Withheld, "attendances_by_country"))
	return all
}

// Somebody who knows the rules by which numbers are hidden, and tries every small event against what is shown, is left
// with more than one value for each hidden number.
func TestNobodyWhoKnowsTheRulesCanTellAHiddenNumberOfAnEvent(t *testing.T) {
	const below = 5
	possible := map[string][][]int{}
	var walk func(row []int, rest int)
	walk = func(row []int, rest int) {
		if len(row) == 4 {
			w := world{came: [][]int{row}, repeats: []int{0, 0, 0, 0}}
			open := w.figures()
			f := open.Suppress(below)
			possible[shownOf(f)] = append(possible[shownOf(f)], hiddenOf(f, open))
			return
		}
		for n := range rest + 1 {
			walk(append(slices.Clone(row), n), rest-n)
		}
	}
	walk(nil, 22)
	told := 0
	for seen, all := range possible {
		for i := range all[0] {
			values := map[int]bool{}
			for _, hidden := range all {
				if i < len(hidden) {
					values[hidden[i]] = true
				}
			}
			if len(values) < 2 && !values[0] {
				told++
				t.Errorf("%s tells that a hidden number is %d", seen, all[0][i])
			}
		}
		if told > 5 {
			return
		}
	}
}

// attack returns, for each hidden number, how many values it may have for somebody who knows all sums, tried out by
// brute force over all tables that agree with what is shown.
func attack(f *Figures, rows, columns, most int) []map[int]bool {
	want := shownSums(f, rows, columns)
	var found []map[int]bool
	cells := make([]int, rows*columns)
	repeats := make([]int, columns)
	var fill func(k int)
	check := func() {
		w := world{repeats: slices.Clone(repeats)}
		for i := range rows {
			w.came = append(w.came, cells[i*columns:(i+1)*columns])
		}
		hidden, agrees := want.agrees(w)
		if !agrees {
			return
		}
		for i, n := range hidden {
			if i == len(found) {
				found = append(found, map[int]bool{})
			}
			found[i][n] = true
		}
	}
	fill = func(k int) {
		if k < rows*columns {
			low, high := want.bounds(k/columns, k%columns, most)
			for n := low; n <= high; n++ {
				cells[k] = n
				if want.rowFits(cells, k) {
					fill(k + 1)
				}
			}
			cells[k] = 0
			return
		}
		var repeat func(j, left int)
		repeat = func(j, left int) {
			if j == columns-1 {
				repeats[j] = left
				check()
				return
			}
			for n := 0; n <= left; n++ {
				repeats[j] = n
				repeat(j+1, left-n)
			}
		}
		repeat(0, want.repeats)
	}
	fill(0)
	return found
}

// sums are what a reader of figures whose totals are all shown knows.
type sums struct {
	f             *Figures
	rows, columns int
	repeats       int
}

func shownSums(f *Figures, rows, columns int) sums {
	return sums{f: f, rows: rows, columns: columns, repeats: f.Totals.Attendances.N - f.Totals.UniquePersons.N}
}

func (s sums) bounds(i, j, most int) (int, int) {
	e := s.f.Events[i]
	if c := s.f.Totals.AttendancesByCountry[fmt.Sprint(j)]; c.Hidden == Shown && len(s.f.Totals.AttendancesByCountry) > 0 {
		most = c.N
	}
	if slices.Contains(e.Withheld, "came_by_country") || e.Came.Hidden != Shown {
		return 0, most
	}
	c, there := e.ByCountry[fmt.Sprint(j)]
	switch {
	case !there:
		return 0, 0
	case c.Hidden == Few:
		return 1, s.f.Below - 1
	case c.Hidden == Withheld:
		return 1, most
	}
	return c.N, c.N
}

// cost is about how many tables have to be tried.
func (s sums) cost() int {
	n := 1
	for i := range s.rows {
		widest := 1
		for j := range s.columns {
			low, high := s.bounds(i, j, s.f.Totals.Attendances.N)
			n *= high - low + 1
			widest = max(widest, high-low+1)
		}
		if s.f.Events[i].Came.Hidden == Shown {
			n /= widest // the last one follows
		}
	}
	for range s.columns - 1 {
		n *= s.repeats + 1
	}
	return n
}

func (s sums) rowFits(cells []int, k int) bool {
	i := k / s.columns
	c := s.f.Events[i].Came
	sum := 0
	for _, n := range cells[i*s.columns : k+1] {
		sum += n
	}
	if c.Hidden != Shown {
		return true
	}
	return sum <= c.N && (k%s.columns < s.columns-1 || sum == c.N)
}

// agrees reports whether a world may be behind what is shown, and its values for what is hidden.
func (s sums) agrees(w world) (hidden []int, ok bool) {
	open := w.figures()
	t, o := s.f.Totals, open.Totals
	if o.Attendances.N != t.Attendances.N || o.UniquePersons.N != t.UniquePersons.N {
		return nil, false
	}
	fits := func(c, truth Count) bool {
		switch c.Hidden {
		case Few:
			return truth.N > 0 && truth.N < s.f.Below
		case Withheld:
			return truth.N > 0
		}
		return c.N == truth.N
	}
	add := func(c, truth Counts, withheld bool) bool {
		for j := range s.columns {
			k := fmt.Sprint(j)
			if truth[k].N < 0 || !withheld && !fits(c[k], truth[k]) {
				return false
			}
			if withheld || c[k].Hidden != Shown {
				hidden = append(hidden, truth[k].N)
			}
		}
		return true
	}
	for i, e := range s.f.Events {
		if !fits(e.Came, open.Events[i].Came) || !add(e.ByCountry, open.Events[i].ByCountry, slices.Contains(e.Withheld, "came_by_country")) {
			return nil, false
		}
		if e.Came.Hidden != Shown {
			hidden = append(hidden, open.Events[i].Came.N)
		}
	}
	return hidden, add(t.ByCountry, o.ByCountry, slices.Contains(t.Withheld, "unique_by_country")) &&
		add(t.AttendancesByCountry, o.AttendancesByCountry, slices.Contains(t.Withheld, "attendances_by_country"))
}

func TestAnEventOfWhichNothingIsShownIsNotToldByTheTotals(t *testing.T) {
	w := world{came: [][]int{{1, 4, 0}, {0, 0, 3}}, repeats: make([]int, 3)}
	f := w.figures().Suppress(3)
	for k, v := range attack(f, 2, 3, f.Totals.Attendances.N) {
		if len(v) < 2 && !v[0] {
			t.Errorf("hidden number %d can only be %v\n%s", k, v, shownOf(f))
		}
	}
}

func TestNoHiddenNumberCanBeComputedFromWhatIsShown(t *testing.T) {
	const below = 3
	seen, hiddenSome := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		rows, columns := rapid.IntRange(1, 3).Draw(rt, "events"), rapid.IntRange(2, 3).Draw(rt, "categories")
		most := 6
		if rows*columns > 4 { // brute force takes its time
			rows, most = 2, 4
		}
		w := world{repeats: make([]int, columns)}
		column := make([]int, columns)
		for range rows {
			var row []int
			for j := range columns {
				row = append(row, rapid.IntRange(0, most).Draw(rt, "n"))
				column[j] += row[j]
			}
			w.came = append(w.came, row)
		}
		if rapid.Bool().Draw(rt, "repeated") && rows > 1 {
			for j := range columns {
				w.repeats[j] = rapid.IntRange(0, min(2, column[j]/2)).Draw(rt, "r")
			}
		}
		open := w.figures()
		f := open.Suppress(below)
		seen++
		if f.Totals.Attendances.Hidden != Shown || f.Totals.UniquePersons.Hidden != Shown {
			return
		}
		if shownSums(f, rows, columns).cost() > 30_000 {
			return // too many tables to try
		}
		values := attack(f, rows, columns, f.Totals.Attendances.N)
		if len(values) > 0 {
			hiddenSome++
		}
		for k, v := range values {
			if len(v) < 2 && !v[0] { // that there is nobody may be known
				rt.Fatalf("%v, repeated %v: hidden number %d can only be %v\n%s", w.came, w.repeats, k, v, shownOf(f))
			}
		}
	})
	if hiddenSome < seen/4 {
		t.Errorf("only %d of %d tables hid anything", hiddenSome, seen)
	}
}

func TestNoSmallNumberIsInSuppressedFigures(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		columns := rapid.IntRange(1, 6).Draw(rt, "categories")
		w := world{repeats: make([]int, columns)}
		for range rapid.IntRange(1, 8).Draw(rt, "events") {
			var row []int
			for range columns {
				row = append(row, rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4, 5, 6, 7, 9, 15, 30}).Draw(rt, "n"))
			}
			w.came = append(w.came, row)
		}
		f := w.figures().Suppress(5)
		check := func(what string, c Count) {
			if c.Hidden == Shown && c.N > 0 && c.N < 5 || c.Hidden != Shown && c.N != 0 {
				rt.Errorf("%s: %+v", what, c)
			}
		}
		for _, e := range f.Events {
			for what, c := range map[string]Count{"listed": e.Listed, "came": e.Came, "completed": e.Completed, "half-days": e.HalfDays} {
				check(what, c)
			}
			for k, c := range e.ByCountry {
				check(k, c)
			}
		}
		check("attendances", f.Totals.Attendances)
		check("persons", f.Totals.UniquePersons)
		for _, b := range []Counts{f.Totals.ByCountry, f.Totals.AttendancesByCountry, f.Totals.ByGender} {
			for k, c := range b {
				check(k, c)
			}
		}
	})
}

func eventWith(came ...int) *Figures {
	return world{came: [][]int{came}, repeats: make([]int, len(came))}.figures()
}

func TestSuppressionHidesAsLittleAsItMay(t *testing.T) {
	few, hidden := Count{Hidden: Few}, Count{Hidden: Withheld}
	n := func(v int) Count { return Count{N: v} }
	for _, c := range []struct {
		name string
		came []int
		want Counts
	}{
		{"none is small", []int{20, 10, 0}, Counts{"0": n(20), "1": n(10)}},
		{"two small ones", []int{20, 10, 3, 2}, Counts{"0": n(20), "1": n(10), "2": few, "3": few}},
		{"one small one takes the next along", []int{20, 10, 3}, Counts{"0": n(20), "1": hidden, "2": hidden}},
		{"four each would follow from the sum", []int{4, 4, 4, 4, 4, 4}, Counts{"0": hidden, "1": hidden, "2": hidden, "3": hidden, "4": hidden, "5": hidden}},
		{"one of each: two values are too few", []int{20, 1, 1}, Counts{"0": hidden, "1": hidden, "2": hidden}},
		{"all in one category", []int{7, 0}, Counts{"0": n(7)}},
	} {
		if diff := cmp.Diff(c.want, eventWith(c.came...).Suppress(5).Events[0].ByCountry); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestASmallNumberOfAnEventIsNotTheDifferenceOfATotal(t *testing.T) {
	w := world{came: [][]int{{10, 2}, {9, 8}}, repeats: []int{0, 0}}
	f := w.figures().Suppress(5)
	for i, e := range f.Events {
		for k, c := range e.ByCountry {
			if c.Hidden == Shown {
				t.Errorf("event %d: %s is shown as %d, and the total of it too", i, k, c.N)
			}
		}
	}
	if f.Totals.ByCountry["1"].N != 10 {
		t.Errorf("the total is hidden though the other event's number can be: %+v", f.Totals)
	}
}

func TestASmallEventIsNotTheDifferenceOfTheAttendances(t *testing.T) {
	w := world{came: [][]int{{3, 0}, {20, 10}, {6, 7}}, repeats: []int{0, 0}}
	f := w.figures()
	f.Indicators = []Indicator{{Key: Attendances, Value: Count{N: 46}, Target: 50}, {Key: Certificates, Value: Count{N: 3}, Target: 5}}
	f = f.Suppress(5)
	got := []Count{f.Events[0].Came, f.Events[1].Came, f.Events[2].Came, f.Totals.Attendances, f.Events[0].HalfDays, f.Events[2].Completed}
	hidden := Count{Hidden: Withheld}
	if diff := cmp.Diff([]Count{hidden, {N: 30}, hidden, {N: 46}, hidden, hidden}, got); diff != "" {
		t.Error(diff)
	}
	if len(f.Events[2].ByCountry) != 0 || !slices.Contains(f.Events[2].Withheld, "came_by_country") {
		t.Errorf("the breakdown adds up to the hidden number: %+v", f.Events[2])
	}
	if diff := cmp.Diff([]Indicator{{Key: Attendances, Value: Count{N: 46}, Target: 50}, {Key: Certificates, Value: Count{Hidden: Few}, Target: 5}}, f.Indicators); diff != "" {
		t.Error(diff)
	}
}

func TestSuppressionLeavesTheOriginalAlone(t *testing.T) {
	f := eventWith(20, 10, 3)
	want := shownOf(f)
	f.Suppress(5)
	if got := shownOf(f); got != want {
		t.Error(cmp.Diff(want, got))
	}
}

func BenchmarkSuppress(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	w := world{repeats: make([]int, 12)}
	for range 60 {
		var row []int
		for range 12 {
			row = append(row, r.IntN(9))
		}
		w.came = append(w.came, row)
	}
	f := w.figures()
	for b.Loop() {
		f.Suppress(5)
	}
}
