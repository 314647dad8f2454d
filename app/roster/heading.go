package roster

import (
	"strings"
)

// reading is what a heading was taken for.
type reading struct {
	field      Field
	confidence float64
	note       string
	words      int // of the phrase that decided
}

// Message keys of what is unusual about a column.
const (
	noteMisspelt = "roster.column_misspelt"
	notePart     = "roster.column_part"
	noteContent  = "roster.column_content"
	noteMapped   = "roster.column_mapped"
)

// heading reads one heading, in one language or several side by side ("Institucioni / Institucija").
func (v *Vocabulary) heading(text string) reading {
	text = oneLine(text)
	if text == "" {
		return reading{}
	}
	all := tokens(text)
	if len(all) == 0 {
		if strings.TrimSpace(text) == "#" {
			return reading{field: Number, confidence: 1}
		}
		return reading{}
	}
	if r, ok := v.whole(all); ok {
		return r
	}
	if len(all) > longHeading {
		return v.contained(all)
	}
	if r := v.parts(text); r.field != "" {
		return r
	}
	if r := v.misspelt(all); r.field != "" {
		return r
	}
	return v.contained(all)
}

// longHeading is the number of words from which a heading is a question, not a name.
const longHeading = 14

// sure tells whether a text is a heading and nothing else.
func (v *Vocabulary) sure(text string) bool {
	if _, ok := v.whole(tokens(text)); ok {
		return true
	}
	return strings.ContainsAny(text, "/|(\n,") && v.parts(text).confidence == 1
}

func (v *Vocabulary) whole(words []string) (reading, bool) {
	f, ok := v.headings.by[strings.Join(words, " ")]
	if !ok {
		return reading{}, false
	}
	return reading{field: best(f), confidence: 1, words: len(words)}, true
}

// best picks among the fields that a phrase has in different languages; the most useful comes first.
func best(f []Field) Field {
	rank := []Field{
		GivenFamily, FamilyGiven, Email, Given, Family, Name, Institution, Gender, Phone, Country, InstitutionType, Position,
		Number, Submitted, Language, Title, Parent, Contact, Consent, Attendance, Other,
	}
	for _, r := range rank {
		for _, x := range f {
			if x == r {
				return r
			}
		}
	}
	return ""
}

// parts reads what stands between slashes, brackets and line breaks each for itself. Family and given name side by
// side are a full name in that order.
func (v *Vocabulary) parts(text string) reading {
	cut := func(r rune) bool { return strings.ContainsRune("/|()[]\n;,:–—&+", r) }
	var found []reading
	unknown := 0
	for _, p := range strings.FieldsFunc(strings.ReplaceAll(text, " - ", " – "), cut) {
		t := tokens(p)
		if len(t) == 0 {
			continue
		}
		r, ok := v.whole(t)
		if !ok {
			unknown++
			continue
		}
		found = append(found, r)
	}
	if len(found) == 0 {
		return reading{}
	}
	first := found[0]
	for _, r := range found[1:] {
		switch {
		case first.field == Given && r.field == Family:
			first.field = GivenFamily
		case first.field == Family && r.field == Given:
			first.field = FamilyGiven
		case first.field == Phone && r.field == Email || first.field == Email && r.field == Phone:
			first.field = Contact
		case rankOf(r.field) < rankOf(first.field) && (first.field == Other || first.field == Number || first.field == Attendance || first.field == Name):
			first = r
		}
	}
	if unknown > 0 {
		first.confidence, first.note = 0.9, notePart
	}
	return first
}

func rankOf(f Field) int {
	switch f {
	case Other, Attendance, Number:
		return 2
	case Name:
		return 1
	}
	return 0
}

// contained finds a phrase inside a longer heading: a question of a web form, mostly. What asks for consent is that and
// nothing else, whatever words it holds.
func (v *Vocabulary) contained(words []string) reading {
	var got reading
	n := min(len(words), 60)
	for i := range n {
		for k := min(v.headings.max, n-i); k > 0; k-- {
			f, ok := v.headings.by[strings.Join(words[i:i+k], " ")]
			if !ok {
				continue
			}
			field := best(f)
			for _, x := range f {
				if x == Consent && len(words) > 3 {
					return reading{field: Consent, confidence: 0.8, words: k}
				}
			}
			if k > got.words && usable(field, k, len(words)) {
				got = reading{field: field, confidence: 0.5 + 0.4*float64(k)/float64(len(words)), note: notePart, words: k}
			}
			break
		}
	}
	return got
}

// usable tells whether a phrase of k words says what a heading of n words is about. One word of many doesn't, and a
// short word like "Br" or "Tip" only when it stands nearly alone.
func usable(f Field, k, n int) bool {
	switch f {
	case Number, InstitutionType, Title, Name, Attendance, Parent, Contact:
		return k*2 >= n || k >= 3
	case Other:
		return k*3 >= n || k >= 2
	}
	return n <= 12 || k >= 2 && n <= 30
}

// misspelt allows one wrong letter in a word of six or more.
func (v *Vocabulary) misspelt(words []string) reading {
	s := strings.Join(words, " ")
	if len(s) < 6 || len(words) > 4 {
		return reading{}
	}
	found := reading{}
	for phrase, f := range v.headings.by {
		if len(phrase) < 6 || len(phrase) > len(s)+1 || !oneEdit(s, phrase) {
			continue
		}
		field := best(f)
		if found.field != "" && found.field != field {
			return reading{} // two things it could be
		}
		found = reading{field: field, confidence: 0.7, note: noteMisspelt, words: len(words)}
	}
	return found
}
