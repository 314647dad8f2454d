// Package fault holds the errors that a user can be told.
//
// A fault carries a kind, the key of a message in the catalogues, its parameters and, for forms, the field it
// belongs to. It never carries a sentence: the reader's language is known only at the edge. Every other error is
// an internal one: it is logged once, at the edge, and shown as "something went wrong" with a request id.
package fault

import (
	"errors"
	"strings"
)

// Kind says what sort of refusal a fault is; the web maps each kind to one status code, in one place.
type Kind string

// The kinds.
const (
	Invalid     Kind = "invalid"     // the input is wrong; Fields says where
	NotFound    Kind = "not_found"   // there is no such thing, or none that the actor may know of
	Forbidden   Kind = "forbidden"   // the actor is known and may not
	SignIn      Kind = "sign_in"     // the actor must sign in first
	Conflict    Kind = "conflict"    // the state doesn't allow it (any more)
	Gone        Kind = "gone"        // it was there and has been used up or withdrawn
	TooMany     Kind = "too_many"    // a rate limit
	TooLarge    Kind = "too_large"   // more input than is taken
	Unavailable Kind = "unavailable" // a part that is needed does not answer; trying again may help
)

// Params are the values of a message's placeholders.
type Params map[string]any

// Fault is an error with a message that can be shown to a person.
type Fault struct {
	Kind   Kind
	Key    string  // key of a message in the catalogues, "registration.closed"
	Params Params  // values for the message
	Fields []Field // for Invalid: what is wrong where
}

// Field is one thing wrong with one input of a form.
type Field struct {
	Name   string // the input's name in the form
	Key    string
	Params Params
}

// New returns a fault with a message key; params come in pairs of name and value.
func New(kind Kind, key string, params ...any) *Fault {
	return &Fault{Kind: kind, Key: key, Params: pairs(params)}
}

// With returns a copy of f with further parameters, so that a package-level fault can be told with details and is
// still found by errors.Is.
func (f *Fault) With(params ...any) *Fault {
	g := *f
	g.Params = pairs(params)
	for k, v := range f.Params {
		if _, ok := g.Params[k]; !ok {
			g.Params[k] = v
		}
	}
	return &g
}

// Error returns the kind and the keys, for logs; it is never shown to a person. It holds no parameters, because
// those may be personal data.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(string(f.Kind) + ": " + f.Key)
	for _, x := range f.Fields {
		b.WriteString("; " + x.Name + ": " + x.Key)
	}
	return b.String()
}

// Is reports whether target is a fault of the same kind and key, whatever its parameters.
func (f *Fault) Is(target error) bool {
	g, ok := target.(*Fault)
	return ok && g.Kind == f.Kind && g.Key == f.Key
}

// From returns the fault in err's chain, or nil if err is an internal error.
func From(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// KindOf returns the kind of the fault in err's chain, or "" if there is none.
func KindOf(err error) Kind {
	if f := From(err); f != nil {
		return f.Kind
	}
	return ""
}

// Form collects what is wrong with the inputs of one form.
type Form struct{ fields []Field }

// Add notes that the input called name is wrong; params come in pairs. Only the first fault of a field is kept, so
// that a person reads one sentence beside it.
func (f *Form) Add(name, key string, params ...any) {
	f.Put(Field{Name: name, Key: key, Params: pairs(params)})
}

// Put is Add of what was found to be wrong elsewhere.
func (f *Form) Put(x Field) {
	for _, y := range f.fields {
		if y.Name == x.Name {
			return
		}
	}
	f.fields = append(f.fields, x)
}

// Err returns nil if nothing was added, else an Invalid fault with all the fields in the order they were added.
func (f *Form) Err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Key: "form.invalid", Params: Params{"N": len(f.fields)}, Fields: f.fields}
}

func pairs(kv []any) Params {
	p := Params{}
	for i := 0; i+1 < len(kv); i += 2 {
		if k, ok := kv[i].(string); ok {
			p[k] = kv[i+1]
		}
	}
	return p
}
