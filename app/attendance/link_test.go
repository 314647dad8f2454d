package attendance_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/attendance"
	"attesta/app/db"
	"attesta/app/fault"
)

// at is an hour of a day of May 2022 in Podgorica.
func at(day, hour int) time.Time { return time.Date(2022, 5, day, hour-2, 0, 0, 0, time.UTC) }

func day(t *testing.T, s string) db.Day {
	t.Helper()
	d, err := db.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func opens(t *testing.T, w *apptest.World, l *attendance.Link, now time.Time, want error) {
	t.Helper()
	w.Clock.Set(now)
	if _, _, err := w.Attendance.Open(t.Context(), w.Attendance.Path(l)[len("/checkin/"):]); !errors.Is(err, want) {
		t.Errorf("%s at %s: %v, want %v", l.Label, now, err, want)
	}
}

func TestALinkIsGoodOnItsDaysAsTheEventsZoneSeesThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t) // 16 and 17 May
		all, err := w.Attendance.NewLink(t.Context(), w.Organiser(), e.Code, "all days")
		if err != nil {
			t.Fatal(err)
		}
		second, err := w.Attendance.NewLink(t.Context(), w.Organiser(), e.Code, "second day", day(t, "2022-05-17"))
		if err != nil {
			t.Fatal(err)
		}
		opens(t, w, all, at(15, 23), attendance.ErrNotNow)
		opens(t, w, all, at(16, 0), nil)
		opens(t, w, all, at(17, 23), nil)
		opens(t, w, all, at(18, 0), attendance.ErrLink)
		opens(t, w, second, at(16, 12), attendance.ErrNotNow)
		opens(t, w, second, at(16, 23), attendance.ErrNotNow)
		opens(t, w, second, at(17, 0), nil)
		opens(t, w, second, at(18, 0), attendance.ErrLink)
		if _, err := w.Attendance.NewLink(t.Context(), w.Organiser(), e.Code, "third day", day(t, "2022-05-18")); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a day that isn't the event's: %v", err)
		}
		if err := d.InTx(t.Context(), apptest.Exec("UPDATE attendance_units SET ends_at = ? WHERE event_id = ? AND position = 4", db.At(at(17, 23)), e.ID)); err != nil {
			t.Fatal(err)
		}
		opens(t, w, second, at(18, 0), nil) // two hours after a session that ends at 23:00
		opens(t, w, second, at(18, 1), attendance.ErrLink)
	})
}

func TestAMarkCountsOnTheDaysOfItsLinkHoweverLateItComes(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r := approved(t, w, e, 1)
		other, err := w.Attendance.NewLink(t.Context(), w.Organiser(), w.Event(t).Code, "elsewhere")
		if err != nil {
			t.Fatal(err)
		}
		l, err := w.Attendance.NewLink(t.Context(), w.Organiser(), e.Code, "first day", day(t, "2022-05-16"))
		if err != nil {
			t.Fatal(err)
		}
		mark := func(now, made time.Time, position int, id int64) error {
			w.Clock.Set(now)
			_, err := w.Attendance.Mark(t.Context(), l.Actor(), attendance.Mark{EventCode: e.Code, Position: position, Code: r.Code, Source: attendance.Scan, DeviceAt: made, LinkID: id})
			return err
		}
		for what, row := range map[string]struct {
			now, made time.Time
			position  int
			want      error
		}{
			"the day before":                    {at(15, 9), at(15, 9), 1, attendance.ErrNotNow},
			"on the day":                        {at(16, 9), at(16, 9), 1, nil},
			"without a time, on the day":        {at(16, 9), time.Time{}, 1, nil},
			"without a time, on the next day":   {at(17, 9), time.Time{}, 1, attendance.ErrLink},
			"on the day, for a unit of another": {at(16, 9), at(16, 9), 3, attendance.ErrUnit},
			"on the next day":                   {at(17, 9), at(17, 9), 3, attendance.ErrLink},
			"of the day, after midnight":        {at(17, 1), at(16, 16), 2, nil},
			"of the day, two days later":        {at(18, 22), at(16, 16), 2, nil},
			"of the day, four days later":       {at(20, 9), at(16, 16), 2, attendance.ErrLink},
		} {
			if err := mark(row.now, row.made, row.position, l.ID); !errors.Is(err, row.want) {
				t.Errorf("%s: %v, want %v", what, err, row.want)
			}
		}
		if err := mark(at(16, 9), at(16, 9), 1, other.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("another event's link: %v", err)
		}
		if err := w.Attendance.Revoke(t.Context(), w.Organiser(), e.Code, l.ID); err != nil {
			t.Fatal(err)
		}
		if err := mark(at(16, 9), at(16, 9), 1, l.ID); !errors.Is(err, attendance.ErrLink) {
			t.Errorf("revoked: %v", err)
		}
	})
}

func TestALinkDiesWithTheRightOfItsMaker(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		r := approved(t, w, e, 1)
		exec := func(query string, args ...any) {
			t.Helper()
			if err := d.InTx(t.Context(), apptest.Exec(query, args...)); err != nil {
				t.Fatal(err)
			}
		}
		exec("INSERT INTO users (id, email, email_key, name, password_hash, locale, created_at) VALUES (7, 'a@b.example', 'a@b.example', 'Ana', '', 'en', 1)")
		exec("INSERT INTO grants (user_id, role, scope_kind, scope_id, created_at) VALUES (7, 'organiser', 'organisation', ?, 1)", w.Organisation.ID)
		maker := w.Organiser()
		maker.UserID = 7
		made, err := w.Attendance.NewLink(t.Context(), maker, e.Code, "Ana's")
		if err != nil {
			t.Fatal(err)
		}
		system, err := w.Attendance.NewLink(t.Context(), account.System, e.Code, "system's")
		if err != nil {
			t.Fatal(err)
		}
		now := at(16, 9)
		states := func(want ...attendance.LinkState) {
			t.Helper()
			list, err := w.Attendance.Links(t.Context(), w.Organiser(), e)
			if err != nil {
				t.Fatal(err)
			}
			var got []attendance.LinkState
			for _, l := range list {
				got = append(got, l.State)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		}
		check := func(want error) {
			t.Helper()
			opens(t, w, made, now, want)
			opens(t, w, system, now, nil)
			_, err := w.Attendance.Mark(t.Context(), made.Actor(), attendance.Mark{EventCode: e.Code, Position: 1, Code: r.Code, Source: attendance.Scan, DeviceAt: now, LinkID: made.ID})
			if !errors.Is(err, want) {
				t.Errorf("a mark: %v, want %v", err, want)
			}
		}
		check(nil)
		states(attendance.LinkGood, attendance.LinkGood)
		for _, s := range [][2]string{
			{"UPDATE users SET disabled_at = 1 WHERE id = 7", "UPDATE users SET disabled_at = NULL WHERE id = 7"},
			{"UPDATE grants SET role = 'donor', scope_kind = 'project' WHERE user_id = 7", "UPDATE grants SET role = 'organiser', scope_kind = 'organisation' WHERE user_id = 7"},
			{"UPDATE grants SET until = '2022-05-15' WHERE user_id = 7", "UPDATE grants SET until = '2022-05-16' WHERE user_id = 7"},
			{"UPDATE grants SET scope_id = scope_id + 1 WHERE user_id = 7", "UPDATE grants SET scope_id = scope_id - 1 WHERE user_id = 7"},
		} {
			exec(s[0])
			check(attendance.ErrLink)
			states(attendance.LinkGood, attendance.LinkOrphaned)
			exec(s[1])
			check(nil)
		}
		w.Clock.Set(at(15, 9))
		states(attendance.LinkAhead, attendance.LinkAhead)
		w.Clock.Set(at(19, 9))
		states(attendance.LinkOver, attendance.LinkOver)
		if err := w.Attendance.Revoke(t.Context(), w.Organiser(), e.Code, made.ID); err != nil {
			t.Fatal(err)
		}
		states(attendance.LinkOver, attendance.LinkRevoked)
	})
}
