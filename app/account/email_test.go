package account_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	outbox "attesta/app/mail"
)

// letterLink returns the token of the link in the newest mail of a kind.
func letterLink(t *testing.T, d *db.DB, kind outbox.Kind) string {
	t.Helper()
	rows := mails(t, d)
	for i := len(rows) - 1; i >= 0; i-- {
		var p outbox.Params
		if rows[i].Kind == string(kind) && json.Unmarshal([]byte(rows[i].Params), &p) == nil && p.Link != nil {
			return secret.Link(p.Link.Purpose, p.Link.Nonce)
		}
	}
	t.Fatalf("no mail of kind %s", kind)
	return ""
}

func TestANewAddressCountsOnceItsOwnerHasConfirmedIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", password)
		ana, other := enter(t, a, id), enter(t, a, id)
		bob := enter(t, a, create(t, a, "bob@example.org", password))
		for email, want := range map[string]string{"": "form.email", "x y@z": "form.email", "ana@example.org": "account.email_same"} {
			if diff := cmp.Diff(map[string]string{"email": want}, fields(a.RequestEmail(t.Context(), ana, email, ""))); diff != "" {
				t.Errorf("%q: %s", email, diff)
			}
		}
		ask := func(email string) string {
			t.Helper()
			if err := a.RequestEmail(t.Context(), ana, email, ""); err != nil {
				t.Fatal(err)
			}
			return letterLink(t, d, outbox.AccountEmailConfirm)
		}
		replaced, link := ask("wrong@example.org"), ask("new@example.org")
		if u, err := a.User(t.Context(), id); err != nil || u.Email != "ana@example.org" {
			t.Fatalf("%s %v", u.Email, err)
		}
		for what, err := range map[string]error{
			"somebody else's": a.ConfirmEmail(t.Context(), bob, link), "replaced": a.ConfirmEmail(t.Context(), ana, replaced), "made up": a.ConfirmEmail(t.Context(), ana, "x"),
		} {
			if fault.KindOf(err) != fault.Gone {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := a.ConfirmEmail(t.Context(), ana, link); err != nil {
			t.Fatal(err)
		}
		wantFault(t, a.ConfirmEmail(t.Context(), ana, link), fault.Gone, "account.email_spent")
		if got, err := a.SignIn(t.Context(), "NEW@example.org", password); err != nil || got != id {
			t.Errorf("by the new address: %d %v", got, err)
		}
		if _, err := a.SignIn(t.Context(), "ana@example.org", password); err == nil {
			t.Error("the old address still signs in")
		}
		if _, _, err := a.Resume(t.Context(), other.VisitID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the other visit: %v", err)
		}
		rows := mails(t, d)
		if last := rows[len(rows)-1]; last.Kind != "account.email_changed" || last.Recipient != "ana@example.org" {
			t.Errorf("%+v", last)
		}
		late := ask("late@example.org")
		clk.pass(24 * time.Hour)
		wantFault(t, a.ConfirmEmail(t.Context(), ana, late), fault.Gone, "account.email_spent")
		if diff := cmp.Diff(map[string]string{"current": "account.current_wrong"}, fields(a.RequestEmail(t.Context(), ana, "x@example.org", "wrong"))); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnAddressThatSomebodyHasIsNotTaken(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		ana := enter(t, a, create(t, a, "ana@example.org", password))
		create(t, a, "bob@example.org", password)
		if err := a.RequestEmail(t.Context(), ana, "Bob@example.org", ""); err != nil {
			t.Fatalf("the form tells who has an account: %v", err)
		}
		wantFault(t, a.ConfirmEmail(t.Context(), ana, letterLink(t, d, outbox.AccountEmailConfirm)), fault.Conflict, "account.email_taken")
		if u, err := a.User(t.Context(), ana.UserID); err != nil || u.Email != "ana@example.org" {
			t.Errorf("%s %v", u.Email, err)
		}
	})
}

func TestAProfileIsChangedByItsOwner(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		ana := enter(t, a, create(t, a, "ana@example.org", password))
		if err := a.ChangeProfile(t.Context(), ana, "  Ana  Ilić ", "sr-Cyrl"); err != nil {
			t.Fatal(err)
		}
		now, v, err := a.Resume(t.Context(), ana.VisitID)
		if err != nil || now.Name != "Ana Ilić" || v.Locale != "sr-Cyrl" || v.Email != "ana@example.org" {
			t.Errorf("%q %s %s %v", now.Name, v.Locale, v.Email, err)
		}
		if diff := cmp.Diff(map[string]string{"name": "form.required", "locale": "form.required"}, fields(a.ChangeProfile(t.Context(), ana, " ", ""))); diff != "" {
			t.Error(diff)
		}
		for _, name := range []string{"See https://evil.example", "eva@evil.example", "<b>Ana</b>"} {
			if diff := cmp.Diff(map[string]string{"name": "form.name_character"}, fields(a.ChangeProfile(t.Context(), ana, name, "en"))); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		if err := a.ChangeProfile(t.Context(), account.Actor{UserID: ana.UserID, TokenID: 1}, "X", "en"); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("a program: %v", err)
		}
	})
}
