package roster

import (
	"strings"
)

// CountryOf returns the code of the country that text names, in any language, an old name or a code. decided is false
// for a name of several countries of today; code is "" too for what is no country at all.
func (v *Vocabulary) CountryOf(text string) (code string, decided bool) {
	text = oneLine(text)
	if code := ofFlag(text); code != "" {
		return code, true
	}
	if code, ok := v.countries[folded(text)]; ok {
		return code, code != ""
	}
	outer, inner := text, ""
	if i := strings.IndexByte(text, '('); i >= 0 {
		outer = text[:i]
		inner, _, _ = strings.Cut(text[i+1:], ")")
	}
	code, ok := v.countries[folded(outer)]
	if ok && inner != "" {
		if c, ok := v.countries[folded(inner)]; ok && c != code {
			return "", false
		}
		return code, code != ""
	}
	return v.countryOfParts(text)
}

// countryOfParts reads "Beograd, Srbija" and "Srbija / Serbia": all parts that are countries must be one.
func (v *Vocabulary) countryOfParts(text string) (string, bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",/|;–\n", r) })
	if len(parts) < 2 || len(parts) > 4 {
		return "", true
	}
	found := ""
	for _, p := range parts {
		c, ok := v.countries[folded(p)]
		if !ok {
			continue
		}
		if c == "" || found != "" && found != c {
			return "", false
		}
		found = c
	}
	return found, true
}

// ofFlag reads the two signs of a flag as the letters that they are.
func ofFlag(s string) string {
	const a, z = 0x1f1e6, 0x1f1ff
	r := []rune(s)
	if len(r) != 2 || r[0] < a || r[0] > z || r[1] < a || r[1] > z {
		return ""
	}
	return string([]rune{'A' + r[0] - a, 'A' + r[1] - a})
}

// ambiguousHere tells of a code that means something else where the list comes from: RS is Republika Srpska in
// Bosnia and Herzegovina, and Serbia in the world.
func ambiguousHere(text string, e Event) bool {
	return e.Country == "BA" && folded(text) == "rs"
}
