package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// ErrNoSpeaker says that nobody with that code leads sessions of the event.
var ErrNoSpeaker = fault.New(fault.NotFound, "event.not_found")

// How long texts of a part of an event may be, in characters, and how many parts of a sort an event may have.
const (
	mostLine  = 300
	mostLong  = 10_000
	mostParts = 200
)

// Stamp tells what is stored of the speaker from what was stored before a change.
func (s *Speaker) Stamp() string {
	return digest([]any{s.Name, s.Kind, s.Role.Plain(), s.Bio.Plain(), s.Shown})
}

// Checked returns nil, or the Invalid fault with what is wrong beside which input: name, kind, shown, and role and bio,
// each with _ and the language for a translation.
func (s *Speaker) Checked() error {
	var form fault.Form
	if s.Name == "" {
		form.Add("name", "form.required")
	}
	if utf8.RuneCountInString(s.Name) > 200 {
		form.Add("name", "form.too_long", "Max", 200)
	}
	if !slices.Contains(SpeakerKinds, s.Kind) {
		form.Add("kind", "form.choose")
	}
	notLonger(&form, "role", s.Role, mostLine)
	notLonger(&form, "bio", s.Bio, mostLong)
	if s.Shown != ToAll && s.Shown != ToApproved {
		form.Add("shown", "form.choose")
	}
	return form.Err()
}

// notLonger refuses texts of more characters than that, the original beside the field and a translation beside its own.
func notLonger(form *fault.Form, field string, t locale.Text, most int) {
	for code, s := range t.By {
		if utf8.RuneCountInString(s) <= most {
			continue
		}
		if code != t.Original {
			form.Add(field+"_"+string(code), "form.too_long", "Max", most)
		} else {
			form.Add(field, "form.too_long", "Max", most)
		}
	}
}

// Speakers returns who leads sessions of an event, in their order.
func Speakers(ctx context.Context, q bun.IDB, eventID int64) ([]Speaker, error) {
	var list []Speaker
	if err := q.NewSelect().Model(&list).Where("event_id = ?", eventID).Order("position", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("speakers of event %d: %w", eventID, err)
	}
	return list, nil
}

// SpeakerByCode returns a speaker by what stands in addresses, or nil.
func (c *Content) SpeakerByCode(code string) *Speaker {
	return at(c.Speakers, func(x *Speaker) bool { return x.Code == code })
}

// SessionsOf returns what a speaker leads, in the order of time.
func (c *Content) SessionsOf(s *Speaker) []*Session {
	var list []*Session
	for i := range c.Sessions {
		if slices.Contains(c.Sessions[i].Speakers, s.ID) {
			list = append(list, &c.Sessions[i])
		}
	}
	return list
}

// AddSpeaker adds somebody who leads sessions, last in the order, and returns them with the code that is made of the
// name. Its portrait is left out: see SetPortrait. Of whom nothing else is said than of somebody who is there, is that
// one: the same form came twice. Its Invalid faults are those of Checked.
func (d *Desk) AddSpeaker(ctx context.Context, actor account.Actor, code string, s Speaker) (*Speaker, error) {
	s.Name = locale.Clean(s.Name)
	if err := s.Checked(); err != nil {
		return nil, err
	}
	_, err := d.change(ctx, actor, code, "add_speaker", func(ctx context.Context, tx *db.Tx, e *Event) error {
		have, err := Speakers(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if same := at(have, func(x *Speaker) bool { return x.Stamp() == s.Stamp() }); same != nil {
			s = *same
			return errStands
		}
		s.ID, s.Portrait = 0, ""
		return insertSpeaker(ctx, tx, e, have, &s)
	})
	if err != nil && !errors.Is(err, errStands) {
		return nil, err
	}
	return &s, nil
}

// insertSpeaker puts a speaker behind those that the event has.
func insertSpeaker(ctx context.Context, tx *db.Tx, e *Event, have []Speaker, s *Speaker) error {
	if len(have) >= mostParts {
		return fault.New(fault.Conflict, "people.too_many")
	}
	s.EventID, s.Position, s.Code = e.ID, 1, speakerCode(s.Name, have)
	for _, x := range have {
		s.Position = max(s.Position, x.Position+1)
	}
	_, err := tx.NewInsert().Model(s).Exec(ctx)
	return err
}

// ChangeSpeaker changes what is said of a speaker, whose Stamp the actor has seen; ErrChanged says that somebody was
// quicker. Code, place in the order and portrait stay.
func (d *Desk) ChangeSpeaker(ctx context.Context, actor account.Actor, code, speaker, stamp string, s Speaker) error {
	s.Name = locale.Clean(s.Name)
	if err := s.Checked(); err != nil {
		return err
	}
	return d.changeSpeaker(ctx, actor, code, "change_speaker", speaker, func(ctx context.Context, tx *db.Tx, now *Speaker) error {
		if now.Stamp() != stamp {
			return ErrChanged
		}
		renamed := now.Name != s.Name
		now.Name, now.Kind, now.Role, now.Bio, now.Shown = s.Name, s.Kind, s.Role.After(now.Role), s.Bio.After(now.Bio), s.Shown
		if !renamed {
			return nil
		}
		return d.retell(ctx, tx, "id IN (SELECT session_id FROM session_speakers WHERE speaker_id = ?)", now.ID)
	})
}

// RemoveSpeaker takes somebody out of an event and of its sessions. A portrait that nobody else has is forgotten.
func (d *Desk) RemoveSpeaker(ctx context.Context, actor account.Actor, code, speaker string) error {
	_, err := d.change(ctx, actor, code, "remove_speaker", func(ctx context.Context, tx *db.Tx, e *Event) error {
		s, err := speakerOf(ctx, tx, e, speaker)
		if err != nil {
			return err
		}
		if err := d.retell(ctx, tx, "id IN (SELECT session_id FROM session_speakers WHERE speaker_id = ?)", s.ID); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(s).WherePK().Exec(ctx); err != nil {
			return err
		}
		return dropPortrait(ctx, tx, s.Portrait, s.ID)
	})
	return err
}

// MoveSpeaker moves somebody up (-1) or down (+1) by so many places in the order in which they are named.
func (d *Desk) MoveSpeaker(ctx context.Context, actor account.Actor, code, speaker string, by int) error {
	_, err := d.change(ctx, actor, code, "order_speakers", func(ctx context.Context, tx *db.Tx, e *Event) error {
		s, err := speakerOf(ctx, tx, e, speaker)
		if err != nil {
			return err
		}
		return shove(ctx, tx, "speakers", e.ID, s.ID, by)
	})
	return err
}

// changeSpeaker has f change a speaker of the event and stores them.
func (d *Desk) changeSpeaker(ctx context.Context, actor account.Actor, code, verb, speaker string, f func(context.Context, *db.Tx, *Speaker) error) error {
	_, err := d.change(ctx, actor, code, verb, func(ctx context.Context, tx *db.Tx, e *Event) error {
		s, err := speakerOf(ctx, tx, e, speaker)
		if err != nil {
			return err
		}
		if err := f(ctx, tx, s); err != nil {
			return err
		}
		_, err = tx.NewUpdate().Model(s).WherePK().Exec(ctx)
		return err
	})
	return err
}

func speakerOf(ctx context.Context, q bun.IDB, e *Event, code string) (*Speaker, error) {
	list, err := Speakers(ctx, q, e.ID)
	if err != nil {
		return nil, err
	}
	if s := at(list, func(x *Speaker) bool { return x.Code == code }); s != nil {
		return s, nil
	}
	return nil, ErrNoSpeaker
}

// retell notes that calendars tell something else of sessions now.
func (d *Desk) retell(ctx context.Context, tx *db.Tx, where string, arg any) error {
	_, err := tx.NewUpdate().Table("programme_sessions").Set("sequence = sequence + 1").Set("updated_at = ?", db.At(d.Clock())).
		Where("removed_at IS NULL").Where(where, arg).Exec(ctx)
	return err
}

// shove moves a row of a table by so many places among those of the event.
func shove(ctx context.Context, tx *db.Tx, table string, eventID, id int64, by int) error {
	var ids []int64
	err := tx.NewSelect().TableExpr("?", bun.Ident(table)).Column("id").Where("event_id = ?", eventID).Order("position", "id").Scan(ctx, &ids)
	if err != nil {
		return err
	}
	from := slices.Index(ids, id)
	if from < 0 {
		return ErrNotFound
	}
	to := min(max(from+by, 0), len(ids)-1)
	ids = slices.Insert(slices.Delete(ids, from, from+1), to, id)
	for i, id := range ids {
		if _, err := tx.NewUpdate().TableExpr("?", bun.Ident(table)).Set("position = ?", i+1).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reserved are no codes of speakers: addresses of the desk's pages.
var reserved = []string{"new", "take"}

// speakerCode makes a code of a name, in plain letters of at most forty, that none of the others has.
func speakerCode(name string, others []Speaker) string {
	base := strings.Join(strings.FieldsFunc(locale.Plain(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
	if len(base) > 40 {
		base = strings.TrimRight(base[:40], "-")
	}
	if base == "" {
		base = "speaker"
	}
	code := base
	for n := 2; slices.Contains(reserved, code) || at(others, func(x *Speaker) bool { return x.Code == code }) != nil; n++ {
		code = base + "-" + strconv.Itoa(n)
	}
	return code
}
