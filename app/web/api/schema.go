package api

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/attendance"
	"attesta/app/certificate"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/person"
	"attesta/app/registration"
	"attesta/app/report"
)

// object is a JSON object of the document.
type object = map[string]any

// schemas are the JSON schemas (draft 2020-12) of what goes over the wire, derived from the structs: a field is required
// unless it is left out when it is empty, and there are no other fields. Tags: doc, format, enum, minLength, maxLength,
// minItems, maxItems.
type schemas struct{ named object }

// choices are the values of the types that have a few.
var choices = map[reflect.Type][]string{
	typeOf(event.Type("")):             words(event.Types),
	typeOf(event.State("")):            words([]event.State{event.Draft, event.Published, event.Cancelled, event.Archived}),
	typeOf(event.Phase("")):            words([]event.Phase{event.PhaseDraft, event.PhaseAnnounced, event.PhaseOpen, event.PhaseClosed, event.PhaseRunning, event.PhaseFinished, event.PhaseCancelled}),
	typeOf(event.Decision("")):         words([]event.Decision{event.ByOrganiser, event.Automatic}),
	typeOf(event.Unit("")):             words([]event.Unit{event.HalfDay, event.WholeDay, event.BySessions}),
	typeOf(event.Part("")):             words([]event.Part{event.Morning, event.Afternoon, event.FullDay, event.SessionPart}),
	typeOf(event.SessionKind("")):      words(event.SessionKinds),
	typeOf(registration.Status("")):    words(registration.Statuses),
	typeOf(person.Gender("")):          words([]person.Gender{person.Female, person.Male, person.Other, person.NotStated}),
	typeOf(person.InstitutionType("")): words(append([]person.InstitutionType{person.UnknownType}, person.InstitutionTypes...)),
	typeOf(attendance.Source("")):      {"scan", "typed", "list", "signature", "online", "import", "correction"},
	typeOf(attendance.Answer("")): words([]attendance.Answer{
		attendance.In, attendance.Already, attendance.NotThis, attendance.Unknown, attendance.NotApproved, attendance.Out, attendance.OutAlready, attendance.NoUnit,
		attendance.KeyTaken,
	}),
	typeOf(certificate.State("")): words([]certificate.State{certificate.StateValid, certificate.StateSuperseded, certificate.StateRevoked}),
	typeOf(certificate.Kind("")):  words([]certificate.Kind{certificate.Attendance, certificate.Completion, certificate.Trainer, certificate.Speaker, certificate.Appreciation}),
	typeOf(account.Role("")):      words([]account.Role{account.Administrator, account.Coordinator, account.Organiser, account.Auditor, account.Donor}),
	typeOf(account.ScopeKind("")): words([]account.ScopeKind{account.Installation, account.ProjectScope, account.OrganisationScope, account.EventScope}),
	typeOf(report.Reader("")):     words([]report.Reader{report.ForOrganiser, report.ForDonor}),
}

func typeOf(v any) reflect.Type { return reflect.TypeOf(v) }

func words[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// figure is a number of a report.
const figure = "Figure"

// of returns the schema of a type; structs are kept by name and referred to.
func (s *schemas) of(t reflect.Type) object {
	switch {
	case t == typeOf(time.Time{}):
		return object{"type": "string", "format": "date-time"}
	case t == typeOf(db.Day{}):
		return object{"type": "string", "format": "date"}
	case choices[t] != nil:
		return object{"type": "string", "enum": choices[t]}
	}
	switch t.Kind() {
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	case reflect.Pointer:
		return s.of(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Interface:
		s.named[figure] = object{
			"description": `A number, or what stands in its place: "<5" is few but not none, "w" is withheld.`,
			"anyOf":       []any{object{"type": "integer", "minimum": 0}, object{"type": "string", "pattern": `^(<[0-9]+|w)$`}},
		}
		return ref(figure)
	case reflect.Struct:
		return s.structure(t)
	}
	panic(fmt.Sprintf("api: there is no schema for %v", t))
}

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func (s *schemas) structure(t reflect.Type) object {
	name := nameOf(t)
	if s.named[name] == nil {
		out := object{"type": "object", "additionalProperties": false}
		s.named[name] = out
		properties := object{}
		required := []string{}
		s.fields(t, properties, &required)
		out["properties"] = properties
		if len(required) > 0 {
			out["required"] = required
		}
	}
	return ref(name)
}

// nameOf names a struct's schema: list[…Event] is EventList.
func nameOf(t reflect.Type) string {
	name, of, generic := strings.Cut(t.Name(), "[")
	if generic {
		of = strings.TrimSuffix(of, "]")
		return of[strings.LastIndexByte(of, '.')+1:] + strings.ToUpper(name[:1]) + name[1:]
	}
	return name
}

func (s *schemas) fields(t reflect.Type, properties object, required *[]string) {
	for f := range fieldsOf(t) {
		if f.Anonymous {
			s.fields(f.Type, properties, required)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		schema := s.of(f.Type)
		describe(schema, f.Tag)
		properties[name] = schema
		if !strings.Contains(options, "omit") {
			*required = append(*required, name)
		}
	}
	slices.Sort(*required)
}

func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && !yield(f) {
				return
			}
		}
	}
}

func describe(schema object, tag reflect.StructTag) {
	for from, to := range map[string]string{"doc": "description", "format": "format"} {
		if v := tag.Get(from); v != "" {
			schema[to] = v
		}
	}
	for _, name := range []string{"minLength", "maxLength", "minItems", "maxItems"} {
		if n, err := strconv.Atoi(tag.Get(name)); err == nil {
			schema[name] = n
		}
	}
	if v := tag.Get("enum"); v != "" {
		schema["enum"] = strings.Split(v, ",")
	}
}
