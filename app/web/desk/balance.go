package desk

import (
	"cmp"
	"slices"

	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
)

// Balance is how the approved people are spread over one quality.
type Balance struct {
	Facet   string // country, gender or type
	Caption string
	Bars    []Bar
	Total   int
}

// Bar is one value of it.
type Bar struct {
	Value, Label string
	N            int
	Count        string // N as the reader writes it
	Width        int    // of the bar, in per cent of the longest
	Share        string
}

// balances spreads the approved people over countries, kinds of institution and sexes. Countries stand in the
// alphabetical order of the reader.
func balances(p *locale.Printer, list []registration.Registration) []Balance {
	country, kind, sex := map[string]int{}, map[string]int{}, map[string]int{}
	total := 0
	for _, r := range list {
		if r.Status != registration.Approved && r.Status != registration.Submitted && r.Status != registration.Waitlisted {
			continue
		}
		n := 0
		if r.Status == registration.Approved {
			n = 1
			total++
		}
		country[r.Country] += n
		kind[string(r.InstitutionType)] += n
		sex[string(r.Gender)] += n
	}
	return []Balance{
		{"country", p.T("common.country"), bars(p, total, country, countryBars(p, country)), total},
		{"type", p.T("common.institution_type"), bars(p, total, kind, typeBars(p, kind)), total},
		{"gender", p.T("common.sex"), bars(p, total, sex, sexBars(p, sex)), total},
	}
}

func bars(p *locale.Printer, total int, counts map[string]int, list []Bar) []Bar {
	longest := 1
	for _, n := range counts {
		longest = max(longest, n)
	}
	for i := range list {
		b := &list[i]
		b.N = counts[b.Value]
		b.Count = p.Number(b.N)
		b.Width = 100 * b.N / longest
		if total > 0 {
			b.Share = p.Percent(float64(b.N)/float64(total), 0)
		}
	}
	return list
}

func countryBars(p *locale.Printer, counts map[string]int) []Bar {
	var list []Bar
	for code := range counts {
		label := p.Country(code)
		if code == "" {
			label = p.T("desk.not_stated")
		}
		list = append(list, Bar{Value: code, Label: label})
	}
	compare := p.Compare()
	slices.SortFunc(list, func(a, b Bar) int {
		return cmp.Or(cmp.Compare(bare(a.Value), bare(b.Value)), compare(a.Label, b.Label))
	})
	return list
}

// bare puts what isn't stated last.
func bare(v string) int {
	if v == "" {
		return 1
	}
	return 0
}

func typeBars(p *locale.Printer, counts map[string]int) []Bar {
	var list []Bar
	for _, t := range append(slices.Clone(person.InstitutionTypes), person.UnknownType) {
		if _, ok := counts[string(t)]; ok {
			list = append(list, Bar{Value: string(t), Label: p.T(typeKey(t))})
		}
	}
	return list
}

func sexBars(p *locale.Printer, counts map[string]int) []Bar {
	words := map[person.Gender]string{person.Female: "gender.women", person.Male: "gender.men", person.Other: "gender.other", person.NotStated: "desk.not_stated"}
	var list []Bar
	for _, g := range person.Genders {
		if _, ok := counts[string(g)]; ok {
			list = append(list, Bar{Value: string(g), Label: p.T(words[g])})
		}
	}
	return list
}
