package registration_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/calendar"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/mail"
	"attesta/app/registration"
)

// posted is what a mail put into its reader's calendar.
type posted struct {
	Kind     mail.Kind
	Method   calendar.Method // "" for a mail without a calendar
	First    string          // hour of the first day
	Days     int
	Called   bool
	sequence int
}

func calendars(t *testing.T, w *apptest.World) []posted {
	t.Helper()
	var rows []struct {
		Kind   mail.Kind
		Params db.JSON[mail.Params]
	}
	if err := w.DB.Read().NewSelect().Table("outbox").Column("kind", "params").OrderExpr("id").Scan(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	var all []posted
	for _, r := range rows {
		x := posted{Kind: r.Kind}
		if c := r.Params.V.Calendar; c != nil {
			x.Method, x.First, x.Days, x.Called, x.sequence = c.Method, c.Days[0].Starts.UTC().Format("2006-01-02 15:04"), len(c.Days), c.Called, c.Sequence
		}
		all = append(all, x)
	}
	return all
}

func TestCalendarsHearOfAPlaceItsMovesAndItsEnd(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		r := register(t, w, e, 1)
		decide := func(to registration.Status) {
			if _, err := w.Registrations.Decide(t.Context(), account.System, e.Code, []string{r.Code}, to, ""); err != nil {
				t.Fatal(err)
			}
		}
		decide(registration.Waitlisted)
		decide(registration.Approved)
		decide(registration.Rejected)
		decide(registration.Approved)
		w.Clock.Set(w.Clock.Now().AddDate(0, 0, 1))
		shiftTo(t, w, e, "2022-11-07")
		if _, err := w.Events.Cancel(t.Context(), account.System, e.Code, locale.NewText("en", "Flood")); err != nil {
			t.Fatal(err)
		}
		got := calendars(t, w)
		last := 0
		for _, x := range got {
			if x.Method != "" && x.sequence <= last {
				t.Errorf("%s has sequence %d after %d", x.Kind, x.sequence, last)
			}
			last = max(last, x.sequence)
		}
		for i := range got {
			got[i].sequence = 0
		}
		want := []posted{
			{Kind: mail.RegistrationSubmitted}, {Kind: mail.RegistrationWaitlisted},
			{Kind: mail.RegistrationApproved, Method: calendar.Request, First: "2022-05-16 07:00", Days: 2},
			{Kind: mail.RegistrationRejected, Method: calendar.Cancel, First: "2022-05-16 07:00", Days: 2},
			{Kind: mail.RegistrationApproved, Method: calendar.Request, First: "2022-05-16 07:00", Days: 2},
			{Kind: mail.EventMoved, Method: calendar.Request, First: "2022-11-07 08:00", Days: 2},
			{Kind: mail.EventCancelled, Method: calendar.Cancel, First: "2022-11-07 08:00", Days: 2, Called: true},
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(posted{})); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhoGivesAPlaceBackAndReturnsIsToldAnew(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r := register(t, w, e, 1)
		if err := w.Registrations.Cancel(t.Context(), r.Actor(), r.ID); err != nil {
			t.Fatal(err)
		}
		register(t, w, e, 1)
		got := calendars(t, w)
		if len(got) != 3 || got[0].Method != calendar.Request || got[1].Method != calendar.Cancel || got[2].Method != calendar.Request ||
			got[0].sequence >= got[1].sequence || got[1].sequence >= got[2].sequence {
			t.Errorf("%+v", got)
		}
	})
}

// shiftTo has an event begin on another day.
func shiftTo(t *testing.T, w *apptest.World, e *event.Event, day string) {
	t.Helper()
	e = w.Reload(t, e)
	on, err := db.ParseDay(day)
	if err != nil {
		t.Fatal(err)
	}
	f := event.Facts{
		ProjectID: e.ProjectID, OrganisationID: e.OrganisationID, Type: e.Type, Title: e.Title, Country: e.Country, City: e.City, Code: e.Code,
		StartsOn: on, Days: e.Days, Zone: e.Zone, Languages: e.Languages.V, Seats: e.Seats, Decision: e.Decision, OpensAt: e.RegistrationOpensAt.Time,
	}
	if _, err := w.Events.Update(t.Context(), account.System, e.Code, e.Version, f); err != nil {
		t.Fatal(err)
	}
}
