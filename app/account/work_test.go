package account_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
)

// queries counts what is asked of a database.
type queries struct{ n int }

func (q *queries) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	q.n++
	return ctx
}

func (q *queries) AfterQuery(context.Context, *bun.QueryEvent) {}

// strangers are the addresses of one who has a password, and of those who can't sign in with one.
func strangers(t *testing.T, a *account.Accounts) []string {
	t.Helper()
	create(t, a, "known@example.org", password)
	create(t, a, "linkonly@example.org", "")
	if err := a.Disable(t.Context(), account.System, create(t, a, "disabled@example.org", password), true); err != nil {
		t.Fatal(err)
	}
	return []string{"linkonly@example.org", "disabled@example.org", "unknown@example.org", "no address", ""}
}

// effort is what an attempt costs.
type effort struct {
	Queries int
	Hashes  []string // the parameters of those that a password was compared with
	Rows    int      // written
	Size    int      // of what was written
}

func TestEveryFailureToSignInCostsTheSameWork(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		others := strangers(t, a)
		var counted queries
		d.Read().AddQueryHook(&counted) //nolint:staticcheck // its successor makes another handle, which the accounts wouldn't use
		var hashes []string
		account.WatchHashes(a, func(h string) { hashes = append(hashes, h[:strings.LastIndex(h[:strings.LastIndex(h, "$")], "$")]) })
		try := func(email, password string) effort {
			t.Helper()
			counted.n, hashes = 0, nil
			if _, err := a.SignIn(t.Context(), email, password); err == nil {
				t.Fatalf("%q is let in", email)
			}
			return effort{Queries: counted.n, Hashes: hashes}
		}
		for _, wrong := range []string{"wrong", "", strings.Repeat("x", 5000)} {
			want := try("known@example.org", wrong)
			if want.Queries != 1 || len(want.Hashes) != 1 {
				t.Fatalf("a wrong password costs %+v", want)
			}
			for _, email := range others {
				if diff := cmp.Diff(want, try(email, wrong)); diff != "" {
					t.Errorf("%q: %s", email, diff)
				}
			}
		}
		for _, email := range others { // the right password of somebody who may not sign in
			if diff := cmp.Diff(try("known@example.org", "wrong"), try(email, password)); diff != "" {
				t.Errorf("%q with the right password: %s", email, diff)
			}
		}
	})
}

func TestAskingForALinkCostsTheSameWorkWhoeverIsAskedFor(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		others := strangers(t, a)
		written := func() (rows, size int) {
			t.Helper()
			for _, table := range []string{"river_job", "sign_in_links", "outbox", "audit"} {
				n, err := d.Read().NewSelect().Table(table).Count(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				rows += int(n)
			}
			q := "SELECT COALESCE(SUM(LENGTH(CAST(args AS TEXT))), 0) FROM river_job"
			if err := d.Read().NewRaw(q).Scan(t.Context(), &size); err != nil {
				t.Fatal(err)
			}
			return rows, size
		}
		var counted queries
		d.Read().AddQueryHook(&counted) //nolint:staticcheck // as above
		ask := func(email string) effort {
			t.Helper()
			rows, size := written()
			counted.n = 0
			if err := a.RequestSignInLink(t.Context(), email); err != nil {
				t.Fatal(err)
			}
			e := effort{Queries: counted.n}
			e.Rows, e.Size = written()
			e.Rows, e.Size = e.Rows-rows, e.Size-size
			return e
		}
		want := ask("known@example.org")
		if want.Rows != 1 {
			t.Errorf("a request costs %+v", want)
		}
		for _, email := range others {
			if diff := cmp.Diff(want, ask(email)); diff != "" {
				t.Errorf("%q: %s", email, diff)
			}
		}
		var args []string
		if err := d.Read().NewRaw("SELECT CAST(args AS TEXT) FROM river_job").Scan(t.Context(), &args); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(args, " "); strings.Contains(all, "example.org") || strings.Contains(all, "known") {
			t.Errorf("the queue tells who was asked for: %s", all)
		}
	})
}
