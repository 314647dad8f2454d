package registration_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/registration"
)

var why = locale.NewText("cnr", "Sala je **poplavljena**.", "en", "The room is under water.")

// letter is a mail as it waits in the outbox.
type letter struct {
	Kind, Recipient, Locale string
	Params                  db.JSON[mail.Params]
}

// letters are the mails of kinds that begin with event, by recipient.
func letters(t *testing.T, w *apptest.World) []letter {
	t.Helper()
	var list []letter
	err := w.DB.Read().NewRaw("SELECT kind, recipient, locale, params FROM outbox WHERE kind LIKE 'event.%' ORDER BY id").Scan(t.Context(), &list)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(list, func(a, b letter) int { return cmp.Compare(a.Recipient, b.Recipient) })
	return list
}

// told is what the letters are, in a line each.
func told(t *testing.T, w *apptest.World) []string {
	t.Helper()
	var out []string
	for _, l := range letters(t, w) {
		out = append(out, strings.Join([]string{l.Recipient, l.Locale, l.Kind}, " "))
	}
	return out
}

// peopled fills an event: of one person each who is submitted (1), approved (2), rejected (3), gone (4) and on the
// waiting list (5), and of nominees one who hasn't answered, one who registered and one who declined.
func (w *nominating) peopled(t *testing.T) {
	t.Helper()
	var codes []string
	for n := 1; n <= 5; n++ {
		s := apptest.Submission(n)
		s.Locale = []locale.Code{"cnr", "sq", "en", "en", "mk"}[n-1]
		r, err := w.Registrations.Register(t.Context(), w.event.Code, s)
		if err != nil {
			t.Fatal(err)
		}
		codes = append(codes, r.Code)
		if n == 4 {
			if err := w.Registrations.Cancel(t.Context(), r.Actor(), r.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, to := range map[int]registration.Status{1: registration.Approved, 2: registration.Rejected, 4: registration.Waitlisted} {
		if _, err := w.Registrations.Decide(t.Context(), w.maker, w.event.Code, codes[i:i+1], to, ""); err != nil {
			t.Fatal(err)
		}
	}
	o := w.offer(t, 5)
	w.nominate(t, o, "silent")
	w.register(t, w.nominate(t, o, "here"), "here")
	if err := w.Registrations.Decline(t.Context(), w.event.Code, w.token(w.nominate(t, o, "gone"))); err != nil {
		t.Fatal(err)
	}
}

func TestACancellationIsToldToEverybodyConcernedInTheirLanguage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		w.peopled(t)
		if n, err := w.Registrations.Concerned(t.Context(), w.maker, w.Reload(t, w.event)); n != 6 || err != nil {
			t.Errorf("%d are concerned, %v", n, err)
		}
		if _, err := w.Events.Cancel(t.Context(), w.maker, w.event.Code, why); err != nil {
			t.Fatal(err)
		}
		want := []string{
			"ana.here@police.me.example cnr event.cancelled", "ana.silent@police.me.example cnr event.cancelled_nominee",
			"mirko@police.me.example cnr event.cancelled_offer",
			"vesna.1@jt.me.example cnr event.cancelled", "vesna.2@jt.me.example sq event.cancelled", "vesna.5@jt.me.example mk event.cancelled",
		}
		if x := diff.Diff(want, told(t, w.World)); x != "" {
			t.Errorf("(-want +got):\n%s", x)
		}
		for _, l := range letters(t, w.World) {
			reason := "The room is under water."
			if l.Locale == "cnr" {
				reason = "Sala je poplavljena."
			}
			if l.Params.V.Reason != reason {
				t.Errorf("%s reads %q", l.Recipient, l.Params.V.Reason)
			}
			if link := l.Params.V.Link; (link != nil) != (l.Kind == "event.cancelled") {
				t.Errorf("%s has the link %v", l.Recipient, link)
			}
		}
		if n, err := w.Registrations.Concerned(t.Context(), w.maker, w.Reload(t, w.event)); n != 0 || err != nil {
			t.Errorf("%d are still concerned, %v", n, err)
		}
	})
}

func TestACancelledEventTakesAndPromotesNobody(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d, apptest.Automatic, apptest.Seats(1))
		first, second := register(t, w.World, w.event, 1), register(t, w.World, w.event, 2)
		o := w.offer(t, 2)
		n := w.nominate(t, o, "silent")
		if _, err := w.Events.Cancel(t.Context(), w.maker, w.event.Code, why); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Registrations.Register(t.Context(), w.event.Code, apptest.Submission(3)); !errors.Is(err, registration.ErrClosed) {
			t.Errorf("registering: %v", err)
		}
		if _, err := w.Registrations.RegisterNominated(t.Context(), w.event.Code, w.token(n), form("silent")); !errors.Is(err, registration.ErrNominationGone) {
			t.Errorf("a nominee: %v", err)
		}
		if _, err := w.Registrations.Nominate(t.Context(), o.Actor(), o.ID, nominee("late")); !errors.Is(err, registration.ErrOfferOver) {
			t.Errorf("nominating: %v", err)
		}
		if _, err := w.Registrations.OfferSeats(t.Context(), w.maker, w.event.Code, newOffer(1)); !errors.Is(err, event.ErrState) {
			t.Errorf("offering: %v", err)
		}
		if _, err := w.Registrations.Decide(t.Context(), w.maker, w.event.Code, []string{second.Code}, registration.Approved, ""); !errors.Is(err, event.ErrState) {
			t.Errorf("deciding: %v", err)
		}
		if err := w.Registrations.Cancel(t.Context(), first.Actor(), first.ID); !errors.Is(err, registration.ErrStatus) {
			t.Errorf("giving a place back: %v", err)
		}
		if x := diff.Diff(map[registration.Status]int{registration.Approved: 1, registration.Waitlisted: 1}, statuses(t, w.World, w.event)); x != "" {
			t.Errorf("(-want +got):\n%s", x)
		}
	})
}

// move changes an event's facts.
func (w *nominating) move(t *testing.T, change func(*event.Facts)) {
	t.Helper()
	e := w.Reload(t, w.event)
	f := event.Facts{
		Type: e.Type, Title: e.Title, Country: e.Country, City: e.City, Venue: e.Venue, StartsOn: e.StartsOn, Days: e.Days, Zone: e.Zone, Seats: e.Seats, Decision: e.Decision,
		Languages: e.Languages.V, OpensAt: e.RegistrationOpensAt.Time, ClosesAt: e.RegistrationClosesAt.Time, Quiet: e.Quiet, Format: e.Format, JoinURL: e.JoinURL, Code: e.Code,
	}
	change(&f)
	if _, err := w.Events.Update(t.Context(), w.maker, e.Code, e.Version, f); err != nil {
		t.Fatal(err)
	}
}

func TestAMoveTellsTheOldAndTheNewToEverybodyConcerned(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		w.peopled(t)
		w.move(t, func(f *event.Facts) { f.Seats, f.Title = 40, locale.NewText("cnr", "Drugi naziv") })
		if got := told(t, w.World); got != nil {
			t.Fatalf("a new title is told to %v", got)
		}
		w.move(t, func(f *event.Facts) { f.StartsOn, f.City = db.Day{Time: f.StartsOn.AddDate(0, 0, 7)}, "Bar" })
		want := []string{
			"ana.here@police.me.example cnr event.moved", "ana.silent@police.me.example cnr event.moved_nominee", "mirko@police.me.example cnr event.moved_offer",
			"vesna.1@jt.me.example cnr event.moved", "vesna.2@jt.me.example sq event.moved", "vesna.5@jt.me.example mk event.moved",
		}
		if x := diff.Diff(want, told(t, w.World)); x != "" {
			t.Errorf("(-want +got):\n%s", x)
		}
		for _, l := range letters(t, w.World) {
			is, was := l.Params.V.Event, l.Params.V.Was
			if is.City != "Bar" || is.Starts.String() != "2022-05-23" || was.City != "Podgorica" || was.Starts.String() != "2022-05-16" || was.Ends.String() != "2022-05-17" {
				t.Errorf("%s: %+v, before %+v", l.Recipient, is, was)
			}
			if got := is.OpensAt.Format(time.RFC3339); got != "2022-05-23T07:00:00Z" {
				t.Errorf("%s: it begins at %s", l.Recipient, got)
			}
			if l.Params.V.Link == nil {
				t.Errorf("%s has no link", l.Recipient)
			}
		}
	})
}

func TestOnlyWhoIsApprovedHearsOfTheLinkToJoinAndOfAQuietPlace(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d, func(f *event.Facts) { f.Quiet, f.Format = true, event.Hybrid })
		w.peopled(t)
		w.move(t, func(f *event.Facts) { f.JoinURL = "https://meet.example/secret" })
		w.move(t, func(f *event.Facts) { f.City, f.Venue = "Bar", "Hotel Princess" })
		want := []string{"vesna.2@jt.me.example sq event.moved", "vesna.2@jt.me.example sq event.moved"}
		if x := diff.Diff(want, told(t, w.World)); x != "" {
			t.Errorf("(-want +got):\n%s", x)
		}
		list := letters(t, w.World)
		if !list[0].Params.V.Event.NewLink || list[1].Params.V.Event.NewLink || !list[1].Params.V.Event.Joins {
			t.Errorf("%+v\n%+v", list[0].Params.V.Event, list[1].Params.V.Event)
		}
		w.move(t, func(f *event.Facts) { f.Country, f.City, f.Zone = "NO", "Oslo", "Europe/Oslo" })
		if got := len(letters(t, w.World)); got != 3 {
			t.Errorf("of another country are told: %v", told(t, w.World))
		}
		w.move(t, func(f *event.Facts) { f.Days = 3 })
		if got := len(letters(t, w.World)); got != 3+6 {
			t.Errorf("of another day are told: %v", told(t, w.World))
		}
	})
}

// canary is what no mail to somebody who isn't approved may hold of a quiet event: each is invented, and stands nowhere
// else.
var canary = []string{"Kotor", "Hotel Kanarinac", "Olga Kanarinka", "olga@kanarinac.example", "+382 67 000 111", "meet.example"}

func TestNoMailTellsThePlaceOfAQuietEventBeforeApproval(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d, func(f *event.Facts) {
			f.Quiet, f.Format, f.JoinURL, f.City, f.Venue = true, event.Hybrid, "https://meet.example/secret", canary[0], canary[1]
			f.Country, f.ContactName, f.ContactEmail, f.ContactPhone = "NO", canary[2], canary[3], canary[4]
		})
		w.peopled(t)
		w.move(t, func(f *event.Facts) { f.Days, f.Venue = 3, canary[1]+" 2" })
		if _, err := w.Events.Cancel(t.Context(), w.maker, w.event.Code, why); err != nil {
			t.Fatal(err)
		}
		var list []struct{ Kind, Recipient, Params string }
		if err := d.Read().NewRaw("SELECT kind, recipient, params FROM outbox").Scan(t.Context(), &list); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, m := range list {
			seen[m.Kind] = true
			approved := m.Recipient == "vesna.2@jt.me.example" && m.Kind != "registration.submitted"
			for _, word := range append(canary, `"country":"NO"`) {
				if strings.Contains(m.Params, word) && !approved {
					t.Errorf("%s to %s tells %s", m.Kind, m.Recipient, word)
				}
			}
			if approved && !strings.Contains(m.Params, canary[0]) {
				t.Errorf("%s doesn't tell the place to who is approved", m.Kind)
			}
		}
		if len(seen) < 12 {
			t.Errorf("only these kinds were looked at: %v", seen)
		}
	})
}

func TestNobodyIsToldOfWhatIsOverOrNotShownYet(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d)
		w.peopled(t)
		w.Clock.Set(w.event.Ends())
		w.move(t, func(f *event.Facts) { f.City = "Bar" })
		if got := told(t, w.World); got != nil {
			t.Errorf("of what is over are told: %v", got)
		}
		if n, err := w.Registrations.Concerned(t.Context(), w.maker, w.Reload(t, w.event)); n != 0 || err != nil {
			t.Errorf("%d are concerned, %v", n, err)
		}
		if _, err := w.Events.Cancel(t.Context(), w.maker, w.event.Code, why); !errors.Is(err, event.ErrState) {
			t.Errorf("cancelling what is over: %v", err)
		}
	})
}

// Whatever comes first: who has a place, or an invitation, of a cancelled event has heard of the cancellation.
func TestCancellingWhilePeopleRegisterLeavesNobodyUntold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := newNominating(t, d, apptest.Automatic, apptest.Seats(8))
		o := w.offer(t, 20)
		var wg sync.WaitGroup
		at := func(f func(ctx context.Context) error) {
			wg.Go(func() {
				err := f(context.Background())
				if err != nil && !errors.Is(err, registration.ErrClosed) && !errors.Is(err, registration.ErrOfferOver) && !errors.Is(err, event.ErrState) {
					t.Error(err)
				}
			})
		}
		for n := range 12 {
			at(func(ctx context.Context) error {
				_, err := w.Registrations.Register(ctx, w.event.Code, apptest.Submission(n))
				return err
			})
			at(func(ctx context.Context) error {
				_, err := w.Registrations.Nominate(ctx, o.Actor(), o.ID, nominee(fmt.Sprint(n)))
				return err
			})
			if n == 6 {
				at(func(ctx context.Context) error {
					_, err := w.Events.Cancel(ctx, account.System, w.event.Code, why)
					return err
				})
			}
			if n%4 == 0 {
				at(func(ctx context.Context) error {
					x := newOffer(1)
					x.ContactEmail = fmt.Sprintf("contact.%d@police.me.example", n)
					_, err := w.Registrations.OfferSeats(ctx, w.maker, w.event.Code, x)
					return err
				})
			}
		}
		wg.Wait()
		var untold []string
		err := d.Read().NewRaw(`SELECT o.recipient FROM outbox AS o WHERE o.kind NOT LIKE 'event.%'
			AND NOT EXISTS (SELECT 1 FROM outbox AS x WHERE x.kind LIKE 'event.cancelled%' AND x.recipient = o.recipient)`).Scan(t.Context(), &untold)
		if err != nil {
			t.Fatal(err)
		}
		if w.Reload(t, w.event).State != event.Cancelled || len(untold) > 0 {
			t.Errorf("%s; nobody has told %v", w.Reload(t, w.event).State, untold)
		}
	})
}
