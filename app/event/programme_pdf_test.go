package event

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/db"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/locales"
)

var update = flag.Bool("update", false, "write the golden files anew")

var words = sync.OnceValue(func() *locale.Catalogue {
	c, err := locale.Load(locales.FS)
	if err != nil {
		panic(err)
	}
	return c
})

// everywhere is a text that is there in all languages.
func everywhere(en, sq, south, cyrillic, mk string) locale.Text {
	return locale.NewText("en", en, "sq", sq, "bs", south, "cnr", south, "hr", south, "sr-Latn", south, "sr-Cyrl", cyrillic, "mk", mk)
}

// twoDays is a usual programme of two days in Prishtina.
func twoDays() *Printed {
	day := func(s string) db.Day {
		d, err := db.ParseDay(s)
		if err != nil {
			panic(err)
		}
		return d
	}
	c := &Content{
		Event: &Event{
			Code: "nt-xk", Type: NationalTraining, Country: "XK", City: "Prishtina", Venue: "Hotel Sirius", StartsOn: day("2026-10-24"), Days: 2, Zone: "Europe/Belgrade",
			State: Published, UpdatedAt: db.At(time.Date(2026, 9, 1, 8, 15, 0, 0, time.UTC)), Format: OnSite, Languages: db.JSON[[]locale.Code]{V: []locale.Code{"sq", "en"}},
			Title: everywhere("Countering the smuggling of migrants: simulation of an investigation", "Lufta kundër kontrabandës së migrantëve: simulim i një hetimi",
				"Suzbijanje krijumčarenja migranata: simulacija istrage", "Сузбијање кријумчарења миграната: симулација истраге", "Спречување на криумчарењето мигранти: симулација на истрага"),
		},
		Rooms:    []Room{{ID: 1, Name: everywhere("Large hall", "Salla e madhe", "Velika sala", "Велика сала", "Голема сала")}, {ID: 2, Name: everywhere("Room 2", "Salla 2", "Sala 2", "Сала 2", "Сала 2")}},
		Tracks:   []Track{{ID: 1, Name: everywhere("Police", "Policia", "Policija", "Полиција", "Полиција")}, {ID: 2, Name: everywhere("Prosecution", "Prokuroria", "Tužilaštvo", "Тужилаштво", "Обвинителство")}},
		Speakers: []Speaker{{ID: 1, Name: "Ђорђе Ћосић", Kind: Trainer, Shown: ToAll}, {ID: 2, Name: "Blerta Krasniqi", Kind: Trainer, Shown: ToAll}, {ID: 3, Name: "Ana Gjorgjievska", Kind: Moderator, Shown: ToAll}},
	}
	opening := everywhere("Opening", "Hapja", "Otvaranje", "Отварање", "Отворање")
	pause := everywhere("Break", "Pushim", "Pauza", "Пауза", "Пауза")
	exercise := everywhere("Simulation of an investigation in mixed teams, from the first report to the indictment", "Simulim i hetimit në ekipe të përziera, nga raportimi i parë deri te aktakuza",
		"Simulacija istrage u mješovitim timovima, od prve prijave do optužnice", "Симулација истраге у мешовитим тимовима, од прве пријаве до оптужнице", "Симулација на истрага во мешани тимови, од првата пријава до обвинението")
	add := func(date string, from, to string, x Session) {
		d := day(date)
		at := func(s string) db.Time {
			var h, m int
			if _, err := fmt.Sscanf(s, "%d:%d", &h, &m); err != nil {
				panic(err)
			}
			return db.At(d.In(c.Event.Location(), h, m))
		}
		x.ID, x.Day, x.StartsAt, x.EndsAt = int64(len(c.Sessions)+1), d, at(from), at(to)
		c.Sessions = append(c.Sessions, x)
	}
	for _, d := range []string{"2026-10-24", "2026-10-25"} {
		add(d, "9:00", "9:30", Session{Kind: Plenary, Title: opening, RoomID: 1, Speakers: []int64{3}})
		add(d, "9:30", "11:00", Session{Kind: Panel, Title: everywhere("What the law says", "Çfarë thotë ligji", "Šta kaže zakon", "Шта каже закон", "Што вели законот"), RoomID: 1, Speakers: []int64{1, 2, 3}})
		add(d, "11:00", "11:30", Session{Kind: Break, Title: pause})
		add(d, "11:30", "13:00", Session{Kind: GroupWork, Title: exercise, RoomID: 1, TrackID: 1, Speakers: []int64{1}})
		add(d, "11:30", "13:00", Session{Kind: GroupWork, Title: exercise, RoomID: 2, TrackID: 2, Speakers: []int64{2}})
		add(d, "13:00", "14:00", Session{Kind: Break, Title: pause})
		add(d, "14:00", "16:30", Session{Kind: Simulation, Title: exercise, RoomID: 1})
		add(d, "19:00", "21:00", Session{Kind: Social, Title: everywhere("Dinner", "Darkë", "Večera", "Вечера", "Вечера")})
	}
	return &Printed{Content: c, Donors: []PrintedDonor{{Donor: project.Donor{Kind: project.EU}}, {Donor: project.Donor{Kind: project.NorwayEmbassy, City: "Belgrade"}}}}
}

// pages returns what stands on each page, and complains of what leaves it or meets something else.
func pages(t *testing.T, p *Printed, code locale.Code) [][]string {
	t.Helper()
	s, err := p.set(words(), code)
	if err != nil {
		t.Fatal(err)
	}
	all := make([][]string, len(s.flow.Canvases()))
	for i, c := range s.flow.Canvases() {
		s.foot(c, i+1, len(all))
		boxes := c.Boxes()
		for j, b := range boxes {
			all[i] = append(all[i], b.Text)
			if b.X < 19.9 || b.X+b.W > 190.1 || b.Top() < 12 || b.Bottom() > 290 {
				t.Errorf("%s page %d: %q leaves the page: %.1f–%.1f × %.1f–%.1f", code, i+1, b.Text, b.X, b.X+b.W, b.Top(), b.Bottom())
			}
			for _, a := range boxes[:j] {
				if a.X < b.X+b.W-.01 && b.X < a.X+a.W-.01 && a.Top() < b.Bottom()-.3 && b.Top() < a.Bottom()-.3 {
					t.Errorf("%s page %d: %q meets %q", code, i+1, a.Text, b.Text)
				}
			}
		}
	}
	return all
}

func TestAProgrammeOfTwoDaysIsOneSheetInEveryLanguage(t *testing.T) {
	for _, code := range words().Locales() {
		all := pages(t, twoDays(), code)
		if len(all) != 1 {
			t.Errorf("%s takes %d sheets", code, len(all))
		}
		got := strings.Join(all[0], "\n") + "\n"
		name := filepath.Join("testdata", "programme-"+string(code)+".txt")
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", code, diff)
		}
	}
}

func TestALongProgrammeFlowsAndRepeatsTheDay(t *testing.T) {
	p := twoDays()
	one := p.Content.Sessions
	for range 6 {
		p.Content.Sessions = append(p.Content.Sessions, one[8:]...)
	}
	all := pages(t, p, "mk")
	if len(all) < 2 {
		t.Fatalf("%d sheets", len(all))
	}
	for i, page := range all[1:] {
		if page[0] != "Недела, 25 октомври 2026 г." && page[0] != "Недела, 25 октомври 2026" {
			t.Errorf("page %d begins with %q", i+2, page[0])
		}
	}
}

func TestAQuietProgrammeNamesNeitherPlaceNorPeople(t *testing.T) {
	p := twoDays()
	p.Content.Event.Quiet = true
	p.Content = p.Content.Told(false)
	for _, hidden := range []string{"Hotel Sirius", "Pristina", "Kosovo", "Large hall", "Ђорђе Ћосић", "Blerta Krasniqi"} {
		if said := strings.Join(pages(t, p, "en")[0], "\n"); strings.Contains(said, hidden) {
			t.Errorf("%q is told:\n%s", hidden, said)
		}
	}
}

func TestAProgrammeIsToldInOneLanguage(t *testing.T) {
	p := twoDays()
	p.Content.Sessions[0].Title = locale.NewText("en", "Opening")
	said := strings.Join(pages(t, p, "mk")[0], "\n")
	if !strings.Contains(said, "Countering the smuggling") || strings.ContainsAny(strings.ReplaceAll(said, "Ђорђе Ћосић", ""), "шжчџљњ") {
		t.Errorf("a mixture:\n%s", said)
	}
}

func TestTheSameProgrammeIsTheSameBytesAndSound(t *testing.T) {
	for _, code := range []locale.Code{"en", "mk", "sq"} {
		b, err := twoDays().PDF(words(), code)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if again, err := twoDays().PDF(words(), code); err != nil || !bytes.Equal(b, again) {
				t.Fatalf("%s: the bytes differ, %v", code, err)
			}
		}
		file := filepath.Join(t.TempDir(), string(code)+".pdf")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("qpdf", "--check", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", code, err, out)
		}
		if dir := os.Getenv("PROGRAMME_DIR"); dir != "" {
			_ = os.WriteFile(filepath.Join(dir, string(code)+".pdf"), b, 0o600)
		}
	}
}
