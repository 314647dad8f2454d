package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// Reach says whose entries somebody may read: all, or those of events in some projects, organisations or of single
// events, and of those projects and organisations themselves. The zero Reach is nothing.
type Reach struct {
	All                             bool
	Projects, Organisations, Events []int64
}

// Filter narrows a list of entries; zero values don't.
type Filter struct {
	UserID    int64
	Role      string // in which somebody acted; Program for the program itself
	Action    string
	Group     string // the kind of thing: "registration"; View or Export for looks and files
	EventID   int64
	Subject   string // with SubjectID: one thing
	SubjectID int64
	Since     time.Time // the first instant
	Before    time.Time // the first one after
	After     int64     // goes on below this id, which a page before ended with
}

// Program is the Role of what the program did by itself.
const Program = "system"

// narrow puts reach and filter into a query. The other features' tables are read to know which event lies where.
func narrow(q *bun.SelectQuery, r Reach, f Filter) *bun.SelectQuery {
	for column, v := range map[string]int64{"user_id": f.UserID, "event_id": f.EventID} {
		if v != 0 {
			q = q.Where("? = ?", bun.Ident("entry."+column), v)
		}
	}
	switch f.Role {
	case "":
	case Program:
		q = q.Where("entry.role = '' AND entry.user_id IS NULL AND entry.actor = ?", Program)
	case "participant": // earlier releases wrote the name alone
		q = q.Where("(entry.role = ? OR entry.role = '' AND entry.user_id IS NULL AND entry.actor = ?)", f.Role, f.Role)
	default:
		q = q.Where("entry.role = ?", f.Role)
	}
	switch f.Group {
	case "":
	case View, Export:
		q = q.Where("entry.action = ?", f.Group)
	default:
		q = q.Where("entry.subject = ? AND entry.action NOT IN (?, ?)", f.Group, View, Export)
	}
	if f.Action != "" {
		q = q.Where("entry.action = ?", f.Action)
	}
	if f.Subject != "" {
		q = q.Where("entry.subject = ? AND entry.subject_id = ?", f.Subject, f.SubjectID)
	}
	if !f.Since.IsZero() {
		q = q.Where("entry.at >= ?", db.At(f.Since))
	}
	if !f.Before.IsZero() {
		q = q.Where("entry.at < ?", db.At(f.Before))
	}
	if f.After != 0 {
		q = q.Where("entry.id < ?", f.After)
	}
	return r.within(q)
}

func (r Reach) within(q *bun.SelectQuery) *bun.SelectQuery {
	if r.All {
		return q
	}
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("1 = 0")
		if len(r.Events) > 0 {
			q = q.WhereOr("entry.event_id IN (?)", bun.List(r.Events))
		}
		if len(r.Organisations) > 0 {
			q = q.WhereOr("entry.event_id IN (SELECT id FROM events WHERE organisation_id IN (?))", bun.List(r.Organisations)).
				WhereOr("entry.subject = 'organisation' AND entry.subject_id IN (?)", bun.List(r.Organisations))
		}
		if len(r.Projects) > 0 {
			q = q.WhereOr("entry.event_id IN (SELECT id FROM events WHERE project_id IN (?))", bun.List(r.Projects)).
				WhereOr("entry.subject = 'project' AND entry.subject_id IN (?)", bun.List(r.Projects)).
				WhereOr("entry.subject = 'person' AND entry.subject_id IN (SELECT r.person_id FROM registrations AS r JOIN events AS e ON e.id = r.event_id WHERE e.project_id IN (?))", bun.List(r.Projects)).
				WhereOr("entry.subject = 'report' AND entry.subject_id IN (SELECT id FROM reports WHERE project_id IN (?))", bun.List(r.Projects))
		}
		return q
	})
}

// List returns entries within reach, the newest first, at most limit.
func List(ctx context.Context, d *db.DB, r Reach, f Filter, limit int) ([]Entry, error) {
	var list []Entry
	q := narrow(d.Read().NewSelect().Model(&list), r, f)
	if err := q.OrderExpr("entry.id DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list the audit: %w", err)
	}
	return list, nil
}

// Actor is a user who stands in the record.
type Actor struct {
	ID   int64
	Name string // of today
}

// Actors returns the users of whom there are entries within reach.
func Actors(ctx context.Context, d *db.DB, r Reach) ([]Actor, error) {
	var list []Actor
	some := r.within(d.Read().NewSelect().TableExpr("audit AS entry").ColumnExpr("1").Where("entry.user_id = u.id"))
	if err := d.Read().NewSelect().TableExpr("users AS u").ColumnExpr("u.id, u.name").Where("EXISTS (?)", some).OrderExpr("u.id").Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("list who stands in the audit: %w", err)
	}
	return list, nil
}

// Of returns what was done to one thing, the newest first; the caller has checked who asks.
func Of(ctx context.Context, d *db.DB, subject string, id int64) ([]Entry, error) {
	return List(ctx, d, Reach{All: true}, Filter{Subject: subject, SubjectID: id}, 1000)
}

// Thing is what an entry is about, as people know it: never by a participant's name.
type Thing struct {
	Subject string
	ID      int64
	Label   string
	Event   string // code of the event in which it lies, or ""
	Known   int64  // of a user: the id, if the reader may know it
}

// labels say how things are called, by kind.
var labels = map[string]string{
	"event":        "SELECT id, code AS label, code AS event FROM events WHERE id IN (?)",
	"registration": "SELECT r.id, r.code AS label, e.code AS event FROM registrations AS r JOIN events AS e ON e.id = r.event_id WHERE r.id IN (?)",
	"certificate":  "SELECT c.id, c.number AS label, e.code AS event FROM certificates AS c JOIN events AS e ON e.id = c.event_id WHERE c.id IN (?)",
	"checkin_link": "SELECT l.id, l.label AS label, e.code AS event FROM checkin_links AS l JOIN events AS e ON e.id = l.event_id WHERE l.id IN (?)",
	"project":      "SELECT id, code AS label, '' AS event FROM projects WHERE id IN (?)",
	"report":       "SELECT id, code AS label, '' AS event FROM reports WHERE id IN (?)",
	"organisation": "SELECT id, code AS label, '' AS event FROM organisations WHERE id IN (?)",
	"donor":        "SELECT id, code AS label, '' AS event FROM donors WHERE id IN (?)",
	"institution":  "SELECT id, name AS label, '' AS event FROM institutions WHERE id IN (?)",
	"token":        "SELECT id, label AS label, '' AS event FROM api_tokens WHERE id IN (?)",
}

// Things returns what entries are about to whoever has that reach, by kind and id, with one query for each kind among
// them; what has no name that people know, or is gone, is missing. The events of the
// entries are among them, and what their facts refer to.
func Things(ctx context.Context, d *db.DB, r Reach, entries []Entry) (map[string]map[int64]Thing, error) {
	ids := map[string]map[int64]bool{}
	want := func(subject string, id int64) {
		if labels[subject] == "" && subject != user || id == 0 {
			return
		}
		if ids[subject] == nil {
			ids[subject] = map[int64]bool{}
		}
		ids[subject][id] = true
	}
	for _, e := range entries {
		want(e.Subject, e.SubjectID)
		want("event", e.EventID)
		e.mentioned(want)
	}
	out := map[string]map[int64]Thing{}
	for subject, set := range ids {
		var list []int64
		for id := range set {
			list = append(list, id)
		}
		found, err := called(ctx, d, r, subject, list)
		if err != nil {
			return nil, fmt.Errorf("name what the audit is about: %w", err)
		}
		out[subject] = map[int64]Thing{}
		for _, t := range found {
			t.Subject = subject
			out[subject][t.ID] = t
		}
	}
	return out, nil
}

// user is the kind of thing that has an account.
const user = "user"

// called says how things of one kind are called.
func called(ctx context.Context, d *db.DB, r Reach, subject string, ids []int64) (found []Thing, err error) {
	switch {
	case subject != user:
		err = d.Read().NewRaw(labels[subject], bun.List(ids)).Scan(ctx, &found)
	case r.All:
		err = d.Read().NewRaw("SELECT id, name AS label, id AS known FROM users WHERE id IN (?)", bun.List(ids)).Scan(ctx, &found)
	default:
		return invited(ctx, d, r, ids)
	}
	return found, err
}

// invited names users to whoever doesn't reach all: those who have been here since they were given a role at an event,
// or did something within reach, and of the others what was written when they were invited. So an invitation doesn't
// tell who has an account.
func invited(ctx context.Context, d *db.DB, r Reach, ids []int64) (found []Thing, err error) {
	within := func(ids []int64) any { return bun.List(append([]int64{0}, ids...)) }
	err = d.Read().NewRaw(`SELECT u.id, MIN(CASE WHEN u.signed_in_at >= g.created_at THEN u.name ELSE g.name END) AS label,
			MAX(CASE WHEN u.signed_in_at >= g.created_at THEN u.id ELSE 0 END) AS known
		FROM users AS u JOIN grants AS g ON g.user_id = u.id AND g.scope_kind = 'event' JOIN events AS e ON e.id = g.scope_id
		WHERE u.id IN (?) AND (e.id IN (?) OR e.organisation_id IN (?) OR e.project_id IN (?)) AND (g.name <> '' OR u.signed_in_at >= g.created_at)
		GROUP BY u.id`, bun.List(ids), within(r.Events), within(r.Organisations), within(r.Projects)).Scan(ctx, &found)
	if err != nil {
		return nil, err
	}
	acted, err := Actors(ctx, d, r)
	for _, a := range acted {
		if slices.Contains(ids, a.ID) {
			found = append(found, Thing{ID: a.ID, Label: a.Name, Known: a.ID})
		}
	}
	return found, err
}

// OfRegistration returns what was done to a registration, its certificates and its person, the newest first; the caller
// has checked who asks.
func OfRegistration(ctx context.Context, d *db.DB, registrationID, personID int64) ([]Entry, error) {
	var list []Entry
	err := d.Read().NewSelect().Model(&list).Where("entry.subject = 'registration' AND entry.subject_id = ?", registrationID).
		WhereOr("entry.subject = 'certificate' AND entry.subject_id IN (SELECT id FROM certificates WHERE registration_id = ?)", registrationID).
		WhereOr("entry.subject = 'person' AND entry.subject_id = ?", personID).OrderExpr("entry.id DESC").Limit(500).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the audit of registration %d: %w", registrationID, err)
	}
	return list, nil
}
