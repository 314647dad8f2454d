package web

import (
	"maps"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"attesta/app/fault"
	"attesta/app/locale"
)

// Form is what a person typed, with what is wrong about it. It is kept across an error, so nothing is typed twice.
type Form struct {
	values  url.Values
	fault   *fault.Fault
	printer *locale.Printer
	labels  map[string]string // of the fields that the template drew, for the summary
	drawn   map[string]bool
}

// Form returns the values that the request sent in its body, and an empty form for a request that reads. Text is
// valid UTF-8 without zero bytes and with \n for line ends, otherwise as it was typed.
func (c *Ctx) Form() *Form {
	if c.form == nil {
		c.form = &Form{values: url.Values{}, printer: c.printer, labels: map[string]string{}, drawn: map[string]bool{}}
		if c.IsPost() {
			c.readForm(c.form.values)
		}
	}
	return c.form
}

func (c *Ctx) readForm(into url.Values) {
	add := func(k, v string) {
		into.Add(k, strings.ReplaceAll(written(v), "\r\n", "\n"))
	}
	if m, err := c.f.MultipartForm(); err == nil {
		for k, vs := range m.Value {
			for _, v := range vs {
				add(k, v)
			}
		}
		return
	}
	c.f.Request().PostArgs().VisitAll(func(k, v []byte) { add(string(k), string(v)) })
}

// File returns an uploaded file, or nil if none was sent.
func (c *Ctx) File(name string) *multipart.FileHeader {
	h, err := c.f.FormFile(name)
	if err != nil || h.Size == 0 && h.Filename == "" {
		return nil
	}
	return h
}

// Value returns the value of a field with the spaces around it removed, or "".
func (f *Form) Value(name string) string { return strings.TrimSpace(f.values.Get(name)) }

// Raw returns the value of a field exactly as it was sent: for a password, in which spaces count.
func (f *Form) Raw(name string) string { return f.values.Get(name) }

// Values returns all values of a field that may be sent several times.
func (f *Form) Values(name string) []string { return f.values[name] }

// Sent reports whether the form has a field, be it empty.
func (f *Form) Sent(name string) bool {
	_, sent := f.values[name]
	return sent
}

// Names returns the names of the fields that the form has, sorted.
func (f *Form) Names() []string { return slices.Sorted(maps.Keys(f.values)) }

// Has reports whether a field was sent with this value: a ticked box, a chosen option.
func (f *Form) Has(name, value string) bool {
	for _, v := range f.values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Ticked reports whether a box was ticked.
func (f *Form) Ticked(name string) bool { return f.values.Get(name) != "" }

// Set gives a field its values before it is shown: what is stored, or a suggestion.
func (f *Form) Set(name string, values ...string) { f.values[name] = values }

// Refused keeps err on the form if it is a fault that the person can mend there or must read there (an invalid
// input, a conflict), so that the page is shown again with it; it reports whether it did. Another error is to be
// returned by the handler.
func (f *Form) Refused(err error) bool {
	k := fault.KindOf(err)
	if k != fault.Invalid && k != fault.Conflict {
		return false
	}
	f.fault = fault.From(err)
	return true
}

// Failed reports whether the form comes back with errors.
func (f *Form) Failed() bool { return f != nil && f.fault != nil }

// Error returns what is wrong with a field in the reader's language, or "".
func (f *Form) Error(name string) string {
	if !f.Failed() {
		return ""
	}
	for _, x := range f.fault.Fields {
		if x.Name == name {
			return f.printer.FieldFault(x)
		}
	}
	return ""
}

// Heading says over the summary what happened.
func (f *Form) Heading() string { return f.printer.Fault(f.fault) }

// FieldError is one line of the summary.
type FieldError struct {
	Href  string // "#f-email", or "" if the page has no such field
	Label string // of the field, or ""
	Text  string
}

// Errors lists what is wrong, in the order the domain found it.
func (f *Form) Errors() []FieldError {
	var all []FieldError
	for _, x := range f.fault.Fields {
		e := FieldError{Label: f.labels[x.Name], Text: f.printer.FieldFault(x)}
		if f.drawn[x.Name] {
			e.Href = "#" + fieldID(x.Name)
		}
		all = append(all, e)
	}
	return all
}

// complete reports whether the summary could name every field, now that the page was drawn once.
func (f *Form) complete(before int) bool { return !f.Failed() || len(f.drawn) == before }

func fieldID(name string) string {
	return "f-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '-'
	}, name)
}

// Option is one choice of a select, of radio buttons or of boxes.
type Option struct {
	Value, Label string
	Lang         string // of the label, if it isn't the page's
	Hint         string
	Group        string // heading above it in a select; those of a group stand together
	Chosen       bool
}

// Field is one input with its label, hint and error, ready for the templates web/input, web/area, web/select,
// web/radios, web/check and web/file.
type Field struct {
	*locale.Printer
	Name, ID, Label, Hint, Error string
	Type, Value                  string
	Autocomplete, Inputmode      string
	Autocapitalize, List, Accept string
	Lang, Min, Step, Max, Data   string
	Maxlength, Rows              int
	Optional, NoSpell, Serif     bool
	Multiple, Ticked             bool
	Options                      []Option
}

// Describes lists the ids that aria-describedby names: the error first.
func (f Field) Describes() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.ID+"-e")
	}
	if f.Hint != "" {
		ids = append(ids, f.ID+"-h")
	}
	return strings.Join(ids, " ")
}

// Input returns a field of one line. label is a key; more come in pairs: type, hint and label_text, hint_text (words
// instead of a key), autocomplete, inputmode, autocapitalize, list, lang, min, max, step, maxlength, optional,
// nospell, value, rows, accept, multiple, data (a name for scripts).
func (p *Page) Input(name, label string, more ...any) (Field, error) {
	return p.field(name, label, more)
}

// Area returns a field of several lines.
func (p *Page) Area(name, label string, more ...any) (Field, error) {
	return p.field(name, label, append([]any{"rows", 5}, more...))
}

// File returns a field for a file.
func (p *Page) File(name, label string, more ...any) (Field, error) {
	return p.field(name, label, append([]any{"type", "file"}, more...))
}

// Check returns one box to tick.
func (p *Page) Check(name, label string, more ...any) (Field, error) {
	f, err := p.field(name, label, more)
	f.Ticked = p.Form.Ticked(name)
	return f, err
}

// Select returns a list to choose from: []Option, []locale.Choice, or []string of which each is value and label.
func (p *Page) Select(name, label string, options any, more ...any) (Field, error) {
	f, err := p.field(name, label, more)
	f.Options = p.options(name, options)
	return f, err
}

// Radios returns choices that are all seen at once; with "multiple" they are boxes.
func (p *Page) Radios(name, label string, options any, more ...any) (Field, error) {
	return p.Select(name, label, options, more...)
}

func (p *Page) options(name string, options any) []Option {
	var all []Option
	switch list := options.(type) {
	case []Option:
		all = append(all, list...)
	case []locale.Choice:
		for _, x := range list {
			all = append(all, Option{Value: x.Value, Label: x.Label})
		}
	case []string:
		for _, x := range list {
			all = append(all, Option{Value: x, Label: x})
		}
	}
	_, sent := p.Form.values[name]
	for i := range all {
		if sent {
			all[i].Chosen = p.Form.Has(name, all[i].Value)
		}
	}
	return all
}
