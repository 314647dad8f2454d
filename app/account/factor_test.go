package account_test

import (
	"encoding/base32"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
)

// phone is somebody's authenticator app.
type phone struct {
	secret string
	clk    *clock
}

func (p phone) code(t *testing.T) string {
	t.Helper()
	code, err := totp.GenerateCode(p.secret, p.clk.now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// enrol sets up an app in a visit and waits until its code is another one.
func enrol(t *testing.T, a *account.Accounts, clk *clock, visit int64) (phone, []string) {
	t.Helper()
	app, err := a.NewApp(t.Context(), visit, "Мрежа: тест")
	if err != nil {
		t.Fatal(err)
	}
	p := phone{secret: strings.Join(app.Groups, ""), clk: clk}
	codes, err := a.ConfirmApp(t.Context(), visit, app.Sealed, p.code(t))
	if err != nil {
		t.Fatal(err)
	}
	clk.pass(90 * time.Second)
	return p, codes
}

func step(t *testing.T, a *account.Accounts, visit int64) account.Step {
	t.Helper()
	_, v, err := a.Resume(t.Context(), visit)
	if err != nil {
		t.Fatal(err)
	}
	return v.Step
}

func wrong(t *testing.T, what string, err error) {
	t.Helper()
	if diff := cmp.Diff(map[string]string{"code": "factor.wrong"}, fields(err)); diff != "" {
		t.Errorf("%s: %v\n%s", what, err, diff)
	}
}

func TestAnAppIsAskedForAtEverySignInFromThenOn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		first := begin(t, a, id)
		if s := step(t, a, first.ID); s != account.Complete {
			t.Fatalf("before: %q", s)
		}
		p, codes := enrol(t, a, clk, first.ID)
		if len(codes) != 10 {
			t.Errorf("%d recovery codes", len(codes))
		}
		if s := step(t, a, first.ID); s != account.Complete {
			t.Fatalf("the visit that set it up is asked for it: %q", s)
		}
		for _, method := range []account.Method{account.ByPassword, account.ByLink, account.ByOIDC} {
			v, err := a.BeginVisit(t.Context(), id, method, "")
			if err != nil {
				t.Fatal(err)
			}
			if s := step(t, a, v.ID); s != account.NeedFactor {
				t.Fatalf("%s: %q", method, s)
			}
			wrong(t, "a wrong code", a.PassCode(t.Context(), v.ID, "000000"))
			if err := a.PassCode(t.Context(), v.ID, " "+p.code(t)[:3]+" "+p.code(t)[3:]); err != nil {
				t.Fatal(err)
			}
			if s := step(t, a, v.ID); s != account.Complete {
				t.Fatalf("%s, after the code: %q", method, s)
			}
			clk.pass(time.Minute)
		}
	})
}

func TestOfManyUsesOfOneCodeOneCounts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		p, codes := enrol(t, a, clk, begin(t, a, id).ID)
		for what, code := range map[string]string{"app": p.code(t), "recovery": codes[3]} {
			visits := make(chan int64, 20)
			for range 20 {
				visits <- begin(t, a, id).ID
			}
			var in, out atomic.Int32
			race(20, func() {
				switch err := a.PassCode(t.Context(), <-visits, code); {
				case err == nil:
					in.Add(1)
				case fault.KindOf(err) == fault.Invalid:
					out.Add(1)
				default:
					t.Error(err)
				}
			})
			if in.Load() != 1 || out.Load() != 19 {
				t.Errorf("%s: %d let in, %d turned away", what, in.Load(), out.Load())
			}
			wrong(t, what+", later", a.PassCode(t.Context(), begin(t, a, id).ID, code))
		}
	})
}

func TestACodeIsTakenHalfAMinuteEarlyOrLateAndNoneBeforeTheLast(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		p, _ := enrol(t, a, clk, begin(t, a, id).ID)
		at := func(d time.Duration) string {
			code, err := totp.GenerateCode(p.secret, clk.now().Add(d))
			if err != nil {
				t.Fatal(err)
			}
			return code
		}
		v := begin(t, a, id).ID
		wrong(t, "a minute early", a.PassCode(t.Context(), v, at(time.Minute)))
		wrong(t, "a minute late", a.PassCode(t.Context(), v, at(-time.Minute)))
		if err := a.PassCode(t.Context(), v, at(-30*time.Second)); err != nil {
			t.Fatalf("half a minute late: %v", err)
		}
		if err := a.PassCode(t.Context(), v, at(30*time.Second)); err != nil {
			t.Fatalf("half a minute early: %v", err)
		}
		wrong(t, "one from before the last", a.PassCode(t.Context(), v, at(0)))
	})
}

func TestWhatIsKeptOfFactorsOpensNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id, other := create(t, a, "ana@example.org", password), create(t, a, "bob@example.org", password)
		v := begin(t, a, id)
		p, codes := enrol(t, a, clk, v.ID)
		raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(p.secret)
		if err != nil {
			t.Fatal(err)
		}
		kept := dump(t, d)
		for _, secret := range append([]string{p.secret, string(raw)}, codes...) {
			if strings.Contains(kept, secret) || strings.Contains(kept, strings.ReplaceAll(secret, "-", "")) {
				t.Errorf("the database holds %q", secret)
			}
		}
		// A sealed secret that is carried over to another user opens nothing.
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE factors SET user_id = ? WHERE user_id = ?", other, id)); err != nil {
			t.Fatal(err)
		}
		if err := a.PassCode(t.Context(), begin(t, a, other).ID, p.code(t)); err == nil {
			t.Error("a sealed secret opens for another user")
		}
	})
}

// dump returns what stands in every table in which something of a factor could.
func dump(t *testing.T, d *db.DB) string {
	t.Helper()
	var all strings.Builder
	for _, table := range []string{"factors", "recovery_codes", "audit", "outbox", "visits", "settings"} {
		var rows []map[string]any
		if err := d.Read().NewSelect().Table(table).Scan(t.Context(), &rows); err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

func TestAnAppBelongsToTheVisitThatSetsItUp(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		mine, others := begin(t, a, id).ID, begin(t, a, id).ID
		app, err := a.NewApp(t.Context(), others, "Network")
		if err != nil {
			t.Fatal(err)
		}
		p := phone{secret: strings.Join(app.Groups, ""), clk: clk}
		_, err = a.ConfirmApp(t.Context(), mine, app.Sealed, p.code(t))
		wrong(t, "another visit's secret", err)
		if _, err := a.ResumeApp(t.Context(), mine, "Network", app.Sealed); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another visit's secret is shown: %v", err)
		}
		again, err := a.ResumeApp(t.Context(), others, "Network", app.Sealed)
		if diff := cmp.Diff(app, again); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		clk.pass(9 * time.Minute)
		if _, err = a.ConfirmApp(t.Context(), others, app.Sealed, p.code(t)); err != nil {
			t.Errorf("after nine minutes: %v", err)
		}
	})
}

func TestAnotherPhoneReplacesTheFirst(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		v := begin(t, a, id).ID
		old, _ := enrol(t, a, clk, v)
		now, codes := enrol(t, a, clk, v)
		if codes != nil {
			t.Error("new recovery codes for a phone that replaces another")
		}
		wrong(t, "the old phone", a.PassCode(t.Context(), begin(t, a, id).ID, old.code(t)))
		if err := a.PassCode(t.Context(), begin(t, a, id).ID, now.code(t)); err != nil {
			t.Error(err)
		}
		have, err := a.FactorsOf(t.Context(), v)
		if err != nil || have.App == nil || have.CodesLeft != 10 {
			t.Errorf("%+v %v", have, err)
		}
	})
}

func TestRecoveryCodesWorkOnceAndGoWhenNewOnesAreMade(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		v := begin(t, a, id).ID
		_, codes := enrol(t, a, clk, v)
		if err := a.PassCode(t.Context(), begin(t, a, id).ID, strings.ToLower(strings.ReplaceAll(codes[0], "-", " "))); err != nil {
			t.Fatalf("however it is typed: %v", err)
		}
		own, err := a.OwnCodes(t.Context(), v, append([]string{"AAAA-AAAA-AAAA"}, codes[:3]...))
		if diff := cmp.Diff(codes[1:3], own); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		other := begin(t, a, create(t, a, "bob@example.org", password)).ID
		wrong(t, "somebody else's", a.PassCode(t.Context(), other, codes[1]))
		fresh, err := a.NewCodes(t.Context(), v)
		if err != nil || len(fresh) != 10 || slices.Contains(fresh, codes[1]) {
			t.Fatalf("%v %v", fresh, err)
		}
		wrong(t, "an old one", a.PassCode(t.Context(), begin(t, a, id).ID, codes[1]))
		if err := a.PassCode(t.Context(), begin(t, a, id).ID, fresh[1]); err != nil {
			t.Error(err)
		}
		_, err = a.NewCodes(t.Context(), other)
		wantFault(t, err, fault.Conflict, "factor.none")
	})
}

func TestEveryChangeOfFactorsEndsOtherVisitsIsRecordedAndTold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		v := begin(t, a, id).ID
		admin := account.Actor{UserID: create(t, a, "admin@example.org", ""), Name: "Admin", Role: account.Administrator, Grants: []account.Grant{{Role: account.Administrator, Scope: account.Scope{Kind: account.Installation}}}}
		changes := []struct {
			what string
			do   func() error
		}{
			{"app_added", func() error { enrol(t, a, clk, v); return nil }},
			{"app_replaced", func() error { enrol(t, a, clk, v); return nil }},
			{"codes_made", func() error { _, err := a.NewCodes(t.Context(), v); return err }},
			{"app_removed", func() error { return a.RemoveFactor(t.Context(), v, app(t, a, v)) }},
			{"app_added", func() error { enrol(t, a, clk, v); return nil }},
			{"factors_reset", func() error { return a.ResetFactors(t.Context(), admin, id) }},
		}
		for i, c := range changes {
			other := begin(t, a, id).ID
			if err := c.do(); err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
			if _, _, err := a.Resume(t.Context(), other); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: another visit goes on: %v", c.what, err)
			}
			sent := mails(t, d)
			if len(sent) != i+1 || sent[i].Kind != "account.factor_changed" || sent[i].UserID != id || !strings.Contains(sent[i].Params, c.what) {
				t.Fatalf("%s: %+v", c.what, sent)
			}
			told, err := audit.Of(t.Context(), d, "user", id)
			if err != nil || told[0].Action != c.what {
				t.Errorf("%s: recorded as %s, %v", c.what, told[0].Action, err)
			}
		}
		if _, _, err := a.Resume(t.Context(), v); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a visit goes on after a reset: %v", err)
		}
	})
}

func app(t *testing.T, a *account.Accounts, visit int64) string {
	t.Helper()
	have, err := a.FactorsOf(t.Context(), visit)
	if err != nil || have.App == nil {
		t.Fatalf("no app: %v", err)
	}
	return have.App.Code()
}

func TestFactorsAreChangedOnlyByWhoHasJustShownWhoTheyAre(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		v := begin(t, a, id).ID
		sealed, err := a.NewApp(t.Context(), v, "Network")
		if err != nil {
			t.Fatal(err)
		}
		clk.pass(11 * time.Minute)
		p := phone{secret: strings.Join(sealed.Groups, ""), clk: clk}
		_, begun := a.NewApp(t.Context(), v, "Network")
		_, confirmed := a.ConfirmApp(t.Context(), v, sealed.Sealed, p.code(t))
		_, passkey := a.NewPasskey(t.Context(), v, "Network")
		for what, err := range map[string]error{"begun": begun, "confirmed": confirmed, "passkey": passkey, "asked": a.Proven(t.Context(), v)} {
			wantProof(t, what, err)
		}
		if err := a.ProvePassword(t.Context(), v, "not this one at all"); fault.KindOf(err) != fault.Invalid {
			t.Fatalf("a wrong password: %v", err)
		}
		wantProof(t, "after a wrong password", a.Proven(t.Context(), v))
		if err := a.ProvePassword(t.Context(), v, password); err != nil {
			t.Fatal(err)
		}
		p, _ = enrol(t, a, clk, v)
		clk.pass(11 * time.Minute)
		_, made := a.NewCodes(t.Context(), v)
		wantProof(t, "codes", made)
		wantProof(t, "removed", a.RemoveFactor(t.Context(), v, app(t, a, v)))
		if err := a.ProvePassword(t.Context(), v, password); fault.KindOf(err) != fault.Invalid {
			t.Fatalf("a password is enough for who has a factor: %v", err)
		}
		if err := a.PassCode(t.Context(), v, p.code(t)); err != nil {
			t.Fatal(err)
		}
		if err := a.RemoveFactor(t.Context(), v, app(t, a, v)); err != nil {
			t.Fatal(err)
		}
		if have, err := a.FactorsOf(t.Context(), v); err != nil || have.Any() || have.CodesLeft != 0 {
			t.Errorf("%+v %v", have, err)
		}
	})
}

func wantProof(t *testing.T, what string, err error) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Key != "factor.prove_first" {
		t.Errorf("%s: %v", what, err)
	}
}

func TestAVisitThatHasNotShownItsFactorSeesAndChangesNone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		first := begin(t, a, id).ID
		enrol(t, a, clk, first)
		code := app(t, a, first)
		v := begin(t, a, id).ID
		_, seen := a.FactorsOf(t.Context(), v)
		_, begun := a.NewApp(t.Context(), v, "Network")
		_, made := a.NewCodes(t.Context(), v)
		_, passkey := a.NewPasskey(t.Context(), v, "Network")
		for what, err := range map[string]error{"seen": seen, "begun": begun, "made": made, "removed": a.RemoveFactor(t.Context(), v, code), "passkey": passkey, "password": a.ProvePassword(t.Context(), v, password)} {
			if fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

func TestARequiredFactorIsAskedForAtTheNextRequest(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id, bob := create(t, a, "ana@example.org", password), create(t, a, "bob@example.org", password)
		grant(t, a, id, account.Coordinator, account.Scope{Kind: account.ProjectScope, ID: 1})
		grant(t, a, id, account.Donor, account.Scope{Kind: account.ProjectScope, ID: 2})
		grant(t, a, bob, account.Donor, account.Scope{Kind: account.ProjectScope, ID: 2})
		v, free := begin(t, a, id).ID, begin(t, a, bob).ID
		if err := a.RequireFactor(t.Context(), account.System, []account.Role{account.Coordinator, account.Administrator}); err != nil {
			t.Fatal(err)
		}
		if s := step(t, a, v); s != account.NeedEnrol {
			t.Fatalf("the visit goes on: %q", s)
		}
		if s := step(t, a, free); s != account.Complete {
			t.Fatalf("a donor is asked: %q", s)
		}
		enrol(t, a, clk, v)
		if s := step(t, a, v); s != account.Complete {
			t.Fatalf("with a factor: %q", s)
		}
		err := a.RemoveFactor(t.Context(), v, app(t, a, v))
		wantFault(t, err, fault.Conflict, "factor.kept")
		if err := a.RequireFactor(t.Context(), account.System, nil); err != nil {
			t.Fatal(err)
		}
		if err := a.RemoveFactor(t.Context(), v, app(t, a, v)); err != nil {
			t.Fatal(err)
		}
		if err := a.RequireFactor(t.Context(), account.System, []account.Role{account.Coordinator}); err != nil {
			t.Fatal(err)
		}
		if s := step(t, a, v); s != account.NeedEnrol {
			t.Fatalf("a factor that was shown once and removed still counts: %q", s)
		}
	})
}

func grant(t *testing.T, a *account.Accounts, user int64, role account.Role, scope account.Scope) {
	t.Helper()
	if err := a.Grant(t.Context(), account.System, user, role, scope); err != nil {
		t.Fatal(err)
	}
}

func TestWhichRolesNeedAFactorIsSaidByAdministratorsAndRecorded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		all, err := a.RequiredFactors(t.Context())
		if err != nil || len(all) != 0 {
			t.Fatalf("%v %v", all, err)
		}
		coordinator := account.Actor{UserID: 1, Role: account.Coordinator, Grants: []account.Grant{{Role: account.Coordinator, Scope: account.Scope{Kind: account.ProjectScope, ID: 1}}}}
		if err := a.RequireFactor(t.Context(), coordinator, nil); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a coordinator: %v", err)
		}
		for _, role := range []account.Role{account.Helper, "nobody"} {
			if err := a.RequireFactor(t.Context(), account.System, []account.Role{role}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", role, err)
			}
		}
		for range 2 {
			if err := a.RequireFactor(t.Context(), account.System, []account.Role{account.Auditor, account.Administrator, account.Auditor}); err != nil {
				t.Fatal(err)
			}
		}
		all, err = a.RequiredFactors(t.Context())
		if diff := cmp.Diff([]account.Role{account.Administrator, account.Auditor}, all); diff != "" || err != nil {
			t.Errorf("%v %s", err, diff)
		}
		told, err := audit.Of(t.Context(), d, "setting", 0)
		if err != nil || len(told) != 1 || told[0].Action != "require_factor" {
			t.Fatalf("%+v %v", told, err)
		}
		var detail map[string][]string
		if err := json.Unmarshal(told[0].Detail.V, &detail); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string][]string{"before": {}, "after": {"administrator", "auditor"}}, detail); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOnlyAdministratorsResetFactorsAndNotTheirOwn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		grant(t, a, id, account.Administrator, account.Scope{Kind: account.Installation})
		v := begin(t, a, id).ID
		p, codes := enrol(t, a, clk, v)
		own, err := a.Actor(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		organiser := account.Actor{UserID: 77, Grants: []account.Grant{{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: 1}}}}
		for what, actor := range map[string]account.Actor{"own": own, "organiser": organiser} {
			if err := a.ResetFactors(t.Context(), actor, id); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := a.ResetFactors(t.Context(), account.System, 999); fault.KindOf(err) != fault.NotFound {
			t.Errorf("nobody's: %v", err)
		}
		if err := a.ResetFactors(t.Context(), account.System, id); err != nil {
			t.Fatal(err)
		}
		next := begin(t, a, id).ID
		if s := step(t, a, next); s != account.Complete {
			t.Errorf("after a reset: %q", s)
		}
		wrong(t, "a code of before", a.PassCode(t.Context(), next, p.code(t)))
		wrong(t, "a recovery code of before", a.PassCode(t.Context(), next, codes[0]))
		if err := a.RequireFactor(t.Context(), account.System, []account.Role{account.Administrator}); err != nil {
			t.Fatal(err)
		}
		if s := step(t, a, next); s != account.NeedEnrol {
			t.Errorf("a required factor that was reset: %q", s)
		}
	})
}

func TestOfTwoWhoRemoveTheLastFactorsAtOnceOneIsKeptBack(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		grant(t, a, id, account.Coordinator, account.Scope{Kind: account.ProjectScope, ID: 1})
		v := begin(t, a, id).ID
		enrol(t, a, clk, v)
		if err := d.InTx(t.Context(), apptest.Exec("INSERT INTO factors (user_id, kind, label, credential_id, created_at, confirmed_at) VALUES (?, 'passkey', 'phone', 'AAAA', 1, 1)", id)); err != nil {
			t.Fatal(err)
		}
		if err := a.RequireFactor(t.Context(), account.System, []account.Role{account.Coordinator}); err != nil {
			t.Fatal(err)
		}
		have, err := a.FactorsOf(t.Context(), v)
		if err != nil {
			t.Fatal(err)
		}
		which := make(chan string, 2)
		which <- have.App.Code()
		which <- have.Passkeys[0].Code()
		var removed, kept atomic.Int32
		race(2, func() {
			switch err := a.RemoveFactor(t.Context(), v, <-which); {
			case err == nil:
				removed.Add(1)
			case fault.KindOf(err) == fault.Conflict:
				kept.Add(1)
			default:
				t.Error(err)
			}
		})
		if removed.Load() != 1 || kept.Load() != 1 {
			t.Errorf("%d removed, %d kept", removed.Load(), kept.Load())
		}
	})
}

func TestOfTwoVisitsThatSetUpTheFirstFactorAtOnceOneGoesOn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		grant(t, a, id, account.Coordinator, account.Scope{Kind: account.ProjectScope, ID: 1})
		if err := a.RequireFactor(t.Context(), account.System, []account.Role{account.Coordinator}); err != nil {
			t.Fatal(err)
		}
		type begun struct {
			visit        int64
			sealed, code string
		}
		all := make(chan begun, 8)
		for range cap(all) {
			v := begin(t, a, id).ID
			app, err := a.NewApp(t.Context(), v, "Network")
			if err != nil {
				t.Fatal(err)
			}
			all <- begun{v, app.Sealed, phone{strings.Join(app.Groups, ""), clk}.code(t)}
		}
		var in, out atomic.Int32
		race(cap(all), func() {
			x := <-all
			switch _, err := a.ConfirmApp(t.Context(), x.visit, x.sealed, x.code); {
			case err == nil:
				in.Add(1)
			case fault.KindOf(err) == fault.NotFound || fault.KindOf(err) == fault.Forbidden:
				out.Add(1)
			default:
				t.Error(err)
			}
		})
		if in.Load() != 1 || out.Load() != 7 {
			t.Errorf("%d went on, %d were turned away", in.Load(), out.Load())
		}
	})
}

func TestOfTwoVisitsThatMakeCodesAtOnceOneGoesOn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		_, codes := enrol(t, a, clk, begin(t, a, id).ID)
		visits := make(chan int64, 8)
		for n := range cap(visits) {
			v := begin(t, a, id).ID
			if err := a.PassCode(t.Context(), v, codes[n]); err != nil {
				t.Fatal(err)
			}
			visits <- v
		}
		var in, out atomic.Int32
		race(cap(visits), func() {
			switch _, err := a.NewCodes(t.Context(), <-visits); {
			case err == nil:
				in.Add(1)
			case fault.KindOf(err) == fault.NotFound:
				out.Add(1)
			default:
				t.Error(err)
			}
		})
		if in.Load() != 1 || out.Load() != 7 {
			t.Errorf("%d went on, %d were turned away", in.Load(), out.Load())
		}
	})
}
