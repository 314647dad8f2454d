package roster

import "fmt"

// typeOrder is the order in which the words of an institution's name decide its type: what an organisation is comes
// before what it deals with. An association of prosecutors is no prosecutor's office, a police academy teaches.
var typeOrder = []string{
	"embassy_donor", "international", "cso", "academia", "media", "prosecution", "court", "police", "reception", "cso_topics", "other",
}

type typeStems struct {
	code  string
	stems []stem
}

func addTypes(lists map[string][]string, types map[string]*typeStems) error {
	for name, list := range lists {
		known := false
		for _, code := range typeOrder {
			known = known || code == name
		}
		if !known {
			return fmt.Errorf("institution: %q is no type", name)
		}
		if types[name] == nil {
			code := name
			if name == "cso_topics" {
				code = "cso"
			}
			types[name] = &typeStems{code: code}
		}
		for _, p := range list {
			types[name].stems = append(types[name].stems, newStem(p))
		}
	}
	return nil
}

// TypeOf returns the type of an institution by the words of its name, and "" if they don't tell. It never knows a name:
// only words that mean the same in every name.
func (v *Vocabulary) TypeOf(institution string) string {
	words := tokens(institution)
	found := map[string]bool{}
	first := ""
	for _, t := range v.types {
		for _, s := range t.stems {
			if s.in(words) {
				if first == "" {
					first = t.code
				}
				found[t.code] = true
				break
			}
		}
	}
	if found["prosecution"] && found["court"] && first == "prosecution" {
		return v.prosecutionFirst(words) // the prosecution at a court; a council of judges and prosecutors is neither
	}
	if first == "cso" && found["other"] && !v.strongCSO(words) {
		return "other" // a ministry of human rights is no association
	}
	return first
}

func (v *Vocabulary) strongCSO(words []string) bool {
	for _, t := range v.types {
		if t.code != "cso" {
			continue
		}
		for _, s := range t.stems {
			if s.in(words) {
				return true
			}
		}
		return false // the first entry of cso is what an organisation is, the second what it deals with
	}
	return false
}

// prosecutionFirst tells a prosecutor's office that is named after its court from what is named after a court first.
func (v *Vocabulary) prosecutionFirst(words []string) string {
	place := map[string]int{}
	for _, t := range v.types {
		for n := len(words); n > 0 && (t.code == "prosecution" || t.code == "court"); n-- {
			for _, s := range t.stems {
				if s.in(words[:n]) {
					place[t.code] = n
				}
			}
		}
	}
	if place["prosecution"] < place["court"] {
		return "prosecution"
	}
	return ""
}
