package locale

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"attesta/app/fault"
)

// Printer says things in one locale. It holds no state and may be shared.
type Printer struct {
	code      Code
	catalogue *Catalogue
	english   *Printer
	localizer *i18n.Localizer
	plain     map[string]string // messages without placeholders, which need no template
	format    *format
}

func newPrinter(c *Catalogue, code Code) (*Printer, error) {
	tag := code.tag()
	messages := make([]*i18n.Message, 0, len(c.messages[code]))
	plain := map[string]string{}
	for key, m := range c.messages[code] {
		messages = append(messages, m)
		if !strings.Contains(m.Other, "{{") {
			plain[key] = m.Other
		}
	}
	bundle := i18n.NewBundle(tag)
	if err := bundle.AddMessages(tag, messages...); err != nil {
		slog.Warn("locale: no plural rule, English's is used", "locale", string(code))
		tag = language.English
		bundle = i18n.NewBundle(tag)
		if err := bundle.AddMessages(tag, messages...); err != nil {
			return nil, fmt.Errorf("locale %s: %w", code, err)
		}
	}
	return &Printer{code: code, catalogue: c, plain: plain, localizer: i18n.NewLocalizer(bundle, tag.String())}, nil
}

// Code returns the printer's locale.
func (p *Printer) Code() Code { return p.code }

// Lang returns the value of the html lang attribute and of a document's language entry.
func (p *Printer) Lang() string { return string(p.code) }

// Name returns the name of locale c in its own language and script, for the language switch.
func (p *Printer) Name(c Code) string {
	q := p.catalogue.printers[c]
	if q == nil {
		return string(c)
	}
	name := []rune(q.T("language." + string(c)))
	return string(unicode.ToUpper(name[0])) + string(name[1:])
}

// T returns the message of key; kv are pairs of a placeholder's name and its value. A parameter N is a number and is
// written as the locale writes numbers; a Text is said in the reader's language; other values stand as they are. A
// missing message is said in English and reported; if English lacks it too, the key is returned.
func (p *Printer) T(key string, kv ...any) string {
	if len(kv) == 0 {
		if s, ok := p.plain[key]; ok {
			return s
		}
	}
	return p.say(key, nil, p.params(kv))
}

// N returns the form of the message that goes with the number n; {{.N}} is n as the locale writes it.
func (p *Printer) N(key string, n int, kv ...any) string {
	params := p.params(kv)
	params["N"] = p.Number(n)
	return p.say(key, n, params)
}

// Text returns t in the reader's language, or the nearest that there is.
func (p *Printer) Text(t Text) string {
	s, _ := t.In(p.code)
	return s
}

// Fault returns the sentence for f. Numbers among its parameters are written as the locale writes them; a parameter N
// chooses the plural form.
func (p *Printer) Fault(f *fault.Fault) string {
	if f == nil {
		return ""
	}
	return p.told(f.Key, f.Params)
}

// FieldFault returns the sentence for what is wrong with one input.
func (p *Printer) FieldFault(f fault.Field) string { return p.told(f.Key, f.Params) }

func (p *Printer) told(key string, params fault.Params) string {
	said := make(map[string]any, len(params))
	for k, v := range params {
		said[k] = p.spoken(v)
	}
	if n, ok := params["N"].(int); ok {
		return p.say(key, n, said)
	}
	return p.say(key, nil, said)
}

// spoken writes a parameter of a fault as a reader of the locale expects it.
func (p *Printer) spoken(v any) any {
	switch v := v.(type) {
	case int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, float32, float64:
		return p.Number(v)
	case time.Time:
		return p.Date(v)
	case Text:
		return p.Text(v)
	case []string:
		return p.List(v)
	}
	return v
}

func (p *Printer) params(kv []any) map[string]any {
	m := make(map[string]any, len(kv)/2+1)
	for i := 0; i+1 < len(kv); i += 2 {
		name, ok := kv[i].(string)
		if !ok {
			panic(fmt.Sprintf("locale: parameter name %v is no string", kv[i]))
		}
		switch v := kv[i+1].(type) {
		case Text:
			m[name] = p.Text(v)
		case int, int64:
			m[name] = v
			if name == "N" {
				m[name] = p.Number(v)
			}
		default:
			m[name] = v
		}
	}
	return m
}

// say asks the printer's own bundle, then English. Text that comes with an error is used, and the gap reported.
func (p *Printer) say(key string, count any, params map[string]any) string {
	s, err := p.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateData: params})
	var notFound *i18n.MessageNotFoundErr
	switch {
	case errors.As(err, &notFound):
		p.catalogue.report(p.code, key, "message is missing")
		if p.english == nil || p.english == p {
			return key
		}
		return p.english.say(key, count, params)
	case err != nil:
		p.catalogue.report(p.code, key, "message has no form or template for this: "+err.Error())
		if s == "" {
			return key
		}
	case strings.Contains(s, "<no value>"):
		p.catalogue.report(p.code, key, "message lacks a parameter")
	}
	return s
}
