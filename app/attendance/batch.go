package attendance

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/registration"
	"attesta/app/token"
)

// The answers that only a batch gets.
const (
	NoUnit   Answer = "no_unit"  // the event has no such unit
	KeyTaken Answer = "key_used" // the key was used for another claim; nothing is recorded
)

// Answered is what became of one mark of a batch.
type Answered struct {
	Answer     Answer
	Repeated   bool    // the same mark came before, under the same key: Answer says where things stand now
	ReceivedAt db.Time // when the claim was received, the first time; zero if none was recorded
}

// batch is several marks on the way.
type batch struct {
	marks   []Mark
	units   map[int]event.AttendanceUnit
	people  map[string]*registration.Registration // by folded code
	known   map[string]Claim                      // by key
	present map[[2]int64]bool                     // by registration and unit
	claims  []Claim
	entries []audit.Entry
}

// MarkAll records marks about one event in one transaction and answers each of them: what is wrong with one keeps none
// of the others from being recorded. Only code, unit, source, absence, device and its time, and key of a mark count.
// The actor needs MarkPresence for the event.
func (d *Desk) MarkAll(ctx context.Context, actor account.Actor, eventCode string, marks []Mark) (out []Answered, err error) {
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := event.ByCodeIn(ctx, tx, eventCode)
		if err != nil {
			return err
		}
		if err := event.May(actor, account.MarkPresence, e); err != nil {
			return err
		}
		b, err := load(ctx, tx, e, marks)
		if err != nil {
			return err
		}
		out = make([]Answered, len(marks))
		now := db.At(d.Clock())
		for i, m := range marks {
			out[i] = b.take(actor, e, m, now)
		}
		if err := record(ctx, tx, b.claims); err != nil {
			return err
		}
		return b.note(ctx, tx, actor, e)
	})
	if err != nil {
		return nil, fmt.Errorf("mark attendance of many: %w", err)
	}
	return out, nil
}

// load reads what the marks are about and locks the registrations, always in the same order.
func load(ctx context.Context, tx *db.Tx, e *event.Event, marks []Mark) (*batch, error) {
	b := &batch{marks: marks, units: map[int]event.AttendanceUnit{}, people: map[string]*registration.Registration{}, known: map[string]Claim{}, present: map[[2]int64]bool{}}
	units, err := event.Units(ctx, tx, e.ID)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		b.units[u.Position] = u
	}
	codes, keys := []string{""}, []string{""}
	for _, m := range marks {
		codes, keys = append(codes, token.Fold(m.Code)), append(keys, m.RequestKey)
	}
	if err := b.loadPeople(ctx, tx, codes); err != nil {
		return nil, err
	}
	var claims []Claim
	if err := tx.NewSelect().Model(&claims).Where("request_key IN (?)", bun.List(keys)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, c := range claims {
		b.known[c.RequestKey] = c
	}
	return b, nil
}

// loadPeople finds registrations by code; one that was folded into another stands for that one.
func (b *batch) loadPeople(ctx context.Context, tx *db.Tx, codes []string) error {
	var list []registration.Registration
	q := tx.NewSelect().Model(&list).
		Where("code IN (?) OR id IN (SELECT folded_into FROM registrations WHERE code IN (?))", bun.List(codes), bun.List(codes)).OrderExpr("id")
	if err := tx.Lock(q).Scan(ctx); err != nil {
		return err
	}
	byID, ids := map[int64]*registration.Registration{}, []int64{0}
	for i := range list {
		byID[list[i].ID] = &list[i]
		ids = append(ids, list[i].ID)
	}
	for i := range list {
		r := &list[i]
		if into := byID[r.FoldedInto]; into != nil {
			b.people[r.Code] = into
			continue
		}
		b.people[r.Code] = r
	}
	var rows []struct{ RegistrationID, UnitID int64 }
	if err := tx.NewRaw("SELECT registration_id, unit_id FROM attendance WHERE registration_id IN (?)", bun.List(ids)).Scan(ctx, &rows); err != nil {
		return err
	}
	for _, r := range rows {
		b.present[[2]int64{r.RegistrationID, r.UnitID}] = true
	}
	return nil
}

// take answers one mark and keeps the claim that it makes.
func (b *batch) take(actor account.Actor, e *event.Event, m Mark, now db.Time) Answered {
	u, ok := b.units[m.Position]
	if !ok {
		return Answered{Answer: NoUnit}
	}
	r := b.people[token.Fold(m.Code)]
	switch {
	case r == nil:
		return Answered{Answer: Unknown}
	case r.EventID != e.ID:
		return Answered{Answer: NotThis}
	}
	at := [2]int64{r.ID, u.ID}
	if c, ok := b.known[m.RequestKey]; ok && m.RequestKey != "" {
		return repeated(c, r, u, m, b.present[at])
	}
	if r.Status != registration.Approved {
		return Answered{Answer: NotApproved}
	}
	return b.claim(actor, at, r, u, m, now)
}

// repeated answers a mark whose key is known.
func repeated(c Claim, r *registration.Registration, u event.AttendanceUnit, m Mark, present bool) Answered {
	if c.RegistrationID != r.ID || c.UnitID != u.ID || c.Present == m.Absent {
		return Answered{Answer: KeyTaken}
	}
	a := Answered{Answer: OutAlready, Repeated: true, ReceivedAt: c.ReceivedAt}
	if present {
		a.Answer = Already
	}
	return a
}

func (b *batch) claim(actor account.Actor, at [2]int64, r *registration.Registration, u event.AttendanceUnit, m Mark, now db.Time) Answered {
	was := b.present[at]
	a := Answered{Answer: In, ReceivedAt: now}
	source := m.Source
	switch {
	case m.Absent && !was:
		return Answered{Answer: OutAlready}
	case m.Absent:
		a.Answer, source = Out, Correction
	case was:
		a.Answer = Already
	}
	c := Claim{
		RegistrationID: r.ID, UnitID: u.ID, Source: source, Present: !m.Absent, Device: m.Device, DeviceAt: db.At(m.DeviceAt),
		ReceivedAt: now, UserID: actor.UserID, LinkID: m.LinkID, RequestKey: m.RequestKey,
	}
	b.claims = append(b.claims, c)
	b.present[at] = !m.Absent
	if m.RequestKey != "" {
		b.known[m.RequestKey] = c
	}
	if source == Correction || source == List {
		entry := actor.Deed("attendance.mark", "registration", r.ID)
		entry.Detail = audit.Detail(map[string]any{"unit": u.Position, "present": !m.Absent})
		b.entries = append(b.entries, entry)
	}
	return a
}

// note records the corrections one by one and the batch as one deed.
func (b *batch) note(ctx context.Context, tx *db.Tx, actor account.Actor, e *event.Event) error {
	if len(b.claims) == 0 {
		return nil
	}
	all := actor.Deed("attendance.claims", "event", e.ID)
	all.Detail = audit.Detail(map[string]any{"claims": len(b.claims)})
	for _, entry := range append(b.entries, all) {
		entry.EventID = e.ID
		if err := audit.Record(ctx, tx, entry); err != nil {
			return err
		}
	}
	return nil
}
