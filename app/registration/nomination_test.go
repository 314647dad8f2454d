package registration_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/person"
	"attesta/app/registration"
)

// nominating is a world in which a user who may choose participants offers seats.
type nominating struct {
	*apptest.World
	maker account.Actor
	event *event.Event
}

func newNominating(t *testing.T, d *db.DB, options ...apptest.EventOption) *nominating {
	t.Helper()
	w := apptest.NewWorld(t, d)
	do(t, d, "INSERT INTO users (id, email, email_key, name, locale, created_at) VALUES (77, 'maker@lead.example', 'maker@lead.example', 'Maker', 'en', 0)")
	do(t, d, "INSERT INTO grants (user_id, role, scope_kind, scope_id, created_at) VALUES (77, 'organiser', 'organisation', ?, 0)", w.Organisation.ID)
	maker := w.Organiser()
	maker.UserID, maker.Role = 77, account.Organiser
	return &nominating{World: w, maker: maker, event: w.Event(t, options...)}
}

func do(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.InTx(context.Background(), apptest.Exec(query, args...)); err != nil {
		t.Fatal(err)
	}
}

func (w *nominating) offer(t *testing.T, seats int) *registration.Offer {
	t.Helper()
	o, err := w.Registrations.OfferSeats(t.Context(), w.maker, w.event.Code, newOffer(seats))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func newOffer(seats int) registration.NewOffer {
	return registration.NewOffer{
		InstitutionName: "Uprava policije", InstitutionType: person.Police, InstitutionCountry: "ME", ContactName: "Mirko Kontakt",
		ContactEmail: "mirko@police.me.example", Locale: "cnr", Seats: seats,
	}
}

func nominee(n string) registration.Nominee {
	return registration.Nominee{GivenName: "Ana", FamilyName: "Radović-" + n, Email: "ana." + n + "@police.me.example", Position: "inspektorka", Locale: "cnr"}
}

func (w *nominating) nominate(t *testing.T, o *registration.Offer, who string) *registration.Nomination {
	t.Helper()
	n, err := w.Registrations.Nominate(t.Context(), o.Actor(), o.ID, nominee(who))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// token is what the nominee's mail holds.
func (w *nominating) token(n *registration.Nomination) string {
	return w.Secret.Link(registration.NominationPurpose, n.Nonce)
}

// form is what a nominee sends.
func form(who string) registration.Submission {
	s := apptest.Submission(1)
	x := nominee(who)
	s.GivenName, s.FamilyName, s.Email = x.GivenName, x.FamilyName, x.Email
	return s
}

func (w *nominating) register(t *testing.T, n *registration.Nomination, who string) *registration.Registration {
	t.Helper()
	r, err := w.Registrations.RegisterNominated(t.Context(), w.event.Code, w.token(n), form(who))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// standings are the last names of an offer's nominees with where they stand, and how many seats are left.
func (w *nominating) standings(t *testing.T, o *registration.Offer) (map[string]registration.Standing, int) {
	t.Helper()
	list, left, err := w.Registrations.Nominations(t.Context(), o.Actor(), o, w.Reload(t, w.event))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]registration.Standing{}
	for _, n := range list {
		out[n.FamilyName] = n.Standing
	}
	return out, left
}

func (w *nominating) mails(t *testing.T, kind string) (n int) {
	t.Helper()
	if err := w.DB.Read().NewRaw("SELECT COUNT(*) FROM outbox WHERE kind = ?", kind).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func (w *nominating) open(o *registration.Offer) error {
	_, _, _, err := w.Registrations.OfferByToken(context.Background(), strings.TrimPrefix(w.Registrations.OfferPath(o), "/nominate/"))
	return err
}

func TestAnOfferIsMailedAndOpensUntilItIsRevoked(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 2)
		if err := w.open(o); err != nil || w.mails(t, "nomination.offered") != 1 {
			t.Fatalf("%d mails, %v", w.mails(t, "nomination.offered"), err)
		}
		if err := w.Registrations.RevokeOffer(t.Context(), w.maker, w.event.Code, o.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.open(o); !errors.Is(err, registration.ErrOffer) {
			t.Errorf("a revoked link opens: %v", err)
		}
		if err := w.Registrations.SendOffer(t.Context(), w.maker, w.event.Code, o.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.open(o); !errors.Is(err, registration.ErrOffer) {
			t.Errorf("the old link opens again: %v", err)
		}
		anew, _, err := w.Registrations.Offer(t.Context(), w.maker, w.event, o.ID)
		if err != nil || w.open(&anew.Offer) != nil || w.mails(t, "nomination.offered") != 2 {
			t.Errorf("the new link doesn't: %v", err)
		}
	})
}

func TestAnOfferIsNothingToAnotherOrganisation(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 2)
		other := account.Actor{UserID: 77, Grants: []account.Grant{{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: 9999}}}}
		auditor := account.Actor{UserID: 77, Grants: []account.Grant{{Role: account.Auditor, Scope: w.Project.Scope()}}}
		desk := w.Registrations
		ctx := t.Context()
		calls := map[string]func(account.Actor) error{
			"offer": func(a account.Actor) error { _, err := desk.OfferSeats(ctx, a, w.event.Code, newOffer(1)); return err },
			"list":  func(a account.Actor) error { _, err := desk.Offers(ctx, a, w.event); return err },
			"show":  func(a account.Actor) error { _, _, err := desk.Offer(ctx, a, w.event, o.ID); return err },
			"change": func(a account.Actor) error {
				return desk.ChangeOffer(ctx, a, w.event.Code, o.ID, 3, time.Time{})
			},
			"revoke": func(a account.Actor) error { return desk.RevokeOffer(ctx, a, w.event.Code, o.ID) },
			"send":   func(a account.Actor) error { return desk.SendOffer(ctx, a, w.event.Code, o.ID) },
			"remind": func(a account.Actor) error { _, err := desk.RemindNominees(ctx, a, w.event.Code, o.ID); return err },
		}
		for name, call := range calls {
			if err := call(other); !errors.Is(err, event.ErrNotFound) {
				t.Errorf("%s by another organisation: %v", name, err)
			}
			if err := call(auditor); fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%s by an auditor: %v", name, err)
			}
			if err := call(w.maker); err != nil && name != "send" {
				t.Errorf("%s by its maker: %v", name, err)
			}
			do(t, d, "UPDATE nomination_links SET revoked_at = NULL")
		}
		for _, a := range []account.Actor{account.Anyone, other, account.Link(account.FocalPoint, account.NominationScope, o.ID+1)} {
			if _, err := desk.Nominate(ctx, a, o.ID, nominee("x")); !errors.Is(err, registration.ErrOffer) {
				t.Errorf("nominating as %v: %v", a.Role, err)
			}
			if _, _, err := desk.Nominations(ctx, a, o, w.event); !errors.Is(err, registration.ErrOffer) {
				t.Errorf("looking as %v: %v", a.Role, err)
			}
		}
		elsewhere := w.Event(t)
		if err := desk.RevokeOffer(ctx, w.maker, elsewhere.Code, o.ID); !errors.Is(err, registration.ErrOffer) {
			t.Errorf("through another event: %v", err)
		}
	})
}

func TestTheLinkDiesWithItsMakersRight(t *testing.T) {
	for name, end := range map[string]string{
		"role taken back": "DELETE FROM grants WHERE user_id = 77", "role ended": "UPDATE grants SET until = '2022-05-01' WHERE user_id = 77",
		"user disabled": "UPDATE users SET disabled_at = 1 WHERE id = 77",
	} {
		t.Run(name, func(t *testing.T) {
			apptest.Each(t, func(t *testing.T, d *db.DB) {
				w := newNominating(t, d)
				o := w.offer(t, 2)
				n := w.nominate(t, o, "1")
				do(t, d, end)
				if err := w.open(o); !errors.Is(err, registration.ErrOffer) {
					t.Errorf("the link opens: %v", err)
				}
				if _, err := w.Registrations.Nominate(t.Context(), o.Actor(), o.ID, nominee("2")); !errors.Is(err, registration.ErrOffer) {
					t.Errorf("one can nominate: %v", err)
				}
				if _, err := w.Registrations.RegisterNominated(t.Context(), w.event.Code, w.token(n), form("1")); !errors.Is(err, registration.ErrNominationGone) {
					t.Errorf("a nominee can register: %v", err)
				}
				colleague := w.Organiser()
				if err := w.Registrations.SendOffer(t.Context(), colleague, w.event.Code, o.ID); err != nil {
					t.Fatal(err)
				}
				if _, err := w.Registrations.RegisterNominated(t.Context(), w.event.Code, w.token(n), form("1")); err != nil {
					t.Errorf("a colleague took it over, but: %v", err)
				}
			})
		})
	}
}

func TestManyNominationsAtOnceGetNoSeatMoreThanWasOffered(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 3)
		var wg sync.WaitGroup
		errs := make([]error, 16)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = w.Registrations.Nominate(context.Background(), o.Actor(), o.ID, nominee(string(rune('a'+i))))
			})
		}
		wg.Wait()
		in := 0
		for _, err := range errs {
			switch {
			case err == nil:
				in++
			case !errors.Is(err, registration.ErrNoSeatLeft):
				t.Errorf("refused with %v", err)
			}
		}
		if _, left := w.standings(t, o); in != 3 || left != 0 || w.mails(t, "nomination.invited") != 3 {
			t.Errorf("%d of 3 seats named, %d left, %d mails", in, left, w.mails(t, "nomination.invited"))
		}
	})
}

func TestAnAddressIsNamedOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 3)
		n := w.nominate(t, o, "1")
		again := nominee("2")
		again.Email = " ANA.1@police.me.example"
		_, err := w.Registrations.Nominate(t.Context(), o.Actor(), o.ID, again)
		if f := fault.From(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != "email" {
			t.Fatalf("named twice: %v", err)
		}
		if err := w.Registrations.Withdraw(t.Context(), o.Actor(), o.ID, n.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Registrations.Nominate(t.Context(), o.Actor(), o.ID, again); err != nil {
			t.Errorf("named after the first was withdrawn: %v", err)
		}
		for _, bad := range []registration.Nominee{{}, {GivenName: "A", FamilyName: "B", Email: "no", Locale: "en"}, {GivenName: "=1+1", FamilyName: "B", Email: "a@b.example", Locale: "en"}} {
			if _, err := w.Registrations.Nominate(t.Context(), o.Actor(), o.ID, bad); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v: %v", bad, err)
			}
		}
	})
}

func TestANomineeRegistersOnceAlsoWhileRegistrationIsClosed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 2)
		n := w.nominate(t, o, "1")
		if _, err := w.Events.CloseRegistration(t.Context(), w.maker, w.event.Code); err != nil {
			t.Fatal(err)
		}
		w.Clock.Set(w.Clock.Now().Add(time.Second))
		if _, err := w.Registrations.Register(t.Context(), w.event.Code, apptest.Submission(5)); !errors.Is(err, registration.ErrClosed) {
			t.Fatalf("the public registers: %v", err)
		}
		r := w.register(t, n, "1")
		if r.Status != registration.Submitted || r.InstitutionID != o.InstitutionID || r.InstitutionName != "Uprava policije" || r.InstitutionType != person.Police || r.Country != "ME" {
			t.Errorf("%s, %d %s %s %s", r.Status, r.InstitutionID, r.InstitutionName, r.InstitutionType, r.Country)
		}
		if !r.ConsentData || w.mails(t, "registration.submitted") != 1 {
			t.Errorf("consent %v, %d mails", r.ConsentData, w.mails(t, "registration.submitted"))
		}
		again := form("1")
		again.Email = "else@police.me.example"
		if _, err := w.Registrations.RegisterNominated(t.Context(), w.event.Code, w.token(n), again); !errors.Is(err, registration.ErrAlready) {
			t.Errorf("used twice: %v", err)
		}
		if w.mails(t, "registration.submitted") != 2 {
			t.Error("the second use doesn't send the participant's link")
		}
		by, err := w.Registrations.NominatedBy(t.Context(), w.maker, w.event)
		if err != nil || by[r.ID].Name != "Uprava policije" {
			t.Errorf("nominated by %v, %v", by, err)
		}
	})
}

func TestANomineesLinkIsUsedOnceByManyAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		n := w.nominate(t, w.offer(t, 1), "1")
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				s := form("1")
				s.Email = string(rune('a'+i)) + "@police.me.example"
				_, errs[i] = w.Registrations.RegisterNominated(context.Background(), w.event.Code, w.token(n), s)
			})
		}
		wg.Wait()
		in := 0
		for _, err := range errs {
			if err == nil {
				in++
			} else if !errors.Is(err, registration.ErrAlready) {
				t.Errorf("refused with %v", err)
			}
		}
		var rows int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM registrations").Scan(t.Context(), &rows); err != nil || in != 1 || rows != 1 {
			t.Errorf("%d used it, %d registrations, %v", in, rows, err)
		}
	})
}

func TestNomineesTakePlacesByTheRulesOfTheEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d, apptest.Seats(2), apptest.Automatic)
		o := w.offer(t, 3)
		for _, who := range []string{"1", "2", "3"} {
			w.register(t, w.nominate(t, o, who), who)
		}
		got, _ := w.standings(t, o)
		want := map[string]registration.Standing{"Radović-1": "approved", "Radović-2": "approved", "Radović-3": "waitlisted"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestDecliningAndWithdrawingFreeTheSeatUntilSomebodyHasRegistered(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 2)
		ctx, desk := t.Context(), w.Registrations
		one, two := w.nominate(t, o, "1"), w.nominate(t, o, "2")
		for range 2 {
			err := desk.Decline(ctx, w.event.Code, w.token(one))
			if err != nil && !errors.Is(err, registration.ErrNominationGone) {
				t.Fatal(err)
			}
		}
		if _, err := desk.RegisterNominated(ctx, w.event.Code, w.token(one), form("1")); !errors.Is(err, registration.ErrNominationGone) {
			t.Errorf("registered after declining: %v", err)
		}
		r := w.register(t, two, "2")
		if err := desk.Withdraw(ctx, o.Actor(), o.ID, two.ID); !errors.Is(err, registration.ErrAnswered) {
			t.Errorf("withdrawn after registering: %v", err)
		}
		if err := desk.Decline(ctx, w.event.Code, w.token(two)); !errors.Is(err, registration.ErrAnswered) {
			t.Errorf("declined after registering: %v", err)
		}
		three := w.nominate(t, o, "3")
		if err := desk.Withdraw(ctx, o.Actor(), o.ID, three.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := desk.CallByToken(ctx, w.event.Code, w.token(three)); !errors.Is(err, registration.ErrNominationGone) {
			t.Errorf("a withdrawn nomination opens: %v", err)
		}
		if err := desk.Cancel(ctx, r.Actor(), r.ID); err != nil {
			t.Fatal(err)
		}
		got, left := w.standings(t, o)
		want := map[string]registration.Standing{"Radović-1": "declined", "Radović-2": "cancelled", "Radović-3": "withdrawn"}
		if diff := cmp.Diff(want, got); diff != "" || left != 1 {
			t.Errorf("%d left, %s", left, diff)
		}
		if err := desk.Withdraw(ctx, o.Actor(), o.ID, two.ID); err != nil {
			t.Errorf("the seat of somebody who cancelled isn't given back: %v", err)
		}
		if _, left := w.standings(t, o); left != 2 {
			t.Errorf("%d left, want 2", left)
		}
		if other := w.offer(t, 1); desk.Withdraw(ctx, other.Actor(), other.ID, one.ID) == nil {
			t.Error("another focal point withdraws")
		}
	})
}

func TestANominationTellsNothingOfAStrangersRegistration(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 1)
		stranger, err := w.Registrations.Register(t.Context(), w.event.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		n := w.nominate(t, o, "1")
		if _, err := w.Registrations.RegisterNominated(t.Context(), w.event.Code, w.token(n), apptest.Submission(1)); !errors.Is(err, registration.ErrAlready) {
			t.Fatalf("registering as the stranger: %v", err)
		}
		got, _ := w.standings(t, o)
		by, err := w.Registrations.NominatedBy(t.Context(), w.maker, w.event)
		if err != nil || got["Radović-1"] != registration.NomineeInvited || by[stranger.ID].Name != "" {
			t.Errorf("the stranger's registration became the nominee's: %v, %v, %v", got, by, err)
		}
	})
}

func TestAfterItsEndAnOfferIsReadAndNothingMore(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 3)
		n := w.nominate(t, o, "1")
		w.Clock.Set(w.event.Begins())
		if err := w.open(o); err != nil {
			t.Errorf("it can't be read: %v", err)
		}
		if _, err := w.Registrations.Nominate(t.Context(), o.Actor(), o.ID, nominee("2")); !errors.Is(err, registration.ErrOfferOver) {
			t.Errorf("nominated: %v", err)
		}
		if err := w.Registrations.Withdraw(t.Context(), o.Actor(), o.ID, n.ID); !errors.Is(err, registration.ErrOfferOver) {
			t.Errorf("withdrawn: %v", err)
		}
		if _, err := w.Registrations.RegisterNominated(t.Context(), w.event.Code, w.token(n), form("1")); !errors.Is(err, registration.ErrNominationGone) {
			t.Errorf("registered: %v", err)
		}
		if got, _ := w.standings(t, o); got["Radović-1"] != registration.NomineeExpired {
			t.Errorf("it stands as %v", got)
		}
	})
}

func TestNobodyIsRemindedTwiceADay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 4)
		w.nominate(t, o, "1")
		w.register(t, w.nominate(t, o, "2"), "2")
		remind := func(want int) {
			t.Helper()
			if n, err := w.Registrations.RemindNominees(t.Context(), w.maker, w.event.Code, o.ID); err != nil || n != want {
				t.Errorf("%d reminded, want %d: %v", n, want, err)
			}
		}
		remind(0)
		w.Clock.Set(w.Clock.Now().Add(25 * time.Hour))
		w.nominate(t, o, "3")
		remind(1)
		remind(0)
		w.Clock.Set(w.Clock.Now().Add(25 * time.Hour))
		remind(2)
		if n := w.mails(t, "nomination.reminder"); n != 3 {
			t.Errorf("%d mails, want 3", n)
		}
	})
}

func TestSeatsOfAnOfferDontFallBelowThoseNamed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 3)
		w.nominate(t, o, "1")
		w.nominate(t, o, "2")
		if err := w.Registrations.ChangeOffer(t.Context(), w.maker, w.event.Code, o.ID, 1, time.Time{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("one seat for two: %v", err)
		}
		until := w.Clock.Now().Add(time.Hour)
		if err := w.Registrations.ChangeOffer(t.Context(), w.maker, w.event.Code, o.ID, 2, until); err != nil {
			t.Fatal(err)
		}
		got, _, err := w.Registrations.Offer(t.Context(), w.maker, w.event, o.ID)
		if err != nil || got.Seats != 2 || !got.ExpiresAt.Equal(until) || got.Nominated != 2 {
			t.Errorf("%+v, %v", got, err)
		}
		if err := w.Registrations.ChangeOffer(t.Context(), w.maker, w.event.Code, o.ID, 2, w.Clock.Now().Add(-time.Hour)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("ends in the past: %v", err)
		}
	})
}

func TestWhatWasSaidOfPeopleWhoNeverCameIsErased(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 4)
		ctx, desk := t.Context(), w.Registrations
		w.nominate(t, o, "1")
		withdrawn, declined := w.nominate(t, o, "2"), w.nominate(t, o, "3")
		w.register(t, w.nominate(t, o, "4"), "4")
		if err := errors.Join(desk.Withdraw(ctx, o.Actor(), o.ID, withdrawn.ID), desk.Decline(ctx, w.event.Code, w.token(declined))); err != nil {
			t.Fatal(err)
		}
		do(t, d, "UPDATE outbox SET state = 'sent'")
		erase := func(at time.Time, want int) {
			t.Helper()
			w.Clock.Set(at)
			if n, err := desk.EraseNominations(ctx); err != nil || n != want {
				t.Errorf("%d erased at %s, want %d: %v", n, at, want, err)
			}
		}
		due := w.event.Begins().AddDate(0, 0, 30)
		erase(due.Add(-time.Hour), 0)
		erase(due.Add(time.Hour), 3)
		erase(due.Add(time.Hour), 0)
		for table, left := range map[string]string{
			"nominations": "SELECT COUNT(*) FROM nominations WHERE email || given_name || family_name || position <> ''",
			"outbox":      "SELECT COUNT(*) FROM outbox WHERE kind = 'nomination.invited' AND recipient || params LIKE '%Radović%'",
		} {
			var n int
			if err := d.Read().NewRaw(left).Scan(ctx, &n); err != nil || n != 1 {
				t.Errorf("%s still tell of %d, want of the one who registered: %v", table, n, err)
			}
		}
		got, _, err := desk.Offer(ctx, w.maker, w.event, o.ID)
		if err != nil || got.Nominated != 2 || got.Answered != 1 || got.Declined != 1 {
			t.Errorf("the numbers are gone: %+v, %v", got, err)
		}
	})
}

func TestTheRecordOfNominationsHoldsNoNames(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 4)
		ctx, desk := t.Context(), w.Registrations
		n := w.nominate(t, o, "1")
		w.register(t, w.nominate(t, o, "2"), "2")
		err := errors.Join(desk.Decline(ctx, w.event.Code, w.token(n)), desk.ChangeOffer(ctx, w.maker, w.event.Code, o.ID, 3, time.Time{}),
			desk.SendOffer(ctx, w.maker, w.event.Code, o.ID), desk.RevokeOffer(ctx, w.maker, w.event.Code, o.ID))
		if err != nil {
			t.Fatal(err)
		}
		var rows []struct {
			Action, Role, Detail string
			EventID              int64
		}
		if err := d.Read().NewRaw("SELECT action, role, detail, event_id FROM audit WHERE subject LIKE 'nomination%' ORDER BY id").Scan(ctx, &rows); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			got = append(got, r.Action+" "+r.Role)
			if strings.ContainsAny(r.Detail, "@") || strings.Contains(r.Detail, "Radović") || strings.Contains(r.Detail, "Mirko") || r.EventID != w.event.ID {
				t.Errorf("%s of event %d: %s", r.Action, r.EventID, r.Detail)
			}
		}
		want := []string{"offer organiser", "nominate focal_point", "nominate focal_point", "accept participant", "decline participant",
			"change organiser", "send organiser", "revoke organiser"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestANominationFollowsARegistrationThatAnotherStandsFor(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		o := w.offer(t, 1)
		r := w.register(t, w.nominate(t, o, "1"), "1")
		twin, err := w.Registrations.Register(t.Context(), w.event.Code, apptest.Submission(9))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Registrations.Decide(t.Context(), w.maker, w.event.Code, []string{twin.Code}, registration.Approved, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Persons.Merge(t.Context(), account.System, twin.PersonID, r.PersonID); err != nil {
			t.Fatal(err)
		}
		got, _ := w.standings(t, o)
		by, err := w.Registrations.NominatedBy(t.Context(), w.maker, w.event)
		if err != nil || got["Radović-1"] != registration.Standing(registration.Approved) || by[twin.ID].Name != "Uprava policije" || by[r.ID].Name != "" {
			t.Errorf("%v, %v, %v", got, by, err)
		}
	})
}

func TestTheListOfAnEventCostsTheSameHoweverManyAreNominated(t *testing.T) {
	w := newNominating(t, apptest.Open(t, apptest.SQLite(t)))
	var c counter
	w.DB.Read().AddQueryHook(&c) //nolint:staticcheck // the handle within d is the one that lists read from
	queries := func() int64 {
		before := c.Load()
		if _, err := w.Registrations.Offers(t.Context(), w.maker, w.event); err != nil {
			t.Fatal(err)
		}
		return c.Load() - before
	}
	w.nominate(t, w.offer(t, 20), "a")
	few := queries()
	for range 5 {
		o := w.offer(t, 20)
		for i := range 5 {
			w.nominate(t, o, string(rune('a'+i)))
		}
	}
	if many := queries(); few == 0 || many != few {
		t.Errorf("%d queries for one offer, %d for six", few, many)
	}
}

// counter counts queries.
type counter struct{ atomic.Int64 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	c.Add(1)
	return ctx
}

func (c *counter) AfterQuery(context.Context, *bun.QueryEvent) {}
