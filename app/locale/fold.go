package locale

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Match says how alike two names are.
type Match string

// Levels of likeness, from the surest. Sound and Fuzzy only suggest: a human decides.
const (
	MatchExact Match = "exact" // the same letters, whatever their case and punctuation
	MatchASCII Match = "ascii" // the same once script, accents and order of the parts are taken away
	MatchSound Match = "sound" // the same once regional habits of spelling are taken away
	MatchFuzzy Match = "fuzzy" // a part more or less, or one letter; wants a second sign such as the e-mail address
	MatchNo    Match = "no"
)

// cyrillic is the union of the alphabets of the region, and the letters of wrong keyboards.
var cyrillic = func() map[rune]string {
	m := map[rune]string{
		'ѓ': "ǵ", 'ѐ': "e", 'ѕ': "dz", 'ѝ': "i", 'ќ': "ḱ",
		'й': "j", 'щ': "št", 'ъ': "a", 'ь': "", 'ы': "i", 'э': "e", 'ю': "ju", 'я': "ja", 'ё': "jo",
	}
	for r, latin := range serbian {
		m[r] = latin
	}
	return m
}()

var (
	lookalikesLatin    = []rune("aeopcxjsy")
	lookalikesCyrillic = []rune("аеорсхјѕу")
	apostrophes        = strings.NewReplacer("\u00ad", "", "’", "", "‘", "", "'", "", "`", "", "´", "", "ʼ", "")
	plainDigraphs      = strings.NewReplacer("đ", "dj", "ǵ", "gj", "ḱ", "kj", "ł", "l")
)

// Normalise returns a name for comparison on the first level: compatibility characters taken apart, lower case,
// punctuation to spaces, letters of the other script inside a word made of one.
func Normalise(s string) string {
	s = cases.Fold().String(norm.NFKC.String(apostrophes.Replace(strings.ToValidUTF8(s, "\uFFFD"))))
	s = apostrophes.Replace(norm.NFKC.String(strings.ToLower(s))) // some scripts fold to capitals
	words := strings.FieldsFunc(s, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r)
	})
	for i, w := range words {
		words[i] = oneScript(w)
	}
	return norm.NFC.String(strings.Join(words, " "))
}

// oneScript gives a word that mixes scripts the script of its majority, as far as letters look the same in both. A word
// with letters of other Cyrillic alphabets stays as it is.
func oneScript(word string) string {
	var cyr, lat int
	for _, r := range word {
		switch {
		case unicode.Is(unicode.Cyrillic, r):
			if _, ok := cyrillic[r]; !ok {
				return word
			}
			cyr++
		case r >= 'a' && r <= 'z':
			lat++
		}
	}
	if cyr == 0 || lat == 0 {
		return word
	}
	from, to := lookalikesCyrillic, lookalikesLatin
	if cyr >= lat {
		from, to = to, from
	}
	return strings.Map(func(r rune) rune {
		if i := slices.Index(from, r); i >= 0 {
			return to[i]
		}
		return r
	}, word)
}

// latin writes a normalised name in Latin letters, diacritics kept.
func latin(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		if l, ok := cyrillic[r]; ok {
			b.WriteString(l)
			continue
		}
		parts := []rune(norm.NFD.String(string(r)))
		if l, ok := cyrillic[parts[0]]; ok && len(parts) > 1 { // a letter with a mark from elsewhere: ӟ, ї
			b.WriteString(l + string(parts[1:]))
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

func stripped(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r) || unicode.Is(unicode.Me, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// ASCIIKey returns the key on which a name is the same in either script, with or without accents and in any order of
// its parts: "Ђорђе Ђукановић" and "Djukanović Đorđe" share one. Equal keys are the same name, not yet the same person.
func ASCIIKey(s string) string {
	parts := strings.Fields(Plain(s))
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// Plain returns a text in small Latin letters without marks, in its own order of words: "Ђорђе Ђукановић" becomes
// "djordje djukanovic". It is for addresses and comparisons, never for showing.
func Plain(s string) string { return stripped(plainDigraphs.Replace(latin(Normalise(s)))) }

// habits are the spellings that regional sound keys merge, applied one after the other; in each the longest first.
var (
	habits = []*strings.Replacer{
		strings.NewReplacer("dzh", "d", "dž", "d", "xh", "d", "dj", "d", "gj", "d", "đ", "d", "ǵ", "d", "dz", "d", "x", "d"),
		strings.NewReplacer("dh", "d"),
		strings.NewReplacer("th", "t"),
		strings.NewReplacer("zh", "z", "ž", "z", "ź", "z"),
		strings.NewReplacer("sch", "s", "sh", "s", "š", "s", "ś", "s"),
		strings.NewReplacer("tch", "c", "ch", "c", "č", "c", "ć", "c", "ç", "c", "q", "c", "kj", "c", "ḱ", "c", "tz", "c", "ts", "c"),
		strings.NewReplacer("lj", "l", "ll", "l"),
		strings.NewReplacer("nj", "n", "ñ", "n"),
		strings.NewReplacer("rr", "r"),
		strings.NewReplacer("ph", "f"),
		strings.NewReplacer("w", "v"),
	}
	afterY = strings.NewReplacer("y", "i", "j", "")
)

// SoundKey returns the key on which names are the same once the spelling habits of the region are taken away: "Xhemal
// Hoxha", "Џемал Хоџа" and "Djemal Hodja" share one. It merges too much by design: use it only to suggest.
func SoundKey(s string) string { return strings.Join(soundParts(s), " ") }

func soundParts(s string) []string {
	var parts []string
	for _, part := range strings.Fields(latin(Normalise(s))) {
		if key := sound(part); key != "" {
			parts = append(parts, key)
		}
	}
	slices.Sort(parts)
	return parts
}

func sound(part string) string {
	s := part
	for _, habit := range habits {
		s = habit.Replace(s)
	}
	s = afterY.Replace(dropRunes(s, silentY))
	s = stripped(strings.ReplaceAll(dropRunes(s, silentH), "ë", "e"))
	s = squeeze(s)
	if s == "" {
		return stripped(part) // the initial J. is a part of the name, too
	}
	return s
}

func dropRunes(s string, drop func(runes []rune, i int) bool) string {
	runes := []rune(s)
	var b strings.Builder
	for i, r := range runes {
		if !drop(runes, i) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// silentY is the y of English habit before a vowel, at the beginning or after another vowel: Yovan, Stoyan.
func silentY(runes []rune, i int) bool {
	vowel := func(j int) bool { return strings.ContainsRune("aeiou", runes[j]) }
	return runes[i] == 'y' && i+1 < len(runes) && vowel(i+1) && (i == 0 || vowel(i-1))
}

// silentH is an h between letters: Mehmet, Rahmani. The one at the beginning tells Hana from Ana.
func silentH(runes []rune, i int) bool {
	letter := func(j int) bool { return runes[j] >= 'a' && runes[j] <= 'z' }
	return runes[i] == 'h' && i > 0 && i+1 < len(runes) && letter(i-1) && letter(i+1)
}

func squeeze(s string) string {
	var b strings.Builder
	last := rune(-1)
	for _, r := range s {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// SamePerson says how alike two names are, on the surest level that holds. Names that differ as a woman's from a
// man's (Milan and Milana, Jovanovski and Jovanovska) are not alike.
func SamePerson(a, b string) Match {
	switch {
	case Normalise(a) == Normalise(b):
		return MatchExact
	case ASCIIKey(a) == ASCIIKey(b):
		return MatchASCII
	}
	x, y := soundParts(a), soundParts(b)
	switch {
	case slices.Equal(x, y):
		return MatchSound
	case fuzzy(x, y):
		return MatchFuzzy
	}
	return MatchNo
}

// fuzzy reports whether all parts of the shorter name, two at least, are in the longer one, one of them with at most
// one letter changed.
func fuzzy(short, long []string) bool {
	if len(short) > len(long) {
		short, long = long, short
	}
	if len(short) < 2 {
		return false
	}
	rest := slices.Clone(long)
	changed := 0
	for _, part := range short {
		i := slices.Index(rest, part)
		if i < 0 {
			i = slices.IndexFunc(rest, func(other string) bool { return nearly(part, other) })
			changed++
		}
		if i < 0 || changed > 1 {
			return false
		}
		rest = slices.Delete(rest, i, i+1)
	}
	return true
}

func nearly(a, b string) bool {
	x, y := []rune(a), []rune(b)
	return len(x) >= 4 && len(y) >= 4 && edits(x, y) <= 1 && !genderPair(x, y)
}

func genderPair(x, y []rune) bool {
	a, b := string(x), string(y)
	if a+"a" == b || b+"a" == a {
		return true
	}
	if len(x) == 0 || len(y) == 0 || string(x[:len(x)-1]) != string(y[:len(y)-1]) {
		return false
	}
	p, q := x[len(x)-1], y[len(y)-1]
	return p == 'a' && strings.ContainsRune("ioe", q) || q == 'a' && strings.ContainsRune("ioe", p)
}

// edits counts the letters to insert, delete, change or swap with their neighbour to make one word of the other.
func edits(a, b []rune) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := last[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(last[j]+1, row[j-1]+1, change)
			if before != nil && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
