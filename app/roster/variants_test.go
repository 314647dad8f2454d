package roster_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"attesta/app/roster"
	"attesta/app/sheet"
)

func twoDays(country string) roster.Event {
	return roster.Event{Country: country, Type: "national_training", Starts: time.Date(2022, 11, 14, 0, 0, 0, 0, time.UTC), Days: 2, Unit: "half-day"}
}

// told writes a list in short: a line a row, with what became of it.
func told(l *roster.List) string {
	type line struct {
		sheet string
		row   int
		text  string
	}
	var lines []line
	add := func(s string, row int, format string, a ...any) {
		lines = append(lines, line{s, row, fmt.Sprintf(format, a...)})
	}
	for _, x := range l.Titles {
		add(x.Sheet, x.Row, "title")
	}
	for _, x := range l.Headers {
		add(x.Sheet, x.Row, "header")
	}
	for _, x := range l.Refused {
		add(x.Sheet, x.Row, "refused %s", strings.TrimPrefix(x.Reason.Key, "roster."))
	}
	for _, x := range l.Ignored {
		add(x.Sheet, x.Row, "ignored %s", strings.TrimPrefix(x.Reason.Key, "roster."))
	}
	for _, x := range l.Joined {
		add(x.Sheet, x.Row, "joined %d", x.To)
	}
	for _, x := range l.Rows {
		name := x.Given + "+" + x.Family
		if x.NameOrder == roster.Undecided {
			name = "?" + x.FullName
		}
		parts := []string{name, x.Country, x.InstitutionType, x.Gender[:1], x.Email, marks(x, l.Units)}
		add(x.Sheet, x.Number, "%s", strings.Join(parts, " · "))
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		if a.sheet != b.sheet {
			if a.sheet == l.Sheet {
				return -1
			}
			if b.sheet == l.Sheet {
				return 1
			}
			return strings.Compare(a.sheet, b.sheet)
		}
		return a.row - b.row
	})
	var b strings.Builder
	for _, x := range lines {
		if x.sheet != l.Sheet {
			fmt.Fprintf(&b, "%s!", x.sheet)
		}
		fmt.Fprintf(&b, "%d %s\n", x.row, x.text)
	}
	var keys []string
	for _, n := range l.Notices {
		k := strings.TrimPrefix(n.Key, "roster.")
		if len(n.Rows) > 0 && k != "type_unknown" && k != "country_missing" {
			k += strings.ReplaceAll(fmt.Sprint(n.Rows), " ", ",")
		}
		keys = append(keys, k)
	}
	slices.Sort(keys)
	fmt.Fprintf(&b, "! %s\n", strings.Join(slices.Compact(keys), " "))
	return b.String()
}

func marks(x roster.Row, units int) string {
	s := ""
	for u := range units {
		m, ok := x.Present[u]
		switch {
		case !ok:
			s += "_"
		case m.State == roster.Present:
			s += "1"
		case m.State == roster.Absent:
			s += "0"
		default:
			s += "?"
		}
	}
	return s
}

func book(sheets ...sheet.Sheet) *sheet.Book {
	for i := range sheets {
		if sheets[i].Name == "" {
			sheets[i].Name = "Sheet1"
		}
	}
	return &sheet.Book{Name: "x.xlsx", Kind: sheet.XLSX, Sheets: sheets}
}

// grid makes rows of lines with cells between bars; "·" is an empty cell that is there for the eye.
func grid(s string) [][]string {
	var rows [][]string
	for _, l := range strings.Split(strings.Trim(s, "\n"), "\n") {
		var row []string
		for _, c := range strings.Split(l, "|") {
			row = append(row, strings.Trim(c, " ·"))
		}
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		if len(row) == 0 {
			row = nil
		}
		rows = append(rows, row)
	}
	return rows
}

type variant struct {
	name   string
	data   []byte
	book   *sheet.Book
	event  roster.Event
	sheet  string
	rows   string // of one sheet, as grid reads them
	merged []sheet.Range
	want   string
}

func (c variant) read(t *testing.T) *roster.List {
	t.Helper()
	b := c.book
	if c.data != nil {
		var err error
		if b, err = sheet.Read(c.name, c.data, sheet.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	if b == nil {
		b = book(sheet.Sheet{Rows: grid(c.rows), Merged: c.merged})
	}
	l, err := roster.Read(b, vocabulary, roster.Options{Event: c.event, Sheet: c.sheet})
	if err != nil {
		t.Fatal(err)
	}
	if err := nothingDropped(b, l); err != nil {
		t.Error(err)
	}
	return l
}

func TestListsOfOtherOffices(t *testing.T) {
	for _, c := range variants {
		t.Run(c.name, func(t *testing.T) {
			l := c.read(t)
			if d := cmp.Diff(strings.TrimLeft(c.want, "\n"), told(l)); d != "" {
				t.Errorf("%s", d)
				for _, m := range l.Mapping {
					t.Logf("%s %q → %s %v %s", m.Letter, m.Heading, m.Field, m.Units, m.Note)
				}
				for _, n := range l.Notices {
					t.Logf("%+v", n)
				}
			}
		})
	}
}

func utf16le(s string) []byte {
	b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func cp1251(s string) []byte {
	b, err := charmap.Windows1251.NewEncoder().Bytes([]byte(s))
	if err != nil {
		panic(err)
	}
	return b
}

func googleForm() []byte {
	consent := "I agree that my name, institution, e-mail and phone number may be processed by the organisers for the purposes of the training, that photographs may be taken and shared with the donor, and that I have read the notice on the protection of personal data. / Saglasan/na sam da se moji podaci obrađuju."
	var b bytes.Buffer
	w := func(cells ...string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + strings.ReplaceAll(c, `"`, `""`) + `"`)
		}
		b.WriteString("\n")
	}
	w("Timestamp", "Email Address", "Ime i prezime", "Institucija u kojoj ste zaposleni", "Pozicija / funkcija", "Spol", "Kontakt telefon", "Zemlja iz koje dolazite", consent, "Da li imate posebne potrebe u vezi sa ishranom?", "Koja su Vaša očekivanja od obuke i šta biste željeli da naučite?")
	w("11/1/2022 10:12:44", "ana.peric@mup.ba.example", "Ana Perić", "MUP Kantona Sarajevo", "inspektor", "Ženski", "061 123 456", "Bosna i Hercegovina", "Da", "Ne", "Sve, \"posebno\" praksu")
	w("11/2/2022 9:01:02", "Marko.Juric@tuzilastvo.ba.example", "Jurić Marko", "Tužilaštvo KS", "tužilac", "Muški", "38761222333", "BiH", "Da", "", "")
	w("11/2/2022 9:01:03", "lejla.hodzic@sps.ba.example", "lejla hodžić", "Služba za poslove sa strancima", "", "Ne želim odgovoriti", "", "Bosna", "Da", "vegetarijanac", "")
	w("11/2/2022 9:01:04", "iva.maric@ngo.ba.example", "Iva Marić", "Udruga Zora", "", "Ženski", "", "Bosna", "Da", "", "")
	w("11/2/2022 9:01:05", "edin.salkic@sps.ba.example", "Edin Salkić", "Služba za poslove sa strancima", "", "Muški", "", "Bosna", "Da", "", "")
	w("11/2/2022 9:01:06", "aida.begic@sps.ba.example", "Aida Begić", "Služba za poslove sa strancima", "", "Ženski", "", "Bosna", "Da", "", "")
	w("11/2/2022 9:01:07", "senad.music@sps.ba.example", "Senad Mušić", "Služba za poslove sa strancima", "", "Muški", "", "Bosna", "Da", "", "")
	return b.Bytes()
}

var variants = []variant{
	{
		name: "a Google form with a long consent and one who typed the family name first", data: googleForm(), event: twoDays("BA"),
		want: `
1 header
2 Ana+Perić · BA · police · f · ana.peric@mup.ba.example · ____
3 Marko+Jurić · BA · prosecution · m · Marko.Juric@tuzilastvo.ba.example · ____
4 Lejla+Hodžić · BA · reception · n · lejla.hodzic@sps.ba.example · ____
5 Iva+Marić · BA · cso · f · iva.maric@ngo.ba.example · ____
6 Edin+Salkić · BA · reception · m · edin.salkic@sps.ba.example · ____
7 Aida+Begić · BA · reception · f · aida.begic@sps.ba.example · ____
8 Senad+Mušić · BA · reception · m · senad.music@sps.ba.example · ____
! name_case[4] name_order_row[3]
`,
	},
	{
		name: "a Microsoft form with anonymous accounts", event: twoDays("RS"),
		data: []byte("ID;Start time;Completion time;Email;Name;Ime i prezime;Institucija;E-mail adresa\n" +
			"1;2022-11-01 10:00;2022-11-01 10:05;anonymous;;Ana Perić;Grupa građana;ana@x.example\n" +
			"2;2022-11-01 11:00;2022-11-01 11:05;anonymous;;Marko Ilić;Viši sud u Nišu;\n"),
		want: `
1 header
2 Ana+Perić · RS ·  · n · ana@x.example · ____
3 Marko+Ilić · RS · court · n ·  · ____
! country_assumed type_unknown
`,
	},
	{
		name: "two rows of header with merged days", event: twoDays("XK"),
		merged: []sheet.Range{{FirstRow: 2, FirstCol: 4, LastRow: 2, LastCol: 5}, {FirstRow: 2, FirstCol: 6, LastRow: 2, LastCol: 7}, {FirstRow: 2, FirstCol: 1, LastRow: 3, LastCol: 1}, {FirstRow: 2, FirstCol: 2, LastRow: 3, LastCol: 2}, {FirstRow: 1, FirstCol: 1, LastRow: 1, LastCol: 7}},
		rows: `
Lista e prezencës
Nr | Emri dhe mbiemri | Institucioni | Dita 1 | · | Dita 2
·|·|·| AM | PM | AM | PM
1 | Arta Gashi | Policia e Kosovës | x | x | x | ·
2 | Blerim Krasniqi | Gjykata Themelore | x | - | x | x
Gjithsej | 2
`,
		want: `
1 title
2 header
3 header
4 Arta+Gashi · XK · police · n ·  · 1110
5 Blerim+Krasniqi · XK · court · n ·  · 1011
6 ignored total
! country_assumed
`,
	},
	{
		name: "days without merges over halves, named only once", event: twoDays("RS"),
		rows: `
·|·|·| 14.11.2022. | · | 15.11.2022. | ·
Рб | Име и презиме | Орган | пре подне | после подне | пре подне | после подне
1 | Петар Петровић | МУП | + | + | + | -
2 | Јелена Љубић | Прекршајни суд | да | не | да | да
`,
		want: `
1 header
2 header
3 Петар+Петровић · RS · police · n ·  · 1110
4 Јелена+Љубић · RS · court · n ·  · 1011
! country_assumed
`,
	},
	{
		name: "one column a day, signed", event: twoDays("MK"),
		rows: `
Бр. | Презиме и име | Институција | Потпис 14.11 | Потпис 15.11
1 | ПЕТРОВСКА Ана | Основен суд Скопје 1 | потпис | потпис
2 | ИЛИЕВ Марко | МВР | потпишано | ·
3 | СТОЈАНОВА Ива | Здружение Искра | А. Стојанова | И. Стојанова
`,
		want: `
1 header
2 Ана+Петровска · MK · court · n ·  · 1111
3 Марко+Илиев · MK · police · n ·  · 1100
4 Ива+Стојанова · MK · cso · n ·  · ??11
! country_assumed day_ticks mark_name[4] mark_unknown[4]
`,
	},
	{
		name: "no header at all", event: twoDays("BA"),
		data: []byte("1;Perić;Ana;MUP RS;ana.peric@x.example;061222333;x;x;x;x\n2;Jurić;Marko;Tužilaštvo BiH;marko.juric@x.example;061222334;x;;x;x\n3;Hodžić;Lejla;Fondacija Lara;lejla.hodzic@x.example;;x;x;x;\n"),
		want: `
1 Ana+Perić · BA · police · n · ana.peric@x.example · 1111
2 Marko+Jurić · BA · prosecution · n · marko.juric@x.example · 1011
3 Lejla+Hodžić · BA · cso · n · lejla.hodzic@x.example · 1110
! column_inferred country_assumed no_header order_assumed
`,
	},
	{
		name: "full names without a header and nothing that tells their order", event: twoDays("AL"),
		rows: `
Arben Hoxha | Policia e Shtetit
Mira Kola | Gjykata e Tiranës
`,
		want: `
1 ?Arben Hoxha · AL · police · n ·  · ____
2 ?Mira Kola · AL · court · n ·  · ____
! column_inferred country_assumed name_order_unknown[1,2] no_header
`,
	},
	{
		name: "sections give country and type of institution", event: roster.Event{Country: "RS", Type: "conference", Starts: time.Date(2023, 3, 30, 0, 0, 0, 0, time.UTC), Days: 1, Unit: "day"},
		merged: []sheet.Range{{FirstRow: 3, FirstCol: 1, LastRow: 3, LastCol: 4}},
		rows: `
No | Name and surname | Organisation | Signature
SRBIJA
TRENERI
1 | Ana Perić | MUP | x
CRNA GORA
2 | Vuk Perović | Uprava policije | x
Tužilaštvo
3 | Luka Ilić | Podgorica | ·
`,
		want: `
1 header
2 ignored section
3 ignored section
4 Ana+Perić · RS · police · n ·  · 1
5 ignored section
6 Vuk+Perović · ME · police · n ·  · 1
7 ignored section
8 Luka+Ilić · ME · prosecution · n ·  · 0
!` + ` 
`,
	},
	{
		name: "two lists one below the other, with other columns", event: twoDays("ME"),
		rows: `
Spisak učesnika
R. br | Ime i prezime | Institucija | 14.11. | 15.11.
1 | Ana Perović | Uprava policije | da | da
2 | Vuk Radović | NVO Juventas | da | ne

Treneri:
R. br | Prezime | Ime | E-mail | 14.11. | 15.11.
1 | Bulatović | Sanja | sanja@x.example | da | da
`,
		want: `
1 title
2 header
3 Ana+Perović · ME · police · n ·  · 1111
4 Vuk+Radović · ME · cso · n ·  · 1100
6 ignored section
7 header
8 Sanja+Bulatović · ME ·  · n · sanja@x.example · 1111
! country_assumed day_ticks
`,
	},
	{
		name: "the header again on each printed page, totals and signatures at the end", event: twoDays("HR"),
		rows: `
R. br. | Ime i prezime sudionika | Ustanova | Spol | Dan 1 prijepodne | Dan 1 poslijepodne | Dan 2 prijepodne | Dan 2 poslijepodne
1. | Ana-Marija Horvat | MUP, Ravnateljstvo policije | Ž | nazočna | nazočna | nazočna | nazočna
2. | Ivan Babić | Županijsko državno odvjetništvo | M | nazočan | opravdano | nazočan | nenazočan
R. br. | Ime i prezime sudionika | Ustanova | Spol | Dan 1 prijepodne | Dan 1 poslijepodne | Dan 2 prijepodne | Dan 2 poslijepodne
3. | Petra Knežević Kovač | Udruga Are you syrious | Ž | 9:05 | 13:30 | x | x
Ukupno sudionika: | 3
Sveukupno: |·|·|·| 3 | 2 | 3 | 2
Voditelj: ____________ |·|·|·| M.P.
Napomena: popis je vođen ručno
4. |
`,
		want: `
1 header
2 Ana-Marija+Horvat · HR · police · f ·  · 1111
3 Ivan+Babić · HR · prosecution · m ·  · 1010
4 header
5 Petra+Knežević Kovač · HR · cso · f ·  · 1111
6 ignored total
7 ignored total
8 ignored signature
9 ignored footnote
10 ignored unused
! country_assumed mark_time[5]
`,
	},
	{
		name: "countries as people write them", event: roster.Event{Type: "conference", Country: "RS"},
		rows: `
Name | Country | E-mail
Ana Perić | FYROM | ana.peric@x.example
Ana Marić | The former Yugoslav Republic of Macedonia | ana.maric@x.example
Ana Begić | Serbia and Montenegro | ana.begic@x.example
Ana Ilić | BiH | ana.ilic@x.example
Ana Babić | Kosovo (UNSCR 1244) | ana.babic@x.example
Ana Lukić | Косово и Метохија | ana.lukic@x.example
Ana Jukić | Beograd, Srbija | ana.jukic@x.example
Ana Vukić | Republic of Serbia | ana.vukic@x.example
Ana Tadić | Maqedonia e Veriut | ana.tadic@x.example
Ana Simić | Црна Гора | ana.simic@x.example
Ana Savić | Atlantis | ana.savic@x.example
Ana Ristić | Bosna | ana.ristic@x.example
Ana Pavić | Crna Gora / Montenegro | ana.pavic@x.example
Ana Kovač | 🇦🇱 | ana.kovac@x.example
Ana Rakić | Serbia (Kosovo) | ana.rakic@x.example
Ana Lazić | KOSOVO* | ana.lazic@x.example
`,
		want: `
1 header
2 Ana+Perić · MK ·  · n · ana.peric@x.example · 
3 Ana+Marić · MK ·  · n · ana.maric@x.example · 
4 Ana+Begić ·  ·  · n · ana.begic@x.example · 
5 Ana+Ilić · BA ·  · n · ana.ilic@x.example · 
6 Ana+Babić · XK ·  · n · ana.babic@x.example · 
7 Ana+Lukić · XK ·  · n · ana.lukic@x.example · 
8 Ana+Jukić · RS ·  · n · ana.jukic@x.example · 
9 Ana+Vukić · RS ·  · n · ana.vukic@x.example · 
10 Ana+Tadić · MK ·  · n · ana.tadic@x.example · 
11 Ana+Simić · ME ·  · n · ana.simic@x.example · 
12 Ana+Savić ·  ·  · n · ana.savic@x.example · 
13 Ana+Ristić · BA ·  · n · ana.ristic@x.example · 
14 Ana+Pavić · ME ·  · n · ana.pavic@x.example · 
15 Ana+Kovač · AL ·  · n · ana.kovac@x.example · 
16 Ana+Rakić ·  ·  · n · ana.rakic@x.example · 
17 Ana+Lazić · XK ·  · n · ana.lazic@x.example · 
! country_undecidable[16] country_undecidable[4] country_unknown[12] name_order_email
`,
	},
	{
		name: "UTF-16 with tabs, as Excel saves Unicode text", event: twoDays("AL"),
		data: utf16le("Nr.\tMbiemri\tEmri\tGjinia\tDita e parë paradite\tDita e parë pasdite\tDita e dytë paradite\tDita e dytë pasdite\r\n1\tÇela\tËngjëll\tM\tpo\tpo\tjo\tpo\r\n2\tHoxha\tMira\tF\tPo\tpo\tpo\tmungon\r\n"),
		want: `
1 header
2 Ëngjëll+Çela · AL ·  · m ·  · 1101
3 Mira+Hoxha · AL ·  · f ·  · 1110
! country_assumed
`,
	},
	{
		name: "Windows-1251 with commas and a multi-line heading", event: twoDays("RS"),
		data: cp1251("\"Ред.\nбр.\",\"Име (име родитеља)\nи презиме\",\"Установа\",\"14.11.\nI део\",\"14.11.\nII део\",\"15.11.\nI део\",\"15.11.\nII део\"\n1,Ђорђе (Марко) Љубић,\"Центар за азил, Бања Ковиљача\",1,1,0,1\n2,Џенана (Иван) Њежић,Основни суд,1,1,1,1\n"),
		want: `
1 header
2 Ђорђе+Љубић · RS · reception · n ·  · 1101
3 Џенана+Њежић · RS · court · n ·  · 1111
! country_assumed
`,
	},
	{
		name: "a sheet a day with signatures", event: twoDays("BA"),
		book: book(
			sheet.Sheet{Name: "Spisak", Rows: grid("Rb | Ime i prezime | Institucija | Mail\n1 | Ana Perić | MUP | ana.peric@x.example\n2 | Đorđe Marić | Općinski sud | dj.maric@x.example\n3 | Iva Ilić | UNHCR |")},
			sheet.Sheet{Name: "14.11.", Rows: grid("Ime i prezime | Potpis\nПерић Ана | x\nMaric Djordje | x\nNepoznat Netko | x")},
			sheet.Sheet{Name: "Dan 2", Rows: grid("Lista prisutnih\nIme i prezime | Prije podne | Poslije podne\nIva Ilić | x |\nAna Perić | x | x\nAna Perić | x | x")},
			sheet.Sheet{Name: "staro", Hidden: true, Rows: grid("Ime i prezime | Mail\nX Y | z")},
			sheet.Sheet{Name: "Budžet", Rows: grid("Stavka | Iznos\nHotel | 100")},
		),
		want: `
1 header
2 Ana+Perić · BA · police · n · ana.peric@x.example · 1111
3 Đorđe+Marić · BA · court · n · dj.maric@x.example · 11__
4 Iva+Ilić · BA · international · n ·  · __10
14.11.!1 header
14.11.!2 joined 2
14.11.!3 joined 3
14.11.!4 refused join_nobody
Dan 2!1 title
Dan 2!2 header
Dan 2!3 joined 4
Dan 2!4 joined 2
Dan 2!5 refused join_twice
! country_assumed day_ticks sheet_hidden sheet_unread
`,
	},
	{
		name: "family first by commas, capitals and titles", event: twoDays("ME"),
		rows: `
Učesnik | Organ | Telefon
Petrović, Ana | Viši sud | 067 123 456
dr Marko Bulatović | Ministarstvo pravde | 38267123456
prof. dr ŠĆEPANOVIĆ Đurđa | Pravni fakultet | +382 67 123 456
LJUBIČIĆ-NJEGOVAN DŽENANA | NVO CEDEM | 3,8267E+10
Ana M. Perović | Misija OEBS-a | 00382671234567
`,
		want: `
1 header
2 Ana+Petrović · ME · court · n ·  · ____
3 Marko+Bulatović · ME · other · n ·  · ____
4 Đurđa+Šćepanović · ME · academia · n ·  · ____
5 ?LJUBIČIĆ-NJEGOVAN DŽENANA · ME · cso · n ·  · ____
6 Ana M.+Perović · ME · international · n ·  · ____
! country_assumed name_order_unknown[5] phone_damaged[5]
`,
	},
	{
		name: "marks on the wrong days are refused, not shifted", event: twoDays("RS"),
		rows: `
Ime | Prezime | 13.11. | 14.11. | 15.11. | 16.11.
Ana | Perić | x | x | · | x
Vuk | Ilić | x | · | x | x
`,
		want: `
1 header
2 Ana+Perić · RS ·  · n ·  · 1100
3 Vuk+Ilić · RS ·  · n ·  · 0011
! country_assumed date_outside day_ticks
`,
	},
	{
		name: "four signature columns without days are taken in order, and told", event: twoDays("RS"),
		rows: `
Ime | Prezime | Potpis | Potpis | Potpis | Potpis
Ana | Perić | x | x | · | x
Vuk | Ilić | x | · | x | x
`,
		want: `
1 header
2 Ana+Perić · RS ·  · n ·  · 1101
3 Vuk+Ilić · RS ·  · n ·  · 1011
! country_assumed order_assumed
`,
	},
	{
		name: "three signature columns fit neither days nor halves", event: twoDays("RS"),
		rows: `
Ime | Prezime | Potpis | Potpis | Potpis
Ana | Perić | x | x | ·
Vuk | Ilić | x | · | x
`,
		want: `
1 header
2 Ana+Perić · RS ·  · n ·  · ____
3 Vuk+Ilić · RS ·  · n ·  · ____
! column_unplaced columns_do_not_fit country_assumed
`,
	},
	{
		name: "rows that are no participants", event: twoDays("RS"),
		rows: `
Br | Ime i prezime | Institucija | E-mail | Dan 1 | Dan 2
1 | Ana Perić | MUP | ana@x.example; ana2@x.example | 1 | 1
2 | · | MUP | b@x.example | 1 | 1
3 | upražnjeno | MUP | · | · | ·
4 | =HYPERLINK("http://x";"y") | MUP | nema | 1 | 1
5 | 12345 | MUP | · | 1 | 1
6 | <script>alert(1)</script> | MUP | x@@y | 1 | 1
7 | Vuk Ilić
8
*Ovaj naziv je bez prejudiciranja statusa
Odgovorno lice: ______________
`,
		want: `
1 header
2 Ana+Perić · RS · police · n · ana@x.example · 1111
3 refused no_name
4 ignored vacant
5 ?=HYPERLINK("http://x";"y") · RS · police · n ·  · 1111
6 refused not_a_name
7 ?<script>alert(1)</script> · RS · police · n ·  · 1111
8 Vuk+Ilić · RS ·  · n ·  · 0000
9 ignored unused
10 ignored footnote
11 ignored signature
! country_assumed day_ticks email_invalid[7] email_several[2] name_odd[5,7] name_only[8] name_single[5,7]
`,
	},
	{
		name: "Albanian salutations as genders and P for present", event: twoDays("AL"),
		rows: `
Nr | Emër Mbiemër | Gjinia | Dita 1 | Dita 2
1 | Arta Gjoni | Znj | P | M
2 | Ilir Kola | Z | P | P
3 | Mira Hoxha | Znj | m | p
`,
		want: `
1 header
2 Arta+Gjoni · AL ·  · f ·  · 1100
3 Ilir+Kola · AL ·  · m ·  · 1111
4 Mira+Hoxha · AL ·  · f ·  · 0011
! country_assumed day_ticks
`,
	},
	{
		name: "genders without carons", event: twoDays("RS"),
		rows: "Ime | Prezime | Pol\nAna | Perić | Z\nVuk | Ilić | M\nIva | Marić | z\nAca | Simić | ?",
		want: `
1 header
2 Ana+Perić · RS ·  · f ·  · ____
3 Vuk+Ilić · RS ·  · m ·  · ____
4 Iva+Marić · RS ·  · f ·  · ____
5 Aca+Simić · RS ·  · n ·  · ____
! country_assumed
`,
	},
	{
		name: "names alone", event: twoDays("RS"), rows: "Име и презиме\nАна Перић\nВук Илић\n",
		want: `
1 header
2 Ана+Перић · RS ·  · n ·  · ____
3 Вук+Илић · RS ·  · n ·  · ____
! country_assumed name_only[2,3]
`,
	},
	{
		name: "headings with typing errors and both contacts in a cell", event: twoDays("BA"),
		rows: `
Redni broj | Ime i prezme | Institicija | Kontakt (e-mail i telefon) | Dan 1 prije podne | Dan 1 poslije podne | Dan 2 prije podne | Dan 2 poslije podne
1 | Ana Perić | Granična policija | ana.peric@x.example, 061 222 333 | x | x | x | x
2 | Vuk Ilić | Kantonalni sud | 061 222 334 | x | x | x | x
`,
		want: `
1 header
2 Ana+Perić · BA · police · n · ana.peric@x.example · 1111
3 Vuk+Ilić · BA · court · n ·  · 1111
! column_misspelt country_assumed
`,
	},
	{
		name: "a signature merged over the two halves of a day", event: twoDays("BA"),
		merged: []sheet.Range{{FirstRow: 2, FirstCol: 3, LastRow: 2, LastCol: 4}, {FirstRow: 2, FirstCol: 5, LastRow: 3, LastCol: 5}},
		rows: `
Ime | Prezime | 14.11. P1 | 14.11. P2 | 15.11. P1 | 15.11. P2
Ana | Perić | x | · | x | ·
Vuk | Ilić | x | · | · | x
`,
		want: `
1 header
2 Ana+Perić · BA ·  · n ·  · 1110
3 Vuk+Ilić · BA ·  · n ·  · 1011
! country_assumed
`,
	},
	{
		name: "nobody has a mark yet", event: twoDays("BA"),
		rows: "Ime | Prezime | 14.11. P1 | 14.11. P2 | 15.11. P1 | 15.11. P2\nAna | Perić\nVuk | Ilić",
		want: `
1 header
2 Ana+Perić · BA ·  · n ·  · ????
3 Vuk+Ilić · BA ·  · n ·  · ????
! country_assumed name_only[2,3] no_marks
`,
	},
	{
		name: "a person over two rows", event: twoDays("BA"),
		merged: []sheet.Range{{FirstRow: 2, FirstCol: 1, LastRow: 3, LastCol: 1}},
		rows:   "Ime i prezime | Telefon | Mail\nAna Perić | 061 222 333 | ana.peric@x.example\n· | 033 111 222\nVuk Ilić | 061 222 334",
		want: `
1 header
2 Ana+Perić · BA ·  · n · ana.peric@x.example · ____
3 ignored continues
4 Vuk+Ilić · BA ·  · n ·  · ____
! country_assumed
`,
	},
}
