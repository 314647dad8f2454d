package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// sow runs statements in one transaction.
func sow(t testing.TB, d *db.DB, statements ...string) {
	t.Helper()
	err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, s := range statements {
			if _, err := tx.NewRaw(s).Exec(ctx); err != nil {
				return fmt.Errorf("%s: %w", s, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func ofEvent(id int, code, kind, starts, state string, units int) []string {
	out := []string{fmt.Sprintf(`INSERT INTO events (id, code, project_id, organisation_id, type, title, description, country, city, starts_on, days, zone, seats, state, decision, unit, threshold, created_at, updated_at)
		VALUES (%d, '%s', 1, 1, '%s', '{"original":"mk","by":{"en":"Title %s","mk":"Наслов %s"}}', '{}', 'XK', 'Skopje', '%s', 2, 'Europe/Belgrade', 90, '%s', 'organiser', 'half-day', 0.8, 0, 0)`,
		id, code, kind, code, code, starts, state)}
	for i := range units {
		out = append(out, fmt.Sprintf(`INSERT INTO attendance_units (event_id, position, day, part, starts_at, ends_at, half_days) VALUES (%d, %d, '%s', 'morning', 0, 1, 1)`, id, i, starts))
	}
	return out
}

func ofPerson(id int, gender string) string {
	return fmt.Sprintf(`INSERT INTO persons (id, given_name, family_name, full_name, ascii_key, sound_key, gender, created_at, updated_at) VALUES (%d, '', '', '', '', '', '%s', 0, 0)`, id, gender)
}

func place(id, event, person int, status, gender, country, kind string, units int) string {
	return fmt.Sprintf(`INSERT INTO registrations (id, code, event_id, person_id, status, source, given_name, family_name, certificate_name, gender, country, institution_type, locale, link_nonce, link_hash, units_present, half_days_present, created_at, updated_at)
		VALUES (%d, '%d', %d, %d, '%s', 'import', '', '', '', '%s', '%s', '%s', 'en', '', '%d', %d, %d, 0, 0)`,
		id, id, event, person, status, gender, country, kind, id, units, units)
}

// programme is a training, a conference, an empty draft and a cancelled event, small enough to count by hand.
func programme(t testing.TB, d *db.DB) {
	t.Helper()
	sow(t, d, `INSERT INTO organisations (id, code, name, country, created_at) VALUES (1, 'o', '{"original":"en","by":{"en":"Lead"}}', 'RS', 0)`,
		`INSERT INTO projects (id, code, title, contract_number, lead_id, created_at) VALUES (1, 'P', '{"original":"en","by":{"en":"Grant"}}', 'NO-1', 1, 0), (2, 'Q', '{}', '', NULL, 0)`,
		`INSERT INTO project_organisations (project_id, organisation_id) VALUES (1, 1)`,
		`INSERT INTO donors (id, code, kind, name, created_at) VALUES (1, 'eu', 'eu', '{}', 0)`,
		`INSERT INTO project_donors (project_id, donor_id, position) VALUES (1, 1, 1)`,
		`INSERT INTO indicators (project_id, measure, target) VALUES (1, 'attendances', 12), (1, 'women_share', 50), (1, 'events', 3), (1, 'certificates', 4)`)
	sow(t, d, ofEvent(1, "nt", "national_training", "2022-05-16", "published", 5)...)
	sow(t, d, ofEvent(2, "conf", "conference", "2023-03-30", "archived", 2)...)
	sow(t, d, ofEvent(3, "draft", "workshop", "2023-04-30", "draft", 0)...)
	sow(t, d, ofEvent(4, "off", "workshop", "2023-04-30", "cancelled", 0)...)
	for id, gender := range map[int]string{1: "female", 2: "male", 3: "not_stated", 4: "male", 5: "male", 6: "male", 7: "female"} {
		sow(t, d, ofPerson(id, gender))
	}
	sow(t, d,
		place(1, 1, 1, "approved", "female", "RS", "police", 5),
		place(2, 1, 2, "approved", "male", "RS", "cso", 4), // 0.8 of five is four
		place(3, 1, 3, "approved", "female", "ME", "", 3),
		place(5, 1, 5, "approved", "male", "RS", "police", 0), // did not come
		place(6, 1, 6, "waitlisted", "male", "RS", "police", 2),
		place(7, 1, 7, "approved", "female", "RS", "police", 5),
		"UPDATE registrations SET folded_into = 1 WHERE id = 7",
		place(8, 2, 1, "approved", "not_stated", "MK", "", 1),
		place(9, 2, 4, "approved", "male", "", "court", 2),
		place(10, 2, 3, "approved", "not_stated", "", "media", 2),
		`INSERT INTO certificates (number, registration_id, person_id, event_id, state, snapshot, issued_at) VALUES ('A', 1, 1, 1, 'revoked', '{}', 0), ('B', 1, 1, 1, 'valid', '{}', 0), ('C', 2, 2, 1, 'valid', '{}', 0)`)
}

func counts(kv ...any) Counts {
	c := Counts{}
	for i := 0; i < len(kv); i += 2 {
		c[kv[i].(string)] = Count{N: kv[i+1].(int)}
	}
	return c
}

func compute(t testing.TB, d *db.DB, q Query) *Figures {
	t.Helper()
	f, err := Compute(t.Context(), d.Read(), q)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFiguresAreThoseCountedByHand(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		programme(t, d)
		f := compute(t, d, Query{ProjectID: 1})
		if len(f.Events) != 2 {
			t.Fatalf("%d events: the empty draft and the cancelled one don't count", len(f.Events))
		}
		n := func(v int) Count { return Count{N: v} }
		for i, want := range []Event{
			{Listed: n(4), Came: n(3), Completed: n(2), HalfDays: n(12), ByGender: counts("female", 2, "male", 1),
				ByCountry: counts("RS", 2, "ME", 1), ByInstitutionType: counts("police", 1, "cso", 1, "not_stated", 1)},
			{Listed: n(3), Came: n(3), Completed: n(2), HalfDays: n(5), ByGender: counts("not_stated", 2, "male", 1),
				ByCountry: counts("MK", 1, "not_stated", 2), ByInstitutionType: counts("not_stated", 1, "court", 1, "media", 1)},
		} {
			got := f.Events[i]
			want.Code, want.Type, want.Country, want.Title, want.City, want.Starts, want.Days, want.Threshold =
				got.Code, got.Type, got.Country, got.Title, got.City, got.Starts, got.Days, got.Threshold
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		}
		if diff := cmp.Diff(Totals{
			Attendances: n(6), UniquePersons: n(4), UniquePersonsTrainings: n(3),
			ByGender: counts("female", 2, "male", 2), ByCountry: counts("MK", 1, "RS", 1, "ME", 1, "not_stated", 1),
			ByInstitutionType:   counts("police", 1, "cso", 1, "media", 1, "court", 1),
			AttendancesByGender: counts("female", 2, "male", 2, "not_stated", 2), AttendancesByCountry: counts("RS", 2, "ME", 1, "MK", 1, "not_stated", 2),
			AttendancesByInstitutionType: counts("police", 1, "cso", 1, "not_stated", 2, "court", 1, "media", 1),
		}, f.Totals); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]Indicator{{"attendances", n(6), 12}, {"women_share", n(50), 50}, {"events", n(2), 3}, {"certificates", n(2), 4}}, f.Indicators); diff != "" {
			t.Error(diff)
		}
		if f.Indicators[0].Percent() != 50 {
			t.Errorf("%d per cent", f.Indicators[0].Percent())
		}
	})
}

func TestAPeriodTakesTheEventsThatBeginInIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		programme(t, d)
		day := func(s string) db.Day {
			v, err := db.ParseDay(s)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		for _, c := range []struct {
			from, to string
			persons  int
		}{{"2022-05-16", "2022-05-16", 3}, {"2022-05-17", "2023-12-31", 3}, {"2022-01-01", "2023-12-31", 4}, {"2024-01-01", "2024-12-31", 0}} {
			if got := compute(t, d, Query{ProjectID: 1, From: day(c.from), To: day(c.to)}).Totals.UniquePersons.N; got != c.persons {
				t.Errorf("%s to %s: %d", c.from, c.to, got)
			}
		}
	})
}

func actor(role account.Role, projectID int64) account.Actor {
	return account.Link(role, account.ProjectScope, projectID)
}

func TestFiguresAreForThoseWhoMaySeeThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		programme(t, d)
		for _, c := range []struct {
			actor  account.Actor
			reader Reader
			ok     bool
		}{
			{actor(account.Coordinator, 1), ForOrganiser, true}, {actor(account.Coordinator, 1), ForDonor, true}, {actor(account.Donor, 1), ForDonor, true},
			{actor(account.Donor, 1), ForOrganiser, false}, {actor(account.Donor, 2), ForDonor, false}, {account.Anyone, ForDonor, false},
		} {
			if _, err := Live(t.Context(), d, c.actor, Query{ProjectID: 1}, c.reader); (err == nil) != c.ok {
				t.Errorf("%+v for %s: %v", c.actor.Grants, c.reader, err)
			}
			if _, err := Freeze(t.Context(), d, c.actor, Query{ProjectID: 1}, c.reader); (err == nil) != c.ok {
				t.Errorf("%+v freezing for %s: %v", c.actor.Grants, c.reader, err)
			}
		}
	})
}

func TestFiguresThatLeaveTheHouseDoNotTellWhereAQuietEventWas(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		programme(t, d)
		sow(t, d, "UPDATE events SET quiet = TRUE WHERE id = 1")
		open := compute(t, d, Query{ProjectID: 1})
		told := open.Suppress(Below)
		for i, e := range open.Events {
			if e.City != "Skopje" || e.Country != "XK" {
				t.Errorf("the organiser isn't told where %s was: %s, %s", e.Code, e.City, e.Country)
			}
			if out := told.Events[i]; (out.City+out.Country == "") != e.Quiet || e.Quiet && out.Title.IsZero() {
				t.Errorf("a donor is told of %s: %q, %q, %v", e.Code, out.City, out.Country, out.Title)
			}
		}
		if !open.Events[0].Quiet || open.Events[1].Quiet {
			t.Error("quiet is another event")
		}
	})
}

func TestTheSameFiguresGiveTheSameReport(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		programme(t, d)
		freeze := func(reader Reader) *Frozen {
			r, err := Freeze(t.Context(), d, account.System, Query{ProjectID: 1}, reader)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		first := freeze(ForDonor)
		time.Sleep(3 * time.Millisecond)
		if again := freeze(ForDonor); cmp.Diff(first, again) != "" {
			t.Error(cmp.Diff(first, again))
		}
		if other := freeze(ForOrganiser); other.Code == first.Code || other.Figures.V.Below != 0 {
			t.Errorf("%+v", other)
		}
		sow(t, d, place(11, 2, 2, "approved", "male", "RS", "cso", 2))
		if changed := freeze(ForOrganiser); changed.Figures.V.Totals.Attendances.N != 7 {
			t.Errorf("%+v", changed.Figures.V.Totals)
		}
		got, err := ByCode(t.Context(), d.Read(), actor(account.Donor, 1), strings.ToLower(first.Code))
		if err != nil || got.ID != first.ID || !got.AsOf.Equal(first.Figures.V.AsOf) {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := ByCode(t.Context(), d.Read(), actor(account.Donor, 2), first.Code); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another grant's donor: %v", err)
		}
		if all, err := List(t.Context(), d.Read(), actor(account.Donor, 1), 1); err != nil || len(all) != 1 || all[0].Audience != ForDonor {
			t.Errorf("a donor's reports: %d, %v", len(all), err)
		}
	})
}

func TestTheThresholdIsASetting(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		programme(t, d)
		live := func() *Figures {
			f, err := Live(t.Context(), d, account.System, Query{ProjectID: 1}, ForDonor)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		if f := live(); f.Below != 5 || f.Events[0].Came.Hidden == Shown {
			t.Errorf("below %d: %+v", f.Below, f.Events[0])
		}
		sow(t, d, `INSERT INTO settings (name, value) VALUES ('network', '{"below":3}')`)
		if f := live(); f.Below != 3 || f.Events[0].Came.N != 3 {
			t.Errorf("below %d: %+v", f.Below, f.Events[0])
		}
	})
}

func TestPublishedFiguresHaveTheKeysOfTheContract(t *testing.T) {
	f := eventWith(20, 10, 3, 2).Suppress(5)
	f.Grant.Code = "P"
	f.Events[0].Title = locale.NewText("en", "Title", "mk", "Наслов")
	b, err := json.Marshal(f.Publish(catalogue().Printer("mk")))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Project string
		AsOf    string `json:"as_of"`
		Events  []map[string]any
		Totals  map[string]any
		Rules   map[string]string
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"0": 20.0, "1": 10.0, "2": "<5", "3": "<5"}
	if got.Project != "P" || got.AsOf == "" || got.Events[0]["title"] != "Наслов" || cmp.Diff(want, got.Events[0]["came_by_country"]) != "" {
		t.Errorf("%s", b)
	}
	for _, key := range []string{"code", "type", "country", "title", "city", "starts", "days", "listed", "came", "completed", "half_day_attendances",
		"came_by_gender", "came_by_country", "came_by_institution_type"} {
		if _, ok := got.Events[0][key]; !ok {
			t.Errorf("event without %s", key)
		}
	}
	for _, key := range []string{"attendances", "unique_persons", "unique_persons_trainings", "unique_by_gender", "unique_by_country", "unique_by_institution_type"} {
		if _, ok := got.Totals[key]; !ok {
			t.Errorf("totals without %s", key)
		}
		if got.Rules[key] == "" {
			t.Errorf("no rule for %s", key)
		}
	}
}

func TestExportsSayTheSameInEveryLanguageAndTwiceTheSame(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	programme(t, d)
	sow(t, d, place(11, 1, 4, "approved", "male", "XK", "court", 1))
	r, err := Freeze(t.Context(), d, account.System, Query{ProjectID: 1}, ForOrganiser)
	if err != nil {
		t.Fatal(err)
	}
	cat := catalogue()
	for _, code := range cat.Locales() {
		p := cat.Printer(code)
		doc := r.Document(p, time.UTC, true)
		var x, y, text bytes.Buffer
		for _, b := range []*bytes.Buffer{&x, &y} {
			if err := XLSX(b, cat, doc, code); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(x.Bytes(), y.Bytes()) {
			t.Errorf("%s: another workbook of the same report", code)
		}
		if err := CSV(&text, cat, doc, code); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{p.T("report.figure.unique_persons") + ";;4;", p.T("report.rule.unique_persons"), p.Country("XK"), p.T("country.footnote"), p.T("visibility.eu_disclaimer_grant")} {
			if !strings.Contains(strings.ReplaceAll(text.String(), `""`, `"`), want) {
				t.Errorf("%s: no %q", code, want)
			}
		}
	}
}
