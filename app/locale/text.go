package locale

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Text is one value in several languages, such as the title of an event. In the database and in JSON it is
// {"original":"cnr","by":{"cnr":"…","en":"…"}}, with "stale":["en"] where the original was changed since.
type Text struct {
	Original Code            `json:"original,omitempty"` // the language it was written in first
	By       map[Code]string `json:"by,omitempty"`
	Stale    []Code          `json:"stale,omitempty"` // translations made before the original was changed, sorted
}

// NewText returns the text s written in original, with translations given as pairs of code and text; empty ones are
// left out.
func NewText(original Code, s string, more ...string) Text {
	t := Text{Original: original, By: map[Code]string{}}
	if s != "" {
		t.By[original] = s
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			t.By[Code(more[i])] = more[i+1]
		}
	}
	return t
}

// In returns the text in language c, else in English, else as first written, else in the first language there is,
// and the language it is in. An empty Text gives "", "".
func (t Text) In(c Code) (s string, in Code) {
	for _, code := range []Code{c, English, t.Original} {
		if s := t.By[code]; s != "" {
			return s, code
		}
	}
	for _, code := range slices.Sorted(maps.Keys(t.By)) {
		if s := t.By[code]; s != "" {
			return s, code
		}
	}
	return "", ""
}

// IsZero reports whether there is no text in any language.
func (t Text) IsZero() bool {
	_, in := t.In(t.Original)
	return in == ""
}

// IsStale reports whether the text in language c is a translation of what the original said before it was changed.
func (t Text) IsStale(c Code) bool { return t.By[c] != "" && slices.Contains(t.Stale, c) }

// After returns the text with its stale translations marked, given what it was before it was written again: a
// translation that stands as it was while the original was changed is stale, and stays so until it is changed itself.
// What t says of them itself doesn't matter, for forms don't send it.
func (t Text) After(was Text) Text {
	_, written := t.In(t.Original)
	original := t.By[written]
	moved := was.By[written] != "" && was.By[written] != original
	t.Stale = nil
	for _, c := range slices.Sorted(maps.Keys(t.By)) {
		if c == written || t.By[c] == "" || t.By[c] != was.By[c] {
			continue
		}
		if moved || slices.Contains(was.Stale, c) {
			t.Stale = append(t.Stale, c)
		}
	}
	return t
}

// Plain is the text without the marks of what is stale: two are the same if nobody changed a word.
func (t Text) Plain() Text { return Text{Original: t.Original, By: t.By} }

// With returns the text with s in language c, which isn't stale then; an empty s takes that translation away. The text
// that it was made from stays as it was.
func (t Text) With(c Code, s string) Text {
	by := maps.Clone(t.By)
	if by == nil {
		by = map[Code]string{}
	}
	by[c] = s
	if s == "" {
		delete(by, c)
	}
	stale := slices.DeleteFunc(slices.Clone(t.Stale), func(x Code) bool { return x == c })
	if len(stale) == 0 {
		stale = nil
	}
	return Text{Original: t.Original, By: by, Stale: stale}
}

// Value stores the text as JSON.
func (t Text) Value() (driver.Value, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	return string(b), nil
}

// Scan reads what Value stored; NULL and "" give an empty Text.
func (t *Text) Scan(src any) error {
	*t = Text{}
	var raw []byte
	switch v := src.(type) {
	case nil:
		return nil
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return fmt.Errorf("text: can't be read from %T", src)
	}
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, t); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	return nil
}
