package locale_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/locale"
)

// TestFormatsAgreeWithIntl compares with golden.json, which make_golden.mjs beside it writes.
func TestFormatsAgreeWithIntl(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Days    []time.Time
		Numbers []float64
		Shares  []float64
		Lists   [][]string
		Golden  map[locale.Code]map[string][]string
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	c := catalogue(t)
	if len(file.Golden) != len(all) {
		t.Fatalf("golden file has %d locales", len(file.Golden))
	}
	for code, want := range file.Golden {
		p := c.Printer(code)
		got := map[string][]string{}
		for _, d := range file.Days {
			got["date"] = append(got["date"], p.Date(d))
			got["date_full"] = append(got["date_full"], p.DateFull(d))
			got["month_year"] = append(got["month_year"], p.MonthYear(d))
			got["weekday"] = append(got["weekday"], p.Weekday(d))
			got["time"] = append(got["time"], p.Time(d))
		}
		for _, n := range file.Numbers {
			got["number"] = append(got["number"], p.Number(n))
			got["decimal"] = append(got["decimal"], p.Decimal(n, 1))
		}
		for _, n := range file.Shares {
			got["percent"] = append(got["percent"], p.Percent(n, 1))
		}
		for _, l := range file.Lists {
			got["list"] = append(got["list"], p.List(l))
			got["list_or"] = append(got["list_or"], p.ListOr(l))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
	}
}

func formats(t *testing.T) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	for _, r := range readCSV(t, "formats.csv") {
		out[r["key"]] = r
	}
	return out
}

func TestFormatsAgreeWithTheExamplesOfEachLanguage(t *testing.T) {
	at := func(y, m, d, h, min int) time.Time { return time.Date(y, time.Month(m), d, h, min, 0, 0, time.UTC) }
	oct14 := at(2025, 10, 14, 9, 0)
	c := catalogue(t)
	examples := formats(t)
	for _, code := range all {
		p := c.Printer(code)
		for key, got := range map[string]string{
			"date_long_example":      p.Date(oct14),
			"date_full_example":      p.DateFull(oct14),
			"date_numeric_example":   p.DateNumeric(at(2025, 10, 4, 0, 0)),
			"date_range_same_month":  p.DateRange(oct14, at(2025, 10, 16, 12, 0)),
			"date_range_cross_month": p.DateRange(at(2025, 10, 30, 0, 0), at(2025, 11, 2, 0, 0)),
			"date_range_cross_year":  p.DateRange(at(2025, 12, 30, 0, 0), at(2026, 1, 2, 0, 0)),
			"month_year_example":     p.MonthYear(oct14),
			"time_example":           p.Time(at(2025, 1, 1, 14, 30)),
			"time_range_example":     p.TimeRange(oct14, at(2025, 10, 14, 16, 30)),
			"datetime_example":       p.DateTime(oct14),
			"deadline_example":       p.Deadline(at(2025, 10, 14, 17, 0)),
			"number_example":         p.Number(1234567.5),
			"percent_example":        p.Percent(0.873, 1),
			"list_two":               p.List([]string{"A", "B"}),
			"list_three":             p.List([]string{"A", "B", "C"}),
			"list_or":                p.ListOr([]string{"A", "B", "C"}),
			"quotes":                 p.Quote("…"),
			"endonym":                p.Name(code),
		} {
			if want := examples[key][string(code)]; got != want {
				t.Errorf("%s %s: %q, want %q", code, key, got, want)
			}
		}
		if got := p.DateRange(oct14, oct14.Add(time.Hour)); got != p.Date(oct14) {
			t.Errorf("%s: a range of one day is %q", code, got)
		}
	}
}

func TestNamesOfMonthsAndDaysAreThoseOfEachLanguage(t *testing.T) {
	c := catalogue(t)
	rows := formats(t)
	for _, code := range all {
		p := c.Printer(code)
		for i, want := range strings.Split(rows["months_nominative"][string(code)], "|") {
			if got := p.MonthYear(time.Date(2026, time.Month(i+1), 1, 0, 0, 0, 0, time.UTC)); !strings.HasPrefix(got, want+" ") {
				t.Errorf("%s month %d: %q, want %q", code, i+1, got, want)
			}
		}
		for i, want := range strings.Split(rows["months_in_dates"][string(code)], "|") {
			if got := p.Date(time.Date(2026, time.Month(i+1), 9, 0, 0, 0, 0, time.UTC)); !strings.Contains(got, " "+want+" ") {
				t.Errorf("%s month %d in a date: %q, want %q", code, i+1, got, want)
			}
		}
		for i, want := range strings.Split(rows["weekdays"][string(code)], "|") {
			if got := p.Weekday(time.Date(2026, 6, i+1, 0, 0, 0, 0, time.UTC)); got != want {
				t.Errorf("%s day %d: %q, want %q", code, i+1, got, want)
			}
		}
	}
}

func TestPluralFormsAgreeWithTheTestVectorOfEachLanguage(t *testing.T) {
	c := withTeams(t)
	vector := formats(t)["plural_test_vector"]
	for _, code := range all {
		p := c.Printer(code)
		for _, group := range strings.Fields(vector[string(code)]) {
			numbers, form, _ := strings.Cut(group, "=")
			for _, n := range strings.Split(numbers, ",") {
				want := strings.ReplaceAll(teams[code][form], "{{.N}}", n)
				if got := p.N("x.team", atoi(t, n)); got != want {
					t.Errorf("%s %s: %q, want %q (%s)", code, n, got, want, form)
				}
			}
		}
	}
}

func TestDaysAndHoursAreThoseOfTheGivenZone(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Belgrade")
	if err != nil {
		t.Fatal(err)
	}
	late := time.Date(2025, 10, 14, 22, 30, 0, 0, time.UTC)
	p := catalogue(t).Printer("en")
	if got, want := p.DateTime(late.In(zone)), "15 October 2025 at 00:30"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestDecimalsAreRoundedAsReadersDo(t *testing.T) {
	p := catalogue(t).Printer("en")
	for _, row := range []struct {
		v      float64
		digits int
		want   string
	}{{1.005, 2, "1.01"}, {2.675, 2, "2.68"}, {0.125, 2, "0.13"}, {-0.04, 1, "0.0"}, {1234.5, 0, "1,235"}, {0.615 * 100, 0, "62"}, {1e15, 0, "1,000,000,000,000,000"}} {
		if got := p.Decimal(row.v, row.digits); got != row.want {
			t.Errorf("Decimal(%v, %d) = %q, want %q", row.v, row.digits, got, row.want)
		}
	}
	if got := p.Percent(0.5, 0); got != "50%" {
		t.Errorf("%q", got)
	}
	if got := p.Number(uint16(65535)); got != "65,535" {
		t.Errorf("%q", got)
	}
}
