package desk

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
)

// draft is what the rows of a form say, as far as they can be read.
type draft struct {
	form    *programmeForm
	plan    event.Plan
	numbers []int // of the row of each session of the plan
	wrong   fault.Form
	content *event.Content // what is stored, with the sessions of the plan and what it brings
}

// read reads the rows that stay.
func (f *programmeForm) read() *draft {
	d := &draft{form: f}
	for i, r := range f.rows {
		if !r.has("gone") && !r.empty() {
			d.plan.Sessions, d.numbers = append(d.plan.Sessions, d.session(i+1, r)), append(d.numbers, i+1)
		}
	}
	content := *f.stored
	content.Sessions = d.plan.Sessions
	content.Rooms = slices.Concat(content.Rooms, d.plan.Rooms)
	content.Tracks = slices.Concat(content.Tracks, d.plan.Tracks)
	content.Speakers = slices.Concat(content.Speakers, d.plan.Speakers)
	d.content = &content
	return d
}

// of returns the session of a row, or nil.
func (d *draft) of(n int) *event.Session {
	if i := slices.Index(d.numbers, n); i >= 0 {
		return &d.plan.Sessions[i]
	}
	return nil
}

func (d *draft) session(n int, r sessionRow) event.Session {
	f, at := d.form, prefix(n)
	was := f.storedBy(r.get("code"))
	s := event.Session{EventID: f.event.ID, Code: r.get("code"), Kind: event.SessionKind(r.get("kind")), Counts: r.has("counts")}
	s.Title = d.text(at, r, "title", was.Title, 300, locale.Clean)
	s.Description = d.text(at, r, "description", was.Description, 10_000, locale.CleanText)
	s.StartsAt, s.EndsAt = d.times(at, r)
	if !slices.Contains(event.SessionKinds, s.Kind) {
		d.wrong.Add(at+"kind", "form.choose")
	}
	if s.Title.IsZero() {
		d.wrong.Add(at+"title", "form.required")
	}
	s.RoomID, s.TrackID = d.room(at, r, was.RoomID), d.track(at, r, was.TrackID)
	s.Speakers = d.speakers(at, r, was.Speakers)
	if text := r.get("minutes"); text != "" {
		minutes, err := strconv.Atoi(text)
		if err != nil || minutes < 0 || minutes > 1440 {
			d.wrong.Add(at+"minutes", "form.between", "Min", 0, "Max", 1440)
		}
		s.CountedMinutes = minutes
	}
	for _, code := range f.event.Interpretation.V {
		if slices.Contains(r["interpretation"], string(code)) {
			s.Interpretation.V = append(s.Interpretation.V, code)
		}
	}
	return s
}

// storedBy returns the stored session with a code, or an empty one.
func (f *programmeForm) storedBy(code string) *event.Session {
	for i := range f.stored.Sessions {
		if s := &f.stored.Sessions[i]; s.Code == code && code != "" {
			return s
		}
	}
	return &event.Session{}
}

// text reads a text in several languages. What the form didn't show stays as it was.
func (d *draft) text(at string, r sessionRow, name string, was locale.Text, most int, clean func(string) string) locale.Text {
	f := d.form
	t := locale.NewText(f.original, "")
	if was.By[was.Original] != "" {
		t.Original = was.Original
	}
	for code, s := range was.By {
		t.By[code] = s
	}
	put := func(code locale.Code, field string) {
		v, sent := r[field]
		if !sent || len(v) == 0 {
			return
		}
		s := clean(v[0])
		if t.By[code] = s; s == "" {
			delete(t.By, code)
		}
		if utf8.RuneCountInString(s) > most {
			d.wrong.Add(at+field, "form.too_long", "Max", most)
		}
	}
	for _, code := range f.words.Locales() {
		if code != f.original {
			put(code, name+"_"+string(code))
		}
	}
	put(f.original, name)
	if t.IsZero() {
		return locale.Text{}
	}
	if t.By[t.Original] == "" {
		t.Original = f.original
	}
	return t
}

// times reads when a session is, on the event's clock. An end in the small hours belongs to the night after the day.
func (d *draft) times(at string, r sessionRow) (starts, ends db.Time) {
	e := d.form.event
	day, err := db.ParseDay(r.get("day"))
	if err != nil || day.Before(e.StartsOn.Time) || day.After(e.EndsOn().Time) {
		d.wrong.Add(at+"day", "form.choose")
		return starts, ends
	}
	h1, m1, ok1 := d.hour(at+"starts", r.get("starts"))
	last := r.get("ends")
	if last == "24:00" {
		last = "00:00"
	}
	h2, m2, ok2 := d.hour(at+"ends", last)
	if ok1 {
		starts = d.instant(at+"starts", day, h1, m1)
	}
	if !ok1 || !ok2 {
		return starts, ends
	}
	if h2*60+m2 <= h1*60+m1 {
		if h1 < 12 || h2*60+m2 > 6*60 {
			d.wrong.Add(at+"ends", "form.end_before_start")
			return starts, ends
		}
		day = day.Plus(1)
	}
	return starts, d.instant(at+"ends", day, h2, m2)
}

func (d *draft) hour(field, s string) (hour, minute int, ok bool) {
	hour, minute, ok = hourOf(s)
	switch {
	case s == "":
		d.wrong.Add(field, "form.required")
	case !ok:
		d.wrong.Add(field, "desk.hour")
	}
	return hour, minute, ok
}

// instant is an hour of a day; one that the clocks skip is told beside its field.
func (d *draft) instant(field string, day db.Day, hour, minute int) db.Time {
	t, exists := day.At(d.form.event.Location(), hour, minute)
	if !exists {
		from, to := db.Forward(t)
		d.wrong.Add(field, "event.clocks_forward", "From", from.Format("15:04"), "To", to.Format("15:04"))
		return db.Time{}
	}
	return db.At(t)
}

// room returns the room that is called as was typed, which may be a new one: the one that the session had, if it is
// called so, else the first.
func (d *draft) room(at string, r sessionRow, was int64) int64 {
	name := d.typed(at, r, "room")
	if name == "" {
		return 0
	}
	rooms := slices.Concat(d.form.stored.Rooms, d.plan.Rooms)
	slices.SortStableFunc(rooms, func(a, b event.Room) int { return before(a.ID == was, b.ID == was) })
	for _, x := range rooms {
		if named(x.Name, name) {
			return x.ID
		}
	}
	id := -int64(len(d.plan.Rooms) + 1)
	d.plan.Rooms = append(d.plan.Rooms, event.Room{ID: id, Name: locale.NewText(d.form.original, name)})
	return id
}

func (d *draft) track(at string, r sessionRow, was int64) int64 {
	name := d.typed(at, r, "track")
	if name == "" {
		return 0
	}
	tracks := slices.Concat(d.form.stored.Tracks, d.plan.Tracks)
	slices.SortStableFunc(tracks, func(a, b event.Track) int { return before(a.ID == was, b.ID == was) })
	for _, x := range tracks {
		if named(x.Name, name) {
			return x.ID
		}
	}
	id := -int64(len(d.plan.Tracks) + 1)
	d.plan.Tracks = append(d.plan.Tracks, event.Track{ID: id, Name: locale.NewText(d.form.original, name)})
	return id
}

func before(a, b bool) int {
	switch {
	case a && !b:
		return -1
	case b && !a:
		return 1
	}
	return 0
}

func named(t locale.Text, name string) bool {
	for _, s := range t.By {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

func (d *draft) typed(at string, r sessionRow, field string) string {
	name := locale.Clean(r.get(field))
	if utf8.RuneCountInString(name) > 200 {
		d.wrong.Add(at+field, "form.too_long", "Max", 200)
	}
	return name
}

// speakers returns who was ticked and who was typed, those who were there before in the order that they had; a name that
// isn't there yet becomes a speaker.
func (d *draft) speakers(at string, r sessionRow, was []int64) []int64 {
	var list []int64
	add := func(id int64) {
		if !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	for _, code := range r["speakers"] {
		for _, x := range d.form.stored.Speakers {
			if x.Code == code {
				add(x.ID)
			}
		}
	}
	for _, name := range names(r.get("speaker_new")) {
		if utf8.RuneCountInString(name) > 200 {
			d.wrong.Add(at+"speaker_new", "form.too_long", "Max", 200)
		}
		add(d.speaker(name))
	}
	place := func(id int64) int {
		if i := slices.Index(was, id); i >= 0 {
			return i
		}
		return len(was)
	}
	slices.SortStableFunc(list, func(a, b int64) int { return place(a) - place(b) })
	return list
}

func (d *draft) speaker(name string) int64 {
	for _, x := range slices.Concat(d.form.stored.Speakers, d.plan.Speakers) {
		if strings.EqualFold(x.Name, name) {
			return x.ID
		}
	}
	id := -int64(len(d.plan.Speakers) + 1)
	d.plan.Speakers = append(d.plan.Speakers, event.Speaker{ID: id, Name: name, Kind: event.Trainer, Shown: event.ToAll})
	return id
}

// beside puts what the domain refuses beside the fields of the rows that it is about.
func (d *draft) beside(err error) error {
	refused := fault.From(err)
	if refused == nil || errors.Is(err, event.ErrSessionAttended) {
		return err
	}
	told := *refused
	told.Fields = slices.Clone(refused.Fields)
	for i, x := range told.Fields {
		rest, ok := strings.CutPrefix(x.Name, "session_")
		at, field, _ := strings.Cut(rest, "_")
		n, _ := strconv.Atoi(at)
		if !ok || n < 1 || n > len(d.numbers) {
			continue
		}
		field = strings.TrimSuffix(field, "_"+string(d.form.original))
		told.Fields[i].Name = prefix(d.numbers[n-1]) + field
	}
	return &told
}

// WrongLine is what is wrong with one field, for the script.
type WrongLine struct{ Field, Text string }

// wrongTimes returns what is wrong with the hours that were typed. What wasn't typed yet is no fault yet.
func (d *draft) wrongTimes(w *locale.Printer) []WrongLine {
	var list []WrongLine
	f := fault.From(d.wrong.Err())
	if f == nil {
		return nil
	}
	for _, x := range f.Fields {
		if (strings.HasSuffix(x.Name, "_starts") || strings.HasSuffix(x.Name, "_ends")) && x.Key != "form.required" {
			list = append(list, WrongLine{x.Name, w.FieldFault(x)})
		}
	}
	return list
}

// span writes when something is in the days of an event: "Monday, 09:30–10:00".
func span(w *locale.Printer, e *event.Event, from, to time.Time) string {
	from, to = from.In(e.Location()), to.In(e.Location())
	day := w.Weekday(from)
	if e.Days > 7 || from.Before(e.Begins()) || !from.Before(e.Ends()) {
		day = w.DateFull(from)
	}
	return day + ", " + w.TimeRange(from, to)
}
