package roster_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"attesta/app/roster"
	"attesta/app/sheet"
	"attesta/locales"
)

func TestANewLanguageIsAFile(t *testing.T) {
	v, err := roster.LoadVocabulary(os.DirFS("testdata/newlanguage"))
	if err != nil {
		t.Fatal(err)
	}
	b := book(sheet.Sheet{Rows: grid(`
Zul | Familanomba ke nomba | Kastelo | Speco | Leterujo | Lando | Tago 1 matene | Tago 1 vespere | Tago 2 matene | Tago 2 vespere
1 | Mikaro Ano | Gardistejo Oslo | virinu | ano@x.example | Nordlando | jesu | jesu | nenu | jesu
2 | Sinjo Petaro Ivo | Vendejo | viru | ivo@x.example | Fjordlando | jesu | nenu | nenu | jesu
Sumo | 2`)})
	l, err := roster.Read(b, v, roster.Options{Event: twoDays("NO")})
	if err != nil {
		t.Fatal(err)
	}
	want := `
1 header
2 Ano+Mikaro · NO · police · f · ano@x.example · 1101
3 Ivo+Petaro · NO ·  · m · ivo@x.example · 1001
4 ignored total
! type_unknown
`
	if d := cmp.Diff(strings.TrimLeft(want, "\n"), told(l)); d != "" {
		t.Error(d)
	}
}

func TestAWrongVocabularyIsRefusedByItsFile(t *testing.T) {
	for content, say := range map[string]string{
		"[headings]\nnmae = [\"x\"]":                                "nmae",
		"[headings]\nname = [\"x\"]\n[gender]\nwoman = [\"x\"]":     "woman",
		"[headings]\nname = [\"x\"]\n[institution]\nshop = [\"x\"]": "shop",
		"[tikcs]\npresent = [\"x\"]":                                "tikcs",
		"headings = 5":                                              "xx.toml",
		"[rows]\ntotal = \"not a list\"":                            "xx.toml",
	} {
		_, err := roster.LoadVocabulary(fstest.MapFS{
			"vocabulary/roster/xx.toml":        {Data: []byte(content)},
			"vocabulary/roster/countries.toml": {Data: []byte("")},
		})
		if err == nil || !strings.Contains(err.Error(), say) || !strings.Contains(err.Error(), "xx.toml") {
			t.Errorf("%q: %v", content, err)
		}
	}
	if _, err := roster.LoadVocabulary(fstest.MapFS{}); err == nil {
		t.Error("no vocabulary at all is taken")
	}
}

func TestEveryLanguageHasWordsForEveryField(t *testing.T) {
	for _, code := range []string{"en", "sq", "bs", "cnr", "sr-Cyrl", "hr", "mk"} {
		raw, err := locales.FS.ReadFile("vocabulary/roster/" + code + ".toml")
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{
			"number", "given", "family", "given_family", "family_given", "name", "institution", "position", "gender", "email", "phone", "country",
			"attendance", "day", "morning", "afternoon", "months", "weekdays", "present", "absent", "excused", "female", "male", "total", "footnote",
			"signature", "vacant", "police", "prosecution", "reception", "court", "cso", "embassy_donor", "international", "academia", "media",
		} {
			if !strings.Contains(string(raw), "\n"+field+" = [") {
				t.Errorf("%s has no words for %s", code, field)
			}
		}
	}
}

func TestHeadingsInEightLanguages(t *testing.T) {
	for _, c := range []struct {
		field    roster.Field
		headings []string
	}{
		{roster.GivenFamily, []string{"Name and surname", "Emri dhe mbiemri", "Ime i prezime", "Име и презиме", "IME I PREZIME", "Ime/Prezime", "Ime i prezime učesnika/ce", "Emri / Ime Mbiemri / Prezime", "First and last name", "Ime (ime jednog roditelja) i prezime", "Ime i prezime / Name and surname", "Emër/mbiemër"}},
		{roster.FamilyGiven, []string{"Family name, first name", "Mbiemri dhe emri", "Prezime i ime", "Презиме и име", "Prezime/Ime", "Презиме, име родитеља и име", "Surname / Name"}},
		{roster.Email, []string{"E-mail", "email:", "Е-пошта", "Elektronska pošta", "E-MAIL ADRESA", "Adresa e postës elektronike", "Електронска пошта / E-mail", "Mail", "e mail", "Vaša e-mail adresa"}},
		{roster.Phone, []string{"Tel.", "Mob", "Broj telefona", "Контакт телефон", "Nr. tel.", "Telefon/Mobitel", "Phone no."}},
		{roster.Institution, []string{"Institucija", "Институција", "Institucioni / Institucija", "Organizacija/institucija", "Institution (full name)", "Naziv institucije iz koje dolazite", "Institucia"}},
		{roster.InstitutionType, []string{"Type of institution", "Vrsta institucije", "Вид на институција", "Lloji i institucionit"}},
		{roster.Position, []string{"Position", "Funkcija / radno mjesto", "Работно место", "Pozicioni", "Funksioni"}},
		{roster.Gender, []string{"Sex", "Пол", "Spol (M/Ž)", "Gjinia", "Gender (F/M)", "М/Ж"}},
		{roster.Country, []string{"Country", "Država", "Земја", "Shteti", "Country / Zemlja"}},
		{roster.Number, []string{"No", "R. br.", "Ред. бр.", "Nr.", "#", "Rb", "No."}},
		{roster.Submitted, []string{"Timestamp", "Completion time", "Vremenska oznaka", "Временска ознака"}},
		{roster.Consent, []string{"I agree to the processing of my personal data, including my name, institution and e-mail address", "Saglasan/na sam da se moje ime i prezime objave", "Давам согласност за обработка на моите лични податоци"}},
	} {
		for _, h := range c.headings {
			values := "x"
			switch c.field {
			case roster.Email:
				values = "ana@x.example"
			case roster.Country:
				values = "Srbija"
			case roster.Phone:
				values = "061 222 333"
			case roster.Gender:
				values = "ž"
			}
			names := "Ime i prezime"
			if c.field == roster.GivenFamily || c.field == roster.FamilyGiven {
				names, values = "Napomena", "Ana Perić"
			}
			b := book(sheet.Sheet{Rows: [][]string{{"Datum rođenja", h, names, "Titula"}, {"x", values, "Ana Perić", "dr"}}})
			l, err := roster.Read(b, vocabulary, roster.Options{Event: twoDays("RS")})
			if err != nil {
				t.Errorf("%q: %v", h, err)
				continue
			}
			if got := l.Mapping[1].Field; got != c.field {
				t.Errorf("%q is %q, want %s", h, got, c.field)
			}
		}
	}
}
