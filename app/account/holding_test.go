package account_test

import (
	"context"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
)

func TestWhatSomebodyHoldsTodayEndsWithTheRoleItsLastDayAndTheUser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Date(2022, 5, 2, 10, 0, 0, 0, time.UTC)
		do := func(query string, args ...any) {
			t.Helper()
			if err := d.InTx(t.Context(), apptest.Exec(query, args...)); err != nil {
				t.Fatal(err)
			}
		}
		do("INSERT INTO users (id, email, email_key, name, locale, created_at) VALUES (7, 'a@b.example', 'a@b.example', 'A', 'en', 0)")
		do("INSERT INTO grants (user_id, role, scope_kind, scope_id, until, created_at) VALUES (7, 'organiser', 'organisation', 3, '2022-05-02', 0)")
		scope := account.Scope{Kind: account.OrganisationScope, ID: 3}
		check := func(what string, want bool, user int64, at time.Time, p account.Permission, s account.Scope) {
			t.Helper()
			got, err := account.HoldsToday(context.Background(), d.Read(), user, p, at, s)
			if err != nil || got != want {
				t.Errorf("%s: %v, %v, want %v", what, got, err, want)
			}
		}
		check("in scope", true, 7, now, account.Select, scope)
		check("the program itself", true, 0, now, account.Select, scope)
		check("elsewhere", false, 7, now, account.Select, account.Scope{Kind: account.OrganisationScope, ID: 4})
		check("not of the role", false, 7, now, account.Administer, scope)
		check("the day after the last", false, 7, now.AddDate(0, 0, 1), account.Select, scope)
		check("nobody", false, 8, now, account.Select, scope)
		do("UPDATE users SET disabled_at = 1 WHERE id = 7")
		check("disabled", false, 7, now, account.Select, scope)
		do("UPDATE users SET disabled_at = NULL WHERE id = 7")
		do("DELETE FROM grants WHERE user_id = 7")
		check("taken back", false, 7, now, account.Select, scope)
	})
}
