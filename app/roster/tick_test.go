package roster

import (
	"testing"

	"attesta/locales"
)

func loaded(t *testing.T) *Vocabulary {
	t.Helper()
	v, err := LoadVocabulary(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestMarksOfAttendance(t *testing.T) {
	v := loaded(t)
	for state, marks := range map[State][]string{
		Present: {
			"x", "X", "xx", "Х", "✓", "✔", "✔️", "☑", "☒", "√", "+", "++", "*", "1", "1.0", "1,0", "v", "V", "ü", "●",
			"da", "Da", "DA", "po", "Po", "yes", "YES", "y", "да", "Да", "d", "D", "ok", "TRUE", "true",
			"potpis", "potpisano", "Potpisala", "потпис", "потпишано", "потписао", "nënshkrim", "Nënshkruar", "signature", "signed",
			"p", "P", "п", "П", "prisutan", "prisutna", "Prisutan/na", "присутна", "присуствувала", "prezent", "e pranishme", "nazočan", "present",
			"9:05", "09.05", "9h", "9:05-12:30", "13:30 - 17:00", "kasnio", "late", "vonesë", "задоцнила", "online", "zoom", "онлајн",
			"Ana Perić", "A. Perić", "Perić A.", "A.P.", "da (potpis)", "x da",
		},
		Absent: {
			"", " ", "0", "0.0", "-", "–", "—", "--", "/", "//", "✗", "✘", "❌", "☐", "n.a.", "N/A", "ne", "Ne", "NE", "jo", "JO", "no", "не", "Не", "n", "j",
			"FALSE", "odsutan", "odsutna", "отсутен", "одсутна", "mungon", "mungesë", "absent", "nije prisutan", "не присуствувал", "nuk mori pjesë",
			"opravdano", "opravdan izostanak", "оправдано", "оправдан изостанок", "me arsye", "excused", "bolovanje", "ne - bolovanje", "nenazočan", "ne, opravdano",
		},
		Unknown: {
			"?", "2", "0.5", "3 h", "djelimično", "da/ne", "možda", "vidi napomenu", "Marko Ilić", "✓✗", "a", "o", "m", "=1+1", "<b>", "prijava", "🙂",
		},
	} {
		for _, m := range marks {
			if got := v.tick(m, "Ana Perić", false); got.state != state {
				t.Errorf("%q is %s, want %s", m, got.state, state)
			}
		}
	}
	for _, m := range []string{"a", "A", "o", "О", "m", "M"} {
		if got := v.tick(m, "", true); got.state != Absent {
			t.Errorf("%q beside P is %s", m, got.state)
		}
	}
	for mark, how := range map[string]string{"9:05": "time", "kasnila": "late", "zoom": "online", "A. Perić": "name", "opravdano": "excused", "x": ""} {
		if got := v.tick(mark, "Ana Perić", false); got.how != how {
			t.Errorf("%q was read by %q, want %q", mark, got.how, how)
		}
	}
}

func TestCapitalsBecomeNames(t *testing.T) {
	v := loaded(t)
	for in, want := range map[string]string{
		"ĐORĐEVIĆ": "Đorđević", "NJEGOVAN": "Njegovan", "LJUBIČIĆ-DŽUNIĆ": "Ljubičić-Džunić", "ЉУБИЋ": "Љубић", "ЅВЕЗДАНОВСКИ": "Ѕвездановски",
		"O'CONNOR": "O'Connor", "MCDONALD": "McDonald", "VAN DER BERG": "van der Berg", "ÇELA": "Çela", "ana": "Ana", "ana marija": "Ana Marija",
		"McDonald": "McDonald", "van der Berg": "van der Berg", "deVries": "deVries", "Ǆunić": "DŽunić", "ǅunić": "Džunić", "A.": "A.", "ËNGJËLL": "Ëngjëll",
		"ŠĆEPANOVIĆ ĐURĐA": "Šćepanović Đurđa",
	} {
		if got, _ := v.normalCase(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestFullNamesAreTakenApart(t *testing.T) {
	v := loaded(t)
	for _, c := range []struct {
		name          string
		order         Order
		given, family string
		reason        string
	}{
		{"Ana Perić", GivenFirst, "Ana", "Perić", "heading"},
		{"Perić Ana", FamilyFirst, "Ana", "Perić", "heading"},
		{"Perić, Ana", GivenFirst, "Ana", "Perić", "comma"},
		{"PERIĆ Ana", GivenFirst, "Ana", "Perić", "capitals"},
		{"Ana PERIĆ", FamilyFirst, "Ana", "Perić", "capitals"},
		{"Ana M. Perić", GivenFirst, "Ana M.", "Perić", "heading"},
		{"Perić M. Ana", FamilyFirst, "M. Ana", "Perić", "heading"},
		{"Ana (Marko) Perić", GivenFirst, "Ana", "Perić", "heading"},
		{"Jan van der Berg", GivenFirst, "Jan", "van der Berg", "heading"},
		{"Ana VAN DER BERG", FamilyFirst, "Ana", "van der Berg", "capitals"},
		{"Ana Petrović Jovanović", GivenFirst, "Ana", "Petrović Jovanović", "heading"},
		{"Petrović Jovanović Ana", FamilyFirst, "Ana", "Petrović Jovanović", "heading"},
		{"Ana Petrović-Jovanović", GivenFirst, "Ana", "Petrović-Jovanović", "heading"},
		{"dr Ana Perić", GivenFirst, "Ana", "Perić", "heading"},
		{"Prof. dr. sc. Ana Perić", GivenFirst, "Ana", "Perić", "heading"},
		{"Ana Perić, dipl. iur.", GivenFirst, "Ana", "Perić", "heading"},
		{"д-р Ана Перић", GivenFirst, "Ана", "Перић", "heading"},
		{"Znj. Arta Gashi", GivenFirst, "Arta", "Gashi", "heading"},
		{"Ana", GivenFirst, "", "", ""},
		{"ANA PERIĆ", GivenFirst, "Ana", "Perić", "heading"},
		{"Ana Perić", Undecided, "", "", ""},
	} {
		p := v.split(c.name, c.order, "heading")
		if p.given != c.given || p.family != c.family || p.reason != c.reason {
			t.Errorf("%q became %q, %q by %q", c.name, p.given, p.family, p.reason)
		}
	}
}

func TestAddressesAndPhones(t *testing.T) {
	for _, c := range []struct {
		in, email string
		more      int
		ok        bool
	}{
		{"Ana@Mup.RS.example", "Ana@mup.rs.example", 0, true},
		{"ANA@MUP.EXAMPLE", "ana@mup.example", 0, true},
		{"mailto:ana@x.example", "ana@x.example", 0, true},
		{"Ana Perić <ana@x.example>", "ana@x.example", 0, true},
		{"a@x.example; b@x.example, a@x.example", "a@x.example", 1, true},
		{"a@x.example/b@x.example", "a@x.example", 1, true},
		{"śenka@x.example", "śenka@x.example", 0, true},
		{" ana @x.example. ", "ana@x.example", 0, true},
		{"ana(at)x.example", "ana@x.example", 0, true},
		{"a@x.example\nBcc:b@y.example", "a@x.example", 0, true},
		{"ana@", "", 0, false}, {"ana", "", 0, false}, {"x@@y.example", "", 0, false}, {"a..b@x.example", "", 0, false},
		{"a@localhost", "", 0, false}, {"/", "", 0, true}, {"nema", "", 0, true}, {"anonymous", "", 0, true},
	} {
		email, more, ok := address(c.in)
		if email != c.email || more < c.more || ok != c.ok {
			t.Errorf("%q gave %q, %d more, %v", c.in, email, more, ok)
		}
	}
	for in, want := range map[string]string{
		"38666910555": "+38666910555", "00381641234567": "+381641234567", "+381 61 568 350": "+381 61 568 350", "061234567": "061234567",
		"061/123-456": "061/123-456", "38761222333.0": "+38761222333", "355691234567": "+355691234567", "3,87E+10": "", "061222333": "061222333", "/": "",
	} {
		got, damaged := phone(in)
		if got != want || damaged != (in == "3,87E+10") {
			t.Errorf("%q gave %q, damaged %v", in, got, damaged)
		}
	}
}

func TestTypesOfInstitutionsByTheirWords(t *testing.T) {
	v := loaded(t)
	for name, want := range map[string]string{
		"Ministry of Interior of Montenegro": "police", "MUP RS, Uprava granične policije": "police", "МВР": "police", "Ministria e Punëve të Brendshme": "police",
		"Državna agencija za istrage i zaštitu (SIPA)": "police",
		"Više javno tužilaštvo u Nišu":                 "prosecution", "Županijsko tužiteljstvo": "prosecution", "Prokuroria pranë Gjykatës së Shkallës së Parë": "prosecution",
		"Основно јавно обвинителство Битола": "prosecution", "Office of the State Prosecutor": "prosecution",
		"Visoki sud": "court", "Gjykata Themelore": "court", "Основен суд Охрид": "court",
		"Centar za azil Krnjača": "reception", "Drejtoria për Azil": "reception", "Прифатилиште за азиланти": "reception",
		"NVO Juventas": "cso", "Udruženje tužilaca Srbije": "cso", "Fondacija Lara": "cso", "Helsinki Committee": "cso", "OJF Tjetër Vizion": "cso", "Хелсиншки комитет": "cso",
		"UNHCR": "international", "IOM Skopje": "international", "Misija OEBS-a u Srbiji": "international",
		"Embassy of Norway": "embassy_donor", "Ambasada Kraljevine Norveške": "embassy_donor", "Delegation of the European Union": "embassy_donor",
		"Pravni fakultet": "academia", "Kriminalističko-policijski univerzitet": "academia",
		"RTS, Radio-televizija Srbije": "media",
		"Ministarstvo pravde":          "other", "Ministarstvo ljudskih prava": "other", "Centar za socijalni rad": "other", "Општина Прешево": "other",
		"Grupa 484": "", "Atina": "", "": "",
	} {
		if got := v.TypeOf(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
