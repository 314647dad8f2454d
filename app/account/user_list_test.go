package account_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/locales"
)

func containsAll(s string, parts ...string) bool {
	for _, p := range parts {
		if !strings.Contains(s, p) {
			return false
		}
	}
	return true
}

func TestUsersAreFoundInAnyScriptAndTurnedOverPageByPage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		root := o.user(t, "root@example.org", account.Administrator, network)
		for i, name := range []string{"Жељко Ћосић", "Zeljko Cosic", "Arbër Gjoni", "Vesna Ćetković"} {
			if _, err := o.CreateUser(t.Context(), root, account.NewUser{Email: fmt.Sprintf("u%d@office.example", i), Name: name}); err != nil {
				t.Fatal(err)
			}
		}
		c, err := locale.Load(locales.FS)
		if err != nil {
			t.Fatal(err)
		}
		list := func(search string, after int64, limit int) (names []string, last int64, more bool) {
			t.Helper()
			page, more, err := o.Users(t.Context(), root, account.UserSearch{Words: search, Compare: c.Printer("bs").Compare(), After: after, Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range page {
				names, last = append(names, u.Name), u.ID
			}
			return names, last, more
		}
		for search, want := range map[string][]string{
			"cosic željko": {"Zeljko Cosic", "Жељко Ћосић"}, "U3@OFFICE": {"Vesna Ćetković"}, "nobody": nil, "%": nil,
		} {
			if got, _, _ := list(search, 0, 10); !cmp.Equal(got, want) {
				t.Errorf("%s: %v", search, got)
			}
		}
		var all []string
		for after, more := int64(0), true; more; {
			var names []string
			names, after, more = list("", after, 2)
			all = append(all, names...)
		}
		if diff := cmp.Diff([]string{"Arbër Gjoni", "Đorđe Čović", "Vesna Ćetković", "Zeljko Cosic", "Жељко Ћосић"}, all); diff != "" {
			t.Error(diff)
		}
		if page, _, _ := o.Users(t.Context(), root, account.UserSearch{Words: "root", Limit: 2}); len(page) != 1 || !cmp.Equal(page[0].Roles, []account.Role{account.Administrator}) {
			t.Errorf("%+v", page)
		}
		if _, _, err := o.Users(t.Context(), o.user(t, "ana@three.example", account.Organiser, three), account.UserSearch{Limit: 10}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("an organiser: %v", err)
		}
	})
}

func TestTheRolesOfAUserAreNamedWithTheirPlaces(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana := o.user(t, "ana@three.example", account.Organiser, three)
		for role, s := range map[account.Role]account.Scope{account.Organiser: seven, account.Coordinator: five} {
			if err := o.Grant(t.Context(), account.System, ana.UserID, role, s); err != nil {
				t.Fatal(err)
			}
		}
		roles, err := o.RolesOf(t.Context(), ana, ana.UserID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range roles {
			got = append(got, string(r.Role)+" "+r.Place.Code+" "+r.Place.Name.By["en"])
		}
		if diff := cmp.Diff([]string{"coordinator P5 Five", "organiser three Three", "organiser seven Seven"}, got); diff != "" {
			t.Error(diff)
		}
		if _, err := o.RolesOf(t.Context(), ana, ana.UserID+1); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("another user's: %v", err)
		}
	})
}

func TestAnAdministratorEndsTheSignInsOfAUser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		root := o.user(t, "root@example.org", account.Administrator, network)
		ana := o.user(t, "ana@three.example", account.Organiser, three)
		visit := func() int64 {
			v, err := o.BeginVisit(t.Context(), ana.UserID, account.ByLink, "")
			if err != nil {
				t.Fatal(err)
			}
			return v.ID
		}
		ended := func(id int64) bool {
			_, _, err := o.Resume(t.Context(), id)
			return fault.KindOf(err) == fault.NotFound
		}
		first := visit()
		if err := o.SignOut(t.Context(), root, ana.UserID); err != nil || !ended(first) {
			t.Errorf("ended: %v, %v", ended(first), err)
		}
		second := visit()
		for _, disabled := range []bool{true, false} {
			if err := o.Disable(t.Context(), root, ana.UserID, disabled); err != nil {
				t.Fatal(err)
			}
		}
		if !ended(second) {
			t.Error("the sign-in of somebody who was disabled lives on when they are enabled")
		}
		if fault.KindOf(o.SignOut(t.Context(), ana, root.UserID)) != fault.Forbidden {
			t.Error("an organiser signs others out")
		}
	})
}
