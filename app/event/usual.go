package event

import (
	"attesta/app/db"
	"attesta/app/locale"
)

// UsualProgramme is a programme to begin with: on each day sessions, coffee and lunch between 09:00 and 17:00, an
// opening on the first, a closing on the last. Its titles are those of the catalogues, in every language.
func UsualProgramme(words *locale.Catalogue, e *Event) []Session {
	u := usual{words: words, event: e}
	for i := range e.Days {
		u.day = e.StartsOn.Plus(i)
		first, last := i == 0, i == e.Days-1
		if first {
			u.add(900, 930, Plenary, "event.usual.opening")
			u.session(930, 1045, Plenary)
		} else {
			u.session(900, 1045, Plenary)
		}
		u.add(1045, 1100, Break, "event.usual.coffee")
		u.session(1100, 1230, Plenary)
		u.add(1230, 1330, Break, "event.usual.lunch")
		u.session(1330, 1500, afternoon(e.Type))
		u.add(1500, 1515, Break, "event.usual.coffee")
		if last {
			u.session(1515, 1630, afternoon(e.Type))
			u.add(1630, 1700, Plenary, "event.usual.closing")
		} else {
			u.session(1515, 1700, afternoon(e.Type))
		}
	}
	return u.list
}

// afternoon is what one does after lunch.
func afternoon(t Type) SessionKind {
	if t == Conference || t == RoundTable {
		return Panel
	}
	return GroupWork
}

// usual is a usual programme on its way.
type usual struct {
	words *locale.Catalogue
	event *Event
	day   db.Day
	n     int // sessions with a number
	list  []Session
}

func (u *usual) session(from, to int, kind SessionKind) {
	u.n++
	u.add(from, to, kind, "event.usual.session", "N", u.n)
}

// add takes hours as they are written without the colon: 930.
func (u *usual) add(from, to int, kind SessionKind, key string, kv ...any) {
	title := locale.NewText(u.event.Original(), "")
	for _, code := range u.words.Locales() {
		title.By[code] = u.words.Printer(code).T(key, kv...)
	}
	starts, _ := u.day.At(u.event.Location(), from/100, from%100)
	ends, _ := u.day.At(u.event.Location(), to/100, to%100)
	u.list = append(u.list, Session{Day: u.day, StartsAt: db.At(starts), EndsAt: db.At(ends), Kind: kind, Title: title, Counts: kind != Break})
}
