package event

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/locale"
)

// Known is somebody who leads sessions of another event.
type Known struct {
	Speaker  `bun:",extend"`
	Title    locale.Text // of that event
	StartsOn db.Day      // its first day
}

// KnownSpeakers returns who leads sessions of other events of the same organisation, among those that the actor may
// see: each name once, as the latest event has it, without the names that are there already. words narrow it to names
// with all of them, in either script and without regard to accents. It takes three queries.
func (d *Desk) KnownSpeakers(ctx context.Context, actor account.Actor, code, words string) ([]Known, error) {
	e, err := d.ForEditing(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	list, err := knownSpeakers(ctx, d.DB.Read(), actor, e)
	if err != nil {
		return nil, err
	}
	have, err := Speakers(ctx, d.DB.Read(), e.ID)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, x := range have {
		seen[locale.ASCIIKey(x.Name)] = true
	}
	wanted := strings.Fields(locale.Plain(words))
	return slices.DeleteFunc(list, func(x Known) bool {
		key, plain := locale.ASCIIKey(x.Name), locale.Plain(x.Name)
		if seen[key] {
			return true
		}
		seen[key] = true
		return slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(plain, w) })
	}), nil
}

// knownSpeakers returns those whom an event may take over, the latest first.
func knownSpeakers(ctx context.Context, q bun.IDB, actor account.Actor, e *Event) ([]Known, error) {
	var list []Known
	s := q.NewSelect().TableExpr("speakers AS s").ColumnExpr("s.*, e.title, e.starts_on").Join("JOIN events AS e ON e.id = s.event_id").
		Where("e.organisation_id = ? AND e.id <> ?", e.OrganisationID, e.ID).OrderExpr("e.starts_on DESC, e.id DESC, s.position, s.id")
	s, any := reach(s, actor, account.ViewEvent, "e")
	if !any {
		return nil, nil
	}
	if err := s.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("speakers whom event %d may take over: %w", e.ID, err)
	}
	return list, nil
}

// TakeSpeakers copies speakers of other events, by their rows, with their portraits, and returns how many: who is there
// already by that name isn't copied. ErrNoSpeaker if one of them is none that KnownSpeakers could return.
func (d *Desk) TakeSpeakers(ctx context.Context, actor account.Actor, code string, rows []int64) (int, error) {
	taken := 0
	_, err := d.change(ctx, actor, code, "take_speakers", func(ctx context.Context, tx *db.Tx, e *Event) error {
		taken = 0
		known, err := knownSpeakers(ctx, tx, actor, e)
		if err != nil {
			return err
		}
		have, err := Speakers(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		for _, id := range rows {
			from := at(known, func(x *Known) bool { return x.ID == id })
			if from == nil {
				return ErrNoSpeaker
			}
			key := locale.ASCIIKey(from.Name)
			if at(have, func(x *Speaker) bool { return locale.ASCIIKey(x.Name) == key }) != nil {
				continue
			}
			s := from.Speaker
			s.ID = 0
			if there, err := keepPortrait(ctx, tx, s.Portrait); err != nil {
				return err
			} else if !there {
				s.Portrait = ""
			}
			if err := insertSpeaker(ctx, tx, e, have, &s); err != nil {
				return err
			}
			have, taken = append(have, s), taken+1
		}
		return nil
	})
	return taken, err
}
