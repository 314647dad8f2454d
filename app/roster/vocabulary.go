package roster

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"attesta/app/locale"
)

// Vocabulary is the words that lists are made of, in all languages together. It never changes after loading and may
// be shared.
type Vocabulary struct {
	headings  phrases[Field]
	moments   phrases[momentWord]
	ticks     map[string]tick
	letters   map[string]bool // letters that mean absent where P means present
	genders   map[string]map[string]string
	languages []string // whose words for genders there are, sorted
	rows      map[rowWord]*phrases[bool]
	titles    map[string]bool
	particles map[string]bool
	endings   []string
	types     []typeStems
	countries map[string]string // folded name to code; "" for a name of several countries
	speech    map[string]string // folded name of a language to its locale
}

type rowWord string

const (
	totalWord     rowWord = "total"
	footnoteWord  rowWord = "footnote"
	signatureWord rowWord = "signature"
	vacantWord    rowWord = "vacant"
	sectionWord   rowWord = "section"
)

// vocabularyFile is one language as it is written down.
type vocabularyFile struct {
	Headings map[string][]string `toml:"headings"`
	Moment   struct {
		Day       []string   `toml:"day"`
		Morning   []string   `toml:"morning"`
		Afternoon []string   `toml:"afternoon"`
		Part      []string   `toml:"part"`
		Ordinals  [][]string `toml:"ordinals"`
		Months    [][]string `toml:"months"`
		Weekdays  [][]string `toml:"weekdays"`
		Fill      []string   `toml:"fill"`
	} `toml:"moment"`
	Ticks struct {
		Present       []string `toml:"present"`
		Absent        []string `toml:"absent"`
		Excused       []string `toml:"excused"`
		Late          []string `toml:"late"`
		Online        []string `toml:"online"`
		AbsentLetters []string `toml:"absent_letters"`
	} `toml:"ticks"`
	Gender map[string][]string `toml:"gender"`
	Rows   map[string][]string `toml:"rows"`
	Names  struct {
		Titles        []string `toml:"titles"`
		Particles     []string `toml:"particles"`
		FamilyEndings []string `toml:"family_endings"`
	} `toml:"names"`
	Institution map[string][]string `toml:"institution"`
}

type countriesFile struct {
	Undecidable []string            `toml:"undecidable"`
	Alias       map[string][]string `toml:"alias"`
}

var fields = map[string]Field{}

func init() {
	for _, f := range []Field{
		Number, Given, Family, Name, GivenFamily, FamilyGiven, Institution, InstitutionType, Position, Gender, Email,
		Phone, Country, Language, Submitted, Attendance, Title, Parent, Consent, Other, Contact,
	} {
		fields[string(f)] = f
	}
}

// LoadVocabulary reads vocabulary/roster/{locale}.toml of the folder of locales, one file a language, countries.toml
// beside them, and the names of countries and languages from the catalogues. The errors name the file.
func LoadVocabulary(fsys fs.FS) (*Vocabulary, error) {
	v := &Vocabulary{
		ticks: map[string]tick{}, letters: map[string]bool{}, genders: map[string]map[string]string{},
		rows: map[rowWord]*phrases[bool]{}, titles: map[string]bool{}, particles: map[string]bool{},
		countries: map[string]string{}, speech: map[string]string{},
	}
	files, err := fs.Glob(fsys, "vocabulary/roster/*.toml")
	if err != nil {
		return nil, fmt.Errorf("vocabulary: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("vocabulary: no file in vocabulary/roster")
	}
	types := map[string]*typeStems{}
	for _, file := range files {
		if path.Base(file) == "countries.toml" {
			continue
		}
		var f vocabularyFile
		if err := decode(fsys, file, &f); err != nil {
			return nil, err
		}
		if len(f.Headings) == 0 {
			return nil, fmt.Errorf("vocabulary: %s: no headings", file)
		}
		if err := v.add(strings.TrimSuffix(path.Base(file), ".toml"), &f, types); err != nil {
			return nil, fmt.Errorf("vocabulary: %s: %w", file, err)
		}
	}
	for _, code := range typeOrder {
		if t := types[code]; t != nil {
			v.types = append(v.types, *t)
		}
	}
	slices.Sort(v.languages)
	slices.Sort(v.endings)
	v.endings = slices.Compact(v.endings)
	return v, v.addCatalogues(fsys)
}

func decode(fsys fs.FS, file string, into any) error {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	meta, err := toml.Decode(string(raw), into)
	if err != nil {
		return fmt.Errorf("vocabulary: %s: %w", file, err)
	}
	if u := meta.Undecoded(); len(u) > 0 {
		return fmt.Errorf("vocabulary: %s: %q is not known", file, u[0].String())
	}
	return nil
}

func (v *Vocabulary) add(language string, f *vocabularyFile, types map[string]*typeStems) error {
	for name, list := range f.Headings {
		field, ok := fields[name]
		if !ok {
			return fmt.Errorf("headings: %q is no field", name)
		}
		for _, p := range list {
			v.headings.add(p, field)
		}
	}
	v.addMoments(f)
	v.addTicks(f)
	for name, list := range f.Gender {
		if !slices.Contains([]string{"female", "male", "other", "not_stated"}, name) {
			return fmt.Errorf("gender: %q is no gender", name)
		}
		if v.genders[language] == nil {
			v.genders[language] = map[string]string{}
			v.languages = append(v.languages, language)
		}
		for _, p := range list {
			v.genders[language][genderKey(p)] = name
			if k := "~" + folded(p); v.genders[language][k] == "" {
				v.genders[language][k] = name // as typed without accents
			}
		}
	}
	for name, list := range f.Rows {
		if v.rows[rowWord(name)] == nil {
			v.rows[rowWord(name)] = &phrases[bool]{}
		}
		for _, p := range list {
			v.rows[rowWord(name)].add(p, true)
		}
	}
	for _, p := range f.Names.Titles {
		v.titles[folded(p)] = true
	}
	for _, p := range f.Names.Particles {
		v.particles[strings.ToLower(p)] = true
	}
	for _, p := range f.Names.FamilyEndings {
		v.endings = append(v.endings, folded(p))
	}
	return addTypes(f.Institution, types)
}

func (v *Vocabulary) addMoments(f *vocabularyFile) {
	one := func(kind momentKind, list []string, n int) {
		for _, p := range list {
			v.moments.add(p, momentWord{kind, n})
		}
	}
	many := func(kind momentKind, lists [][]string) {
		for i, l := range lists {
			one(kind, l, i+1)
		}
	}
	one(dayWord, f.Moment.Day, 0)
	one(halfWord, f.Moment.Morning, 1)
	one(halfWord, f.Moment.Afternoon, 2)
	one(partWord, f.Moment.Part, 0)
	one(fillWord, f.Moment.Fill, 0)
	one(presenceWord, f.Headings["attendance"], 0)
	many(ordinalWord, f.Moment.Ordinals)
	many(monthWord, f.Moment.Months)
	many(weekdayWord, f.Moment.Weekdays)
}

func (v *Vocabulary) addTicks(f *vocabularyFile) {
	for _, x := range []struct {
		list []string
		tick tick
	}{
		{f.Ticks.Present, tick{state: Present}}, {f.Ticks.Absent, tick{state: Absent}},
		{f.Ticks.Excused, tick{state: Absent, how: "excused"}}, {f.Ticks.Late, tick{state: Present, how: "late"}},
		{f.Ticks.Online, tick{state: Present, how: "online"}},
	} {
		for _, p := range x.list {
			if k := folded(p); k != "" {
				if old, ok := v.ticks[k]; ok && old.state != x.tick.state {
					v.ticks[k] = tick{state: Unknown} // two languages disagree
					continue
				}
				v.ticks[k] = x.tick
			}
		}
	}
	for _, p := range f.Ticks.AbsentLetters {
		v.letters[folded(p)] = true
	}
}

// addCatalogues adds the names of countries and of languages in every locale, and the other names of countries.
func (v *Vocabulary) addCatalogues(fsys fs.FS) error {
	for _, feature := range []string{"country", "language"} {
		files, err := fs.Glob(fsys, "*/"+feature+".toml")
		if err != nil {
			return fmt.Errorf("vocabulary: %w", err)
		}
		for _, file := range files {
			names := map[string]any{}
			if err := decode(fsys, file, &names); err != nil {
				return err
			}
			for key, value := range names {
				name, ok := value.(string)
				parts := strings.Split(key, ".")
				if !ok || len(parts) != 2 {
					continue
				}
				if feature == "country" {
					v.countries[folded(name)], v.countries[folded(parts[1])] = parts[1], parts[1]
				} else if base := strings.Split(parts[1], "-")[0]; len(base) < 4 {
					v.speech[folded(name)] = parts[1]
				}
			}
		}
	}
	var c countriesFile
	if err := decode(fsys, "vocabulary/roster/countries.toml", &c); err != nil {
		return err
	}
	for code, names := range c.Alias {
		for _, n := range names {
			v.countries[folded(n)] = code
		}
	}
	for _, n := range c.Undecidable {
		v.countries[folded(n)] = ""
	}
	delete(v.countries, "")
	return nil
}

// begins tells whether text begins with one of the words of a kind.
func (v *Vocabulary) begins(kind rowWord, text string) bool {
	p := v.rows[kind]
	if p == nil {
		return false
	}
	_, n := p.at(tokens(text), 0)
	return n > 0
}

// is tells whether text is one of the words of a kind and nothing else, figures apart.
func (v *Vocabulary) is(kind rowWord, text string) bool {
	p := v.rows[kind]
	if p == nil {
		return false
	}
	t := tokens(text)
	_, n := p.at(t, 0)
	for _, rest := range t[n:] {
		if !isNumber(rest) {
			return false
		}
	}
	return n > 0
}

func isNumber(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

// genderKey keeps the accents, on which ž and z differ, and unites the scripts.
func genderKey(s string) string {
	return locale.ToLatin(locale.Normalise(s))
}
