package account_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
)

const origin = "https://events.example.org"

// register adds a passkey in a visit and returns the device that holds it.
func register(t *testing.T, a *account.Accounts, visit int64) (*apptest.Device, []string) {
	t.Helper()
	d := apptest.NewDevice(t, origin)
	c, err := a.NewPasskey(t.Context(), visit, "Network")
	if err != nil {
		t.Fatal(err)
	}
	codes, err := a.AddPasskey(t.Context(), visit, c.State, d.Create(t, c.Options), "Office")
	if err != nil {
		t.Fatal(err)
	}
	return d, codes
}

func ask(t *testing.T, a *account.Accounts) account.Ceremony {
	t.Helper()
	c, err := a.AskPasskey()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func refused(t *testing.T, what string, err error) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Key != "factor.passkey_wrong" {
		t.Errorf("%s: %v", what, err)
	}
}

func TestAPasskeySignsInAloneAndIsBothFactors(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		create(t, a, "bob@example.org", password)
		first := begin(t, a, id).ID
		device, codes := register(t, a, first)
		if len(codes) != 10 {
			t.Errorf("%d recovery codes", len(codes))
		}
		for range 2 {
			c := ask(t, a)
			got, err := a.PasskeySignIn(t.Context(), c.State, device.Get(t, c.Options))
			if err != nil || got != id {
				t.Fatalf("%d %v", got, err)
			}
		}
		v, err := a.BeginVisit(t.Context(), id, account.ByPasskey, "")
		if err != nil {
			t.Fatal(err)
		}
		if s := step(t, a, v.ID); s != account.Complete {
			t.Errorf("after a passkey: %q", s)
		}
		half := begin(t, a, id).ID
		c, err := a.AskOwnPasskey(t.Context(), half)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.PassPasskey(t.Context(), half, c.State, device.Get(t, c.Options)); err != nil {
			t.Fatal(err)
		}
		if s := step(t, a, half); s != account.Complete {
			t.Errorf("after a passkey as second factor: %q", s)
		}
	})
}

func TestAPasskeyThatDoesNotCountSignsInAgainAndAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		device, _ := register(t, a, begin(t, a, create(t, a, "ana@example.org", password)).ID)
		device.Counts = false
		for range 3 {
			c := ask(t, a)
			if _, err := a.PasskeySignIn(t.Context(), c.State, device.Get(t, c.Options)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAPasskeyIsRefusedWhateverIsWrongAboutIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		v := begin(t, a, id).ID
		device, _ := register(t, a, v)
		signIn := func(what string, change func(*apptest.Device)) {
			t.Helper()
			c, other := ask(t, a), device.Copy()
			change(other)
			_, err := a.PasskeySignIn(t.Context(), c.State, other.Get(t, c.Options))
			refused(t, what, err)
		}
		signIn("another site", func(d *apptest.Device) { d.Origin = "https://events.example.com" })
		signIn("another port", func(d *apptest.Device) { d.Origin = origin + ":8443" })
		signIn("locked", func(d *apptest.Device) { d.Unlocked = false })
		signIn("unknown", func(d *apptest.Device) { d.ID = []byte("never registered") })
		c := ask(t, a)
		_, err := a.PasskeySignIn(t.Context(), ask(t, a).State, device.Copy().Get(t, c.Options))
		refused(t, "an answer to something else", err)
		for _, junk := range []string{"", "{}", `{"id":"x"}`, strings.Repeat("[", 10000)} {
			_, err := a.PasskeySignIn(t.Context(), c.State, []byte(junk))
			refused(t, "junk", err)
		}
		if _, err := a.PasskeySignIn(t.Context(), c.State, device.Get(t, c.Options)); err != nil {
			t.Fatalf("the right one: %v", err)
		}
		if err := a.Disable(t.Context(), account.System, id, true); err != nil {
			t.Fatal(err)
		}
		signIn("a disabled user", func(*apptest.Device) {})
	})
}

func TestAPasskeyOfSomebodyElseIsNoSecondFactor(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		ana, bob := create(t, a, "ana@example.org", password), create(t, a, "bob@example.org", password)
		register(t, a, begin(t, a, ana).ID)
		his, _ := register(t, a, begin(t, a, bob).ID)
		v := begin(t, a, ana).ID
		c, err := a.AskOwnPasskey(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, "somebody else's", a.PassPasskey(t.Context(), v, c.State, his.Get(t, c.Options)))
		free := ask(t, a)
		refused(t, "an answer to a sign-in", a.PassPasskey(t.Context(), v, free.State, his.Get(t, free.Options)))
		if s := step(t, a, v); s != account.NeedFactor {
			t.Errorf("%q", s)
		}
	})
}

func TestACopiedPasskeyIsRefusedAndRecorded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		device, _ := register(t, a, begin(t, a, id).ID)
		stolen := device.Copy()
		for range 2 {
			c := ask(t, a)
			if _, err := a.PasskeySignIn(t.Context(), c.State, device.Get(t, c.Options)); err != nil {
				t.Fatal(err)
			}
		}
		c := ask(t, a)
		_, err := a.PasskeySignIn(t.Context(), c.State, stolen.Get(t, c.Options))
		refused(t, "the copy", err)
		told, err := audit.Of(t.Context(), d, "user", id)
		if err != nil || told[0].Action != "passkey_refused" {
			t.Errorf("%+v %v", told[0], err)
		}
	})
}

func TestOfManyUsesOfOneAnswerOneCounts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		device, _ := register(t, a, begin(t, a, create(t, a, "ana@example.org", password)).ID)
		c := ask(t, a)
		answer := device.Get(t, c.Options)
		var in, out atomic.Int32
		race(20, func() {
			switch _, err := a.PasskeySignIn(context.WithoutCancel(t.Context()), c.State, answer); {
			case err == nil:
				in.Add(1)
			case fault.KindOf(err) == fault.Invalid:
				out.Add(1)
			default:
				t.Error(err)
			}
		})
		if in.Load() != 1 || out.Load() != 19 {
			t.Errorf("%d let in, %d turned away", in.Load(), out.Load())
		}
	})
}

func TestAPasskeyBelongsToOneUser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		device, _ := register(t, a, begin(t, a, create(t, a, "ana@example.org", password)).ID)
		v := begin(t, a, create(t, a, "bob@example.org", password)).ID
		c, err := a.NewPasskey(t.Context(), v, "Network")
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.AddPasskey(t.Context(), v, c.State, device.Copy().Create(t, c.Options), "Mine")
		wantFault(t, err, fault.Conflict, "factor.passkey_taken")
		locked := apptest.NewDevice(t, origin)
		locked.Unlocked = false
		_, err = a.AddPasskey(t.Context(), v, c.State, locked.Create(t, c.Options), "Locked")
		refused(t, "a locked device", err)
	})
}

func TestPasskeysAreRenamedAndRemovedByTheirOwnerAlone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		v := begin(t, a, create(t, a, "ana@example.org", password)).ID
		other := begin(t, a, create(t, a, "bob@example.org", password)).ID
		device, _ := register(t, a, v)
		have, err := a.FactorsOf(t.Context(), v)
		if err != nil || len(have.Passkeys) != 1 || have.Passkeys[0].Label != "Office" {
			t.Fatalf("%+v %v", have, err)
		}
		code := have.Passkeys[0].Code()
		for what, err := range map[string]error{"renamed": a.RenamePasskey(t.Context(), other, code, "x"), "removed": a.RemoveFactor(t.Context(), other, code)} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s by another: %v", what, err)
			}
		}
		for name, want := range map[string]string{"  ": "form.required", strings.Repeat("ш", 61): "form.too_long"} {
			if got := fields(a.RenamePasskey(t.Context(), v, code, name))["label"]; got != want {
				t.Errorf("%q: %q", name, got)
			}
		}
		clk.pass(time.Hour)
		if err := a.RenamePasskey(t.Context(), v, code, " Кључ  1 "); err != nil {
			t.Fatal(err)
		}
		if have, err = a.FactorsOf(t.Context(), v); err != nil || have.Passkeys[0].Label != "Кључ 1" {
			t.Errorf("%+v %v", have, err)
		}
		c, err := a.AskOwnPasskey(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.PassPasskey(t.Context(), v, c.State, device.Get(t, c.Options)); err != nil {
			t.Fatal(err)
		}
		if err := a.RemoveFactor(t.Context(), v, code); err != nil {
			t.Fatal(err)
		}
		free := ask(t, a)
		_, err = a.PasskeySignIn(t.Context(), free.State, device.Get(t, free.Options))
		refused(t, "removed", err)
	})
}

func TestPasskeysAreOfferedWhereTheAddressCanHoldThem(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	for base, want := range map[string]bool{
		"https://events.example.org": true, "https://events.example.org:8443": true, "http://localhost:8080": true, "https://localhost": true, "http://attesta.localhost": true,
		"http://events.example.org": false, "http://127.0.0.1:8080": false, "https://192.0.2.7": false, "https://[2001:db8::1]": false, "": false, "https://": false,
	} {
		a, err := account.New(account.Options{DB: d, Secret: secret, Hashing: light, BaseURL: base})
		if err != nil {
			t.Fatal(err)
		}
		if got := a.OffersPasskeys(); got != want {
			t.Errorf("%s: %v", base, got)
		}
		if _, err := a.AskPasskey(); (err == nil) != want {
			t.Errorf("%s: %v", base, err)
		}
	}
}
