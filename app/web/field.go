package web

import (
	"fmt"
)

// field fills a Field from the form and the pairs of a template.
func (p *Page) field(name, label string, more []any) (Field, error) {
	f := Field{Printer: p.Printer, Name: name, ID: fieldID(name), Type: "text", Error: p.Form.Error(name), Value: p.Form.Value(name)}
	if label != "" {
		f.Label = p.T(label)
	}
	for i := 0; i+1 < len(more); i += 2 {
		option, ok := more[i].(string)
		if !ok || !f.set(p, option, more[i+1]) {
			return f, fmt.Errorf("field %s: no option %v", name, more[i])
		}
	}
	p.Form.drawn[name] = true
	p.Form.labels[name] = f.Label
	return f, nil
}

func (f *Field) set(p *Page, option string, value any) bool {
	text := fmt.Sprint(value)
	words := map[string]*string{
		"type": &f.Type, "label_text": &f.Label, "hint_text": &f.Hint, "autocomplete": &f.Autocomplete, "inputmode": &f.Inputmode,
		"autocapitalize": &f.Autocapitalize, "list": &f.List, "lang": &f.Lang, "min": &f.Min, "max": &f.Max, "step": &f.Step,
		"accept": &f.Accept, "data": &f.Data,
	}
	flags := map[string]*bool{"optional": &f.Optional, "nospell": &f.NoSpell, "multiple": &f.Multiple, "serif": &f.Serif}
	switch {
	case option == "hint":
		f.Hint = p.T(text)
	case option == "value":
		if _, sent := p.Form.values[f.Name]; !sent {
			f.Value = text
		}
	case option == "rows" || option == "maxlength":
		n, ok := value.(int)
		if option == "rows" {
			f.Rows = n
		} else {
			f.Maxlength = n
		}
		return ok
	case words[option] != nil:
		*words[option] = text
	case flags[option] != nil:
		on, ok := value.(bool)
		*flags[option] = on
		return ok
	default:
		return false
	}
	return true
}
