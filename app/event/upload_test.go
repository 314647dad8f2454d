package event_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"attesta/app/account"
	"attesta/app/apptest"
	"attesta/app/db"
	"attesta/app/event"
	"attesta/app/fault"
	"attesta/app/file"
)

// organiser is somebody in the database who may organise in the world's organisation.
func organiser(t *testing.T, w *apptest.World, name string) account.Actor {
	t.Helper()
	err := w.DB.InTx(t.Context(), apptest.Exec("INSERT INTO users (email, email_key, name, locale, created_at) VALUES (?, ?, ?, 'en', 0)", name, name, name))
	if err != nil {
		t.Fatal(err)
	}
	a := w.Organiser()
	a.Name = name
	if err := w.DB.Read().NewRaw("SELECT id FROM users WHERE email = ?", name).Scan(t.Context(), &a.UserID); err != nil {
		t.Fatal(err)
	}
	return a
}

// pdf is n bytes of a PDF; salt makes it another one.
func pdf(n int, salt string) []byte {
	b := bytes.Repeat([]byte("attesta "+salt+"\n"), n/8+1)[:n]
	copy(b, "%PDF-1.7\n")
	return b
}

func begin(t *testing.T, w *apptest.World, a account.Actor, e *event.Event, name string, content []byte) *event.Upload {
	t.Helper()
	u, err := w.Events.BeginUpload(t.Context(), a, e.Code, event.NewUpload{Name: name, Size: int64(len(content)), Fingerprint: "f"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// send sends the rest of an upload, or a part of it.
func send(t *testing.T, w *apptest.World, a account.Actor, e *event.Event, u *event.Upload, content []byte, upTo int) {
	t.Helper()
	at := u.Received
	for at < int64(upTo) {
		var err error
		if at, err = w.Events.Append(t.Context(), a, e.Code, u.Code, at, content[at:min(at+event.Chunk, int64(upTo))]); err != nil {
			t.Fatal(err)
		}
	}
}

func contentOf(t *testing.T, w *apptest.World, m *event.Material) []byte {
	t.Helper()
	r, err := w.Events.Open(t.Context(), m, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func materials(t *testing.T, w *apptest.World, e *event.Event) []event.Material {
	t.Helper()
	list, err := event.Materials(t.Context(), w.DB.Read(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// stored returns how many objects the store holds under a prefix.
func stored(t *testing.T, w *apptest.World, prefix string) int {
	t.Helper()
	n := 0
	for _, err := range w.Events.Files.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestAnUploadThatIsCutOffIsListedNowhereAndGoesOnWhereItStopped(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, a := w.Event(t), organiser(t, w, "o")
		content := pdf(3*event.Chunk+1234, "")
		u := begin(t, w, a, e, "Предавање 1.pdf", content)
		send(t, w, a, e, u, content, 2*event.Chunk)
		if _, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{}); !errors.Is(err, event.ErrIncomplete) {
			t.Errorf("finishing half of it: %v", err)
		}
		if n := len(materials(t, w, e)); n != 0 || stored(t, w, "sha256/") != 0 {
			t.Errorf("%d materials of half a file", n)
		}
		again := begin(t, w, a, e, "Предавање 1.pdf", content)
		if again.Code != u.Code || again.Received != 2*event.Chunk {
			t.Fatalf("the same file begins at %d under %s", again.Received, again.Code)
		}
		send(t, w, a, e, again, content, len(content))
		from := w.Clock.Now().Add(time.Hour)
		m, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{Shown: event.ToApproved, ShownFrom: from})
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(content)
		list := materials(t, w, e)
		if len(list) != 1 || list[0].Digest != hex.EncodeToString(sum[:]) || list[0].Size != int64(len(content)) || list[0].Mime != "application/pdf" || list[0].FileName != "Предавање 1.pdf" {
			t.Fatalf("%+v", list)
		}
		if title, in := list[0].Title.In("cnr"); title != "Предавање 1" || in != "cnr" || list[0].Shown != event.ToApproved || !list[0].ShownFrom.Equal(from) || list[0].CreatedBy != a.UserID {
			t.Errorf("%q in %s, %+v", title, in, list[0])
		}
		if !bytes.Equal(contentOf(t, w, m), content) {
			t.Error("the content is another one")
		}
		if n := stored(t, w, "upload/"); n != 0 {
			t.Errorf("%d chunks are left", n)
		}
		twice, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{})
		if err != nil || twice.ID != m.ID || len(materials(t, w, e)) != 1 {
			t.Errorf("finishing twice: %v", err)
		}
		if w.Reload(t, e).Version != e.Version+1 {
			t.Error("the event's version stayed")
		}
	})
}

func TestAChunkThatComesTwiceOrElsewhereDoesNoHarm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, a := w.Event(t), organiser(t, w, "o")
		content := pdf(2*event.Chunk, "")
		u := begin(t, w, a, e, "a.pdf", content)
		send(t, w, a, e, u, content, event.Chunk)
		for _, offset := range []int64{0, 1, event.Chunk - 1, event.Chunk + 1, -1, 1 << 40} {
			n, err := w.Events.Append(t.Context(), a, e.Code, u.Code, offset, make([]byte, event.Chunk))
			if !errors.Is(err, event.ErrOffset) || n != event.Chunk {
				t.Errorf("at %d: %d, %v", offset, n, err)
			}
		}
		for name, chunk := range map[string][]byte{"nothing": nil, "more than announced": make([]byte, event.Chunk+1), "too little": content[:100], "too much at once": make([]byte, event.MaxChunk+1)} {
			if _, err := w.Events.Append(t.Context(), a, e.Code, u.Code, event.Chunk, chunk); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		u.Received = event.Chunk
		send(t, w, a, e, u, content, len(content))
		m, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(contentOf(t, w, m), content) {
			t.Error("the content is another one")
		}
	})
}

func TestOfTwoChunksAtOnceOneIsTaken(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, a := w.Event(t), organiser(t, w, "o")
		const rounds, racers = 4, 6
		size := rounds * event.Chunk
		whole := make([]byte, size)
		u, err := w.Events.BeginUpload(t.Context(), a, e.Code, event.NewUpload{Name: "a.pdf", Size: int64(size)})
		if err != nil {
			t.Fatal(err)
		}
		for round := range rounds {
			at := int64(round * event.Chunk)
			var mu sync.Mutex
			var wait sync.WaitGroup
			won := 0
			for i := range racers {
				wait.Go(func() {
					chunk := pdf(event.Chunk, fmt.Sprint(i))
					n, err := w.Events.Append(t.Context(), a, e.Code, u.Code, at, chunk)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						won++
						copy(whole[at:], chunk)
					} else if !errors.Is(err, event.ErrOffset) || n != at+event.Chunk {
						t.Errorf("%d, %v", n, err)
					}
				})
			}
			wait.Wait()
			if won != 1 {
				t.Fatalf("%d of %d chunks were taken", won, racers)
			}
		}
		m, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{})
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(contentOf(t, w, m), whole) {
			t.Error("the file holds what a chunk brought that wasn't taken")
		}
		if n := stored(t, w, "upload/"); n != 0 {
			t.Errorf("%d chunks are left", n)
		}
	})
}

func TestTwoWhoFinishAtOnceMakeOneMaterial(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, a := w.Event(t), organiser(t, w, "o")
		content := pdf(event.Chunk, "")
		u := begin(t, w, a, e, "a.pdf", content)
		send(t, w, a, e, u, content, len(content))
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				_, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{})
				if err != nil && fault.KindOf(err) != fault.Unavailable { // its chunks went while it read them
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if list := materials(t, w, e); len(list) != 1 || !bytes.Equal(contentOf(t, w, &list[0]), content) {
			t.Errorf("%d materials", len(list))
		}
	})
}

func TestTheRoomOfAnEventIsNotPromisedTwice(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, a := w.Event(t), organiser(t, w, "o")
		var mu sync.Mutex
		var codes []string
		var wait sync.WaitGroup
		for i := range 12 {
			wait.Go(func() {
				u, err := w.Events.BeginUpload(t.Context(), a, e.Code, event.NewUpload{Name: fmt.Sprintf("%d.pdf", i), Size: event.MaxFile, Fingerprint: "f"})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					codes = append(codes, u.Code)
				} else if f := fault.From(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Key != "material.quota" {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if len(codes) != event.MaxFiles/event.MaxFile {
			t.Fatalf("%d files of 100 MB fit", len(codes))
		}
		if n, err := event.Used(t.Context(), d.Read(), e.ID); n != event.MaxFiles || err != nil {
			t.Errorf("%d used, %v", n, err)
		}
		if err := w.Events.DiscardUpload(t.Context(), a, e.Code, codes[0]); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Events.BeginUpload(t.Context(), a, e.Code, event.NewUpload{Name: "a.pdf", Size: event.MaxFile}); err != nil {
			t.Errorf("the room of a discarded upload isn't free: %v", err)
		}
	})
}

func TestWhatIsNotTakenIsRefusedAndGone(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	w := apptest.NewWorld(t, d)
	e, a := w.Event(t), organiser(t, w, "o")
	for name, n := range map[string]event.NewUpload{
		"file.program": {Name: "a.exe", Size: 5}, "file.page": {Name: "logo.svg", Size: 5}, "material.too_large": {Name: "a.pdf", Size: event.MaxFile + 1},
		"material.empty": {Name: "a.pdf", Size: 0}, "form.required": {Name: "///", Size: 5}, "file.no_ending": {Name: "..\\a", Size: 5},
	} {
		if _, err := w.Events.BeginUpload(t.Context(), a, e.Code, n); fault.From(err) == nil || len(fault.From(err).Fields) != 1 || fault.From(err).Fields[0].Key != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	zip := []byte("PK\x03\x04" + strings.Repeat("x", 100))
	u := begin(t, w, a, e, "a.pdf", zip)
	send(t, w, a, e, u, zip, len(zip))
	_, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{})
	if f := fault.From(err); f == nil || len(f.Fields) != 1 || f.Fields[0].Name != "file" || f.Fields[0].Key != "file.mismatch" {
		t.Errorf("a zip named .pdf: %v", err)
	}
	if _, err := w.Events.Upload(t.Context(), a, e.Code, u.Code); !errors.Is(err, event.ErrNotFound) || stored(t, w, "") != 0 {
		t.Errorf("it is still there: %v, %d objects", err, stored(t, w, ""))
	}
	if _, err := w.Events.AddFile(t.Context(), a, e.Code, event.MaterialFacts{}, "b.pdf", bytes.NewReader(zip), int64(len(zip))); fault.KindOf(err) != fault.Invalid {
		t.Errorf("at once: %v", err)
	}
	if _, err := w.Events.AddFile(t.Context(), a, e.Code, event.MaterialFacts{}, "b.pdf", bytes.NewReader(zip), 5000); err == nil {
		t.Error("a file that is shorter than it said was taken")
	}
	if n, err := event.Used(t.Context(), d.Read(), e.ID); n != 0 || err != nil {
		t.Errorf("%d bytes are still reserved, %v", n, err)
	}
}

func TestAnUploadBelongsToWhoBeganItAndToItsEvent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, other, a, b := w.Event(t), w.Event(t), organiser(t, w, "a"), organiser(t, w, "b")
		content := pdf(event.Chunk, "")
		u := begin(t, w, a, e, "a.pdf", content)
		for name, try := range map[string]func(account.Actor, *event.Event) error{
			"look": func(a account.Actor, e *event.Event) error {
				_, err := w.Events.Upload(t.Context(), a, e.Code, u.Code)
				return err
			},
			"append": func(a account.Actor, e *event.Event) error {
				_, err := w.Events.Append(t.Context(), a, e.Code, u.Code, 0, content)
				return err
			},
			"finish": func(a account.Actor, e *event.Event) error {
				_, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{})
				return err
			},
		} {
			if err := try(b, e); !errors.Is(err, event.ErrNotFound) {
				t.Errorf("%s by a colleague: %v", name, err)
			}
			if err := try(a, other); !errors.Is(err, event.ErrNotFound) {
				t.Errorf("%s at another event: %v", name, err)
			}
		}
		if mine := begin(t, w, b, e, "a.pdf", content); mine.Code == u.Code {
			t.Error("the same file of a colleague is continued")
		}
		stranger := account.Actor{UserID: b.UserID, Grants: []account.Grant{{Role: account.Organiser, Scope: account.Scope{Kind: account.OrganisationScope, ID: 9999}}}}
		if err := w.Events.DiscardUpload(t.Context(), stranger, e.Code, u.Code); !errors.Is(err, event.ErrNotFound) {
			t.Errorf("discarded by a stranger: %v", err)
		}
		auditor := account.Actor{UserID: b.UserID, Grants: []account.Grant{{Role: account.Auditor, Scope: w.Project.Scope()}}}
		if _, err := w.Events.BeginUpload(t.Context(), auditor, e.Code, event.NewUpload{Name: "a.pdf", Size: 1}); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("begun by an auditor: %v", err)
		}
		if err := w.Events.DiscardUpload(t.Context(), b, e.Code, u.Code); err != nil {
			t.Errorf("a colleague may free the room: %v", err)
		}
	})
}

func TestWhatNobodyWantsAnyMoreIsSweptAfterADay(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, other, a := w.Event(t), w.Event(t), organiser(t, w, "o")
		sweep := func(after time.Duration) {
			t.Helper()
			w.Clock.Set(w.Clock.Now().Add(after))
			if err := w.Events.SweepFiles(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		add := func(e *event.Event, salt string) *event.Material {
			t.Helper()
			b := pdf(5000, salt)
			m, err := w.Events.AddFile(t.Context(), a, e.Code, event.MaterialFacts{}, "a.pdf", bytes.NewReader(b), 5000)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		shared, again, alone := add(e, "shared"), add(other, "shared"), add(e, "alone")
		if shared.Digest != again.Digest || stored(t, w, "sha256/") != 2 {
			t.Fatalf("%d objects", stored(t, w, "sha256/"))
		}
		half := pdf(2*event.Chunk, "half")
		u := begin(t, w, a, e, "half.pdf", half)
		send(t, w, a, e, u, half, event.Chunk)
		for _, m := range []*event.Material{shared, alone} {
			if err := w.Events.RemoveMaterial(t.Context(), a, e.Code, m.Code); err != nil {
				t.Fatal(err)
			}
		}
		sweep(time.Hour)
		sweep(22 * time.Hour)
		if n, chunks := stored(t, w, "sha256/"), stored(t, w, "upload/"); n != 2 || chunks != 1 {
			t.Errorf("before the day is over: %d objects, %d chunks", n, chunks)
		}
		taken := add(other, "alone") // again, just in time
		sweep(3 * time.Hour)
		sweep(25 * time.Hour)
		if n, chunks := stored(t, w, "sha256/"), stored(t, w, "upload/"); n != 2 || chunks != 0 {
			t.Errorf("%d objects, %d chunks", n, chunks)
		}
		if _, err := w.Events.Upload(t.Context(), a, e.Code, u.Code); !errors.Is(err, event.ErrNotFound) {
			t.Errorf("the abandoned upload: %v", err)
		}
		contentOf(t, w, again)
		if err := w.Events.RemoveMaterial(t.Context(), a, other.Code, taken.Code); err != nil {
			t.Fatal(err)
		}
		sweep(time.Hour)
		sweep(25 * time.Hour)
		sweep(time.Hour)
		if n := stored(t, w, "sha256/"); n != 1 {
			t.Errorf("%d objects", n)
		}
		contentOf(t, w, again)
		var marks int
		if err := d.Read().NewRaw("SELECT COUNT(*) FROM file_marks").Scan(t.Context(), &marks); err != nil || marks != 0 {
			t.Errorf("%d marks are left, %v", marks, err)
		}
	})
}

// watched is a store that says what it is about to do.
type watched struct {
	file.Store
	listing, removing func(key string)
}

func (s *watched) Delete(ctx context.Context, key string) error {
	if strings.HasPrefix(key, "sha256/") && s.removing != nil {
		s.removing(key)
	}
	return s.Store.Delete(ctx, key)
}

func (s *watched) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for key, err := range s.Store.List(ctx, prefix) {
			if prefix == "sha256/" && s.listing != nil {
				s.listing(key)
			}
			if !yield(key, err) {
				return
			}
		}
	}
}

// TestNoContentIsSweptThatIsTakenUpAgain has a file that is about to be swept come again, or be copied, in each moment.
func TestNoContentIsSweptThatIsTakenUpAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, a, content := w.Event(t), organiser(t, w, "o"), pdf(5000, "")
		store := &watched{Store: w.Events.Files}
		w.Events.Files = store
		add := func() (*event.Material, error) {
			return w.Events.AddFile(t.Context(), a, e.Code, event.MaterialFacts{}, "a.pdf", bytes.NewReader(content), 5000)
		}
		sweep := func() {
			t.Helper()
			if err := w.Events.SweepFiles(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		removed := func(m *event.Material, err error) *event.Material {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Events.RemoveMaterial(t.Context(), a, e.Code, m.Code); err != nil {
				t.Fatal(err)
			}
			return m
		}
		due := func() *event.Material {
			t.Helper()
			m := removed(add())
			sweep()
			w.Clock.Set(w.Clock.Now().Add(25 * time.Hour))
			return m
		}
		once := func(f func()) func(string) {
			done := false
			return func(string) {
				if !done {
					done = true
					f()
				}
			}
		}

		due()
		var m *event.Material
		var err error
		store.listing = once(func() { m, err = add() })
		sweep()
		if err != nil || !bytes.Equal(contentOf(t, w, m), content) {
			t.Errorf("sent again while it is listed: %v", err)
		}
		removed(m, nil)

		m = due()
		store.listing = once(func() {
			err = d.InTx(t.Context(), apptest.Exec("INSERT INTO materials (event_id, position, code, kind, title, digest, size, created_at) VALUES (?, 1, 'copied', 'file', '{}', ?, 5000, 0)", e.ID, m.Digest))
		})
		sweep()
		if err != nil || !bytes.Equal(contentOf(t, w, m), content) {
			t.Errorf("copied while it is listed: %v", err)
		}
		removed(event.MaterialOf(t.Context(), d.Read(), e.ID, "copied"))

		due()
		store.removing = once(func() { _, err = add() })
		sweep()
		if !errors.Is(err, file.ErrNotKept) {
			t.Errorf("sent again while it is removed: %v", err)
		}
		if m, err = add(); err != nil || !bytes.Equal(contentOf(t, w, m), content) {
			t.Errorf("sent again after it was removed: %v", err)
		}
	})
}

func TestMaterialsAreShownToWhomTheyAreForOnceTheirTimeHasCome(t *testing.T) {
	now := time.Date(2022, 5, 16, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		shown              event.Shown
		from               time.Time
		approved, attended bool
		want               bool
	}{
		{event.ToAll, time.Time{}, false, false, true}, {event.ToApproved, time.Time{}, false, false, false}, {event.ToApproved, time.Time{}, true, false, true},
		{event.ToAttendees, time.Time{}, true, false, false}, {event.ToAttendees, time.Time{}, true, true, true}, {event.ToAttendees, time.Time{}, false, true, false},
		{event.ToAll, now.Add(time.Millisecond), true, true, false}, {event.ToAll, now, false, false, true}, {"", time.Time{}, false, false, false},
	} {
		m := event.Material{Shown: row.shown, ShownFrom: db.At(row.from)}
		if got := m.For(row.approved, row.attended, now); got != row.want {
			t.Errorf("%+v: %v", row, got)
		}
	}
}

func TestLinksAreAddedChangedOrderedAndRemovedOnTheRecord(t *testing.T) {
	apptest.Each(t, func(t *testing.T, d *db.DB) {
		w := apptest.NewWorld(t, d)
		e, a, ctx := w.Event(t), organiser(t, w, "o"), t.Context()
		at := db.At(time.Date(2022, 5, 16, 7, 0, 0, 0, time.UTC))
		e = w.Programme(t, e, event.Session{StartsAt: at, EndsAt: db.At(at.Add(time.Hour)), Kind: event.Plenary, Title: e.Title})
		sessions, err := event.Programme(ctx, d.Read(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range map[string]event.MaterialFacts{
			"url": {Title: "x", URL: "javascript:alert(1)"}, "title": {URL: "https://x.example"}, "shown": {Title: "x", URL: "https://x.example", Shown: "nobody"},
			"session": {Title: "x", URL: "https://x.example", Session: "none"}, "shown_from": {Title: "x", URL: "https://x.example", ShownFrom: time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC)},
		} {
			if _, err := w.Events.AddLink(ctx, a, e.Code, f); fault.From(err) == nil || len(fault.From(err).Fields) != 1 || fault.From(err).Fields[0].Name != name {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, url := range []string{"data:text/html,x", "ftp://x.example", "//x.example", "https://bank.example@evil.example/", "https://x.example/\u202e", "https:///x", " "} {
			if _, err := w.Events.AddLink(ctx, a, e.Code, event.MaterialFacts{Title: "x", URL: url}); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", url, err)
			}
		}
		var codes []string
		for i := range 3 {
			m, err := w.Events.AddLink(ctx, a, e.Code, event.MaterialFacts{Title: fmt.Sprint("Link ", i), Language: "en", URL: "https://x.example/?a=b", Session: sessions[0].Code})
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, m.Code)
		}
		if err := w.Events.MoveMaterial(ctx, a, e.Code, codes[2], false); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.MoveMaterial(ctx, a, e.Code, codes[2], false); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.ChangeMaterial(ctx, a, e.Code, codes[0], event.MaterialFacts{Title: "Other", URL: "http://y.example", Shown: event.ToAttendees}); err != nil {
			t.Fatal(err)
		}
		if err := w.Events.RemoveMaterial(ctx, a, e.Code, codes[1]); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range materials(t, w, e) {
			title, _ := m.Title.In("en")
			got = append(got, fmt.Sprint(title, " ", m.URL, " ", m.Shown, " ", m.SessionID == sessions[0].ID))
		}
		if want := []string{"Link 2 https://x.example/?a=b all true", "Other http://y.example attendees false"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		var deeds []string
		if err := d.Read().NewRaw("SELECT action FROM audit WHERE event_id = ? AND action LIKE '%material%' ORDER BY id", e.ID).Scan(ctx, &deeds); err != nil {
			t.Fatal(err)
		}
		want := []string{"add_material", "add_material", "add_material", "order_materials", "order_materials", "change_material", "remove_material"}
		if !slices.Equal(deeds, want) {
			t.Errorf("recorded %q, want %q", deeds, want)
		}
		other := w.Event(t)
		for name, err := range map[string]error{
			"change": w.Events.ChangeMaterial(ctx, a, other.Code, codes[0], event.MaterialFacts{Title: "x", URL: "https://x.example"}),
			"move":   w.Events.MoveMaterial(ctx, a, other.Code, codes[0], true), "remove": w.Events.RemoveMaterial(ctx, a, other.Code, codes[0]),
		} {
			if !errors.Is(err, event.ErrNotFound) {
				t.Errorf("%s of another event's material: %v", name, err)
			}
		}
	})
}

func TestADeadStoreIsToldAndNothingIsLost(t *testing.T) {
	d := apptest.Open(t, apptest.SQLite(t))
	w := apptest.NewWorld(t, d)
	e, a := w.Event(t), organiser(t, w, "o")
	content := pdf(2*event.Chunk, "")
	u := begin(t, w, a, e, "a.pdf", content)
	send(t, w, a, e, u, content, event.Chunk)
	alive := w.Events.Files
	w.Events.Files = file.NewFolder("/proc")
	if _, err := w.Events.Append(t.Context(), a, e.Code, u.Code, event.Chunk, content[event.Chunk:]); !errors.Is(err, file.ErrNotKept) {
		t.Errorf("a chunk: %v", err)
	}
	w.Events.Files = alive
	u.Received = event.Chunk
	send(t, w, a, e, u, content, len(content))
	w.Events.Files = file.NewFolder("/proc")
	if _, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{}); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("finishing: %v", err)
	}
	if n := len(materials(t, w, e)); n != 0 {
		t.Errorf("%d materials without content", n)
	}
	w.Events.Files = alive
	if _, err := w.Events.Finish(t.Context(), a, e.Code, u.Code, event.MaterialFacts{}); err != nil {
		t.Errorf("once the store is back: %v", err)
	}
}
