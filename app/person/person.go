// Package person knows each human being once: names as typed and the keys on which they are compared, contacts, the
// institution they work at, which records may be one person, and merges that can be undone.
//
// A merge takes nothing away: the dropped person stays, points to the kept one with MergedInto, and becomes one of its
// identities. The one that points to nobody is the root, and stands for all of them.
package person

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Gender is what somebody says of themselves.
type Gender string

// The genders.
const (
	Female    Gender = "female"
	Male      Gender = "male"
	Other     Gender = "other"
	NotStated Gender = "not_stated"
)

// Genders are all genders, in the order of a form.
var Genders = []Gender{Female, Male, Other, NotStated}

// ErrUnknown is returned for a person who isn't there.
var ErrUnknown = fault.New(fault.NotFound, "person.unknown")

// Person is one record of a human being. The keys are derived; Create and Update set them.
type Person struct {
	bun.BaseModel `bun:"table:persons,alias:p"`

	ID            int64 `bun:",pk,autoincrement"`
	GivenName     string
	FamilyName    string
	FullName      string // as typed, in the order and script it was typed in
	ASCIIKey      string `bun:"ascii_key"`
	SoundKey      string
	Gender        Gender
	Country       string // ISO code, XK for Kosovo*; "" unknown
	Email         string
	EmailKey      string
	Phone         string
	PhoneKey      string
	InstitutionID int64 `bun:",nullzero"`
	Quiet         bool  // in no list that is shown or printed for others
	MergedInto    int64 `bun:",nullzero"` // 0 for a root
	CreatedAt     db.Time
	UpdatedAt     db.Time
}

// New is what a person is made of. FullName may be empty: then it is the given name and the family name.
type New struct {
	Given, Family, FullName string
	Gender                  Gender // "" means NotStated
	Country                 string
	Email, Phone            string
	InstitutionID           int64
	Quiet                   bool
}

// EmailKey returns the address on which two e-mail addresses are the same.
func EmailKey(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// PhoneKey returns the last eight digits of a phone number, which are the same with and without the country's code,
// or "" for what has fewer than six.
func PhoneKey(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if len(digits) < 6 {
		return ""
	}
	return digits[max(0, len(digits)-8):]
}

// Create adds a person, a root. It does not look whether there is one already: see Match.
func Create(ctx context.Context, tx *db.Tx, n New) (*Person, error) {
	p := &Person{
		GivenName: n.Given, FamilyName: n.Family, FullName: n.FullName, Gender: n.Gender, Country: n.Country,
		Email: n.Email, Phone: n.Phone, InstitutionID: n.InstitutionID, Quiet: n.Quiet,
		CreatedAt: tx.Now(),
	}
	p.derive()
	p.UpdatedAt = p.CreatedAt
	if _, err := tx.NewInsert().Model(p).Returning("id").Exec(ctx); err != nil {
		return nil, fmt.Errorf("create a person: %w", err)
	}
	return p, nil
}

// Update writes the names, contacts and facts of p, and the keys that follow from them. It neither merges nor undoes a
// merge.
func Update(ctx context.Context, tx *db.Tx, p *Person) error {
	p.derive()
	p.UpdatedAt = tx.Now()
	res, err := tx.NewUpdate().Model(p).WherePK().ExcludeColumn("id", "merged_into", "created_at").Exec(ctx)
	if err != nil {
		return fmt.Errorf("update person %d: %w", p.ID, err)
	}
	if n, err := res.RowsAffected(); err == nil && n == 0 {
		return ErrUnknown
	}
	return nil
}

func (p *Person) derive() {
	p.GivenName, p.FamilyName = locale.Clean(p.GivenName), locale.Clean(p.FamilyName)
	p.FullName = locale.Clean(p.FullName)
	if p.FullName == "" {
		p.FullName = strings.TrimSpace(p.GivenName + " " + p.FamilyName)
	}
	p.ASCIIKey, p.SoundKey = locale.ASCIIKey(p.FullName), locale.SoundKey(p.FullName)
	p.Email, p.Phone = strings.TrimSpace(p.Email), strings.TrimSpace(p.Phone)
	p.EmailKey, p.PhoneKey = EmailKey(p.Email), PhoneKey(p.Phone)
	if p.Gender == "" {
		p.Gender = NotStated
	}
}

// Find returns the person with this id, merged or not.
func Find(ctx context.Context, q bun.IDB, id int64) (*Person, error) {
	p := new(Person)
	if err := q.NewSelect().Model(p).Where("p.id = ?", id).Scan(ctx); err != nil {
		return nil, unknown(err)
	}
	return p, nil
}

func unknown(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknown
	}
	return fmt.Errorf("read a person: %w", err)
}

// Root returns the id of the person that id was merged into, directly or over others, or id itself.
func Root(ctx context.Context, q bun.IDB, id int64) (int64, error) {
	for {
		var into *int64
		err := q.NewSelect().Table("persons").Column("merged_into").Where("id = ?", id).Scan(ctx, &into)
		if err != nil {
			return 0, unknown(err)
		}
		if into == nil {
			return id, nil
		}
		id = *into
	}
}

// Identities returns the person id and everybody merged into it, directly or over others, sorted by id.
func Identities(ctx context.Context, q bun.IDB, id int64) ([]Person, error) {
	var all []Person
	err := q.NewRaw(`WITH RECURSIVE tree (id) AS (
			SELECT id FROM persons WHERE id = ?
			UNION SELECT c.id FROM persons c JOIN tree t ON c.merged_into = t.id)
		SELECT p.* FROM persons p JOIN tree t ON t.id = p.id ORDER BY p.id`, id).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("read the identities of person %d: %w", id, err)
	}
	if len(all) == 0 {
		return nil, ErrUnknown
	}
	return all, nil
}

// Match returns the root of the person with this e-mail address and this name, written in either script, with or
// without accents. Nobody else is ever taken for the same without a human's word. Of several it takes the one that was
// there first. The root's row is locked, so that no merge can move it before the transaction ends.
func Match(ctx context.Context, tx *db.Tx, email, fullName string) (id int64, found bool, err error) {
	mail, name := EmailKey(email), locale.ASCIIKey(locale.Clean(fullName))
	if mail == "" || name == "" {
		return 0, false, nil
	}
	var same []int64
	err = tx.NewSelect().Table("persons").Column("id").Where("email_key = ?", mail).Where("ascii_key = ?", name).
		Order("id").Limit(1).Scan(ctx, &same)
	if err != nil {
		return 0, false, fmt.Errorf("match a person: %w", err)
	}
	if len(same) == 0 {
		return 0, false, nil
	}
	p, err := lockRoot(ctx, tx, same[0])
	if err != nil {
		return 0, false, err
	}
	return p.ID, true, nil
}

// lockRoot locks and returns the root of id. Whoever waits here for a merge or its undoing goes on to where id belongs
// afterwards.
func lockRoot(ctx context.Context, tx *db.Tx, id int64) (*Person, error) {
	roots, err := lockRoots(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return roots[0], nil
}

// lockRoots locks the roots of ids, the lowest first, and looks again until they are still the roots once they are
// locked.
func lockRoots(ctx context.Context, tx *db.Tx, ids ...int64) ([]*Person, error) {
	before, err := rootsOf(ctx, tx, ids)
	for err == nil {
		var locked map[int64]*Person
		if locked, err = lock(ctx, tx, before); err != nil {
			break
		}
		var now []int64
		if now, err = rootsOf(ctx, tx, ids); err != nil {
			break
		}
		if slices.Equal(before, now) {
			out := make([]*Person, len(now))
			for i, id := range now {
				out[i] = locked[id]
			}
			return out, nil
		}
		before = now
	}
	return nil, err
}

func rootsOf(ctx context.Context, q bun.IDB, ids []int64) ([]int64, error) {
	roots := make([]int64, len(ids))
	for i, id := range ids {
		var err error
		if roots[i], err = Root(ctx, q, id); err != nil {
			return nil, err
		}
	}
	return roots, nil
}

func lock(ctx context.Context, tx *db.Tx, ids []int64) (map[int64]*Person, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var rows []*Person
	if err := tx.Lock(tx.NewSelect().Model(&rows).Where("p.id IN (?)", bun.List(ids)).Order("p.id")).Scan(ctx); err != nil {
		return nil, fmt.Errorf("lock persons: %w", err)
	}
	if len(rows) != len(ids) {
		return nil, ErrUnknown
	}
	out := map[int64]*Person{}
	for _, p := range rows {
		out[p.ID] = p
	}
	return out, nil
}
