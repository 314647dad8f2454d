package event_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/registration"
)

// lived is an event that has been, with everything that can hang on one: it began on 16 May 2022, registration was open
// from 1 April, 08:00 to 9 May, 12:00 in Podgorica.
func lived(t *testing.T, w *apptest.World) *event.Event {
	t.Helper()
	e := spoken(t, w)
	c := content(t, w, e)
	at := func(d, h int) db.Time { return db.At(e.StartsOn.Plus(d).In(e.Location(), h, 0)) }
	err := w.DB.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, x := range []any{
			&event.Material{EventID: e.ID, SessionID: c.Sessions[1].ID, Position: 1, Code: "slides", Kind: event.FileMaterial, Title: locale.NewText("cnr", "Slajdovi"),
				FileName: "s.pdf", Mime: "application/pdf", Size: 9, Digest: "d1", Shown: event.ToApproved, ShownFrom: at(1, 8), CreatedAt: at(-1, 8)},
			&event.Material{EventID: e.ID, Position: 2, Code: "law", Kind: event.LinkMaterial, Title: locale.NewText("cnr", "Zakon"), URL: "https://law.example", Shown: event.ToAll, CreatedAt: at(-1, 8)},
		} {
			if _, err := tx.NewInsert().Model(x).Exec(ctx); err != nil {
				return err
			}
		}
		_, err := tx.NewRaw("INSERT INTO uploads (code, event_id, file_name, size, created_at, touched_at) VALUES ('u', ?, 'x.pdf', 9, 0, 0)", e.ID).Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return w.Reload(t, e)
}

// peopled adds somebody who applied, was approved, was there and has a certificate, a link of the check-in, seats that
// are offered and a list that was taken in.
func peopled(t *testing.T, w *apptest.World, e *event.Event) {
	t.Helper()
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := w.Registrations.Register(ctx, e.Code, apptest.Submission(1))
	must(err)
	_, err = w.Registrations.Decide(ctx, account.System, e.Code, []string{r.Code}, registration.Approved, "")
	must(err)
	_, err = w.Attendance.NewLink(ctx, account.System, e.Code, "Door")
	must(err)
	_, err = w.Registrations.OfferSeats(ctx, account.System, e.Code, registration.NewOffer{
		InstitutionName: "Uprava policije", InstitutionType: "police", InstitutionCountry: "ME", ContactName: "Mirko Kontakt", ContactEmail: "mirko@police.example", Locale: "en", Seats: 3,
	})
	must(err)
	w.Clock.Set(time.Date(2022, 5, 20, 10, 0, 0, 0, time.UTC))
	for n := 1; n <= 4; n++ {
		_, err = w.Attendance.Mark(ctx, account.System, attendance.Mark{EventCode: e.Code, Position: n, RegistrationID: r.ID, Source: attendance.List})
		must(err)
	}
	_, err = w.Certificates.Issue(ctx, account.System, e.Code)
	must(err)
	must(w.DB.InTx(ctx, apptest.Exec("INSERT INTO import_rows (event_id, row_key, file, row, person_id, registration_id, created_at) SELECT event_id, 'k', 'f', 1, person_id, id, 0 FROM registrations WHERE event_id = ?", e.ID)))
}

// belongings counts the rows of each table that says to which event they belong.
func belongings(t *testing.T, w *apptest.World, eventID int64) map[string]int {
	t.Helper()
	all := "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'event_id'"
	if w.DB.Dialect() == db.Postgres {
		all = "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'event_id'"
	}
	var tables []string
	if err := w.DB.Read().NewRaw(all).Scan(t.Context(), &tables); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, table := range tables {
		n, err := w.DB.Read().NewSelect().Table(table).Where("event_id = ?", eventID).Count(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count[table] = int(n)
	}
	return count
}

// copyOf is what a copy in the same project, organisation and place asks for: all of it.
func copyOf(w *apptest.World, code, startsOn string, what ...event.Copied) event.CopyFacts {
	if what == nil {
		what = event.AllCopied
	}
	d, _ := db.ParseDay(startsOn)
	return event.CopyFacts{Code: code, ProjectID: w.Project.ID, OrganisationID: w.Organisation.ID, StartsOn: d, What: what}
}

func TestACopyHasEverythingOfAnEventButItsPeople(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := lived(t, w)
		peopled(t, w, e)
		got, err := w.Events.Copy(t.Context(), w.Organiser(), e.Code, copyOf(w, "again", "2022-11-14"))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{
			"programme_sessions": 2, "attendance_units": 4, "rooms": 1, "tracks": 1, "speakers": 1, "materials": 2, "audit": 1,
			"registrations": 0, "checkin_links": 0, "import_rows": 0, "certificates": 0, "nomination_links": 0, "uploads": 0,
		}
		if diff := cmp.Diff(want, belongings(t, w, got.ID)); diff != "" {
			t.Errorf("a table that is new here must be told to be copied, or never (-want +got):\n%s", diff)
		}
		for table, n := range belongings(t, w, e.ID) {
			if n == 0 {
				t.Errorf("the original has no %s, so nothing is shown", table)
			}
		}
		if got.SeatsTaken != 0 || got.SeatsAsked != 0 || got.State != event.Draft || got.Version != 1 {
			t.Errorf("taken %d, asked %d, %s, version %d", got.SeatsTaken, got.SeatsAsked, got.State, got.Version)
		}
		if after := w.Reload(t, e); !reflect.DeepEqual(after, w.Reload(t, e)) || after.SeatsTaken != 1 {
			t.Errorf("the original was changed")
		}
	})
}

// parts is what a content says, without what every row has of its own.
func parts(c *event.Content) []string {
	zone := c.Event.Location()
	var list []string
	for _, s := range c.Sessions {
		line := fmt.Sprint("session ", s.Title.By, s.Description.By, s.Kind, s.Counts, s.CountedMinutes, s.Interpretation.V, s.StartsAt.In(zone).Format(" Mon 15:04"), s.EndsAt.In(zone).Format(" Mon 15:04"))
		if x := c.Room(s.RoomID); x != nil {
			line += fmt.Sprint(" in ", x.Name.By)
		}
		if x := c.Track(s.TrackID); x != nil {
			line += fmt.Sprint(" of ", x.Name.By)
		}
		for _, x := range c.SpeakersOf(&s) {
			line += " by " + x.Name
		}
		list = append(list, line)
	}
	for _, x := range c.Speakers {
		list = append(list, fmt.Sprint("speaker ", x.Code, x.Name, x.Kind, x.Role.By, x.Bio.By, x.Portrait, x.Shown))
	}
	for _, x := range c.Materials {
		line := fmt.Sprint("material ", x.Kind, x.Title.By, x.URL, x.FileName, x.Mime, x.Size, x.Digest, x.Shown)
		if !x.ShownFrom.IsZero() {
			line += x.ShownFrom.In(zone).Format(" from Mon 15:04")
		}
		for _, s := range c.Sessions {
			if s.ID == x.SessionID {
				line += fmt.Sprint(" of ", s.Title.By)
			}
		}
		list = append(list, line)
	}
	return list
}

func TestTheDatesOfACopyMoveAsABlockOnTheClockOfItsPlace(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := lived(t, w)
		at := func(s string) time.Time {
			x, err := time.ParseInLocation("2006-01-02 15:04", s, e.Location())
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		f := factsOf(e)
		f.OpensAt, f.ClosesAt = at("2022-04-01 08:00"), at("2022-05-09 12:00")
		e, err := w.Events.Update(t.Context(), w.Organiser(), e.Code, e.Version, f)
		if err != nil {
			t.Fatal(err)
		}
		was := content(t, w, e)
		for _, first := range []string{"2022-11-14", "2021-10-25", "2023-03-27"} { // Mondays: in winter, the week before it, the first of summer
			got, err := w.Events.Copy(t.Context(), w.Organiser(), e.Code, copyOf(w, "from-"+first, first))
			if err != nil {
				t.Fatal(err)
			}
			is := content(t, w, got)
			if diff := cmp.Diff(parts(was), parts(is)); diff != "" {
				t.Errorf("%s (-was +is):\n%s", first, diff)
			}
			if is.Sessions[0].Day.String() != first || is.Sessions[0].Code == was.Sessions[0].Code || is.Sessions[0].Sequence != 0 {
				t.Errorf("%s: %+v", first, is.Sessions[0])
			}
			days := int(day(t, first).Sub(e.StartsOn.Time).Hours() / 24)
			for _, x := range [][2]time.Time{{e.RegistrationOpensAt.Time, got.RegistrationOpensAt.Time}, {e.RegistrationClosesAt.Time, got.RegistrationClosesAt.Time}} {
				if want := x[0].In(e.Location()).AddDate(0, 0, days); !x[1].Equal(want) {
					t.Errorf("%s: the window is at %s, want %s", first, x[1].In(e.Location()), want)
				}
			}
			units, err := event.Units(t.Context(), d.Read(), got.ID)
			if err != nil || units[0].StartsAt.In(e.Location()).Format("2006-01-02 15:04") != first+" 09:00" {
				t.Errorf("%s: %v, %v", first, units, err)
			}
		}
	})
}

func TestWhatIsNotTickedIsNotCopied(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := lived(t, w)
		for i, c := range []struct {
			what []event.Copied
			want string
		}{
			{[]event.Copied{}, ""},
			{[]event.Copied{event.CopyProgramme}, "session+track session"},
			{[]event.Copied{event.CopyProgramme, event.CopyRooms}, "session+room+track session"},
			{[]event.Copied{event.CopyProgramme, event.CopySpeakers}, "session+track+speaker session speaker"},
			{[]event.Copied{event.CopyRooms, event.CopySpeakers}, "speaker"},
			{[]event.Copied{event.CopyMaterials}, "material material"},
			{[]event.Copied{event.CopyProgramme, event.CopyMaterials}, "session+track session material+session material"},
			{[]event.Copied{event.CopyTexts}, "description audience"},
		} {
			made, err := w.Events.Copy(t.Context(), w.Organiser(), e.Code, copyOf(w, fmt.Sprint("copy-", i), "2022-11-14", c.what...))
			if err != nil {
				t.Fatal(err)
			}
			got := content(t, w, made)
			var list []string
			if !got.Event.Description.IsZero() {
				list = append(list, "description")
			}
			if !got.Event.Audience.IsZero() {
				list = append(list, "audience")
			}
			for _, line := range parts(got) {
				kind, rest, _ := strings.Cut(line, " ")
				for _, x := range [][2]string{{" in map", "room"}, {" of map", map[bool]string{true: "session", false: "track"}[kind == "material"]}, {" by ", "speaker"}} {
					if strings.Contains(rest, x[0]) {
						kind += "+" + x[1]
					}
				}
				list = append(list, kind)
			}
			if diff := cmp.Diff(c.want, strings.Join(list, " ")); diff != "" {
				t.Errorf("%v (-want +got):\n%s", c.what, diff)
			}
		}
	})
}

func TestEveryQualityOfAnEventIsCopiedOrNamedAsOneThatIsNot(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		own := strings.Fields("ID Code State SeatsTaken SeatsAsked StartsOn CreatedAt UpdatedAt Version MostDays") // the copy's own
		never := strings.Fields("JoinURL VisibilityWaiver WaivedBy WaivedAt Template CancelReason CancelledAt")    // of this event alone
		moved := strings.Fields("RegistrationOpensAt RegistrationClosesAt")                                        // see the dates
		e := w.Event(t, func(f *event.Facts) {
			f.Format, f.JoinURL, f.Waiver = event.Hybrid, "https://join.example/x", "They would be in danger"
		}) // what no column may default to
		text := `'{"original":"cnr","by":{"cnr":"T","en":"E"},"stale":["en"]}'`
		err := d.InTx(t.Context(), apptest.Exec(`UPDATE events SET quiet = ?, template = ?, description = `+text+`, audience = `+text+`, costs = `+text+`, directions = `+text+`, accessibility = `+text+`,
			cancel_reason = `+text+`, venue = 'V', contact_name = 'C', contact_email = 'c@x.example', contact_phone = '+382 20 123', interpretation = '["sq"]', listed = ?, threshold = 0.5, unit = 'day',
			decision = 'automatic', signatories = '[{"name":"S","role":{"original":"cnr","by":{"cnr":"R"}}}]', cancelled_at = 1, zone = 'Europe/Belgrade' WHERE id = ?`, true, true, false, e.ID))
		if err != nil {
			t.Fatal(err)
		}
		e = w.Reload(t, e)
		made, err := w.Events.Copy(t.Context(), account.System, e.Code, copyOf(w, "twin", "2022-11-14"))
		if err != nil {
			t.Fatal(err)
		}
		made = w.Reload(t, made)
		was, is := reflect.ValueOf(*e), reflect.ValueOf(*made)
		for i := range was.NumField() {
			name := was.Type().Field(i).Name
			switch {
			case name == "BaseModel" || slices.Contains(own, name) || slices.Contains(moved, name):
			case slices.Contains(never, name):
				if !is.Field(i).IsZero() {
					t.Errorf("%s was copied: %v", name, is.Field(i))
				}
			case was.Field(i).IsZero() && name != "Listed":
				t.Errorf("%s: this test says nothing of it", name)
			case !reflect.DeepEqual(was.Field(i).Interface(), is.Field(i).Interface()):
				t.Errorf("%s: %v, was %v", name, is.Field(i), was.Field(i))
			}
		}
	})
}

func TestACopyElsewhereHasNothingOfTheFormerPlaceAndOfOthersStaff(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := lived(t, w)
		partner, err := w.Projects.AddOrganisation(t.Context(), account.System, project.Organisation{Code: "partner", Name: locale.NewText("en", "Partner"), Country: "GB"})
		if err == nil {
			err = d.InTx(t.Context(), apptest.Exec("INSERT INTO project_organisations (project_id, organisation_id) VALUES (?, ?)", w.Project.ID, partner.ID))
		}
		if err == nil {
			err = d.InTx(t.Context(), apptest.Exec(`UPDATE events SET venue = 'V', contact_name = 'C', directions = '{"original":"cnr","by":{"cnr":"T"}}' WHERE id = ?`, e.ID))
		}
		if err != nil {
			t.Fatal(err)
		}
		f := copyOf(w, "london", "2022-11-14")
		f.OrganisationID, f.Country, f.City = partner.ID, "GB", "London"
		f.Title = locale.NewText("cnr", "Suzbijanje u Londonu", "en", "Countering migrant smuggling")
		made, err := w.Events.Copy(t.Context(), account.System, e.Code, f)
		if err != nil {
			t.Fatal(err)
		}
		if made.Zone != "Europe/London" || made.City != "London" || made.Venue+made.ContactName != "" || !made.Directions.IsZero() {
			t.Errorf("%+v", made)
		}
		if !made.Title.IsStale("en") {
			t.Errorf("the title's translation is still that of the former one: %v", made.Title)
		}
		if s := content(t, w, made).Sessions[0]; s.StartsAt.Format(time.RFC3339) != "2022-11-14T09:00:00Z" {
			t.Errorf("begins at %s, not at nine in London", s.StartsAt)
		}
	})
}

func TestOnlyWhatOneMaySeeIsCopiedToWhereOneMayMakeEvents(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := lived(t, w)
		partner, err := w.Projects.AddOrganisation(t.Context(), account.System, project.Organisation{Code: "partner", Name: locale.NewText("en", "Partner"), Country: "RS"})
		if err != nil {
			t.Fatal(err)
		}
		in := func(role account.Role, kind account.ScopeKind, id int64) account.Actor {
			return account.Actor{Grants: []account.Grant{{Role: role, Scope: account.Scope{Kind: kind, ID: id}}}}
		}
		stranger, auditor := in(account.Organiser, account.OrganisationScope, partner.ID), in(account.Auditor, account.ProjectScope, w.Project.ID)
		single := in(account.Organiser, account.EventScope, e.ID)
		theirs := copyOf(w, "theirs", "2022-11-14")
		theirs.OrganisationID = partner.ID
		try := func(actor account.Actor, f event.CopyFacts) fault.Kind {
			_, err := w.Events.Copy(t.Context(), actor, e.Code, f)
			return fault.KindOf(err)
		}
		for name, c := range map[string]struct{ got, want fault.Kind }{
			"an event out of reach":                        {try(stranger, theirs), fault.NotFound},
			"one that isn't there":                         {kind(w.Events.Copy(t.Context(), account.System, "none", theirs)), fault.NotFound},
			"to an organisation that isn't one's own":      {try(w.Organiser(), theirs), fault.Forbidden},
			"by an auditor":                                {try(auditor, copyOf(w, "a", "2022-11-14")), fault.Forbidden},
			"by who organises this event alone":            {try(single, copyOf(w, "a", "2022-11-14")), fault.Forbidden},
			"to where the organisation has no part":        {try(in(account.Coordinator, account.ProjectScope, w.Project.ID), theirs), fault.Invalid},
			"to a code that is taken":                      {try(w.Organiser(), copyOf(w, e.Code, "2022-11-14")), fault.Conflict},
			"to no day":                                    {try(w.Organiser(), copyOf(w, "a", "")), fault.Invalid},
			"an event of one's own to one's own, at least": {try(w.Organiser(), copyOf(w, "mine", "2022-11-14")), ""},
		} {
			if c.got != c.want {
				t.Errorf("%s: %s, want %s", name, c.got, c.want)
			}
		}
	})
}

func kind(_ *event.Event, err error) fault.Kind { return fault.KindOf(err) }

func TestATemplateIsCopiedByTheWholeNetworkWithoutPeopleOrPlace(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := lived(t, w)
		partner, err := w.Projects.AddOrganisation(t.Context(), account.System, project.Organisation{Code: "partner", Name: locale.NewText("en", "Partner"), Country: "RS"})
		if err == nil {
			err = d.InTx(t.Context(), apptest.Exec("INSERT INTO project_organisations (project_id, organisation_id) VALUES (?, ?)", w.Project.ID, partner.ID))
		}
		if err != nil {
			t.Fatal(err)
		}
		stranger := account.Actor{Grants: []account.Grant{{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: partner.ID}}}}
		donor := account.Actor{Grants: []account.Grant{{Role: account.Donor, Scope: account.Scope{Kind: account.ProjectScope, ID: w.Project.ID}}}}
		if _, err := w.Events.SetTemplate(t.Context(), w.Organiser(), e.Code, true); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("an organiser makes a template of the network: %v", err)
		}
		if _, err := w.Events.SetTemplate(t.Context(), account.System, e.Code, true); err != nil {
			t.Fatal(err)
		}
		list, err := w.Events.Templates(t.Context(), stranger)
		if err != nil || len(list) != 1 || list[0].Code != e.Code || list[0].City+list[0].Venue+list[0].ContactName != "" || list[0].SeatsTaken != 0 {
			t.Errorf("%v, %v", list, err)
		}
		if list, err := w.Events.Templates(t.Context(), donor); err != nil || len(list) != 0 {
			t.Errorf("a donor is offered %d templates, %v", len(list), err)
		}
		from, err := w.Events.Source(t.Context(), stranger, e.Code)
		if err != nil || from.Reached || len(from.Speakers)+len(from.Rooms)+len(from.Materials) != 0 {
			t.Fatalf("%v, %v", from, err)
		}
		if diff := cmp.Diff([]event.Copied{event.CopyTexts, event.CopyProgramme}, from.Offers()); diff != "" {
			t.Error(diff)
		}
		f := copyOf(w, "theirs", "2022-11-14")
		f.OrganisationID, f.Country, f.City = partner.ID, "RS", "Niš"
		made, err := w.Events.Copy(t.Context(), stranger, e.Code, f)
		if err != nil {
			t.Fatal(err)
		}
		got := belongings(t, w, made.ID)
		if got["programme_sessions"] != 2 || got["tracks"] != 1 || got["speakers"]+got["rooms"]+got["materials"] != 0 || made.Template || made.Description.IsZero() {
			t.Errorf("%v, %+v", got, made)
		}
		if _, err := w.Events.ByCode(t.Context(), stranger, e.Code); fault.KindOf(err) != fault.NotFound {
			t.Errorf("the template itself is within reach now: %v", err)
		}
		if _, err := w.Events.SetTemplate(t.Context(), account.System, e.Code, false); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Events.Source(t.Context(), stranger, e.Code); !errors.Is(err, event.ErrNotFound) {
			t.Errorf("it is still offered: %v", err)
		}
	})
}

func TestOfManyCopiesWithOneCodeThereIsOne(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := lived(t, w)
		var wg sync.WaitGroup
		var mu sync.Mutex
		made, taken := 0, 0
		for range 8 {
			wg.Go(func() {
				_, err := w.Events.Copy(t.Context(), w.Organiser(), e.Code, copyOf(w, "one", "2022-11-14"))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					made++
				case errors.Is(err, event.ErrCodeTaken):
					taken++
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made != 1 || taken != 7 {
			t.Errorf("%d made, %d taken", made, taken)
		}
		if n, err := d.Read().NewSelect().Table("rooms").Where("event_id <> ?", e.ID).Count(t.Context()); err != nil || n != 1 {
			t.Errorf("%d rooms of copies, %v", n, err)
		}
	})
}

func TestACodeThatIsFreeIsLikeTheOneThatIsWanted(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		long := strings.Repeat("a", 40)
		for _, code := range []string{"training", "training-2", "training-me-2022", long} {
			w.Event(t, func(f *event.Facts) { f.Code = code })
		}
		for wanted, want := range map[string]string{
			"conference": "conference", "training": "training-3", "training-2": "training-3", "training-me-2022": "training-me-2022-2", long: long[:38] + "-2",
		} {
			if got, err := w.Events.FreeCode(t.Context(), wanted); got != want || err != nil {
				t.Errorf("%s: %q, %v, want %q", wanted, got, err, want)
			}
		}
	})
}
