package locale

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Catalogue holds the messages of all locales, which never change after Load, and what of them is on offer. It may be
// shared.
type Catalogue struct {
	starred *words
	plain   func() *words // made at the first call
	offer   *atomic.Pointer[Offer]
	pinned  *words // whatever is on offer: starred or plain
}

// words are the messages of all locales and what prints them.
type words struct {
	codes    []Code // English first, then by code
	messages map[Code]map[string]*i18n.Message
	cities   map[string]string // id of a city to the code of its country
	asterisk bool
	printers map[Code]*Printer
	places   map[string]string // key of a name to the id of a city
	gaps     *gaps
}

// gaps remembers which messages were wanted and not there, so that each is logged once.
type gaps struct {
	mu   sync.Mutex
	seen map[string]bool
}

// Load reads the catalogues of a locales folder: a folder for each locale, in it a file for each feature, whose keys
// begin with the file's name. Messages of the folders in over replace or add to those of base, key by key. English
// must be there. The errors name the file that can't be read.
func Load(base fs.FS, over ...fs.FS) (*Catalogue, error) {
	c := &words{messages: map[Code]map[string]*i18n.Message{}, cities: map[string]string{}, asterisk: true, gaps: &gaps{seen: map[string]bool{}}}
	for _, fsys := range append([]fs.FS{base}, over...) {
		if err := c.read(fsys); err != nil {
			return nil, err
		}
	}
	if c.messages[English] == nil {
		return nil, errors.New("locales: no catalogue for English, the source of every message")
	}
	for code := range c.messages {
		if code != English {
			c.codes = append(c.codes, code)
		}
	}
	slices.Sort(c.codes)
	c.codes = append([]Code{English}, c.codes...)
	if err := c.build(); err != nil {
		return nil, err
	}
	return &Catalogue{starred: c, plain: sync.OnceValue(c.withoutAsterisk), offer: new(atomic.Pointer[Offer])}, nil
}

// withoutAsterisk returns the same words with no asterisk after any form of Kosovo*.
func (c *words) withoutAsterisk() *words {
	d := &words{codes: c.codes, cities: c.cities, messages: map[Code]map[string]*i18n.Message{}, gaps: c.gaps}
	for code, messages := range c.messages {
		d.messages[code] = map[string]*i18n.Message{}
		for key, m := range messages {
			d.messages[code][key] = mapForms(m, withoutAsterisk)
		}
	}
	if err := d.build(); err != nil {
		panic(err) // the same messages were built before
	}
	return d
}

// Printer returns the printer of a locale, whatever the case of its letters, and the English one if there is no such
// locale. A locale that isn't on offer has one too: what was written to somebody in it goes on in it.
func (c *Catalogue) Printer(code Code) *Printer {
	w := c.words()
	if p := w.printers[code]; p != nil {
		return p
	}
	if found, ok := lookup(w.codes, string(code)); ok {
		return w.printers[found]
	}
	return w.printers[English]
}

// Missing returns, sorted, what was asked for since Load and is missing: "locale key".
func (c *Catalogue) Missing() []string {
	g := c.starred.gaps
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Sorted(maps.Keys(g.seen))
}

func (c *words) report(code Code, key, what string) {
	id := string(code) + " " + key
	c.gaps.mu.Lock()
	known := c.gaps.seen[id]
	c.gaps.seen[id] = true
	c.gaps.mu.Unlock()
	if !known {
		slog.Warn("locale: "+what, "locale", string(code), "key", key)
	}
}

func (c *words) read(fsys fs.FS) error {
	files, err := fs.Glob(fsys, "*/*.toml")
	if err != nil {
		return fmt.Errorf("locales: %w", err)
	}
	for _, file := range files {
		messages, err := readMessages(fsys, file)
		if err != nil {
			return err
		}
		code := Code(path.Dir(file))
		if _, err := language.Parse(string(code)); err != nil {
			return fmt.Errorf("locales: folder %s is not named after a language: %w", code, err)
		}
		if c.messages[code] == nil {
			c.messages[code] = map[string]*i18n.Message{}
		}
		for _, m := range messages {
			c.messages[code][m.ID] = m
		}
	}
	raw, err := fs.ReadFile(fsys, "city.toml")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("locales: %w", err)
	}
	if err := toml.Unmarshal(raw, &c.cities); err != nil {
		return fmt.Errorf("locales: city.toml: %w", err)
	}
	return nil
}

func readMessages(fsys fs.FS, file string) ([]*i18n.Message, error) {
	raw, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, fmt.Errorf("locales: %w", err)
	}
	var entries map[string]any
	if err := toml.Unmarshal(raw, &entries); err != nil {
		return nil, fmt.Errorf("locales: %s: %w", file, err)
	}
	feature := strings.TrimSuffix(path.Base(file), ".toml")
	out := make([]*i18n.Message, 0, len(entries))
	for key, value := range entries {
		if !strings.HasPrefix(key, feature+".") {
			return nil, fmt.Errorf("locales: %s: key %q doesn't begin with %q", file, key, feature+".")
		}
		m := &i18n.Message{ID: key}
		switch v := value.(type) {
		case string:
			m.Other = v
		case map[string]any:
			if err := readForms(m, v); err != nil {
				return nil, fmt.Errorf("locales: %s: %q: %w", file, key, err)
			}
		default:
			return nil, fmt.Errorf("locales: %s: %q is neither a text nor a table of plural forms", file, key)
		}
		out = append(out, m)
	}
	return out, nil
}

func readForms(m *i18n.Message, forms map[string]any) error {
	for name, v := range forms {
		text, ok := v.(string)
		field := formOf(m, name)
		if !ok || field == nil {
			return fmt.Errorf("%q is no plural form", name)
		}
		*field = text
	}
	return nil
}

func formOf(m *i18n.Message, name string) *string {
	switch name {
	case "zero":
		return &m.Zero
	case "one":
		return &m.One
	case "two":
		return &m.Two
	case "few":
		return &m.Few
	case "many":
		return &m.Many
	case "other":
		return &m.Other
	}
	return nil
}

func mapForms(m *i18n.Message, change func(string) string) *i18n.Message {
	return &i18n.Message{
		ID: m.ID, Zero: change(m.Zero), One: change(m.One), Two: change(m.Two),
		Few: change(m.Few), Many: change(m.Many), Other: change(m.Other),
	}
}

// build makes a printer for each locale, each on a bundle of its own, so that go-i18n can't fall from one language
// to another.
func (c *words) build() error {
	c.printers = map[Code]*Printer{}
	for _, code := range c.codes {
		p, err := newPrinter(c, code)
		if err != nil {
			return err
		}
		c.printers[code] = p
	}
	for _, code := range c.codes {
		p := c.printers[code]
		p.english = c.printers[English]
		p.format = readFormat(p)
	}
	c.places = findPlaces(c)
	return nil
}
