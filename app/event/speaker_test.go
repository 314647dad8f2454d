package event_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
)

func trainer(name string) event.Speaker {
	return event.Speaker{Name: name, Kind: event.Trainer, Role: locale.NewText("en", "Judge"), Shown: event.ToAll}
}

// speakers returns code and name of who leads sessions of an event, in their order.
func speakers(t *testing.T, d *db.DB, e *event.Event) []string {
	t.Helper()
	list, err := event.Speakers(t.Context(), d.Read(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, s := range list {
		all = append(all, s.Code+" "+s.Name)
	}
	return all
}

func addSpeakers(t *testing.T, w *apptest.World, e *event.Event, names ...string) []*event.Speaker {
	t.Helper()
	var all []*event.Speaker
	for _, name := range names {
		s, err := w.Events.AddSpeaker(t.Context(), w.Organiser(), e.Code, trainer(name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// foreign is an organiser of an organisation that has nothing here.
func foreign() account.Actor {
	return account.Actor{UserID: 99, Grants: []account.Grant{{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: 9999}}}}
}

func fields(err error) string {
	f := fault.From(err)
	if f == nil {
		return fmt.Sprint(err)
	}
	var all []string
	for _, x := range f.Fields {
		all = append(all, x.Name)
	}
	return strings.Join(all, " ")
}

func TestSpeakersGetTheirCodesFromTheirNamesAndKeepThem(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		list := addSpeakers(t, w, e, "Ђорђе  Ђукановић", "Đorđe Đukanović", "New", "…", "Arta Çela")
		err := w.Events.ChangeSpeaker(t.Context(), w.Organiser(), e.Code, list[4].Code, list[4].Stamp(), trainer("Arta Hoxha"))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			code string
			by   int
		}{{"arta-cela", -1}, {"arta-cela", -9}, {"new-2", 1}, {"speaker", 1}} {
			if err := w.Events.MoveSpeaker(t.Context(), w.Organiser(), e.Code, x.code, x.by); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"arta-cela Arta Hoxha", "djordje-djukanovic Ђорђе Ђукановић", "djordje-djukanovic-2 Đorđe Đukanović", "new-2 New", "speaker …"}
		if diff := cmp.Diff(want, speakers(t, d, e)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := w.Reload(t, e); got.Version != e.Version+10 {
			t.Errorf("version %d after ten changes of %d", got.Version, e.Version)
		}
		record, err := audit.Of(t.Context(), d, "event", e.ID)
		if err != nil || record[0].Action != "order_speakers" || record[4].Action != "change_speaker" || record[5].Action != "add_speaker" {
			t.Errorf("recorded: %v, %v", record, err)
		}
	})
}

func TestWhatIsWrongWithASpeakerIsToldBesideItsField(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		for want, s := range map[string]event.Speaker{
			"name kind shown": {},
			"name":            {Name: strings.Repeat("ш", 201), Kind: event.Moderator, Shown: event.ToApproved},
			"kind shown":      {Name: "A", Kind: "clown", Shown: event.ToAttendees},
			"role_mk":         {Name: "A", Kind: event.Lecturer, Shown: event.ToAll, Role: locale.NewText("en", "x", "mk", strings.Repeat("ш", 301))},
			"bio":             {Name: "A", Kind: event.Lecturer, Shown: event.ToAll, Bio: locale.NewText("mk", strings.Repeat("ш", 10_001), "en", "x")},
		} {
			if _, err := w.Events.AddSpeaker(t.Context(), w.Organiser(), e.Code, s); fields(err) != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if got := speakers(t, d, e); len(got) != 0 {
			t.Error(got)
		}
	})
}

func TestOfTwoWhoChangeASpeakerTheSecondIsToldSo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		s := addSpeakers(t, w, e, "Ana")[0]
		seen := s.Stamp()
		if err := w.Events.ChangeSpeaker(t.Context(), w.Organiser(), e.Code, s.Code, seen, trainer("Ana B")); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.ChangeSpeaker(t.Context(), w.Organiser(), e.Code, s.Code, seen, trainer("Ana C")); !errors.Is(err, event.ErrChanged) {
			t.Errorf("the second: %v", err)
		}
		if got := speakers(t, d, e); got[0] != "ana Ana B" {
			t.Error(got)
		}
	})
}

func TestWhoIsRemovedIsOutOfSessionsAndCalendarsHear(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t)
		list := addSpeakers(t, w, e, "Ana", "Boris")
		starts := e.StartsOn.In(e.Location(), 9, 0)
		e = w.Programme(t, e, event.Session{Title: locale.NewText("en", "Both"), StartsAt: db.At(starts), EndsAt: db.At(starts.Add(time.Hour)), Kind: event.Panel, Speakers: []int64{list[0].ID, list[1].ID}},
			event.Session{Title: locale.NewText("en", "One"), StartsAt: db.At(starts.Add(time.Hour)), EndsAt: db.At(starts.Add(2 * time.Hour)), Kind: event.Plenary, Speakers: []int64{list[1].ID}})
		if err := w.Events.RemoveSpeaker(t.Context(), w.Organiser(), e.Code, "ana"); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.RemoveSpeaker(t.Context(), w.Organiser(), e.Code, "ana"); fault.KindOf(err) != fault.NotFound {
			t.Errorf("removed twice: %v", err)
		}
		sessions, err := event.Programme(t.Context(), d.Read(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range sessions {
			got = append(got, fmt.Sprint(s.Speakers, " ", s.Sequence))
		}
		if diff := cmp.Diff([]string{fmt.Sprint([]int64{list[1].ID}, " 1"), fmt.Sprint([]int64{list[1].ID}, " 0")}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if err := w.Events.ChangeSpeaker(t.Context(), w.Organiser(), e.Code, "boris", list[1].Stamp(), trainer("Борис")); err != nil {
			t.Fatal(err)
		}
		c, err := event.ReadContent(t.Context(), d.Read(), e)
		if err != nil {
			t.Fatal(err)
		}
		boris := c.SpeakerByCode("boris")
		if c.SpeakerByCode("ana") != nil || len(c.SessionsOf(boris)) != 2 || c.Sessions[0].Sequence != 2 || c.Sessions[1].Sequence != 1 {
			t.Errorf("after the name was written otherwise: %+v", c.Sessions)
		}
	})
}

func TestSpeakersOfAnotherEventOrForAnotherActorAreNotThere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, other := w.Event(t), w.Event(t)
		s := addSpeakers(t, w, other, "Ana")[0]
		ctx, us, them := t.Context(), w.Organiser(), foreign()
		auditor := account.Actor{UserID: 98, Grants: []account.Grant{{Role: account.Auditor, Scope: account.Scope{Kind: account.ProjectScope, ID: w.Project.ID}}}}
		_, addForeign := w.Events.AddSpeaker(ctx, them, other.Code, trainer("B"))
		_, addAuditor := w.Events.AddSpeaker(ctx, auditor, other.Code, trainer("B"))
		_, list := w.Events.KnownSpeakers(ctx, them, other.Code, "")
		for name, x := range map[string]struct {
			err  error
			want fault.Kind
		}{
			"change across":  {w.Events.ChangeSpeaker(ctx, us, e.Code, s.Code, s.Stamp(), trainer("B")), fault.NotFound},
			"remove across":  {w.Events.RemoveSpeaker(ctx, us, e.Code, s.Code), fault.NotFound},
			"move across":    {w.Events.MoveSpeaker(ctx, us, e.Code, s.Code, 1), fault.NotFound},
			"picture across": {w.Events.SetPortrait(ctx, us, e.Code, s.Code, face(t, 200, 200)), fault.NotFound},
			"no picture":     {w.Events.RemovePortrait(ctx, us, e.Code, s.Code), fault.NotFound},
			"change theirs":  {w.Events.ChangeSpeaker(ctx, them, other.Code, s.Code, s.Stamp(), trainer("B")), fault.NotFound},
			"remove theirs":  {w.Events.RemoveSpeaker(ctx, them, other.Code, s.Code), fault.NotFound},
			"picture theirs": {w.Events.SetPortrait(ctx, them, other.Code, s.Code, []byte("x")), fault.NotFound},
			"add theirs":     {addForeign, fault.NotFound},
			"list theirs":    {list, fault.NotFound},
			"an auditor":     {addAuditor, fault.Forbidden},
		} {
			if fault.KindOf(x.err) != x.want {
				t.Errorf("%s: %v", name, x.err)
			}
		}
		if got := speakers(t, d, other); len(got) != 1 || got[0] != "ana Ana" {
			t.Error(got)
		}
	})
}

func TestSpeakersOfEarlierEventsCanBeTakenOver(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		ctx, us := t.Context(), w.Organiser()
		partner, err := w.Projects.AddOrganisation(ctx, account.System, project.Organisation{Code: "partner", Name: locale.NewText("en", "Partner"), Country: "RS"})
		if err != nil {
			t.Fatal(err)
		}
		old := w.Event(t, func(f *event.Facts) { f.StartsOn = day(t, "2022-06-01") })
		last := w.Event(t, func(f *event.Facts) { f.StartsOn = day(t, "2022-07-01") })
		theirs := w.Event(t, func(f *event.Facts) { f.OrganisationID = partner.ID })
		e := w.Event(t)
		addSpeakers(t, w, old, "Ђорђе Ђукановић", "Ana")
		addSpeakers(t, w, last, "Đorđe Đukanović", "Çelik Hoxha")
		if _, err := w.Events.AddSpeaker(ctx, account.System, theirs.Code, trainer("Nobody of ours")); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.SetPortrait(ctx, us, last.Code, "djordje-djukanovic", face(t, 200, 200)); err != nil {
			t.Fatal(err)
		}
		names := func(words string) (all []string, rows []int64) {
			list, err := w.Events.KnownSpeakers(ctx, us, e.Code, words)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				all, rows = append(all, x.Name+" "+x.StartsOn.String()), append(rows, x.ID)
			}
			return all, rows
		}
		all, rows := names("")
		if diff := cmp.Diff([]string{"Đorđe Đukanović 2022-07-01", "Çelik Hoxha 2022-07-01", "Ana 2022-06-01"}, all); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		everything := account.Actor{UserID: 97, Grants: []account.Grant{{Role: account.Coordinator, Scope: account.Scope{Kind: account.ProjectScope, ID: w.Project.ID}}}}
		if list, err := w.Events.KnownSpeakers(ctx, everything, e.Code, ""); err != nil || len(list) != 3 {
			t.Errorf("whoever sees all events is offered %d people, %v", len(list), err)
		}
		for words, want := range map[string]int{"ђорђе": 1, "celi": 1, "an": 2, "ana x": 0} {
			if got, _ := names(words); len(got) != want {
				t.Errorf("%s finds %v", words, got)
			}
		}
		if n, err := w.Events.TakeSpeakers(ctx, us, e.Code, rows[:2]); n != 2 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if n, err := w.Events.TakeSpeakers(ctx, us, e.Code, rows[:1]); n != 0 || err != nil {
			t.Errorf("again: %d, %v", n, err)
		}
		if got, _ := names(""); len(got) != 1 {
			t.Errorf("who is here already is offered again: %v", got)
		}
		if err := w.Events.RemoveSpeaker(ctx, us, last.Code, "djordje-djukanovic"); err != nil {
			t.Fatal(err)
		}
		c, err := event.ReadContent(ctx, d.Read(), e)
		if err != nil {
			t.Fatal(err)
		}
		s := c.SpeakerByCode("djordje-djukanovic")
		if _, err := event.PortraitOf(ctx, d.Read(), s.Portrait); err != nil {
			t.Errorf("the picture went with the one it was copied from: %v", err)
		}
		others, err := event.Speakers(ctx, d.Read(), theirs.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range []int64{others[0].ID, s.ID, 424242} {
			if _, err := w.Events.TakeSpeakers(ctx, us, e.Code, []int64{row}); fault.KindOf(err) != fault.NotFound {
				t.Errorf("row %d: %v", row, err)
			}
		}
	})
}
