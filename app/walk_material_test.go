package app_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"attesta/app/account"
	"attesta/app/event"
	"attesta/app/file"
)

// shaky is a store that fails once, at the third thing that it is to keep.
type shaky struct {
	file.Store
	kept atomic.Int32
}

func (s *shaky) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if s.kept.Add(1) == 3 {
		return file.ErrNotKept
	}
	return s.Store.Put(ctx, key, r, size)
}

func TestAnOrganiserAddsAFileOverALineThatBreaks(t *testing.T) {
	walks(t, func(t *testing.T, s *site, v visitor) {
		s.user(t, "organiser@attesta.example", v.Code(), account.Organiser, s.organisation())
		store := &shaky{Store: s.App.Events.Files}
		s.App.Events.Files = store
		e := s.Event(t)
		content := append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte("lecture "), 4*event.Chunk/8)...)
		path := filepath.Join(t.TempDir(), "Предавање.pdf")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		tab := v.open(t)
		v.signIn(t, tab, "organiser@attesta.example")
		tab.Go("/desk/events/" + e.Code + "/materials")
		tab.Sees(v.T("material.none"))
		tab.Press(v.T("material.add_file"))
		tab.Give("file", path)
		tab.Tick(v.T("material.for.approved"))
		tab.Press(v.T("material.add"))
		tab.Sees(v.T("material.added"), "Предавање", v.T("material.for.approved"))
		list, err := event.Materials(t.Context(), s.DB.Read(), e.ID)
		if err != nil || len(list) != 1 || list[0].Size != int64(len(content)) || list[0].Shown != event.ToApproved {
			t.Fatalf("%+v, %v", list, err)
		}
		r, err := s.App.Events.Open(t.Context(), &list[0], 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes arrived, %v", len(got), err)
		}
		if n := store.kept.Load(); n != 7 { // five parts, of which one failed, and the whole
			t.Errorf("%d things were kept", n)
		}
		tab.Go("/desk/events/" + e.Code + "/materials/new")
		disguised := filepath.Join(t.TempDir(), "agenda.pdf")
		if err := os.WriteFile(disguised, []byte("PK\x03\x04"+strings.Repeat("x", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
		tab.Give("file", disguised)
		tab.Tap(v.T("material.add"))
		tab.Sees(v.T("file.mismatch", "Ending", ".pdf", "Real", ".zip"))
	})
}
