package desk

import (
	"errors"
	"slices"
	"strconv"

	"attesta/app/fault"
	"attesta/app/locale"
	"attesta/app/project"
	"attesta/app/web"
)

// worded is what the form of a thing with texts in several languages has.
type worded struct {
	web.Page
	Changed  bool          // somebody else has saved it meanwhile
	Tongues  []web.Option  // in which the first field can be written
	Titles   []Translation // in which it can be said
	Again    string        // address at which to see what is stored now
	Original locale.Code
}

// worded returns the ground of such a form. A language that isn't on offer any more is there if the text was written in
// it.
func (p *Pages) worded(c *web.Ctx, title string, original locale.Code, back web.Crumb) worded {
	w := worded{Page: c.Page(title), Again: c.Path(), Original: original}
	w.Tongues, w.Titles = p.tongues(c)
	if original != "" && !p.Catalogue.Has(original) && slices.Contains(p.Catalogue.All(), original) {
		w.Tongues = append(w.Tongues, web.Option{Value: string(original), Label: c.T("language." + string(original))})
	}
	w.NoIndex, w.Back = true, &back
	return w
}

// Others are the fields of the other languages of a text.
func (w *worded) Others() []Translation {
	return slices.DeleteFunc(slices.Clone(w.Titles), func(t Translation) bool { return t.Name == w.Form.Value("original") })
}

// written reads a text whose original stands in the field name. Translations into languages that aren't on offer stay
// as they were.
func (r *reader) written(name string, original locale.Code, was locale.Text) locale.Text {
	const most = 1 << 16 // the domain knows how long it may be
	t := r.text(name, original, most)
	for code, s := range was.By {
		if code != original && !r.words.Has(code) && t.By[code] == "" {
			t.By[code] = s
		}
	}
	if len(t.By) == 0 {
		return locale.Text{}
	}
	return t
}

// keepOthers leaves translations into languages that aren't on offer as they were.
func (p *Pages) keepOthers(t *locale.Text, was locale.Text) {
	for code, s := range was.By {
		if !p.Catalogue.Has(code) && t.By[code] == "" && t.By != nil {
			t.By[code] = s
		}
	}
}

// original reads in which language the first fields are written.
func (r *reader) original(was locale.Code, readers locale.Code) locale.Code {
	code := locale.Code(r.Value("original"))
	if r.words.Has(code) || code != "" && code == was {
		return code
	}
	r.wrong.Add("original", "form.choose")
	return readers
}

// with adds what the domain refuses to what couldn't be read.
func (r *reader) with(err error) error {
	f := fault.From(err)
	if f == nil || f.Kind != fault.Invalid {
		if wrong := r.wrong.Err(); wrong != nil {
			return wrong
		}
		return err
	}
	for _, x := range f.Fields {
		r.wrong.Add(x.Name, x.Key, pairs(x.Params)...)
	}
	return r.wrong.Err()
}

// fillText puts a text into the form.
func fillText(f *web.Form, name string, original locale.Code, t locale.Text) {
	f.Set(name, t.By[original])
	for code, s := range t.By {
		f.Set(name+"_"+string(code), s)
	}
}

// firstOf returns the language in which a text was written first, or the reader's where there is none.
func firstOf(t locale.Text, readers locale.Code) locale.Code {
	_, in := t.In(t.Original)
	if t.By[t.Original] != "" {
		in = t.Original
	}
	if in == "" {
		return readers
	}
	return in
}

// refused shows a form again with what is wrong. Where somebody else was quicker, saving again means it: over what is
// stored now.
func (w *worded) refused(c *web.Ctx, err, changed error, version int) bool {
	w.Changed = errors.Is(err, changed)
	if errors.Is(err, project.ErrCodeTaken) {
		var wrong fault.Form
		wrong.Add("code", "project.code_taken")
		err = wrong.Err()
	}
	if !c.Form().Refused(err) {
		return false
	}
	if w.Changed {
		c.Form().Set("version", strconv.Itoa(version))
	}
	return true
}

// version reads which version the form was filled from.
func version(c *web.Ctx) int {
	n, err := strconv.Atoi(c.Form().Value("version"))
	if err != nil {
		return -1
	}
	return n
}
