package account_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/token"
)

// keeper is a user with one role, who makes tokens.
type keeper struct {
	*account.Accounts
	*clock
	d     *db.DB
	actor account.Actor
}

func newKeeper(t *testing.T, d *db.DB, role account.Role, scope account.Scope) *keeper {
	t.Helper()
	a, clk := accounts(t, d)
	id := create(t, a, "ana@example.org", "")
	if err := a.Grant(t.Context(), account.System, id, role, scope); err != nil {
		t.Fatal(err)
	}
	actor, err := a.Actor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return &keeper{a, clk, d, actor}
}

// make makes a token for a month.
func (k *keeper) make(t *testing.T, n account.NewToken) string {
	t.Helper()
	n.Label, n.Expires = "Website", k.now().AddDate(0, 1, 0)
	s, err := k.MakeToken(t.Context(), k.actor, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// works reports whether a token is taken.
func (k *keeper) works(t *testing.T, secret string) bool {
	t.Helper()
	_, _, err := k.Bearer(t.Context(), secret)
	if err != nil && !account.ErrToken.Is(fault.From(err)) {
		t.Fatal(err)
	}
	return err == nil
}

var (
	here      = account.Scope{Kind: account.OrganisationScope, ID: 7}
	elsewhere = account.Scope{Kind: account.OrganisationScope, ID: 8}
)

func TestATokenActsForItsUserInOneRoleAndScope(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKeeper(t, d, account.Organiser, here)
		if err := k.Grant(t.Context(), account.System, k.actor.UserID, account.Donor, account.Scope{Kind: account.ProjectScope, ID: 3}); err != nil {
			t.Fatal(err)
		}
		secret := k.make(t, account.NewToken{Role: account.Organiser, Scope: here, Writes: true})
		actor, tok, err := k.Bearer(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		if actor.UserID != k.actor.UserID || actor.TokenID != tok.ID || tok.ID == 0 || actor.Role != account.Organiser || actor.VisitID != 0 {
			t.Fatalf("%+v", actor)
		}
		if !actor.Can(account.Select, here) || actor.Can(account.Select, elsewhere) || actor.CanSomewhere(account.ViewGrant) {
			t.Errorf("%+v may do other things than its token", actor)
		}
		if diff := cmp.Diff(secret[len(secret)-4:], tok.Hint); diff != "" {
			t.Error(diff)
		}
		var kept int
		err = d.Read().NewRaw("SELECT COUNT(*) FROM api_tokens WHERE hash LIKE ? OR label LIKE ?", "%"+secret[4:20]+"%", "%"+secret[4:20]+"%").Scan(t.Context(), &kept)
		if err != nil || kept != 0 {
			t.Errorf("the token itself is kept: %d %v", kept, err)
		}
	})
}

func TestATokenThatReadsChangesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKeeper(t, d, account.Organiser, here)
		actor, _, err := k.Bearer(t.Context(), k.make(t, account.NewToken{Role: account.Organiser, Scope: here}))
		if err != nil {
			t.Fatal(err)
		}
		if !actor.Can(account.ViewEvent, here) || actor.Can(account.Select, here) || actor.CanSomewhere(account.Certify) {
			t.Errorf("%+v", actor)
		}
		if ids, everywhere := actor.IDs(account.EditEvent, account.OrganisationScope); len(ids) > 0 || everywhere {
			t.Errorf("may edit in %v", ids)
		}
	})
}

func TestATokenEnds(t *testing.T) {
	exec := func(t *testing.T, k *keeper, query string, args ...any) {
		t.Helper()
		if err := k.d.InTx(t.Context(), apptest.Exec(query, args...)); err != nil {
			t.Fatal(err)
		}
	}
	for what, end := range map[string]func(*testing.T, *keeper, account.Token){
		"revoked": func(t *testing.T, k *keeper, tok account.Token) {
			if err := k.RevokeToken(t.Context(), k.actor, tok.ID); err != nil {
				t.Fatal(err)
			}
		},
		"expired": func(_ *testing.T, k *keeper, _ account.Token) { k.pass(32 * 24 * time.Hour) },
		"user disabled": func(t *testing.T, k *keeper, _ account.Token) {
			if err := k.Disable(t.Context(), account.System, k.actor.UserID, true); err != nil {
				t.Fatal(err)
			}
		},
		"role taken back": func(t *testing.T, k *keeper, _ account.Token) {
			exec(t, k, "DELETE FROM grants WHERE user_id = ?", k.actor.UserID)
		},
		"role ended": func(t *testing.T, k *keeper, _ account.Token) {
			exec(t, k, "UPDATE grants SET until = '2022-05-15' WHERE user_id = ?", k.actor.UserID)
		},
		"role elsewhere": func(t *testing.T, k *keeper, _ account.Token) {
			exec(t, k, "UPDATE grants SET scope_id = 8 WHERE user_id = ?", k.actor.UserID)
		},
		"another role": func(t *testing.T, k *keeper, _ account.Token) {
			exec(t, k, "UPDATE grants SET role = 'donor' WHERE user_id = ?", k.actor.UserID)
		},
	} {
		t.Run(what, func(t *testing.T) {
			apptest.Each(t, func(t *testing.T, d *db.DB) {
				k := newKeeper(t, d, account.Organiser, here)
				secret := k.make(t, account.NewToken{Role: account.Organiser, Scope: here})
				_, tok, err := k.Bearer(t.Context(), secret)
				if err != nil {
					t.Fatal(err)
				}
				end(t, k, tok)
				if k.works(t, secret) {
					t.Error("it still works")
				}
				if k.works(t, token.Bearer()) || k.works(t, "") || k.works(t, "att_x") {
					t.Error("a made-up token works")
				}
			})
		})
	}
}

func TestATokenForOneEventFollowsTheGrantsThatReachIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, other := w.Event(t), w.Event(t)
		k := newKeeper(t, d, account.Organiser, account.Scope{Kind: account.OrganisationScope, ID: w.Organisation.ID})
		secret := k.make(t, account.NewToken{Role: account.Organiser, Scope: e.Scopes()[0], Within: e.Scopes(), Writes: true})
		actor, _, err := k.Bearer(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		if !actor.Can(account.Select, e.Scopes()...) || actor.Can(account.Select, other.Scopes()...) {
			t.Errorf("%+v", actor)
		}
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE grants SET scope_kind = 'event', scope_id = ?", other.ID)); err != nil {
			t.Fatal(err)
		}
		if k.works(t, secret) {
			t.Error("it works though its user reaches the event no more")
		}
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE grants SET scope_kind = 'event', scope_id = ?", e.ID)); err != nil {
			t.Fatal(err)
		}
		if !k.works(t, secret) {
			t.Error("it doesn't work though its user reaches the event")
		}
	})
}

func TestATokenWaitsForTheSecondFactorThatItsUserMustSetUp(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKeeper(t, d, account.Organiser, here)
		secret := k.make(t, account.NewToken{Role: account.Organiser, Scope: here})
		if err := k.RequireFactor(t.Context(), account.System, []account.Role{account.Donor}); err != nil {
			t.Fatal(err)
		}
		if !k.works(t, secret) {
			t.Error("it doesn't work though none of its user's roles asks for a factor")
		}
		if err := k.RequireFactor(t.Context(), account.System, []account.Role{account.Organiser}); err != nil {
			t.Fatal(err)
		}
		if k.works(t, secret) {
			t.Error("it works though its user may do nothing but set up a factor")
		}
		enrol(t, k.Accounts, k.clock, enter(t, k.Accounts, k.actor.UserID).VisitID)
		if !k.works(t, secret) {
			t.Error("it doesn't work though its user has a factor")
		}
	})
}

func TestWhatIsWrongWithANewTokenStandsBesideItsField(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKeeper(t, d, account.Donor, account.Scope{Kind: account.ProjectScope, ID: 3})
		good := account.NewToken{Label: "Website", Role: account.Donor, Scope: account.Scope{Kind: account.ProjectScope, ID: 3}, Expires: k.now().AddDate(1, 0, 0)}
		event := []account.Scope{{Kind: account.EventScope, ID: 1}, {Kind: account.ProjectScope, ID: 3}}
		for field, change := range map[string]func(*account.NewToken){
			"label form.required":              func(n *account.NewToken) { n.Label = " " },
			"label form.too_long":              func(n *account.NewToken) { n.Label = strings.Repeat("x", 101) },
			"grant form.choose":                func(n *account.NewToken) { n.Role = account.Administrator },
			"event token.event_elsewhere":      func(n *account.NewToken) { n.Scope, n.Within = event[0], event },
			"expires_on token.expires_between": func(n *account.NewToken) { n.Expires = k.now().AddDate(1, 0, 2) },
		} {
			n := good
			change(&n)
			_, err := k.MakeToken(t.Context(), k.actor, n)
			for name, key := range fields(err) {
				if name+" "+key != field {
					t.Errorf("%s: %s %s", field, name, key)
				}
			}
			if len(fields(err)) != 1 {
				t.Errorf("%s: %v", field, err)
			}
		}
		past := good
		past.Expires = k.now()
		if _, err := k.MakeToken(t.Context(), k.actor, past); fields(err)["expires_on"] == "" {
			t.Errorf("a token of yesterday: %v", err)
		}
		if _, err := k.MakeToken(t.Context(), account.Anyone, good); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("nobody's token: %v", err)
		}
		secret, err := k.MakeToken(t.Context(), k.actor, good)
		if err != nil {
			t.Fatal(err)
		}
		program, _, err := k.Bearer(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k.MakeToken(t.Context(), program, good); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a token makes a token: %v", err)
		}
	})
}

func TestTokensAreForTheirUserAndForAdministrators(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKeeper(t, d, account.Organiser, here)
		k.make(t, account.NewToken{Role: account.Organiser, Scope: here})
		other, err := k.Actor(t.Context(), create(t, k.Accounts, "eva@example.org", ""))
		if err != nil {
			t.Fatal(err)
		}
		list, err := k.Tokens(t.Context(), k.actor, k.actor.UserID)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v %v", list, err)
		}
		if _, err := k.Tokens(t.Context(), other, k.actor.UserID); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("another user sees them: %v", err)
		}
		if err := k.RevokeToken(t.Context(), other, list[0].ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another user revokes: %v", err)
		}
		if list, err := k.Tokens(t.Context(), account.System, k.actor.UserID); err != nil || !list[0].Works(k.now()) {
			t.Errorf("%v %v", list, err)
		}
		if err := k.RevokeToken(t.Context(), account.System, list[0].ID); err != nil {
			t.Error(err)
		}
	})
}

func TestTokensAreRecordedAndTheirUseIsNotedNowAndThen(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKeeper(t, d, account.Organiser, here)
		secret := k.make(t, account.NewToken{Role: account.Organiser, Scope: here})
		made := k.now()
		used := func() (time.Time, int64) {
			k.works(t, secret)
			list, err := k.Tokens(t.Context(), k.actor, k.actor.UserID)
			if err != nil {
				t.Fatal(err)
			}
			return list[0].UsedAt.Time, list[0].ID
		}
		first, id := used()
		k.pass(4 * time.Minute)
		second, _ := used()
		k.pass(2 * time.Minute)
		if third, _ := used(); !first.Equal(made) || !second.Equal(made) || !third.Equal(made.Add(6*time.Minute)) {
			t.Errorf("used at %v, %v, %v", first, second, third)
		}
		if err := k.RevokeToken(t.Context(), k.actor, id); err != nil {
			t.Fatal(err)
		}
		entries, err := audit.Of(t.Context(), d, "token", id)
		if err != nil || len(entries) != 2 || entries[0].Action != "token.revoke" || entries[1].Action != "token.create" || entries[1].UserID != k.actor.UserID {
			t.Fatalf("%+v %v", entries, err)
		}
		var detail map[string]any
		if err := json.Unmarshal(entries[1].Detail.V, &detail); err != nil || detail["role"] != "organiser" || detail["writes"] != false {
			t.Errorf("%v %v", detail, err)
		}
	})
}
