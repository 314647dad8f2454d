package desk

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/file"
	"attesta/app/locale"
	"attesta/app/web"
)

// maxPlain is how large a file may be that is sent without the script, which sends larger ones in parts.
const maxPlain = 10 << 20

func (p *Pages) materialRoutes() []web.Route {
	view, edit := web.Permission(account.ViewEvent), web.Permission(account.EditEvent)
	const all, material, upload = one + "/materials", one + "/materials/:material", one + "/uploads/:upload"
	routes := []web.Route{
		web.GET(all, edit, p.materials),
		web.POST(all, edit, p.moveMaterial),
		web.GET(all+"/new", edit, p.newMaterial),
		web.POST(all+"/new", edit, p.newMaterial),
		web.GET(material, edit, p.material),
		web.POST(material, edit, p.material),
		web.GET(material+"/remove", edit, p.removeMaterial),
		web.POST(material+"/remove", edit, p.removeMaterial),
		web.GET(material+"/file", view, p.materialFile),
		web.POST(one+"/uploads", edit, p.beginUpload),
		web.GET(upload, edit, p.upload),
		web.PATCH(upload, edit, p.appendUpload),
		web.POST(upload+"/finish", edit, p.finishUpload),
		web.POST(upload+"/discard", edit, p.discardUpload),
	}
	for i := range routes {
		r := &routes[i]
		switch r.Method + " " + r.Path {
		case "POST " + all + "/new":
			r.Body, r.Deadline = maxPlain+1<<16, documents
		case "PATCH " + upload:
			r.Body = event.MaxChunk
		case "POST " + upload + "/finish":
			r.Deadline = 5 * documents
		case "GET " + material + "/file":
			r.Slow = true
		}
	}
	return routes
}

// materialsPage lists the materials of an event.
type materialsPage struct {
	eventPage
	Materials []MaterialLine
	Uploads   []UploadLine
	Used      string // how much room is taken
	Kept      bool   // files can be kept here
}

// MaterialLine is one material in the list.
type MaterialLine struct {
	Code, Href  string
	Title       Said
	About       string // what it is: kind and size, or where a link leads
	Elsewhere   bool   // a link
	Session     Said
	For         string
	From        string // from when it is shown, or ""
	First, Last bool
}

// UploadLine is a file that hasn't come whole.
type UploadLine struct {
	Code, Name, Arrived string
}

func (p *Pages) materials(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	page := &materialsPage{eventPage: p.under(c, e, "desk.part.materials"), Kept: p.Events.Files != nil}
	list, err := event.Materials(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	sessions, err := event.Programme(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	for i := range list {
		line := materialLine(c, e, sessions, &list[i])
		line.First, line.Last = i == 0, i == len(list)-1
		page.Materials = append(page.Materials, line)
	}
	if page.Uploads, page.Used, err = p.room(c, e); err != nil {
		return err
	}
	return c.Render("desk/event_materials", page)
}

// room says which uploads aren't finished and how much of the event's room is taken.
func (p *Pages) room(c *web.Ctx, e *event.Event) (lines []UploadLine, used string, err error) {
	uploads, err := p.Events.Uploads(c.Context(), c.Actor(), e.Code)
	if err != nil {
		return nil, "", err
	}
	mb := func(n int64) string { return c.Printer().Number(event.Megabytes(n)) }
	for _, u := range uploads {
		lines = append(lines, UploadLine{Code: u.Code, Name: u.FileName, Arrived: c.T("material.arrived", "Sent", mb(u.Received), "All", mb(u.Size))})
	}
	n, err := event.Used(c.Context(), p.DB.Read(), e.ID)
	return lines, c.T("material.used", "Used", mb(n), "Max", mb(event.MaxFiles)), err
}

func materialLine(c *web.Ctx, e *event.Event, sessions []event.Session, m *event.Material) MaterialLine {
	w := c.Printer()
	l := MaterialLine{Code: m.Code, Title: said(w, m.Title), For: c.T("material.for." + string(m.Shown)), Elsewhere: m.Kind == event.LinkMaterial}
	l.Href = "/desk/events/" + e.Code + "/materials/" + m.Code + "/file"
	l.About = strings.ToUpper(strings.TrimPrefix(file.Ending(m.FileName), ".")) + ", " + web.FileSize(w, m.Size)
	if l.Elsewhere {
		l.Href, l.About = m.URL, m.URL
		if u, err := url.Parse(m.URL); err == nil {
			l.About = u.Hostname()
		}
	}
	if i := slices.IndexFunc(sessions, func(s event.Session) bool { return s.ID == m.SessionID }); i >= 0 {
		l.Session = said(w, sessions[i].Title)
	}
	if !m.ShownFrom.IsZero() {
		l.From = w.DateTime(local(e, m.ShownFrom))
	}
	return l
}

// moveMaterial takes "up CODE" or "down CODE".
func (p *Pages) moveMaterial(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	way, code, _ := strings.Cut(c.Form().Value("do"), " ")
	if way != "up" && way != "down" {
		return fault.New(fault.Invalid, "error.request_wrong")
	}
	if err := p.Events.MoveMaterial(c.Context(), c.Actor(), e.Code, code, way == "down"); err != nil {
		return err
	}
	return c.Redirect("/desk/events/" + e.Code + "/materials")
}

// materialPage is the form of a material, new or not.
type materialPage struct {
	eventPage
	Material *event.Material // nil for a new one
	IsLink   bool
	Sessions []web.Option
	Shown    []web.Option
	Tongues  []web.Option
	Accept   string // for the field of the file
	Uploads  []UploadLine
	Used     string
	Chunk    int
	Plain    int // megabytes that go without the script
}

func (p *Pages) newMaterial(c *web.Ctx) error {
	e, err := p.editable(c)
	if err != nil {
		return err
	}
	page := &materialPage{eventPage: p.under(c, e, "desk.part.materials"), IsLink: c.Query("kind") == "link"}
	if c.IsPost() {
		page.IsLink = c.Form().Has("kind", "link")
		err := p.addMaterial(c, e)
		if err == nil {
			c.Flash(web.Go, "material.added")
			return c.Redirect(page.Base() + "/materials")
		}
		if !c.Form().Refused(err) {
			return err
		}
	} else {
		c.Form().Set("shown", string(event.ToAll))
		c.Form().Set("language", string(e.Original()))
	}
	return p.renderMaterial(c, page)
}

func (p *Pages) addMaterial(c *web.Ctx, e *event.Event) error {
	kind := event.FileMaterial
	if c.Form().Has("kind", "link") {
		kind = event.LinkMaterial
	}
	facts, err := p.readMaterial(c, e, kind)
	if err != nil {
		return err
	}
	if kind == event.LinkMaterial {
		_, err = p.Events.AddLink(c.Context(), c.Actor(), e.Code, facts)
		return err
	}
	h := c.File("file")
	if h == nil {
		return beFile(errNoFile)
	}
	if h.Size > maxPlain {
		return beFile(fault.New(fault.Invalid, "material.too_large", "Max", maxPlain>>20))
	}
	f, err := h.Open()
	if err != nil {
		return fmt.Errorf("open the upload: %w", err)
	}
	defer f.Close()
	_, err = p.Events.AddFile(c.Context(), c.Actor(), e.Code, facts, h.Filename, f, h.Size)
	return err
}

// readMaterial reads what was said of a material. Its error has everything that is wrong.
func (p *Pages) readMaterial(c *web.Ctx, e *event.Event, kind event.MaterialKind) (event.MaterialFacts, error) {
	r := &reader{Form: c.Form(), words: p.Catalogue}
	f := event.MaterialFacts{
		Title: r.Value("title"), Language: locale.Code(r.Value("language")), Session: r.Value("session"), URL: r.Value("url"), Shown: event.Shown(r.Value("shown")),
		ShownFrom: r.instant("shown_from", e.Zone),
	}
	if !p.Catalogue.Has(f.Language) {
		f.Language = e.Original()
	}
	if refused := fault.From(f.Check(kind)); refused != nil {
		for _, x := range refused.Fields {
			r.wrong.Add(x.Name, x.Key, pairs(x.Params)...)
		}
	}
	return f, r.wrong.Err()
}

func (p *Pages) renderMaterial(c *web.Ctx, page *materialPage) error {
	e, w := page.Event, c.Printer()
	page.Back = &web.Crumb{Href: page.Base() + "/materials", Label: c.T("desk.part.materials")}
	sessions, err := event.Programme(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.Kind != event.Break {
			page.Sessions = append(page.Sessions, web.Option{Value: s.Code, Label: w.Time(local(e, s.StartsAt)) + " " + w.Text(s.Title), Group: w.DateFull(local(e, s.StartsAt))})
		}
	}
	for _, s := range event.Audiences {
		page.Shown = append(page.Shown, web.Option{Value: string(s), Label: c.T("material.for." + string(s)), Hint: c.T("material.hint." + string(s))})
	}
	page.Tongues, _ = p.tongues(c)
	page.Accept, page.Chunk, page.Plain = strings.Join(file.Endings(), ","), event.Chunk, maxPlain>>20
	if page.Material == nil && !page.IsLink {
		if page.Uploads, page.Used, err = p.room(c, e); err != nil {
			return err
		}
	}
	if page.Material == nil && !page.IsLink {
		page.Scripts = []string{"js/upload.js"}
	}
	return c.Render("desk/event_materials_form", page)
}

// one returns the material of the address and its event to whoever may change them.
func (p *Pages) one(c *web.Ctx) (*event.Event, *event.Material, error) {
	e, err := p.editable(c)
	if err != nil {
		return nil, nil, err
	}
	m, err := event.MaterialOf(c.Context(), p.DB.Read(), e.ID, c.Param("material"))
	if err == nil {
		c.About("material", m.ID, e.ID)
	}
	return e, m, err
}

func (p *Pages) material(c *web.Ctx) error {
	e, m, err := p.one(c)
	if err != nil {
		return err
	}
	page := &materialPage{eventPage: p.under(c, e, "desk.part.materials"), Material: m, IsLink: m.Kind == event.LinkMaterial}
	if c.IsPost() {
		facts, err := p.readMaterial(c, e, m.Kind)
		if err == nil {
			err = p.Events.ChangeMaterial(c.Context(), c.Actor(), e.Code, m.Code, facts)
		}
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect(page.Base() + "/materials")
		}
		if !c.Form().Refused(err) {
			return err
		}
	} else if err := p.fillMaterial(c, e, m); err != nil {
		return err
	}
	return p.renderMaterial(c, page)
}

// fillMaterial puts what is stored into the form.
func (p *Pages) fillMaterial(c *web.Ctx, e *event.Event, m *event.Material) error {
	f := c.Form()
	title, in := m.Title.In(m.Title.Original)
	f.Set("title", title)
	f.Set("language", string(in))
	f.Set("url", m.URL)
	f.Set("shown", string(m.Shown))
	if !m.ShownFrom.IsZero() {
		f.Set("shown_from", local(e, m.ShownFrom).Format("2006-01-02T15:04"))
	}
	sessions, err := event.Programme(c.Context(), p.DB.Read(), e.ID)
	if err != nil {
		return err
	}
	for _, s := range sessions {
		if s.ID == m.SessionID {
			f.Set("session", s.Code)
		}
	}
	return nil
}

// materialGone asks with the name of the material.
type materialGone struct {
	eventPage
	Line MaterialLine
}

func (p *Pages) removeMaterial(c *web.Ctx) error {
	e, m, err := p.one(c)
	if err != nil {
		return err
	}
	page := &materialGone{eventPage: p.under(c, e, "desk.part.materials"), Line: materialLine(c, e, nil, m)}
	if c.IsPost() {
		if err := p.Events.RemoveMaterial(c.Context(), c.Actor(), e.Code, m.Code); err != nil {
			return err
		}
		c.Flash(web.Calm, "material.removed")
		return c.Redirect(page.Base() + "/materials")
	}
	page.Back = &web.Crumb{Href: page.Base() + "/materials", Label: c.T("desk.part.materials")}
	return c.Render("desk/event_materials_remove", page)
}

// materialFile is the file for whoever may see the event as its organisers do.
func (p *Pages) materialFile(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	m, err := event.MaterialOf(c.Context(), p.DB.Read(), e.ID, c.Param("material"))
	if err == nil && m.Kind != event.FileMaterial {
		err = event.ErrNotFound
	}
	if err != nil {
		return err
	}
	c.About("material", m.ID, e.ID)
	return c.Attach(web.Attachment{Name: m.FileName, Type: m.Mime, Size: m.Size, Tag: m.Digest, Open: func(ctx context.Context, from int64) (io.ReadCloser, error) {
		return p.Events.Open(ctx, m, from)
	}})
}
