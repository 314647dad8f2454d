package event

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"attesta/app/account"
	"attesta/app/audit"
	"attesta/app/db"
	"attesta/app/fault"
	"attesta/app/file"
)

// Finish makes a material of an upload that has been received whole, with what was said of it. The type is told by the
// content: what isn't taken is an Invalid fault, and the upload is gone. Finishing twice, also at once, makes one
// material.
func (d *Desk) Finish(ctx context.Context, actor account.Actor, code, upload string, f MaterialFacts) (*Material, error) {
	u, err := d.Upload(ctx, actor, code, upload)
	if errors.Is(err, ErrNotFound) {
		return d.finished(ctx, actor, code, upload)
	}
	if err != nil {
		return nil, err
	}
	if u.Received != u.Size {
		return nil, ErrIncomplete
	}
	if err := f.Check(FileMaterial); err != nil {
		return nil, err
	}
	m, err := d.keep(ctx, u)
	if fault.KindOf(err) == fault.Invalid {
		return nil, errors.Join(besideFile(err), d.discard(ctx, u))
	}
	if err != nil {
		return nil, err
	}
	m.CreatedBy = actor.UserID
	if err := d.addFile(ctx, actor, code, u, m, f); err != nil {
		if errors.Is(err, errFinished) {
			return d.finished(ctx, actor, code, upload)
		}
		return nil, err
	}
	d.drop(ctx, u.Parts.V)
	return m, nil
}

// errFinished says that somebody else has finished or discarded the upload meanwhile.
var errFinished = errors.New("the upload is gone")

// finished returns the material that an upload has become, to whom it belongs.
func (d *Desk) finished(ctx context.Context, actor account.Actor, code, upload string) (*Material, error) {
	e, err := d.ForEditing(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	m, err := MaterialOf(ctx, d.DB.Read(), e.ID, upload)
	if err == nil && m.CreatedBy != actor.UserID {
		return nil, ErrNotFound
	}
	return m, err
}

// keep puts the chunks together in the store, under the digest of all, and returns the material that they are.
func (d *Desk) keep(ctx context.Context, u *Upload) (*Material, error) {
	c := newContent(ctx, d.Files, u)
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(c, 0, u.Size)); err != nil {
		return nil, fmt.Errorf("read what was sent: %w", err)
	}
	mime, err := file.Mime(u.FileName, c, u.Size)
	if err != nil {
		return nil, err
	}
	m := &Material{
		EventID: u.EventID, Code: u.Code, Kind: FileMaterial, FileName: u.FileName, Mime: mime, Size: u.Size,
		Digest: hex.EncodeToString(h.Sum(nil)),
	}
	if err := d.claim(ctx, u, m.Digest); err != nil {
		return nil, err
	}
	if n, err := d.Files.Size(ctx, digestKey(m.Digest)); err == nil && n == m.Size {
		return m, nil // the same content is there already
	}
	return m, d.Files.Put(ctx, digestKey(m.Digest), struct{ io.Reader }{io.NewSectionReader(c, 0, u.Size)}, u.Size)
}

// claim keeps the object of a digest from being swept from now on.
func (d *Desk) claim(ctx context.Context, u *Upload, digest string) error {
	return d.DB.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.Alone(ctx, sweepLock); err != nil {
			return err
		}
		going, err := tx.NewSelect().Table("file_marks").Where("key = ? AND going", digestKey(digest)).Exists(ctx)
		if err != nil {
			return err
		}
		if going { // for a moment; its object is being removed
			return errGoing
		}
		if _, err := tx.NewDelete().Table("file_marks").Where("key = ?", digestKey(digest)).Exec(ctx); err != nil {
			return err
		}
		_, err = tx.NewUpdate().Table("uploads").Set("digest = ?", digest).Set("touched_at = ?", tx.Now()).Where("id = ?", u.ID).Exec(ctx)
		return err
	})
}

// addFile puts the material in the place of the upload.
func (d *Desk) addFile(ctx context.Context, actor account.Actor, code string, u *Upload, m *Material, f MaterialFacts) error {
	noted := audit.Facts{}
	_, err := d.changeNoting(ctx, actor, code, "add_material", noted, func(ctx context.Context, tx *db.Tx, e *Event) error {
		m.ID, m.CreatedAt = 0, tx.Now()
		if err := f.apply(ctx, tx, e, m); err != nil {
			return err
		}
		res, err := tx.NewDelete().Model((*Upload)(nil)).Where("id = ?", u.ID).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(errFinished, err)
		}
		put(noted, m.noted())
		return insertMaterial(ctx, tx, m)
	})
	return err
}

// content reads the chunks of an upload as one. It holds one of them in memory, and is for one reader at a time.
type content struct {
	ctx   context.Context
	files file.Store
	parts []part
	size  int64

	held  int // index of the chunk in memory
	begin int64
	chunk []byte
}

func newContent(ctx context.Context, files file.Store, u *Upload) *content {
	return &content{ctx: ctx, files: files, parts: u.Parts.V, size: u.Size, held: -1}
}

// ReadAt implements io.ReaderAt.
func (c *content) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && off < c.size {
		if err := c.hold(off); err != nil {
			return n, err
		}
		k := copy(p[n:], c.chunk[off-c.begin:])
		n, off = n+k, off+int64(k)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// hold has the chunk in memory in which off lies.
func (c *content) hold(off int64) error {
	if c.held >= 0 && off >= c.begin && off < c.begin+int64(len(c.chunk)) {
		return nil
	}
	begin := int64(0)
	for i, p := range c.parts {
		if off >= begin+p.Size {
			begin += p.Size
			continue
		}
		r, err := c.files.Open(c.ctx, p.Key, 0)
		if err != nil {
			return lost(err)
		}
		defer r.Close()
		if int64(cap(c.chunk)) < p.Size {
			c.chunk = make([]byte, MaxChunk)
		}
		c.held, c.begin, c.chunk = i, begin, c.chunk[:p.Size]
		if _, err := io.ReadFull(r, c.chunk); err != nil {
			c.held = -1
			return fmt.Errorf("%w: a chunk of an upload: %w", file.ErrNotRead, err)
		}
		return nil
	}
	return io.ErrUnexpectedEOF
}

// lost says of a chunk that isn't there what it is: a fault of the store, and nothing that the reader asked for.
func lost(err error) error {
	if errors.Is(err, file.ErrNotFound) {
		return fmt.Errorf("%w: a chunk is gone: %v", file.ErrNotRead, err) //nolint:errorlint // it isn't the page that is missing
	}
	return err
}
