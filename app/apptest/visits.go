package apptest

import (
	"context"
	"sync"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Visits are sign-ins held in memory, for sites whose users stand in no database. They are web.Accounts without the
// ways to sign in.
type Visits struct {
	Who   func(userID int64) (account.Actor, locale.Code, error) // asked at every request
	Clock func() time.Time

	mu  sync.Mutex
	all []account.Visit
}

// BeginVisit implements web.Accounts.
func (v *Visits) BeginVisit(_ context.Context, userID int64, method account.Method, device string) (account.Visit, error) {
	if _, _, err := v.Who(userID); err != nil {
		return account.Visit{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	visit := account.Visit{ID: int64(len(v.all) + 1), UserID: userID, Method: method, Device: device, BeganAt: db.At(v.Clock())}
	v.all = append(v.all, visit)
	return visit, nil
}

// Resume implements web.Accounts.
func (v *Visits) Resume(_ context.Context, id int64) (account.Actor, account.Visit, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if id < 1 || int(id) > len(v.all) || !v.all[id-1].EndedAt.IsZero() {
		return account.Actor{}, account.Visit{}, fault.New(fault.NotFound, "error.not_found")
	}
	visit := v.all[id-1]
	actor, lang, err := v.Who(visit.UserID)
	if err != nil {
		return account.Actor{}, account.Visit{}, err
	}
	visit.Locale = lang
	actor.UserID, actor.VisitID = visit.UserID, id
	return actor.Acting(visit.Role), visit, nil
}

// EndVisit implements web.Accounts.
func (v *Visits) EndVisit(_ context.Context, id int64) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.all[id-1].EndedAt = db.At(v.Clock())
	return nil
}
