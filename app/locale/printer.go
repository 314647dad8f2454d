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
	catalogue *words
	english   *Printer
	localizer *i18n.Localizer
	plain     map[string]string // messages without placeholders, which need no template
	plural    map[string]bool   // messages with more forms than one
	format    *format
}

func newPrinter(c *words, code Code) (*Printer, error) {
	tag := code.tag()
	messages := make([]*i18n.Message, 0, len(c.messages[code]))
	plain, plural := map[string]string{}, map[string]bool{}
	for key, m := range c.messages[code] {
		messages = append(messages, m)
		if !strings.Contains(m.Other, "{{") {
			plain[key] = m.Other
		}
		plural[key] = m.One+m.Few != ""
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
	localizer := i18n.NewLocalizer(bundle, tag.String())
	return &Printer{code: code, catalogue: c, localizer: localizer, plain: plain, plural: plural}, nil
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

// T returns the message of key; kv are pairs of a placeholder's name and its value. A parameter N is a number: it is
// written as the locale writes numbers and chooses the plural form, if the message has any; a Text is said in the reader's language; other values stand as they are. A
// missing message is said in English and reported; if English lacks it too, the key is returned.
func (p *Printer) T(key string, kv ...any) string {
	if len(kv) == 0 {
		if s, ok := p.plain[key]; ok {
			return s
		}
	}
	params, n := p.params(kv)
	return p.say(key, n, params)
}

// N returns the form of the message that goes with the number n; {{.N}} is n as the locale writes it.
func (p *Printer) N(key string, n int, kv ...any) string {
	params, _ := p.params(kv)
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
	return p.say(key, params["N"], said)
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

// params makes the placeholders' values of pairs, and returns N as it was given, or nil.
func (p *Printer) params(kv []any) (m map[string]any, n any) {
	m = make(map[string]any, len(kv)/2+1)
	for i := 0; i+1 < len(kv); i += 2 {
		name, ok := kv[i].(string)
		if !ok {
			panic(fmt.Sprintf("locale: parameter name %v is no string", kv[i]))
		}
		m[name] = kv[i+1]
		if t, ok := kv[i+1].(Text); ok {
			m[name] = p.Text(t)
		}
		if name == "N" {
			n = kv[i+1]
			m[name] = p.Number(n)
		}
	}
	return m, n
}

// say asks the printer's own bundle, then English. Text that comes with an error is used, and the gap reported. The
// number n counts only where the message has plural forms and n is a whole number.
func (p *Printer) say(key string, n any, params map[string]any) string {
	var count any
	switch n.(type) {
	case int, int8, int16, int32, int64:
		if p.plural[key] {
			count = n
		}
	}
	s, err := p.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, PluralCount: count, TemplateData: params})
	var notFound *i18n.MessageNotFoundErr
	switch {
	case errors.As(err, &notFound):
		p.catalogue.report(p.code, key, "message is missing")
		if p.english == nil || p.english == p {
			return key
		}
		return p.english.say(key, n, params)
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
