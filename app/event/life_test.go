package event_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
)

var reason = locale.NewText("cnr", "Sala je poplavljena.", "en", "The room is under water.")

// life does one thing to an event by its name.
func life(w *apptest.World, code, verb string) error {
	ctx, actor := context.Background(), w.Organiser()
	do := map[string]func(context.Context, account.Actor, string) (*event.Event, error){
		"publish": w.Events.Publish, "open": w.Events.OpenRegistration, "close": w.Events.CloseRegistration,
		"archive": w.Events.Archive, "unarchive": w.Events.Unarchive, "unpublish": w.Events.Unpublish,
		"cancel": func(ctx context.Context, a account.Actor, code string) (*event.Event, error) {
			return w.Events.Cancel(ctx, a, code, reason)
		},
	}[verb]
	_, err := do(ctx, actor, code)
	return err
}

func TestEachStateAllowsWhatBelongsToIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		verbs := []string{"publish", "open", "close", "cancel", "archive", "unarchive", "unpublish"}
		before, during, after := "2022-05-02T10:00:00Z", "2022-05-16T10:00:00Z", "2022-05-18T10:00:00Z"
		for name, c := range map[string]struct {
			at   string
			path []string // from the published event with its registration open
			want string   // what may follow
		}{
			"open":              {before, nil, "publish open close cancel unpublish"},
			"draft":             {before, []string{"unpublish"}, "publish open"},
			"closed":            {"2022-05-02T11:00:00Z", []string{"close"}, "publish open cancel unpublish"},
			"running":           {during, nil, "publish open cancel unpublish"},
			"finished":          {after, nil, "publish archive unpublish"},
			"cancelled":         {before, []string{"cancel"}, "archive"},
			"archived":          {after, []string{"archive"}, "unarchive"},
			"archived cancel":   {before, []string{"cancel", "archive"}, "unarchive"},
			"unarchived":        {after, []string{"archive", "unarchive"}, "publish archive unpublish"},
			"unarchived cancel": {before, []string{"cancel", "archive", "unarchive"}, "archive"},
		} {
			var got []string
			for _, verb := range verbs {
				w.Clock.Set(instant(t, before))
				e := w.Event(t)
				w.Clock.Set(instant(t, c.at))
				for _, step := range c.path {
					if err := life(w, e.Code, step); err != nil {
						t.Fatalf("%s: %s: %v", name, step, err)
					}
				}
				switch err := life(w, e.Code, verb); {
				case err == nil:
					got = append(got, verb)
				case !errors.Is(err, event.ErrState):
					t.Errorf("%s, %s: %v", name, verb, err)
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestACancelledEventKeepsEverythingAndSaysWhy(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		if _, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(1)); err != nil {
			t.Fatal(err)
		}
		e = w.Reload(t, e)
		if err := life(w, e.Code, "cancel"); err != nil {
			t.Fatal(err)
		}
		got := w.Reload(t, e)
		want := *e
		want.State, want.CancelReason, want.CancelledAt = event.Cancelled, reason, db.At(w.Clock.Now())
		want.Version, want.UpdatedAt = e.Version+1, db.At(w.Clock.Now())
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := life(w, e.Code, "archive"); err != nil {
			t.Fatal(err)
		}
		if got := w.Reload(t, e); got.Phase(w.Clock.Now()) != event.PhaseCancelled || !got.IsCancelled() {
			t.Errorf("archived, it is %s", got.Phase(w.Clock.Now()))
		}
		if list, err := w.Events.Calendar(t.Context()); err != nil || len(list) != 0 {
			t.Errorf("the calendar has %d events, %v", len(list), err)
		}
		if public, err := w.Events.Public(t.Context(), e.Code); err != nil || public.CancelReason.IsZero() {
			t.Errorf("its page: %v", err)
		}
	})
}

func TestACancellationNeedsItsReasonInTheOriginalLanguage(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		for name, c := range map[string]struct {
			reason locale.Text
			want   string
		}{
			"none":        {locale.Text{}, "reason"},
			"blank":       {locale.NewText("cnr", " \n "), "reason"},
			"translation": {locale.NewText("cnr", "", "en", "Flood"), "reason"},
			"long":        {locale.NewText("cnr", strings.Repeat("š", 2001)), "reason"},
			"long in en":  {locale.NewText("cnr", "Poplava", "en", strings.Repeat("x", 2001)), "reason_en"},
		} {
			_, err := w.Events.Cancel(t.Context(), w.Organiser(), e.Code, c.reason)
			if f := fault.From(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		if w.Reload(t, e).State != event.Published {
			t.Error("it is cancelled nevertheless")
		}
		stranger := account.Actor{Grants: []account.Grant{{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: 9999}}}}
		if _, err := w.Events.Cancel(t.Context(), stranger, e.Code, reason); !errors.Is(err, event.ErrNotFound) {
			t.Errorf("a stranger: %v", err)
		}
	})
}

func TestAnEventOfWhichSomebodyWasToldIsNoDraftAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		r, err := w.Registrations.Register(t.Context(), e.Code, apptest.Submission(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Registrations.Cancel(t.Context(), r.Actor(), r.ID); err != nil {
			t.Fatal(err)
		}
		if free, err := w.Events.Unpublishable(t.Context(), w.Reload(t, e)); free || err != nil {
			t.Errorf("it could be a draft: %v, %v", free, err)
		}
		if err := life(w, e.Code, "unpublish"); !errors.Is(err, event.ErrRegistered) || w.Reload(t, e).State != event.Published {
			t.Errorf("%v", err)
		}
	})
}

func TestWhoWaivedVisibilityIsRecordedWithWhen(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		err := d.InTx(t.Context(), apptest.Exec("INSERT INTO users (id, email, email_key, name, locale, created_at) VALUES (7, 'a', 'a', 'Ana', 'en', 0), (8, 'b', 'b', 'Boris', 'en', 0)"))
		if err != nil {
			t.Fatal(err)
		}
		e := w.Event(t)
		start := w.Clock.Now()
		for i, c := range []struct {
			user   int64
			waiver string
			by     int64
			hours  int // after the start; -1: not recorded
		}{{7, "", 0, -1}, {7, " A witness takes part. ", 7, 1}, {8, "A witness takes part.", 7, 1}, {8, "Two witnesses take part.", 8, 3}, {8, " ", 0, -1}} {
			w.Clock.Set(start.Add(time.Duration(i) * time.Hour))
			f := factsOf(w.Reload(t, e))
			f.Waiver = c.waiver
			actor := w.Organiser()
			actor.UserID = c.user
			got, err := w.Events.Update(t.Context(), actor, e.Code, w.Reload(t, e).Version, f)
			if err != nil {
				t.Fatal(err)
			}
			var at time.Time
			if c.hours >= 0 {
				at = start.Add(time.Duration(c.hours) * time.Hour)
			}
			if got := w.Reload(t, got); got.WaivedBy != c.by || !got.WaivedAt.Equal(at) || got.VisibilityWaiver != strings.TrimSpace(c.waiver) {
				t.Errorf("%d: by %d at %v: %q", i, got.WaivedBy, got.WaivedAt, got.VisibilityWaiver)
			}
		}
	})
}

func TestWhatCantBeToldOfAnEventIsRefusedBesideItsField(t *testing.T) {
	w := apptest.NewWorld(t, apptest.Open(t, apptest.SQLite(t)))
	good := factsOf(w.Event(t))
	long := locale.NewText("cnr", "ok", "mk", strings.Repeat("ш", event.MaxText+1))
	for name, c := range map[string]struct {
		change func(*event.Facts)
		want   string
	}{
		"script":         {func(f *event.Facts) { f.Format, f.JoinURL = event.Online, "javascript:alert(1)" }, "join_url"},
		"another's name": {func(f *event.Facts) { f.Format, f.JoinURL = event.Online, "https://zoom.us@evil.example/j/1" }, "join_url"},
		"turned round":   {func(f *event.Facts) { f.Format, f.JoinURL = event.Online, "https://meet.example/\u202Egpj.1" }, "join_url"},
		"no host":        {func(f *event.Facts) { f.Format, f.JoinURL = event.Online, "https://" }, "join_url"},
		"on site":        {func(f *event.Facts) { f.Format, f.JoinURL = event.OnSite, "javascript:alert(1)" }, ""}, // it isn't kept
		"format":         {func(f *event.Facts) { f.Format = "by post" }, "format"},
		"description":    {func(f *event.Facts) { f.Description = long }, "description_mk"},
		"audience":       {func(f *event.Facts) { f.Audience = long }, "audience_mk"},
		"costs":          {func(f *event.Facts) { f.Costs = locale.NewText("cnr", strings.Repeat("x", 301)) }, "costs_cnr"},
		"directions":     {func(f *event.Facts) { f.Directions = long }, "directions_mk"},
		"accessibility":  {func(f *event.Facts) { f.Accessibility = long }, "accessibility_mk"},
		"waiver":         {func(f *event.Facts) { f.Waiver = strings.Repeat("x", 1001) }, "waiver"},
		"contact":        {func(f *event.Facts) { f.ContactName = strings.Repeat("x", 101) }, "contact_name"},
		"email":          {func(f *event.Facts) { f.ContactEmail = "ana@localhost" }, "contact_email"},
		"two emails":     {func(f *event.Facts) { f.ContactEmail = "a@b.example, c@d.example" }, "contact_email"},
		"phone":          {func(f *event.Facts) { f.ContactPhone = "call me" }, "contact_phone"},
		"opens late":     {func(f *event.Facts) { f.OpensAt, f.ClosesAt = f.StartsOn.AddDate(0, 0, 3), time.Time{} }, "opens_at"},
	} {
		f := good
		c.change(&f)
		var got []string
		if x := fault.From(f.Check()); x != nil {
			for _, field := range x.Fields {
				got = append(got, field.Name)
			}
		}
		if !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

func TestTheLinkToJoinIsKeptOnlyWhereOneCanJoin(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		const link = "https://meet.example/abc?pwd=1"
		for format, want := range map[event.Format]string{event.OnSite: "", event.Online: link, event.Hybrid: link, "": ""} {
			e := w.Reload(t, w.Event(t, func(f *event.Facts) { f.Format, f.JoinURL = format, " "+link }))
			if e.JoinURL != want || e.IsOnline() != (want != "") {
				t.Errorf("%q: %q, format %q", format, e.JoinURL, e.Format)
			}
			if got := e.Told(false).JoinURL; got != "" {
				t.Errorf("anyone is told %s", got)
			}
		}
	})
}
