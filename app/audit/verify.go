package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"attesta/app/db"
)

// Fault says what is wrong at one place of the record.
type Fault string

// The faults.
const (
	Changed    Fault = "changed"        // an entry isn't as it was sealed
	Removed    Fault = "removed"        // an entry is gone
	Swapped    Fault = "swapped"        // two entries stand in each other's place
	Broken     Fault = "broken"         // a link was written over
	Unlinked   Fault = "unlinked"       // links are gone from the middle of the chain
	Inserted   Fault = "inserted"       // an entry was added later than it says
	Unsealed   Fault = "unsealed"       // an old entry has no link
	CutOff     Fault = "cut_off"        // the chain ends before the head that is known
	Other      Fault = "other"          // the chain isn't the one of the head that is known
	NoChain    Fault = "no_chain"       // nothing at all fits the key: another secret, or another chain
	tolerance        = 10 * time.Minute // between an entry's time and its sealing while the program is at work
	maxProblem       = 1000
)

// Problem is one place of the record at which something is wrong. What isn't known is 0.
type Problem struct {
	Fault   Fault `json:"fault"`
	Seq     int64 `json:"seq,omitempty"`   // of the link
	Until   int64 `json:"until,omitempty"` // the last of several links
	EntryID int64 `json:"entry,omitempty"`
}

// Check is what a look at the whole record found.
type Check struct {
	At       time.Time `json:"at"`
	Entries  int       `json:"entries"` // that are sealed
	Waiting  int       `json:"waiting"` // that will be sealed in a moment
	Head     Head      `json:"-"`       // zero while nothing is sealed
	Began    time.Time `json:"began,omitzero"`
	Earlier  int       `json:"earlier"` // entries that were there when the chain began
	Late     int       `json:"late"`    // entries sealed long after they were recorded, because nothing ran meanwhile
	Problems []Problem `json:"problems"`
	More     int       `json:"more,omitempty"` // problems that aren't listed
}

// Whole reports whether nothing is wrong.
func (c *Check) Whole() bool { return len(c.Problems) == 0 }

func (c *Check) add(p Problem) {
	if len(c.Problems) >= maxProblem {
		c.More++
		return
	}
	c.Problems = append(c.Problems, p)
}

// Verify checks the record of d against its chain with the key (see Key) and says what is wrong, which is no error.
// known is a head that was noted earlier somewhere else, or nil: only with it does one see that the end was cut off.
func Verify(ctx context.Context, d *db.DB, key []byte, known *Head) (*Check, error) {
	c := &Chain{DB: d, Key: key}
	v := verification{chain: c, known: known, check: &Check{At: d.Now().Time, Problems: []Problem{}}}
	if err := v.links(ctx); err != nil {
		return nil, fmt.Errorf("verify the audit: %w", err)
	}
	if err := v.unsealed(ctx); err != nil {
		return nil, fmt.Errorf("verify the audit: %w", err)
	}
	v.conclude()
	return v.check, nil
}

// Check verifies the record and remembers the outcome for Last.
func (c *Chain) Check(ctx context.Context) (*Check, error) {
	check, err := Verify(ctx, c.DB, c.Key, nil)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.last = check
	c.mu.Unlock()
	return check, nil
}

// Last returns the latest check of this process, and makes one if there was none. Nobody may change it.
func (c *Chain) Last(ctx context.Context) (*Check, error) {
	c.mu.Lock()
	last := c.last
	c.mu.Unlock()
	if last != nil {
		return last, nil
	}
	return c.Check(ctx)
}

// misfit is a link that doesn't fit its entry and the link before it.
type misfit struct {
	link
	previous string // the hash that stands before it
	want     string // what would fit
	entry    sealed
}

// verification walks the chain once.
type verification struct {
	chain *Chain
	known *Head
	check *Check

	head    link  // the last one read
	gap     bool  // the one before it is missing
	newest  int64 // the time of the newest entry so far
	run     int64 // when the links at hand were sealed
	earlier int64 // when the latest ones before them were
	first   int64 // when the first was
	seen    bool  // the known head
	misfits []misfit
	fitted  int
}

func (v *verification) links(ctx context.Context) error {
	rows, err := v.chain.DB.Read().QueryContext(ctx, `SELECT l.seq, l.entry_id, l.hash, l.sealed_at, a.id, COALESCE(a.at, 0), a.user_id, COALESCE(a.actor, ''),
		COALESCE(a.role, ''), a.token_id, COALESCE(a.action, ''), COALESCE(a.subject, ''), COALESCE(a.subject_id, 0), a.event_id, COALESCE(a.detail, ''), COALESCE(a.request_id, '')
		FROM audit_chain AS l LEFT JOIN audit AS a ON a.id = l.entry_id ORDER BY l.seq`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var l link
		var e sealed
		var id sql.NullInt64
		err := rows.Scan(&l.Seq, &l.EntryID, &l.Hash, &l.SealedAt, &id, &e.At, &e.UserID, &e.Actor, &e.Role, &e.TokenID, &e.Action, &e.Subject, &e.SubjectID, &e.EventID, &e.Detail, &e.RequestID)
		if err != nil {
			return err
		}
		e.ID = id.Int64
		v.link(l, e, id.Valid)
	}
	return errors.Join(rows.Err(), rows.Close())
}

// link judges the next link and its entry, if there is one.
func (v *verification) link(l link, e sealed, there bool) {
	v.gap = l.Seq != v.head.Seq+1
	if v.gap {
		v.check.add(Problem{Fault: Unlinked, Seq: v.head.Seq + 1, Until: l.Seq - 1})
	}
	if v.known != nil && v.known.Seq == l.Seq {
		v.seen = true
		if v.known.Hash != l.Hash {
			v.check.add(Problem{Fault: Other, Seq: l.Seq, EntryID: l.EntryID})
		}
	}
	v.check.Entries++
	switch {
	case !there:
		v.check.add(Problem{Fault: Removed, Seq: l.Seq, EntryID: l.EntryID})
	case v.gap: // what it was linked to is gone
	default:
		v.fit(l, e)
	}
	if there {
		v.time(l, e)
	}
	v.head = l
}

// fit compares a link with what it seals.
func (v *verification) fit(l link, e sealed) {
	want := v.chain.hash(l.Seq, v.head.Hash, l.SealedAt, &e)
	if want == l.Hash {
		v.fitted++
		return
	}
	if n := len(v.misfits); n > 0 && v.misfits[n-1].Seq == l.Seq-1 && v.chain.hash(l.Seq, v.misfits[n-1].want, l.SealedAt, &e) == l.Hash {
		last := v.misfits[n-1] // it fits what should stand before it: the link was written over, not the entry
		v.misfits = v.misfits[:n-1]
		v.check.add(Problem{Fault: Broken, Seq: last.Seq, EntryID: last.EntryID})
		v.fitted++
		return
	}
	if len(v.misfits) < maxProblem {
		v.misfits = append(v.misfits, misfit{l, v.head.Hash, want, e})
		return
	}
	v.check.More++
}

// time finds entries that came later than they say: others that are newer were sealed by then, in an earlier run.
func (v *verification) time(l link, e sealed) {
	if at := l.SealedAt.UnixMilli(); at != v.run {
		v.earlier, v.run = max(v.earlier, v.run), at
	}
	if v.first == 0 {
		v.first, v.check.Began = v.run, l.SealedAt.Time
	}
	grace := tolerance.Milliseconds()
	switch late := v.run-e.At > grace; {
	case late && v.run == v.first:
		v.check.Earlier++
	case late && v.newest-e.At > grace && v.earlier-e.At > grace:
		v.check.add(Problem{Fault: Inserted, Seq: l.Seq, EntryID: l.EntryID})
	case late:
		v.check.Late++
	}
	v.newest = max(v.newest, e.At)
}

func (v *verification) unsealed(ctx context.Context) error {
	var list []struct{ ID, At int64 }
	err := v.chain.DB.Read().NewRaw(`SELECT a.id, a.at FROM audit AS a WHERE NOT EXISTS (SELECT 1 FROM audit_chain AS l WHERE l.entry_id = a.id)
		AND (a.at < ? OR a.id IN (SELECT id FROM audit ORDER BY id DESC LIMIT ?)) ORDER BY a.id LIMIT ?`, v.run, batch, batch).Scan(ctx, &list)
	if err != nil {
		return err
	}
	for _, e := range list {
		if v.run-e.At > tolerance.Milliseconds() {
			v.check.add(Problem{Fault: Unsealed, EntryID: e.ID})
			continue
		}
		v.check.Waiting++
	}
	return nil
}

func (v *verification) conclude() {
	if v.head.Seq > 0 {
		v.check.Head = Head{v.head.Seq, v.head.Hash}
	}
	if len(v.misfits) > 1 && v.fitted == 0 {
		v.misfits = nil
		v.check.add(Problem{Fault: NoChain})
	}
	for i := range v.misfits {
		v.check.add(Problem{Fault: v.why(i), Seq: v.misfits[i].Seq, EntryID: v.misfits[i].EntryID})
	}
	if v.known != nil && !v.seen {
		v.check.add(Problem{Fault: CutOff, Seq: v.head.Seq + 1, Until: v.known.Seq})
	}
}

// why says whether the entry of a misfit was changed, or stands in the place of another.
func (v *verification) why(i int) Fault {
	m := &v.misfits[i]
	for j := range v.misfits {
		if j != i && v.chain.hash(m.Seq, m.previous, m.SealedAt, &v.misfits[j].entry) == m.Hash {
			return Swapped
		}
	}
	return Changed
}
