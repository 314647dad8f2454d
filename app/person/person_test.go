package person_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/person"
)

func inTx(t testing.TB, d *db.DB, f func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.InTx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, d *db.DB, n person.New) (id int64) {
	t.Helper()
	inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
		p, err := person.Create(ctx, tx, n)
		if err == nil {
			id = p.ID
		}
		return err
	})
	return id
}

func find(t testing.TB, d *db.DB, id int64) person.Person {
	t.Helper()
	p, err := person.Find(t.Context(), d.Read(), id)
	if err != nil {
		t.Fatal(err)
	}
	return *p
}

func match(t testing.TB, d *db.DB, email, name string) (id int64, found bool) {
	t.Helper()
	inTx(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, found, err = person.Match(ctx, tx, email, name)
		return err
	})
	return id, found
}

func TestCreateKeepsTheNameAndDerivesItsKeys(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		id := create(t, d, person.New{Given: " Ђорђе ", Family: "Ђукановић", Country: "RS", Email: " Djordje@Mail.Example ", Phone: "+381 64 123-45-67"})
		p := find(t, d, id)
		got := []any{p.GivenName, p.FullName, p.ASCIIKey, p.SoundKey, p.Gender, p.Email, p.EmailKey, p.PhoneKey, p.MergedInto, p.InstitutionID}
		want := []any{"Ђорђе", "Ђорђе Ђукановић", "djordje djukanovic", "dorde dukanovic", person.NotStated, "Djordje@Mail.Example",
			"djordje@mail.example", "41234567", int64(0), int64(0)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUpdateFollowsANewNameWithItsKeys(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		id := create(t, d, person.New{Given: "Ana", Family: "Ilić"})
		p := find(t, d, id)
		p.FamilyName, p.FullName, p.Email = "Perić", "", "ANA@mail.example"
		inTx(t, d, func(ctx context.Context, tx *db.Tx) error { return person.Update(ctx, tx, &p) })
		p = find(t, d, id)
		if p.FullName != "Ana Perić" || p.ASCIIKey != "ana peric" || p.EmailKey != "ana@mail.example" || p.CreatedAt.IsZero() {
			t.Errorf("%+v", p)
		}
	})
}

func TestMatchWantsTheAddressAndTheName(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		id := create(t, d, person.New{Given: "Đorđe", Family: "Đukanović", Email: "dj@mail.example"})
		create(t, d, person.New{Given: "Ana", Family: "Ilić"})
		for _, c := range []struct {
			email, name string
			found       bool
		}{
			{"DJ@mail.example ", "Ђукановић Ђорђе", true},
			{"dj@mail.example", "Djordje Djukanovic", true},
			{"dj@mail.example", "Dorde Dukanovic", false},
			{"dj@mail.example", "Milica Đukanović", false},
			{"other@mail.example", "Đorđe Đukanović", false},
			{"", "Ana Ilić", false},
		} {
			got, found := match(t, d, c.email, c.name)
			if found != c.found || found && got != id {
				t.Errorf("%s <%s>: %d, %v", c.name, c.email, got, found)
			}
		}
	})
}

func TestAPersonThatIsNotThereIsUnknown(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		for name, f := range map[string]func() error{
			"find":       func() error { _, err := person.Find(t.Context(), d.Read(), 7); return err },
			"root":       func() error { _, err := person.Root(t.Context(), d.Read(), 7); return err },
			"identities": func() error { _, err := person.Identities(t.Context(), d.Read(), 7); return err },
			"update": func() error {
				return d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					return person.Update(ctx, tx, &person.Person{ID: 7, FullName: "Ana"})
				})
			},
		} {
			if err := f(); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func institution(t testing.TB, d *db.DB, name string, kind person.InstitutionType, country string) (id int64) {
	t.Helper()
	inTx(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = person.Located(ctx, tx, name, kind, country)
		return err
	})
	return id
}

func TestAnInstitutionIsOneInEitherScriptAndLearnsItsType(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		id := institution(t, d, "Više javno tužilaštvo", "", "RS")
		if got := institution(t, d, "ВИШЕ  ЈАВНО ТУЖИЛАШТВО", person.Prosecution, "RS"); got != id {
			t.Errorf("%d, want %d", got, id)
		}
		institution(t, d, "Više javno tužilaštvo", person.Court, "RS")
		if other := institution(t, d, "Više javno tužilaštvo", "", "ME"); other == id {
			t.Error("one institution in two countries")
		}
		if none := institution(t, d, "  ", person.Court, "RS"); none != 0 {
			t.Errorf("an institution without a name: %d", none)
		}
		var kind string
		if err := d.Read().NewRaw("SELECT type FROM institutions WHERE id = ?", id).Scan(t.Context(), &kind); err != nil {
			t.Fatal(err)
		}
		if kind != "prosecution" {
			t.Errorf("type %q, want the first that was known", kind)
		}
	})
}

func TestManyWhoNameANewInstitutionAtOnceMakeOne(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		ids := make([]int64, 40)
		for i := range ids {
			wg.Go(func() {
				err := d.InTx(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
					ids[i], err = person.Located(ctx, tx, "Grupa 484", person.CSO, "RS")
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id == 0 || id != ids[0] {
				t.Fatal(fmt.Sprint("several institutions: ", ids))
			}
		}
	})
}
