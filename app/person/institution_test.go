package person_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/person"
	"attesta/app/registration"
)

func locatedAt(t testing.TB, d *db.DB, name string, kind person.InstitutionType, country string) (id int64) {
	t.Helper()
	inTx(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = person.Located(ctx, tx, name, kind, country)
		return err
	})
	return id
}

func institutions(t testing.TB, d *person.Desk, s person.InstitutionSearch) (names []string) {
	t.Helper()
	s.Limit = 100
	page, _, _, err := d.Institutions(t.Context(), account.System, s)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range page {
		names = append(names, l.Name)
	}
	return names
}

func TestWhoeverNamesAMergedInstitutionIsLedToTheKeptOne(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		desk := desk(d)
		first := locatedAt(t, d, "Granična policija BiH", person.Police, "BA")
		second := locatedAt(t, d, "Border Police of BiH", person.UnknownType, "BA")
		third := locatedAt(t, d, "GP BiH", person.UnknownType, "BA")
		if _, err := desk.MergeInstitutions(t.Context(), account.System, second, third); err != nil {
			t.Fatal(err)
		}
		if merged, err := desk.MergeInstitutions(t.Context(), account.System, first, third, second); err != nil || !cmp.Equal(merged, []int64{second}) {
			t.Fatalf("%v %v", merged, err)
		}
		for _, name := range []string{"border police of bih", "gp bih", "Гранична полиција БиХ"} {
			if got := locatedAt(t, d, name, person.UnknownType, "BA"); got != first {
				t.Errorf("%s is %d", name, got)
			}
		}
		if got := institutions(t, desk, person.InstitutionSearch{Words: "border"}); !cmp.Equal(got, []string{"Granična policija BiH"}) {
			t.Errorf("found by the other name: %v", got)
		}
		names, err := person.ReadInstitutionNames(t.Context(), d.Read(), []int64{first, third, 99})
		if err != nil || len(names) != 2 || names[third].ID != first {
			t.Errorf("%v %v", names, err)
		}
		if err := desk.SeparateInstitution(t.Context(), account.System, second); err != nil {
			t.Fatal(err)
		}
		if a, b := locatedAt(t, d, "gp bih", "", "BA"), locatedAt(t, d, "border police of bih", "", "BA"); a != second || b != second {
			t.Errorf("after it was undone: %d %d", a, b)
		}
		if err := desk.SeparateInstitution(t.Context(), account.System, second); fault.From(err).Key != "institution.not_merged" {
			t.Errorf("once more: %v", err)
		}
	})
}

func TestAnInstitutionIsKnownByItsNamesInAllLanguages(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		desk := desk(d)
		id := locatedAt(t, d, "Policia e Kosovës", person.Police, "XK")
		facts := person.InstitutionFacts{Names: map[locale.Code]string{"sr-Cyrl": " Косовска  полиција", "en": "Kosovo Police", "mk": ""}, Type: person.Police, Country: "XK"}
		if err := desk.EditInstitution(t.Context(), account.System, id, facts); err != nil {
			t.Fatal(err)
		}
		if got := locatedAt(t, d, "Kosovska policija", "", "XK"); got != id {
			t.Errorf("the name in Serbian is %d", got)
		}
		if got := locatedAt(t, d, "Kosovska policija", "", "RS"); got == id {
			t.Error("a name in another country is another institution")
		}
		l, err := desk.Institution(t.Context(), account.System, id)
		if err != nil || l.NameIn("sr-Cyrl") != "Косовска полиција" || l.NameIn("mk") != "Policia e Kosovës" || l.Name != "Policia e Kosovës" {
			t.Errorf("%+v %v", l, err)
		}
		var detail string
		err = d.Read().NewRaw("SELECT detail FROM audit WHERE subject = 'institution' AND action = 'edit'").Scan(t.Context(), &detail)
		if err != nil || !strings.Contains(detail, `"before"`) || !strings.Contains(detail, "Kosovo Police") {
			t.Errorf("%s %v", detail, err)
		}
	})
}

func TestWhatIsWrongWithAnInstitutionIsSaid(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		desk := desk(d)
		id := locatedAt(t, d, "Sud", person.Court, "ME")
		locatedAt(t, d, "Sud", person.Court, "BA")
		err := desk.EditInstitution(t.Context(), account.System, id, person.InstitutionFacts{Names: map[locale.Code]string{"en": strings.Repeat("x", 301)}, Type: "bank", Country: "Montenegro"})
		var fields []string
		for _, f := range fault.From(err).Fields {
			fields = append(fields, f.Name)
		}
		if diff := cmp.Diff([]string{"name_en", "type", "country"}, fields); diff != "" {
			t.Error(diff)
		}
		if err := desk.EditInstitution(t.Context(), account.System, id, person.InstitutionFacts{Type: person.Court, Country: "BA"}); fault.From(err) == nil || fault.From(err).Key != "institution.taken" {
			t.Errorf("a second Sud in one country: %v", err)
		}
		if err := desk.EditInstitution(t.Context(), account.System, 99, person.InstitutionFacts{}); fault.KindOf(err) != fault.NotFound {
			t.Errorf("unknown: %v", err)
		}
	})
}

func TestOnlyCoordinatorsAndAdministratorsKeepInstitutions(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	desk := desk(d)
	id := locatedAt(t, d, "Sud", person.Court, "ME")
	for role, want := range map[account.Role]fault.Kind{account.Organiser: fault.Forbidden, account.Auditor: fault.Forbidden, account.Donor: fault.Forbidden, account.Coordinator: "", account.Administrator: ""} {
		rule, _ := account.RuleOf(role)
		actor := account.Actor{UserID: 1, Role: role, Grants: []account.Grant{{Role: role, Scope: account.Scope{Kind: rule.Scopes[0]}}}}
		_, _, _, list := desk.Institutions(t.Context(), actor, person.InstitutionSearch{Limit: 1})
		_, one := desk.Institution(t.Context(), actor, id)
		_, twins := desk.TwinInstitutions(t.Context(), actor)
		_, merge := desk.MergeInstitutions(t.Context(), actor, id, id)
		edit := desk.EditInstitution(t.Context(), actor, id, person.InstitutionFacts{Type: person.Court, Country: "ME"})
		for what, err := range map[string]error{"list": list, "one": one, "twins": twins, "merge": merge, "edit": edit} {
			if got := fault.KindOf(err); (err == nil) != (want == "") || err != nil && got != want {
				t.Errorf("%s, %s: %v", role, what, err)
			}
		}
		if err := desk.SeparateInstitution(t.Context(), actor, id); (fault.KindOf(err) == fault.Forbidden) != (want == fault.Forbidden) {
			t.Errorf("%s, separate: %v", role, err)
		}
	}
}

func TestInstitutionsListedTwiceAreSuggested(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	desk := desk(d)
	for _, x := range [][2]string{
		{"Više državno tužilaštvo u Podgorici", "ME"}, {"Više državno tužilaštvo Podgorica", "ME"}, {"Više državno tužilaštvo Podgorica", ""},
		{"Osnovno državno tužilaštvo u Podgorici", "ME"}, {"Ministarstvo unutrašnjih poslova", "ME"}, {"Ministarstvo unutrašnjih poslova", "RS"},
		{"Kosovska policija", "XK"}, {"Policia e Kosovës", "XK"}, {"Granična policija", "RS"}, {"Gronična policija", "BA"},
	} {
		locatedAt(t, d, x[0], "", x[1])
	}
	if err := desk.EditInstitution(t.Context(), account.System, 8, person.InstitutionFacts{Names: map[locale.Code]string{"bs": "Kosovska policija"}, Country: "XK"}); err != nil {
		t.Fatal(err)
	}
	groups, err := desk.TwinInstitutions(t.Context(), account.System)
	if err != nil {
		t.Fatal(err)
	}
	var got [][]int64
	for _, g := range groups {
		var ids []int64
		for _, l := range g {
			ids = append(ids, l.ID)
		}
		got = append(got, ids)
	}
	if diff := cmp.Diff([][]int64{{1, 2, 3}, {7, 8}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestPeopleAreCountedByTheInstitutionThatIsKept(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e := w.Event(t, apptest.Automatic)
		for i, name := range []string{"Sud u Baru", "Sud u Baru", "Osnovni sud Bar", "Osnovni sud Bar", "Sud Bar"} {
			s := apptest.Submission(i)
			s.Institution, s.InstitutionType = name, person.Court
			if _, err := w.Registrations.Register(t.Context(), e.Code, s); err != nil {
				t.Fatal(err)
			}
		}
		known := func() []string {
			names, err := registration.KnownInstitutions(t.Context(), d.Read(), person.Court, "ME", "en")
			if err != nil {
				t.Fatal(err)
			}
			return names
		}
		if got := known(); got != nil {
			t.Fatalf("known before: %v", got)
		}
		if _, err := w.Persons.MergeInstitutions(t.Context(), account.System, 1, 2, 3); err != nil {
			t.Fatal(err)
		}
		if err := w.Persons.EditInstitution(t.Context(), account.System, 1, person.InstitutionFacts{Names: map[locale.Code]string{"en": "Bar Court"}, Type: person.Court, Country: "ME"}); err != nil {
			t.Fatal(err)
		}
		if got := known(); !cmp.Equal(got, []string{"Bar Court"}) {
			t.Errorf("known: %v", got)
		}
		count := func(actor account.Actor) int {
			t.Helper()
			l, err := w.Persons.Institution(t.Context(), actor, 3)
			if err != nil {
				t.Fatal(err)
			}
			return l.People
		}
		other := account.Actor{UserID: 1, Grants: []account.Grant{{Role: account.Coordinator, Scope: account.Scope{Kind: account.ProjectScope, ID: 99}}}}
		if a, b := count(account.System), count(other); a != 5 || b != 0 {
			t.Errorf("%d people, %d for the coordinator of another project", a, b)
		}
	})
}

func TestOppositeMergesOfInstitutionsMakeNoCircle(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		desk := desk(d)
		for range 12 {
			a, b := locatedAt(t, d, "Sud A", "", "ME"), locatedAt(t, d, "Sud B", "", "ME")
			var wg sync.WaitGroup
			for _, pair := range [][2]int64{{a, b}, {b, a}} {
				wg.Go(func() {
					if _, err := desk.MergeInstitutions(t.Context(), account.System, pair[0], pair[1]); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			var open int
			if err := d.Read().NewRaw("SELECT COUNT(*) FROM institutions WHERE merged_into IS NULL").Scan(t.Context(), &open); err != nil || open != 1 {
				t.Fatalf("%d stand for themselves, %v", open, err)
			}
			for _, id := range []int64{a, b} {
				_ = desk.SeparateInstitution(t.Context(), account.System, id)
			}
		}
	})
}
