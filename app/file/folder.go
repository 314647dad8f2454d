package file

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// Folder keeps files in a folder of this machine.
type Folder struct {
	dir  string
	mu   sync.Mutex
	root *os.Root // nil until it is needed
}

// NewFolder returns the store in dir, which is made when the first file is kept.
func NewFolder(dir string) *Folder { return &Folder{dir: dir} }

// unfinished begins the names of files that aren't whole yet.
const unfinished = ".put-"

// open returns the folder. All is done within it, wherever links in it lead.
func (f *Folder) open(make bool) (*os.Root, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.root != nil {
		return f.root, nil
	}
	if make {
		if err := os.MkdirAll(f.dir, 0o700); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(f.dir)
	if err == nil {
		f.root = root
	}
	return root, err
}

// Put implements Store: the content is written beside its place, made durable and then moved there.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return because(ErrNotKept, "keep", key, f.put(ctx, key, r, size))
}

func (f *Folder) put(ctx context.Context, key string, r io.Reader, size int64) error {
	root, err := f.open(true)
	if err != nil {
		return err
	}
	dir := path.Dir(key)
	if err := root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	name := path.Join(dir, unfinished+rand.Text())
	if err := write(root, name, &exactly{ctx, r, size}); err != nil {
		return errors.Join(err, gone(root.Remove(name)))
	}
	if err := root.Rename(name, key); err != nil {
		return errors.Join(err, gone(root.Remove(name)))
	}
	return syncFolder(root, dir)
}

func write(root *os.Root, name string, r io.Reader) error {
	w, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		return errors.Join(err, w.Close())
	}
	if err := w.Sync(); err != nil {
		return errors.Join(err, w.Close())
	}
	return w.Close()
}

// syncFolder makes durable which names there are.
func syncFolder(root *os.Root, dir string) error {
	d, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// gone takes "there is none" for done.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Open implements Store.
func (f *Folder) Open(_ context.Context, key string, from int64) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	r, err := f.reader(key, from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return r, because(ErrNotRead, "read", key, err)
}

func (f *Folder) reader(key string, from int64) (io.ReadCloser, error) {
	root, err := f.open(false)
	if err != nil {
		return nil, err
	}
	r, err := root.Open(key)
	if err != nil {
		return nil, err
	}
	if _, err := r.Seek(from, io.SeekStart); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// Size implements Store.
func (f *Folder) Size(_ context.Context, key string) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	root, err := f.open(false)
	var about fs.FileInfo
	if err == nil {
		about, err = root.Stat(key)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return 0, fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	if err != nil {
		return 0, because(ErrNotRead, "look at", key, err)
	}
	return about.Size(), nil
}

// Delete implements Store. A folder that is empty then goes too.
func (f *Folder) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	root, err := f.open(false)
	if err != nil {
		return because(ErrNotKept, "remove", key, gone(err))
	}
	if err := gone(root.Remove(key)); err != nil {
		return because(ErrNotKept, "remove", key, err)
	}
	if dir := path.Dir(key); strings.Contains(dir, "/") {
		_ = root.Remove(dir) // refused as long as there is anything in it
	}
	return nil
}

// List implements Store.
func (f *Folder) List(_ context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		root, err := f.open(false)
		if err != nil {
			if gone(err) != nil {
				yield("", because(ErrNotRead, "list", prefix, err))
			}
			return
		}
		err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return gone(err)
			}
			if !d.IsDir() && strings.HasPrefix(name, prefix) && checkKey(name) == nil && !yield(name, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield("", because(ErrNotRead, "list", prefix, err))
		}
	}
}

// Tidy implements Store.
func (f *Folder) Tidy(context.Context) error {
	root, err := f.open(false)
	if err != nil {
		return gone(err)
	}
	before := time.Now().Add(-24 * time.Hour)
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return gone(err)
		}
		if d.IsDir() || !strings.HasPrefix(d.Name(), unfinished) {
			return nil
		}
		about, err := d.Info()
		if err != nil || about.ModTime().After(before) {
			return gone(err)
		}
		return gone(root.Remove(name))
	})
}

// Check implements Store.
func (f *Folder) Check(ctx context.Context) error { return probe(ctx, f) }
