package desk

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
)

// programmePage is the programme as one form: a row a session.
type programmePage struct {
	eventPage
	Rows     []ProgrammeRow
	Days     []web.Option
	Kinds    []web.Option
	Tongues  []web.Option
	Locales  []Translation
	Changed  bool
	Sessions bool // presence is counted by session
}

// ProgrammeRow is one session in the form; N counts from 1.
type ProgrammeRow struct {
	N      int
	Prefix string // of the names of its fields
}

// maxSessions is how many rows are taken at most.
const maxSessions = 200

// fields of a row, besides the titles in further languages.
var rowFields = []string{"day", "starts", "ends", "kind", "title", "room", "counts"}

func prefix(n int) string { return "session_" + strconv.Itoa(n) + "_" }

func (p *Pages) programme(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	if err := event.May(c.Actor(), account.EditEvent, e); err != nil {
		return err
	}
	page := &programmePage{eventPage: p.under(c, e, "desk.part.sessions"), Sessions: e.Unit == event.BySessions}
	page.Wide = true
	rows := 0
	if c.IsPost() {
		var done bool
		if rows, done, err = p.saveProgramme(c, e, page); err != nil || done {
			return err
		}
	} else if rows, err = p.fillProgramme(c, e); err != nil {
		return err
	}
	for n := 1; n <= rows; n++ {
		page.Rows = append(page.Rows, ProgrammeRow{n, prefix(n)})
	}
	for i := range e.Days {
		day := e.StartsOn.Plus(i)
		page.Days = append(page.Days, web.Option{Value: day.String(), Label: c.Printer().DateFull(day.Time)})
	}
	for _, k := range event.SessionKinds {
		page.Kinds = append(page.Kinds, web.Option{Value: string(k), Label: c.T("desk.kind." + string(k))})
	}
	page.Tongues, page.Locales = p.tongues(c)
	return c.Render("desk/event_programme", page)
}

// fillProgramme puts the stored sessions into the form, and for an event without any an empty row.
func (p *Pages) fillProgramme(c *web.Ctx, e *event.Event) (int, error) {
	sessions, err := event.Programme(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return 0, err
	}
	f := c.Form()
	f.Set("version", strconv.Itoa(e.Version))
	f.Set("original", string(e.Title.Original))
	for i, s := range sessions {
		at := prefix(i + 1)
		f.Set(at+"day", s.Day.String())
		f.Set(at+"starts", local(e, s.StartsAt).Format("15:04"))
		f.Set(at+"ends", local(e, s.EndsAt).Format("15:04"))
		f.Set(at+"kind", string(s.Kind))
		title, _ := s.Title.In(s.Title.Original)
		f.Set(at+"title", title)
		for code, t := range s.Title.By {
			f.Set(at+"title_"+string(code), t)
		}
		if s.Counts {
			f.Set(at+"counts", "yes")
		}
		if i == 0 {
			f.Set("original", string(s.Title.Original))
		}
	}
	if len(sessions) == 0 {
		begin(f, 1, e.StartsOn.String())
		return 1, nil
	}
	return len(sessions), nil
}

// begin makes an empty row.
func begin(f *web.Form, n int, day string) {
	f.Set(prefix(n)+"day", day)
	f.Set(prefix(n)+"kind", string(event.Plenary))
	f.Set(prefix(n)+"counts", "yes")
}

// saveProgramme does what a button asks: adds or removes a row, or saves. It returns how many rows the form has now,
// and whether the answer has been given.
func (p *Pages) saveProgramme(c *web.Ctx, e *event.Event, page *programmePage) (rows int, done bool, err error) {
	f := c.Form()
	sent, _ := strconv.Atoi(f.Value("rows"))
	sent = min(max(sent, 0), maxSessions)
	do, which, _ := strings.Cut(f.Value("do"), " ")
	drop, _ := strconv.Atoi(which)
	keep := func(n int) bool {
		if do == "" {
			return !p.empty(f, n)
		}
		return do != "remove" || n != drop
	}
	rows = p.renumber(f, sent, keep)
	switch {
	case do == "add" && rows < maxSessions:
		rows++
		day := f.Value(prefix(rows-1) + "day")
		if day == "" {
			day = e.StartsOn.String()
		}
		begin(f, rows, day)
		f.Set(prefix(rows)+"starts", f.Value(prefix(rows-1)+"ends"))
		return rows, false, nil
	case do != "":
		return rows, false, nil
	}
	sessions, err := p.readSessions(c, e, rows)
	if version, _ := strconv.Atoi(f.Value("version")); err == nil && version != e.Version {
		err, page.Changed = event.ErrChanged, true
		f.Set("version", strconv.Itoa(e.Version))
	}
	if err == nil {
		err = p.Events.SetProgramme(c.Context(), c.Actor(), e.Code, e.Version, sessions)
	}
	if err == nil {
		c.Flash(web.Go, "common.saved")
		return rows, true, c.Redirect("/desk/events/" + e.Code + "/programme")
	}
	if f.Refused(err) {
		err = nil
	}
	return rows, false, err
}

// empty reports whether nothing was typed into a row.
func (p *Pages) empty(f *web.Form, n int) bool {
	for _, name := range []string{"starts", "ends", "title", "room"} {
		if f.Value(prefix(n)+name) != "" {
			return false
		}
	}
	return true
}

// renumber moves the rows that are kept together and returns how many there are.
func (p *Pages) renumber(f *web.Form, sent int, keep func(int) bool) int {
	names := rowFields
	for _, code := range p.Catalogue.Locales() {
		names = append(names[:len(names):len(names)], "title_"+string(code))
	}
	rows := 0
	for n := 1; n <= sent; n++ {
		if !keep(n) {
			continue
		}
		rows++
		for _, name := range names {
			f.Set(prefix(rows)+name, f.Value(prefix(n)+name))
		}
	}
	return rows
}

func (p *Pages) readSessions(c *web.Ctx, e *event.Event, rows int) ([]event.Session, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	original := locale.Code(r.Value("original"))
	if !p.Catalogue.Has(original) {
		original = c.Locale()
	}
	var list []event.Session
	for n := 1; n <= rows; n++ {
		at := prefix(n)
		s := event.Session{Kind: event.SessionKind(r.Value(at + "kind")), Counts: r.Ticked(at + "counts")}
		s.Title = r.text(at+"title", original, 300)
		s.StartsAt, s.EndsAt = r.at(e, at+"day", at+"starts"), r.at(e, at+"day", at+"ends")
		if !slices.Contains(event.SessionKinds, s.Kind) {
			r.wrong.Add(at+"kind", "form.choose")
		}
		if s.Title.IsZero() {
			r.wrong.Add(at+"title", "form.required")
		}
		if !s.StartsAt.IsZero() && !s.EndsAt.IsZero() && !s.EndsAt.After(s.StartsAt.Time) {
			r.wrong.Add(at+"ends", "form.end_before_start")
		}
		list = append(list, s)
	}
	return list, r.wrong.Err()
}

// at reads an hour of one of the event's days, on the event's clock.
func (r *reader) at(e *event.Event, day, hour string) db.Time {
	d, err := db.ParseDay(r.Value(day))
	if err != nil || d.Before(e.StartsOn.Time) || d.After(e.EndsOn().Time) {
		r.wrong.Add(day, "form.choose")
		return db.Time{}
	}
	t, err := time.Parse("15:04", fmt.Sprintf("%.5s", r.Value(hour)))
	if err != nil {
		key := "desk.hour"
		if r.Value(hour) == "" {
			key = "form.required"
		}
		r.wrong.Add(hour, key)
		return db.Time{}
	}
	return db.At(d.In(e.Location(), t.Hour(), t.Minute()))
}
