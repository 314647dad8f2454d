package roster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Mapping is a person's word on a list that recognition got wrong. Columns are named by letter ("C"), by number from 1
// or by heading; they are the name of a Field, "ignore", or "unit:3" for the third attendance unit, "unit:1,2" for
// several.
type Mapping struct {
	Sheet     string            `toml:"sheet" json:"sheet"`
	HeaderRow int               `toml:"header_row" json:"header_row"`
	NameOrder Order             `toml:"name_order" json:"name_order"`
	Columns   map[string]string `toml:"columns" json:"columns"`
}

// ParseMapping reads a mapping from TOML or JSON. It returns ErrBadMapping with what is wrong.
func ParseMapping(data []byte) (*Mapping, error) {
	m := &Mapping{}
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if bytes.HasPrefix(data, []byte("{")) {
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(m); err != nil {
			return nil, ErrBadMapping.With("What", shorten(err.Error(), 80))
		}
	} else if meta, err := toml.Decode(string(data), m); err != nil {
		return nil, ErrBadMapping.With("What", shorten(err.Error(), 80))
	} else if u := meta.Undecoded(); len(u) > 0 {
		return nil, ErrBadMapping.With("What", u[0].String())
	} else if meta.IsDefined("columns") && meta.Type("columns") != "Hash" {
		return nil, ErrBadMapping.With("What", "columns")
	}
	if m.NameOrder != "" && m.NameOrder != GivenFirst && m.NameOrder != FamilyFirst {
		return nil, ErrBadMapping.With("What", string(m.NameOrder))
	}
	for _, f := range m.Columns {
		if _, _, err := mappedField(f); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func mappedField(s string) (Field, []int, error) {
	s = strings.TrimSpace(s)
	if s == "" || s == "ignore" || s == "extra" {
		return "", nil, nil
	}
	if rest, ok := strings.CutPrefix(s, "unit:"); ok {
		var units []int
		for _, n := range strings.Split(rest, ",") {
			u, err := strconv.Atoi(strings.TrimSpace(n))
			if err != nil || u < 1 || u > 1000 {
				return "", nil, ErrBadMapping.With("What", s)
			}
			units = append(units, u-1)
		}
		return Attendance, units, nil
	}
	if f, ok := fields[s]; ok {
		return f, nil, nil
	}
	return "", nil, ErrBadMapping.With("What", s)
}

// applyMapping sets what a person has said of columns and returns which ones that were.
func (r *reader) applyMapping(l *layout) (map[int]bool, error) {
	done := map[int]bool{}
	if r.opts.Mapping == nil {
		return done, nil
	}
	for key, value := range r.opts.Mapping.Columns {
		c := l.named(key)
		if c == nil {
			if l.bottom+1 > 1 && len(r.list.Parts) > 0 {
				continue // another list below, with other columns
			}
			return nil, ErrBadMapping.With("What", key)
		}
		f, units, err := mappedField(value)
		if err != nil {
			return nil, err
		}
		if n := r.list.Units; n > 0 {
			for _, u := range units {
				if u >= n {
					return nil, ErrBadMapping.With("What", fmt.Sprintf("%s = %s", key, value))
				}
			}
		}
		c.Field, c.Units, c.Confidence, c.Note = f, units, 1, noteMapped
		done[c.Index] = true
	}
	return done, nil
}

// named finds a column by heading, then by letter, then by number.
func (l *layout) named(key string) *column {
	for _, c := range l.columns {
		if c.Heading != "" && c.Heading == oneLine(key) {
			return c
		}
	}
	for _, c := range l.columns {
		if strings.EqualFold(c.Letter, key) || strconv.Itoa(c.Index) == key {
			return c
		}
	}
	for _, c := range l.columns {
		if k := folded(key); k != "" && folded(c.Heading) == k {
			return c
		}
	}
	return nil
}
