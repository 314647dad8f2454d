package roster

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// tick is how a mark of attendance was read; how says what is unusual about it.
type tick struct {
	state State
	how   string // excused, late, online, time, name, or ""
}

var signs = map[rune]State{
	'✓': Present, '✔': Present, '☑': Present, '☒': Present, '√': Present, '+': Present, '●': Present, '•': Present,
	'■': Present, '🗸': Present, '✅': Present, '🗹': Present, '×': Present, '⨯': Present, '*': Present, 'ü': Present,
	'✗': Absent, '✘': Absent, '❌': Absent, '❎': Absent, '☐': Absent, '-': Absent, '–': Absent, '—': Absent, '−': Absent,
	'/': Absent, '○': Absent, '∅': Absent, 'û': Absent, '\\': Absent, '□': Absent, '_': Absent, '‐': Absent, '‑': Absent,
	'⁄': Absent, 'ø': Absent,
}

var (
	clock     = regexp.MustCompile(`^\d{1,2}\s*([:.]\s*\d{2}|h)(\s*[h]?)(\s*[-–]\s*\d{1,2}([:.]\d{2})?\s*h?)?$`)
	wholeOne  = regexp.MustCompile(`^1([.,]0+)?$`)
	wholeZero = regexp.MustCompile(`^0([.,]0+)?$`)
)

// tick reads one mark of attendance. name is the participant's own: who wrote it into the column signed. letters tells
// that P stands for present in the list, so that A, O and M can stand for absent.
func (v *Vocabulary) tick(raw, name string, letters bool) tick {
	s := strings.TrimSpace(raw)
	if s == "" {
		return tick{state: Absent}
	}
	if t, ok := signTick(s); ok {
		return t
	}
	switch {
	case wholeOne.MatchString(s):
		return tick{state: Present}
	case wholeZero.MatchString(s):
		return tick{state: Absent}
	case clock.MatchString(s) && atWork(s):
		return tick{state: Present, how: "time"}
	}
	switch {
	case strings.Trim(s, "хХxX ") == "": // crosses in either script
		return tick{state: Present}
	case strings.HasPrefix(s, "="):
		return tick{state: Unknown}
	}
	words := tokens(s)
	key := strings.Join(words, " ")
	if letters && v.letters[key] {
		return tick{state: Absent}
	}
	if t, ok := v.ticks[key]; ok {
		return t
	}
	if sameName(words, tokens(name)) {
		return tick{state: Present, how: "name"}
	}
	return v.wordTicks(words)
}

// signTick reads marks that are signs without letters or digits, repeated or not.
func signTick(s string) (tick, bool) {
	state := State("")
	for _, r := range s {
		if r == 0xfe0f || r == 0xfe0e || unicode.IsSpace(r) {
			continue
		}
		st, ok := signs[r]
		if !ok || state != "" && st != state {
			return tick{}, false
		}
		state = st
	}
	return tick{state: state}, state != ""
}

// wordTicks reads marks of several words, "da (potpis)", "ne - bolovanje": all words must agree.
func (v *Vocabulary) wordTicks(words []string) tick {
	var found tick
	for i := 0; i < len(words); {
		if isNumber(words[i]) {
			return tick{state: Unknown}
		}
		n := min(4, len(words)-i)
		for ; n > 0; n-- {
			if t, ok := v.ticks[strings.Join(words[i:i+n], " ")]; ok {
				if found.state != "" && found.state != t.state {
					return tick{state: Unknown}
				}
				if found.how == "" || found.state == "" {
					found = tick{t.state, t.how}
				}
				break
			}
		}
		if n == 0 {
			return tick{state: Unknown}
		}
		i += n
	}
	if found.state == "" {
		return tick{state: Unknown}
	}
	return found
}

// atWork tells a time of day from a number of hours: nobody signs in at 3 h.
func atWork(s string) bool {
	hour, _, _ := strings.Cut(strings.NewReplacer(":", " ", ".", " ", "h", " ", "-", " ").Replace(s), " ")
	n, _ := strconv.Atoi(hour)
	return n >= 6 && n <= 22
}

// sameName tells a signature typed as the name or as its initials with the family name: every word of it must be a word
// of the name or the first letter of one.
func sameName(words, name []string) bool {
	if len(words) < 2 || len(name) < 2 {
		return false
	}
	whole, initials := 0, 0
	for _, w := range words {
		ok := false
		for _, n := range name {
			if w == n {
				ok = true
				whole++
				break
			}
			if len(w) <= 2 && strings.HasPrefix(n, w) {
				ok = true
			}
		}
		if !ok {
			return false
		}
		initials++
	}
	return whole > 0 || initials == len(name)
}
