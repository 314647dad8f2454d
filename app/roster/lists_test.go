package roster_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/roster"
	"attesta/app/sheet"
)

var update = flag.Bool("update", false, "write the golden files")

// The golden file was read line by line when it was written; a change in it is a change in what offices get.
func TestMoreListsAreReadAsReviewed(t *testing.T) {
	var out strings.Builder
	three := roster.Event{Country: "AL", Type: "regional_training", Starts: time.Date(2021, 9, 13, 0, 0, 0, 0, time.UTC), Days: 3, Unit: "half-day"}
	day := twoDays("BA")
	day.Unit = "day"
	for _, c := range []variant{
		{name: "iso header dates + AM", event: twoDays("ME"), rows: `
Evidencija prisustva
Datum: 14-15. novembar 2022. | · | · | Mjesto: Podgorica

Rb. | Prezime i ime | Ustanova | 2022-11-14 | · | 2022-11-15 |
·|·|·| I | II | I | II
1 | Perović Ana | Uprava policije | + | + | + | -
2 | Radović Vuk | Vrhovni sud | + | - | + | +`},
		{name: "vertical country merges, english", event: three, merged: []sheet.Range{{FirstRow: 2, FirstCol: 1, LastRow: 3, LastCol: 1}}, rows: `
Country | Full name | Organisation | E-mail | 13/09 AM | 13/09 PM | 14/09 AM | 14/09 PM | 15/09 AM | 15/09 PM
Kosovo (UNSCR 1244) | Arta GASHI | Kosovo Police | arta@x.example | P | P | P | A | P | P
 | Blerim KRASNIQI | State Prosecutor | b@x.example | P | P | P | P | P | P
Bosnia & Herzegovina | Dženan BEGIĆ | SIPA | d@x.example | P | A | A | A | A | A`},
		{name: "mk attendance on second sheet, other order and script", event: twoDays("MK"), book: book(
			sheet.Sheet{Name: "Листа", Rows: grid("Р.бр | Име и презиме | Институција | Е-маил | Пол\n1 | Ѓорѓи Петровски | МВР | g@x.example | машки\n2 | Љупка Ќосева | Основно јавно обвинителство | lj@x.example | женски\n3 | Ана Илиева | Здружение Х | a@x.example | Ж")},
			sheet.Sheet{Name: "Prisustvo", Rows: grid("Ucesnik | Den 1 pretpladne | Den 1 popladne | Den 2 pretpladne | Den 2 popladne\nPetrovski Gjorgji | da | da | ne | da\nKjoseva Ljupka | da | da | da | da\nIlieva Ana | da | opravdano | da | da\nVkupno | 3 | 2 | 2 | 3")},
		)},
		{name: "ticks DA/NE heading", event: twoDays("BA"), rows: `
R/B | IME | PREZIME | INSTITUCIJA/ORGANIZACIJA | RADNO MJESTO | KONTAKT TEL | E-MAIL ADRESA | SPOL (M/Ž) | PRISUSTVO 1. DAN (DA/NE) | PRISUSTVO 2. DAN (DA/NE)
1 | AMRA | ĐURIĆ | GRANIČNA POLICIJA | INSPEKTOR | 061/123-456 | AMRA.DJURIC@MUP.BA | Ž | DA | NE
2 | HARIS | ŠEHIĆ | UDRUŽENJE ZEMLJA DJECE | PRAVNIK | 38761123456 | haris@x.ba | M | DA | DA`},
		{name: "event unit day, AM/PM columns", event: day, rows: `
Ime i prezime | 14.11. prije podne | 14.11. poslije podne | 15.11. prije podne | 15.11. poslije podne
Ana Perić | x | | x | x
Vuk Ilić | | | | x`},
		{name: "institution header as section type", event: twoDays("AL"), rows: `
LISTA E PJESËMARRËSVE
Nr. | Emër Mbiemër | Institucioni | Pozicioni | Nr. tel | Adresa e-mail | Dita I | Dita II
1 | Arben Hoxha | Ministria e Brendshme | Inspektor | 0691234567 | arben.hoxha@x.al | Nënshkrim | Nënshkrim
2 | Mira Kola | Prokuroria pranë Gjykatës së Shkallës së Parë Tiranë | Prokurore | 355691234567 | mira.kola@x.al | nënshkrim |
3 | Elira Çela | Komisariati për Refugjatët | | | | mungon | po
Totali: 3`},
		{name: "no units known", event: roster.Event{}, rows: `
Name | Day 1 AM | Day 1 PM | Day 2 AM
Ana Petrović | x | x |
Vuk Ilić | x | | x`},
		{name: "signature lines", event: twoDays("RS"), rows: `
Р. бр. | Презиме, име | Орган | Телефон | Потпис (14.11.) | Потпис (15.11.)
1. | Петровић, Ана | Више јавно тужилаштво у Новом Саду | 064/123-45-67 | А.П. | А. Петровић
2. | Илић, Вук | Полицијска управа Ниш | | потписао | одсутан`},
		{name: "session numbers", event: twoDays("RS"), rows: `
Ime i prezime | Sesija 1 | Sesija 2 | Sesija 3 | Sesija 4
Ana Perić | x | | x | x
Vuk Ilić | | | | x`},
		{name: "number headings", event: twoDays("RS"), rows: `
Ime i prezime | Mail | 1 | 2 | 3 | 4
Ana Perić | ana.peric@x.rs | x | | x | x
Vuk Ilić | vuk.ilic@x.rs | | | | x`},
		{name: "weekday", event: twoDays("RS"), rows: `
Ime i prezime | Ponedeljak | Utorak
Ana Perić | x |
Vuk Ilić | x | x`},
		{name: "D1 S1", event: twoDays("RS"), rows: `
Name | D1-AM | D1-PM | D2-AM | D2-PM | Total
Ana Perić | 1 | 1 | 0 | 1 | 3
Vuk Ilić | 1 | 0 | 0 | 1 | 2
| 2 | 1 | 0 | 2 | 5`},
		{name: "gjysma", event: twoDays("XK"), rows: `
Nr. | Mbiemri, Emri | Institucioni | 14 nëntor paradite | 14 nëntor pasdite | 15 nëntor paradite | 15 nëntor pasdite
1 | Gashi, Arta | Policia e Kosovës | ✓ | ✓ | ✗ | ✓
2 | Krasniqi, Blerim | OJQ CRP/K | ✓ | ✓ | ✓ | ✓`},
		{name: "one Attended column", event: twoDays("XK"), rows: `
First name | Last name | Attended
Arta | Gashi | Yes
Blerim | Krasniqi | No`},
		{name: "name parts trick", event: twoDays("RS"), rows: `
Ime i prezime | E-mail
Ana Petrović Jovanović | ana.petrovic@x.rs
Jan van der Berg | jan@x.rs
Ana Marija Tot | ana.tot@x.rs
O'Connor Sean | sean.oconnor@x.rs
mr Marko Ilić, dipl. pravnik | m.ilic@x.rs
Iva McDonald | iva.mcdonald@x.rs
Đorđević | djordjevic@x.rs
Vuk Simić (zamjena za Anu Perić) | vuk.simic@x.rs`},
		{name: "only country section + institution as header rows wide", event: roster.Event{Type: "conference", Country: "RS"}, merged: []sheet.Range{{FirstRow: 2, FirstCol: 1, LastRow: 2, LastCol: 4}, {FirstRow: 5, FirstCol: 1, LastRow: 5, LastCol: 4}}, rows: `
No. | Name | Position | Institution
Albania
1 | Arben Hoxha | Inspector | State Police
2 | Mira Kola | Prosecutor | General Prosecution Office
North Macedonia
1 | Ana Ilieva | Advisor | Ministry of Interior`},
		{name: "trailing notes", event: twoDays("BA"), rows: `
SPISAK UČESNIKA | | |
Broj | Ime | Prezime | Ustanova | Dan 1 | Dan 2
1 | Ana | Perić | Sud BiH | x | x
2 | Vuk | Ilić | Tužilaštvo BiH | x | o

Prisutno: | | | | 2 | 1
Spisak sačinila: Ana Anić
U Sarajevu, 15.11.2022. godine
* Ova oznaka ne prejudicira status`},
		{name: "contradicting heading", event: twoDays("RS"), rows: `
Prezime i ime | E-mail | Institucija
Ana Marić | ana.maric@x.rs | MUP
Vuk Ilić | vuk.ilic@x.rs | MUP
Iva Perić | iva.peric@x.rs | Sud
Đorđe Žikić | djordje.zikic@x.rs | Sud`},
		{name: "two scripts", event: twoDays("RS"), rows: `
Р.бр. | Име и презиме (ћирилица) | Ime i prezime (latinica) | Институција
1 | Ђорђе Жикић | Đorđe Žikić | МУП
2 | Ана Марић | Ana Marić | Суд`},
		{name: "group Prisustvo over days over halves", event: twoDays("ME"), merged: []sheet.Range{{FirstRow: 1, FirstCol: 4, LastRow: 1, LastCol: 7}, {FirstRow: 2, FirstCol: 4, LastRow: 2, LastCol: 5}, {FirstRow: 2, FirstCol: 6, LastRow: 2, LastCol: 7}, {FirstRow: 1, FirstCol: 1, LastRow: 3, LastCol: 1}, {FirstRow: 1, FirstCol: 2, LastRow: 3, LastCol: 2}, {FirstRow: 1, FirstCol: 3, LastRow: 3, LastCol: 3}}, rows: `
R. br. | Ime i prezime | Institucija | Prisustvo
 | | | 14.11.2022. | | 15.11.2022.
 | | | prije podne | poslije podne | prije podne | poslije podne
1. | Ana Perović | MUP | x | x | x |
2. | Vuk Radović | Sud | x | | x | x`},
		{name: "institutions as sections in name column", event: twoDays("RS"), rows: `
R. br. | Ime i prezime | Potpis 14.11. | Potpis 15.11.
 | MINISTARSTVO UNUTRAŠNJIH POSLOVA
1 | Ana Perić | x | x
2 | Vuk Ilić | x | x
 | Više javno tužilaštvo u Beogradu
3 | Iva Marić | x | x
 | GRUPA 484
4 | Aca Simić | x | `},
		{name: "title rows in table, blank first column", event: twoDays("MK"), rows: `
| Проект: Безбедност за луѓето | | |
| Датум: 14-15.11.2022 | Место: Скопје | |

| Реден број | Име и презиме | Институција / Организација | Тел. | е-маил | Ден 1 - претпладне | Ден 1 - попладне | Ден 2 - претпладне | Ден 2 - попладне
| 1. | Ана Петровска | МВР | 070123456 | ana.petrovska@mvr.mk | ✓ | ✓ | ✓ | ✓
| 2. | Марко Илиев | ЈО | 38970123457 | marko.iliev@jo.mk | ✓ | ✗ | ✓ | ✓
| | Вкупно: 2 |
| Изготвил: | А. Петровска`},
		{name: "parent's name column and titles", event: twoDays("BA"), rows: `
Rb | Titula | Ime | Ime oca | Prezime | Institucija | JMBG | Potpis
1 | dr | Ana | Marko | Perić | Kantonalni sud | 0101980175001 | x
2 | | Vuk | Ivan | Ilić | Ministarstvo pravde | 0202970175002 |`},
		{name: "attended days columns far right with totals", event: twoDays("AL"), rows: `
Nr. | Emri | Mbiemri | Institucioni | Dita 1 | Dita 2 | Gjithsej
1 | Ilir | Kola | Ministria e Brendshme | 2 | 2 | 4
2 | Mira | Hoxha | Prokuroria | 1 | 2 | 3`},
		{name: "mixed dash names and footnotes", event: twoDays("XK"), rows: `
Emri dhe Mbiemri / Ime i prezime / Name | Vendi / Zemlja | Institucioni / Institucija
Arta Gashi | Kosova* | Policia e Kosovës
Blerim Krasniqi | Kosovo | OJQ
Jovan Ilić | Kosovo | Helsinki Committee

* Ky emërtim nuk paragjykon qëndrimet mbi statusin`},
	} {
		b := c.book
		if b == nil {
			b = book(sheet.Sheet{Rows: grid(c.rows), Merged: c.merged})
		}
		l, err := roster.Read(b, vocabulary, roster.Options{Event: c.event})
		fmt.Fprintln(&out, "=====", c.name)
		if err != nil {
			fmt.Fprintln(&out, err)
		}
		if err != nil {
			continue
		}
		if err := nothingDropped(b, l); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		out.WriteString(told(l))
		for _, m := range l.Mapping {
			fmt.Fprintf(&out, "    %s %q → %s %v %s\n", m.Letter, m.Heading, m.Field, m.Units, m.Note)
		}
		for _, r := range l.Rows {
			if r.Phone != "" || r.Title != "" || len(r.Extra) > 0 {
				fmt.Fprintln(&out, "   ", r.Number, r.Phone, r.Title, r.NameReason, r.Extra)
			}
		}
	}
	golden(t, "lists.txt", out.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
}
