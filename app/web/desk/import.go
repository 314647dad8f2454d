package desk

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/roster"
	"attesta/app/web"
)

// importPage takes a participant list in: it is read and shown first, then taken.
type importPage struct {
	eventPage
	Read     *roster.Import
	Dry      bool
	FileName string
	Content  string // the file again, for taking it after it was looked at; "" if it is too big for that
	Columns  []columnLine
	Refused  []outcomeLine
	Ignored  []outcomeLine
	Notices  []noticeLine
}

type columnLine struct {
	Letter, Heading, Field, Note string
	Doubtful                     bool
}

type outcomeLine struct {
	Where, Why, Text string
}

type noticeLine struct{ Text, Rows string }

// keep is how many bytes of a file are sent along with the page that shows what was read.
const (
	maxList  = 8 << 20
	keepList = 512 << 10
)

var errNoFile = fault.New(fault.Invalid, "form.required")

func (p *Pages) importList(c *web.Ctx) error {
	e, err := p.event(c)
	if err != nil {
		return err
	}
	if err := event.May(c.Actor(), account.Import, e); err != nil {
		return err
	}
	page := &importPage{eventPage: p.under(c, e, "desk.registrations")}
	page.Wide, page.Back = true, &web.Crumb{Href: page.Base() + "/registrations", Label: c.T("desk.registrations")}
	if c.IsPost() {
		if err := p.readList(c, e, page); err != nil && !c.Form().Refused(beFile(err)) {
			return err
		}
	}
	return c.Render("desk/registration_import", page)
}

func (p *Pages) readList(c *web.Ctx, e *event.Event, page *importPage) error {
	name, data, err := uploaded(c)
	if err != nil {
		return err
	}
	page.Dry = c.Form().Value("do") != "take"
	got, err := p.Roster.Import(c.Context(), c.Actor(), e.Code, name, data, roster.ImportOptions{DryRun: page.Dry})
	if err != nil {
		return err
	}
	page.Read, page.FileName = got, name
	if page.Dry && len(data) <= keepList {
		page.Content = base64.StdEncoding.EncodeToString(data)
	}
	page.say(c.Printer(), got.List)
	return nil
}

// uploaded returns the file that was sent, or sent again with the page that showed what was read.
func uploaded(c *web.Ctx) (string, []byte, error) {
	if h := c.File("file"); h != nil {
		f, err := h.Open()
		if err != nil {
			return "", nil, fmt.Errorf("open the upload: %w", err)
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, maxList))
		return h.Filename, data, err
	}
	data, err := base64.StdEncoding.DecodeString(c.Form().Value("content"))
	if err != nil || len(data) == 0 {
		return "", nil, errNoFile
	}
	return c.Form().Value("name"), data, nil
}

// beFile puts what is wrong with a file beside its field.
func beFile(err error) error {
	f := fault.From(err)
	if f == nil || f.Kind != fault.Invalid && f.Kind != fault.TooLarge || len(f.Fields) > 0 {
		return err
	}
	return &fault.Fault{Kind: fault.Invalid, Key: "form.invalid", Params: fault.Params{"N": 1}, Fields: []fault.Field{{Name: "file", Key: f.Key, Params: f.Params}}}
}

// say puts into words how the list was understood.
func (p *importPage) say(w *locale.Printer, list *roster.List) {
	reason := func(key string, params fault.Params) string { return w.Fault(&fault.Fault{Key: key, Params: params}) }
	for _, col := range list.Mapping {
		l := columnLine{Letter: col.Letter, Heading: col.Heading, Field: w.T(col.Field.Key()), Doubtful: col.Confidence < 0.7}
		if col.Note != "" {
			l.Note = reason(col.Note, fault.Params{"Column": col.Letter, "Heading": col.Heading, "Other": "", "N": 0})
		}
		p.Columns = append(p.Columns, l)
	}
	outcomes := func(all []roster.Outcome) (out []outcomeLine) {
		for _, o := range all {
			out = append(out, outcomeLine{Where: w.T("desk.row", "N", o.Row), Why: reason(o.Reason.Key, o.Reason.Params), Text: o.Text})
		}
		return out
	}
	p.Refused, p.Ignored = outcomes(list.Refused), outcomes(list.Ignored)
	for _, n := range list.Notices {
		l := noticeLine{Text: reason(n.Key, n.Params)}
		var rows []string
		for i, r := range n.Rows {
			if i == 12 {
				rows = append(rows, "…")
				break
			}
			rows = append(rows, w.Number(r))
		}
		l.Rows = strings.Join(rows, ", ")
		p.Notices = append(p.Notices, l)
	}
}
