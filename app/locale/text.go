package locale

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Text is one value in several languages, such as the title of an event. In the database and in JSON it is
// {"original":"cnr","by":{"cnr":"…","en":"…"}}.
type Text struct {
	Original Code            `json:"original,omitempty"` // the language it was written in first
	By       map[Code]string `json:"by,omitempty"`
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
