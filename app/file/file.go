// Package file keeps files: in a folder of this machine, or in a bucket that speaks S3. It knows nothing of what they
// are for; it also says what a file is by its content, and what it may be called.
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/url"
	"regexp"
	"strings"

	"attesta/app/fault"
)

// Store keeps objects, which never change once they are there, under keys that the program makes: never a name that
// somebody typed. It is safe for concurrent use. Where the store doesn't answer, is full or isn't there at all, its
// methods return ErrNotKept or ErrNotRead with the cause.
type Store interface {
	// Put keeps size bytes of r under key and replaces what was there. It is there whole when Put returns nil, and not at
	// all, or as it was, otherwise; a reader that has fewer bytes or more is an error.
	Put(ctx context.Context, key string, r io.Reader, size int64) error
	// Open returns the object from its byte number from on, or ErrNotFound. ctx must last until it is closed.
	Open(ctx context.Context, key string, from int64) (io.ReadCloser, error)
	// Size returns how many bytes the object has, or ErrNotFound.
	Size(ctx context.Context, key string) (int64, error)
	// Delete removes an object; that there is none is no error.
	Delete(ctx context.Context, key string) error
	// List returns the keys that begin with prefix, in any order.
	List(ctx context.Context, prefix string) iter.Seq2[string, error]
	// Tidy removes what a Put has left that was cut off a day ago or earlier.
	Tidy(ctx context.Context) error
	// Check returns nil if something can be kept, read and removed.
	Check(ctx context.Context) error
}

// The refusals. What is wrong beneath them is for the log.
var (
	ErrNotFound = fault.New(fault.NotFound, "error.not_found")
	ErrNotKept  = fault.New(fault.Unavailable, "file.not_kept")
	ErrNotRead  = fault.New(fault.Unavailable, "file.not_read")
)

// Keys open a bucket. The zero Keys leave it to the address.
type Keys struct {
	ID, Secret, Session string
	Region              string // where the address names none
}

// Open returns the store at an address: file:FOLDER or s3://ID:SECRET@BUCKET?endpoint=URL&region=NAME. Nothing is asked or
// made yet.
func Open(address string, keys Keys) (Store, error) {
	if dir, ok := strings.CutPrefix(address, "file:"); ok && dir != "" {
		return NewFolder(dir), nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return nil, errors.New("ATTESTA_FILES is neither file:FOLDER nor s3://BUCKET?endpoint=…")
	}
	return newBucket(u, keys)
}

var keyForm = regexp.MustCompile(`^[a-z0-9]{1,100}(/[a-z0-9]{1,100}){0,3}$`)

// checkKey refuses what no key of the program's own can be.
func checkKey(key string) error {
	if !keyForm.MatchString(key) {
		return fmt.Errorf("file: %q is no key", key)
	}
	return nil
}

// because returns told with the cause, unless the cause can be told itself.
func because(told *fault.Fault, what, key string, err error) error {
	if err == nil || fault.From(err) != nil {
		return err
	}
	return fmt.Errorf("%w: %s %s: %w", told, what, key, err)
}

// exactly reads n bytes of r and fails if there are fewer, more, or ctx ends.
type exactly struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

var errLength = errors.New("the content isn't as long as was said")

// Read implements io.Reader.
func (e *exactly) Read(p []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := e.r.Read(p)
	e.left -= int64(n)
	if e.left < 0 || errors.Is(err, io.EOF) && e.left > 0 {
		return 0, errLength
	}
	return n, err
}

// probe keeps, reads and removes a little object.
func probe(ctx context.Context, s Store) error {
	const key, content = "check/probe", "attesta"
	if err := s.Put(ctx, key, strings.NewReader(content), int64(len(content))); err != nil {
		return err
	}
	r, err := s.Open(ctx, key, 0)
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err == nil && string(b) != content {
		err = errors.New("what was kept comes back otherwise")
	}
	return errors.Join(because(ErrNotRead, "read", key, err), s.Delete(ctx, key))
}
