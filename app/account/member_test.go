package account_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
)

// office is an installation with two organisations (3, 4), a project (5) of both and an event (7) of the first.
type office struct {
	*account.Accounts
	db    *db.DB
	clock *clock
}

func newOffice(t *testing.T, d *db.DB) office {
	t.Helper()
	a, clk := accounts(t, d)
	for _, s := range []string{
		`INSERT INTO organisations (id, code, name, country, created_at) VALUES (3, 'three', '{"original":"en","by":{"en":"Three"}}', 'ME', 0), (4, 'four', '{"original":"en","by":{"en":"Four"}}', 'RS', 0)`,
		`INSERT INTO projects (id, code, title, contract_number, lead_id, created_at) VALUES (5, 'P5', '{"original":"en","by":{"en":"Five"}}', '', 4, 0)`,
		`INSERT INTO events (id, code, project_id, organisation_id, type, title, description, country, city, venue, starts_on, days, zone, languages, seats, decision, unit, threshold, state, signatories, visibility_waiver, version, created_at, updated_at)
			VALUES (7, 'seven', 5, 3, 'workshop', '{"original":"en","by":{"en":"Seven"}}', '{}', 'ME', '', '', '2022-06-01', 1, 'Europe/Podgorica', '[]', 10, 'organiser', 'day', 0.8, 'published', '[]', '', 1, 0, 0)`,
	} {
		if err := d.InTx(t.Context(), apptest.Exec(s)); err != nil {
			t.Fatal(err)
		}
	}
	return office{a, d, clk}
}

var (
	network      = account.Scope{Kind: account.Installation}
	three        = account.Scope{Kind: account.OrganisationScope, ID: 3}
	four         = account.Scope{Kind: account.OrganisationScope, ID: 4}
	five         = account.Scope{Kind: account.ProjectScope, ID: 5}
	seven        = account.Scope{Kind: account.EventScope, ID: 7}
	day          = db.NewDay(time.Date(2022, 5, 16, 0, 0, 0, 0, time.UTC)) // of the clock
	nameOfSecond = "Ђорђе"
)

// user returns somebody with a role, as they act.
func (o office) user(t *testing.T, email string, role account.Role, scope account.Scope) account.Actor {
	t.Helper()
	id := create(t, o.Accounts, email, "")
	if err := o.Grant(t.Context(), account.System, id, role, scope); err != nil {
		t.Fatal(err)
	}
	return o.actor(t, id)
}

func (o office) actor(t *testing.T, id int64) account.Actor {
	t.Helper()
	a, err := o.Actor(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (o office) place(t *testing.T, s account.Scope) account.Place {
	t.Helper()
	code := map[account.Scope]string{three: "three", four: "four", five: "P5", seven: "seven"}[s]
	p, err := o.Place(t.Context(), account.System, s.Kind, code)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (o office) members(t *testing.T, actor account.Actor, s account.Scope) []account.Member {
	t.Helper()
	list, err := o.Members(t.Context(), actor, o.place(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// mails returns kind and recipient of each mail, in order.
func (o office) mails(t *testing.T) (all []string) {
	t.Helper()
	if err := o.db.Read().NewRaw("SELECT kind || ' ' || recipient FROM outbox ORDER BY id").Scan(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func invitation(email string, role account.Role, s account.Scope) account.Invitation {
	return account.Invitation{Email: email, Name: nameOfSecond, Locale: "mk", Role: role, Scope: s}
}

func TestAnInvitedMemberHasARoleAMailAndAnEntryInTheRecord(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana := o.user(t, "ana@three.example", account.Organiser, three)
		if err := o.InviteMember(t.Context(), ana, invitation(" Djordje@Three.example ", account.Organiser, three)); err != nil {
			t.Fatal(err)
		}
		list := o.members(t, ana, three)
		if len(list) != 2 || list[1].Name != nameOfSecond || list[1].Email != "Djordje@Three.example" || !list[1].CameAt.IsZero() || list[1].Inviter != ana.Name || !list[1].Removable || !list[0].Self {
			t.Fatalf("%+v", list)
		}
		if diff := cmp.Diff([]string{"account.invited Djordje@Three.example"}, o.mails(t)); diff != "" {
			t.Error(diff)
		}
		var deeds []string
		if err := d.Read().NewRaw("SELECT action || ' ' || actor || ' ' || role FROM audit WHERE subject = 'user' AND user_id = ? ORDER BY id", ana.UserID).Scan(t.Context(), &deeds); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"create " + ana.Name + " organiser", "invite " + ana.Name + " organiser"}, deeds); diff != "" {
			t.Error(diff)
		}
	})
}

func TestInvitingTellsNothingOfTheAccountThatIsThere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana := o.user(t, "ana@three.example", account.Organiser, three)
		known := create(t, o.Accounts, "Known@Four.example", password)
		if _, err := o.BeginVisit(t.Context(), known, account.ByPassword, "Firefox"); err != nil {
			t.Fatal(err)
		}
		gone := create(t, o.Accounts, "gone@four.example", password)
		if err := o.Disable(t.Context(), account.System, gone, true); err != nil {
			t.Fatal(err)
		}
		o.clock.pass(time.Hour)
		for _, email := range []string{"known@four.example", "gone@four.example", "new@four.example"} {
			if err := o.InviteMember(t.Context(), ana, invitation(email, account.Organiser, three)); err != nil {
				t.Fatal(err)
			}
		}
		var seen []account.Member
		for _, m := range o.members(t, ana, three) {
			if !m.Self {
				m.GrantID = 0
				seen = append(seen, m)
			}
		}
		want := seen[0]
		for i, email := range []string{"known@four.example", "gone@four.example", "new@four.example"} {
			want.Email = email
			if diff := cmp.Diff(want, seen[i]); diff != "" {
				t.Error(diff)
			}
		}
		if diff := cmp.Diff([]string{"account.granted Known@Four.example", "account.invited new@four.example"}, o.mails(t)); diff != "" {
			t.Error(diff)
		}
		if _, err := o.BeginVisit(t.Context(), known, account.ByPassword, "Firefox"); err != nil {
			t.Fatal(err)
		}
		if m := o.members(t, ana, three)[1]; m.Name != "Đorđe Čović" || m.CameAt.IsZero() {
			t.Errorf("who has come is called %q, last %v", m.Name, m.CameAt)
		}
	})
}

func TestWhatIsWrongWithAnInvitationStandsBesideTheField(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	o := newOffice(t, d)
	admin := o.user(t, "root@example.org", account.Administrator, network)
	for _, row := range []struct {
		change func(*account.Invitation)
		want   map[string]string
	}{
		{func(n *account.Invitation) { n.Email, n.Name = "", " " }, map[string]string{"email": "form.required", "name": "form.required"}},
		{func(n *account.Invitation) { n.Email = "a@b@c" }, map[string]string{"email": "form.email"}},
		{func(n *account.Invitation) { n.Role = account.Donor }, map[string]string{"role": "form.choose"}},
		{func(n *account.Invitation) { n.Role, n.Scope = account.Helper, seven }, map[string]string{"role": "form.choose"}},
		{func(n *account.Invitation) { n.Role, n.Scope = account.Auditor, five }, map[string]string{"until": "form.required"}},
		{func(n *account.Invitation) { n.Role, n.Scope, n.Until = account.Auditor, five, day.Plus(367) }, map[string]string{"until": "member.until_far"}},
		{func(n *account.Invitation) { n.Until = day.Plus(-1) }, map[string]string{"until": "member.until_past"}},
	} {
		n := invitation("new@example.org", account.Organiser, three)
		row.change(&n)
		err := o.InviteMember(t.Context(), admin, n)
		if diff := cmp.Diff(row.want, fields(err)); diff != "" {
			t.Errorf("%v: %s", err, diff)
		}
	}
}

func TestInvitationsReachNoFurtherThanTheActor(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		who := map[string]account.Actor{
			"organiser": o.user(t, "ana@three.example", account.Organiser, three), "of the event": o.user(t, "eva@three.example", account.Organiser, seven),
			"coordinator": o.user(t, "cila@four.example", account.Coordinator, five), "donor": o.user(t, "dag@example.org", account.Donor, five), "anyone": account.Anyone,
		}
		for _, row := range []struct {
			who   string
			role  account.Role
			scope account.Scope
			want  fault.Kind
		}{
			{"organiser", account.Organiser, four, fault.NotFound}, {"organiser", account.Coordinator, five, fault.NotFound},
			{"organiser", account.Administrator, network, fault.NotFound}, {"organiser", account.Organiser, account.Scope{Kind: account.OrganisationScope, ID: 99}, fault.NotFound},
			{"of the event", account.Organiser, seven, fault.Forbidden}, {"of the event", account.Organiser, three, fault.NotFound},
			{"coordinator", account.Organiser, three, fault.NotFound}, {"coordinator", account.Administrator, network, fault.NotFound},
			{"donor", account.Donor, five, fault.Forbidden}, {"donor", account.Organiser, seven, fault.Forbidden}, {"anyone", account.Donor, five, fault.NotFound},
		} {
			err := o.InviteMember(t.Context(), who[row.who], invitation("new@example.org", row.role, row.scope))
			if fault.KindOf(err) != row.want {
				t.Errorf("%s invites %s in %v: %v, want %s", row.who, row.role, row.scope, err, row.want)
			}
		}
		if n, _ := o.Count(t.Context()); n != 4 {
			t.Errorf("%d users", n)
		}
		for who, scope := range map[string]account.Scope{"organiser": seven, "coordinator": seven} {
			if err := o.InviteMember(t.Context(), who0(who, o, t), invitation(who+"s@example.org", account.Organiser, scope)); err != nil {
				t.Error(err)
			}
		}
	})
}

func who0(who string, o office, t *testing.T) account.Actor {
	t.Helper()
	return o.actor(t, map[string]int64{"organiser": 1, "coordinator": 3}[who])
}

func TestARoleLastsNoLongerThanThatOfWhoGaveIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		admin := o.user(t, "root@example.org", account.Administrator, network)
		n := invitation("ana@three.example", account.Organiser, three)
		n.Until = day.Plus(10)
		if err := o.InviteMember(t.Context(), admin, n); err != nil {
			t.Fatal(err)
		}
		ana := o.actor(t, 2)
		next := invitation("eva@three.example", account.Organiser, three)
		for _, until := range []db.Day{{}, day.Plus(11)} {
			next.Until = until
			if err := o.InviteMember(t.Context(), ana, next); fields(err)["until"] != "member.until_yours" {
				t.Errorf("until %q: %v", until, err)
			}
		}
		next.Until = day.Plus(10)
		if err := o.InviteMember(t.Context(), ana, next); err != nil {
			t.Fatal(err)
		}
		own := invitation("ANA@three.example", account.Organiser, three)
		own.Until = day.Plus(9)
		wantFault(t, o.InviteMember(t.Context(), ana, own), fault.Conflict, "member.self")
		o.clock.pass(11 * 24 * time.Hour)
		if got := o.actor(t, 2).Grants; len(got) != 0 {
			t.Errorf("after the last day: %v", got)
		}
		if fault.KindOf(o.InviteMember(t.Context(), ana, invitation("x@three.example", account.Organiser, three))) != fault.Forbidden {
			t.Error("somebody whose role has ended since invites")
		}
		if m := o.members(t, admin, three); !m[0].Ended {
			t.Errorf("%+v", m)
		}
	})
}

func TestToInviteOnceMoreChangesTheEndAndNothingElse(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		admin := o.user(t, "root@example.org", account.Administrator, network)
		n := invitation("audit@example.org", account.Auditor, five)
		n.Until = day.Plus(5)
		if err := o.InviteMember(t.Context(), admin, n); err != nil {
			t.Fatal(err)
		}
		wantFault(t, o.InviteMember(t.Context(), admin, n), fault.Conflict, "member.already")
		n.Until = day.Plus(20)
		if err := o.InviteMember(t.Context(), admin, n); err != nil {
			t.Fatal(err)
		}
		if m := o.members(t, admin, five); len(m) != 1 || m[0].Until != day.Plus(20) {
			t.Errorf("%+v", m)
		}
		if got := o.mails(t); len(got) != 1 {
			t.Errorf("mails: %v", got)
		}
		var detail string
		if err := d.Read().NewRaw("SELECT detail FROM audit WHERE action = 'change_grant'").Scan(t.Context(), &detail); err != nil || !containsAll(detail, "2022-05-21", "2022-06-05", "before") {
			t.Errorf("%s %v", detail, err)
		}
		o.clock.pass(30 * 24 * time.Hour)
		n.Until = day.Plus(60)
		if err := o.InviteMember(t.Context(), admin, n); err != nil || len(o.mails(t)) != 2 {
			t.Errorf("a role that had ended is given again: %v, %v", err, o.mails(t))
		}
	})
}

func TestARevokedRoleIsGoneAtTheNextRequestAndNothingElse(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		admin := o.user(t, "root@example.org", account.Administrator, network)
		ana := o.user(t, "ana@three.example", account.Organiser, three)
		if err := o.Grant(t.Context(), account.System, ana.UserID, account.Donor, five); err != nil {
			t.Fatal(err)
		}
		v, err := o.BeginVisit(t.Context(), ana.UserID, account.ByLink, "")
		if err != nil {
			t.Fatal(err)
		}
		m := o.members(t, admin, three)[0]
		wantFault(t, o.Revoke(t.Context(), admin, m.GrantID, false), fault.Conflict, "member.last_organiser")
		if err := o.Revoke(t.Context(), admin, m.GrantID, true); err != nil {
			t.Fatal(err)
		}
		now, _, err := o.Resume(t.Context(), v.ID)
		if err != nil || now.Can(account.ViewEvent, three) || !now.Can(account.ViewGrant, five) {
			t.Errorf("%+v %v", now, err)
		}
		if err := o.Revoke(t.Context(), admin, m.GrantID, true); fault.KindOf(err) != fault.NotFound {
			t.Errorf("once more: %v", err)
		}
	})
}

func TestNobodyTakesBackWhatTheyCouldNotGive(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		admin := o.user(t, "root@example.org", account.Administrator, network)
		ana := o.user(t, "ana@three.example", account.Organiser, three)
		o.user(t, "boro@four.example", account.Organiser, four)
		eva := o.user(t, "eva@three.example", account.Organiser, seven)
		dag := o.user(t, "dag@example.org", account.Donor, five)
		grants := map[account.Scope]int64{}
		for _, s := range []account.Scope{network, four, five} {
			for _, m := range o.members(t, admin, s) {
				grants[m.Scope] = m.GrantID
			}
		}
		for _, row := range []struct {
			who  account.Actor
			what account.Scope
			want fault.Kind
		}{
			{ana, four, fault.NotFound}, {ana, network, fault.NotFound}, {ana, five, fault.NotFound}, {dag, seven, fault.Forbidden}, {account.Anyone, four, fault.NotFound},
		} {
			if err := o.Revoke(t.Context(), row.who, grants[row.what], true); fault.KindOf(err) != row.want {
				t.Errorf("%s takes back what is in %v: %v, want %s", row.who.Name, row.what, err, row.want)
			}
		}
		if err := o.Revoke(t.Context(), eva, grants[seven], false); err != nil {
			t.Errorf("somebody gives up what is theirs: %v", err)
		}
	})
}

func TestTheLinkOfAWithdrawnInvitationIsWorthNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		ana := o.user(t, "ana@three.example", account.Organiser, three)
		for _, email := range []string{"one@three.example", "two@three.example"} {
			if err := o.InviteMember(t.Context(), ana, invitation(email, account.Organiser, three)); err != nil {
				t.Fatal(err)
			}
		}
		list := o.members(t, ana, three)
		if err := o.ResendInvitation(t.Context(), ana, list[1].GrantID); err != nil {
			t.Fatal(err)
		}
		if err := o.Revoke(t.Context(), ana, list[1].GrantID, false); err != nil {
			t.Fatal(err)
		}
		var open []int64
		err := d.Read().NewRaw("SELECT user_id FROM sign_in_links WHERE used_at IS NULL AND expires_at > ?", db.At(o.clock.now())).Scan(t.Context(), &open)
		if err != nil || len(open) != 1 || open[0] != 3 {
			t.Errorf("links that still work: %v %v", open, err)
		}
		if got := o.mails(t); len(got) != 3 || got[2] != "account.invited one@three.example" {
			t.Errorf("%v", got)
		}
		if _, err := o.BeginVisit(t.Context(), 3, account.ByLink, ""); err != nil {
			t.Fatal(err)
		}
		wantFault(t, o.ResendInvitation(t.Context(), ana, list[2].GrantID), fault.Conflict, "member.came")
	})
}

func TestTwoAdministratorsCanNotRemoveEachOther(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		for round := range 24 {
			a := o.user(t, fmt.Sprintf("a%d@example.org", round), account.Administrator, network)
			b := o.user(t, fmt.Sprintf("b%d@example.org", round), account.Administrator, network)
			grants := map[int64]int64{}
			for _, m := range o.members(t, a, network) {
				grants[map[string]int64{fmt.Sprintf("a%d@example.org", round): a.UserID, fmt.Sprintf("b%d@example.org", round): b.UserID}[m.Email]] = m.GrantID
			}
			var left [2]error
			var wg sync.WaitGroup
			remove := func(i int, who, whom account.Actor, disable bool) {
				wg.Go(func() {
					if disable {
						left[i] = o.Disable(t.Context(), who, whom.UserID, true)
					} else {
						left[i] = o.Revoke(t.Context(), who, grants[whom.UserID], false)
					}
				})
			}
			remove(0, a, b, round%3 > 0)
			remove(1, b, a, round%4 > 0)
			wg.Wait()
			if (left[0] == nil) == (left[1] == nil) {
				t.Fatalf("round %d: %v, %v", round, left[0], left[1])
			}
			// the one who is left gives way to the next two
			next := o.user(t, fmt.Sprintf("c%d@example.org", round), account.Administrator, network)
			for _, m := range o.members(t, next, network) {
				if !m.Self {
					if err := o.Revoke(t.Context(), next, m.GrantID, false); err != nil {
						t.Fatal(err)
					}
				}
			}
			o.drop(t, next)
		}
	})
}

// drop takes an administrator away beneath the program.
func (o office) drop(t *testing.T, a account.Actor) {
	t.Helper()
	if err := o.db.InTx(t.Context(), apptest.Exec("DELETE FROM grants WHERE user_id = ?", a.UserID)); err != nil {
		t.Fatal(err)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		root := o.user(t, "root@example.org", account.Administrator, network)
		grant := o.members(t, root, network)[0].GrantID
		if err := o.Revoke(t.Context(), root, grant, true); !errors.Is(err, account.ErrLastAdministrator) {
			t.Errorf("revoke: %v", err)
		}
		if err := o.Disable(t.Context(), account.System, root.UserID, true); !errors.Is(err, account.ErrLastAdministrator) {
			t.Errorf("disable: %v", err)
		}
		wantFault(t, o.Disable(t.Context(), root, root.UserID, true), fault.Conflict, "user.own_account")
		n := invitation("root@example.org", account.Administrator, network)
		n.Until = day.Plus(3)
		if err := o.InviteMember(t.Context(), account.System, n); !errors.Is(err, account.ErrLastAdministrator) {
			t.Errorf("an end: %v", err)
		}
		second := invitation("second@example.org", account.Administrator, network)
		second.Until = day.Plus(3) // who leaves soon can't stand in
		if err := o.InviteMember(t.Context(), root, second); err != nil {
			t.Fatal(err)
		}
		if err := o.Revoke(t.Context(), root, grant, true); !errors.Is(err, account.ErrLastAdministrator) {
			t.Errorf("revoke: %v", err)
		}
	})
}

func TestPlacesAreThoseWhoseMembersTheActorMaySee(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		for _, row := range []struct {
			who  account.Actor
			want []account.Scope
		}{
			{o.user(t, "root@example.org", account.Administrator, network), []account.Scope{network, five, four, three}},
			{o.user(t, "cila@four.example", account.Coordinator, five), []account.Scope{five}},
			{o.user(t, "ana@three.example", account.Organiser, three), []account.Scope{three}},
			{o.user(t, "eva@three.example", account.Organiser, seven), []account.Scope{seven}},
			{o.user(t, "dag@example.org", account.Donor, five), nil},
		} {
			list, err := o.Places(t.Context(), row.who)
			if err != nil {
				t.Fatal(err)
			}
			var got []account.Scope
			for _, p := range list {
				got = append(got, p.Scope)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("%s: %s", row.who.Role, diff)
			}
		}
	})
}
