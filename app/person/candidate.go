package person

import (
	"cmp"
	"slices"
	"strings"
)

// crowd is how many may share a key and still all be compared with each other. In a greater crowd, a name like
// "Ana" alone or the mailbox of an office, only those are who share a second key.
const crowd = 40

// candidates returns the pairs that share a key, each once, the lower id first.
func candidates(people []*profile) [][2]*profile {
	index := map[string][]*profile{}
	for _, p := range people {
		for _, key := range p.keys() {
			index[key] = append(index[key], p)
		}
	}
	seen := map[[2]*profile]bool{}
	var out [][2]*profile
	pairUp := func(all []*profile) {
		for i, a := range all {
			for _, b := range all[i+1:] {
				if k := [2]*profile{a, b}; a != b && !seen[k] {
					seen[k] = true
					out = append(out, k)
				}
			}
		}
	}
	for _, all := range index {
		if len(all) <= crowd {
			pairUp(all)
			continue
		}
		for _, some := range split(all) {
			pairUp(some[:min(len(some), crowd)])
		}
	}
	slices.SortFunc(out, func(x, y [2]*profile) int {
		return cmp.Or(cmp.Compare(x[0].id, y[0].id), cmp.Compare(x[1].id, y[1].id))
	})
	return out
}

// split divides a crowd into those who share an address, a phone or a workplace and a name.
func split(all []*profile) map[string][]*profile {
	parts := map[string][]*profile{}
	for _, p := range all {
		var second []string
		for _, n := range p.names {
			for _, w := range p.institutions {
				add(&second, "w"+n.sound+"\x00"+w.key)
			}
			for _, e := range p.emails {
				add(&second, "e"+n.sound+"\x00"+e)
			}
			for _, f := range p.phones {
				add(&second, "p"+n.sound+"\x00"+f)
			}
		}
		for _, key := range second {
			parts[key] = append(parts[key], p)
		}
	}
	return parts
}

// keys are what two profiles must have one of in common to be compared at all: a sound, an address, a phone, or two
// parts of a name one of which may lack a letter.
func (p *profile) keys() []string {
	var out []string
	for _, e := range p.emails {
		add(&out, "e"+e)
	}
	for _, f := range p.phones {
		add(&out, "p"+f)
	}
	for _, n := range p.names {
		add(&out, "s"+n.sound)
		add(&out, "a"+n.ascii)
		for i, kept := range n.parts {
			for j, changed := range n.parts {
				if i == j {
					continue
				}
				for _, d := range shortened(changed) {
					out = append(out, "f"+kept+"\x00"+d)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// shortened returns a word and, of one with four letters or more, all that are left when one letter is taken out. Two
// words that differ by a letter, or by two swapped ones, have one of these in common.
func shortened(word string) []string {
	out := []string{word}
	runes := []rune(word)
	if len(runes) < 4 {
		return out
	}
	var b strings.Builder
	for i := range runes {
		b.Reset()
		b.WriteString(string(runes[:i]))
		b.WriteString(string(runes[i+1:]))
		out = append(out, b.String())
	}
	return out
}
