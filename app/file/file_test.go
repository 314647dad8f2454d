package file_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"attesta/app/file"
)

// each runs f on a folder and on a bucket.
func each(t *testing.T, f func(t *testing.T, s file.Store)) {
	t.Run("folder", func(t *testing.T) { f(t, open(t, "file:"+filepath.Join(t.TempDir(), "files"))) })
	t.Run("bucket", func(t *testing.T) { f(t, open(t, bucket(t, "attesta"))) })
}

func open(t *testing.T, address string) file.Store {
	t.Helper()
	s, err := file.Open(address, file.Keys{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// bucket serves a bucket called attesta and returns the address of the one called name.
func bucket(t *testing.T, name string) string {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket("attesta"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	return "s3://key:secret@" + name + "?region=us-east-1&endpoint=" + server.URL
}

func put(t *testing.T, s file.Store, key, content string) {
	t.Helper()
	if err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content))); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s file.Store, key string, from int64) string {
	t.Helper()
	r, err := s.Open(t.Context(), key, from)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func keys(t *testing.T, s file.Store, prefix string) []string {
	t.Helper()
	var all []string
	for key, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}

func TestWhatIsKeptComesBackUntilItIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, s file.Store) {
		if got := keys(t, s, ""); len(got) > 0 {
			t.Fatalf("an empty store lists %q", got)
		}
		put(t, s, "sha256/aa", "first")
		put(t, s, "upload/x/1", "part")
		put(t, s, "sha256/aa", "second")
		if got := read(t, s, "sha256/aa", 0); got != "second" {
			t.Errorf("it holds %q", got)
		}
		if got := read(t, s, "sha256/aa", 3); got != "ond" {
			t.Errorf("from byte 3 it holds %q", got)
		}
		if n, err := s.Size(t.Context(), "sha256/aa"); n != 6 || err != nil {
			t.Errorf("size %d, %v", n, err)
		}
		if got := keys(t, s, "upload/"); !slices.Equal(got, []string{"upload/x/1"}) {
			t.Errorf("listed %q", got)
		}
		for range 2 {
			if err := s.Delete(t.Context(), "upload/x/1"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Open(t.Context(), "upload/x/1", 0); !errors.Is(err, file.ErrNotFound) {
			t.Errorf("reading what was deleted: %v", err)
		}
		if _, err := s.Size(t.Context(), "upload/x/1"); !errors.Is(err, file.ErrNotFound) {
			t.Errorf("the size of what was deleted: %v", err)
		}
		put(t, s, "upload/x/2", "again, in a folder that had gone")
		if err := s.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if got := keys(t, s, ""); !slices.Equal(got, []string{"sha256/aa", "upload/x/2"}) {
			t.Errorf("listed %q", got)
		}
	})
}

// broken ends in an error after some bytes.
type broken struct{ left int }

func (b *broken) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errors.New("the line is dead")
	}
	n := min(b.left, len(p))
	b.left -= n
	return n, nil
}

func TestNothingHalfWrittenIsThere(t *testing.T) {
	each(t, func(t *testing.T, s file.Store) {
		put(t, s, "sha256/old", "as it was")
		for name, r := range map[string]io.Reader{
			"cut off": &broken{3}, "too short": strings.NewReader("abc"), "too long": strings.NewReader(strings.Repeat("x", 100)),
		} {
			if err := s.Put(t.Context(), "sha256/new", r, 50); !errors.Is(err, file.ErrNotKept) {
				t.Errorf("%s: %v", name, err)
			}
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Put(ended, "sha256/old", strings.NewReader("replaced"), 8); err == nil {
			t.Error("a context that ended was passed over")
		}
		if got := keys(t, s, ""); !slices.Equal(got, []string{"sha256/old"}) {
			t.Errorf("listed %q", got)
		}
		if got := read(t, s, "sha256/old", 0); got != "as it was" {
			t.Errorf("it holds %q", got)
		}
	})
}

func TestManyWritersOfOneObjectLeaveOneWhole(t *testing.T) {
	each(t, func(t *testing.T, s file.Store) {
		var wait sync.WaitGroup
		for i := range 8 {
			wait.Go(func() {
				content := strings.Repeat(fmt.Sprint(i), 100_000)
				if err := s.Put(t.Context(), "sha256/one", strings.NewReader(content), int64(len(content))); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		got := read(t, s, "sha256/one", 0)
		if len(got) != 100_000 || strings.Trim(got, got[:1]) != "" {
			t.Errorf("%d bytes of several writers", len(got))
		}
	})
}

func TestOnlyKeysOfTheProgramsOwnMakingAreTaken(t *testing.T) {
	each(t, func(t *testing.T, s file.Store) {
		for _, key := range []string{
			"", "..", "../x", "a/../b", "/etc/passwd", "a//b", "a/", "a\\b", "A", "a.b", "%2e%2e/x", "a/b/c/d/e", "a\x00b", "ünter", strings.Repeat("a", 101),
		} {
			if err := s.Put(t.Context(), key, strings.NewReader("x"), 1); err == nil {
				t.Errorf("%q was kept", key)
			}
			if _, err := s.Open(t.Context(), key, 0); err == nil || errors.Is(err, file.ErrNotFound) {
				t.Errorf("%q was looked for: %v", key, err)
			}
			if s.Delete(t.Context(), key) == nil {
				t.Errorf("%q was removed", key)
			}
		}
	})
}

func TestNoLinkInTheFolderLeadsOutOfIt(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "sha256")); err != nil {
		t.Fatal(err)
	}
	s := open(t, "file:"+dir)
	if _, err := s.Open(t.Context(), "sha256/secret", 0); err == nil {
		t.Error("a link was followed out of the folder")
	}
	if err := s.Put(t.Context(), "sha256/new", strings.NewReader("x"), 1); err == nil {
		t.Error("a file was written outside the folder")
	}
}

func TestAStoreThatCantKeepAnythingSaysSo(t *testing.T) {
	dead := httptest.NewServer(nil)
	address := dead.URL
	dead.Close()
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	stores := map[string]string{
		"a bucket that there isn't": bucket(t, "nowhere"), "a dead server": "s3://key:secret@attesta?region=x&endpoint=" + address, "a file for a folder": "file:" + taken,
	}
	if about, err := os.Stat("/proc"); err == nil && about.IsDir() {
		stores["a folder that can't be written"] = "file:/proc"
	}
	for name, address := range stores {
		s := open(t, address)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		if err := s.Put(ctx, "sha256/x", strings.NewReader("x"), 1); !errors.Is(err, file.ErrNotKept) || !strings.Contains(err.Error(), "sha256/x") {
			t.Errorf("%s: keeping: %v", name, err)
		}
		if _, err := s.Open(ctx, "sha256/x", 0); err == nil || errors.Is(err, file.ErrNotFound) && !strings.HasPrefix(address, "file:") {
			t.Errorf("%s: reading: %v", name, err)
		}
		if s.Check(ctx) == nil {
			t.Errorf("%s: it is said to be in order", name)
		}
	}
}

func TestWhatAKilledWriterLeftIsTidiedAwayAfterADay(t *testing.T) {
	dir := t.TempDir()
	s := open(t, "file:"+dir)
	put(t, s, "sha256/whole", "x")
	leftover := func(name string, age time.Duration) string {
		path := filepath.Join(dir, "sha256", name)
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Now().Add(-age)
		if err := os.Chtimes(path, when, when); err != nil {
			t.Fatal(err)
		}
		return path
	}
	old, fresh := leftover(".put-A", 25*time.Hour), leftover(".put-B", time.Hour)
	if got := keys(t, s, ""); !slices.Equal(got, []string{"sha256/whole"}) {
		t.Errorf("listed %q", got)
	}
	if err := s.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); !errors.Is(err, os.ErrNotExist) {
		t.Error("the old one is still there")
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Error("one that may still be written was removed")
	}
	if read(t, s, "sha256/whole", 0) != "x" {
		t.Error("what is whole was touched")
	}
}

func TestABigObjectIsNotReadIntoMemory(t *testing.T) {
	const size = 32 << 20
	each(t, func(t *testing.T, s file.Store) {
		var most int64
		n := testing.AllocsPerRun(1, func() {
			if err := s.Put(t.Context(), "sha256/big", io.LimitReader(zeros{&most}, size), size); err != nil {
				t.Fatal(err)
			}
		})
		if most > 1<<20 {
			t.Errorf("%d bytes were asked for at once (%f allocations)", most, n)
		}
	})
}

// zeros never ends and notes the most that was asked for at once.
type zeros struct{ most *int64 }

func (z zeros) Read(p []byte) (int, error) {
	*z.most = max(*z.most, int64(len(p)))
	clear(p)
	return len(p), nil
}

func TestAWrongAddressIsRefused(t *testing.T) {
	for _, address := range []string{"", "file:", "ftp://x", "s3://", "s3://bucket?endpoint=http://a b"} {
		if _, err := file.Open(address, file.Keys{}); err == nil {
			t.Errorf("%q was taken", address)
		}
	}
}
