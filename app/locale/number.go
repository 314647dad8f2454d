package locale

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Number returns an integer or a float with the locale's separators; a float keeps the digits it needs. Anything
// else is returned as fmt prints it.
func (p *Printer) Number(v any) string {
	switch v := v.(type) {
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64:
		return p.format.number(fmt.Sprint(v))
	case float32:
		return p.format.number(strconv.FormatFloat(float64(v), 'f', -1, 32))
	case float64:
		return p.format.number(strconv.FormatFloat(v, 'f', -1, 64))
	}
	return fmt.Sprint(v)
}

// Decimal returns v rounded to digits decimals, halves away from zero.
func (p *Printer) Decimal(v float64, digits int) string {
	return p.format.number(rounded(v, digits))
}

// Percent returns the share v of one (0.873) as a percentage with digits decimals: "87,3 %".
func (p *Printer) Percent(v float64, digits int) string {
	return p.format.fill("percent", "N", p.format.number(rounded(v*100, digits)))
}

// rounded rounds the decimal number a reader sees: 2.675, which is a little less in binary, is 2.68.
func rounded(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return strconv.FormatFloat(v, 'f', digits, 64)
	}
	shift := math.Pow10(digits)
	if scaled, err := strconv.ParseFloat(strconv.FormatFloat(v*shift, 'g', 15, 64), 64); err == nil {
		v = math.Round(scaled) / shift
	}
	if v == 0 {
		v = 0 // no minus before a zero
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}

// number puts separators into figures such as -1234567.5.
func (f *format) number(figures string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(figures, "-"); ok {
		sign, figures = f.minus, rest
	}
	whole, fraction, _ := strings.Cut(figures, ".")
	if strings.Trim(whole, "0123456789") != "" {
		return sign + figures // NaN, Inf
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 && len(whole) >= f.groupFrom {
			b.WriteString(f.group)
		}
		b.WriteRune(r)
	}
	if fraction != "" {
		b.WriteString(f.decimal + fraction)
	}
	return b.String()
}
