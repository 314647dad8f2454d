package locale_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/unicode/norm"

	"attesta/app/locale"
	"attesta/locales"
)

// messages reads the catalogues as they stand in the files: locale, key, plural form ("" for a message without).
func messages(t *testing.T) map[locale.Code]map[string]map[string]string {
	t.Helper()
	files, err := fs.Glob(locales.FS, "*/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogues: %v", err)
	}
	out := map[locale.Code]map[string]map[string]string{}
	for _, file := range files {
		raw, err := fs.ReadFile(locales.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		var entries map[string]any
		if err := toml.Unmarshal(raw, &entries); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		code := locale.Code(path.Dir(file))
		if out[code] == nil {
			out[code] = map[string]map[string]string{}
		}
		for key, v := range entries {
			out[code][key] = formsOf(v)
		}
	}
	return out
}

func formsOf(v any) map[string]string {
	if s, ok := v.(string); ok {
		return map[string]string{"": s}
	}
	forms := map[string]string{}
	for name, text := range v.(map[string]any) {
		forms[name] = text.(string)
	}
	return forms
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// forms lists the plural forms that each locale's grammar has.
func forms(code locale.Code) []string {
	switch code {
	case "en", "sq", "mk":
		return []string{"one", "other"}
	}
	return []string{"few", "one", "other"}
}

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

func keys(m map[string]map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestEveryLocaleHasTheKeysOfEnglishAndNoOthers(t *testing.T) {
	all := messages(t)
	if len(all) != 8 {
		t.Errorf("%d locales, want 8", len(all))
	}
	for code, m := range all {
		for _, key := range keys(all["en"]) {
			if m[key] == nil {
				t.Errorf("%s lacks %s", code, key)
			}
		}
		for _, key := range keys(m) {
			if all["en"][key] == nil {
				t.Errorf("%s has %s, English doesn't", code, key)
			}
			for form, s := range m[key] {
				if strings.TrimSpace(s) == "" && key != "format.group" {
					t.Errorf("%s %s %s is empty", code, key, form)
				}
			}
		}
	}
}

func TestEveryPluralHasTheFormsOfItsLanguage(t *testing.T) {
	all := messages(t)
	for code, m := range all {
		for _, key := range keys(m) {
			var got []string
			for form := range m[key] {
				got = append(got, form)
			}
			slices.Sort(got)
			_, single := m[key][""]
			if _, want := all["en"][key][""]; want != single && all["en"][key] != nil {
				t.Errorf("%s %s: plural in one language, not in the other", code, key)
			}
			if !single && !slices.Equal(got, forms(code)) {
				t.Errorf("%s %s has the forms %v, want %v", code, key, got, forms(code))
			}
		}
	}
}

func TestTranslationsHaveThePlaceholdersOfEnglish(t *testing.T) {
	all := messages(t)
	for code, m := range all {
		for _, key := range keys(m) {
			want := placeholders(all["en"][key][""] + all["en"][key]["other"])
			for form, s := range m[key] {
				got := placeholders(s)
				// Only where "one" is the number 1 alone may the sentence say "one" instead of the figure; in the
				// Slavic languages it is 21 and 31, too.
				if form == "one" && (code == "en" || code == "sq") {
					got = placeholders(s + "{{.N}}")
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s %s %s has %v, English has %v", code, key, form, got, want)
				}
			}
		}
	}
}

// allowedSame reads same.txt: a line is a key, or a pattern of keys, and the locales whose text is rightly the same as
// in English, or *.
func allowedSame(t *testing.T, english map[string]map[string]string) func(key string, code locale.Code) bool {
	t.Helper()
	raw, err := os.ReadFile("../../locales/same.txt")
	if err != nil {
		t.Fatal(err)
	}
	type rule struct {
		pattern string
		codes   []string
	}
	var rules []rule
	for _, line := range strings.Split(string(raw), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if len(fields) != 2 {
			t.Errorf("same.txt: %q is not a key and locales", line)
			continue
		}
		used := slices.ContainsFunc(keys(english), func(key string) bool { ok, _ := path.Match(fields[0], key); return ok })
		if !used {
			t.Errorf("same.txt: there is no message %s", fields[0])
		}
		rules = append(rules, rule{fields[0], strings.Split(fields[1], ",")})
	}
	return func(key string, code locale.Code) bool {
		return slices.ContainsFunc(rules, func(r rule) bool {
			ok, _ := path.Match(r.pattern, key)
			return ok && (slices.Contains(r.codes, "*") || slices.Contains(r.codes, string(code)))
		})
	}
}

func TestNoMessageIsEnglishByNeglect(t *testing.T) {
	all := messages(t)
	allowed := allowedSame(t, all["en"])
	for code, m := range all {
		if code == "en" {
			continue
		}
		for _, key := range keys(m) {
			for form, s := range m[key] {
				same := s == all["en"][key][form] || form == "few" && s == all["en"][key]["other"]
				words := strings.ContainsFunc(placeholder.ReplaceAllString(s, ""), unicode.IsLetter)
				if same && words && !allowed(key, code) {
					t.Errorf("%s %s is the same as in English: %q", code, key, s)
				}
			}
		}
	}
}

func TestEveryMessageCanBeSaid(t *testing.T) {
	c := catalogue(t)
	for code, m := range messages(t) {
		p := c.Printer(code)
		for _, key := range keys(m) {
			var kv []any
			for _, s := range m[key] {
				for _, ph := range placeholders(s) {
					if name := strings.Trim(ph, "{}. "); name != "N" {
						kv = append(kv, name, "x")
					}
				}
			}
			if _, single := m[key][""]; single {
				said := p.T(key, append(kv, "N", 3)...)
				if strings.Contains(said, "{{") {
					t.Errorf("%s %s says %q", code, key, said)
				}
				continue
			}
			for n := range 23 {
				p.N(key, n, kv...)
			}
		}
	}
	if gaps := c.Missing(); len(gaps) > 0 {
		t.Errorf("reported: %v", gaps)
	}
}

func TestSerbianInLatinScriptIsTheOneInCyrillic(t *testing.T) {
	names := func(code locale.Code) []string {
		files, err := fs.Glob(locales.FS, string(code)+"/*.toml")
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			files[i] = path.Base(files[i])
		}
		return files
	}
	if got, want := names("sr-Latn"), names("sr-Cyrl"); !slices.Equal(got, want) {
		t.Fatalf("files %v, want %v: run go generate ./locales", got, want)
	}
	for _, name := range names("sr-Cyrl") {
		source, _ := fs.ReadFile(locales.FS, "sr-Cyrl/"+name)
		got, _ := fs.ReadFile(locales.FS, "sr-Latn/"+name)
		if string(got) != locale.ToLatin(string(source)) {
			t.Errorf("sr-Latn/%s differs from sr-Cyrl/%s: run go generate ./locales", name, name)
		}
	}
}

// keyword finds what looks like a key of a message in a source: "event.title".
var keyword = regexp.MustCompile("[\"`]([a-z_]+\\.[A-Za-z0-9_.-]+)[\"`]")

// spoken finds the keys that are said or told for certain.
var spoken = []*regexp.Regexp{
	regexp.MustCompile(`\.[TN]\("([^"]+)"`),
	regexp.MustCompile(`\.[TN] "([^"]+)"`),
	regexp.MustCompile(`fault\.New\(\s*fault\.\w+,\s*"([^"]+)"`),
	regexp.MustCompile(`\.Add\("[^"]*",\s*"([a-z_]+\.[^"]+)"`),
}

func TestEveryKeyThatIsSaidIsInTheCatalogues(t *testing.T) {
	english := messages(t)["en"]
	walkSources(t, func(file, text string) {
		for _, pattern := range spoken {
			for _, m := range pattern.FindAllStringSubmatch(text, -1) {
				begun := strings.HasSuffix(m[1], ".") || strings.HasSuffix(m[1], "_")
				if english[m[1]] == nil && !begun {
					t.Errorf("%s says %s, which is in no catalogue", file, m[1])
				}
			}
		}
	})
}

func TestEveryKeyIsUsed(t *testing.T) {
	english := messages(t)["en"]
	used := map[string]bool{}
	audiences := map[string]bool{}
	walkSources(t, func(file, text string) {
		if strings.HasSuffix(file, ".html") {
			audiences[path.Base(path.Dir(file))] = true
		}
		for _, m := range keyword.FindAllStringSubmatch(text, -1) {
			used[m[1]] = true
		}
	})
	complain := t.Errorf
	for _, audience := range []string{"public", "desk", "checkin", "donor"} {
		if !audiences[audience] {
			complain = t.Logf // pages that will use them are missing
		}
	}
	for _, prefix := range composedKeys {
		if !slices.ContainsFunc(keys(english), func(key string) bool { return strings.HasPrefix(key, prefix) }) {
			t.Errorf("composedKeys: no message begins with %s", prefix)
		}
	}
	for _, key := range keys(english) {
		composed := slices.ContainsFunc(composedKeys, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
		if !used[key] && !composed {
			complain("%s is used nowhere", key)
		}
	}
}

var comment = regexp.MustCompile(`(?m)^\s*//.*$`)

// walkSources visits the program's own sources, without tests.
func walkSources(t *testing.T, visit func(file, text string)) {
	t.Helper()
	for _, root := range []string{"../../app", "../../cmd", "../../templates"} {
		err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if strings.HasSuffix(file, "_test.go") || !slices.Contains([]string{".go", ".html", ".txt", ".js"}, path.Ext(file)) {
				return nil
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			visit(file, comment.ReplaceAllString(string(raw), ""))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// foreignWords may stand in Latin letters within Cyrillic text, beside words of capitals (PDF, QR).
var foreignWords = []string{"Attesta", "ToT", "Frontex", "Excel", "Word", "Europass", "https", "iPhone", "Android", "e", "h", "kB"}

func TestEachCatalogueKeepsToItsScript(t *testing.T) {
	for code, m := range messages(t) {
		isCyrillic := code == "sr-Cyrl" || code == "mk"
		for _, key := range keys(m) {
			for _, s := range m[key] {
				for _, word := range strings.FieldsFunc(placeholder.ReplaceAllString(s, " "), func(r rune) bool { return !unicode.IsLetter(r) }) {
					if why := outOfPlace(word, isCyrillic); why != "" {
						t.Errorf("%s %s: %s: %q", code, key, why, word)
					}
				}
				if !norm.NFC.IsNormalString(s) {
					t.Errorf("%s %s is not in NFC", code, key)
				}
				if i := strings.IndexFunc(s, func(r rune) bool { return r >= 0x1C4 && r <= 0x1CC || r == '\u00ad' || r == '\u200b' }); i >= 0 {
					t.Errorf("%s %s holds a digraph character or an invisible one", code, key)
				}
			}
		}
	}
}

func outOfPlace(word string, isCyrillic bool) string {
	cyr := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
	lat := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
	switch {
	case cyr && lat:
		return "a word of two scripts"
	case cyr && !isCyrillic:
		return "Cyrillic in a Latin catalogue"
	case lat && isCyrillic && word != strings.ToUpper(word) && !slices.Contains(foreignWords, word):
		return "Latin in a Cyrillic catalogue"
	}
	return ""
}

// strangers are letters and beginnings of words that betray the neighbour's language.
var strangers = map[locale.Code][]string{
	"mk":      {"ђ", "ћ"},
	"sr-Cyrl": {"ѓ", "ќ", "ѕ", "ѐ", "ѝ", "мјест", "вријем", "обавјешт", "извјешт", "учесник-", "увијек", "провјер", "рјешењ"},
	"cnr":     {"obavešt", "izvešt", "mesto", "mesta", "vreme ", "uvek", "sreda", "nedelj", "ponedelj", "proveri", "promeni", "rešenj", "posle", "pre ", "primer", "ceo", "dve ", "dodel", "opšte mest"},
	"bs":      {"obavešt", "izvešt", "mesto", "vreme ", "uvek", "nedelj", "ponedelj", "proveri", "promeni", "posle", "primer"},
	"hr":      {"učesni", "učešć", "štampa", "opšt", "obavešt", "izvešt", "izvještaj", "mesto", "vreme ", "uvek", "nedelj", "saradnj", "sertifikat", "takođe", "sačuva", "naziva se "},
}

func TestNoCatalogueSpeaksItsNeighboursLanguage(t *testing.T) {
	for code, m := range messages(t) {
		for _, key := range keys(m) {
			for _, s := range m[key] {
				for _, stranger := range strangers[code] {
					if wordBegins(strings.ToLower(s), stranger) {
						t.Errorf("%s %s has %q: %s", code, key, stranger, s)
					}
				}
			}
		}
	}
}

func wordBegins(s, stranger string) bool {
	if len([]rune(stranger)) == 1 {
		return strings.Contains(s, stranger)
	}
	for i := 0; ; {
		j := strings.Index(s[i:], stranger)
		if j < 0 {
			return false
		}
		i += j
		before := []rune(s[:i])
		if len(before) == 0 || !unicode.IsLetter(before[len(before)-1]) {
			return true
		}
		i += len(stranger)
	}
}
