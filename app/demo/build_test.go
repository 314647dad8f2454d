package demo_test

import (
	"context"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/demo"
	"attesta/app/report"
)

func TestTheDemoIsAProgrammeOfSixCountries(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		accounts, err := account.New(account.Options{DB: d, Mails: w.Mail, Secret: w.Secret, Clock: w.Clock.Now, Hashing: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
		if err != nil {
			t.Fatal(err)
		}
		now := time.Date(2027, 3, 10, 11, 0, 0, 0, time.UTC)
		built, err := demo.Build(context.Background(), demo.Features{
			Accounts: accounts, Network: w.Network, Projects: w.Projects, Events: w.Events, Registrations: w.Registrations, Attendance: w.Attendance, Certificates: w.Certificates, At: w.Clock.Set,
		}, now)
		if err != nil {
			t.Fatal(err)
		}
		if built.CheckinPath == "" || built.Participant == "" || built.Certificate == "" || built.OpenEvent == "" {
			t.Errorf("a link is missing: %+v", built)
		}
		if !w.Clock.Now().Equal(now) {
			t.Errorf("the clock was left at %v", w.Clock.Now())
		}
		p, err := w.Projects.ByCode(t.Context(), account.System, "MTC")
		if err != nil {
			t.Fatal(err)
		}
		f, err := report.Live(t.Context(), d, account.System, report.Query{ProjectID: p.ID}, report.ForOrganiser)
		if err != nil {
			t.Fatal(err)
		}
		x := f.Publish(w.Catalogue.Printer("en")).Totals
		if n := x.UniquePersons.(int); n <= 200 || x.Attendances.(int) <= n || len(x.ByCountry) != 6 {
			t.Errorf("%v unique persons, %v attendances, countries %v", n, x.Attendances, x.ByCountry)
		}
	})
}
