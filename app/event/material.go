package event

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/file"
	"attesta/app/locale"
	"attesta/app/token"
)

// Audiences are all to whom a material may be shown, in the order in which forms offer them.
var Audiences = []Shown{ToAll, ToApproved, ToAttendees}

// MaterialFacts is what an organiser says of a material.
type MaterialFacts struct {
	Title     string      // "": the name of the file without its ending
	Language  locale.Code // of the title and of the material; "": the event's own
	Session   string      // code of the session it belongs to; "": the event as a whole
	URL       string      // of a link
	Shown     Shown       // "": to all
	ShownFrom time.Time   // zero: at once
}

// For reports whether a material is shown now to somebody who has a place, or was there at least once.
func (m *Material) For(approved, attended bool, now time.Time) bool {
	if !m.ShownFrom.IsZero() && now.Before(m.ShownFrom.Time) {
		return false
	}
	switch m.Shown {
	case ToAll:
		return true
	case ToApproved:
		return approved
	}
	return approved && attended
}

// Open returns the content of a file from its byte number from on; ctx must last until it is closed.
func (d *Desk) Open(ctx context.Context, m *Material, from int64) (io.ReadCloser, error) {
	if d.Files == nil || m.Kind != FileMaterial {
		return nil, ErrNotFound
	}
	return d.Files.Open(ctx, digestKey(m.Digest), from)
}

func digestKey(digest string) string { return "sha256/" + digest }

// Materials returns the materials of an event in their order.
func Materials(ctx context.Context, q bun.IDB, eventID int64) ([]Material, error) {
	var list []Material
	if err := q.NewSelect().Model(&list).Where("event_id = ?", eventID).Order("position", "id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("materials of event %d: %w", eventID, err)
	}
	return list, nil
}

// MaterialOf returns one material of an event, or ErrNotFound; the caller has checked who asks.
func MaterialOf(ctx context.Context, q bun.IDB, eventID int64, code string) (*Material, error) {
	var m Material
	if err := q.NewSelect().Model(&m).Where("event_id = ? AND code = ?", eventID, code).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return &m, nil
}

// Check returns the Invalid fault with what is wrong beside which input, or nil. A link needs an address and a title.
func (f MaterialFacts) Check(kind MaterialKind) error {
	var form fault.Form
	if kind == LinkMaterial {
		if !isHarmlessAddress(f.URL) {
			form.Add("url", "form.url")
		}
		if locale.Clean(f.Title) == "" {
			form.Add("title", "form.required")
		}
	}
	if utf8.RuneCountInString(f.Title) > 300 {
		form.Add("title", "form.too_long", "Max", 300)
	}
	if f.Shown != "" && !slices.Contains(Audiences, f.Shown) {
		form.Add("shown", "form.choose")
	}
	if y := f.ShownFrom.Year(); !f.ShownFrom.IsZero() && (y < 2000 || y > 2100) {
		form.Add("shown_from", "form.date")
	}
	return form.Err()
}

// isHarmlessAddress reports whether s is a web address in which nothing stands that makes it look like another one.
func isHarmlessAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.User == nil && isWebAddress(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
}

// apply puts what was said onto a material of the event.
func (f MaterialFacts) apply(ctx context.Context, tx *db.Tx, e *Event, m *Material) error {
	m.SessionID = 0
	if f.Session != "" {
		err := tx.NewSelect().Table("programme_sessions").Column("id").Where("event_id = ? AND code = ? AND removed_at IS NULL", e.ID, f.Session).Scan(ctx, &m.SessionID)
		if err != nil {
			if !errors.Is(notFound(err), ErrNotFound) {
				return err
			}
			var form fault.Form
			form.Add("session", "form.choose")
			return form.Err()
		}
	}
	title, in := locale.Clean(f.Title), f.Language
	if title == "" {
		title = file.Title(m.FileName)
	}
	if in == "" {
		in = e.Original()
	}
	m.Title, m.Shown, m.ShownFrom = locale.NewText(in, title), f.Shown, db.At(f.ShownFrom)
	if m.Shown == "" {
		m.Shown = ToAll
	}
	if m.Kind == LinkMaterial {
		m.URL = f.URL
	}
	return nil
}

// noted is what the record keeps of a material: no address and no title, which may name somebody.
func (m *Material) noted() audit.Facts {
	f := audit.Facts{"material": m.Code, "kind": m.Kind, "shown": m.Shown, "title": digest(m.Title)}
	if m.Kind == FileMaterial {
		f["size"], f["digest"] = m.Size, m.Digest[:min(len(m.Digest), 16)]
	} else {
		f["link"] = digest(m.URL)
	}
	if !m.ShownFrom.IsZero() {
		f["shown_from"] = m.ShownFrom.Time
	}
	return f
}

// insertMaterial puts a material last.
func insertMaterial(ctx context.Context, tx *db.Tx, m *Material) error {
	if err := tx.NewSelect().Table("materials").ColumnExpr("COALESCE(MAX(position), 0) + 1").Where("event_id = ?", m.EventID).Scan(ctx, &m.Position); err != nil {
		return err
	}
	_, err := tx.NewInsert().Model(m).Exec(ctx)
	return err
}

// AddLink adds an address elsewhere to the materials of an event. The same address, of which the same is said, is there
// already: the same form came twice.
func (d *Desk) AddLink(ctx context.Context, actor account.Actor, code string, f MaterialFacts) (*Material, error) {
	f.URL = strings.TrimSpace(f.URL)
	if err := f.Check(LinkMaterial); err != nil {
		return nil, err
	}
	var m *Material
	noted := audit.Facts{}
	_, err := d.changeNoting(ctx, actor, code, "add_material", noted, func(ctx context.Context, tx *db.Tx, e *Event) error {
		m = &Material{EventID: e.ID, Code: newCode(), Kind: LinkMaterial, CreatedAt: tx.Now(), CreatedBy: actor.UserID}
		if err := f.apply(ctx, tx, e, m); err != nil {
			return err
		}
		have, err := Materials(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if same := at(have, func(x *Material) bool { return x.Kind == LinkMaterial && x.said() == m.said() }); same != nil {
			m = same
			return errStands
		}
		put(noted, m.noted())
		return insertMaterial(ctx, tx, m)
	})
	if err != nil && !errors.Is(err, errStands) {
		return nil, err
	}
	return m, nil
}

// said is another one wherever something else is said of a link.
func (m *Material) said() string {
	return digest([]any{m.URL, m.Title, m.SessionID, m.Shown, m.ShownFrom.UnixMilli()})
}

// newCode returns the code of a material or of an upload: it can't be guessed, and stands in the keys of the store.
func newCode() string { return strings.ToLower(token.Random()) }

func put(into, from audit.Facts) {
	clear(into)
	for k, v := range from {
		into[k] = v
	}
}

// ChangeMaterial changes what is said of a material. The content of a file never changes; another one is another
// material.
func (d *Desk) ChangeMaterial(ctx context.Context, actor account.Actor, code, material string, f MaterialFacts) error {
	f.URL = strings.TrimSpace(f.URL)
	noted := audit.Facts{}
	_, err := d.changeNoting(ctx, actor, code, "change_material", noted, func(ctx context.Context, tx *db.Tx, e *Event) error {
		m, err := MaterialOf(ctx, tx, e.ID, material)
		if err != nil {
			return err
		}
		if err := f.Check(m.Kind); err != nil {
			return err
		}
		if err := f.apply(ctx, tx, e, m); err != nil {
			return err
		}
		put(noted, m.noted())
		_, err = tx.NewUpdate().Model(m).WherePK().Exec(ctx)
		return err
	})
	return err
}

// MoveMaterial puts a material one place up or, if down, one place down.
func (d *Desk) MoveMaterial(ctx context.Context, actor account.Actor, code, material string, down bool) error {
	noted := audit.Facts{"material": material}
	_, err := d.changeNoting(ctx, actor, code, "order_materials", noted, func(ctx context.Context, tx *db.Tx, e *Event) error {
		list, err := Materials(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(m Material) bool { return m.Code == material })
		if at < 0 {
			return ErrNotFound
		}
		to := at - 1
		if down {
			to = at + 1
		}
		if to >= 0 && to < len(list) {
			list[at], list[to] = list[to], list[at]
		}
		for i, m := range list {
			if m.Position == i+1 {
				continue
			}
			if _, err := tx.NewUpdate().Table("materials").Set("position = ?", i+1).Where("id = ?", m.ID).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// RemoveMaterial takes a material away. Its content goes a day later, if no other material has the same.
func (d *Desk) RemoveMaterial(ctx context.Context, actor account.Actor, code, material string) error {
	noted := audit.Facts{}
	_, err := d.changeNoting(ctx, actor, code, "remove_material", noted, func(ctx context.Context, tx *db.Tx, e *Event) error {
		m, err := MaterialOf(ctx, tx, e.ID, material)
		if err != nil {
			return err
		}
		put(noted, m.noted())
		_, err = tx.NewDelete().Model(m).WherePK().Exec(ctx)
		return err
	})
	return err
}
