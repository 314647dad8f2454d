package locale_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/locale"
)

func TestCitiesAreFoundByAnyOfTheirNames(t *testing.T) {
	c := catalogue(t)
	for _, row := range []struct {
		code           locale.Code
		typed, in, out string
	}{
		{"sr-Cyrl", "Podgorica", "у Подгорици", "Подгорица"},
		{"mk", "PODGORICA ", "во Подгорица", "Подгорица"},
		{"en", "Prishtina", "in Pristina", "Pristina"},
		{"hr", "Prishtinë", "u Prištini", "Priština"},
		{"sq", "Приштина", "në Prishtinë", "Prishtina"},
		{"sr-Latn", "Belgrade", "u Beogradu", "Beograd"},
		{"en", "Beograd", "in Belgrade", "Belgrade"},
		{"mk", "Beograd", "во Белград", "Белград"},
		{"bs", "Shkup", "u Skoplju", "Skoplje"},
		{"hr", "Skopje", "u Skopju", "Skopje"},
		{"cnr", "Kolasin", "u Kolašinu", "Kolašin"},
		{"en", "Peć", "in Peja/Peć", "Peja/Peć"},
		{"sr-Latn", "Peja/Peć", "u Peći", "Peć"},
		{"sr-Latn", "Dakovica", "u Đakovici", "Đakovica"},
		{"bs", "Djakovica", "u Đakovici", "Đakovica"},
		{"sr-Cyrl", "Zlatibor", "на Златибору", "Златибор"},
		{"sq", "Bar", "në Tivar", "Tivari"},
	} {
		p := c.Printer(row.code)
		if got := p.City(row.typed); got != row.out {
			t.Errorf("%s City(%q) = %q, want %q", row.code, row.typed, got, row.out)
		}
		if got, known := p.CityIn(row.typed); got != row.in || !known {
			t.Errorf("%s CityIn(%q) = %q %v, want %q", row.code, row.typed, got, known, row.in)
		}
	}
	for _, typed := range []string{"Brčko", "", "  ", "Mali Lošinj", "<b>"} {
		if got, known := c.Printer("mk").CityIn(typed); got != typed || known {
			t.Errorf("CityIn(%q) = %q %v, want it as typed", typed, got, known)
		}
	}
	if country, ok := c.CityCountry("Nis"); country != "RS" || !ok {
		t.Errorf("Niš lies in %q", country)
	}
	if diff := cmp.Diff([]string{"Бар", "Будва", "Колашин", "Подгорица", "Улцињ"}, c.Printer("mk").Cities("ME")); diff != "" {
		t.Error(diff)
	}
}

func TestEveryNameOfEveryCityFindsThatCity(t *testing.T) {
	c := catalogue(t)
	for code, m := range messages(t) {
		for _, key := range keys(m) {
			id, ok := strings.CutPrefix(key, "city.")
			if !ok || strings.HasSuffix(id, ".in") {
				continue
			}
			if got, want := c.Printer("en").City(m[key][""]), c.Printer("en").T("city."+id); got != want {
				t.Errorf("%s %s finds %s, want %s", code, m[key][""], got, want)
			}
		}
	}
}

func TestCountriesStandInTheAlphabetOfTheReader(t *testing.T) {
	c := catalogue(t)
	six := []string{"RS", "XK", "AL", "MK", "BA", "ME"}
	for code, want := range map[locale.Code]string{
		"en":      "AL BA XK ME MK RS",
		"sq":      "BA XK ME MK RS AL", // Bosnja, Kosova, Mali i Zi, Maqedonia, Serbia, Shqipëria: Sh after S
		"bs":      "AL BA ME XK MK RS",
		"cnr":     "AL BA ME XK MK RS",
		"hr":      "AL BA ME XK MK RS",
		"sr-Latn": "AL BA ME XK MK RS",
		"sr-Cyrl": "AL BA XK MK RS ME", // Црна Гора after Србија
		"mk":      "AL BA XK MK RS ME",
	} {
		var got []string
		for _, choice := range c.Printer(code).Countries(six...) {
			got = append(got, choice.Value)
			if choice.Label != c.Printer(code).Country(choice.Value) {
				t.Errorf("%s: %v", code, choice)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", code, got, want)
		}
	}
	if n := len(c.Printer("en").Countries()); n != 40 {
		t.Errorf("%d countries, want 40", n)
	}
}

func TestCountriesBearTheCaseTheSentenceWants(t *testing.T) {
	c := catalogue(t)
	for _, row := range [][]string{
		{c.Printer("sr-Cyrl").CountryIn("XK"), "на Косову*"},
		{c.Printer("bs").CountryFrom("xk"), "s Kosova*"},
		{c.Printer("sq").CountryIn("XK"), "në Kosovë*"},
		{c.Printer("hr").CountryIn("BA"), "u Bosni i Hercegovini"},
		{c.Printer("sr-Latn").CountryFrom("MK"), "iz Severne Makedonije"},
		{c.Printer("cnr").Country("MK"), "Sjeverna Makedonija"},
		{c.Printer("mk").Country("ZZ"), "ZZ"},
	} {
		if row[0] != row[1] {
			t.Errorf("%q, want %q", row[0], row[1])
		}
	}
}

func TestTheFootnoteFollowsEveryFormOfTheName(t *testing.T) {
	c := catalogue(t)
	for _, code := range all {
		p := c.Printer(code)
		for _, form := range []string{p.Country("XK"), p.CountryIn("XK"), p.CountryFrom("XK"), strings.ToUpper(p.Country("XK"))} {
			if !strings.Contains(form, "*") {
				t.Errorf("%s: %q bears no asterisk", code, form)
			}
			for _, reader := range all {
				note := c.Printer(reader).Footnote("… " + form + ", 3 …")
				if !strings.HasPrefix(note, "* ") || note != "* "+c.Printer(reader).T("country.footnote") {
					t.Errorf("%s: footnote for %q is %q", reader, form, note)
				}
			}
		}
	}
	p := c.Printer("sr-Latn")
	for _, text := range []string{"Kosovskoj*", "ОД КОСОВА*", "Kosovës*"} {
		if p.Footnote(text) == "" {
			t.Errorf("no footnote for %s", text)
		}
	}
	for _, text := range []string{"", "Kosovo", "Srbija*", "5 * 3", "Kosovska Mitrovica"} {
		if got := p.Footnote(text); got != "" {
			t.Errorf("footnote for %q: %q", text, got)
		}
	}
}

func TestTheAsteriskCanBeSwitchedOffInOnePlace(t *testing.T) {
	with := catalogue(t)
	without := with.Asterisk(false)
	for code, m := range messages(t) {
		p := without.Printer(code)
		for _, key := range keys(m) {
			if s := p.T(key); strings.Contains(s, "*") {
				t.Errorf("%s %s: %q", code, key, s)
			}
		}
		if got := p.CountryIn("XK"); got == "" || strings.Contains(got, "*") {
			t.Errorf("%s: %q", code, got)
		}
		if got := p.Footnote("Kosovo*"); got != "" {
			t.Errorf("%s: footnote %q", code, got)
		}
	}
	if got := with.Printer("en").Country("XK"); got != "Kosovo*" {
		t.Errorf("the catalogue it was made from says %q", got)
	}
}

func TestWordsSortByTheAlphabetOfEachLanguage(t *testing.T) {
	c := catalogue(t)
	alphabets := formats(t)["collation_alphabet"]
	for _, code := range all {
		want := strings.Fields(strings.NewReplacer(" Ś", "", " Ź", "").Replace(alphabets[string(code)]))
		got := append([]string(nil), want...)
		for i := range got { // backwards, so that a sort that does nothing shows
			got[i] = want[len(want)-1-i]
		}
		c.Printer(code).Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", code, diff)
		}
	}
	for code, want := range map[locale.Code]string{
		"cnr": "Cetinje Čačak Ćuprija Danilovgrad Džep Đurđevac Luka Ljubo Novak Njegoš Šavnik Žabljak",
		"bs":  "Luka Ljubo Novak Njegoš", "sr-Latn": "Dado Džemal Đorđe Luka Ljubo", "hr": "Novak Njegoš",
		"sq": "Cani Çeku Gëzim Gjergj Luan Llesh Shaqir Tush Thoma Zana Zhaneta",
	} {
		got := strings.Fields(want)
		for i, j := 0, len(got)-1; i < j; i, j = i+1, j-1 {
			got[i], got[j] = got[j], got[i]
		}
		c.Printer(code).Sort(got)
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", code, s, want)
		}
	}
}
