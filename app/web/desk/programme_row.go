package desk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/event"
	"attesta/app/locale"
)

// sessionRow is what stands in the fields of one session, by their names without the prefix. What wasn't sent isn't there.
type sessionRow map[string][]string

// Fields of a row, besides titles and descriptions in further languages: those that are always seen, and those that
// are folded away.
var (
	shownFields  = []string{"code", "was", "gone", "starts", "ends", "kind", "title", "room"}
	foldedFields = []string{"day", "track", "description", "speakers", "speaker_new", "counts", "minutes", "interpretation"}
)

func (r sessionRow) get(name string) string {
	if v := r[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

func (r sessionRow) set(name string, values ...string) { r[name] = values }

// has reports whether something stands in a field.
func (r sessionRow) has(name string) bool { return r.get(name) != "" }

// empty reports whether nothing was typed into a row that isn't stored.
func (r sessionRow) empty() bool {
	for name, v := range r {
		switch name {
		case "day", "kind", "counts", "was", "gone", "starts", "ends":
			continue
		}
		if slices.ContainsFunc(v, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			return false
		}
	}
	return !r.has("starts") || !r.has("ends")
}

// begun is an empty row.
func begun(day, starts string) sessionRow {
	return sessionRow{"day": {day}, "starts": {starts}, "kind": {string(event.Plenary)}, "counts": {"yes"}}
}

// onward is when a session that follows begins, or "" if that isn't on the same day.
func (r sessionRow) onward() string {
	if ends := clock(r.get("ends")); ends > clock(r.get("starts")) {
		return ends
	}
	return ""
}

// copied is a row for another session that is like r.
func (r sessionRow) copied() sessionRow {
	c := sessionRow{}
	for name, v := range r {
		c[name] = slices.Clone(v)
	}
	delete(c, "code")
	delete(c, "was")
	return c
}

// called is the title of a row, or its number.
func (r sessionRow) called(f *programmeForm, n int) string {
	if s := r.get("title"); s != "" {
		return s
	}
	for _, code := range f.words.Locales() {
		if s := r.get("title_" + string(code)); s != "" {
			return s
		}
	}
	return f.c.T("desk.session_n", "N", n)
}

// summary says what is folded away: the track and who leads it.
func (r sessionRow) summary(f *programmeForm) string {
	var list []string
	for _, x := range f.stored.Speakers {
		if slices.Contains(r["speakers"], x.Code) {
			list = append(list, x.Name)
		}
	}
	list = append(list, names(r.get("speaker_new"))...)
	if r.has("track") {
		list = append(list, r.get("track"))
	}
	return strings.Join(list, " · ")
}

// fieldNames are the names of all fields of a row.
func (f *programmeForm) fieldNames() []string {
	names := slices.Concat(shownFields, foldedFields)
	for _, code := range f.words.Locales() {
		names = append(names, "title_"+string(code), "description_"+string(code))
	}
	return names
}

// take reads the rows that were sent.
func (f *programmeForm) take() {
	sent, _ := strconv.Atoi(f.Value("rows"))
	for n := 1; n <= min(sent, event.MaxSessions+1); n++ {
		r := sessionRow{}
		for _, name := range f.fieldNames() {
			if v := f.Values(prefix(n) + name); v != nil {
				r[name] = slices.Clone(v)
			}
		}
		f.rows = append(f.rows, r)
	}
}

// put puts the rows back into the form, in the order of days and hours; a row without an hour stays after the one
// before it.
func (f *programmeForm) put() {
	type place struct {
		day, starts string
		r           sessionRow
	}
	var list []place
	for _, r := range f.rows {
		x := place{r.get("day"), clock(r.get("starts")), r}
		if n := len(list); x.starts == "" && n > 0 && list[n-1].day == x.day {
			x.starts = list[n-1].starts
		}
		list = append(list, x)
	}
	slices.SortStableFunc(list, func(a, b place) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.starts, b.starts)) })
	names := f.fieldNames()
	for i, x := range list {
		f.rows[i] = x.r
		for _, name := range names {
			f.Set(prefix(i+1)+name, x.r[name]...)
		}
	}
	f.Set("rows", strconv.Itoa(len(f.rows)))
}

// clock is an hour of equal width, or "".
func clock(s string) string {
	h, m, ok := hourOf(s)
	if !ok {
		return ""
	}
	return time.Date(2000, 1, 1, h, m, 0, 0, time.UTC).Format("15:04")
}

// hourOf reads an hour as it is typed: 09:30, 9:30, 9.30.
func hourOf(s string) (hour, minute int, ok bool) {
	h, m, _ := strings.Cut(strings.ReplaceAll(s, ".", ":"), ":")
	m, _, _ = strings.Cut(m, ":") // without seconds
	hour, err := strconv.Atoi(h)
	minute, err2 := strconv.Atoi(m)
	return hour, minute, err == nil && err2 == nil && len(m) == 2 && hour >= 0 && hour < 24 && minute >= 0 && minute < 60
}

// rowOf is a stored session as a row.
func (f *programmeForm) rowOf(s *event.Session) sessionRow {
	r := sessionRow{"code": {s.Code}, "was": {s.Digest()}, "day": {s.Day.String()}, "kind": {string(s.Kind)}, "counts": nil, "minutes": nil, "speakers": nil, "interpretation": nil}
	r.set("starts", local(f.event, s.StartsAt).Format("15:04"))
	r.set("ends", local(f.event, s.EndsAt).Format("15:04"))
	for code, t := range s.Title.By {
		r.set("title_"+string(code), t)
	}
	for code, t := range s.Description.By {
		r.set("description_"+string(code), t)
	}
	r.set("title", s.Title.By[f.original])
	r.set("description", s.Description.By[f.original])
	if x := f.stored.Room(s.RoomID); x != nil {
		r.set("room", f.name(x.Name))
	}
	if x := f.stored.Track(s.TrackID); x != nil {
		r.set("track", f.name(x.Name))
	}
	for _, x := range f.stored.SpeakersOf(s) {
		r["speakers"] = append(r["speakers"], x.Code)
	}
	if s.Counts {
		r.set("counts", "yes")
	}
	if s.CountedMinutes > 0 {
		r.set("minutes", strconv.Itoa(s.CountedMinutes))
	}
	for _, code := range s.Interpretation.V {
		r["interpretation"] = append(r["interpretation"], string(code))
	}
	return r
}

// do does what a button of the form asks: which is the row, or for add the day.
func (f *programmeForm) do(what, which string) {
	n, _ := strconv.Atoi(which)
	here := n >= 1 && n <= len(f.rows)
	room := len(f.rows) < event.MaxSessions
	switch {
	case what == "add" && room:
		f.add(which)
	case what == "after" && here && room:
		f.insert(n, begun(f.rows[n-1].get("day"), f.rows[n-1].onward()))
	case what == "copy" && here && room:
		f.insert(n, f.rows[n-1].copied())
	case what == "remove" && here && (f.rows[n-1].empty() || !f.rows[n-1].has("code") && f.rows[n-1].has("gone")):
		f.rows = slices.Delete(f.rows, n-1, n)
	case what == "remove" && here:
		f.rows[n-1].set("gone", "yes")
		f.focus = "restore-" + which
	case what == "restore" && here:
		delete(f.rows[n-1], "gone")
		f.focus = "f-" + prefix(n) + "title"
	case what == "shift":
		f.shift()
	}
	f.put()
}

// add puts an empty row after the last one of a day, of the last day if none is named.
func (f *programmeForm) add(day string) {
	if day == "" && len(f.rows) > 0 {
		day = f.rows[len(f.rows)-1].get("day")
	}
	if day == "" {
		day = f.event.StartsOn.String()
	}
	at, starts := len(f.rows), ""
	for i, r := range f.rows {
		if r.get("day") == day && !r.has("gone") {
			at, starts = i+1, r.onward()
		}
	}
	f.insert(at, begun(day, starts))
}

// insert puts a row at place at, where one goes on.
func (f *programmeForm) insert(at int, r sessionRow) {
	f.rows = slices.Insert(f.rows, at, r)
	f.put()
	for i := range f.rows {
		if sameRow(f.rows[i], r) {
			f.focus = "f-" + prefix(i+1) + "title"
		}
	}
}

// sameRow reports whether a and b are one row, not only alike.
func sameRow(a, b sessionRow) bool {
	const mark = "mark"
	a[mark] = nil
	_, there := b[mark]
	delete(a, mark)
	return there
}

// shift moves a session and all later ones of its day by some minutes.
func (f *programmeForm) shift() {
	n, _ := strconv.Atoi(f.Value("shift_from"))
	by, err := strconv.Atoi(strings.ReplaceAll(f.Value("shift_by"), "−", "-"))
	if n < 1 || n > len(f.rows) || err != nil || by < -1439 || by > 1439 {
		return
	}
	from := f.rows[n-1]
	for _, r := range f.rows {
		if r.get("day") != from.get("day") || clock(r.get("starts")) < clock(from.get("starts")) || r.has("gone") {
			continue
		}
		for _, name := range []string{"starts", "ends"} {
			if h, m, ok := hourOf(r.get(name)); ok {
				at := ((h*60+m+by)%1440 + 1440) % 1440
				r.set(name, clock(strconv.Itoa(at/60)+":"+strconv.Itoa(at%60/10)+strconv.Itoa(at%10)))
			}
		}
	}
	f.Set("shift_by", "")
	f.focus = "f-" + prefix(n) + "starts"
}

// names are those that were typed with commas between them.
func names(s string) []string {
	var list []string
	for x := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if x = locale.Clean(x); x != "" {
			list = append(list, x)
		}
	}
	return list
}
