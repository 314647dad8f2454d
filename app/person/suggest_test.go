package person_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/person"
)

// listed is how somebody was written down: name, address, phone, workplace, its type, country, gender.
type listed struct {
	name, email, phone, at string
	kind                   person.InstitutionType
	country                string
	gender                 person.Gender
}

func list(t testing.TB, d *db.DB, all ...listed) (ids []int64) {
	t.Helper()
	inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
		ids = nil
		for _, l := range all {
			at, err := person.Located(ctx, tx, l.at, l.kind, l.country)
			if err != nil {
				return err
			}
			given, family, _ := strings.Cut(l.name, " ")
			p, err := person.Create(ctx, tx, person.New{Given: given, Family: family, FullName: l.name, Gender: l.gender,
				Country: l.country, Email: l.email, Phone: l.phone, InstitutionID: at})
			if err != nil {
				return err
			}
			ids = append(ids, p.ID)
		}
		return nil
	})
	return ids
}

func suggest(t testing.TB, d *db.DB) []person.Suggestion {
	t.Helper()
	all, err := person.Suggest(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const none = 0.0

func TestAPairIsAsLikelyAsItsSignsSay(t *testing.T) {
	base := listed{name: "Vesna Popović", email: "vesna.popovic@ngo.me.example", at: "Građanska alijansa", kind: person.CSO, country: "ME", gender: person.Female}
	with := func(f func(*listed)) listed {
		l := base
		f(&l)
		return l
	}
	elsewhere := with(func(l *listed) {
		l.email, l.at, l.kind = "vesna.popovic@jt.me.example", "Više državno tužilaštvo", person.Prosecution
	})
	cases := []struct {
		name     string
		a, b     listed
		min, max float64
	}{
		{"second submission", base, base, 0.95, 1},
		{"the other script, no address", base, with(func(l *listed) { l.name, l.email = "Весна Поповић", "" }), 0.75, 1},
		{"another address", base, with(func(l *listed) { l.name, l.email = "Vesna Popovic", "vesna10@mail.example" }), 0.7, 1},
		{"a passport's spelling at the same address", with(func(l *listed) { l.name = "Đurđa Popović" }), with(func(l *listed) { l.name = "Durda Popovic" }), 0.9, 1},
		{"the institution written shorter", with(func(l *listed) { l.at = "Uprava policije, Sektor granične policije" }),
			with(func(l *listed) { l.email, l.at = "", "Uprava policije" }), 0.65, 1},
		{"namesake in another institution", base, elsewhere, 0.01, 0.45},
		{"namesake in another country", base, with(func(l *listed) { l.email, l.at, l.country = "vp@ngo.rs.example", "Grupa 484", "RS" }), 0.01, 0.35},
		{"namesake in the same house", base, with(func(l *listed) { l.email = "vesna.popovic2@ngo.me.example" }), 0.4, 0.65},
		{"one man, one woman of a name", with(func(l *listed) { l.name = "Saša Popović" }),
			with(func(l *listed) { l.name, l.gender, l.email = "Saša Popović", person.Male, "sasa@mail.example" }), 0.01, 0.5},
		{"a mailbox of the office", with(func(l *listed) { l.email = "info@ngo.me.example" }),
			with(func(l *listed) { l.name, l.email = "Luka Bulatović", "info@ngo.me.example" }), none, none},
		{"a mailbox and a given name", with(func(l *listed) { l.email = "info@ngo.me.example" }),
			with(func(l *listed) { l.name, l.email = "Vesna Bulatović", "info@ngo.me.example" }), none, none},
		{"a colleague at a personal address", base, with(func(l *listed) { l.name = "Luka Popović" }), none, none},
		{"a new family name", base, with(func(l *listed) { l.name = "Vesna Bulatović" }), 0.3, 0.8},
		{"a family's two spellings at one address", with(func(l *listed) { l.name, l.email = "Ana Jovanovska", "ana@x.example" }),
			with(func(l *listed) { l.name, l.email = "Ana Jovanovski", "ana@x.example" }), none, none},
		{"Milan and Milana", with(func(l *listed) { l.name = "Milan Popović" }), with(func(l *listed) { l.name = "Milana Popović" }), none, none},
		{"a second family name", base, with(func(l *listed) { l.name = "Vesna Popović-Ilić" }), 0.6, 1},
		{"a slip of the pen alone", base, with(func(l *listed) { l.name, l.email, l.at = "Vesna Popovid", "vp@mail.example", "Grupa 484" }), none, none},
		{"a slip of the pen at the same house", base, with(func(l *listed) { l.name, l.email = "Vesna Poppvić", "" }), 0.4, 0.8},
		{"a spelling further off at the same phone", listed{name: "Hysen Mehmeti", phone: "+383 44 123 456"},
			listed{name: "Хусеин Мемети", phone: "044 123-456"}, 0.4, 0.8},
		{"a spelling further off alone", listed{name: "Hysen Mehmeti"}, listed{name: "Хусеин Мемети"}, none, none},
		{"relatives", with(func(l *listed) { l.name = "Agim Krasniqi" }), with(func(l *listed) { l.name, l.email = "Agron Krasniqi", "" }), none, none},
	}
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		for _, c := range cases {
			ids := list(t, d, c.a, c.b)
			got := none
			for _, s := range suggest(t, d) {
				if slices.Contains(s.Persons, ids[0]) && slices.Contains(s.Persons, ids[1]) {
					got = s.Score
				}
			}
			if got < c.min || got > c.max {
				t.Errorf("%s: %v, want %v to %v", c.name, got, c.min, c.max)
			}
			inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.NewRaw("DELETE FROM persons").Exec(ctx)
				return err
			})
		}
	})
}

func TestNamesThatOthersBearAreNoSlipOfThePen(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		at := func(name, email string) listed { return listed{name: name, email: email, at: "MVR", country: "MK"} }
		list(t, d, at("Горан Звездановски", "g.z@mvr.example"), at("Зоран Звездановски", "z.z@mvr.example"),
			at("Горан Димовски", "g.d@mvr.example"), at("Зоран Ристовски", "z.r@mvr.example"))
		if all := suggest(t, d); len(all) != 0 {
			t.Errorf("%+v", all)
		}
	})
}

func TestThreeListingsOfOnePersonAreOneGroupWithTheirSources(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		one := listed{name: "Mirza Begić", email: "mirza@mup.ba.example", phone: "38760266554", at: "Ministarstvo sigurnosti BiH", country: "BA"}
		bare, third, far := one, one, one
		bare.name, bare.email = "Mirza Begic", ""
		third.name, third.phone = "Begić Mirza", ""
		far.email, far.phone, far.at, far.country = "mb@x.example", "", "Elsewhere", "RS"
		ids := list(t, d, one, bare, third, far)
		register(t, d, "A", 1, ids[0])
		inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.NewRaw(`INSERT INTO import_rows (event_id, row_key, file, row, person_id, registration_id, created_at)
				SELECT 1, 'k', 'nt-ba.xlsx', 33, ?, id, 0 FROM registrations`, ids[0]).Exec(ctx)
			return err
		})
		all := suggest(t, d)
		if len(all) != 4 {
			t.Fatalf("%d suggestions: %+v", len(all), all)
		}
		got := all[0]
		if diff := cmp.Diff(ids[:3], got.Persons); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]person.Source{{Person: ids[0], File: "nt-ba.xlsx", Row: 33}}, got.Sources); diff != "" {
			t.Error(diff)
		}
		if got.Score < 0.7 || !slices.Contains(got.Reasons, person.SamePhone) || !slices.Contains(got.Reasons, person.SameEmail) {
			t.Errorf("%+v", got)
		}
		for _, s := range all[1:] {
			if s.Score > 0.4 || len(s.Persons) != 2 || s.Persons[1] != ids[3] {
				t.Errorf("the namesake far away: %+v", s)
			}
		}
		merge(t, d, ids[0], ids[1], ids[2])
		if all = suggest(t, d); len(all) != 1 || all[0].Persons[0] != ids[0] || len(all[0].Sources) != 1 {
			t.Errorf("after the merge: %+v", all)
		}
	})
}

func TestAMergedPersonIsRecognisedByAnyOfItsIdentities(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		ids := list(t, d, listed{name: "Ana Ilić", country: "RS"}, listed{name: "Ana Petrović", email: "a.p@x.example", country: "RS"},
			listed{name: "Ана Петровић", email: "ana@y.example", country: "RS"}, listed{name: "Ana Petrovic", email: "A.P@x.example", country: "RS"})
		merge(t, d, ids[0], ids[1])
		all := suggest(t, d)
		if len(all) == 0 || !slices.Equal(all[0].Persons, []int64{ids[0], ids[3]}) || all[0].Score < 0.9 {
			t.Errorf("%+v", all)
		}
	})
}

func TestSuggestionsAreForThoseWhoMayMerge(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		one := listed{name: "Ana Ilić", email: "ana@x.example"}
		ids := list(t, d, one, one)
		register(t, d, "A", 1, ids[0])
		register(t, d, "B", 2, ids[1])
		for _, c := range []struct {
			role     account.Role
			projects []int64
			n        int
		}{{account.Coordinator, []int64{1}, 0}, {account.Coordinator, []int64{1, 2}, 1}, {account.Organiser, []int64{1, 2}, -1}} {
			var actor account.Actor
			for _, id := range c.projects {
				actor.Grants = append(actor.Grants, account.Grant{Role: c.role, Scope: account.Scope{Kind: account.ProjectScope, ID: id}})
			}
			all, err := desk(d).Suggest(t.Context(), actor)
			if c.n < 0 && fault.KindOf(err) != fault.Forbidden || c.n >= 0 && (err != nil || len(all) != c.n) {
				t.Errorf("%+v: %+v, %v", c, all, err)
			}
		}
	})
}

// crowd makes up n persons, one in ten of whom is listed a second time with another address or spelling.
func crowd(n int) (all []listed) {
	r := rand.New(rand.NewPCG(1, 2))
	syllables := []string{"mi", "lo", "ra", "de", "sta", "no", "vu", "ka", "ze", "bo", "ti", "gri", "ne", "la", "do"}
	word := func(k int) string {
		var b strings.Builder
		for range k {
			b.WriteString(syllables[r.IntN(len(syllables))])
		}
		return b.String()
	}
	for i := range n {
		l := listed{name: word(2) + " " + word(2) + "vić", email: fmt.Sprintf("p%d@x%d.example", i, i%300), at: fmt.Sprint("Institution no ", i%400), country: "RS"}
		if i%10 == 9 {
			l = all[i-1]
			l.email, l.name = "", strings.ReplaceAll(l.name, "ć", "c")
		}
		all = append(all, l)
	}
	return all
}

func TestFiveThousandPersonsTakeNotLong(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	list(t, d, crowd(5000)...)
	start := time.Now()
	all := suggest(t, d)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	found := 0
	for _, s := range all {
		if s.Score > 0.7 {
			found++
		}
	}
	if found < 480 || found > 520 {
		t.Errorf("%d likely pairs of 500", found)
	}
}

func TestACrowdOfOneNameDoesNotExplode(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	var all []listed
	for i := range 2000 {
		all = append(all, listed{name: "Ana Ilić", email: fmt.Sprintf("a%d@x.example", i), at: fmt.Sprint("No ", i), country: "RS"})
	}
	all = append(all, all[7])
	ids := list(t, d, all...)
	got := suggest(t, d)
	if len(got) != 1 || !slices.Equal(got[0].Persons, []int64{ids[7], ids[2000]}) {
		t.Errorf("%d suggestions", len(got))
	}
}

func BenchmarkSuggest5000(b *testing.B) {
	d := apptest.Open(b, apptest.SQLite(b))
	list(b, d, crowd(5000)...)
	for b.Loop() {
		suggest(b, d)
	}
}
