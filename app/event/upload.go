package event

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/uptrace/bun"

	"attesta/app/account"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/file"
	"attesta/app/token"
)

// How much may be sent, in bytes.
const (
	MaxFile  = 100 << 20 // one file
	MaxFiles = 500 << 20 // the files of an event together, with those that are on their way
	Chunk    = 512 << 10 // what a client is asked to send at once,
	MaxChunk = 1 << 20   // and what it may
	minChunk = 64 << 10  // of all chunks but the last
)

// Upload is a file on its way: it comes in chunks, each an object of the store, and can be continued after a cut. It
// becomes a material when it is finished, under the same code.
type Upload struct {
	bun.BaseModel `bun:"table:uploads"`

	ID          int64 `bun:",pk,autoincrement"`
	Code        string
	EventID     int64
	UserID      int64 `bun:",nullzero"`
	FileName    string
	Fingerprint string // by which the sender's program knows the file again, or ""
	Size        int64  // bytes, as announced
	Received    int64
	Parts       db.JSON[[]part]
	Digest      string // once the content is known: it must not be swept any more
	CreatedAt   db.Time
	TouchedAt   db.Time
}

// part is one chunk.
type part struct {
	Key  string `json:"k"`
	Size int64  `json:"n"`
}

// The refusals of uploads.
var (
	ErrOffset     = fault.New(fault.Conflict, "material.wrong_offset")
	ErrIncomplete = fault.New(fault.Conflict, "material.incomplete")
	errGoing      = fault.New(fault.Unavailable, "file.not_kept")
)

// NewUpload announces a file.
type NewUpload struct {
	Name        string
	Size        int64
	Fingerprint string
}

// besideFile puts a refusal beside the field of the file.
func besideFile(err error) error {
	f := fault.From(err)
	if f == nil || f.Kind != fault.Invalid || len(f.Fields) > 0 {
		return err
	}
	var form fault.Form
	var kv []any
	for k, v := range f.Params {
		kv = append(kv, k, v)
	}
	form.Add("file", f.Key, kv...)
	return form.Err()
}

// Megabytes is a size for people, in units of 1,048,576 bytes to one decimal; what isn't nothing is at least 0.1.
func Megabytes(n int64) float64 {
	mb := math.Round(float64(n)/(1<<20)*10) / 10
	if n > 0 {
		return max(mb, 0.1)
	}
	return mb
}

// BeginUpload reserves room for a file, or returns the upload of the same file that the actor began and didn't finish.
// It refuses names of files that aren't taken, and what is too large for one file or for the event; nothing of that is
// recorded, the material will be.
func (d *Desk) BeginUpload(ctx context.Context, actor account.Actor, code string, n NewUpload) (*Upload, error) {
	name := file.CleanName(n.Name)
	err := file.CheckName(name)
	switch {
	case name == "":
		err = fault.New(fault.Invalid, "form.required")
	case err == nil && n.Size <= 0:
		err = fault.New(fault.Invalid, "material.empty")
	case err == nil && n.Size > MaxFile:
		err = fault.New(fault.Invalid, "material.too_large", "Max", MaxFile>>20)
	case len(n.Fingerprint) > 200:
		n.Fingerprint = n.Fingerprint[:200]
	}
	if err != nil {
		return nil, besideFile(err)
	}
	u := &Upload{Code: newCode(), UserID: actor.UserID, FileName: name, Fingerprint: n.Fingerprint, Size: n.Size}
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := Lock(ctx, tx, code)
		if err != nil {
			return err
		}
		if err := May(actor, account.EditEvent, e); err != nil {
			return err
		}
		return reserve(ctx, tx, e, u)
	})
	if err != nil {
		return nil, fmt.Errorf("begin an upload to event %s: %w", code, err)
	}
	return u, nil
}

// reserve inserts u, or makes it the same upload that there is, in a transaction that holds the event.
func reserve(ctx context.Context, tx *db.Tx, e *Event, u *Upload) error {
	if u.Fingerprint != "" && u.UserID != 0 {
		var same Upload
		err := tx.NewSelect().Model(&same).Where("event_id = ? AND user_id = ?", e.ID, u.UserID).
			Where("file_name = ? AND size = ? AND fingerprint = ?", u.FileName, u.Size, u.Fingerprint).Order("id").Limit(1).Scan(ctx)
		if err == nil {
			*u = same
			return nil
		}
		if !errors.Is(notFound(err), ErrNotFound) {
			return err
		}
	}
	used, err := Used(ctx, tx, e.ID)
	if err != nil {
		return err
	}
	if used+u.Size > MaxFiles {
		return besideFile(fault.New(fault.Invalid, "material.quota", "Used", Megabytes(used), "Max", MaxFiles>>20, "Size", Megabytes(u.Size)))
	}
	u.EventID, u.CreatedAt, u.TouchedAt = e.ID, tx.Now(), tx.Now()
	_, err = tx.NewInsert().Model(u).Exec(ctx)
	return err
}

// Used returns how many bytes the files of an event have, with those that are on their way.
func Used(ctx context.Context, q bun.IDB, eventID int64) (n int64, err error) {
	err = q.NewRaw("SELECT (SELECT COALESCE(SUM(size), 0) FROM materials WHERE event_id = ?) + (SELECT COALESCE(SUM(size), 0) FROM uploads WHERE event_id = ?)", eventID, eventID).Scan(ctx, &n)
	if err != nil {
		return 0, fmt.Errorf("size of the files of event %d: %w", eventID, err)
	}
	return n, nil
}

// Uploads returns the unfinished uploads of an event, the latest first, to whoever may edit it.
func (d *Desk) Uploads(ctx context.Context, actor account.Actor, code string) ([]Upload, error) {
	e, err := d.ForEditing(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	var list []Upload
	if err := d.DB.Read().NewSelect().Model(&list).Where("event_id = ?", e.ID).Order("id DESC").Scan(ctx); err != nil {
		return nil, fmt.Errorf("uploads of event %s: %w", code, err)
	}
	return list, nil
}

// Upload returns an upload that the actor has begun to an event that it may edit, or ErrNotFound.
func (d *Desk) Upload(ctx context.Context, actor account.Actor, code, upload string) (*Upload, error) {
	u, err := d.upload(ctx, actor, code, upload)
	if err == nil && u.UserID != actor.UserID {
		return nil, ErrNotFound
	}
	return u, err
}

func (d *Desk) upload(ctx context.Context, actor account.Actor, code, upload string) (*Upload, error) {
	e, err := d.ForEditing(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	var u Upload
	if err := d.DB.Read().NewSelect().Model(&u).Where("event_id = ? AND code = ?", e.ID, upload).Scan(ctx); err != nil {
		return nil, notFound(err)
	}
	return &u, nil
}

// Append adds a chunk that begins at offset and returns how much has been received then. A chunk that begins elsewhere,
// because it comes twice or after one that was lost, is ErrOffset and changes nothing; so is one of two that come at once.
func (d *Desk) Append(ctx context.Context, actor account.Actor, code, upload string, offset int64, chunk []byte) (int64, error) {
	u, err := d.Upload(ctx, actor, code, upload)
	if err != nil {
		return 0, err
	}
	n := int64(len(chunk))
	switch {
	case offset != u.Received:
		return u.Received, ErrOffset
	case n == 0 || n > MaxChunk || offset+n > u.Size || n < minChunk && offset+n < u.Size:
		return u.Received, fault.New(fault.Invalid, "error.request_wrong")
	case d.Files == nil:
		return u.Received, file.ErrNotKept
	}
	p := part{Key: "upload/" + u.Code + "/" + newCode(), Size: n}
	if err := d.Files.Put(ctx, p.Key, bytes.NewReader(chunk), n); err != nil {
		return u.Received, err
	}
	parts := db.JSON[[]part]{V: append(u.Parts.V, p)}
	taken := false
	err = d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		res, err := tx.NewUpdate().Table("uploads").Set("received = ?", offset+n).Set("parts = ?", parts).Set("touched_at = ?", tx.Now()).
			Where("id = ? AND received = ?", u.ID, offset).Exec(ctx)
		if err != nil {
			return err
		}
		rows, err := res.RowsAffected()
		taken = rows == 1
		return err
	})
	if err != nil {
		return u.Received, fmt.Errorf("add a chunk to an upload: %w", err) // the chunk is swept if it wasn't taken after all
	}
	if !taken { // another chunk was quicker, or the upload is gone
		d.drop(ctx, []part{p})
		now, err := d.Upload(ctx, actor, code, upload)
		if err != nil {
			return 0, err
		}
		return now.Received, ErrOffset
	}
	return offset + n, nil
}

// drop removes chunks; those that can't be removed now are swept later.
func (d *Desk) drop(ctx context.Context, parts []part) {
	for _, p := range parts {
		if err := d.Files.Delete(context.WithoutCancel(ctx), p.Key); err != nil {
			return
		}
	}
}

// DiscardUpload gives an upload up and the room that it took free. Whoever may edit the event may.
func (d *Desk) DiscardUpload(ctx context.Context, actor account.Actor, code, upload string) error {
	u, err := d.upload(ctx, actor, code, upload)
	if err != nil {
		return err
	}
	return d.discard(ctx, u)
}

func (d *Desk) discard(ctx context.Context, u *Upload) error {
	err := d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.NewDelete().Model(u).WherePK().Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("discard an upload: %w", err)
	}
	if d.Files != nil {
		d.drop(ctx, u.Parts.V)
	}
	return nil
}

// AddFile adds a file that comes at once, of size bytes.
func (d *Desk) AddFile(ctx context.Context, actor account.Actor, code string, f MaterialFacts, name string, r io.Reader, size int64) (*Material, error) {
	if err := f.Check(FileMaterial); err != nil {
		return nil, err
	}
	u, err := d.BeginUpload(ctx, actor, code, NewUpload{Name: name, Size: size, Fingerprint: "once " + token.Random()})
	if err != nil {
		return nil, err
	}
	m, err := d.sendAll(ctx, actor, code, u, f, r)
	if err != nil {
		if gone := d.DiscardUpload(context.WithoutCancel(ctx), actor, code, u.Code); !errors.Is(gone, ErrNotFound) {
			err = errors.Join(err, gone)
		}
		return nil, err
	}
	return m, nil
}

func (d *Desk) sendAll(ctx context.Context, actor account.Actor, code string, u *Upload, f MaterialFacts, r io.Reader) (*Material, error) {
	chunk := make([]byte, min(u.Size, MaxChunk))
	for at := int64(0); at < u.Size; {
		part := chunk[:min(u.Size-at, MaxChunk)]
		if _, err := io.ReadFull(r, part); err != nil {
			return nil, fmt.Errorf("read a file that was sent: %w", err)
		}
		var err error
		if at, err = d.Append(ctx, actor, code, u.Code, at, part); err != nil {
			return nil, err
		}
	}
	return d.Finish(ctx, actor, code, u.Code, f)
}
