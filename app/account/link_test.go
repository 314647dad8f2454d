package account_test

import (
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	outbox "attesta/app/mail"
	"attesta/app/token"
)

func TestALinkSignsInOnceWithinItsTime(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", "")
		link := func() string {
			s, err := a.NewSignInLink(t.Context(), "Ana@example.org")
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		first, late := link(), link()
		if got, err := a.LinkSignIn(t.Context(), strings.ToLower(first)); err != nil || got != id {
			t.Fatalf("%d %v", got, err)
		}
		clk.pass(15 * time.Minute)
		last := link()
		clk.pass(14 * time.Minute)
		for what, s := range map[string]string{"used": first, "late": late, "made up": token.Random(), "empty": ""} {
			if _, err := a.LinkSignIn(t.Context(), s); fault.KindOf(err) != fault.Gone {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := a.Disable(t.Context(), account.System, id, true); err != nil {
			t.Fatal(err)
		}
		_, err := a.LinkSignIn(t.Context(), last)
		wantFault(t, err, fault.Gone, "account.link_spent")
		if _, err := a.NewSignInLink(t.Context(), "nobody@example.org"); fault.KindOf(err) != fault.NotFound {
			t.Fatalf("%v", err)
		}
	})
}

func TestOfManyWhoUseALinkAtOnceOneIsLetIn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		create(t, a, "ana@example.org", "")
		for range 5 {
			link, err := a.NewSignInLink(t.Context(), "ana@example.org")
			if err != nil {
				t.Fatal(err)
			}
			var in, out atomic.Int32
			race(20, func() {
				switch _, err := a.LinkSignIn(t.Context(), link); {
				case err == nil:
					in.Add(1)
				case fault.KindOf(err) == fault.Gone:
					out.Add(1)
				default:
					t.Error(err)
				}
			})
			if in.Load() != 1 || out.Load() != 19 {
				t.Fatalf("%d let in, %d turned away", in.Load(), out.Load())
			}
		}
	})
}

func race(n int, f func()) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range n {
		wg.Go(func() { <-start; f() })
	}
	close(start)
	wg.Wait()
}

type outboxRow struct {
	Kind, Recipient, Locale, Params string
	UserID                          int64
}

func mails(t *testing.T, d *db.DB) []outboxRow {
	t.Helper()
	var rows []outboxRow
	if err := d.Read().NewSelect().Table("outbox").Column("kind", "recipient", "locale", "params", "user_id").OrderExpr("id").Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// work runs the jobs that look addresses up until none is left.
func work(t *testing.T, a *account.Accounts, d *db.DB) {
	t.Helper()
	q := account.QueueOf(a)
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var n int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM river_job WHERE kind = 'account.link' AND finalized_at IS NULL").Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%d requests are never answered", n)
		}
	}
	if err := q.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestARequestedLinkIsMailedAndTheDatabaseHoldsNoToken(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, clk := accounts(t, d)
		id := create(t, a, "ana@example.org", "")
		if err := a.RequestSignInLink(t.Context(), "ANA@example.org"); err != nil {
			t.Fatal(err)
		}
		work(t, a, d)
		if err := a.Invite(t.Context(), account.System, id); err != nil {
			t.Fatal(err)
		}
		rows := mails(t, d)
		if len(rows) != 2 || rows[0].Kind != "account.sign_in" || rows[1].Kind != "account.invited" || rows[0].Recipient != "ana@example.org" || rows[0].Locale != "mk" || rows[0].UserID != id {
			t.Fatalf("%+v", rows)
		}
		if n, err := d.Read().NewSelect().Table("river_job").Where("kind = 'mail.send' AND finalized_at IS NULL").Count(t.Context()); err != nil || n != 2 {
			t.Fatalf("%d mails are to be sent, %v", n, err) // beside what the queue does of itself from time to time
		}
		tokens := make([]string, 2)
		for i, r := range rows {
			var p outbox.Params
			if err := json.Unmarshal([]byte(r.Params), &p); err != nil || p.Link == nil || p.Link.Path != account.LinkPath {
				t.Fatalf("%s: %v", r.Params, err)
			}
			tokens[i] = secret.Link(p.Link.Purpose, p.Link.Nonce)
			if strings.Contains(r.Params, tokens[i]) {
				t.Fatal("the token is in the database")
			}
		}
		clk.pass(16 * time.Minute)
		if _, err := a.LinkSignIn(t.Context(), tokens[0]); fault.KindOf(err) != fault.Gone {
			t.Fatalf("a link of a mail works after a quarter of an hour: %v", err)
		}
		clk.pass(6 * 24 * time.Hour)
		if got, err := a.LinkSignIn(t.Context(), tokens[1]); err != nil || got != id {
			t.Fatalf("an invitation after six days: %d %v", got, err)
		}
	})
}

func TestAskingForALinkTellsNobodyWhoHasAnAccount(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, _ := accounts(t, d)
		id := create(t, a, "gone@example.org", "")
		if err := a.Disable(t.Context(), account.System, id, true); err != nil {
			t.Fatal(err)
		}
		for _, email := range []string{"nobody@example.org", "gone@example.org", "", "x\r\ny"} {
			if err := a.RequestSignInLink(t.Context(), email); err != nil {
				t.Errorf("%q: %v", email, err)
			}
		}
		work(t, a, d)
		if rows := mails(t, d); len(rows) != 0 {
			t.Fatalf("%+v", rows)
		}
	})
}
