package network_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/network"
	"attesta/locales"
)

var admin = account.Actor{UserID: 0, Name: "Admin", Role: account.Administrator, Grants: []account.Grant{{Role: account.Administrator, Scope: account.Scope{Kind: account.Installation}}}}

func desk(t *testing.T, d *db.DB) *network.Desk {
	t.Helper()
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	return &network.Desk{DB: d, Catalogue: c}
}

func TestNothingSettledIsTheDefault(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		n := desk(t, d)
		if diff := cmp.Diff(network.Default(), n.Current(t.Context())); diff != "" {
			t.Error(diff)
		}
		if len(n.Catalogue.Locales()) != 8 || !n.Catalogue.Starred() {
			t.Error("not everything is on offer")
		}
		if err := network.Default().Check(n.Catalogue); err != nil {
			t.Error(err)
		}
	})
}

func TestWhatIsSettledHoldsAtOnceAndIsRecorded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		n := desk(t, d)
		s := n.Current(t.Context())
		s.Name = locale.NewText("mk", "Мрежа", "en", "Network")
		s.Contact, s.Languages, s.Countries, s.Abroad, s.Asterisk, s.Below, s.Months = " office@network.example ", []locale.Code{"mk", "en"}, []string{"XK", "MK", "MK"}, false, false, 10, 24
		s.Contact = strings.TrimSpace(s.Contact)
		if _, err := n.Update(t.Context(), admin, s, 0); err != nil {
			t.Fatal(err)
		}
		got := n.Current(t.Context())
		s.Languages, s.Countries, s.Version = []locale.Code{"en", "mk"}, []string{"MK", "XK"}, 1
		if diff := cmp.Diff(s, got); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]locale.Code{"en", "mk"}, n.Catalogue.Locales()); diff != "" || n.Catalogue.Starred() {
			t.Errorf("starred %t, languages %s", n.Catalogue.Starred(), diff)
		}
		kept, err := network.Read(t.Context(), d.Read())
		if diff := cmp.Diff(s, kept); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
		list, err := audit.Of(t.Context(), d, "network", 0)
		if err != nil || len(list) != 1 {
			t.Fatalf("%d deeds are recorded, %v", len(list), err)
		}
		detail := string(list[0].Detail.V)
		for _, want := range []string{`"before"`, `"below":5`, `"below":10`, `"asterisk":true`, "Мрежа"} {
			if !strings.Contains(strings.ReplaceAll(detail, ": ", ":"), want) {
				t.Errorf("the record says no %s: %s", want, detail)
			}
		}
		if list[0].Actor != "Admin" || list[0].Role != "administrator" {
			t.Errorf("done by %s as %s", list[0].Actor, list[0].Role)
		}
	})
}

func TestAnotherReplicaNoticesWithinSeconds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		one, other := desk(t, d), desk(t, d)
		if got := other.Current(t.Context()); got.Below != 5 {
			t.Fatal(got.Below)
		}
		s := one.Current(t.Context())
		s.Below, s.Languages = 7, []locale.Code{"sq"}
		if _, err := one.Update(t.Context(), admin, s, s.Version); err != nil {
			t.Fatal(err)
		}
		for range 40 {
			if other.Current(t.Context()).Below == 7 {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		if got := other.Current(t.Context()).Below; got != 7 || len(other.Catalogue.Locales()) != 1 {
			t.Errorf("below %d, languages %v", got, other.Catalogue.Locales())
		}
	})
}

func TestOnlyAnAdministratorSettlesAndNobodyOverSomebodyElse(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		n := desk(t, d)
		coordinator := account.Actor{UserID: 7, Grants: []account.Grant{{Role: account.Coordinator, Scope: account.Scope{Kind: account.ProjectScope, ID: 1}}}}
		if _, err := n.Update(t.Context(), coordinator, network.Default(), 0); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a coordinator: %v", err)
		}
		var wait sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			wait.Add(1)
			go func() {
				defer wait.Done()
				s := network.Default()
				s.Below = 10 + i
				_, errs[i] = n.Update(t.Context(), admin, s, 0)
			}()
		}
		wait.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case !errors.Is(err, network.ErrChanged):
				t.Error(err)
			}
		}
		if done != 1 {
			t.Errorf("%d of six settled over one another", done)
		}
		list, err := audit.Of(t.Context(), d, "network", 0)
		if err != nil || len(list) != 1 {
			t.Errorf("%d deeds are recorded, %v", len(list), err)
		}
	})
}

func TestWrongSettingsAreToldBesideTheirFields(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		n := desk(t, d)
		s := network.Settings{Name: locale.Text{}, Contact: "a b", Languages: []locale.Code{}, Countries: []string{"ZZ"}, Below: 1, Months: 0}
		_, err := n.Update(t.Context(), admin, s, 0)
		var fields []string
		if f := fault.From(err); f != nil {
			for _, x := range f.Fields {
				fields = append(fields, x.Name)
			}
		}
		if diff := cmp.Diff([]string{"name", "contact", "languages", "countries", "below", "months"}, fields); diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		if got := n.Current(t.Context()).Version; got != 0 {
			t.Errorf("version %d", got)
		}
	})
}

func TestCountriesOfTheNetworkComeFirstAndOthersOnlyWhereTheyAreWelcome(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		n := desk(t, d)
		s := network.Default()
		if !s.Welcomes(n.Catalogue, "DE") || !s.Welcomes(n.Catalogue, "XK") || s.Welcomes(n.Catalogue, "ZZ") {
			t.Error("by default everybody with a name is welcome")
		}
		s.Abroad = false
		if s.Welcomes(n.Catalogue, "DE") || !s.Welcomes(n.Catalogue, "XK") {
			t.Error("only the network's countries are welcome")
		}
	})
}
