package desk

import (
	"errors"
	"io"
	"mime/multipart"

	"attesta/app/event"
	"attesta/app/locale"
	"attesta/app/web"
)

// personPage is the form of somebody who leads sessions, new or not.
type personPage struct {
	worded
	Event   *event.Event
	Speaker *event.Speaker // nil for a new one
	Kinds   []web.Option
	Shown   []web.Option
	Picture string
	Partly  bool // all but the portrait has been saved
}

// Base is the address of the event's pages.
func (page *personPage) Base() string { return "/desk/events/" + page.Event.Code }

// Here is where the form is sent.
func (page *personPage) Here() string {
	if page.Speaker == nil {
		return page.Base() + "/people/new"
	}
	return page.Base() + "/people/" + page.Speaker.Code
}

func (p *Pages) personPage(c *web.Ctx, e *event.Event, s *event.Speaker) *personPage {
	title, original := c.T("people.add"), e.Original()
	if s != nil {
		title = s.Name
		for _, t := range []locale.Text{s.Bio, s.Role} {
			if !t.IsZero() {
				original = firstOf(t, original)
			}
		}
	}
	back := web.Crumb{Href: "/desk/events/" + e.Code + "/people", Label: c.T("desk.part.people")}
	return &personPage{worded: p.worded(c, title, original, back), Event: e, Speaker: s}
}

func (p *Pages) addPerson(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	page := p.personPage(c, e, nil)
	if !c.IsPost() {
		f := c.Form()
		f.Set("original", string(page.Original))
		f.Set("kind", string(event.Trainer))
		f.Set("shown", string(event.ToAll))
		return p.showPerson(c, page)
	}
	s, err := p.readPerson(c, e, event.Speaker{})
	var made *event.Speaker
	if err == nil {
		made, err = p.Events.AddSpeaker(c.Context(), c.Actor(), e.Code, s)
	}
	if err != nil {
		if !page.refused(c, err, event.ErrChanged, 0) {
			return err
		}
		return p.showPerson(c, page)
	}
	again := page.Here()
	if done, err := p.pictured(c, e, made); !done || err != nil {
		return err
	}
	c.Flash(web.Go, "people.added")
	if c.Form().Value("then") == "more" {
		return c.Redirect(again)
	}
	return c.Redirect(page.Base() + "/people")
}

func (p *Pages) person(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	now, err := p.speaker(c, e)
	if err != nil {
		return err
	}
	page := p.personPage(c, e, now)
	if !c.IsPost() {
		page.fill(c)
		return p.showPerson(c, page)
	}
	s, err := p.readPerson(c, e, *now)
	if err == nil {
		err = p.Events.ChangeSpeaker(c.Context(), c.Actor(), e.Code, now.Code, c.Form().Value("stamp"), s)
	}
	if err != nil {
		if !page.refused(c, err, event.ErrChanged, 0) {
			return err
		}
		if page.Changed { // saving again means it: over what is stored now
			c.Form().Set("stamp", now.Stamp())
		}
		return p.showPerson(c, page)
	}
	if done, err := p.pictured(c, e, now); !done || err != nil {
		return err
	}
	c.Flash(web.Go, "common.saved")
	return c.Redirect(page.Base() + "/people")
}

// pictured keeps the portrait that was sent with the form, if one was, or takes it away if that was ticked. Where it is refused the form is shown again, as
// it is stored but for the portrait, and done is false.
func (p *Pages) pictured(c *web.Ctx, e *event.Event, s *event.Speaker) (done bool, err error) {
	h := c.File("portrait")
	if h == nil && c.Form().Ticked("no_portrait") && s.Portrait != "" {
		return true, p.Events.RemovePortrait(c.Context(), c.Actor(), e.Code, s.Code)
	}
	if h == nil {
		return true, nil
	}
	file, err := contentOf(h, event.MaxPortrait)
	if err == nil {
		err = p.Events.SetPortrait(c.Context(), c.Actor(), e.Code, s.Code, file)
	}
	if err == nil {
		return true, nil
	}
	if !c.Form().Refused(err) {
		return false, err
	}
	list, err := event.Speakers(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return false, err
	}
	for i := range list {
		if list[i].Code == s.Code {
			s = &list[i]
		}
	}
	page := p.personPage(c, e, s)
	page.Partly = true
	page.fill(c)
	return false, p.showPerson(c, page)
}

// contentOf reads a file that was sent, and a byte more than is taken of one that is too large.
func contentOf(h *multipart.FileHeader, most int64) ([]byte, error) {
	f, err := h.Open()
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	return b, errors.Join(err, f.Close())
}

// speaker returns who the address names, of the event.
func (p *Pages) speaker(c *web.Ctx, e *event.Event) (*event.Speaker, error) {
	list, err := event.Speakers(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Code == c.Param("speaker") {
			return &list[i], nil
		}
	}
	return nil, event.ErrNoSpeaker
}

func (page *personPage) fill(c *web.Ctx) {
	f, s := c.Form(), page.Speaker
	f.Set("original", string(page.Original))
	f.Set("name", s.Name)
	f.Set("kind", string(s.Kind))
	f.Set("shown", string(s.Shown))
	f.Set("stamp", s.Stamp())
	fillText(f, "role", page.Original, s.Role)
	fillText(f, "bio", page.Original, s.Bio)
}

func (p *Pages) showPerson(c *web.Ctx, page *personPage) error {
	for _, kind := range event.SpeakerKinds {
		page.Kinds = append(page.Kinds, web.Option{Value: string(kind), Label: c.T(kindKeys[kind])})
	}
	page.Shown = []web.Option{
		{Value: string(event.ToAll), Label: c.T("people.shown.all"), Hint: c.T("people.shown.all_hint")},
		{Value: string(event.ToApproved), Label: c.T("people.shown.approved"), Hint: c.T("people.shown.approved_hint")},
	}
	if page.Speaker != nil {
		page.Picture = event.PortraitPath(page.Speaker.Portrait)
	}
	return c.Render("desk/event_people_form", page)
}

// readPerson reads the form; was is what is stored.
func (p *Pages) readPerson(c *web.Ctx, e *event.Event, was event.Speaker) (event.Speaker, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	original := r.original(was.Bio.Original, e.Original())
	s := event.Speaker{
		Name: locale.Clean(r.Value("name")), Kind: event.SpeakerKind(r.Value("kind")), Shown: event.Shown(r.Value("shown")),
		Role: r.written("role", original, was.Role), Bio: r.written("bio", original, was.Bio),
	}
	return s, r.with(s.Checked())
}
