package locale_test

import (
	"testing"
	"time"

	"attesta/app/locale"
)

// BenchmarkWords measures what a page asks most often for.
func BenchmarkWords(b *testing.B) {
	c := catalogue(b)
	p := c.Printer("cnr")
	day := time.Date(2025, 10, 14, 9, 0, 0, 0, time.UTC)
	for name, say := range map[string]func() string{
		"plain":     func() string { return p.T("form.required") },
		"parameter": func() string { return p.T("form.too_long", "Max", 3) },
		"plural":    func() string { return p.N("form.invalid", 3) },
		"date":      func() string { return p.Date(day) },
		"number":    func() string { return p.Number(1234567) },
		"city":      func() string { return p.City("Belgrade") },
		"key":       func() string { return locale.ASCIIKey("Ђорђе Ђукановић") },
		"sound":     func() string { return locale.SoundKey("Ђорђе Ђукановић") },
		"match":     func() string { return string(c.Match("cnr-ME,sr;q=0.5,en;q=0.1")) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				say()
			}
		})
	}
}
