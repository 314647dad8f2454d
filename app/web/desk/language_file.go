package desk

import (
	"bytes"
	"regexp"
	"strings"

	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/sheet"
	"attesta/app/web"
)

// maxTexts is how many bytes a file of translations has at most, and a form of them.
const maxTexts = 8 << 20

var errNoTranslations = fault.New(fault.Invalid, "translate.no_file")

// textsFile is the event's texts as a workbook, with a column for their translations, for a translator who has no
// account.
func (p *Pages) textsFile(c *web.Ctx) error {
	e, content, code, err := p.translation(c)
	if err != nil {
		return err
	}
	w := c.Printer()
	t := sheet.Table{Name: w.T("language." + string(code)), Widths: []float64{24, 36, 60, 60}}
	for _, key := range []string{"key", "what", "original", "translation"} {
		t.Header = append(t.Header, w.T("translate.column."+key))
	}
	t.Header[3] += ": " + t.Name
	var rows [][]any
	for _, x := range content.Pieces() {
		if original := x.WrittenIn(); original != code {
			rows = append(rows, []any{x.Key(), pieceName(w, x), x.Text.By[original], x.Text.By[code]})
		}
	}
	t.Rows = sheet.Rows(rows)
	var b bytes.Buffer
	doc := sheet.Document{Title: w.Text(e.Title), Subject: w.T("translate.into", "Language", t.Name), Language: w.Lang(), Created: p.Clock()}
	if err := sheet.WriteXLSX(&b, doc, t); err != nil {
		return err
	}
	return c.Download(e.Code+"-"+string(code)+".xlsx", spreadsheet, b.Bytes())
}

// readTranslations fills the form from a workbook that was downloaded there. Nothing is kept before somebody has looked
// at it.
func (p *Pages) readTranslations(c *web.Ctx) error {
	e, content, code, err := p.translation(c)
	if err != nil {
		return err
	}
	page := p.newTranslatePage(c, e, code)
	fillTranslation(c.Form(), content, code)
	name, data, err := uploaded(c)
	if err == nil {
		var book *sheet.Book
		if book, err = sheet.Read(name, data, sheet.Options{}); err == nil {
			err = page.take(c, book, content, code)
		}
	}
	if err != nil && !c.Form().Refused(beFile(err)) {
		return err
	}
	page.fill(c, content, code)
	return c.Render("desk/event_languages_edit", page)
}

// keyForm is what the first column holds.
var keyForm = regexp.MustCompile(`^(event|session|room|track|speaker)-\d+-[a-z_]+$`)

// take puts the translations of a file into the form. Cells that are empty take nothing away.
func (p *translatePage) take(c *web.Ctx, book *sheet.Book, content *event.Content, code locale.Code) error {
	pieces := map[string]event.Piece{}
	for _, x := range content.Pieces() {
		if x.WrittenIn() != code {
			pieces[x.Key()] = x
		}
	}
	var unknown, older []string
	known := 0
	for _, s := range book.Sheets {
		for n := range s.Rows {
			key := strings.TrimSpace(s.At(n+1, 1))
			x, there := pieces[key]
			if !there {
				if keyForm.MatchString(key) {
					unknown = append(unknown, c.Printer().Number(n+1))
				}
				continue
			}
			known++
			said := locale.CleanText(s.At(n+1, 4))
			if said == "" || said == x.Text.By[code] {
				continue
			}
			p.Taken++
			c.Form().Set(textField+key, said)
			if was := s.At(n+1, 3); locale.Clean(was) != locale.Clean(x.Text.By[x.WrittenIn()]) {
				older = append(older, pieceName(c.Printer(), x))
			}
		}
	}
	if known == 0 {
		return errNoTranslations
	}
	p.Read, p.Unknown, p.Older = true, c.Printer().List(unknown), strings.Join(older, "; ")
	return nil
}
