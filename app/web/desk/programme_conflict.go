package desk

import (
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
)

// ConflictLine says what doesn't go together.
type ConflictLine struct {
	Text string
	Rows []int // of the form
	Tone web.Tone
}

// Row is the first of its rows.
func (x *ConflictLine) Row() int { return x.Rows[0] }

// conflicts says what doesn't go together in a draft.
func (f *programmeForm) conflicts(d *draft) []ConflictLine {
	var list []ConflictLine
	for _, x := range event.Conflicts(d.content) {
		line := ConflictLine{Text: conflictWords(f.c.Printer(), d.content, &x), Tone: web.Wait}
		if x.Prevents() {
			line.Tone = web.Stop
		}
		for _, i := range x.Sessions {
			line.Rows = append(line.Rows, d.numbers[i])
		}
		list = append(list, line)
	}
	return list
}

// conflictWords says a conflict of a programme in the reader's words.
func conflictWords(w *locale.Printer, c *event.Content, x *event.Conflict) string {
	title := func(i int) string {
		if s := w.Text(c.Sessions[i].Title); s != "" {
			return s
		}
		return w.T("desk.untitled_session")
	}
	kv := []any{"A", title(x.Sessions[0]), "When", span(w, c.Event, x.From, x.To)}
	if len(x.Sessions) > 1 {
		kv = append(kv, "B", title(x.Sessions[1]))
	}
	switch x.Kind {
	case event.RoomTwice:
		kv = append(kv, "Name", w.Text(c.Room(x.Of).Name))
	case event.RoomSmall:
		room := c.Room(x.Of)
		kv = append(kv, "Name", w.Text(room.Name), "Seats", w.Number(room.Seats), "Places", w.Number(c.Event.Seats))
	case event.TrackTwice:
		kv = append(kv, "Name", w.Text(c.Track(x.Of).Name))
	case event.SpeakerTwice:
		kv = append(kv, "Name", c.Speaker(x.Of).Name)
	}
	return w.T("desk.conflict."+string(x.Kind), kv...)
}

// merge holds a draft against what somebody else has stored since the form was drawn, and reports whether the
// programme was touched: then the rows have what both did, and a note where the other one did something.
func (f *programmeForm) merge(d *draft) (touched bool) {
	note := func(code, key string, kv ...any) {
		f.notes[code] = f.c.T(key, kv...)
		touched = true
	}
	sent := map[string]bool{}
	for n, r := range f.rows {
		code := r.get("code")
		if code == "" {
			continue
		}
		sent[code] = true
		now, mine := f.storedBy(code), d.of(n+1)
		switch {
		case now.Code == "" && !r.has("gone"):
			note(code, "desk.meanwhile.removed")
		case now.Code == "" || now.Digest() == r.get("was"):
			// they left it alone, or both took it away
		case mine != nil && f.digest(mine) == r.get("was"):
			f.rows[n] = f.rowOf(now)
			note(code, "desk.meanwhile.taken")
		default:
			delete(r, "gone")
			r.set("was", now.Digest())
			note(code, "desk.meanwhile.changed", "Stored", f.c.Printer().Text(now.Title)+", "+span(f.c.Printer(), f.event, now.StartsAt.Time, now.EndsAt.Time))
		}
	}
	for i := range f.stored.Sessions {
		if s := &f.stored.Sessions[i]; !sent[s.Code] {
			f.rows = append(f.rows, f.rowOf(s))
			note(s.Code, "desk.meanwhile.added")
		}
	}
	return touched
}

// digest is that of a session as it would be stored.
func (f *programmeForm) digest(s *event.Session) string {
	was := f.storedBy(s.Code)
	same := *s
	same.Title.Stale, same.Description.Stale = was.Title.Stale, was.Description.Stale
	return same.Digest()
}
