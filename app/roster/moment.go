package roster

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

type momentKind int

const (
	dayWord momentKind = iota
	halfWord
	partWord
	ordinalWord
	monthWord
	weekdayWord
	presenceWord
	fillWord
)

type momentWord struct {
	kind momentKind
	n    int
}

// moment is what a heading says about when: a date, the number of a day, which half of it, which in a sequence.
type moment struct {
	year, month, day int // 0 if not said
	number           int // "Day 2"
	weekday          int // 1 Monday
	half             int // 1 before noon, 2 after
	seq              int // a number without a word for what it counts
	presence         bool
	counted          bool // a word like "session" with its number
	unknown          int  // words that belong to no moment
}

func (m moment) dated() bool { return m.month > 0 || m.number > 0 || m.weekday > 0 }

// is tells whether a heading is about attendance at all.
func (m moment) is() bool {
	if m.unknown > 1 || m.unknown == 1 && !m.dated() && m.half == 0 {
		return false
	}
	return m.dated() || m.half > 0 || m.presence || m.counted
}

var (
	isoDate    = regexp.MustCompile(`\b(\d{4})-(\d{1,2})-(\d{1,2})\b`)
	dateRange  = regexp.MustCompile(`\b\d{1,2}(\s*\.\s*\d{1,2})?\s*\.?\s*[-–—]\s*\d{1,2}\s*[./]\s*\d{1,2}\b\.?(\s*\d{4}\.?)?`)
	datesLong  = regexp.MustCompile(`\b(\d{1,2})\s*[./-]\s*(\d{1,2})\s*[./-]\s*(\d{4})\b\.?`)
	datesYear  = regexp.MustCompile(`\b(\d{1,2})[./-](\d{1,2})[./-](\d{2})\b\.?`)
	datesShort = regexp.MustCompile(`\b(\d{1,2})\s*[./]\s*(\d{1,2})\b\.?`)
	datesRoman = regexp.MustCompile(`\b(\d{1,2})\.\s?(i{1,3}|iv|v|vi{1,3}|ix|x|xi|xii)\b\.?`)
	clockTime  = regexp.MustCompile(`\b(\d{1,2}):(\d{2})(?:\s*h)?(?:\s*[-–—]\s*(\d{1,2}):\d{2}(?:\s*h)?)?`)
	dottedTime = regexp.MustCompile(`\b(\d{1,2})\.(\d{2})(?:\s*h)?\s*[-–—]\s*(\d{1,2})\.\d{2}(?:\s*h)?`)
	hourRange  = regexp.MustCompile(`\b(\d{1,2})()\s*[-–—]\s*(\d{1,2})\s*h?\b`)
	romans     = []string{"", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"}
)

// moment reads a heading. The event decides between 5.11. and 11/5, when only one of them is a day of it.
func (v *Vocabulary) moment(heading string, e Event) moment {
	var m moment
	s := strings.ToLower(oneLine(heading))
	if len(s) > 120 {
		return moment{unknown: 9}
	}
	s = m.takeTime(s, clockTime)
	if g := dateRange.FindStringIndex(s); g != nil && !dottedTime.MatchString(s) {
		m.presence = true // several days: the day is not said
		s = s[:g[0]] + " " + s[g[1]:]
	}
	s = m.takeDate(s, e)
	var other moment
	if rest := other.takeDate(s, e); m.month > 0 && other.month > 0 {
		s = rest
		if other.month != m.month || other.day != m.day {
			m.month, m.day, m.presence = 0, 0, true // from one day to another
		}
	}
	s = m.takeTime(s, dottedTime)
	if m.dated() || strings.IndexFunc(s, unicode.IsLetter) >= 0 {
		s = m.takeTime(s, hourRange)
	}
	m.words(v, tokens(s))
	return m
}

func (m *moment) takeDate(s string, e Event) string {
	if g := isoDate.FindStringSubmatchIndex(s); g != nil {
		if m.setDate(s[g[2]:g[3]], s[g[4]:g[5]], s[g[6]:g[7]]) {
			return s[:g[0]] + " " + s[g[1]:]
		}
	}
	for _, re := range []*regexp.Regexp{datesLong, datesYear, datesShort} {
		for _, g := range re.FindAllStringSubmatchIndex(s, -1) {
			a, b, year := s[g[2]:g[3]], s[g[4]:g[5]], ""
			if len(g) > 6 {
				year = s[g[6]:g[7]]
			}
			day, swapped := moment{}, moment{}
			ok, alt := day.setDate(year, b, a), swapped.setDate(year, a, b)
			if alt && swapped.inEvent(e) && (!ok || !day.inEvent(e)) {
				day, ok = swapped, true
			}
			if ok {
				m.year, m.month, m.day = day.year, day.month, day.day
				return s[:g[0]] + " " + s[g[1]:]
			}
		}
	}
	if g := datesRoman.FindStringSubmatchIndex(s); g != nil {
		day := moment{}
		if day.setDate("", strconv.Itoa(slices.Index(romans, s[g[4]:g[5]])), s[g[2]:g[3]]) && day.inEvent(e) {
			m.month, m.day = day.month, day.day
			return s[:g[0]] + " " + s[g[1]:]
		}
	}
	return s
}

func (m *moment) setDate(year, month, day string) bool {
	y, _ := strconv.Atoi(year)
	mo, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if y > 0 && y < 100 {
		y += 2000
	}
	if mo < 1 || mo > 12 || d < 1 || d > 31 || len(year) > 0 && (y < 1990 || y > 2100) {
		return false
	}
	m.year, m.month, m.day = y, mo, d
	return true
}

// takeTime reads a time of day or a range of times for the half that it begins in. A range over most of a day is both.
func (m *moment) takeTime(s string, re *regexp.Regexp) string {
	g := re.FindStringSubmatchIndex(s)
	if g == nil {
		return s
	}
	from, _ := strconv.Atoi(s[g[2]:g[3]])
	minute, _ := strconv.Atoi(s[g[4]:g[5]])
	to := 0
	if g[6] >= 0 {
		to, _ = strconv.Atoi(s[g[6]:g[7]])
	}
	if from < 7 || from > 21 || minute > 59 || to > 24 || to != 0 && to <= from {
		return s
	}
	switch {
	case from < 12 && to >= 15:
	case from < 12:
		m.half = 1
	default:
		m.half = 2
	}
	return s[:g[0]] + " " + s[g[1]:]
}

// words reads what is left of a heading after the date. A number beside the word for day is its number; one beside a
// month is a date; one beside "part" or behind a date is the half of the day.
func (m *moment) words(v *Vocabulary, words []string) {
	var numbers []int // not yet used
	last := momentKind(-1)
	for i := 0; i < len(words); {
		if isNumber(words[i]) {
			n, _ := strconv.Atoi(words[i])
			switch {
			case last == dayWord && (m.number < 1 || m.number == n) && n >= 1 && n <= 31:
				m.number = n
			case last == partWord && m.half == 0 && m.seq == 0:
				m.seq, m.counted = n, true
			case last == monthWord && m.day == 0 && n <= 31:
				m.day = n
			case n >= 1990 && n <= 2100:
				m.year = n
			default:
				numbers = append(numbers, n)
			}
			last, i = -1, i+1
			continue
		}
		meanings, n := v.moments.at(words, i)
		if n == 0 {
			m.unknown++
			last, i = -1, i+1
			continue
		}
		w := choose(meanings, words, i+n, numbers)
		numbers = m.word(w, numbers)
		if w.kind != fillWord {
			last = w.kind
		}
		i += n
	}
	m.leftOver(numbers)
}

// choose picks the meaning of a word that has several: "p" and "d" count only before a number, "i" and "ii" are numbers
// beside a day, "mart" is a month beside a number.
func choose(meanings []momentWord, words []string, next int, numbers []int) momentWord {
	w := meanings[0]
	before := len(numbers) > 0
	after := next < len(words) && isNumber(words[next])
	for _, x := range meanings {
		if x.kind == monthWord && (before || after) {
			return x
		}
		if x.kind == ordinalWord && w.kind == fillWord || x.kind == presenceWord && w.kind == partWord && !after {
			w = x
		}
	}
	return w
}

func (m *moment) word(w momentWord, numbers []int) []int {
	take := func() int {
		if len(numbers) == 0 {
			return 0
		}
		n := numbers[len(numbers)-1]
		numbers = numbers[:len(numbers)-1]
		return n
	}
	switch w.kind {
	case dayWord:
		if m.number == 0 {
			m.number = take()
		}
		if m.number == 0 {
			m.presence = m.presence || len(numbers) == 0
			m.number = -1 // a day, its number may follow
		}
	case halfWord:
		m.half = w.n
	case partWord:
		if m.seq == 0 && m.number > 0 {
			m.seq = take()
		}
		m.counted = m.counted || m.seq > 0
	case ordinalWord:
		numbers = append(numbers, w.n)
		if m.number == -1 {
			m.number = take()
		}
	case monthWord:
		m.month = w.n
		if m.day == 0 {
			m.day = take()
		}
	case weekdayWord:
		m.weekday = w.n
	case presenceWord:
		m.presence = true
	}
	return numbers
}

func (m *moment) leftOver(numbers []int) {
	if m.month > 0 && m.day == 0 {
		m.month = 0
	}
	if m.number == -1 {
		m.number = 0
		if len(numbers) > 0 {
			m.number, numbers = numbers[0], numbers[1:]
		}
	}
	for _, n := range numbers {
		switch {
		case m.half == 0 && m.seq == 0:
			m.seq = n
		case m.half > 0 && !m.dated() && m.number == 0:
			m.number = n
		default:
			m.unknown++
		}
	}
	if m.dated() && m.seq > 2 && !m.counted {
		m.unknown += 2 // "14. i 15.11." is two days
	}
	if m.dated() && m.half == 0 && (m.seq == 1 || m.seq == 2) {
		m.half, m.seq = m.seq, 0
	}
}

func (m moment) inEvent(e Event) bool {
	_, ok := m.dayOf(e)
	return ok
}

// dayOf returns which day of the event, from 0, a date or a weekday is.
func (m moment) dayOf(e Event) (int, bool) {
	if e.Starts.IsZero() {
		return 0, false
	}
	start := time.Date(e.Starts.Year(), e.Starts.Month(), e.Starts.Day(), 0, 0, 0, 0, time.UTC)
	var hits []int
	for d := range max(e.Days, 1) {
		t := start.AddDate(0, 0, d)
		switch {
		case m.month > 0:
			if int(t.Month()) == m.month && t.Day() == m.day && (m.year == 0 || m.year == t.Year()) {
				hits = append(hits, d)
			}
		case m.weekday > 0:
			if (int(t.Weekday())+6)%7+1 == m.weekday {
				hits = append(hits, d)
			}
		}
	}
	if len(hits) != 1 {
		return 0, false
	}
	return hits[0], true
}
