package certificate_test

import (
	"os"
	"testing"
	"time"

	"attesta/app/certificate"
	"attesta/app/locale"
	"attesta/locales"
)

func TestScratch(t *testing.T) {
	cat, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	s := certificate.Snapshot{Number: "7KQ4-M9XD-2H", Kind: certificate.Attendance, HolderName: "Снежана Обрадовић", Gender: "female", Institution: "Група 484",
		EventTitle: locale.NewText("sr-Cyrl", "Сузбијање кријумчарења миграната", "sq", "Lufta kundër kontrabandës së migrantëve", "en", "Countering the smuggling of migrants"),
		EventType:  "national_training", Country: "RS", City: "Београд", Starts: time.Date(2022, 9, 19, 0, 0, 0, 0, time.UTC), Ends: time.Date(2022, 9, 20, 0, 0, 0, 0, time.UTC),
		Issued: time.Date(2022, 9, 26, 0, 0, 0, 0, time.UTC), Project: locale.NewText("sr-Cyrl", "Сузбијање кријумчарења миграната на Западном Балкану"),
		Signatories:   []certificate.Signatory{{Name: "Милица Јовић", RoleKey: "director", Gender: "female"}, {Name: "Ђорђе Станковић", RoleKey: "lead_trainer", Gender: "male"}},
		Donors:        []certificate.Donor{{Key: "eu"}, {Key: "norway_embassy", City: "Belgrade"}},
		Organisations: []certificate.Organisation{{Name: locale.NewText("sr-Cyrl", "Група 484"), Lead: true}, {Name: locale.NewText("sr-Cyrl", "Балкански савет за избеглице и миграције"), Host: true}},
		Asterisk:      true, BaseURL: "https://attesta.example"}
	b, err := certificate.Draw(cat, s, "sr-Cyrl")
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/fontwork/a.pdf", b, 0o644)
}
