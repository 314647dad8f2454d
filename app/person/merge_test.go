package person_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/person"
)

// things is a mover for tests: settings rows "thing.N" whose value is the person they belong to.
type things struct{}

func (things) Name() string { return "things" }

func (things) Merge(ctx context.Context, tx *db.Tx, keep, drop int64) (json.RawMessage, error) {
	var names []string
	err := tx.NewRaw("UPDATE settings SET value = ? WHERE value = ? AND name LIKE 'thing.%' RETURNING name", fmt.Sprint(keep), fmt.Sprint(drop)).Scan(ctx, &names)
	if err != nil {
		return nil, err
	}
	return json.Marshal(names)
}

func (things) Unmerge(ctx context.Context, tx *db.Tx, keep, drop int64, moved json.RawMessage) error {
	var names []string
	if err := json.Unmarshal(moved, &names); err != nil {
		return err
	}
	for _, n := range names {
		res, err := tx.NewRaw("UPDATE settings SET value = ? WHERE value = ? AND name = ?", fmt.Sprint(drop), fmt.Sprint(keep), n).Exec(ctx)
		if err != nil {
			return err
		}
		if k, err := res.RowsAffected(); err != nil || k != 1 {
			return fmt.Errorf("%s isn't where the merge had put it", n)
		}
	}
	return nil
}

func desk(d *db.DB) *person.Desk { return &person.Desk{DB: d, Movers: []person.Mover{things{}}} }

func give(t testing.TB, d *db.DB, thing string, id int64) {
	t.Helper()
	inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewRaw("INSERT INTO settings (name, value) VALUES (?, ?)", "thing."+thing, fmt.Sprint(id)).Exec(ctx)
		return err
	})
}

// state is everything that merging may change.
func state(ctx context.Context, d *db.DB) (string, error) {
	var persons []person.Person
	if err := d.Read().NewSelect().Model(&persons).Order("id").Scan(ctx); err != nil {
		return "", err
	}
	out := ""
	for _, p := range persons {
		p.UpdatedAt = db.Time{}
		out += fmt.Sprintf("%+v\n", p)
	}
	var owners []string
	err := d.Read().NewRaw("SELECT name || ' ' || value FROM settings ORDER BY name").Scan(ctx, &owners)
	return fmt.Sprint(out, owners), err
}

func stateOf(t testing.TB, d *db.DB) string {
	t.Helper()
	s, err := state(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func merge(t testing.TB, d *db.DB, keep int64, drop ...int64) []person.Merge {
	t.Helper()
	done, err := desk(d).Merge(t.Context(), account.System, keep, drop...)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func root(t testing.TB, d *db.DB, id int64) int64 {
	t.Helper()
	r, err := person.Root(t.Context(), d.Read(), id)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func three(t testing.TB, d *db.DB) (a, b, c int64) {
	a = create(t, d, person.New{Given: "Ana", Family: "Ilić"})
	b = create(t, d, person.New{Given: "Ана", Family: "Илић", Gender: person.Female, Email: "ana@mail.example"})
	c = create(t, d, person.New{Given: "Ana", Family: "Ilic", Gender: person.Other, Email: "ai@mail.example", Phone: "+381641234567", Country: "RS", Quiet: true})
	for i, id := range []int64{a, b, c} {
		give(t, d, fmt.Sprint(i), id)
	}
	return a, b, c
}

func TestMergeFillsWhatTheKeptPersonLacksAndUnmergeRestoresIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, c := three(t, d)
		start := stateOf(t, d)
		if done := merge(t, d, a, b, c); len(done) != 2 {
			t.Fatalf("merged %+v", done)
		}
		p := find(t, d, a)
		got := []any{p.Gender, p.Email, p.EmailKey, p.Phone, p.Country, p.Quiet, root(t, d, c)}
		if diff := cmp.Diff([]any{person.Female, "ana@mail.example", "ana@mail.example", "+381641234567", "RS", true, a}, got); diff != "" {
			t.Error(diff)
		}
		all, err := person.Identities(t.Context(), d.Read(), a)
		if err != nil || len(all) != 3 {
			t.Errorf("identities %v, %v", all, err)
		}
		if id, found := match(t, d, "ai@mail.example", "Ana Ilić"); !found || id != a {
			t.Errorf("the address of a merged person leads to %d, %v", id, found)
		}
		for _, id := range []int64{b, c} {
			if _, err := desk(d).Unmerge(t.Context(), account.System, id); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(start, stateOf(t, d)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUndoingAnInnerMergeIsAsIfItHadNeverBeenMade(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, c := three(t, d)
		e := create(t, d, person.New{Given: "Ana", Family: "Ilić", Country: "ME"})
		merge(t, d, a, c)
		merge(t, d, e, a)
		want := stateOf(t, d)
		for _, id := range []int64{a, c} {
			if _, err := desk(d).Unmerge(t.Context(), account.System, id); err != nil {
				t.Fatal(err)
			}
		}
		merge(t, d, a, b)
		merge(t, d, a, c)
		merge(t, d, e, a)
		undone, err := desk(d).Unmerge(t.Context(), account.System, b)
		if err != nil {
			t.Fatal(err)
		}
		if undone.KeptID != a || undone.DroppedID != b {
			t.Errorf("undone %+v", undone)
		}
		if diff := cmp.Diff(want, stateOf(t, d)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMergingAgainChangesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, c := three(t, d)
		merge(t, d, a, b)
		merge(t, d, b, c) // b stands for a
		want := stateOf(t, d)
		for _, again := range [][]int64{{a, b}, {a, a}, {b, a}, {a, c, b, a}, {c, a}} {
			if done := merge(t, d, again[0], again[1:]...); len(done) != 0 {
				t.Errorf("merging %v again: %+v", again, done)
			}
		}
		if diff := cmp.Diff(want, stateOf(t, d)); diff != "" {
			t.Error(diff)
		}
		if root(t, d, c) != a {
			t.Error("what was merged into a dropped person isn't with the kept one")
		}
	})
}

func TestAMergeWithSomebodyUnknownChangesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, _ := three(t, d)
		want := stateOf(t, d)
		if _, err := desk(d).Merge(t.Context(), account.System, a, b, 99); fault.KindOf(err) != fault.NotFound {
			t.Errorf("got %v", err)
		}
		if diff := cmp.Diff(want, stateOf(t, d)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUnmergeFindsTheMergeOrSaysWhichOnesThereAre(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, c := three(t, d)
		unmerge := func(id int64) error {
			_, err := desk(d).Unmerge(t.Context(), account.System, id)
			return err
		}
		if err := unmerge(a); fault.From(err) == nil || fault.From(err).Key != "person.not_merged" {
			t.Errorf("nothing merged: %v", err)
		}
		if err := unmerge(99); fault.KindOf(err) != fault.NotFound {
			t.Errorf("nobody: %v", err)
		}
		merge(t, d, a, b, c)
		if f := fault.From(unmerge(a)); f == nil || f.Key != "person.several_merges" || f.Params["IDs"] != fmt.Sprintf("%d, %d", b, c) {
			t.Errorf("two merged: %+v", f)
		}
		if err := unmerge(b); err != nil {
			t.Error(err)
		}
		if err := unmerge(a); err != nil || root(t, d, c) != c {
			t.Errorf("the kept person's only merge: %v", err)
		}
		merges := merge(t, d, c, b)
		left, err := person.Merges(t.Context(), d.Read(), b)
		if err != nil || len(left) != 1 || left[0].ID != merges[0].ID {
			t.Errorf("merges %+v, %v", left, err)
		}
		for range 2 {
			_, err = desk(d).UndoMerge(t.Context(), account.System, merges[0].ID)
		}
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("undone twice: %v", err)
		}
	})
}

func TestACorrectionMadeAfterTheMergeSurvivesItsUndoing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, _ := three(t, d)
		merge(t, d, a, b)
		p := find(t, d, a)
		p.Email = "new@mail.example"
		inTx(t, d, func(ctx context.Context, tx *db.Tx) error { return person.Update(ctx, tx, &p) })
		if _, err := desk(d).Unmerge(t.Context(), account.System, b); err != nil {
			t.Fatal(err)
		}
		if p := find(t, d, a); p.Email != "new@mail.example" || p.Gender != person.NotStated {
			t.Errorf("%+v", p)
		}
	})
}

func TestOppositeMergesAtOnceMakeOnePerson(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		for round := range 8 {
			var ids []int64
			for i := range 4 {
				ids = append(ids, create(t, d, person.New{Given: "Ana", Family: "Ilić"}))
				give(t, d, fmt.Sprint(round, i), ids[i])
			}
			var wg sync.WaitGroup
			for i := range ids {
				wg.Go(func() {
					next := ids[(i+1)%len(ids)]
					if _, err := desk(d).Merge(t.Context(), account.System, ids[i], next); err != nil {
						t.Error(err)
					}
					if _, err := desk(d).Merge(t.Context(), account.System, next, ids[i]); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			r := root(t, d, ids[0])
			all, err := person.Identities(t.Context(), d.Read(), r)
			if err != nil || len(all) != 4 {
				t.Fatalf("%d identities of one, %v", len(all), err)
			}
			var things int
			if err := d.Read().NewRaw("SELECT COUNT(*) FROM settings WHERE value = ?", fmt.Sprint(r)).Scan(t.Context(), &things); err != nil || things != 4 {
				t.Fatalf("%d of 4 things are with the root, %v", things, err)
			}
		}
	})
}

func TestMergingAndUndoingAtOnceLosesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, c := three(t, d)
		e := create(t, d, person.New{Given: "Ana", Family: "Ilić"})
		for range 6 {
			merge(t, d, a, b)
			merge(t, d, c, a)
			var wg sync.WaitGroup
			for _, f := range []func() error{
				func() error { _, err := desk(d).Unmerge(t.Context(), account.System, b); return err },
				func() error { _, err := desk(d).Merge(t.Context(), account.System, e, b); return err },
				func() error { _, err := desk(d).Unmerge(t.Context(), account.System, a); return err },
			} {
				wg.Go(func() {
					if err := f(); err != nil && fault.KindOf(err) != fault.Conflict {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			takeAllApart(t, d)
			var wrong int
			if err := d.Read().NewRaw(`SELECT COUNT(*) FROM persons p WHERE merged_into IS NOT NULL`).Scan(t.Context(), &wrong); err != nil || wrong != 0 {
				t.Fatalf("%d persons are left merged, %v", wrong, err)
			}
		}
	})
}

func takeAllApart(t testing.TB, d *db.DB) {
	t.Helper()
	for {
		var ids []int64
		if err := d.Read().NewRaw("SELECT id FROM merges WHERE undone_at IS NULL ORDER BY id").Scan(t.Context(), &ids); err != nil {
			t.Fatal(err)
		}
		if len(ids) == 0 {
			return
		}
		if _, err := desk(d).UndoMerge(t.Context(), account.System, ids[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// A sequence of merges and undoings in any order, at the end of which everything is undone, changes nothing at all.
func TestAnySequenceOfMergesCanBeTakenBack(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		var ids []int64
		genders := []person.Gender{person.NotStated, person.Female, person.Male, person.NotStated, person.Other}
		for i := range 7 {
			n := person.New{Given: "Ana", Family: "Ilić", Gender: genders[i%len(genders)], Quiet: i == 5}
			if i%2 == 1 {
				n.Email, n.Country = fmt.Sprintf("a%d@mail.example", i), "RS"
			}
			if i%3 == 2 {
				n.Phone = fmt.Sprintf("+3816412345%d", i)
			}
			ids = append(ids, create(t, d, n))
			give(t, d, fmt.Sprint(i), ids[i])
		}
		start := stateOf(t, d)
		rapid.Check(t, func(rt *rapid.T) {
			for range rapid.IntRange(1, 12).Draw(rt, "steps") {
				x, y := rapid.SampledFrom(ids).Draw(rt, "x"), rapid.SampledFrom(ids).Draw(rt, "y")
				var err error
				if rapid.IntRange(0, 2).Draw(rt, "what") > 0 {
					_, err = desk(d).Merge(t.Context(), account.System, x, y)
				} else {
					_, err = desk(d).Unmerge(t.Context(), account.System, x)
				}
				if err != nil && fault.KindOf(err) != fault.Conflict {
					rt.Fatal(err)
				}
			}
			takeAllApart(t, d)
			if diff := cmp.Diff(start, stateOf(t, d)); diff != "" {
				rt.Fatal(diff)
			}
		})
	})
}

// register puts a person into an event of a project of its own.
func register(t testing.TB, d *db.DB, code string, projectID, personID int64) {
	t.Helper()
	now := db.At(time.Now())
	exec := func(q string, args ...any) {
		inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.NewRaw(q, args...).Exec(ctx)
			return err
		})
	}
	exec("INSERT INTO organisations (id, code, name, country, created_at) VALUES (1, 'o', 'O', 'RS', ?) ON CONFLICT DO NOTHING", now)
	exec("INSERT INTO projects (id, code, title, created_at) VALUES (?, ?, '{}', ?) ON CONFLICT DO NOTHING", projectID, fmt.Sprint("p", projectID), now)
	exec(`INSERT INTO events (id, code, project_id, organisation_id, type, title, description, country, starts_on, days, zone, seats, state, decision, unit, threshold, created_at, updated_at)
		VALUES (?, ?, ?, 1, 'conference', '{}', '{}', 'RS', '2022-01-01', 1, 'Europe/Belgrade', 9, 'published', 'organiser', 'day', 0.8, ?, ?) ON CONFLICT DO NOTHING`,
		projectID, fmt.Sprint("e", projectID), projectID, now, now)
	exec(`INSERT INTO registrations (code, event_id, person_id, status, source, given_name, family_name, certificate_name, gender, locale, link_nonce, link_hash, created_at, updated_at)
		VALUES (?, ?, ?, 'approved', 'import', '', '', '', 'not_stated', 'en', '', ?, ?, ?)`, code, projectID, personID, code, now, now)
}

func TestMergingWantsThePermissionInEveryProjectOfBoth(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		a, b, c := three(t, d)
		register(t, d, "A", 1, a)
		register(t, d, "B", 1, b)
		register(t, d, "B2", 2, b)
		register(t, d, "C", 1, c)
		in := func(role account.Role, projects ...int64) (actor account.Actor) {
			for _, id := range projects {
				actor.Grants = append(actor.Grants, account.Grant{Role: role, Scope: account.Scope{Kind: account.ProjectScope, ID: id}})
			}
			return actor
		}
		for _, c := range []struct {
			actor      account.Actor
			keep, drop int64
			allowed    bool
		}{
			{account.Anyone, a, c, false},
			{in(account.Organiser, 1, 2), a, c, false},
			{in(account.Donor, 1, 2), a, c, false},
			{in(account.Coordinator, 2), a, c, false},
			{in(account.Coordinator, 1), a, b, false},
			{in(account.Coordinator, 1), a, c, true},
			{in(account.Coordinator, 1, 2), a, b, true},
		} {
			_, err := desk(d).Merge(t.Context(), c.actor, c.keep, c.drop)
			if (err == nil) != c.allowed || err != nil && fault.KindOf(err) != fault.Forbidden {
				t.Errorf("%+v merging %d, %d: %v", c.actor.Grants, c.keep, c.drop, err)
			}
		}
		if _, err := desk(d).Unmerge(t.Context(), in(account.Coordinator, 1), b); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("undoing in a project of others: %v", err)
		}
		var actions []string
		if err := d.Read().NewRaw("SELECT action FROM audit WHERE subject = 'person' ORDER BY id").Scan(t.Context(), &actions); err != nil || !slices.Equal(actions, []string{"merge", "merge"}) {
			t.Errorf("recorded %v, %v", actions, err)
		}
	})
}
