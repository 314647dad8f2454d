package desk

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/web"
)

// languageRoutes are the addresses of an event's texts in its languages.
func (p *Pages) languageRoutes() []web.Route {
	edit := web.Permission(account.EditEvent)
	upload, save := web.POST(one+"/languages/:language/file", edit, p.readTranslations), web.POST(one+"/languages/:language", edit, p.translate)
	upload.Body, save.Body = maxTexts, maxTexts
	return []web.Route{
		web.GET(one+"/languages", edit, p.languages),
		web.GET(one+"/languages/:language.xlsx", edit, p.textsFile),
		web.GET(one+"/languages/:language", edit, p.translate),
		save, upload,
	}
}

// languagesPage says for each language what of the event there is in it, and what its readers see.
type languagesPage struct {
	eventPage
	Groups []tongueGroup
}

// tongueGroup are languages under one heading.
type tongueGroup struct {
	ID, Title string
	Lines     []TongueLine
}

// TongueLine is one language.
type TongueLine struct {
	Code, Name string
	There, Of  int
	Missing    []string // what each missing text is
	Stale      int      // texts whose original was changed since
	Original   bool     // the event was written in it
	Shown      string   // what its readers see
	Tone       web.Tone
	Href       string
	Button     string
}

// Width is the share of the texts that there are, in per cent.
func (l TongueLine) Width() int { return 100 * l.There / max(1, l.Of) }

func (p *Pages) languages(c *web.Ctx) error {
	e, content, err := p.texts(c)
	if err != nil {
		return err
	}
	page := &languagesPage{eventPage: p.under(c, e, "desk.part.languages")}
	working := tongueGroup{ID: "working", Title: c.T("translate.working")}
	others := tongueGroup{ID: "others", Title: c.T("translate.others")}
	for _, code := range languagesOf(e, p.Catalogue) {
		line := newTongueLine(c.Printer(), content, code)
		line.Href = page.Base() + "/languages/" + string(code)
		if slices.Contains(e.Languages.V, code) {
			working.Lines = append(working.Lines, line)
		} else {
			others.Lines = append(others.Lines, line)
		}
	}
	for _, g := range []tongueGroup{working, others} {
		if len(g.Lines) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	return c.Render("desk/event_languages", page)
}

// texts returns the event of the address with its texts, to whoever may edit it.
func (p *Pages) texts(c *web.Ctx) (*event.Event, *event.Content, error) {
	e, err := p.event(c)
	if err != nil {
		return nil, nil, err
	}
	if err := event.May(c.Actor(), account.EditEvent, e); err != nil {
		return nil, nil, err
	}
	content, err := event.ReadContent(c.Context(), p.DB.Read(), e)
	return e, content, err
}

// languagesOf are the languages of the installation, the event's working languages first, in its order.
func languagesOf(e *event.Event, words *locale.Catalogue) []locale.Code {
	offered := words.Locales()
	list := slices.DeleteFunc(slices.Clone(e.Languages.V), func(x locale.Code) bool { return !slices.Contains(offered, x) })
	for _, x := range offered {
		if !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}

func newTongueLine(w *locale.Printer, c *event.Content, code locale.Code) TongueLine {
	pieces, lacks := c.Pieces(), c.Lacks(code)
	l := TongueLine{
		Code: string(code), Name: w.T("language." + string(code)), Of: len(pieces), There: len(pieces) - len(lacks), Original: c.Event.Original() == code,
		Tone: web.Go, Shown: w.T("translate.complete"), Button: w.T("translate.look"),
	}
	for _, x := range pieces {
		if x.Text.IsStale(code) {
			l.Stale++
		}
	}
	for _, x := range lacks {
		l.Missing = append(l.Missing, pieceName(w, x))
	}
	if len(lacks) == 0 {
		return l
	}
	l.Tone, l.Button = web.Wait, w.T("translate.do")
	instead := c.Tongue(code)
	l.Shown = w.N("translate.until", len(lacks), "Language", w.T("language."+string(instead)))
	if len(c.Lacks(instead)) > 0 {
		l.Shown = w.T("translate.mixed")
	}
	return l
}

// pieceName says which text it is: "Session: Opening · Title".
func pieceName(w *locale.Printer, x event.Piece) string {
	field := w.T("translate.field." + x.Field)
	if x.Of == "event" {
		return field
	}
	return w.T("translate.of."+x.Of) + ": " + w.Text(x.Thing) + " · " + field
}

// translatePage is all texts of an event beside their translations into one language.
type translatePage struct {
	eventPage
	Code    string // of the language
	Tongue  string
	Stacks  []pieceStack
	Done    bool     // nothing is missing and nothing stale
	Changed bool     // somebody else has saved the event meanwhile
	Gone    []string // what was typed for texts that aren't there any more
	Read    bool     // from a file
	Taken   int      // texts that were read from it and aren't saved yet
	Unknown string   // rows of the file that belong to no text
	Older   string   // texts whose original was changed since the file was made
}

// pieceStack are the texts that want the same of a translator.
type pieceStack struct {
	ID, Title string
	Pieces    []PieceField
}

// PieceField is one text with the field of its translation.
type PieceField struct {
	Key, Name      string
	Original, Lang string
	From           string // the name of that language
	Long, Stale    bool
	Most, Rows     int
	Stored         string // where somebody else has translated it meanwhile
}

// field names of the form
const textField, rightField = "text_", "right_"

func (p *Pages) translate(c *web.Ctx) error {
	e, content, code, err := p.translation(c)
	if err != nil {
		return err
	}
	page := p.newTranslatePage(c, e, code)
	if c.IsPost() {
		_, err := p.Events.Translate(c.Context(), c.Actor(), e.Code, version(c), readTranslation(c.Form(), content, code))
		if err == nil {
			c.Flash(web.Go, "common.saved")
			return c.Redirect(page.Base() + "/languages")
		}
		if !c.Form().Refused(err) {
			return err
		}
		if page.Changed = errors.Is(err, event.ErrChanged); page.Changed { // saving again means it
			c.Form().Set("version", strconv.Itoa(e.Version))
		}
	} else {
		fillTranslation(c.Form(), content, code)
	}
	page.fill(c, content, code)
	return c.Render("desk/event_languages_edit", page)
}

// translation returns the event of the address with its texts and the language of the address.
func (p *Pages) translation(c *web.Ctx) (*event.Event, *event.Content, locale.Code, error) {
	e, content, err := p.texts(c)
	if err != nil {
		return nil, nil, "", err
	}
	code := locale.Code(c.Param("language"))
	if !p.Catalogue.Has(code) {
		return nil, nil, "", fault.New(fault.NotFound, "error.not_found")
	}
	return e, content, code, nil
}

func (p *Pages) newTranslatePage(c *web.Ctx, e *event.Event, code locale.Code) *translatePage {
	page := &translatePage{eventPage: p.under(c, e, "desk.part.languages"), Code: string(code), Tongue: c.T("language." + string(code))}
	page.Title = c.T("translate.into", "Language", page.Tongue) + " · " + c.Printer().Text(e.Title)
	page.Back = &web.Crumb{Href: page.Base() + "/languages", Label: c.T("desk.part.languages")}
	page.Wide = true
	return page
}

// readTranslation reads what the form says of the texts that there are.
func readTranslation(f *web.Form, content *event.Content, code locale.Code) event.Translation {
	t := event.Translation{Language: code, Texts: map[string]string{}}
	for _, x := range content.Pieces() {
		key := x.Key()
		if x.WrittenIn() == code || !f.Sent(textField+key) {
			continue
		}
		t.Texts[key] = f.Value(textField + key)
		if f.Ticked(rightField + key) {
			t.Right = append(t.Right, key)
		}
	}
	return t
}

func fillTranslation(f *web.Form, content *event.Content, code locale.Code) {
	f.Set("version", strconv.Itoa(content.Event.Version))
	for _, x := range content.Pieces() {
		if x.WrittenIn() != code {
			f.Set(textField+x.Key(), x.Text.By[code])
		}
	}
}

// fill makes a field for each text: those that are missing first, then those that may be wrong, then the others.
func (p *translatePage) fill(c *web.Ctx, content *event.Content, code locale.Code) {
	stacks := []pieceStack{{ID: "missing"}, {ID: "stale"}, {ID: "done"}}
	there := map[string]bool{}
	for _, x := range content.Pieces() {
		original := x.WrittenIn()
		if original == code {
			continue
		}
		field := newPieceField(c.Printer(), x, code)
		there[textField+field.Key] = true
		if typed := c.Form().Value(textField + field.Key); p.Changed && x.Text.By[code] != "" && typed != x.Text.By[code] {
			field.Stored = x.Text.By[code]
		}
		at := 2
		switch {
		case x.Text.By[code] == "":
			at = 0
		case field.Stale:
			at = 1
		}
		stacks[at].Pieces = append(stacks[at].Pieces, field)
	}
	p.Done = len(stacks[0].Pieces)+len(stacks[1].Pieces) == 0
	for _, x := range stacks {
		if len(x.Pieces) > 0 {
			x.Title = c.T("translate.part." + x.ID)
			p.Stacks = append(p.Stacks, x)
		}
	}
	for _, name := range c.Form().Names() {
		if s := c.Form().Value(name); strings.HasPrefix(name, textField) && !there[name] && s != "" {
			p.Gone = append(p.Gone, s)
		}
	}
}

func newPieceField(w *locale.Printer, x event.Piece, code locale.Code) PieceField {
	original := x.WrittenIn()
	f := PieceField{
		Key: x.Key(), Name: pieceName(w, x), Original: x.Text.By[original], Lang: string(original), From: w.T("language." + string(original)), Long: x.Long, Stale: x.Text.IsStale(code), Most: x.Most(),
	}
	f.Rows = min(20, max(3, strings.Count(f.Original, "\n")+1+utf8.RuneCountInString(f.Original)/60))
	return f
}
