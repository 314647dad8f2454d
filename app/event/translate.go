package event

import (
	"context"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/locale"
)

// Translation is what an event's texts say in one language.
type Translation struct {
	Language locale.Code
	Texts    map[string]string // by Piece.Key; "" takes a translation away
	Right    []string          // keys of texts whose original was changed, but whose translation still says the same
}

// ErrNoSuchText refuses the translation of what the event doesn't have, or has in that language as its original.
var ErrNoSuchText = fault.New(fault.Invalid, "event.no_such_text")

// Translate keeps translations of the texts of an event whose version the actor has seen; ErrChanged says that somebody
// was quicker. Texts that aren't named stay as they are; so do the originals, which change where they are written:
// ErrNoSuchText. Its Invalid faults name the fields text_KEY.
func (d *Desk) Translate(ctx context.Context, actor account.Actor, code string, version int, t Translation) (*Event, error) {
	facts := audit.Facts{"language": t.Language}
	return d.changeNoting(ctx, actor, code, "translate", facts, func(ctx context.Context, tx *db.Tx, e *Event) error {
		if e.Version != version {
			return ErrChanged
		}
		if len(t.Language) < 2 || len(t.Language) > 35 {
			return ErrNoSuchText
		}
		c, err := readTexts(ctx, tx, e)
		if err != nil {
			return err
		}
		changed, err := t.apply(c)
		if err != nil {
			return err
		}
		facts["texts"] = len(changed)
		for _, x := range changed {
			if err := x.store(ctx, tx, db.At(d.Clock())); err != nil {
				return err
			}
		}
		return nil
	})
}

// apply writes the translations into the content and returns the texts that they change.
func (t *Translation) apply(c *Content) ([]Piece, error) {
	var form fault.Form
	var changed []Piece
	known := 0
	c.texts(func(x Piece, text *locale.Text) {
		x.Text = *text
		key := x.Key()
		s, given := t.Texts[key]
		right := slices.Contains(t.Right, key) && text.IsStale(t.Language)
		if !given && !right || text.IsZero() || x.WrittenIn() == t.Language {
			return
		}
		if !given {
			s = text.By[t.Language]
		} else {
			known++
			s = x.clean(s)
		}
		if utf8.RuneCountInString(s) > x.Most() {
			form.Add("text_"+key, "form.too_long", "Max", x.Most())
			return
		}
		if s != text.By[t.Language] || right {
			*text = text.With(t.Language, s)
			x.Text = *text
			changed = append(changed, x)
		}
	})
	if known < len(t.Texts) {
		return nil, ErrNoSuchText
	}
	return changed, form.Err()
}

func (x *Piece) clean(s string) string {
	if x.Long {
		return locale.CleanText(s)
	}
	return locale.Clean(s)
}

// tables are where the texts of a thing are kept; the columns are called as the fields. Those of the event itself are
// stored with it.
var tables = map[string]string{"session": "programme_sessions", "room": "rooms", "track": "tracks", "speaker": "speakers"}

// store keeps the text of the piece where it belongs. Calendars that know a session are to learn of it.
func (x *Piece) store(ctx context.Context, tx *db.Tx, now db.Time) error {
	table := tables[x.Of]
	if table == "" {
		return nil
	}
	q := tx.NewUpdate().Table(table).Set("? = ?", bun.Ident(x.Field), x.Text).Where("id = ?", x.ID)
	if x.Of == "session" && !now.IsZero() {
		q = q.Set("sequence = sequence + 1").Set("updated_at = ?", now)
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("%s of %s %d: %w", x.Field, x.Of, x.ID, err)
	}
	return nil
}

// readTexts reads what of an event has texts. It takes five queries.
func readTexts(ctx context.Context, tx *db.Tx, e *Event) (*Content, error) {
	c := &Content{Event: e}
	var err error
	if c.Sessions, err = Programme(ctx, tx, e.ID); err != nil {
		return nil, err
	}
	return c, c.readParts(ctx, tx)
}

// textsOf returns what the texts of an event say before it is changed, by their keys.
func textsOf(ctx context.Context, tx *db.Tx, e *Event) (map[string]locale.Text, error) {
	c, err := readTexts(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	said := map[string]locale.Text{}
	c.texts(func(x Piece, t *locale.Text) { said[x.Key()] = *t })
	return said, nil
}

// markStale marks the translations of which the original is another than it was, whatever form has changed it. Who
// translates changes no original and says which translations are right.
func markStale(ctx context.Context, tx *db.Tx, e *Event, verb string, said map[string]locale.Text) error {
	if verb == "translate" {
		return nil
	}
	c, err := readTexts(ctx, tx, e)
	if err != nil {
		return err
	}
	var marked []Piece
	c.texts(func(x Piece, t *locale.Text) {
		was := said[x.Key()]
		is := t.After(was)
		if !slices.Equal(is.Stale, t.Stale) {
			*t, x.Text = is, is
			marked = append(marked, x)
		}
	})
	for _, x := range marked {
		if err := x.store(ctx, tx, db.Time{}); err != nil {
			return err
		}
	}
	return nil
}
