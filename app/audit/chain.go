package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"attesta/app/db"
)

// Chain seals the entries of the record one after the other: each link is keyed with the installation's secret and
// holds the one before it, so whoever changes the table beneath without the secret can't mend the chain. Sealing comes
// after the deeds, which never wait for it. What it can't show is a change within the moment before an entry is
// sealed, and that the end of the record was cut off together with its links: for that one needs a Head that was noted
// somewhere else, as every export and the program's log do.
type Chain struct {
	DB    *db.DB
	Key   []byte // see Key
	Clock func() time.Time
	Log   *slog.Logger // nil: nothing is said

	mu   sync.Mutex
	last *Check
}

// Key derives the chain's key from the installation's secret.
func Key(secret []byte) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write([]byte("attesta audit chain"))
	return m.Sum(nil)
}

// Head is the last link of a chain at some moment.
type Head struct {
	Seq  int64
	Hash string
}

// String writes a head as ParseHead reads it, "SEQ:HASH".
func (h Head) String() string { return strconv.FormatInt(h.Seq, 10) + ":" + h.Hash }

// ParseHead reads what String wrote.
func ParseHead(s string) (Head, error) {
	seq, hash, ok := strings.Cut(strings.TrimSpace(s), ":")
	n, err := strconv.ParseInt(seq, 10, 64)
	if _, e := hex.DecodeString(hash); !ok || err != nil || e != nil || n < 1 || len(hash) != 2*sha256.Size {
		return Head{}, fmt.Errorf("%q is no head of a chain: it is written SEQ:HASH", s)
	}
	return Head{n, hash}, nil
}

// link is a row of audit_chain.
type link struct {
	bun.BaseModel `bun:"table:audit_chain"`

	Seq      int64 `bun:",pk"`
	EntryID  int64
	Hash     string
	SealedAt db.Time
}

// sealed is an entry as it stands in the table, byte for byte.
type sealed struct {
	ID        int64
	At        int64
	UserID    sql.NullInt64
	Actor     string
	Role      string
	TokenID   sql.NullInt64
	Action    string
	Subject   string
	SubjectID int64
	EventID   sql.NullInt64
	Detail    string
	RequestID string
}

const columns = "a.id, a.at, a.user_id, a.actor, a.role, a.token_id, a.action, a.subject, a.subject_id, a.event_id, a.detail, a.request_id"

// bytes writes an entry so that no two different ones are written alike: each text after its length.
func (e *sealed) bytes() []byte {
	b := make([]byte, 0, 192+len(e.Detail))
	number := func(n int64) { b = binary.BigEndian.AppendUint64(b, uint64(n)) } //nolint:gosec // the bits are what counts
	maybe := func(n sql.NullInt64) {
		if b = append(b, 0); n.Valid {
			b[len(b)-1] = 1
		}
		number(n.Int64)
	}
	text := func(s string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s))) //nolint:gosec // a cell of a table
		b = append(b, s...)
	}
	number(e.ID)
	number(e.At)
	maybe(e.UserID)
	text(e.Actor)
	text(e.Role)
	maybe(e.TokenID)
	text(e.Action)
	text(e.Subject)
	number(e.SubjectID)
	maybe(e.EventID)
	text(e.Detail)
	text(e.RequestID)
	return b
}

// hash is the link of an entry at its place.
func (c *Chain) hash(seq int64, previous string, at db.Time, e *sealed) string {
	m := hmac.New(sha256.New, c.Key)
	var head [16]byte
	binary.BigEndian.PutUint64(head[:8], uint64(seq))            //nolint:gosec // the bits are what counts
	binary.BigEndian.PutUint64(head[8:], uint64(at.UnixMilli())) //nolint:gosec // the bits are what counts
	m.Write(head[:])
	m.Write([]byte(previous))
	m.Write(e.bytes())
	return hex.EncodeToString(m.Sum(nil))
}

// Head returns the last link, and false in an installation that has sealed nothing yet.
func (c *Chain) Head(ctx context.Context) (Head, bool, error) {
	var l link
	err := c.DB.Read().NewSelect().Model(&l).Order("seq DESC").Limit(1).Scan(ctx)
	if errors.Is(db.One(err), db.ErrNotFound) {
		return Head{}, false, nil
	}
	if err != nil {
		return Head{}, false, fmt.Errorf("read the head of the audit's chain: %w", err)
	}
	return Head{l.Seq, l.Hash}, true, nil
}

const (
	batch     = 1000           // links in one transaction
	lookBack  = 1000           // ids below the last sealed one among which late commits are looked for each time
	lockChain = 0x617564697420 // the key of the transactions that seal
)

// Seal appends a link for each entry that has none, in the order of ids, and returns how many. Several processes may
// seal at once.
func (c *Chain) Seal(ctx context.Context) (n int, err error) { return c.seal(ctx, 0) }

// seal looks at entries above an id only.
func (c *Chain) seal(ctx context.Context, above int64) (n int, err error) {
	at := db.At(c.Clock())
	for {
		var done, left int
		if done, left, err = c.sealSome(ctx, above, at); err != nil || left == 0 {
			return n + done, err
		}
		n += done
	}
}

// sealSome reads and reckons before the transaction, which only writes: nobody waits for more. If another process has
// sealed meanwhile, nothing is done and there is something left.
func (c *Chain) sealSome(ctx context.Context, above int64, at db.Time) (done, left int, err error) {
	head, _, err := c.Head(ctx)
	if err != nil {
		return 0, 0, err
	}
	var list []sealed
	err = c.DB.Read().NewRaw(`SELECT `+columns+` FROM audit AS a WHERE a.id > ?
		AND NOT EXISTS (SELECT 1 FROM audit_chain AS l WHERE l.entry_id = a.id) ORDER BY a.id LIMIT ?`, above, batch).Scan(ctx, &list)
	if err != nil {
		return 0, 0, fmt.Errorf("look for entries of the audit to seal: %w", err)
	}
	if len(list) == 0 {
		return 0, 0, nil
	}
	links := make([]link, len(list))
	last := head
	for i := range list {
		last = Head{last.Seq + 1, c.hash(last.Seq+1, last.Hash, at, &list[i])}
		links[i] = link{Seq: last.Seq, EntryID: list[i].ID, Hash: last.Hash, SealedAt: at}
	}
	err = c.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		done = 0
		if err := tx.Alone(ctx, lockChain); err != nil {
			return err
		}
		var now int64
		if err := tx.NewRaw("SELECT COALESCE(MAX(seq), 0) FROM audit_chain").Scan(ctx, &now); err != nil || now != head.Seq {
			return err
		}
		done = len(links)
		_, err := tx.NewInsert().Model(&links).Returning("NULL").Exec(ctx)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("seal entries of the audit: %w", err)
	}
	if done == len(links) && len(links) < batch {
		return done, 0, nil
	}
	return done, 1, nil
}

// Run seals until ctx ends, about once a second, checks the whole chain when it begins and once a day, and says the
// head in the log then: a head that is known from elsewhere shows if the end of the record was cut off.
func (c *Chain) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	day := time.NewTicker(24 * time.Hour)
	defer day.Stop()
	hour := time.NewTicker(time.Hour)
	defer hour.Stop()
	c.try(ctx, 0)
	c.daily(ctx)
	for {
		select {
		case <-ctx.Done():
			c.try(context.WithoutCancel(ctx), c.recent(context.WithoutCancel(ctx)))
			return
		case <-tick.C:
			c.try(ctx, c.recent(ctx))
		case <-hour.C:
			c.try(ctx, 0)
		case <-day.C:
			c.daily(ctx)
		}
	}
}

// recent is the id above which unsealed entries are looked for each second; a transaction that was open for longer
// than others took to record lookBack entries is found within the hour.
func (c *Chain) recent(ctx context.Context) int64 {
	var last int64
	if err := c.DB.Read().NewRaw("SELECT COALESCE(MAX(entry_id), 0) FROM audit_chain").Scan(ctx, &last); err != nil {
		return 0
	}
	return max(0, last-lookBack)
}

func (c *Chain) try(ctx context.Context, above int64) {
	if _, err := c.seal(ctx, above); err != nil && ctx.Err() == nil {
		c.log().Error("seal the audit", "error", err)
	}
}

func (c *Chain) daily(ctx context.Context) {
	check, err := c.Check(ctx)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		c.log().Error("check the audit", "error", err)
	case !check.Whole():
		c.log().Error("the audit was changed beneath the program: run attesta audit verify", "problems", len(check.Problems), "head", check.Head.String())
	default:
		c.log().Info("the audit is whole", "entries", check.Entries, "head", check.Head.String())
	}
}

func (c *Chain) log() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}
