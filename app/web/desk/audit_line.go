package desk

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"time"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/locale"
	"attesta/app/web"
)

// AuditLine is one entry of the record in the reader's words.
type AuditLine struct {
	ID        int64
	At        time.Time
	Who, Role string
	WhoHref   string
	Program   bool // a program acted with a token of the user
	What      string
	Thing     string
	Href      string // of the thing, if it has a page
	In        string // the event in which it lies, where the list is of several
	InHref    string
	Changes   []AuditChange
	RequestID string
}

// AuditChange is one quality that was changed, or a fact beside.
type AuditChange struct {
	Label   string
	Was, Is string
	Changed bool
	Href    string // of an address that was looked at
}

// auditLines words entries; several says that they lie in several events.
func (p *Pages) auditLines(c *web.Ctx, list []audit.Entry, zone *time.Location, several bool) ([]AuditLine, error) {
	things, err := audit.Things(c.Context(), p.DB, reachOf(c.Actor()), list)
	if err != nil {
		return nil, err
	}
	w := auditWords{Printer: c.Printer(), things: things}
	lines := make([]AuditLine, len(list))
	for i, e := range list {
		lines[i] = w.line(e, zone)
		if t, ok := things["event"][e.EventID]; ok && several && e.Subject != "event" {
			lines[i].In, lines[i].InHref = t.Label, "/desk/events/"+t.Event
		}
		if e.UserID != 0 && several {
			lines[i].WhoHref = fmt.Sprintf("%s?who=u%d", record, e.UserID)
		}
	}
	return lines, nil
}

// auditWords says entries in one language.
type auditWords struct {
	*locale.Printer
	things map[string]map[int64]audit.Thing
}

func (w *auditWords) line(e audit.Entry, zone *time.Location) AuditLine {
	l := AuditLine{ID: e.ID, At: e.At.In(zone), Who: e.Actor, Program: e.TokenID != 0, What: w.word("audit.did."+e.Kind(), e.Action), RequestID: e.RequestID}
	role := e.Role
	switch {
	case e.UserID == 0 && (role == string(account.Participant) || e.Actor == string(account.Participant)):
		role, l.Who = "", w.T("audit.who.participant")
	case e.UserID == 0 && role == "" && e.Actor == audit.Program:
		l.Who = w.T("audit.who." + audit.Program)
	case e.UserID == 0 && role != "" && e.Actor == role:
		role, l.Who = "", w.word("audit.who."+role, role)
	}
	if role != "" {
		l.Role = w.word("role."+role, role)
		if !w.Says("role." + role) {
			l.Role = w.word("audit.who."+role, role)
		}
	}
	l.Thing, l.Href = w.thing(e)
	for _, d := range e.Differences() {
		if empty(d.Was) && empty(d.Is) || d.Name == "scope_id" && e.Refers(d.Name) == "" {
			continue
		}
		l.Changes = append(l.Changes, w.change(e, d))
	}
	return l
}

// word says a key, or the raw word where nobody has given it one yet.
func (w *auditWords) word(key, raw string) string {
	if w.Says(key) {
		return w.T(key)
	}
	return strings.ReplaceAll(raw, "_", " ")
}

// thing names what an entry is about and says where it is shown.
func (w *auditWords) thing(e audit.Entry) (name, href string) {
	kind := w.word("audit.thing."+e.Subject, e.Subject)
	t, ok := w.things[e.Subject][e.SubjectID]
	if !ok {
		if e.SubjectID == 0 || e.Subject == "user" { // the number of an account says whether it is an old one
			return kind, ""
		}
		return fmt.Sprintf("%s %d", kind, e.SubjectID), ""
	}
	at := "/desk/events/" + t.Event
	switch e.Subject {
	case "event":
		href = at
	case "registration":
		href = at + "/registrations/" + t.Label
	case "certificate":
		href = at + "/certificates"
	case "checkin_link":
		href = at + "/attendance"
	case "user":
		if t.Known != 0 {
			href = fmt.Sprintf("%s?who=u%d", record, t.Known)
		}
	case "project":
		href = "/desk/figures/" + t.Label
	}
	return kind + " " + t.Label, href
}

func (w *auditWords) change(e audit.Entry, d audit.Difference) AuditChange {
	c := AuditChange{Label: w.word("audit.field."+d.Name, d.Name), Was: w.value(e, d.Name, d.Was), Is: w.value(e, d.Name, d.Is), Changed: d.Changed}
	if d.Name == "scope_id" {
		c.Label = w.T("audit.thing." + e.Refers(d.Name))
	}
	if d.Name == "page" && strings.HasPrefix(c.Is, "/") && !strings.ContainsAny(c.Is, "\\ ") && !strings.HasPrefix(c.Is, "//") {
		c.Href = c.Is
	}
	return c
}

// said are the messages of values that other pages say already, by field.
var saidAs = map[string]string{
	"status": "registration.status.", "type": "event.type.", "role": "role.", "gender": "gender.", "languages": "language.", "language": "language.", "locale": "language.",
	"source": "desk.source.", "kind": "audit.kind.", "decision": "desk.decision.", "targets": "report.figure.", "copied": "copy.what.",
}

// empty reports whether a fact says nothing.
func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

// value says one value in words: what has a word, instants and numbers as the reader writes them, all else as it is.
func (w *auditWords) value(e audit.Entry, field string, v any) string {
	switch x := v.(type) {
	case nil:
		return "–"
	case bool:
		if x {
			return w.T("common.yes")
		}
		return w.T("common.no")
	case json.Number:
		n, err := x.Int64()
		switch t, ok := w.things[e.Refers(field)][n]; {
		case err == nil && ok:
			return t.Label
		case err == nil && field == "share":
			return w.Percent(float64(n)/1000, int(min(n%10, 1)))
		case err == nil:
			return w.Number(n)
		}
		return x.String()
	case []any:
		return w.several(e, field, x)
	case map[string]any:
		return w.named(e, field, x)
	case string:
		return w.text(e, field, x)
	}
	return fmt.Sprint(v)
}

func (w *auditWords) several(e audit.Entry, field string, list []any) string {
	var parts []string
	for _, v := range list {
		parts = append(parts, w.value(e, field, v))
	}
	if len(parts) == 0 {
		return "–"
	}
	return strings.Join(parts, ", ")
}

func (w *auditWords) named(e audit.Entry, field string, m map[string]any) string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	var parts []string
	for _, name := range names {
		parts = append(parts, w.part(field, name)+": "+w.value(e, name, m[name]))
	}
	return strings.Join(parts, "; ")
}

// part says what one part of a fact is: a language of a text, a figure that is promised, or a fact itself.
func (w *auditWords) part(field, name string) string {
	for _, key := range []string{saidAs[field] + name, "language." + name, "audit.field." + name} {
		if key != name && w.Says(key) {
			return w.T(key)
		}
	}
	return strings.ReplaceAll(name, "_", " ")
}

func (w *auditWords) text(e audit.Entry, field, s string) string {
	if s == "" {
		return "–"
	}
	for _, key := range []string{saidAs[field] + s, e.Subject + "." + field + "_" + s, "audit.value." + e.Subject + "." + s, "audit.value." + s, "role." + s} {
		if key != s && w.Says(key) {
			return w.T(key)
		}
	}
	if (field == "country" || field == "countries") && len(s) == 2 {
		return w.Country(s)
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return w.DateTime(t) + " UTC"
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return w.Date(t)
	}
	return s
}

// Text is the change in one line, for a file.
func (c AuditChange) Text() string {
	if c.Changed {
		return c.Label + ": " + c.Was + " → " + c.Is
	}
	return c.Label + ": " + c.Is
}
