package audit_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"attesta/app/apptest"
	"attesta/app/audit"
	"attesta/app/db"
)

var key = audit.Key([]byte("a secret of the installation"))

// kept is a record with its chain and its clock.
type kept struct {
	t *testing.T
	*db.DB
	chain *audit.Chain
	clock *apptest.Clock
}

func newKept(t *testing.T, d *db.DB) *kept {
	k := &kept{t: t, DB: d, clock: &apptest.Clock{}}
	k.clock.Set(time.Date(2022, 5, 16, 9, 0, 0, 0, time.UTC))
	d.KeepTime(k.clock.Now)
	k.chain = &audit.Chain{DB: d, Key: key, Clock: k.clock.Now}
	return k
}

// deeds records n entries five minutes apart and seals each in a run of its own.
func (k *kept) deeds(n int) {
	k.t.Helper()
	for i := range n {
		k.clock.Set(k.clock.Now().Add(5 * time.Minute))
		record(k.t.Context(), k.t, k.DB, audit.Entry{UserID: 7, Actor: "Ana", Role: "organiser", Action: "decide", Subject: "registration", SubjectID: int64(i + 1), EventID: 2})
		k.seal(1)
	}
}

func (k *kept) seal(want int) {
	k.t.Helper()
	if n, err := k.chain.Seal(k.t.Context()); err != nil || n != want {
		k.t.Fatalf("sealed %d, want %d: %v", n, want, err)
	}
}

func (k *kept) verify(known *audit.Head) *audit.Check {
	k.t.Helper()
	check, err := audit.Verify(k.t.Context(), k.DB, key, known)
	if err != nil {
		k.t.Fatal(err)
	}
	return check
}

func (k *kept) head() audit.Head {
	k.t.Helper()
	h, ok, err := k.chain.Head(k.t.Context())
	if err != nil || !ok {
		k.t.Fatalf("no head: %v", err)
	}
	return h
}

// beneath changes the tables as somebody does who has the database but not the program.
func (k *kept) beneath(statements ...string) {
	k.t.Helper()
	drop := []string{"DROP TRIGGER audit_unchanged", "DROP TRIGGER audit_kept", "DROP TRIGGER audit_chain_unchanged", "DROP TRIGGER audit_chain_kept"}
	if k.Dialect() == db.Postgres {
		drop = []string{
			"DROP TRIGGER audit_unchanged ON audit", "DROP TRIGGER audit_chain_unchanged ON audit_chain", "ALTER TABLE audit_chain DROP CONSTRAINT audit_chain_entry_id_fkey",
			"ALTER TABLE audit_chain DROP CONSTRAINT audit_chain_entry_id_key",
		}
	}
	for _, s := range append(drop, statements...) {
		if k.Dialect() == db.SQLite && (strings.HasPrefix(s, "DELETE FROM audit WHERE") || strings.HasPrefix(s, "UPDATE audit_chain SET entry_id")) {
			k.withoutForeignKeys(s)
			continue
		}
		if err := k.InTx(k.t.Context(), apptest.Exec(s)); err != nil {
			k.t.Fatalf("%s: %v", s, err)
		}
	}
}

// withoutForeignKeys runs a statement on SQLite's other connection, with its checks off.
func (k *kept) withoutForeignKeys(statement string) {
	k.t.Helper()
	ctx := k.t.Context()
	c, err := k.Queue().Conn(ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	defer c.Close()
	for _, s := range []string{"PRAGMA foreign_keys = 0", statement, "PRAGMA foreign_keys = 1"} {
		if _, err := c.ExecContext(ctx, s); err != nil {
			k.t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestAChainThatNobodyTouchedIsWhole(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKept(t, d)
		if c := k.verify(nil); !c.Whole() || c.Entries != 0 {
			t.Errorf("an empty record: %+v", c)
		}
		k.deeds(5)
		early := k.head()
		k.deeds(3)
		record(t.Context(), t, d, audit.Entry{Actor: "system", Action: "issue", Subject: "certificate", SubjectID: 1})
		head := k.head()
		want := &audit.Check{At: k.clock.Now(), Entries: 8, Waiting: 1, Head: head, Began: time.Date(2022, 5, 16, 9, 5, 0, 0, time.UTC), Problems: []audit.Problem{}}
		if diff := cmp.Diff(want, k.verify(&early)); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, k.verify(&head)); diff != "" {
			t.Error(diff)
		}
		read, err := audit.ParseHead(" " + head.String() + "\n")
		if err != nil || read != head {
			t.Errorf("the head was read as %v, %v", read, err)
		}
		for _, s := range []string{"", "3", "3:zz", "0:" + head.Hash, "x:" + head.Hash, "3:" + head.Hash[1:]} {
			if _, err := audit.ParseHead(s); err == nil {
				t.Errorf("%q was taken for a head", s)
			}
		}
	})
}

func TestWhatWasChangedBeneathIsFound(t *testing.T) {
	const past = "1652691600000" // when the record begins
	for _, c := range []struct {
		name  string
		do    []string
		again bool // the program seals on afterwards
		want  []audit.Problem
	}{
		{"an entry's actor", []string{"UPDATE audit SET actor = 'Eva' WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}}},
		{"an entry's role", []string{"UPDATE audit SET role = '' WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}}},
		{"an entry's user", []string{"UPDATE audit SET user_id = NULL WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}}},
		{"nothing made zero", []string{"UPDATE audit SET token_id = 0 WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}}},
		{"an entry's time", []string{"UPDATE audit SET at = at + 1 WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}}},
		{"a blank in the detail", []string{"UPDATE audit SET detail = '{ }' WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}}},
		{"letters moved over", []string{"UPDATE audit SET action = 'decid', subject = 'eregistration' WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}}},
		{"the first and the last", []string{"UPDATE audit SET subject_id = 99 WHERE id IN (1, 6)"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 1, EntryID: 1}, {Fault: audit.Changed, Seq: 6, EntryID: 6}}},
		{"neighbours", []string{"UPDATE audit SET subject_id = 99 WHERE id IN (3, 4)"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}, {Fault: audit.Changed, Seq: 4, EntryID: 4}}},
		{"an entry removed", []string{"DELETE FROM audit WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Removed, Seq: 3, EntryID: 3}}},
		{"an entry and its link removed", []string{"DELETE FROM audit_chain WHERE seq = 3", "DELETE FROM audit WHERE id = 3"}, false, []audit.Problem{{Fault: audit.Unlinked, Seq: 3, Until: 3}}},
		{
			"an entry and its link removed and the rest moved up", []string{"DELETE FROM audit_chain WHERE seq = 3", "DELETE FROM audit WHERE id = 3", "UPDATE audit_chain SET seq = seq - 1 WHERE seq > 3"}, false,
			[]audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 4}, {Fault: audit.Changed, Seq: 4, EntryID: 5}, {Fault: audit.Changed, Seq: 5, EntryID: 6}},
		},
		{"the beginning removed", []string{"DELETE FROM audit_chain WHERE seq < 3", "DELETE FROM audit WHERE id < 3"}, false, []audit.Problem{{Fault: audit.Unlinked, Seq: 1, Until: 2}}},
		{"two swapped", []string{"UPDATE audit_chain SET entry_id = 99 WHERE seq = 2", "UPDATE audit_chain SET entry_id = 2 WHERE seq = 4", "UPDATE audit_chain SET entry_id = 4 WHERE seq = 2"}, false, []audit.Problem{{Fault: audit.Swapped, Seq: 2, EntryID: 4}, {Fault: audit.Swapped, Seq: 4, EntryID: 2}}},
		{"a link written over", []string{"UPDATE audit_chain SET hash = '" + strings.Repeat("ab", 32) + "' WHERE seq = 3"}, false, []audit.Problem{{Fault: audit.Broken, Seq: 3, EntryID: 3}}},
		{"a link's time", []string{"UPDATE audit_chain SET sealed_at = sealed_at + 1 WHERE seq = 3"}, false, []audit.Problem{{Fault: audit.Changed, Seq: 3, EntryID: 3}}},
		{"an old entry added", []string{"INSERT INTO audit (at, actor, action, subject, subject_id) VALUES (" + past + ", 'Ana', 'decide', 'registration', 1)"}, false, []audit.Problem{{Fault: audit.Unsealed, EntryID: 7}}},
		{"an old entry added, then sealed", []string{"INSERT INTO audit (at, actor, action, subject, subject_id) VALUES (" + past + ", 'Ana', 'decide', 'registration', 1)"}, true, []audit.Problem{{Fault: audit.Inserted, Seq: 7, EntryID: 7}}},
		{"everything", []string{"UPDATE audit SET actor = 'Eva'"}, false, []audit.Problem{{Fault: audit.NoChain}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			apptest.Each(t, func(t *testing.T, d *db.DB) {
				k := newKept(t, d)
				k.deeds(6)
				k.beneath(c.do...)
				if c.again {
					k.clock.Set(k.clock.Now().Add(time.Second))
					k.seal(1)
				}
				if diff := cmp.Diff(c.want, k.verify(nil).Problems); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestOnlyAKnownHeadShowsThatTheEndWasCutOff(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKept(t, d)
		k.deeds(6)
		head := k.head()
		k.beneath("DELETE FROM audit_chain WHERE seq > 4", "DELETE FROM audit WHERE id > 4")
		if c := k.verify(nil); !c.Whole() || c.Entries != 4 {
			t.Errorf("without the head: %+v", c)
		}
		if diff := cmp.Diff([]audit.Problem{{Fault: audit.CutOff, Seq: 5, Until: 6}}, k.verify(&head).Problems); diff != "" {
			t.Error(diff)
		}
		k.deeds(3) // the program goes on, over what was cut off
		if diff := cmp.Diff([]audit.Problem{{Fault: audit.Other, Seq: 6, EntryID: k.ids()[5]}}, k.verify(&head).Problems); diff != "" {
			t.Error(diff)
		}
	})
}

// ids lists the entries in the order of the chain.
func (k *kept) ids() (ids []int64) {
	k.t.Helper()
	if err := k.Read().NewRaw("SELECT entry_id FROM audit_chain ORDER BY seq").Scan(k.t.Context(), &ids); err != nil {
		k.t.Fatal(err)
	}
	return ids
}

// Whoever throws the chain away and has the program make a new one can't hide it: it says when it began.
func TestAChainMadeAnewTellsThatTheRecordIsOlder(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKept(t, d)
		k.deeds(6)
		head := k.head()
		k.beneath("DELETE FROM audit_chain", "UPDATE audit SET actor = 'Eva' WHERE id = 2")
		k.clock.Set(k.clock.Now().Add(24 * time.Hour))
		k.seal(6)
		c := k.verify(nil)
		if !c.Began.Equal(k.clock.Now()) || c.Earlier != 6 {
			t.Errorf("%+v", c)
		}
		if diff := cmp.Diff([]audit.Problem{{Fault: audit.Other, Seq: 6, EntryID: 6}}, k.verify(&head).Problems); diff != "" {
			t.Error(diff)
		}
	})
}

func TestEntriesOfATimeWhenNothingRanAreSealedLateAndNotSuspected(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKept(t, d)
		k.deeds(2)
		k.clock.Set(k.clock.Now().Add(time.Minute))
		record(t.Context(), t, d, audit.Entry{Actor: "system", Action: "issue", Subject: "certificate", SubjectID: 1})
		k.clock.Set(k.clock.Now().Add(48 * time.Hour))
		record(t.Context(), t, d, audit.Entry{Actor: "system", Action: "issue", Subject: "certificate", SubjectID: 2})
		k.seal(2)
		k.deeds(1)
		if c := k.verify(nil); !c.Whole() || c.Late != 1 || c.Entries != 5 {
			t.Errorf("%+v", c)
		}
	})
}

func TestAChainNeedsTheSecretItWasMadeWith(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKept(t, d)
		k.deeds(3)
		c, err := audit.Verify(t.Context(), d, audit.Key([]byte("another")), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]audit.Problem{{Fault: audit.NoChain}}, c.Problems); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSeveralReplicasSealEveryEntryOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		k := newKept(t, d)
		const writers, each = 8, 60
		var work, sealers sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		for range 4 {
			sealers.Go(func() {
				chain := &audit.Chain{DB: d, Key: key, Clock: k.clock.Now}
				for ctx.Err() == nil {
					if _, err := chain.Seal(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for w := range writers {
			work.Go(func() {
				for i := range each {
					record(t.Context(), t, d, audit.Entry{Actor: fmt.Sprint(w), Action: "submit", Subject: "registration", SubjectID: int64(i + 1)})
				}
			})
		}
		work.Wait()
		stop()
		sealers.Wait()
		if _, err := k.chain.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		if c := k.verify(nil); !c.Whole() || c.Entries != writers*each || c.Waiting != 0 || c.Head.Seq != writers*each {
			t.Errorf("%+v", c)
		}
	})
}

func TestARunningChainSealsByItself(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		chain := &audit.Chain{DB: d, Key: key, Clock: time.Now}
		over := make(chan struct{})
		go func() { defer close(over); chain.Run(ctx) }()
		record(t.Context(), t, d, audit.Entry{Actor: "system", Action: "issue", Subject: "certificate", SubjectID: 1})
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			head, _, err := chain.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if head.Seq == 1 {
				break
			}
			if time.Now().After(end) {
				t.Fatal("nothing was sealed")
			}
		}
		record(t.Context(), t, d, audit.Entry{Actor: "system", Action: "issue", Subject: "certificate", SubjectID: 2})
		stop()
		<-over
		if head, _, err := chain.Head(t.Context()); err != nil || head.Seq != 2 {
			t.Errorf("what was recorded last isn't sealed at the end: %v %v", head, err)
		}
	})
}
