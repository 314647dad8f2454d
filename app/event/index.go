package event

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Indexed is an event of the public list with the further pages that it has.
type Indexed struct {
	Event
	HasProgramme bool
	Speakers     []string // codes of those who have a page that anyone may see; none at a quiet event
}

// Index returns the events that anyone may see in the public list with their further pages, the latest first. It takes
// three queries.
func (d *Desk) Index(ctx context.Context) ([]Indexed, error) {
	events, err := d.Calendar(ctx)
	if err != nil || len(events) == 0 {
		return nil, err
	}
	list := make([]Indexed, len(events))
	at := map[int64]*Indexed{}
	var ids []int64
	for i := range events {
		x := &list[len(events)-1-i]
		x.Event = events[i]
		at[x.ID] = x
		ids = append(ids, x.ID)
	}
	var programmed []int64
	q := d.DB.Read()
	err = q.NewSelect().Table("programme_sessions").ColumnExpr("DISTINCT event_id").Where("event_id IN (?)", bun.List(ids)).Where("removed_at IS NULL").Scan(ctx, &programmed)
	if err != nil {
		return nil, fmt.Errorf("index of programmes: %w", err)
	}
	for _, id := range programmed {
		at[id].HasProgramme = true
	}
	var speakers []Speaker
	err = q.NewSelect().Model(&speakers).Column("event_id", "code").Where("event_id IN (?)", bun.List(ids)).Where("shown = ?", ToAll).Order("event_id", "position", "id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("index of speakers: %w", err)
	}
	for _, s := range speakers {
		if x := at[s.EventID]; !x.Quiet {
			x.Speakers = append(x.Speakers, s.Code)
		}
	}
	return list, nil
}
