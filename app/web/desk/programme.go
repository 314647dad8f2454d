package desk

import (
	"slices"
	"strconv"
	"strings"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/web"
)

// programmePage is the programme as one form: a row a session, under its day.
type programmePage struct {
	eventPage
	Days      []ProgrammeDay
	Rows      int // all of them
	Choices   []web.Option
	Kinds     []web.Option
	Rooms     []string
	Tracks    []string
	People    []web.Option
	Tongues   []Translation // besides the language in which it is written
	Into      []web.Option  // interpretation
	Original  locale.Code
	Sessions  bool // presence is counted by session
	Empty     bool // nothing is stored, and nothing typed
	Conflicts []ConflictLine
	Wrong     []WrongLine
	Checked   bool   // it was asked whether everything goes together
	Focus     string // the field to go on with
	Shifts    []web.Option
}

// ProgrammeDay is one day of the event with its rows.
type ProgrammeDay struct {
	Day, Label string
	Rows       []*ProgrammeRow
}

// ProgrammeRow is one session in the form; N counts from 1.
type ProgrammeRow struct {
	Page            *programmePage
	N               int
	Prefix          string // of the names of its fields
	Title           string // as it is called outside the form, never empty
	Gone            bool   // goes when the form is saved
	Open            bool   // what is folded has something wrong
	WrongTranslated bool   // in another language than the original
	Summary         string // of what is folded
	Conflicts       []ConflictLine
	Note            string // what somebody else did to it meanwhile
}

// SpeakerLabel is the key of the field for names that can't be ticked.
func (r *ProgrammeRow) SpeakerLabel() string {
	if len(r.Page.People) == 0 {
		return "desk.session_speakers"
	}
	return "desk.speaker_new"
}

// Prevented reports whether something keeps the programme from being saved.
func (page *programmePage) Prevented() bool {
	return slices.ContainsFunc(page.Conflicts, func(x ConflictLine) bool { return x.Tone == web.Stop })
}

func prefix(n int) string { return "session_" + strconv.Itoa(n) + "_" }

// programmeForm is the form of one event's programme while it is read and answered.
type programmeForm struct {
	*web.Form
	c        *web.Ctx
	words    *locale.Catalogue
	event    *event.Event
	stored   *event.Content
	original locale.Code // in which it is written
	rows     []sessionRow
	notes    map[string]string // by code, what somebody else did meanwhile
	focus    string
}

// mostProgramme is how many bytes the form of a long programme has at most.
const mostProgramme = 8 << 20

func (p *Pages) programmeRoutes() []web.Route {
	edit := web.Permission(account.EditEvent)
	save, check := web.POST(one+"/programme", edit, p.programme), web.POST(one+"/programme/check", edit, p.checkProgramme)
	save.Body, check.Body = mostProgramme, mostProgramme
	return []web.Route{web.GET(one+"/programme", edit, p.programme), save, check}
}

func (p *Pages) programmeForm(c *web.Ctx) (*programmeForm, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, err
	}
	if err := event.May(c.Actor(), account.EditEvent, e); err != nil {
		return nil, err
	}
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	if err != nil {
		return nil, err
	}
	f := &programmeForm{Form: c.Form(), c: c, words: p.Catalogue, event: e, stored: content, original: e.Original(), notes: map[string]string{}}
	if code := locale.Code(f.Value("original")); p.Catalogue.Has(code) {
		f.original = code
	}
	f.take()
	return f, nil
}

func (p *Pages) programme(c *web.Ctx) error {
	f, err := p.programmeForm(c)
	if err != nil {
		return err
	}
	if !c.IsPost() {
		f.fill()
		return p.renderProgramme(f, false)
	}
	do, which, _ := strings.Cut(f.Value("do"), " ")
	switch do {
	case "":
		return p.saveProgramme(f)
	case "usual":
		return p.usualProgramme(f)
	}
	f.do(do, which)
	return p.renderProgramme(f, do == "check")
}

// checkProgramme says of the form as it stands what doesn't go together, for the script that shows it at once.
func (p *Pages) checkProgramme(c *web.Ctx) error {
	f, err := p.programmeForm(c)
	if err != nil {
		return err
	}
	page := &programmePage{eventPage: p.under(c, f.event, "desk.part.sessions"), Checked: true}
	draft := f.read()
	page.Conflicts, page.Wrong = f.conflicts(draft), draft.wrongTimes(c.Printer())
	b, err := c.Fragment("desk/event_programme_check", page)
	if err != nil {
		return err
	}
	return c.Send("text/html; charset=utf-8", b)
}

// usualProgramme puts a usual programme in place of none.
func (p *Pages) usualProgramme(f *programmeForm) error {
	if len(f.stored.Sessions) > 0 {
		return f.c.Redirect(f.address())
	}
	e := f.event
	err := p.Events.SetProgramme(f.c.Context(), f.c.Actor(), e.Code, e.Version, event.UsualProgramme(p.Catalogue, e))
	if err == nil {
		f.c.Flash(web.Go, "desk.usual_done")
		return f.c.Redirect(f.address())
	}
	if !f.Refused(err) {
		return err
	}
	return p.renderProgramme(f, false)
}

func (f *programmeForm) address() string { return "/desk/events/" + f.event.Code + "/programme" }

func (p *Pages) saveProgramme(f *programmeForm) error {
	f.rows = slices.DeleteFunc(f.rows, sessionRow.empty)
	f.put()
	draft := f.read()
	err := draft.wrong.Err()
	version, _ := strconv.Atoi(f.Value("version"))
	if twice := err == nil && version != f.event.Version && draft.plan.Stands(f.event, f.stored.Sessions); twice {
		f.c.Flash(web.Go, "common.saved")
		return f.c.Redirect(f.address())
	}
	if err == nil && version != f.event.Version && f.merge(draft) {
		f.Set("version", strconv.Itoa(f.event.Version))
		f.put()
		err = fault.New(fault.Conflict, "desk.meanwhile")
	}
	if err == nil {
		err = draft.beside(p.Events.SetPlan(f.c.Context(), f.c.Actor(), f.event.Code, f.event.Version, draft.plan))
	}
	if err == nil {
		f.c.Flash(web.Go, "common.saved")
		return f.c.Redirect(f.address())
	}
	if !f.Refused(err) {
		return err
	}
	return p.renderProgramme(f, false)
}

// fill puts the stored sessions into the form, and for an event without any an empty row.
func (f *programmeForm) fill() {
	f.Set("version", strconv.Itoa(f.event.Version))
	for i := range f.stored.Sessions {
		f.rows = append(f.rows, f.rowOf(&f.stored.Sessions[i]))
	}
	if len(f.rows) == 0 {
		f.rows = append(f.rows, begun(f.event.StartsOn.String(), ""))
	}
	f.put()
}

func (p *Pages) renderProgramme(f *programmeForm, checked bool) error {
	c, e := f.c, f.event
	f.Set("original", string(f.original))
	page := &programmePage{
		eventPage: p.under(c, e, "desk.part.sessions"), Sessions: e.Unit == event.BySessions, Checked: checked, Original: f.original, Rows: len(f.rows), Focus: f.focus,
		Empty: len(f.stored.Sessions) == 0 && !slices.ContainsFunc(f.rows, func(r sessionRow) bool { return !r.empty() }),
	}
	page.Wide, page.Scripts = true, []string{"js/desk-programme.js"}
	draft := f.read()
	page.Conflicts = f.conflicts(draft)
	page.offer(f)
	page.lay(f, draft)
	return c.Render("desk/event_programme", page)
}

// offer fills what there is to choose from.
func (page *programmePage) offer(f *programmeForm) {
	w := f.c.Printer()
	for i := range f.event.Days {
		day := f.event.StartsOn.Plus(i)
		page.Choices = append(page.Choices, web.Option{Value: day.String(), Label: w.DateFull(day.Time)})
	}
	for _, k := range event.SessionKinds {
		page.Kinds = append(page.Kinds, web.Option{Value: string(k), Label: w.T("desk.kind." + string(k))})
	}
	for i := range f.stored.Rooms {
		page.Rooms = append(page.Rooms, f.name(f.stored.Rooms[i].Name))
	}
	for i := range f.stored.Tracks {
		page.Tracks = append(page.Tracks, f.name(f.stored.Tracks[i].Name))
	}
	for _, x := range f.stored.Speakers {
		page.People = append(page.People, web.Option{Value: x.Code, Label: x.Name})
	}
	for _, code := range f.event.Interpretation.V {
		page.Into = append(page.Into, web.Option{Value: string(code), Label: w.T("language." + string(code))})
	}
	for _, code := range f.tongues() {
		page.Tongues = append(page.Tongues, Translation{Name: string(code), Label: w.T("language." + string(code)), Lang: string(code), Code: code})
	}
}

// tongues are the languages into which titles are translated here: the event's, and those in which there is something.
func (f *programmeForm) tongues() []locale.Code {
	var list []locale.Code
	for _, code := range f.words.Locales() {
		there := slices.Contains(f.event.Languages.V, code) || slices.ContainsFunc(f.stored.Sessions, func(s event.Session) bool {
			return s.Title.By[code] != "" || s.Description.By[code] != ""
		}) || slices.ContainsFunc(f.rows, func(r sessionRow) bool { return r.has("title_" + string(code)) })
		if there && code != f.original {
			list = append(list, code)
		}
	}
	return list
}

// lay puts the rows under their days.
func (page *programmePage) lay(f *programmeForm, draft *draft) {
	for _, x := range page.Choices {
		page.Days = append(page.Days, ProgrammeDay{Day: x.Value, Label: x.Label})
	}
	for i, r := range f.rows {
		n := i + 1
		x := &ProgrammeRow{Page: page, N: n, Prefix: prefix(n), Title: r.called(f, n), Gone: r.get("gone") != "", Note: f.notes[r.get("code")], Summary: r.summary(f)}
		for _, line := range page.Conflicts {
			if slices.Contains(line.Rows, n) {
				x.Conflicts = append(x.Conflicts, line)
			}
		}
		for _, name := range foldedFields {
			x.Open = x.Open || f.Error(x.Prefix+name) != ""
		}
		for _, t := range page.Tongues {
			x.WrongTranslated = x.WrongTranslated || f.Error(x.Prefix+"title_"+t.Name) != "" || f.Error(x.Prefix+"description_"+t.Name) != ""
		}
		x.Open = x.Open || x.WrongTranslated
		at := max(0, slices.IndexFunc(page.Days, func(d ProgrammeDay) bool { return d.Day == r.get("day") }))
		page.Days[at].Rows = append(page.Days[at].Rows, x)
		if !x.Gone && draft.of(n) != nil && !draft.of(n).StartsAt.IsZero() {
			page.Shifts = append(page.Shifts, web.Option{Value: strconv.Itoa(n), Label: page.Days[at].Label + ", " + r.get("starts") + " – " + x.Title})
		}
	}
}

// name is what a room or track is called in the form.
func (f *programmeForm) name(t locale.Text) string {
	if s := t.By[f.original]; s != "" {
		return s
	}
	s, _ := t.In(t.Original)
	return s
}
