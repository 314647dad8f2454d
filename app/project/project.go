// Package project holds the grants: organisations that carry them out together, donors who fund them, the indicators
// they promise.
package project

import (
	"time"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/locale"
)

// Project is a grant.
type Project struct {
	bun.BaseModel `bun:"table:projects"`

	ID             int64 `bun:",pk,autoincrement"`
	Code           string
	Title          locale.Text
	ContractNumber string
	StartsOn       db.Day
	EndsOn         db.Day
	RetentionOn    db.Day // after this day people are anonymised
	LeadID         int64  `bun:",nullzero"`
	Version        int    // counts the changes, from 1
	CreatedAt      db.Time
}

// Scope is where a role for this project reaches.
func (p *Project) Scope() account.Scope {
	return account.Scope{Kind: account.ProjectScope, ID: p.ID}
}

// Indicator is a promise: a target for one measure of the figures.
type Indicator struct {
	bun.BaseModel `bun:"table:indicators"`

	ID        int64 `bun:",pk,autoincrement"`
	ProjectID int64
	Measure   string // one of Measures
	Target    int
}

// Measures are what can be promised; women_share is in per cent.
var Measures = []string{"unique_persons", "unique_persons_trainings", "attendances", "events", "certificates", "women_share"}

// Desk keeps projects.
type Desk struct {
	DB    *db.DB
	Clock func() time.Time
}
